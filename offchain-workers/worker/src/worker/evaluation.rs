//! Conditions: a member evaluates them by itself, and goes on if all of them hold.
//!
//! ```text
//!  Start ─► who asks ─► Evaluation ◄─► our chain (port), other chains (Ask, Answered)
//!                           │ every condition holds
//!                           ▼
//!              shares of decryption keys, or a session that signs a token
//! ```

use conclave_auth::Authenticated;
use conclave_conditions::{Answer, Context, Evaluation, Query, QueryFailure, Step};
use conclave_primitives::{
    conditions::Condition, Committee, DecryptRequest, Entitlement, SessionId, TokenRequest,
};
use conclave_protocols::bls::decryption::Statement;
use rand_core::CryptoRng;
use std::{collections::BTreeSet, time::Duration};

use super::{
    authorisation::unavailable,
    decryption::{one_time_key, statements},
    Worker,
};
use crate::{
    event::Effect,
    limits::{EVALUATION_TIMEOUT, MAX_EVALUATIONS, MAX_EVALUATIONS_PER_COORDINATOR},
    message::{Body, Outcome, Start, TransportKey},
    ports::{answer_own, ReadChain, StoreRecords},
    Failure, Refusal,
};

/// A request whose conditions this member evaluates.
pub(super) struct Evaluating {
    coordinator: TransportKey,
    /// The call for the session that waits for it.
    start: Box<Start>,
    /// By item: what has to hold for it.
    conditions: Vec<Evaluation>,
    then: Then,
    /// What other chains were asked.
    asked: BTreeSet<Query>,
    pub(super) deadline: Duration,
}

