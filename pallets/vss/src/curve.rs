//! The curves: two constants, a group and a hash each.

use conclave_primitives::{Curve, EncodedPoint};
use core::num::NonZeroU16;
use ff::PrimeField;
use group::{prime::PrimeGroup, Group, GroupEncoding};
use hash2curve::{ExpandMsg, ExpandMsgXmd, Expander};
use hybrid_array::typenum::U16;
use sha2::{Sha256, Sha512};

/// A curve that secrets are shared over.
pub trait SharingCurve: 'static {
    /// The scalars.
    type Scalar: PrimeField;
    /// The group of prime order. Its encoding is the curve's canonical one.
    type Group: PrimeGroup<Scalar = Self::Scalar> + GroupEncoding;
    /// The name in transcripts and domain separation tags.
    const NAME: &'static str;

    /// `expand_message_xmd` to 48 bytes (RFC 9380, section 5.3.1), with the hash of the curve's suite.
    fn expand_message(message: &[u8], tag: &[u8]) -> [u8; 48];

    /// `hash_to_field` for one scalar: 48 bytes big-endian, reduced (RFC 9380, section 5.2, L = 48), so
    /// the bias is below 2^-128 for every supported order.
    fn hash_to_scalar(message: &[u8], tag: &[u8]) -> Self::Scalar {
        scalar_from_wide(&Self::expand_message(message, tag))
    }
}

/// A point that is not one.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    codec::Encode,
    codec::Decode,
    codec::DecodeWithMemTracking,
    codec::MaxEncodedLen,
    scale_info::TypeInfo,
)]
pub enum PointError {
    /// Wrong length, not on the curve, outside the prime-order subgroup or not the canonical encoding.
    Invalid,
    /// The identity, which commits to nothing.
    Identity,
}

/// Decodes a point strictly: exactly the canonical bytes of a non-identity element of the group.
pub fn decode_point<C: SharingCurve>(bytes: &[u8]) -> Result<C::Group, PointError> {
    let mut repr = <C::Group as GroupEncoding>::Repr::default();
    if repr.as_ref().len() != bytes.len() {
        return Err(PointError::Invalid);
    }
    repr.as_mut().copy_from_slice(bytes);
    let point = Option::<C::Group>::from(C::Group::from_bytes(&repr)).ok_or(PointError::Invalid)?;
    // Libraries differ in what they let pass (SEC1's compact tag, y ≥ p); the bytes decide.
    if point.to_bytes().as_ref() != bytes {
        return Err(PointError::Invalid);
    }
    if bool::from(point.is_identity()) {
        return Err(PointError::Identity);
    }
    Ok(point)
}

/// Whether `bytes` are a point of `curve`, as [`decode_point`] decides.
pub fn check_point(curve: Curve, bytes: &[u8]) -> Result<(), PointError> {
    on_curve!(curve, C => decode_point::<C>(bytes).map(|_| ()))
}

pub(crate) fn encode_point<C: SharingCurve>(point: &C::Group) -> EncodedPoint {
    // Every supported curve encodes a point in at most 48 bytes, the bound of `EncodedPoint`.
    EncodedPoint::truncate_from(point.to_bytes().as_ref().to_vec())
}

pub(crate) fn decode_scalar<C: SharingCurve>(bytes: &[u8; 32]) -> Option<C::Scalar> {
    let mut repr = <C::Scalar as PrimeField>::Repr::default();
    if repr.as_ref().len() != bytes.len() {
        return None;
    }
    repr.as_mut().copy_from_slice(bytes);
    C::Scalar::from_repr(repr).into()
}

pub(crate) fn encode_scalar<C: SharingCurve>(scalar: &C::Scalar) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(scalar.to_repr().as_ref()) {
        *to = *from;
    }
    bytes
}

/// 48 bytes, big-endian, modulo the order.
pub(crate) fn scalar_from_wide<S: PrimeField>(bytes: &[u8; 48]) -> S {
    let radix = S::from(256);
    bytes.iter().fold(S::ZERO, |scalar, byte| scalar * radix + S::from(u64::from(*byte)))
}

/// 48 bytes of `expand_message_xmd` at a target security of 16 bytes.
fn expand<X: ExpandMsg<U16>>(message: &[u8], tag: &[u8]) -> [u8; 48] {
    const LENGTH: NonZeroU16 = match NonZeroU16::new(48) {
        Some(length) => length,
        None => unreachable!(),
    };
    let mut out = [0; 48];
    // Fails only for an empty or overlong tag, or more than 255 blocks: ours are constants.
    if let Ok(mut expander) = X::expand_message(&[message], &[tag], LENGTH) {
        let _ = expander.fill_bytes(&mut out);
    }
    out
}

