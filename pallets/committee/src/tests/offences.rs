//! What the runtime judges is reported as an offence: once, of the right offender, with the right fraction.

use super::{
    keygen::{context, dealing, open_call, report, rng, running, to_complain, to_deal, FIRST},
    mock::{
        account, execute, index, run_to, submit, Committee, Offences, Reported, SessionIndex, System, Test,
        Worker,
    },
};
use crate::{
    offences::most_slashed_together, ComplaintOffence, DealingOffence, Event, FormedIn, MemberOffence,
    OffenceKind, PendingOffences, WeightInfo, LONE_SLASH,
};
use conclave_primitives::{root_key_ids, AttemptId, MAX_MEMBERS, MIN_MEMBERS};
use conclave_vss::{open, Complaint, OpenError};
use frame_support::weights::Weight;
use sp_runtime::{AccountId32, Perbill};
use sp_staking::offence::{Kind, Offence};

/// What a lone offender of a session is reported for.
pub(super) fn offence(kind: Kind, session: u32, offender: u8, reporters: &[u8]) -> Reported {
    Reported {
        kind,
        offender: account(offender),
        reporters: reporters.iter().copied().map(account).collect(),
        session,
        fraction: LONE_SLASH,
    }
}

/// The complaint of `member` about a copy of a dealing whose ciphertext for it is broken.
pub(super) fn complaint(member: u8, dealer: u8, broken: &conclave_vss::Dealing) -> Complaint {
    let secret = Worker::new(member).encryption;
    let opened = open(&context(dealer), &root_key_ids(), broken, index(member), &secret, &mut rng(member));
    let Err(OpenError::Cheated(complaint)) = opened else { panic!("the ciphertext is broken") };
    complaint
}

#[test]
fn honest_key_generation_should_report_nobody() {
    execute(4, || {
        let dealings: Vec<_> = (1..=4).map(dealing).collect();
        to_complain(&dealings);
        for member in 1..=4 {
            submit(report(member, Vec::new())).expect("report");
        }
        assert_eq!(Offences::get(), []);
    });
}

#[test]
fn a_bad_dealing_should_be_charged_to_the_session_of_its_attempt() {
    execute(4, || {
        assert_eq!(FormedIn::<Test>::get(FIRST), Some(3));
        let mut dealings: Vec<_> = (1..=4).map(dealing).collect();
        dealings[1].keys[0].proof = dealings[0].keys[0].proof;
        to_deal(&dealings);
        // The session, and who validates, change in the meantime.
        SessionIndex::set(4);
        super::mock::Validators::set(vec![account(1)]);
        for (position, dealing) in dealings.iter().enumerate() {
            submit(open_call(position as u8 + 1, dealing)).expect("deal");
        }
        assert_eq!(Offences::get(), [offence(DealingOffence::ID, 3, 2, &[])]);
    });
}

#[test]
fn complaints_should_report_whoever_lied_once_and_name_the_complainer() {
    execute(4, || {
        let mut dealings: Vec<_> = (1..=4).map(dealing).collect();
        dealings[2].recipients[0].ciphertext[3] ^= 1;
        dealings[2].recipients[3].ciphertext[3] ^= 1;
        to_complain(&dealings);
        let (just, late) = (complaint(1, 3, &dealings[2]), complaint(4, 3, &dealings[2]));
        let mut broken = dealings[0].clone();
        broken.recipients[1].ciphertext[3] ^= 1;
        let unjust = complaint(2, 1, &broken);
        submit(report(1, vec![just])).expect("report");
        submit(report(4, vec![late])).expect("report");
        submit(report(2, vec![unjust])).expect("report");
        assert_eq!(
            Offences::get(),
            [offence(DealingOffence::ID, 3, 3, &[1]), offence(ComplaintOffence::ID, 3, 2, &[]),]
        );
    });
}

#[test]
fn a_member_without_stake_should_be_disqualified_all_the_same() {
    execute(4, || {
        let id = running().id;
        crate::Running::<Test>::mutate(|running| {
            running.as_mut().expect("runs").members[1].account = account(99);
        });
        let mut dealings: Vec<_> = (1..=4).map(dealing).collect();
        dealings[1].keys[0].proof = dealings[0].keys[0].proof;
        to_deal(&dealings);
        submit(open_call(2, &dealings[1])).expect("validates");
        assert!(super::mock::last_events().iter().any(
            |event| matches!(event, Event::Disqualified { attempt, account: culprit, .. } if *attempt == id && *culprit == account(99))
        ));
        assert_eq!(Offences::get(), []);
    });
}

#[test]
fn the_fraction_should_grow_with_those_who_act_together() {
    let of = |members: u32, offenders: u32| {
        let offence: MemberOffence<AccountId32, DealingOffence> =
            MemberOffence::new(account(1), 1, FIRST, members);
        offence.slash_fraction(offenders)
    };
    assert_eq!(of(4, 1), LONE_SLASH);
    assert_eq!(of(20, 2), LONE_SLASH, "(3/20)² is less");
    assert_eq!(of(20, 4), Perbill::from_rational(81u32, 400u32));
    // As many as can stop a committee: n - t + 1 of n.
    assert_eq!(of(30, 11), Perbill::one());
    assert_eq!(of(4, 4), Perbill::one(), "never more than all");
}

#[test]
fn an_offence_should_weigh_as_much_as_all_whose_slashes_grow() {
    for members in MIN_MEMBERS..=MAX_MEMBERS {
        let offence: MemberOffence<AccountId32, DealingOffence> =
            MemberOffence::new(account(1), 1, FIRST, members);
        let grows = |k: &u32| offence.slash_fraction(*k) > offence.slash_fraction(k - 1);
        let most = (2..=members).filter(grows).max().expect("two are worse than one, or three than two");
        assert!(most <= most_slashed_together(members), "{most} of {members}");
    }
}

#[test]
fn offences_should_wait_until_a_block_has_time_for_them() {
    execute(4, || {
        let mut dealings: Vec<_> = (1..=4).map(dealing).collect();
        for guilty in [1, 2] {
            dealings[guilty].keys[0].proof = dealings[0].keys[0].proof;
        }
        to_deal(&dealings);
        submit(open_call(2, &dealings[1])).expect("validates");
        submit(open_call(3, &dealings[2])).expect("validates");
        let weight = <() as WeightInfo>::offence(4);
        let report = |available| {
            assert!(Committee::report_pending_offences(available).all_lte(available));
            PendingOffences::<Test>::iter_keys().count()
        };
        assert_eq!(report(weight.saturating_sub(Weight::from_parts(1, 0))), 2);
        assert_eq!(report(weight), 1);
        assert_eq!(report(weight), 0);
        assert_eq!(Offences::get().len(), 2);
    });
}

#[test]
fn sessions_of_forgotten_attempts_should_be_forgotten() {
    execute(4, || {
        for failed in 1..=3u32 {
            run_to(System::block_number() + 7);
            let id = running().id;
            assert_eq!(id.attempt.0, failed);
            assert_eq!(FormedIn::<Test>::iter_keys().collect::<Vec<AttemptId>>(), [id]);
        }
    });
}
