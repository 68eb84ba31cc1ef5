//! Who is taken into a committee, and whom it goes without as long as it can.

use super::{
    evidence::committee_of,
    keygen::running,
    mock::{account, execute_registered, run_to, Committee, NotAdmitted, SessionIndex, System, Test},
};
use crate::{ActiveCommittee, CurrentCommittee, Due, Excluded, ExclusionReason, NextAttempt, Running};
use frame_support::BoundedVec;
use frame_system::RawOrigin;

/// The members of the next attempt, where the last one missed `absent`, and these are excluded for long.
fn next_members(absent: &[u8], excluded: &[u8]) -> Vec<u8> {
    for number in excluded {
        Committee::exclude(&account(*number), ExclusionReason::Guilty);
    }
    Committee::cancel_attempt(RawOrigin::Root.into()).expect("it runs");
    Excluded::<Test>::put(BoundedVec::truncate_from(absent.iter().copied().map(account).collect()));
    run_to(System::block_number() + 2);
    running().members.iter().map(|member| <[u8; 32]>::from(member.account.clone())[0]).collect()
}

#[test]
fn those_to_leave_out_should_make_room_for_others() {
    execute_registered(24, 24, || {
        assert_eq!(running().members.len(), 20);
        let expected: Vec<u8> = (1..=24).filter(|number| ![2, 5, 7].contains(number)).take(20).collect();
        assert_eq!(next_members(&[7], &[2, 5]), expected);
    });
}

#[test]
fn the_absent_should_come_back_before_the_excluded_and_none_alone() {
    for (absent, excluded, expected) in [
        (vec![2], vec![], vec![1, 3, 4]),
        (vec![], vec![1], vec![2, 3, 4]),
        (vec![2], vec![1], vec![2, 3, 4]),
        (vec![2, 3], vec![1], vec![2, 3, 4]),
        // Two would decide alone, were they three with one of these.
        (vec![2, 3], vec![], vec![1, 2, 3, 4]),
        (vec![], vec![1, 2], vec![1, 2, 3, 4]),
        (vec![4], vec![1, 2, 3], vec![1, 2, 3, 4]),
        (vec![1, 2, 3, 4], vec![], vec![1, 2, 3, 4]),
    ] {
        execute_registered(4, 4, || {
            assert_eq!(next_members(&absent, &excluded), expected, "without {absent:?} and {excluded:?}");
        });
    }
}

/// Members 5 to 24 of 24 validators serve, since the first four were away when the committee was made.
fn without_the_first_four(test: impl FnOnce()) {
    execute_registered(24, 24, || {
        Running::<Test>::kill();
        let members: Vec<u8> = (5..=24).collect();
        let committee = ActiveCommittee { session: SessionIndex::get(), ..committee_of(1, &members) };
        Committee::note_use_of_dealing_keys(&committee.members);
        CurrentCommittee::<Test>::put(committee);
        Committee::note_formation(NextAttempt::<Test>::get());
        test();
    });
}

fn is_due_in_the_next_session() -> bool {
    SessionIndex::set(SessionIndex::get() + 1);
    Committee::note_session();
    Due::<Test>::take()
}

#[test]
fn a_full_committee_should_not_change_for_the_order_of_the_validators() {
    without_the_first_four(|| assert!(!is_due_in_the_next_session()));
}

#[test]
fn a_full_committee_should_change_when_it_loses_a_member() {
    without_the_first_four(|| {
        NotAdmitted::set(vec![account(24)]);
        assert!(is_due_in_the_next_session());
    });
    without_the_first_four(|| {
        Committee::exclude(&account(5), ExclusionReason::Guilty);
        assert!(is_due_in_the_next_session());
    });
}
