//! The gateway's side: clients' requests, and quorums for whatever is to be signed or decrypted.

use conclave_auth::{Authenticated, Verdict};
use conclave_client::token::with_signature;
use conclave_primitives::{
    BlockNumber, Committee, DecryptionShare, Entitlement, ParticipantIndex, RequestId, SessionId,
};
use rand_core::CryptoRng;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    authorisation::{unavailable, Asker},
    decryption::{one_time_key, statements, Gathered},
    member::resolve,
    Gathering, Worker,
};
use crate::{
    coordinator::{choose_quorum, Coordination, Current, Origin, Testimony, Witness},
    event::{Certified, Decrypted, Effect, Reply, Signed, SignedToken, Ticket},
    holding::public_key,
    limits::{
        ATTEMPT_TIMEOUT, DECRYPTION_ATTEMPT_TIMEOUT, DECRYPTION_TIMEOUT, HEARING_TIMEOUT, MAX_COORDINATIONS,
        MAX_SEEN_TASKS, REQUEST_TIMEOUT,
    },
    message::{Body, Outcome, Start, TransportKey},
    ports::{ReadChain, StoreRecords},
    session_id::session_id,
    task::Work,
    Failure, Refusal, Request, SignError, Task, TokenStatement,
};

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    pub(super) fn on_requested(
        &mut self,
        now: Duration,
        ticket: Ticket,
        request: Request,
        entitlement: Entitlement,
        chain: &impl ReadChain,
    ) {
        let accepted = self.look_at(now, ticket, request, entitlement, chain);
        self.reply_error(ticket, accepted);
    }

    pub(super) fn reply_error(&mut self, ticket: Ticket, accepted: Result<(), SignError>) {
        if let Err(error) = accepted {
            self.effects.push(Effect::Reply { ticket, result: Err(error) });
        }
    }

    fn look_at(
        &mut self,
        now: Duration,
        ticket: Ticket,
        request: Request,
        entitlement: Entitlement,
        chain: &impl ReadChain,
    ) -> Result<(), SignError> {
        if self.view.committee.is_none() {
            return Err(self.not_ready());
        }
        request.check().map_err(SignError::Refused)?;
        let asked = request.asked(&self.genesis);
        match self.authenticate(&asked, &entitlement.authorisation, chain).map_err(SignError::Refused)? {
            Verdict::Authenticated(who) => self.accept(now, ticket, request, entitlement, &who, chain),
            Verdict::Ask(question) => {
                let asker = Asker::Client(ticket, Box::new(request), Box::new(entitlement));
                self.inquire(now, asker, question).map_err(SignError::Refused)
            }
        }
    }

    /// Coordinates what somebody asked who may ask it.
    pub(super) fn accept(
        &mut self,
        now: Duration,
        ticket: Ticket,
        request: Request,
        entitlement: Entitlement,
        who: &Authenticated,
        chain: &impl ReadChain,
    ) -> Result<(), SignError> {
        let committee = self.view.committee.clone().ok_or_else(|| self.not_ready())?;
        let (id, valid_until) = (request.id(&self.genesis), request.valid_until());
        let listed = entitlement.listed.as_ref();
        let (task, gathering) = match request {
            Request::Sign(request) => {
                self.permit_signature(&request, who, listed, chain).map_err(SignError::Refused)?;
                (Task::Sign(request, entitlement), None)
            }
            Request::Decrypt(request) => {
                let client = one_time_key(&request).map_err(SignError::Refused)?;
                for (item, position) in request.items.iter().zip(0u8..) {
                    item.condition(&self.genesis, committee.keyset).map_err(|error| {
                        SignError::Refused(Refusal::Item { item: position, reason: error.to_string() })
                    })?;
                }
                let statements = statements(&committee, &request, &client).map_err(SignError::Refused)?;
                (Task::Decrypt(request, entitlement), Some(Gathering::new(statements)))
            }
            Request::Session(request) => {
                let certificate =
                    self.certificate(&request, who, listed, &committee, chain).map_err(SignError::Refused)?;
                (Task::Certify(request, entitlement, certificate), None)
            }
            Request::Execute(request) => {
                return self.conduct(now, ticket, request, entitlement, committee, chain);
            }
            Request::Token(request) => {
                let read = |error| SignError::Refused(unavailable(error));
                let issued_at = chain.read_time().map_err(read)?;
                let statement = self.token_statement(&request, who, listed, issued_at, chain);
                (Task::Token(request, entitlement, statement.map_err(SignError::Refused)?), None)
            }
        };
        self.coordinate_request(now, id, valid_until, task, committee, ticket, gathering)
    }

    /// Coordinates a client's request, once.
    #[expect(clippy::too_many_arguments, reason = "the parts of one request")]
    fn coordinate_request(
        &mut self,
        now: Duration,
        id: RequestId,
        valid_until: BlockNumber,
        task: Task,
        committee: Committee,
        ticket: Ticket,
        gathering: Option<Gathering>,
    ) -> Result<(), SignError> {
        if self.requested.contains_key(&id) || self.memory.knows(&id.0) {
            return Err(SignError::Refused(Refusal::Replayed));
        }
        if self.coordinations.len() >= MAX_COORDINATIONS || self.requested.len() >= MAX_SEEN_TASKS {
            return Err(SignError::Refused(Refusal::Busy));
        }
        let origin = Origin::Client(ticket);
        self.coordinate(now, task, committee, origin, gathering, None).map_err(SignError::Refused)?;
        self.requested.insert(id, valid_until);
        Ok(())
    }

    pub(super) fn not_ready(&self) -> SignError {
        match &self.view.attempt {
            Some(attempt) => SignError::CommitteeNotReady {
                phase: Some(attempt.phase),
                progress: format!(
                    "attempt {} of {} members: {} committed, {} dealt, {} reported, {} confirmed; at block {}, phase ends at {}",
                    attempt.id.attempt.0,
                    attempt.members.len(),
                    attempt.committed.len(),
                    attempt.dealt.len(),
                    attempt.reported.len(),
                    attempt.confirmed.len(),
                    self.view.finalized,
                    attempt.deadline,
                ),
            },
            None => SignError::CommitteeNotReady { phase: None, progress: "no attempt runs".into() },
        }
    }

    /// Calls quorums for a task, of `candidates` or of all members.
    pub(super) fn coordinate(
        &mut self,
        now: Duration,
        task: Task,
        committee: Committee,
        origin: Origin,
        gathering: Option<Gathering>,
        candidates: Option<BTreeSet<ParticipantIndex>>,
    ) -> Result<(), Refusal> {
        let resolved = resolve(&self.genesis, &committee, &task)?;
        let public_key =
            public_key(&self.genesis, &committee, &resolved.key).ok_or(Refusal::NotReady)?.to_vec();
        let id = task.id(&self.genesis);
        let asks_chains = task.has_conditions();
        let called = match origin {
            Origin::Activation { called } => called,
            Origin::Client(_) | Origin::Action(..) => 0,
        };
        let coordination = Coordination {
            task,
            resolved,
            committee,
            public_key,
            origin,
            deadline: now.saturating_add(if asks_chains { DECRYPTION_TIMEOUT } else { REQUEST_TIMEOUT }),
            attempts: called,
            attempts_before: called,
            current: None,
            testimony: Testimony::default(),
            failures: BTreeMap::new(),
            gathering,
            candidates,
        };
        self.coordinations.insert(id, coordination);
        self.next_attempt(now, id);
        Ok(())
    }

    /// Requests that the last committee did not finish go to the one that serves now: it has the same keys.
    pub(super) fn follow_committee(&mut self, now: Duration) {
        let Some(serving) = self.view.committee.clone() else { return };
        let left: Vec<[u8; 32]> = self
            .coordinations
            .iter()
            .filter(|(_, coordination)| {
                coordination.committee.attempt_id() != serving.attempt_id()
                    && matches!(coordination.origin, Origin::Client(_))
            })
            .map(|(id, _)| *id)
            .collect();
        for id in left {
            if let Some(coordination) = self.coordinations.get_mut(&id) {
                coordination.move_to(serving.clone());
            }
            self.next_attempt(now, id);
        }
    }

    /// Calls the next quorum, or gives up and says why.
    pub(super) fn next_attempt(&mut self, now: Duration, id: [u8; 32]) {
        let Some(mut coordination) = self.coordinations.remove(&id) else { return };
        coordination.current = None;
        // Of an action: a member whose execution is slower may want the same in a moment.
        let waits = now < coordination.deadline && self.awaits_candidates(&coordination);
        let committee = &coordination.committee;
        let mut reachable = self.reachable(committee);
        if let Some(candidates) = &coordination.candidates {
            reachable.retain(|index| candidates.contains(index));
        }
        if !u32::try_from(reachable.len()).is_ok_and(|count| count >= committee.threshold) {
            if waits {
                self.coordinations.insert(id, coordination);
                return;
            }
            let unreachable = committee.indices().filter(|index| !reachable.contains(index)).collect();
            let needed = committee.threshold;
            let reachable = reachable.into_iter().collect();
            self.give_up(coordination, SignError::MembersUnreachable { reachable, unreachable, needed });
            return;
        }
        if let Some(refusal) = coordination.decisive_refusal() {
            self.give_up(coordination, SignError::Refused(refusal));
            return;
        }
        if coordination.attempts >= coordination.max_attempts() || now >= coordination.deadline {
            let failures = std::mem::take(&mut coordination.failures).into_iter().collect();
            self.give_up(coordination, SignError::TimedOut { failures });
            return;
        }
        // A snapshot, so that choosing does not borrow the worker.
        let pairs_on = coordination.resolved.work.pairs_on();
        let paired: BTreeSet<(ParticipantIndex, ParticipantIndex)> = reachable
            .iter()
            .flat_map(|a| reachable.iter().map(move |b| (*a, *b)))
            .filter(|(a, b)| pairs_on.is_none_or(|curve| self.are_paired(committee, curve, *a, *b)))
            .collect();
        let preferred = committee.index_of_transport(&self.me);
        let suspicion = coordination.suspicion();
        let rng = &mut self.rng;
        let mut choose = |compatible: &dyn Fn(ParticipantIndex, ParticipantIndex) -> bool| {
            choose_quorum(committee.threshold, &reachable, compatible, preferred, &suspicion, rng)
        };
        let at_odds = coordination.testimony.at_odds();
        let are_paired = |a, b| paired.contains(&(a, b));
        let quorum = choose(&|a, b| are_paired(a, b) && !at_odds.contains(&(a, b)))
            // Honest members may be at odds for as long as a word is missing that would explain it.
            .or_else(|| choose(&are_paired));
        let is_suspect = |index: &ParticipantIndex| suspicion.contains_key(index);
        if waits && quorum.as_ref().is_none_or(|quorum| quorum.iter().any(is_suspect)) {
            self.coordinations.insert(id, coordination);
            return;
        }
        let Some(quorum) = quorum else {
            let error = if coordination.failures.is_empty() {
                let progress =
                    format!("OT set-up runs: {} pairs of {} members", paired.len() / 2, reachable.len());
                SignError::CommitteeNotReady { phase: None, progress }
            } else {
                // What failed leaves no t that share set-ups: the client is told what members said.
                let failures = std::mem::take(&mut coordination.failures).into_iter().collect();
                SignError::TimedOut { failures }
            };
            self.give_up(coordination, error);
            return;
        };
        let attempt = coordination.attempts;
        let boots = quorum
            .iter()
            .map(|index| self.status_of(committee, *index).map(|status| status.boot).unwrap_or_default())
            .collect();
        let start = Start {
            task: coordination.task.clone(),
            committee: committee.attempt_id(),
            attempt,
            quorum: quorum.clone(),
            boots,
            finalized: self.view.finalized,
        };
        let session = session_id(&self.genesis, &self.me, &coordination.resolved, &start);
        // Whose shares of decryption keys are here is not asked again.
        let asked = quorum
            .iter()
            .filter(|index| !coordination.gathering.as_ref().is_some_and(|gathering| gathering.has(**index)));
        for member in asked.filter_map(|index| committee.member(*index)).map(|m| m.keys.transport) {
            self.send(member, session, 0, Body::Start(Box::new(start.clone())));
            if preferred.is_some() && member != self.me {
                self.watch.called(member, session, self.view.finalized);
            }
        }
        coordination.attempts = attempt.saturating_add(1);
        let timeout =
            if coordination.task.has_conditions() { DECRYPTION_ATTEMPT_TIMEOUT } else { ATTEMPT_TIMEOUT };
        coordination.testimony.called(session, quorum.clone(), now);
        let deadline = now.saturating_add(timeout);
        coordination.current = Some(Current { session, quorum, deadline, has_failed: false });
        self.coordinations.insert(id, coordination);
    }

    pub(super) fn on_outcome(
        &mut self,
        now: Duration,
        from: TransportKey,
        session: SessionId,
        outcome: Outcome,
    ) {
        self.watch.answered(&from, session);
        let of_task = self.coordinations.iter_mut().find(|(_, one)| one.testimony.has(&session));
        let Some((id, coordination)) = of_task.map(|(id, coordination)| (*id, coordination)) else { return };
        let Some(member) = coordination.committee.index_of_transport(&from) else { return };
        let Some(quorum) = coordination.testimony.answers(&session, member) else { return };
        match outcome {
            Outcome::Signed(signature) => {
                let quorum = quorum.to_vec();
                let Coordination { resolved, public_key, .. } = coordination;
                let verified = match &resolved.work {
                    Work::Sign { scheme, message } => {
                        conclave_protocols::verify(*scheme, public_key, message, &signature)
                    }
                    Work::Decrypt { .. } => false,
                };
                if verified {
                    return self.finish(id, quorum, signature);
                }
                let reason = "sent a wrong signature".into();
                coordination.see(&session, member, Failure::Protocol { culprits: vec![member], reason });
            }
            Outcome::Shares(shares) => return self.on_shares(now, id, session, member, shares),
            // One of us is behind the other by a block: the task moves on with the committee, see `follow_committee`.
            Outcome::Failed { failure: Failure::Refused(Refusal::OtherCommittee), .. } => return,
            // It may have heard of a later attempt first.
            Outcome::Failed { failure: Failure::Refused(_), .. } if !coordination.is_current(&session) => {
                return
            }
            Outcome::Failed { flight, failure, transcript } => match &coordination.resolved.work {
                Work::Sign { .. } => {
                    let witness = Witness { member, own: from == self.me, at: now, flight };
                    coordination.hear(&self.genesis, &session, witness, failure, transcript.as_deref());
                }
                // It needed nobody else.
                Work::Decrypt { .. } => coordination.see(&session, member, failure),
            },
        }
        // All t are needed: where one fails, the attempt has failed.
        if coordination.is_current(&session) && coordination.is_heard_out(now.saturating_add(HEARING_TIMEOUT))
        {
            self.next_attempt(now, id);
        }
    }

    /// A member's shares of decryption keys. With those of t members, of this attempt or of those before it, the keys are
    /// combined; whoever sent a wrong one is left out of the next attempt.
    fn on_shares(
        &mut self,
        now: Duration,
        id: [u8; 32],
        session: SessionId,
        member: ParticipantIndex,
        shares: Vec<DecryptionShare>,
    ) {
        let Some(coordination) = self.coordinations.get_mut(&id) else { return };
        let Some(gathering) = coordination.gathering.as_mut().filter(|gathering| !gathering.has(member))
        else {
            return;
        };
        let called = coordination.current.iter().flat_map(|current| &current.quorum);
        let counted: Vec<_> = called.filter(|of| **of == member || gathering.has(**of)).copied().collect();
        let mut wrong: Vec<(ParticipantIndex, String)> = Vec::new();
        let mut gathered = None;
        if gathering.take(member, shares) {
            gathered = gathering.combine(&coordination.committee, |error| {
                log::warn!(target: "conclave::decrypt", "{error}");
                wrong.extend(error.culprits().into_iter().map(|culprit| (culprit, error.to_string())));
            });
        } else {
            wrong.push((member, "sent another number of shares".into()));
        }
        // Of an attempt that is over, a wrong share must not end the one that runs.
        let is_short = counted.iter().any(|of| !gathering.has(*of));
        for (culprit, reason) in wrong {
            coordination.see(&session, culprit, Failure::Protocol { culprits: vec![culprit], reason });
        }
        match gathered {
            Some(gathered) => self.finish_decryption(id, gathered),
            None if is_short => self.next_attempt(now, id),
            None => {}
        }
    }

    fn finish_decryption(&mut self, id: [u8; 32], Gathered { quorum, keys }: Gathered) {
        let Some(coordination) = self.coordinations.remove(&id) else { return };
        if let (Origin::Client(ticket), Task::Decrypt(request, _)) = (coordination.origin, &coordination.task)
        {
            let decrypted = Decrypted {
                request: request.id(&self.genesis),
                public_key: coordination.public_key,
                keys,
                quorum,
                attempts: coordination.attempts,
                failures: coordination.failures.into_iter().collect(),
            };
            self.effects.push(Effect::Reply { ticket, result: Ok(Reply::Decrypted(decrypted)) });
        }
    }

    fn finish(&mut self, id: [u8; 32], quorum: Vec<ParticipantIndex>, signature: Vec<u8>) {
        let Some(coordination) = self.coordinations.remove(&id) else { return };
        let Coordination { origin, task, public_key, attempts, .. } = coordination;
        match (origin, task) {
            (Origin::Client(ticket), Task::Sign(request, _)) => {
                let (request, scheme) = (request.id(&self.genesis), request.scheme);
                let signed = Signed { request, scheme, public_key, signature, quorum, attempts };
                self.effects.push(Effect::Reply { ticket, result: Ok(Reply::Signed(signed)) });
            }
            (Origin::Client(ticket), Task::Certify(request, _, certificate)) => {
                let Ok(signature) = <[u8; 64]>::try_from(signature) else { return };
                let request = request.id(&self.genesis);
                let certified = Certified { request, certificate, signature, quorum, attempts };
                self.effects.push(Effect::Reply { ticket, result: Ok(Reply::Certified(certified)) });
            }
            (Origin::Client(ticket), Task::Token(request, _, TokenStatement { bytes, .. })) => {
                let request = request.id(&self.genesis);
                let token = with_signature(&String::from_utf8_lossy(&bytes), &signature);
                let signed = SignedToken { request, token, public_key, quorum, attempts };
                self.effects.push(Effect::Reply { ticket, result: Ok(Reply::Token(signed)) });
            }
            (Origin::Action(execution, hash), Task::SignForAction(..)) => {
                self.action_signed(execution, hash, public_key, signature);
            }
            (Origin::Activation { .. }, Task::Activate(attempt)) => {
                let Ok(signature) = <[u8; 64]>::try_from(signature) else { return };
                self.activation_signed(attempt, signature);
            }
            // A signature answers nothing else.
            (Origin::Client(_), Task::Activate(_) | Task::Decrypt(..) | Task::SignForAction(..))
            | (Origin::Action(..), _)
            | (
                Origin::Activation { .. },
                Task::Sign(..)
                | Task::Decrypt(..)
                | Task::Certify(..)
                | Task::Token(..)
                | Task::SignForAction(..),
            ) => {}
        }
    }

    fn give_up(&mut self, coordination: Coordination, error: SignError) {
        match coordination.origin {
            Origin::Client(ticket) => self.effects.push(Effect::Reply { ticket, result: Err(error) }),
            Origin::Activation { .. } => {
                self.activation_not_signed(coordination.committee.attempt_id(), coordination.attempts);
                log::info!(target: "conclave::keygen", "activation not yet: {error}");
            }
            Origin::Action(execution, hash) => self.action_not_signed(execution, hash, error.to_string()),
        }
    }

    pub(super) fn expire_coordinations(&mut self, now: Duration) {
        let late: Vec<[u8; 32]> = self
            .coordinations
            .iter()
            .filter(|(_, coordination)| {
                coordination.current.as_ref().is_none_or(|current| current.deadline <= now)
                    || coordination.deadline <= now
            })
            .map(|(id, _)| *id)
            .collect();
        for id in late {
            if let Some(coordination) = self.coordinations.get_mut(&id) {
                coordination.see_the_silent();
            }
            self.next_attempt(now, id);
        }
    }

    /// A member that is gone cannot finish what it was called for.
    pub(super) fn abandon_attempts_with(&mut self, now: Duration, peer: &TransportKey) {
        let mut hit = Vec::new();
        for (id, coordination) in &mut self.coordinations {
            let Some(index) = coordination.committee.index_of_transport(peer) else { continue };
            let Some(current) = coordination.current.as_ref().filter(|one| one.quorum.contains(&index))
            else {
                continue;
            };
            let session = current.session;
            coordination.see(&session, index, Failure::TimedOut(vec![index]));
            hit.push(*id);
        }
        for id in hit {
            self.next_attempt(now, id);
        }
    }
}
