//! Endpoints that answer from tables.

use conclave_conditions::{
    evaluate, Answer, AnswerQueries, ChainAccess, Context, Denied, EvaluationError, Found, Query,
    QueryFailure, Request, Requester, SiweMessage,
};
use conclave_primitives::conditions::{
    parse, ChainKind, ChainName, Condition, ExternalChain, Finality, PolicyId,
};
use serde_json::{json, Value};
use std::collections::BTreeMap;

/// 2026-11-22T16:31:31Z, of our chain.
pub(crate) const NOW: u64 = 1_795_365_091;
pub(crate) const ALICE: [u8; 32] = [0xd4; 32];
pub(crate) const USER: &str = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48";

/// What an endpoint says to a call: a result, or an error of JSON-RPC.
pub(crate) type Said = Result<Value, (i64, &'static str)>;
type Endpoint = Box<dyn FnMut(&str, &Value) -> Result<Said, QueryFailure>>;

/// A member's endpoints, and our own chain.
#[derive(Default)]
pub(crate) struct Port {
    endpoints: BTreeMap<(ChainName, u8), Endpoint>,
    pub(crate) storage: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(crate) policies: BTreeMap<PolicyId, Condition>,
    pub(crate) own_chain_fails: bool,
    /// Every query, in order.
    pub(crate) asked: Vec<Query>,
}

impl Port {
    /// The next endpoint of `chain`: `answer` gets the method, or the path, and the parameters.
    pub(crate) fn endpoint(
        mut self,
        chain: &str,
        answer: impl FnMut(&str, &Value) -> Result<Said, QueryFailure> + 'static,
    ) -> Self {
        let name = name(chain);
        let next = self.endpoints.keys().filter(|(known, _)| *known == name).count();
        self.endpoints.insert((name, next as u8), Box::new(answer));
        self
    }

    pub(crate) fn count(&self, chain: &str) -> u8 {
        self.endpoints.keys().filter(|(known, _)| known.as_str() == chain).count() as u8
    }
}

impl AnswerQueries for Port {
    fn answer(&mut self, query: &Query) -> Answer {
        self.asked.push(query.clone());
        match query {
            Query::Endpoint { chain, endpoint, request } => {
                let answer =
                    self.endpoints.get_mut(&(chain.clone(), *endpoint)).expect("an endpoint that exists");
                let said = match request {
                    Request::Rpc { method, params } => {
                        let body: Value =
                            serde_json::from_str(&request.body().expect("a body")).expect("JSON");
                        assert_eq!((&body["jsonrpc"], &body["method"]), (&json!("2.0"), &json!(method)));
                        answer(method, &serde_json::from_str(params).expect("JSON"))?
                    }
                    Request::Get { path, height } => return rest(answer(path, &json!(height))?),
                };
                let body = match said {
                    Ok(result) => json!({ "jsonrpc": "2.0", "id": 1, "result": result }),
                    Err((code, message)) => {
                        json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": code, "message": message } })
                    }
                };
                Ok(Found::Body(body.to_string().into_bytes()))
            }
            _ if self.own_chain_fails => Err(QueryFailure::Failed("no state".into())),
            Query::OwnStorage { key } => Ok(Found::Storage(self.storage.get(key).cloned())),
            Query::Policy(id) => Ok(Found::Policy(self.policies.get(id).cloned())),
            Query::Action { cid, arguments, .. } if cid.starts_with("Qm") => {
                Ok(Found::Text(arguments.join("+")))
            }
            Query::Action { .. } => Err(QueryFailure::Unsupported),
        }
    }
}

fn rest(said: Said) -> Answer {
    match said {
        Ok(body) => Ok(Found::Body(body.to_string().into_bytes())),
        Err((status, _)) => Err(QueryFailure::Failed(format!("status {status}"))),
    }
}

pub(crate) fn name(text: &str) -> ChainName {
    ChainName::new(text).expect("a name")
}

pub(crate) fn requester() -> Requester {
    let evm: Vec<u8> = hex::decode(&USER[2..]).expect("hex");
    Requester {
        evm: Some(evm.try_into().expect("20 bytes")),
        solana: Some([1; 32]),
        cosmos: BTreeMap::from([(name("cosmos"), "cosmos1vn6zl0924yj86jrp330wcwjclzdharljq03a8h".into())]),
        account: Some(ALICE),
        action: None,
        parameters: BTreeMap::from([("role".into(), "admin".into())]),
        siwe: Some(SiweMessage { domain: "example.org".into(), resources: vec!["urn:a".into()] }),
    }
}

pub(crate) fn kind(chain: &str) -> ChainKind {
    let genesis = bs58::decode("5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d").into_vec().expect("base58");
    match chain {
        "solana" => ChainKind::Solana { genesis: genesis.try_into().expect("32 bytes") },
        "cosmos" => ChainKind::Cosmos { chain_id: b"cosmoshub-4".to_vec().try_into().expect("short") },
        "polkadot" => ChainKind::Substrate { genesis: [0x91; 32] },
        "poap" => ChainKind::Poap,
        _ => ChainKind::Evm { chain_id: 8453 },
    }
}

pub(crate) fn context(port: &Port) -> Context {
    let chains = ["base", "ethereum", "solana", "cosmos", "polkadot", "poap"].map(|chain| {
        let chain_entry = ExternalChain { kind: kind(chain), finality: Finality::Finalized };
        (name(chain), ChainAccess { chain: chain_entry, endpoints: port.count(chain) })
    });
    Context { requester: requester(), now: NOW, block: 1_000, chains: chains.into() }
}

/// Evaluates our own JSON.
pub(crate) fn check(text: &str, port: &mut Port) -> Result<(), Denied> {
    let condition = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let context = context(port);
    evaluate(condition, context, port)
}

/// The only reason why a condition is undecided.
pub(crate) fn reason(outcome: Result<(), Denied>) -> EvaluationError {
    match outcome {
        Err(Denied::Undecided(errors)) if errors.len() == 1 => errors[0].clone(),
        other => panic!("one reason expected: {other:?}"),
    }
}
