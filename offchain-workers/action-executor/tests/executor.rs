//! The child process: what it may not do, and what its death costs.

use codec::Encode;
use conclave_action_executor::{Executor, Hello};
use conclave_actions::{
    engine_hash, Answered, AuthContext, Call, Cid, Failure, Host, Limits, Programs, Reply, Request, Vm,
};
use futures::executor::block_on;
use serde_json::Map;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_conclave-action-executor");

fn request(code: &str, limits: Limits) -> Request {
    Request {
        id: [1; 32],
        code: code.into(),
        params: Map::new(),
        spread: true,
        auth: AuthContext::default(),
        headers: Map::new(),
        now_us: 1,
        entropy: [2; 32],
        limits,
    }
}

fn executor() -> Executor {
    Executor::new(PROGRAM, Vec::new(), 1)
}

#[test]
fn actions_should_run_in_a_child_as_they_do_here() {
    let executor = executor();
    let code = "const a = []; for (let i = 0; i < 50; i++) a.push(Math.random());
        await new Promise((done) => setTimeout(done, 5));
        Lit.Actions.setResponse({ response: a.join() }); console.log(crypto.randomUUID())";
    let there = block_on(executor.run(&Host::default(), request(code, Limits::default())));
    let vm = std::sync::Arc::new(conclave_actions::Vm::new(1 << 20).unwrap());
    let sandbox = conclave_actions::LocalSandbox::new(vm);
    let here = block_on(conclave_actions::run(&sandbox, &Host::default(), request(code, Limits::default())));
    assert_eq!(there.result, Ok(()));
    assert_eq!(there, here);
    // From the cache, in the same process.
    assert_eq!(block_on(executor.run(&Host::default(), request(code, Limits::default()))), here);
}

/// The processes that this one has running.
fn children(of: u32) -> Vec<u32> {
    let Ok(list) = std::fs::read_dir("/proc") else { return Vec::new() };
    let ids = list.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        // pid (name) state parent …
        let after_name = stat.rsplit(") ").next().unwrap_or_default();
        after_name.split(' ').nth(1).and_then(|parent| parent.parse().ok()) == Some(of)
            && !after_name.starts_with('Z')
    })
    .collect()
}

#[test]
fn a_child_should_be_killed_with_its_request_and_replaced() {
    // A child that hangs beyond any limit of its own.
    let hung = impostor(&[], "exec sleep 60");
    let limits = Limits { time_ms: 200, ..Limits::default() };
    let started = Instant::now();
    let report = block_on(hung.run(&Host::default(), request("1", limits)));
    assert_eq!(report.result, Err(Failure::Deadline { time_ms: 200 }));
    let took = started.elapsed();
    println!("killed after {took:?}");
    assert!(took < Duration::from_secs(20), "it sleeps for 60 s: {took:?}");
    // Killed, not left behind: the sleep was the child itself.
    assert!(eventually(|| !runs("sleep")), "it still sleeps");

    // One that dies in the middle of a turn, then one that cannot be started at all.
    let dying = impostor(&[], "head -c 1; exit 3");
    for _ in 0..2 {
        let report = block_on(dying.run(&Host::default(), request("1", Limits::default())));
        assert_eq!(report.result, Err(Failure::Crashed));
    }
    let missing = Executor::new("/nonexistent", Vec::new(), 1);
    let report = block_on(missing.run(&Host::default(), request("1", Limits::default())));
    assert!(matches!(report.result, Err(Failure::Unavailable { .. })));
}

/// A child in wrong hands: a shell that says that it is ready and then all of this at once, and does something else.
fn impostor(replies: &[Reply], then: &str) -> Executor {
    let replies: Vec<u8> = replies.iter().flat_map(framed).collect();
    shell(&[framed(&Hello { engine: engine_hash() }), replies].concat(), then)
}

fn framed(message: &impl Encode) -> Vec<u8> {
    let bytes = message.encode();
    [(bytes.len() as u32).to_le_bytes().to_vec(), bytes].concat()
}

fn shell(says: &[u8], then: &str) -> Executor {
    let octal: String = says.iter().map(|byte| format!("\\{byte:03o}")).collect();
    Executor::new("/bin/sh", vec!["-c".into(), format!("printf '{octal}'; {then}")], 1)
}

