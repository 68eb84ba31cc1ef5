//! A security processor in software, for networks of machines that have none.
//!
//! It writes the 1184 bytes that AMD's firmware writes, signs them with a key of its own, and has that key certified by
//! its network's root: the same extrinsic, the same verifier, another root of trust. A production runtime does not know
//! the root, and would refuse the chip's name besides; a production node does not link this crate.
//!
//! It seals nothing: whoever runs it can put any measurement into a report.

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::indexing_slicing)]

pub mod certificate;
pub mod der;
mod layout;
mod network;
mod psp;

pub use layout::{sign, unsigned};
pub use network::Network;
pub use psp::{Guest, SoftPsp};
