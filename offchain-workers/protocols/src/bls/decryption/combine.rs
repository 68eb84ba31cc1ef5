//! From sealed shares to the sealed key.

use bls12_381_plus::{G1Affine, G2Projective};
use codec::Decode;
use conclave_primitives::{DecryptionShare, EncodedPoint, ParticipantIndex, Sealed};
use conclave_vss::{decode_point, Bls12381G1, Bls12381G2};
use std::collections::{BTreeMap, BTreeSet};

use super::{share::seal, Statement};
use crate::{
    bls::{
        combine::lagrange_at_zero,
        suite::{BlsG2, BlsSuite},
    },
    ProtocolError,
};

/// (μ, ω).
type Points = (G2Projective, G2Projective);

/// Combines any t of the `shares` that members sent, each under the index of its sender, into the decryption key,
/// sealed as they are. Wrong shares are left out, and their senders returned beside it; if fewer than t are right,
/// the error names the senders of the wrong ones. Who combines learns nothing (see the module).
///
/// As long as the first t shares are right the others are not looked at, so their senders are not judged.
pub fn combine(
    statement: &Statement,
    public_shares: &BTreeMap<ParticipantIndex, EncodedPoint>,
    threshold: u32,
    shares: &BTreeMap<ParticipantIndex, Vec<u8>>,
) -> Result<(Sealed, BTreeSet<ParticipantIndex>), ProtocolError> {
    let needed = usize::try_from(threshold).unwrap_or(usize::MAX);
    if needed < 2 || needed > public_shares.len() {
        return Err(ProtocolError::InvalidKeyShare { reason: "threshold not in 2..=n" });
    }
    if let Some(participant) = shares.keys().find(|from| !public_shares.contains_key(from)) {
        return Err(ProtocolError::UnknownParticipant { participant: *participant });
    }
    let mut wrong = BTreeSet::new();
    let mut points: BTreeMap<ParticipantIndex, Points> = BTreeMap::new();
    for (from, share) in shares {
        match decode(statement, *from, share) {
            Ok(share) => drop(points.insert(*from, share)),
            Err(_) => drop(wrong.insert(*from)),
        }
    }
    // All at once first: shares are verified one by one only if one is wrong.
    let mut sealed = interpolate(statement, needed, &points);
    if sealed.is_none() && points.len() >= needed {
        for (from, public) in public_shares {
            let Some((mu, omega)) = points.get(from) else { continue };
            if !statement.holds(&public_share(public)?, mu, omega) {
                points.remove(from);
                wrong.insert(*from);
            }
        }
        sealed = interpolate(statement, needed, &points);
    }
    match sealed {
        Some(sealed) => Ok((sealed, wrong)),
        None if !wrong.is_empty() => Err(ProtocolError::InvalidDecryptionShares { from: wrong }),
        None if points.len() < needed => Err(ProtocolError::TooFewShares { got: points.len(), needed }),
        // Each is right by its public share, and together they are not: the public shares are not the key's.
        None => Err(ProtocolError::InconsistentShares),
    }
}

/// Whether what `from` sent is the share of the statement that its public share determines; the error names it
/// otherwise. For evidence, and for who takes shares one at a time.
pub fn verify_share(
    statement: &Statement,
    from: ParticipantIndex,
    public: &EncodedPoint,
    share: &[u8],
) -> Result<(), ProtocolError> {
    let (mu, omega) = decode(statement, from, share)?;
    if statement.holds(&public_share(public)?, &mu, &omega) {
        Ok(())
    } else {
        Err(ProtocolError::InvalidDecryptionShares { from: BTreeSet::from([from]) })
    }
}

fn public_share(encoded: &EncodedPoint) -> Result<G1Affine, ProtocolError> {
    let invalid = ProtocolError::InvalidKeyShare { reason: "public share is no point" };
    decode_point::<Bls12381G1>(encoded).map(G1Affine::from).map_err(|_| invalid)
}

fn decode(statement: &Statement, from: ParticipantIndex, share: &[u8]) -> Result<Points, ProtocolError> {
    let (got, expected) = (share.len(), DecryptionShare::BYTES);
    let wrong_length = ProtocolError::WrongLength { from, got, expected };
    if got != expected {
        return Err(wrong_length);
    }
    let share = DecryptionShare::decode(&mut &*share).map_err(|_| wrong_length)?;
    if share.statement != *statement.hash() {
        return Err(ProtocolError::SessionMismatch { from });
    }
    let point = |bytes: &[u8], reason| {
        decode_point::<Bls12381G2>(bytes).map_err(|_| ProtocolError::Malformed { from, reason })
    };
    Ok((point(&share.sealed.mu, "μ is no point")?, point(&share.sealed.omega, "ω is no point")?))
}

/// Σ λᵢ·(μᵢ, ωᵢ) over the first t; `None` if there are fewer, or the sum is not the key, sealed.
fn interpolate(
    statement: &Statement,
    threshold: usize,
    shares: &BTreeMap<ParticipantIndex, Points>,
) -> Option<Sealed> {
    if shares.len() < threshold {
        return None;
    }
    let chosen: Vec<_> = shares.iter().take(threshold).collect();
    let coefficients = lagrange_at_zero(&chosen.iter().map(|(index, _)| **index).collect::<Vec<_>>())?;
    let (mu, omega): (Vec<_>, Vec<_>) = chosen.iter().map(|(_, points)| **points).unzip();
    let (mu, omega) = (BlsG2::sum(&mu, &coefficients), BlsG2::sum(&omega, &coefficients));
    // μ of the identity would leave the key in the clear.
    let degenerate = bool::from(mu.is_identity()) || bool::from(omega.is_identity());
    (!degenerate && statement.holds_combined(&mu, &omega)).then(|| seal(&mu, &omega))
}
