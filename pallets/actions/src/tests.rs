//! Each call and each of its refusals.

use conclave_primitives::{
    actions::{Limits, Prices, MAX_PUBLISHED_BYTES},
    Cid,
};
use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate};
use sp_runtime::{DispatchError, TokenError};

use crate::{mock::*, Code, Event, ExecutionLimits, ExecutionPrices, Program, Publication, Publications};

type Error = crate::Error<Test>;

const CODE: &str = "Lit.Actions.setResponse({ response: 'hello' })";

#[test]
fn a_published_program_should_be_found_by_the_cid_of_its_bytes() {
    run(|| {
        let cid = must_publish(ALICE, CODE);
        assert_eq!(cid, Cid::of(CODE.as_bytes()));
        assert_eq!(Actions::program(cid), Some(CODE.as_bytes().to_vec()));
        let deposit = PROGRAM_DEPOSIT + BYTE_DEPOSIT * CODE.len() as u64;
        assert_eq!(held(&ALICE), deposit);
        let bytes = CODE.len() as u32;
        assert_eq!(Publications::<Test>::get(cid), Some(Publication { publisher: ALICE, deposit, bytes }));
        System::assert_last_event(Event::ProgramPublished { cid, publisher: ALICE, bytes }.into());
    });
}

#[test]
fn the_longest_program_should_be_published_and_none_that_is_longer() {
    run(|| {
        let longest = Program::truncate_from(vec![b';'; MAX_PUBLISHED_BYTES as usize]);
        let cid = Cid::of(&longest);
        assert!(Program::try_from(vec![b';'; MAX_PUBLISHED_BYTES as usize + 1]).is_err());
        Balances::set_balance(&BOB, u64::from(MAX_PUBLISHED_BYTES) * BYTE_DEPOSIT + ENDOWMENT);
        assert_ok!(Actions::publish(RuntimeOrigin::signed(BOB), longest));
        assert!(Code::<Test>::contains_key(cid));
    });
}

#[test]
fn a_program_should_be_published_once_at_a_time_and_not_empty() {
    run(|| {
        must_publish(ALICE, CODE);
        let again = Actions::publish(RuntimeOrigin::signed(BOB), program(CODE));
        assert_noop!(again, Error::AlreadyPublished);
        assert_noop!(Actions::publish(RuntimeOrigin::signed(BOB), program("")), Error::EmptyProgram);
    });
}

#[test]
fn who_cannot_pay_the_deposit_should_publish_nothing() {
    run(|| {
        let poor = Actions::publish(RuntimeOrigin::signed(NOBODY), program(CODE));
        assert_noop!(poor, TokenError::FundsUnavailable);
        let long = Program::truncate_from(vec![b';'; ENDOWMENT as usize]);
        assert_noop!(Actions::publish(RuntimeOrigin::signed(BOB), long), TokenError::FundsUnavailable);
    });
}

#[test]
fn the_publisher_alone_should_take_a_program_back_and_anybody_publish_it_again() {
    run(|| {
        let cid = must_publish(ALICE, CODE);
        assert_noop!(Actions::unpublish(RuntimeOrigin::signed(BOB), cid), Error::NotPublisher);
        assert_ok!(Actions::unpublish(RuntimeOrigin::signed(ALICE), cid));
        System::assert_last_event(Event::ProgramUnpublished { cid, publisher: ALICE }.into());
        assert_eq!((held(&ALICE), Actions::program(cid)), (0, None));
        assert_noop!(Actions::unpublish(RuntimeOrigin::signed(ALICE), cid), Error::NotPublished);
        assert_eq!(must_publish(BOB, CODE), cid);
    });
}

#[test]
fn governance_alone_should_set_limits_up_to_their_ceiling() {
    run(|| {
        assert_eq!(ExecutionLimits::<Test>::get(), Limits::DEFAULT);
        let limits = Limits { fuel: 0, ..Limits::CEILING };
        let signed = Actions::set_limits(RuntimeOrigin::signed(ALICE), limits);
        assert_noop!(signed, DispatchError::BadOrigin);
        assert_ok!(Actions::set_limits(RuntimeOrigin::root(), limits));
        assert_eq!(ExecutionLimits::<Test>::get(), limits);
        System::assert_last_event(Event::LimitsSet { limits }.into());
        let above = Limits { fetches: Limits::CEILING.fetches + 1, ..limits };
        assert_noop!(Actions::set_limits(RuntimeOrigin::root(), above), Error::AboveCeiling);
    });
}

#[test]
fn governance_alone_should_set_prices() {
    run(|| {
        let prices = Prices { signature: 7, ..Prices::default() };
        let signed = Actions::set_prices(RuntimeOrigin::signed(ALICE), prices);
        assert_noop!(signed, DispatchError::BadOrigin);
        assert_ok!(Actions::set_prices(RuntimeOrigin::root(), prices));
        assert_eq!(ExecutionPrices::<Test>::get(), prices);
        System::assert_last_event(Event::PricesSet { prices }.into());
    });
}
