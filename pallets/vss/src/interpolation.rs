//! Lagrange's coefficients at 0 over dealers' indices.

use alloc::vec::Vec;
use conclave_primitives::ParticipantIndex;
use ff::Field;
use group::Group;

use crate::curve::SharingCurve;

/// λ_i = Π x_j / (x_j - x_i) over the others; `None` for an index that is there twice.
pub(crate) fn lagrange_at_zero<C: SharingCurve>(
    dealer: ParticipantIndex,
    dealers: &[ParticipantIndex],
) -> Option<C::Scalar> {
    let x = |index: ParticipantIndex| C::Scalar::from(u64::from(index.get()));
    let (mut numerator, mut denominator) = (C::Scalar::ONE, C::Scalar::ONE);
    let mut met = false;
    for other in dealers {
        if *other == dealer && !core::mem::replace(&mut met, true) {
            continue;
        }
        numerator *= x(*other);
        denominator *= x(*other) - x(dealer);
    }
    // 0 where an index is there twice.
    Option::from(denominator.invert()).map(|inverse: C::Scalar| numerator * inverse)
}

/// The coefficients as fractions of integers over one denominator. Indices are small numbers, so the numerators are
/// short: 30 bits for any 14 of 20 dealers, where a scalar has 256. A point times one of them costs as much
/// less, and the division is one multiplication for a whole sum.
pub(crate) struct IntegerCoefficients {
    numerators: Vec<Fraction>,
    pub(crate) denominator: u128,
}

/// In lowest terms.
struct Fraction {
    negative: bool,
    numerator: u128,
    denominator: u128,
}

impl IntegerCoefficients {
    /// `None` if they take more than 128 bits, or an index is there twice.
    pub(crate) fn of(dealers: &[ParticipantIndex]) -> Option<Self> {
        let mut numerators =
            dealers.iter().map(|dealer| Fraction::at_zero(*dealer, dealers)).collect::<Option<Vec<_>>>()?;
        let denominator = numerators.iter().try_fold(1u128, |multiple, fraction| {
            let common = greatest_common_divisor(multiple, fraction.denominator);
            multiple.checked_mul(fraction.denominator.checked_div(common)?)
        })?;
        for fraction in &mut numerators {
            let factor = denominator.checked_div(fraction.denominator)?;
            fraction.numerator = fraction.numerator.checked_mul(factor)?;
            fraction.denominator = denominator;
        }
        Some(Self { numerators, denominator })
    }

    /// What has to be summed, and then divided by the denominator.
    pub(crate) fn terms<G: Group>(&self, points: impl Iterator<Item = G>) -> Vec<(u128, G)> {
        let signed = |(fraction, point): (&Fraction, G)| {
            (fraction.numerator, if fraction.negative { -point } else { point })
        };
        self.numerators.iter().zip(points).map(signed).collect()
    }
}

impl Fraction {
    fn at_zero(dealer: ParticipantIndex, dealers: &[ParticipantIndex]) -> Option<Self> {
        let mut fraction = Self { negative: false, numerator: 1, denominator: 1 };
        let mut met = false;
        for other in dealers {
            if *other == dealer && !core::mem::replace(&mut met, true) {
                continue;
            }
            fraction.negative ^= other.get() < dealer.get();
            fraction.numerator = fraction.numerator.checked_mul(u128::from(other.get()))?;
            let difference = other.get().abs_diff(dealer.get());
            fraction.denominator = fraction.denominator.checked_mul(u128::from(difference))?;
            let common = greatest_common_divisor(fraction.numerator, fraction.denominator);
            fraction.numerator = fraction.numerator.checked_div(common)?;
            // 0 where an index is there twice: refused.
            fraction.denominator = fraction.denominator.checked_div(common).filter(|rest| *rest != 0)?;
        }
        Some(fraction)
    }
}

/// Euclid's.
fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Secp256k1;
    use ff::PrimeField;
    use proptest::prelude::*;

    fn indices(dealers: &[u8]) -> Vec<ParticipantIndex> {
        dealers.iter().map(|dealer| ParticipantIndex::new(*dealer).expect("not zero")).collect()
    }

    fn any_dealers(n: u8, t: usize) -> impl Strategy<Value = Vec<u8>> {
        proptest::sample::subsequence((1..=n).collect::<Vec<_>>(), t).prop_shuffle()
    }

    /// Each fraction, as an element of the field, is the coefficient that the field computes.
    fn agrees<C: SharingCurve>(dealers: &[u8]) {
        let dealers = indices(dealers);
        let integers = IntegerCoefficients::of(&dealers).expect("short enough");
        let inverse = C::Scalar::from_u128(integers.denominator).invert().expect("not zero");
        for (dealer, fraction) in dealers.iter().zip(&integers.numerators) {
            let size = C::Scalar::from_u128(fraction.numerator) * inverse;
            let value = if fraction.negative { -size } else { size };
            assert_eq!(Some(value), lagrange_at_zero::<C>(*dealer, &dealers));
        }
    }

    proptest! {
        #[test]
        fn integer_coefficients_should_be_those_of_the_field(
            dealers in (1u8..=32).prop_flat_map(|n| (Just(n), 1..=usize::from(n).div_ceil(3) * 2))
                .prop_flat_map(|(n, t)| any_dealers(n, t.min(usize::from(n))))
        ) {
            agrees::<Secp256k1>(&dealers);
        }

        #[test]
        fn numerators_should_be_short(dealers in any_dealers(20, 14)) {
            let integers = IntegerCoefficients::of(&indices(&dealers)).expect("short enough");
            prop_assert!(integers.numerators.iter().all(|fraction| fraction.numerator < 1 << 32));
        }
    }

    #[test]
    fn an_index_that_is_there_twice_should_be_refused() {
        assert!(IntegerCoefficients::of(&indices(&[1, 2, 2])).is_none());
    }

    #[test]
    fn what_does_not_fit_should_be_left_to_the_field() {
        assert!(IntegerCoefficients::of(&indices(&(1..=255).step_by(3).collect::<Vec<_>>())).is_none());
    }
}
