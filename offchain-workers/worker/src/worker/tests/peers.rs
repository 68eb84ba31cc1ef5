//! What a member reports of those that it cannot reach.

use super::*;
use crate::{
    limits::{ABSENT_BLOCKS, ACCUSATION_TRIES, RESUBMIT_AFTER},
    message::{Held, Status},
    WorkerCall,
};

/// The block that [`member`] has seen.
const SINCE: u32 = 9;

const NEXT: AttemptId = AttemptId { epoch: Epoch(2), attempt: Attempt(0) };

/// A member has a channel to us, and its shares of both epochs.
fn is_there(member: &mut Worker<Disk, ChaCha20Rng>, peer: u8) {
    member.handle(Duration::ZERO, Event::PeerUp(transport(peer)), &Chain);
    let holdings = [FIRST, NEXT].map(|attempt| Held { attempt, pairs: Vec::new() });
    let status = Status { boot: [peer; 32], holdings: holdings.into() };
    receive(member, Duration::ZERO, peer, (SessionId([0; 32]), 0), &Body::Status(status));
}

fn with_peers(peers: &[u8]) -> Worker<Disk, ChaCha20Rng> {
    let mut member = member(None);
    for peer in peers {
        is_there(&mut member, *peer);
    }
    member
}

/// Whom the member calls absent once `number` is final.
fn reported(member: &mut Worker<Disk, ChaCha20Rng>, number: u32) -> Option<Vec<u8>> {
    let effects =
        member.handle(Duration::ZERO, finalized(number, committee(FIRST, &[1, 2, 3]), None), &Chain);
    let mut reports = effects.iter().filter_map(|effect| match effect {
        Effect::Submit(WorkerCall::ReportPeers { epoch, participant, report, .. }) => {
            assert_eq!((*epoch, *participant, report.banned.len()), (FIRST.epoch, index(1), 0));
            Some(report.absent.iter().map(|index| index.get()).collect())
        }
        _ => None,
    });
    let report = reports.next();
    assert!(reports.next().is_none(), "at most one");
    report
}

#[test]
fn whoever_is_out_of_reach_long_enough_should_be_absent_and_no_sooner() {
    let mut member = with_peers(&[2, 3]);
    assert_eq!(reported(&mut member, SINCE + ABSENT_BLOCKS - 1), None);
    let end = SINCE + ABSENT_BLOCKS;
    assert_eq!(reported(&mut member, end), Some(vec![4]));
    // Again if the chain may not have got it, so many times.
    let again: Vec<u32> = (end + 1..end + 10 * RESUBMIT_AFTER)
        .filter(|number| reported(&mut member, *number).is_some())
        .collect();
    let due: Vec<u32> = (1..u32::from(ACCUSATION_TRIES)).map(|times| end + times * RESUBMIT_AFTER).collect();
    assert_eq!(again, due);
}

#[test]
fn blocks_should_count_while_it_is_away_only() {
    let mut member = with_peers(&[2, 3]);
    let half = SINCE + ABSENT_BLOCKS / 2;
    assert_eq!(reported(&mut member, half), None);
    is_there(&mut member, 4);
    assert_eq!(reported(&mut member, half + 10 * ABSENT_BLOCKS), None);
    // Whoever comes and goes is away for the sum of it.
    member.handle(Duration::ZERO, Event::PeerDown(transport(4)), &Chain);
    let rest = ABSENT_BLOCKS - ABSENT_BLOCKS / 2;
    assert_eq!(reported(&mut member, half + 10 * ABSENT_BLOCKS + rest - 1), None);
    assert_eq!(reported(&mut member, half + 10 * ABSENT_BLOCKS + rest), Some(vec![4]));
}

#[test]
fn whoever_sees_too_few_should_call_nobody_absent() {
    // Two of four with itself, below the threshold of three: it is cut off itself.
    let mut member = with_peers(&[2]);
    assert_eq!(reported(&mut member, SINCE + 2 * ABSENT_BLOCKS), None);
}

#[test]
fn another_epoch_should_count_anew() {
    let mut member = with_peers(&[2, 3]);
    assert_eq!(reported(&mut member, SINCE + ABSENT_BLOCKS - 1), None);
    member.store.put_shares(NEXT, &[], &mut ChaCha20Rng::from_seed([4; 32])).expect("written");
    let effects = member.handle(
        Duration::ZERO,
        finalized(SINCE + ABSENT_BLOCKS, committee(NEXT, &[1, 2, 3]), None),
        &Chain,
    );
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Submit(WorkerCall::ReportPeers { .. }))));
}
