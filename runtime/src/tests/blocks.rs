//! A chain of four validators, block by block: slots, timestamps and session changes as on a real one, and the calls that
//! the committee's workers submit.

use super::{
    machines::{attest_all, provide_dealing_keys},
    must_start,
};
use crate::{
    genesis_presets::LOCAL, transaction, AccountId, Committee, Executive, Header, Runtime, RuntimeCall,
    Session, System, UncheckedExtrinsic, SLOT_DURATION,
};
use codec::Encode;
use conclave_primitives::{root_key_ids, worker_call_bytes, AttemptPhase, Member, ParticipantIndex};
use conclave_vss::{deal, Complaint, Dealing, DealingContext, EncryptionSecret, Secrets};
use frame_support::{assert_ok, dispatch::RawOrigin, storage::unhashed};
use pallet_committee::{Call, CurrentCommittee, Running, RunningAttempt};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sp_consensus_babe::{
    digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest},
    Slot,
};
use sp_core::{ed25519, Pair};
use sp_io::hashing::twox_128;
use sp_runtime::{
    generic::{Digest, DigestItem, Era},
    traits::Header as _,
    Saturating,
};

/// BABE refuses slot 0.
const FIRST_SLOT: u64 = 1_000;
const SLOTS_PER_SESSION: u64 = 5;
/// As many an epoch of the committee has.
pub(super) const SESSIONS_PER_ERA: u32 = 2;

/// Runs a test in block 1, in which an attempt of all four validators starts.
pub(super) fn in_first_block(test: impl FnOnce()) {
    must_start(LOCAL).execute_with(|| {
        unhashed::put(&twox_128(b":EpochDuration:"), &SLOTS_PER_SESSION);
        unhashed::put(&twox_128(b":SessionsPerEra:"), &SESSIONS_PER_ERA);
        attest_all();
        provide_dealing_keys();
        begin_block(1, Default::default());
        test();
    });
}

/// Ends the block and begins the next.
pub(super) fn next_block() {
    let ended = Executive::finalize_block();
    begin_block(ended.number.saturating_plus_one(), ended.hash());
}

/// To the block after the one that begins the session, which has no room for calls.
pub(super) fn run_past_start_of(session: u32) {
    while Session::current_index() < session {
        next_block();
    }
    next_block();
}

fn begin_block(number: u32, parent: crate::Hash) {
    let slot = Slot::from(FIRST_SLOT + u64::from(number));
    let claim = PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index: 0, slot });
    let digest = Digest { logs: vec![DigestItem::babe_pre_digest(claim)] };
    Executive::initialize_block(&Header::new(number, Default::default(), Default::default(), parent, digest));
    let now = *slot * SLOT_DURATION;
    let timestamp = UncheckedExtrinsic::new_bare(pallet_timestamp::Call::set { now }.into());
    assert_ok!(Executive::apply_extrinsic(timestamp).expect("an inherent"));
}

pub(super) fn running() -> RunningAttempt<AccountId, u32> {
    Running::<Runtime>::get().expect("an attempt runs")
}

pub(super) fn index(position: usize) -> ParticipantIndex {
    ParticipantIndex::from_position(position).expect("few members")
}

fn rng(position: usize) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(position as u64)
}

/// The worker with these keys, of the k-th validator: see `DEVELOPMENT_WORKER_KEYS`.
pub(super) struct Worker {
    pub(super) signing: ed25519::Pair,
    pub(super) transport: ed25519::Pair,
    encryption: EncryptionSecret,
}

impl Worker {
    pub(super) fn of(member: &Member<AccountId>) -> Self {
        (1..=4)
            .map(|k| {
                let mut number = [0; 32];
                number[31] = k;
                let mut scalar = [0; 32];
                scalar[0] = k;
                Self {
                    signing: ed25519::Pair::from_seed(&[k; 32]),
                    transport: ed25519::Pair::from_seed(&number),
                    encryption: EncryptionSecret::from_bytes(&scalar).expect("a scalar"),
                }
            })
            .find(|worker| worker.signing.public().0 == member.keys.signing)
            .expect("a development key")
    }

