//! The committee: who generates keys, and how long each phase may take.

use super::staking::{SessionsPerEra, SlashDeferDuration};
use crate::{
    deposit, AccountId, Balance, Balances, BlockNumber, Offences, Runtime, RuntimeHoldReason, Session,
    Staking, MINUTES,
};
use alloc::vec::Vec;
use codec::Encode;
use conclave_primitives::AttemptId;
use frame_support::{
    parameter_types,
    traits::{ConstU32, Get},
};
use frame_system::EnsureRoot;
use pallet_committee::{MoreThanMayLie, OffenceKind};
use pallet_offences::ConcurrentReportsIndex;
use pallet_session::historical::IdentificationTuple;
use sp_runtime::traits::Convert;
use sp_staking::{
    offence::{Offence, OffenceError, OffenceSeverity, ReportOffence},
    SessionIndex,
};

parameter_types! {
    /// Three keys, who owns each, and a dealing key.
    pub const KeyDeposit: Balance = deposit(4, 32 * 9);
    // A phase ends early once everyone has acted, so these bound only how long the absent are waited for: a dealing
    // must be made, submitted, included and finalised, some five blocks, with room for a slow node.
    pub const CommitPeriod: BlockNumber = MINUTES;
    pub const DealPeriod: BlockNumber = MINUTES;
    pub const ComplainPeriod: BlockNumber = MINUTES;
    pub const ConfirmPeriod: BlockNumber = 2 * MINUTES;
}

/// The validators of the running session.
pub struct SessionValidators;

impl Get<Vec<AccountId>> for SessionValidators {
    fn get() -> Vec<AccountId> {
        Session::validators()
    }
}

/// A member as staking names it, as long as it has stake: `UnitIdentificationOf` would name validators of the running
/// session only, and a culprit may have left.
pub struct BondedMember;

impl Convert<AccountId, Option<IdentificationTuple<Runtime>>> for BondedMember {
    fn convert(account: AccountId) -> Option<IdentificationTuple<Runtime>> {
        Staking::bonded(&account).map(|_| (account, ()))
    }
}

/// The number of the running session.
pub struct RunningSession;

impl Get<SessionIndex> for RunningSession {
    fn get() -> SessionIndex {
        Session::current_index()
    }
}

type MemberOffence<OfKind> = pallet_committee::MemberOffence<IdentificationTuple<Runtime>, OfKind>;

/// pallet-offences; and whoever validates loses its seat for an offence of a past era, too. Staking has the session disable
/// for those of the running era only, and most reshares run in the era after the one in which their dealers became members.
///
/// The seat is lost as any offender's is, those of the running era included: the session forgets whom it has disabled as
/// soon as its set of keys changes. That is at the next era at the latest, and before it two sessions after any of the
/// validators, the offender too, has registered other session keys. Nobody is chilled: an unjust slash can be cancelled,
/// and whoever keeps enough stake is elected again. Then it makes blocks; the committee leaves it out for longer.
pub struct SlashAndDisable;

impl<OfKind: OffenceKind> ReportOffence<AccountId, IdentificationTuple<Runtime>, MemberOffence<OfKind>>
    for SlashAndDisable
{
    fn report_offence(
        reporters: Vec<AccountId>,
        mut offence: MemberOffence<OfKind>,
    ) -> Result<(), OffenceError> {
        offence.session = offence.session.max(earliest_slashable_session());
        Offences::report_offence(reporters, offence.clone())?;
        if began_in_past_era(offence.session) {
            disable_offenders(&offence);
        }
        Ok(())
    }

    fn is_known_offence(offenders: &[IdentificationTuple<Runtime>], slot: &AttemptId) -> bool {
        <Offences as ReportOffence<_, _, MemberOffence<OfKind>>>::is_known_offence(offenders, slot)
    }
}

