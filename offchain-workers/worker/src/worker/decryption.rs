//! Decryption: a member evaluates conditions and seals its shares to the client; a gateway combines them.
//!
//! ```text
//!  Start ─► who asks ─► one-time key ─► Evaluation ◄─► our chain (port), other chains (Ask, Answered)
//!                                                │ every item's condition holds
//!                                                ▼
//!                      Outcome::Shares ─► gateway: t of them, combined and verified ─► sealed keys
//! ```

use codec::Encode;
use conclave_auth::Authenticated;
use conclave_conditions::{Answer, Context, Evaluation, Query, QueryFailure, Step};
use conclave_primitives::{
    AttemptId, Authorisation, Committee, DecryptRequest, DecryptionShare, KeyId, ParticipantIndex,
    Purpose as KeyPurpose, Sealed, SessionId,
};
use conclave_protocols::{
    bls::decryption::{combine, ClientKey, DecryptionKey, Statement},
    ProtocolError,
};
use conclave_vss::public_shares;
use rand_core::CryptoRng;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use super::{authorisation::unavailable, member::root_key, Worker};
use crate::{
    event::Effect,
    limits::{EVALUATION_TIMEOUT, MAX_EVALUATIONS, MAX_EVALUATIONS_PER_COORDINATOR},
    message::{Body, Outcome, TransportKey},
    ports::{answer_own, ReadChain, StoreRecords},
    Failure, Refusal,
};

