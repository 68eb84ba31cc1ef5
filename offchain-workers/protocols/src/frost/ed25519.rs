//! FROST(Ed25519, SHA-512), RFC 9591 section 6.1: signatures are RFC 8032's.

use conclave_primitives::Scheme;
use frost_ed25519::Ed25519Sha512;

use super::FrostSuite;

/// [`Scheme::Ed25519`].
pub enum Ed25519 {}

impl FrostSuite for Ed25519 {
    type Ciphersuite = Ed25519Sha512;
    const SCHEME: Scheme = Scheme::Ed25519;
}
