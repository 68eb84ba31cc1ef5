//! Calls for sessions and for actions that no honest coordinator makes: each is answered, and with why.

use conclave_auth::limits::CLOCK_GRACE;
use conclave_primitives::{Authorisation, ExecuteRequest, Payload, PayloadError, Program, SignRequest};

use super::{member::resolve, *};
use crate::{memory::Quota, message::Outcome, session_id::session_id, ActionMessage, Begin, Task};

/// Who calls: a gateway that is no member.
const GATEWAY: u8 = 9;
const NEXT: AttemptId = AttemptId { epoch: Epoch(2), attempt: Attempt(0) };

/// That a call is sound is shown by what is asked next: who wants it, which cannot be told without the chain.
const SOUND: Refusal = Refusal::ChainUnavailable;

fn authorisation() -> Authorisation {
    Authorisation::Ed25519 { public: [1; 32], signature: [2; 64] }
}

fn sign(payload: Payload) -> Task {
    let scheme = Scheme::EcdsaSecp256k1;
    let request = SignRequest { pkp: PkpId([1; 32]), scheme, payload, valid_until: 20, nonce: [2; 32] };
    Task::Sign(request, authorisation().into())
}

/// Of members 1, 2 and 3.
pub(super) fn start(member: &Worker<Disk, ChaCha20Rng>) -> Start {
    Start {
        task: sign(Payload::Digest([3; 32])),
        committee: FIRST,
        attempt: 0,
        quorum: [1, 2, 3].map(index).to_vec(),
        boots: vec![member.boot, [2; 32], [3; 32]],
        finalized: 9,
    }
}

