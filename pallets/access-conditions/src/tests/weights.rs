//! The reasoned weights against what checking takes on this machine.

use crate::{mock::*, weights};
use conclave_primitives::conditions::{parse, Condition};
use std::time::{Duration, Instant};

/// Shapes that take most: many leaves in many groups, long texts, a large call.
fn shapes() -> Vec<Vec<u8>> {
    let leaves: Vec<_> = (1..=30).map(|n| format!(r#"{{"blocks":{{"from":{n}}}}}"#)).collect();
    let texts: Vec<_> =
        (0..15).map(|n| format!(r#"{{"siweResource":"{n}{}"}}"#, "x".repeat(1_000))).collect();
    let choice = |of: &[String]| format!(r#"{{"atLeast":{{"count":2,"of":[{}]}}}}"#, of.join(","));
    // Choices within each other are normalised once for every group around them.
    let nested = leaves[6..].chunks(4).fold(choice(&leaves[..6]), |inner, of| {
        let mut operands = of.to_vec();
        operands.push(inner);
        choice(&operands)
    });
    [format!(r#"{{"any":[{}]}}"#, leaves.join(",")), choice(&leaves), choice(&texts), nested]
        .iter()
        .map(|text| parse(text).unwrap_or_else(|error| panic!("{error}")).to_bytes())
        .collect()
}

/// The least of many runs, so that other work on the machine does not count; a tenth of the weight is allowed.
#[test]
fn checking_a_condition_should_cost_less_than_its_weight() {
    for bytes in shapes() {
        let least = (0..50).map(|_| {
            let started = Instant::now();
            assert!(Condition::from_bytes(&bytes).map(|condition| condition.hash()).is_ok());
            started.elapsed()
        });
        let least = least.min().expect("fifty runs");
        let weight = weights::condition(bytes.len() as u32).ref_time();
        let allowed = Duration::from_nanos(weight / 1_000 / 10);
        eprintln!("{} bytes: {least:?} of {allowed:?}", bytes.len());
        assert!(least < allowed, "{} bytes: {least:?}, allowed {allowed:?}", bytes.len());
    }
    run(|| assert_eq!(held(&ALICE), 0));
}
