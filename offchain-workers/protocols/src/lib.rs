#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::indexing_slicing)]

pub mod bls;
pub mod ecdsa;
mod error;
pub mod frost;
mod key_share;
pub mod keygen;
mod machine;
mod scheme;

pub use error::ProtocolError;
pub use key_share::KeyShare;
pub use machine::{Machine, Outgoing, Step};
pub use scheme::{verify, Pair, PairStates, Pairing, Signing, SigningKey, ECDSA_CURVES};
