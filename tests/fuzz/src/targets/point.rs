//! Points and scalars of every curve, proofs and signatures of every scheme.

use conclave_primitives::{Curve, EncodedPoint, KeysetId, Scheme};
use conclave_protocols::verify;
use conclave_vss::{
    check_point, combine_commitments, combine_shares, derive_commitments, derive_public_key, public_share,
    share_matches, verify_worker_key, Combination, EncryptionSecret, SchnorrProof, SecretScalar,
};

use crate::fixture::{committee, index, GENESIS, PKP};

/// A curve, a scalar and a point.
pub(crate) fn point(input: &[u8]) {
    let Some((which, rest)) = input.split_first() else { return };
    let Some((scalar, bytes)) = rest.split_first_chunk::<32>() else { return };
    let curve = Curve::SIGNING[usize::from(*which) % Curve::SIGNING.len()];
    let Ok(point) = EncodedPoint::try_from(bytes.to_vec()) else {
        assert!(check_point(curve, bytes).is_err());
        return;
    };
    let (one, points) = (index(1), [point.clone(), point.clone()]);
    let sound = check_point(curve, bytes).is_ok();
    assert!(!sound || bytes.len() == curve.point_bytes());
    // A constant polynomial: everybody's public share is the point itself, in the same bytes.
    let constant = public_share(curve, &points[..1], one);
    // Points that nobody verified make an error or a point.
    assert!(!sound || constant.as_ref() == Ok(&point));
    assert!(!sound || public_share(curve, &points, one).is_ok());
    let secret = SecretScalar::from_bytes(*scalar);
    share_matches(curve, &points, one, &secret);
    for combination in [Combination::Sum, Combination::Interpolation] {
        for dealers in [[1, 2], [1, 1]] {
            // Also of points that nobody verified: an error then, or a point.
            let dealt = dealers.map(|dealer| (index(dealer), &points[..1]));
            let combined = combine_commitments(curve, combination, &dealt);
            assert!(
                !sound || combined.is_ok() || combination == Combination::Interpolation || dealers == [1, 1]
            );
            let _ = combine_shares(curve, combination, dealers.map(|dealer| (index(dealer), &secret)));
        }
    }
    let _ = derive_public_key(curve, &GENESIS, KeysetId(0), &PKP, &points);
    let _ = derive_commitments(curve, &GENESIS, KeysetId(0), &PKP, &[&points, &points]);
    if let Some(secret) = EncryptionSecret::from_bytes(scalar) {
        assert_eq!(
            (*secret.to_bytes(), check_point(Curve::Ristretto255, &secret.public())),
            (*scalar, Ok(()))
        );
    }
    if let Some((key, proof)) = bytes.split_first_chunk::<32>() {
        let mut padded = [0; 64];
        padded.iter_mut().zip(proof).for_each(|(to, from)| *to = *from);
        assert!(!verify_worker_key(key, scalar, &SchnorrProof::from_bytes(&padded)), "a proof was found");
    }
}

pub(crate) fn points() -> Vec<Vec<u8>> {
    let roots = committee().roots.iter().zip(0u8..).take(Curve::SIGNING.len());
    roots.map(|(root, which)| [&[which][..], &[1; 32], &root.commitments[0]].concat()).collect()
}

/// A scheme, a public key and a signature. Whoever has no key makes no signature.
pub(crate) fn signature(input: &[u8]) {
    let Some((which, rest)) = input.split_first() else { return };
    let scheme = Scheme::ALL[usize::from(*which) % Scheme::ALL.len()];
    let (key, signature) = rest.split_at(scheme.curve().point_bytes().min(rest.len()));
    let known = committee().roots.iter().any(|root| root.commitments[0].as_slice() == key);
    let verified = verify(scheme, key, &[3; 32], signature);
    assert!(!(known && verified), "a forgery");
    assert!(!verified || check_point(scheme.curve(), key).is_ok(), "under a key that is none");
}

pub(crate) fn signatures() -> Vec<Vec<u8>> {
    let seed = |(scheme, which): (Scheme, u8)| {
        let root =
            committee().roots.iter().find(|root| root.id.curve == scheme.curve()).expect("of every curve");
        let signature = if scheme == Scheme::BlsG1 { &committee().roots[4] } else { &committee().roots[5] };
        [&[which][..], &root.commitments[0], &signature.commitments[0]].concat()
    };
    Scheme::ALL.into_iter().zip(0..).map(seed).collect()
}
