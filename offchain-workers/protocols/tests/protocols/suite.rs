//! What every signing protocol must do.

use conclave_primitives::{Curve, ParticipantIndex, PkpId, SessionId};
use conclave_protocols::{KeyShare, Machine, Outgoing, ProtocolError};
use conclave_vss::SecretScalar;
use rand_chacha::rand_core::Rng;
use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{index, indices, quorums, rng, run, session, Key, Outcome};

type Started<M> = Result<(M, Vec<Outgoing>), ProtocolError>;

/// A signing protocol with what a committee keeps for it besides key shares.
pub(crate) trait Scheme: Sized {
    /// Sent to a thread by the worker.
    type Sign: Machine + core::fmt::Debug + Send + 'static;
    const CURVE: Curve;
    const FLIGHTS: usize;

    /// A committee of n that is ready to sign.
    fn ready(n: u8) -> Self;

    fn start(
        &self,
        share: &KeyShare,
        quorum: &BTreeSet<ParticipantIndex>,
        session: &SessionId,
        message: &[u8; 32],
    ) -> Started<Self::Sign>;

    fn verify(public_key: &[u8], message: &[u8; 32], output: <Self::Sign as Machine>::Output);

    /// What members who see a wrong key share at work find.
    fn check_wrong_share(error: ProtocolError, guilty: ParticipantIndex);
}

const MESSAGE: [u8; 32] = *b"thirty-two bytes or their digest";

fn start_all<S: Scheme>(
    scheme: &S,
    key: &Key,
    quorum: &BTreeSet<ParticipantIndex>,
    session: &SessionId,
) -> BTreeMap<ParticipantIndex, (S::Sign, Vec<Outgoing>)> {
    quorum.iter().map(|i| (*i, scheme.start(&key.share(*i), quorum, session, &MESSAGE).unwrap())).collect()
}

fn must_sign<S: Scheme>(scheme: &S, key: &Key, quorum: &BTreeSet<ParticipantIndex>) {
    let outcomes = run(start_all(scheme, key, quorum, &session("sign")), |_, _, _, _| ());
    assert_eq!(outcomes.len(), quorum.len());
    for outcome in outcomes.into_values() {
        S::verify(key.public_key(), &MESSAGE, outcome.must_be_done());
    }
}

pub(crate) fn every_quorum_should_sign<S: Scheme>(t: u8, n: u8) {
    let scheme = S::ready(n);
    let key = Key::deal(S::CURVE, t, n, 11);
    for quorum in quorums(t, n) {
        must_sign(&scheme, &key, &quorum);
    }
}

pub(crate) fn some_quorums_of_ten_should_sign<S: Scheme>() {
    let scheme = S::ready(10);
    let key = Key::deal(S::CURVE, 7, 10, 12);
    for quorum in [indices(1..=7), indices(4..=10), indices([1, 2, 4, 5, 7, 8, 10])] {
        must_sign(&scheme, &key, &quorum);
    }
}

pub(crate) fn a_derived_key_should_sign<S: Scheme>() {
    let scheme = S::ready(4);
    let roots = [Key::deal(S::CURVE, 3, 4, 13), Key::deal(S::CURVE, 3, 4, 14)];
    for pkp in [PkpId([1; 32]), PkpId([2; 32])] {
        let key = Key::derive([&roots[0], &roots[1]], pkp);
        must_sign(&scheme, &key, &indices([1, 2, 4]));
    }
}

pub(crate) fn a_wrong_quorum_should_be_refused<S: Scheme>() {
    let scheme = S::ready(4);
    let key = Key::deal(S::CURVE, 3, 4, 15);
    let refusal = |quorum| {
        scheme.start(&key.share(index(1)), &quorum, &session("sign"), &MESSAGE).map(|_| ()).unwrap_err()
    };
    assert_eq!(refusal(indices([1, 2])), ProtocolError::WrongQuorumSize { got: 2, expected: 3 });
    assert_eq!(refusal(indices([1, 2, 3, 4])), ProtocolError::WrongQuorumSize { got: 4, expected: 3 });
    assert_eq!(refusal(indices([1, 2, 9])), ProtocolError::UnknownParticipant { participant: index(9) });
    assert_eq!(refusal(indices([2, 3, 4])), ProtocolError::NotInQuorum { participant: index(1) });
}

