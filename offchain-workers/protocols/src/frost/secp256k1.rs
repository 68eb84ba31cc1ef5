//! FROST(secp256k1, SHA-256), RFC 9591 section 6.5.

use conclave_primitives::Scheme;
use frost_secp256k1::Secp256K1Sha256;

use super::FrostSuite;

/// [`Scheme::SchnorrSecp256k1`].
pub enum SchnorrSecp256k1 {}

impl FrostSuite for SchnorrSecp256k1 {
    type Ciphersuite = Secp256K1Sha256;
    const SCHEME: Scheme = Scheme::SchnorrSecp256k1;
}
