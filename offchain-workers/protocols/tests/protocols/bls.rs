//! BLS.

use conclave_primitives::{Curve, EncodedPoint, ParticipantIndex, SessionId};
use conclave_protocols::{
    bls::{self, combine, BlsG1, BlsG2, BlsSuite, PreparedKey},
    KeyShare, Outgoing, ProtocolError,
};
use conclave_schemes::BlsSignature;
use conclave_vss::{decode_point, Bls12381G2, SharingCurve};
use core::marker::PhantomData;
use group::GroupEncoding;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    harness::{cofactor_point, index, indices, run, session, Key},
    suite::{scheme_tests, Scheme},
};

/// A suite with its verifiers: other code than ours.
trait Oracle: BlsSuite {
    fn check(public_key: &[u8], message: &[u8], signature: &[u8]);

    /// The signature by the secret itself, by other code: BLS is deterministic.
    fn sign(secret: &[u8; 32], message: &[u8]) -> Vec<u8>;
}

struct Bls<B>(PhantomData<B>);

impl<B: Oracle> Scheme for Bls<B> {
    type Sign = bls::Sign<B>;
    const CURVE: Curve = B::SCHEME.curve();
    const FLIGHTS: usize = 1;

    fn ready(_n: u8) -> Self {
        Self(PhantomData)
    }

    fn start(
        &self,
        share: &KeyShare,
        quorum: &BTreeSet<ParticipantIndex>,
        session: &SessionId,
        message: &[u8; 32],
    ) -> Result<(Self::Sign, Vec<Outgoing>), ProtocolError> {
        bls::Sign::start(&Arc::new(PreparedKey::new(share)?), quorum, session, message)
    }

    fn verify(public_key: &[u8], message: &[u8; 32], output: Vec<u8>) {
        B::check(public_key, message, &output);
        assert!(B::verify(public_key, message, &output));
        assert!(!B::verify(public_key, b"another", &output));
    }

    fn check_wrong_share(error: ProtocolError, guilty: ParticipantIndex) {
        assert_eq!(error, ProtocolError::InvalidSignatureShares { from: BTreeSet::from([guilty]) });
        assert_eq!(error.culprits(), BTreeSet::from([guilty]));
    }
}

scheme_tests! {
    bls_g2: Bls<BlsG2>, 100;
    bls_g1: Bls<BlsG1>, 100;
}

/// Writes an oracle: blst (assembly, another library) and blsful (Lit's).
macro_rules! oracle {
    ($suite:ty, $blst:ident, $dst:literal, $blsful:ty) => {
        impl Oracle for $suite {
            fn check(public_key: &[u8], message: &[u8], signature: &[u8]) {
                let key = blst::$blst::PublicKey::key_validate(public_key).unwrap();
                let parsed = blst::$blst::Signature::sig_validate(signature, true).unwrap();
                let verdict = parsed.verify(true, message, $dst, &[], &key, true);
                assert_eq!(verdict, blst::BLST_ERROR::BLST_SUCCESS);

                let key = blsful::PublicKey::<$blsful>::try_from(public_key).unwrap();
                let tagged = [&[2], signature].concat();
                let parsed = blsful::Signature::<$blsful>::try_from(tagged.as_slice()).unwrap();
                assert!(matches!(parsed, blsful::Signature::ProofOfPossession(_)));
                parsed.verify(&key, message).unwrap();
            }

            fn sign(secret: &[u8; 32], message: &[u8]) -> Vec<u8> {
                let big_endian: Vec<u8> = secret.iter().rev().copied().collect();
                let secret = blst::$blst::SecretKey::from_bytes(&big_endian).unwrap();
                secret.sign(message, $dst, &[]).compress().to_vec()
            }
        }
    };
}

