//! Epochs: who is in the next committee, and what a reshare keeps.

use super::{
    demerits::say,
    keygen::{
        confirm, context, dealing, disqualified, invalid, open_call, report, rng, running, to_complain,
    },
    mock::{
        account, execute_registered, idle, index, last_events, run_to, submit, Committee, NotAdmitted,
        Offences, SessionIndex, System, Test, Validators, Worker,
    },
    offences::offence,
};
use crate::{
    ComplaintOffence, CurrentCommittee, DealingOffence, Dealings, Due, Event, FailureReason, Fault, FormedIn,
    OffenceKind, Running,
};
use conclave_primitives::{
    root_key_ids, Attempt, AttemptId, AttemptKind, AttemptPhase, EncodedPoint, Epoch, RootKeyId,
};
use conclave_vss::{
    combine_shares, deal, open, share_matches, Combination, Complaint, Dealing, DealingFault, OpenError,
    SecretScalar, Secrets,
};
use frame_support::{assert_noop, assert_ok, pallet_prelude::InvalidTransaction};
use frame_system::RawOrigin;
use sp_runtime::{traits::BadOrigin, AccountId32};

/// The worker of the validator at this position of the attempt's or the committee's list.
fn worker(account: &AccountId32) -> (u8, Worker) {
    let number = <AccountId32 as AsRef<[u8]>>::as_ref(account)[0];
    (number, Worker::new(number))
}

/// The shares of a member of the committee that serves, from the dealings that made it.
fn shares_of(member: u8) -> Vec<(RootKeyId, SecretScalar)> {
    let committee = CurrentCommittee::<Test>::get().expect("serves");
    let attempt = AttemptId { epoch: committee.epoch, attempt: committee.attempt };
    let (_, worker) = worker(&committee.members[index(member).position()].account);
    let combination = if committee.epoch == Epoch(1) { Combination::Sum } else { Combination::Interpolation };
    let opened: Vec<_> = Dealings::<Test>::iter()
        .map(|(dealer, dealing)| {
            let context = conclave_vss::DealingContext { genesis: Committee::genesis(), attempt, dealer };
            let keys = root_key_ids();
            let shares = open(&context, &keys, &dealing, index(member), &worker.encryption, &mut rng(1));
            (dealer, shares.expect("good shares"))
        })
        .collect();
    root_key_ids()
        .into_iter()
        .enumerate()
        .map(|(key, id)| {
            let parts = opened.iter().map(|(dealer, shares)| (*dealer, &shares[key]));
            let share = combine_shares(id.curve, combination, parts).expect("scalars");
            assert!(share_matches(id.curve, &committee.roots[key].commitments, index(member), &share));
            (id, share)
        })
        .collect()
}

fn reshare_dealing(dealer: u8, of: u8) -> Dealing {
    let attempt = running();
    let recipients: Vec<_> = attempt.members.iter().map(|member| member.dealing_key).collect();
    let shares = shares_in_service(of);
    deal(&context(dealer), Secrets::Shares(&shares), attempt.threshold, &recipients, &mut rng(dealer))
        .expect("keys are points")
}

thread_local! {
    /// Shares outlive the dealings, which the next attempt replaces.
    static HELD: std::cell::RefCell<Vec<Vec<(RootKeyId, SecretScalar)>>> = const { std::cell::RefCell::new(Vec::new()) };
}

fn shares_in_service(member: u8) -> Vec<(RootKeyId, SecretScalar)> {
    HELD.with_borrow(|held| {
        held[index(member).position()]
            .iter()
            .map(|(id, share)| (*id, SecretScalar::from_bytes(*share.as_bytes())))
            .collect()
    })
}

fn note_shares() {
    let n = CurrentCommittee::<Test>::get().expect("serves").members.len() as u8;
    HELD.set((1..=n).map(shares_of).collect());
}

fn public_keys() -> Vec<EncodedPoint> {
    let committee = CurrentCommittee::<Test>::get().expect("serves");
    committee.roots.iter().map(|root| root.commitments[0].clone()).collect()
}

