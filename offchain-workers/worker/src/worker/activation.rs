//! The first signature of a committee, with which it takes over: whoever confirmed coordinates, in turns by index, until the
//! chain shows it.

use conclave_primitives::{AttemptId, AttemptKind, AttemptView, Committee};
use conclave_protocols::ECDSA_CURVES;
use rand_core::CryptoRng;
use std::time::Duration;

use super::Worker;
use crate::{
    coordinator::Origin,
    event::Effect,
    limits::{ACTIVATION_BEFORE_DEADLINE, ACTIVATION_TURN, LAST_ACTIVATION_TURN},
    ports::StoreRecords,
    reconcile::Job,
    Task, WorkerCall,
};

/// What we have done to activate an attempt's committee.
pub(super) struct Activation {
    attempt: AttemptId,
    /// Since when it is time for it, and others may be at it.
    since: Duration,
    /// How many quorums we have called: members follow each call once.
    called: u8,
    /// The signature, until the chain shows it.
    signature: Option<[u8; 64]>,
}

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    pub(super) fn activate(&mut self, now: Duration, id: AttemptId) {
        let task = Task::Activate(id);
        let (Some(attempt), Some(committee)) = (&self.view.attempt, self.committee_for(&task)) else {
            return;
        };
        let Some(index) = self.holdings.get(&id).map(|holding| holding.index) else { return };
        let known = self.activation.as_ref().filter(|activation| activation.attempt == id);
        if let Some(signature) = known.and_then(|activation| activation.signature) {
            // The chain did not take it yet.
            return self.submit_activation(id, signature);
        }
        let ends_soon = self.view.finalized.saturating_add(ACTIVATION_BEFORE_DEADLINE) >= attempt.deadline;
        if !ends_soon && !self.is_time_to_activate(attempt, &committee) {
            return;
        }
        let before = attempt.confirmed.iter().filter(|member| **member < index).count();
        let (since, called) = known.map_or((now, 0), |activation| (activation.since, activation.called));
        self.activation = Some(Activation { attempt: id, since, called, signature: None });
        let turn = if ends_soon { LAST_ACTIVATION_TURN } else { ACTIVATION_TURN };
        let turn = turn.saturating_mul(u32::try_from(before).unwrap_or(u32::MAX));
        if now < since.saturating_add(turn) || self.coordinations.contains_key(&task.id(&self.genesis)) {
            return;
        }
        let origin = Origin::Activation { called };
        if let Err(refusal) = self.coordinate(now, task, committee, origin, None, None) {
            log::warn!(target: "conclave::keygen", "activation of {id:?}: {refusal}");
        }
    }

    /// A committee that takes over from another does so when it can sign with every scheme, so that nobody waits for its
    /// set-ups. Only when the attempt would fail otherwise it does so before: fresh shares cannot wait for a pair that does
    /// not work.
    fn is_time_to_activate(&self, attempt: &AttemptView, committee: &Committee) -> bool {
        let reachable = self.reachable(committee);
        attempt.kind == AttemptKind::Keygen
            || ECDSA_CURVES.iter().all(|curve| self.is_paired(committee, &reachable, *curve))
    }

    /// Our quorum has signed.
    pub(super) fn activation_signed(&mut self, id: AttemptId, signature: [u8; 64]) {
        if let Some(activation) = self.activation.as_mut().filter(|activation| activation.attempt == id) {
            activation.signature = Some(signature);
        }
        self.submit_activation(id, signature);
    }

    /// None of our quorums has: the next ones are numbered on.
    pub(super) fn activation_not_signed(&mut self, id: AttemptId, called: u8) {
        if let Some(activation) = self.activation.as_mut().filter(|activation| activation.attempt == id) {
            activation.called = called;
        }
    }

    fn submit_activation(&mut self, attempt: AttemptId, signature: [u8; 64]) {
        self.submitted.insert(Job::Activate(attempt), self.view.finalized);
        self.effects.push(Effect::Submit(WorkerCall::Activate { attempt, signature }));
    }
}