/// Why the member takes no part; the session is the coordinator's.
fn refusal_of_start(member: &mut Worker<Disk, ChaCha20Rng>, start: Start) -> Refusal {
    let resolved = resolve(&GENESIS, &committee(FIRST, &[]), &start.task);
    let of = |resolved| session_id(&GENESIS, &transport(GATEWAY), &resolved, &start);
    let session = resolved.map_or(SessionId([4; 32]), of);
    let effects = receive(member, Duration::ZERO, GATEWAY, (session, 0), &Body::Start(Box::new(start)));
    match sent(&effects, 1).as_slice() {
        [(
            to,
            of,
            Body::Outcome(Outcome::Failed {
                flight: 0,
                failure: Failure::Refused(refusal),
                transcript: None,
            }),
        )] => {
            assert_eq!((*to, *of), (transport(GATEWAY), session));
            refusal.clone()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_wrong_quorum_should_be_refused() {
    let mut member = member(None);
    let sound = start(&member);
    assert_eq!(refusal_of_start(&mut member, sound.clone()), SOUND);
    // And how many boots, its own the first.
    let quorums: [(&str, &[u8], usize); 9] = [
        ("not sorted", &[1, 3, 2], 3),
        ("one twice", &[1, 1, 2, 3], 3),
        ("one twice in the place of another", &[1, 2, 2], 3),
        ("too few", &[1, 2], 2),
        ("too many", &[1, 2, 3, 4], 4),
        ("without who is called", &[2, 3, 4], 3),
        ("nobody", &[], 0),
        ("a boot too few", &[1, 2, 3], 2),
        ("a boot too many", &[1, 2, 3], 4),
    ];
    let (own, other) = (member.boot, [2; 32]);
    for (what, quorum, boots) in quorums {
        let quorum = quorum.iter().copied().map(index).collect();
        let boots = [own, other, other, other].into_iter().take(boots).collect();
        let wrong = Start { quorum, boots, ..sound.clone() };
        assert_eq!(refusal_of_start(&mut member, wrong), Refusal::BadStart, "{what}");
    }
    for boots in [vec![other; 3], vec![other, own, other]] {
        let wrong = Start { boots, ..sound.clone() };
        assert_eq!(refusal_of_start(&mut member, wrong), Refusal::BadStart, "of another process");
    }
}

#[test]
fn calls_of_another_committee_should_be_refused() {
    let mut member = member(None);
    let earlier = AttemptId { epoch: Epoch(0), attempt: Attempt(0) };
    let again = AttemptId { attempt: Attempt(1), ..FIRST };
    for committee in [NEXT, again, earlier] {
        let wrong = Start { committee, ..start(&member) };
        assert_eq!(refusal_of_start(&mut member, wrong), Refusal::OtherCommittee);
    }
    // None forms that could be activated.
    let wrong = Start { task: Task::Activate(FIRST), ..start(&member) };
    assert_eq!(refusal_of_start(&mut member, wrong), Refusal::OtherCommittee);
    // Nor does a member run with shares that it does not have.
    member.holdings.clear();
    let sound = start(&member);
    assert_eq!(refusal_of_start(&mut member, sound), Refusal::NotReady);
}

#[test]
fn what_comes_to_nothing_should_be_refused_and_not_passed_over() {
    let mut member = member(Some(confirming(NEXT, &[])));
    let message = b"no digest".to_vec().try_into().expect("short");
    let wrong = Start { task: sign(Payload::Message(message)), ..start(&member) };
    let error = PayloadError::ExpectedDigest;
    let refusal = Refusal::Payload { scheme: Scheme::EcdsaSecp256k1, error };
    assert_eq!(refusal_of_start(&mut member, wrong), refusal);
    // The committee that forms has no key that it could sign with first.
    let early = Start { task: Task::Activate(NEXT), committee: NEXT, ..start(&member) };
    assert_eq!(refusal_of_start(&mut member, early), Refusal::NotReady);
}

pub(super) fn begin() -> Begin {
    Begin {
        request: ExecuteRequest {
            program: Program::Inline(b"code".to_vec().try_into().expect("short")),
            params: b"{}".to_vec().try_into().expect("short"),
            private: None,
            spread: true,
            valid_until: 20,
            nonce: [3; 32],
        },
        entitlement: authorisation().into(),
        committee: FIRST,
        members: [1, 2, 3].map(index).to_vec(),
        started_at: NOW,
        finalized: 9,
    }
}

/// Why the member does not run the action.
fn refusal_of_begin(member: &mut Worker<Disk, ChaCha20Rng>, begin: Begin) -> Refusal {
    let id = begin.id(&GENESIS, &transport(GATEWAY));
    let body = Body::Action(ActionMessage::Begin(Box::new(begin)));
    let effects = receive(member, Duration::ZERO, GATEWAY, (id, 0), &body);
    match sent(&effects, 1).as_slice() {
        [(to, of, Body::Action(ActionMessage::Declined(refusal)))] => {
            assert_eq!((*to, *of), (transport(GATEWAY), id));
            refusal.clone()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn actions_of_wrong_members_should_be_declined() {
    let mut member = member(None);
    for sound in [&[1, 2, 3][..], &[1, 2, 3, 4]] {
        let members = sound.iter().copied().map(index).collect();
        assert_eq!(refusal_of_begin(&mut member, Begin { members, ..begin() }), SOUND, "{sound:?}");
    }
    let wrong: [(&str, &[u8]); 6] = [
        ("not sorted", &[1, 3, 2]),
        ("one twice", &[1, 1, 2, 3]),
        ("one that is no member", &[1, 2, 5]),
        ("too few", &[1, 2]),
        ("without who is called", &[2, 3, 4]),
        ("nobody", &[]),
    ];
    for (what, members) in wrong {
        let members = members.iter().copied().map(index).collect();
        let refusal = refusal_of_begin(&mut member, Begin { members, ..begin() });
        assert_eq!(refusal, Refusal::BadStart, "{what}");
    }
}

#[test]
fn actions_of_another_time_should_be_declined() {
    let mut member = member(None);
    for (started_at, refusal) in [
        (NOW - CLOCK_GRACE, SOUND),
        (NOW + CLOCK_GRACE, SOUND),
        (NOW - CLOCK_GRACE - 1, Refusal::BadStart),
        (NOW + CLOCK_GRACE + 1, Refusal::BadStart),
    ] {
        let begin = Begin { started_at, ..begin() };
        assert_eq!(refusal_of_begin(&mut member, begin), refusal, "{started_at}");
    }
    // A request is run once, whoever calls.
    let request = begin().request.id(&GENESIS);
    member.memory.note(request.0, Quota::Clients, transport(2), 0, 20);
    assert_eq!(refusal_of_begin(&mut member, begin()), Refusal::Replayed);
}

#[test]
fn actions_of_another_committee_should_be_declined() {
    let mut member = member(None);
    for committee in [NEXT, AttemptId { attempt: Attempt(1), ..FIRST }] {
        let refusal = refusal_of_begin(&mut member, Begin { committee, ..begin() });
        assert_eq!(refusal, Refusal::OtherCommittee);
    }
    member.holdings.clear();
    assert_eq!(refusal_of_begin(&mut member, begin()), Refusal::NotReady);
}
