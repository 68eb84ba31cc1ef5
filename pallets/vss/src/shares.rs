//! Sums over dealings, and the public shares that follow from commitments.

use alloc::{collections::BTreeMap, vec::Vec};
use conclave_primitives::{Curve, EncodedPoint, ParticipantIndex};

use crate::{
    curve::{decode_scalar, encode_point, encode_scalar, on_curve, SharingCurve},
    dealing::check_share,
    polynomial::Commitments,
    PointError, SecretScalar,
};

/// The commitments of the sum of the dealt polynomials, each of a dealing that `verify_dealing` accepted:
/// subgroups are not checked again. Fails if a sum is the identity, which no
/// honest dealer lets happen but by chance.
pub fn combine_commitments(curve: Curve, dealt: &[&[EncodedPoint]]) -> Result<Vec<EncodedPoint>, PointError> {
    on_curve!(curve, C => combine::<C>(dealt))
}

fn combine<C: SharingCurve>(dealt: &[&[EncodedPoint]]) -> Result<Vec<EncodedPoint>, PointError> {
    let mut sums: Vec<C::Group> = Vec::new();
    for commitments in dealt {
        let commitments = Commitments::<C>::decode_verified(commitments)?.0;
        if sums.is_empty() {
            sums = commitments;
        } else {
            sums.iter_mut().zip(commitments).for_each(|(sum, commitment)| *sum += commitment);
        }
    }
    encode_all::<C>(&sums)
}

pub(crate) fn encode_all<C: SharingCurve>(points: &[C::Group]) -> Result<Vec<EncodedPoint>, PointError> {
    use group::Group;
    points
        .iter()
        .map(|point| {
            if bool::from(point.is_identity()) {
                Err(PointError::Identity)
            } else {
                Ok(encode_point::<C>(point))
            }
        })
        .collect()
}

/// The sum of one's shares over all dealers; `None` if one is no scalar.
pub fn combine_shares<'a>(
    curve: Curve,
    shares: impl IntoIterator<Item = &'a SecretScalar>,
) -> Option<SecretScalar> {
    on_curve!(curve, C => {
        let mut sum = <C as SharingCurve>::Scalar::ZERO;
        for share in shares {
            sum += decode_scalar::<C>(share.as_bytes())?;
        }
        Some(SecretScalar::from_bytes(encode_scalar::<C>(&sum)))
    })
}

/// Y_j, the public counterpart of the share of member j.
pub fn public_share(
    curve: Curve,
    commitments: &[EncodedPoint],
    index: ParticipantIndex,
) -> Result<EncodedPoint, PointError> {
    on_curve!(curve, C => Ok(encode_point::<C>(&Commitments::<C>::decode(commitments)?.evaluate(index))))
}

/// Y_j of many members.
pub fn public_shares(
    curve: Curve,
    commitments: &[EncodedPoint],
    indices: impl IntoIterator<Item = ParticipantIndex>,
) -> Result<BTreeMap<ParticipantIndex, EncodedPoint>, PointError> {
    on_curve!(curve, C => {
        let commitments = Commitments::<C>::decode(commitments)?;
        Ok(indices.into_iter().map(|index| (index, encode_point::<C>(&commitments.evaluate(index)))).collect())
    })
}

/// Whether a share is the one that the commitments determine.
pub fn share_matches(
    curve: Curve,
    commitments: &[EncodedPoint],
    index: ParticipantIndex,
    share: &SecretScalar,
) -> bool {
    check_share(curve, commitments, index, share.as_bytes()).is_ok()
}
