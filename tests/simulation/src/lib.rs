//! Deterministic simulation: real workers and the real pallets in one process, under a virtual clock and network.
//!
//! One `u64` seed drives everything: delays, losses, finality, the members' keys and nonces, the faults. The
//! same seed gives the same events, byte for byte, in every scenario without ECDSA. dkls23-core draws its own
//! randomness from the operating system, so with ECDSA a seed gives the same verdict, not the same bytes.
//!
//! ```text
//!            Finalized, Received, Sign, Tick                      authorise, dispatch, try_state
//!  Network ◄───────────► Worker ─── Submit ──► pool ─► Chain ─► blocks, 3 s apart; finality lags by 1 to 3
//!     ▲                    │ ▲                                   │
//!     └── Malice rewrites ─┘ └──── Disk, survives a crash        └── snapshots, what workers read
//! ```
//!
//! - `World` holds all of that and one queue of events; `Fault`s and the `Network` are data.
//! - A `Scenario` draws a `Plan` from the seed and runs it; `check` says what must hold.
//! - A fault that did not fire fails the run: it would have tested nothing.

#![forbid(unsafe_code)]

mod campaign;
mod chain;
mod check;
mod client;
mod dice;
mod disk;
mod fault;
mod journal;
mod malice;
mod network;
mod runtime;
mod scenario;
mod script;
mod world;

pub use campaign::{ci_seeds, run, Case, Failed, Passed, CI_PLAN};
pub use fault::{Accusation, BadShare, FalseComplaint, Fault, Moment, Seat};
pub use network::Network;
pub use scenario::{Plan, Reshare, Scenario, Step};
