//! JavaScript: QuickJS as the guest.

use super::{
    engine::{self, broken},
    image::Image,
    meter::{self, Called},
    state::{self, Asked, State},
    Answer, Call, Ended, Execution, Inputs, Program, Stage, Stop, Turn,
};
use crate::{failure::Failure, prelude::PRELUDE, Limits};
use conclave_action_guest::QUICKJS;
use sha2::{Digest, Sha256};
use std::sync::{Arc, LazyLock};
use wasmi::{Caller, Extern, Linker, Memory, Module, Store, TypedFunc, WasmParams, WasmResults};

/// Of QuickJS's own stack, which is 4 MiB of linear memory: with a rest for what does not check it.
const STACK_BYTES: u32 = 3 << 20 | 1 << 19;

/// What a guest says of its promise.
const PENDING: i32 = 0;
const FULFILLED: i32 = 1;

/// What decides how much fuel an action takes and what it may call: engine and prelude. Members compare it; those that
/// have a bundle of ethers compare [`Vm::engine_hash`](super::Vm::engine_hash).
pub fn engine_hash() -> [u8; 32] {
    hash_with(None)
}

/// SHA-256 of the guest: QuickJS, as it was compiled to Wasm.
pub fn guest_hash() -> [u8; 32] {
    // A megabyte, of which clients may ask by RPC.
    static HASH: LazyLock<[u8; 32]> = LazyLock::new(|| Sha256::digest(QUICKJS).into());
    *HASH
}

/// SHA-256 of the prelude: `Lit.Actions` and the web's interfaces, in JavaScript.
pub fn prelude_hash() -> [u8; 32] {
    Sha256::digest(PRELUDE).into()
}

pub(super) fn hash_with(bundle: Option<&[u8; 32]>) -> [u8; 32] {
    let hash = Sha256::new().chain_update(guest_hash()).chain_update(prelude_hash());
    match bundle {
        Some(bundle) => hash.chain_update(bundle).finalize().into(),
        None => hash.finalize().into(),
    }
}

pub(super) struct Engine {
    linker: Linker<State>,
    module: Module,
    /// With the prelude, before any action.
    bare: Image,
    /// And with `ethers`, for actions that name it.
    ethers: Option<Image>,
}

/// The prelude, then a bundle that declares `ethers`, inside a function: so that it is a global like others, which an
/// action may declare anew.
fn with_ethers(bundle: &str) -> String {
    format!(
        "globalThis.configure = {};\nObject.defineProperty(globalThis, 'ethers', {{ value: (function () {{\n{bundle}\n;return \
         ethers }}).call(globalThis), writable: true, configurable: true }});\n\
         ((configure) => (delete globalThis.configure, configure))(globalThis.configure)",
        PRELUDE.trim_end()
    )
}

impl Engine {
    pub(super) fn new(ethers: Option<&str>) -> Result<Self, Failure> {
        let engine = engine::for_javascript();
        let module = Module::new(&engine, QUICKJS).map_err(broken)?;
        let linker = link(&engine).map_err(broken)?;
        let bare = snapshot(&linker, &module, PRELUDE)?;
        let ethers = ethers.map(|bundle| snapshot(&linker, &module, &with_ethers(bundle))).transpose()?;
        Ok(Self { linker, module, bare, ethers })
    }

    /// Which snapshot a program starts from: a matter of its bytes alone.
    fn image_for(&self, code: &[u8]) -> &Image {
        match &self.ethers {
            Some(ethers) if code.windows(6).any(|word| word == b"ethers") => ethers,
            _ => &self.bare,
        }
    }

    pub(super) fn compile(
        &self,
        code: &[u8],
        limits: &Limits,
        stop: Stop<'_>,
    ) -> Result<Program, (Failure, u64)> {
        let inputs = Inputs { configuration: String::new(), now_us: 1, seed: 0, entropy: [0; 32] };
        let mut guest =
            Guest::restore(&self.linker, &self.module, self.image_for(code), State::new(inputs, *limits, 0))
                .map_err(|failure| (failure, 0))?;
        let compiled = guest
            .function::<(u32, u32), i32>("compile")
            .and_then(|compile| guest.call_with(&compile, code, stop));
        let fuel = guest.store.data().meter.used();
        compiled.map_err(|failure| (failure, fuel))?;
        Ok(Program::JavaScript(Arc::new(guest.snapshot()), fuel))
    }

