//! What the committee pallet judges costs stake and the seat: through pallet-offences, staking and the session.

use super::{machines::attest_all, must_start};
use crate::{
    genesis_presets::LOCAL, transaction, AccountId, Committee, Executive, Header, Runtime, RuntimeCall,
    Session, Staking, System, UncheckedExtrinsic, UNIT,
};
use codec::Encode;
use conclave_primitives::{root_key_ids, worker_call_bytes, AttemptId, ParticipantIndex};
use conclave_vss::{deal, Dealing, DealingContext, Secrets};
use frame_support::assert_ok;
use pallet_committee::{Call, Running, LONE_SLASH};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sp_core::{ed25519, Pair};
use sp_runtime::{generic::Era, traits::Header as _};

/// Begins block 1 of the chain with four validators, in which a key generation attempt starts.
fn in_attempt(test: impl FnOnce(AttemptId)) {
    must_start(LOCAL).execute_with(|| {
        attest_all();
        let parent = System::parent_hash();
        Executive::initialize_block(&Header::new(
            1,
            Default::default(),
            Default::default(),
            parent,
            Default::default(),
        ));
        test(Running::<Runtime>::get().expect("an attempt starts with the chain").id)
    });
}

fn index(position: usize) -> ParticipantIndex {
    ParticipantIndex::from_position(position).expect("few members")
}

/// Signs as the worker of the member at this position does: its signing seed is kk…k for the k-th validator.
fn sign(position: usize, call: &str, arguments: &impl Encode) -> [u8; 64] {
    let member = &Running::<Runtime>::get().expect("runs").members[position];
    let pair = (1..=4)
        .map(|k| ed25519::Pair::from_seed(&[k; 32]))
        .find(|pair| pair.public().0 == member.keys.signing)
        .expect("a development key");
    pair.sign(&worker_call_bytes(&Committee::genesis(), call, arguments)).0
}

fn dealing(attempt: AttemptId, position: usize) -> Dealing {
    let running = Running::<Runtime>::get().expect("runs");
    let recipients: Vec<_> = running.members.iter().map(|member| member.dealing_key).collect();
    let context = DealingContext { genesis: Committee::genesis(), attempt, dealer: index(position) };
    let mut rng = ChaCha20Rng::seed_from_u64(position as u64);
    deal(&context, Secrets::Fresh(&root_key_ids()), running.threshold, &recipients, &mut rng)
        .expect("keys are points")
}

fn submit(call: Call<Runtime>) {
    let extension = transaction::extension(0, Era::Immortal, 0);
    let extrinsic = UncheckedExtrinsic::new_transaction(RuntimeCall::Committee(call), extension);
    assert_ok!(Executive::apply_extrinsic(extrinsic).expect("valid"));
}

/// All commit; then the member at this position opens a dealing that everyone can see is wrong.
fn deal_badly(attempt: AttemptId, culprit: usize) {
    let mut dealings: Vec<_> = (0..4).map(|position| dealing(attempt, position)).collect();
    dealings[culprit].keys[0].proof = dealings[culprit].keys[1].proof;
    for (position, dealing) in dealings.iter().enumerate() {
        let (participant, hash) = (index(position), dealing.hash());
        let signature = sign(position, "commit_dealing", &(attempt, participant, hash));
        submit(Call::commit_dealing { attempt, participant, hash, signature });
    }
    let (participant, dealing) = (index(culprit), Box::new(dealings.swap_remove(culprit)));
    let signature = sign(culprit, "deal", &(attempt, participant, dealing.hash()));
    submit(Call::deal { attempt, participant, dealing, signature });
}

fn account_of(position: usize) -> AccountId {
    Running::<Runtime>::get().expect("runs").members[position].account.clone()
}

/// Validators about to be slashed, with what they lose of their own.
fn slashes() -> Vec<(AccountId, u128)> {
    pallet_staking::UnappliedSlashes::<Runtime>::iter()
        .flat_map(|(_, slashes)| slashes)
        .map(|slash| (slash.validator, slash.own))
        .collect()
}

#[test]
fn a_bad_dealing_is_slashed_and_its_validator_disabled() {
    in_attempt(|attempt| {
        let culprit = account_of(2);
        assert!(slashes().is_empty() && Session::disabled_validators().is_empty());
        deal_badly(attempt, 2);
        assert_eq!(slashes(), [(culprit.clone(), LONE_SLASH * (100_000 * UNIT))]);
        let disabled: Vec<_> = Session::disabled_validators()
            .into_iter()
            .map(|seat| Session::validators()[seat as usize].clone())
            .collect();
        assert_eq!(disabled, [culprit]);
        assert_eq!(pallet_offences::Reports::<Runtime>::iter().count(), 1);
    });
}

#[test]
fn a_culprit_that_left_the_validator_set_is_slashed_all_the_same() {
    in_attempt(|attempt| {
        let culprit = account_of(1);
        pallet_session::Validators::<Runtime>::mutate(|validators| {
            validators.retain(|validator| *validator != culprit);
        });
        deal_badly(attempt, 1);
        assert_eq!(slashes(), [(culprit, LONE_SLASH * (100_000 * UNIT))]);
        assert!(Session::disabled_validators().is_empty(), "nobody else pays for it");
        assert_ok!(Staking::ledger(account_of(1).into()).map(|_| ()));
    });
}
