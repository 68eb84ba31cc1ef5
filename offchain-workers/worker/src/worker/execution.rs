//! A member's side of an action: check who asks by oneself, have it run, and sign only what one's own run of it wants.

use codec::Encode;
use conclave_auth::limits::CLOCK_GRACE;
use conclave_auth::{Authenticated, Verdict};
use conclave_client::private_params::open;
use conclave_primitives::{
    Cid, Committee, ListMembership, ParticipantIndex, RequestId, SessionId, MAX_REQUEST_LIFETIME,
};
use rand_core::CryptoRng;
use std::{collections::BTreeMap, time::Duration};

use super::{
    agreement::Agreements,
    authorisation::{permit, unavailable, Asker},
    deferred::Deferred,
    opening::{Opening, Openings},
    Worker,
};
use crate::{
    action::{ActionMessage, Ask, Begin, Execution, Given, OpenedParams, Report, Signer, Topic, Wanted},
    event::Effect,
    holding::public_key,
    limits::{
        EARLY_FRAME_LIFETIME, EXECUTION_TIMEOUT, MAX_EARLY_ACTION_MESSAGES, MAX_EXECUTIONS,
        MAX_EXECUTIONS_OF_OUTSIDERS, MAX_EXECUTIONS_OVER, MAX_EXECUTIONS_PER_COORDINATOR, MAX_NAME_BYTES,
        MAX_REPORT_BYTES, MAX_STACK, MAX_VALUE_BYTES, MAX_WANTED,
    },
    memory::Quota,
    message::{Body, TransportKey},
    ports::{ReadChain, StoreRecords},
    Refusal,
};

/// An action that runs here.
pub(super) struct Executing {
    pub(super) coordinator: TransportKey,
    pub(super) committee: Committee,
    /// Us.
    pub(super) index: ParticipantIndex,
    /// All who run it, in the order of their indices.
    pub(super) members: Vec<ParticipantIndex>,
    pub(super) request: RequestId,
    cid: Cid,
    who: Authenticated,
    /// The list of a PKP that they show to be on.
    listed: Option<ListMembership>,
    /// By hash: what it wants to be signed.
    wanted: BTreeMap<[u8; 32], Want>,
    pub(super) agreements: Agreements,
    pub(super) openings: Openings,
    /// Whether it is over here. It signs nothing any more, but what it has said to some members it still owes the others:
    /// liars could have it end before they are served.
    pub(super) is_over: bool,
    pub(super) deadline: Duration,
}

struct Want {
    wanted: Wanted,
    /// The call that waits for it.
    call: Option<u32>,
}

