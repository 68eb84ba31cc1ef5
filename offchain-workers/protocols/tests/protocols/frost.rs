//! FROST.

use conclave_primitives::{Curve, EncodedPoint, ParticipantIndex, SessionId};
use conclave_protocols::{frost::SignEd25519, KeyShare, Outgoing, ProtocolError};
use conclave_vss::SecretScalar;
use rand_chacha::rand_core::{Infallible, TryCryptoRng, TryRng};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

use crate::{
    harness::{index, indices, rng, run, session, Key},
    suite::{scheme_tests, Scheme},
};

struct Ed25519;

impl Scheme for Ed25519 {
    type Sign = SignEd25519;
    const CURVE: Curve = Curve::Ed25519;
    const FLIGHTS: usize = 2;

    fn ready(_n: u8) -> Self {
        Self
    }

    fn start(
        &self,
        share: &KeyShare,
        quorum: &BTreeSet<ParticipantIndex>,
        session: &SessionId,
        message: &[u8; 32],
    ) -> Result<(Self::Sign, Vec<Outgoing>), ProtocolError> {
        SignEd25519::start(share, quorum, session, message, &mut rng(u64::from(share.index().get())))
    }

    fn verify(public_key: &[u8], message: &[u8; 32], output: [u8; 64]) {
        verify_strict(public_key, message, &output);
    }

    fn check_wrong_share(error: ProtocolError, guilty: ParticipantIndex) {
        assert_eq!(error, ProtocolError::InvalidSignatureShares { from: BTreeSet::from([guilty]) });
        assert_eq!(error.culprits(), BTreeSet::from([guilty]));
    }
}

fn verify_strict(public_key: &[u8], message: &[u8], signature: &[u8; 64]) {
    let key = ed25519_dalek::VerifyingKey::from_bytes(public_key.try_into().unwrap()).unwrap();
    key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature)).unwrap();
}

#[test]
fn every_quorum_of_three_should_sign() {
    crate::suite::every_quorum_should_sign::<Ed25519>(2, 3);
}

#[test]
fn every_quorum_of_four_should_sign() {
    crate::suite::every_quorum_should_sign::<Ed25519>(3, 4);
}

scheme_tests! { Ed25519,
    some_quorums_of_ten_should_sign();
    a_derived_key_should_sign();
    a_wrong_quorum_should_be_refused();
    a_share_that_cannot_be_one_should_be_refused();
    a_wrong_share_should_spoil_the_run_and_name_no_honest_member();
    a_flipped_bit_should_spoil_the_run_and_name_no_honest_member(400);
    a_message_of_another_length_should_name_its_sender();
    another_session_should_not_mix();
    another_message_in_the_same_session_should_not_mix();
    a_message_should_serve_its_sender_and_recipient_only();
    a_flight_from_others_than_awaited_should_be_refused();
    debug_output_should_hold_no_secret();
}

fn start_all(
    key: &Key,
    quorum: &BTreeSet<ParticipantIndex>,
) -> BTreeMap<ParticipantIndex, (SignEd25519, Vec<Outgoing>)> {
    let start =
        |i: &ParticipantIndex| Ed25519.start(&key.share(*i), quorum, &session("sign"), &[3; 32]).unwrap();
    quorum.iter().map(|i| (*i, start(i))).collect()
}

#[test]
fn messages_of_any_length_should_be_signed() {
    let key = Key::deal(Curve::Ed25519, 2, 3, 34);
    let quorum = indices([2, 3]);
    for length in [0, 1, 31, 33, 10_000] {
        let message = vec![0xa5; length];
        let start = |i: &ParticipantIndex| {
            SignEd25519::start(&key.share(*i), &quorum, &session("sign"), &message, &mut rng(i.get().into()))
                .unwrap()
        };
        for outcome in run(quorum.iter().map(|i| (*i, start(i))).collect(), |_, _, _, _| ()).into_values() {
            verify_strict(key.public_key(), &message, &outcome.must_be_done());
        }
    }
}

#[test]
fn all_wrong_shares_should_be_named() {
    let key = Key::deal(Curve::Ed25519, 4, 5, 30);
    let quorum = indices([1, 2, 3, 5]);
    let guilty = indices([2, 5]);
    let outcomes = run(start_all(&key, &quorum), |flight, from, _, payload| {
        if flight == 2 && guilty.contains(&from) {
            // Not by as much, or the errors could cancel out to a signature.
            payload[32 + usize::from(from.get())] ^= 1;
        }
    });
    for (me, outcome) in outcomes {
        let error = outcome.must_have_failed();
        let others: BTreeSet<_> = guilty.iter().copied().filter(|i| *i != me).collect();
        assert_eq!(error, ProtocolError::InvalidSignatureShares { from: others });
    }
}

