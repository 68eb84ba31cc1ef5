//! Evaluates access conditions.
//!
//! Sans-IO: an [`Evaluation`] is a pure function of a condition, of who asks, and of the answers to [`Query`]s. Where
//! answers are missing it says which ([`Step::Ask`]); whoever runs it gets them (the node's egress, the simulation, a test
//! with recorded answers), feeds them in any order, and polls again. Nothing here waits, opens sockets or reads a clock,
//! so the worker can run thousands side by side, time out as it sees fit, and the simulation replays a run from its seed.
//! Polling starts over from the condition each time, and finds again what it has been told: an adapter that needs
//! three answers, one after the other, is straight code.
//!
//! ```text
//!  condition, context ─► Evaluation ── Ask(queries) ──► port: endpoints, our chain's finalized state, actions
//!                             ▲ ◄───────── answer(query, Ok | Err) ───────┘
//!                             └─► Done(Ok(())) or Done(Err(Denied))
//! ```
//!
//! A member asks several endpoints of its own for each chain, and believes what more than half of them say. A block is
//! pinned where the chain has one that is final; all reads of that chain are at it. Whatever fails leaves the leaf
//! undecided, and the condition holds only if it holds whatever the undecided leaves are.
//!
//! A kind of chain is a file in `chains/` and a line in `chains.rs`.

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod ask;
mod chains;
mod context;
mod error;
mod evaluation;
mod json;
mod query;

pub use context::{ChainAccess, Context, Requester, SiweMessage};
pub use error::{Denied, EvaluationError, QueryFailure};
pub use evaluation::{evaluate, AnswerQueries, Evaluation, Step, MAX_QUERIES};
pub use query::{Answer, Found, Query, Request};
