//! Schnorr signatures of Bitcoin: BIP-340, with the key as it is or as its taproot address has it.

use conclave_primitives::Scheme;
use frost_core::keys::{KeyPackage, PublicKeyPackage};
use frost_secp256k1_tr::{keys::Tweak, Secp256K1Sha256TR};

use super::FrostSuite;

/// [`Scheme::Bip340`]: verifies under the x coordinate of the key.
pub enum Bip340 {}

impl FrostSuite for Bip340 {
    type Ciphersuite = Secp256K1Sha256TR;
    const SCHEME: Scheme = Scheme::Bip340;
}

/// [`Scheme::Bip340Taproot`]: verifies under the output key Q = P + H_TapTweak(x(P))·G of a taproot output
/// without scripts (BIP-341; BIP-86).
pub enum Bip340Taproot {}

impl FrostSuite for Bip340Taproot {
    type Ciphersuite = Secp256K1Sha256TR;
    const SCHEME: Scheme = Scheme::Bip340Taproot;

    fn tweak(key: KeyPackage<Secp256K1Sha256TR>) -> KeyPackage<Secp256K1Sha256TR> {
        key.tweak::<&[u8]>(None)
    }

    fn tweak_public(key: PublicKeyPackage<Secp256K1Sha256TR>) -> PublicKeyPackage<Secp256K1Sha256TR> {
        key.tweak::<&[u8]>(None)
    }
}
