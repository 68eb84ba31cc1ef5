//! Members show their machines to a client: each makes a fresh report for the client's nonce, the gateway gathers them and
//! judges nothing. Whoever does not answer is named.

use conclave_client::Attestation;
use conclave_primitives::{Committee, ParticipantIndex, SessionId};
use rand_core::CryptoRng;
use std::{collections::BTreeMap, time::Duration};

use super::Worker;
use crate::{
    event::{Effect, Machines, Reply, Ticket},
    limits::{
        MAX_GATHERED_MACHINES, MAX_PROOFS, MAX_PROOFS_PER_PEER, MAX_PROOF_PART_BYTES, MAX_REASON_BYTES,
        PROOF_TIMEOUT,
    },
    message::{Body, TransportKey},
    ports::StoreRecords,
    session_id::proof_session_id,
    Failure, Refusal, SignError,
};

/// Reports that a client of this node waits for.
pub(super) struct Gathered {
    ticket: Ticket,
    committee: Committee,
    answers: BTreeMap<ParticipantIndex, Result<Box<Attestation>, Failure>>,
    pub(super) deadline: Duration,
}

/// A report that our own machine makes.
pub(super) struct Proving {
    asker: TransportKey,
    pub(super) deadline: Duration,
}

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    /// A client of this node asks for the machine of every member.
    pub(super) fn on_machines_requested(&mut self, now: Duration, ticket: Ticket, nonce: [u8; 32]) {
        let gathering = self.gather_machines(now, ticket, nonce);
        self.reply_error(ticket, gathering);
    }

    fn gather_machines(&mut self, now: Duration, ticket: Ticket, nonce: [u8; 32]) -> Result<(), SignError> {
        let committee = self.view.committee.clone().ok_or_else(|| self.not_ready())?;
        if self.gathered.len() >= MAX_GATHERED_MACHINES {
            return Err(SignError::Refused(Refusal::Busy));
        }
        let mut salt = [0; 32];
        self.rng.fill_bytes(&mut salt);
        let id = proof_session_id(&self.genesis, &self.me, &nonce, &salt);
        let members: Vec<_> =
            committee.indices().zip(committee.members.iter().map(|member| member.keys.transport)).collect();
        let is_there = |peer: &TransportKey| *peer == self.me || self.peers.contains_key(peer);
        // Nobody waits for whom no message reaches.
        let (there, away): (Vec<_>, Vec<_>) = members.into_iter().partition(|(_, peer)| is_there(peer));
        let answers =
            away.into_iter().map(|(index, _)| (index, Err(Failure::TimedOut(vec![index])))).collect();
        let deadline = now.saturating_add(PROOF_TIMEOUT);
        self.gathered.insert(id, Gathered { ticket, committee, answers, deadline });
        for (_, peer) in there {
            self.send(peer, id, 0, Body::Prove { nonce });
        }
        self.finish_if_all_answered(id);
        Ok(())
    }

    /// A gateway asks for our machine.
    pub(super) fn on_prove(&mut self, now: Duration, from: TransportKey, id: SessionId, nonce: [u8; 32]) {
        let of_asker = self.proving.values().filter(|proving| proving.asker == from).count();
        if self.proving.contains_key(&id) {
            return;
        }
        if self.proving.len() >= MAX_PROOFS || of_asker >= MAX_PROOFS_PER_PEER {
            return self.send(from, id, 0, Body::Proven(Err(Refusal::Busy)));
        }
        let deadline = now.saturating_add(PROOF_TIMEOUT);
        self.proving.insert(id, Proving { asker: from, deadline });
        self.effects.push(Effect::Prove { session: id, nonce });
    }

    /// Our machine has made its report, or has not.
    pub(super) fn on_proved(&mut self, id: SessionId, made: Result<Box<Attestation>, String>) {
        let Some(Proving { asker, .. }) = self.proving.remove(&id) else { return };
        let answer = made.map_err(|mut reason| {
            let end = (0..=MAX_REASON_BYTES).rev().find(|at| reason.is_char_boundary(*at));
            reason.truncate(end.unwrap_or_default());
            Refusal::Machine(reason)
        });
        self.send(asker, id, 0, Body::Proven(answer));
    }

    /// A member has answered.
    pub(super) fn on_proven(
        &mut self,
        from: TransportKey,
        id: SessionId,
        answer: Result<Box<Attestation>, Refusal>,
    ) {
        let Some(gathered) = self.gathered.get_mut(&id) else { return };
        let Some(index) = gathered.committee.index_of_transport(&from) else { return };
        let keys = gathered.committee.member(index).map(|member| member.keys);
        let answer = match answer {
            Ok(proof) if Some(proof.worker_keys) != keys || !is_sound(&proof) => {
                Err(Failure::Refused(Refusal::Machine("not an answer of this member's machine".into())))
            }
            answer => answer.map_err(Failure::Refused),
        };
        gathered.answers.entry(index).or_insert(answer);
        self.finish_if_all_answered(id);
    }

    fn finish_if_all_answered(&mut self, id: SessionId) {
        let is_whole = |gathered: &Gathered| {
            gathered.committee.indices().all(|index| gathered.answers.contains_key(&index))
        };
        if self.gathered.get(&id).is_some_and(is_whole) {
            self.finish_gathering(id);
        }
    }

    fn finish_gathering(&mut self, id: SessionId) {
        let Some(Gathered { ticket, committee, mut answers, .. }) = self.gathered.remove(&id) else { return };
        let silent = |index| Err(Failure::TimedOut(vec![index]));
        let members = committee
            .indices()
            .map(|index| (index, answers.remove(&index).unwrap_or_else(|| silent(index))))
            .collect();
        let reply = Reply::Machines(Machines { committee: committee.attempt_id(), members });
        self.effects.push(Effect::Reply { ticket, result: Ok(reply) });
    }

    pub(super) fn expire_machines(&mut self, now: Duration) {
        self.proving.retain(|_, proving| proving.deadline > now);
        let late: Vec<_> =
            self.gathered.iter().filter(|(_, of)| of.deadline <= now).map(|(id, _)| *id).collect();
        for id in late {
            self.finish_gathering(id);
        }
    }
}

/// The client checks what it says; here only that a member does not make the gateway carry more than a report.
fn is_sound(proof: &Attestation) -> bool {
    [&proof.session_keys, &proof.report, &proof.vcek].iter().all(|part| part.len() <= MAX_PROOF_PART_BYTES)
}
