//! Proven faults as offences: pallet-offences counts them, staking slashes for them, the session disables for them.
//!
//! An offence is charged to the session in which the attempt began: the culprit was a validator then, and the stake
//! that stood behind it is slashed also when it has left the validator set since. What has been withdrawn after the
//! bonding duration is out of reach, as for every offence; of a committee that serves for longer than that the runtime
//! charges the first session that staking can still slash for.
//!
//! A call only notes the fault; the offence is reported when its block has time left, or a later one. It costs more than a
//! call may weigh: for each further culprit of an attempt staking computes the slashes of all of them anew.

use alloc::{vec, vec::Vec};
use codec::{Decode, Encode, MaxEncodedLen};
use conclave_primitives::{AttemptId, AttemptKind, Epoch, FaultClass, ParticipantIndex};
use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{Weight, WeightMeter},
};
use scale_info::TypeInfo;
use sp_runtime::{traits::Convert, Perbill};
use sp_staking::{
    offence::{Kind, Offence, ReportOffence},
    SessionIndex,
};

use crate::{
    attempt::AttemptOf, epochs::count, ActiveCommittee, Config, Convictions, CurrentCommittee,
    ExclusionReason, Fault, FormedIn, Pallet, PendingOffences, PreviousCommittee, WeightInfo,
};

/// What a lone offender loses of its exposure.
///
/// Polkadot slashes a lone equivocator by (3/n)², next to nothing, because two machines with one key do it by mistake.
/// No mistake of an operator makes the faults judged here: a second machine with the same worker keys runs sessions of
/// its own, and its calls die in validation. What is left is malice, or software that was changed.
pub const LONE_SLASH: Perbill = Perbill::from_percent(10);

/// A class of faults as a type, since pallet-offences tells kinds apart by type.
pub trait OffenceKind: Clone {
    /// The kind in pallet-offences.
    const ID: Kind;
}

/// [`FaultClass::Dealing`].
#[derive(Clone)]
pub struct DealingOffence;
/// [`FaultClass::Complaint`].
#[derive(Clone)]
pub struct ComplaintOffence;
/// [`FaultClass::Equivocation`].
#[derive(Clone)]
pub struct EquivocationOffence;
/// [`FaultClass::SignatureShare`].
#[derive(Clone)]
pub struct SignatureShareOffence;

impl OffenceKind for DealingOffence {
    const ID: Kind = *b"conclave:dealing";
}

impl OffenceKind for ComplaintOffence {
    const ID: Kind = *b"conclave:complai";
}

impl OffenceKind for EquivocationOffence {
    const ID: Kind = *b"conclave:equivoc";
}

impl OffenceKind for SignatureShareOffence {
    const ID: Kind = *b"conclave:sigshar";
}

/// A proven fault of one member.
#[derive(Clone)]
pub struct MemberOffence<Offender, OfKind> {
    /// The member, as staking names it.
    pub offender: Offender,
    /// The session in which the attempt began.
    pub session: SessionIndex,
    /// The attempt in which it is a member: offences of one kind and attempt count as one act.
    pub attempt: AttemptId,
    /// n of the attempt.
    pub members: u32,
    of_kind: PhantomData<OfKind>,
}

impl<Offender, OfKind> MemberOffence<Offender, OfKind> {
    pub(crate) const fn new(
        offender: Offender,
        session: SessionIndex,
        attempt: AttemptId,
        members: u32,
    ) -> Self {
        Self { offender, session, attempt, members, of_kind: PhantomData }
    }
}

impl<Offender: Clone, OfKind: OffenceKind> Offence<Offender> for MemberOffence<Offender, OfKind> {
    const ID: Kind = OfKind::ID;
    type Slot = AttemptId;

    fn offenders(&self) -> Vec<Offender> {
        vec![self.offender.clone()]
    }

    fn session_index(&self) -> SessionIndex {
        self.session
    }

    fn validator_set_count(&self) -> u32 {
        self.members
    }

    fn slot(&self) -> AttemptId {
        self.attempt
    }

