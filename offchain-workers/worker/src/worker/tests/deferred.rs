//! Calls of coordinators whose chain is ahead of ours.

use super::{
    calls::{begin, start},
    *,
};
use crate::{
    limits::{
        MAX_BLOCKS_AHEAD, MAX_DEFERRED_BEGINS_OF_OUTSIDERS, MAX_DEFERRED_BEGINS_PER_PEER,
        MAX_DEFERRED_STARTS_OF_OUTSIDERS, MAX_DEFERRED_STARTS_PER_PEER,
    },
    ActionMessage,
};

/// The block that [`member`] has seen.
const SINCE: u32 = 9;
const MEMBER: u8 = 2;
const GATEWAY: u8 = 9;
const SESSION: SessionId = SessionId([5; 32]);

/// A call for a session, or to run an action, that every member answers once it is not behind.
fn calls(member: &Worker<Disk, ChaCha20Rng>, finalized: u32) -> [Body; 2] {
    let start = Start { finalized, ..start(member) };
    let begin = Begin { finalized, ..begin() };
    [Body::Start(Box::new(start)), Body::Action(ActionMessage::Begin(Box::new(begin)))]
}

fn call(member: &mut Worker<Disk, ChaCha20Rng>, now: Duration, from: u8, body: &Body) {
    assert!(sent(&receive(member, now, from, (SESSION, 0), body), 1).is_empty(), "it waits");
}

/// Who is answered when `number` is final here.
fn answered(member: &mut Worker<Disk, ChaCha20Rng>, now: Duration, number: u32) -> Vec<TransportKey> {
    let effects = member.handle(now, finalized(number, committee(FIRST, &[1, 2, 3]), None), &Chain);
    sent(&effects, 1).into_iter().map(|(to, ..)| to).collect()
}

#[test]
fn a_call_should_wait_for_our_chain_but_no_longer_for_being_deferred_again() {
    for kind in [0, 1] {
        let half = EARLY_FRAME_LIFETIME / 2;
        let mut member = member(None);
        let [first, later] = [SINCE + 2, SINCE + 3].map(|finalized| calls(&member, finalized)[kind].clone());
        call(&mut member, Duration::ZERO, GATEWAY, &first);
        call(&mut member, Duration::ZERO, MEMBER, &later);
        assert!(answered(&mut member, half, SINCE + 1).is_empty());
        assert_eq!(answered(&mut member, 2 * half, SINCE + 2), [transport(GATEWAY)]);
        // It has been deferred twice since it came.
        assert!(
            answered(&mut member, 2 * half + half, SINCE + 3).is_empty(),
            "its coordinator has given it up"
        );
    }
}

#[test]
fn outsiders_should_not_take_the_room_of_members() {
    let rooms = [
        (MAX_DEFERRED_STARTS_OF_OUTSIDERS, MAX_DEFERRED_STARTS_PER_PEER),
        (MAX_DEFERRED_BEGINS_OF_OUTSIDERS, MAX_DEFERRED_BEGINS_PER_PEER),
    ];
    for (kind, (of_outsiders, per_coordinator)) in rooms.into_iter().enumerate() {
        let mut member = member(None);
        let [soon, late] = [SINCE + MAX_BLOCKS_AHEAD, SINCE + MAX_BLOCKS_AHEAD + 1]
            .map(|at| calls(&member, at)[kind].clone());
        for outsider in GATEWAY..100 {
            call(&mut member, Duration::ZERO, outsider, &soon);
        }
        for _ in 0..per_coordinator + 1 {
            call(&mut member, Duration::ZERO, MEMBER, &soon);
        }
        call(&mut member, Duration::ZERO, MEMBER + 1, &late);
        let answered = answered(&mut member, Duration::ZERO, SINCE + MAX_BLOCKS_AHEAD + 1);
        let of_members = answered.iter().filter(|to| **to == transport(MEMBER)).count();
        assert_eq!((of_members, answered.len()), (per_coordinator, per_coordinator + of_outsiders));
    }
}
