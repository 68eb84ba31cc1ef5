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
    /// SEC 2 secp256r1, NIST's P-256; points are 33 bytes, SEC1 compressed.
    #[codec(index = 2)]
    Secp256r1,
    /// ristretto255; points are 32 bytes (RFC 9496).
    #[codec(index = 3)]
    Ristretto255,
    /// G1 of BLS12-381: keys whose signatures are in G2; points are 48 bytes, compressed as Zcash does.
    #[codec(index = 4)]
    Bls12381G1,
    /// G2 of BLS12-381: keys whose signatures are in G1; points are 96 bytes, compressed as Zcash does.
    #[codec(index = 5)]
    Bls12381G2,
}

impl Curve {
    /// Every curve that a PKP has a key on, in codec order.
    pub const SIGNING: [Self; 6] = [
        Self::Secp256k1,
        Self::Ed25519,
        Self::Secp256r1,
        Self::Ristretto255,
        Self::Bls12381G1,
        Self::Bls12381G2,
    ];

    /// The name in domain separation tags.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Secp256k1 => "secp256k1",
            Self::Ed25519 => "ed25519",
            Self::Secp256r1 => "secp256r1",
            Self::Ristretto255 => "ristretto255",
            Self::Bls12381G1 => "bls12381g1",
            Self::Bls12381G2 => "bls12381g2",
        }
    }

    /// Bytes of a canonical point encoding.
    pub const fn point_bytes(self) -> usize {
        match self {
            Self::Secp256k1 | Self::Secp256r1 => 33,
            Self::Ed25519 | Self::Ristretto255 => 32,
            Self::Bls12381G1 => 48,
            Self::Bls12381G2 => MAX_POINT_BYTES as usize,
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
    /// The committee opens with it what was encrypted to identities. Its signatures are decryption keys,
    /// so it never signs for anybody.
    #[codec(index = 1)]
    Decrypt,
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
    let decrypt = RootKeyId { curve: Curve::Bls12381G1, purpose: Purpose::Decrypt, index: 0 };
    let result = RootKeyId { curve: Curve::Ed25519, purpose: Purpose::Result, index: 0 };
    sign.chain([decrypt, result]).collect()
}

/// Bytes of the longest encoding of a point, G2 of BLS12-381's.
pub const MAX_POINT_BYTES: u32 = 96;

/// A point in its curve's canonical encoding. Whoever reads one from outside decodes it strictly
/// (`conclave_vss::decode_point`).
pub type EncodedPoint = BoundedVec<u8, ConstU32<MAX_POINT_BYTES>>;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codec_indices_should_stay() {
        let indices: Vec<_> = Curve::SIGNING.into_iter().flat_map(|curve| curve.encode()).collect();
        assert_eq!(indices, [0, 1, 2, 3, 4, 5]);
        let scale_info::TypeDef::Variant(variants) = Curve::type_info().type_def else { panic!("an enum") };
        assert_eq!(variants.variants.len(), Curve::SIGNING.len(), "each is listed");
        let purposes = [Purpose::Sign, Purpose::Decrypt, Purpose::Result].map(|purpose| purpose.encode());
        assert_eq!(purposes, [[0], [1], [2]]);
    }

    #[test]
    fn root_keys_should_serve_one_purpose_each() {
        let ids = root_key_ids();
        assert!(ids.len() <= MAX_ROOT_KEYS as usize);
        let of = |purpose| ids.iter().filter(move |id| id.purpose == purpose);
        assert_eq!(of(Purpose::Sign).count(), Curve::SIGNING.len() * usize::from(ROOTS_PER_CURVE));
        assert_eq!(of(Purpose::Decrypt).map(|id| id.curve).collect::<Vec<_>>(), [Curve::Bls12381G1]);
        assert_eq!(of(Purpose::Result).map(|id| id.curve).collect::<Vec<_>>(), [Curve::Ed25519]);
    }
}
