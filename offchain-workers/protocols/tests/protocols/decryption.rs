//! Sealed shares of decryption keys.

use bls12_381_plus::{G1Projective, G2Projective, Scalar};
use blsful::{inner_types, Bls12381G2Impl, Signature, SignatureSchemes};
use codec::{Decode, Encode};
use conclave_primitives::{
    Curve, DecryptionIdentity, DecryptionShare, EncodedPoint, KeysetId, OneTimeKey, ParticipantIndex,
    Purpose, RootKeyId, Sealed,
};
use conclave_protocols::{
    bls::decryption::{combine, verify_share, ClientKey, DecryptionKey, Statement},
    ProtocolError,
};
use conclave_vss::{Bls12381G1, Bls12381G2};
use ff::Field;
use group::GroupEncoding;
use std::collections::BTreeMap;

use crate::harness::{cofactor_point, index, indices, quorums, rng, Key};

const ROOT: RootKeyId = RootKeyId { curve: Curve::Bls12381G1, purpose: Purpose::Decrypt, index: 0 };
const MESSAGE: &[u8] = b"thirty-two bytes of a secret key";

/// A client's one-time secret, and what follows from it.
struct Client {
    secret: Scalar,
    key: OneTimeKey,
}

impl Client {
    fn new(seed: u64) -> Self {
        Self::of(Scalar::random(&mut rng(seed)))
    }

    fn of(secret: Scalar) -> Self {
        let in_g1 = (G1Projective::GENERATOR * secret).to_bytes().as_ref().try_into().unwrap();
        let in_g2 = (G2Projective::GENERATOR * secret).to_bytes().as_ref().try_into().unwrap();
        Self { secret, key: OneTimeKey { in_g1, in_g2 } }
    }

    /// ω − c·μ, as blsful's signature.
    fn open(&self, sealed: &Sealed) -> Signature<Bls12381G2Impl> {
        let opened = point(&sealed.omega) - point(&sealed.mu) * self.secret;
        Signature::try_from([&[2], opened.to_bytes().as_ref()].concat().as_slice()).unwrap()
    }
}

fn point(bytes: &[u8]) -> G2Projective {
    let mut repr = <G2Projective as GroupEncoding>::Repr::default();
    repr.as_mut().copy_from_slice(bytes);
    G2Projective::from_bytes(&repr).unwrap()
}

fn bytes(point: G2Projective) -> [u8; 96] {
    point.to_bytes().as_ref().try_into().unwrap()
}

fn identity() -> DecryptionIdentity {
    DecryptionIdentity::V1 { genesis: [1; 32], keyset: KeysetId(0), condition: [2; 32], binding: [3; 32] }
}

fn statement(key: &Key, identity: &DecryptionIdentity, client: &Client) -> Statement {
    Statement::new(key.public_key(), identity, &ClientKey::new(&client.key).unwrap()).unwrap()
}

fn member(key: &Key, i: u8) -> DecryptionKey {
    DecryptionKey::new(&ROOT, &key.share(index(i))).unwrap()
}

type Shares = BTreeMap<ParticipantIndex, Vec<u8>>;

fn shares(key: &Key, members: impl IntoIterator<Item = u8>, statement: &Statement) -> Shares {
    let mut rng = rng(70);
    let share = |i| (index(i), member(key, i).share(statement, &mut rng).unwrap().encode());
    members.into_iter().map(share).collect()
}

/// What blsful encrypts to the identity.
fn encrypt(key: &Key, identity: &DecryptionIdentity) -> blsful::TimeCryptCiphertext<Bls12381G2Impl> {
    let public = blsful::PublicKey::<Bls12381G2Impl>::try_from(key.public_key().as_slice()).unwrap();
    public.encrypt_time_lock(SignatureSchemes::ProofOfPossession, MESSAGE, identity.bytes()).unwrap()
}

#[test]
fn every_quorum_should_open_what_blsful_encrypted() {
    let (key, client) = (Key::deal(Curve::Bls12381G1, 3, 5, 80), Client::new(81));
    let lit = DecryptionIdentity::LitV7 { condition: [4; 32], plaintext: [5; 32] };
    for identity in [identity(), lit] {
        let (statement, ciphertext) = (statement(&key, &identity, &client), encrypt(&key, &identity));
        let all = shares(&key, 1..=5, &statement);
        let public = blsful::PublicKey::<Bls12381G2Impl>::try_from(key.public_key().as_slice()).unwrap();
        for quorum in quorums(3, 5) {
            let chosen =
                all.iter().filter(|(i, _)| quorum.contains(i)).map(|(i, s)| (*i, s.clone())).collect();
            let (sealed, wrong) = combine(&statement, &key.public_shares(), 3, &chosen).unwrap();
            assert!(wrong.is_empty());
            let opened = client.open(&sealed);
            opened.verify(&public, identity.bytes()).unwrap();
            assert_eq!(ciphertext.decrypt(&opened).unwrap(), MESSAGE);
            // Sealed: neither half is the key.
            for half in [&sealed.mu, &sealed.omega] {
                let half = Signature::try_from([&[2], half.as_slice()].concat().as_slice()).unwrap();
                assert!(bool::from(ciphertext.decrypt(&half).is_none()));
            }
            assert!(
                bool::from(ciphertext.decrypt(&Client::new(82).open(&sealed)).is_none()),
                "another client"
            );
        }
    }
}

