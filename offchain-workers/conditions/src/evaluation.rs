//! The evaluation: from a condition and answers to a decision.

use conclave_primitives::conditions::{Condition, Leaf, PolicyId};
use std::collections::{BTreeMap, BTreeSet};

use crate::{
    ask::{Ask, Reply, Stop},
    chains, Answer, Context, Denied, EvaluationError, Found, Query,
};

/// The most queries that one evaluation makes: 30 leaves, a few endpoints each.
pub const MAX_QUERIES: usize = 512;

/// What an evaluation needs next, or what it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Answers to these, which it has not asked for before.
    Ask(Vec<Query>),
    /// Nothing more to ask, but some of it is still out.
    Wait,
    /// The decision.
    Done(Result<(), Denied>),
}

/// The evaluation of a condition for one requester at one moment.
#[derive(Clone, Debug)]
pub struct Evaluation {
    condition: Condition,
    context: Context,
    asked: BTreeSet<Query>,
    answers: BTreeMap<Query, Answer>,
}

/// A policy in a policy is not followed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Condition,
    Policy(PolicyId),
}

impl Evaluation {
    /// Starts an evaluation.
    pub fn new(condition: Condition, context: Context) -> Self {
        Self { condition, context, asked: BTreeSet::new(), answers: BTreeMap::new() }
    }

    /// What it needs next. Decides as soon as the answers so far decide, whatever the others are.
    pub fn poll(&mut self) -> Step {
        let mut ask = Ask::new(&self.context, &self.answers);
        let mut errors = BTreeSet::new();
        let mut pending = false;
        let outcome = decide(&self.condition, Within::Condition, &mut ask, &mut errors, &mut pending);
        let missing = ask.missing;
        match outcome {
            Some(true) => return Step::Done(Ok(())),
            Some(false) => return Step::Done(Err(Denied::NotMet)),
            None if !pending => return Step::Done(Err(Denied::Undecided(errors.into_iter().collect()))),
            None => {}
        }
        let new: Vec<_> = missing.into_iter().filter(|query| !self.asked.contains(query)).collect();
        if self.asked.len().saturating_add(new.len()) > MAX_QUERIES {
            let limit = u32::try_from(MAX_QUERIES).unwrap_or(u32::MAX);
            return Step::Done(Err(Denied::Undecided(vec![EvaluationError::TooManyQueries(limit)])));
        }
        if new.is_empty() {
            return Step::Wait;
        }
        self.asked.extend(new.iter().cloned());
        Step::Ask(new)
    }

    /// Takes an answer. The first one to a query that was asked counts; `false` for any other.
    pub fn answer(&mut self, query: Query, answer: Answer) -> bool {
        if !self.asked.contains(&query) || self.answers.contains_key(&query) {
            return false;
        }
        self.answers.insert(query, answer);
        true
    }
}

/// Answers queries, one after the other: for tests, tools, and nodes that wait in a thread of their own.
pub trait AnswerQueries {
    /// The answer. Every query gets one: time runs out at some point.
    fn answer(&mut self, query: &Query) -> Answer;
}

/// Runs an evaluation to its end.
pub fn evaluate(condition: Condition, context: Context, port: &mut impl AnswerQueries) -> Result<(), Denied> {
    let mut evaluation = Evaluation::new(condition, context);
    loop {
        match evaluation.poll() {
            Step::Done(decision) => return decision,
            Step::Ask(queries) => {
                for query in queries {
                    let answer = port.answer(&query);
                    evaluation.answer(query, answer);
                }
            }
            // All that was asked is answered: it cannot wait for anything.
            Step::Wait => return Err(Denied::Undecided(Vec::new())),
        }
    }
}

fn decide(
    condition: &Condition,
    within: Within,
    ask: &mut Ask<'_>,
    errors: &mut BTreeSet<EvaluationError>,
    pending: &mut bool,
) -> Option<bool> {
    condition.expression().decide(&mut |leaf| match (leaf, within) {
        (Leaf::Policy(id), Within::Condition) => match policy(*id, ask) {
            Ok(policy) => decide(&policy, Within::Policy(*id), ask, errors, pending),
            Err(stop) => undecided(stop, errors, pending),
        },
        (Leaf::Policy(_), Within::Policy(id)) => {
            undecided(EvaluationError::NestedPolicy(id).into(), errors, pending)
        }
        (leaf, _) => match chains::holds(leaf, ask) {
            Ok(holds) => Some(holds),
            Err(stop) => undecided(stop, errors, pending),
        },
    })
}

fn undecided(stop: Stop, errors: &mut BTreeSet<EvaluationError>, pending: &mut bool) -> Option<bool> {
    match stop {
        Stop::Pending => *pending = true,
        Stop::Failed(error) => {
            errors.insert(error);
        }
    }
    None
}

fn policy(id: PolicyId, ask: &mut Ask<'_>) -> Reply<Condition> {
    match ask.one(Query::Policy(id))? {
        Ok(Found::Policy(Some(condition))) => Ok(condition.clone()),
        Ok(Found::Policy(None)) => Err(EvaluationError::UnknownPolicy(id).into()),
        Ok(_) => Err(EvaluationError::OwnState("expected a policy".into()).into()),
        Err(failure) => Err(EvaluationError::OwnState(failure.to_string()).into()),
    }
}
