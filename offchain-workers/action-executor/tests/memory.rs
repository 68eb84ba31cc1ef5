//! What many requests leave behind in memory, here and in the child: nothing.

use conclave_action_executor::Executor;
use conclave_actions::{AuthContext, Host, Limits, Request};
use futures::executor::block_on;
use std::collections::BTreeMap;

const PROGRAM: &str = env!("CARGO_BIN_EXE_conclave-action-executor");
/// Of each child, so many requests are warming up.
const WARM: u32 = 100;
/// What the allocator may keep.
const ALLOWED_KIB: u64 = 4 << 10;

/// Good ones, ones that fail, ones that take all they can.
const PROGRAMS: &[&str] = &[
    "Lit.Actions.setResponse({ response: 'x'.repeat(1000) })",
    "const a = []; for (let i = 0; i < 3000; i++) a.push({ i }); console.log(a.length)",
    "throw new Error('x'.repeat(10000))",
    "const a = []; for (;;) a.push(new ArrayBuffer(1 << 20))",
    "for (let i = 0; i < 20; i++) await Lit.Actions.getRpcUrl({ chain: 'x' }).catch(() => 0)",
    "const f = () => f() + 1; f()",
    "JSON.parse('['.repeat(65000))",
    "await Promise.all(Array.from({ length: 200 }, () => Lit.Actions.callContract({ chain: 'x'.repeat(5000), txn: '' }))).catch(() => 0)",
    "await new Promise(() => {})",
    "let x = ;",
];

/// 10,000 and more with `CONCLAVE_RUNS`; where CI runs, a tenth.
fn runs() -> u32 {
    std::env::var("CONCLAVE_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(1_000)
}

/// Resident memory of a process, in KiB, without what is only mapped from files.
fn resident_kib(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn many_requests_should_leave_no_memory_behind() {
    let executor = Executor::new(PROGRAM, Vec::new(), 1);
    let limits = Limits { memory_bytes: 16 << 20, fuel: 100_000_000, ..Limits::default() };
    // Where memory stood once each process was warm, and how often it ran since.
    let mut children: BTreeMap<u32, (u32, u64)> = BTreeMap::new();
    let (mut own, mut growth, mut measured) = (0, 0, 0);
    for number in 0..runs() {
        let request = Request {
            id: [number as u8; 32],
            code: PROGRAMS[number as usize % PROGRAMS.len()].into(),
            params: Default::default(),
            spread: true,
            auth: AuthContext::default(),
            headers: Default::default(),
            now_us: 1,
            entropy: [2; 32],
            limits,
        };
        block_on(executor.run(&Host::default(), request));
        let Some(child) = executor.children().first().copied() else { continue };
        let (age, warm) = children.entry(child).or_default();
        *age += 1;
        if *age == WARM {
            *warm = resident_kib(&child.to_string());
            assert!(*warm > 1 << 10, "an executor takes more than {warm} KiB");
        } else if *age > WARM && *age % 50 == 0 {
            growth = resident_kib(&child.to_string()).saturating_sub(*warm).max(growth);
            measured += 1;
        }
        if number == WARM {
            own = resident_kib("self");
        }
    }
    let own_growth = resident_kib("self").saturating_sub(own);
    println!(
        "{} runs in {} children: {growth} KiB more in a child at most, {own_growth} KiB here",
        runs(),
        children.len()
    );
    assert!(measured > 10, "measured {measured} times");
    assert!(growth < ALLOWED_KIB, "a child grew by {growth} KiB");
    assert!(own_growth < ALLOWED_KIB, "the parent grew by {own_growth} KiB");
}