pub(crate) fn a_share_that_cannot_be_one_should_be_refused<S: Scheme>() {
    let scheme = S::ready(3);
    let key = Key::deal(S::CURVE, 2, 3, 16);
    let quorum = indices([1, 2]);
    // The share of another.
    let secret = SecretScalar::from_bytes(*key.share(index(2)).secret().as_bytes());
    let share = key.share_with(index(1), secret, key.public_shares()).unwrap();
    let error = scheme.start(&share, &quorum, &session("sign"), &MESSAGE).map(|_| ()).unwrap_err();
    assert!(matches!(error, ProtocolError::InvalidKeyShare { .. }));
    // No scalar of the field.
    let share = key.share_with(index(1), SecretScalar::from_bytes([0xff; 32]), key.public_shares()).unwrap();
    let error = scheme.start(&share, &quorum, &session("sign"), &MESSAGE).map(|_| ()).unwrap_err();
    assert_eq!(error, ProtocolError::InvalidKeyShare { reason: "no scalar" });
    // A key of another curve.
    for curve in Curve::SIGNING.into_iter().filter(|curve| *curve != S::CURVE) {
        let other = Key::deal(curve, 2, 3, 16);
        let error = scheme
            .start(&other.share(index(1)), &quorum, &session("sign"), &MESSAGE)
            .map(|_| ())
            .unwrap_err();
        assert_eq!(error, ProtocolError::WrongCurve { got: curve, expected: S::CURVE });
    }
}

/// A member that signs with a wrong share: no signature comes out, and who is named is named rightly.
pub(crate) fn a_wrong_share_should_spoil_the_run_and_name_no_honest_member<S: Scheme>() {
    let scheme = S::ready(4);
    let key = Key::deal(S::CURVE, 3, 4, 17);
    let quorum = indices([1, 2, 4]);
    let guilty = index(2);
    let mut machines = start_all(&scheme, &key, &quorum, &session("sign"));
    let forged = scheme.start(&key.forged_share(guilty), &quorum, &session("sign"), &MESSAGE).unwrap();
    machines.insert(guilty, forged);
    for (me, outcome) in run(machines, |_, _, _, _| ()) {
        if me != guilty {
            S::check_wrong_share(outcome.must_have_failed(), guilty);
        }
    }
}

/// A bit flipped anywhere in any flight: the recipient ends with a typed error that names nobody but
/// the sender, or another member of the quorum notices; no wrong signature comes out, nothing panics.
pub(crate) fn a_flipped_bit_should_spoil_the_run_and_name_no_honest_member<S: Scheme>(tries: usize) {
    let scheme = S::ready(3);
    let key = Key::deal(S::CURVE, 2, 3, 18);
    let (guilty, victim) = (index(1), index(3));
    let quorum = BTreeSet::from([guilty, victim]);
    let mut choice = rng(19);
    for flight in 1..=S::FLIGHTS {
        for attempt in 0..tries {
            let machines = start_all(&scheme, &key, &quorum, &session("sign"));
            let mut at = (0, 0);
            let mut outcomes = run(machines, |now, from, _, payload| {
                if (now, from) == (flight, guilty) {
                    // The first bytes and the last ones, then anywhere.
                    let length = payload.len();
                    let byte = match attempt {
                        near if near < tries / 4 => near % length,
                        far if far < tries / 2 => length - 1 - (far - tries / 4) % length,
                        _ => usize::try_from(choice.next_u64()).unwrap() % length,
                    };
                    at = (byte, choice.next_u32() % 8);
                    payload[at.0] ^= 1 << at.1;
                }
            });
            let error = match outcomes.remove(&victim).unwrap() {
                Outcome::Failed(error) => error,
                Outcome::Done(_) => panic!("flight {flight}, byte and bit {at:?}: a signature"),
                Outcome::Starved => panic!("flight {flight}, byte and bit {at:?}: starved"),
            };
            assert!(
                error.culprits().is_subset(&BTreeSet::from([guilty])),
                "flight {flight}, {at:?}: {error}"
            );
            assert!(error.bans().is_subset(&error.culprits()));
            assert!(!matches!(error, ProtocolError::Backend { .. }), "flight {flight}, {at:?}: {error}");
        }
    }
}

