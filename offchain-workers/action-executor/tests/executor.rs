//! The child process: what it may not do, and what its death costs.

use conclave_action_executor::Executor;
use conclave_actions::{AuthContext, Failure, Host, Limits, Request};
use futures::executor::block_on;
use serde_json::Map;
use std::time::{Duration, Instant};

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

/// The process that this thread's executor has running, of all children of this test.
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
    // A shell that says it is ready and then nothing: a child that hangs beyond any limit of its own.
    let ready = "printf '\\002\\000\\000\\000\\000\\000'; exec sleep 60";
    let hung = Executor::new("/bin/sh", vec!["-c".into(), ready.into()], 1);
    let limits = Limits { time_ms: 200, ..Limits::default() };
    let started = Instant::now();
    let report = block_on(hung.run(&Host::default(), request("1", limits)));
    assert_eq!(report.result, Err(Failure::Deadline { time_ms: 200 }));
    let took = started.elapsed();
    println!("killed after {took:?}");
    assert!(took < Duration::from_secs(20), "it sleeps for 60 s: {took:?}");
    // Reaped, not left behind: the sleep was the child itself.
    let left: Vec<_> =
        children(std::process::id()).into_iter().filter(|id| name_of(*id) == "sleep").collect();
    assert!(left.is_empty(), "{left:?}");

    // One that dies in the middle of a turn, then one that cannot be started at all.
    let dying = Executor::new(
        "/bin/sh",
        vec!["-c".into(), "printf '\\002\\000\\000\\000\\000\\000'; head -c 1; exit 3".into()],
        1,
    );
    for _ in 0..2 {
        let report = block_on(dying.run(&Host::default(), request("1", Limits::default())));
        assert_eq!(report.result, Err(Failure::Crashed));
    }
    let missing = Executor::new("/nonexistent", Vec::new(), 1);
    let report = block_on(missing.run(&Host::default(), request("1", Limits::default())));
    assert!(matches!(report.result, Err(Failure::Unavailable { .. })));
}

fn name_of(id: u32) -> String {
    std::fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default().trim().into()
}

#[test]
fn a_crash_should_cost_one_request() {
    let executor = executor();
    let good = request("Lit.Actions.setResponse({ response: 'ok' })", Limits::default());
    assert_eq!(block_on(executor.run(&Host::default(), good.clone())).response.as_deref(), Some("ok"));
    let mine = children(std::process::id());
    let child = mine.into_iter().find(|id| name_of(*id).starts_with("conclave-action"));
    let child = child.expect("the executor's child");
    // Killed while it is idle: the next request finds it dead, the one after that a new one.
    let pid = rustix::process::Pid::from_raw(child as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    assert_eq!(block_on(executor.run(&Host::default(), good.clone())).result, Err(Failure::Crashed));
    assert_eq!(block_on(executor.run(&Host::default(), good)).response.as_deref(), Some("ok"));
}

#[test]
fn the_child_should_be_confined() {
    let executor = executor();
    assert_eq!(block_on(executor.run(&Host::default(), request("1", Limits::default()))).result, Ok(()));
    let child =
        children(std::process::id()).into_iter().find(|id| name_of(*id).starts_with("conclave-action"));
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.unwrap())).unwrap();
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
