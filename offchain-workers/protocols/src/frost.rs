//! Threshold Schnorr signatures: FROST (RFC 9591) by the Zcash Foundation's frost-core, whose suites
//! are constants. Two flights without a coordinator: every participant aggregates for itself.
//!
//! The RFC's coordinator hands all participants one list of commitments. Here each collects its own, so
//! one participant could tell two tales, and then honest shares would not verify against the other
//! list. The second flight therefore carries a hash of all that the share is for
//! ([`conclave_primitives::SigningPackage`]): shares are judged, and their senders named, only where the
//! hashes agree, and a signed frame of the second flight proves to anybody what its share was for.

mod bip340;
mod ed25519;
mod key;
mod randomness;
mod ristretto255;
mod secp256k1;
mod sign;
mod sr25519;
mod suite;

use conclave_primitives::ParticipantIndex;
use frost_core::{Ciphersuite, Error, Identifier};

pub use bip340::{Bip340, Bip340Taproot};
pub use ed25519::Ed25519;
pub use key::PreparedKey;
pub use ristretto255::SchnorrRistretto255;
pub use secp256k1::SchnorrSecp256k1;
pub use sign::{session_binding, Sign};
pub use sr25519::{Ristretto255Schnorrkel, Sr25519};
pub use suite::FrostSuite;

use crate::ProtocolError;

/// The RFC's identifier: the same number, the same x coordinate.
fn identifier<C: Ciphersuite>(index: ParticipantIndex) -> Result<Identifier<C>, ProtocolError> {
    Identifier::try_from(u16::from(index.get())).map_err(backend)
}

fn backend<C: Ciphersuite>(error: Error<C>) -> ProtocolError {
    ProtocolError::Backend { reason: error.to_string() }
}