pub(crate) fn a_message_of_another_length_should_name_its_sender<S: Scheme>() {
    let scheme = S::ready(3);
    let key = Key::deal(S::CURVE, 2, 3, 20);
    let (guilty, victim) = (index(1), index(2));
    let quorum = BTreeSet::from([guilty, victim]);
    for flight in 1..=S::FLIGHTS {
        for change in [i32::MIN, -1, 1] {
            let machines = start_all(&scheme, &key, &quorum, &session("sign"));
            let mut outcomes = run(machines, |now, from, _, payload| {
                if (now, from) == (flight, guilty) {
                    match change {
                        -1 => payload.truncate(payload.len() - 1),
                        1 => payload.push(0),
                        _ => payload.clear(),
                    }
                }
            });
            let error = outcomes.remove(&victim).unwrap().must_have_failed();
            assert!(matches!(error, ProtocolError::WrongLength { .. }), "{error}");
            assert_eq!(error.culprits(), BTreeSet::from([guilty]));
            assert!(error.bans().is_empty());
        }
    }
}

pub(crate) fn another_session_should_not_mix<S: Scheme>() {
    let scheme = S::ready(3);
    let key = Key::deal(S::CURVE, 2, 3, 21);
    let quorum = indices([2, 3]);
    let machines = [(2, "one"), (3, "two")].map(|(i, name)| {
        (index(i), scheme.start(&key.share(index(i)), &quorum, &session(name), &MESSAGE).unwrap())
    });
    for (me, outcome) in run(machines.into(), |_, _, _, _| ()) {
        let from = if me == index(2) { index(3) } else { index(2) };
        assert_eq!(outcome.must_have_failed(), ProtocolError::SessionMismatch { from });
    }
}

pub(crate) fn another_message_in_the_same_session_should_not_mix<S: Scheme>() {
    let scheme = S::ready(3);
    let key = Key::deal(S::CURVE, 2, 3, 22);
    let quorum = indices([1, 2]);
    let machines = [1, 2].map(|i| {
        (index(i), scheme.start(&key.share(index(i)), &quorum, &session("sign"), &[i; 32]).unwrap())
    });
    for outcome in run(machines.into(), |_, _, _, _| ()).into_values() {
        assert!(matches!(outcome.must_have_failed(), ProtocolError::SessionMismatch { .. }));
    }
}

