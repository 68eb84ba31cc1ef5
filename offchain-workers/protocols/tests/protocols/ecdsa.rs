//! DKLs23.

use conclave_primitives::{Curve, ParticipantIndex, SessionId};
use conclave_protocols::{
    ecdsa::{Dkls23, EcdsaBackend, EcdsaCurve, EcdsaSignature, PairState, Sign},
    KeyShare, Outgoing, ProtocolError,
};
use k256::Secp256k1;
use p256::NistP256;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use crate::{
    harness::{deal_pairs, index, indices, quorums, rng, run, session, set_up, Key, Pairs},
    suite::{scheme_tests, Scheme},
};

/// With dealt OT states: the suite is about signing.
struct Ecdsa<C: Oracle>(&'static BTreeMap<ParticipantIndex, Pairs<C>>);

/// A curve with what only its tests know.
trait Oracle: EcdsaCurve + Send + Sync {
    fn dealt() -> &'static BTreeMap<ParticipantIndex, Pairs<Self>>;

    /// The public key that a 65-byte signature recovers to, by the curve's library.
    fn recover_key(digest: &[u8; 32], signature: &[u8; 65]) -> Vec<u8>;

    /// The curve's order.
    const GROUP_ORDER: &str;
}

/// Writes an oracle: curve, its library, its order.
macro_rules! oracle {
    ($curve:ty, $library:ident, $order:expr) => {
        impl Oracle for $curve {
            const GROUP_ORDER: &str = $order;

            fn dealt() -> &'static BTreeMap<ParticipantIndex, Pairs<Self>> {
                static DEALT: OnceLock<BTreeMap<ParticipantIndex, Pairs<$curve>>> = OnceLock::new();
                DEALT.get_or_init(|| deal_pairs(10))
            }

            fn recover_key(digest: &[u8; 32], signature: &[u8; 65]) -> Vec<u8> {
                use $library::ecdsa::{
                    signature::hazmat::PrehashVerifier, RecoveryId, Signature, VerifyingKey,
                };
                let parsed = Signature::from_slice(&signature[..64]).unwrap();
                assert_eq!(parsed.normalize_s(), parsed, "s is not low");
                assert!(signature[64] < 2);
                let id = RecoveryId::from_byte(signature[64]).unwrap();
                let key = VerifyingKey::recover_from_prehash(digest, &parsed, id).unwrap();
                key.verify_prehash(digest, &parsed).unwrap();
                key.to_sec1_point(true).as_bytes().to_vec()
            }
        }
    };
}