oracle!(BlsG2, min_pk, b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_", blsful::Bls12381G2Impl);
oracle!(BlsG1, min_sig, b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_", blsful::Bls12381G1Impl);

/// Shares of all n by other code, as a hash and a secret say.
fn shares<B: Oracle>(key: &Key, n: u8, message: &[u8]) -> BTreeMap<ParticipantIndex, Vec<u8>> {
    (1..=n).map(|i| (index(i), B::sign(key.share(index(i)).secret().as_bytes(), message))).collect()
}

/// Wrong shares among more than t are left out and named; with fewer than t right ones there is no signature.
fn wrong_shares_should_be_left_out_and_named<B: Oracle>() {
    let (key, message) = (Key::deal(B::SCHEME.curve(), 3, 6, 60), b"combine me");
    let good = shares::<B>(&key, 6, message);
    let combined =
        |shares: &BTreeMap<_, _>| combine::<B>(key.public_key(), &key.public_shares(), 3, message, shares);
    let (signature, wrong) = combined(&good).unwrap();
    B::check(key.public_key(), message, &signature);
    assert!(wrong.is_empty());

    // The share of another message, of another member, and bytes that are no point.
    let mut bad = good.clone();
    bad.insert(index(1), B::sign(key.share(index(1)).secret().as_bytes(), b"another"));
    bad.insert(index(2), good[&index(6)].clone());
    bad.insert(index(4), vec![0xff; B::SIGNATURE_BYTES]);
    let (same, wrong) = combined(&bad).unwrap();
    assert_eq!((same, wrong), (signature.clone(), indices([1, 2, 4])));

    bad.remove(&index(3));
    let error = combined(&bad).unwrap_err();
    assert_eq!(error, ProtocolError::InvalidSignatureShares { from: indices([1, 2, 4]) });
    // The identity is a share of nothing.
    let mut identity = vec![0; B::SIGNATURE_BYTES];
    identity[0] = 0xc0;
    bad.insert(index(3), identity);
    assert_eq!(combined(&bad).unwrap_err().culprits(), indices([1, 2, 3, 4]));
    assert_eq!(combined(&BTreeMap::new()).unwrap_err(), ProtocolError::SignatureRejected);
}

#[test]
fn wrong_shares_in_g2_should_be_left_out_and_named() {
    wrong_shares_should_be_left_out_and_named::<BlsG2>();
}

#[test]
fn wrong_shares_in_g1_should_be_left_out_and_named() {
    wrong_shares_should_be_left_out_and_named::<BlsG1>();
}

/// A share with a point added that is outside of the group. In G1 every pairing says that it is right, and so would be the
/// signature, which other verifiers refuse; what the pairing says of G2 is left to chance.
fn off_subgroup<B: BlsSuite>(share: &[u8]) -> BlsSignature<B> {
    decode_point::<B::Signatures>(share).unwrap() + cofactor_point::<B::Signatures>()
}

fn encoded<C: SharingCurve>(point: C::Group) -> Vec<u8> {
    point.to_bytes().as_ref().to_vec()
}

#[test]
fn no_pairing_should_tell_shares_off_the_subgroup_of_g1() {
    let (key, message) = (Key::deal(Curve::Bls12381G2, 2, 3, 62), b"combine me");
    let own = decode_point::<Bls12381G2>(&key.public_shares()[&index(2)]).unwrap();
    let share = off_subgroup::<BlsG1>(&shares::<BlsG1>(&key, 3, message)[&index(2)]);
    assert!(BlsG1::pairs(&own, &BlsG1::hash(message), &share), "or the tests below test nothing");
}

fn a_share_off_the_subgroup_should_name_its_sender<B: Oracle>() {
    let (key, message) = (Key::deal(B::SCHEME.curve(), 2, 3, 62), b"combine me");
    let start = |i: u8| {
        let prepared = Arc::new(PreparedKey::<B>::new(&key.share(index(i))).unwrap());
        (index(i), bls::Sign::start(&prepared, &indices([1, 2]), &session("sign"), message).unwrap())
    };
    let mut outcomes = run([start(1), start(2)].into(), |_, from, _, payload| {
        if from == index(2) {
            let share = encoded::<B::Signatures>(off_subgroup::<B>(&payload[32..]));
            payload.splice(32.., share);
        }
    });
    let error = outcomes.remove(&index(1)).unwrap().must_have_failed();
    assert_eq!(error, ProtocolError::Malformed { from: index(2), reason: "share is no point" });
    assert_eq!(error.culprits(), indices([2]));
}

#[test]
fn a_share_off_the_subgroup_of_g2_should_name_its_sender() {
    a_share_off_the_subgroup_should_name_its_sender::<BlsG2>();
}

#[test]
fn a_share_off_the_subgroup_of_g1_should_name_its_sender() {
    a_share_off_the_subgroup_should_name_its_sender::<BlsG1>();
}

fn shares_off_the_subgroup_should_be_left_out_and_named<B: Oracle>() {
    let (key, message) = (Key::deal(B::SCHEME.curve(), 2, 3, 62), b"combine me");
    let (good, public) = (shares::<B>(&key, 3, message), key.public_shares());
    let combined = |shares: &BTreeMap<_, _>| combine::<B>(key.public_key(), &public, 2, message, shares);
    let mut bad = good.clone();
    bad.insert(index(2), encoded::<B::Signatures>(off_subgroup::<B>(&good[&index(2)])));
    let (signature, wrong) = combined(&bad).unwrap();
    B::check(key.public_key(), message, &signature);
    assert_eq!(wrong, indices([2]));
    // Nobody is left to take its place.
    bad.remove(&index(3));
    assert_eq!(combined(&bad).unwrap_err().culprits(), indices([2]));

    assert!(!B::verify(key.public_key(), message, &encoded::<B::Signatures>(off_subgroup::<B>(&signature))));
    let outside = decode_point::<B::Keys>(key.public_key()).unwrap() + cofactor_point::<B::Keys>();
    let outside = EncodedPoint::truncate_from(encoded::<B::Keys>(outside));
    assert!(!B::verify(&outside, message, &signature));
    let error = combine::<B>(&outside, &public, 2, message, &good).unwrap_err();
    assert_eq!(error, ProtocolError::InvalidKeyShare { reason: "public key is no point" });
}

#[test]
fn shares_off_the_subgroup_of_g2_should_be_left_out_and_named() {
    shares_off_the_subgroup_should_be_left_out_and_named::<BlsG2>();
}

#[test]
fn shares_off_the_subgroup_of_g1_should_be_left_out_and_named() {
    shares_off_the_subgroup_should_be_left_out_and_named::<BlsG1>();
}

/// The threshold signature is the one that blst makes with the whole secret, also of messages of any length.
fn signatures_should_be_those_of_the_whole_secret<B: Oracle>() {
    // f(0) of a line through two shares.
    let key = Key::deal(B::SCHEME.curve(), 2, 3, 61);
    let secret = {
        use ff::PrimeField;
        let scalar = |i| bls12_381_plus::Scalar::from_repr(*key.share(index(i)).secret().as_bytes()).unwrap();
        let [one, two] = [scalar(1), scalar(2)];
        (one + one - two).to_le_bytes()
    };
    for length in [0, 1, 32, 10_000] {
        let message = vec![0x5a; length];
        let start = |i: u8| {
            let prepared = Arc::new(PreparedKey::<B>::new(&key.share(index(i))).unwrap());
            (index(i), bls::Sign::start(&prepared, &indices([2, 3]), &session("sign"), &message).unwrap())
        };
        for outcome in run([start(2), start(3)].into(), |_, _, _, _| ()).into_values() {
            assert_eq!(outcome.must_be_done(), B::sign(&secret, &message));
        }
    }
}

#[test]
fn signatures_in_g2_should_be_those_of_the_whole_secret() {
    signatures_should_be_those_of_the_whole_secret::<BlsG2>();
}

#[test]
fn signatures_in_g1_should_be_those_of_the_whole_secret() {
    signatures_should_be_those_of_the_whole_secret::<BlsG1>();
}
