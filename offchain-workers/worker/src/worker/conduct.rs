//! The gateway's side of an action: have every member run it, have signed what t of them want, and take for the answer
//! what t of them come to.

use conclave_client::execution::verify_endorsement;
use conclave_primitives::{
    Cid, Committee, Entitlement, ExecuteRequest, ParticipantIndex, RequestId, SessionId,
};
use rand_core::CryptoRng;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{authorisation::unavailable, Worker};
use crate::{
    action::{ActionMessage, Begin, Report, Topic, Wanted},
    coordinator::{Coordination, Origin},
    event::{ActionSignature, Effect, Executed, Reply, Ticket},
    limits::{CONDUCT_TIMEOUT, MAX_COORDINATIONS, MAX_GATEWAY_FRAME_BYTES, MAX_SEEN_TASKS, MAX_WANTED},
    message::{Body, TransportKey},
    ports::{ReadChain, StoreRecords},
    Failure, Refusal, SignError, Task,
};

/// Where in an action a signature is wanted: members that are to agree want the same at the same place.
type Place = (Vec<Cid>, Topic);

/// An action that members run for a client of this node.
pub(super) struct Conducting {
    ticket: Ticket,
    request: RequestId,
    cid: Cid,
    committee: Committee,
    members: Vec<ParticipantIndex>,
    /// By member and place: the hash of what it wants.
    wants: BTreeMap<(ParticipantIndex, Place), [u8; 32]>,
    wanted: BTreeMap<[u8; 32], Candidate>,
    /// What members came to, with their signatures.
    ended: BTreeMap<ParticipantIndex, (Report, [u8; 64])>,
    /// Who does not run it, or is gone.
    failed: BTreeMap<ParticipantIndex, Failure>,
    signatures: Vec<ActionSignature>,
    /// Whether members wanted different things to be signed, so that none of them was.
    diverged: bool,
    pub(super) deadline: Duration,
}

/// What one or more members want to be signed.
struct Candidate {
    wanted: Wanted,
    by: BTreeSet<ParticipantIndex>,
    progress: Progress,
}

