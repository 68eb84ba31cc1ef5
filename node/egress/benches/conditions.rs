//! How many conditions a second a member evaluates against an RPC endpoint on this machine, over HTTP through the way out:
//! `cargo bench -p conclave-egress --profile dev`.
//!
//! The clock is the wall's: most of an evaluation is waiting. The endpoint's threads are in this process and take their
//! part of the processors, so a member alone is faster. The processors' time, endpoint included, is printed beside: that
//! a busy machine blurs little. *sans-IO* is the same evaluation with the answers in memory.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use conclave_conditions::{
    evaluate, Answer, AnswerQueries, ChainAccess, Context, Evaluation, Found, Query, QueryFailure, Requester,
    Step,
};
use conclave_egress::{AllowedAddresses, Egress, Endpoint, Endpoints, Limits};
use conclave_primitives::conditions::{parse, ChainKind, ChainName, Condition, ExternalChain, Finality};
use criterion::{Criterion, SamplingMode, Throughput};
use rustix::time::{clock_gettime, ClockId};
use serde_json::{json, Value};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

const NOW: u64 = 1_795_365_091;
/// Evaluations that run at a time: those that one coordinator may have of a member (limits.rs).
const AT_A_TIME: u32 = 16;

/// What an Ethereum endpoint says to `call`, the same whoever asks.
fn answer(call: &Value) -> Value {
    let result = match call["method"].as_str().unwrap() {
        "eth_chainId" => json!("0x1"),
        "eth_getBlockByNumber" => json!({
            "number": "0x12d687", "timestamp": format!("0x{:x}", NOW - 60), "hash": format!("0x{}", "5a".repeat(32)),
        }),
        "eth_getBalance" => json!("0xde0b6b3a7640000"),
        "eth_call" => json!(format!("0x{:064x}", 42)),
        other => panic!("{other} is not asked for"),
    };
    json!({ "jsonrpc": "2.0", "id": call["id"], "result": result })
}

/// An endpoint that keeps connections, as providers do; a thread each.
fn endpoint() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream));
        }
    });
    address
}

/// Until the client hangs up.
fn serve(stream: TcpStream) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let (mut reader, mut writer) = (BufReader::new(stream.try_clone().ok()?), stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let answer = answer(&serde_json::from_slice(&body).ok()?).to_string();
        let head = format!("content-type: application/json\r\ncontent-length: {}", answer.len());
        writer.write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{answer}").as_bytes()).ok()?;
    }
}

fn name() -> ChainName {
    ChainName::new("ethereum").unwrap()
}

fn condition(text: &Value) -> Condition {
    parse(&text.to_string()).unwrap()
}

fn token(number: u8) -> Value {
    let contract = format!("0x{}", format!("{number:02x}").repeat(20));
    json!({ "erc20": { "chain": "ethereum", "contract": contract, "account": "$user", "comparator": ">=", "value": 42 } })
}

fn context(endpoints: usize) -> Context {
    let chain = ExternalChain { kind: ChainKind::Evm { chain_id: 1 }, finality: Finality::Finalized };
    let access = ChainAccess { chain, endpoints: u8::try_from(endpoints).unwrap() };
    let requester = Requester { evm: Some([7; 20]), ..Requester::default() };
    Context { requester, now: NOW, block: 1, chains: BTreeMap::from([(name(), access)]) }
}

/// As the node does it: what is missing is asked all at once.
fn over_http(endpoints: &Endpoints, condition: &Condition, context: &Context) {
    let mut evaluation = Evaluation::new(condition.clone(), context.clone());
    loop {
        let queries = match evaluation.poll() {
            Step::Done(decision) => return decision.unwrap(),
            Step::Wait => unreachable!("everything is answered"),
            Step::Ask(queries) => queries,
        };
        let ask = |query: &Query| {
            let Query::Endpoint { chain, endpoint, request } = query else { unreachable!("one chain") };
            endpoints.answer(chain, *endpoint, request)
        };
        let answers: Vec<Answer> = thread::scope(|scope| {
            let asking: Vec<_> = queries.iter().map(|query| scope.spawn(move || ask(query))).collect();
            asking.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for (query, answer) in queries.into_iter().zip(answers) {
            evaluation.answer(query, answer);
        }
    }
}

struct InMemory;

impl AnswerQueries for InMemory {
    fn answer(&mut self, query: &Query) -> Answer {
        let Query::Endpoint { request, .. } = query else { return Err(QueryFailure::Unsupported) };
        let call = serde_json::from_str(&request.body().unwrap()).unwrap();
        Ok(Found::Body(answer(&call).to_string().into_bytes()))
    }
}

fn cpu_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap()
}

/// `iterations` evaluations, shared among threads.
fn side_by_side(iterations: u64, threads: u64, evaluate: &(impl Fn() + Sync)) -> Duration {
    let started = Instant::now();
    thread::scope(|scope| {
        for thread in 0..threads {
            let share = iterations / threads + u64::from(thread < iterations % threads);
            scope.spawn(move || (0..share).for_each(|_| evaluate()));
        }
    });
    started.elapsed()
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let servers: Vec<SocketAddr> = (0..3).map(|_| endpoint()).collect();
    let leaf = condition(&token(1));
    let list: Vec<Value> = (1..=30).map(token).collect();
    let thirty = condition(&json!({ "all": list }));

    let mut group = criterion.benchmark_group("conditions");
    group.sampling_mode(SamplingMode::Flat).sample_size(10).throughput(Throughput::Elements(1));
    for (text, condition) in [("one token", &leaf), ("thirty tokens", &thirty)] {
        group.bench_function(format!("{text}, sans-IO"), |bencher| {
            let context = context(1);
            bencher.iter(|| evaluate(condition.clone(), context.clone(), &mut InMemory).unwrap());
        });
        for count in [1, 3] {
            let (asked, context) = (&servers[..count], context(count));
            let egress = Egress::new(Limits::default(), AllowedAddresses::new(servers.iter().copied()));
            let url = |address: &SocketAddr| Endpoint::new(format!("http://{address}"), Vec::new()).unwrap();
            let chains = BTreeMap::from([(name(), asked.iter().map(url).collect())]);
            let endpoints = Endpoints::new(egress, chains);
            for threads in [1, AT_A_TIME] {
                let id = format!("{text}, endpoints: {count}, at a time: {threads}");
                let (mut busy, mut evaluations) = (Duration::ZERO, 0);
                group.bench_function(&id, |bencher| {
                    bencher.iter_custom(|iterations| {
                        let evaluate = || over_http(&endpoints, condition, &context);
                        let before = cpu_time();
                        let passed = side_by_side(iterations, threads.into(), &evaluate);
                        busy += cpu_time() - before;
                        evaluations += iterations;
                        passed
                    });
                });
                let each = busy.as_secs_f64() / evaluations.max(1) as f64;
                println!("{id}: {:.2} ms of CPU each, so {:.0}/s on one core", each * 1e3, 1.0 / each);
            }
        }
    }
    group.finish();
    criterion.final_summary();
}
