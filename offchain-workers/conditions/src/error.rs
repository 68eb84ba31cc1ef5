//! Why a condition does not hold.

use codec::{Decode, Encode};
use conclave_primitives::conditions::{ChainName, PolicyId};

/// Why a request was not allowed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
pub enum Denied {
    /// It was evaluated, and does not hold.
    #[error("the condition does not hold")]
    #[codec(index = 0)]
    NotMet,
    /// Some of it could not be evaluated, and it does not hold without.
    #[error("the condition could not be evaluated: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    #[codec(index = 1)]
    Undecided(Vec<EvaluationError>),
}

/// Why a leaf is undecided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// Authorisation gave no such identity.
    #[error("the condition asks for {0}: sign in with one")]
    #[codec(index = 0)]
    MissingIdentity(String),
    /// The session has no such parameter.
    #[error("the session has no parameter `{0}`")]
    #[codec(index = 1)]
    MissingParameter(String),
    /// A variable's text is no value of the type that is asked for.
    #[error("`{value}` is no value of type {expected}")]
    #[codec(index = 2)]
    UnfitVariable {
        /// The text.
        value: String,
        /// The type.
        expected: String,
    },
    /// The registry has no such chain.
    #[error("chain `{0}` is not in the registry")]
    #[codec(index = 3)]
    UnknownChain(ChainName),
    /// The registry has it, as another kind of chain.
    #[error("chain `{0}` is of another kind")]
    #[codec(index = 4)]
    OtherKind(ChainName),
    /// This member has no endpoint for it.
    #[error(
        "this member has no endpoint for chain `{0}`: its operator adds one to the file of --external-chains"
    )]
    #[codec(index = 5)]
    NoEndpoint(ChainName),
    /// Too few endpoints answered.
    #[error("chain `{chain}`: {answered} of {needed} endpoints needed answered; the others: {failure}")]
    #[codec(index = 6)]
    Unreachable {
        /// Which.
        chain: ChainName,
        /// How many answered something that can be read.
        answered: u8,
        /// How many have to agree.
        needed: u8,
        /// Why one of the others did not.
        failure: QueryFailure,
    },
    /// The endpoints contradict each other.
    #[error("chain `{0}`: the endpoints contradict each other")]
    #[codec(index = 7)]
    Contradiction(ChainName),
    /// The endpoints serve another chain.
    #[error("chain `{0}`: the endpoints serve another chain")]
    #[codec(index = 8)]
    OtherChain(ChainName),
    /// The newest final block is too old.
    #[error("chain `{chain}`: the newest final block is {seconds} seconds old")]
    #[codec(index = 9)]
    Stale {
        /// Which.
        chain: ChainName,
        /// How old.
        seconds: u64,
    },
    /// The chain answered with an error.
    #[error("chain `{chain}` answered: {message}")]
    #[codec(index = 10)]
    Rejected {
        /// Which.
        chain: ChainName,
        /// What it said, shortened.
        message: String,
    },
    /// The answer is not of the form that the condition asks for.
    #[error("chain `{chain}`: {reason}")]
    #[codec(index = 11)]
    Unreadable {
        /// Which.
        chain: ChainName,
        /// What was expected.
        reason: String,
    },
    /// Our own chain's state could not be read.
    #[error("our own chain: {0}")]
    #[codec(index = 12)]
    OwnState(String),
    /// There is no such policy, or it is revoked.
    #[error("policy {0} does not exist, or is revoked")]
    #[codec(index = 13)]
    UnknownPolicy(PolicyId),
    /// A policy refers to another one.
    #[error("policy {0} refers to a policy")]
    #[codec(index = 14)]
    NestedPolicy(PolicyId),
    /// The action could not be run.
    #[error("action `{cid}`: {failure}")]
    #[codec(index = 15)]
    Action {
        /// Which.
        cid: String,
        /// Why.
        failure: QueryFailure,
    },
    /// The condition asks for more than a request may.
    #[error("the condition takes more than {0} queries")]
    #[codec(index = 16)]
    TooManyQueries(u32),
    /// The contract reverted. An error, as Lit has it, and not "does not hold": negated, that would let everybody in.
    #[error("chain `{chain}`: the contract reverted, so there is nothing to compare: {message}")]
    #[codec(index = 17)]
    Reverted {
        /// Which.
        chain: ChainName,
        /// What the endpoints said.
        message: String,
    },
}

/// Why a query has no answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, thiserror::Error)]
pub enum QueryFailure {
    /// No answer in time.
    #[error("no answer in time")]
    #[codec(index = 0)]
    TimedOut,
    /// More bytes than allowed.
    #[error("the answer is longer than {0} bytes")]
    #[codec(index = 1)]
    TooLong(u64),
    /// Going there is not allowed.
    #[error("refused: {0}")]
    #[codec(index = 2)]
    Refused(String),
    /// The connection failed, or the answer is no success.
    #[error("failed: {0}")]
    #[codec(index = 3)]
    Failed(String),
    /// This member cannot answer such queries.
    #[error("not supported by this member")]
    #[codec(index = 4)]
    Unsupported,
    /// It answered, but not what can be read.
    #[error("unreadable: {0}")]
    #[codec(index = 5)]
    Unreadable(String),
    /// It did not answer several times in a row, and is asked again later.
    #[error("not asked: it did not answer several times in a row, and is asked again later")]
    #[codec(index = 6)]
    NotAsked,
}
