//! Threshold ECDSA without an honest majority: DKLs23 (Doerner, Kondi, Lee, shelat, ePrint 2023/765),
//! three flights, no presignatures. The library beneath, dkls23-core 0.6.2, is unaudited; what it is
//! trusted with, and what not, is in the crate's README.

mod backend;
mod curve;
mod secp256k1;
mod secp256r1;
mod setup;
mod sign;
mod wire;

pub use backend::{Dkls23, EcdsaBackend};
pub use curve::{EcdsaCurve, EcdsaSignature};
pub use secp256k1::Dkls23Secp256k1;
pub use secp256r1::Dkls23Secp256r1;
pub use setup::{PairSetup, PairState};
pub use sign::{Sign, FLIGHT_1_BYTES};
