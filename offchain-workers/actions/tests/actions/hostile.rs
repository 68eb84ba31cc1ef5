//! Programs that mean harm: each is contained, with a typed failure, within its limits, and the next one is clean.

use crate::{
    programs::{
        contained,
        Ends::{Deadline, Logs, OutOfMemory, Throws},
        PROGRAMS,
    },
    support::{self, Bench},
};
use conclave_actions::{Host, Limits};
use rustix::time::{clock_gettime, ClockId};
use serde_json::json;
use std::time::Duration;

const LIMITS: Limits = Limits {
    fuel: 200_000_000,
    // Fuel ends them; the clock would, too, but not alike on a busy machine.
    time_ms: 600_000,
    memory_bytes: 32 << 20,
    ..Limits::DEFAULT
};

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[test]
fn hostile_programs_should_be_contained() {
    assert!(PROGRAMS.len() >= 60);
    let bench = Bench::with_host(Host::default());
    let mut wrong = Vec::new();
    let only = std::env::var("CONCLAVE_HOSTILE").ok();
    for (code, ends) in
        PROGRAMS.iter().filter(|(code, _)| only.as_ref().is_none_or(|only| code.contains(only)))
    {
        // Waiting costs nothing: a short limit, then.
        let limits = match ends {
            Deadline => Limits { time_ms: 300, ..LIMITS },
            // Memory is met before fuel.
            OutOfMemory => Limits { memory_bytes: 8 << 20, fuel: 600_000_000, ..LIMITS },
            Throws(_) | Logs(_) => Limits { fuel: 1_000_000_000, ..LIMITS },
            _ => LIMITS,
        };
        let before = cpu_time();
        let report = bench.finish(bench.request(code, json!({}), limits));
        // By processor time: other processes are no reason to fail. The fuel is worth less than two seconds.
        let took = cpu_time() - before;
        if !contained(&report, *ends) {
            wrong.push(format!("{code}\n    {ends:?}, not {:.200?} {:.80?}", report.result, report.logs));
        }
        assert!(took < Duration::from_millis(2_250), "{code} took {took:?}");
        assert!(report.usage.fuel <= limits.fuel && report.logs.len() <= limits.log_bytes as usize, "{code}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The next one is clean, and as cheap as ever.
    let clean = "Lit.Actions.setResponse({ response: String(Math.random()) })";
    assert_eq!(bench.run(clean), support::Bench::new().run(clean));
}
