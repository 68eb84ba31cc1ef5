//! The one place from which a node goes out to the web.
//!
//! Conditions, token issuers and actions name hosts that somebody else chose. None of them may reach what only this machine
//! or its network can reach, none may send more than is asked for, and none may take for ever:
//!
//! - The addresses that a name resolves to are checked where the connection is made: what is checked is what is
//!   connected to, so that a name cannot resolve to something else a moment later. One internal address among
//!   public ones refuses them all.
//! - Plain HTTP, and addresses that are not public, only where the operator allows the very address and port
//!   ([`AllowedAddresses`]): for an Ethereum node of one's own, and in development.
//! - Redirects are followed a few times; of requests of our own, for `GET` only. Each is checked again, and what the operator allowed is not
//!   allowed to another origin that redirects there.
//! - Answers are read up to a number of bytes, all within a time.
//! - No proxy of the environment, no cookies, no compression; nobody's headers go to another origin.
//!
//! Requests block: call [`Egress::fetch`], or [`Egress::exchange`] for an action, on a thread that may.

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod address;
mod endpoints;
mod error;
mod exchange;
mod fetch;
mod resolver;

pub use address::{is_public, AllowedAddresses};
pub use endpoints::{Endpoint, Endpoints};
pub use error::EgressError;
pub use exchange::{Exchange, Exchanged, Redirects};
pub use fetch::{Egress, Limits, Outgoing};
