//! What members say of attempts that failed, and whom it speaks against, in one task.
//!
//! One member's word against another's proves only that the two do not get on: they are not asked together again, and
//! both count as suspect. So a liar cannot have the honest left out and stay in, while t honest members, who never dispute
//! among themselves, always remain a possible quorum. Whom more members accuse than the committee can do without, an honest
//! one accuses: then those who did are suspect no longer.
//!
//! A member that stops in a flight sends nothing in the next one: whoever misses it there has no reason to accuse it, if
//! its own word says where it stopped. Otherwise a member that is silent to one other would have the honest accuse each
//! other. And what stopped in a flight has sent that one: who says so and is missed in it, is accused.
//!
//! Of a failed protocol whose messages can be judged, words count for nothing, and messages for all: see [`Arbiter`].

use conclave_primitives::{ParticipantIndex, SessionId};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::arbiter::{Account, Arbiter};
use crate::{
    limits::{CLOCK_TOLERANCE, SESSION_TIMEOUT},
    message::Transcript,
    Failure,
};

/// What speaks against members.
#[derive(Debug, Default)]
pub(crate) struct Testimony {
    attempts: BTreeMap<SessionId, Attempt>,
    /// This node, if it is a member and has accused: it believes itself.
    own: Option<ParticipantIndex>,
}

/// Who says it, when, and where its session ended: in this flight, or in 0 before the first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Witness {
    pub(crate) member: ParticipantIndex,
    /// This node itself.
    pub(crate) own: bool,
    pub(crate) at: Duration,
    pub(crate) flight: u8,
}

#[derive(Debug)]
struct Attempt {
    quorum: Vec<ParticipantIndex>,
    called: Duration,
    /// Who has answered. Each does once.
    answered: BTreeSet<ParticipantIndex>,
    /// What needs nobody else's word: who refused, who is at fault by its own word or messages, what this node saw.
    at_fault: BTreeSet<ParticipantIndex>,
    /// It failed, and those who say so can name nobody.
    is_unexplained: bool,
    words: BTreeMap<ParticipantIndex, Word>,
    /// What those received whose protocol failed.
    accounts: BTreeMap<ParticipantIndex, Account>,
}

/// What a member says of others.
#[derive(Debug)]
struct Word {
    flight: u8,
    /// That it sent nothing, and not that it sent something wrong.
    misses: bool,
    accused: BTreeSet<ParticipantIndex>,
}

impl Testimony {
    pub(crate) fn called(&mut self, session: SessionId, quorum: Vec<ParticipantIndex>, at: Duration) {
        let attempt = Attempt {
            quorum,
            called: at,
            answered: BTreeSet::new(),
            at_fault: BTreeSet::new(),
            is_unexplained: false,
            words: BTreeMap::new(),
            accounts: BTreeMap::new(),
        };
        self.attempts.insert(session, attempt);
    }

    pub(crate) fn has(&self, session: &SessionId) -> bool {
        self.attempts.contains_key(session)
    }

    /// Who was called, if `member` was, and has not answered before: nobody can make a gateway verify for nothing.
    pub(crate) fn answers(
        &mut self,
        session: &SessionId,
        member: ParticipantIndex,
    ) -> Option<&[ParticipantIndex]> {
        let attempt = self.attempts.get_mut(session)?;
        let may = attempt.quorum.contains(&member) && attempt.answered.insert(member);
        may.then_some(attempt.quorum.as_slice())
    }

    /// Who was called.
    pub(crate) fn quorum(&self, session: &SessionId) -> &[ParticipantIndex] {
        self.attempts.get(session).map(|attempt| attempt.quorum.as_slice()).unwrap_or_default()
    }

    /// Who was called and has not answered.
    pub(crate) fn silent(&self, session: &SessionId) -> Vec<ParticipantIndex> {
        let silent = |attempt: &Attempt| {
            attempt.quorum.iter().filter(|index| !attempt.answered.contains(index)).copied().collect()
        };
        self.attempts.get(session).map(silent).unwrap_or_default()
    }

