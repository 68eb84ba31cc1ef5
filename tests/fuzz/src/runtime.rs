//! The runtime of development chains, with the committee of these tests in each state that it can be in.

use codec::Encode;
use conclave_primitives::{
    activation_bytes, root_key_ids, worker_call_bytes, Attempt, AttemptId, AttemptKind, AttemptPhase, Epoch,
    Member, ParticipantIndex, Purpose, RootKey, RootKeyId, Scheme, MAX_MEMBERS,
};
use conclave_protocols::{KeyShare, SigningKey};
use conclave_runtime_dev::{
    genesis_presets, AccountId, Committee, Runtime, RuntimeCall, RuntimeGenesisConfig,
};
use conclave_vss::{
    deal, open, prove_worker_key, public_shares, Complaint, Dealing, DealingContext, OpenError, SecretScalar,
    Secrets,
};
use ed25519_dalek::{Signer, SigningKey as Ed25519Key};
use frame_support::{
    dispatch::RawOrigin,
    genesis_builder_helper::get_preset,
    storage::{storage_prefix, unhashed},
    traits::{Authorize, ConstU32, Hooks},
    weights::Weight,
};
use pallet_committee::{
    ActiveCommittee, Call, CurrentCommittee, FormedIn, NewRoots, NextAttempt, Running, RunningAttempt,
};
use sp_io::TestExternalities;
use sp_runtime::{
    traits::Dispatchable, transaction_validity::TransactionSource, BoundedVec, BuildStorage, Storage,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use crate::{
    fixture::{committee, context, encryption, index, rng, secrets, ATTEMPT, GENESIS, MEMBERS, THRESHOLD},
    targets::machine::honest_signature,
};

/// 2026-11-22, in ms: the certificates of the software PSP are good.
const NOW: u64 = 1_795_305_600_000;
/// The attempt that runs, in all states but the first.
pub(crate) const NEXT: AttemptId = AttemptId { epoch: Epoch(2), attempt: Attempt(0) };
/// Whose dealing has bad shares for [`CHEATED`], in every attempt.
pub(crate) const CHEAT: u8 = 2;
pub(crate) const CHEATED: u8 = 3;
/// Whose encryption key serves as the dealing key of all who provide one.
pub(crate) const NEXT_KEY: u8 = 8;

/// What the committee is doing: nothing but serve, a key generation in each phase, a reshare in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    Serving,
    Commit,
    Deal,
    Complain,
    Confirm,
    ReshareDeal,
    ReshareComplain,
    ReshareConfirm,
}

impl State {
    pub(crate) const ALL: [Self; 8] = [
        Self::Serving,
        Self::Commit,
        Self::Deal,
        Self::Complain,
        Self::Confirm,
        Self::ReshareDeal,
        Self::ReshareComplain,
        Self::ReshareConfirm,
    ];

    fn kind(self) -> AttemptKind {
        if self < Self::ReshareDeal {
            AttemptKind::Keygen
        } else {
            AttemptKind::Reshare
        }
    }
}

/// The chain at block 1, in this state.
pub(crate) fn chain(state: State) -> TestExternalities {
    static STATES: OnceLock<BTreeMap<State, Storage>> = OnceLock::new();
    let states = STATES.get_or_init(|| {
        let serving = executed(genesis(), serve);
        let mut states = BTreeMap::from([(State::Serving, serving)]);
        for state in State::ALL.into_iter().skip(1) {
            let (from, step): (State, fn(AttemptKind)) = match state {
                State::Serving | State::Commit | State::ReshareDeal => (State::Serving, start),
                State::Deal => (State::Commit, commit_all),
                State::Complain => (State::Deal, deal_all),
                State::ReshareComplain => (State::ReshareDeal, deal_all),
                State::Confirm => (State::Complain, report_nothing),
                State::ReshareConfirm => (State::ReshareComplain, report_nothing),
            };
            let made = executed(states[&from].clone(), || step(state.kind()));
            states.insert(state, made);
        }
        states
    });
    TestExternalities::new(states[&state].clone())
}

/// What is in storage after this.
fn executed(storage: Storage, act: impl FnOnce()) -> Storage {
    TestExternalities::new(storage).execute_with(|| {
        act();
        let mut top = BTreeMap::new();
        let mut last = Vec::new();
        while let Some(key) = sp_io::storage::next_key(&last) {
            top.extend(sp_io::storage::get(&key).map(|value| (key.clone(), value.to_vec())));
            last = key;
        }
        Storage { top, children_default: Default::default() }
    })
}

