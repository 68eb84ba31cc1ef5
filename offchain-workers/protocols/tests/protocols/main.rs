//! The protocols, run to the end in one thread by a driver that can be told to lie.
//!
//! `suite` holds what every signing protocol must do, written once; each scheme is one line per
//! property. What only one scheme has is in its own file.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod bls;
mod decryption;
mod ecdsa;
mod frost;
mod harness;
mod keygen;
mod scheme;
mod setup;
mod suite;
mod wycheproof;
