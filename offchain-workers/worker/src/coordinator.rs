//! A gateway's side of a task: choose a quorum, call it, hear the outcome, choose another.

use conclave_primitives::{Committee, GenesisHash, ParticipantIndex, SessionId};
use rand_core::CryptoRng;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use self::arbiter::Arbiter;
pub(crate) use self::testimony::{Testimony, Witness};
use crate::{
    event::Ticket,
    message::Transcript,
    task::{Resolved, Work},
    worker::Gathering,
    Failure, Refusal, Task,
};

mod arbiter;
mod testimony;

/// Who waits for the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A client.
    Client(Ticket),
    /// The chain: the signature is submitted.
    Activation {
        /// Attempts at it so far.
        called: u8,
    },
    /// An action's executions, and the hash of what they want.
    Action(SessionId, [u8; 32]),
}

/// The attempt that runs.
#[derive(Clone, Debug)]
pub(crate) struct Current {
    pub(crate) session: SessionId,
    pub(crate) quorum: Vec<ParticipantIndex>,
    pub(crate) deadline: Duration,
    /// It cannot succeed any more: it waits only for what members say of it.
    pub(crate) has_failed: bool,
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
    /// Those that were another committee's, or before this was coordinated anew.
    pub(crate) attempts_before: u8,
    pub(crate) current: Option<Current>,
    /// What members say of all attempts: of those that are over, too.
    pub(crate) testimony: Testimony,
    pub(crate) failures: BTreeMap<ParticipantIndex, Failure>,
    /// Of a task to decrypt.
    pub(crate) gathering: Option<Gathering>,
    /// Who may be called, if not everybody: whose executions want it.
    pub(crate) candidates: Option<BTreeSet<ParticipantIndex>>,
}

impl Coordination {
    /// Whether `session` is the attempt that runs.
    pub(crate) fn is_current(&self, session: &SessionId) -> bool {
        self.current.as_ref().is_some_and(|current| current.session == *session)
    }

    /// Notes why an attempt failed, as a member tells it.
    pub(crate) fn hear(
        &mut self,
        genesis: &GenesisHash,
        session: &SessionId,
        witness: Witness,
        failure: Failure,
        transcript: Option<&Transcript>,
    ) {
        match (&failure, &self.resolved.work) {
            (Failure::Protocol { culprits, .. }, Work::Sign { scheme, message }) if !scheme.is_ecdsa() => {
                let quorum = self.testimony.quorum(session).to_vec();
                let arbiter = Arbiter {
                    genesis,
                    committee: &self.committee,
                    session: *session,
                    quorum: &quorum,
                    key: self.resolved.key,
                    public_key: self.public_key.clone().try_into().unwrap_or_default(),
                    scheme: *scheme,
                    message,
                };
                self.testimony.examine(witness, culprits, transcript, &arbiter);
            }
            _ => self.testimony.hear(session, witness, &failure),
        }
        self.failures.insert(witness.member, failure);
    }

    /// Notes what this node itself sees of a member.
    pub(crate) fn see(&mut self, session: &SessionId, member: ParticipantIndex, failure: Failure) {
        self.testimony.see(session, member);
        self.failures.insert(member, failure);
    }

    /// Of the attempt that runs out of time, nobody said whom it waits for: whoever said nothing may be why.
    pub(crate) fn see_the_silent(&mut self) {
        let Some(current) = self.current.as_ref().filter(|current| !current.has_failed) else { return };
        let session = current.session;
        for index in self.testimony.silent(&session) {
            // Whose shares were here is not asked again.
            if !self.gathering.as_ref().is_some_and(|gathering| gathering.has(index)) {
                self.see(&session, index, Failure::TimedOut(vec![index]));
            }
        }
    }

    /// Whether the attempt that runs has failed and nothing more is to be heard of it. If there is more, it is waited for,
    /// until `until` at most.
    pub(crate) fn is_heard_out(&mut self, until: Duration) -> bool {
        let spare = self.spare();
        let Some(current) = &mut self.current else { return false };
        if self.testimony.is_over(&current.session, spare) {
            return true;
        }
        if !current.has_failed {
            current.has_failed = true;
            current.deadline = current.deadline.min(until);
        }
        false
    }

    /// How much speaks against members.
    pub(crate) fn suspicion(&self) -> BTreeMap<ParticipantIndex, usize> {
        self.testimony.suspicion(self.spare())
    }

    /// How many members the committee can do without.
    fn spare(&self) -> usize {
        let threshold = usize::try_from(self.committee.threshold).unwrap_or(usize::MAX);
        self.committee.members.len().saturating_sub(threshold)
    }

    /// Starts over with another committee. Attempts go on counting: members remember the last one.
    pub(crate) fn move_to(&mut self, committee: Committee) {
        self.committee = committee;
        self.attempts_before = self.attempts;
        self.current = None;
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

/// t of the candidates, pairwise compatible, those with the least suspicion first and otherwise at
/// random; `preferred` is among them where it can be.
pub(crate) fn choose_quorum(
    threshold: u32,
    candidates: &BTreeSet<ParticipantIndex>,
    compatible: impl Fn(ParticipantIndex, ParticipantIndex) -> bool,
    preferred: Option<ParticipantIndex>,
    suspicion: &BTreeMap<ParticipantIndex, usize>,
    rng: &mut impl CryptoRng,
) -> Option<Vec<ParticipantIndex>> {
    let size = usize::try_from(threshold).ok()?;
    if candidates.len() < size {
        return None;
    }
    let suspicion_of = |index: &ParticipantIndex| suspicion.get(index).copied().unwrap_or(0);
    let mut order: Vec<(usize, bool, u64, ParticipantIndex)> = candidates
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
