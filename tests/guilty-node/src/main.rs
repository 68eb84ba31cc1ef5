//! `conclave-guilty-node`: a validator of development chains whose member does wrong, among honest ones of scenarios.
//!
//! A wrapper around an honest worker: it changes what the worker is told and what it sends, and signs that with the
//! member's own keys. What it does wrong is one word in `CONCLAVE_GUILT`; the log says how often it has.

#![forbid(unsafe_code)]

mod guilt;
mod member;

use conclave_node::{run, Edition};
use conclave_node_dev::DEVELOPMENT;

const GUILTY: Edition = Edition { name: "conclave-guilty-node", member: member::guilty, ..DEVELOPMENT };

#[expect(clippy::result_large_err, reason = "of sc-cli")]
fn main() -> sc_cli::Result<()> {
    guilt::Guilt::of_environment()?;
    run(GUILTY)
}
