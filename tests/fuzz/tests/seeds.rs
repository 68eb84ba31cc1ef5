//! Every target over its seeds, the inputs that once failed, and mutations of both from a fixed seed.

use conclave_fuzz::{flood, mutate, TARGETS};
use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};
use std::path::PathBuf;

fn regressions(target: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("regressions").join(target);
    let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
    files.map(|file| std::fs::read(file.expect("a file").path()).expect("a readable file")).collect()
}

/// `CONCLAVE_FUZZ_ROUNDS` multiplies the mutations.
fn rounds() -> u32 {
    std::env::var("CONCLAVE_FUZZ_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1)
}

/// `make fuzz` finds a target, and its corpus, by name.
#[test]
fn names_should_be_unique() {
    let names: std::collections::BTreeSet<_> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names.len(), TARGETS.len());
}

#[test]
fn no_target_should_panic() {
    std::thread::scope(|scope| {
        for target in TARGETS {
            scope.spawn(move || {
                let mut corpus = (target.seeds)();
                assert!(!corpus.is_empty(), "{}", target.name);
                corpus.extend(regressions(target.name));
                // Also before the first mutation: a seed that fails is a bug in the target.
                corpus.iter().for_each(|input| (target.run)(input));
                let mut rng = ChaCha20Rng::seed_from_u64(1);
                for round in 0..target.mutations.saturating_mul(rounds()) {
                    let input = mutate(&corpus, &mut rng);
                    let run = std::panic::AssertUnwindSafe(|| (target.run)(&input));
                    if std::panic::catch_unwind(run).is_err() {
                        let hex: String = input.iter().map(|byte| format!("{byte:02x}")).collect();
                        panic!("target {}, mutation {round}: {hex}", target.name);
                    }
                }
            });
        }
    });
}

#[test]
fn a_flood_should_fill_a_worker_to_its_bounds_only() {
    const FRAMES: u32 = 4_000;
    let dropped = flood(FRAMES);
    // Half of the frames are flights of unknown sessions, of which 64 are kept.
    assert!(dropped >= u64::from(FRAMES / 2 - 64), "{dropped} frames dropped");
}