    /// The larger of [`LONE_SLASH`] and (3(k-1)/n)² for k offenders: as many as can stop a committee, n - t + 1, lose
    /// nearly all.
    fn slash_fraction(&self, offenders: u32) -> Perbill {
        let together =
            Perbill::from_rational(offenders.saturating_sub(1).saturating_mul(3), self.members).square();
        LONE_SLASH.max(together)
    }
}

/// Takes every kind of [`MemberOffence`]; whatever does is one.
pub trait ReportMemberOffences<Reporter, Offender: Clone>:
    ReportOffence<Reporter, Offender, MemberOffence<Offender, DealingOffence>>
    + ReportOffence<Reporter, Offender, MemberOffence<Offender, ComplaintOffence>>
    + ReportOffence<Reporter, Offender, MemberOffence<Offender, EquivocationOffence>>
    + ReportOffence<Reporter, Offender, MemberOffence<Offender, SignatureShareOffence>>
{
}

impl<T, Reporter, Offender: Clone> ReportMemberOffences<Reporter, Offender> for T where
    T: ReportOffence<Reporter, Offender, MemberOffence<Offender, DealingOffence>>
        + ReportOffence<Reporter, Offender, MemberOffence<Offender, ComplaintOffence>>
        + ReportOffence<Reporter, Offender, MemberOffence<Offender, EquivocationOffence>>
        + ReportOffence<Reporter, Offender, MemberOffence<Offender, SignatureShareOffence>>
{
}

/// For how many offenders, of n members, staking computes slashes at one report, at most: for all so far, as long as their
/// fraction grows, which n/3 + 1 make whole; afterwards for each further one alone.
pub(crate) const fn most_slashed_together(members: u32) -> u32 {
    members.div_ceil(3).saturating_add(1)
}

/// What an offence needs besides its class, attempt and culprit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PendingOffence<AccountId> {
    /// The session whose stakes answer for it.
    pub session: SessionIndex,
    /// n of the attempt.
    pub members: u32,
    /// Who brought it up.
    pub reporter: Option<AccountId>,
}

/// A member found guilty, and who brought it up.
pub(crate) struct Conviction<AccountId> {
    pub(crate) class: FaultClass,
    /// Where it happened.
    pub(crate) attempt: AttemptId,
    /// Which made the culprit a member.
    pub(crate) formed: AttemptId,
    pub(crate) members: usize,
    pub(crate) culprit: AccountId,
    pub(crate) reporter: Option<AccountId>,
}

impl<T: Config> Pallet<T> {
    /// Notes the session in which an attempt begins, and forgets those of attempts that no evidence can be about.
    pub(crate) fn note_formation(id: AttemptId) {
        let kept: Vec<AttemptId> = [CurrentCommittee::<T>::get(), PreviousCommittee::<T>::get()]
            .iter()
            .flatten()
            .map(ActiveCommittee::attempt_id)
            .collect();
        let stale: Vec<AttemptId> =
            FormedIn::<T>::iter_keys().filter(|known| !kept.contains(known)).collect();
        for id in &stale {
            FormedIn::<T>::remove(id);
            Convictions::<T>::remove(id);
        }
        FormedIn::<T>::insert(id, T::SessionIndex::get());
    }

    /// Keeps the committee that is about to be replaced, for evidence against its members.
    pub(crate) fn retire_committee() {
        let Some(committee) = CurrentCommittee::<T>::get() else { return };
        Self::end_epoch_of_reports(Epoch(committee.epoch.0.saturating_add(2)));
        PreviousCommittee::<T>::put(committee);
    }

    /// Reports what the runtime judged in an attempt, of one of `among` dealers or members.
    pub(crate) fn report_attempt_fault(
        attempt: &AttemptOf<T>,
        among: usize,
        (index, culprit): (ParticipantIndex, &T::AccountId),
        fault: &Fault,
    ) {
        let reporter = match fault {
            Fault::BadShares { complainer, .. } => {
                attempt.member(*complainer).map(|member| member.account.clone())
            }
            Fault::BadDealing(_) | Fault::FalseComplaint { .. } => None,
        };
        // A reshare's dealers are members of the committee that serves: its stakes answer for them.
        let deals = fault.class() == FaultClass::Dealing && attempt.kind == AttemptKind::Reshare;
        let formed = CurrentCommittee::<T>::get()
            .filter(|_| deals)
            .map_or(attempt.id, |committee| committee.attempt_id());
        Self::note_conviction(formed, index, fault.class());
        Self::report_offence(Conviction {
            class: fault.class(),
            attempt: attempt.id,
            formed,
            members: among,
            culprit: culprit.clone(),
            reporter,
        });
    }