#[test]
fn a_child_of_another_engine_should_be_refused() {
    let other = shell(&framed(&Hello { engine: [7; 32] }), "exec sleep 50");
    let report = block_on(other.run(&Host::default(), request("1", Limits::default())));
    let Err(Failure::Unavailable { reason }) = report.result else { panic!("{:?}", report.result) };
    assert!(reason.contains(&"07".repeat(32)) && reason.contains("install"), "{reason}");
    assert!(other.children().is_empty());
}

fn runs(name: &str) -> bool {
    children(std::process::id()).into_iter().any(|id| name_of(id) == name)
}

fn eventually(holds: impl Fn() -> bool) -> bool {
    (0..100).any(|_| holds() || (std::thread::sleep(Duration::from_millis(50)), false).1)
}

#[test]
fn a_child_in_wrong_hands_should_be_killed_before_it_is_believed() {
    let call = |id| Call { id, operation: "getRpcUrl".into(), argument: b"{}".to_vec(), line: 0 };
    // The name of the program that each becomes tells them apart: tests of this file run side by side.
    for (lies, becomes) in [
        (vec![Reply::Waiting { fuel: u64::MAX, calls: vec![call(0)] }], "tail"),
        (vec![Reply::Waiting { fuel: 1, calls: vec![call(4), call(4)] }], "yes"),
        // It waits for nothing.
        (vec![Reply::Waiting { fuel: 0, calls: Vec::new() }], "cat"),
    ] {
        let then = match becomes {
            "tail" => "exec tail -f /dev/null",
            "yes" => "exec yes >/dev/null",
            _ => "exec cat",
        };
        let executor = impostor(&lies, then);
        let report = block_on(executor.run(&Host::default(), request("1", Limits::default())));
        assert!(matches!(report.result, Err(Failure::Distrusted { .. })), "{:?}", report.result);
        assert_eq!((report.usage.host_calls, report.usage.fuel), (0, 0));
        assert!(eventually(|| !runs(becomes)), "{becomes} still runs");
    }
    // No reply at all.
    let noises: [&[u8]; 3] = [&[7, 0, 0, 0, 7], &[0xff; 4], &[2, 0, 0, 0, 9, 9]];
    for noise in noises {
        let executor = shell(&[&framed(&Hello { engine: engine_hash() }), noise].concat(), "head -c 1");
        let report = block_on(executor.run(&Host::default(), request("1", Limits::default())));
        let expected = |failure| matches!(failure, Failure::Distrusted { .. } | Failure::Crashed);
        assert!(report.result.clone().is_err_and(expected), "{noise:?}: {:?}", report.result);
    }
}

fn name_of(id: u32) -> String {
    std::fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default().trim().into()
}

#[test]
fn a_crash_should_cost_one_request() {
    let executor = executor();
    let good = request("Lit.Actions.setResponse({ response: 'ok' })", Limits::default());
    let kill = |child: u32| {
        let pid = rustix::process::Pid::from_raw(child as i32).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    };
    assert_eq!(block_on(executor.run(&Host::default(), good.clone())).response.as_deref(), Some("ok"));
    // Killed in the middle of a request.
    let waits = request("await new Promise((done) => setTimeout(done, 20000))", Limits::default());
    let host = Host::default();
    let report = block_on(async {
        let running = Box::pin(executor.run(&host, waits));
        let killed = async {
            futures_timer::Delay::new(Duration::from_millis(300)).await;
            kill(executor.children()[0]);
        };
        let (report, ()) = futures::future::join(running, killed).await;
        report
    });
    assert_eq!(report.result, Err(Failure::Crashed));
    assert_eq!(block_on(executor.run(&Host::default(), good.clone())).response.as_deref(), Some("ok"));
    // Killed while it is idle: that costs nothing.
    let idle = executor.children()[0];
    kill(idle);
    assert!(eventually(|| !children(std::process::id()).contains(&idle)));
    assert_eq!(block_on(executor.run(&Host::default(), good)).response.as_deref(), Some("ok"));
}

#[test]
fn what_no_child_is_free_for_should_be_refused_at_once() {
    let executor = executor();
    let waits = request("await new Promise((done) => setTimeout(done, 500))", Limits::default());
    let good = request("Lit.Actions.setResponse({ response: 'ok' })", Limits::default());
    let host = Host::default();
    let (waited, refused) = block_on(async {
        let beside = async {
            futures_timer::Delay::new(Duration::from_millis(100)).await;
            executor.run(&host, good.clone()).await
        };
        futures::future::join(executor.run(&host, waits), beside).await
    });
    assert_eq!(waited.result, Ok(()));
    let Err(Failure::Unavailable { reason }) = refused.result else { panic!("{:?}", refused.result) };
    assert!(reason.contains("try again"), "{reason}");
    assert_eq!(block_on(executor.run(&host, good)).response.as_deref(), Some("ok"));
}