/// Slashes for sessions before this one would never be taken. A committee whose reshares fail may have been formed earlier:
/// the stakes behind its members since then answer for it as well.
fn earliest_slashable_session() -> SessionIndex {
    let earliest = Staking::active_era().map(|era| era.index.saturating_sub(SlashDeferDuration::get()));
    earliest.and_then(Staking::eras_start_session_index).unwrap_or_default()
}

/// Where staking disables nobody: the other sessions are of the active era.
fn began_in_past_era(session: SessionIndex) -> bool {
    Staking::active_era()
        .and_then(|era| Staking::eras_start_session_index(era.index))
        .is_some_and(|start| session < start)
}

/// As staking does it: all who acted together, as badly as their number makes it, but for the invulnerable. The session
/// knows who validates, and whom it has disabled already.
fn disable_offenders<OfKind: OffenceKind>(offence: &MemberOffence<OfKind>) {
    let reports = ConcurrentReportsIndex::<Runtime>::get(OfKind::ID, offence.slot().encode());
    let offenders: Vec<_> =
        reports.into_iter().filter_map(Offences::reports).map(|details| details.offender.0).collect();
    let severity =
        OffenceSeverity(offence.slash_fraction(u32::try_from(offenders.len()).unwrap_or(u32::MAX)));
    let invulnerable = Staking::invulnerables();
    for offender in offenders.into_iter().filter(|offender| !invulnerable.contains(offender)) {
        Session::report_offence(offender, severity);
    }
}

impl pallet_committee::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Validators = SessionValidators;
    // Whoever proved a sealed machine. Benchmarks make committees of accounts that are no machines.
    #[cfg(not(feature = "runtime-benchmarks"))]
    type Admission = crate::Attestation;
    #[cfg(feature = "runtime-benchmarks")]
    type Admission = ();
    type AdmissionWeight = super::attestation::AdmissionWeight;
    type SessionIndex = RunningSession;
    // An era: whoever steals shares has an hour to steal t of them before they are worthless.
    type SessionsPerEpoch = SessionsPerEra;
    type AdminOrigin = EnsureRoot<AccountId>;
    type KeyDeposit = KeyDeposit;
    type CommitPeriod = CommitPeriod;
    type DealPeriod = DealPeriod;
    type ComplainPeriod = ComplainPeriod;
    type ConfirmPeriod = ConfirmPeriod;
    type WeightInfo = crate::weights::pallet_committee::WeightInfo<Runtime>;
    type Offender = IdentificationTuple<Runtime>;
    type OffenderOf = BondedMember;
    type ReportOffence = SlashAndDisable;
    type BanQuorum = MoreThanMayLie;
    // An epoch lasts an hour at most: three of six that a member was away, and six that it sits out.
    type DemeritLimit = ConstU32<3>;
    type DemeritMemory = ConstU32<6>;
    type ExclusionEpochs = ConstU32<6>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = StakedValidators;
}

#[cfg(feature = "runtime-benchmarks")]
pub struct StakedValidators;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_committee::BenchmarkHelper<AccountId> for StakedValidators {
    fn set_validators(validators: Vec<AccountId>) {
        pallet_session::Validators::<Runtime>::put(validators);
    }

    fn stake(validator: &AccountId) {
        use super::staking::MAXIMUM_EXPOSURE_PAGE;
        use crate::UNIT;
        use pallet_staking::{ActiveEra, Bonded, EraInfo, Exposure, IndividualExposure};

        Bonded::<Runtime>::insert(validator, validator);
        let nominator = |index| frame_benchmarking::account("nominator", index, 0);
        let others: Vec<_> = (0..MAXIMUM_EXPOSURE_PAGE)
            .map(|index| IndividualExposure { who: nominator(index), value: 1_000 * UNIT })
            .collect();
        let own = 1_000 * UNIT;
        let total = own * Balance::from(MAXIMUM_EXPOSURE_PAGE + 1);
        let era = ActiveEra::<Runtime>::get().map_or(0, |era| era.index);
        EraInfo::<Runtime>::set_exposure(era, validator, Exposure { total, own, others });
    }
}
