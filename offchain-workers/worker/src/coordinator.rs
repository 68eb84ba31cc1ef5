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

/// An attempt that is over.
pub(crate) struct Past {
    quorum: Vec<ParticipantIndex>,
    /// Who has said something since.
    heard: BTreeSet<ParticipantIndex>,
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
    /// The attempts that are over: what their members say late counts, too.
    pub(crate) past: BTreeMap<SessionId, Past>,
    pub(crate) testimony: Testimony,
    pub(crate) failures: BTreeMap<ParticipantIndex, Failure>,
    /// Of a task to decrypt.
    pub(crate) gathering: Option<Gathering>,
    /// Who may be called, if not everybody: whose executions want it.
    pub(crate) candidates: Option<BTreeSet<ParticipantIndex>>,
}

impl Coordination {
    /// Whether `session` is one of this task.
    pub(crate) fn has(&self, session: &SessionId) -> bool {
        self.past.contains_key(session) || self.current.as_ref().is_some_and(|one| one.session == *session)
    }

    /// The quorum of `session` and whether it is still waited for, if `member` may speak in it: in an attempt that is over,
    /// each has one word more.
    pub(crate) fn hear(
        &mut self,
        session: &SessionId,
        member: ParticipantIndex,
    ) -> Option<(Vec<ParticipantIndex>, bool)> {
        let current = self.current.as_ref().filter(|current| current.session == *session);
        let (quorum, in_time) = match current {
            Some(current) => (&current.quorum, true),
            None => {
                let past = self.past.get_mut(session)?;
                past.heard.insert(member).then_some(())?;
                (&past.quorum, false)
            }
        };
        quorum.contains(&member).then(|| (quorum.clone(), in_time))
    }

    /// Gives up the attempt that runs.
    pub(crate) fn end_attempt(&mut self) {
        if let Some(Current { session, quorum, .. }) = self.current.take() {
            self.past.insert(session, Past { quorum, heard: BTreeSet::new() });
        }
    }

    /// Notes why an attempt with `quorum` failed, as `reporter` tells it; `own` if that is this node itself.
    pub(crate) fn note(
        &mut self,
        quorum: &[ParticipantIndex],
        reporter: ParticipantIndex,
        own: bool,
        failure: Failure,
    ) {
        self.testimony.hear(quorum, reporter, own, &failure);
        self.failures.insert(reporter, failure);
    }

    /// Notes what this node itself sees of a member.
    pub(crate) fn note_of(&mut self, member: ParticipantIndex, failure: Failure) {
        self.note(&[member], member, false, failure);
    }

    /// How much speaks against members.
    pub(crate) fn suspicion(&self) -> BTreeMap<ParticipantIndex, u32> {
        let members = u32::try_from(self.committee.members.len()).unwrap_or(u32::MAX);
        self.testimony.suspicion(members.saturating_sub(self.committee.threshold))
    }