/// What a member said about an execution that has not begun here.
pub(super) struct EarlyActionMessage {
    from: TransportKey,
    execution: SessionId,
    message: ActionMessage,
    arrived: Duration,
}

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    pub(super) fn on_action_message(
        &mut self,
        now: Duration,
        from: TransportKey,
        id: SessionId,
        message: ActionMessage,
        chain: &impl ReadChain,
    ) {
        match message {
            ActionMessage::Begin(begin) => self.on_begin(now, from, begin, chain),
            ActionMessage::Declined(refusal) => self.on_declined(now, from, id, refusal),
            ActionMessage::Wants(wanted) => self.on_wants(now, from, id, *wanted),
            ActionMessage::Ended { report, signature } => self.on_ended(now, from, id, *report, signature),
            ActionMessage::Signed { wanted, signature } => self.on_signed(from, id, &wanted, signature),
            ActionMessage::NotSigned { wanted, reason } => self.on_not_signed(from, id, &wanted, reason),
            of_member if self.executing.contains_key(&id) => self.on_members_message(from, id, of_member),
            of_member => self.keep_early(now, from, id, of_member),
        }
    }

    /// What one member says to another.
    fn on_members_message(&mut self, from: TransportKey, id: SessionId, message: ActionMessage) {
        match message {
            ActionMessage::Seeks { sought, client } => self.on_seeks(from, id, &sought, *client),
            ActionMessage::Share { sought, share } => self.on_share(from, id, &sought, *share),
            value => self.on_value(from, id, value),
        }
    }

    fn keep_early(
        &mut self,
        now: Duration,
        from: TransportKey,
        execution: SessionId,
        message: ActionMessage,
    ) {
        self.early_actions.retain(|early| early.arrived.saturating_add(EARLY_FRAME_LIFETIME) >= now);
        let of_peer = self.early_actions.iter().filter(|early| early.from == from).count();
        let share = MAX_EARLY_ACTION_MESSAGES / 4;
        let short =
            message.encoded_size() <= MAX_VALUE_BYTES.saturating_add(MAX_NAME_BYTES).saturating_add(64);
        let room = self.early_actions.len() < MAX_EARLY_ACTION_MESSAGES && of_peer < share;
        if short && room && self.is_member(&from) {
            self.early_actions.push(EarlyActionMessage { from, execution, message, arrived: now });
        }
    }

    fn on_begin(&mut self, now: Duration, from: TransportKey, begin: Box<Begin>, chain: &impl ReadChain) {
        let call = self.arrived(now, from, begin.finalized, begin);
        self.begin_or_defer(now, call, chain);
    }

    fn begin_or_defer(&mut self, now: Duration, call: Deferred<Box<Begin>>, chain: &impl ReadChain) {
        let admitted = self.deferred_begins.admit(now, self.view.finalized, call);
        let Some(Deferred { from, call: begin, .. }) = admitted else { return };
        let id = begin.id(&self.genesis, &from);
        let waits = self.executing.contains_key(&id) || self.inquires_for(&id);
        if waits {
            return;
        }
        let begun = self.consider(now, from, begin, id, chain);
        self.decline_if_refused(from, id, begun);
    }

    /// Begins what waited until our chain had caught up.
    pub(super) fn begin_deferred(&mut self, now: Duration, chain: &impl ReadChain) {
        for call in self.deferred_begins.take(now) {
            self.begin_or_defer(now, call, chain);
        }
    }

    pub(super) fn decline_if_refused(
        &mut self,
        coordinator: TransportKey,
        id: SessionId,
        begun: Result<(), Refusal>,
    ) {
        if let Err(refusal) = begun {
            log::info!(target: "conclave::action", "execution {id}: {refusal}");
            self.send(coordinator, id, 0, Body::Action(ActionMessage::Declined(refusal)));
        }
    }

    fn consider(
        &mut self,
        now: Duration,
        from: TransportKey,
        begin: Box<Begin>,
        id: SessionId,
        chain: &impl ReadChain,
    ) -> Result<(), Refusal> {
        self.check_begin(&from, &begin, chain)?;
        let asked = conclave_auth::Asked::to_execute(&self.genesis, &begin.request);
        match self.authenticate(&asked, &begin.entitlement.authorisation, chain)? {
            Verdict::Authenticated(who) => self.begin(now, from, &begin, id, who, chain),
            Verdict::Ask(question) => self.inquire(now, Asker::Conductor(from, id, begin), question),
        }
    }

    /// Whether an honest gateway calls like this, and there is room. A request is run once, whoever calls: what an action
    /// fetches may differ the next time, and then would what it signs.
    fn check_begin(&self, from: &TransportKey, begin: &Begin, chain: &impl ReadChain) -> Result<(), Refusal> {
        let committee = self.view.committee.as_ref().filter(|of| of.attempt_id() == begin.committee);
        let committee = committee.ok_or(Refusal::OtherCommittee)?;
        let index = self.serving_holding().map(|holding| holding.index).ok_or(Refusal::NotReady)?;
        let sorted = begin.members.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
        let known = begin.members.iter().all(|member| committee.member(*member).is_some());
        let enough = u32::try_from(begin.members.len()).is_ok_and(|count| count >= committee.threshold);
        if !sorted || !known || !enough || !begin.members.contains(&index) {
            return Err(Refusal::BadStart);
        }
        let now = chain.read_time().map_err(unavailable)?;
        if now.abs_diff(begin.started_at) > CLOCK_GRACE {
            return Err(Refusal::BadStart);
        }
        if self.memory.knows(&begin.request.id(&self.genesis).0) {
            return Err(Refusal::Replayed);
        }
        let is_outsider = |key: &TransportKey| committee.index_of_transport(key).is_none();
        let of = |wanted: &dyn Fn(&TransportKey) -> bool| {
            self.executing.values().filter(|one| !one.is_over && wanted(&one.coordinator)).count()
        };
        let full = of(&|_| true) >= MAX_EXECUTIONS
            || of(&|key| key == from) >= MAX_EXECUTIONS_PER_COORDINATOR
            || (is_outsider(from) && of(&is_outsider) >= MAX_EXECUTIONS_OF_OUTSIDERS);
        if full {
            return Err(Refusal::Busy);
        }
        Ok(())
    }

    /// Runs what somebody asked who is known now.
    pub(super) fn begin(
        &mut self,
        now: Duration,
        from: TransportKey,
        begin: &Begin,
        id: SessionId,
        who: Authenticated,
        chain: &impl ReadChain,
    ) -> Result<(), Refusal> {
        // An answer from outside may have been waited for.
        self.check_begin(&from, begin, chain)?;
        let request_id = begin.request.id(&self.genesis);
        // Of its own, and no PKP's quota.
        self.memory.check(&request_id.0, Quota::Clients, &from, 0)?;
        let latest = self.view.finalized.saturating_add(MAX_REQUEST_LIFETIME);
        self.memory.note(request_id.0, Quota::Clients, from, 0, begin.request.valid_until.min(latest));
        let (Some(committee), Some(holding)) = (self.view.committee.clone(), self.serving_holding()) else {
            return Err(Refusal::NotReady);
        };
        let private = match &begin.request.private {
            Some(sealed) => {
                let me = (holding.index, &self.secrets.encryption);
                let cid = begin.request.program.cid();
                let opened = open(sealed, &self.genesis, &committee, me, cid, &who.method);
                Some(OpenedParams::new(opened.map_err(Refusal::PrivateParams)?))
            }
            None => None,
        };
        let executing = Executing {
            coordinator: from,
            index: holding.index,
            committee,
            members: begin.members.clone(),
            request: request_id,
            cid: begin.request.program.cid(),
            who: who.clone(),
            listed: begin.entitlement.listed.clone(),
            wanted: BTreeMap::new(),
            agreements: Agreements::default(),
            openings: Openings::new(),
            is_over: false,
            deadline: now.saturating_add(EXECUTION_TIMEOUT),
        };
        self.executing.insert(id, executing);
        self.effects.push(Effect::Execute(Box::new(Execution {
            id,
            request: begin.request.clone(),
            request_id,
            who: who.method,
            pkp: who.pkp,
            started_at: begin.started_at,
            private,
        })));
        let (early, others) =
            std::mem::take(&mut self.early_actions).into_iter().partition(|early| early.execution == id);
        self.early_actions = others;
        for EarlyActionMessage { from, message, .. } in early {
            self.on_members_message(from, id, message);
        }
        Ok(())
    }

    pub(super) fn on_action_asked(
        &mut self,
        now: Duration,
        id: SessionId,
        call: u32,
        ask: Ask,
        chain: &impl ReadChain,
    ) {
        if self.executing.get(&id).is_none_or(|executing| executing.is_over) {
            return self.answer_action(id, call, Err("the execution is over".into()));
        }
        let answered = match ask {
            Ask::Sign(wanted) => self.want(id, call, wanted, chain).map(|()| None),
            Ask::Lead { topic, wait } => self.lead(now, id, call, topic, wait),
            Ask::Publish { topic, value } => self.publish(id, topic, value).map(|()| Some(Given::Published)),
            Ask::Open { sought, client } => self.seek(now, id, call, sought, *client).map(|()| None),
            Ask::Collect { topic, value } => self.collect(now, id, call, topic, value),
        };
        match answered {
            // It waits.
            Ok(None) => {}
            Ok(Some(given)) => self.answer_action(id, call, Ok(given)),
            Err(reason) => self.answer_action(id, call, Err(reason)),
        }
    }

    pub(super) fn answer_action(&mut self, execution: SessionId, call: u32, answer: Result<Given, String>) {
        self.effects.push(Effect::AnswerAction { execution, call, answer });
    }

    /// Tells the gateway what our own execution wants to be signed, if it may.
    fn want(
        &mut self,
        id: SessionId,
        call: u32,
        wanted: Wanted,
        chain: &impl ReadChain,
    ) -> Result<(), String> {
        let executing = self.executing.get(&id).ok_or("the execution is over")?;
        check_place(&wanted.topic, &wanted.stack, executing)?;
        if executing.wanted.len() >= MAX_WANTED {
            return Err(format!("an action may want {MAX_WANTED} signatures"));
        }
        let refused = |error| Refusal::Payload { scheme: wanted.scheme, error }.to_string();
        wanted.bytes_to_sign().map_err(refused)?;
        permit_action(&wanted, executing, chain).map_err(|refusal| refusal.to_string())?;
        let hash = wanted.hash();
        let Some(executing) = self.executing.get_mut(&id) else { return Ok(()) };
        if executing.wanted.contains_key(&hash) {
            return Err(format!("`{}` was asked for already", wanted.topic.name));
        }
        executing.wanted.insert(hash, Want { wanted: wanted.clone(), call: Some(call) });
        let coordinator = executing.coordinator;
        self.send(coordinator, id, 0, Body::Action(ActionMessage::Wants(Box::new(wanted))));
        Ok(())
    }

    /// Whether our own execution wants this signed, still, for this gateway, and may.
    pub(super) fn entitle_action(
        &self,
        from: &TransportKey,
        id: &SessionId,
        wanted: &Wanted,
        chain: &impl ReadChain,
    ) -> Result<(), Refusal> {
        let executing = self.executing.get(id);
        let executing = executing.filter(|executing| executing.coordinator == *from && !executing.is_over);
        let executing = executing.ok_or(Refusal::NotWanted)?;
        let want = executing.wanted.get(&wanted.hash()).filter(|want| want.wanted == *wanted);
        if want.is_none() {
            return Err(Refusal::NotWanted);
        }
        permit_action(wanted, executing, chain)
    }

    fn on_signed(&mut self, from: TransportKey, id: SessionId, hash: &[u8; 32], signature: Vec<u8>) {
        let Some(executing) = self.executing.get_mut(&id).filter(|one| one.coordinator == from) else {
            return;
        };
        let Some(want) = executing.wanted.get_mut(hash) else { return };
        let Some(call) = want.call else { return };
        let key = want.wanted.key().and_then(|key| public_key(&self.genesis, &executing.committee, &key));
        let (Some(key), Ok(message)) = (key, want.wanted.bytes_to_sign()) else { return };
        // Whatever the gateway sends: the action gets a signature of its own key on its own bytes.
        if !conclave_protocols::verify(want.wanted.scheme, &key, &message, &signature) {
            log::warn!(target: "conclave::action", "execution {id}: the gateway sent a wrong signature");
            return;
        }
        want.call = None;
        self.answer_action(id, call, Ok(Given::Signed { public_key: key.to_vec(), signature }));
    }

    fn on_not_signed(&mut self, from: TransportKey, id: SessionId, hash: &[u8; 32], reason: String) {
        let Some(executing) = self.executing.get_mut(&id).filter(|one| one.coordinator == from) else {
            return;
        };
        let Some(call) = executing.wanted.get_mut(hash).and_then(|want| want.call.take()) else { return };
        // What will not be signed is not wanted any more.
        executing.wanted.remove(hash);
        self.answer_action(id, call, Err(reason));
    }

    /// The sandbox is done.
    pub(super) fn on_executed(&mut self, id: SessionId, report: Result<Box<Report>, String>) {
        let Some(executing) = self.executing.get_mut(&id).filter(|executing| !executing.is_over) else {
            return;
        };
        executing.is_over = true;
        executing.wanted.clear();
        let (coordinator, request, cid) = (executing.coordinator, executing.request, executing.cid);
        let committee = executing.committee.attempt_id();
        self.forget_executions();
        let message = match report {
            Ok(mut report) => {
                report.response.iter_mut().for_each(cut);
                report.failure.iter_mut().for_each(cut);
                cut(&mut report.logs);
                let outcome = report.outcome(committee, request, cid).text(&self.genesis);
                ActionMessage::Ended { signature: self.secrets.sign_outcome(&outcome), report }
            }
            Err(reason) => ActionMessage::Declined(Refusal::NoExecutor(reason)),
        };
        self.memory.served(&request.0);
        self.send(coordinator, id, 0, Body::Action(message));
    }

    /// Of those that are over, the oldest that there is no room for.
    fn forget_executions(&mut self) {
        let over = self.executing.iter().filter(|(_, executing)| executing.is_over);
        let mut over: Vec<_> = over.map(|(id, executing)| (executing.deadline, *id)).collect();
        over.sort_unstable();
        let surplus = over.len().saturating_sub(MAX_EXECUTIONS_OVER);
        for (_, id) in over.into_iter().take(surplus) {
            self.executing.remove(&id);
        }
    }

    /// What takes too long is stopped; what a topic waits for and does not come is said.
    pub(super) fn expire_executions(&mut self, now: Duration) {
        self.expire_agreements(now);
        self.expire_openings(now);
        let late: Vec<SessionId> =
            self.executing.iter().filter(|(_, one)| one.deadline <= now).map(|(id, _)| *id).collect();
        for id in late {
            if self.executing.get(&id).is_some_and(|executing| !executing.is_over) {
                self.effects.push(Effect::EndExecution(id));
                let failure = Some("the action did not end in time".to_owned());
                self.on_executed(id, Ok(Box::new(Report { failure, ..Report::default() })));
            }
            self.executing.remove(&id);
        }
    }

    /// Nobody waits any more for what a gateway called for that is gone.
    pub(super) fn abandon_executions_of(&mut self, peer: &TransportKey) {
        let gone: Vec<SessionId> =
            self.executing.iter().filter(|(_, one)| one.coordinator == *peer).map(|(id, _)| *id).collect();
        for id in gone {
            self.executing.remove(&id);
            self.effects.push(Effect::EndExecution(id));
        }
    }

    /// How long a call to begin is on the wire.
    pub(super) fn begin_bytes(begin: &Begin) -> usize {
        // Header, signature and the lengths in between.
        begin.encoded_size().saturating_add(512)
    }
}