enum Progress {
    /// Fewer than t want it, so far.
    Open,
    /// A quorum is at work.
    Signing,
    Signed(Vec<u8>),
    NotSigned(String),
}

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    /// Calls all members that can be reached: of those that say nothing or the wrong, as many can be done without.
    pub(super) fn conduct(
        &mut self,
        now: Duration,
        ticket: Ticket,
        request: ExecuteRequest,
        entitlement: Entitlement,
        committee: Committee,
        chain: &impl ReadChain,
    ) -> Result<(), SignError> {
        let request_id = request.id(&self.genesis);
        if self.requested.contains_key(&request_id) || self.memory.knows(&request_id.0) {
            return Err(SignError::Refused(Refusal::Replayed));
        }
        if self.conducting.len() >= MAX_COORDINATIONS || self.requested.len() >= MAX_SEEN_TASKS {
            return Err(SignError::Refused(Refusal::Busy));
        }
        let reachable = self.reachable(&committee);
        if !u32::try_from(reachable.len()).is_ok_and(|count| count >= committee.threshold) {
            let unreachable = committee.indices().filter(|index| !reachable.contains(index)).collect();
            let needed = committee.threshold;
            let reachable = reachable.into_iter().collect();
            return Err(SignError::MembersUnreachable { reachable, unreachable, needed });
        }
        let members: Vec<ParticipantIndex> = reachable.into_iter().collect();
        let started_at = chain.read_time().map_err(|error| SignError::Refused(unavailable(error)))?;
        let (cid, valid_until) = (request.program.cid(), request.valid_until);
        let begin = Begin {
            request,
            entitlement,
            committee: committee.attempt_id(),
            members: members.clone(),
            started_at,
            finalized: self.view.finalized,
        };
        if committee.index_of_transport(&self.me).is_none() {
            let bytes = Self::begin_bytes(&begin);
            if bytes > MAX_GATEWAY_FRAME_BYTES {
                let of = |bytes| u32::try_from(bytes).unwrap_or(u32::MAX);
                let refusal =
                    Refusal::TooLongForGateway { bytes: of(bytes), limit: of(MAX_GATEWAY_FRAME_BYTES) };
                return Err(SignError::Refused(refusal));
            }
        }
        let id = begin.id(&self.genesis, &self.me);
        let conducting = Conducting {
            ticket,
            request: request_id,
            cid,
            members,
            wants: BTreeMap::new(),
            wanted: BTreeMap::new(),
            ended: BTreeMap::new(),
            failed: BTreeMap::new(),
            signatures: Vec::new(),
            diverged: false,
            deadline: now.saturating_add(CONDUCT_TIMEOUT),
            committee,
        };
        let keys = conducting.transport_keys(conducting.members.iter());
        self.conducting.insert(id, conducting);
        self.requested.insert(request_id, valid_until);
        for key in keys {
            self.send(key, id, 0, Body::Action(ActionMessage::Begin(Box::new(begin.clone()))));
        }
        Ok(())
    }

    /// A member's execution wants a signature.
    pub(super) fn on_wants(&mut self, now: Duration, from: TransportKey, id: SessionId, wanted: Wanted) {
        let Some(conducting) = self.conducting.get_mut(&id) else { return };
        let Some(member) = conducting.runner(&from) else { return };
        let hash = wanted.hash();
        let place = (wanted.stack.clone(), wanted.topic.clone());
        let of_member = conducting.wants.keys().filter(|(of, _)| *of == member).count();
        let says_two_things = conducting.wants.get(&(member, place.clone())).is_some_and(|one| *one != hash);
        if of_member >= MAX_WANTED || says_two_things {
            let reason = "another signature was asked for in its place".to_owned();
            let message = ActionMessage::NotSigned { wanted: hash, reason };
            return self.send(from, id, 0, Body::Action(message));
        }
        conducting.wants.insert((member, place), hash);
        let candidate = conducting.wanted.entry(hash).or_insert_with(|| Candidate {
            wanted: wanted.clone(),
            by: BTreeSet::new(),
            progress: Progress::Open,
        });
        candidate.by.insert(member);
        match &candidate.progress {
            Progress::Signed(signature) => {
                let message = ActionMessage::Signed { wanted: hash, signature: signature.clone() };
                self.send(from, id, 0, Body::Action(message));
            }
            Progress::NotSigned(reason) => {
                let message = ActionMessage::NotSigned { wanted: hash, reason: reason.clone() };
                self.send(from, id, 0, Body::Action(message));
            }
            Progress::Signing => {
                let task = Task::SignForAction(id, Box::new(wanted)).id(&self.genesis);
                let candidates = self.coordinations.get_mut(&task).and_then(|one| one.candidates.as_mut());
                if let Some(candidates) = candidates {
                    candidates.insert(member);
                }
                // It may have been waited for.
                if self.coordinations.get(&task).is_some_and(|one| one.current.is_none()) {
                    self.next_attempt(now, task);
                }
            }
            Progress::Open => {
                let threshold = conducting.threshold();
                let candidate = conducting.wanted.get_mut(&hash).filter(|one| one.by.len() >= threshold);
                if let Some(candidate) = candidate {
                    candidate.progress = Progress::Signing;
                    let (by, committee) = (candidate.by.clone(), conducting.committee.clone());
                    let task = Task::SignForAction(id, Box::new(wanted));
                    let origin = Origin::Action(id, hash);
                    let begun = self.coordinate(now, task, committee, origin, None, Some(by));
                    if let Err(refusal) = begun {
                        self.action_not_signed(id, hash, refusal.to_string());
                    }
                }
                self.give_up_hopeless(id);
            }
        }
    }

    /// Whether members may still come to want what a task of an action signs.
    pub(super) fn awaits_candidates(&self, coordination: &Coordination) -> bool {
        let Origin::Action(id, hash) = coordination.origin else { return false };
        let Some(conducting) = self.conducting.get(&id) else { return false };
        conducting.wanted.get(&hash).is_some_and(|candidate| conducting.may_follow(&candidate.wanted) > 0)
    }

    /// A quorum has signed what executions want: to all of them, and if it is for the client, to the answer.
    pub(super) fn action_signed(
        &mut self,
        id: SessionId,
        hash: [u8; 32],
        public_key: Vec<u8>,
        signature: Vec<u8>,
    ) {
        let Some(conducting) = self.conducting.get_mut(&id) else { return };
        let Some(candidate) = conducting.wanted.get_mut(&hash) else { return };
        candidate.progress = Progress::Signed(signature.clone());
        if !candidate.wanted.combine {
            conducting.signatures.push(ActionSignature {
                name: candidate.wanted.topic.name.clone(),
                scheme: candidate.wanted.scheme,
                public_key,
                signed: candidate.wanted.bytes_to_sign().unwrap_or_default(),
                signature: signature.clone(),
            });
        }
        let keys = conducting.wanting(&hash);
        for key in keys {
            let message = ActionMessage::Signed { wanted: hash, signature: signature.clone() };
            self.send(key, id, 0, Body::Action(message));
        }
    }

    /// It will not be signed: whoever wants it goes on without.
    pub(super) fn action_not_signed(&mut self, id: SessionId, hash: [u8; 32], reason: String) {
        let Some(conducting) = self.conducting.get_mut(&id) else { return };
        let Some(candidate) = conducting.wanted.get_mut(&hash) else { return };
        candidate.progress = Progress::NotSigned(reason.clone());
        let keys = conducting.wanting(&hash);
        for key in keys {
            let message = ActionMessage::NotSigned { wanted: hash, reason: reason.clone() };
            self.send(key, id, 0, Body::Action(message));
        }
    }

    /// Tells members that want what t of them will never want.
    fn give_up_hopeless(&mut self, id: SessionId) {
        let Some(conducting) = self.conducting.get_mut(&id) else { return };
        let hopeless = conducting.hopeless();
        conducting.diverged |= !hopeless.is_empty();
        for (hash, reason) in hopeless {
            self.action_not_signed(id, hash, reason);
        }
    }

    pub(super) fn on_declined(&mut self, now: Duration, from: TransportKey, id: SessionId, refusal: Refusal) {
        let Some(conducting) = self.conducting.get_mut(&id) else { return };
        let Some(member) = conducting.runner(&from) else { return };
        conducting.failed.insert(member, Failure::Refused(refusal));
        self.go_on(now, id);
    }

    pub(super) fn on_ended(
        &mut self,
        now: Duration,
        from: TransportKey,
        id: SessionId,
        report: Report,
        signature: [u8; 64],
    ) {
        let Some(conducting) = self.conducting.get_mut(&id) else { return };
        let Some(member) = conducting.runner(&from) else { return };
        let outcome = report.outcome(conducting.committee.attempt_id(), conducting.request, conducting.cid);
        match verify_endorsement(&outcome, &self.genesis, &conducting.committee, member, &signature) {
            Ok(()) => {
                conducting.ended.insert(member, (report, signature));
            }
            Err(error) => {
                let failure = Failure::Protocol { culprits: vec![member], reason: error.to_string() };
                conducting.failed.insert(member, failure);
            }
        }
        self.go_on(now, id);
    }

    /// A member that is gone says nothing more.
    pub(super) fn conduct_without(&mut self, now: Duration, peer: &TransportKey) {
        let ids: Vec<SessionId> = self.conducting.keys().copied().collect();
        for id in ids {
            let Some(conducting) = self.conducting.get_mut(&id) else { continue };
            let Some(member) = conducting.runner(peer) else { continue };
            conducting.failed.insert(member, Failure::TimedOut(vec![member]));
            self.go_on(now, id);
        }
    }

    pub(super) fn expire_conducting(&mut self, now: Duration) {
        let late: Vec<SessionId> =
            self.conducting.iter().filter(|(_, one)| one.deadline <= now).map(|(id, _)| *id).collect();
        for id in late {
            if let Some(conducting) = self.conducting.get_mut(&id) {
                for member in conducting.undecided().collect::<Vec<_>>() {
                    conducting.failed.insert(member, Failure::TimedOut(vec![member]));
                }
            }
            self.go_on(now, id);
        }
    }

    /// Answers the client as soon as the answer is certain.
    fn go_on(&mut self, now: Duration, id: SessionId) {
        self.give_up_hopeless(id);
        let Some(conducting) = self.conducting.get(&id) else { return };
        let Some(result) = conducting.conclude() else { return };
        let ticket = conducting.ticket;
        self.conducting.remove(&id);
        // What nobody waits for any more is not tried again; a quorum at work ends by itself.
        self.coordinations.retain(|_, one| !matches!(one.origin, Origin::Action(of, _) if of == id));
        log::debug!(target: "conclave::action", "execution {id} is over at {now:?}");
        self.effects
            .push(Effect::Reply { ticket, result: result.map(|done| Reply::Executed(Box::new(done))) });
    }
}

