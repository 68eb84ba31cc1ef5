//! The child: confines itself, then runs what it is told until its input ends.

#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use conclave_action_executor::{confine, read_frame, write_frame};
use conclave_actions::{Command, LocalSandbox, Reply, Vm};
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
    confine()?;
    let sandbox = LocalSandbox::new(Arc::new(Vm::new(CACHE_BYTES)?));
    let (mut input, mut output) = (stdin().lock(), stdout().lock());
    // An empty reply: ready.
    write_frame(&mut output, &Reply::Waiting { calls: Vec::new() })?;
    while let Some(command) = read_frame::<Command>(&mut input)? {
        write_frame(&mut output, &sandbox.turn_now(command))?;
    }
    Ok(())
}
