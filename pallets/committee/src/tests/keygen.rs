//! An attempt, call by call.

use super::{
    mock::{
        account, execute, idle, index, last_events, run_to, submit, validate, Committee, System, Test, Worker,
    },
    offences::complaint,
};
use crate::{Call, Dealings, Error, Event, FailureReason, Fault, Running, RunningAttempt};
use conclave_primitives::{root_key_ids, Attempt, AttemptId, AttemptPhase, Curve, Epoch, ParticipantIndex};
use conclave_vss::{
    deal, open, Complaint, ComplaintFault, Dealing, DealingContext, DealingFault, OpenError, Secrets,
};
use frame_support::{assert_noop, BoundedVec};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sp_runtime::{
    transaction_validity::{InvalidTransaction, TransactionValidityError},
    AccountId32,
};

const TOO_FEW_CONFIRMATIONS: u8 = 6;
const UNSORTED: u8 = 7;
pub(super) const FIRST: AttemptId = AttemptId { epoch: Epoch(1), attempt: Attempt(0) };

pub(super) fn running() -> RunningAttempt<AccountId32, u64> {
    Running::<Test>::get().expect("an attempt runs")
}

pub(super) fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed.into())
}

pub(super) fn context(dealer: u8) -> DealingContext {
    DealingContext { genesis: Committee::genesis(), attempt: running().id, dealer: index(dealer) }
}

pub(super) fn dealing(dealer: u8) -> Dealing {
    let attempt = running();
    let recipients: Vec<_> = attempt.members.iter().map(|member| member.dealing_key).collect();
    deal(&context(dealer), Secrets::Fresh(&root_key_ids()), attempt.threshold, &recipients, &mut rng(dealer))
        .expect("keys are points")
}

pub(super) fn commit(member: u8, dealing: &Dealing) -> Call<Test> {
    let (attempt, participant, hash) = (running().id, index(member), dealing.hash());
    let signature = Worker::new(member).sign("commit_dealing", &(attempt, participant, hash));
    Call::commit_dealing { attempt, participant, hash, signature }
}

pub(super) fn open_call(member: u8, dealing: &Dealing) -> Call<Test> {
    let (attempt, participant) = (running().id, index(member));
    let signature =
        Worker::new(member).sign("deal", &(attempt, running().round, participant, dealing.hash()));
    Call::deal { attempt, participant, dealing: Box::new(dealing.clone()), signature }
}

pub(super) fn report(member: u8, complaints: Vec<Complaint>) -> Call<Test> {
    let (attempt, participant) = (running().id, index(member));
    let complaints: BoundedVec<_, _> = complaints.try_into().expect("few complaints");
    let signature =
        Worker::new(member).sign("report_shares", &(attempt, running().round, participant, &complaints));
    Call::report_shares { attempt, participant, complaints, signature }
}

pub(super) fn confirm(member: u8) -> Call<Test> {
    let (attempt, participant) = (running().id, index(member));
    let signature = Worker::new(member).sign("confirm_shares", &(attempt, participant));
    Call::confirm_shares { attempt, participant, signature }
}

pub(super) fn to_deal(dealings: &[Dealing]) {
    for (position, dealing) in dealings.iter().enumerate() {
        submit(commit(position as u8 + 1, dealing)).expect("commit");
    }
    assert_eq!(running().phase, AttemptPhase::Deal, "ends as soon as all have committed");
}

pub(super) fn to_complain(dealings: &[Dealing]) {
    to_deal(dealings);
    for (position, dealing) in dealings.iter().enumerate() {
        submit(open_call(position as u8 + 1, dealing)).expect("deal");
    }
    assert_eq!(running().phase, AttemptPhase::Complain);
}

pub(super) fn invalid(code: u8) -> Result<(), TransactionValidityError> {
    Err(InvalidTransaction::Custom(code).into())
}

pub(super) fn disqualified() -> Vec<(ParticipantIndex, Fault)> {
    last_events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Disqualified { culprit, fault, .. } => Some((culprit, fault)),
            _ => None,
        })
        .collect()
}

#[test]
fn an_attempt_should_start_with_all_validators_and_two_thirds() {
    execute(4, || {
        assert_eq!((running().id, running().threshold, running().members.len()), (FIRST, 3, 4));
    });
    execute(2, || assert!(Running::<Test>::get().is_none(), "two are no committee"));
}

