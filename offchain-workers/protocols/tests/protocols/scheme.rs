//! All schemes behind the one type that the worker runs.

use conclave_primitives::{Curve, ParticipantIndex, Scheme};
use conclave_protocols::{
    verify, Machine, Pair, PairStates, Pairing, ProtocolError, SigningKey, ECDSA_CURVES,
};
use std::collections::BTreeMap;

use crate::harness::{deal_pairs, index, indices, rng, run, session, Key};

const MESSAGE: [u8; 32] = [0x5a; 32];

/// The pairs of each of three members, on both curves.
fn pairs() -> BTreeMap<ParticipantIndex, PairStates> {
    let mut states: BTreeMap<_, PairStates> = BTreeMap::new();
    for (member, pairs) in deal_pairs::<k256::Secp256k1>(3) {
        pairs.into_values().for_each(|pair| states.entry(member).or_default().insert(Pair::Secp256k1(pair)));
    }
    for (member, pairs) in deal_pairs::<p256::NistP256>(3) {
        pairs.into_values().for_each(|pair| states.entry(member).or_default().insert(Pair::Secp256r1(pair)));
    }
    states
}

#[test]
fn every_scheme_should_sign_and_verify_and_none_for_another() {
    let quorum = indices([1, 3]);
    let mut states = pairs();
    states.remove(&index(2));
    for scheme in Scheme::ALL {
        let key = Key::deal(scheme.curve(), 2, 3, 70);
        let machines = states.iter().map(|(i, pairs)| {
            let signing = SigningKey::new(scheme, key.share(*i)).unwrap();
            assert_eq!(signing.scheme(), scheme);
            let mut rng = rng(u64::from(i.get()));
            let started = signing.sign(pairs, &quorum, &session("any"), &MESSAGE, &mut rng).unwrap();
            assert_eq!(started.0.scheme(), scheme);
            (*i, started)
        });
        let outcomes = run(machines.collect(), |_, _, _, _| ());
        for signature in outcomes.into_values().map(|outcome| outcome.must_be_done()) {
            for other in Scheme::ALL {
                let verified = verify(other, key.public_key(), &MESSAGE, &signature);
                assert_eq!(verified, other == scheme, "{scheme} as {other}");
            }
            assert!(!verify(scheme, key.public_key(), &[0x5b; 32], &signature));
            for spoilt in [&signature[1..], &[&signature[..], &[0]].concat(), &[]] {
                assert!(!verify(scheme, key.public_key(), &MESSAGE, spoilt));
            }
            assert!(!verify(scheme, &[], &MESSAGE, &signature));
        }
    }
}

#[test]
fn ecdsa_should_refuse_what_is_no_digest() {
    for scheme in Scheme::ALL.into_iter().filter(|scheme| scheme.is_ecdsa()) {
        let key = SigningKey::new(scheme, Key::deal(scheme.curve(), 2, 3, 71).share(index(1))).unwrap();
        let error = key
            .sign(&pairs()[&index(1)], &indices([1, 2]), &session("any"), b"short", &mut rng(0))
            .map(|_| ())
            .unwrap_err();
        assert_eq!(error, ProtocolError::NoDigest { got: 5 });
    }
}

#[test]
fn pairs_should_be_kept_by_curve() {
    assert_eq!(ECDSA_CURVES, [Curve::Secp256k1, Curve::Secp256r1]);
    let mut states = pairs().remove(&index(1)).unwrap();
    for curve in ECDSA_CURVES {
        assert_eq!(states.counterparties(*curve), [index(2), index(3)]);
    }
    states.remove(Curve::Secp256k1, index(2));
    assert!(!states.contains(Curve::Secp256k1, index(2)) && states.contains(Curve::Secp256r1, index(2)));
    for curve in Curve::SIGNING.into_iter().filter(|curve| !ECDSA_CURVES.contains(curve)) {
        assert!(states.counterparties(curve).is_empty());
        assert!(Pairing::start(curve, index(1), index(2), &session("none"), &mut rng(0)).is_err());
        assert!(Pair::from_bytes(curve, &[]).is_err());
    }
}

#[test]
fn a_set_up_should_yield_pairs_that_store() {
    let machines = [(1, 2), (2, 1)].map(|(me, peer)| {
        let setup = session("pairing");
        let started = Pairing::start(Curve::Secp256r1, index(me), index(peer), &setup, &mut rng(0)).unwrap();
        assert_eq!(started.0.awaits(), &indices([peer]));
        (index(me), started)
    });
    for (me, outcome) in run(BTreeMap::from(machines), |_, _, _, _| ()) {
        let pair = outcome.must_be_done();
        assert_eq!((pair.curve(), pair.index()), (Curve::Secp256r1, me));
        let bytes = pair.to_bytes().unwrap();
        let read = Pair::from_bytes(Curve::Secp256r1, &bytes).unwrap();
        assert_eq!(read.counterparty(), pair.counterparty());
        let error = Pair::from_bytes(Curve::Secp256k1, &bytes).unwrap_err();
        assert_eq!(error, ProtocolError::InvalidPairState { reason: "of another curve" });
    }
}
