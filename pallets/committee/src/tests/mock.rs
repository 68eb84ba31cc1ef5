//! A runtime with balances and the committee; members whose secrets the tests know.

use conclave_primitives::{
    bls_share_message, flight_payload, frost_share_message, payload_hash, worker_call_bytes,
    worker_keys_bytes, AdmitMembers, BlsSubject, EncodedPoint, Evidence, KeyId, MessageHeader,
    ParticipantIndex, Participants, SignedPayload, SigningPackage, WorkerKeyProofs, WorkerKeys,
};
use conclave_vss::{prove_worker_key, EncryptionSecret};
use frame_support::{
    derive_impl, parameter_types,
    traits::{Authorize, ConstU32, ConstU64, OnIdle, OnInitialize},
    weights::Weight,
};
use frame_system::EnsureRoot;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sp_core::{ed25519, Pair};
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
use sp_runtime::{
    traits::{Convert, Dispatchable, IdentityLookup},
    transaction_validity::{TransactionSource, TransactionValidityError, ValidTransaction},
    AccountId32, BuildStorage, Perbill,
};
use sp_staking::offence::{Kind, Offence, OffenceError, ReportOffence};
use std::collections::BTreeSet;

pub(crate) const KEY_DEPOSIT: u64 = 50;
pub(crate) const ENDOWMENT: u64 = 1_000;

type Block = frame_system::mocking::MockBlock<Test>;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system::Pallet<Test>;
    #[runtime::pallet_index(1)]
    pub type Balances = pallet_balances::Pallet<Test>;
    #[runtime::pallet_index(2)]
    pub type Committee = crate::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type Block = Block;
    type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
}

parameter_types! {
    pub static Validators: Vec<AccountId32> = Vec::new();
    pub static SessionIndex: u32 = 3;
}

/// What was reported as an offence.
#[expect(unreachable_pub, reason = "`parameter_types` makes a public type of its list")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    pub(crate) kind: Kind,
    pub(crate) offender: AccountId32,
    pub(crate) reporters: Vec<AccountId32>,
    pub(crate) session: u32,
    pub(crate) fraction: Perbill,
}

parameter_types! {
    static ReportedOffences: Vec<Reported> = Vec::new();
}

/// What was reported so far, and in the time that the block has left.
pub(crate) struct Offences;

impl Offences {
    pub(crate) fn get() -> Vec<Reported> {
        Committee::report_pending_offences(Weight::MAX);
        ReportedOffences::get()
    }
}

/// Stands for pallet-offences: counts concurrent offenders of a kind, and takes each once.
pub struct Report;

impl<O: Offence<AccountId32>> ReportOffence<AccountId32, AccountId32, O> for Report {
    fn report_offence(reporters: Vec<AccountId32>, offence: O) -> Result<(), OffenceError> {
        let mut offences = ReportedOffences::get();
        for offender in offence.offenders() {
            let of_kind = || offences.iter().filter(|reported| reported.kind == O::ID);
            if of_kind().any(|reported| reported.offender == offender) {
                return Err(OffenceError::DuplicateReport);
            }
            let fraction = offence.slash_fraction(of_kind().count() as u32 + 1);
            let (reporters, session) = (reporters.clone(), offence.session_index());
            offences.push(Reported { kind: O::ID, offender, reporters, session, fraction });
        }
        ReportedOffences::set(offences);
        Ok(())
    }

    fn is_known_offence(_: &[AccountId32], _: &O::Slot) -> bool {
        false
    }
}

parameter_types! {
    pub static NotAdmitted: Vec<AccountId32> = Vec::new();
}

/// Stands for pallet-attestation.
pub struct Admission;

impl AdmitMembers<AccountId32> for Admission {
    fn admit(validators: Vec<AccountId32>) -> Vec<AccountId32> {
        validators.into_iter().filter(|validator| !NotAdmitted::get().contains(validator)).collect()
    }
}

/// Everyone but account 99 has stake.
pub struct Staked;

impl Convert<AccountId32, Option<AccountId32>> for Staked {
    fn convert(account: AccountId32) -> Option<AccountId32> {
        (account != self::account(99)).then_some(account)
    }
}

parameter_types! {
    /// Accusers beyond those that the runtime asks for.
    pub static FurtherAccusers: i32 = 0;
}

