//! Wasm actions: the module itself runs. It imports `lit.call(op, op_len, arg, arg_len) -> len`, which blocks in its
//! eyes, and `lit.read(to, len)`; it exports `memory` and `run`, which takes and returns nothing.

use super::{
    engine::{self, broken},
    meter::{self, Called},
    state::{self, Asked, State},
    Answer, Call, Ended, Execution, Inputs, Program, Stage, Stop, Turn,
};
use crate::{failure::Failure, Limits};
use wasmi::{
    errors::{ErrorKind, HostError, InstantiationError},
    Caller, Extern, ExternType, Linker, Memory, Module, Store, TypedResumableCallHostTrap,
};

/// Fuel for each byte of a module: translating takes 50 ms a megabyte.
pub(super) const TRANSLATION_FUEL: u64 = 50;
/// One may import the same function under several types; nobody needs to.
const IMPORTS: usize = 16;

pub(super) struct Engine {
    linker: Linker<State>,
}

impl Engine {
    pub(super) fn new() -> Result<Self, Failure> {
        link(&engine::for_wasm()).map(|linker| Self { linker }).map_err(broken)
    }

    pub(super) fn compile(&self, code: &[u8], limits: &Limits) -> Result<Program, (Failure, u64)> {
        let fuel = TRANSLATION_FUEL.saturating_mul(code.len() as u64);
        if fuel > limits.fuel {
            return Err((Failure::OutOfFuel { limit: limits.fuel }, limits.fuel));
        }
        // The validator quotes names of the module, of any length.
        let invalid =
            |reason: String| (Failure::InvalidModule { reason: reason.chars().take(1_024).collect() }, fuel);
        let module = Module::new(self.linker.engine(), code).map_err(|error| invalid(error.to_string()))?;
        if module.imports().len() > IMPORTS {
            return Err(invalid(format!("more than {IMPORTS} imports")));
        }
        for import in module.imports() {
            if import.module() != "lit" || !["call", "read"].contains(&import.name()) {
                return Err(invalid(format!(
                    "imports {:.64}.{:.64}; offered are lit.call and lit.read",
                    import.module(),
                    import.name()
                )));
            }
        }
        if !matches!(module.get_export("memory"), Some(ExternType::Memory(_))) {
            return Err(invalid("exports no memory called memory".into()));
        }
        let Some(ExternType::Func(run)) = module.get_export("run") else {
            return Err(invalid("exports no function called run".into()));
        };
        if !run.params().is_empty() || !run.results().is_empty() {
            return Err(invalid("run takes and returns nothing".into()));
        }
        Ok(Program::Wasm(module, fuel))
    }

    pub(super) fn start(
        &self,
        module: &Module,
        fuel: u64,
        inputs: Inputs,
        limits: &Limits,
        stop: Stop<'_>,
    ) -> Turn {
        let mut store = Store::new(self.linker.engine(), State::new(inputs, *limits, fuel));
        store.limiter(|state| &mut state.store_limits);
        match self.run(&mut store, module, stop) {
            Ok(called) => next(store, called),
            Err(failure) => Turn::Done(store.data_mut().ended(Err(failure))),
        }
    }

    fn run(&self, store: &mut Store<State>, module: &Module, stop: Stop<'_>) -> Result<Called<()>, Failure> {
        let limits = store.data().limits;
        // Segments are copied for fuel: no more of it than there is.
        store.set_fuel(limits.fuel.saturating_sub(store.data().meter.used())).map_err(broken)?;
        let instance = self.linker.instantiate_and_start(&mut *store, module).map_err(not_instantiated)?;
        let run = instance.get_typed_func::<(), ()>(&*store, "run").map_err(broken)?;
        meter::call(store, &run, (), stop)
    }
}

/// A run that waits for the answer to one call.
pub(super) struct Suspended {
    store: Store<State>,
    call: TypedResumableCallHostTrap<()>,
    id: u32,
}

impl Suspended {
    pub(super) fn resume(mut self, call: u32, answer: Answer, stop: Stop<'_>) -> Turn {
        if call != self.id || !self.store.data_mut().take_waiting(call) {
            return Turn::Waiting(Box::new(Execution(Stage::Wasm(self))), Vec::new());
        }
        let (code, bytes) = state::encode_answer(answer);
        let state = self.store.data_mut();
        state.answer = bytes;
        state.meter.owe(u64::from(code.unsigned_abs() / 16));
        match meter::resume(&mut self.store, self.call, code, stop) {
            Ok(called) => next(self.store, called),
            Err(failure) => Turn::Done(self.store.data_mut().ended(Err(failure))),
        }
    }

    pub(super) fn fuel(&self) -> u64 {
        self.store.data().meter.used()
    }

    pub(super) fn restrict_fuel(&mut self, limit: u64) {
        self.store.data_mut().meter.restrict(limit);
    }

    pub(super) fn end(mut self, result: Result<(), Failure>) -> Ended {
        self.store.data_mut().ended(result)
    }
}

fn next(mut store: Store<State>, called: Called<()>) -> Turn {
    match called {
        Called::Returned(()) => Turn::Done(store.data_mut().ended(Ok(()))),
        Called::Suspended(call) => {
            let calls = std::mem::take(&mut store.data_mut().calls);
            let Some(id) = calls.first().map(|call: &Call| call.id) else {
                // Only `ask` suspends, and it always asks.
                return Turn::Done(store.data_mut().ended(Err(broken("suspended without a call"))));
            };
            Turn::Waiting(Box::new(Execution(Stage::Wasm(Suspended { store, call, id }))), calls)
        }
    }
}

/// Why a module has no instance. wasmi's own words name handles, which differ from member to member.
fn not_instantiated(error: wasmi::Error) -> Failure {
    if let Some(trap) = error.as_trap_code() {
        return Failure::Trapped { trap: trap.to_string() };
    }
    let reason = match error.kind() {
        ErrorKind::Instantiation(InstantiationError::ElementSegmentDoesNotFit {
            table_index, len, ..
        }) => {
            format!("{len} elements do not fit their table at {table_index}")
        }
        ErrorKind::Instantiation(_) => "an import or a segment does not fit".into(),
        _ => error.to_string().chars().take(1_024).collect(),
    };
    Failure::InvalidModule { reason }
}

/// What a host function returns to suspend its caller.
#[derive(Debug)]
struct Suspend;

impl std::fmt::Display for Suspend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("suspended")
    }
}

impl HostError for Suspend {}

fn link(engine: &wasmi::Engine) -> Result<Linker<State>, wasmi::Error> {
    let mut linker = Linker::new(engine);
    linker.func_wrap(
        "lit",
        "call",
        |mut caller: Caller<'_, State>, op: u32, op_len: u32, arg: u32, arg_len: u32| {
            let memory = memory_of(&caller)?;
            match state::take_call(&mut caller, memory, (op, op_len), (arg, arg_len), true)? {
                Asked::Answered(code) => Ok(code),
                Asked::Leaves(operation, argument) => {
                    caller.data_mut().ask_next(operation, argument);
                    Err(wasmi::Error::host(Suspend))
                }
            }
        },
    )?;
    linker.func_wrap("lit", "read", |mut caller: Caller<'_, State>, to: u32, len: u32| {
        let memory = memory_of(&caller)?;
        state::read_answer(&mut caller, memory, to, len)
    })?;
    Ok(linker)
}

fn memory_of(caller: &Caller<'_, State>) -> Result<Memory, wasmi::Error> {
    match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => Ok(memory),
        _ => Err(wasmi::Error::new("the action exports no memory")),
    }
}
