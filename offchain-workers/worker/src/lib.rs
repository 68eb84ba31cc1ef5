//! The worker: the native task of a validator that holds shares and runs protocols.
//!
//! It is sans-IO. [`Worker::handle`] takes one event (a finalized block, a message, a client's request,
//! the passing of time) and answers with effects (messages, extrinsics, replies). It reconciles
//! ([`reconcile()`]): each finalized block is compared with what the worker holds, and yields jobs; a
//! block that is missed, seen twice or late changes nothing. What it needs of the outside are the
//! traits of [`ports`]. The simulation and the node run this same code.
//!
//! ```text
//!  finalized chain ─► reconcile ─► jobs ─► key generation ──► Submit(call)
//!  client request ──► coordinator ─► Start ─► members ─► sessions ◄─► Flight ─► Outcome ─► Reply
//!               └─► Begin ─► members ─► Execute ─► what their executions want ─► Start, as above
//! ```

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::indexing_slicing)]

mod action;
mod call;
mod coordinator;
mod error;
mod event;
mod evidence;
#[cfg(test)]
mod formats;
mod holding;
mod identity;
mod limits;
mod memory;
mod message;
pub mod ports;
mod reconcile;
mod request;
mod rollback;
mod session;
mod session_id;
mod share_store;
mod signing_keys;
mod task;
mod token;
mod worker;

pub use action::{
    ActionMessage, Ask, Begin, Execution, Given, OpenedParams, Report, Signer, Sought, Topic, Wanted,
};
pub use call::WorkerCall;
pub use conclave_auth::Settings;
pub use conclave_client::Attestation;
pub use conclave_protocols::verify as verify_signature;
pub use error::{expected_payload, Failure, Refusal, SignError};
pub use event::{
    ActionSignature, Certified, ChainView, Decrypted, Effect, Event, Executed, Machines, Readiness, Reply,
    Signed, SignedToken, Ticket, WorkerStatus,
};
pub use holding::public_key;
pub use identity::WorkerSecrets;
pub use limits::{MAX_FRAME_BYTES, MAX_GATEWAY_FRAME_BYTES};
pub use message::{Body, Frame, FrameError, Outcome, Received, Start, Status, Transcript, TransportKey};
pub use reconcile::{reconcile, Job, LocalView};
pub use request::Request;
pub use rollback::RolledBack;
pub use session::{Computation, Computed};
pub use share_store::ShareStoreError;
pub use task::{Task, TokenStatement};
pub use worker::{verify_auth_sig, InquiryId, Worker};
