#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::indexing_slicing)]

pub mod ecdsa;
mod error;
pub mod frost;
mod key_share;
pub mod keygen;
mod machine;

pub use error::ProtocolError;
pub use key_share::KeyShare;
pub use machine::{Machine, Outgoing, Step};
