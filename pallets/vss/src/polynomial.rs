//! Polynomials over the scalars, and their commitments in the group (Feldman 1987).

use alloc::vec::Vec;
use conclave_primitives::{EncodedPoint, ParticipantIndex};
use ff::Field;
use group::Group;
use rand_core::CryptoRng;

use crate::curve::{decode_point, decode_verified_point, PointError, SharingCurve};

/// f of degree t-1; f(0) is the secret. Overwritten when dropped.
pub(crate) struct Polynomial<C: SharingCurve> {
    coefficients: Vec<C::Scalar>,
}

impl<C: SharingCurve> Polynomial<C> {
    pub(crate) fn random(threshold: u32, rng: &mut impl CryptoRng) -> Self {
        Self { coefficients: (0..threshold).map(|_| nonzero(rng)).collect() }
    }

    /// f(0) is `constant_term`; threshold ≥ 1.
    pub(crate) fn random_with(constant_term: C::Scalar, threshold: u32, rng: &mut impl CryptoRng) -> Self {
        let mut polynomial = Self::random(threshold, rng);
        if let Some(first) = polynomial.coefficients.first_mut() {
            *first = constant_term;
        }
        polynomial
    }

    pub(crate) fn evaluate(&self, index: ParticipantIndex) -> C::Scalar {
        let x = C::Scalar::from(u64::from(index.get()));
        self.coefficients.iter().rev().fold(C::Scalar::ZERO, |value, coefficient| value * x + coefficient)
    }

    pub(crate) fn constant_term(&self) -> C::Scalar {
        self.coefficients.first().copied().unwrap_or(C::Scalar::ZERO)
    }

    pub(crate) fn commit(&self) -> Commitments<C> {
        Commitments(self.coefficients.iter().map(|coefficient| C::Group::generator() * coefficient).collect())
    }
}

impl<C: SharingCurve> Drop for Polynomial<C> {
    fn drop(&mut self) {
        // Not every curve's scalar is `Zeroize` through one trait; the barrier keeps the store.
        for coefficient in &mut self.coefficients {
            *coefficient = core::hint::black_box(C::Scalar::ZERO);
        }
        core::hint::black_box(&self.coefficients);
    }
}

/// A random scalar other than 0: commitments to 0 are the identity, which no one accepts.
pub(crate) fn nonzero<S: Field>(rng: &mut impl CryptoRng) -> S {
    loop {
        let scalar = S::random(rng);
        if !bool::from(scalar.is_zero()) {
            return scalar;
        }
    }
}

/// g^a₀ … g^a_{t-1}.
pub(crate) struct Commitments<C: SharingCurve>(pub(crate) Vec<C::Group>);

impl<C: SharingCurve> Commitments<C> {
    pub(crate) fn decode(points: &[EncodedPoint]) -> Result<Self, PointError> {
        points.iter().map(|point| decode_point::<C>(point)).collect::<Result<_, _>>().map(Self)
    }

    /// Of commitments that [`Self::decode`] accepted before.
    pub(crate) fn decode_verified(points: &[EncodedPoint]) -> Result<Self, PointError> {
        points.iter().map(|point| decode_verified_point::<C>(point)).collect::<Result<_, _>>().map(Self)
    }

    /// g^f(x), by Horner's rule; x is small and public, so doubling and adding is cheapest.
    pub(crate) fn evaluate(&self, index: ParticipantIndex) -> C::Group {
        self.0
            .iter()
            .rev()
            .fold(C::Group::identity(), |value, commitment| times_small(value, index.get()) + commitment)
    }

    pub(crate) fn opens_to(&self, index: ParticipantIndex, share: &C::Scalar) -> bool {
        C::Group::generator() * share == self.evaluate(index)
    }
}

/// `point` · `factor`, in variable time: for public values only.
fn times_small<G: Group>(point: G, factor: u8) -> G {
    let Some(highest) = factor.checked_ilog2() else { return G::identity() };
    (0..highest).rev().fold(point, |product, bit| {
        let doubled = product.double();
        if factor & (1 << bit) == 0 {
            doubled
        } else {
            doubled + point
        }
    })
}

/// Σ factor·point, in variable time: for public points, and factors that nobody is to guess beforehand only. The
/// doublings are shared (Straus 1964).
pub(crate) fn sum_of_products<G: Group>(terms: &[(u128, G)]) -> G {
    let all = terms.iter().fold(0, |all, (factor, _)| all | factor);
    let bits = u128::BITS - all.leading_zeros();
    (0..bits).rev().fold(G::identity(), |sum, bit| {
        let set = terms.iter().filter(|(factor, _)| factor >> bit & 1 == 1);
        set.fold(sum.double(), |sum, (_, point)| sum + point)
    })
}
