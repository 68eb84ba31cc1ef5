//! FROST(Ed25519, SHA-512), RFC 9591 section 6.1: signatures are RFC 8032's.

use conclave_primitives::Curve;
use frost_ed25519::Ed25519Sha512;

use super::{FrostSuite, Sign};

impl FrostSuite for Ed25519Sha512 {
    const CURVE: Curve = Curve::Ed25519;
}

/// A signature by FROST(Ed25519, SHA-512), 64 bytes R ‖ s.
pub type SignEd25519 = Sign<Ed25519Sha512>;
