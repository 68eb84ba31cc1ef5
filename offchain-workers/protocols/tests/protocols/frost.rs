//! FROST.

use conclave_primitives::{
    Curve, EncodedPoint, NonceCommitments, ParticipantIndex, Scheme as SchemeId, SessionId, SigningPackage,
};
use conclave_protocols::{
    frost::{
        self, Bip340, Bip340Taproot, Ed25519, FrostSuite, PreparedKey, SchnorrRistretto255, SchnorrSecp256k1,
        Sr25519,
    },
    KeyShare, Outgoing, ProtocolError,
};
use conclave_vss::{SecretScalar, SharingCurve};
use core::marker::PhantomData;
use group::{Group, GroupEncoding};
use rand_chacha::rand_core::{Infallible, TryCryptoRng, TryRng};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    harness::{index, indices, rng, run, session, Key},
    suite::{scheme_tests, Scheme},
};

/// A suite with its verifier: other code than frost-core.
trait Oracle: FrostSuite {
    fn check(public_key: &[u8], message: &[u8], signature: &[u8]);
}

struct Frost<S>(PhantomData<S>);

impl<S: Oracle> Scheme for Frost<S> {
    type Sign = frost::Sign<S>;
    const CURVE: Curve = S::SCHEME.curve();
    const FLIGHTS: usize = 2;

    fn ready(_n: u8) -> Self {
        Self(PhantomData)
    }

    fn start(
        &self,
        share: &KeyShare,
        quorum: &BTreeSet<ParticipantIndex>,
        session: &SessionId,
        message: &[u8; 32],
    ) -> Started<S> {
        start(share, quorum, session, message, u64::from(share.index().get()))
    }

    fn verify(public_key: &[u8], message: &[u8; 32], output: Vec<u8>) {
        S::check(public_key, message, &output);
        assert!(S::verify(public_key, message, &output));
    }

    fn check_wrong_share(error: ProtocolError, guilty: ParticipantIndex) {
        assert_eq!(error, ProtocolError::InvalidSignatureShares { from: BTreeSet::from([guilty]) });
        assert_eq!(error.culprits(), BTreeSet::from([guilty]));
    }
}

type Started<S> = Result<(frost::Sign<S>, Vec<Outgoing>), ProtocolError>;

fn start<S: FrostSuite>(
    share: &KeyShare,
    quorum: &BTreeSet<ParticipantIndex>,
    session: &SessionId,
    message: &[u8],
    seed: u64,
) -> Started<S> {
    let key = Arc::new(PreparedKey::new(share)?);
    frost::Sign::start(&key, quorum, session, message, &mut rng(seed))
}

scheme_tests! {
    ed25519: Frost<Ed25519>, 400;
    bip340: Frost<Bip340>, 200;
    bip340_taproot: Frost<Bip340Taproot>, 200;
    sr25519: Frost<Sr25519>, 400;
    schnorr_ristretto255: Frost<SchnorrRistretto255>, 400;
    schnorr_secp256k1: Frost<SchnorrSecp256k1>, 200;
}

/// What only FROST has, one line a suite.
macro_rules! frost_tests {
    ($($module:ident: $suite:ty;)*) => {$(
        mod $module {
            use super::*;

            #[test]
            fn messages_of_any_length_should_be_signed() {
                super::messages_of_any_length_should_be_signed::<$suite>();
            }

            #[test]
            fn both_parities_of_the_key_should_sign() {
                super::both_parities_of_the_key_should_sign::<$suite>();
            }

            #[test]
            fn one_prepared_key_should_sign_again_and_again() {
                super::one_prepared_key_should_sign_again_and_again::<$suite>();
            }

            #[test]
            fn all_wrong_shares_should_be_named() {
                super::all_wrong_shares_should_be_named::<$suite>();
            }

            #[test]
            fn equivocated_commitments_should_be_seen_and_blame_no_honest_member() {
                super::equivocated_commitments_should_be_seen_and_blame_no_honest_member::<$suite>();
            }

            #[test]
            fn points_that_are_none_should_name_their_sender() {
                super::points_that_are_none_should_name_their_sender::<$suite>();
            }

            #[test]
            fn a_share_outside_the_field_should_name_its_sender() {
                super::a_share_outside_the_field_should_name_its_sender::<$suite>();
            }

            #[test]
            fn the_second_flight_should_prove_what_its_share_is_for() {
                super::the_second_flight_should_prove_what_its_share_is_for::<$suite>();
            }
        }
    )*};
}