    pub(super) fn start(
        &self,
        image: &Image,
        fuel: u64,
        inputs: Inputs,
        limits: &Limits,
        stop: Stop<'_>,
    ) -> Turn {
        let seed = inputs.seed;
        let mut state = State::new(inputs, *limits, fuel);
        if fuel > limits.fuel {
            return Turn::Done(state.ended(Err(Failure::OutOfFuel { limit: limits.fuel })));
        }
        let configuration = std::mem::take(&mut state.configuration);
        let guest = match Guest::restore(&self.linker, &self.module, image, state) {
            Ok(guest) => guest,
            Err(failure) => {
                let mut state =
                    State::new(Inputs { configuration, now_us: 0, seed, entropy: [0; 32] }, *limits, fuel);
                return Turn::Done(state.ended(Err(failure)));
            }
        };
        let mut script = Script { guest };
        match script.begin(seed, &configuration, stop) {
            Ok(promise) => script.go_on(promise, stop),
            Err(failure) => Turn::Done(script.end(Err(failure))),
        }
    }
}

/// The memory of a guest that has evaluated a prelude.
fn snapshot(linker: &Linker<State>, module: &Module, prelude: &str) -> Result<Image, Failure> {
    // What the clock shows here seeds hashes inside: it must be the same everywhere.
    let inputs = Inputs { configuration: String::new(), now_us: 1, seed: 0, entropy: [0; 32] };
    let limits = Limits { fuel: 1_000_000_000_000, ..Limits::default() };
    let mut guest = Guest::new(linker, module, State::new(inputs, limits, 0))?;
    let never = &mut || false;
    let init = guest.function::<u32, i32>("init")?;
    if guest.call(&init, STACK_BYTES, never)? != FULFILLED {
        return Err(broken("QuickJS does not start"));
    }
    let evaluate = guest.function::<(u32, u32), i32>("prelude")?;
    guest.call_with(&evaluate, prelude.as_bytes(), never)?;
    Ok(guest.snapshot())
}

/// A run of an action.
pub(super) struct Script {
    guest: Guest,
}

impl Script {
    fn begin(&mut self, seed: u64, configuration: &str, stop: Stop<'_>) -> Result<i32, Failure> {
        let guest = &mut self.guest;
        let reseed = guest.function::<u64, ()>("reseed")?;
        guest.call(&reseed, seed, stop)?;
        let configure = guest.function::<(u32, u32), i32>("configure")?;
        guest.call_with(&configure, configuration.as_bytes(), stop)?;
        let run = guest.function::<(), i32>("run")?;
        guest.call(&run, (), stop)
    }

    pub(super) fn resume(mut self, call: u32, answer: Answer, stop: Stop<'_>) -> Turn {
        if !self.guest.store.data_mut().take_waiting(call) {
            return Turn::Waiting(Box::new(Execution(Stage::JavaScript(self))), Vec::new());
        }
        match self.answer(call, answer, stop) {
            Ok(promise) => self.go_on(promise, stop),
            Err(failure) => Turn::Done(self.end(Err(failure))),
        }
    }

    fn answer(&mut self, call: u32, answer: Answer, stop: Stop<'_>) -> Result<i32, Failure> {
        let (ok, bytes) = match &answer {
            Ok(bytes) => (1, bytes.as_slice()),
            Err(text) => (0, text.as_bytes()),
        };
        let resolve = self.guest.function::<(u32, i32, u32, u32), i32>("resolve")?;
        let at = self.guest.put(bytes, stop)?;
        self.guest.call(&resolve, (call, ok, at, bytes.len() as u32), stop)
    }

