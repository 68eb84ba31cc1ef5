//! A runtime with balances and attestation under the root of a development network; machines with a software PSP.

use alloc::boxed::Box;
use conclave_attestation::SealedReport;
use conclave_dev_roots::{CPUID, FLOOR};
use conclave_primitives::{worker_call_bytes, ReportPurpose, WorkerKeys};
use conclave_snp::{Anchor, Floor, Identity, Release, ReleaseStatus, Report};
use conclave_soft_psp::{Guest, Network, SoftPsp};
use core::time::Duration;
use ed25519_dalek::{Signer, SigningKey};
use frame_support::{
    derive_impl, ord_parameter_types,
    pallet_prelude::{InvalidTransaction, TransactionSource, TransactionValidityError},
    parameter_types,
    storage::with_storage_layer,
    traits::{
        fungible::InspectHold, Authorize, ConstU32, ConstU64, Get, OnInitialize, UnfilteredDispatchable,
        UnixTime,
    },
};
use frame_system::{EnsureSignedBy, RawOrigin};
use sp_runtime::{
    traits::IdentityLookup, AccountId32, BuildStorage, DispatchError, DispatchResult, ModuleError,
};

use crate::{HoldReason, ProvideKeys, ValidatorKeys};

pub(crate) const ENDOWMENT: u64 = 1_000;
pub(crate) const DEPOSIT: u64 = 100;
pub(crate) const VALIDITY: u32 = 100;
pub(crate) const MEASUREMENT: [u8; 48] = [0x3e; 48];
pub(crate) const RELEASE: u32 = 1;
/// 2026-11-22.
pub(crate) const NOW: u64 = 1_795_305_600;

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
    pub type Attestation = crate::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type Block = Block;
    type AccountData = pallet_balances::AccountData<u64>;
    type BlockHashCount = ConstU64<2400>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
}

parameter_types! {
    pub static Time: u64 = NOW;
    /// What to add to the session keys of each account.
    pub static Rotated: Vec<(AccountId32, u8)> = Vec::new();
}

ord_parameter_types! {
    pub const Tightener: AccountId32 = account(200);
    pub const Loosener: AccountId32 = account(201);
}

impl UnixTime for Time {
    fn now() -> Duration {
        Duration::from_secs(Self::get())
    }
}

/// Everybody has keys but account 99.
pub struct Keys;

impl ProvideKeys<AccountId32> for Keys {
    fn keys(validator: &AccountId32) -> Option<ValidatorKeys> {
        let rotated = Rotated::get().iter().find(|(who, _)| who == validator).map_or(0, |(_, by)| *by);
        let bytes: [u8; 32] = validator.clone().into();
        let signing = SigningKey::from_bytes(&bytes).verifying_key().to_bytes();
        let worker = WorkerKeys { encryption: bytes, signing, transport: bytes };
        let session = [&bytes[..], &[rotated]].concat();
        (*validator != account(99)).then_some(ValidatorKeys { session, worker })
    }
}

pub struct DevAnchors;

impl Get<&'static [Anchor]> for DevAnchors {
    fn get() -> &'static [Anchor] {
        Network::DEV.anchors()
    }
}

impl crate::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type TrustAnchors = DevAnchors;
    type UnixTime = Time;
    type Keys = Keys;
    type TightenOrigin = EnsureSignedBy<Tightener, AccountId32>;
    type LoosenOrigin = EnsureSignedBy<Loosener, AccountId32>;
    type Deposit = ConstU64<DEPOSIT>;
    type ValidityPeriod = ConstU32<VALIDITY>;
    type MaxReleases = ConstU32<4>;
    type MaxFloors = ConstU32<2>;
    type MaxBlockedChips = ConstU32<2>;
    type MaxAttestations = ConstU32<8>;
    type WeightInfo = ();
}

pub(crate) fn account(number: u8) -> AccountId32 {
    AccountId32::new([number; 32])
}

pub(crate) fn tighten() -> RuntimeOrigin {
    RuntimeOrigin::signed(Tightener::get())
}

pub(crate) fn loosen() -> RuntimeOrigin {
    RuntimeOrigin::signed(Loosener::get())
}

pub(crate) fn release(id: u32, measurement: [u8; 48]) -> Release {
    Release {
        id,
        measurement,
        vcpus: 4,
        valid_from: 0,
        valid_until: None,
        status: ReleaseStatus::Active,
        source_digest: [0; 32],
        identity: Identity::default(),
    }
}

/// The genesis of a development chain, as its specification would have it.
pub(crate) fn genesis() -> crate::GenesisConfig<Test> {
    let Floor { tcb, firmware } = FLOOR.1;
    crate::GenesisConfig {
        floors: vec![(
            [CPUID.family, CPUID.model, CPUID.stepping],
            [tcb.bootloader, tcb.tee, tcb.snp, tcb.microcode, tcb.fmc],
            [firmware.major, firmware.minor, firmware.build],
        )],
        releases: vec![(RELEASE, 4, MEASUREMENT.to_vec())],
        ..Default::default()
    }
}

/// Runs a test from block 10 on, then checks the invariants.
pub(crate) fn execute(test: impl FnOnce()) {
    let balances = (1..=9).chain([99]).map(|number| (account(number), ENDOWMENT)).collect();
    let genesis = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
        attestation: genesis(),
        ..Default::default()
    };
    let mut ext = sp_io::TestExternalities::new(genesis.build_storage().expect("the genesis is well-formed"));
    ext.execute_with(|| {
        Time::set(NOW);
        Rotated::set(Vec::new());
        run_to(10);
        test();
        Attestation::do_try_state().expect("the invariants hold");
    });
}

