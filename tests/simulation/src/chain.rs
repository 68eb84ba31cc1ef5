//! The chain: the real pallets, a pool that validates twice, blocks, and finality that lags.

use codec::Encode;
use conclave_primitives::{
    conditions::{Condition, PolicyId},
    Attempt, AttemptId, AuthMethod, BlockNumber, DealingKeyView, Epoch, Evidence, GenesisHash,
    ParticipantIndex, PkpId, PkpView, PublicKey, Scopes, WorkerKeyProofs, WorkerKeys,
};
use conclave_worker::{
    ports::{Addresses, ConditionsView, ReadChain, ReadError},
    ChainView, Settings, WorkerCall,
};
use frame_support::{
    dispatch::RawOrigin,
    pallet_prelude::Weight,
    pallet_prelude::{InvalidTransaction, TransactionSource, TransactionValidityError},
    traits::{Authorize, OnFinalize, OnIdle, OnInitialize, TryState, TryStateSelect},
};
use rand_chacha::ChaCha20Rng;
use sp_runtime::{traits::Dispatchable, AccountId32, BuildStorage};
use std::{collections::BTreeMap, rc::Rc};

use crate::{
    dice::Dice,
    runtime::{
        AllPalletsWithSystem, Balances, Committee, Pkp, Runtime, RuntimeCall, RuntimeEvent,
        RuntimeGenesisConfig, RuntimeOrigin, SessionIndex, System, Validators,
    },
    world::registry,
};

/// What happened on chain, in the order of the blocks.
pub(crate) type CommitteeEvent = pallet_committee::Event<Runtime>;

/// Blocks between which finality may lag behind the best block.
const FINALITY_LAG: [u64; 2] = [1, 3];
/// How long a pool keeps out a call that was invalid, by its bytes: half an hour, as sc-transaction-pool does.
const BANNED_FOR: BlockNumber = 600;
/// How often a call that is in the pool does not make it into the next block, in percent.
const LEFT_OUT: u64 = 10;
/// The time between blocks, as conditions see it.
const BLOCK_SECONDS: u64 = 3;
const ENDOWMENT: u64 = 1_000_000;

/// State as of one block, as far as workers read it.
pub(crate) struct Snapshot {
    pub(crate) view: ChainView,
    genesis: GenesisHash,
    dealings: Rc<Vec<(ParticipantIndex, Vec<u8>)>>,
    /// By signing key.
    dealing_keys: BTreeMap<[u8; 32], DealingKeyView>,
    pkps: BTreeMap<PkpId, PkpView>,
    scopes: BTreeMap<(PkpId, AuthMethod), Scopes>,
}

impl Snapshot {
    pub(crate) fn dealings(&self) -> &[(ParticipantIndex, Vec<u8>)] {
        &self.dealings
    }

    pub(crate) fn pkp(&self, id: &PkpId) -> Option<&PkpView> {
        self.pkps.get(id)
    }
}

impl ReadChain for Snapshot {
    fn read_pkp(&self, pkp: &PkpId, method: &AuthMethod) -> Result<Option<(PkpView, Scopes)>, ReadError> {
        let scopes = self.scopes.get(&(*pkp, *method)).copied().unwrap_or_default();
        Ok(self.pkps.get(pkp).map(|view| (view.clone(), scopes)))
    }

    /// Snapshots keep no addresses: nobody signs in as a PKP here.
    fn read_addresses(&self, _: &PkpId) -> Result<Option<Addresses>, ReadError> {
        Err(ReadError("the simulation keeps no addresses".into()))
    }

    fn read_time(&self) -> Result<u64, ReadError> {
        Ok(BLOCK_SECONDS * u64::from(self.view.finalized))
    }

    fn read_block_number(&self, hash: &[u8; 32]) -> Result<Option<BlockNumber>, ReadError> {
        Ok((0..=self.view.finalized).rev().find(|number| block_hash(&self.genesis, *number) == *hash))
    }

    fn read_login_settings(&self) -> Result<Settings, ReadError> {
        Ok(Settings::default())
    }

    fn read_conditions(&self) -> Result<ConditionsView, ReadError> {
        Ok(ConditionsView { now: self.read_time()?, chains: registry() })
    }

    /// Snapshots are of what the pallets' views tell, not of storage: conditions over it stay undecided.
    fn read_storage(&self, _: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        Err(ReadError("the simulation keeps no storage".into()))
    }

