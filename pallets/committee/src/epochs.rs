//! When a committee is made, and of whom.

use alloc::vec::Vec;
use conclave_primitives::{
    threshold_of, AdmitMembers, Attempt, AttemptId, AttemptKind, AttemptPhase, Member, MAX_MEMBERS,
    MIN_MEMBERS,
};
use frame_support::{traits::Get, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{traits::Convert, Saturating};

use crate::{
    state::Members,
    weights::{WeightInfo, MAX_VALIDATORS},
    ActiveCommittee, Config, CurrentCommittee, Due, Event, Excluded, LastSession, NextAttempt, Pallet,
    Running, RunningAttempt, VirtualMembers, WorkerKeysOf,
};

/// Who is taken first into a committee.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Unblemished,
    /// From the last attempt.
    Absent,
    /// By a standing: convicted, banned by more than may lie, or absent too often.
    Excluded,
}

impl<T: Config> Pallet<T> {
    /// At the start of a session: a next committee is due when the one that serves lost a member or has room for another, or
    /// the epoch is over. Says whether this is such a block.
    pub(crate) fn note_session() -> bool {
        let session = T::SessionIndex::get();
        if LastSession::<T>::get() == session {
            return false;
        }
        LastSession::<T>::put(session);
        let Some(committee) = CurrentCommittee::<T>::get() else { return true };
        let over = session >= committee.session.saturating_add(T::SessionsPerEpoch::get());
        if over || Self::eligible().is_some_and(|eligible| has_changed(&committee, &eligible)) {
            Due::<T>::put(true);
        }
        true
    }

    /// Whether the next attempt is to start: asked for, due, or the first one.
    pub(crate) fn is_due() -> bool {
        Due::<T>::get() || !CurrentCommittee::<T>::exists()
    }

    /// The members of the next committee: as many of the eligible as it holds, in the order of the validators.
    fn candidates() -> Option<Members<T::AccountId>> {
        Some(Members::truncate_from(Self::eligible()?))
    }

    /// Who may be in the next committee, in the order of the validators: those that are admitted and have worker keys and
    /// a dealing key, without those to leave out. Where too few would be left, with all that were absent, and only then with
    /// all that are excluded: some of them would lower the threshold for the others. None as long as there are too few.
    ///
    /// Those who take part are two thirds of all validators at least, or of a full committee where there are more of them:
    /// otherwise the first few to register worker keys would make the keys by themselves.
    fn eligible() -> Option<Vec<Member<T::AccountId>>> {
        let validators: Vec<T::AccountId> =
            T::Validators::get().into_iter().chain(VirtualMembers::<T>::get()).collect();
        let needed = threshold_of(count(validators.len()).min(MAX_MEMBERS)).max(MIN_MEMBERS);
        let registered = T::Admission::admit(validators).into_iter().filter_map(|account| {
            let registered = WorkerKeysOf::<T>::get(&account)?;
            Some(Member { account, keys: registered.keys, dealing_key: registered.dealing_key?.public })
        });
        let absent = Excluded::<T>::get();
        let ranked: Vec<(Rank, Member<T::AccountId>)> =
            registered.map(|member| (Self::rank(&member.account, &absent), member)).collect();
        let up_to = |worst: &Rank| {
            let taken: Vec<_> = ranked.iter().filter(|(rank, _)| rank <= worst).collect();
            (count(taken.len()) >= needed).then_some(taken)
        };
        let taken = [Rank::Unblemished, Rank::Absent, Rank::Excluded].iter().find_map(up_to)?;
        Some(taken.into_iter().map(|(_, member)| member.clone()).collect())
    }

    fn rank(account: &T::AccountId, absent: &[T::AccountId]) -> Rank {
        if Self::is_excluded(account) {
            Rank::Excluded
        } else if absent.contains(account) {
            Rank::Absent
        } else {
            Rank::Unblemished
        }
    }

