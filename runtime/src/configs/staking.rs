//! Nominated proof of stake: who validates, what they earn, and what they lose.

use super::session::MAXIMUM_VALIDATORS;
use crate::{
    AccountId, Balance, Balances, Runtime, RuntimeEvent, RuntimeHoldReason, Session, Staking, Timestamp,
};
use frame_election_provider_support::{
    bounds::{ElectionBounds, ElectionBoundsBuilder},
    onchain, SequentialPhragmen,
};
use frame_support::{
    parameter_types,
    traits::{ConstBool, ConstU32},
};
use frame_system::EnsureRoot;
use pallet_staking::UseNominatorsAndValidatorsMap;
use sp_runtime::{curve::PiecewiseLinear, Perbill};
use sp_staking::{currency_to_vote::U128CurrencyToVote, EraIndex, SessionIndex};

/// An era is an hour.
pub const SESSIONS_PER_ERA: SessionIndex = 6;
/// Stake stays bonded for two days after unbonding, and can be slashed all that time.
pub const BONDING_DURATION: EraIndex = 48;
/// Eras between the one that a slash is for and the one that it is taken in; until then Root can cancel it.
///
/// Staking looks at the slashes of an era once, at the beginning of the era that they are taken in: of an offence reported
/// later nothing is ever taken. So this is nearly as long as stake stays bonded. Two eras less, since what is unbonded in an
/// era can be withdrawn as soon as the era `BONDING_DURATION` later is planned, which is a session before that begins.
pub const SLASH_DEFER_DURATION: EraIndex = BONDING_DURATION - 2;
/// Backers of one validator: its exposure is one page, all of whom are paid with one call.
///
/// A slash goes to every backer, whatever the page, so that this is what bounds the weight of an offence; benchmarks and the
/// weights of equivocations count on it. An election leaves out the smallest of more backers, the validator itself if it
/// is one of them: who is left out neither earns nor loses by that validator in that era. So a seat may be won with more
/// stake than answers for it.
pub const MAXIMUM_EXPOSURE_PAGE: u32 = 64;
/// The election runs in one block: about 50 ms of it with this many voters.
pub const MAXIMUM_VOTERS: u32 = 1_000;
pub const MAXIMUM_NOMINATIONS: u32 = 16;

// Inflation by staked part of the issuance: highest, 10 % a year, when half of it is staked.
pallet_staking_reward_curve::build! {
    const REWARD_CURVE: PiecewiseLinear<'static> = curve!(
        min_inflation: 0_025_000,
        max_inflation: 0_100_000,
        ideal_stake: 0_500_000,
        falloff: 0_050_000,
        max_piece_count: 40,
        test_precision: 0_005_000,
    );
}

parameter_types! {
    /// As `EpochDuration`: another value only in a test's genesis storage.
    pub storage SessionsPerEra: SessionIndex = SESSIONS_PER_ERA;
    /// Likewise.
    pub storage SlashDeferDuration: EraIndex = SLASH_DEFER_DURATION;
    pub const BondingDuration: EraIndex = BONDING_DURATION;
    pub const RewardCurve: &'static PiecewiseLinear<'static> = &REWARD_CURVE;
    pub VoterBounds: ElectionBounds = ElectionBoundsBuilder::default()
        .voters_count(MAXIMUM_VOTERS.into())
        .targets_count(MAXIMUM_VOTERS.into())
        .build();
}

/// Elects in the block that needs the result. Right for a set of at most a hundred validators; beyond that a
/// multi-block election takes its place.
pub struct OnChainElection;

impl onchain::Config for OnChainElection {
    type Sort = ConstBool<true>;
    type System = Runtime;
    type Solver = SequentialPhragmen<AccountId, Perbill>;
    type MaxBackersPerWinner = ConstU32<MAXIMUM_EXPOSURE_PAGE>;
    type MaxWinnersPerPage = ConstU32<MAXIMUM_VALIDATORS>;
    type DataProvider = Staking;
    type WeightInfo = frame_election_provider_support::weights::SubstrateWeight<Runtime>;
    type Bounds = VoterBounds;
}

pub struct StakingBenchmarking;

impl pallet_staking::BenchmarkingConfig for StakingBenchmarking {
    type MaxNominators = ConstU32<1_000>;
    type MaxValidators = ConstU32<1_000>;
}

impl pallet_staking::Config for Runtime {
    // Stake is held, never locked; the lock of old stakers does not exist on this chain.
    type OldCurrency = Balances;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type CurrencyBalance = Balance;
    type UnixTime = Timestamp;
    type CurrencyToVote = U128CurrencyToVote;
    type ElectionProvider = onchain::OnChainExecution<OnChainElection>;
    type GenesisElectionProvider = onchain::OnChainExecution<OnChainElection>;
    type NominationsQuota = pallet_staking::FixedNominationsQuota<MAXIMUM_NOMINATIONS>;
    type HistoryDepth = ConstU32<84>;
    // Until there is a treasury, what validators do not earn is not minted, and what they lose is burnt.
    type RewardRemainder = ();
    type Slash = ();
    type Reward = ();
    type RuntimeEvent = RuntimeEvent;
    type SessionsPerEra = SessionsPerEra;
    type BondingDuration = BondingDuration;
    type SlashDeferDuration = SlashDeferDuration;
    type AdminOrigin = EnsureRoot<AccountId>;
    type SessionInterface = Self;
    type EraPayout = pallet_staking::ConvertCurve<RewardCurve>;
    type NextNewSession = Session;
    type MaxExposurePageSize = ConstU32<MAXIMUM_EXPOSURE_PAGE>;
    type MaxValidatorSet = ConstU32<MAXIMUM_VALIDATORS>;
    type VoterList = UseNominatorsAndValidatorsMap<Self>;
    type TargetList = pallet_staking::UseValidatorsMap<Self>;
    type MaxUnlockingChunks = ConstU32<32>;
    type MaxControllersInDeprecationBatch = ConstU32<100>;
    type EventListeners = ();
    type Filter = frame_support::traits::Nothing;
    type BenchmarkingConfig = StakingBenchmarking;
    type WeightInfo = pallet_staking::weights::SubstrateWeight<Runtime>;
}