    pub(crate) fn report_offence(conviction: Conviction<T::AccountId>) {
        Self::exclude(&conviction.culprit, ExclusionReason::Guilty);
        let Conviction { class, attempt, formed, members, culprit, reporter } = conviction;
        let session = FormedIn::<T>::get(formed).unwrap_or_else(T::SessionIndex::get);
        let offence = PendingOffence { session, members: count(members), reporter };
        PendingOffences::<T>::insert((attempt, class), culprit, offence);
    }

    /// Reports offences for which the block has time, and says how much it took.
    pub(crate) fn report_pending_offences(remaining: Weight) -> Weight {
        let mut meter = WeightMeter::with_limit(remaining);
        while meter.try_consume(T::DbWeight::get().reads(1)).is_ok() {
            let Some(((attempt, class), culprit, offence)) = PendingOffences::<T>::iter().next() else {
                break;
            };
            if meter.try_consume(T::WeightInfo::offence(offence.members)).is_err() {
                break;
            }
            PendingOffences::<T>::remove((attempt, class), &culprit);
            match class {
                FaultClass::Dealing => Self::report_as::<DealingOffence>(attempt, culprit, offence),
                FaultClass::Complaint => Self::report_as::<ComplaintOffence>(attempt, culprit, offence),
                FaultClass::Equivocation => Self::report_as::<EquivocationOffence>(attempt, culprit, offence),
                FaultClass::SignatureShare => {
                    Self::report_as::<SignatureShareOffence>(attempt, culprit, offence);
                }
            }
        }
        meter.consumed()
    }

    fn report_as<OfKind: OffenceKind>(
        attempt: AttemptId,
        culprit: T::AccountId,
        offence: PendingOffence<T::AccountId>,
    ) where
        T::ReportOffence: ReportOffence<T::AccountId, T::Offender, MemberOffence<T::Offender, OfKind>>,
    {
        let PendingOffence { session, members, reporter } = offence;
        // Members without stake, as the virtual ones of a development chain, have nothing to lose.
        let Some(offender) = T::OffenderOf::convert(culprit) else { return };
        let offence = MemberOffence::<_, OfKind>::new(offender, session, attempt, members);
        if T::ReportOffence::report_offence(reporter.into_iter().collect(), offence).is_err() {
            // A second fault of one kind in one attempt: it has been paid for.
            log::debug!(target: "runtime::committee", "an offence was reported before");
        }
    }
}

#[cfg(any(feature = "try-runtime", test))]
impl<T: Config> Pallet<T> {
    /// What must hold of faults after every block.
    pub(crate) fn try_state_of_faults() -> Result<(), sp_runtime::TryRuntimeError> {
        use frame_support::ensure;

        let running = crate::Running::<T>::get().map(|attempt| attempt.id);
        let committees = [CurrentCommittee::<T>::get(), PreviousCommittee::<T>::get()];
        let made = committees.iter().flatten().map(ActiveCommittee::attempt_id);
        for id in made.chain(running) {
            ensure!(FormedIn::<T>::contains_key(id), "no session answers for an attempt");
        }
        for id in Convictions::<T>::iter_keys() {
            ensure!(FormedIn::<T>::contains_key(id), "convictions of a forgotten attempt are kept");
        }
        let next = crate::NextAttempt::<T>::get();
        for ((attempt, _), _, offence) in PendingOffences::<T>::iter() {
            ensure!(attempt < next, "an offence is of an attempt to come");
            ensure!(offence.members <= conclave_primitives::MAX_MEMBERS, "an offence is of too many members");
            ensure!(offence.session <= T::SessionIndex::get(), "an offence is of a session to come");
        }
        Self::try_state_of_standings()?;
        ensure!(FormedIn::<T>::iter_keys().count() <= 3, "sessions of forgotten attempts are kept");
        Ok(())
    }
}