/// A member's message to one delivered as if from, or to, another.
pub(crate) fn a_message_should_serve_its_sender_and_recipient_only<S: Scheme>() {
    let scheme = S::ready(4);
    let key = Key::deal(S::CURVE, 3, 4, 23);
    let quorum = indices([1, 2, 3]);
    // 1 and 2 get each other's message from 3. For a broadcast that is no change: then all must go well.
    let mut to_one = Vec::new();
    let mut to_two = Vec::new();
    run(start_all(&scheme, &key, &quorum, &session("sign")), |flight, from, to, payload| {
        match (flight, from.get(), to.get()) {
            (1, 3, 1) => to_one = payload.clone(),
            (1, 3, 2) => to_two = payload.clone(),
            _ => (),
        }
    });
    let point_to_point = to_one != to_two;
    let mut first = None;
    let outcomes =
        run(start_all(&scheme, &key, &quorum, &session("sign")), |flight, from, to, payload| {
            match (flight, from.get(), to.get()) {
                (1, 3, 1) => first = Some(payload.clone()),
                (1, 3, 2) => payload.clone_from(first.as_ref().unwrap()),
                _ => (),
            }
        });
    for (me, outcome) in outcomes {
        match (point_to_point, me.get()) {
            (true, 2) => {
                let error = outcome.must_have_failed();
                assert!(error.culprits().is_subset(&indices([3])), "{error}");
                assert!(error.bans().is_empty(), "{error}");
            }
            (true, _) => (),
            (false, _) => S::verify(key.public_key(), &MESSAGE, outcome.must_be_done()),
        }
    }
}

pub(crate) fn a_flight_from_others_than_awaited_should_be_refused<S: Scheme>() {
    let scheme = S::ready(4);
    let key = Key::deal(S::CURVE, 3, 4, 24);
    let quorum = indices([1, 2, 3]);
    let (machine, _) = scheme.start(&key.share(index(1)), &quorum, &session("sign"), &MESSAGE).unwrap();
    assert_eq!(*machine.awaits(), indices([2, 3]));
    let received = [(index(2), Vec::new()), (index(4), Vec::new())].into();
    let error = machine.advance(received, &mut rng(0)).unwrap_err();
    assert_eq!(error, ProtocolError::IncompleteFlight { missing: indices([3]), unexpected: indices([4]) });
    assert!(error.culprits().is_empty());
}

pub(crate) fn debug_output_should_hold_no_secret<S: Scheme>() {
    let scheme = S::ready(3);
    let key = Key::deal(S::CURVE, 2, 3, 25);
    let share = key.share(index(1));
    let secret = share.secret().as_bytes();
    let (machine, outgoing) = scheme.start(&share, &indices([1, 2]), &session("sign"), &MESSAGE).unwrap();
    let text = format!("{share:?} {machine:?} {outgoing:?}").to_lowercase();
    assert!(text.contains("redacted"));
    assert!(!text.contains(&hex::encode(secret)));
    assert!(!text.contains(&format!("{secret:?}").to_lowercase()));
}

/// The whole suite, one line a scheme: a module, the scheme, and how many bits to flip in each flight.
macro_rules! scheme_tests {
    ($($module:ident: $scheme:ty, $flips:expr;)*) => {$(
        mod $module {
            use super::*;
            use $crate::suite;

            #[test]
            fn every_quorum_of_three_should_sign() {
                suite::every_quorum_should_sign::<$scheme>(2, 3);
            }

            #[test]
            fn every_quorum_of_four_should_sign() {
                suite::every_quorum_should_sign::<$scheme>(3, 4);
            }

            #[test]
            fn a_flipped_bit_should_spoil_the_run_and_name_no_honest_member() {
                suite::a_flipped_bit_should_spoil_the_run_and_name_no_honest_member::<$scheme>($flips);
            }

            $crate::suite::scheme_tests! { @ $scheme:
                some_quorums_of_ten_should_sign
                a_derived_key_should_sign
                a_wrong_quorum_should_be_refused
                a_share_that_cannot_be_one_should_be_refused
                a_wrong_share_should_spoil_the_run_and_name_no_honest_member
                a_message_of_another_length_should_name_its_sender
                another_session_should_not_mix
                another_message_in_the_same_session_should_not_mix
                a_message_should_serve_its_sender_and_recipient_only
                a_flight_from_others_than_awaited_should_be_refused
                debug_output_should_hold_no_secret
            }
        }
    )*};
    (@ $scheme:ty: $($name:ident)*) => {$(
        #[test]
        fn $name() {
            suite::$name::<$scheme>();
        }
    )*};
}
pub(crate) use scheme_tests;