/// A share of ours, opened, is the one that blsful makes with the same key share.
#[test]
fn opened_shares_should_be_those_of_blsful() {
    use blsful::vsss_rs::{IdentifierPrimeField, Share};
    type Inner = <Bls12381G2Impl as blsful::Pairing>::SecretKeyShare;

    let (key, client) = (Key::deal(Curve::Bls12381G1, 2, 3, 83), Client::new(84));
    let statement = statement(&key, &identity(), &client);
    let scalar = |i: u8| {
        let bytes = *key.share(index(i)).secret().as_bytes();
        IdentifierPrimeField(inner_types::Scalar::from_le_bytes(&bytes).unwrap())
    };
    let theirs: Vec<_> = [1, 3]
        .map(|i| {
            let id = IdentifierPrimeField(inner_types::Scalar::from(u64::from(i)));
            let secret = Inner::with_identifier_and_value(id, scalar(i));
            let share = blsful::SecretKeyShare::<Bls12381G2Impl>(secret);
            share.sign(SignatureSchemes::ProofOfPossession, identity().bytes()).unwrap()
        })
        .into();
    let combined = Signature::from_shares(&theirs).unwrap();
    let ours = shares(&key, [1, 3], &statement);
    let (sealed, _) = combine(&statement, &key.public_shares(), 2, &ours).unwrap();
    assert_eq!(client.open(&sealed), combined);
    for (share, theirs) in ours.values().zip(&theirs) {
        let share = DecryptionShare::decode(&mut &share[..]).unwrap();
        let opened: Vec<u8> = Vec::try_from(&client.open(&share.sealed)).unwrap();
        let theirs: Vec<u8> = Vec::try_from(theirs).unwrap();
        assert_eq!(opened[1..], theirs[theirs.len() - 96..]);
    }
}

#[test]
fn shares_should_differ_each_time_and_open_to_the_same() {
    let (key, client) = (Key::deal(Curve::Bls12381G1, 2, 3, 85), Client::new(86));
    let statement = statement(&key, &identity(), &client);
    let (member, mut rng) = (member(&key, 1), rng(87));
    let [one, two] = [(); 2].map(|()| member.share(&statement, &mut rng).unwrap());
    assert_ne!(one.sealed, two.sealed);
    assert_eq!(client.open(&one.sealed), client.open(&two.sealed));
    assert_eq!(format!("{member:?}"), "DecryptionKey { #1, <redacted> }");
}

/// Ways to be wrong, each of which the tests below apply to the share of member 2.
fn wrong_shares(key: &Key, client: &Client) -> Vec<(&'static str, Vec<u8>)> {
    let right = statement(key, &identity(), client);
    let good = member(key, 2).share(&right, &mut rng(90)).unwrap();
    let with = |change: &dyn Fn(&mut DecryptionShare)| {
        let mut share = good;
        change(&mut share);
        share.encode()
    };
    let DecryptionIdentity::V1 { keyset, condition, binding, .. } = identity() else { unreachable!() };
    let other_chain = DecryptionIdentity::V1 { genesis: [9; 32], keyset, condition, binding };
    let relabelled = |other: &Statement, from: u8| {
        let mut share = member(key, from).share(other, &mut rng(91)).unwrap();
        share.statement = *right.hash();
        share.encode()
    };
    let mut infinity = [0; 96];
    infinity[0] = 0xc0;
    let (generator, outside) = (G2Projective::GENERATOR, cofactor_point::<Bls12381G2>());
    vec![
        ("empty", Vec::new()),
        ("too short", good.encode()[..DecryptionShare::BYTES - 1].to_vec()),
        ("too long", [good.encode(), vec![0]].concat()),
        (
            "of another statement",
            member(key, 2).share(&statement(key, &other_chain, client), &mut rng(92)).unwrap().encode(),
        ),
        ("of another chain's identity", relabelled(&statement(key, &other_chain, client), 2)),
        ("for another client", relabelled(&statement(key, &identity(), &Client::new(93)), 2)),
        ("of another member", relabelled(&right, 3)),
        ("μ is no point", with(&|share| share.sealed.mu = [0xff; 96])),
        ("ω is no point", with(&|share| share.sealed.omega = [0xff; 96])),
        ("μ at infinity", with(&|share| share.sealed.mu = infinity)),
        ("ω at infinity", with(&|share| share.sealed.omega = infinity)),
        ("μ and ω exchanged", with(&|share| std::mem::swap(&mut share.sealed.mu, &mut share.sealed.omega))),
        ("ω moved", with(&|share| share.sealed.omega = bytes(point(&share.sealed.omega) + generator))),
        ("μ moved", with(&|share| share.sealed.mu = bytes(point(&share.sealed.mu) + generator))),
        (
            "ω off the subgroup",
            with(&|share| share.sealed.omega = bytes(point(&share.sealed.omega) + outside)),
        ),
        ("μ off the subgroup", with(&|share| share.sealed.mu = bytes(point(&share.sealed.mu) + outside))),
        ("ω negated", with(&|share| share.sealed.omega = bytes(-point(&share.sealed.omega)))),
        ("not sealed", {
            let share = DecryptionShare { sealed: Sealed { mu: good.sealed.mu, omega: infinity }, ..good };
            let mut share = share;
            let opened: Vec<u8> = Vec::try_from(&client.open(&good.sealed)).unwrap();
            share.sealed.omega.copy_from_slice(&opened[1..]);
            share.encode()
        }),
    ]
}

