//! The OT set-up of a pair.

use conclave_primitives::{ParticipantIndex, SessionId};
use conclave_protocols::{
    ecdsa::{PairSetup, PairState},
    Machine, Outgoing, ProtocolError,
};
use k256::Secp256k1;
use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{deal_pairs, index, rng, run, session, set_up_pair, Outcome};

type Setup = PairSetup<Secp256k1>;

fn start(me: u8, peer: u8, setup: &SessionId) -> (ParticipantIndex, (Setup, Vec<Outgoing>)) {
    (index(me), PairSetup::start(index(me), index(peer), setup, &mut rng(0)).unwrap())
}

/// What 1 makes of a lie that 2 tells in a flight.
fn lie(flight: usize, change: impl Fn(&mut Vec<u8>)) -> Result<(), ProtocolError> {
    let machines = [start(1, 2, &session("setup")), start(2, 1, &session("setup"))];
    let mut outcomes = run(machines.into(), |now, from, _, payload| {
        if (now, from.get()) == (flight, 2) {
            change(payload);
        }
    });
    match outcomes.remove(&index(1)).unwrap() {
        Outcome::Done(_) => Ok(()),
        Outcome::Failed(error) => Err(error),
        Outcome::Starved => panic!("starved"),
    }
}

#[test]
fn both_sides_should_agree_on_the_id_and_keep_it_through_the_store() {
    let [one, two] = set_up_pair::<Secp256k1>(index(3), index(2), &session("setup"));
    assert_eq!((one.index(), one.counterparty()), (index(3), index(2)));
    assert_eq!((two.index(), two.counterparty()), (index(2), index(3)));
    assert_eq!(one.id(), two.id());
    let bytes = one.to_bytes().unwrap();
    assert_eq!(bytes.len(), PairState::<Secp256k1>::BYTES);
    assert_eq!(bytes.len(), bytes.capacity(), "grew, and left copies");
    let read = PairState::<Secp256k1>::from_bytes(&bytes).unwrap();
    assert_eq!(read.to_bytes().unwrap(), bytes);
    assert_eq!(read.id(), two.id());
    let text = format!("{one:?}");
    assert!(text.contains("redacted") && text.len() < 60, "{text}");
}

#[test]
fn a_set_up_should_be_sent_to_a_thread() {
    fn assert_send<T: Send + 'static>() {}
    assert_send::<Setup>();
    assert_send::<PairState<Secp256k1>>();
}

#[test]
fn nobody_should_set_up_with_itself() {
    let error = Setup::start(index(1), index(1), &session("setup"), &mut rng(0)).map(|_| ()).unwrap_err();
    assert_eq!(error, ProtocolError::UnknownParticipant { participant: index(1) });
}

// Flight 2: parties 2, seed 32, salt 65; parties 2, point 34, 64 points of 34 after a count, 64 × (1 + 4 +
// 33) after a count, nonce 33, 256 × 540 after two bytes, seed 32.
const MUL: usize = 2 + 32 + 65;
const ENC: usize = MUL + 2 + 34 + 1 + 64 * 34 + 1 + 64 * 38 + 33 + 2;

#[test]
fn a_lie_in_the_set_up_should_name_its_sender() {
    let from = index(2);
    let rejected = Err(ProtocolError::CommitmentRejected { from });
    // Another commitment, another seed, another salt.
    assert_eq!(lie(1, |payload| payload[2] ^= 1), rejected);
    assert_eq!(lie(2, |payload| payload[2] ^= 1), rejected);
    assert_eq!(lie(2, |payload| payload[MUL - 1] ^= 1), rejected);
    // A response of the proof of discrete logarithm; one of an encryption proof; the seed of h.
    let rejected = Err(ProtocolError::ProofRejected { from });
    assert_eq!(lie(2, |payload| payload[ENC - 2 - 33 - 1] ^= 1), rejected);
    assert_eq!(lie(2, |payload| payload[ENC + 100 * 540 + 4 * 34 + 32] ^= 1), rejected);
    assert_eq!(lie(2, |payload| *payload.last_mut().unwrap() ^= 1), rejected);
    // Indices inside.
    for (flight, at) in [(1, 0), (1, 1), (2, 0), (2, MUL + 1)] {
        assert_eq!(lie(flight, |payload| payload[at] = 9), Err(ProtocolError::Misaddressed { from }));
    }
}

