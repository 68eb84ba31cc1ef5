//! The child: confines itself, then runs what it is told until its input ends.

#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use conclave_action_executor::{confine, read_frame, write_frame, Hello, MAX_FRAME_BYTES};
use conclave_actions::{Command, LocalSandbox, Vm};
use sha2::{Digest, Sha256};
use std::{
    io::{stdin, stdout},
    process::ExitCode,
    sync::Arc,
};

/// Compiled programs, in bytes.
const CACHE_BYTES: usize = 256 << 20;

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("conclave-action-executor: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<(), Box<dyn std::error::Error>> {
    // Files are out of reach afterwards.
    let ethers = ethers()?;
    confine()?;
    let vm = match ethers {
        Some(bundle) => Vm::with_ethers(CACHE_BYTES, &bundle)?,
        None => Vm::new(CACHE_BYTES)?,
    };
    let engine = vm.engine_hash();
    let sandbox = LocalSandbox::new(Arc::new(vm));
    let (mut input, mut output) = (stdin().lock(), stdout().lock());
    write_frame(&mut output, &Hello { engine })?;
    while let Some(command) = read_frame::<Command>(&mut input, MAX_FRAME_BYTES)? {
        write_frame(&mut output, &sandbox.turn_now(command))?;
    }
    Ok(())
}

/// `--ethers <file> <its SHA-256 in hex>`: a bundle of ethers 5, which actions find as a global (`scripts/action-bundles`).
fn ethers() -> Result<Option<String>, Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => Ok(None),
        ["--ethers", path, expected] => {
            let bundle = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
            let found = hex::encode(Sha256::digest(&bundle));
            if !found.eq_ignore_ascii_case(expected) {
                return Err(format!("{path}: its SHA-256 is {found}, not {expected}").into());
            }
            Ok(Some(bundle))
        }
        _ => Err("usage: conclave-action-executor [--ethers <file> <sha256>]".into()),
    }
}