    pub(super) fn sign(&self, call: &str, arguments: &impl Encode) -> [u8; 64] {
        self.signing.sign(&worker_call_bytes(&Committee::genesis(), call, arguments)).0
    }
}

/// The worker at this position of the attempt.
fn worker(position: usize) -> Worker {
    Worker::of(&running().members[position])
}

fn context(position: usize) -> DealingContext {
    DealingContext { genesis: Committee::genesis(), attempt: running().id, dealer: index(position) }
}

pub(super) fn dealing_of(position: usize, secrets: Secrets<'_>) -> Dealing {
    let attempt = running();
    let recipients: Vec<_> = attempt.members.iter().map(|member| member.dealing_key).collect();
    deal(&context(position), secrets, attempt.threshold, &recipients, &mut rng(position))
        .expect("keys are points")
}

/// What a member at this position deals in a key generation.
pub(super) fn dealing(position: usize) -> Dealing {
    dealing_of(position, Secrets::Fresh(&root_key_ids()))
}

/// The complaint of a member about a copy of a good dealing that was broken for it.
pub(super) fn false_complaint(member: usize, dealer: usize) -> Complaint {
    let mut broken = dealing(dealer);
    broken.recipients[member].ciphertext[3] ^= 1;
    let secret = worker(member).encryption;
    let opened = conclave_vss::open(
        &context(dealer),
        &root_key_ids(),
        &broken,
        index(member),
        &secret,
        &mut rng(member),
    );
    let Err(conclave_vss::OpenError::Cheated(complaint)) = opened else { panic!("the copy is broken") };
    complaint
}

pub(super) fn submit(call: Call<Runtime>) {
    let extension = transaction::extension(0, Era::Immortal, 0);
    let extrinsic = UncheckedExtrinsic::new_transaction(RuntimeCall::Committee(call), extension);
    assert_ok!(Executive::apply_extrinsic(extrinsic).expect("valid"));
}

pub(super) fn commit(position: usize, dealing: &Dealing) {
    let (attempt, participant, hash) = (running().id, index(position), dealing.hash());
    let signature = worker(position).sign("commit_dealing", &(attempt, participant, hash));
    submit(Call::commit_dealing { attempt, participant, hash, signature });
}

/// Opens the dealing of this dealer, who is a member of the attempt or of the committee that serves.
pub(super) fn open(dealer: &Member<AccountId>, position: usize, dealing: Dealing) {
    let (attempt, participant) = (running().id, index(position));
    let signature = Worker::of(dealer).sign("deal", &(attempt, running().round, participant, dealing.hash()));
    submit(Call::deal { attempt, participant, dealing: Box::new(dealing), signature });
}

pub(super) fn report(position: usize, complaints: Vec<Complaint>) {
    let (attempt, participant) = (running().id, index(position));
    let complaints: frame_support::BoundedVec<_, _> = complaints.try_into().expect("few");
    let arguments = (attempt, running().round, participant, &complaints);
    let signature = worker(position).sign("report_shares", &arguments);
    submit(Call::report_shares { attempt, participant, complaints, signature });
}

fn confirm(position: usize) {
    let (attempt, participant) = (running().id, index(position));
    let signature = worker(position).sign("confirm_shares", &(attempt, participant));
    submit(Call::confirm_shares { attempt, participant, signature });
}

pub(super) fn commit_all() {
    (0..4).for_each(|position| commit(position, &dealing(position)));
}

pub(super) fn deal_all() {
    commit_all();
    let members = running().members;
    members.iter().enumerate().for_each(|(position, member)| open(member, position, dealing(position)));
}

/// The first keys, and the committee that has them.
pub(super) fn make_committee() {
    deal_all();
    (0..4).for_each(|position| report(position, Vec::new()));
    while running().phase == AttemptPhase::Finalise {
        next_block();
    }
    (0..4).for_each(confirm);
    // The simulation shows the committee's signature; here it is taken for granted.
    assert_ok!(Committee::activate(RawOrigin::Authorized.into(), running().id, [0; 64]));
    assert!(CurrentCommittee::<Runtime>::exists() && System::block_number() < 4);
}