    /// That a protocol failed whose messages can be judged, as a member tells it. What it says and does not show is false.
    pub(crate) fn examine(
        &mut self,
        witness: Witness,
        culprits: &[ParticipantIndex],
        transcript: Option<&Transcript>,
        arbiter: &Arbiter<'_>,
    ) {
        let Some(attempt) = self.attempts.get_mut(&arbiter.session) else { return };
        let Witness { member, flight, .. } = witness;
        attempt.words.insert(member, Word { flight, misses: false, accused: BTreeSet::new() });
        if !attempt.at_fault.is_empty() {
            // The first account has shown all that others sent wrong; to judge it costs pairings.
            return;
        }
        let account = transcript.map(|transcript| arbiter.admit(member, transcript)).unwrap_or_default();
        let is_at_variance = arbiter.is_at_variance(&account);
        attempt.accounts.insert(member, account);
        let guilty = arbiter.guilty(&attempt.accounts);
        let is_shown = match culprits {
            // Then others received something else, and who told it both comes out when they tell.
            [] => is_at_variance,
            named => named.iter().all(|index| guilty.contains(index)),
        };
        if !is_shown {
            attempt.at_fault.insert(member);
        }
        attempt.is_unexplained |= is_at_variance;
        attempt.at_fault.extend(guilty);
    }

    /// Why an attempt failed, as a member tells it.
    pub(crate) fn hear(&mut self, session: &SessionId, witness: Witness, failure: &Failure) {
        let Some(attempt) = self.attempts.get_mut(session) else { return };
        let Witness { member, own, at, flight } = witness;
        if own {
            self.own = Some(member);
        }
        // Whoever is honest waits first. What it heard of its call, it heard after it was called.
        let waited = at.saturating_add(CLOCK_TOLERANCE) >= attempt.called.saturating_add(SESSION_TIMEOUT);
        let (misses, named) = match failure {
            Failure::Refused(_) => {
                attempt.at_fault.insert(member);
                (false, [].as_slice())
            }
            Failure::TimedOut(_) if !waited && !own => {
                attempt.at_fault.insert(member);
                return;
            }
            Failure::TimedOut(missing) => (true, missing.as_slice()),
            Failure::Protocol { culprits, .. } => {
                attempt.is_unexplained |= culprits.is_empty();
                (false, culprits.as_slice())
            }
        };
        let called = named.iter().copied().filter(|index| attempt.quorum.contains(index));
        let (itself, accused): (BTreeSet<_>, BTreeSet<_>) = called.partition(|index| *index == member);
        let names_nobody = accused.is_empty() && (misses || !named.is_empty());
        if !own && (!itself.is_empty() || names_nobody) {
            attempt.at_fault.insert(member);
        }
        attempt.words.insert(member, Word { flight, misses, accused });
    }

    /// What this node itself sees of a member.
    pub(crate) fn see(&mut self, session: &SessionId, member: ParticipantIndex) {
        if let Some(attempt) = self.attempts.get_mut(session) {
            attempt.at_fault.insert(member);
        }
    }

    /// Whether nothing more is to be expected of an attempt: it cannot succeed, and everybody has spoken, but for those who
    /// more say sent something wrong than may lie, which are `spare`. Who is missed may yet say why.
    pub(crate) fn is_over(&self, session: &SessionId, spare: usize) -> bool {
        let Some(attempt) = self.attempts.get(session) else { return true };
        let own = self.own.and_then(|own| attempt.words.get(&own));
        if !attempt.at_fault.is_empty() || own.is_some_and(|own| !own.accused.is_empty()) {
            return true;
        }
        let is_blamed = |index: &ParticipantIndex| {
            let blames = |word: &&Word| !word.misses && word.accused.contains(index);
            attempt.words.values().filter(blames).count() > spare
        };
        attempt.quorum.iter().all(|index| attempt.words.contains_key(index) || is_blamed(index))
    }

    /// Of whom one accused the other, both ways round.
    pub(crate) fn at_odds(&self) -> BTreeSet<(ParticipantIndex, ParticipantIndex)> {
        let accusers = self.accusers();
        let each = accusers.iter().flat_map(|(accused, by)| by.iter().map(|by| (*accused, *by)));
        each.flat_map(|(accused, by)| [(accused, by), (by, accused)]).collect()
    }

    /// How much speaks against members, of whom `spare` may lie.
    pub(crate) fn suspicion(&self, spare: usize) -> BTreeMap<ParticipantIndex, usize> {
        let mut suspicion = BTreeMap::new();
        let mut add = |index: ParticipantIndex, much: usize| {
            let entry: &mut usize = suspicion.entry(index).or_default();
            *entry = entry.saturating_add(much);
        };
        for attempt in self.attempts.values() {
            // More than any words of others can come to.
            attempt.at_fault.iter().for_each(|index| add(*index, attempt.quorum.len()));
            if attempt.is_unexplained && attempt.at_fault.is_empty() {
                let others = attempt.quorum.iter().filter(|index| self.own != Some(**index));
                others.for_each(|index| add(*index, 1));
            }
        }
        for (accused, by) in self.accusers() {
            add(accused, by.len());
            if by.len() <= spare && self.own.is_none_or(|own| !by.contains(&own)) {
                by.iter().for_each(|index| add(*index, 1));
            }
        }
        suspicion
    }