fn genesis() -> Storage {
    let json = |bytes: Option<Vec<u8>>| -> serde_json::Value {
        serde_json::from_slice(&bytes.expect("it exists")).expect("it is JSON")
    };
    let mut config = json(get_preset::<RuntimeGenesisConfig>(&None, |_| None));
    merge(&mut config, json(genesis_presets::preset(&"dev".into())));
    let config: RuntimeGenesisConfig = serde_json::from_value(config).expect("a genesis");
    config.build_storage().expect("the preset is sound")
}

/// RFC 7386 without deletion, which presets do not use.
fn merge(base: &mut serde_json::Value, patch: serde_json::Value) {
    use serde_json::Value::{Null, Object};
    match (base, patch) {
        (Object(base), Object(patch)) => {
            patch.into_iter().for_each(|(key, value)| merge(base.entry(key).or_insert(Null), value));
        }
        (base, patch) => *base = patch,
    }
}

fn serve() {
    frame_system::Pallet::<Runtime>::set_block_number(1);
    frame_system::BlockHash::<Runtime>::insert(0, <Runtime as frame_system::Config>::Hash::from(GENESIS));
    // Not by its pallet, which has BABE compare it with the slot.
    unhashed::put(&storage_prefix(b"Timestamp", b"Now"), &NOW);
    let of = committee();
    FormedIn::<Runtime>::insert(of.attempt_id(), 0);
    NextAttempt::<Runtime>::put(NEXT);
    CurrentCommittee::<Runtime>::put(ActiveCommittee {
        epoch: of.epoch,
        session: 0,
        attempt: of.attempt,
        kind: AttemptKind::Keygen,
        keyset: of.keyset,
        members: members(),
        threshold: of.threshold,
        roots: BoundedVec::truncate_from(roots()),
        confirmed: MEMBERS.map(index).into_iter().collect::<BTreeSet<_>>().try_into().expect("few members"),
    });
}

fn members() -> BoundedVec<Member<AccountId>, ConstU32<MAX_MEMBERS>> {
    let member = |member: &Member| Member {
        account: AccountId::new(member.account),
        keys: member.keys,
        dealing_key: member.dealing_key,
    };
    BoundedVec::truncate_from(committee().members.iter().map(member).collect())
}

/// Two on each curve, as PKPs derive from; of one dealer here, whom nobody asks.
fn roots() -> Vec<RootKey> {
    let keys = root_key_ids().into_iter().zip(&dealing().keys);
    keys.map(|(id, key)| RootKey { id, commitments: key.commitments.clone() }).collect()
}

fn recipients() -> [[u8; 32]; 3] {
    MEMBERS.map(|member| encryption(member).public())
}

fn dealing() -> &'static Dealing {
    static DEALING: OnceLock<Dealing> = OnceLock::new();
    DEALING.get_or_init(|| {
        let secrets = Secrets::Fresh(&root_key_ids());
        deal(&context(1), secrets, THRESHOLD, &recipients(), &mut rng(1)).expect("sound recipients")
    })
}

/// A member's shares of the committee that serves.
fn shares(member: u8) -> Vec<(RootKeyId, SecretScalar)> {
    let keys = root_key_ids();
    let shares = open(&context(1), &keys, dealing(), index(member), &encryption(member), &mut rng(0));
    keys.into_iter().zip(shares.expect("an honest dealing")).collect()
}

/// The committee that serves, as workers see it.
pub(crate) fn serving() -> &'static conclave_primitives::Committee {
    static SERVING: OnceLock<conclave_primitives::Committee> = OnceLock::new();
    SERVING.get_or_init(|| chain(State::Serving).execute_with(Committee::committee).expect("one serves"))
}

/// A member's share of one key of the committee that serves.
pub(crate) fn key_share(member: u8, id: RootKeyId) -> KeyShare {
    let root = roots().into_iter().find(|root| root.id == id).expect("a root key");
    let (_, secret) = shares(member).into_iter().find(|(of, _)| *of == id).expect("a share of each");
    let publics = public_shares(id.curve, &root.commitments, MEMBERS.map(index)).expect("honest commitments");
    KeyShare::new(id.curve, index(member), THRESHOLD, secret, root.commitments[0].clone(), publics)
        .expect("sound")
}

