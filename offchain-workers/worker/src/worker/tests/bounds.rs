//! What a worker has no room for: taken at the bound, and refused one above.

use conclave_primitives::{SignedPayload, MAX_MEMBERS};
use conclave_protocols::{Pairing, ECDSA_CURVES};

use super::*;
use crate::{
    limits::{MAX_ECDSA_SESSIONS_PER_PAIR, MAX_FRAME_BYTES, MAX_HOLDINGS, MAX_RECORDED_MESSAGE_BYTES},
    message::{FrameError, Outcome},
    session::{Purpose, Running},
};

const STRANGER: u8 = 9;
const SESSION: SessionId = SessionId([5; 32]);

/// A frame of so many bytes that changes nothing.
fn frame_of(bytes: usize, from: u8, to: TransportKey) -> Vec<u8> {
    let with = |filling: usize| {
        let body = Body::Outcome(Outcome::Signed(vec![0; filling]));
        Frame::sign(&secrets(from), &GENESIS, FIRST, SESSION, 0, to, &body).encode()
    };
    let most = bytes - 400;
    let frame = with(most + bytes - with(most).len());
    assert_eq!(frame.len(), bytes);
    frame
}

/// Whether it was taken.
fn takes(worker: &mut Worker<Disk, ChaCha20Rng>, bytes: usize, from: u8) -> bool {
    let (before, bytes) = (worker.dropped_frames(), frame_of(bytes, from, worker.me));
    worker.handle(Duration::ZERO, Event::Received { from: transport(from), bytes }, &Chain);
    worker.dropped_frames() == before
}

#[test]
fn longer_frames_should_be_taken_of_members_only() {
    let mut member = member(None);
    for from in [2, STRANGER] {
        assert!(takes(&mut member, MAX_GATEWAY_FRAME_BYTES, from));
    }
    assert!(!takes(&mut member, MAX_GATEWAY_FRAME_BYTES + 1, STRANGER));
    assert!(takes(&mut member, MAX_GATEWAY_FRAME_BYTES + 1, 2));
}

#[test]
fn longer_frames_than_any_should_be_dropped() {
    let mut member = member(None);
    assert!(takes(&mut member, MAX_FRAME_BYTES, 2));
    assert!(!takes(&mut member, MAX_FRAME_BYTES + 1, 2));
    let open = |bytes| {
        let frame = frame_of(bytes, 2, member.me);
        Frame::open(&frame, &transport(2), &member.me, &GENESIS).map(|_| ())
    };
    assert_eq!(open(MAX_FRAME_BYTES), Ok(()));
    assert_eq!(open(MAX_FRAME_BYTES + 1), Err(FrameError::TooLong(MAX_FRAME_BYTES + 1)));
}

#[test]
fn whoever_has_no_part_in_keys_should_be_a_stranger() {
    let (dealers, members) = (vec![listed(5)], vec![listed(6)]);
    let attempt = AttemptView { dealers, members, phase: AttemptPhase::Commit, ..confirming(FIRST, &[]) };
    let view = ChainView { finalized: 9, committee: Some(committee(FIRST, &[])), attempt: Some(attempt) };
    assert!((1..=6).all(|member| view.has_member(&transport(member))));
    assert!(!view.has_member(&transport(STRANGER)));
}

/// What a member says that it holds of so many attempts, with so many pairs of each.
fn status(holdings: usize, pairs: usize) -> Status {
    let pair = |number: usize| (Curve::Secp256k1, index(2), [number as u8; 32]);
    let held = |epoch: usize| Held {
        attempt: AttemptId { epoch: Epoch(epoch as u32), attempt: Attempt(0) },
        pairs: (0..pairs).map(pair).collect(),
    };
    Status { boot: [1; 32], holdings: (0..holdings).map(held).collect() }
}

#[test]
fn more_than_an_honest_member_holds_should_not_be_kept() {
    let mut member = member(None);
    member.handle(Duration::ZERO, Event::PeerUp(transport(2)), &Chain);
    let most = MAX_MEMBERS as usize * ECDSA_CURVES.len();
    let sound = status(MAX_HOLDINGS, most);
    let mut says = |status: &Status| {
        receive(&mut member, Duration::ZERO, 2, (SESSION, 0), &Body::Status(status.clone()));
        member.peers[&transport(2)].clone()
    };
    assert_eq!(says(&status(0, 0)), Some(status(0, 0)));
    assert_eq!(says(&sound), Some(sound.clone()));
    for long in [status(MAX_HOLDINGS + 1, 0), status(MAX_HOLDINGS, most + 1), status(1, most + 1)] {
        assert_eq!(says(&long), Some(sound.clone()), "it goes by what was said before");
    }
}