mod only {
    use super::*;

    frost_tests! {
        ed25519: Ed25519;
        bip340: Bip340;
        bip340_taproot: Bip340Taproot;
        sr25519: Sr25519;
        schnorr_ristretto255: SchnorrRistretto255;
        schnorr_secp256k1: SchnorrSecp256k1;
    }
}

const MESSAGE: [u8; 3] = [3; 3];

fn start_all<S: FrostSuite>(
    key: &Key,
    quorum: &BTreeSet<ParticipantIndex>,
) -> BTreeMap<ParticipantIndex, (frost::Sign<S>, Vec<Outgoing>)> {
    let start = |i: &ParticipantIndex| {
        start(&key.share(*i), quorum, &session("sign"), &MESSAGE, i.get().into()).unwrap()
    };
    quorum.iter().map(|i| (*i, start(i))).collect()
}

fn messages_of_any_length_should_be_signed<S: Oracle>() {
    let key = Key::deal(S::SCHEME.curve(), 2, 3, 34);
    let quorum = indices([2, 3]);
    for length in [0, 1, 31, 33, 16 * 1024] {
        let message = vec![0xa5; length];
        let start = |i: &ParticipantIndex| {
            start::<S>(&key.share(*i), &quorum, &session("sign"), &message, i.get().into()).unwrap()
        };
        for outcome in run(quorum.iter().map(|i| (*i, start(i))).collect(), |_, _, _, _| ()).into_values() {
            S::check(key.public_key(), &message, &outcome.must_be_done());
        }
    }
    let long = vec![0; 16 * 1024 + 1];
    let error =
        start::<S>(&key.share(index(2)), &quorum, &session("sign"), &long, 1).map(|_| ()).unwrap_err();
    assert_eq!(error, ProtocolError::MessageTooLong { got: long.len() });
}

/// On secp256k1 half of the keys have an odd y, and half of the nonces.
fn both_parities_of_the_key_should_sign<S: Oracle>() {
    let mut parities = BTreeSet::new();
    for seed in 0..16 {
        let key = Key::deal(S::SCHEME.curve(), 2, 2, 200 + seed);
        parities.insert(key.public_key()[0] & 1);
        for outcome in run(start_all::<S>(&key, &indices([1, 2])), |_, _, _, _| ()).into_values() {
            S::check(key.public_key(), &MESSAGE, &outcome.must_be_done());
        }
    }
    // The other curves' encodings have their sign elsewhere, and their suites do not look at it.
    assert!(parities.len() == 2 || S::SCHEME.curve() != Curve::Secp256k1);
}

fn one_prepared_key_should_sign_again_and_again<S: Oracle>() {
    let key = Key::deal(S::SCHEME.curve(), 2, 3, 35);
    let quorum = indices([1, 3]);
    let prepared: BTreeMap<_, _> =
        quorum.iter().map(|i| (*i, Arc::new(PreparedKey::<S>::new(&key.share(*i)).unwrap()))).collect();
    let mut signatures = BTreeSet::new();
    for seed in 0..3 {
        let start = |(i, key): (&ParticipantIndex, &Arc<PreparedKey<S>>)| {
            let mut rng = rng(seed * 10 + u64::from(i.get()));
            (*i, frost::Sign::start(key, &quorum, &session("sign"), &MESSAGE, &mut rng).unwrap())
        };
        for outcome in run(prepared.iter().map(start).collect(), |_, _, _, _| ()).into_values() {
            let signature = outcome.must_be_done();
            S::check(key.public_key(), &MESSAGE, &signature);
            signatures.insert(signature);
        }
    }
    assert_eq!(signatures.len(), 3, "one a run: a nonce came twice, or members differ");
}