    /// Whether the first key generation waits for validators that are not admitted yet, or have no dealing key: nobody can
    /// prove a machine to a chain before it runs, and keys of the first two thirds would have a lower threshold. As long
    /// as the absent are waited for in an attempt.
    fn awaits_validators(now: BlockNumberFor<T>) -> bool {
        if CurrentCommittee::<T>::exists() || now > T::CommitPeriod::get() {
            return false;
        }
        let validators: Vec<T::AccountId> =
            T::Validators::get().into_iter().chain(VirtualMembers::<T>::get()).collect();
        let all = validators.len();
        let admitted = T::Admission::admit(validators);
        admitted.len() < all || Self::lacks_dealing_key(&admitted)
    }

    /// What [`Self::start`] weighs: validators are judged twice, and their keys read, once to see whether it waits for some;
    /// those of the members are written.
    pub(crate) fn weight_of_start() -> Weight {
        let waits = T::AdmissionWeight::convert(MAX_VALIDATORS)
            .saturating_add(T::DbWeight::get().reads_writes(MAX_VALIDATORS.into(), MAX_MEMBERS.into()));
        T::WeightInfo::start_attempt(MAX_VALIDATORS)
            .saturating_add(Self::weight_of_eligible())
            .saturating_add(waits)
    }

    /// What it takes to see who is eligible, beside what the benchmarks measure: there validators have no keys.
    pub(crate) fn weight_of_eligible() -> Weight {
        let keys_and_standings = T::DbWeight::get().reads(MAX_VALIDATORS.saturating_mul(2).into());
        T::AdmissionWeight::convert(MAX_VALIDATORS).saturating_add(keys_and_standings)
    }

    /// Starts an attempt: a key generation where no committee serves, otherwise a reshare. Does nothing while there are
    /// too few members.
    pub(crate) fn start(now: BlockNumberFor<T>) {
        if Self::awaits_validators(now) {
            return;
        }
        let Some(members) = Self::candidates() else { return };
        Self::note_use_of_dealing_keys(&members);
        Excluded::<T>::kill();
        Due::<T>::kill();
        Self::clear_dealings();
        let (kind, phase, period) = if CurrentCommittee::<T>::exists() {
            (AttemptKind::Reshare, AttemptPhase::Deal, T::DealPeriod::get())
        } else {
            (AttemptKind::Keygen, AttemptPhase::Commit, T::CommitPeriod::get())
        };
        let id = NextAttempt::<T>::get();
        NextAttempt::<T>::put(AttemptId { attempt: Attempt(id.attempt.0.saturating_add(1)), ..id });
        Self::note_formation(id);
        let threshold = threshold_of(count(members.len()));
        Self::deposit_event(Event::AttemptStarted {
            attempt: id,
            kind,
            members: members.iter().map(|member| member.account.clone()).collect(),
            threshold,
        });
        Running::<T>::put(RunningAttempt {
            id,
            kind,
            members,
            threshold,
            phase,
            round: 0,
            deadline: now.saturating_add(period),
            guilty_dealers: Default::default(),
            guilty_members: Default::default(),
            reported: Default::default(),
            confirmed: Default::default(),
        });
    }
}

/// Whether the committee has lost a member, or has room for another one. A full one does not change within its epoch for
/// the order in which validators come.
fn has_changed<AccountId: PartialEq>(
    committee: &ActiveCommittee<AccountId>,
    eligible: &[Member<AccountId>],
) -> bool {
    // Each attempt has other dealing keys.
    let same = |one: &Member<AccountId>, other: &Member<AccountId>| {
        one.account == other.account && one.keys == other.keys
    };
    let serves = |member: &Member<AccountId>| committee.members.iter().any(|of| same(of, member));
    let is_eligible = |member: &Member<AccountId>| eligible.iter().any(|of| same(of, member));
    let has_room = count(committee.members.len()) < MAX_MEMBERS;
    !committee.members.iter().all(is_eligible) || (has_room && !eligible.iter().all(serves))
}

pub(crate) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
