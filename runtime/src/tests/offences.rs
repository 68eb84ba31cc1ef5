//! What the committee pallet judges costs stake and the seat: through pallet-offences, staking and the session.

use super::blocks::{
    commit, commit_all, deal_all, dealing, dealing_of, false_complaint, in_first_block, index,
    make_committee, next_block, open, report, run_past_start_of, running, submit, Worker, SESSIONS_PER_ERA,
};
use crate::{
    configs::staking::BONDING_DURATION, AccountId, Balances, Committee, Runtime, RuntimeOrigin, Session,
    SessionKeys, Staking, UNIT,
};
use conclave_primitives::{
    bls_share_message, flight_payload, payload_hash, root_key_ids, Attempt, AttemptId, AttemptKind,
    BlsSubject, Epoch, Evidence, FaultClass, KeyId, Member, MessageHeader, Scheme, SessionId, SignedPayload,
    BLS_SHARE_FLIGHT,
};
use conclave_vss::{SecretScalar, Secrets};
use frame_support::{assert_ok, storage::unhashed, traits::fungible::Inspect};
use pallet_committee::{Call, CurrentCommittee, LONE_SLASH};
use pallet_session::SessionInterface;
use sp_core::{sr25519, Pair};
use sp_io::hashing::twox_128;
use sp_runtime::Perbill;
use sp_staking::offence::OffenceSeverity;
use std::collections::BTreeSet;

const CLASSES: [FaultClass; 4] =
    [FaultClass::Dealing, FaultClass::Complaint, FaultClass::SignatureShare, FaultClass::Equivocation];
/// Who lies, and whom it lies to.
const CULPRIT: usize = 2;
const VICTIM: usize = 0;

const FIRST: AttemptId = AttemptId { epoch: Epoch(1), attempt: Attempt(0) };

/// All that is true before one of the members commits a fault of this class; says who the members are.
fn prepare(class: FaultClass) -> Vec<Member<AccountId>> {
    let members = running().members.into_inner();
    match class {
        FaultClass::Dealing => {
            (0..4).for_each(|position| {
                let dealing = if position == CULPRIT { bad_dealing() } else { dealing(position) };
                commit(position, &dealing);
            });
        }
        FaultClass::Complaint => deal_all(),
        FaultClass::SignatureShare => make_committee(),
        FaultClass::Equivocation => commit_all(),
    }
    members
}

/// The fault, as far as the chain sees it.
fn prove(class: FaultClass, members: &[Member<AccountId>]) {
    match class {
        FaultClass::Dealing => open(&members[CULPRIT], CULPRIT, bad_dealing()),
        FaultClass::Complaint => report(CULPRIT, vec![false_complaint(CULPRIT, VICTIM)]),
        FaultClass::SignatureShare => {
            accuse(&members[VICTIM], wrong_share(&members[CULPRIT], &members[VICTIM]));
        }
        FaultClass::Equivocation => {
            accuse(&members[VICTIM], equivocation(&members[CULPRIT], &members[VICTIM]));
        }
    }
    // Offences are reported at the end of the block.
    next_block();
}

/// One that everyone can see is wrong.
fn bad_dealing() -> conclave_vss::Dealing {
    let mut dealing = dealing(CULPRIT);
    dealing.keys[0].proof = dealing.keys[1].proof;
    dealing
}

fn accuse(reporter: &Member<AccountId>, evidence: Evidence) {
    let (evidence, reporting) = (Box::new(evidence), reporter.keys.signing);
    let signature = Worker::of(reporter).sign("report_fault", &(&evidence, &reporting));
    submit(Call::report_fault { evidence, reporter: reporting, signature });
}

fn header(from: &Member<AccountId>, to: &Member<AccountId>, flight: u8) -> MessageHeader {
    let (from, to) = (from.keys.transport, to.keys.transport);
    MessageHeader { attempt: FIRST, session: SessionId([5; 32]), flight, from, to }
}

fn sign_payload(from: &Member<AccountId>, header: &MessageHeader, hash: [u8; 32]) -> SignedPayload {
    let message = header.signed_bytes(&Committee::genesis(), &hash);
    SignedPayload { hash, signature: Worker::of(from).transport.sign(&message).0 }
}

fn equivocation(from: &Member<AccountId>, to: &Member<AccountId>) -> Evidence {
    let header = header(from, to, 1);
    let payloads = [[1; 32], [2; 32]].map(|hash| sign_payload(from, &header, hash));
    Evidence::Equivocation { header, payloads }
}

