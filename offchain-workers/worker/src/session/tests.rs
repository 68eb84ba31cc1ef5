//! What a session takes of what it is offered.

use conclave_primitives::{Attempt, Epoch, SignedPayload};

use super::*;

const SESSION: SessionId = SessionId([5; 32]);
const ATTEMPT: AttemptId = AttemptId { epoch: Epoch(3), attempt: Attempt(1) };
const ME: TransportKey = [1; 32];
const PEER: TransportKey = [2; 32];

fn index(value: u8) -> ParticipantIndex {
    ParticipantIndex::new(value).expect("not zero")
}

/// The set-up of 1 with 2, seen by 1.
fn session() -> Session {
    let (curve, peer) = (Curve::Secp256k1, index(2));
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    let (machine, _) = Pairing::start(curve, index(1), peer, &SESSION, &mut rng).expect("starts");
    let purpose = Purpose::Pair(ATTEMPT, curve, peer);
    Session::new(purpose, BTreeMap::from([(peer, PEER)]), Duration::MAX, Running::Pairing(machine))
}

fn header() -> MessageHeader {
    MessageHeader { attempt: ATTEMPT, session: SESSION, flight: 1, from: PEER, to: ME }
}

fn message(header: MessageHeader, message: &[u8]) -> SignedMessage {
    let hash = conclave_primitives::payload_hash(message);
    SignedMessage { header, signed: SignedPayload { hash, signature: [0; 64] }, message: message.to_vec() }
}

#[test]
fn the_first_message_of_a_flight_should_count_and_another_convict() {
    let mut session = session();
    assert_eq!(session.missing(), [index(2)]);
    assert!(session.offer(message(header(), b"one")).is_none());
    assert!(session.missing().is_empty());
    assert!(session.offer(message(header(), b"one")).is_none(), "a repetition");
    let evidence = session.offer(message(header(), b"two"));
    assert!(matches!(evidence, Some(Evidence::Equivocation { .. })), "{evidence:?}");
    assert_eq!(session.inbox.values().collect::<Vec<_>>(), [b"one"]);
}

#[test]
fn what_is_not_of_this_session_should_neither_count_nor_convict() {
    let attempt = |epoch, attempt| AttemptId { epoch: Epoch(epoch), attempt: Attempt(attempt) };
    let others = [
        ("another epoch", MessageHeader { attempt: attempt(4, 1), ..header() }),
        ("another attempt", MessageHeader { attempt: attempt(3, 2), ..header() }),
        ("another sender", MessageHeader { from: [3; 32], ..header() }),
        ("our own", MessageHeader { from: ME, ..header() }),
    ];
    for (what, other) in others {
        let mut session = session();
        assert!(session.offer(message(other, b"one")).is_none(), "{what}");
        assert!(session.inbox.is_empty(), "{what}");
        // Nor what is said of this attempt later.
        assert!(session.offer(message(header(), b"two")).is_none(), "{what}");
        assert!(session.offer(message(other, b"one")).is_none(), "{what}");
        assert_eq!(session.inbox.values().collect::<Vec<_>>(), [b"two"], "{what}");
    }
}

#[test]
fn flights_that_no_honest_peer_is_in_should_not_be_kept() {
    let mut session = session();
    let offer = |session: &mut Session, flight| {
        assert!(session.offer(message(MessageHeader { flight, ..header() }, &[flight])).is_none());
        session.inbox.contains_key(&(flight, index(2)))
    };
    // It is in the first: there is no flight 0, and nobody is further ahead than this.
    let furthest = 1 + MAX_FLIGHTS_AHEAD;
    assert!(offer(&mut session, furthest));
    for flight in [0, furthest + 1, u8::MAX] {
        assert!(!offer(&mut session, flight), "{flight}");
        // Outside of flights an honest peer may say different things in one place.
        let other = message(MessageHeader { flight, ..header() }, b"else");
        assert!(session.offer(other).is_none(), "{flight}");
    }
    // What is over has no use, but convicts whoever told somebody something else.
    session.flight = 2;
    assert!(!offer(&mut session, 1) && offer(&mut session, furthest + 1));
    assert!(session.offer(message(header(), b"else")).is_some());
}

#[test]
fn what_is_longer_than_any_message_should_not_be_kept() {
    let mut session = session();
    let longest = session.longest_message;
    assert!(session.offer(message(header(), &vec![0; longest + 1])).is_none());
    assert!(session.inbox.is_empty());
    let next = MessageHeader { flight: 2, ..header() };
    assert!(session.offer(message(next, &vec![0; longest])).is_none());
    assert!(session.inbox.contains_key(&(2, index(2))));
}
