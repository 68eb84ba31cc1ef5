//! What the host knows of an execution, and what both guests may ask of it.

use super::{meter::Meter, Answer, Call, Ended, Inputs};
use crate::{failure::Failure, native, Limits};
use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};
use std::collections::{BTreeMap, VecDeque};
use wasmi::{Caller, Memory, StoreLimits};

/// Longest name of an operation.
pub(crate) const OPERATION_BYTES: u32 = 64;
/// Longest argument of a call, in bytes: a fetch with the largest body that one may want to send.
pub(crate) const ARGUMENT_BYTES: u32 = 4 << 20;
/// How many calls may wait at once; the guest's own bound for JavaScript.
pub(crate) const MAX_WAITING: usize = 1_024;
/// And how many bytes their arguments may have together.
pub(crate) const WAITING_BYTES: usize = 32 << 20;
/// Fuel for a call, and for each 16 bytes that it copies.
const CALL_FUEL: u64 = 1_000;
/// Fuel for a call that leaves the sandbox: what its host does besides, and for each byte: reading JSON.
const HOST_FUEL: u64 = 100_000;
const HOST_BYTE_FUEL: u64 = 4;

pub(super) struct State {
    pub(super) store_limits: StoreLimits,
    pub(super) limits: Limits,
    pub(super) meter: Meter,
    pub(super) configuration: String,
    pub(super) now_us: u64,
    pub(super) random: ChaCha20Rng,
    /// What `read` copies from.
    pub(super) answer: Vec<u8>,
    /// Calls since the last turn.
    pub(super) calls: Vec<Call>,
    /// Calls that await an answer, with the length of their argument and, for a timer, its handle.
    waiting: BTreeMap<u32, (usize, Option<Vec<u8>>)>,
    /// Calls that are answered here, after all: refused, or timers that were cleared.
    pub(super) answered: VecDeque<(u32, Answer)>,
    next_id: u32,
    response: Option<String>,
    logs: String,
}

impl State {
    pub(super) fn new(inputs: Inputs, limits: Limits, used: u64) -> Self {
        Self {
            store_limits: super::engine::store_limits(limits.memory_bytes),
            limits,
            meter: Meter::new(limits.fuel, used),
            configuration: inputs.configuration,
            now_us: inputs.now_us,
            random: ChaCha20Rng::from_seed(inputs.entropy),
            answer: Vec::new(),
            calls: Vec::new(),
            waiting: BTreeMap::new(),
            answered: VecDeque::new(),
            next_id: 0,
            response: None,
            logs: String::new(),
        }
    }

    pub(super) fn ended(&mut self, result: Result<(), Failure>) -> Ended {
        Ended {
            result,
            response: self.response.take(),
            logs: std::mem::take(&mut self.logs),
            fuel: self.meter.used(),
        }
    }

    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whether the call was waited for; it is not any more.
    pub(super) fn take_waiting(&mut self, id: u32) -> bool {
        self.waiting.remove(&id).is_some()
    }

    /// Notes a call that leaves the sandbox; refuses it at once if it is out of bounds.
    pub(super) fn ask(&mut self, call: Call) {
        let bytes: usize = self.waiting.values().map(|(bytes, _)| *bytes).sum();
        let length = call.argument.len();
        let fits = bytes.saturating_add(length) <= WAITING_BYTES && self.waiting.len() < MAX_WAITING;
        let handle = (call.operation == "sleep")
            .then(|| call.argument.split(|byte| *byte == b':').next().map(<[u8]>::to_vec))
            .flatten();
        self.waiting.insert(call.id, (length, handle));
        if fits {
            self.calls.push(call);
        } else {
            self.answered.push_back((call.id, Err("too much is asked of the host at once".into())));
        }
    }

    /// The same, for a guest that leaves the numbering to the host.
    pub(super) fn ask_next(&mut self, operation: String, argument: Vec<u8>) {
        let id = self.next_id;
        self.next_id = self.next_id.saturating_add(1);
        self.ask(Call { id, operation, argument, line: 0 });
    }

    /// Answers a call, once the guest is back.
    pub(super) fn answer_later(&mut self, id: u32, answer: Answer) {
        self.waiting.insert(id, (0, None));
        self.answered.push_back((id, answer));
    }

    /// Answers an operation that needs nobody outside. `None`: it does.
    fn answer_here(&mut self, operation: &str, argument: &[u8]) -> Option<Answer> {
        Some(match operation {
            "setResponse" => self.set_response(argument),
            "log" => {
                self.log(&String::from_utf8_lossy(argument));
                Ok(Vec::new())
            }
            "now" => Ok(self.now_us.to_string().into_bytes()),
            "configuration" => Ok(self.configuration.clone().into_bytes()),
            "random" => native::random(argument, &mut self.random),
            // A timer that is cleared is answered now: else the action would end only when it is due.
            "wake" => {
                let timer = self.waiting.iter().find(|(_, (_, handle))| handle.as_deref() == Some(argument));
                if let Some(id) = timer.map(|(id, _)| *id) {
                    self.calls.retain(|call| call.id != id);
                    self.answered.push_back((id, Ok(Vec::new())));
                }
                Ok(Vec::new())
            }
            _ => return native::compute(operation, argument),
        })
    }

