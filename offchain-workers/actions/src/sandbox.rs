//! Where actions run: a conversation of commands and replies, so that it may be another process.

use crate::{
    failure::Failure,
    vm::{Answer, Call, Ended, Execution, Inputs, Turn, Vm, MAX_WAITING},
    Limits,
};
use codec::{Compact, Decode, Encode};
use futures::future::{ready, BoxFuture};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

pub use crate::vm::Ended as Outcome;

/// What a sandbox is told. Executions are numbered by whoever commands; number 0 begins a request and ends all others.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Command {
    /// Run a program up to where it first waits.
    Begin {
        /// The number of the execution.
        execution: u32,
        /// JavaScript, or a Wasm module.
        code: Vec<u8>,
        /// What it is given.
        inputs: Inputs,
        /// What it may use.
        limits: Limits,
        /// How long this turn may take, in milliseconds.
        time_ms: u32,
    },
    /// Run on with the answer to one call.
    Answer {
        /// The number of the execution.
        execution: u32,
        /// The number of the call.
        call: u32,
        /// The answer.
        answer: Answer,
        /// What fuel it may have used in the end: less than at first where others of the same request used some.
        fuel: u64,
        /// How long this turn may take, in milliseconds.
        time_ms: u32,
    },
    /// Forget an execution.
    End {
        /// The number of the execution.
        execution: u32,
        /// What it ends with.
        failure: Failure,
    },
}

/// What a sandbox says to a command.
#[derive(Clone, Debug, PartialEq, Eq, Encode)]
pub enum Reply {
    /// The execution waits.
    #[codec(index = 0)]
    Waiting {
        /// Units of fuel that it used up to now.
        fuel: u64,
        /// For these, which are new, and for earlier calls.
        calls: Vec<Call>,
    },
    /// It is over.
    #[codec(index = 1)]
    Done(Outcome),
}

/// By hand: a few bytes can promise millions of calls, each of which takes more memory here than there.
impl Decode for Reply {
    fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
        match input.read_byte()? {
            0 => {
                let fuel = u64::decode(input)?;
                let count = Compact::<u32>::decode(input)?.0;
                if count as usize > MAX_WAITING {
                    return Err("more calls than may wait at once".into());
                }
                let calls = (0..count).map(|_| Call::decode(input)).collect::<Result<_, _>>()?;
                Ok(Reply::Waiting { fuel, calls })
            }
            1 => Outcome::decode(input).map(Reply::Done),
            _ => Err("not a reply".into()),
        }
    }
}

/// Something that runs actions: one command after the other.
pub trait Sandbox: Send + Sync {
    /// Carries out a command.
    ///
    /// # Errors
    /// [`Failure::Crashed`] and [`Failure::Unavailable`], of a sandbox in a process of its own; whatever an action comes
    /// to is a [`Reply`].
    fn turn(&self, command: Command) -> BoxFuture<'_, Result<Reply, Failure>>;

    /// Is told that a reply was not what a sandbox says: it is in wrong hands, and everything in it is worth nothing.
    /// One in a process of its own ends the process.
    fn distrust(&self, _failure: Failure) -> BoxFuture<'_, ()> {
        Box::pin(ready(()))
    }
}

/// A sandbox in this process.
pub struct LocalSandbox {
    vm: Arc<Vm>,
    executions: Mutex<BTreeMap<u32, Execution>>,
}

impl LocalSandbox {
    /// On these engines.
    pub fn new(vm: Arc<Vm>) -> Self {
        Self { vm, executions: Mutex::default() }
    }

    /// Carries out a command, in this thread.
    pub fn turn_now(&self, command: Command) -> Reply {
        let (execution, turn) = match command {
            Command::Begin { execution, code, inputs, limits, time_ms } => {
                if execution == 0 {
                    // A new request: what an earlier one left behind is of no use to anybody.
                    self.executions.lock().unwrap_or_else(PoisonError::into_inner).clear();
                }
                let stop = &mut stop_after(time_ms);
                let turn = match self.vm.prepare(&code, &limits, stop) {
                    Ok(prepared) => self.vm.start(&prepared, inputs, &limits, stop),
                    Err((failure, fuel)) => Turn::Done(Ended::failed(failure, fuel)),
                };
                (execution, turn)
            }
            Command::Answer { execution, call, answer, fuel, time_ms } => match self.take(execution) {
                Some(mut running) => {
                    running.restrict_fuel(fuel);
                    (execution, running.resume(call, answer, &mut stop_after(time_ms)))
                }
                None => (execution, Turn::Done(Ended::failed(Failure::UnknownExecution, 0))),
            },
            Command::End { execution, failure } => {
                let ended = self.take(execution).map(|running| running.end(failure));
                (execution, Turn::Done(ended.unwrap_or_else(|| Ended::failed(Failure::UnknownExecution, 0))))
            }
        };
        match turn {
            Turn::Waiting(waiting, calls) => {
                let fuel = waiting.fuel();
                let mut executions = self.executions.lock().unwrap_or_else(PoisonError::into_inner);
                executions.insert(execution, *waiting);
                Reply::Waiting { fuel, calls }
            }
            Turn::Done(outcome) => Reply::Done(outcome),
        }
    }

    fn take(&self, execution: u32) -> Option<Execution> {
        self.executions.lock().unwrap_or_else(PoisonError::into_inner).remove(&execution)
    }
}

impl Sandbox for LocalSandbox {
    fn turn(&self, command: Command) -> BoxFuture<'_, Result<Reply, Failure>> {
        Box::pin(async move { Ok(self.turn_now(command)) })
    }
}

fn stop_after(time_ms: u32) -> impl FnMut() -> bool {
    let started = Instant::now();
    let time = Duration::from_millis(time_ms.into());
    move || started.elapsed() >= time
}

impl Ended {
    pub(crate) fn failed(failure: Failure, fuel: u64) -> Self {
        Self { result: Err(failure), response: None, logs: String::new(), fuel }
    }
}
