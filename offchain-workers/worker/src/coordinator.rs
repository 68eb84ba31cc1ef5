//! A gateway's side of a task: choose a quorum, call it, hear the outcome, choose another.

use conclave_primitives::{Committee, ParticipantIndex, SessionId};
use rand_core::CryptoRng;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{event::Ticket, task::Resolved, worker::Gathering, Failure, Refusal, Task};

/// Who waits for the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A client.
    Client(Ticket),
    /// The chain: the signature is submitted.
    Activation,
    /// An action's executions, and the hash of what they want.
    Action(SessionId, [u8; 32]),
}

/// The attempt that runs.
#[derive(Clone, Debug)]
pub(crate) struct Current {
    pub(crate) session: SessionId,
    pub(crate) quorum: Vec<ParticipantIndex>,
    pub(crate) deadline: Duration,
}

/// A task that this node coordinates.
pub(crate) struct Coordination {
    pub(crate) task: Task,
    pub(crate) resolved: Resolved,
    pub(crate) committee: Committee,
    pub(crate) public_key: Vec<u8>,
    pub(crate) origin: Origin,
    pub(crate) deadline: Duration,
    /// The number of the next attempt.
    pub(crate) attempts: u8,
    /// Those that were another committee's.
    pub(crate) attempts_before: u8,
    pub(crate) current: Option<Current>,
    /// How much speaks against a member, for this task only: one member's word proves nothing.
    pub(crate) suspicion: BTreeMap<ParticipantIndex, u32>,
    /// Who accused whom, as ordered pairs: never asked together again.
    pub(crate) disputes: BTreeSet<(ParticipantIndex, ParticipantIndex)>,
    pub(crate) failures: BTreeMap<ParticipantIndex, Failure>,
    /// Of a task to decrypt.
    pub(crate) gathering: Option<Gathering>,
    /// Who may be called, if not everybody: whose executions want it.
    pub(crate) candidates: Option<BTreeSet<ParticipantIndex>>,
}

impl Coordination {
    /// Notes why an attempt failed, as `reporter` tells it; `own` if that is this node itself.
    ///
    /// One member's word against another's proves only that the two do not get on: they are not asked together again,
    /// and both count as suspect. So a liar cannot have the honest left out and stay in, while t honest members, who
    /// never dispute among themselves, always remain a possible quorum.
    pub(crate) fn note(&mut self, reporter: ParticipantIndex, own: bool, failure: Failure) {
        let quorum = self.current.as_ref().map(|current| current.quorum.clone()).unwrap_or_default();
        let accused: Vec<ParticipantIndex> = match &failure {
            Failure::Refused(_) => Vec::new(),
            Failure::TimedOut(missing) => missing.clone(),
            Failure::Protocol { culprits, .. } => culprits.clone(),
        };
        let accused: Vec<_> = accused.into_iter().filter(|index| quorum.contains(index)).collect();
        let suspects: Vec<ParticipantIndex> = match &failure {
            Failure::Refused(_) => vec![reporter],
            _ if own || accused == [reporter] => accused.clone(),
            Failure::Protocol { culprits, .. } if culprits.is_empty() => quorum,
            _ => accused.iter().copied().chain([reporter]).collect(),
        };
        for index in suspects {
            let entry = self.suspicion.entry(index).or_default();
            *entry = entry.saturating_add(1);
        }
        for index in accused.into_iter().filter(|index| *index != reporter) {
            self.disputes.insert((reporter.min(index), reporter.max(index)));
        }
        self.failures.insert(reporter, failure);
    }

    /// Starts over with another committee. Attempts go on counting: members remember the last one.
    pub(crate) fn move_to(&mut self, committee: Committee) {
        self.committee = committee;
        self.attempts_before = self.attempts;
        self.suspicion.clear();
        self.disputes.clear();
        self.failures.clear();
        self.gathering.iter_mut().for_each(Gathering::clear);
    }

