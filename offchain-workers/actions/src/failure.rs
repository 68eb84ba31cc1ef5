//! Why an action ended without doing what it is for.

use codec::{Decode, Encode};

/// What was too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Part {
    /// The program.
    Code,
    /// Its parameters, as JSON.
    Params,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Part::Code => "code",
            Part::Params => "jsParams",
        })
    }
}

/// Why an action ended. All but [`Deadline`](Failure::Deadline), [`Crashed`](Failure::Crashed),
/// [`Distrusted`](Failure::Distrusted) and [`Unavailable`](Failure::Unavailable) are the same on every member that runs it with the same inputs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
pub enum Failure {
    /// It computed for too long.
    #[error("out of fuel: the limit is {limit}")]
    OutOfFuel {
        /// Units of fuel.
        limit: u64,
    },
    /// It took too long by the clock: members may differ.
    #[error("not done in {time_ms} ms")]
    Deadline {
        /// Milliseconds.
        time_ms: u32,
    },
    /// It wanted more memory.
    #[error("out of memory: the limit is {limit} bytes")]
    OutOfMemory {
        /// Bytes.
        limit: u32,
    },
    /// It nested its calls too deep, in a way that JavaScript cannot catch.
    #[error("call stack exhausted")]
    StackExhausted,
    /// Wasm trapped.
    #[error("trapped: {trap}")]
    Trapped {
        /// Which trap.
        trap: String,
    },
    /// JavaScript threw what nobody caught, or a promise was rejected that nobody handled.
    #[error("{error}")]
    Thrown {
        /// Name, message and stack of the error.
        error: String,
    },
    /// Everything was answered, and the action still waits.
    #[error("the action waits for a promise that nothing will settle")]
    NeverSettles,
    /// Something given is too long.
    #[error("{part} is longer than {limit} bytes")]
    TooLong {
        /// What.
        part: Part,
        /// Bytes.
        limit: u32,
    },
    /// Parameters are no JSON object.
    #[error("jsParams are no JSON object")]
    InvalidParams,
    /// A Wasm module that is not valid, or has or wants what is not offered.
    #[error("not an action: {reason}")]
    InvalidModule {
        /// What is wrong with it.
        reason: String,
    },
    /// The sandbox knows no such execution.
    #[error("no such execution")]
    UnknownExecution,
    /// The executor's process died with the request: only this one is lost.
    #[error("the executor crashed")]
    Crashed,
    /// The executor cannot be started or spoken to.
    #[error("no executor: {reason}")]
    Unavailable {
        /// Why.
        reason: String,
    },
    /// The executor said what no executor says: it is in wrong hands, and was ended.
    #[error("the executor cannot be trusted: {reason}")]
    Distrusted {
        /// What it said.
        reason: String,
    },
}
