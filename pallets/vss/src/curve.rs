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

/// Decodes a point that [`decode_point`] accepted before, without looking at its subgroup again: a third
/// of the cost on average. Still fails, rather than panics, on bytes that are no point.
pub(crate) fn decode_verified_point<C: SharingCurve>(bytes: &[u8]) -> Result<C::Group, PointError> {
    let mut repr = <C::Group as GroupEncoding>::Repr::default();
    if repr.as_ref().len() != bytes.len() {
        return Err(PointError::Invalid);
    }
    repr.as_mut().copy_from_slice(bytes);
    Option::from(C::Group::from_bytes_unchecked(&repr)).ok_or(PointError::Invalid)
}

/// Whether `bytes` are a point of `curve`, as [`decode_point`] decides.
pub fn check_point(curve: Curve, bytes: &[u8]) -> Result<(), PointError> {
    on_curve!(curve, C => decode_point::<C>(bytes).map(|_| ()))
}

pub(crate) fn encode_point<C: SharingCurve>(point: &C::Group) -> EncodedPoint {
    // Every supported curve encodes a point in at most 96 bytes, the bound of `EncodedPoint`.
    EncodedPoint::truncate_from(point.to_bytes().as_ref().to_vec())
}

pub(crate) fn decode_scalar<C: SharingCurve>(bytes: &[u8; 32]) -> Option<C::Scalar> {
    let mut repr = <C::Scalar as PrimeField>::Repr::default();
    if repr.as_ref().len() != bytes.len() {
        return None;
    }
    repr.as_mut().copy_from_slice(bytes);
    let scalar = Option::<C::Scalar>::from(C::Scalar::from_repr(repr))?;
    // bls12_381_plus reduces what is above the order; the bytes decide.
    (scalar.to_repr().as_ref() == bytes).then_some(scalar)
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

/// N bytes of `expand_message_xmd` at a target security of 16 bytes.
fn expand<X: ExpandMsg<U16>, const N: usize>(message: &[u8], tag: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    // Fails only for an empty or overlong tag, or more than 255 blocks: ours are constants.
    if let Some(length) = u16::try_from(N).ok().and_then(NonZeroU16::new) {
        if let Ok(mut expander) = X::expand_message(&[message], &[tag], length) {
            let _ = expander.fill_bytes(&mut out);
        }
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
        expand::<ExpandMsgXmd<Sha256>, 48>(message, tag)
    }
}

/// The prime-order subgroup of edwards25519.
pub enum Ed25519 {}

impl SharingCurve for Ed25519 {
    type Scalar = curve25519_dalek::Scalar;
    type Group = curve25519_dalek::edwards::SubgroupPoint;
    const NAME: &'static str = "ed25519";

    fn expand_message(message: &[u8], tag: &[u8]) -> [u8; 48] {
        expand::<ExpandMsgXmd<Sha512>, 48>(message, tag)
    }
}

/// SEC 2 secp256r1, NIST's P-256.
pub enum Secp256r1 {}

impl SharingCurve for Secp256r1 {
    type Scalar = p256::Scalar;
    type Group = p256::ProjectivePoint;
    const NAME: &'static str = "secp256r1";

    fn expand_message(message: &[u8], tag: &[u8]) -> [u8; 48] {
        expand::<ExpandMsgXmd<Sha256>, 48>(message, tag)
    }
}

/// ristretto255 (RFC 9496): also the group of encryption keys.
pub enum Ristretto255 {}

impl SharingCurve for Ristretto255 {
    type Scalar = curve25519_dalek::Scalar;
    type Group = curve25519_dalek::RistrettoPoint;
    const NAME: &'static str = "ristretto255";

    fn expand_message(message: &[u8], tag: &[u8]) -> [u8; 48] {
        expand::<ExpandMsgXmd<Sha512>, 48>(message, tag)
    }
}

/// G1 of BLS12-381, of prime order; scalars are little-endian.
pub enum Bls12381G1 {}

impl SharingCurve for Bls12381G1 {
    type Scalar = bls12_381_plus::Scalar;
    type Group = bls12_381_plus::G1Projective;
    const NAME: &'static str = "bls12381g1";

    fn expand_message(message: &[u8], tag: &[u8]) -> [u8; 48] {
        expand::<ExpandMsgXmd<Sha256>, 48>(message, tag)
    }
}

/// G2 of BLS12-381, of the same prime order; scalars are little-endian.
pub enum Bls12381G2 {}

impl SharingCurve for Bls12381G2 {
    type Scalar = bls12_381_plus::Scalar;
    type Group = bls12_381_plus::G2Projective;
    const NAME: &'static str = "bls12381g2";

    fn expand_message(message: &[u8], tag: &[u8]) -> [u8; 48] {
        expand::<ExpandMsgXmd<Sha256>, 48>(message, tag)
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
            conclave_primitives::Curve::Secp256r1 => {
                type $type = $crate::curve::Secp256r1;
                $body
            }
            conclave_primitives::Curve::Ristretto255 => {
                type $type = $crate::curve::Ristretto255;
                $body
            }
            conclave_primitives::Curve::Bls12381G1 => {
                type $type = $crate::curve::Bls12381G1;
                $body
            }
            conclave_primitives::Curve::Bls12381G2 => {
                type $type = $crate::curve::Bls12381G2;
                $body
            }
        }
    };
}
pub(crate) use on_curve;

#[cfg(test)]
mod tests;