    fn set_response(&mut self, argument: &[u8]) -> Answer {
        let limit = self.limits.response_bytes;
        if argument.len() > limit as usize {
            return Err(format!("a response has at most {limit} bytes"));
        }
        let text = std::str::from_utf8(argument).map_err(|_| "a response is UTF-8")?;
        self.response = Some(text.into());
        Ok(Vec::new())
    }

    pub(super) fn log(&mut self, text: &str) {
        let mut room = (self.limits.log_bytes as usize).saturating_sub(self.logs.len()).min(text.len());
        while !text.is_char_boundary(room) {
            room = room.saturating_sub(1);
        }
        self.logs.push_str(text.get(..room).unwrap_or_default());
    }
}

/// What one call of the host came to.
pub(super) enum Asked {
    /// The answer lies ready; the length, or -1 - length of an error's text.
    Answered(i32),
    /// It leaves the sandbox.
    Leaves(String, Vec<u8>),
}

/// Reads a call out of the guest's memory, charges it, and answers it if that needs nobody outside. `leave`: whether
/// operations that do may be asked at all here.
pub(super) fn take_call(
    caller: &mut Caller<'_, State>,
    memory: Memory,
    (operation, operation_len): (u32, u32),
    (argument, argument_len): (u32, u32),
    leaves: bool,
) -> Result<Asked, wasmi::Error> {
    charge(caller, CALL_FUEL.saturating_add(u64::from(argument_len / 16)));
    let name = read(caller, memory, operation, operation_len.min(OPERATION_BYTES))?;
    let name = String::from_utf8_lossy(&name).into_owned();
    if argument_len > ARGUMENT_BYTES || operation_len > OPERATION_BYTES {
        return Ok(Asked::Answered(put_answer(
            caller,
            Err(format!("at most {ARGUMENT_BYTES} bytes can be passed to the host")),
        )));
    }
    let argument = read(caller, memory, argument, argument_len)?;
    charge(caller, native::fuel(&name, argument.len()));
    if let Some(answer) = caller.data_mut().answer_here(&name, &argument) {
        return Ok(Asked::Answered(put_answer(caller, answer)));
    }
    if !leaves {
        let answer = Err(format!("{name} is no operation that is answered at once"));
        return Ok(Asked::Answered(put_answer(caller, answer)));
    }
    charge(caller, HOST_FUEL.saturating_add(HOST_BYTE_FUEL.saturating_mul(argument.len() as u64)));
    Ok(Asked::Leaves(name, argument))
}

/// Where an answer lies ready for `read`; what the guest is told of it.
pub(super) fn put_answer(caller: &mut Caller<'_, State>, answer: Answer) -> i32 {
    let state = caller.data_mut();
    let (code, bytes) = encode_answer(answer);
    state.answer = bytes;
    charge(caller, u64::from(code.unsigned_abs() / 16));
    code
}

/// The length and the bytes of an answer, or -1 - length and the text of an error.
pub(super) fn encode_answer(answer: Answer) -> (i32, Vec<u8>) {
    let (failed, mut bytes) = match answer {
        Ok(bytes) => (false, bytes),
        Err(text) => (true, text.into_bytes()),
    };
    if i32::try_from(bytes.len()).is_err() {
        bytes.clear();
    }
    let length = i32::try_from(bytes.len()).unwrap_or(0);
    (if failed { (-1i32).saturating_sub(length) } else { length }, bytes)
}

fn charge(caller: &mut Caller<'_, State>, fuel: u64) {
    let left = caller.get_fuel().unwrap_or(0);
    // Fuel is only ever lowered here, which cannot fail where it is on.
    let _ = caller.set_fuel(left.saturating_sub(fuel));
    caller.data_mut().meter.owe(fuel.saturating_sub(left));
}

pub(super) fn read(
    caller: &Caller<'_, State>,
    memory: Memory,
    from: u32,
    len: u32,
) -> Result<Vec<u8>, wasmi::Error> {
    let from = from as usize;
    let end = from.checked_add(len as usize);
    let bytes = end.and_then(|end| memory.data(caller).get(from..end));
    Ok(bytes.ok_or(wasmi::TrapCode::MemoryOutOfBounds)?.to_vec())
}

/// Copies the answer that lies ready into the guest.
pub(super) fn read_answer(
    caller: &mut Caller<'_, State>,
    memory: Memory,
    to: u32,
    len: u32,
) -> Result<(), wasmi::Error> {
    charge(caller, CALL_FUEL);
    let (data, state) = memory.data_and_store_mut(caller);
    let end = (to as usize).checked_add(len as usize);
    let target = end.and_then(|end| data.get_mut(to as usize..end));
    let target = target.ok_or(wasmi::TrapCode::MemoryOutOfBounds)?;
    let source = state.answer.get(..len as usize).ok_or(wasmi::TrapCode::MemoryOutOfBounds)?;
    target.copy_from_slice(source);
    Ok(())
}