oracle!(Secp256k1, k256, "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
oracle!(NistP256, p256, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

impl<C: Oracle> Scheme for Ecdsa<C> {
    type Sign = Sign<C>;
    const CURVE: Curve = C::CURVE;
    const FLIGHTS: usize = 3;

    fn ready(n: u8) -> Self {
        assert!(n <= 10);
        Self(C::dealt())
    }

    fn start(
        &self,
        share: &KeyShare,
        quorum: &BTreeSet<ParticipantIndex>,
        session: &SessionId,
        message: &[u8; 32],
    ) -> Result<(Self::Sign, Vec<Outgoing>), ProtocolError> {
        Dkls23::<C>::start_sign(share, &self.0[&share.index()], quorum, session, message, &mut rng(0))
    }

    fn verify(public_key: &[u8], message: &[u8; 32], output: EcdsaSignature) {
        assert_eq!(C::recover_key(message, &output.to_bytes()), public_key);
    }

    fn check_wrong_share(error: ProtocolError, _guilty: ParticipantIndex) {
        assert_eq!(error, ProtocolError::InconsistentShares);
        assert!(error.culprits().is_empty());
    }
}

scheme_tests! {
    secp256k1: Ecdsa<Secp256k1>, 120;
    secp256r1: Ecdsa<NistP256>, 40;
}

fn dealt() -> &'static BTreeMap<ParticipantIndex, Pairs> {
    Secp256k1::dealt()
}

const DIGEST: [u8; 32] = [0x5a; 32];

fn start(share: &KeyShare, pairs: &Pairs, quorum: &BTreeSet<ParticipantIndex>) -> Started {
    Sign::start(share, pairs, quorum, &session("sign"), &DIGEST, &mut rng(0))
}

type Started = Result<(Sign<Secp256k1>, Vec<Outgoing>), ProtocolError>;

fn start_all(
    key: &Key,
    pairs: &BTreeMap<ParticipantIndex, Pairs>,
    quorum: &BTreeSet<ParticipantIndex>,
) -> BTreeMap<ParticipantIndex, (Sign<Secp256k1>, Vec<Outgoing>)> {
    quorum.iter().map(|i| (*i, start(&key.share(*i), &pairs[i], quorum).unwrap())).collect()
}

/// The whole of it: set-up by the protocol, stored and read back, every quorum, two root keys and a
/// derived one on the same set-up.
fn pairs_should_sign_after_a_restart_with_any_key<C: Oracle>() {
    let mut pairs = set_up::<C>(4);
    for mine in pairs.values_mut() {
        for pair in mine.values_mut() {
            let bytes = Dkls23::<C>::pair_to_bytes(pair).unwrap();
            *pair = Dkls23::<C>::pair_from_bytes(&bytes).unwrap();
        }
    }
    let roots = [Key::deal(C::CURVE, 3, 4, 40), Key::deal(C::CURVE, 3, 4, 41)];
    let derived = Key::derive([&roots[0], &roots[1]], conclave_primitives::PkpId([9; 32]));
    for key in roots.iter().chain([&derived]) {
        for quorum in quorums(3, 4) {
            let start = |i: &ParticipantIndex| {
                Sign::start(&key.share(*i), &pairs[i], &quorum, &session("sign"), &DIGEST, &mut rng(0))
                    .unwrap()
            };
            let machines = quorum.iter().map(|i| (*i, start(i))).collect();
            for outcome in run(machines, |_, _, _, _| ()).into_values() {
                Ecdsa::<C>::verify(key.public_key(), &DIGEST, outcome.must_be_done());
            }
        }
    }
}

#[test]
fn pairs_on_secp256k1_should_sign_after_a_restart_with_any_key() {
    pairs_should_sign_after_a_restart_with_any_key::<Secp256k1>();
}

#[test]
fn pairs_on_secp256r1_should_sign_after_a_restart_with_any_key() {
    pairs_should_sign_after_a_restart_with_any_key::<NistP256>();
}

#[test]
fn both_recovery_ids_should_come_out() {
    let key = Key::deal(Curve::Secp256k1, 2, 3, 42);
    let quorum = indices([1, 3]);
    let mut seen = BTreeSet::new();
    for _ in 0..64 {
        let mut outcomes = run(start_all(&key, dealt(), &quorum), |_, _, _, _| ());
        let signature = outcomes.remove(&index(1)).unwrap().must_be_done();
        Ecdsa::<Secp256k1>::verify(key.public_key(), &DIGEST, signature);
        assert_eq!(outcomes.remove(&index(3)).unwrap().must_be_done(), signature);
        seen.insert(signature.recovery_id);
        if seen.len() == 2 {
            return;
        }
    }
    panic!("only {seen:?} in 64 signatures");
}

fn a_digest_that_is_zero_in_the_field_should_be_refused<C: Oracle>() {
    let key = Key::deal(C::CURVE, 2, 3, 43);
    let order: [u8; 32] = hex::decode(C::GROUP_ORDER).unwrap().try_into().unwrap();
    let mut above = order;
    above[31] += 1;
    let quorum = indices([1, 2]);
    let start = |digest| {
        let (share, pairs) = (key.share(index(1)), &C::dealt()[&index(1)]);
        Sign::<C>::start(&share, pairs, &quorum, &session("sign"), &digest, &mut rng(0)).map(|_| ())
    };
    assert_eq!(start([0; 32]), Err(ProtocolError::ZeroDigest));
    assert_eq!(start(order), Err(ProtocolError::ZeroDigest));
    assert_eq!(start(above), Ok(()));
    assert_eq!(start([0xff; 32]), Ok(()));
}

#[test]
fn a_digest_that_is_zero_should_be_refused_on_secp256k1() {
    a_digest_that_is_zero_in_the_field_should_be_refused::<Secp256k1>();
}

#[test]
fn a_digest_that_is_zero_should_be_refused_on_secp256r1() {
    a_digest_that_is_zero_in_the_field_should_be_refused::<NistP256>();
}

#[test]
fn a_digest_above_the_order_should_be_signed() {
    let key = Key::deal(Curve::Secp256k1, 2, 3, 44);
    let quorum = indices([1, 2]);
    let digest = [0xff; 32];
    let machines = [1, 2].map(|i| {
        let i = index(i);
        (
            i,
            Sign::start(&key.share(i), &dealt()[&i], &quorum, &session("sign"), &digest, &mut rng(0))
                .unwrap(),
        )
    });
    for outcome in run(machines.into(), |_, _, _, _| ()).into_values() {
        Ecdsa::<Secp256k1>::verify(key.public_key(), &digest, outcome.must_be_done());
    }
}

#[test]
fn a_missing_or_foreign_pair_should_be_refused() {
    let key = Key::deal(Curve::Secp256k1, 2, 3, 45);
    let quorum = indices([1, 2]);
    let error = start(&key.share(index(1)), &Pairs::new(), &quorum).map(|_| ()).unwrap_err();
    assert_eq!(error, ProtocolError::MissingPair { counterparty: index(2) });
    // The state of 3 with 2, under the name of 1 with 2.
    let foreign = PairState::from_bytes(&dealt()[&index(3)][&index(2)].to_bytes().unwrap()).unwrap();
    let error = start(&key.share(index(1)), &[(index(2), foreign)].into(), &quorum).map(|_| ()).unwrap_err();
    assert_eq!(error, ProtocolError::InvalidPairState { reason: "of another pair" });
}

/// As after a crash of one side: 1 holds another set-up with 2 than 2 does.
#[test]
fn pairs_of_different_set_ups_should_be_told_from_cheating() {
    let key = Key::deal(Curve::Secp256k1, 2, 3, 46);
    let quorum = indices([1, 2]);
    let other = deal_pairs::<Secp256k1>(2);
    let mut bytes = other[&index(1)][&index(2)].to_bytes().unwrap();
    bytes[4] ^= 1;
    let out_of_step: Pairs = [(index(2), PairState::from_bytes(&bytes).unwrap())].into();
    let machines = [
        (index(1), start(&key.share(index(1)), &out_of_step, &quorum).unwrap()),
        (index(2), start(&key.share(index(2)), &dealt()[&index(2)], &quorum).unwrap()),
    ];
    for (me, outcome) in run(machines.into(), |_, _, _, _| ()) {
        let counterparty = index(3 - me.get());
        let error = outcome.must_have_failed();
        assert_eq!(error, ProtocolError::PairOutOfStep { counterparty });
        assert!(error.culprits().is_empty() && error.bans().is_empty());
    }
}

/// A retry under the same session id, in which messages of the first try turn up.
#[test]
fn a_message_of_an_earlier_try_should_not_be_taken_for_cheating() {
    let key = Key::deal(Curve::Secp256k1, 2, 3, 48);
    let quorum = indices([1, 2]);
    for stale in 1..=2 {
        let mut earlier = Vec::new();
        run(start_all(&key, dealt(), &quorum), |flight, from, _, payload| {
            if (flight, from.get()) == (stale, 2) {
                earlier.clone_from(payload);
            }
        });
        let mut outcomes = run(start_all(&key, dealt(), &quorum), |flight, from, _, payload| {
            if (flight, from.get()) == (stale, 2) {
                payload.clone_from(&earlier);
            }
        });
        let error = outcomes.remove(&index(1)).unwrap().must_have_failed();
        assert_eq!(error, ProtocolError::SessionMismatch { from: index(2) });
        assert!(error.bans().is_empty());
    }
}

/// Where in a flight a lie is, and what it must be taken for.
fn lie(flight: usize, change: impl Fn(&mut Vec<u8>)) -> ProtocolError {
    let key = Key::deal(Curve::Secp256k1, 2, 3, 47);
    let mut outcomes = run(start_all(&key, dealt(), &indices([1, 2])), |now, from, _, payload| {
        if (now, from.get()) == (flight, 2) {
            change(payload);
        }
    });
    outcomes.remove(&index(1)).unwrap().must_have_failed()
}

// Flight 1: pair id 32, parties 2, binding 32, commitment 32, nonce 32, u 3 + 19968, x 26, t 2 + 6656.
// Flight 2: parties 2, binding 32, Γu 34, Γv 34, psi 33, public share 34, instance point 34, salt 65, tau
// 1 + 4 × 13730, salt 32, r 32, u 1 + 66, gamma 1 + 66.
const PSI: usize = 2 + 32 + 34 + 34;
const INSTANCE_POINT: usize = PSI + 33 + 34;
const SALT: usize = INSTANCE_POINT + 34;
const TAU: usize = SALT + 65;

#[test]
fn a_cheat_in_a_multiplication_should_ban_the_pair() {
    let from = index(2);
    // x of the OT extension's consistency check, and a row of t.
    for at in [32 + 98 + 3 + 19968, 32 + 98 + 3 + 19968 + 26 + 2 + 100] {
        let error = lie(1, |payload| payload[at] ^= 1);
        assert_eq!(error, ProtocolError::MultiplicationRejected { from });
        assert_eq!(error.bans(), BTreeSet::from([from]));
        assert_eq!(error.culprits(), BTreeSet::from([from]));
    }
    // A scalar of tau, the hash r, one of u, one of gamma.
    let tail = TAU + 1 + 4 * 13730;
    for at in [TAU + 1 + 2 + 1 + 31, tail + 32, tail + 64 + 1 + 1 + 31, tail + 64 + 67 + 1 + 1 + 31] {
        let error = lie(2, |payload| payload[at] ^= 1);
        assert_eq!(error, ProtocolError::MultiplicationRejected { from }, "at {at}");
        assert_eq!(error.bans(), BTreeSet::from([from]));
    }
}

#[test]
fn a_nonce_point_other_than_committed_should_name_its_sender() {
    let from = index(2);
    // The generator is a point, but not the committed one.
    let generator =
        hex::decode("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798").unwrap();
    let error = lie(2, |payload| payload[INSTANCE_POINT + 1..SALT].copy_from_slice(&generator));
    assert_eq!(error, ProtocolError::CommitmentRejected { from });
    // psi, committed with it.
    let error = lie(2, |payload| payload[PSI + 32] ^= 1);
    assert_eq!(error, ProtocolError::CommitmentRejected { from });
    // The salt.
    let error = lie(2, |payload| payload[SALT + 1] ^= 1);
    assert_eq!(error, ProtocolError::CommitmentRejected { from });
}

#[test]
fn a_message_that_names_others_should_name_its_sender() {
    let from = index(2);
    for at in [0, 1] {
        assert_eq!(lie(1, |payload| payload[32 + at] = 3), ProtocolError::Misaddressed { from });
        assert_eq!(lie(2, |payload| payload[at] = 3), ProtocolError::Misaddressed { from });
        assert!(matches!(lie(2, |payload| payload[at] = 0), ProtocolError::Malformed { .. }));
    }
}

/// The same value in other bytes, or the same length made up of other elements.
#[test]
fn another_encoding_should_name_its_sender_and_ban_nobody() {
    let malformed = |error: ProtocolError| {
        assert!(matches!(error, ProtocolError::Malformed { .. }), "{error}");
        assert_eq!(error.culprits(), indices([2]));
        assert!(error.bans().is_empty());
    };
    // Γu as the identity, one byte long, and the salt 32 bytes longer to make up.
    malformed(lie(2, |payload| {
        payload.splice(34..68, [1, 0]);
        let salt = SALT - 32;
        payload[salt] = 64 + 32;
        payload.splice(salt + 1..salt + 1, [0; 32]);
    }));
    // A point uncompressed.
    malformed(lie(2, |payload| {
        payload[34] = 65;
        payload[35] = 4;
    }));
    // A scalar of flight 3 that is the order, and one that is above.
    for fill in ["fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", &"ff".repeat(32)] {
        malformed(lie(3, |payload| payload[1..33].copy_from_slice(&hex::decode(fill).unwrap())));
    }
    // One row of t fewer, and one of its bytes as a longer count.
    malformed(lie(1, |payload| payload[32 + 98 + 3 + 19968 + 26] = 0xff));
}

#[test]
fn a_wrong_share_of_s_should_yield_no_signature() {
    // u and w.
    for at in [32, 65] {
        let error = lie(3, |payload| payload[at] ^= 1);
        assert_eq!(error, ProtocolError::SignatureRejected);
        assert!(error.culprits().is_empty());
    }
    // Sums to nothing: every share of u the negative of the other's is no signature, and no panic.
    assert_eq!(lie(3, |payload| payload[1..33].fill(0)), ProtocolError::SignatureRejected);
}