    fn read_policy(&self, _: &PolicyId) -> Result<Option<Condition>, ReadError> {
        Ok(None)
    }

    fn read_dealing_key(&self, signing: &[u8; 32]) -> Result<Option<DealingKeyView>, ReadError> {
        Ok(self.dealing_keys.get(signing).copied())
    }

    fn read_dealings(&self) -> Result<Vec<(ParticipantIndex, Vec<u8>)>, ReadError> {
        Ok(self.dealings.to_vec())
    }
}

/// A worker's call on its way into a block.
struct Pooled {
    call: WorkerCall,
    provides: Vec<Vec<u8>>,
    /// Left out of no block.
    gets_through: bool,
}

/// The fate of workers' calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct CallCounts {
    /// Dispatched with success.
    pub dispatched: u64,
    /// Refused when submitted.
    pub refused: u64,
    /// Invalid not long ago.
    pub banned: u64,
    /// In the pool already.
    pub known: u64,
    /// Valid when submitted, no longer when included.
    pub stale: u64,
    /// Submitted anew after inclusion, by nobody: all were refused.
    pub replayed: u64,
    /// Submitted under another member's name: all were refused.
    pub forged: u64,
}

pub(crate) struct Chain {
    state: sp_io::TestExternalities,
    genesis: GenesisHash,
    rng: ChaCha20Rng,
    best: BlockNumber,
    finalized: BlockNumber,
    pool: Vec<Pooled>,
    /// Calls that were invalid when they came or were to be included, and until when no pool takes them.
    banned: BTreeMap<Vec<u8>, BlockNumber>,
    extrinsics: Vec<(AccountId32, RuntimeCall)>,
    /// Auth methods whose scopes snapshots carry.
    methods: Vec<AuthMethod>,
    snapshots: BTreeMap<BlockNumber, Rc<Snapshot>>,
    events: Vec<(BlockNumber, CommitteeEvent)>,
    minted: Vec<(PkpId, AccountId32, Vec<PublicKey>)>,
    included: Vec<WorkerCall>,
    validators: usize,
    violation: Option<String>,
    pub(crate) counts: CallCounts,
}

impl Chain {
    pub(crate) fn new(accounts: &[AccountId32], mut rng: ChaCha20Rng) -> Self {
        let genesis = rng.bytes();
        let config = RuntimeGenesisConfig {
            balances: pallet_balances::GenesisConfig {
                balances: accounts.iter().map(|account| (account.clone(), ENDOWMENT)).collect(),
                ..Default::default()
            },
            ..Default::default()
        };
        SessionIndex::set(0);
        let storage = config.build_storage().expect("the genesis is well-formed");
        let snapshot = Snapshot {
            view: ChainView::default(),
            genesis,
            dealings: Rc::default(),
            dealing_keys: BTreeMap::new(),
            pkps: BTreeMap::new(),
            scopes: BTreeMap::new(),
        };
        Self {
            state: sp_io::TestExternalities::new(storage),
            genesis,
            rng,
            best: 0,
            finalized: 0,
            pool: Vec::new(),
            banned: BTreeMap::new(),
            extrinsics: Vec::new(),
            methods: Vec::new(),
            snapshots: BTreeMap::from([(0, Rc::new(snapshot))]),
            events: Vec::new(),
            minted: Vec::new(),
            included: Vec::new(),
            validators: 0,
            violation: None,
            counts: CallCounts::default(),
        }
    }

    pub(crate) fn genesis(&self) -> GenesisHash {
        self.genesis
    }

    pub(crate) fn best(&self) -> BlockNumber {
        self.best
    }

    pub(crate) fn events(&self) -> &[(BlockNumber, CommitteeEvent)] {
        &self.events
    }

    pub(crate) fn minted(&self) -> &[(PkpId, AccountId32, Vec<PublicKey>)] {
        &self.minted
    }

    pub(crate) fn finalized(&self) -> &Rc<Snapshot> {
        self.at(self.finalized)
    }

    /// State as of a block that was built.
    pub(crate) fn at(&self, block: BlockNumber) -> &Rc<Snapshot> {
        self.snapshots.get(&block).expect("a block that was built")
    }

    pub(crate) fn set_validators(&mut self, validators: Vec<AccountId32>) {
        self.validators = validators.len();
        Validators::set(validators);
    }