/// A request whose conditions this member evaluates.
pub(super) struct Evaluating {
    coordinator: TransportKey,
    task: [u8; 32],
    committee: AttemptId,
    /// By item: what to make a share of, and what has to hold for it.
    items: Vec<(Statement, Evaluation)>,
    /// What other chains were asked.
    asked: BTreeSet<Query>,
    pub(super) deadline: Duration,
}

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    pub(super) fn entitle_to_evaluation(
        &self,
        now: Duration,
        coordinator: TransportKey,
        committee: &Committee,
        request: &DecryptRequest,
        (who, authorisation): (&Authenticated, &Authorisation),
        chain: &impl ReadChain,
    ) -> Result<Evaluating, Refusal> {
        let of_coordinator = self.evaluating.values().filter(|one| one.coordinator == coordinator).count();
        if self.evaluating.len() >= MAX_EVALUATIONS || of_coordinator >= MAX_EVALUATIONS_PER_COORDINATOR {
            return Err(Refusal::Busy);
        }
        let statements = statements(committee, request, &one_time_key(request)?)?;
        let view = chain.read_conditions().map_err(unavailable)?;
        let requester = self.requester(who, authorisation, chain)?;
        let context = Context { requester, now: view.now, block: self.view.finalized, chains: view.chains };
        let items = request.items.iter().zip(statements).enumerate().map(|(position, (item, statement))| {
            let condition = item
                .condition(&self.genesis, committee.keyset)
                .map_err(|error| Refusal::Item { item: number(position), reason: error.to_string() })?;
            Ok((statement, Evaluation::new(condition, context.clone())))
        });
        Ok(Evaluating {
            coordinator,
            task: request.id(&self.genesis).0,
            committee: committee.attempt_id(),
            items: items.collect::<Result<_, Refusal>>()?,
            asked: BTreeSet::new(),
            deadline: now.saturating_add(EVALUATION_TIMEOUT),
        })
    }

    /// Goes on as far as answers allow: to more questions, to a refusal, or to the shares.
    pub(super) fn evaluate(&mut self, id: SessionId, mut evaluating: Evaluating, chain: &impl ReadChain) {
        let mut undecided = false;
        let mut remote = BTreeSet::new();
        for (position, (_, evaluation)) in evaluating.items.iter_mut().enumerate() {
            match poll(evaluation, chain, &mut remote) {
                None => undecided = true,
                Some(Ok(())) => {}
                Some(Err(denied)) => {
                    let refusal = Refusal::Denied { item: number(position), denied };
                    return self.refuse(id, &evaluating, refusal);
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
        let outcome = match self.decryption_shares(&evaluating) {
            Ok(shares) => {
                self.memory.served(&evaluating.task);
                self.signed = self.signed.saturating_add(1);
                Outcome::Shares(shares)
            }
            Err(failure) => {
                self.failed = self.failed.saturating_add(1);
                Outcome::Failed(failure)
            }
        };
        self.send(evaluating.coordinator, id, 0, Body::Outcome(outcome));
    }

    pub(super) fn on_answered(
        &mut self,
        id: SessionId,
        query: &Query,
        answer: &Answer,
        chain: &impl ReadChain,
    ) {
        // The session may be over by now.
        let Some(mut evaluating) = self.evaluating.remove(&id) else { return };
        for (_, evaluation) in &mut evaluating.items {
            evaluation.answer(query.clone(), answer.clone());
        }
        self.evaluate(id, evaluating, chain);
    }

    pub(super) fn expire_evaluations(&mut self, now: Duration, chain: &impl ReadChain) {
        let late: Vec<SessionId> =
            self.evaluating.iter().filter(|(_, one)| one.deadline <= now).map(|(id, _)| *id).collect();
        for id in late {
            let Some(mut evaluating) = self.evaluating.remove(&id) else { continue };
            // What was not answered never will be: the rest decides, or says what is missing.
            for query in &evaluating.asked {
                for (_, evaluation) in &mut evaluating.items {
                    evaluation.answer(query.clone(), Err(QueryFailure::TimedOut));
                }
            }
            self.evaluate(id, evaluating, chain);
        }
    }

    fn refuse(&mut self, id: SessionId, evaluating: &Evaluating, refusal: Refusal) {
        log::info!(target: "conclave::conditions", "session {id}: {refusal}");
        let failure = Outcome::Failed(Failure::Refused(refusal));
        self.send(evaluating.coordinator, id, 0, Body::Outcome(failure));
    }

    fn decryption_shares(&mut self, evaluating: &Evaluating) -> Result<Vec<DecryptionShare>, Failure> {
        let key = self.decryption_key(evaluating.committee)?;
        let share = |(statement, _): &(Statement, Evaluation)| {
            key.share(statement, &mut self.rng).map_err(of_protocol)
        };
        evaluating.items.iter().map(share).collect()
    }

    /// Our share of the Decrypt root, made ready once for each committee.
    fn decryption_key(&mut self, attempt: AttemptId) -> Result<Arc<DecryptionKey>, Failure> {
        let not_ready = || Failure::Refused(Refusal::NotReady);
        if let Some((_, key)) = self.decryption_key.as_ref().filter(|(of, _)| *of == attempt) {
            return Ok(Arc::clone(key));
        }
        let committee = self.committee_of(attempt).ok_or_else(not_ready)?;
        let holding = self.holdings.get(&attempt).ok_or_else(not_ready)?;
        let Some(KeyId::Root(id)) = root_key(committee, KeyPurpose::Decrypt) else {
            return Err(not_ready());
        };
        let share = holding.key_share(&self.genesis, committee, &KeyId::Root(id)).ok_or_else(not_ready)?;
        let key = Arc::new(DecryptionKey::new(&id, &share).map_err(of_protocol)?);
        self.decryption_key = Some((attempt, Arc::clone(&key)));
        Ok(key)
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

/// What a gateway gathers: members' shares of the decryption keys.
pub(crate) struct Gathering {
    statements: Vec<Statement>,
    shares: BTreeMap<ParticipantIndex, Vec<DecryptionShare>>,
}

impl Gathering {
    pub(super) const fn new(statements: Vec<Statement>) -> Self {
        Self { statements, shares: BTreeMap::new() }
    }

    /// Forgets the shares: another committee's do not go with them.
    pub(crate) fn clear(&mut self) {
        self.shares.clear();
    }

    /// Whether the member's shares are here.
    pub(super) fn has(&self, member: ParticipantIndex) -> bool {
        self.shares.contains_key(&member)
    }

    /// Takes a member's shares; `false` if there are not as many as items.
    pub(super) fn take(&mut self, member: ParticipantIndex, shares: Vec<DecryptionShare>) -> bool {
        let fit = shares.len() == self.statements.len();
        if fit {
            self.shares.insert(member, shares);
        }
        fit
    }

    /// The sealed key of each item from the shares of `quorum`; or those whose shares are wrong, which are dropped.
    pub(super) fn combine(
        &mut self,
        committee: &Committee,
        quorum: &[ParticipantIndex],
    ) -> Result<Vec<Sealed>, ProtocolError> {
        let unusable = ProtocolError::InvalidKeyShare { reason: "the committee has no Decrypt root" };
        let root = committee.roots.iter().find(|root| root.id.purpose == KeyPurpose::Decrypt);
        let root = root.ok_or_else(|| unusable.clone())?;
        let publics =
            public_shares(root.id.curve, &root.commitments, committee.indices()).map_err(|_| unusable)?;
        let mut keys = Vec::with_capacity(self.statements.len());
        for (position, statement) in self.statements.iter().enumerate() {
            let of_member = |member: &ParticipantIndex| {
                let share = self.shares.get(member)?.get(position)?;
                Some((*member, share.encode()))
            };
            let shares: BTreeMap<_, _> = quorum.iter().filter_map(of_member).collect();
            match combine(statement, &publics, committee.threshold, &shares) {
                Ok((sealed, _)) => keys.push(sealed),
                Err(error) => {
                    for culprit in error.culprits() {
                        self.shares.remove(&culprit);
                    }
                    return Err(error);
                }
            }
        }
        Ok(keys)
    }
}

/// The client's key, of which it has to hold the secret.
pub(super) fn one_time_key(request: &DecryptRequest) -> Result<ClientKey, Refusal> {
    ClientKey::new(&request.client).map_err(|_| Refusal::OneTimeKey)
}

/// What shares are of, by item.
pub(super) fn statements(
    committee: &Committee,
    request: &DecryptRequest,
    client: &ClientKey,
) -> Result<Vec<Statement>, Refusal> {
    let root = committee.roots.iter().find(|root| root.id.purpose == KeyPurpose::Decrypt);
    let public_key = root.and_then(|root| root.commitments.first()).ok_or(Refusal::NotReady)?;
    let statement = |item: &conclave_primitives::DecryptItem| {
        Statement::new(public_key, &item.identity, client).map_err(|_| Refusal::NotReady)
    };
    request.items.iter().map(statement).collect()
}

fn number(position: usize) -> u8 {
    u8::try_from(position).unwrap_or(u8::MAX)
}

fn of_protocol(error: ProtocolError) -> Failure {
    Failure::Protocol { culprits: error.culprits().into_iter().collect(), reason: error.to_string() }
}
