//! Sums over dealings, and the public shares that follow from commitments.

use alloc::{collections::BTreeMap, vec::Vec};
use conclave_primitives::{Curve, EncodedPoint, ParticipantIndex};
use ff::{Field, PrimeField};
use group::Group;

use crate::{
    curve::{decode_scalar, encode_point, encode_scalar, on_curve, SharingCurve},
    interpolation::{lagrange_at_zero, IntegerCoefficients},
    polynomial::{sum_of_products, Commitments},
    PointError, SecretScalar,
};

/// How the dealings that stand make a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combination {
    /// The polynomials are summed: the key is new.
    Sum,
    /// The polynomials are interpolated at 0 over their dealers' indices: each dealt its share of a key,
    /// and the key stays what it was (Desmedt, Jajodia 1997; Wong, Wang, Wing 2002). Takes as many
    /// dealers as the key's old threshold, or more.
    Interpolation,
}

impl Combination {
    /// The factor of each dealer's polynomial; `None` for an index that is there twice.
    fn coefficients<C: SharingCurve>(self, dealers: &[ParticipantIndex]) -> Option<Vec<C::Scalar>> {
        match self {
            Self::Sum => Some(dealers.iter().map(|_| C::Scalar::ONE).collect()),
            Self::Interpolation => {
                dealers.iter().map(|dealer| lagrange_at_zero::<C>(*dealer, dealers)).collect()
            }
        }
    }
}

/// The commitments of the polynomial that the dealt ones combine to, each of a dealing that `verify_dealing`
/// accepted: subgroups are not checked again. Fails if one is the identity, which no honest dealer lets
/// happen but by chance.
pub fn combine_commitments(
    curve: Curve,
    combination: Combination,
    dealt: &[(ParticipantIndex, &[EncodedPoint])],
) -> Result<Vec<EncodedPoint>, PointError> {
    on_curve!(curve, C => combine::<C>(combination, dealt))
}

fn combine<C: SharingCurve>(
    combination: Combination,
    dealt: &[(ParticipantIndex, &[EncodedPoint])],
) -> Result<Vec<EncodedPoint>, PointError> {
    let mut dealers = Vec::with_capacity(dealt.len());
    let mut polynomials = Vec::with_capacity(dealt.len());
    for (dealer, commitments) in dealt {
        dealers.push(*dealer);
        polynomials.push(Commitments::<C>::decode_verified(commitments)?.0);
    }
    let longest = polynomials.iter().map(Vec::len).max().unwrap_or_default();
    // The dealt commitments of each degree, by dealer.
    let degrees = (0..longest).map(|degree| {
        polynomials.iter().map(move |points| points.get(degree).copied().unwrap_or(C::Group::identity()))
    });
    let sums: Vec<C::Group> = match combination {
        Combination::Sum => degrees.map(|points| points.sum()).collect(),
        Combination::Interpolation => match IntegerCoefficients::of(&dealers) {
            Some(coefficients) => {
                let inverse = C::Scalar::from_u128(coefficients.denominator).invert();
                let inverse = Option::<C::Scalar>::from(inverse).ok_or(PointError::Invalid)?;
                degrees.map(|points| sum_of_products(&coefficients.terms(points)) * inverse).collect()
            }
            None => {
                let coefficients = combination.coefficients::<C>(&dealers).ok_or(PointError::Invalid)?;
                let product = |(point, factor): (C::Group, &C::Scalar)| point * factor;
                degrees.map(|points| points.zip(&coefficients).map(product).sum()).collect()
            }
        },
    };
    encode_all::<C>(&sums)
}

pub(crate) fn encode_all<C: SharingCurve>(points: &[C::Group]) -> Result<Vec<EncodedPoint>, PointError> {
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

/// One's share of the key that the dealings combine to, from one's shares by dealer; `None` if one is no
/// scalar, or a dealer is there twice.
pub fn combine_shares<'a>(
    curve: Curve,
    combination: Combination,
    shares: impl IntoIterator<Item = (ParticipantIndex, &'a SecretScalar)>,
) -> Option<SecretScalar> {
    let (dealers, shares): (Vec<_>, Vec<_>) = shares.into_iter().unzip();
    on_curve!(curve, C => {
        let mut sum = <C as SharingCurve>::Scalar::ZERO;
        for (share, coefficient) in shares.into_iter().zip(combination.coefficients::<C>(&dealers)?) {
            sum += decode_scalar::<C>(share.as_bytes())? * coefficient;
        }
        Some(SecretScalar::from_bytes(encode_scalar::<C>(&sum)))
    })
}

/// Y_j, the public counterpart of the share of member j, of a key that stands on chain: here and in what follows,
/// subgroups are not checked again.
pub fn public_share(
    curve: Curve,
    commitments: &[EncodedPoint],
    index: ParticipantIndex,
) -> Result<EncodedPoint, PointError> {
    on_curve!(curve, C => Ok(encode_point::<C>(&Commitments::<C>::decode_verified(commitments)?.evaluate(index))))
}

/// Y_j of many members.
pub fn public_shares(
    curve: Curve,
    commitments: &[EncodedPoint],
    indices: impl IntoIterator<Item = ParticipantIndex>,
) -> Result<BTreeMap<ParticipantIndex, EncodedPoint>, PointError> {
    on_curve!(curve, C => {
        let commitments = Commitments::<C>::decode_verified(commitments)?;
        Ok(indices.into_iter().map(|index| (index, encode_point::<C>(&commitments.evaluate(index)))).collect())
    })
}