/// Upstream's verifier takes challenges of 1 to 4 bytes; a prover could write a small one in four ways.
#[test]
fn a_short_challenge_should_be_refused() {
    let challenges = MUL + 2 + 34 + 1 + 64 * 34 + 1;
    let error = lie(2, |payload| {
        payload[challenges] = 3;
        payload.remove(challenges + 1);
    });
    assert!(matches!(error, Err(ProtocolError::WrongLength { .. })));
    let error = lie(2, |payload| {
        payload[challenges] = 3;
        payload.remove(challenges + 1);
        payload.push(0);
    });
    assert!(matches!(error, Err(ProtocolError::Malformed { .. })));
}

#[test]
fn a_reflected_or_replayed_message_should_be_refused() {
    let from = index(2);
    // 2 hands 1 its own commitment and opening back, indices swapped.
    let mut mine: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
    let machines = [start(1, 2, &session("setup")), start(2, 1, &session("setup"))];
    let mut outcomes = run(machines.into(), |flight, sender, _, payload| {
        if sender == index(1) {
            mine.insert(flight, payload.clone());
        } else {
            payload.clone_from(&mine[&flight]);
            payload.splice(..2, [2, 1]);
            if flight == 2 {
                payload.splice(MUL..MUL + 2, [2, 1]);
            }
        }
    });
    let error = outcomes.remove(&index(1)).unwrap().must_have_failed();
    assert_eq!(error, ProtocolError::CommitmentRejected { from });

    // Both flights of 2 from another run.
    let mut earlier: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
    let machines = [start(1, 2, &session("earlier")), start(2, 1, &session("earlier"))];
    run(machines.into(), |flight, sender, _, payload| {
        if sender == from {
            earlier.insert(flight, payload.clone());
        }
    });
    let machines = [start(1, 2, &session("setup")), start(2, 1, &session("setup"))];
    let mut outcomes = run(machines.into(), |flight, sender, _, payload| {
        if sender == from {
            payload.clone_from(&earlier[&flight]);
        }
    });
    let error = outcomes.remove(&index(1)).unwrap().must_have_failed();
    assert_eq!(error, ProtocolError::CommitmentRejected { from });
}

#[test]
fn a_machine_should_await_its_counterparty_only() {
    let (_, (machine, _)) = start(1, 2, &session("setup"));
    assert_eq!(*machine.awaits(), BTreeSet::from([index(2)]));
    let received = [(index(3), vec![0; machine.max_message_bytes()])].into();
    let error = machine.advance(received, &mut rng(0)).unwrap_err();
    assert!(matches!(error, ProtocolError::IncompleteFlight { .. }));
}

#[test]
fn stored_bytes_should_decode_strictly() {
    let pairs = deal_pairs::<Secp256k1>(2);
    let bytes = pairs[&index(1)][&index(2)].to_bytes().unwrap();
    let reason = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = bytes.to_vec();
        change(&mut changed);
        match PairState::<Secp256k1>::from_bytes(&changed) {
            Ok(_) => "none",
            Err(ProtocolError::InvalidPairState { reason }) => reason,
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(reason(&|_| ()), "none");
    assert_eq!(reason(&|bytes| bytes.clear()), "of wrong length");
    assert_eq!(reason(&|bytes| bytes.truncate(bytes.len() - 1)), "of wrong length");
    assert_eq!(reason(&|bytes| bytes.push(0)), "of wrong length");
    assert_eq!(reason(&|bytes| bytes[0] = 2), "of another version");
    assert_eq!(reason(&|bytes| bytes[1] = 1), "of another curve");
    assert_eq!(reason(&|bytes| bytes[2] = 0), "with index 0");
    assert_eq!(reason(&|bytes| bytes[3] = 1), "with itself");
    // A gadget's scalar above the order; a choice bit that is none; another count.
    let sender = 4 + 64;
    assert_eq!(reason(&|bytes| bytes[sender + 3..sender + 35].fill(0xff)), "not canonical");
    assert_eq!(reason(&|bytes| bytes[sender + 2 + 416 * 33 + 2] = 2), "not canonical");
    assert_eq!(reason(&|bytes| bytes[sender] ^= 1), "not canonical");
}