    /// By whom members are accused.
    fn accusers(&self) -> BTreeMap<ParticipantIndex, BTreeSet<ParticipantIndex>> {
        let mut accusers: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for attempt in self.attempts.values() {
            for (by, word) in &attempt.words {
                for accused in &word.accused {
                    let stopped = attempt.words.get(accused).is_some_and(|own| own.flight < word.flight);
                    if !(word.misses && stopped) {
                        accusers.entry(*accused).or_default().insert(*by);
                    }
                }
            }
        }
        accusers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Refusal;

    const SESSION: SessionId = SessionId([1; 32]);
    /// Of 7 members, 2 may lie.
    const SPARE: usize = 2;

    fn index(value: u8) -> ParticipantIndex {
        ParticipantIndex::new(value).expect("not zero")
    }

    fn indices(values: &[u8]) -> Vec<ParticipantIndex> {
        values.iter().copied().map(index).collect()
    }

    /// By whom, in which flight, what.
    type Said = (u8, u8, Failure);

    fn misses(by: u8, flight: u8, missing: &[u8]) -> Said {
        (by, flight, Failure::TimedOut(indices(missing)))
    }

    fn blames(by: u8, flight: u8, culprits: &[u8]) -> Said {
        (by, flight, Failure::Protocol { culprits: indices(culprits), reason: String::new() })
    }

    /// After an attempt of 1 to 5, of which 1 is this node if `own`.
    fn after(said: &[Said], own: bool) -> Testimony {
        let mut testimony = Testimony::default();
        testimony.called(SESSION, indices(&[1, 2, 3, 4, 5]), Duration::from_secs(10));
        for (member, flight, failure) in said {
            let witness = Witness {
                member: index(*member),
                own: own && *member == 1,
                at: Duration::from_secs(13),
                flight: *flight,
            };
            testimony.hear(&SESSION, witness, failure);
        }
        testimony
    }

    fn suspects(said: &[Said]) -> Vec<(u8, usize)> {
        counts(&after(said, false))
    }

    fn counts(testimony: &Testimony) -> Vec<(u8, usize)> {
        testimony.suspicion(SPARE).into_iter().map(|(index, much)| (index.get(), much)).collect()
    }

    #[test]
    fn one_members_word_should_prove_nothing() {
        let testimony = after(&[misses(1, 1, &[5])], false);
        assert_eq!(counts(&testimony), [(1, 1), (5, 1)]);
        let at_odds = testimony.at_odds();
        assert!(at_odds.contains(&(index(5), index(1))) && !at_odds.contains(&(index(2), index(5))));
    }

    #[test]
    fn whom_more_accuse_than_may_lie_should_be_suspect_alone() {
        // Two may both lie, and three may not.
        assert_eq!(suspects(&[misses(1, 1, &[5]), misses(2, 1, &[5])]), [(1, 1), (2, 1), (5, 2)]);
        let three = [blames(1, 2, &[5]), blames(2, 2, &[5]), blames(3, 2, &[5])];
        assert_eq!(suspects(&three), [(5, 3)]);
        // What it says of others does not count for it.
        let answered = [misses(1, 1, &[5]), misses(2, 1, &[5]), misses(3, 1, &[5]), misses(5, 1, &[1])];
        assert_eq!(suspects(&answered), [(1, 1), (5, 4)]);
    }

    #[test]
    fn who_says_where_it_stopped_should_not_be_missed_later() {
        // 5 is silent to 1, who sends nothing in the second flight: the others wait for 1, and 5 says so too.
        let silent_to_one = [
            misses(1, 1, &[5]),
            misses(2, 2, &[1]),
            misses(3, 2, &[1]),
            misses(4, 2, &[1]),
            misses(5, 2, &[1]),
        ];
        let testimony = after(&silent_to_one, false);
        assert_eq!(counts(&testimony), [(1, 1), (5, 1)]);
        assert!(!testimony.at_odds().contains(&(index(1), index(2))), "two honest members");
        // In another order, it is the same.
        let mut reversed = silent_to_one.to_vec();
        reversed.reverse();
        assert_eq!(suspects(&reversed), [(1, 1), (5, 1)]);
        // A check of its own failed for 1: it says so, and the others wait for it.
        let failed = [blames(1, 2, &[5]), misses(2, 3, &[1]), misses(3, 3, &[1]), misses(4, 3, &[1])];
        assert_eq!(suspects(&failed), [(1, 1), (5, 1)]);
        // Who claims to have got so far has sent what is missed.
        let claims = [blames(5, 2, &[1]), misses(1, 2, &[5]), misses(2, 2, &[5]), misses(3, 2, &[5])];
        assert_eq!(suspects(&claims), [(1, 1), (5, 4)]);
    }

    #[test]
    fn a_node_should_believe_itself() {
        let testimony = after(&[misses(1, 1, &[5]), misses(2, 1, &[5]), misses(3, 1, &[1])], true);
        assert_eq!(counts(&testimony), [(1, 1), (3, 1), (5, 2)], "who accuses it is suspect, and so is it");
        assert!(testimony.at_odds().contains(&(index(1), index(5))));
        assert!(testimony.is_over(&SESSION, SPARE));
        assert_eq!(counts(&after(&[blames(1, 2, &[])], true)), [(2, 1), (3, 1), (4, 1), (5, 1)]);
    }

    #[test]
    fn what_needs_no_other_word_should_count_at_once() {
        assert_eq!(suspects(&[(1, 0, Failure::Refused(Refusal::Busy))]), [(1, 5)]);
        // Then nobody has a reason to accuse who refused.
        let refused = [(1, 0, Failure::Refused(Refusal::Busy)), misses(2, 1, &[1])];
        assert_eq!(suspects(&refused), [(1, 5)]);
        // Somebody who was not called, or itself, or nobody: then it is the witness who is at fault.
        assert_eq!(suspects(&[misses(1, 1, &[7])]), [(1, 5)]);
        assert_eq!(suspects(&[misses(1, 1, &[1])]), [(1, 5)]);
        assert_eq!(suspects(&[misses(1, 1, &[])]), [(1, 5)]);
        // Who claims too early to have waited.
        let mut testimony = after(&[], false);
        let early = Witness { member: index(3), own: false, at: Duration::from_secs(12), flight: 1 };
        testimony.hear(&SESSION, early, &Failure::TimedOut(indices(&[5])));
        assert_eq!(counts(&testimony), [(3, 5)]);
        assert!(testimony.is_over(&SESSION, SPARE));
        // Where nobody can be named it may be any of them, however many say so.
        let unexplained = [blames(1, 2, &[]), blames(2, 2, &[])];
        assert_eq!(suspects(&unexplained), [1, 2, 3, 4, 5].map(|index| (index, 1)));
    }

    #[test]
    fn an_attempt_should_be_heard_out() {
        let two = [blames(1, 2, &[4, 5]), blames(2, 2, &[4, 5])];
        assert!(!after(&two, false).is_over(&SESSION, SPARE));
        let three = [two.as_slice(), &[blames(3, 2, &[4, 5])]].concat();
        let testimony = after(&three, false);
        assert!(testimony.is_over(&SESSION, SPARE), "4 and 5 need say nothing");
        assert_eq!(counts(&testimony), [(4, 3), (5, 3)]);
        let missed = [misses(1, 2, &[4]), misses(2, 2, &[4]), misses(3, 2, &[4]), misses(5, 2, &[4])];
        assert!(!after(&missed, false).is_over(&SESSION, SPARE), "4 may have stopped before, and say why");
        let explained = [missed.as_slice(), &[misses(4, 1, &[5])]].concat();
        assert!(after(&explained, false).is_over(&SESSION, SPARE));
        let mut seen = after(&[], false);
        seen.see(&SESSION, index(2));
        assert!(seen.is_over(&SESSION, SPARE));
    }

    #[test]
    fn each_should_answer_once_where_it_was_called() {
        let mut testimony = after(&[], false);
        assert_eq!(testimony.silent(&SESSION), indices(&[1, 2, 3, 4, 5]));
        assert!(testimony.answers(&SESSION, index(1)).is_some());
        assert!(testimony.answers(&SESSION, index(1)).is_none(), "again");
        assert!(testimony.answers(&SESSION, index(6)).is_none(), "was not called");
        assert!(testimony.answers(&SessionId([2; 32]), index(2)).is_none(), "another session");
        assert_eq!(testimony.silent(&SESSION), indices(&[2, 3, 4, 5]));
    }
}
