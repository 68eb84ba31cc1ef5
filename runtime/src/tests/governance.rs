//! Referenda: the fast track refuses more, and accepts nothing.

use super::must_start;
use crate::{
    configs::governance::pallet_origins::Origin, AccountId, Attestation, Balances, ConvictionVoting,
    OriginCaller, Preimage, Referenda, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, Scheduler, System,
    DAYS, HOURS, UNIT,
};
use frame_support::{
    assert_ok,
    traits::{fungible::Mutate, schedule::DispatchTime, Hooks, StorePreimage},
};
use frame_system::RawOrigin;
use pallet_conviction_voting::{AccountVote, Conviction, Vote};
use sp_keyring::Sr25519Keyring;

const CHIP: [u8; 64] = [7; 64];

fn voter() -> AccountId {
    Sr25519Keyring::Alice.to_account_id()
}

/// Puts a call to the vote on the track of this origin, with nearly all tokens for it.
fn carry(origin: impl Into<OriginCaller>, call: RuntimeCall) {
    assert_ok!(Balances::mint_into(&voter(), 1_000_000_000 * UNIT));
    let proposal = Preimage::bound(call).expect("it is bounded");
    let index = pallet_referenda::ReferendumCount::<Runtime>::get();
    let signed = || RuntimeOrigin::signed(voter());
    assert_ok!(Referenda::submit(signed(), Box::new(origin.into()), proposal, DispatchTime::After(0)));
    assert_ok!(Referenda::place_decision_deposit(signed(), index));
    let vote = Vote { aye: true, conviction: Conviction::Locked1x };
    let vote = AccountVote::Standard { vote, balance: 900_000_000 * UNIT };
    assert_ok!(ConvictionVoting::vote(signed(), index, vote));
}

fn run_for(blocks: u32) {
    for _ in 0..blocks {
        let next = System::block_number() + 1;
        System::set_block_number(next);
        Scheduler::on_initialize(next);
    }
}

fn is_blocked() -> bool {
    pallet_attestation::BlockedChips::<Runtime>::contains_key(CHIP)
}

fn refused_calls() -> usize {
    let is_refused = |event: &RuntimeEvent| {
        matches!(event, RuntimeEvent::Scheduler(pallet_scheduler::Event::Dispatched { result: Err(_), .. }))
    };
    System::events().into_iter().filter(|record| is_refused(&record.event)).count()
}

#[test]
fn the_fast_track_should_refuse_a_chip_within_an_hour_and_accept_none() {
    must_start("local").execute_with(|| {
        System::set_block_number(1);
        let block = pallet_attestation::Call::block_chip { chip: CHIP };
        carry(Origin::Tighten, block.into());
        run_for(HOURS / 2 - 20);
        assert!(!is_blocked(), "the chip's operator can be heard for half an hour");
        run_for(HOURS / 2);
        assert!(is_blocked());

        let unblock = pallet_attestation::Call::unblock_chip { chip: CHIP };
        carry(Origin::Tighten, unblock.into());
        run_for(HOURS);
        assert!(is_blocked());
        assert_eq!(refused_calls(), 1, "it was carried, and may not do it");
    });
}

#[test]
fn root_should_accept_the_chip_again_after_days() {
    must_start("local").execute_with(|| {
        System::set_block_number(1);
        assert_ok!(Attestation::block_chip(Origin::Tighten.into(), CHIP));
        let unblock = pallet_attestation::Call::unblock_chip { chip: CHIP };
        carry(RawOrigin::Root, unblock.into());
        run_for(DAYS);
        assert!(is_blocked());
        run_for(2 * DAYS);
        assert!(!is_blocked());
    });
}
