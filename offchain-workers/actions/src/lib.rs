//! The sandbox of actions: immutable programs, JavaScript or Wasm, that may sign or decrypt when their own logic says so.
//!
//! An action can only ask. It computes inside wasmi, with fuel, a cap on memory and a deadline, JavaScript included:
//! that runs in QuickJS, compiled to Wasm (`conclave-action-guest`). Whatever it wants of the world is a *call* with a
//! name and bytes. Calls that compute (hashes, signature checks, URLs) are answered inside ([`native_operations`]); all
//! others leave the sandbox, and [`Host`] answers them through ports: keys, secrets, conditions, chain, web, agreement
//! among members. No port hands out a key share, and this crate depends on nothing that has one.
//!
//! ```text
//!  run(sandbox, host, request)                               one member, one request
//!     │  Command::Begin ─► Sandbox ── Reply::Waiting(calls) ─┐
//!     │                      ▲                               ▼
//!     │                      └── Command::Answer ◄── Dispatcher: limits, JSON ─► ports
//!     └◄ Report: response, logs, fuel, usage, failure
//! ```
//!
//! A [`Sandbox`] is a [`LocalSandbox`] in this process (tests, tools), or one in a process of its own
//! (`conclave-action-executor`), which is what a node runs.
//!
//! Time, randomness and the order of answers are parameters: the same action with the same ones takes the same fuel
//! and asks the same, on every member, in every profile.

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod failure;
mod host;
mod inspector;
mod native;
mod prelude;
mod runner;
mod sandbox;
mod trace;
mod vm;

pub use conclave_primitives::{
    actions::{Limits, Usage},
    Cid, InvalidCid,
};
pub use failure::{Failure, Part};
pub use host::{
    Agreement, Answered, AuthContext, Chain, Condition, Conditions, FetchRequest, FetchResponse, Host,
    HostError, Keys, Programs, Sealed, Secrets, SignRequest, Web,
};
pub use native::native_operations;
pub use runner::{run, Report, Request};
pub use sandbox::{Command, LocalSandbox, Outcome, Reply, Sandbox};
pub use trace::{trace, Line, Step, Trace};
pub use vm::{
    engine_hash, guest_hash, prelude_hash, Answer, Call, Execution, Inputs, Language, Prepared, Stop, Turn,
    Vm,
};
