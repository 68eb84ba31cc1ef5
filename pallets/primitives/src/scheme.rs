//! Signature schemes: curve + hash + algorithm.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{fmt, str::FromStr};
use scale_info::TypeInfo;

use crate::Curve;

/// A signature scheme. The codec index is part of the formats: never reused.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum Scheme {
    /// ECDSA over secp256k1 of a 32-byte digest; 65 bytes r ‖ s ‖ v with low s and v in {0, 1}.
    #[codec(index = 0)]
    EcdsaSecp256k1,
    /// Ed25519 (RFC 8032) of a message; 64 bytes R ‖ s.
    #[codec(index = 1)]
    Ed25519,
    /// ECDSA over secp256r1 (P-256) of a 32-byte digest; 65 bytes r ‖ s ‖ v with low s and v in {0, 1}.
    #[codec(index = 2)]
    EcdsaSecp256r1,
    /// Schnorr over secp256k1 as in BIP-340 of a message; 64 bytes x(R) ‖ s. The key is x(P).
    #[codec(index = 3)]
    Bip340,
    /// BIP-340 with the key tweaked as in BIP-86: spends the taproot address of the PKP by key path.
    #[codec(index = 4)]
    Bip340Taproot,
    /// sr25519 (schnorrkel) of a message in the context `substrate`; 64 bytes R ‖ s with the mark of schnorrkel.
    #[codec(index = 5)]
    Sr25519,
    /// Schnorr over ristretto255 of a message, FROST(ristretto255, SHA-512) of RFC 9591; 64 bytes R ‖ s.
    #[codec(index = 6)]
    SchnorrRistretto255,
    /// Schnorr over secp256k1 of a message, FROST(secp256k1, SHA-256) of RFC 9591; 65 bytes R ‖ s.
    #[codec(index = 7)]
    SchnorrSecp256k1,
    /// BLS over BLS12-381 of a message: 96 bytes in G2 for a key in G1, the ciphersuite
    /// `BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_`.
    #[codec(index = 8)]
    BlsG2,
    /// BLS over BLS12-381 of a message: 48 bytes in G1 for a key in G2, the ciphersuite
    /// `BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_`.
    #[codec(index = 9)]
    BlsG1,
}

impl Scheme {
    /// Every scheme, in codec order.
    pub const ALL: [Self; 10] = [
        Self::EcdsaSecp256k1,
        Self::Ed25519,
        Self::EcdsaSecp256r1,
        Self::Bip340,
        Self::Bip340Taproot,
        Self::Sr25519,
        Self::SchnorrRistretto255,
        Self::SchnorrSecp256k1,
        Self::BlsG2,
        Self::BlsG1,
    ];

    /// The curve its keys live on.
    pub const fn curve(self) -> Curve {
        match self {
            Self::EcdsaSecp256k1 | Self::Bip340 | Self::Bip340Taproot | Self::SchnorrSecp256k1 => {
                Curve::Secp256k1
            }
            Self::Ed25519 => Curve::Ed25519,
            Self::EcdsaSecp256r1 => Curve::Secp256r1,
            Self::Sr25519 | Self::SchnorrRistretto255 => Curve::Ristretto255,
            Self::BlsG2 => Curve::Bls12381G1,
            Self::BlsG1 => Curve::Bls12381G2,
        }
    }

    /// Whether it is ECDSA: signs digests, and needs a set-up between every two members before.
    pub const fn is_ecdsa(self) -> bool {
        // Exhaustive, as the next: what a new scheme is has to be said.
        match self {
            Self::EcdsaSecp256k1 | Self::EcdsaSecp256r1 => true,
            Self::Ed25519
            | Self::Bip340
            | Self::Bip340Taproot
            | Self::Sr25519
            | Self::SchnorrRistretto255
            | Self::SchnorrSecp256k1
            | Self::BlsG2
            | Self::BlsG1 => false,
        }
    }

    /// Whether FROST signs it (RFC 9591).
    pub const fn is_frost(self) -> bool {
        match self {
            Self::Ed25519
            | Self::Bip340
            | Self::Bip340Taproot
            | Self::Sr25519
            | Self::SchnorrRistretto255
            | Self::SchnorrSecp256k1 => true,
            Self::EcdsaSecp256k1 | Self::EcdsaSecp256r1 | Self::BlsG2 | Self::BlsG1 => false,
        }
    }

    /// The name in RPC and in the text that wallets show.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcdsaSecp256k1 => "ecdsa-secp256k1",
            Self::Ed25519 => "ed25519",
            Self::EcdsaSecp256r1 => "ecdsa-secp256r1",
            Self::Bip340 => "schnorr-bip340",
            Self::Bip340Taproot => "schnorr-bip340-taproot",
            Self::Sr25519 => "sr25519",
            Self::SchnorrRistretto255 => "schnorr-ristretto255",
            Self::SchnorrSecp256k1 => "schnorr-secp256k1",
            Self::BlsG2 => "bls12381-g2",
            Self::BlsG1 => "bls12381-g1",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scheme {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|scheme| scheme.name() == name).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_should_be_listed() {
        let scale_info::TypeDef::Variant(variants) = Scheme::type_info().type_def else { panic!("an enum") };
        assert_eq!(variants.variants.len(), Scheme::ALL.len());
    }

    #[test]
    fn codec_indices_and_names_should_stay() {
        for (index, scheme) in (0..).zip(Scheme::ALL) {
            assert_eq!(scheme.encode(), [index]);
            assert_eq!(scheme.name().parse(), Ok(scheme));
        }
        assert!("bls".parse::<Scheme>().is_err());
    }
}
