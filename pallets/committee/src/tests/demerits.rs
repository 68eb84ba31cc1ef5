//! What nobody can prove: bans and absence. Liars that a committee bears change nothing.

use super::{
    evidence::{accuse, committee_of, equivocation, in_epoch},
    mock::{
        account, execute, index, last_events, peers, submit, Committee, FurtherAccusers, Offences, Test,
        Worker,
    },
};
use crate::{Call, CurrentCommittee, Event, ExclusionReason, NextAttempt, PeerReports, Running, Standings};
use conclave_primitives::{Attempt, AttemptId, Epoch, PeerReport};
use frame_support::traits::Hooks;
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError};

pub(super) fn say(epoch: u32, member: u8, banned: &[u8], absent: &[u8]) -> Call<Test> {
    let (epoch, participant) = (Epoch(epoch), index(member));
    let report = PeerReport { banned: peers(banned), absent: peers(absent) };
    let signature = Worker::new(member).sign("report_peers", &(epoch, participant, &report));
    Call::report_peers { epoch, participant, report, signature }
}

fn invalid(code: u8) -> Result<(), TransactionValidityError> {
    Err(InvalidTransaction::Custom(code).into())
}

/// Seven members serve in this epoch: t is 5, n - t is 2.
fn seven_in(epoch: u32) {
    Running::<Test>::kill();
    Committee::retire_committee();
    CurrentCommittee::<Test>::put(committee_of(epoch, &[1, 2, 3, 4, 5, 6, 7]));
    let next = AttemptId { epoch: Epoch(epoch + 1), attempt: Attempt(0) };
    NextAttempt::<Test>::put(next);
    Committee::note_formation(next);
}

fn among_seven(test: impl FnOnce()) {
    execute(7, || {
        seven_in(1);
        test();
    });
}