/// What is no point is no share either.
fn wrong_share(from: &Member<AccountId>, to: &Member<AccountId>) -> Evidence {
    let scheme = Scheme::BlsG2;
    let id = root_key_ids().into_iter().find(|id| id.curve == scheme.curve()).expect("there are such keys");
    let committee = CurrentCommittee::<Runtime>::get().expect("serves");
    let root = committee.roots.iter().find(|root| root.id == id).expect("it has all keys");
    let quorum: BTreeSet<_> = [VICTIM, 1, CULPRIT].map(index).into();
    let subject = BlsSubject {
        scheme,
        key: KeyId::Root(id),
        quorum: quorum.try_into().expect("three"),
        message: b"to the world".to_vec().try_into().expect("short"),
    };
    let header = header(from, to, BLS_SHARE_FLIGHT);
    let share = [0xff; 96];
    let message = bls_share_message(&subject.binding(&header.session, &root.commitments[0]), &share);
    let signed = sign_payload(from, &header, payload_hash(&flight_payload(&message)));
    Evidence::BlsShare {
        header,
        share: share.to_vec().try_into().expect("short"),
        signature: signed.signature,
        subject: Box::new(subject),
    }
}

/// Validators about to be slashed, with what they lose of their own.
fn slashes() -> Vec<(AccountId, u128)> {
    pallet_staking::UnappliedSlashes::<Runtime>::iter()
        .flat_map(|(_, slashes)| slashes)
        .map(|slash| (slash.validator, slash.own))
        .collect()
}

/// Who neither makes nor finalises blocks, and how bad its worst offence was.
fn disabled() -> Vec<(AccountId, OffenceSeverity)> {
    pallet_session::DisabledValidators::<Runtime>::get()
        .into_iter()
        .map(|(seat, severity)| (Session::validators()[seat as usize].clone(), severity))
        .collect()
}

fn era() -> u32 {
    Staking::active_era().expect("an era is active").index
}

fn must_be_punished(culprit: &AccountId, context: &str) {
    assert_eq!(slashes(), [(culprit.clone(), LONE_SLASH * (100_000 * UNIT))], "{context}");
    assert_eq!(disabled(), [(culprit.clone(), OffenceSeverity(LONE_SLASH))], "{context}");
    assert_eq!(pallet_offences::Reports::<Runtime>::iter().count(), 1, "{context}");
}

#[test]
fn each_proven_fault_should_be_slashed_and_its_validator_disabled() {
    for class in CLASSES {
        in_first_block(|| {
            let members = prepare(class);
            assert!(slashes().is_empty() && disabled().is_empty());
            prove(class, &members);
            must_be_punished(&members[CULPRIT].account, &format!("{class:?}"));
        });
    }
}

/// What of the stake is left, of 100,000 for each validator.
fn staked(account: &AccountId) -> u128 {
    Staking::ledger(account.clone().into()).expect("it has stake").total
}

/// As if every later attempt failed: the committee serves on.
fn run_past_era(era: u32) {
    run_past_start_of(era * SESSIONS_PER_ERA);
    assert_eq!(self::era(), era);
}

fn must_lose_stake_when_proven_in(late: u32, members: &[Member<AccountId>]) {
    let culprit = &members[CULPRIT].account;
    run_past_era(late);
    prove(FaultClass::SignatureShare, members);
    assert_eq!(staked(culprit), 100_000 * UNIT, "it can still be cancelled");
    run_past_era(BONDING_DURATION.max(late + 1));
    assert_eq!(staked(culprit), 90_000 * UNIT);
    assert!(slashes().is_empty());
}

#[test]
fn a_fault_proven_many_eras_later_should_cost_the_stake_also_of_who_left() {
    in_first_block(|| {
        let members = prepare(FaultClass::SignatureShare);
        assert_ok!(Staking::chill(RuntimeOrigin::signed(members[CULPRIT].account.clone())));
        must_lose_stake_when_proven_in(20, &members);
    });
}

#[test]
fn a_fault_in_a_committee_older_than_the_bonding_duration_should_cost_stake_as_well() {
    in_first_block(|| {
        let members = prepare(FaultClass::SignatureShare);
        must_lose_stake_when_proven_in(BONDING_DURATION + 12, &members);
    });
}

#[test]
fn whoever_unbonds_in_the_era_of_its_fault_should_be_slashed_before_it_can_withdraw() {
    in_first_block(|| {
        let members = prepare(FaultClass::Equivocation);
        let culprit = &members[CULPRIT].account;
        let origin = || RuntimeOrigin::signed(culprit.clone());
        assert_ok!(Staking::chill(origin()));
        assert_ok!(Staking::unbond(origin(), 100_000 * UNIT));
        prove(FaultClass::Equivocation, &members);
        let before = Balances::total_balance(culprit);
        for session in 1..=(BONDING_DURATION + 1) * SESSIONS_PER_ERA {
            run_past_start_of(session);
            // Refused once all is withdrawn.
            let _ = Staking::withdraw_unbonded(origin(), 10);
        }
        assert!(Staking::ledger(culprit.clone().into()).is_err(), "all is withdrawn");
        assert_eq!(before - Balances::total_balance(culprit), 10_000 * UNIT);
    });
}

