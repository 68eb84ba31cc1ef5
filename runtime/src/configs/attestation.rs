//! Sealed machines: what the runtime trusts, and how long it believes a report.

use super::governance::pallet_origins::EnsureTighten;
use crate::{
    deposit, AccountId, Balance, Balances, BlockNumber, Runtime, RuntimeHoldReason, Timestamp, DAYS,
};
use codec::Encode;
use conclave_snp::Anchor;
use frame_support::{
    parameter_types,
    traits::{ConstU32, EitherOfDiverse, Get},
    weights::Weight,
};
use frame_system::EnsureRoot;
use pallet_attestation::{ProvideKeys, ValidatorKeys, WeightInfo};
use sp_runtime::traits::Convert;

/// A constant of the runtime, by its manifest: AMD's in production.
pub struct TrustAnchors;

impl Get<&'static [Anchor]> for TrustAnchors {
    fn get() -> &'static [Anchor] {
        roots::anchors()
    }
}

/// The keys that a validator's machine has to have made.
pub struct MachineKeys;

impl ProvideKeys<AccountId> for MachineKeys {
    fn keys(validator: &AccountId) -> Option<ValidatorKeys> {
        let worker = pallet_committee::WorkerKeysOf::<Runtime>::get(validator)?.keys;
        let session = match pallet_session::NextKeys::<Runtime>::get(validator) {
            Some(keys) => keys.encode(),
            // It makes no blocks.
            None if pallet_committee::VirtualMembers::<Runtime>::get().contains(validator) => {
                Default::default()
            }
            None => return None,
        };
        Some(ValidatorKeys { session, worker })
    }
}

parameter_types! {
    /// Claims of 700 bytes, and who a chip and a guest serve.
    pub const AttestationDeposit: Balance = deposit(3, 900);
    /// As `EpochDuration`: another value only in a test's genesis storage.
    pub storage AttestationPeriod: BlockNumber = DAYS;
}

impl pallet_attestation::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type TrustAnchors = TrustAnchors;
    type UnixTime = Timestamp;
    type Keys = MachineKeys;
    // A referendum on the track `tighten`, or one that may do anything.
    type TightenOrigin = EitherOfDiverse<EnsureTighten, EnsureRoot<AccountId>>;
    type LoosenOrigin = EnsureRoot<AccountId>;
    type Deposit = AttestationDeposit;
    type ValidityPeriod = AttestationPeriod;
    type MaxReleases = ConstU32<64>;
    type MaxFloors = ConstU32<64>;
    type MaxBlockedChips = ConstU32<1024>;
    type MaxAttestations = ConstU32<1024>;
    type WeightInfo = crate::weights::pallet_attestation::WeightInfo<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = crate::benchmarks::Machines;
}

/// What judging so many validators for the next committee weighs.
pub struct AdmissionWeight;

impl Convert<u32, Weight> for AdmissionWeight {
    fn convert(validators: u32) -> Weight {
        <Runtime as pallet_attestation::Config>::WeightInfo::admit(validators)
    }
}