impl Executing {
    /// The member with this key, if it is another one that runs the action.
    pub(super) fn other(&self, key: &TransportKey) -> Option<ParticipantIndex> {
        let member = self.committee.index_of_transport(key)?;
        (self.members.contains(&member) && member != self.index).then_some(member)
    }

    /// When it next gives up to wait for shares.
    pub(super) fn next_opening(&self) -> Option<Duration> {
        self.openings.values().filter_map(Opening::until).min()
    }
}

/// Whether an honest execution asks from there.
pub(super) fn check_place(topic: &Topic, stack: &[Cid], executing: &Executing) -> Result<(), String> {
    if topic.name.len() > MAX_NAME_BYTES || stack.len() > MAX_STACK {
        return Err("the name is too long, or actions are nested too deep".into());
    }
    if stack.first() != Some(&executing.cid) {
        return Err("the stack does not begin with the action that was asked for".into());
    }
    Ok(())
}

/// Cuts a text to what a report has room for, between characters.
fn cut(text: &mut String) {
    if text.len() > MAX_REPORT_BYTES {
        let end = (0..=MAX_REPORT_BYTES).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        text.truncate(end);
    }
}

/// Whether finalized state lets the action sign this, or who asked for it: any action that led here, as Lit has it.
fn permit_action(wanted: &Wanted, executing: &Executing, chain: &impl ReadChain) -> Result<(), Refusal> {
    let Signer::Pkp(pkp) = wanted.signer else { return Ok(()) };
    let actions = wanted.stack.iter().map(|action| (action.method(), None));
    let asker = (executing.who.method, executing.listed.as_ref());
    let mut denied = Err(Refusal::NotPermitted);
    for (method, listed) in actions.chain([asker]) {
        denied = permit(&pkp, &method, listed, wanted.scope(), chain);
        match denied {
            Err(Refusal::NotPermitted) => {}
            _ => return denied,
        }
    }
    denied
}