/// The simulation shows the committee's signature; here it is taken for granted.
fn activate() {
    let attempt = running().id;
    assert_ok!(Committee::activate(RawOrigin::Authorized.into(), attempt, [0; 64]));
}

fn first_committee(members: u8) {
    let dealings: Vec<_> = (1..=members).map(dealing).collect();
    to_complain(&dealings);
    for member in 1..=members {
        submit(report(member, Vec::new())).expect("report");
    }
    idle();
    for member in 1..=members {
        submit(confirm(member)).expect("confirm");
    }
    activate();
    note_shares();
}

/// A call in the name of the account that has this index in the attempt's members.
fn by(position: u8) -> u8 {
    worker(&running().members[index(position).position()].account).0
}

fn report_as(member: u8, complaints: Vec<Complaint>) -> crate::Call<Test> {
    let (attempt, participant) = (running().id, index(member));
    let complaints: frame_support::BoundedVec<_, _> = complaints.try_into().expect("few");
    let arguments = (attempt, running().round, participant, &complaints);
    let signature = Worker::new(by(member)).sign("report_shares", &arguments);
    crate::Call::report_shares { attempt, participant, complaints, signature }
}

fn confirm_as(member: u8) -> crate::Call<Test> {
    let (attempt, participant) = (running().id, index(member));
    let signature = Worker::new(by(member)).sign("confirm_shares", &(attempt, participant));
    crate::Call::confirm_shares { attempt, participant, signature }
}

fn next_session() {
    SessionIndex::set(SessionIndex::get() + 1);
    run_to(System::block_number() + 1);
}

/// The committee of session 3 is refreshed in session 5.
fn refresh() {
    assert_eq!(FormedIn::<Test>::iter_values().collect::<Vec<_>>(), [3]);
    next_session();
    next_session();
    assert_eq!(FormedIn::<Test>::get(running().id), Some(5));
}

/// From the dealings of these old members to the activation by all new ones.
fn reshare(dealers: &[u8]) {
    assert_eq!((running().kind, running().phase), (AttemptKind::Reshare, AttemptPhase::Deal));
    for dealer in dealers {
        submit(open_call(*dealer, &reshare_dealing(*dealer, *dealer))).expect("deal");
    }
    finish();
}

fn finish() {
    assert_eq!(running().phase, AttemptPhase::Complain);
    let n = running().members.len() as u8;
    for member in 1..=n {
        submit(report_as(member, Vec::new())).expect("report");
    }
    idle();
    assert_eq!(running().phase, AttemptPhase::Confirm);
    for member in 1..=n {
        submit(confirm_as(member)).expect("confirm");
    }
    activate();
    note_shares();
}

#[test]
fn a_refresh_should_follow_each_epoch_and_keep_the_keys() {
    execute_registered(4, 4, || {
        first_committee(4);
        let keys = public_keys();
        next_session();
        assert!(Running::<Test>::get().is_none(), "an epoch has two sessions");
        next_session();
        assert_eq!(running().id, AttemptId { epoch: Epoch(2), attempt: Attempt(0) });
        let before = CurrentCommittee::<Test>::get();
        reshare(&[4, 2, 3]);
        assert_eq!(public_keys(), keys);
        assert_ne!(CurrentCommittee::<Test>::get(), before);
        // Once more, from shares that are reshared themselves.
        next_session();
        next_session();
        reshare(&[1, 2, 4]);
        assert_eq!(public_keys(), keys);
        assert_eq!(CurrentCommittee::<Test>::get().map(|committee| committee.epoch), Some(Epoch(3)));
    });
}