#[test]
fn a_status_of_a_stranger_should_not_be_kept() {
    let mut member = member(None);
    member.handle(Duration::ZERO, Event::PeerUp(transport(STRANGER)), &Chain);
    receive(&mut member, Duration::ZERO, STRANGER, (SESSION, 0), &Body::Status(status(1, 0)));
    assert_eq!(member.peers[&transport(STRANGER)], None);
}

/// Whether a message of a session to come is held.
fn holds(member: &mut Worker<Disk, ChaCha20Rng>, from: u8, flight: u8, bytes: usize) -> bool {
    let header =
        MessageHeader { attempt: FIRST, session: SESSION, flight, from: transport(from), to: transport(1) };
    let signed = SignedPayload { hash: [0; 32], signature: [0; 64] };
    let before = member.dropped_frames();
    member.on_flight(Duration::ZERO, SignedMessage { header, signed, message: vec![0; bytes] });
    member.dropped_frames() == before
}

#[test]
fn each_peer_should_have_a_room_of_its_own_for_sessions_to_come() {
    let mut member = member(None);
    let whole = MAX_EARLY_BYTES_PER_PEER / MAX_EARLY_MESSAGE_BYTES;
    assert!(whole >= 2 * MAX_ECDSA_SESSIONS_PER_PAIR, "an honest peer's fit");
    for _ in 0..whole {
        assert!(holds(&mut member, 2, 1, MAX_EARLY_MESSAGE_BYTES));
    }
    let rest = MAX_EARLY_BYTES_PER_PEER - whole * MAX_EARLY_MESSAGE_BYTES;
    assert!(!holds(&mut member, 2, 1, rest + 1), "one byte more than there is room for");
    assert!(holds(&mut member, 2, 1, rest), "the last byte");
    assert!(!holds(&mut member, 2, 1, 1));
    // Short ones are counted.
    for _ in 0..MAX_EARLY_FRAMES_PER_PEER {
        assert!(holds(&mut member, 3, 1, 1), "what one sends takes nothing from another");
    }
    assert!(!holds(&mut member, 3, 1, 0));
    assert!(holds(&mut member, 4, 1, MAX_EARLY_MESSAGE_BYTES));
    // It is forgotten in time.
    let later = EARLY_FRAME_LIFETIME + Duration::from_millis(1);
    member.handle(later, Event::Tick, &Chain);
    assert!(member.early.is_empty());
}

#[test]
fn what_no_honest_peer_sends_before_a_session_starts_should_not_be_held() {
    let mut member = member(None);
    assert!(!holds(&mut member, 2, 1, MAX_EARLY_MESSAGE_BYTES + 1), "longer than any of flight 1");
    for flight in [0, 2, 3] {
        assert!(!holds(&mut member, 2, flight, 1), "{flight}: before ours of flight 1");
    }
    assert!(!holds(&mut member, STRANGER, 1, 1));
    assert!(member.early.is_empty());
    // What it does send.
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    let (_, first) =
        Pairing::start(Curve::Secp256r1, index(2), index(1), &SESSION, &mut rng).expect("starts");
    for bytes in [first[0].payload.len(), MAX_RECORDED_MESSAGE_BYTES, MAX_EARLY_MESSAGE_BYTES] {
        assert!(holds(&mut member, 2, 1, bytes));
    }
}

#[test]
fn flights_of_another_session_should_wait_for_it() {
    let mut member = member(None);
    let (curve, peer, other) = (Curve::Secp256k1, index(2), SessionId([6; 32]));
    let started = Pairing::start(curve, index(1), peer, &SESSION, &mut ChaCha20Rng::from_seed([1; 32]));
    let running = Running::Pairing(started.expect("starts").0);
    let peers = BTreeMap::from([(peer, transport(2))]);
    let session = Session::new(Purpose::Pair(FIRST, curve, peer), peers, Duration::MAX, running);
    member.open_session(Duration::ZERO, SESSION, session);

    let message = Body::Flight(vec![1; 8]);
    receive(&mut member, Duration::ZERO, 2, (other, 1), &message);
    assert_eq!(member.sessions[&SESSION].missing(), [peer]);
    assert_eq!(member.early[&other].len(), 1);
    receive(&mut member, Duration::ZERO, 2, (SESSION, 1), &message);
    assert!(member.sessions[&SESSION].missing().is_empty());
    assert!(!member.early.contains_key(&SESSION));
    // Of a stranger nothing is held.
    receive(&mut member, Duration::ZERO, STRANGER, (other, 1), &message);
    assert_eq!(member.early[&other].len(), 1);
}