// Staking takes the seat for offences of the running era only.
#[test]
fn a_fault_proven_in_a_later_era_should_cost_the_seat_as_well() {
    for class in CLASSES {
        in_first_block(|| {
            let members = prepare(class);
            run_past_start_of(SESSIONS_PER_ERA);
            assert_eq!(era(), 1);
            prove(class, &members);
            must_be_punished(&members[CULPRIT].account, &format!("{class:?}"));
        });
    }
}

#[test]
fn a_bad_reshare_at_the_turn_of_the_era_should_be_slashed_and_its_validator_disabled() {
    in_first_block(|| {
        make_committee();
        let members = CurrentCommittee::<Runtime>::get().expect("serves").members;
        run_past_start_of(SESSIONS_PER_ERA);
        assert_eq!((era(), running().kind), (1, AttemptKind::Reshare));
        // Shares of its own making.
        let shares: Vec<_> =
            root_key_ids().into_iter().map(|id| (id, SecretScalar::from_bytes([1; 32]))).collect();
        open(&members[CULPRIT], CULPRIT, dealing_of(CULPRIT, Secrets::Shares(&shares)));
        next_block();
        must_be_punished(&members[CULPRIT].account, "a reshare");
    });
}

// What the documentation of `SlashAndDisable` says of the session, which may say otherwise in its next version.
#[test]
fn a_seat_should_be_back_with_the_next_era_or_with_other_keys_of_anybody() {
    const ERA: u32 = 6;
    let sessions_disabled = |formed_in_past_era: bool, new_keys: bool| {
        let mut sessions = 0;
        in_first_block(|| {
            unhashed::put(&twox_128(b":SessionsPerEra:"), &ERA);
            let members = prepare(FaultClass::SignatureShare);
            let first = if formed_in_past_era { ERA } else { 0 };
            run_past_start_of(first);
            prove(FaultClass::SignatureShare, &members);
            if new_keys {
                let babe = sr25519::Public::from_raw([1; 32]).into();
                let keys = SessionKeys { babe, ..Session::load_keys(&members[VICTIM].account).expect("set") };
                assert_ok!(<Session as SessionInterface>::set_keys(&members[VICTIM].account, keys));
            }
            while !disabled().is_empty() {
                sessions += 1;
                run_past_start_of(first + sessions);
            }
        });
        sessions
    };
    for formed_in_past_era in [false, true] {
        assert_eq!(sessions_disabled(formed_in_past_era, false), ERA);
        assert_eq!(sessions_disabled(formed_in_past_era, true), 2);
    }
}

#[test]
fn accomplices_of_a_past_era_should_be_disabled_as_those_of_the_running_one() {
    let severities_in = |session| {
        let mut severities = Vec::new();
        in_first_block(|| {
            let members = running().members;
            run_past_start_of(session);
            for liar in &members[1..] {
                accuse(&members[VICTIM], equivocation(liar, &members[VICTIM]));
            }
            next_block();
            // With each of them the fraction grows, for all: as the weight of an offence says.
            assert_eq!(slashes().len(), 1 + 2 + 3);
            severities = disabled().into_iter().map(|(_, severity)| severity).collect();
        });
        severities
    };
    let now = severities_in(0);
    assert_eq!(now, [OffenceSeverity(Perbill::one())], "a third of four, the worst of them");
    assert_eq!(severities_in(SESSIONS_PER_ERA), now);
}

#[test]
fn a_culprit_that_left_the_validator_set_should_be_slashed_all_the_same() {
    for session in [0, SESSIONS_PER_ERA] {
        in_first_block(|| {
            let members = prepare(FaultClass::Dealing);
            let culprit = members[CULPRIT].account.clone();
            run_past_start_of(session);
            pallet_session::Validators::<Runtime>::mutate(|validators| {
                validators.retain(|validator| *validator != culprit);
            });
            prove(FaultClass::Dealing, &members);
            assert_eq!(slashes(), [(culprit.clone(), LONE_SLASH * (100_000 * UNIT))]);
            assert!(disabled().is_empty(), "nobody else pays for it");
            assert_ok!(Staking::ledger(culprit.into()).map(|_| ()));
        });
    }
}

#[test]
fn the_invulnerable_should_keep_their_seat_in_any_era() {
    for session in [0, SESSIONS_PER_ERA] {
        in_first_block(|| {
            let members = prepare(FaultClass::Equivocation);
            pallet_staking::Invulnerables::<Runtime>::put(vec![members[CULPRIT].account.clone()]);
            run_past_start_of(session);
            prove(FaultClass::Equivocation, &members);
            assert!(slashes().is_empty() && disabled().is_empty());
        });
    }
}