#[test]
fn wrong_shares_should_be_left_out_and_named() {
    let (key, client) = (Key::deal(Curve::Bls12381G1, 3, 5, 94), Client::new(95));
    let statement = statement(&key, &identity(), &client);
    let (public, good) = (key.public_shares(), shares(&key, 1..=5, &statement));
    for (from, share) in &good {
        assert_eq!(verify_share(&statement, *from, &public[from], share), Ok(()));
    }
    for (what, share) in wrong_shares(&key, &client) {
        let judged = verify_share(&statement, index(2), &public[&index(2)], &share).unwrap_err();
        assert_eq!(judged.culprits(), indices([2]), "{what}");
        let mut bad = good.clone();
        bad.insert(index(2), share);
        let (sealed, wrong) = combine(&statement, &public, 3, &bad).unwrap();
        assert_eq!(wrong, indices([2]), "{what}");
        assert_eq!(encrypt(&key, &identity()).decrypt(&client.open(&sealed)).unwrap(), MESSAGE, "{what}");
        // With it there are not enough.
        bad.retain(|from, _| from.get() <= 3);
        let error = combine(&statement, &public, 3, &bad).unwrap_err();
        assert_eq!(error, ProtocolError::InvalidDecryptionShares { from: indices([2]) }, "{what}");
    }
}

/// Of points outside of the group the equations say nothing: they are refused before.
#[test]
fn points_off_the_subgroup_should_be_refused_for_what_they_are() {
    let (key, client) = (Key::deal(Curve::Bls12381G1, 3, 5, 94), Client::new(95));
    let (statement, public) = (statement(&key, &identity(), &client), key.public_shares());
    for (what, reason) in [("μ off the subgroup", "μ is no point"), ("ω off the subgroup", "ω is no point")]
    {
        let wrong = wrong_shares(&key, &client).into_iter().find(|(name, _)| *name == what).unwrap();
        let error = verify_share(&statement, index(2), &public[&index(2)], &wrong.1).unwrap_err();
        assert_eq!(error, ProtocolError::Malformed { from: index(2), reason });
    }
}

/// Two wrong shares whose errors cancel out in every sum are as good as right ones; no single one can be.
#[test]
fn fewer_than_t_should_open_nothing() {
    let (key, client) = (Key::deal(Curve::Bls12381G1, 3, 5, 96), Client::new(97));
    let statement = statement(&key, &identity(), &client);
    let (public, mut few) = (key.public_shares(), shares(&key, 1..=2, &statement));
    let error = combine(&statement, &public, 3, &few).unwrap_err();
    assert_eq!(error, ProtocolError::TooFewShares { got: 2, needed: 3 });
    assert!(error.culprits().is_empty());
    // Also not under a lower threshold, nor with one share under two names.
    assert_eq!(combine(&statement, &public, 2, &few).unwrap_err(), ProtocolError::InconsistentShares);
    few.insert(index(3), few[&index(2)].clone());
    assert_eq!(combine(&statement, &public, 3, &few).unwrap_err().culprits(), indices([3]));
    let invalid = ProtocolError::InvalidKeyShare { reason: "threshold not in 2..=n" };
    for threshold in [0, 1, 6] {
        assert_eq!(combine(&statement, &public, threshold, &few).unwrap_err(), invalid);
    }
    few.insert(index(9), few[&index(2)].clone());
    let unknown = ProtocolError::UnknownParticipant { participant: index(9) };
    assert_eq!(combine(&statement, &public, 3, &few).unwrap_err(), unknown);
}

