//! A member's side of a task: check it by oneself, run the session, tell the coordinator.

use conclave_auth::{Authenticated, Verdict};
use conclave_primitives::{
    activation_bytes, token_key, AttemptId, Committee, Curve, DecryptItem, DecryptionStatement, KeyId,
    ParticipantIndex, Purpose as KeyPurpose, Scheme, SessionId, MAX_REQUEST_LIFETIME, TOKEN_SCHEME,
};
use conclave_protocols::{ProtocolError, SigningKey};
use rand_core::CryptoRng;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{authorisation::Asker, deferred::Deferred, Worker};
use crate::{
    event::Effect,
    evidence::Subject,
    holding::public_key,
    limits::{
        MAX_ECDSA_SESSIONS_PER_PAIR, MAX_SESSIONS, MAX_SESSIONS_OF_OUTSIDERS, MAX_SESSIONS_PER_COORDINATOR,
        SESSION_TIMEOUT,
    },
    message::{Body, Outcome, Start, TransportKey},
    ports::{ReadChain, StoreRecords},
    session::{Computed, Product, Progress, Purpose, Running, Session},
    session_id::session_id,
    task::{Resolved, Work},
    Failure, Refusal, Task,
};

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    pub(super) fn on_start(
        &mut self,
        now: Duration,
        from: TransportKey,
        session: SessionId,
        start: Start,
        chain: &impl ReadChain,
    ) {
        let call = self.arrived(now, from, start.finalized, (session, start));
        self.start_or_defer(now, call, chain);
    }

    /// Starts what waited until our chain had caught up.
    pub(super) fn start_deferred(&mut self, now: Duration, chain: &impl ReadChain) {
        for call in self.deferred.take(now) {
            self.start_or_defer(now, call, chain);
        }
    }

    fn start_or_defer(&mut self, now: Duration, call: Deferred<(SessionId, Start)>, chain: &impl ReadChain) {
        let admitted = self.deferred.admit(now, self.view.finalized, call);
        let Some(Deferred { from, call: (session, start), .. }) = admitted else { return };
        let (committee, resolved) = match self.called(&start) {
            Ok(called) => called,
            // Our own id of the session would be of what there is not: the coordinator's has to do.
            Err(refusal) => return self.report_failure(from, session, Err(Failure::Refused(refusal))),
        };
        let id = session_id(&self.genesis, &from, &resolved, &start);
        if self.sessions.contains_key(&id) || self.inquires_for(&id) || self.evaluates_for(&id) {
            return;
        }
        let joined = self.take_part(now, from, start, &committee, &resolved, id, chain);
        self.report_failure(from, id, joined);
    }

    /// Who is called, and what for.
    fn called(&self, start: &Start) -> Result<(Committee, Resolved), Refusal> {
        let called = self.committee_for(&start.task).filter(|of| of.attempt_id() == start.committee);
        let committee = called.ok_or(Refusal::OtherCommittee)?;
        let resolved = resolve(&self.genesis, &committee, &start.task)?;
        Ok((committee, resolved))
    }

    /// Tells the coordinator if we do not take part.
    pub(super) fn report_failure(
        &mut self,
        coordinator: TransportKey,
        id: SessionId,
        joined: Result<(), Failure>,
    ) {
        if let Err(failure) = joined {
            log::info!(target: "conclave::sign", "session {id}: {failure}");
            self.send(coordinator, id, 0, Body::Outcome(Outcome::none(failure)));
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one call site; the parts of one call for a session")]
    fn take_part(
        &mut self,
        now: Duration,
        from: TransportKey,
        start: Start,
        committee: &Committee,
        resolved: &Resolved,
        id: SessionId,
        chain: &impl ReadChain,
    ) -> Result<(), Failure> {
        let quorum: BTreeSet<ParticipantIndex> = start.quorum.iter().copied().collect();
        let sorted = start.quorum.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
        let holding = self.holdings.get(&committee.attempt_id());
        let index = holding.map(|holding| holding.index).ok_or(Failure::Refused(Refusal::NotReady))?;
        if !sorted || !quorum.contains(&index) || u32::try_from(quorum.len()) != Ok(committee.threshold) {
            return Err(Failure::Refused(Refusal::BadStart));
        }
        let own_boot = start.quorum.iter().zip(&start.boots).find(|(member, _)| **member == index);
        if start.boots.len() != quorum.len() || own_boot.map(|(_, boot)| boot) != Some(&self.boot) {
            return Err(Failure::Refused(Refusal::BadStart));
        }
        self.check_room(&from, &start, committee, resolved).map_err(Failure::Refused)?;
        if let Task::SignForAction(execution, wanted) = &start.task {
            self.entitle_action(&from, execution, wanted, chain).map_err(Failure::Refused)?;
            return self.sign(now, from, &start, committee, resolved, id);
        }
        let Some((asked, entitlement)) = start.task.asked(&self.genesis) else {
            // The chain's state entitles to it, and a member has to call it.
            return match committee.index_of_transport(&from) {
                Some(_) => self.sign(now, from, &start, committee, resolved, id),
                None => Err(Failure::Refused(Refusal::BadStart)),
            };
        };
        match self.authenticate(&asked, &entitlement.authorisation, chain).map_err(Failure::Refused)? {
            Verdict::Authenticated(who) => {
                self.entitle(now, from, &start, (committee, resolved), id, &who, chain)
            }
            Verdict::Ask(question) => {
                let asker = Asker::Coordinator(from, id, Box::new(start));
                self.inquire(now, asker, question).map_err(Failure::Refused)
            }
        }
    }

    /// Takes part in what an answer from outside decided. In the meantime another committee may serve, and others may
    /// have taken the room.
    pub(super) fn join(
        &mut self,
        now: Duration,
        from: TransportKey,
        start: &Start,
        id: SessionId,
        who: &Authenticated,
        chain: &impl ReadChain,
    ) -> Result<(), Failure> {
        let (committee, resolved) = self.called(start).map_err(Failure::Refused)?;
        self.check_room(&from, start, &committee, &resolved).map_err(Failure::Refused)?;
        self.entitle(now, from, start, (&committee, &resolved), id, who, chain)
    }

    /// Does what was asked if finalized state, and the conditions, let them.
    #[expect(clippy::too_many_arguments, reason = "the parts of one call for a session, and who asks")]
    fn entitle(
        &mut self,
        now: Duration,
        from: TransportKey,
        start: &Start,
        (committee, resolved): (&Committee, &Resolved),
        id: SessionId,
        who: &Authenticated,
        chain: &impl ReadChain,
    ) -> Result<(), Failure> {
        match &start.task {
            Task::Sign(request, entitlement) => {
                self.permit_signature(request, who, entitlement.listed.as_ref(), chain)
                    .map_err(Failure::Refused)?;
                self.sign(now, from, start, committee, resolved, id)
            }
            Task::Certify(request, entitlement, certificate) => {
                let own = self.certificate(request, who, entitlement.listed.as_ref(), committee, chain);
                if own.map_err(Failure::Refused)? != *certificate {
                    return Err(Failure::Refused(Refusal::BadStart));
                }
                self.sign(now, from, start, committee, resolved, id)
            }
            Task::Decrypt(request, entitlement) => {
                let call = (from, start, id);
                self.evaluate_items(now, call, committee, request, (who, entitlement), chain)
                    .map_err(Failure::Refused)
            }
            Task::Token(request, entitlement, statement) => {
                let own = self.token_statement(
                    request,
                    who,
                    entitlement.listed.as_ref(),
                    statement.issued_at,
                    chain,
                );
                if own.map_err(Failure::Refused)? != *statement {
                    return Err(Failure::Refused(Refusal::BadStart));
                }
                self.evaluate_token(now, (from, start, id), request, (who, entitlement), chain)
                    .map_err(Failure::Refused)
            }
            Task::Activate(_) | Task::SignForAction(..) => Err(Failure::Refused(Refusal::BadStart)),
        }
    }

    /// Starts to sign after conditions were evaluated: in the meantime another committee may serve.
    pub(super) fn sign_later(
        &mut self,
        now: Duration,
        from: TransportKey,
        start: &Start,
        id: SessionId,
    ) -> Result<(), Failure> {
        let (committee, resolved) = self.called(start).map_err(Failure::Refused)?;
        self.check_room(&from, start, &committee, &resolved).map_err(Failure::Refused)?;
        self.sign(now, from, start, &committee, &resolved, id)
    }

    /// Starts to sign what the task comes to.
    fn sign(
        &mut self,
        now: Duration,
        from: TransportKey,
        start: &Start,
        committee: &Committee,
        resolved: &Resolved,
        id: SessionId,
    ) -> Result<(), Failure> {
        let Work::Sign { scheme, message } = &resolved.work else {
            return Err(Failure::Refused(Refusal::BadStart));
        };
        let what = (resolved.key, *scheme, message.as_slice());
        let quorum = start.quorum.iter().copied().collect();
        let task = start.task.id(&self.genesis);
        let session = self.start_session(now, from, task, committee, what, &quorum, id)?;
        self.note(from, start);
        self.open_session(now, id, session);
        Ok(())
    }

    /// Remembers that an attempt has started.
    pub(super) fn note(&mut self, from: TransportKey, start: &Start) {
        let latest = self.view.finalized.saturating_add(MAX_REQUEST_LIFETIME);
        let valid_until = start.task.valid_until().unwrap_or(latest);
        self.memory.note(start.task.id(&self.genesis), start.task.quota(), from, start.attempt, valid_until);
    }

    /// Each attempt runs once. Nobody may take all the sessions, nor many with one pair's OT state.
    fn check_room(
        &self,
        coordinator: &TransportKey,
        start: &Start,
        committee: &Committee,
        resolved: &Resolved,
    ) -> Result<(), Refusal> {
        let task = start.task.id(&self.genesis);
        self.memory.check(&task, start.task.quota(), coordinator, start.attempt)?;
        // What is decrypted has a room of its own.
        let Work::Sign { scheme, .. } = &resolved.work else { return Ok(()) };
        let is_outsider = |key: &TransportKey| committee.index_of_transport(key).is_none();
        let of = |wanted: &dyn Fn(&TransportKey) -> bool| {
            let of_task = |session: &&Session| match &session.purpose {
                Purpose::Task { coordinator, .. } => wanted(coordinator),
                Purpose::Pair(..) => false,
            };
            self.sessions.values().filter(of_task).count()
        };
        let with = |peer: &ParticipantIndex| {
            self.sessions
                .values()
                .filter(|session| session.signs_on_pairs().is_some() && session.peers.contains_key(peer))
                .count()
        };
        let full = self.sessions.len() >= MAX_SESSIONS
            || of(&|key| key == coordinator) >= MAX_SESSIONS_PER_COORDINATOR
            || (is_outsider(coordinator) && of(&is_outsider) >= MAX_SESSIONS_OF_OUTSIDERS)
            || (scheme.is_ecdsa()
                && start.quorum.iter().any(|peer| with(peer) >= MAX_ECDSA_SESSIONS_PER_PAIR));
        if full {
            Err(Refusal::Busy)
        } else {
            Ok(())
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one call site; the parts of one session")]
    fn start_session(
        &mut self,
        now: Duration,
        coordinator: TransportKey,
        task: [u8; 32],
        committee: &Committee,
        (key_id, scheme, message): (KeyId, Scheme, &[u8]),
        quorum: &BTreeSet<ParticipantIndex>,
        id: SessionId,
    ) -> Result<Session, Failure> {
        let holding =
            self.holdings.get(&committee.attempt_id()).ok_or(Failure::Refused(Refusal::NotReady))?;
        let of_protocol = |error: ProtocolError| Failure::Protocol {
            culprits: error.culprits().into_iter().collect(),
            reason: error.to_string(),
        };
        let of = (committee.attempt_id(), key_id, scheme);
        let key = self.signing_keys.get_or_make(of, || {
            let share = holding
                .key_share(&self.genesis, committee, &key_id)
                .ok_or_else(|| protocol_failure("the key does not derive"))?;
            SigningKey::new(scheme, share).map_err(of_protocol)
        })?;
        let started = key.sign(&holding.pairs, quorum, &id, message, &mut self.rng);
        let (machine, outgoing) = started.map_err(of_protocol)?;
        let me = holding.index;
        let peers: BTreeMap<ParticipantIndex, TransportKey> = quorum
            .iter()
            .filter(|index| **index != me)
            .filter_map(|index| committee.member(*index).map(|member| (*index, member.keys.transport)))
            .collect();
        let own = outgoing.first().map(|message| message.payload.clone());
        let subject = own.filter(|_| !scheme.is_ecdsa()).map(|own| Subject {
            key: key_id,
            scheme,
            message: message.to_vec(),
            own: (me, own),
        });
        self.send_flight(id, committee.attempt_id(), &peers, 1, outgoing);
        let purpose = Purpose::Task { coordinator, task, committee: committee.attempt_id() };
        let deadline = now.saturating_add(SESSION_TIMEOUT);
        let session = Session::new(purpose, peers, deadline, Running::Signing(Box::new(machine)));
        Ok(session.about(subject))
    }

    pub(super) fn step_session(&mut self, now: Duration, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let curve = session.signs_on_pairs();
        let progress = session.step(id, &mut self.rng);
        self.follow_up(now, id, curve, progress);
    }

    /// A step of a session was run elsewhere. The session may be over by now.
    pub(super) fn on_computed(&mut self, now: Duration, computed: Computed) {
        let Computed { session: id, step } = computed;
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let progress = session.resume(step);
        let waits = matches!(progress, Progress::Waiting(_));
        self.follow_up(now, id, None, progress);
        if waits {
            // The next flight may be here already.
            self.step_session(now, id);
        }
    }

    fn follow_up(&mut self, now: Duration, id: SessionId, curve: Option<Curve>, progress: Progress) {
        let Some(session) = self.sessions.get(&id) else { return };
        let (purpose, peers) = (session.purpose.clone(), session.peers.clone());
        let attempt = purpose.committee();
        match progress {
            Progress::Waiting(sent) => self.send_all(id, attempt, &peers, sent),
            Progress::Computing(computation) => self.effects.push(Effect::Compute(Box::new(computation))),
            Progress::Done(sent, product) => {
                self.send_all(id, attempt, &peers, sent);
                self.sessions.remove(&id);
                match (product, purpose) {
                    (Product::Signature(signature), Purpose::Task { coordinator, task, .. }) => {
                        // Whoever has the signature of an activation may die before the chain has it: others may make one, too.
                        if task != Task::Activate(attempt).id(&self.genesis) {
                            self.memory.served(&task);
                        }
                        self.signed = self.signed.saturating_add(1);
                        self.send(coordinator, id, 0, Body::Outcome(Outcome::Signed(signature)));
                    }
                    (Product::Pair(pair), purpose) => self.keep_pair(now, purpose.committee(), *pair),
                    (Product::Signature(_), Purpose::Pair(..)) => {}
                }
            }
            Progress::Failed(sent, error) => {
                self.send_all(id, attempt, &peers, sent);
                let session = self.sessions.remove(&id);
                let flight = session.as_ref().map_or(0, Session::flight);
                let transcript = session.as_ref().and_then(Session::transcript);
                // Derived anew: the wrong are few.
                let public_key = |key: &KeyId| public_key(&self.genesis, self.committee_of(attempt)?, key);
                let proven: Vec<_> =
                    session.iter().flat_map(|session| session.evidence(&error, public_key)).collect();
                for evidence in proven {
                    self.accuse(evidence);
                }
                self.failed = self.failed.saturating_add(1);
                log::warn!(target: "conclave::sign", "session {id}: {error}");
                self.note_failed_pair(&purpose);
                self.settle_pairs(purpose.committee(), &error, curve, &peers);
                if let Purpose::Task { coordinator, .. } = purpose {
                    let failure = Failure::Protocol {
                        culprits: error.culprits().into_iter().collect(),
                        reason: error.to_string(),
                    };
                    let outcome = Outcome::Failed { flight, failure, transcript };
                    self.send(coordinator, id, 0, Body::Outcome(outcome));
                }
            }
        }
    }

    /// A failed check of a multiplication may have leaked a bit of the pair's OT state. Every other session on that
    /// state ends at once, unanswered: a peer that probes many in parallel learns from the first failure only.
    fn settle_pairs(
        &mut self,
        committee: AttemptId,
        error: &ProtocolError,
        curve: Option<Curve>,
        peers: &BTreeMap<ParticipantIndex, TransportKey>,
    ) {
        for peer in error.bans() {
            let hit: Vec<SessionId> = self
                .sessions
                .iter()
                .filter(|(_, session)| {
                    session.signs_on_pairs().is_some()
                        && session.purpose.committee() == committee
                        && session.peers.contains_key(&peer)
                })
                .map(|(id, _)| *id)
                .collect();
            for id in hit {
                let Some(session) = self.sessions.remove(&id) else { continue };
                let flight = session.flight();
                if let Purpose::Task { coordinator, .. } = session.purpose {
                    let failure =
                        Failure::Protocol { culprits: vec![peer], reason: "the pair is banned".to_owned() };
                    let outcome = Outcome::Failed { flight, failure, transcript: None };
                    self.send(coordinator, id, 0, Body::Outcome(outcome));
                }
            }
            if let Some(transport) = peers.get(&peer) {
                self.ban_pair(*transport);
            }
        }
        if let (ProtocolError::PairOutOfStep { counterparty }, Some(curve)) = (error, curve) {
            self.drop_pair(committee, curve, *counterparty);
        }
    }

    fn send_all(
        &mut self,
        id: SessionId,
        attempt: AttemptId,
        peers: &BTreeMap<ParticipantIndex, TransportKey>,
        sent: Vec<(u8, conclave_protocols::Outgoing)>,
    ) {
        for (flight, message) in sent {
            self.send_flight(id, attempt, peers, flight, vec![message]);
        }
    }

    pub(super) fn time_out_session(&mut self, id: SessionId) {
        let Some(session) = self.sessions.remove(&id) else { return };
        self.note_failed_pair(&session.purpose);
        self.failed = self.failed.saturating_add(1);
        if let Purpose::Task { coordinator, .. } = session.purpose {
            let (flight, failure) = (session.flight(), Failure::TimedOut(session.missing()));
            let outcome = Outcome::Failed { flight, failure, transcript: None };
            self.send(coordinator, id, 0, Body::Outcome(outcome));
        }
    }

    pub(super) fn committee_for(&self, task: &Task) -> Option<Committee> {
        match task {
            Task::Sign(..)
            | Task::Decrypt(..)
            | Task::Certify(..)
            | Task::Token(..)
            | Task::SignForAction(..) => self.view.committee.clone(),
            Task::Activate(id) => self.forming.clone().filter(|committee| committee.attempt_id() == *id),
        }
    }
}

/// What a task makes, with which key.
pub(super) fn resolve(
    genesis: &conclave_primitives::GenesisHash,
    committee: &Committee,
    task: &Task,
) -> Result<Resolved, Refusal> {
    match task {
        Task::Sign(request, _) => {
            let message = request
                .bytes_to_sign()
                .map_err(|error| Refusal::Payload { scheme: request.scheme, error })?;
            Ok(Resolved { key: request.key(), work: Work::Sign { scheme: request.scheme, message } })
        }
        Task::Activate(id) => {
            let key = root_key(committee, KeyPurpose::Result).ok_or(Refusal::NotReady)?;
            let message = activation_message(genesis, *id, committee);
            Ok(Resolved { key, work: Work::Sign { scheme: Scheme::Ed25519, message } })
        }
        Task::Certify(_, _, certificate) => {
            let key = root_key(committee, KeyPurpose::Result).ok_or(Refusal::NotReady)?;
            let message = certificate.bytes(genesis);
            Ok(Resolved { key, work: Work::Sign { scheme: Scheme::Ed25519, message } })
        }
        Task::SignForAction(_, wanted) => {
            let refused = |error| Refusal::Payload { scheme: wanted.scheme, error };
            let message = wanted.bytes_to_sign().map_err(refused)?;
            let key = wanted.key().ok_or(Refusal::BadStart)?;
            Ok(Resolved { key, work: Work::Sign { scheme: wanted.scheme, message } })
        }
        Task::Token(_, _, statement) => {
            let work = Work::Sign { scheme: TOKEN_SCHEME, message: statement.bytes.clone() };
            Ok(Resolved { key: token_key(), work })
        }
        Task::Decrypt(request, _) => {
            let key = root_key(committee, KeyPurpose::Decrypt).ok_or(Refusal::NotReady)?;
            let public_key = public_key(genesis, committee, &key).ok_or(Refusal::NotReady)?;
            let statement = |item: &DecryptItem| DecryptionStatement {
                public_key: public_key.clone(),
                identity: item.identity,
                client: request.client,
            };
            let statements = request.items.iter().map(statement).collect();
            Ok(Resolved { key, work: Work::Decrypt { statements } })
        }
    }
}

fn activation_message(
    genesis: &conclave_primitives::GenesisHash,
    id: AttemptId,
    committee: &Committee,
) -> Vec<u8> {
    activation_bytes(genesis, &id, committee.keyset, &committee.roots)
}

pub(super) fn root_key(committee: &Committee, purpose: KeyPurpose) -> Option<KeyId> {
    committee.roots.iter().find(|root| root.id.purpose == purpose).map(|root| KeyId::Root(root.id))
}

fn protocol_failure(reason: &str) -> Failure {
    Failure::Protocol { culprits: Vec::new(), reason: reason.to_owned() }
}
