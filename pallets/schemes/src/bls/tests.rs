//! Shares that a pairing does not tell from right ones.

use group::{ff::Field, GroupEncoding};

use super::*;

const MESSAGE: &[u8] = b"a message";

fn encoded<C: SharingCurve>(point: C::Group) -> Vec<u8> {
    point.to_bytes().as_ref().to_vec()
}

/// A point outside the group: of an order that divides the cofactor.
fn cofactor_point<C: SharingCurve>() -> C::Group {
    let outside = |x| {
        let mut repr = <C::Group as GroupEncoding>::Repr::default();
        let [first, .., last] = repr.as_mut() else { return None };
        // Compressed.
        (*first, *last) = (0x80, x);
        let point = Option::<C::Group>::from(C::Group::from_bytes_unchecked(&repr))?;
        // By the order of the group: what is left is outside.
        let multiple = point * -C::Scalar::ONE + point;
        (!bool::from(multiple.is_identity())).then_some(multiple)
    };
    (0..).find_map(outside).expect("half of all x are of points")
}

fn shares_off_the_subgroup<B: BlsSuite>() {
    let (secret, hash) = (Scalar::from(7u64), B::hash(MESSAGE));
    let (key, share) = (BlsKey::<B>::generator() * secret, hash * secret);
    let public = encoded::<B::Keys>(key);
    let is_wrong = |public: &[u8], share: BlsSignature<B>| {
        is_wrong_bls_share(B::SCHEME, public, MESSAGE, &encoded::<B::Signatures>(share))
    };
    assert!(!is_wrong(&public, share) && is_wrong(&public, share + share));

    let off_subgroup = share + cofactor_point::<B::Signatures>();
    // The pairing cannot tell it in G1; what it says of G2 is left to chance.
    assert!(B::pairs(&key, &hash, &off_subgroup) || B::SCHEME == Scheme::BlsG2, "this tests nothing");
    assert!(is_wrong(&public, off_subgroup));
    assert!(!B::verify(&public, MESSAGE, &encoded::<B::Signatures>(off_subgroup)));

    // What is no public share convicts nobody.
    let outside = encoded::<B::Keys>(key + cofactor_point::<B::Keys>());
    assert!(!is_wrong(&outside, share + share));
    assert!(!B::verify(&outside, MESSAGE, &encoded::<B::Signatures>(share)));
}

#[test]
fn shares_off_the_subgroup_should_be_wrong() {
    shares_off_the_subgroup::<BlsG1>();
    shares_off_the_subgroup::<BlsG2>();
}