fn all_wrong_shares_should_be_named<S: Oracle>() {
    let key = Key::deal(S::SCHEME.curve(), 4, 5, 30);
    let quorum = indices([1, 2, 3, 5]);
    let guilty = indices([2, 5]);
    let outcomes = run(start_all::<S>(&key, &quorum), |flight, from, _, payload| {
        if flight == 2 && guilty.contains(&from) {
            // Not by as much, or the errors could cancel out to a signature.
            payload[10 + usize::from(from.get())] ^= 1;
        }
    });
    for (me, outcome) in outcomes {
        let error = outcome.must_have_failed();
        let others: BTreeSet<_> = guilty.iter().copied().filter(|i| *i != me).collect();
        assert_eq!(error, ProtocolError::InvalidSignatureShares { from: others });
    }
}

/// 3 tells 1 other nonces than the rest. Whoever compares only shares would blame 1 or 2, who are honest.
fn equivocated_commitments_should_be_seen_and_blame_no_honest_member<S: Oracle>() {
    let key = Key::deal(S::SCHEME.curve(), 3, 4, 31);
    let quorum = indices([1, 2, 3]);
    let (_, other) = start::<S>(&key.share(index(3)), &quorum, &session("sign"), &MESSAGE, 4).unwrap();
    let mut outcomes = run(start_all::<S>(&key, &quorum), |flight, from, to, payload| {
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

/// Encodings of the length of a point of the curve that are none.
fn no_points(curve: Curve) -> Vec<Vec<u8>> {
    let length = curve.point_bytes();
    let mut bad = vec![vec![0; length], vec![0xff; length]];
    let last_byte = |first: u8, last: u8| {
        let mut bytes = vec![0; length];
        (bytes[0], bytes[length - 1]) = (first, last);
        bytes
    };
    match curve {
        Curve::Ed25519 => {
            let torsion = curve25519_dalek::constants::EIGHT_TORSION[1].compress().to_bytes();
            // The identity, a point of low order, and p + 1 for 1.
            bad.extend([last_byte(1, 0), torsion.to_vec()]);
            let mut non_canonical = vec![0xff; 32];
            (non_canonical[0], non_canonical[31]) = (0xee, 0x7f);
            bad.push(non_canonical);
        }
        // Negative, and p.
        Curve::Ristretto255 => bad.extend([last_byte(1, 0), [&[0xed][..], &[0xff; 30], &[0x7f]].concat()]),
        // No point has x = 5; an uncompressed tag.
        _ => bad.extend([last_byte(2, 5), last_byte(4, 1)]),
    }
    bad
}

fn points_that_are_none_should_name_their_sender<S: Oracle>() {
    let curve = S::SCHEME.curve();
    let key = Key::deal(curve, 2, 3, 32);
    let quorum = indices([1, 2]);
    for bad in no_points(curve) {
        for at in [32, 32 + curve.point_bytes()] {
            let mut outcomes = run(start_all::<S>(&key, &quorum), |flight, from, _, payload| {
                if (flight, from.get()) == (1, 2) {
                    payload[at..at + bad.len()].copy_from_slice(&bad);
                }
            });
            let error = outcomes.remove(&index(1)).unwrap().must_have_failed();
            assert_eq!(error, ProtocolError::Malformed { from: index(2), reason: "commitment is no point" });
        }
    }
}

fn a_share_outside_the_field_should_name_its_sender<S: Oracle>() {
    let key = Key::deal(S::SCHEME.curve(), 2, 3, 33);
    let mut outcomes = run(start_all::<S>(&key, &indices([1, 2])), |flight, from, _, payload| {
        if (flight, from.get()) == (2, 2) {
            payload[..32].fill(0xff);
        }
    });
    let error = outcomes.remove(&index(1)).unwrap().must_have_failed();
    assert_eq!(error, ProtocolError::Malformed { from: index(2), reason: "share is no scalar" });
}

/// A third party rebuilds the package from the flights it saw, and finds its hash beside every share.
fn the_second_flight_should_prove_what_its_share_is_for<S: Oracle>() {
    let curve = S::SCHEME.curve();
    let key = Key::deal(curve, 3, 4, 36);
    let mut commitments = BTreeMap::new();
    let mut hashes = BTreeSet::new();
    run(start_all::<S>(&key, &indices([1, 2, 4])), |flight, from, _, payload| {
        if flight == 1 {
            let point =
                |at: usize| EncodedPoint::truncate_from(payload[at..at + curve.point_bytes()].to_vec());
            let points = NonceCommitments { hiding: point(32), binding: point(32 + curve.point_bytes()) };
            commitments.insert(from, points);
        } else {
            hashes.insert(payload[32..].to_vec());
        }
    });
    let package = SigningPackage {
        scheme: S::SCHEME,
        public_key: key.public_key().clone(),
        message: MESSAGE.to_vec().try_into().unwrap(),
        commitments: commitments.try_into().unwrap(),
    };
    assert_eq!(hashes, BTreeSet::from([package.hash().to_vec()]));
}

impl Oracle for Ed25519 {
    fn check(public_key: &[u8], message: &[u8], signature: &[u8]) {
        let key = ed25519_dalek::VerifyingKey::from_bytes(public_key.try_into().unwrap()).unwrap();
        let signature = ed25519_dalek::Signature::from_bytes(signature.try_into().unwrap());
        key.verify_strict(message, &signature).unwrap();
    }
}

impl Oracle for Sr25519 {
    fn check(public_key: &[u8], message: &[u8], signature: &[u8]) {
        let key = schnorrkel::PublicKey::from_bytes(public_key).unwrap();
        let signature = schnorrkel::Signature::from_bytes(signature).unwrap();
        key.verify_simple(b"substrate", message, &signature).unwrap();
        assert!(key.verify_simple(b"elsewhere", message, &signature).is_err());
    }
}

/// z·G = R + c·PK (RFC 9591, appendix B), on the curve libraries of the other generation.
fn check_schnorr<C: SharingCurve>(
    public_key: &[u8],
    message: &[u8],
    signature: &[u8],
    challenge: impl FnOnce(&[u8]) -> C::Scalar,
) {
    use ff::PrimeField;
    let (r, z) = signature.split_at(signature.len() - 32);
    let mut repr = <C::Scalar as PrimeField>::Repr::default();
    repr.as_mut().copy_from_slice(z);
    let z = C::Scalar::from_repr(repr).unwrap();
    let c = challenge(&[r, public_key, message].concat());
    let point = |bytes| conclave_vss::decode_point::<C>(bytes).unwrap();
    let right: C::Group = point(r) + point(public_key) * c;
    assert_eq!((C::Group::generator() * z).to_bytes().as_ref(), right.to_bytes().as_ref());
}

impl Oracle for SchnorrRistretto255 {
    fn check(public_key: &[u8], message: &[u8], signature: &[u8]) {
        use sha2_010::{Digest, Sha512};
        assert_eq!(signature.len(), 64);
        check_schnorr::<conclave_vss::Ristretto255>(public_key, message, signature, |input| {
            let hash = Sha512::new().chain_update(b"FROST-RISTRETTO255-SHA512-v1chal").chain_update(input);
            curve25519_dalek::Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
        });
    }
}

impl Oracle for SchnorrSecp256k1 {
    fn check(public_key: &[u8], message: &[u8], signature: &[u8]) {
        assert_eq!(signature.len(), 65);
        check_schnorr::<conclave_vss::Secp256k1>(public_key, message, signature, |input| {
            conclave_vss::Secp256k1::hash_to_scalar(input, b"FROST-secp256k1-SHA256-v1chal")
        });
    }
}

impl Oracle for Bip340 {
    fn check(public_key: &[u8], message: &[u8], signature: &[u8]) {
        check_bip340(&public_key[1..], message, signature);
    }
}

impl Oracle for Bip340Taproot {
    fn check(public_key: &[u8], message: &[u8], signature: &[u8]) {
        check_bip340(&output_key(&public_key[1..]), message, signature);
    }
}

/// By k256, and by libsecp256k1 as Bitcoin has it.
fn check_bip340(key: &[u8], message: &[u8], signature: &[u8]) {
    let parsed = k256::schnorr::Signature::try_from(signature).unwrap();
    let verifier = k256::schnorr::VerifyingKey::from_slice(key).unwrap();
    verifier.verify_raw(message, &parsed).unwrap();
    if let Ok(message) = secp256k1::Message::from_digest_slice(message) {
        let signature = secp256k1::schnorr::Signature::from_slice(signature).unwrap();
        let key = secp256k1::XOnlyPublicKey::from_slice(key).unwrap();
        secp256k1::Secp256k1::verification_only().verify_schnorr(&signature, &message, &key).unwrap();
    }
}

/// The key of a taproot output without scripts, by libsecp256k1.
fn output_key(internal: &[u8]) -> [u8; 32] {
    use sha2_010::{Digest, Sha256};
    let tag = Sha256::digest(b"TapTweak");
    let hash = Sha256::new().chain_update(tag).chain_update(tag).chain_update(internal).finalize();
    let tweak = secp256k1::Scalar::from_be_bytes(hash.into()).unwrap();
    let internal = secp256k1::XOnlyPublicKey::from_slice(internal).unwrap();
    internal.add_tweak(&secp256k1::Secp256k1::verification_only(), &tweak).unwrap().0.serialize()
}

/// BIP-86, the vectors' internal and output keys: the oracle itself.
#[test]
fn output_keys_should_match_bip_86() {
    for (internal, output) in [
        (
            "cc8a4bc64d897bddc5fbc2f670f7a8ba0b386779106cf1223c6fc5d7cd6fc115",
            "a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c",
        ),
        (
            "83dfe85a3151d2517290da461fe2815591ef69f2b18a2ce63f01697a8b313145",
            "a82f29944d65b86ae6b5e5cc75e294ead6c59391a1edc5e016e3498c67fc7bbb",
        ),
    ] {
        assert_eq!(hex::encode(output_key(&hex::decode(internal).unwrap())), output);
    }
}

#[test]
fn the_vectors_of_bip_340_should_verify_as_they_say() {
    let file: Value = serde_json::from_str(include_str!("../../../../tests/vectors/bip340.json")).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 15);
    for vector in vectors {
        let (x, message) = (bytes(&vector["public_key"]), bytes(&vector["message"]));
        // The key is x only: both parities are the same key.
        for parity in [2, 3] {
            let key = [&[parity][..], &x].concat();
            let verified = Bip340::verify(&key, &message, &bytes(&vector["signature"]));
            assert_eq!(verified, vector["valid"].as_bool().unwrap(), "vector {}", vector["index"]);
        }
    }
}

/// A signature by schnorrkel itself verifies under our suite: challenge and encoding are the same.
#[test]
fn signatures_of_schnorrkel_should_verify() {
    let pair = schnorrkel::MiniSecretKey::from_bytes(&[7; 32])
        .unwrap()
        .expand_to_keypair(schnorrkel::ExpansionMode::Ed25519);
    let (key, signature) = (pair.public.to_bytes(), pair.sign_simple(b"substrate", b"a message").to_bytes());
    assert!(Sr25519::verify(&key, b"a message", &signature));
    assert!(!Sr25519::verify(&key, b"another", &signature));
    let unmarked = {
        let mut bytes = signature;
        bytes[63] &= 0x7f;
        bytes
    };
    assert!(!Sr25519::verify(&key, b"a message", &unmarked));
    let elsewhere = pair.sign_simple(b"elsewhere", b"a message").to_bytes();
    assert!(!Sr25519::verify(&key, b"a message", &elsewhere));
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

fn the_vector_should_come_out<S: Oracle>(vector: &str) {
    let vector: Value = serde_json::from_str(vector).unwrap();
    let (inputs, curve) = (&vector["inputs"], S::SCHEME.curve());
    let message = bytes(&inputs["message"]);
    let public_key = EncodedPoint::truncate_from(bytes(&inputs["verifying_key_key"]));
    let participant = |value: &Value| index(u8::try_from(value["identifier"].as_u64().unwrap()).unwrap());
    let secrets: BTreeMap<_, [u8; 32]> = inputs["participant_shares"]
        .as_array()
        .unwrap()
        .iter()
        .map(|share| (participant(share), bytes(&share["participant_share"]).try_into().unwrap()))
        .collect();
    let public_shares: BTreeMap<_, _> =
        secrets.iter().map(|(i, secret)| (*i, Key::public_of(curve, secret))).collect();
    let quorum = indices([1, 3]);

    let round_one = vector["round_one_outputs"]["outputs"].as_array().unwrap();
    let machines = round_one.iter().map(|output| {
        let i = participant(output);
        let secret = SecretScalar::from_bytes(secrets[&i]);
        let share = KeyShare::new(curve, i, 2, secret, public_key.clone(), public_shares.clone()).unwrap();
        let randomness =
            [bytes(&output["hiding_nonce_randomness"]), bytes(&output["binding_nonce_randomness"])].concat();
        let key = Arc::new(PreparedKey::<S>::new(&share).unwrap());
        let started = frost::Sign::start(&key, &quorum, &session("rfc"), &message, &mut Replay(randomness));
        (i, started.unwrap())
    });
    let round_two = vector["round_two_outputs"]["outputs"].as_array().unwrap();
    let outcomes = run(machines.collect(), |flight, from, _, payload| {
        // Beside them are 32 bytes of ours: the session before, the hash of the package after.
        if flight == 1 {
            let output = round_one.iter().find(|output| participant(output) == from).unwrap();
            let expected =
                [bytes(&output["hiding_nonce_commitment"]), bytes(&output["binding_nonce_commitment"])]
                    .concat();
            assert_eq!(payload[32..], expected, "commitments of {from:?}");
        } else {
            let output = round_two.iter().find(|output| participant(output) == from).unwrap();
            assert_eq!(payload[..32], bytes(&output["sig_share"]), "share of {from:?}");
        }
    });
    assert_eq!(outcomes.len(), 2);
    for outcome in outcomes.into_values() {
        let signature = outcome.must_be_done();
        assert_eq!(signature, bytes(&vector["final_output"]["sig"]));
        S::check(&public_key, &message, &signature);
    }
}

/// RFC 9591, appendix E.1.
#[test]
fn the_vector_of_the_rfc_for_ed25519_should_come_out() {
    the_vector_should_come_out::<Ed25519>(include_str!(
        "../../../../tests/vectors/frost-ed25519-sha512.json"
    ));
}

/// RFC 9591, appendix E.3.
#[test]
fn the_vector_of_the_rfc_for_ristretto255_should_come_out() {
    the_vector_should_come_out::<SchnorrRistretto255>(include_str!(
        "../../../../tests/vectors/frost-ristretto255-sha512.json"
    ));
}

/// RFC 9591, appendix E.5.
#[test]
fn the_vector_of_the_rfc_for_secp256k1_should_come_out() {
    the_vector_should_come_out::<SchnorrSecp256k1>(include_str!(
        "../../../../tests/vectors/frost-secp256k1-sha256.json"
    ));
}

#[test]
fn suites_over_one_curve_should_not_mix() {
    let key = Key::deal(Curve::Ristretto255, 2, 3, 37);
    let quorum = indices([1, 2]);
    let sr25519 = start::<Sr25519>(&key.share(index(1)), &quorum, &session("sign"), &MESSAGE, 1).unwrap();
    let (_, other) =
        start::<SchnorrRistretto255>(&key.share(index(2)), &quorum, &session("sign"), &MESSAGE, 2).unwrap();
    let received = BTreeMap::from([(index(2), other[0].payload.clone())]);
    let error = conclave_protocols::Machine::advance(sr25519.0, received, &mut rng(0)).unwrap_err();
    assert_eq!(error, ProtocolError::SessionMismatch { from: index(2) });
    assert_eq!(Sr25519::SCHEME, SchemeId::Sr25519);
}