/// What is done when all conditions hold.
enum Then {
    /// A share of each of these decryption keys goes to the coordinator.
    Decrypt(Vec<Statement>),
    /// The session begins.
    Sign,
}

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    /// Begins to evaluate what stands between a client and the decryption keys.
    pub(super) fn evaluate_items(
        &mut self,
        now: Duration,
        (coordinator, start, id): (TransportKey, &Start, SessionId),
        committee: &Committee,
        request: &DecryptRequest,
        (who, entitlement): (&Authenticated, &Entitlement),
        chain: &impl ReadChain,
    ) -> Result<(), Refusal> {
        self.check_room_to_evaluate(&coordinator)?;
        let statements = statements(committee, request, &one_time_key(request)?)?;
        let condition = |(position, item): (usize, &conclave_primitives::DecryptItem)| {
            item.condition(&self.genesis, committee.keyset)
                .map_err(|error| Refusal::Item { item: number(position), reason: error.to_string() })
        };
        let conditions = request.items.iter().enumerate().map(condition).collect::<Result<Vec<_>, _>>()?;
        let context = self.context(who, entitlement, chain)?;
        let evaluating =
            Evaluating::new(now, coordinator, start, conditions, &context, Then::Decrypt(statements));
        self.note(coordinator, start);
        self.evaluate(now, id, evaluating, chain);
        Ok(())
    }

    /// Begins to evaluate what a token is to say.
    pub(super) fn evaluate_token(
        &mut self,
        now: Duration,
        (coordinator, start, id): (TransportKey, &Start, SessionId),
        request: &TokenRequest,
        (who, entitlement): (&Authenticated, &Entitlement),
        chain: &impl ReadChain,
    ) -> Result<(), Refusal> {
        self.check_room_to_evaluate(&coordinator)?;
        let parsed = request.condition.read();
        let (condition, _) = parsed.map_err(|error| Refusal::Item { item: 0, reason: error.to_string() })?;
        let context = self.context(who, entitlement, chain)?;
        let evaluating = Evaluating::new(now, coordinator, start, vec![condition], &context, Then::Sign);
        self.evaluate(now, id, evaluating, chain);
        Ok(())
    }

    fn check_room_to_evaluate(&self, coordinator: &TransportKey) -> Result<(), Refusal> {
        let of_coordinator = self.evaluating.values().filter(|one| one.coordinator == *coordinator).count();
        let full =
            self.evaluating.len() >= MAX_EVALUATIONS || of_coordinator >= MAX_EVALUATIONS_PER_COORDINATOR;
        if full {
            Err(Refusal::Busy)
        } else {
            Ok(())
        }
    }

    /// What conditions are evaluated with.
    fn context(
        &self,
        who: &Authenticated,
        entitlement: &Entitlement,
        chain: &impl ReadChain,
    ) -> Result<Context, Refusal> {
        let view = chain.read_conditions().map_err(unavailable)?;
        let requester = self.requester(who, entitlement, chain)?;
        Ok(Context { requester, now: view.now, block: self.view.finalized, chains: view.chains })
    }

    /// Goes on as far as answers allow: to more questions, to a refusal, or to what all of it was for.
    fn evaluate(&mut self, now: Duration, id: SessionId, mut evaluating: Evaluating, chain: &impl ReadChain) {
        let mut undecided = false;
        let mut remote = BTreeSet::new();
        for (position, evaluation) in evaluating.conditions.iter_mut().enumerate() {
            match poll(evaluation, chain, &mut remote) {
                None => undecided = true,
                Some(Ok(())) => {}
                Some(Err(denied)) => {
                    let refusal = Refusal::Denied { item: number(position), denied };
                    log::info!(target: "conclave::conditions", "session {id}: {refusal}");
                    let failure = Outcome::none(Failure::Refused(refusal));
                    return self.send(evaluating.coordinator, id, 0, Body::Outcome(failure));
                }
            }
        }
        if undecided {
            // Two items may ask the same.
            let queries: Vec<_> = remote.difference(&evaluating.asked).cloned().collect();
            evaluating.asked.extend(queries.iter().cloned());
            if !queries.is_empty() {
                self.effects.push(Effect::Ask { session: id, queries });
            }
            self.evaluating.insert(id, evaluating);
            return;
        }
        let Evaluating { coordinator, start, then, .. } = evaluating;
        match then {
            Then::Decrypt(statements) => {
                let outcome = match self.decryption_shares(start.committee, &statements) {
                    Ok(shares) => {
                        self.memory.served(&start.task.id(&self.genesis));
                        self.signed = self.signed.saturating_add(1);
                        Outcome::Shares(shares)
                    }
                    Err(failure) => {
                        self.failed = self.failed.saturating_add(1);
                        Outcome::none(failure)
                    }
                };
                self.send(coordinator, id, 0, Body::Outcome(outcome));
            }
            Then::Sign => {
                let begun = self.sign_later(now, coordinator, &start, id);
                self.report_failure(coordinator, id, begun);
            }
        }
    }

    /// Whether conditions are being evaluated for a session.
    pub(super) fn evaluates_for(&self, session: &SessionId) -> bool {
        self.evaluating.contains_key(session)
    }

    pub(super) fn on_answered(
        &mut self,
        now: Duration,
        id: SessionId,
        query: &Query,
        answer: &Answer,
        chain: &impl ReadChain,
    ) {
        // The session may be over by now.
        let Some(mut evaluating) = self.evaluating.remove(&id) else { return };
        for evaluation in &mut evaluating.conditions {
            evaluation.answer(query.clone(), answer.clone());
        }
        self.evaluate(now, id, evaluating, chain);
    }

    pub(super) fn expire_evaluations(&mut self, now: Duration, chain: &impl ReadChain) {
        let late: Vec<SessionId> =
            self.evaluating.iter().filter(|(_, one)| one.deadline <= now).map(|(id, _)| *id).collect();
        for id in late {
            let Some(mut evaluating) = self.evaluating.remove(&id) else { continue };
            // What was not answered never will be: the rest decides, or says what is missing.
            for query in &evaluating.asked {
                for evaluation in &mut evaluating.conditions {
                    evaluation.answer(query.clone(), Err(QueryFailure::TimedOut));
                }
            }
            self.evaluate(now, id, evaluating, chain);
        }
    }
}

impl Evaluating {
    fn new(
        now: Duration,
        coordinator: TransportKey,
        start: &Start,
        conditions: Vec<Condition>,
        context: &Context,
        then: Then,
    ) -> Self {
        Self {
            coordinator,
            start: Box::new(start.clone()),
            conditions: conditions
                .into_iter()
                .map(|condition| Evaluation::new(condition, context.clone()))
                .collect(),
            then,
            asked: BTreeSet::new(),
            deadline: now.saturating_add(EVALUATION_TIMEOUT),
        }
    }
}

/// Polls an evaluation, and answers what our own chain can; `None` while it waits for `remote` answers.
fn poll(
    evaluation: &mut Evaluation,
    chain: &impl ReadChain,
    remote: &mut BTreeSet<Query>,
) -> Option<Result<(), conclave_conditions::Denied>> {
    loop {
        let queries = match evaluation.poll() {
            Step::Done(decision) => return Some(decision),
            Step::Wait => return None,
            Step::Ask(queries) => queries,
        };
        for query in queries {
            match answer_own(&query, chain) {
                Some(answer) => {
                    evaluation.answer(query, answer);
                }
                None => {
                    remote.insert(query);
                }
            }
        }
    }
}

fn number(position: usize) -> u8 {
    u8::try_from(position).unwrap_or(u8::MAX)
}