    /// The next session starts, of these validators.
    pub(crate) fn next_session(&mut self, validators: Vec<AccountId32>) {
        self.set_validators(validators);
        SessionIndex::mutate(|session| *session += 1);
    }

    /// Has snapshots carry what this method may do.
    pub(crate) fn track(&mut self, method: AuthMethod) {
        self.methods.push(method);
    }

    pub(crate) fn register_worker_keys(
        &mut self,
        account: AccountId32,
        keys: WorkerKeys,
        proofs: WorkerKeyProofs,
    ) {
        let next = AttemptId { epoch: Epoch(1), attempt: Attempt(0) };
        let view = DealingKeyView { provided: None, is_due: true, next };
        let genesis = self.snapshots.get_mut(&0).and_then(Rc::get_mut).expect("nobody has read it yet");
        genesis.dealing_keys.insert(keys.signing, view);
        self.extrinsics.push((account, pallet_committee::Call::register_worker_keys { keys, proofs }.into()));
    }

    /// A call for block 1, of a worker that is registered in it.
    pub(crate) fn submit_first(&mut self, call: WorkerCall) {
        self.pool.push(Pooled { call, provides: Vec::new(), gets_through: true });
    }

    pub(crate) fn mint(&mut self, owner: AccountId32) {
        self.extrinsics.push((owner, pallet_pkp::Call::mint {}.into()));
    }

    /// A worker's call comes to a node's pool.
    pub(crate) fn submit(&mut self, call: WorkerCall, gets_through: bool) -> Result<(), String> {
        let bytes = runtime_call(&call).encode();
        if self.banned.get(&bytes).is_some_and(|until| self.best < *until) {
            self.counts.banned += 1;
            return Err("temporarily banned".into());
        }
        match self.validate(&call, TransactionSource::External) {
            Ok(provides) => {
                self.forge(&call);
                if self.pool.iter().any(|pooled| pooled.provides.iter().any(|tag| provides.contains(tag))) {
                    self.counts.known += 1;
                } else {
                    self.pool.push(Pooled { call, provides, gets_through });
                }
                Ok(())
            }
            Err(error) => {
                self.counts.refused += 1;
                self.banned.insert(bytes, self.best + BANNED_FOR);
                Err(describe(error))
            }
        }
    }

    fn validate(
        &mut self,
        call: &WorkerCall,
        source: TransactionSource,
    ) -> Result<Vec<Vec<u8>>, TransactionValidityError> {
        let call = runtime_call(call);
        let verdict = self.state.execute_with(|| call.authorize(source));
        match verdict {
            Some(Ok((valid, _))) => Ok(valid.provides),
            Some(Err(error)) => Err(error),
            None => Err(InvalidTransaction::Call.into()),
        }
    }

    /// Builds the next block; tells what the block did to workers' calls, and which block is final now.
    pub(crate) fn build_block(&mut self) -> Result<Vec<String>, String> {
        let number = self.best + 1;
        let parent = block_hash(&self.genesis, number - 1);
        let mut notes = Vec::new();
        let Self { state, rng, pool, banned, extrinsics, counts, included, .. } = self;
        let mut candidates = std::mem::take(pool);
        rng.shuffle(&mut candidates);
        state.execute_with(|| {
            System::reset_events();
            System::initialize(&number, &parent.into(), &Default::default());
            AllPalletsWithSystem::on_initialize(number);
            for (account, call) in extrinsics.drain(..) {
                call.dispatch(RuntimeOrigin::signed(account))
                    .map_err(|error| format!("{:?}", error.error))?;
            }
            for pooled in candidates {
                if !pooled.gets_through && rng.percent(LEFT_OUT) {
                    pool.push(pooled);
                    continue;
                }
                let call = runtime_call(&pooled.call);
                match call.authorize(TransactionSource::InBlock) {
                    // For a later phase: the pool keeps it.
                    Some(Err(TransactionValidityError::Invalid(InvalidTransaction::Future))) => {
                        pool.push(pooled)
                    }
                    Some(Ok(_)) => {
                        call.dispatch(RawOrigin::Authorized.into())
                            .map_err(|error| format!("an authorised call failed: {:?}", error.error))?;
                        counts.dispatched += 1;
                        notes.push(name(&pooled.call));
                        included.push(pooled.call);
                    }
                    verdict => {
                        counts.stale += 1;
                        banned.insert(call.encode(), number + BANNED_FOR);
                        notes.push(format!("stale {}: {verdict:?}", name(&pooled.call)));
                    }
                }
            }
            AllPalletsWithSystem::on_idle(number, Weight::MAX);
            AllPalletsWithSystem::on_finalize(number);
            <AllPalletsWithSystem as TryState<BlockNumber>>::try_state(number, TryStateSelect::All)
                .map_err(|error| format!("an invariant of the pallets does not hold: {error:?}"))
        })?;
        self.best = number;
        self.take_events();
        self.replay()?;
        if let Some(violation) = self.violation.take() {
            return Err(violation);
        }
        let snapshot = self.snapshot();
        self.snapshots.insert(number, Rc::new(snapshot));
        let lag = self.rng.within(FINALITY_LAG);
        self.finalized = self.finalized.max(number.saturating_sub(lag as u32));
        Ok(notes)
    }