pub struct BanQuorum;

impl Convert<(u32, u32), u32> for BanQuorum {
    fn convert(committee: (u32, u32)) -> u32 {
        crate::MoreThanMayLie::convert(committee).saturating_add_signed(FurtherAccusers::get())
    }
}

impl crate::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Validators = Validators;
    type Admission = Admission;
    type AdmissionWeight = ();
    type SessionIndex = SessionIndex;
    type SessionsPerEpoch = ConstU32<2>;
    type AdminOrigin = EnsureRoot<AccountId32>;
    type KeyDeposit = ConstU64<KEY_DEPOSIT>;
    type CommitPeriod = ConstU64<5>;
    type DealPeriod = ConstU64<5>;
    type ComplainPeriod = ConstU64<5>;
    type ConfirmPeriod = ConstU64<5>;
    type WeightInfo = ();
    type Offender = AccountId32;
    type OffenderOf = Staked;
    type ReportOffence = Report;
    type BanQuorum = BanQuorum;
    type DemeritLimit = ConstU32<2>;
    type DemeritMemory = ConstU32<3>;
    type ExclusionEpochs = ConstU32<2>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = Self;
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId32> for Test {
    fn set_validators(validators: Vec<AccountId32>) {
        Validators::set(validators);
    }

    fn stake(_: &AccountId32) {}
}

pub(crate) fn account(number: u8) -> AccountId32 {
    AccountId32::new([number; 32])
}

pub(crate) fn index(number: u8) -> ParticipantIndex {
    ParticipantIndex::new(number).expect("indices start at 1")
}

pub(crate) fn peers(numbers: &[u8]) -> Participants {
    numbers.iter().copied().map(index).collect::<BTreeSet<_>>().try_into().expect("few members")
}

/// A validator with its worker's secrets.
pub(crate) struct Worker {
    pub(crate) encryption: EncryptionSecret,
    signing: ed25519::Pair,
    transport: ed25519::Pair,
}

impl Worker {
    pub(crate) fn new(number: u8) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(number.into());
        Self {
            encryption: EncryptionSecret::random(&mut rng),
            signing: ed25519::Pair::from_seed(&[number; 32]),
            transport: ed25519::Pair::from_seed(&[number + 100; 32]),
        }
    }

    pub(crate) fn keys(&self) -> WorkerKeys {
        WorkerKeys {
            encryption: self.encryption.public(),
            signing: self.signing.public().0,
            transport: self.transport.public().0,
        }
    }

    pub(crate) fn proofs(&self, account: &AccountId32) -> WorkerKeyProofs {
        self.proofs_for(account, &self.keys())
    }

    /// That these keys are the worker's, which may not be so.
    pub(crate) fn proofs_for(&self, account: &AccountId32, keys: &WorkerKeys) -> WorkerKeyProofs {
        let statement = worker_keys_bytes(&Committee::genesis(), account.as_ref(), keys);
        let mut rng = ChaCha20Rng::seed_from_u64(0);
        WorkerKeyProofs {
            encryption: prove_worker_key(&self.encryption, &statement, &mut rng).to_bytes(),
            signing: self.signing.sign(&statement).0,
            transport: self.transport.sign(&statement).0,
        }
    }

    /// A FROST signature share as this worker sends it.
    pub(crate) fn send_share(
        &self,
        header: MessageHeader,
        share: [u8; 32],
        key: KeyId,
        package: SigningPackage,
    ) -> Evidence {
        let hash = payload_hash(&flight_payload(&frost_share_message(&share, &package)));
        let signature = self.transport.sign(&header.signed_bytes(&Committee::genesis(), &hash)).0;
        Evidence::FrostShare { header, share, signature, key, package: Box::new(package) }
    }

    /// What this worker sends as its share of a BLS signature under `public_key`.
    pub(crate) fn send_bls_share(
        &self,
        header: MessageHeader,
        share: &[u8],
        subject: BlsSubject,
        public_key: &EncodedPoint,
    ) -> Evidence {
        let message = bls_share_message(&subject.binding(&header.session, public_key), share);
        let hash = payload_hash(&flight_payload(&message));
        let signature = self.transport.sign(&header.signed_bytes(&Committee::genesis(), &hash)).0;
        let share = EncodedPoint::try_from(share.to_vec()).expect("short");
        Evidence::BlsShare { header, share, signature, subject: Box::new(subject) }
    }

    /// The two payload hashes as this worker signs them for one place.
    pub(crate) fn equivocate(&self, header: MessageHeader, hashes: [[u8; 32]; 2]) -> Evidence {
        let genesis = Committee::genesis();
        let payloads = hashes.map(|hash| SignedPayload {
            hash,
            signature: self.transport.sign(&header.signed_bytes(&genesis, &hash)).0,
        });
        Evidence::Equivocation { header, payloads }
    }

    pub(crate) fn sign(&self, call: &str, arguments: &impl codec::Encode) -> [u8; 64] {
        self.signing.sign(&worker_call_bytes(&Committee::genesis(), call, arguments)).0
    }
}

