//! What an evaluation asks, and what it is told.

use conclave_primitives::conditions::{ChainName, Condition, PolicyId};

use crate::QueryFailure;

/// A question to the outside.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Query {
    /// To one of this member's endpoints of an external chain; answered by [`Found::Body`].
    Endpoint {
        /// Of which chain.
        chain: ChainName,
        /// Which endpoint, counted from 0.
        endpoint: u8,
        /// What is asked.
        request: Request,
    },
    /// A storage value of our own chain at the finalized block of the context; answered by [`Found::Storage`].
    OwnStorage {
        /// The whole key.
        key: Vec<u8>,
    },
    /// A policy of our own chain at that block; answered by [`Found::Policy`].
    Policy(PolicyId),
    /// The result of an action, without keys; answered by [`Found::Text`].
    Action {
        /// Its CID.
        cid: String,
        /// The function called.
        function: String,
        /// Its arguments.
        arguments: Vec<String>,
    },
}

/// A request to an endpoint, over HTTP.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Request {
    /// `POST` of a JSON-RPC 2.0 call to the endpoint's address.
    Rpc {
        /// The method.
        method: String,
        /// The parameters, as JSON.
        params: String,
    },
    /// `GET` of a path below the endpoint's address.
    Get {
        /// It starts with `/`.
        path: String,
        /// The height for the header `x-cosmos-block-height`.
        height: Option<u64>,
    },
}

/// What adapters ask about a chain itself, before anything of a condition.
const OF_CHAIN: [&str; 7] = [
    "eth_chainId",
    "eth_blockNumber",
    "eth_getBlockByNumber",
    "getGenesisHash",
    "chain_getBlockHash",
    "chain_getFinalizedHead",
    "chain_getHeader",
];

impl Request {
    /// Whether it asks about the chain itself, so that nothing of it is the choice of a condition's author: an endpoint
    /// that leaves it unanswered has nobody else to blame.
    pub fn is_of_chain(&self) -> bool {
        match self {
            Self::Rpc { method, .. } => OF_CHAIN.contains(&method.as_str()),
            Self::Get { path, .. } => path.starts_with("/cosmos/base/tendermint/v1beta1/blocks/"),
        }
    }

    /// The body of a JSON-RPC call.
    pub fn body(&self) -> Option<String> {
        match self {
            Self::Rpc { method, params } => {
                // Methods are names of ours: no JSON of theirs needs escaping.
                Some(format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#))
            }
            Self::Get { .. } => None,
        }
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The body of an HTTP response with status 200.
    Body(Vec<u8>),
    /// A storage value; `None` if there is none.
    Storage(Option<Vec<u8>>),
    /// A policy's condition; `None` if there is no such policy, or it is revoked.
    Policy(Option<Condition>),
    /// A text.
    Text(String),
}

/// What comes back.
pub type Answer = Result<Found, QueryFailure>;
