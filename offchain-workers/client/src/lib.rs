#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::indexing_slicing)]

mod attestation;
mod container;
mod error;
pub mod execution;
mod identity_encryption;
mod key;
pub mod lit;
mod one_time;
pub mod private_params;
mod root;
mod stream;
pub mod token;
#[cfg(feature = "wasm")]
pub mod wasm;

pub use attestation::{verify_attestation, Attestation, Trust};
pub use container::{decrypt, encrypt, encrypt_stream, Container, Header, CHUNK_BYTES, MAX_METADATA_BYTES};
pub use error::Error;
pub use key::DecryptionKey;
pub use one_time::OneTimeSecret;
pub use root::DecryptRoot;
