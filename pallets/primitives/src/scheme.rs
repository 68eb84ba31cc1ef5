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
}

impl Scheme {
    /// Every scheme, in codec order.
    pub const ALL: [Self; 2] = [Self::EcdsaSecp256k1, Self::Ed25519];

    /// The curve its keys live on.
    pub const fn curve(self) -> Curve {
        match self {
            Self::EcdsaSecp256k1 => Curve::Secp256k1,
            Self::Ed25519 => Curve::Ed25519,
        }
    }

    /// The name in RPC and in the text that wallets show.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcdsaSecp256k1 => "ecdsa-secp256k1",
            Self::Ed25519 => "ed25519",
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
