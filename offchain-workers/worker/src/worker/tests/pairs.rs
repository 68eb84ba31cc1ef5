//! Pairs with whoever is banned.

use conclave_protocols::{Machine, Outgoing, Pair, Pairing, Step};

use super::*;

const NEXT: AttemptId = AttemptId { epoch: Epoch(2), attempt: Attempt(0) };
const CURVE: Curve = Curve::Secp256k1;
/// By transport key: member 2 of the first committee, 3 of the next.
const CHEAT: u8 = 2;
const HONEST: u8 = 3;

/// Members 1 to 4, in another order.
fn next_members() -> Vec<Member> {
    [4, 1, CHEAT, HONEST].map(listed).into()
}

/// A member of the committee that serves, and of the one that forms.
fn member_of_both() -> Worker<Disk, ChaCha20Rng> {
    let mut member = worker(1);
    for id in [FIRST, NEXT] {
        member.store.put_shares(id, &[], &mut ChaCha20Rng::from_seed([3; 32])).expect("written");
    }
    let attempt = AttemptView { members: next_members(), ..confirming(NEXT, &[]) };
    member.handle(Duration::ZERO, finalized(9, committee(FIRST, &[1, 2, 3]), Some(attempt)), &Chain);
    assert_eq!(member.holdings.keys().copied().collect::<Vec<_>>(), [FIRST, NEXT]);
    member
}

/// The side of `own` in a pair with `peer`.
fn pair(own: u8, peer: u8) -> Pair {
    let mut rng = ChaCha20Rng::from_seed([6; 32]);
    let mut start = |own, peer| {
        Pairing::start(CURVE, index(own), index(peer), &SessionId([5; 32]), &mut rng).expect("starts")
    };
    let ((mut ours, mut our_flight), (mut theirs, mut their_flight)) = (start(own, peer), start(peer, own));
    loop {
        let received =
            |from: u8, flight: &[Outgoing]| BTreeMap::from([(index(from), flight[0].payload.clone())]);
        let (from_peer, from_us) = (received(peer, &their_flight), received(own, &our_flight));
        match ours.advance(from_peer, &mut rng).expect("honest") {
            Step::Done(pair) => return pair,
            Step::Next { machine, outgoing } => (ours, our_flight) = (machine, outgoing),
        }
        let Ok(Step::Next { machine, outgoing }) = theirs.advance(from_us, &mut rng) else {
            panic!("it ends with ours")
        };
        (theirs, their_flight) = (machine, outgoing);
    }
}

fn paired(member: &Worker<Disk, ChaCha20Rng>, id: AttemptId) -> Vec<u8> {
    member.holdings[&id].pairs.counterparties(CURVE).iter().map(|peer| peer.get()).collect()
}

#[test]
fn a_ban_should_drop_the_pairs_of_every_committee() {
    let mut member = member_of_both();
    member.keep_pair(Duration::ZERO, FIRST, pair(1, 2));
    member.keep_pair(Duration::ZERO, FIRST, pair(1, 3));
    member.keep_pair(Duration::ZERO, NEXT, pair(2, 3));
    member.keep_pair(Duration::ZERO, NEXT, pair(2, 4));
    assert_eq!([paired(&member, FIRST), paired(&member, NEXT)], [[2, 3], [3, 4]]);

    member.ban_pair(transport(CHEAT));
    assert_eq!([paired(&member, FIRST), paired(&member, NEXT)], [[3], [4]], "by its index in each");
    assert!(!member.holdings[&NEXT].paired_at.contains_key(&(CURVE, index(3))));
}

#[test]
fn a_pair_that_is_done_after_the_ban_should_not_be_kept() {
    let mut member = member_of_both();
    member.ban_pair(transport(CHEAT));
    member.keep_pair(Duration::ZERO, FIRST, pair(1, 2));
    member.keep_pair(Duration::ZERO, NEXT, pair(2, 3));
    assert_eq!([paired(&member, FIRST), paired(&member, NEXT)], [[], [] as [u8; 0]]);
    member.keep_pair(Duration::ZERO, NEXT, pair(2, 4));
    assert_eq!(paired(&member, NEXT), [4], "of another member");
}