/// What each deals in the attempt that runs: [`CHEAT`] what nobody sees but [`CHEATED`].
pub(crate) fn dealings(kind: AttemptKind) -> &'static [Dealing; 3] {
    static DEALINGS: OnceLock<[[Dealing; 3]; 2]> = OnceLock::new();
    let both = DEALINGS.get_or_init(|| {
        [AttemptKind::Keygen, AttemptKind::Reshare].map(|kind| {
            MEMBERS.map(|dealer| {
                let (context, mut rng) =
                    (DealingContext { attempt: NEXT, ..context(dealer) }, rng(dealer.into()));
                let (fresh, shared) = (root_key_ids(), shares(dealer));
                let secrets = match kind {
                    AttemptKind::Keygen => Secrets::Fresh(&fresh),
                    AttemptKind::Reshare => Secrets::Shares(&shared),
                };
                let mut dealing = deal(&context, secrets, THRESHOLD, &recipients(), &mut rng).expect("deals");
                if dealer == CHEAT {
                    let sealed = &mut dealing.recipients[usize::from(CHEATED) - 1];
                    sealed.ciphertext = vec![0; sealed.ciphertext.len()].try_into().expect("as long");
                }
                dealing
            })
        })
    });
    &both[usize::from(kind == AttemptKind::Reshare)]
}

/// Of [`CHEATED`] about [`CHEAT`].
pub(crate) fn complaint(kind: AttemptKind) -> Complaint {
    let context = DealingContext { attempt: NEXT, ..context(CHEAT) };
    let dealing = &dealings(kind)[usize::from(CHEAT) - 1];
    match open(&context, &root_key_ids(), dealing, index(CHEATED), &encryption(CHEATED), &mut rng(2)) {
        Err(OpenError::Cheated(complaint)) => complaint,
        other => panic!("{other:?}"),
    }
}

fn start(kind: AttemptKind) {
    // Keys are generated where no committee serves.
    if kind == AttemptKind::Keygen {
        CurrentCommittee::<Runtime>::kill();
        FormedIn::<Runtime>::remove(ATTEMPT);
    }
    FormedIn::<Runtime>::insert(NEXT, 0);
    NextAttempt::<Runtime>::put(AttemptId { attempt: Attempt(1), ..NEXT });
    Running::<Runtime>::put(RunningAttempt {
        id: NEXT,
        kind,
        members: members(),
        threshold: THRESHOLD,
        phase: if kind == AttemptKind::Keygen { AttemptPhase::Commit } else { AttemptPhase::Deal },
        round: 0,
        deadline: 9,
        guilty_dealers: Default::default(),
        guilty_members: Default::default(),
        reported: Default::default(),
        confirmed: Default::default(),
    });
}

pub(crate) fn commits() -> Vec<RuntimeCall> {
    let call = |(member, dealing): (u8, &Dealing)| Call::commit_dealing {
        attempt: NEXT,
        participant: index(member),
        hash: dealing.hash(),
        signature: [0; 64],
    };
    MEMBERS.into_iter().zip(dealings(AttemptKind::Keygen)).map(call).map(RuntimeCall::Committee).collect()
}

/// Of a reshare, as many as it takes.
pub(crate) fn deals(kind: AttemptKind) -> Vec<RuntimeCall> {
    let needed = if kind == AttemptKind::Keygen { MEMBERS.len() } else { THRESHOLD as usize };
    let call = |(member, dealing): (u8, &Dealing)| Call::deal {
        attempt: NEXT,
        participant: index(member),
        dealing: Box::new(dealing.clone()),
        signature: [0; 64],
    };
    let all = MEMBERS.into_iter().zip(dealings(kind)).take(needed);
    all.map(call).map(RuntimeCall::Committee).collect()
}

pub(crate) fn report(member: u8, complaints: Vec<Complaint>) -> RuntimeCall {
    RuntimeCall::Committee(Call::report_shares {
        attempt: NEXT,
        participant: index(member),
        complaints: BoundedVec::truncate_from(complaints),
        signature: [0; 64],
    })
}

fn commit_all(_: AttemptKind) {
    commits().into_iter().for_each(must);
    assert_eq!(phase(), Some(AttemptPhase::Deal));
}

fn deal_all(kind: AttemptKind) {
    deals(kind).into_iter().for_each(must);
    assert_eq!(phase(), Some(AttemptPhase::Complain));
}

/// The cheated says nothing either.
fn report_nothing(_: AttemptKind) {
    MEMBERS.map(|member| report(member, Vec::new())).into_iter().for_each(must);
    Committee::on_idle(1, Weight::MAX);
    assert_eq!(phase(), Some(AttemptPhase::Confirm));
}

pub(crate) fn phase() -> Option<AttemptPhase> {
    Running::<Runtime>::get().map(|attempt| attempt.phase)
}