    /// The refusal that leaves no quorum: so many members refuse that t others are not left. Then the client is told
    /// why, and no further quorum is bothered.
    pub(crate) fn decisive_refusal(&self) -> Option<Refusal> {
        let refusals: Vec<&Refusal> = self
            .failures
            .values()
            .filter_map(|failure| match failure {
                Failure::Refused(refusal) => Some(refusal),
                Failure::TimedOut(_) | Failure::Protocol { .. } => None,
            })
            .collect();
        let left = self.committee.members.len().saturating_sub(refusals.len());
        if u32::try_from(left).is_ok_and(|left| left >= self.committee.threshold) {
            return None;
        }
        let votes = |refusal: &Refusal| refusals.iter().filter(|other| **other == refusal).count();
        refusals.iter().max_by_key(|refusal| votes(refusal)).map(|refusal| (*refusal).clone())
    }

    /// How many attempts are made at most: each that fails leaves out a suspect or parts a pair that includes one.
    pub(crate) fn max_attempts(&self) -> u8 {
        u8::try_from(self.committee.members.len())
            .unwrap_or(u8::MAX)
            .saturating_add(2)
            .saturating_add(self.attempts_before)
    }
}

/// t of the candidates, pairwise compatible, those with the least suspicion first and otherwise at
/// random; `preferred` is among them where it can be.
pub(crate) fn choose_quorum(
    threshold: u32,
    candidates: &BTreeSet<ParticipantIndex>,
    compatible: impl Fn(ParticipantIndex, ParticipantIndex) -> bool,
    preferred: Option<ParticipantIndex>,
    suspicion: &BTreeMap<ParticipantIndex, u32>,
    rng: &mut impl CryptoRng,
) -> Option<Vec<ParticipantIndex>> {
    let size = usize::try_from(threshold).ok()?;
    if candidates.len() < size {
        return None;
    }
    let suspicion_of = |index: &ParticipantIndex| suspicion.get(index).copied().unwrap_or(0);
    let mut order: Vec<(u32, bool, u64, ParticipantIndex)> = candidates
        .iter()
        .map(|index| (suspicion_of(index), Some(*index) != preferred, rng.next_u64(), *index))
        .collect();
    order.sort_unstable();
    // Greedy from every starting point in turn: with few incompatible pairs the first one succeeds.
    (0..order.len()).find_map(|first| {
        let mut quorum: Vec<ParticipantIndex> = Vec::with_capacity(size);
        for (.., index) in order.iter().cycle().skip(first).take(order.len()) {
            if quorum.len() < size && quorum.iter().all(|member| compatible(*member, *index)) {
                quorum.push(*index);
            }
        }
        (quorum.len() == size).then(|| {
            quorum.sort_unstable();
            quorum
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};

    fn indices(values: &[u8]) -> BTreeSet<ParticipantIndex> {
        values.iter().filter_map(|value| ParticipantIndex::new(*value)).collect()
    }

    #[test]
    fn quorum_should_avoid_suspects_and_incompatible_pairs() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let all = indices(&[1, 2, 3, 4]);
        let suspect = ParticipantIndex::new(2).expect("not zero");
        let suspicion = BTreeMap::from([(suspect, 1)]);
        for _ in 0..20 {
            let quorum = choose_quorum(3, &all, |_, _| true, None, &suspicion, &mut rng).expect("enough");
            assert!(!quorum.contains(&suspect));
            // 1 and 3 have no pair: only quorums without one of them work.
            let bad = indices(&[1, 3]);
            let quorum = choose_quorum(
                3,
                &all,
                |a, b| !(bad.contains(&a) && bad.contains(&b)),
                None,
                &suspicion,
                &mut rng,
            )
            .expect("1, 2, 4 or 2, 3, 4");
            assert!(quorum.iter().filter(|index| bad.contains(index)).count() < 2);
        }
        assert!(choose_quorum(3, &indices(&[1, 2]), |_, _| true, None, &suspicion, &mut rng).is_none());
        assert!(choose_quorum(3, &all, |_, _| false, None, &suspicion, &mut rng).is_none());
    }
}
