//! Evidence goes to the chain, until it has had every chance to arrive.

use conclave_primitives::{AttemptId, Evidence, FaultClass};
use rand_core::CryptoRng;

use super::Worker;
use crate::{
    event::Effect,
    limits::{ACCUSATION_TRIES, MAX_ACCUSATIONS, RESUBMIT_AFTER},
    message::TransportKey,
    ports::StoreRecords,
    WorkerCall,
};

/// A report that was submitted.
pub(super) struct Accusation {
    attempt: AttemptId,
    culprit: TransportKey,
    /// One of each is enough, for the chain convicts once of each.
    class: FaultClass,
    call: WorkerCall,
    tries: u8,
    /// The finalized block at the last try.
    at: u32,
}

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    /// Reports a member, unless it has been for the same.
    pub(super) fn accuse(&mut self, evidence: Evidence) {
        let header = *evidence.header();
        let class = evidence.class();
        let known = |accusation: &Accusation| {
            (accusation.attempt, accusation.culprit, accusation.class) == (header.attempt, header.from, class)
        };
        // A gateway outside the committee is not heard.
        if self.accusations.iter().any(known)
            || self.accusations.len() >= MAX_ACCUSATIONS
            || !self.is_member(&self.me)
        {
            return;
        }
        log::warn!(target: "conclave::faults", "accuses {}", super::Hex(&header.from));
        let call = WorkerCall::report_fault(&self.secrets, &self.genesis, evidence);
        self.effects.push(Effect::Submit(call.clone()));
        self.accusations.push(Accusation {
            attempt: header.attempt,
            culprit: header.from,
            class,
            call,
            tries: 1,
            at: self.view.finalized,
        });
    }

    /// Submits again what may have got lost. The pool refuses what the chain has judged.
    pub(super) fn repeat_accusations(&mut self) {
        let finalized = self.view.finalized;
        if let Some(committee) = &self.view.committee {
            // The chain takes evidence about the committee before the one that serves.
            let oldest = committee.epoch.0.saturating_sub(1);
            self.accusations.retain(|accusation| accusation.attempt.epoch.0 >= oldest);
        }
        for accusation in &mut self.accusations {
            let due = finalized >= accusation.at.saturating_add(RESUBMIT_AFTER);
            if due && accusation.tries < ACCUSATION_TRIES {
                accusation.tries = accusation.tries.saturating_add(1);
                accusation.at = finalized;
                self.effects.push(Effect::Submit(accusation.call.clone()));
            }
        }
    }
}
