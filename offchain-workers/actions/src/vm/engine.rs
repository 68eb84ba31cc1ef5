//! How wasmi is set up.

use crate::failure::Failure;
use wasmi::{CompilationMode, Config, EnforcedLimits, OperatorCost, StoreLimits, StoreLimitsBuilder};

/// Eager: else whoever runs a function first pays the fuel of its translation, and members differ.
fn common() -> Config {
    let mut config = Config::default();
    config
        .consume_fuel(true)
        // wasmi 2.0.0 leaves a native stack frame behind for each of them until a slice is over (they are no sibling
        // calls): what they cost bounds how many there are in a slice. Without it a loop of them ends the process.
        .operator_cost(OperatorCost { memory_grow: u8::MAX, table_grow: u8::MAX, ..OperatorCost::default() })
        .compilation_mode(CompilationMode::Eager)
        // JavaScript nests several WebAssembly calls for each of its own.
        .set_max_recursion_depth(20_000)
        .set_max_stack_height(64 << 20)
        .ignore_custom_sections(true)
        .wasm_multi_memory(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false);
    config
}

/// For QuickJS, which we trust to be a well-formed module.
pub(super) fn for_javascript() -> wasmi::Engine {
    wasmi::Engine::new(&common())
}

/// For modules of others.
pub(super) fn for_wasm() -> wasmi::Engine {
    let mut config = common();
    config.enforced_limits(EnforcedLimits::strict()).allow_start_fn(false).wasm_tail_call(false);
    wasmi::Engine::new(&config)
}

/// Growing beyond them fails, as on a machine without memory; it does not trap.
pub(super) fn store_limits(memory_bytes: u32) -> StoreLimits {
    StoreLimitsBuilder::new()
        .memory_size(memory_bytes as usize)
        .table_elements(100_000)
        .instances(1)
        .memories(1)
        .tables(4)
        .trap_on_grow_failure(false)
        .build()
}

/// A fault of ours: the guest has not what it must have.
pub(super) fn broken(what: impl std::fmt::Display) -> Failure {
    Failure::Trapped { trap: format!("the sandbox itself: {what}") }
}