    /// Answers what is answered here, and looks where that leaves the action.
    fn go_on(mut self, mut promise: i32, stop: Stop<'_>) -> Turn {
        loop {
            if promise != PENDING && promise != FULFILLED {
                let failure = self.guest.thrown();
                return Turn::Done(self.end(Err(failure)));
            }
            let state = self.guest.store.data_mut();
            if let Some((call, answer)) = state.answered.pop_front() {
                if state.take_waiting(call) {
                    promise = match self.answer(call, answer, stop) {
                        Ok(promise) => promise,
                        Err(failure) => return Turn::Done(self.end(Err(failure))),
                    };
                }
                continue;
            }
            // Also when the action's own promise is fulfilled: what it started is finished, as in a browser.
            if state.is_waiting() {
                let calls = std::mem::take(&mut state.calls);
                return Turn::Waiting(Box::new(Execution(Stage::JavaScript(self))), calls);
            }
            let result = self.finish(stop);
            return Turn::Done(self.end(result));
        }
    }

    fn finish(&mut self, stop: Stop<'_>) -> Result<(), Failure> {
        let finish = self.guest.function::<(), i32>("finish")?;
        match self.guest.call(&finish, (), stop)? {
            FULFILLED => Ok(()),
            PENDING => Err(Failure::NeverSettles),
            _ => Err(self.guest.thrown()),
        }
    }

    pub(super) fn fuel(&self) -> u64 {
        self.guest.store.data().meter.used()
    }

    pub(super) fn restrict_fuel(&mut self, limit: u64) {
        self.guest.store.data_mut().meter.restrict(limit);
    }

    pub(super) fn end(mut self, result: Result<(), Failure>) -> Ended {
        self.guest.store.data_mut().ended(result)
    }
}

/// An instance of QuickJS.
struct Guest {
    store: Store<State>,
    instance: wasmi::Instance,
    memory: Memory,
}

impl Guest {
    fn new(linker: &Linker<State>, module: &Module, state: State) -> Result<Self, Failure> {
        let mut store = Store::new(linker.engine(), state);
        store.limiter(|state| &mut state.store_limits);
        // Its data segments are copied for fuel.
        store.set_fuel(u64::MAX).map_err(broken)?;
        let limit = store.data().limits.memory_bytes;
        let instance =
            linker.instantiate_and_start(&mut store, module).map_err(|_| Failure::OutOfMemory { limit })?;
        let memory = instance.get_memory(&store, "memory").ok_or_else(|| broken("no memory"))?;
        Ok(Self { store, instance, memory })
    }

    fn restore(
        linker: &Linker<State>,
        module: &Module,
        image: &Image,
        state: State,
    ) -> Result<Self, Failure> {
        let mut guest = Self::new(linker, module, state)?;
        let limit = guest.store.data().limits.memory_bytes;
        image.restore(&mut guest.store, guest.memory, limit)?;
        Ok(guest)
    }

    fn snapshot(&self) -> Image {
        Image::take(self.memory.data(&self.store))
    }

    fn function<P: WasmParams, R: WasmResults>(&self, name: &str) -> Result<TypedFunc<P, R>, Failure> {
        self.instance.get_typed_func(&self.store, name).map_err(broken)
    }

    fn call<P: WasmParams, R: WasmResults>(
        &mut self,
        function: &TypedFunc<P, R>,
        parameters: P,
        stop: Stop<'_>,
    ) -> Result<R, Failure> {
        match meter::call(&mut self.store, function, parameters, stop)? {
            Called::Returned(result) => Ok(result),
            Called::Suspended(_) => Err(broken("QuickJS was suspended")),
        }
    }

    /// Calls a function of bytes that says 1, or 2 and why.
    fn call_with(
        &mut self,
        function: &TypedFunc<(u32, u32), i32>,
        bytes: &[u8],
        stop: Stop<'_>,
    ) -> Result<(), Failure> {
        let at = self.put(bytes, stop)?;
        match self.call(function, (at, bytes.len() as u32), stop)? {
            FULFILLED => Ok(()),
            _ => Err(self.thrown()),
        }
    }