/// A worker's call, in a block.
fn must(call: RuntimeCall) {
    let call = signed(call);
    assert!(matches!(call.authorize(TransactionSource::InBlock), Some(Ok(_))), "{call:?}");
    call.dispatch(RawOrigin::Authorized.into()).expect("what was authorised succeeds");
}

/// The call, signed by whom it names, where that is a worker of these tests; or by the committee's key.
pub(crate) fn signed(mut call: RuntimeCall) -> RuntimeCall {
    match &mut call {
        RuntimeCall::Committee(call) => sign_for_committee(call),
        RuntimeCall::Attestation(call) => sign_for_machine(call),
        _ => {}
    }
    call
}

fn sign_for_committee(call: &mut Call<Runtime>) {
    match call {
        Call::commit_dealing { attempt, participant, hash, signature } => {
            *signature = by(*participant, "commit_dealing", &(attempt, participant, hash));
        }
        Call::deal { attempt, participant, dealing, signature } => {
            let round = pallet_committee::Running::<Runtime>::get().map_or(0, |running| running.round);
            *signature = by(*participant, "deal", &(attempt, round, participant, dealing.hash()));
        }
        Call::provide_dealing_key { signer, attempt, dealing_key, proof, signature } => {
            let holder = MEMBERS.into_iter().find(|member| secrets(*member).public().signing == *signer);
            let arguments = (*signer, *attempt, *dealing_key);
            *signature =
                holder.map_or([0; 64], |member| by(index(member), "provide_dealing_key", &arguments));
            let statement = worker_call_bytes(&GENESIS, "provide_dealing_key", &arguments);
            let secret = encryption(NEXT_KEY);
            if secret.public() == *dealing_key {
                *proof = prove_worker_key(&secret, &statement, &mut rng(3)).to_bytes();
            }
        }
        Call::report_shares { attempt, participant, complaints, signature } => {
            let round = Running::<Runtime>::get().map_or(0, |attempt| attempt.round);
            *signature = by(*participant, "report_shares", &(attempt, round, participant, complaints));
        }
        Call::confirm_shares { attempt, participant, signature } => {
            *signature = by(*participant, "confirm_shares", &(attempt, participant));
        }
        Call::report_peers { epoch, participant, report, signature } => {
            *signature = by(*participant, "report_peers", &(epoch, participant, report));
        }
        Call::report_fault { evidence, reporter, signature } => {
            let is_reporter = |member: &u8| worker_key(*member).verifying_key().to_bytes() == *reporter;
            if let Some(member) = MEMBERS.into_iter().find(is_reporter) {
                *signature = by(index(member), "report_fault", &(evidence, reporter));
            }
        }
        Call::activate { attempt, signature } => {
            let message =
                activation_bytes(&GENESIS, attempt, committee().keyset, &NewRoots::<Runtime>::get());
            let share = |member| key_share(member, result_key());
            let keys = [1, 2].map(|member| SigningKey::new(Scheme::Ed25519, share(member)).expect("sound"));
            *signature = honest_signature(&keys, &message).try_into().expect("64 bytes");
        }
        _ => {}
    }
}

fn result_key() -> RootKeyId {
    root_key_ids().into_iter().find(|id| id.purpose == Purpose::Result).expect("there is one")
}

fn sign_for_machine(call: &mut pallet_attestation::Call<Runtime>) {
    use pallet_attestation::Call;
    let (name, arguments, signature) = match call {
        Call::register { validator, report, vcek, ask_serial, block_number, signature } => {
            ("register", (validator, report, vcek, ask_serial, block_number), signature)
        }
        Call::renew { validator, report, vcek, ask_serial, block_number, signature } => {
            ("renew", (validator, report, vcek, ask_serial, block_number), signature)
        }
        _ => return,
    };
    let (validator, report, vcek, ask_serial, block_number) = arguments;
    let arguments = (validator, report.as_slice(), vcek, ask_serial, block_number);
    // Bob's, the second of the development chain.
    *signature = worker_key(2).sign(&worker_call_bytes(&GENESIS, name, &arguments)).to_bytes();
}

/// With which the worker of a member signs its calls.
pub(crate) fn worker_key(member: u8) -> Ed25519Key {
    Ed25519Key::from_bytes(&[member; 32])
}

fn by(participant: ParticipantIndex, call: &str, arguments: &impl Encode) -> [u8; 64] {
    worker_key(participant.get()).sign(&worker_call_bytes(&GENESIS, call, arguments)).to_bytes()
}