#[test]
fn a_changed_validator_set_should_make_a_committee_at_the_next_session() {
    execute_registered(4, 20, || {
        first_committee(4);
        let keys = public_keys();
        // Disjoint, and larger: account n has the worker n, which `open_call` signs for the old committee's index n.
        Validators::set((11..=17).map(account).collect());
        run_to(System::block_number() + 1);
        assert!(Running::<Test>::get().is_none(), "not within a session");
        next_session();
        assert_eq!((running().members.len(), running().threshold), (7, 5));
        reshare(&[1, 3, 4]);
        assert_eq!(public_keys(), keys);
        let committee = CurrentCommittee::<Test>::get().expect("serves");
        assert_eq!((committee.members.len(), committee.threshold), (7, 5));
        assert_eq!(committee.members[0].account, account(11));
    });
}

#[test]
fn a_validator_that_is_no_longer_admitted_should_leave_by_reshare() {
    execute_registered(4, 4, || {
        first_committee(4);
        let keys = public_keys();
        NotAdmitted::set(vec![account(2)]);
        next_session();
        let members: Vec<_> = running().members.iter().map(|member| member.account.clone()).collect();
        assert_eq!(members, [1, 3, 4].map(account));
        // Three of the old deal, the one that leaves among them.
        reshare(&[1, 2, 3]);
        assert_eq!(public_keys(), keys);
        assert_eq!(CurrentCommittee::<Test>::get().expect("serves").members.len(), 3);
        // Fewer than two thirds of the validators make no committee: the one that serves, serves on.
        NotAdmitted::set([1, 2, 3].map(account).to_vec());
        next_session();
        assert!(!Running::<Test>::exists());
        assert_eq!(CurrentCommittee::<Test>::get().expect("serves").members.len(), 3);
    });
}

#[test]
fn only_as_many_dealings_as_needed_should_be_taken() {
    execute_registered(4, 4, || {
        first_committee(4);
        assert_ok!(Committee::start_attempt(RawOrigin::Root.into()));
        let spare = open_call(4, &reshare_dealing(4, 4));
        for dealer in 1..=3 {
            submit(open_call(dealer, &reshare_dealing(dealer, dealer))).expect("deal");
        }
        assert_eq!(submit(spare), invalid(2));
    });
}

#[test]
fn a_dealer_of_a_foreign_share_should_be_disqualified() {
    execute_registered(4, 4, || {
        first_committee(4);
        let keys = public_keys();
        refresh();
        submit(open_call(2, &reshare_dealing(2, 3))).expect("the fault is evidence");
        let fault = Fault::BadDealing(DealingFault::NotOwnShare(root_key_ids()[0]));
        assert_eq!(disqualified(), [(index(2), fault)]);
        // The stakes that made it a member answer for it, not those of the session in which it deals.
        assert_eq!(Offences::get(), [offence(DealingOffence::ID, 3, 2, &[])]);
        assert_eq!(submit(open_call(2, &reshare_dealing(2, 2))), invalid(4), "once");
        assert_eq!(submit(say(1, 2, &[1], &[])), invalid(3), "it has no say on others");
        reshare(&[1, 3, 4]);
        assert_eq!(public_keys(), keys);
    });
}

#[test]
fn a_dealing_that_falls_to_a_complaint_should_be_replaced_by_another() {
    execute_registered(4, 20, || {
        first_committee(4);
        let keys = public_keys();
        // Dealer 4 is the committee's account 4, and no member of the next one.
        Validators::set((5..=9).map(account).collect());
        next_session();
        let mut bad = reshare_dealing(4, 4);
        bad.recipients[0].ciphertext[3] ^= 1;
        let spare = open_call(3, &reshare_dealing(3, 3));
        for (dealer, dealing) in [(4, bad.clone()), (1, reshare_dealing(1, 1)), (2, reshare_dealing(2, 2))] {
            submit(open_call(dealer, &dealing)).expect("deal");
        }
        // From now on pools ban it, by its bytes.
        assert_eq!(submit(spare.clone()), invalid(2));
        let early: Vec<_> = (2..=5).map(|member| report_as(member, Vec::new())).collect();
        for report in early.clone() {
            submit(report).expect("report");
        }
        let opened =
            open(&context(4), &root_key_ids(), &bad, index(1), &Worker::new(by(1)).encryption, &mut rng(1));
        let Err(OpenError::Cheated(complaint)) = opened else { panic!("the ciphertext is broken") };
        submit(report_as(1, vec![complaint])).expect("report");
        let fault = Fault::BadShares { complainer: index(1), fault: DealingFault::Undecryptable(index(1)) };
        assert_eq!(disqualified(), [(index(4), fault)]);
        // The first of the new members, account 5, has brought it up; the dealer has been one since session 3.
        assert_eq!(Offences::get(), [offence(DealingOffence::ID, 3, 4, &[5])]);
        assert!(running().guilty_members.is_empty(), "the new member with the same index is somebody else");
        assert_eq!(running().phase, AttemptPhase::Deal);
        assert_eq!(submit(spare), Err(InvalidTransaction::BadProof.into()));
        submit(open_call(3, &reshare_dealing(3, 3))).expect("the same dealing, for this round");
        // Anyone can submit the reports on the dealings before once more; none is one on the new dealing.
        for report in early {
            assert_eq!(submit(report), Err(InvalidTransaction::BadProof.into()));
        }
        finish();
        assert_eq!(public_keys(), keys);
    });
}

