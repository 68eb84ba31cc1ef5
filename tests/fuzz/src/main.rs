//! A target under libFuzzer; scripts/fuzz builds and runs it.

#![no_main]

use conclave_fuzz::{Target, TARGETS};
use libfuzzer_sys::fuzz_target;
use std::{path::PathBuf, sync::OnceLock};

static TARGET: OnceLock<&Target> = OnceLock::new();

/// Chooses the target that `CONCLAVE_FUZZ_TARGET` names and puts its seeds into `CONCLAVE_FUZZ_CORPUS`; without a
/// name, prints all names.
fn choose() {
    let Ok(name) = std::env::var("CONCLAVE_FUZZ_TARGET") else {
        TARGETS.iter().for_each(|target| println!("{}", target.name));
        std::process::exit(0);
    };
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of this name");
    let corpus =
        std::env::var_os("CONCLAVE_FUZZ_CORPUS").map(PathBuf::from).expect("a folder for the corpus");
    std::fs::create_dir_all(&corpus).expect("the folder can be made");
    for (number, seed) in (target.seeds)().into_iter().enumerate() {
        std::fs::write(corpus.join(format!("seed-{number}")), seed).expect("seeds can be written");
    }
    TARGET.get_or_init(|| target);
}

fuzz_target!(init: choose(), |input: &[u8]| {
    if let Some(target) = TARGET.get() {
        (target.run)(input);
    }
});