/// Every single bit of a share.
#[test]
fn every_flipped_bit_of_a_share_should_be_refused() {
    let (key, client) = (Key::deal(Curve::Bls12381G1, 2, 3, 98), Client::new(99));
    let statement = statement(&key, &identity(), &client);
    let public = key.public_shares();
    let good = member(&key, 2).share(&statement, &mut rng(1)).unwrap().encode();
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        assert!(verify_share(&statement, index(2), &public[&index(2)], &bad).is_err(), "bit {bit}");
    }
}

/// A one-time key's fault is the client's: no member is named, and none answers.
#[test]
fn bad_one_time_keys_should_be_refused() {
    let [one, two] = [Client::new(2).key, Client::new(3).key];
    let (mut g1_infinity, mut g2_infinity) = ([0; 48], [0; 96]);
    (g1_infinity[0], g2_infinity[0]) = (0xc0, 0xc0);
    let outside_g1 = cofactor_point::<Bls12381G1>().to_compressed();
    let outside_g2 = bytes(cofactor_point::<Bls12381G2>());
    for (key, reason) in [
        (OneTimeKey { in_g2: two.in_g2, ..one }, "halves of different secrets"),
        (OneTimeKey { in_g1: g1_infinity, ..one }, "half in G1 is no point"),
        (OneTimeKey { in_g2: g2_infinity, ..one }, "half in G2 is no point"),
        (OneTimeKey { in_g1: g1_infinity, in_g2: g2_infinity }, "half in G1 is no point"),
        (OneTimeKey { in_g1: outside_g1, ..one }, "half in G1 is no point"),
        (OneTimeKey { in_g2: outside_g2, ..one }, "half in G2 is no point"),
        (OneTimeKey { in_g1: [0xff; 48], ..one }, "half in G1 is no point"),
    ] {
        let error = ClientKey::new(&key).unwrap_err();
        assert_eq!(error, ProtocolError::InvalidOneTimeKey { reason });
        assert!(error.culprits().is_empty());
    }
}

/// A key made from an honest client's passes its check, and opens nothing for who made it.
#[test]
fn a_rogue_key_should_open_nothing() {
    let (key, honest) = (Key::deal(Curve::Bls12381G1, 2, 3, 4), Client::new(5));
    let factor = Scalar::from(7u64);
    let rogue = Client::of(honest.secret * factor);
    let known = Client { secret: factor, key: rogue.key };
    let statement = statement(&key, &identity(), &known);
    let (sealed, _) = combine(&statement, &key.public_shares(), 2, &shares(&key, 1..=2, &statement)).unwrap();
    let ciphertext = encrypt(&key, &identity());
    assert!(bool::from(ciphertext.decrypt(&known.open(&sealed)).is_none()));
    assert_eq!(ciphertext.decrypt(&rogue.open(&sealed)).unwrap(), MESSAGE);
}

#[test]
fn only_decrypt_roots_should_make_shares() {
    let key = Key::deal(Curve::Bls12381G1, 2, 3, 6);
    for purpose in [Purpose::Sign, Purpose::Result] {
        let error = DecryptionKey::new(&RootKeyId { purpose, ..ROOT }, &key.share(index(1))).unwrap_err();
        assert_eq!(error, ProtocolError::WrongPurpose { got: purpose, expected: Purpose::Decrypt });
    }
    let elsewhere = RootKeyId { curve: Curve::Bls12381G2, ..ROOT };
    let error = DecryptionKey::new(&elsewhere, &key.share(index(1))).unwrap_err();
    assert_eq!(error, ProtocolError::WrongCurve { got: Curve::Bls12381G1, expected: Curve::Bls12381G2 });
    let other = Key::deal(Curve::Bls12381G2, 2, 3, 6);
    let error = DecryptionKey::new(&elsewhere, &other.share(index(1))).unwrap_err();
    assert_eq!(error, ProtocolError::WrongCurve { got: Curve::Bls12381G2, expected: Curve::Bls12381G1 });

    // A statement under another key than the member's.
    let statement = statement(&Key::deal(Curve::Bls12381G1, 2, 3, 7), &identity(), &Client::new(8));
    let error = member(&key, 1).share(&statement, &mut rng(9)).unwrap_err();
    assert_eq!(error, ProtocolError::InvalidKeyShare { reason: "not of the statement's public key" });
    let client = ClientKey::new(&Client::new(8).key).unwrap();
    let error = Statement::new(&EncodedPoint::default(), &identity(), &client).unwrap_err();
    assert_eq!(error, ProtocolError::InvalidKeyShare { reason: "public key is no point" });
}