impl Conducting {
    fn threshold(&self) -> usize {
        usize::try_from(self.committee.threshold).unwrap_or(usize::MAX)
    }

    /// The member with this key, if it still runs the action.
    fn runner(&self, key: &TransportKey) -> Option<ParticipantIndex> {
        let member = self.committee.index_of_transport(key)?;
        self.undecided().find(|of| *of == member)
    }

    /// Who has not said what it came to.
    fn undecided(&self) -> impl Iterator<Item = ParticipantIndex> + '_ {
        let members = self.members.iter().copied();
        members.filter(|member| !self.ended.contains_key(member) && !self.failed.contains_key(member))
    }

    fn transport_keys<'a>(&self, members: impl Iterator<Item = &'a ParticipantIndex>) -> Vec<TransportKey> {
        members.filter_map(|member| Some(self.committee.member(*member)?.keys.transport)).collect()
    }

    /// Who still waits for it.
    fn wanting(&self, hash: &[u8; 32]) -> Vec<TransportKey> {
        let by = self.wanted.get(hash).map(|candidate| candidate.by.clone()).unwrap_or_default();
        let waiting: Vec<_> = self.undecided().filter(|member| by.contains(member)).collect();
        self.transport_keys(waiting.iter())
    }

    /// How many members have not said what they want in its place.
    fn may_follow(&self, wanted: &Wanted) -> usize {
        let place = (wanted.stack.clone(), wanted.topic.clone());
        self.undecided().filter(|member| !self.wants.contains_key(&(*member, place.clone()))).count()
    }

    /// What fewer than t want, and no more than that will: with what members want in its place.
    fn hopeless(&self) -> Vec<([u8; 32], String)> {
        let open = self.wanted.iter().filter(|(_, one)| matches!(one.progress, Progress::Open));
        let judge = |(hash, candidate): (&[u8; 32], &Candidate)| {
            let place = (candidate.wanted.stack.clone(), candidate.wanted.topic.clone());
            let may_follow = self.may_follow(&candidate.wanted);
            let wanting = self.undecided().filter(|member| candidate.by.contains(member)).count();
            if wanting.saturating_add(may_follow) >= self.threshold() {
                return None;
            }
            let said = self.wants.iter().filter(|((_, of), _)| *of == place);
            let said = said.map(|((member, _), hash)| format!("member {member} wants {}", super::Hex(hash)));
            let said = said.collect::<Vec<_>>().join(", ");
            let name = &candidate.wanted.topic.name;
            let needed = self.threshold();
            Some((*hash, format!("`{name}`: fewer than {needed} members want the same to be signed: {said}")))
        };
        open.filter_map(judge).collect()
    }

    /// The answer, once there is one whatever is still to come.
    fn conclude(&self) -> Option<Result<Executed, SignError>> {
        let agreeing = |report: &Report| -> Vec<ParticipantIndex> {
            self.ended
                .iter()
                .filter(|(_, (other, _))| other.agrees(report))
                .map(|(member, _)| *member)
                .collect()
        };
        let groups: Vec<(&Report, Vec<ParticipantIndex>)> =
            self.ended.values().map(|(report, _)| (report, agreeing(report))).collect();
        // The first of equals.
        let largest = groups.iter().rev().max_by_key(|(_, group)| group.len());
        if let Some((report, agreed)) = largest.filter(|(_, group)| group.len() >= self.threshold()) {
            if self.diverged && report.failure.is_some() {
                return Some(Err(self.divergence()));
            }
            return Some(Ok(Executed {
                request: self.request,
                cid: self.cid,
                report: (*report).clone(),
                signatures: self.signatures.clone(),
                committee: self.committee.attempt_id(),
                cost: self.cost(agreed),
                endorsements: self.endorsements(agreed),
                others: self.words().into_iter().filter(|(member, _)| !agreed.contains(member)).collect(),
            }));
        }
        let possible = largest.map_or(0, |(_, group)| group.len()).saturating_add(self.undecided().count());
        if possible >= self.threshold() {
            return None;
        }
        Some(Err(match self.decisive_refusal() {
            Some(refusal) => SignError::Refused(refusal),
            None => self.divergence(),
        }))
    }

    /// Of t members that agree, the cheapest: nobody makes it dearer alone.
    fn cost(&self, agreed: &[ParticipantIndex]) -> u128 {
        let of = |member: &ParticipantIndex| self.ended.get(member).map(|(report, _)| report.cost);
        let mut costs: Vec<u128> = agreed.iter().filter_map(of).collect();
        costs.sort_unstable();
        costs.into_iter().take(self.threshold()).fold(0, u128::saturating_add)
    }

    fn endorsements(&self, agreed: &[ParticipantIndex]) -> Vec<(ParticipantIndex, [u8; 64])> {
        let of = |member: &ParticipantIndex| Some((*member, self.ended.get(member)?.1));
        agreed.iter().filter_map(of).collect()
    }

    fn divergence(&self) -> SignError {
        SignError::Diverged { members: self.words(), needed: self.committee.threshold }
    }

    /// The refusal of so many that t others are not left.
    fn decisive_refusal(&self) -> Option<Refusal> {
        let refusals: Vec<&Refusal> = self
            .failed
            .values()
            .filter_map(|failure| match failure {
                Failure::Refused(refusal) => Some(refusal),
                Failure::TimedOut(_) | Failure::Protocol { .. } => None,
            })
            .collect();
        if self.members.len().saturating_sub(refusals.len()) >= self.threshold() {
            return None;
        }
        let votes = |refusal: &Refusal| refusals.iter().filter(|other| **other == refusal).count();
        refusals.iter().max_by_key(|refusal| votes(refusal)).map(|refusal| (*refusal).clone())
    }

    /// What each member came to, as far as it was heard.
    fn words(&self) -> Vec<(ParticipantIndex, String)> {
        let word = |member: &ParticipantIndex| match (self.ended.get(member), self.failed.get(member)) {
            (Some((Report { failure: Some(failure), .. }, _)), _) => format!("failed: {}", short(failure)),
            (Some((Report { response: Some(response), .. }, _)), _) => {
                format!("responded {:?}", short(response))
            }
            (Some(_), _) => "responded nothing".into(),
            (None, Some(Failure::TimedOut(_))) => "is silent".into(),
            (None, Some(failure)) => failure.to_string(),
            (None, None) => "still runs".into(),
        };
        self.members.iter().map(|member| (*member, word(member))).collect()
    }
}

/// The beginning of a text, for errors.
fn short(text: &str) -> String {
    text.chars().take(120).collect()
}
