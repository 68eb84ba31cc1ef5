//! BABE makes blocks, GRANDPA finalises them, both report equivocations to Offences; authorities publish where they
//! can be reached.

use super::{session::MAXIMUM_VALIDATORS, staking};
use crate::{
    Babe, Historical, Offences, Runtime, RuntimeEvent, Session, Staking, BABE_EPOCH_DURATION_IN_SLOTS,
    MILLISECONDS_PER_BLOCK,
};
use frame_support::{
    parameter_types,
    traits::{ConstU32, ConstU64},
};
use sp_consensus_babe::{AllowedSlots, BabeEpochConfiguration};

/// A quarter of the slots has a primary author drawn by VRF; the secondary author fills the others, so that blocks
/// come at a steady pace, and its VRF output too feeds the randomness.
pub(crate) const BABE_GENESIS_EPOCH_CONFIGURATION: BabeEpochConfiguration =
    BabeEpochConfiguration { c: (1, 4), allowed_slots: AllowedSlots::PrimaryAndSecondaryVRFSlots };

parameter_types! {
    /// In slots. A chain of a test may begin with another value, in the genesis storage under the name of this type;
    /// setting it later breaks BABE, which counts its epochs from the first slot.
    pub storage EpochDuration: u64 = BABE_EPOCH_DURATION_IN_SLOTS;
    /// How many blocks a report stays in the pool: for as long as the offender's stake can still be slashed.
    pub const ReportLongevity: u64 =
        staking::BONDING_DURATION as u64 * staking::SESSIONS_PER_ERA as u64 * BABE_EPOCH_DURATION_IN_SLOTS;
}

impl pallet_babe::Config for Runtime {
    type EpochDuration = EpochDuration;
    type ExpectedBlockTime = ConstU64<MILLISECONDS_PER_BLOCK>;
    // Session ends BABE epochs, so that authorities change together with validators.
    type EpochChangeTrigger = pallet_babe::ExternalTrigger;
    type DisabledValidators = Session;
    // The pallet's measured weights are private; `()` are those of its equivocation reports.
    type WeightInfo = ();
    type MaxAuthorities = ConstU32<MAXIMUM_VALIDATORS>;
    type MaxNominators = ConstU32<{ staking::MAXIMUM_EXPOSURE_PAGE }>;
    type KeyOwnerProof = sp_session::MembershipProof;
    type EquivocationReportSystem =
        pallet_babe::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_grandpa::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type MaxAuthorities = ConstU32<MAXIMUM_VALIDATORS>;
    type MaxNominators = ConstU32<{ staking::MAXIMUM_EXPOSURE_PAGE }>;
    // Old set ids are kept for as long as their members can be slashed.
    type MaxSetIdSessionEntries =
        ConstU64<{ staking::BONDING_DURATION as u64 * staking::SESSIONS_PER_ERA as u64 }>;
    type KeyOwnerProof = sp_session::MembershipProof;
    type EquivocationReportSystem =
        pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_authority_discovery::Config for Runtime {
    type MaxAuthorities = ConstU32<MAXIMUM_VALIDATORS>;
}

impl pallet_authorship::Config for Runtime {
    type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
    // Era points, by which staking rewards are divided.
    type EventHandler = Staking;
}

impl pallet_offences::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type IdentificationTuple = pallet_session::historical::IdentificationTuple<Self>;
    type OnOffenceHandler = Staking;
}
