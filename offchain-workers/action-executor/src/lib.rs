//! The executor: actions run in processes of their own, which have no keys, no network and no files.
//!
//! The node is the parent: it starts `conclave-action-executor`, hears of which engine it is, speaks to it through a pipe in frames of
//! [`Command`](conclave_actions::Command)s and [`Reply`](conclave_actions::Reply)s, answers the calls of actions, and kills
//! it when a turn takes too long. The child confines itself before it reads a byte: resource limits, Landlock, and a
//! list of system calls without `open`, `socket`, `execve` and executable memory. Whatever an action does to it, even a
//! bug in wasmi, costs one request: the parent takes every reply for hostile input, whose sizes, numbers and fuel
//! `conclave_actions::run` checks again.

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod confine;
mod executor;
mod frame;
mod process;

pub use confine::{confine, ConfinementError};
pub use executor::Executor;
pub use frame::{read_frame, write_frame, FrameError, Hello, MAX_FRAME_BYTES, MAX_REPLY_BYTES};