#[test]
fn honest_members_should_reach_the_last_phase_within_one_block() {
    execute(4, || {
        let dealings: Vec<_> = (1..=4).map(dealing).collect();
        to_complain(&dealings);
        for member in 1..=4 {
            submit(report(member, Vec::new())).expect("report");
        }
        assert_eq!(running().phase, AttemptPhase::Finalise);
        idle();
        assert_eq!(running().phase, AttemptPhase::Confirm);
        assert_eq!(Committee::attempt().expect("runs").roots.len(), root_key_ids().len());
        for member in 1..=3 {
            submit(confirm(member)).expect("confirm");
        }
        assert_eq!(disqualified(), []);
        // Anyone may bring the activation, but only with the committee's signature.
        let activate = Call::activate { attempt: FIRST, signature: [1; 64] };
        assert_eq!(submit(activate), Err(InvalidTransaction::BadProof.into()));
        run_to(20);
        assert!(last_events().iter().any(|event| matches!(
            event,
            Event::AttemptFailed { reason: FailureReason::NotActivated, absent, .. } if *absent == [account(4)]
        )));
    });
}

#[test]
fn an_activation_should_need_t_confirmations_and_then_the_signature() {
    execute(4, || {
        let dealings: Vec<_> = (1..=4).map(dealing).collect();
        to_complain(&dealings);
        (1..=4).for_each(|member| submit(report(member, Vec::new())).expect("report"));
        idle();
        let activate = || Call::activate { attempt: FIRST, signature: [1; 64] };
        for member in 1..=3 {
            assert_eq!(submit(activate()), invalid(TOO_FEW_CONFIRMATIONS), "before member {member}");
            submit(confirm(member)).expect("confirm");
        }
        assert_eq!(submit(activate()), Err(InvalidTransaction::BadProof.into()));
    });
}

#[test]
fn calls_of_outsiders_and_repetitions_should_die_in_validation() {
    execute(4, || {
        let mine = dealing(1);
        // An index beyond the committee, a borrowed signature, a stale attempt.
        assert_eq!(submit(commit(5, &mine)), invalid(3));
        let Call::commit_dealing { attempt, hash, signature, .. } = commit(1, &mine) else { unreachable!() };
        let borrowed = Call::commit_dealing { attempt, participant: index(2), hash, signature };
        assert_eq!(submit(borrowed), Err(InvalidTransaction::BadProof.into()));
        let later = AttemptId { epoch: Epoch(1), attempt: Attempt(1) };
        let stale = Call::commit_dealing { attempt: later, participant: index(1), hash, signature };
        assert_eq!(submit(stale), invalid(1));
        // Once.
        submit(commit(1, &mine)).expect("commit");
        assert_eq!(submit(commit(1, &mine)), invalid(4));
        // Not before its phase, which a lagging pool keeps for later; and no other dealing than the one committed to.
        assert_eq!(submit(open_call(1, &mine)), Err(InvalidTransaction::Future.into()));
        assert_eq!(validate(open_call(1, &mine)).expect("waits").requires.len(), 1);
        let others: Vec<_> = (2..=4).map(dealing).collect();
        for (position, dealing) in others.iter().enumerate() {
            submit(commit(position as u8 + 2, dealing)).expect("commit");
        }
        assert_eq!(submit(commit(1, &mine)), Err(InvalidTransaction::Custom(2).into()));
        assert_eq!(submit(open_call(1, &others[0])), invalid(5));
        submit(open_call(1, &mine)).expect("deal");
        assert_eq!(submit(open_call(1, &mine)), invalid(4));
    });
}

#[test]
fn a_signed_origin_should_not_stand_in_for_an_authorisation() {
    execute(4, || {
        let origin = frame_system::RawOrigin::Signed(account(1));
        assert_noop!(
            Committee::confirm_shares(origin.into(), FIRST, index(1), [0; 64]),
            sp_runtime::DispatchError::BadOrigin
        );
        let authorised = || frame_system::RawOrigin::Authorized.into();
        assert_noop!(
            Committee::confirm_shares(authorised(), FIRST, index(1), [0; 64]),
            Error::<Test>::WrongPhase
        );
    });
}

#[test]
fn a_publicly_bad_dealing_should_disqualify_its_dealer() {
    execute(4, || {
        let mut dealings: Vec<_> = (1..=4).map(dealing).collect();
        dealings[1].keys[0].proof = dealings[0].keys[0].proof;
        to_deal(&dealings);
        for (position, dealing) in dealings.iter().enumerate() {
            submit(open_call(position as u8 + 1, dealing)).expect("validates: the fault is evidence");
        }
        let fault = Fault::BadDealing(DealingFault::BadProofOfKnowledge(root_key_ids()[0]));
        assert_eq!(disqualified(), [(index(2), fault)]);
        assert_eq!(running().phase, AttemptPhase::Complain, "three dealings are enough");
        assert_eq!(submit(open_call(2, &dealings[1])), Err(InvalidTransaction::Custom(2).into()));
    });
}

