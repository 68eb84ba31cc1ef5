//! What a sandbox replies, checked again: it may be a process that an action has taken over, and then says anything.

use crate::{
    failure::Failure,
    sandbox::{Outcome, Reply},
    vm::{ARGUMENT_BYTES, MAX_WAITING, OPERATION_BYTES, WAITING_BYTES},
    Limits,
};

/// Longest text of a failure, in bytes: what QuickJS says of an error, at its longest.
const TEXT_BYTES: usize = 64 << 10;
/// A character that replaces a byte that is none takes three.
const REPLACED: usize = 3;

/// Follows one execution, and refuses what an honest sandbox does not reply.
pub(crate) struct Inspector {
    limits: Limits,
    /// Units of fuel that the last reply owned up to.
    fuel: u64,
    /// The lowest number that a new call may have.
    next_call: u64,
    /// Calls that wait for their answer, and bytes of their arguments.
    waiting: usize,
    waiting_bytes: usize,
}

impl Inspector {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, fuel: 0, next_call: 0, waiting: 0, waiting_bytes: 0 }
    }

    pub(crate) fn fuel(&self) -> u64 {
        self.fuel
    }

    /// A call with an argument of so many bytes was answered.
    pub(crate) fn answered(&mut self, bytes: usize) {
        self.waiting = self.waiting.saturating_sub(1);
        self.waiting_bytes = self.waiting_bytes.saturating_sub(bytes);
    }

    /// Checks a reply; `budget` is the fuel that the execution could have used in the end, `ended` whether it was told to
    /// end.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn inspect(&mut self, reply: &Reply, budget: u64, ended: bool) -> Result<(), String> {
        let fuel = match reply {
            Reply::Waiting { fuel, .. } => *fuel,
            Reply::Done(outcome) => outcome.fuel,
        };
        if fuel < self.fuel || fuel > budget {
            return Err(format!("{fuel} units of fuel, of {budget}, after {}", self.fuel));
        }
        self.fuel = fuel;
        match reply {
            Reply::Waiting { .. } if ended => Err("it waits after its end".into()),
            Reply::Waiting { calls, .. } => {
                for call in calls {
                    if u64::from(call.id) < self.next_call {
                        return Err(format!("call {} again", call.id));
                    }
                    self.next_call = u64::from(call.id).saturating_add(1);
                    at_most("an operation", call.operation.len(), REPLACED * OPERATION_BYTES as usize)?;
                    at_most("an argument", call.argument.len(), ARGUMENT_BYTES as usize)?;
                    self.waiting = self.waiting.saturating_add(1);
                    self.waiting_bytes = self.waiting_bytes.saturating_add(call.argument.len());
                }
                if self.waiting == 0 {
                    return Err("it waits for nothing".into());
                }
                // Timers that were cleared since wait here until they are due, not there: each was a call of the host.
                let cleared = self.limits.host_calls as usize;
                at_most("calls at once", self.waiting, MAX_WAITING.saturating_add(cleared))?;
                at_most("arguments at once", self.waiting_bytes, 2 * WAITING_BYTES)
            }
            Reply::Done(outcome) => self.outcome(outcome),
        }
    }

    fn outcome(&self, outcome: &Outcome) -> Result<(), String> {
        at_most(
            "a response",
            outcome.response.as_ref().map_or(0, String::len),
            self.limits.response_bytes as usize,
        )?;
        at_most("logs", outcome.logs.len(), self.limits.log_bytes as usize)?;
        match &outcome.result {
            Err(
                Failure::Thrown { error: text }
                | Failure::Trapped { trap: text }
                | Failure::InvalidModule { reason: text },
            ) => at_most("the text of a failure", text.len(), TEXT_BYTES),
            Err(
                failure @ (Failure::Crashed
                | Failure::Unavailable { .. }
                | Failure::Distrusted { .. }
                | Failure::UnknownExecution
                | Failure::InvalidParams),
            ) => Err(format!(
                "a failure that is not its to report: {}",
                failure.to_string().chars().take(64).collect::<String>()
            )),
            _ => Ok(()),
        }
    }
}

/// The limits in a failure are those of the request, whatever the sandbox was given of them.
pub(crate) fn of_request(failure: Failure, limits: &Limits) -> Failure {
    match failure {
        Failure::OutOfFuel { .. } => Failure::OutOfFuel { limit: limits.fuel },
        Failure::Deadline { .. } => Failure::Deadline { time_ms: limits.time_ms },
        Failure::OutOfMemory { .. } => Failure::OutOfMemory { limit: limits.memory_bytes },
        other => other,
    }
}

fn at_most(what: &str, found: usize, limit: usize) -> Result<(), String> {
    if found <= limit {
        Ok(())
    } else {
        Err(format!("{what}: {found}, of at most {limit}"))
    }
}
