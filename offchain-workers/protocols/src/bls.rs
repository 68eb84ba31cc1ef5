//! Threshold BLS signatures over BLS12-381 (Boldyreva, PKC 2003), the proof-of-possession ciphersuites of
//! draft-irtf-cfrg-bls-signature. One flight: everybody sends its share σ_i = s_i·H(m), which anybody can
//! verify against Y_i, and interpolates any t of them in the exponent.
//!
//! Curve, hash to curve (RFC 9380) and pairing are bls12_381_plus, as in the runtime; blsful 4.1 stands on
//! the same code, and blstrs_plus 0.9, its other backend, is a copy of it.

mod combine;
pub mod decryption;
mod key;
mod sign;
mod suite;

pub use combine::combine;
pub use key::PreparedKey;
pub use sign::Sign;
pub use suite::{BlsG1, BlsG2, BlsSuite};
