//! Replies of a sandbox that is in wrong hands: each ends the request before anything of it reaches a port.

use conclave_actions::{
    run, Answered, AuthContext, Call, Chain, Command, Failure, Host, Limits, Outcome, Reply, Report, Request,
    Sandbox,
};
use futures::{
    executor::block_on,
    future::{ready, BoxFuture},
};
use serde_json::{json, Value};
use std::{
    collections::VecDeque,
    sync::{
        atomic::{AtomicU32, Ordering},
        Arc, Mutex,
    },
};

/// Says what it is told to say, whatever it is asked.
struct Scripted {
    replies: Mutex<VecDeque<Reply>>,
    distrusted: Mutex<Vec<Failure>>,
}

impl Sandbox for Scripted {
    fn turn(&self, _: Command) -> BoxFuture<'_, Result<Reply, Failure>> {
        let reply = self.replies.lock().unwrap().pop_front();
        Box::pin(ready(reply.ok_or(Failure::Crashed)))
    }

    fn distrust(&self, failure: Failure) -> BoxFuture<'_, ()> {
        self.distrusted.lock().unwrap().push(failure);
        Box::pin(ready(()))
    }
}

/// Counts what it is asked.
#[derive(Default)]
struct Counting(AtomicU32);

impl Chain for Counting {
    fn read(&self, _: String, _: Value) -> Answered<'_, Value> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(ready(Ok(json!("answer"))))
    }
}

const LIMITS: Limits = Limits { fuel: 1_000, time_ms: 100, ..Limits::DEFAULT };

/// What the request came to, what the sandbox was told, how often the port was asked.
fn play(replies: Vec<Reply>) -> (Report, Vec<Failure>, u32) {
    let sandbox = Scripted { replies: Mutex::new(replies.into()), distrusted: Mutex::default() };
    let chain = Arc::new(Counting::default());
    let host = Host { chain: chain.clone(), ..Host::default() };
    let request = Request {
        id: [1; 32],
        code: b"1".to_vec(),
        params: Default::default(),
        spread: true,
        auth: AuthContext::default(),
        headers: Default::default(),
        now_us: 1,
        entropy: [2; 32],
        limits: LIMITS,
    };
    let report = block_on(run(&sandbox, &host, request));
    let distrusted = sandbox.distrusted.into_inner().unwrap();
    (report, distrusted, chain.0.load(Ordering::Relaxed))
}

fn call(id: u32, operation: &str, argument: &[u8]) -> Call {
    Call { id, operation: operation.into(), argument: argument.to_vec(), line: 0 }
}

fn read(id: u32) -> Call {
    call(id, "getRpcUrl", b"{}")
}

fn waiting(fuel: u64, calls: Vec<Call>) -> Reply {
    Reply::Waiting { fuel, calls }
}

fn done(fuel: u64, result: Result<(), Failure>) -> Reply {
    Reply::Done(Outcome { result, response: Some("x".into()), logs: "y".into(), fuel })
}

#[test]
fn a_sandbox_that_says_what_none_says_should_be_distrusted() {
    let long = |length| "x".repeat(length);
    let thrown = |length| Failure::Thrown { error: long(length) };
    let asks = |count| (0..count).map(|id| call(id, "sleep", b"1:100000")).collect::<Vec<_>>();
    let outcome = |response, logs| Reply::Done(Outcome { result: Ok(()), response, logs, fuel: 1 });
    let cases: Vec<(&str, Vec<Reply>, &str)> = vec![
        ("more fuel than there is", vec![done(1_001, Ok(()))], "1001 units of fuel, of 1000"),
        ("less fuel than before", vec![waiting(10, vec![read(0)]), done(9, Ok(()))], "9 units of fuel"),
        ("one call twice", vec![waiting(1, vec![read(3), read(3)])], "call 3 again"),
        ("an earlier call", vec![waiting(1, vec![read(3)]), waiting(1, vec![read(2)])], "call 2 again"),
        ("a long name", vec![waiting(1, vec![call(0, &long(193), b"")])], "an operation: 193"),
        ("a long argument", vec![waiting(1, vec![call(0, "x", &vec![0; (4 << 20) + 1])])], "an argument"),
        ("too many calls", vec![waiting(1, asks(2_025))], "calls at once: 2025"),
        (
            "too much at once",
            vec![waiting(1, (0..17).map(|id| call(id, "fetch", &vec![b' '; 4 << 20])).collect())],
            "arguments at once",
        ),
        ("waiting for nothing", vec![waiting(1, Vec::new())], "waits for nothing"),
        ("waiting on", vec![waiting(1, asks(1)), waiting(1, vec![read(1)])], "waits after its end"),
        ("a long response", vec![outcome(Some(long(102_401)), String::new())], "a response: 102401"),
        ("long logs", vec![outcome(None, long(102_401))], "logs: 102401"),
        ("a long error", vec![done(1, Err(thrown(65_537)))], "the text of a failure"),
        ("a failure of others", vec![done(1, Err(Failure::Crashed))], "not its to report"),
    ];
    for (name, replies, expected) in cases {
        let first_is_wrong = replies.len() == 1;
        let (report, distrusted, asked) = play(replies);
        let Err(failure @ Failure::Distrusted { .. }) = &report.result else {
            panic!("{name}: {:?}", report.result)
        };
        assert!(failure.to_string().contains(expected), "{name}: {failure}");
        assert_eq!(distrusted, std::slice::from_ref(failure), "{name}");
        assert_eq!((report.response, report.logs.as_str()), (None, ""), "{name}");
        assert!(!first_is_wrong || asked == 0, "{name}: {asked} calls reached a port");
    }
}

#[test]
fn an_honest_sandbox_should_be_believed() {
    let honest =
        vec![waiting(10, vec![read(0), read(7)]), waiting(10, vec![read(8)]), waiting(20, Vec::new())];
    let (report, distrusted, asked) = play([honest, vec![done(1_000, Ok(()))]].concat());
    assert_eq!((report.result, report.usage.fuel, asked), (Ok(()), 1_000, 3));
    assert!(distrusted.is_empty());
    // The limits in a failure are those of the request.
    let (report, ..) = play(vec![done(5, Err(Failure::OutOfFuel { limit: 5 }))]);
    assert_eq!(report.result, Err(Failure::OutOfFuel { limit: 1_000 }));
}