#[test]
fn the_child_should_be_confined() {
    let executor = executor();
    assert_eq!(block_on(executor.run(&Host::default(), request("1", Limits::default()))).result, Ok(()));
    let status = std::fs::read_to_string(format!("/proc/{}/status", executor.children()[0])).unwrap();
    let field =
        |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).map(String::from);
    assert_eq!(field("Seccomp:").as_deref(), Some("2"), "{status}");
    assert_eq!(field("NoNewPrivs:").as_deref(), Some("1"));
    assert_eq!(field("Threads:").as_deref(), Some("1"));
}

#[test]
fn a_request_that_is_given_up_should_take_its_child_along() {
    let executor = executor();
    let waits = request("await new Promise((done) => setTimeout(done, 20000))", Limits::default());
    let host = Host::default();
    let given_up = async {
        let running = Box::pin(executor.run(&host, waits));
        let _ = futures::future::select(running, futures_timer::Delay::new(Duration::from_millis(500))).await;
    };
    block_on(given_up);
    let good = request("Lit.Actions.setResponse({ response: 'ok' })", Limits::default());
    assert_eq!(block_on(executor.run(&Host::default(), good)).response.as_deref(), Some("ok"));
}

#[test]
fn a_bundle_of_ethers_should_be_the_one_that_was_meant() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("ethers.js");
    let bundle = "var ethers = { version: 'as meant' };";
    std::fs::write(&file, bundle).unwrap();
    let engine = Vm::with_ethers(0, bundle).unwrap().engine_hash();
    let hash = "d1d49391009fd69ab49629830b497abb20ba8cfba9f0465386167df64205dba0";
    let start = |hash: &str| {
        let arguments = vec!["--ethers".into(), file.display().to_string(), hash.into()];
        let executor = Executor::new(PROGRAM, arguments, 1).with_engine(engine);
        block_on(executor.run(&Host::default(), request("console.log(ethers.version)", Limits::default())))
    };
    assert_eq!(start(hash).logs, "as meant\n");
    let report = start(&"0".repeat(64));
    assert!(matches!(report.result, Err(Failure::Unavailable { .. })), "{:?}", report.result);
}

/// Where one program is found.
struct Library(Vec<u8>);

impl Programs for Library {
    fn load(&self, _: Cid) -> Answered<'_, Vec<u8>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}

#[test]
fn an_action_should_go_on_while_one_that_it_called_computes() {
    let executor = executor();
    // Seconds of work on a busy machine, in which the timers of the caller are due.
    let child = "let n = 0; for (let i = 0; i < 2000000; i++) n += i; Lit.Actions.setResponse({ response: String(n) })";
    let cid = Cid::of(child.as_bytes());
    let host = Host { programs: Arc::new(Library(child.into())), ..Host::default() };
    let code = format!(
        "const child = Lit.Actions.call({{ ipfsId: '{cid}' }}); let ticks = 0;
         const timer = setInterval(() => {{ ticks++ }}, 5);
         console.log(await child); clearInterval(timer); console.log(ticks > 0)"
    );
    let running = executor.run(&host, request(&code, Limits { time_ms: 120_000, ..Limits::default() }));
    let patience = futures_timer::Delay::new(Duration::from_secs(150));
    let report = block_on(async {
        match futures::future::select(Box::pin(running), patience).await {
            futures::future::Either::Left((report, _)) => report,
            futures::future::Either::Right(_) => panic!("it waits for a child that nobody goes on with"),
        }
    });
    assert_eq!((report.result, report.logs.as_str()), (Ok(()), "1999999000000\ntrue\n"));
    assert_eq!(report.usage.actions, 2);
    // One that burns all there is takes its caller's time, not more.
    let child = "for (;;) {}";
    let cid = Cid::of(child.as_bytes());
    let host = Host { programs: Arc::new(Library(child.into())), ..Host::default() };
    let code = format!("setInterval(() => {{}}, 5); await Lit.Actions.call({{ ipfsId: '{cid}' }})");
    let report = block_on(executor.run(&host, request(&code, Limits { time_ms: 300, ..Limits::default() })));
    assert_eq!(report.result, Err(Failure::Deadline { time_ms: 300 }));
}
