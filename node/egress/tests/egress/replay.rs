//! The fixtures of `conclave-conditions`, each with its source, served over HTTP as the chains' endpoints serve them.

use super::server::{egress, respond, Server};
use conclave_conditions::{
    evaluate, Answer, AnswerQueries, ChainAccess, Context, Denied, EvaluationError, Query, QueryFailure,
    Requester,
};
use conclave_egress::{Endpoint, Endpoints, Limits};
use conclave_primitives::conditions::{parse, ChainKind, ChainName, ExternalChain, Finality};
use serde_json::{json, Value};
use std::{collections::BTreeMap, io::Write, net::TcpStream};

pub(crate) const SOLANA: &str =
    include_str!("../../../../offchain-workers/conditions/tests/fixtures/solana.json");
const COSMOS: &str = include_str!("../../../../offchain-workers/conditions/tests/fixtures/cosmos.json");
/// 2026-11-22T16:31:31Z, when the fixtures' block was made.
const NOW: u64 = 1_795_365_091;
const USDC: &str = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v";
pub(crate) const USER: &str = "cosmos1vn6zl0924yj86jrp330wcwjclzdharljq03a8h";

/// The answer as it was recorded, from the first byte to the last.
pub(crate) fn recorded(file: &str, name: &str) -> String {
    let file: Value = serde_json::from_str(file).expect("JSON");
    let entry = &file["answers"][name];
    assert!(entry["source"].is_string(), "{name} has no source");
    entry["body"].to_string()
}

/// Solana's JSON-RPC; `changed` may answer in place of what was recorded.
fn solana(changed: impl Fn(&str) -> Option<String> + Send + 'static) -> Server {
    Server::start(move |stream, request| {
        let (head, body) = request.split_once("\r\n\r\n").expect("a request");
        assert!(head.starts_with("POST /rpc?key=1 HTTP/1.1\r\n"), "{head}");
        assert!(head.to_lowercase().contains("content-type: application/json"), "{head}");
        let call: Value = serde_json::from_str(body).expect("JSON");
        let method = call["method"].as_str().expect("a method");
        let answer = changed(method).unwrap_or_else(|| recorded(SOLANA, method));
        respond(stream, "200 OK", "content-type: application/json; charset=utf-8\r\n", &answer);
    })
}

/// The REST interface of a Cosmos chain, in chunks as proxies send it.
fn cosmos() -> Server {
    Server::start(|stream, request| {
        let path = request.split(' ').nth(1).expect("a path");
        let blocks = "/lcd/cosmos/base/tendermint/v1beta1/blocks/";
        let balances = format!("/lcd/cosmos/bank/v1beta1/balances/{USER}");
        let answer = match path {
            _ if [format!("{blocks}latest"), format!("{blocks}20431584")].iter().any(|it| it == path) => {
                recorded(COSMOS, "block")
            }
            _ if path == balances => {
                assert!(request.to_lowercase().contains("x-cosmos-block-height: 20431584"), "{request}");
                recorded(COSMOS, "balances")
            }
            _ => return respond(stream, "501 Not Implemented", "", "{}"),
        };
        in_chunks(stream, &answer);
    })
}

