//! The first signature of a committee: submitted until the chain has it, asked for again by calls that members follow.

use super::*;
use crate::{
    limits::{ACTIVATION_BEFORE_DEADLINE, LAST_ACTIVATION_TURN, REQUEST_TIMEOUT, RESUBMIT_AFTER},
    message::Held,
    reconcile::Job,
    WorkerCall,
};
use conclave_primitives::{Purpose, RootKey, RootKeyId};
use conclave_protocols::PairStates;

const NEXT: AttemptId = AttemptId { epoch: Epoch(2), attempt: Attempt(0) };
const SIGNATURE: [u8; 64] = [8; 64];

fn key() -> RootKey {
    let id = RootKeyId { purpose: Purpose::Result, curve: Curve::Ed25519, index: 0 };
    let point = || vec![1; 32].try_into().expect("short");
    RootKey { id, commitments: vec![point(), point(), point()].try_into().expect("few") }
}

/// Member 1, all of whose peers are there and hold their shares of the next committee; it can take over at this block.
fn forming(finalized: u32) -> Worker<Disk, ChaCha20Rng> {
    let mut member = member(None);
    let attempt = AttemptView {
        roots: vec![key()],
        deadline: finalized + ACTIVATION_BEFORE_DEADLINE,
        ..confirming(NEXT, &[1, 2, 3, 4])
    };
    member.store.put_shares(NEXT, &[], &mut ChaCha20Rng::from_seed([3; 32])).expect("written");
    member.view.finalized = finalized;
    member.forming = Some(Committee { roots: vec![key()], ..committee(NEXT, &[1, 2, 3, 4]) });
    member.view.attempt = Some(attempt);
    let holding = Holding {
        index: index(1),
        shares: Vec::new(),
        pairs: PairStates::default(),
        paired_at: BTreeMap::new(),
    };
    member.holdings.insert(NEXT, holding);
    for peer in 2..=4 {
        let holdings = vec![Held { attempt: NEXT, pairs: Vec::new() }];
        member.peers.insert(transport(peer), Some(Status { boot: [peer; 32], holdings }));
    }
    member
}

fn submitted(worker: &mut Worker<Disk, ChaCha20Rng>) -> Vec<[u8; 64]> {
    let of = |effect| match effect {
        Effect::Submit(WorkerCall::Activate { attempt: NEXT, signature }) => Some(signature),
        _ => None,
    };
    std::mem::take(&mut worker.effects).into_iter().filter_map(of).collect()
}

/// The numbers of the attempts that others are called for.
fn calls(worker: &mut Worker<Disk, ChaCha20Rng>) -> BTreeSet<u8> {
    let effects = std::mem::take(&mut worker.effects);
    let number = |(_, _, body)| match body {
        Body::Start(start) => start.attempt,
        other => panic!("{other:?}"),
    };
    sent(&effects, 1).into_iter().map(number).collect()
}

#[test]
fn a_signature_should_be_submitted_until_the_chain_shows_it() {
    let mut member = forming(50);
    member.run_job(Duration::ZERO, Job::Activate(NEXT), &Chain);
    assert_eq!(calls(&mut member), BTreeSet::from([0]));
    member.activation_signed(NEXT, SIGNATURE);
    assert_eq!(submitted(&mut member), [SIGNATURE]);
    for (finalized, expected) in [(51, 0), (50 + RESUBMIT_AFTER, 1), (51 + RESUBMIT_AFTER, 0)] {
        member.view.finalized = finalized;
        member.run_job(Duration::from_secs(u64::from(finalized)), Job::Activate(NEXT), &Chain);
        assert_eq!(submitted(&mut member), vec![SIGNATURE; expected], "at block {finalized}");
    }
}

#[test]
fn quorums_should_be_numbered_on_when_the_first_of_them_fail() {
    let mut member = forming(50);
    let mut now = Duration::ZERO;
    let mut last = None;
    for _ in 0..3 {
        member.activate(now, NEXT);
        assert!(!member.coordinations.is_empty(), "is asked for again");
        while !member.coordinations.is_empty() {
            for number in calls(&mut member) {
                assert!(Some(number) > last, "members follow none twice");
                last = Some(number);
            }
            now += REQUEST_TIMEOUT;
            member.expire_coordinations(now);
        }
    }
    assert!(last >= Some(2));
}

#[test]
fn turns_should_count_from_when_it_is_time() {
    let mut member = forming(50);
    member.holdings.get_mut(&NEXT).expect("held").index = index(2);
    let deadline = member.view.attempt.as_ref().expect("runs").deadline;
    // Others may set up their pairs for a while yet.
    member.view.finalized = deadline - ACTIVATION_BEFORE_DEADLINE - 1;
    member.activate(Duration::ZERO, NEXT);
    member.view.finalized += 1;
    let begins = Duration::from_secs(60);
    member.activate(begins, NEXT);
    assert!(calls(&mut member).is_empty(), "the first member's turn");
    // The attempt ends soon: the turns are short ones.
    member.activate(begins + LAST_ACTIVATION_TURN, NEXT);
    assert_eq!(calls(&mut member), BTreeSet::from([0]));
}
