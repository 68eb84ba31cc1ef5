//! A small runtime: balances, the committee and the PKP registry, configured as a chain would.

use conclave_primitives::{Curve, EncodedPoint, KeysetId};
use frame_support::{
    derive_impl, parameter_types,
    traits::{ConstU32, ConstU64},
};
use frame_system::EnsureRoot;
use pallet_pkp::ProvideRootKeys;
use sp_runtime::{traits::IdentityLookup, AccountId32};

/// Blocks of each of the phases Commit, Deal and Complain.
pub(crate) const PHASE_BLOCKS: u32 = 10;
/// Blocks of the phase Confirm: OT set-up competes with the first signature.
pub(crate) const CONFIRM_BLOCKS: u32 = 40;
pub(crate) const KEY_DEPOSIT: u64 = 10;

type Block = frame_system::mocking::MockBlockU32<Runtime>;

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
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system::Pallet<Runtime>;
    #[runtime::pallet_index(20)]
    pub type Balances = pallet_balances::Pallet<Runtime>;
    #[runtime::pallet_index(50)]
    pub type Committee = pallet_committee::Pallet<Runtime>;
    #[runtime::pallet_index(51)]
    pub type Pkp = pallet_pkp::Pallet<Runtime>;
}
parameter_types! {
    /// The validators of the running session; the simulation sets them for its thread.
    pub static Validators: Vec<AccountId32> = Vec::new();
    /// The running session; the simulation moves it on.
    pub static SessionIndex: u32 = 0;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Runtime {
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type Block = Block;
    type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
    type AccountStore = System;
}

impl pallet_committee::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Validators = Validators;
    type Admission = ();
    type AdmissionWeight = ();
    type SessionIndex = SessionIndex;
    type SessionsPerEpoch = ConstU32<1>;
    type AdminOrigin = EnsureRoot<AccountId32>;
    type KeyDeposit = ConstU64<KEY_DEPOSIT>;
    type CommitPeriod = ConstU32<PHASE_BLOCKS>;
    type DealPeriod = ConstU32<PHASE_BLOCKS>;
    type ComplainPeriod = ConstU32<PHASE_BLOCKS>;
    type ConfirmPeriod = ConstU32<CONFIRM_BLOCKS>;
    type WeightInfo = ();
    type Offender = AccountId32;
    type OffenderOf = sp_runtime::traits::ConvertInto;
    type ReportOffence = ();
    type BanQuorum = pallet_committee::MoreThanMayLie;
    type DemeritLimit = ConstU32<3>;
    type DemeritMemory = ConstU32<6>;
    type ExclusionEpochs = ConstU32<6>;
}

impl pallet_pkp::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RootKeys = CommitteeRoots;
    type MintDeposit = ConstU64<100>;
    type PermissionDeposit = ConstU64<7>;
    type MaxPermissions = ConstU32<4>;
    type LoginOrigin = EnsureRoot<AccountId32>;
    type WeightInfo = ();
}

/// The registry derives from the committee's roots.
pub struct CommitteeRoots;

impl ProvideRootKeys for CommitteeRoots {
    fn signing_roots() -> Option<(KeysetId, Vec<(Curve, Vec<EncodedPoint>)>)> {
        Committee::signing_roots()
    }
}