#[test]
fn a_stuck_reshare_should_leave_the_committee_and_be_tried_again() {
    execute_registered(4, 20, || {
        first_committee(4);
        let before = CurrentCommittee::<Test>::get();
        Validators::set((11..=14).map(account).collect());
        next_session();
        run_to(System::block_number() + 7);
        assert!(last_events().iter().any(|event| matches!(
            event,
            Event::AttemptFailed { reason: FailureReason::TooFewDealings, absent, .. } if absent.len() == 4
        )));
        assert_eq!(CurrentCommittee::<Test>::get(), before);
        assert_eq!(running().id, AttemptId { epoch: Epoch(2), attempt: Attempt(1) });
        assert_ok!(Committee::cancel_attempt(RawOrigin::Root.into()));
        run_to(System::block_number() + 1);
        assert!(Running::<Test>::get().is_none() && !Due::<Test>::get(), "not before it is due again");
        next_session();
        assert_eq!(running().id, AttemptId { epoch: Epoch(2), attempt: Attempt(2) });
        reshare(&[1, 2, 3]);
    });
}

/// Among the absent, they would have left too few, and with that the guilty would have come back.
#[test]
fn dealers_that_were_not_needed_should_not_count_as_absent() {
    execute_registered(4, 6, || {
        first_committee(4);
        Validators::set((1..=6).map(account).collect());
        next_session();
        let mut complaints = Vec::new();
        for dealer in 1..=3 {
            let mut dealing = reshare_dealing(dealer, dealer);
            if dealer < 3 {
                dealing.recipients[4].ciphertext[3] ^= 1;
                let secret = &Worker::new(by(5)).encryption;
                let opened = open(&context(dealer), &root_key_ids(), &dealing, index(5), secret, &mut rng(1));
                let Err(OpenError::Cheated(complaint)) = opened else { panic!("it is broken") };
                complaints.push(complaint);
            }
            submit(open_call(dealer, &dealing)).expect("deal");
        }
        let attempt = running().id;
        submit(report_as(5, complaints)).expect("report");
        for member in [1, 2, 3, 4, 6] {
            submit(report_as(member, Vec::new())).expect("report");
        }
        let (reason, absent) = (FailureReason::TooFewDealings, Vec::new());
        assert!(last_events().contains(&Event::AttemptFailed { attempt, reason, absent }));
        run_to(System::block_number() + 1);
        let members: Vec<_> = running().members.into_iter().map(|member| member.account).collect();
        assert_eq!(members, [3, 4, 5, 6].map(account));
    });
}