    fn take_events(&mut self) {
        for record in self.state.execute_with(System::events) {
            match record.event {
                RuntimeEvent::Committee(event) => self.events.push((self.best, event)),
                RuntimeEvent::Pkp(pallet_pkp::Event::Minted { id, owner, public_keys, .. }) => {
                    self.minted.push((id, owner, public_keys.into_inner()));
                }
                _ => {}
            }
        }
    }

    /// What anyone can try: a call that was included once more.
    fn replay(&mut self) -> Result<(), String> {
        let Some(call) = self.rng.pick(&self.included).cloned() else { return Ok(()) };
        if self.validate(&call, TransactionSource::External).is_ok() {
            return Err(format!("a repeated {} was accepted", name(&call)));
        }
        self.counts.replayed += 1;
        Ok(())
    }

    /// And a member's valid call in the name of another who has not made it yet.
    fn forge(&mut self, call: &WorkerCall) {
        let members = self.validators as u64;
        let Some(forged) = in_another_name(call, self.rng.within([1, members]) as u8) else { return };
        if self.validate(&forged, TransactionSource::External).is_ok() {
            self.violation.get_or_insert(format!("a forged {} was accepted", name(&forged)));
        }
        self.counts.forged += 1;
    }

    fn snapshot(&mut self) -> Snapshot {
        let before = Rc::clone(self.at(self.best - 1));
        let (best, genesis, methods) = (self.best, self.genesis, &self.methods);
        self.state.execute_with(|| {
            let view = ChainView {
                finalized: best,
                committee: Committee::committee(),
                attempt: Committee::attempt(),
            };
            let standing =
                |view: &ChainView| view.attempt.as_ref().map(|attempt| (attempt.id, attempt.dealt.clone()));
            let dealings = if standing(&view) == standing(&before.view) {
                Rc::clone(&before.dealings)
            } else {
                Rc::new(Committee::dealings())
            };
            let pkps: BTreeMap<_, _> =
                pallet_pkp::Pkps::<Runtime>::iter_keys().filter_map(|id| Some((id, Pkp::pkp(id)?))).collect();
            let scopes = pkps
                .keys()
                .flat_map(|id| methods.iter().map(move |method| (*id, *method)))
                .filter_map(|(id, method)| Some(((id, method), Pkp::scopes(id, method)?)))
                .collect();
            let dealing_keys = pallet_committee::WorkerKeysOf::<Runtime>::iter_values()
                .map(|registered| registered.keys.signing)
                .filter_map(|signing| Some((signing, Committee::dealing_key(&signing)?)))
                .collect();
            Snapshot { view, genesis, dealings, dealing_keys, pkps, scopes }
        })
    }

    /// The calls of workers that are in blocks, for all to read.
    pub(crate) fn included(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        self.included.iter().map(|call| runtime_call(call).encode())
    }

    /// Whom this member says it has banned.
    pub(crate) fn reported_bans(&mut self, by: ParticipantIndex) -> Vec<ParticipantIndex> {
        let report = self.state.execute_with(|| pallet_committee::PeerReports::<Runtime>::get(by));
        report.banned.into_iter().collect()
    }

    /// What is held of an account for deposits.
    pub(crate) fn total_held(&mut self, account: &AccountId32) -> u64 {
        use frame_support::traits::fungible::InspectHold;
        self.state.execute_with(|| Balances::total_balance_on_hold(account))
    }
}