/// SEC 2 secp256k1.
pub enum Secp256k1 {}

impl SharingCurve for Secp256k1 {
    type Scalar = k256::Scalar;
    type Group = k256::ProjectivePoint;
    const NAME: &'static str = "secp256k1";

    fn expand_message(message: &[u8], tag: &[u8]) -> [u8; 48] {
        expand::<ExpandMsgXmd<Sha256>>(message, tag)
    }
}

/// The prime-order subgroup of edwards25519.
pub enum Ed25519 {}

impl SharingCurve for Ed25519 {
    type Scalar = curve25519_dalek::Scalar;
    type Group = curve25519_dalek::edwards::SubgroupPoint;
    const NAME: &'static str = "ed25519";

    fn expand_message(message: &[u8], tag: &[u8]) -> [u8; 48] {
        expand::<ExpandMsgXmd<Sha512>>(message, tag)
    }
}

/// ristretto255 (RFC 9496): the group of encryption keys.
pub enum Ristretto255 {}

impl SharingCurve for Ristretto255 {
    type Scalar = curve25519_dalek::Scalar;
    type Group = curve25519_dalek::RistrettoPoint;
    const NAME: &'static str = "ristretto255";

    fn expand_message(message: &[u8], tag: &[u8]) -> [u8; 48] {
        expand::<ExpandMsgXmd<Sha512>>(message, tag)
    }
}

/// Runs generic code for a curve known at run time: the only match on [`Curve`] in this crate.
macro_rules! on_curve {
    ($curve:expr, $type:ident => $body:expr) => {
        match $curve {
            conclave_primitives::Curve::Secp256k1 => {
                type $type = $crate::curve::Secp256k1;
                $body
            }
            conclave_primitives::Curve::Ed25519 => {
                type $type = $crate::curve::Ed25519;
                $body
            }
        }
    };
}
pub(crate) use on_curve;

#[cfg(test)]
mod tests {
    use super::*;

    fn strict_decoding<C: SharingCurve>() {
        let generator = C::Group::generator();
        let bytes = generator.to_bytes().as_ref().to_vec();
        assert_eq!(decode_point::<C>(&bytes), Ok(generator));
        let identity = C::Group::identity().to_bytes().as_ref().to_vec();
        assert!(decode_point::<C>(&identity).is_err());
        assert!(decode_point::<C>(bytes.get(1..).unwrap_or_default()).is_err());
        assert!(decode_point::<C>(&[bytes.as_slice(), &[0]].concat()).is_err());
        assert!(decode_point::<C>(&vec![0xff; bytes.len()]).is_err());
    }

    #[test]
    fn points_should_decode_strictly_on_every_curve() {
        strict_decoding::<Secp256k1>();
        strict_decoding::<Ed25519>();
        strict_decoding::<Ristretto255>();
    }

    #[test]
    fn secp256k1_should_refuse_other_sec1_tags() {
        let mut bytes = k256::ProjectivePoint::GENERATOR.to_bytes().to_vec();
        for tag in [0, 1, 4, 5, 6, 7] {
            bytes[0] = tag;
            assert_eq!(decode_point::<Secp256k1>(&bytes), Err(PointError::Invalid));
        }
    }

    #[test]
    fn ed25519_should_refuse_low_order_and_mixed_order_points() {
        use curve25519_dalek::{constants, edwards::EdwardsPoint};
        let torsion: EdwardsPoint = constants::EIGHT_TORSION[1];
        let mixed = constants::ED25519_BASEPOINT_POINT + torsion;
        for point in [torsion, mixed] {
            assert_eq!(decode_point::<Ed25519>(&point.compress().to_bytes()), Err(PointError::Invalid));
        }
        // y = p + 1 is a non-canonical encoding of y = 1.
        let mut non_canonical = [0xff; 32];
        non_canonical[0] = 0xee;
        non_canonical[31] = 0x7f;
        assert_eq!(decode_point::<Ed25519>(&non_canonical), Err(PointError::Invalid));
    }

    /// The curve library's own `hash_to_field` for scalars is the oracle.
    #[test]
    fn hash_to_scalar_should_match_the_curve_library() {
        let tag = b"CONCLAVE-V1-KDF-secp256k1";
        let theirs = hash2curve::hash_to_scalar::<
            k256::Secp256k1,
            ExpandMsgXmd<Sha256>,
            hybrid_array::typenum::U48,
        >(&[b"abc"], &[tag]);
        assert_eq!(theirs.ok(), Some(Secp256k1::hash_to_scalar(b"abc", tag)));
    }
}
