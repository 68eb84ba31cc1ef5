//! FROST(ristretto255, SHA-512), RFC 9591 section 6.2.

use conclave_primitives::Scheme;
use frost_ristretto255::Ristretto255Sha512;

use super::FrostSuite;

/// [`Scheme::SchnorrRistretto255`].
pub enum SchnorrRistretto255 {}

impl FrostSuite for SchnorrRistretto255 {
    type Ciphersuite = Ristretto255Sha512;
    const SCHEME: Scheme = Scheme::SchnorrRistretto255;
}
