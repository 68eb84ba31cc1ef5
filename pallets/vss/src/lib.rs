//! Feldman verifiable secret sharing over any supported curve, for the runtime and the worker alike:
//! the code that deals is the code that judges.
//!
//! A key generation is joint Feldman with commit-then-open and complaints that reveal one ECDH point
//! (Feldman 1987; Gennaro, Jarecki, Krawczyk, Rabin 2007; the complaint as in ETHDKG, Schindler et
//! al. 2019). A resharing deals shares instead of fresh secrets and interpolates instead of summing
//! (Desmedt, Jajodia 1997; Wong, Wang, Wing 2002); all else is the same. Proofs are Schnorr proofs of knowledge and Chaum-Pedersen proofs of equal discrete
//! logarithms over Merlin transcripts, encoded challenge ‖ response.
//!
//! A curve is data and constants ([`SharingCurve`]); the protocol is written once.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::indexing_slicing)]

extern crate alloc;

mod check;
mod complaint;
mod context;
mod curve;
mod dealing;
mod derivation;
mod encryption;
mod interpolation;
mod polynomial;
mod proof;
mod sealing;
mod secret;
mod shares;

pub use check::{share_matches, shares_match, ClaimedShare};
pub use complaint::{judge, Complaint, ComplaintFault};
pub use context::DealingContext;
pub use curve::{
    check_point, decode_point, Bls12381G1, Bls12381G2, Ed25519, PointError, Ristretto255, Secp256k1,
    Secp256r1, SharingCurve,
};
pub use dealing::{
    claimed, deal, open, unseal, verify_dealing, ConstantTerms, Dealing, DealingFault, KeyDealing, OpenError,
    SealedShares, Secrets,
};
pub use derivation::{derive_commitments, derive_public_key, derive_share, DeriveError};
pub use encryption::EncryptionSecret;
pub use proof::{prove_worker_key, verify_worker_key, DleqProof, SchnorrProof};
pub use sealing::{open_key, seal_key};
pub use secret::SecretScalar;
pub use shares::{combine_commitments, combine_shares, public_share, public_shares, Combination};
