//! The PKP registry: deposits, and whose keys PKPs derive from.

use crate::{deposit, AccountId, Balance, Balances, Committee, Runtime, RuntimeHoldReason};
use frame_support::parameter_types;
use frame_system::EnsureRoot;
use pallet_pkp::{ProvideRootKeys, SigningRoots};

parameter_types! {
    /// A record with a key on each curve, and an entry in its owner's list.
    pub const MintDeposit: Balance = deposit(2, 512);
    pub const PermissionDeposit: Balance = deposit(1, 40);
    pub const MaxPermissions: u32 = 16;
}

/// The root keys of the committee that serves.
pub struct CommitteeRoots;

impl ProvideRootKeys for CommitteeRoots {
    fn signing_roots() -> Option<SigningRoots> {
        Committee::signing_roots()
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn ensure_signing_roots() {
        Committee::serve_for_benchmarks().expect("any validators make a committee");
    }
}

impl pallet_pkp::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RootKeys = CommitteeRoots;
    type MintDeposit = MintDeposit;
    type PermissionDeposit = PermissionDeposit;
    type MaxPermissions = MaxPermissions;
    type LoginOrigin = EnsureRoot<AccountId>;
    type WeightInfo = crate::weights::pallet_pkp::WeightInfo<Runtime>;
}
