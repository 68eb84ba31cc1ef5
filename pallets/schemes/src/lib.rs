//! What the runtime and the workers must agree on of signature schemes: the code that makes a share is the code that
//! judges it.
//!
//! Verification of BLS signatures and their shares (draft-irtf-cfrg-bls-signature), of FROST's shares (RFC 9591), the suite
//! with which FROST makes schnorrkel's signatures, and which accounts are nobody's. The suites of RFC 9591 are frost-core's
//! own.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::indexing_slicing)]

extern crate alloc;

mod account;
mod bls;
mod frost;
mod sr25519;

pub use account::anybody_can_sign_for;
pub use bls::{is_wrong_bls_share, product_is_one, BlsG1, BlsG2, BlsKey, BlsSignature, BlsSuite};
pub use frost::{are_commitments, is_judged, is_wrong_frost_share};
pub use sr25519::Ristretto255Schnorrkel;
