//! Whether a share is the one that its key's commitments determine: one for itself, or many at once.
//!
//! Everything here takes commitments of dealings that `verify_dealing` accepted, or of keys that they combined to:
//! subgroups are not checked again.

use alloc::{collections::BTreeMap, vec::Vec};
use conclave_primitives::{Curve, EncodedPoint, ParticipantIndex};
use ff::{Field, PrimeField};
use group::Group;
use rand_core::CryptoRng;

use crate::{
    curve::{decode_scalar, on_curve, SharingCurve},
    polynomial::{sum_of_products, Commitments},
    PointError, SecretScalar,
};

/// A share, and what it has to match.
#[derive(Clone, Copy, Debug)]
pub struct ClaimedShare<'a> {
    /// The curve.
    pub curve: Curve,
    /// The key's commitments, constant term first.
    pub commitments: &'a [EncodedPoint],
    /// The share.
    pub share: &'a SecretScalar,
}

pub(crate) enum ShareFault {
    NotAScalar,
    Commitment(PointError),
    OffPolynomial,
}

pub(crate) fn check_share(
    curve: Curve,
    commitments: &[EncodedPoint],
    index: ParticipantIndex,
    share: &SecretScalar,
) -> Result<(), ShareFault> {
    on_curve!(curve, C => {
        let share = decode_scalar::<C>(share.as_bytes()).ok_or(ShareFault::NotAScalar)?;
        let commitments = Commitments::<C>::decode_verified(commitments).map_err(ShareFault::Commitment)?;
        if commitments.opens_to(index, &share) { Ok(()) } else { Err(ShareFault::OffPolynomial) }
    })
}

/// Whether a share is the one that the commitments determine.
pub fn share_matches(
    curve: Curve,
    commitments: &[EncodedPoint],
    index: ParticipantIndex,
    share: &SecretScalar,
) -> bool {
    check_share(curve, commitments, index, share).is_ok()
}

/// Whether all of these shares of one member match.
///
/// A curve costs one multiplication of its generator, however many shares there are: the equations s_i·G = Y_i are
/// added up with random factors of 128 bits, so that a wrong one passes with a probability of 2^-128 (Bellare, Garay,
/// Rabin, "Fast Batch Verification for Modular Exponentiation and Digital Signatures", 1998, the small exponents
/// test). The factors have to be unpredictable to whoever made the shares.
pub fn shares_match(index: ParticipantIndex, shares: &[ClaimedShare<'_>], rng: &mut impl CryptoRng) -> bool {
    let mut by_curve: BTreeMap<Curve, Vec<&ClaimedShare<'_>>> = BTreeMap::new();
    for claimed in shares {
        by_curve.entry(claimed.curve).or_default().push(claimed);
    }
    by_curve.into_iter().all(|(curve, shares)| match shares.as_slice() {
        [one] => share_matches(curve, one.commitments, index, one.share),
        many => on_curve!(curve, C => all_match::<C>(index, many, rng)).unwrap_or(false),
    })
}

/// `None` for what does not decode.
fn all_match<C: SharingCurve>(
    index: ParticipantIndex,
    shares: &[&ClaimedShare<'_>],
    rng: &mut impl CryptoRng,
) -> Option<bool> {
    let mut sum = C::Scalar::ZERO;
    let mut publics = Vec::with_capacity(shares.len());
    for claimed in shares {
        let factor = u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64());
        sum += decode_scalar::<C>(claimed.share.as_bytes())? * C::Scalar::from_u128(factor);
        let commitments = Commitments::<C>::decode_verified(claimed.commitments).ok()?;
        publics.push((factor, commitments.evaluate(index)));
    }
    Some(C::Group::generator() * sum == sum_of_products(&publics))
}