    /// Copies bytes in, with room for the terminator that QuickJS wants of code.
    fn put(&mut self, bytes: &[u8], stop: Stop<'_>) -> Result<u32, Failure> {
        let limit = self.store.data().limits.memory_bytes;
        let length = u32::try_from(bytes.len()).ok().and_then(|length| length.checked_add(1));
        let length = length.ok_or(Failure::OutOfMemory { limit })?;
        let alloc = self.function::<u32, u32>("alloc")?;
        let at = self.call(&alloc, length, stop)?;
        if at == 0 {
            return Err(Failure::OutOfMemory { limit });
        }
        self.memory.write(&mut self.store, at as usize, bytes).map_err(broken)?;
        Ok(at)
    }

    /// What the guest says of the error that it stopped with.
    fn thrown(&mut self) -> Failure {
        let text = self.error_text().unwrap_or_else(|failure| failure.to_string());
        if text.starts_with("InternalError: out of memory") {
            return Failure::OutOfMemory { limit: self.store.data().limits.memory_bytes };
        }
        Failure::Thrown { error: text }
    }

    fn error_text(&mut self) -> Result<String, Failure> {
        let never = &mut || false;
        let (at, len) = (self.function::<(), u32>("out_ptr")?, self.function::<(), u32>("out_len")?);
        let (at, len) = (self.call(&at, (), never)?, self.call(&len, (), never)?);
        // An error is no way around the limit of logs.
        let len = len.min(16 << 10);
        let end = (at as usize).checked_add(len as usize);
        let bytes = end.and_then(|end| self.memory.data(&self.store).get(at as usize..end));
        Ok(String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned())
    }
}

fn link(engine: &wasmi::Engine) -> Result<Linker<State>, wasmi::Error> {
    let mut linker = Linker::new(engine);
    linker.func_wrap(
        "host",
        "call",
        |mut caller: Caller<'_, State>, op: u32, op_len: u32, arg: u32, arg_len: u32, id: i32, line: u32| {
            let memory = memory_of(&caller)?;
            let call = u32::try_from(id).ok();
            let asked = state::take_call(&mut caller, memory, (op, op_len), (arg, arg_len), call.is_some())?;
            match (asked, call) {
                (Asked::Answered(code), None) => Ok(code),
                (Asked::Leaves(operation, argument), Some(id)) => {
                    caller.data_mut().ask(Call { id, operation, argument, line });
                    Ok(0)
                }
                // An operation that is answered at once, as a promise.
                (Asked::Answered(code), Some(id)) => {
                    let state = caller.data_mut();
                    let bytes = std::mem::take(&mut state.answer);
                    let answer =
                        if code < 0 { Err(String::from_utf8_lossy(&bytes).into_owned()) } else { Ok(bytes) };
                    state.answer_later(id, answer);
                    Ok(0)
                }
                (Asked::Leaves(..), None) => {
                    Err(wasmi::Error::new("not an operation that is answered at once"))
                }
            }
        },
    )?;
    linker.func_wrap("host", "read", |mut caller: Caller<'_, State>, to: u32, len: u32| {
        let memory = memory_of(&caller)?;
        state::read_answer(&mut caller, memory, to, len)
    })?;
    linker.func_wrap("host", "now_us", |caller: Caller<'_, State>| -> i64 {
        i64::try_from(caller.data().now_us).unwrap_or(i64::MAX)
    })?;
    linker.func_wrap("host", "log", |mut caller: Caller<'_, State>, at: u32, len: u32| {
        let memory = memory_of(&caller)?;
        let length = len.min(caller.data().limits.log_bytes);
        let text = state::read(&caller, memory, at, length)?;
        caller.data_mut().log(&String::from_utf8_lossy(&text));
        Ok::<(), wasmi::Error>(())
    })?;
    Ok(linker)
}

fn memory_of(caller: &Caller<'_, State>) -> Result<Memory, wasmi::Error> {
    match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => Ok(memory),
        _ => Err(wasmi::Error::new("the guest exports no memory")),
    }
}
