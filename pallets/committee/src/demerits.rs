//! Faults that nobody can prove: bans after cheating in OT, whose evidence would be the accuser's secrets, and absence.
//! They cost no stake. They cost the seat, once enough members say the same:
//!
//! - **Bans**: [`Config::BanQuorum`] accusers in one epoch exclude the accused at once, n - t + 1 or more. As many liars
//!   as a committee is built to bear, n - t, cannot exclude anyone; and since an honest member bans only whom it caught
//!   itself, an honest member is safe as long as there are no more. Fewer accusers change nothing here, not even by
//!   demerits: all of them may lie. Between the two who do not trust each other the ban holds all the same, in the workers.
//! - **Absence**: t members attest it, so that any coalition that could not sign cannot attest it either. It is one
//!   demerit an epoch; [`Config::DemeritLimit`] of them exclude. They fade together after [`Config::DemeritMemory`]
//!   epochs without another.
//!
//! What was proven ([`crate::Event::FaultProven`], [`crate::Event::Disqualified`]) excludes too.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use conclave_primitives::{
    threshold_of, worker_call_bytes, Epoch, ParticipantIndex, PeerReport, MAX_MEMBERS, MIN_MEMBERS,
};
use frame_support::{
    ensure,
    pallet_prelude::{TransactionSource, TransactionValidityWithRefund, Weight},
    traits::Get,
};
use scale_info::TypeInfo;
use sp_runtime::{traits::Convert, DispatchResult};

use crate::{
    authorise::{refuse_bad_signature, refuse_if, valid_call, Refusal, PRIORITY},
    epochs::count,
    keys::ed25519_verify,
    ActiveCommittee, Config, CurrentCommittee, Error, Event, NextAttempt, Pallet, PeerReports, Standings,
};

/// How many blocks a report waits in the pool.
const LONGEVITY: u64 = 64;

/// How a validator stands after what could not be proven, or was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Standing {
    /// Demerits for absence that have not faded.
    pub demerits: u32,
    /// The epoch of the last of them.
    pub last_demerit: Epoch,
    /// The last epoch whose committee it is left out of.
    pub excluded_until: Option<Epoch>,
}

/// Why a member is left out of the next committees.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum ExclusionReason {
    /// More members banned it than lie in any committee that works.
    #[codec(index = 0)]
    Banned,
    /// It reached the limit of demerits.
    #[codec(index = 1)]
    Absent,
    /// It was proven guilty.
    #[codec(index = 2)]
    Guilty,
}

/// n - t + 1 accusers of n members with threshold t: one more than may lie, so that one of them is honest.
pub struct MoreThanMayLie;

impl Convert<(u32, u32), u32> for MoreThanMayLie {
    fn convert((members, threshold): (u32, u32)) -> u32 {
        members.saturating_sub(threshold).saturating_add(1)
    }
}

impl<T: Config> Pallet<T> {
    /// A smaller quorum would be one of liars; one larger than all but the accused is none.
    pub(crate) fn check_ban_quorum() {
        for members in MIN_MEMBERS..=MAX_MEMBERS {
            let committee = (members, threshold_of(members));
            let quorum = T::BanQuorum::convert(committee);
            assert!(
                quorum >= MoreThanMayLie::convert(committee) && quorum < members,
                "BanQuorum must be more than may lie and less than all"
            );
        }
    }

    /// Whether this validator is left out of the committee that is formed next.
    pub fn is_excluded(account: &T::AccountId) -> bool {
        Standings::<T>::get(account)
            .excluded_until
            .is_some_and(|until| NextAttempt::<T>::get().epoch <= until)
    }

    pub(crate) fn authorise_peers(
        _source: TransactionSource,
        epoch: &Epoch,
        participant: &ParticipantIndex,
        report: &PeerReport,
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let committee = Self::committee_in(*epoch).ok_or(Refusal::NotRunning)?;
        let member = committee.members.get(participant.position()).ok_or(Refusal::NotAMember)?;
        let message = worker_call_bytes(&Self::genesis(), "report_peers", &(epoch, participant, report));
        refuse_bad_signature(ed25519_verify(&member.keys.signing, &message, signature))?;
        // Who lies for certain has no say.
        let convicted = Self::convicted(committee.attempt_id()).contains(participant);
        refuse_if(convicted, Refusal::NotAMember)?;
        let sound =
            |index: &ParticipantIndex| index != participant && index.position() < committee.members.len();
        refuse_if(!report.banned.iter().chain(report.absent.iter()).all(sound), Refusal::UnknownCulprit)?;
        // Anew only with more to say: 2n times an epoch at most.
        refuse_if(!report.adds_to(&PeerReports::<T>::get(participant)), Refusal::AlreadyDone)?;
        // One of each member waits: what says more takes its place.
        let tag = ("report_peers", epoch, participant).encode();
        let entries = report.banned.len().saturating_add(report.absent.len());
        let priority = (PRIORITY / 2).saturating_add(count(entries).into());
        Ok((valid_call(priority, None, tag, LONGEVITY), Weight::zero()))
    }

