//! Every hostile program of the sandbox's table, in the real process: over in its limit and 250 ms, and the next one clean.

#[path = "../../actions/tests/actions/programs.rs"]
mod programs;

use codec::Encode;
use conclave_action_executor::{Executor, Hello};
use conclave_actions::{engine_hash, AuthContext, Failure, Host, Limits, Request};
use futures::executor::block_on;
use programs::{contained, Ends, PROGRAMS};
use std::{
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        Arc,
    },
    thread,
    time::{Duration, Instant},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_conclave-action-executor");
const ALLOWED: Duration = Duration::from_millis(250);
/// Fuel for far more than the time: the clock ends them.
const LIMITS: Limits = Limits { time_ms: 400, memory_bytes: 32 << 20, ..Limits::DEFAULT };

/// How late this machine wakes whoever sleeps: what an executor is not to blame for.
struct Lateness {
    worst_us: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
}

impl Lateness {
    fn watch() -> Self {
        let watch = Self { worst_us: Arc::default(), stop: Arc::default() };
        let (worst, stop) = (watch.worst_us.clone(), watch.stop.clone());
        thread::spawn(move || {
            let nap = Duration::from_millis(5);
            while !stop.load(Ordering::Relaxed) {
                let started = Instant::now();
                thread::sleep(nap);
                let late = started.elapsed().saturating_sub(nap).as_micros();
                worst.fetch_max(late as u64, Ordering::Relaxed);
            }
        });
        watch
    }

    /// The worst since this was asked last.
    fn take(&self) -> Duration {
        Duration::from_micros(self.worst_us.swap(0, Ordering::Relaxed))
    }
}

impl Drop for Lateness {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn request(code: &str, limits: Limits) -> Request {
    Request {
        id: [1; 32],
        code: code.into(),
        params: Default::default(),
        spread: true,
        auth: AuthContext::default(),
        headers: Default::default(),
        now_us: 1,
        entropy: [2; 32],
        limits,
    }
}

/// A child that is ready and then hangs: whoever runs in it has taken it over.
#[test]
fn a_child_that_does_not_end_by_itself_should_be_killed_in_time() {
    let ready = Hello { engine: engine_hash() }.encode();
    let frame = [(ready.len() as u32).to_le_bytes().to_vec(), ready].concat();
    let octal: String = frame.iter().map(|byte| format!("\\{byte:03o}")).collect();
    let hung = vec!["-c".into(), format!("printf '{octal}'; exec sleep 60")];
    let executor = Executor::new("/bin/sh", hung, 1);
    let lateness = Lateness::watch();
    // The first one starts the shell.
    for _ in 0..5 {
        lateness.take();
        let started = Instant::now();
        let report = block_on(executor.run(&Host::default(), request("1", LIMITS)));
        let (took, late) = (started.elapsed(), lateness.take());
        assert_eq!(report.result, Err(Failure::Deadline { time_ms: LIMITS.time_ms }));
        assert!(executor.children().is_empty());
        println!("killed after {took:.1?} (late {late:.1?})");
        let over = took.saturating_sub(Duration::from_millis(LIMITS.time_ms.into())).saturating_sub(late);
        assert!(over < ALLOWED, "{took:?}; the machine was {late:?} late");
    }
}

#[test]
fn hostile_programs_should_be_over_in_time_and_leave_nothing() {
    let executor = Executor::new(PROGRAM, Vec::new(), 1);
    let run = |code, limits| block_on(executor.run(&Host::default(), request(code, limits)));
    let clean = "Lit.Actions.setResponse({ response: String(Math.random()) + typeof leak + ({}).leak })";
    let patient = Limits { time_ms: 60_000, ..LIMITS };
    let expected = run(clean, patient);
    assert_eq!(expected.result, Ok(()));
    let lateness = Lateness::watch();
    let (mut worst, mut killed) = (Duration::ZERO, 0);
    for (code, ends) in PROGRAMS {
        lateness.take();
        let child = executor.children();
        let started = Instant::now();
        let report = run(code, LIMITS);
        let took = started.elapsed();
        let late = lateness.take();
        killed += u32::from(executor.children() != child);
        // What takes more than its time ends by the clock; the rest as it does without one.
        let by_the_clock = report.result == Err(Failure::Deadline { time_ms: LIMITS.time_ms });
        assert!(by_the_clock || contained(&report, *ends), "{code}: {ends:?}, not {:.200?}", report.result);
        let limit = Duration::from_millis(LIMITS.time_ms.into());
        let over = took.saturating_sub(limit).saturating_sub(late);
        println!("{took:>8.1?} (late {late:.1?})  {:.40?}  {code:.60}", report.result);
        assert!(over < ALLOWED, "{code} took {took:?} of {limit:?}; the machine was {late:?} late");
        worst = worst.max(over);
        let after = run(clean, patient);
        assert_eq!(after, expected, "after {code}");
    }
    println!("{} programs, at most {worst:.1?} beyond the limit, {killed} children killed", PROGRAMS.len());
    assert!(PROGRAMS.iter().any(|(_, ends)| matches!(ends, Ends::OutOfFuel)));
}
