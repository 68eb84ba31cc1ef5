//! What cannot be proven is reported as it is seen: whom we have banned, and who was not there.

use conclave_primitives::{Committee, Epoch, ParticipantIndex, Participants, PeerReport, SessionId};
use rand_core::CryptoRng;
use std::collections::BTreeMap;

use super::Worker;
use crate::{
    event::Effect,
    limits::{ABSENT_BLOCKS, ACCUSATION_TRIES, RESUBMIT_AFTER, UNANSWERED_CALLS},
    message::TransportKey,
    ports::StoreRecords,
    WorkerCall,
};

/// What this member says of the others in an epoch.
#[derive(Default)]
pub(super) struct PeerWatch {
    epoch: Epoch,
    /// For how many blocks each could not be reached.
    missed: BTreeMap<TransportKey, u32>,
    /// Our calls for sessions that each has not answered.
    unanswered: BTreeMap<TransportKey, Unanswered>,
    /// What was submitted last, how often, and at which finalized block.
    submitted: PeerReport,
    tries: u8,
    at: u32,
}

/// Calls since the last answer. Our own only: of another's call nobody knows whether it went to all.
struct Unanswered {
    /// The finalized block at the first.
    since: u32,
    calls: u32,
    last: SessionId,
}

impl PeerWatch {
    /// A member was called for a session that we coordinate.
    pub(super) fn called(&mut self, peer: TransportKey, session: SessionId, finalized: u32) {
        let unanswered =
            self.unanswered.entry(peer).or_insert(Unanswered { since: finalized, calls: 0, last: session });
        unanswered.calls = unanswered.calls.saturating_add(1);
        unanswered.last = session;
    }

    /// A member said how a session ended for it, as it may also after we have given that up.
    pub(super) fn answered(&mut self, peer: &TransportKey, session: SessionId) {
        if self.unanswered.get(peer).is_some_and(|unanswered| unanswered.last == session) {
            self.unanswered.remove(peer);
        }
    }

    /// A lost message, or a session that others spoilt, makes nobody absent: only many calls over the whole time do.
    fn never_answers(&self, peer: &TransportKey, finalized: u32) -> bool {
        self.unanswered.get(peer).is_some_and(|unanswered| {
            unanswered.calls >= UNANSWERED_CALLS
                && finalized >= unanswered.since.saturating_add(ABSENT_BLOCKS)
        })
    }
}

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    /// Counts who cannot be reached, over `blocks` that were finalized, and tells the chain what there is to tell.
    pub(super) fn watch_peers(&mut self, blocks: u32) {
        let Some(committee) = self.view.committee.clone() else { return };
        let Some(index) = committee.index_of_transport(&self.me) else { return };
        if self.watch.epoch != committee.epoch {
            self.watch = PeerWatch { epoch: committee.epoch, ..PeerWatch::default() };
        }
        self.count_missed(&committee, blocks);
        let report = self.peer_report(&committee, index);
        let finalized = self.view.finalized;
        let news = report.adds_to(&self.watch.submitted);
        let lost = finalized >= self.watch.at.saturating_add(RESUBMIT_AFTER)
            && (1..ACCUSATION_TRIES).contains(&self.watch.tries);
        if !news && !lost {
            return;
        }
        self.watch.tries = if news { 1 } else { self.watch.tries.saturating_add(1) };
        self.watch.at = finalized;
        let epoch = committee.epoch;
        let call = WorkerCall::report_peers(&self.secrets, &self.genesis, epoch, index, report.clone());
        self.watch.submitted = report;
        self.effects.push(Effect::Submit(call));
    }

    fn count_missed(&mut self, committee: &Committee, blocks: u32) {
        let reachable = self.reachable(committee);
        // Whoever sees fewer than t members is itself the one that is away.
        if !u32::try_from(reachable.len()).is_ok_and(|count| count >= committee.threshold) {
            return;
        }
        for index in committee.indices().filter(|index| !reachable.contains(index)) {
            let Some(member) = committee.member(index) else { continue };
            let missed = self.watch.missed.entry(member.keys.transport).or_default();
            *missed = missed.saturating_add(blocks);
        }
    }

    fn peer_report(&self, committee: &Committee, index: ParticipantIndex) -> PeerReport {
        let others = |says: &dyn Fn(&TransportKey) -> bool| {
            let of = |other: &ParticipantIndex| {
                *other != index && committee.member(*other).is_some_and(|member| says(&member.keys.transport))
            };
            let named: std::collections::BTreeSet<_> = committee.indices().filter(of).collect();
            // As many as a committee has members at most.
            Participants::try_from(named).unwrap_or_default()
        };
        let never_answers =
            |transport: &TransportKey| self.watch.never_answers(transport, self.view.finalized);
        let silent = others(&never_answers);
        // Whoever hears fewer than t members is itself the one that is not heard.
        let heard = committee.members.len().saturating_sub(silent.len());
        let hears = u32::try_from(heard).is_ok_and(|heard| heard >= committee.threshold);
        PeerReport {
            banned: others(&|transport| self.banned.contains(transport)),
            absent: others(&|transport| {
                self.watch.missed.get(transport).is_some_and(|missed| *missed >= ABSENT_BLOCKS)
                    || (hears && never_answers(transport))
            }),
        }
    }
}