    /// Starts over with another committee. Attempts go on counting: members remember the last one.
    pub(crate) fn move_to(&mut self, committee: Committee) {
        self.committee = committee;
        self.attempts_before = self.attempts;
        self.current = None;
        self.past.clear();
        self.testimony = Testimony::default();
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

/// What speaks against members, in one task.
///
/// One member's word against another's proves only that the two do not get on: they are not asked together again, and
/// both count as suspect. So a liar cannot have the honest left out and stay in, while t honest members, who never dispute
/// among themselves, always remain a possible quorum. Whom more members accuse than the committee can do without, an honest
/// one accuses: then those who did are suspect no longer.
#[derive(Debug, Default)]
pub(crate) struct Testimony {
    /// What needs nobody's word: who refused, who says it of itself, what this node saw.
    against: BTreeMap<ParticipantIndex, u32>,
    /// By whom a member is accused.
    accusers: BTreeMap<ParticipantIndex, BTreeSet<ParticipantIndex>>,
    /// This node, if it is a member and has accused: it believes itself.
    own: Option<ParticipantIndex>,
}

impl Testimony {
    fn hear(
        &mut self,
        quorum: &[ParticipantIndex],
        reporter: ParticipantIndex,
        own: bool,
        failure: &Failure,
    ) {
        let named = match failure {
            Failure::Refused(_) => return self.suspect(&[reporter]),
            // It may be any of them.
            Failure::Protocol { culprits, .. } if culprits.is_empty() && !own => return self.suspect(quorum),
            Failure::Protocol { culprits: named, .. } | Failure::TimedOut(named) => named,
        };
        let called = named.iter().copied().filter(|index| quorum.contains(index));
        let (itself, accused): (Vec<_>, Vec<_>) = called.partition(|index| *index == reporter);
        if !itself.is_empty() || accused.is_empty() && !own {
            self.suspect(&[reporter]);
        }
        for index in accused {
            self.accusers.entry(index).or_default().insert(reporter);
        }
        if own {
            self.own = Some(reporter);
        }
    }

    fn suspect(&mut self, members: &[ParticipantIndex]) {
        members.iter().for_each(|index| add(&mut self.against, *index, 1));
    }

    /// Whether one of them accused the other.
    pub(crate) fn are_at_odds(&self, a: ParticipantIndex, b: ParticipantIndex) -> bool {
        [(a, b), (b, a)]
            .iter()
            .any(|(accused, by)| self.accusers.get(accused).is_some_and(|all| all.contains(by)))
    }

    /// How much speaks against members, of whom `spare` may lie.
    fn suspicion(&self, spare: u32) -> BTreeMap<ParticipantIndex, u32> {
        let mut suspicion = self.against.clone();
        for (accused, accusers) in &self.accusers {
            let count = u32::try_from(accusers.len()).unwrap_or(u32::MAX);
            add(&mut suspicion, *accused, count);
            if count <= spare && self.own.is_none_or(|own| !accusers.contains(&own)) {
                accusers.iter().for_each(|index| add(&mut suspicion, *index, 1));
            }
        }
        suspicion
    }
}

fn add(to: &mut BTreeMap<ParticipantIndex, u32>, index: ParticipantIndex, much: u32) {
    let entry = to.entry(index).or_default();
    *entry = entry.saturating_add(much);
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

    fn index(value: u8) -> ParticipantIndex {
        ParticipantIndex::new(value).expect("not zero")
    }

    /// Who is suspect of 7 members, of whom 2 may lie, after attempts with a quorum of 1 to 5: by index, how much.
    fn suspects(heard: &[(u8, bool, Failure)]) -> (Testimony, Vec<(u8, u32)>) {
        let quorum = [1, 2, 3, 4, 5].map(index);
        let mut testimony = Testimony::default();
        for (reporter, own, failure) in heard {
            testimony.hear(&quorum, index(*reporter), *own, failure);
        }
        let suspicion = testimony.suspicion(2).into_iter().map(|(index, much)| (index.get(), much)).collect();
        (testimony, suspicion)
    }

    fn misses(reporter: u8, missing: &[u8]) -> (u8, bool, Failure) {
        (reporter, false, Failure::TimedOut(missing.iter().copied().map(index).collect()))
    }

    #[test]
    fn one_members_word_should_prove_nothing() {
        let (testimony, suspicion) = suspects(&[misses(1, &[5])]);
        assert_eq!(suspicion, [(1, 1), (5, 1)]);
        assert!(testimony.are_at_odds(index(5), index(1)) && !testimony.are_at_odds(index(2), index(5)));
    }

    #[test]
    fn whom_more_accuse_than_may_lie_should_be_suspect_alone() {
        // Two may both lie, and three may not.
        let (_, suspicion) = suspects(&[misses(1, &[5]), misses(2, &[5])]);
        assert_eq!(suspicion, [(1, 1), (2, 1), (5, 2)]);
        let (_, suspicion) = suspects(&[misses(1, &[5]), misses(2, &[5]), misses(3, &[5])]);
        assert_eq!(suspicion, [(5, 3)]);
        // Again and again the same word is one word; and what it says of others does not count for it.
        let (_, suspicion) = suspects(&[misses(1, &[5]), misses(1, &[5]), misses(1, &[5]), misses(5, &[1])]);
        assert_eq!(suspicion, [(1, 2), (5, 2)]);
    }

    #[test]
    fn a_node_should_believe_itself() {
        let own = (1, true, Failure::TimedOut(vec![index(5)]));
        let (testimony, suspicion) = suspects(&[own.clone(), misses(2, &[5]), misses(3, &[1])]);
        assert_eq!(suspicion, [(1, 1), (3, 1), (5, 2)], "who accuses it is suspect, and so is it");
        assert!(testimony.are_at_odds(index(1), index(5)));
        let unknown = Failure::Protocol { culprits: Vec::new(), reason: String::new() };
        assert_eq!(suspects(&[(1, true, unknown.clone())]).1, []);
        assert_eq!(suspects(&[(1, false, unknown)]).1, [1, 2, 3, 4, 5].map(|index| (index, 1)));
        assert_eq!(suspects(&[(1, true, Failure::Refused(Refusal::Busy))]).1, [(1, 1)]);
        // Somebody who was not called, or itself: then it is the reporter who is at fault.
        assert_eq!(suspects(&[misses(1, &[7])]).1, [(1, 1)]);
        assert_eq!(suspects(&[misses(1, &[1])]).1, [(1, 1)]);
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