    pub(crate) fn do_report_peers(
        epoch: Epoch,
        participant: ParticipantIndex,
        report: PeerReport,
    ) -> DispatchResult {
        let committee = Self::committee_in(epoch).ok_or(Error::<T>::WrongPhase)?;
        let before = PeerReports::<T>::get(participant);
        ensure!(report.adds_to(&before), Error::<T>::AlreadyReported);
        // What was said stays said.
        let report = report.join(&before);
        PeerReports::<T>::insert(participant, &report);
        let reports: Vec<PeerReport> = PeerReports::<T>::iter_values().collect();
        let n = count(committee.members.len());
        let accusers_to_exclude = T::BanQuorum::convert((n, committee.threshold));
        // Whom this report adds; a verdict falls with the report that completes it, so once.
        for accused in report.banned.difference(&before.banned) {
            if how_many(&reports, |report| report.banned.contains(accused)) == accusers_to_exclude {
                Self::exclude_member(&committee, *accused, ExclusionReason::Banned);
            }
        }
        for accused in report.absent.difference(&before.absent) {
            if how_many(&reports, |report| report.absent.contains(accused)) == committee.threshold {
                Self::give_demerit(&committee, *accused);
            }
        }
        Ok(())
    }

    fn give_demerit(committee: &ActiveCommittee<T::AccountId>, index: ParticipantIndex) {
        let Some(member) = committee.members.get(index.position()) else { return };
        let demerits = Standings::<T>::mutate(&member.account, |standing| {
            standing.demerits = standing.demerits.saturating_add(1);
            standing.last_demerit = committee.epoch;
            standing.demerits
        });
        Self::deposit_event(Event::DemeritGiven {
            epoch: committee.epoch,
            account: member.account.clone(),
            demerits,
        });
        if demerits >= T::DemeritLimit::get() {
            // It starts anew when it comes back.
            Standings::<T>::mutate(&member.account, |standing| standing.demerits = 0);
            Self::exclude(&member.account, ExclusionReason::Absent);
        }
    }

    fn exclude_member(
        committee: &ActiveCommittee<T::AccountId>,
        index: ParticipantIndex,
        reason: ExclusionReason,
    ) {
        if let Some(member) = committee.members.get(index.position()) {
            Self::exclude(&member.account, reason);
        }
    }

    /// Leaves a validator out of the next [`Config::ExclusionEpochs`] committees.
    pub(crate) fn exclude(account: &T::AccountId, reason: ExclusionReason) {
        let next = NextAttempt::<T>::get().epoch;
        let until = Epoch(next.0.saturating_add(T::ExclusionEpochs::get()).saturating_sub(1));
        Standings::<T>::mutate(account, |standing| {
            standing.excluded_until = standing.excluded_until.max(Some(until));
        });
        Self::deposit_event(Event::MemberExcluded { account: account.clone(), until, reason });
    }

    /// At the end of an epoch: its reports go, and whatever has faded. `next` is the epoch after the one that begins.
    pub(crate) fn end_epoch_of_reports(next: Epoch) {
        // At most MAX_MEMBERS entries.
        let _ = PeerReports::<T>::clear(MAX_MEMBERS, None);
        Standings::<T>::translate_values(|standing: Standing| Self::faded(standing, next));
    }

    /// What is left of a standing when the committee of the epoch `next` can be formed.
    fn faded(mut standing: Standing, next: Epoch) -> Option<Standing> {
        if next.0.saturating_sub(standing.last_demerit.0) > T::DemeritMemory::get() {
            standing.demerits = 0;
        }
        standing.excluded_until = standing.excluded_until.filter(|until| *until >= next);
        (standing.demerits > 0 || standing.excluded_until.is_some()).then_some(standing)
    }

    fn committee_in(epoch: Epoch) -> Option<ActiveCommittee<T::AccountId>> {
        CurrentCommittee::<T>::get().filter(|committee| committee.epoch == epoch)
    }

    #[cfg(any(feature = "try-runtime", test))]
    pub(crate) fn try_state_of_standings() -> Result<(), sp_runtime::TryRuntimeError> {
        let n = CurrentCommittee::<T>::get().map_or(0, |committee| committee.members.len());
        for (participant, report) in PeerReports::<T>::iter() {
            let mut named = report.banned.iter().chain(report.absent.iter());
            ensure!(participant.position() < n, "an outsider reported its peers");
            ensure!(
                named.all(|index| index.position() < n && *index != participant),
                "a report names no peer"
            );
        }
        for standing in Standings::<T>::iter_values() {
            ensure!(standing.demerits < T::DemeritLimit::get(), "a member at the limit was not excluded");
            ensure!(
                standing.demerits > 0 || standing.excluded_until.is_some(),
                "a standing is kept that says nothing"
            );
        }
        Ok(())
    }
}

fn how_many(reports: &[PeerReport], says: impl Fn(&PeerReport) -> bool) -> u32 {
    count(reports.iter().filter(|report| says(report)).count())
}