#[test]
fn dealings_that_make_another_key_should_end_the_attempt_and_keep_the_committee() {
    execute_registered(4, 4, || {
        first_committee(4);
        let before = CurrentCommittee::<Test>::get();
        refresh();
        for dealer in 1..=3 {
            submit(open_call(dealer, &reshare_dealing(dealer, dealer))).expect("deal");
        }
        (1..=4).for_each(|member| submit(report_as(member, Vec::new())).expect("report"));
        // Of another's share: no dealing like this stands, unless its check fails.
        Dealings::<Test>::insert(index(3), reshare_dealing(3, 4));
        let attempt = running().id;
        idle();
        let (reason, absent) = (FailureReason::NoKey, Vec::new());
        assert!(last_events().contains(&Event::AttemptFailed { attempt, reason, absent }));
        assert_eq!(CurrentCommittee::<Test>::get(), before);
    });
}

#[test]
fn only_governance_should_start_and_cancel() {
    execute_registered(4, 4, || {
        first_committee(4);
        let signed = || RawOrigin::Signed(account(1)).into();
        assert_noop!(Committee::start_attempt(signed()), BadOrigin);
        assert_noop!(Committee::cancel_attempt(signed()), BadOrigin);
        assert_noop!(Committee::cancel_attempt(RawOrigin::Root.into()), crate::Error::<Test>::WrongPhase);
        assert_ok!(Committee::start_attempt(RawOrigin::Root.into()));
        assert_noop!(Committee::start_attempt(RawOrigin::Root.into()), crate::Error::<Test>::AttemptRuns);
    });
}

#[test]
fn a_member_that_complains_falsely_should_neither_confirm_nor_serve_long() {
    execute_registered(4, 4, || {
        first_committee(4);
        refresh();
        let dealings: Vec<_> = (1..=3).map(|dealer| reshare_dealing(dealer, dealer)).collect();
        for (position, dealing) in dealings.iter().enumerate() {
            submit(open_call(position as u8 + 1, dealing)).expect("deal");
        }
        let mut broken = dealings[0].clone();
        broken.recipients[1].ciphertext[3] ^= 1;
        let opened =
            open(&context(1), &root_key_ids(), &broken, index(2), &Worker::new(2).encryption, &mut rng(1));
        let Err(OpenError::Cheated(unjust)) = opened else { panic!("the copy is broken") };
        submit(report_as(2, vec![unjust])).expect("report");
        assert!(
            matches!(disqualified()[..], [(culprit, Fault::FalseComplaint { .. })] if culprit == index(2))
        );
        // Of the members that are to be, whose attempt began in session 5.
        assert_eq!(Offences::get(), [offence(ComplaintOffence::ID, 5, 2, &[])]);
        for member in [1, 3, 4] {
            submit(report_as(member, Vec::new())).expect("report");
        }
        idle();
        assert_eq!(submit(confirm_as(2)), invalid(9));
        for member in [1, 3, 4] {
            submit(confirm_as(member)).expect("confirm");
        }
        activate();
        assert_eq!(submit(say(2, 2, &[1], &[])), invalid(3), "nor has it a say on others");
        next_session();
        assert_eq!(running().id.epoch, Epoch(3));
        let members: Vec<_> = running().members.into_iter().map(|member| member.account).collect();
        assert_eq!(members, [account(1), account(3), account(4)]);
    });
}

#[test]
fn full_blocks_should_delay_the_keys_but_not_stop_them() {
    execute_registered(4, 4, || {
        use frame_support::traits::{OnIdle, OnInitialize};
        first_committee(4);
        assert_ok!(Committee::start_attempt(RawOrigin::Root.into()));
        for dealer in 1..=3 {
            submit(open_call(dealer, &reshare_dealing(dealer, dealer))).expect("deal");
        }
        for member in 1..=4 {
            submit(report_as(member, Vec::new())).expect("report");
        }
        let mut blocks = 0;
        while running().phase == AttemptPhase::Finalise {
            blocks += 1;
            Committee::on_initialize(System::block_number());
            let used = Committee::on_idle(System::block_number(), frame_support::weights::Weight::zero());
            assert_eq!(used, frame_support::weights::Weight::zero());
            Committee::do_try_state().expect("the invariants hold");
        }
        assert_eq!(blocks, root_key_ids().len());
    });
}