/// 3 tells 1 other nonces than the rest. Whoever compares only shares would blame 1 or 2, who are honest.
#[test]
fn equivocated_commitments_should_be_seen_and_blame_no_honest_member() {
    let key = Key::deal(Curve::Ed25519, 3, 4, 31);
    let quorum = indices([1, 2, 3]);
    let (_, other) =
        SignEd25519::start(&key.share(index(3)), &quorum, &session("sign"), &[3; 32], &mut rng(4)).unwrap();
    let mut outcomes = run(start_all(&key, &quorum), |flight, from, to, payload| {
        if (flight, from.get(), to.get()) == (1, 3, 1) {
            payload.clone_from(&other[0].payload);
        }
    });
    let error = outcomes.remove(&index(1)).unwrap().must_have_failed();
    assert_eq!(error, ProtocolError::ViewsDiffer { participants: indices([2, 3]) });
    assert!(error.culprits().is_empty());
    let error = outcomes.remove(&index(2)).unwrap().must_have_failed();
    assert_eq!(error, ProtocolError::ViewsDiffer { participants: indices([1]) });
    assert!(error.culprits().is_empty());
}

#[test]
fn points_that_are_none_should_name_their_sender() {
    let key = Key::deal(Curve::Ed25519, 2, 3, 32);
    let quorum = indices([1, 2]);
    let torsion = curve25519_dalek::constants::EIGHT_TORSION[1].compress().to_bytes();
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut non_canonical = [0xff; 32];
    non_canonical[0] = 0xee;
    non_canonical[31] = 0x7f;
    for bad in [identity, torsion, non_canonical, [0; 32], [0xff; 32]] {
        for at in [32, 64] {
            let mut outcomes = run(start_all(&key, &quorum), |flight, from, _, payload| {
                if (flight, from.get()) == (1, 2) {
                    payload[at..at + 32].copy_from_slice(&bad);
                }
            });
            let error = outcomes.remove(&index(1)).unwrap().must_have_failed();
            assert_eq!(error, ProtocolError::Malformed { from: index(2), reason: "commitment is no point" });
        }
    }
}

#[test]
fn a_share_outside_the_field_should_name_its_sender() {
    let key = Key::deal(Curve::Ed25519, 2, 3, 33);
    let mut outcomes = run(start_all(&key, &indices([1, 2])), |flight, from, _, payload| {
        if (flight, from.get()) == (2, 2) {
            payload[32..].fill(0xff);
        }
    });
    let error = outcomes.remove(&index(1)).unwrap().must_have_failed();
    assert_eq!(error, ProtocolError::Malformed { from: index(2), reason: "share is no scalar" });
}

/// Randomness that a test vector gives.
struct Replay(Vec<u8>);

impl TryRng for Replay {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unimplemented!("frost-core takes bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unimplemented!("frost-core takes bytes")
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Infallible> {
        let rest = self.0.split_off(destination.len());
        destination.copy_from_slice(&std::mem::replace(&mut self.0, rest));
        Ok(())
    }
}

impl TryCryptoRng for Replay {}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

/// RFC 9591, appendix E.1.
#[test]
fn the_vector_of_the_rfc_should_come_out() {
    let vector: Value =
        serde_json::from_str(include_str!("../../../../tests/vectors/frost-ed25519-sha512.json")).unwrap();
    let inputs = &vector["inputs"];
    let message = bytes(&inputs["message"]);
    let public_key = EncodedPoint::truncate_from(bytes(&inputs["verifying_key_key"]));
    let participant = |value: &Value| index(u8::try_from(value["identifier"].as_u64().unwrap()).unwrap());
    let secrets: BTreeMap<_, [u8; 32]> = inputs["participant_shares"]
        .as_array()
        .unwrap()
        .iter()
        .map(|share| (participant(share), bytes(&share["participant_share"]).try_into().unwrap()))
        .collect();
    let public_shares: BTreeMap<_, _> = secrets
        .iter()
        .map(|(i, secret)| {
            let scalar = curve25519_dalek::Scalar::from_canonical_bytes(*secret).unwrap();
            let point = curve25519_dalek::EdwardsPoint::mul_base(&scalar).compress().to_bytes();
            (*i, EncodedPoint::truncate_from(point.to_vec()))
        })
        .collect();
    let quorum = indices([1, 3]);

    let round_one = vector["round_one_outputs"]["outputs"].as_array().unwrap();
    let machines = round_one.iter().map(|output| {
        let i = participant(output);
        let secret = SecretScalar::from_bytes(secrets[&i]);
        let share =
            KeyShare::new(Curve::Ed25519, i, 2, secret, public_key.clone(), public_shares.clone()).unwrap();
        let randomness =
            [bytes(&output["hiding_nonce_randomness"]), bytes(&output["binding_nonce_randomness"])].concat();
        (i, SignEd25519::start(&share, &quorum, &session("rfc"), &message, &mut Replay(randomness)).unwrap())
    });
    let round_two = vector["round_two_outputs"]["outputs"].as_array().unwrap();
    let outcomes = run(machines.collect(), |flight, from, _, payload| {
        // The first 32 bytes are ours: the session, and the view of the commitments.
        let expected = if flight == 1 {
            let output = round_one.iter().find(|output| participant(output) == from).unwrap();
            [bytes(&output["hiding_nonce_commitment"]), bytes(&output["binding_nonce_commitment"])].concat()
        } else {
            bytes(&round_two.iter().find(|output| participant(output) == from).unwrap()["sig_share"])
        };
        assert_eq!(payload[32..], expected, "flight {flight} from {from:?}");
    });
    for outcome in outcomes.into_values() {
        let signature = outcome.must_be_done();
        assert_eq!(signature.as_slice(), bytes(&vector["final_output"]["sig"]));
        verify_strict(&public_key, &message, &signature);
    }
}
