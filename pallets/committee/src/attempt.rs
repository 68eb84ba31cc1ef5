//! The life of an attempt.

use alloc::{collections::BTreeSet, vec::Vec};
use conclave_primitives::{
    root_key_ids, Attempt, AttemptId, AttemptKind, AttemptPhase, EncodedPoint, Epoch, KeysetId,
    ParticipantIndex, RootKey, RootKeyId, MAX_MEMBERS,
};
use conclave_vss::{
    combine_commitments, judge, public_share, verify_dealing, Combination, Complaint, ConstantTerms, Dealing,
    DealingContext,
};
use frame_support::{
    ensure,
    traits::Get,
    weights::{Weight, WeightMeter},
    BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{DispatchError, DispatchResult, Saturating};

use crate::{
    epochs::count,
    state::Members,
    weights::{Size, MAX_VALIDATORS},
    ActiveCommittee, Commitments, Config, CurrentCommittee, Dealings, Due, Error, Event, Excluded,
    FailureReason, Fault, NewRoots, NextAttempt, Pallet, Running, RunningAttempt, WeightInfo,
};

pub(crate) type AttemptOf<T> = RunningAttempt<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

impl<T: Config> Pallet<T> {
    /// Moves the attempt on, or starts one that is due. Runs at the start of every block.
    pub(crate) fn progress(now: BlockNumberFor<T>) -> Weight {
        let mut weight = T::WeightInfo::idle_block(MAX_MEMBERS);
        if Self::note_session() {
            weight.saturating_accrue(T::WeightInfo::begin_session(MAX_VALIDATORS));
            weight.saturating_accrue(Self::weight_of_eligible());
        }
        let Some(attempt) = Running::<T>::get() else {
            if Self::is_due() {
                Self::start(now);
                weight.saturating_accrue(Self::weight_of_start());
            }
            return weight;
        };
        if attempt.phase == AttemptPhase::Finalise {
            // One key, should full blocks leave `on_idle` nothing.
            let each = Self::weight_of_next_key(&attempt);
            Self::finalise(attempt, &mut WeightMeter::with_limit(each));
            return weight.saturating_add(each);
        }
        if now > attempt.deadline {
            weight.saturating_accrue(T::WeightInfo::miss_deadline(count(attempt.members.len())));
            Self::end_phase(attempt, now);
        }
        weight
    }

    /// Combines dealings to keys with the weight that the block has left.
    pub(crate) fn finalise_with(remaining: Weight) -> Weight {
        let mut meter = WeightMeter::with_limit(remaining);
        if meter.try_consume(T::WeightInfo::idle_block(MAX_MEMBERS)).is_err() {
            return Weight::zero();
        }
        if let Some(attempt) = Running::<T>::get() {
            if attempt.phase == AttemptPhase::Finalise {
                Self::finalise(attempt, &mut meter);
            }
        }
        meter.consumed()
    }

    /// Ends the phase as soon as everyone has acted, in the block in which the last one does: waiting for
    /// the next block would double the time that an attempt takes.
    fn end_phase_if_all_acted(attempt: AttemptOf<T>) {
        let standing = Dealings::<T>::iter_keys().count();
        let all_acted = match (attempt.phase, attempt.kind) {
            (AttemptPhase::Commit, _) => Commitments::<T>::iter_keys().count() == attempt.members.len(),
            (AttemptPhase::Deal, AttemptKind::Keygen) => {
                standing.saturating_add(attempt.guilty_dealers.len()) >= Commitments::<T>::iter_keys().count()
            }
            // More dealings would only fill blocks: any t of the old shares determine the keys.
            (AttemptPhase::Deal, AttemptKind::Reshare) => count(standing) >= Self::dealings_needed(&attempt),
            (AttemptPhase::Complain, _) => attempt
                .indices()
                .all(|index| attempt.reported.contains(&index) || attempt.guilty_members.contains(&index)),
            // Ends when the last key is combined.
            (AttemptPhase::Finalise, _) => false,
            // Ends by the call `activate`.
            (AttemptPhase::Confirm, _) => false,
        };
        if all_acted {
            Self::end_phase(attempt, frame_system::Pallet::<T>::block_number());
        }
    }

    fn end_phase(attempt: AttemptOf<T>, now: BlockNumberFor<T>) {
        let dealers: BTreeSet<_> = match attempt.phase {
            AttemptPhase::Commit => Commitments::<T>::iter_keys().collect(),
            _ => Dealings::<T>::iter_keys().collect(),
        };
        let enough = count(dealers.len()) >= Self::dealings_needed(&attempt);
        match attempt.phase {
            AttemptPhase::Commit if enough => {
                Self::enter(attempt, AttemptPhase::Deal, now, T::DealPeriod::get());
            }
            AttemptPhase::Commit => {
                let absent = Self::dealers_but(&attempt, &dealers);
                Self::fail(attempt, FailureReason::TooFewCommitments, absent);
            }
            AttemptPhase::Deal if enough => {
                Self::enter(attempt, AttemptPhase::Complain, now, T::ComplainPeriod::get());
            }
            AttemptPhase::Complain if enough => {
                Self::enter(attempt, AttemptPhase::Finalise, now, Default::default());
            }
            AttemptPhase::Complain if Self::others_may_deal(&attempt) => {
                // Those who have dealt well need not again; recipients judge what is new.
                let round = attempt.round.saturating_add(1);
                let attempt = RunningAttempt { reported: Default::default(), round, ..attempt };
                Self::enter(attempt, AttemptPhase::Deal, now, T::DealPeriod::get());
            }
            AttemptPhase::Deal | AttemptPhase::Complain => {
                // A reshare takes no more dealings than it needs: who came too late for that is not away.
                let is_over = attempt.phase == AttemptPhase::Complain && attempt.kind == AttemptKind::Reshare;
                let absent = if is_over { Vec::new() } else { Self::dealers_but(&attempt, &dealers) };
                Self::fail(attempt, FailureReason::TooFewDealings, absent);
            }
            AttemptPhase::Finalise => {}
            AttemptPhase::Confirm => {
                let absent = attempt
                    .indices()
                    .filter(|index| {
                        !attempt.confirmed.contains(index) && !attempt.guilty_members.contains(index)
                    })
                    .filter_map(|index| attempt.member(index).map(|member| member.account.clone()))
                    .collect();
                Self::fail(attempt, FailureReason::NotActivated, absent);
            }
        }
    }

    fn enter(
        mut attempt: AttemptOf<T>,
        phase: AttemptPhase,
        now: BlockNumberFor<T>,
        period: BlockNumberFor<T>,
    ) {
        attempt.phase = phase;
        attempt.deadline = now.saturating_add(period);
        Running::<T>::put(attempt);
    }

    /// How many dealings have to stand: each of a key generation's may come from a liar, so that t hold an honest one;
    /// t of the old committee's shares determine a key.
    pub(crate) fn dealings_needed(attempt: &AttemptOf<T>) -> u32 {
        match attempt.kind {
            AttemptKind::Keygen => attempt.threshold,
            AttemptKind::Reshare => {
                CurrentCommittee::<T>::get().map_or(u32::MAX, |committee| committee.threshold)
            }
        }
    }

    /// Who deals in an attempt.
    pub(crate) fn dealers(attempt: &AttemptOf<T>) -> Members<T::AccountId> {
        match attempt.kind {
            AttemptKind::Keygen => attempt.members.clone(),
            AttemptKind::Reshare => {
                CurrentCommittee::<T>::get().map(|committee| committee.members).unwrap_or_default()
            }
        }
    }

    /// Whether a reshare that lost dealings to complaints can have others in their stead.
    fn others_may_deal(attempt: &AttemptOf<T>) -> bool {
        let innocent =
            count(Self::dealers(attempt).len()).saturating_sub(count(attempt.guilty_dealers.len()));
        attempt.kind == AttemptKind::Reshare && innocent >= Self::dealings_needed(attempt)
    }

    fn dealers_but(attempt: &AttemptOf<T>, present: &BTreeSet<ParticipantIndex>) -> Vec<T::AccountId> {
        Self::dealers(attempt)
            .into_iter()
            .enumerate()
            .filter(|(position, _)| {
                ParticipantIndex::from_position(*position).is_some_and(|index| {
                    !present.contains(&index) && !attempt.guilty_dealers.contains(&index)
                })
            })
            .map(|(_, member)| member.account)
            .collect()
    }

    /// Ends an attempt; the absent are left out of the next one. So are the guilty, by their standing.
    pub(crate) fn fail(attempt: AttemptOf<T>, reason: FailureReason, absent: Vec<T::AccountId>) {
        Excluded::<T>::put(BoundedVec::truncate_from(absent.clone()));
        Due::<T>::put(true);
        Self::clear();
        Self::clear_dealings();
        Self::deposit_event(Event::AttemptFailed { attempt: attempt.id, reason, absent });
    }

    fn clear() {
        Running::<T>::kill();
        NewRoots::<T>::kill();
        // At most MAX_MEMBERS entries.
        let _ = Commitments::<T>::clear(MAX_MEMBERS, None);
    }

    pub(crate) fn clear_dealings() {
        // At most MAX_MEMBERS entries.
        let _ = Dealings::<T>::clear(MAX_MEMBERS, None);
    }

    fn weight_of_next_key(attempt: &AttemptOf<T>) -> Weight {
        let size = Self::size_of(attempt);
        let next = root_key_ids().into_iter().nth(NewRoots::<T>::decode_len().unwrap_or(0));
        next.map_or(Weight::zero(), |id| T::WeightInfo::finalise_key(id.curve, size))
            .saturating_add(T::WeightInfo::read_dealings(size.dealings))
    }

    /// Combines the next keys, as many as the meter allows; after the last one the members confirm.
    fn finalise(attempt: AttemptOf<T>, meter: &mut WeightMeter) {
        let size = Self::size_of(&attempt);
        // With the first key only.
        let mut reading = T::WeightInfo::read_dealings(size.dealings);
        let mut dealings: Vec<(ParticipantIndex, Dealing)> = Vec::new();
        for (position, id) in
            root_key_ids().into_iter().enumerate().skip(NewRoots::<T>::decode_len().unwrap_or(0))
        {
            let key = T::WeightInfo::finalise_key(id.curve, size);
            if meter.try_consume(key.saturating_add(core::mem::take(&mut reading))).is_err() {
                return;
            }
            if dealings.is_empty() {
                dealings = Self::read_dealings();
            }
            let root = Self::combine(attempt.kind, position, id, &dealings);
            if root.is_none_or(|root| NewRoots::<T>::try_append(root).is_err()) {
                return Self::fail(attempt, FailureReason::NoKey, Vec::new());
            }
        }
        Self::deposit_event(Event::KeysFinalised {
            attempt: attempt.id,
            dealers: dealings.into_iter().map(|(dealer, _)| dealer).collect(),
        });
        Self::enter(
            attempt,
            AttemptPhase::Confirm,
            frame_system::Pallet::<T>::block_number(),
            T::ConfirmPeriod::get(),
        );
    }

    pub(crate) fn read_dealings() -> Vec<(ParticipantIndex, Dealing)> {
        let mut dealings: Vec<_> = Dealings::<T>::iter().collect();
        dealings.sort_by_key(|(dealer, _)| *dealer);
        dealings
    }

    pub(crate) fn combine(
        kind: AttemptKind,
        position: usize,
        id: RootKeyId,
        dealings: &[(ParticipantIndex, Dealing)],
    ) -> Option<RootKey> {
        let dealt: Vec<_> = dealings
            .iter()
            .map(|(dealer, dealing)| {
                dealing.keys.get(position).map(|key| (*dealer, key.commitments.as_slice()))
            })
            .collect::<Option<_>>()?;
        let combination = match kind {
            AttemptKind::Keygen => Combination::Sum,
            AttemptKind::Reshare => Combination::Interpolation,
        };
        let commitments = combine_commitments(id.curve, combination, &dealt).ok()?;
        if kind == AttemptKind::Reshare {
            let committee = CurrentCommittee::<T>::get()?;
            let old = committee.roots.iter().find(|root| root.id == id)?;
            // Follows from every dealer's constant term; that a key never changes is worth saying twice.
            if commitments.first() != old.commitments.first() {
                return None;
            }
        }
        Some(RootKey { id, commitments: commitments.try_into().ok()? })
    }

    pub(crate) fn do_commit(id: AttemptId, dealer: ParticipantIndex, hash: [u8; 32]) -> DispatchResult {
        let attempt = Self::running(id, AttemptPhase::Commit)?;
        Commitments::<T>::insert(dealer, hash);
        Self::deposit_event(Event::DealingCommitted { attempt: id, dealer, hash });
        Self::end_phase_if_all_acted(attempt);
        Ok(())
    }

    pub(crate) fn do_deal(id: AttemptId, dealer: ParticipantIndex, dealing: Dealing) -> DispatchResult {
        let mut attempt = Self::running(id, AttemptPhase::Deal)?;
        let context = Self::context(id, dealer);
        let members = count(attempt.members.len());
        let verdict = match attempt.kind {
            AttemptKind::Keygen => {
                let keys = root_key_ids();
                verify_dealing(&context, ConstantTerms::Known(&keys), attempt.threshold, members, &dealing)
            }
            AttemptKind::Reshare => {
                let shares = Self::public_shares_of(dealer).ok_or(Error::<T>::WrongPhase)?;
                verify_dealing(&context, ConstantTerms::Shares(&shares), attempt.threshold, members, &dealing)
            }
        };
        match verdict {
            Ok(()) => {
                Dealings::<T>::insert(dealer, dealing);
                Self::deposit_event(Event::Dealt { attempt: id, dealer });
            }
            Err(fault) => {
                Self::convict_dealer(&mut attempt, dealer, Fault::BadDealing(fault));
                Running::<T>::put(&attempt);
            }
        }
        Self::end_phase_if_all_acted(attempt);
        Ok(())
    }

    /// Y_i of every key, of a member of the committee that serves.
    fn public_shares_of(dealer: ParticipantIndex) -> Option<Vec<(RootKeyId, EncodedPoint)>> {
        CurrentCommittee::<T>::get()?
            .roots
            .iter()
            .map(|root| Some((root.id, public_share(root.id.curve, &root.commitments, dealer).ok()?)))
            .collect()
    }

    pub(crate) fn do_report(
        id: AttemptId,
        participant: ParticipantIndex,
        complaints: &[Complaint],
    ) -> DispatchResult {
        let mut attempt = Self::running(id, AttemptPhase::Complain)?;
        let key =
            attempt.member(participant).map(|member| member.dealing_key).ok_or(Error::<T>::WrongPhase)?;
        let _ = attempt.reported.try_insert(participant);
        Self::deposit_event(Event::SharesReported {
            attempt: id,
            participant,
            complaints: count(complaints.len()),
        });
        for complaint in complaints {
            // A dealer that another complaint has convicted already needs no second verdict.
            let Some(dealing) = Dealings::<T>::get(complaint.dealer) else { continue };
            let context = Self::context(id, complaint.dealer);
            match judge(&context, &root_key_ids(), &dealing, participant, &key, complaint) {
                Ok(fault) => {
                    let fault = Fault::BadShares { complainer: participant, fault };
                    Self::convict_dealer(&mut attempt, complaint.dealer, fault);
                }
                Err(fault) => {
                    let fault = Fault::FalseComplaint { dealer: complaint.dealer, fault };
                    Self::convict_member(&mut attempt, participant, fault);
                    // Whoever lied once has lost its say.
                    break;
                }
            }
        }
        Running::<T>::put(&attempt);
        Self::end_phase_if_all_acted(attempt);
        Ok(())
    }

    pub(crate) fn do_confirm(id: AttemptId, participant: ParticipantIndex) -> DispatchResult {
        let mut attempt = Self::running(id, AttemptPhase::Confirm)?;
        let _ = attempt.confirmed.try_insert(participant);
        Running::<T>::put(attempt);
        Self::deposit_event(Event::SharesConfirmed { attempt: id, participant });
        Ok(())
    }

    pub(crate) fn do_activate(id: AttemptId) -> DispatchResult {
        let attempt = Self::running(id, AttemptPhase::Confirm)?;
        let keyset = Self::keyset();
        // It serves with the guilty in it, since indices are fixed, until the next session makes one without them.
        Self::retire_committee();
        CurrentCommittee::<T>::put(ActiveCommittee {
            epoch: id.epoch,
            session: T::SessionIndex::get(),
            attempt: id.attempt,
            kind: attempt.kind,
            keyset,
            members: attempt.members,
            threshold: attempt.threshold,
            roots: NewRoots::<T>::get(),
            confirmed: attempt.confirmed,
        });
        NextAttempt::<T>::put(AttemptId { epoch: Epoch(id.epoch.0.saturating_add(1)), attempt: Attempt(0) });
        Self::clear();
        Self::deposit_event(Event::CommitteeActivated { attempt: id, keyset });
        Ok(())
    }

    /// A dealer's dealing falls. In a key generation the dealer is a member as well, with the same index.
    fn convict_dealer(attempt: &mut AttemptOf<T>, dealer: ParticipantIndex, fault: Fault) {
        let dealers = Self::dealers(attempt);
        let Some(member) = dealers.get(dealer.position()).cloned() else { return };
        let _ = attempt.guilty_dealers.try_insert(dealer);
        if attempt.kind == AttemptKind::Keygen {
            let _ = attempt.guilty_members.try_insert(dealer);
        }
        Dealings::<T>::remove(dealer);
        Self::report_attempt_fault(attempt, dealers.len(), (dealer, &member.account), &fault);
        Self::deposit_event(Event::Disqualified {
            attempt: attempt.id,
            culprit: dealer,
            account: member.account,
            fault,
        });
    }

    /// A member has lost its say; in a key generation its dealing falls as well.
    fn convict_member(attempt: &mut AttemptOf<T>, culprit: ParticipantIndex, fault: Fault) {
        if attempt.kind == AttemptKind::Keygen {
            return Self::convict_dealer(attempt, culprit, fault);
        }
        let Some(account) = attempt.member(culprit).map(|member| member.account.clone()) else { return };
        let _ = attempt.guilty_members.try_insert(culprit);
        Self::report_attempt_fault(attempt, attempt.members.len(), (culprit, &account), &fault);
        Self::deposit_event(Event::Disqualified { attempt: attempt.id, culprit, account, fault });
    }

    fn running(id: AttemptId, phase: AttemptPhase) -> Result<AttemptOf<T>, DispatchError> {
        let attempt = Running::<T>::get().ok_or(Error::<T>::WrongPhase)?;
        ensure!(attempt.id == id && attempt.phase == phase, Error::<T>::WrongPhase);
        Ok(attempt)
    }

    fn context(attempt: AttemptId, dealer: ParticipantIndex) -> DealingContext {
        DealingContext { genesis: Self::genesis(), attempt, dealer }
    }

    /// The key set of the committee, which every reshare keeps; the first one where none serves yet.
    pub(crate) fn keyset() -> KeysetId {
        CurrentCommittee::<T>::get().map(|committee| committee.keyset).unwrap_or_default()
    }

    fn size_of(attempt: &AttemptOf<T>) -> Size {
        let members = count(attempt.members.len());
        let dealers = count(Self::dealers(attempt).len());
        let dealings = match attempt.kind {
            AttemptKind::Keygen => members,
            AttemptKind::Reshare => Self::dealings_needed(attempt).min(dealers),
        };
        Size { kind: attempt.kind, dealers, dealings, members, threshold: attempt.threshold }
    }

    /// What weights depend on: none while no attempt runs, whose calls die in validation.
    pub(crate) fn size() -> Option<Size> {
        Running::<T>::get().map(|attempt| Self::size_of(&attempt))
    }
}
