//! Fuel, in slices: wasmi cannot be interrupted, so it is given little at a time, and asked between to go on.

use super::{state::State, Stop};
use crate::failure::Failure;
use wasmi::{
    Store, TrapCode, TypedFunc, TypedResumableCall, TypedResumableCallHostTrap, WasmParams, WasmResults,
};

/// One or two milliseconds; and few enough `memory.grow`s for the native stack of any thread (see `engine`).
const SLICE: u64 = 1_000_000;

/// What was used, what is left.
#[derive(Debug)]
pub(super) struct Meter {
    limit: u64,
    used: u64,
    /// Handed to the store.
    handed: u64,
    /// What the host charged beyond what the store held.
    debt: u64,
}

impl Meter {
    pub(super) fn new(limit: u64, used: u64) -> Self {
        Self { limit, used, handed: 0, debt: 0 }
    }

    pub(super) fn used(&self) -> u64 {
        self.used.min(self.limit)
    }

    /// Lowers the limit.
    pub(super) fn restrict(&mut self, limit: u64) {
        self.limit = self.limit.min(limit);
    }

    pub(super) fn owe(&mut self, fuel: u64) {
        self.debt = self.debt.saturating_add(fuel);
    }
}

pub(super) enum Called<R> {
    Returned(R),
    Suspended(TypedResumableCallHostTrap<R>),
}

/// Calls a function of the guest.
pub(super) fn call<P: WasmParams, R: WasmResults>(
    store: &mut Store<State>,
    function: &TypedFunc<P, R>,
    parameters: P,
    stop: Stop<'_>,
) -> Result<Called<R>, Failure> {
    refill(store, 0)?;
    let step = function.call_resumable(&mut *store, parameters);
    drive(store, step, stop)
}

/// Goes on with a call whose host function has its result now.
pub(super) fn resume<R: WasmResults>(
    store: &mut Store<State>,
    suspended: TypedResumableCallHostTrap<R>,
    result: i32,
    stop: Stop<'_>,
) -> Result<Called<R>, Failure> {
    refill(store, 0)?;
    let step = suspended.resume(&mut *store, &[wasmi::Val::I32(result)]);
    drive(store, step, stop)
}

fn drive<R: WasmResults>(
    store: &mut Store<State>,
    mut step: Result<TypedResumableCall<R>, wasmi::Error>,
    stop: Stop<'_>,
) -> Result<Called<R>, Failure> {
    loop {
        settle(store)?;
        match step {
            Ok(TypedResumableCall::Finished(result)) => return Ok(Called::Returned(result)),
            Ok(TypedResumableCall::HostTrap(suspended)) => return Ok(Called::Suspended(suspended)),
            Ok(TypedResumableCall::OutOfFuel(paused)) => {
                if stop() {
                    return Err(Failure::Deadline { time_ms: store.data().limits.time_ms });
                }
                refill(store, paused.required_fuel())?;
                step = paused.resume(&mut *store);
            }
            Err(error) => return Err(failure_of(&error, store.data())),
        }
    }
}

/// Books what the store has used since it was filled.
fn settle(store: &mut Store<State>) -> Result<(), Failure> {
    let left = store.get_fuel().unwrap_or(0);
    let meter = &mut store.data_mut().meter;
    let spent = meter.handed.saturating_sub(left).saturating_add(std::mem::take(&mut meter.debt));
    meter.used = meter.used.saturating_add(spent);
    meter.handed = left;
    if meter.used > meter.limit {
        return Err(Failure::OutOfFuel { limit: meter.limit });
    }
    Ok(())
}

fn refill(store: &mut Store<State>, required: u64) -> Result<(), Failure> {
    let meter = &mut store.data_mut().meter;
    let remaining = meter.limit.saturating_sub(meter.used);
    if required > remaining || remaining == 0 {
        meter.used = meter.limit;
        return Err(Failure::OutOfFuel { limit: meter.limit });
    }
    let slice = required.max(SLICE.min(remaining));
    meter.handed = slice;
    store.set_fuel(slice).map_err(super::engine::broken)
}

fn failure_of(error: &wasmi::Error, state: &State) -> Failure {
    match error.as_trap_code() {
        Some(TrapCode::StackOverflow) => Failure::StackExhausted,
        Some(TrapCode::OutOfFuel) => Failure::OutOfFuel { limit: state.limits.fuel },
        Some(TrapCode::GrowthOperationLimited) => Failure::OutOfMemory { limit: state.limits.memory_bytes },
        Some(TrapCode::OutOfSystemMemory) => Failure::OutOfMemory { limit: state.limits.memory_bytes },
        _ => Failure::Trapped { trap: error.to_string() },
    }
}