pub(crate) fn now() -> u32 {
    System::block_number() as u32
}

pub(crate) fn run_to(number: u64) {
    while System::block_number() < number {
        let parent = System::block_number();
        frame_system::BlockHash::<Test>::insert(parent, hash(parent as u32));
        System::set_block_number(parent + 1);
        Attestation::on_initialize(parent + 1);
        Attestation::do_try_state().expect("the invariants hold");
    }
}

fn hash(number: u32) -> sp_runtime::testing::H256 {
    let mut hash = [7; 32];
    hash[..4].copy_from_slice(&number.to_be_bytes());
    hash.into()
}

/// A validator's machine. `chip` and `guest` of one byte.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) who: AccountId32,
    pub(crate) psp: SoftPsp,
}

impl Machine {
    pub(crate) fn new(number: u8) -> Self {
        Self::with(number, number, number)
    }

    pub(crate) fn with(number: u8, chip: u8, guest: u8) -> Self {
        let guest = Guest::new(MEASUREMENT, [guest; 32]);
        Self { who: account(number), psp: SoftPsp::new(Network::DEV, chip.into(), guest) }
    }

    pub(crate) fn data(&self, purpose: ReportPurpose, bound_to: u32) -> [u8; 64] {
        let keys = Keys::keys(&self.who).expect("it has keys");
        let bound: [u8; 32] = match bound_to < now() {
            true => hash(bound_to).into(),
            false => [0; 32],
        };
        Attestation::report_data(&self.who, purpose, &keys, bound_to, bound)
    }

    pub(crate) fn sealed(
        &self,
        purpose: ReportPurpose,
        bound_to: u32,
        change: impl FnOnce(&mut Report),
    ) -> SealedReport {
        let mut report = self.psp.draft(self.data(purpose, bound_to));
        change(&mut report);
        self.psp.sign(&report).expect("it signs")
    }

    pub(crate) fn register_as(&self, change: impl FnOnce(&mut Report)) -> DispatchResult {
        let bound_to = now() - 1;
        self.submit(self.sealed(ReportPurpose::Register, bound_to, change), bound_to)
    }

    pub(crate) fn submit(&self, sealed: SealedReport, bound_to: u32) -> DispatchResult {
        self.send("register", sealed, Network::DEV.anchor().ask_serial, bound_to)
    }

    /// As a block takes it: the authorisation first, and what it refuses never reaches the call. Its code is the index of
    /// an error of this pallet.
    pub(crate) fn send(
        &self,
        name: &str,
        SealedReport { report, vcek }: SealedReport,
        serial: u64,
        bound_to: u32,
    ) -> DispatchResult {
        let call = self.call(name, SealedReport { report, vcek }, serial, bound_to);
        match call.authorize(TransactionSource::InBlock).expect("it authorises itself") {
            Ok(_) => {}
            Err(TransactionValidityError::Invalid(InvalidTransaction::Custom(index))) => {
                let error = ModuleError { index: 2, error: [index, 0, 0, 0], message: None };
                return Err(DispatchError::Module(error));
            }
            Err(TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources)) => {
                return Err(crate::Error::<Test>::BlockFull.into());
            }
            Err(error) => return Err(DispatchError::Other(error.into())),
        }
        with_storage_layer(|| call.dispatch_bypass_filter(RawOrigin::Authorized.into()))
            .map(|_| ())
            .map_err(|error| error.error)
    }

    pub(crate) fn call(
        &self,
        name: &str,
        SealedReport { report, vcek }: SealedReport,
        ask_serial: u64,
        block_number: u32,
    ) -> crate::Call<Test> {
        let (validator, report) = (self.who.clone(), Box::new(report));
        let genesis = Attestation::genesis();
        let arguments = (&validator, report.as_slice(), &vcek, ask_serial, block_number);
        let signing = SigningKey::from_bytes(&validator.clone().into());
        let signature = signing.sign(&worker_call_bytes(&genesis, name, &arguments)).to_bytes();
        let vcek = vcek.try_into().expect("it fits");
        match name {
            "register" => {
                crate::Call::register { validator, report, vcek, ask_serial, block_number, signature }
            }
            _ => crate::Call::renew { validator, report, vcek, ask_serial, block_number, signature },
        }
    }

    pub(crate) fn register(&self) -> DispatchResult {
        self.register_as(|_| {})
    }

    pub(crate) fn renew(&self) -> DispatchResult {
        self.renew_at(now() - 1)
    }

    pub(crate) fn renew_at(&self, bound_to: u32) -> DispatchResult {
        let sealed = self.sealed(ReportPurpose::Renew, bound_to, |_| {});
        self.send("renew", sealed, Network::DEV.anchor().ask_serial, bound_to)
    }
}

pub(crate) fn held(who: &AccountId32) -> u64 {
    Balances::balance_on_hold(&HoldReason::Attestation.into(), who)
}

pub(crate) fn last_event() -> Option<crate::Event<Test>> {
    System::events().into_iter().rev().find_map(|record| match record.event {
        RuntimeEvent::Attestation(event) => Some(event),
        _ => None,
    })
}
