//! sr25519: Schnorr signatures over ristretto255 that Substrate verifies.

use conclave_primitives::Scheme;
pub use conclave_schemes::Ristretto255Schnorrkel;

use super::FrostSuite;

/// [`Scheme::Sr25519`].
pub enum Sr25519 {}

impl FrostSuite for Sr25519 {
    type Ciphersuite = Ristretto255Schnorrkel;
    const SCHEME: Scheme = Scheme::Sr25519;
}