fn in_chunks(stream: &mut TcpStream, body: &str) {
    let _ = write!(stream, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n");
    for chunk in body.as_bytes().chunks(100) {
        let _ = write!(stream, "{:x}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk));
    }
    let _ = write!(stream, "0\r\n\r\n");
}

struct Port(Endpoints);

impl AnswerQueries for Port {
    fn answer(&mut self, query: &Query) -> Answer {
        match query {
            Query::Endpoint { chain, endpoint, request } => self.0.answer(chain, *endpoint, request),
            _ => Err(QueryFailure::Unsupported),
        }
    }
}

/// Evaluates a condition on the only chain that there is, at these servers.
fn check(condition: &Value, kind: ChainKind, servers: &[&Server], path: &str) -> Result<(), Denied> {
    check_for(condition, kind, (NOW, USER), servers, path)
}

/// The same at another time, for another user.
pub(crate) fn check_for(
    condition: &Value,
    kind: ChainKind,
    (now, user): (u64, &str),
    servers: &[&Server],
    path: &str,
) -> Result<(), Denied> {
    let chain = match kind {
        ChainKind::Solana { .. } => "solana",
        _ => "cosmos",
    };
    let name = ChainName::new(chain).expect("a name");
    let endpoint = |server: &&Server| Endpoint::new(server.url(path), Vec::new()).expect("an endpoint");
    let list = servers.iter().map(endpoint).collect();
    let endpoints =
        Endpoints::new(egress(Limits::default(), servers), BTreeMap::from([(name.clone(), list)]));
    let requester = Requester {
        solana: Some([1; 32]),
        cosmos: BTreeMap::from([(name.clone(), user.into())]),
        ..Requester::default()
    };
    let access = ChainAccess {
        chain: ExternalChain { kind, finality: Finality::Finalized },
        endpoints: endpoints.count(&name),
    };
    let context = Context { requester, now, block: 1, chains: BTreeMap::from([(name, access)]) };
    evaluate(parse(&condition.to_string()).expect("a condition"), context, &mut Port(endpoints))
}

fn on_solana(condition: &Value, servers: &[&Server]) -> Result<(), Denied> {
    let genesis = bs58::decode("5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d").into_vec().expect("base58");
    let kind = ChainKind::Solana { genesis: genesis.try_into().expect("32 bytes") };
    check(condition, kind, servers, "/rpc?key=1")
}

fn on_cosmos(condition: &Value, servers: &[&Server]) -> Result<(), Denied> {
    let chain_id = b"cosmoshub-4".to_vec().try_into().expect("short");
    check(condition, ChainKind::Cosmos { chain_id }, servers, "/lcd/")
}

fn balance(comparator: &str, value: u64) -> Value {
    json!({ "solanaBalance": { "chain": "solana", "account": "$user", "comparator": comparator, "value": value } })
}

fn tokens(comparator: &str, value: u64) -> Value {
    json!({ "solanaToken": {
        "chain": "solana", "account": "$user", "mint": USDC, "comparator": comparator, "value": value,
    } })
}

fn atoms(comparator: &str, value: u64) -> Value {
    json!({ "cosmos": {
        "chain": "cosmos",
        "path": "/cosmos/bank/v1beta1/balances/$user",
        "select": "$.balances[1].amount",
        "test": { "integer": { "comparator": comparator, "value": value } },
    } })
}

fn reasons(outcome: Result<(), Denied>) -> String {
    match outcome {
        Err(Denied::Undecided(errors)) => errors.iter().map(EvaluationError::to_string).collect(),
        other => panic!("undecided expected: {other:?}"),
    }
}

#[test]
fn solana_should_be_asked_over_http() {
    let server = solana(|_| None);
    let all = [
        (balance("=", 83_000_000), Ok(())),
        (balance(">", 83_000_000), Err(Denied::NotMet)),
        (tokens(">=", 9_864), Ok(())),
        (tokens(">=", 10_000), Err(Denied::NotMet)),
    ];
    for (condition, outcome) in all {
        assert_eq!(on_solana(&condition, &[&server]), outcome, "{condition}");
    }
    let asked = server.requests.lock().expect("a log").join("\n");
    for method in ["getGenesisHash", "getBalance", "getTokenAccountBalance"] {
        assert!(asked.contains(&format!(r#""method":"{method}""#)), "{method} was not asked");
    }
    // JSON-RPC's errors come with status 200.
    let none =
        solana(|method| (method == "getTokenAccountBalance").then(|| recorded(SOLANA, "no token account")));
    assert_eq!(on_solana(&tokens("=", 0), &[&none]), Ok(()));
    assert_eq!(on_solana(&tokens(">", 0), &[&none]), Err(Denied::NotMet));
}

#[test]
fn cosmos_should_be_asked_over_http() {
    let server = cosmos();
    assert_eq!(on_cosmos(&atoms(">=", 1_000_000), &[&server]), Ok(()));
    assert_eq!(on_cosmos(&atoms(">", 1_000_100), &[&server]), Err(Denied::NotMet));
    let elsewhere = json!({ "cosmos": {
        "chain": "cosmos", "path": "/cosmos/gov/v1/proposals/1", "select": "$.x",
        "test": { "text": { "comparator": "=", "value": "x" } },
    } });
    let reasons = reasons(on_cosmos(&elsewhere, &[&server]));
    assert!(reasons.contains("chain `cosmos`") && reasons.contains("status 501"), "{reasons}");
}

#[test]
fn a_liar_should_be_outvoted_by_two_honest_endpoints() {
    let lying = || {
        solana(|method| {
            let lie =
                json!({ "jsonrpc": "2.0", "id": 1, "result": { "context": { "slot": 1 }, "value": 1 } });
            (method == "getBalance").then(|| lie.to_string())
        })
    };
    let (honest, other, liar, second) = (solana(|_| None), solana(|_| None), lying(), lying());
    let rich = balance("=", 83_000_000);
    assert_eq!(on_solana(&rich, &[&liar, &honest, &other]), Ok(()));
    assert!(
        liar.requests.lock().expect("a log").iter().any(|it| it.contains("getBalance")),
        "no lie was told"
    );
    // Half against half is no majority; and whoever has the majority of a member's endpoints has that member.
    assert!(reasons(on_solana(&rich, &[&liar, &honest])).contains("contradict each other"));
    assert_eq!(on_solana(&rich, &[&liar, &second, &honest]), Err(Denied::NotMet));
}

#[test]
fn what_endpoints_do_when_they_fail_should_deny() {
    let failing = |serve: fn(&mut TcpStream)| Server::start(move |stream, _| serve(stream));
    type Answering = fn(&mut TcpStream);
    let cases: [(Answering, &str); 5] = [
        (|stream| respond(stream, "429 Too Many Requests", "retry-after: 1\r\n", "{}"), "status 429"),
        (|stream| respond(stream, "403 Forbidden", "", "no key"), "status 403"),
        (
            |stream| respond(stream, "200 OK", "content-type: text/html\r\n", "<html>"),
            "unreadable: expected JSON",
        ),
        (
            |stream| {
                let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{{\"jsonrpc\"");
            },
            "failed: connection",
        ),
        (|_| {}, "failed: connection"),
    ];
    for (serve, expected) in cases {
        let reasons = reasons(on_solana(&balance(">=", 0), &[&failing(serve)]));
        assert!(reasons.contains("chain `solana`") && reasons.contains(expected), "{expected}: {reasons}");
        // One of three that fails is made up for by the others.
        let (honest, other) = (solana(|_| None), solana(|_| None));
        assert_eq!(on_solana(&balance(">", 0), &[&honest, &failing(serve), &other]), Ok(()), "{expected}");
    }
}
