//! `conclave-node`: a validator or a full node of the Conclave chain.
//!
//! `cli` and `command` are the command line, `chain_spec` names the chains, `service` wires the parts of a running
//! node together, `rpc` is what it answers, `worker` connects the worker.

#![expect(clippy::result_large_err, reason = "the errors of sc-cli and sc-service are large, and rare")]

mod attestation;
mod chain_spec;
mod cli;
mod command;
mod external_chains;
mod rpc;
mod service;
mod worker;

fn main() -> sc_cli::Result<()> {
    command::run()
}