fn exclusions() -> Vec<(u8, u32, ExclusionReason)> {
    last_events()
        .into_iter()
        .filter_map(|event| match event {
            Event::MemberExcluded { account, until, reason } => {
                Some((<[u8; 32]>::from(account)[0], until.0, reason))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn more_accusers_than_a_committee_bears_liars_should_exclude() {
    among_seven(|| {
        submit(say(1, 1, &[7], &[])).expect("says");
        submit(say(1, 2, &[7], &[])).expect("says");
        assert!(!Committee::is_excluded(&account(7)), "two could be liars");
        submit(say(1, 3, &[6, 7], &[])).expect("says");
        assert!(Committee::is_excluded(&account(7)) && !Committee::is_excluded(&account(6)));
        submit(say(1, 4, &[7], &[])).expect("says");
        assert_eq!(exclusions(), [(7, 3, ExclusionReason::Banned)], "once, from two committees");
        assert_eq!(Offences::get(), [], "nothing was proven");
        seven_in(2);
        assert!(Committee::is_excluded(&account(7)));
        assert_eq!(PeerReports::<Test>::iter().count(), 0, "an epoch starts with no reports");
        seven_in(3);
        assert!(!Committee::is_excluded(&account(7)), "it may come back");
        assert_eq!(Standings::<Test>::iter().count(), 0);
    });
}

#[test]
fn the_configuration_should_say_how_many_accusers_exclude() {
    among_seven(|| {
        FurtherAccusers::set(1);
        (1..=3).for_each(|member| submit(say(1, member, &[7], &[])).expect("says"));
        assert_eq!(exclusions(), []);
        assert_eq!(Standings::<Test>::get(account(7)).demerits, 0, "nor is it a demerit");
        submit(say(1, 4, &[7], &[])).expect("says");
        assert_eq!(exclusions(), [(7, 3, ExclusionReason::Banned)]);
    });
}

#[test]
fn a_quorum_of_liars_or_of_everyone_should_be_no_configuration() {
    execute(0, || {
        Committee::integrity_test();
        // Two of three are one more than may lie, and all but the accused.
        for further in [-1, 1] {
            FurtherAccusers::set(further);
            assert!(std::panic::catch_unwind(Committee::integrity_test).is_err());
        }
    });
}

#[test]
fn absence_should_take_t_witnesses_and_several_epochs() {
    among_seven(|| {
        // Four cannot sign, nor can they attest.
        for member in 1..=4 {
            submit(say(1, member, &[], &[7])).expect("says");
        }
        assert_eq!(Standings::<Test>::get(account(7)).demerits, 0);
        for member in 5..=6 {
            submit(say(1, member, &[], &[7])).expect("says");
        }
        assert_eq!(Standings::<Test>::get(account(7)).demerits, 1, "once an epoch");
        seven_in(2);
        for member in 1..=5 {
            submit(say(2, member, &[], &[7])).expect("says");
        }
        assert_eq!(exclusions(), [(7, 4, ExclusionReason::Absent)]);
        assert!(Committee::is_excluded(&account(7)));
        assert_eq!(Offences::get(), []);
    });
}

#[test]
fn demerits_should_fade() {
    among_seven(|| {
        for member in 1..=5 {
            submit(say(1, member, &[], &[7])).expect("says");
        }
        for epoch in 2..=3 {
            seven_in(epoch);
            assert_eq!(Standings::<Test>::get(account(7)).demerits, 1, "epoch {epoch}");
        }
        seven_in(4);
        assert_eq!(Standings::<Test>::iter().count(), 0);
    });
}

#[test]
fn a_report_should_be_taken_again_only_with_more_to_say() {
    among_seven(|| {
        submit(say(1, 1, &[7], &[6])).expect("says");
        assert_eq!(submit(say(1, 1, &[7], &[6])), invalid(4), "the same");
        assert_eq!(submit(say(1, 1, &[], &[6])), invalid(4), "less");
        submit(say(1, 1, &[], &[5])).expect("more");
        let said = PeerReport { banned: peers(&[7]), absent: peers(&[5, 6]) };
        assert_eq!(PeerReports::<Test>::get(index(1)), said, "nothing is taken back");
        assert_eq!(submit(say(2, 2, &[7], &[])), invalid(1), "another epoch");
        assert_eq!(submit(say(1, 2, &[2], &[])), invalid(10), "of itself");
        assert_eq!(submit(say(1, 2, &[], &[8])), invalid(10), "of nobody");
        assert_eq!(submit(say(1, 8, &[1], &[])), invalid(3), "by an outsider");
        let Call::report_peers { epoch, report, signature, .. } = say(1, 2, &[7], &[]) else {
            unreachable!()
        };
        let borrowed = Call::report_peers { epoch, participant: index(3), report, signature };
        assert_eq!(submit(borrowed), Err(InvalidTransaction::BadProof.into()));
        assert_eq!(submit(say(1, 1, &[], &[])), invalid(4), "nothing");
    });
}

#[test]
fn the_guilty_should_be_left_out_and_not_be_heard() {
    in_epoch(|| {
        submit(accuse(1, equivocation(2))).expect("true");
        assert_eq!(
            exclusions().iter().map(|(who, _, why)| (*who, *why)).collect::<Vec<_>>(),
            [(2, ExclusionReason::Guilty)]
        );
        assert!(Committee::is_excluded(&account(2)));
        assert_eq!(submit(say(1, 2, &[1], &[])), invalid(3));
    });
}

#[test]
fn one_report_of_each_member_should_wait_the_one_that_says_most() {
    among_seven(|| {
        let validity = |banned: &[u8], absent: &[u8]| {
            let Call::report_peers { epoch, participant, report, signature } = say(1, 1, banned, absent)
            else {
                panic!("another call")
            };
            let source = TransactionSource::External;
            Committee::authorise_peers(source, &epoch, &participant, &report, &signature).expect("valid").0
        };
        let (less, more) = (validity(&[7], &[]), validity(&[7], &[6]));
        assert_eq!(less.provides, more.provides);
        assert!(less.priority < more.priority);
    });
}
