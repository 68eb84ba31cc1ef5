//! Curves, purposes and root keys.

use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::{KeysetId, PkpId};

/// A curve that root keys live on. The codec index is part of the chain's format: never reused.
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
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Curve {
    /// SEC 2 secp256k1; points are 33 bytes, SEC1 compressed.
    #[codec(index = 0)]
    Secp256k1,
    /// The prime-order subgroup of edwards25519; points are 32 bytes (RFC 8032).
    #[codec(index = 1)]
    Ed25519,
}

impl Curve {
    /// Every curve that a PKP has a key on, in codec order.
    pub const SIGNING: [Self; 2] = [Self::Secp256k1, Self::Ed25519];

    /// The name in domain separation tags.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Secp256k1 => "secp256k1",
            Self::Ed25519 => "ed25519",
        }
    }

    /// Bytes of a canonical point encoding.
    pub const fn point_bytes(self) -> usize {
        match self {
            Self::Secp256k1 => 33,
            Self::Ed25519 => 32,
        }
    }
}

/// What a root key is for; a key serves one purpose.
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
    Serialize,
    Deserialize,
)]
pub enum Purpose {
    /// PKPs derive from it.
    #[codec(index = 0)]
    Sign,
    /// The committee signs what it posts on chain with it.
    #[codec(index = 2)]
    Result,
}

/// Names one root key of a key set.
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
    Serialize,
    Deserialize,
)]
pub struct RootKeyId {
    /// The curve.
    pub curve: Curve,
    /// What it is for.
    pub purpose: Purpose,
    /// Which of the K roots of this curve and purpose, counted from 0.
    pub index: u8,
}

/// K: with K roots a derived key is a point on a polynomial of degree K-1, so K-1 leaked children
/// reveal nothing (design.md, Keys).
pub const ROOTS_PER_CURVE: u8 = 2;
/// Bound of the root keys of a key set.
pub const MAX_ROOT_KEYS: u32 = 16;

/// The root keys that one key generation makes, in the order of every dealing.
pub fn root_key_ids() -> Vec<RootKeyId> {
    let sign = Curve::SIGNING.into_iter().flat_map(|curve| {
        (0..ROOTS_PER_CURVE).map(move |index| RootKeyId { curve, purpose: Purpose::Sign, index })
    });
    let result = RootKeyId { curve: Curve::Ed25519, purpose: Purpose::Result, index: 0 };
    sign.chain([result]).collect()
}

/// A point in its curve's canonical encoding. Whoever reads one from outside decodes it strictly
/// (`conclave_vss::decode_point`).
pub type EncodedPoint = BoundedVec<u8, ConstU32<48>>;

/// A public key on a curve.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct PublicKey {
    /// The curve.
    pub curve: Curve,
    /// The point.
    pub point: EncodedPoint,
}

/// A key set, and for each signing curve its K root public keys for [`Purpose::Sign`] in the order of their index.
pub type SigningRoots = (KeysetId, Vec<(Curve, Vec<EncodedPoint>)>);

/// The key a protocol runs with.
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
pub enum KeyId {
    /// A root key itself.
    #[codec(index = 0)]
    Root(RootKeyId),
    /// The key of a PKP on a curve, derived from the K roots of that curve.
    #[codec(index = 1)]
    Pkp(PkpId, Curve),
}

impl KeyId {
    /// The curve of the key.
    pub const fn curve(&self) -> Curve {
        match self {
            Self::Root(id) => id.curve,
            Self::Pkp(_, curve) => *curve,
        }
    }
}