/// Block 1 with `count` validators; the worker keys of the first `registered` accounts stand in the genesis.
pub(crate) fn new_test_ext(count: u8, registered: u8) -> sp_io::TestExternalities {
    let genesis = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances: (1..=20).map(|number| (account(number), ENDOWMENT)).collect(),
            ..Default::default()
        },
        committee: crate::GenesisConfig {
            worker_keys: (1..=registered)
                .map(|number| (account(number), Worker::new(number).keys()))
                .collect(),
            virtual_members: Vec::new(),
        },
        ..Default::default()
    };
    let mut ext = sp_io::TestExternalities::new(genesis.build_storage().expect("the genesis is well-formed"));
    // Benchmarks sign with keys of the host.
    ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
    ext.execute_with(|| {
        Validators::set((1..=count).map(account).collect());
        ReportedOffences::set(Vec::new());
        NotAdmitted::set(Vec::new());
        (1..=registered).for_each(provide_dealing_key);
        FurtherAccusers::set(0);
        run_to(1);
    });
    ext
}

/// Worker `number` has provided a dealing key: its encryption key, which serves as well here.
pub(crate) fn provide_dealing_key(number: u8) {
    set_dealing_key(number, Some(Worker::new(number).keys().encryption));
}

pub(crate) fn set_dealing_key(number: u8, public: Option<[u8; 32]>) {
    crate::WorkerKeysOf::<Test>::mutate(account(number), |registered| {
        let dealing_key = public.map(|public| crate::DealingKey { public, is_used: false });
        registered.as_mut().expect("registered").dealing_key = dealing_key;
    });
}

/// Runs a test, then checks the invariants.
pub(crate) fn execute(count: u8, test: impl FnOnce()) {
    execute_registered(count, count, test);
}

/// The same where others than the validators have worker keys, too.
pub(crate) fn execute_registered(count: u8, registered: u8, test: impl FnOnce()) {
    new_test_ext(count, registered).execute_with(|| {
        test();
        Committee::do_try_state().expect("the invariants hold");
    });
}

/// What the block has left for hooks.
pub(crate) fn idle() {
    Committee::on_idle(System::block_number(), Weight::MAX);
}

/// Starts every block up to `number`.
pub(crate) fn run_to(number: u64) {
    while System::block_number() < number {
        System::set_block_number(System::block_number() + 1);
        Committee::on_initialize(System::block_number());
        idle();
        Committee::do_try_state().expect("the invariants hold");
    }
}

/// Validates a worker's call as a block would, then dispatches it.
pub(crate) fn submit(call: crate::Call<Test>) -> Result<(), TransactionValidityError> {
    let call = RuntimeCall::Committee(call);
    call.authorize(TransactionSource::InBlock).expect("a worker's call")?;
    let origin = frame_system::RawOrigin::Authorized.into();
    call.dispatch(origin).expect("what validates must dispatch");
    Ok(())
}

/// What a pool makes of a worker's call.
pub(crate) fn validate(call: crate::Call<Test>) -> Result<ValidTransaction, TransactionValidityError> {
    let call = RuntimeCall::Committee(call);
    call.authorize(TransactionSource::External).expect("a worker's call").map(|(valid, _)| valid)
}

pub(crate) fn last_events() -> Vec<crate::Event<Test>> {
    System::events()
        .into_iter()
        .filter_map(|record| match record.event {
            RuntimeEvent::Committee(event) => Some(event),
            _ => None,
        })
        .collect()
}
