//! From shares to the signature.

use bls12_381_plus::Scalar;
use conclave_primitives::{EncodedPoint, ParticipantIndex};
use conclave_vss::decode_point;
use ff::Field;
use std::collections::{BTreeMap, BTreeSet};

use super::suite::{BlsSuite, Key, Signature};
use crate::ProtocolError;

/// Combines any t of the `shares` whose public shares are given into the signature of `message`, verified.
/// Wrong shares are left out and returned beside it; if fewer than t are right, the error names the senders
/// of the wrong ones.
pub fn combine<B: BlsSuite>(
    public_key: &EncodedPoint,
    public_shares: &BTreeMap<ParticipantIndex, EncodedPoint>,
    threshold: u32,
    message: &[u8],
    shares: &BTreeMap<ParticipantIndex, Vec<u8>>,
) -> Result<(Vec<u8>, BTreeSet<ParticipantIndex>), ProtocolError> {
    let key = decode_point::<B::Keys>(public_key)
        .map_err(|_| ProtocolError::InvalidKeyShare { reason: "public key is no point" })?;
    let mut wrong = BTreeSet::new();
    let mut decoded = BTreeMap::new();
    for (from, share) in shares {
        match decode_point::<B::Signatures>(share) {
            Ok(point) => drop(decoded.insert(*from, point)),
            Err(_) => drop(wrong.insert(*from)),
        }
    }
    let hash = B::hash(message);
    match combine_points::<B>(&key, public_shares, threshold, &hash, decoded) {
        Ok((signature, others)) => {
            wrong.extend(others);
            Ok((super::suite::encode::<B::Signatures>(&signature), wrong))
        }
        Err(ProtocolError::InvalidSignatureShares { from }) => {
            wrong.extend(from);
            Err(ProtocolError::InvalidSignatureShares { from: wrong })
        }
        Err(_) if !wrong.is_empty() => Err(ProtocolError::InvalidSignatureShares { from: wrong }),
        Err(error) => Err(error),
    }
}

type Combined<B> = (Signature<B>, BTreeSet<ParticipantIndex>);

pub(super) fn combine_points<B: BlsSuite>(
    key: &Key<B>,
    public_shares: &BTreeMap<ParticipantIndex, EncodedPoint>,
    threshold: u32,
    hash: &Signature<B>,
    mut shares: BTreeMap<ParticipantIndex, Signature<B>>,
) -> Result<Combined<B>, ProtocolError> {
    // All at once first: shares are verified one by one only if one is wrong.
    if let Some(signature) = interpolate::<B>(threshold, &shares) {
        if B::pairs(key, hash, &signature) {
            return Ok((signature, BTreeSet::new()));
        }
    }
    let mut wrong = BTreeSet::new();
    for (from, share) in &shares {
        let public =
            public_shares.get(from).ok_or(ProtocolError::UnknownParticipant { participant: *from })?;
        let public = decode_point::<B::Keys>(public)
            .map_err(|_| ProtocolError::InvalidKeyShare { reason: "public share is no point" })?;
        if !B::pairs(&public, hash, share) {
            wrong.insert(*from);
        }
    }
    shares.retain(|from, _| !wrong.contains(from));
    match interpolate::<B>(threshold, &shares) {
        Some(signature) if B::pairs(key, hash, &signature) => Ok((signature, wrong)),
        _ if wrong.is_empty() => Err(ProtocolError::SignatureRejected),
        _ => Err(ProtocolError::InvalidSignatureShares { from: wrong }),
    }
}

/// Σ λᵢ·σᵢ over the first t shares; `None` if there are fewer.
fn interpolate<B: BlsSuite>(
    threshold: u32,
    shares: &BTreeMap<ParticipantIndex, Signature<B>>,
) -> Option<Signature<B>> {
    let threshold = usize::try_from(threshold).ok().filter(|t| *t > 0 && *t <= shares.len())?;
    let (indices, points): (Vec<_>, Vec<_>) =
        shares.iter().take(threshold).map(|(index, point)| (*index, *point)).unzip();
    Some(B::sum(&points, &lagrange_at_zero(&indices)?))
}

/// λᵢ of each index; `None` if one is there twice.
pub(super) fn lagrange_at_zero(indices: &[ParticipantIndex]) -> Option<Vec<Scalar>> {
    let indices: Vec<_> = indices.iter().map(|index| Scalar::from(u64::from(index.get()))).collect();
    let coefficient = |(at, i): (usize, &Scalar)| {
        let others = || indices.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, j)| j);
        let numerator = others().fold(Scalar::ONE, |product, j| product * j);
        let denominator = others().fold(Scalar::ONE, |product, j| product * (j - i));
        let inverse: Option<Scalar> = Field::invert(&denominator).into();
        inverse.map(|inverse| numerator * inverse)
    };
    indices.iter().enumerate().map(coefficient).collect()
}
