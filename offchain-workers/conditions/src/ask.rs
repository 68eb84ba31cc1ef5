//! What an evaluation knows so far, and the quorum among endpoints.

use conclave_primitives::conditions::{ChainName, ExternalChain};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

use crate::{json, Answer, ChainAccess, Context, EvaluationError, Found, Query, QueryFailure, Request};

/// Why a leaf cannot be decided at this point.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Answers are missing; they have been asked for.
    Pending,
    /// It never will be.
    Failed(EvaluationError),
}

impl From<EvaluationError> for Stop {
    fn from(error: EvaluationError) -> Self {
        Self::Failed(error)
    }
}

pub(crate) type Reply<T> = Result<T, Stop>;

/// The answers so far, and what is missing.
pub(crate) struct Ask<'a> {
    pub(crate) context: &'a Context,
    answers: &'a BTreeMap<Query, Answer>,
    pub(crate) missing: BTreeSet<Query>,
}

/// What one endpoint said, read.
type Vote<T> = Result<T, QueryFailure>;

impl<'a> Ask<'a> {
    pub(crate) fn new(context: &'a Context, answers: &'a BTreeMap<Query, Answer>) -> Self {
        Self { context, answers, missing: BTreeSet::new() }
    }

    /// The answer to `query`, if it is there.
    pub(crate) fn one(&mut self, query: Query) -> Reply<&'a Answer> {
        match self.answers.get(&query) {
            Some(answer) => Ok(answer),
            None => {
                self.missing.insert(query);
                Err(Stop::Pending)
            }
        }
    }

    /// The entry of a chain, if this member can ask it.
    pub(crate) fn chain(&self, name: &ChainName) -> Reply<&'a ExternalChain> {
        let access = self.access(name)?;
        Ok(&access.chain)
    }

    fn access(&self, name: &ChainName) -> Reply<&'a ChainAccess> {
        match self.context.chains.get(name) {
            None => Err(EvaluationError::UnknownChain(name.clone()).into()),
            Some(access) if access.endpoints == 0 => Err(EvaluationError::NoEndpoint(name.clone()).into()),
            Some(access) => Ok(access),
        }
    }

    /// How many endpoints have to agree: more than half.
    fn needed(&self, chain: &ChainName) -> Reply<u8> {
        Ok((self.access(chain)?.endpoints / 2).saturating_add(1))
    }

    /// What each endpoint says; `None` where the answer is missing.
    fn votes<T>(
        &mut self,
        chain: &ChainName,
        request: impl Fn(u8) -> Option<Request>,
        read: impl Fn(&[u8]) -> Result<T, QueryFailure>,
    ) -> Reply<Vec<Option<Vote<T>>>> {
        let endpoints = self.access(chain)?.endpoints;
        let vote = |endpoint| {
            let Some(request) = request(endpoint) else {
                return Some(Err(QueryFailure::Failed("it did not answer the query before".into())));
            };
            match self.one(Query::Endpoint { chain: chain.clone(), endpoint, request }) {
                Ok(Ok(Found::Body(body))) => Some(read(body)),
                Ok(Ok(_)) => Some(Err(QueryFailure::Unreadable("no body".into()))),
                Ok(Err(failure)) => Some(Err(failure.clone())),
                Err(_) => None,
            }
        };
        Ok((0..endpoints).map(vote).collect())
    }

    /// What more than half of the endpoints say.
    pub(crate) fn agreed<T: Ord>(
        &mut self,
        chain: &ChainName,
        request: Request,
        read: impl Fn(&[u8]) -> Result<T, QueryFailure>,
    ) -> Reply<T> {
        let needed = self.needed(chain)?;
        let votes = self.votes(chain, |_| Some(request.clone()), read)?;
        let (mut counts, mut failure, mut missing, mut answered) = (BTreeMap::new(), None, 0usize, 0u8);
        for vote in votes {
            match vote {
                Some(Ok(value)) => {
                    let count: &mut u8 = counts.entry(value).or_default();
                    *count = count.saturating_add(1);
                    answered = answered.saturating_add(1);
                }
                Some(Err(error)) => failure = Some(error),
                None => missing = missing.saturating_add(1),
            }
        }
        if let Some((value, _)) = counts.into_iter().find(|(_, count)| *count >= needed) {
            return Ok(value);
        }
        if missing > 0 {
            return Err(Stop::Pending);
        }
        Err(match failure {
            Some(failure) if answered < needed => {
                EvaluationError::Unreachable { chain: chain.clone(), answered, needed, failure }
            }
            _ => EvaluationError::Contradiction(chain.clone()),
        }
        .into())
    }

    /// The height that more than half of the endpoints have reached. Waits for all of them, so that the height does
    /// not change while the evaluation goes on.
    pub(crate) fn height(
        &mut self,
        chain: &ChainName,
        request: impl Fn(u8) -> Option<Request>,
        read: impl Fn(&[u8]) -> Result<u64, QueryFailure>,
    ) -> Reply<u64> {
        let needed = self.needed(chain)?;
        let votes = self.votes(chain, request, read)?;
        let (mut heights, mut failure) = (Vec::new(), None);
        for vote in votes {
            match vote.ok_or(Stop::Pending)? {
                Ok(height) => heights.push(height),
                Err(error) => failure = Some(error),
            }
        }
        heights.sort_unstable_by(|a, b| b.cmp(a));
        let answered = u8::try_from(heights.len()).unwrap_or(u8::MAX);
        let reached = heights.get(usize::from(needed).saturating_sub(1)).copied();
        reached.ok_or_else(|| {
            let failure = failure.unwrap_or(QueryFailure::TimedOut);
            EvaluationError::Unreachable { chain: chain.clone(), answered, needed, failure }.into()
        })
    }

    /// What an endpoint said to a call, without a vote: where each is asked about its own answer.
    pub(crate) fn said(&mut self, chain: &ChainName, endpoint: u8, request: Request) -> Reply<Option<Value>> {
        Ok(match self.one(Query::Endpoint { chain: chain.clone(), endpoint, request })? {
            Ok(Found::Body(body)) => json::result(body).ok().and_then(Result::ok),
            _ => None,
        })
    }

    /// How many endpoints this member has.
    pub(crate) fn endpoints(&self, chain: &ChainName) -> Reply<u8> {
        Ok(self.access(chain)?.endpoints)
    }

    /// The result of a JSON-RPC call, read; or the error that more than half of the endpoints answer with.
    pub(crate) fn call<T: Ord>(
        &mut self,
        chain: &ChainName,
        method: &str,
        params: &Value,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> Reply<Result<T, (i64, String)>> {
        let request = rpc(method, params);
        self.agreed(chain, request, |body| match json::result(body)? {
            Ok(value) => read(&value).map(Ok).map_err(QueryFailure::Unreadable),
            Err(error) => Ok(Err(error)),
        })
    }

    /// The result of a call that has to succeed.
    pub(crate) fn result<T: Ord>(
        &mut self,
        chain: &ChainName,
        method: &str,
        params: &Value,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> Reply<T> {
        self.call(chain, method, params, read)?
            .map_err(|(_, message)| EvaluationError::Rejected { chain: chain.clone(), message }.into())
    }
}

pub(crate) fn rpc(method: &str, params: &Value) -> Request {
    Request::Rpc { method: method.into(), params: params.to_string() }
}
