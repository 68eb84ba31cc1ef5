//! The life of an attempt.

use alloc::{collections::BTreeSet, vec::Vec};
use conclave_primitives::{
    root_key_ids, threshold_of, Attempt, AttemptId, AttemptPhase, Epoch, KeysetId, Member, ParticipantIndex,
    RootKey, MAX_MEMBERS, MAX_ROOT_KEYS, MIN_MEMBERS,
};
use conclave_vss::{combine_commitments, judge, verify_dealing, Complaint, Dealing, DealingContext};
use frame_support::{
    ensure,
    traits::{ConstU32, Get},
    weights::Weight,
    BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{DispatchError, DispatchResult, Saturating};

use crate::{
    state::Members, weights::Size, ActiveCommittee, Commitments, Config, CurrentCommittee, Dealings, Error,
    Event, Excluded, FailureReason, Fault, Keygen, NewRoots, NextKeygen, Pallet, RunningAttempt,
    VirtualMembers, WeightInfo, WorkerKeysOf,
};

type Running<T> = RunningAttempt<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

impl<T: Config> Pallet<T> {
    /// Moves the attempt on, or starts one where there is no committee. Runs in every block.
    pub(crate) fn progress(now: BlockNumberFor<T>) -> Weight {
        let Some(attempt) = Keygen::<T>::get() else {
            if !CurrentCommittee::<T>::exists() {
                Self::start(now);
            }
            return T::WeightInfo::start();
        };
        if now <= attempt.deadline {
            return T::WeightInfo::start();
        }
        let weight = T::WeightInfo::finalise(Self::size());
        Self::end_phase(attempt, now);
        T::WeightInfo::start().saturating_add(weight)
    }

    /// Ends the phase as soon as everyone has acted, in the block in which the last one does: waiting for
    /// the next block would double the time that key generation takes.
    fn end_phase_if_all_acted(attempt: Running<T>) {
        let committed = Commitments::<T>::iter_keys().count();
        let all_acted = match attempt.phase {
            AttemptPhase::Commit => committed == attempt.members.len(),
            AttemptPhase::Deal => {
                Dealings::<T>::iter_keys().count().saturating_add(attempt.disqualified.len()) >= committed
            }
            AttemptPhase::Complain => attempt
                .indices()
                .all(|index| attempt.reported.contains(&index) || attempt.disqualified.contains(&index)),
            // Ends by the call `activate`.
            AttemptPhase::Confirm => false,
        };
        if all_acted {
            Self::end_phase(attempt, frame_system::Pallet::<T>::block_number());
        }
    }

    /// Starts an attempt among the validators with worker keys, without those excluded unless too few would be left.
    ///
    /// Those who take part are two thirds of all validators at least: otherwise the first few to register worker keys
    /// would make the keys by themselves.
    fn start(now: BlockNumberFor<T>) {
        let candidates: Vec<T::AccountId> =
            T::Validators::get().into_iter().chain(VirtualMembers::<T>::get()).collect();
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let needed = threshold_of(count(candidates.len()).min(MAX_MEMBERS)).max(MIN_MEMBERS);
        let eligible: Vec<Member<T::AccountId>> = candidates
            .into_iter()
            .filter_map(|account| {
                WorkerKeysOf::<T>::get(&account).map(|registered| (account, registered.keys))
            })
            .take(MAX_MEMBERS as usize)
            .map(|(account, keys)| Member { account, keys })
            .collect();
        let excluded = Excluded::<T>::get();
        let present: Vec<_> =
            eligible.iter().filter(|member| !excluded.contains(&member.account)).cloned().collect();
        let chosen = if count(present.len()) >= needed { present } else { eligible };
        let Ok(members) = Members::try_from(chosen) else { return };
        let n = count(members.len());
        if n < needed {
            return;
        }
        Excluded::<T>::kill();
        Self::clear_dealings();
        let id = NextKeygen::<T>::get();
        let threshold = threshold_of(n);
        Self::deposit_event(Event::KeygenStarted {
            keygen: id,
            members: members.iter().map(|member| member.account.clone()).collect(),
            threshold,
        });
        Keygen::<T>::put(RunningAttempt {
            id,
            members,
            threshold,
            phase: AttemptPhase::Commit,
            deadline: now.saturating_add(T::CommitPeriod::get()),
            disqualified: Default::default(),
            reported: Default::default(),
            confirmed: Default::default(),
        });
    }

    fn end_phase(mut attempt: Running<T>, now: BlockNumberFor<T>) {
        let dealers: BTreeSet<_> = match attempt.phase {
            AttemptPhase::Commit => Commitments::<T>::iter_keys().collect(),
            _ => Dealings::<T>::iter_keys().collect(),
        };
        let enough = u32::try_from(dealers.len()).is_ok_and(|count| count >= attempt.threshold);
        match attempt.phase {
            AttemptPhase::Commit if !enough => {
                Self::fail(attempt, FailureReason::TooFewCommitments, &dealers)
            }
            AttemptPhase::Deal | AttemptPhase::Complain if !enough => {
                Self::fail(attempt, FailureReason::TooFewDealings, &dealers)
            }
            AttemptPhase::Commit => Self::enter(attempt, AttemptPhase::Deal, now, T::DealPeriod::get()),
            AttemptPhase::Deal => Self::enter(attempt, AttemptPhase::Complain, now, T::ComplainPeriod::get()),
            AttemptPhase::Complain => match Self::sum_dealings() {
                Some(roots) => {
                    NewRoots::<T>::put(roots);
                    Self::deposit_event(Event::KeysFinalised {
                        keygen: attempt.id,
                        dealers: dealers.into_iter().collect(),
                    });
                    Self::enter(attempt, AttemptPhase::Confirm, now, T::ConfirmPeriod::get());
                }
                None => Self::fail(attempt, FailureReason::NoKey, &dealers),
            },
            AttemptPhase::Confirm => {
                let confirmed = core::mem::take(&mut attempt.confirmed).into_inner();
                Self::fail(attempt, FailureReason::NotActivated, &confirmed)
            }
        }
    }

    fn enter(
        mut attempt: Running<T>,
        phase: AttemptPhase,
        now: BlockNumberFor<T>,
        period: BlockNumberFor<T>,
    ) {
        attempt.phase = phase;
        attempt.deadline = now.saturating_add(period);
        Keygen::<T>::put(attempt);
    }

    /// Ends an attempt; whoever is not among `present`, or guilty, is left out of the next one.
    fn fail(attempt: Running<T>, reason: FailureReason, present: &BTreeSet<ParticipantIndex>) {
        let (mut absent, mut excluded) = (Vec::new(), Vec::new());
        for index in attempt.indices() {
            let Some(member) = attempt.member(index) else { continue };
            let guilty = attempt.disqualified.contains(&index);
            if guilty || !present.contains(&index) {
                excluded.push(member.account.clone());
            }
            if !guilty && !present.contains(&index) {
                absent.push(member.account.clone());
            }
        }
        Excluded::<T>::put(BoundedVec::truncate_from(excluded));
        NextKeygen::<T>::put(AttemptId {
            epoch: attempt.id.epoch,
            attempt: Attempt(attempt.id.attempt.0.saturating_add(1)),
        });
        Self::clear();
        Self::clear_dealings();
        Self::deposit_event(Event::KeygenFailed { keygen: attempt.id, reason, absent });
    }

    fn clear() {
        Keygen::<T>::kill();
        NewRoots::<T>::kill();
        // At most MAX_MEMBERS entries.
        let _ = Commitments::<T>::clear(MAX_MEMBERS, None);
    }

    fn clear_dealings() {
        // At most MAX_MEMBERS entries.
        let _ = Dealings::<T>::clear(MAX_MEMBERS, None);
    }

    /// Public keys and commitments are sums over the dealings that stand.
    fn sum_dealings() -> Option<BoundedVec<RootKey, ConstU32<MAX_ROOT_KEYS>>> {
        let dealings: Vec<Dealing> = Dealings::<T>::iter_values().collect();
        root_key_ids()
            .into_iter()
            .enumerate()
            .map(|(position, id)| {
                let dealt: Vec<_> = dealings
                    .iter()
                    .map(|dealing| dealing.keys.get(position).map(|key| key.commitments.as_slice()))
                    .collect::<Option<_>>()?;
                let commitments = combine_commitments(id.curve, &dealt).ok()?;
                Some(RootKey { id, commitments: commitments.try_into().ok()? })
            })
            .collect::<Option<Vec<_>>>()?
            .try_into()
            .ok()
    }

    pub(crate) fn do_commit(keygen: AttemptId, dealer: ParticipantIndex, hash: [u8; 32]) -> DispatchResult {
        let attempt = Self::running(keygen, AttemptPhase::Commit)?;
        Commitments::<T>::insert(dealer, hash);
        Self::deposit_event(Event::DealingCommitted { keygen, dealer, hash });
        Self::end_phase_if_all_acted(attempt);
        Ok(())
    }

    pub(crate) fn do_deal(keygen: AttemptId, dealer: ParticipantIndex, dealing: Dealing) -> DispatchResult {
        let mut attempt = Self::running(keygen, AttemptPhase::Deal)?;
        let members = u32::try_from(attempt.members.len()).unwrap_or(u32::MAX);
        let verdict = verify_dealing(
            &Self::context(keygen, dealer),
            &root_key_ids(),
            attempt.threshold,
            members,
            &dealing,
        );
        match verdict {
            Ok(()) => {
                Dealings::<T>::insert(dealer, dealing);
                Self::deposit_event(Event::Dealt { keygen, dealer });
            }
            Err(fault) => {
                Self::disqualify(&mut attempt, dealer, Fault::BadDealing(fault));
                Keygen::<T>::put(&attempt);
            }
        }
        Self::end_phase_if_all_acted(attempt);
        Ok(())
    }

    pub(crate) fn do_report(
        keygen: AttemptId,
        participant: ParticipantIndex,
        complaints: &[Complaint],
    ) -> DispatchResult {
        let mut attempt = Self::running(keygen, AttemptPhase::Complain)?;
        let key =
            attempt.member(participant).map(|member| member.keys.encryption).ok_or(Error::<T>::WrongPhase)?;
        let _ = attempt.reported.try_insert(participant);
        Self::deposit_event(Event::SharesReported {
            keygen,
            participant,
            complaints: u32::try_from(complaints.len()).unwrap_or(u32::MAX),
        });
        for complaint in complaints {
            // A dealer that another complaint has convicted already needs no second verdict.
            let Some(dealing) = Dealings::<T>::get(complaint.dealer) else { continue };
            let context = Self::context(keygen, complaint.dealer);
            match judge(&context, &root_key_ids(), &dealing, participant, &key, complaint) {
                Ok(fault) => {
                    let fault = Fault::BadShares { complainer: participant, fault };
                    Self::disqualify(&mut attempt, complaint.dealer, fault);
                }
                Err(fault) => {
                    let fault = Fault::FalseComplaint { dealer: complaint.dealer, fault };
                    Self::disqualify(&mut attempt, participant, fault);
                    // Whoever lied once has lost its say.
                    break;
                }
            }
        }
        Keygen::<T>::put(&attempt);
        Self::end_phase_if_all_acted(attempt);
        Ok(())
    }

    pub(crate) fn do_confirm(keygen: AttemptId, participant: ParticipantIndex) -> DispatchResult {
        let mut attempt = Self::running(keygen, AttemptPhase::Confirm)?;
        let _ = attempt.confirmed.try_insert(participant);
        Keygen::<T>::put(attempt);
        Self::deposit_event(Event::SharesConfirmed { keygen, participant });
        Ok(())
    }

    pub(crate) fn do_activate(keygen: AttemptId) -> DispatchResult {
        let attempt = Self::running(keygen, AttemptPhase::Confirm)?;
        let keyset = Self::next_keyset();
        CurrentCommittee::<T>::put(ActiveCommittee {
            epoch: keygen.epoch,
            attempt: keygen.attempt,
            keyset,
            members: attempt.members,
            threshold: attempt.threshold,
            roots: NewRoots::<T>::get(),
        });
        NextKeygen::<T>::put(AttemptId {
            epoch: Epoch(keygen.epoch.0.saturating_add(1)),
            attempt: Attempt(0),
        });
        Self::clear();
        Self::deposit_event(Event::CommitteeActivated { keygen, keyset });
        Ok(())
    }

    fn disqualify(attempt: &mut Running<T>, culprit: ParticipantIndex, fault: Fault) {
        let Some(account) = attempt.member(culprit).map(|member| member.account.clone()) else { return };
        let _ = attempt.disqualified.try_insert(culprit);
        Dealings::<T>::remove(culprit);
        Self::deposit_event(Event::Disqualified { keygen: attempt.id, culprit, account, fault });
    }

    fn running(keygen: AttemptId, phase: AttemptPhase) -> Result<Running<T>, DispatchError> {
        let attempt = Keygen::<T>::get().ok_or(Error::<T>::WrongPhase)?;
        ensure!(attempt.id == keygen && attempt.phase == phase, Error::<T>::WrongPhase);
        Ok(attempt)
    }

    fn context(keygen: AttemptId, dealer: ParticipantIndex) -> DealingContext {
        DealingContext { genesis: Self::genesis(), keygen, dealer }
    }

    /// The key set that the running attempt makes. There is one until a second one can be asked for.
    pub(crate) fn next_keyset() -> KeysetId {
        KeysetId(0)
    }

    /// What weights depend on.
    pub(crate) fn size() -> Size {
        let (members, threshold) = Keygen::<T>::get()
            .map(|attempt| (u32::try_from(attempt.members.len()).unwrap_or(u32::MAX), attempt.threshold))
            .unwrap_or_default();
        Size { members, threshold, keys: u32::try_from(root_key_ids().len()).unwrap_or(u32::MAX) }
    }
}