#[test]
fn a_report_should_complain_of_each_dealer_once_and_in_order() {
    execute(4, || {
        let dealings: Vec<_> = (1..=4).map(dealing).collect();
        to_complain(&dealings);
        let about = |dealer: u8| {
            let mut broken = dealings[usize::from(dealer) - 1].clone();
            broken.recipients[1].ciphertext[3] ^= 1;
            complaint(2, dealer, &broken)
        };
        for dealers in [[1, 1], [3, 1]] {
            assert_eq!(submit(report(2, dealers.map(about).to_vec())), invalid(UNSORTED), "{dealers:?}");
        }
        submit(report(2, [1, 3].map(about).to_vec())).expect("judged");
        assert_eq!(disqualified().len(), 1);
    });
}

#[test]
fn dealings_that_make_no_key_should_end_the_attempt() {
    execute(4, || {
        let dealings: Vec<_> = (1..=4).map(dealing).collect();
        to_complain(&dealings);
        (1..=4).for_each(|member| submit(report(member, Vec::new())).expect("report"));
        // No dealer can do this alone. On the first curve the sign of a point is the last bit of its first byte.
        assert_eq!(root_key_ids()[0].curve, Curve::Secp256k1);
        for (dealer, negative) in [(1, 2), (3, 4)] {
            let mut dealing = dealings[dealer - 1].clone();
            dealing.keys[0].commitments.iter_mut().for_each(|point| point[0] ^= 1);
            Dealings::<Test>::insert(index(negative), dealing);
        }
        idle();
        assert!(last_events().contains(&Event::AttemptFailed {
            attempt: FIRST,
            reason: FailureReason::NoKey,
            absent: Vec::new()
        }));
        run_to(System::block_number() + 1);
        assert_eq!((running().id.attempt, running().members.len()), (Attempt(1), 4));
    });
}

#[test]
fn complaints_should_convict_whoever_lied() {
    execute(4, || {
        let mut dealings: Vec<_> = (1..=4).map(dealing).collect();
        dealings[2].recipients[0].ciphertext[3] ^= 1;
        to_complain(&dealings);
        let secret = Worker::new(1).encryption;
        let keys = root_key_ids();
        let opened = open(&context(3), &keys, &dealings[2], index(1), &secret, &mut rng(1));
        let Err(OpenError::Cheated(just)) = opened else { panic!("the ciphertext is broken") };
        submit(report(1, vec![just])).expect("report");
        // Member 2 complains about good shares, with a complaint that a broken copy gave it.
        let mut broken = dealings[0].clone();
        broken.recipients[1].ciphertext[3] ^= 1;
        let secret = Worker::new(2).encryption;
        let opened = open(&context(1), &keys, &broken, index(2), &secret, &mut rng(1));
        let Err(OpenError::Cheated(unjust)) = opened else { panic!("the copy is broken") };
        submit(report(2, vec![unjust])).expect("report");
        assert_eq!(
            disqualified(),
            [
                (
                    index(3),
                    Fault::BadShares { complainer: index(1), fault: DealingFault::Undecryptable(index(1)) }
                ),
                (index(2), Fault::FalseComplaint { dealer: index(1), fault: ComplaintFault::SharesAreGood }),
            ]
        );
        submit(report(4, Vec::new())).expect("report");
        // Two dealings of three are too few: the next attempt starts, and since two members are no two thirds of
        // four validators, with everyone.
        assert!(last_events().iter().any(|event| matches!(
            event,
            Event::AttemptFailed { reason: FailureReason::TooFewDealings, .. }
        )));
        run_to(System::block_number() + 1);
        assert_eq!((running().id.attempt, running().members.len()), (Attempt(1), 4));
    });
}

#[test]
fn an_absent_member_should_be_left_out_of_the_next_attempt() {
    execute(7, || {
        // Four of seven commit: t is five.
        for member in 1..=4 {
            let dealing = dealing(member);
            submit(commit(member, &dealing)).expect("commit");
        }
        run_to(System::block_number() + 6);
        let failed = last_events().into_iter().find_map(|event| match event {
            Event::AttemptFailed { reason: FailureReason::TooFewCommitments, absent, .. } => Some(absent),
            _ => None,
        });
        assert_eq!(failed, Some(vec![account(5), account(6), account(7)]));
        run_to(System::block_number() + 1);
        // The four are less than two thirds of the seven.
        assert_eq!(running().members.len(), 7);
        for member in 1..=4 {
            submit(commit(member, &dealing(member))).expect("commit");
        }
        submit(commit(5, &dealing(5))).expect("commit");
        // Five commit, then only four open.
        run_to(System::block_number() + 6);
        assert_eq!(running().phase, AttemptPhase::Deal);
        for member in 1..=4 {
            submit(open_call(member, &dealing(member))).expect("deal");
        }
        run_to(System::block_number() + 7);
        assert_eq!(running().members.len(), 7, "again less than two thirds");
    });
}
