//! A validator or a full node of the Conclave chain, as a library: `conclave-node` is the node of production,
//! `conclave-node-dev` that of development chains. They differ in their [`Edition`].
//!
//! `cli` and `command` are the command line, `chain_spec` names the chains, `service` wires the parts of a running
//! node together, `rpc` is what it answers, `worker` connects the worker.

#![expect(clippy::result_large_err, reason = "the errors of sc-cli and sc-service are large, and rare")]

mod action;
mod attestation;
pub mod chain_spec;
mod cli;
mod command;
mod edition;
mod external_chains;
mod rpc;
mod service;
mod worker;

pub use command::run;
pub use edition::{Edition, Machine};
pub use worker::{development_keys, honest_member, rewrap, FinalizedState, MakeMember, Member, Records};