/// The hash of a block, which nothing here commits to.
pub(crate) fn block_hash(genesis: &GenesisHash, number: BlockNumber) -> [u8; 32] {
    match number {
        0 => *genesis,
        _ => conclave_primitives::blake2_256(&(genesis, number + 1).encode()),
    }
}

fn runtime_call(call: &WorkerCall) -> RuntimeCall {
    use pallet_committee::Call;
    match call.clone() {
        WorkerCall::CommitDealing { attempt, participant, hash, signature } => {
            Call::commit_dealing { attempt, participant, hash, signature }.into()
        }
        WorkerCall::Deal { attempt, participant, dealing, signature } => {
            Call::deal { attempt, participant, dealing, signature }.into()
        }
        WorkerCall::ReportShares { attempt, participant, complaints, signature } => {
            let complaints = complaints.try_into().expect("at most one complaint a member");
            Call::report_shares { attempt, participant, complaints, signature }.into()
        }
        WorkerCall::ConfirmShares { attempt, participant, signature } => {
            Call::confirm_shares { attempt, participant, signature }.into()
        }
        WorkerCall::ProvideDealingKey { signer, attempt, dealing_key, proof, signature } => {
            Call::provide_dealing_key { signer, attempt, dealing_key, proof, signature }.into()
        }
        WorkerCall::Activate { attempt, signature } => Call::activate { attempt, signature }.into(),
        WorkerCall::ReportFault { evidence, reporter, signature } => {
            Call::report_fault { evidence, reporter, signature }.into()
        }
        WorkerCall::ReportPeers { epoch, participant, report, signature } => {
            Call::report_peers { epoch, participant, report, signature }.into()
        }
    }
}

/// The call as if the member with this index had made it, under the signature of who did.
fn in_another_name(call: &WorkerCall, index: u8) -> Option<WorkerCall> {
    let mut call = call.clone();
    match &mut call {
        WorkerCall::CommitDealing { participant, .. }
        | WorkerCall::Deal { participant, .. }
        | WorkerCall::ReportShares { participant, .. }
        | WorkerCall::ConfirmShares { participant, .. }
        | WorkerCall::ReportPeers { participant, .. } => {
            let other = ParticipantIndex::new(index)?;
            (other != *participant).then(|| *participant = other)?;
        }
        WorkerCall::ReportFault { signature, .. }
        | WorkerCall::ProvideDealingKey { signature, .. }
        | WorkerCall::Activate { signature, .. } => signature[0] ^= 1,
    }
    Some(call)
}

pub(crate) fn name(call: &WorkerCall) -> String {
    let of = |call: &str, attempt: &AttemptId, participant: &ParticipantIndex| {
        format!("{call} {}.{} {participant:?}", attempt.epoch.0, attempt.attempt.0)
    };
    match call {
        WorkerCall::CommitDealing { attempt, participant, .. } => of("commit_dealing", attempt, participant),
        WorkerCall::Deal { attempt, participant, .. } => of("deal", attempt, participant),
        WorkerCall::ReportShares { attempt, participant, complaints, .. } => {
            format!("{} complaints {}", of("report_shares", attempt, participant), complaints.len())
        }
        WorkerCall::ConfirmShares { attempt, participant, .. } => of("confirm_shares", attempt, participant),
        WorkerCall::Activate { attempt, .. } => format!("activate {}.{}", attempt.epoch.0, attempt.attempt.0),
        WorkerCall::ProvideDealingKey { attempt, .. } => {
            format!("provide_dealing_key {}.{}", attempt.epoch.0, attempt.attempt.0)
        }
        WorkerCall::ReportFault { evidence, .. } => {
            let kind = match **evidence {
                Evidence::Equivocation { .. } => "equivocation",
                Evidence::FrostShare { .. } | Evidence::BlsShare { .. } => "a wrong share",
            };
            format!("report_fault of {kind}")
        }
        WorkerCall::ReportPeers { participant, report, .. } => {
            format!(
                "report_peers {participant:?}: {} banned, {} absent",
                report.banned.len(),
                report.absent.len()
            )
        }
    }
}

fn describe(error: TransactionValidityError) -> String {
    match error {
        TransactionValidityError::Invalid(InvalidTransaction::Custom(code)) => {
            format!("invalid, code {code}")
        }
        other => format!("{other:?}"),
    }
}
