//! Random valid modules: whatever they do, they end within their limits, the same way each time.

use crate::{support::Bench, wasm::Action};
use conclave_actions::{Failure, Host, Limits};
use rand_chacha::{
    rand_core::{Rng, SeedableRng},
    ChaCha20Rng,
};
use serde_json::json;
use std::collections::BTreeMap;
use wasm_encoder::{
    reencode::{self, Reencode},
    ExportKind, ExportSection,
};
use wasm_smith::{Config, Module};

/// Ten thousand and more with `CONCLAVE_MODULES`; also where CI runs, a few.
fn count() -> u64 {
    std::env::var("CONCLAVE_MODULES").ok().and_then(|count| count.parse().ok()).unwrap_or(150)
}

/// A module with the imports and exports of an action, of random bytes.
fn module(seed: u64) -> Option<Vec<u8>> {
    let mut noise = vec![0; 4_096];
    ChaCha20Rng::seed_from_u64(seed).fill_bytes(&mut noise);
    let action = Action::default().wasm();
    let config = Config {
        available_imports: Some(action.clone()),
        // wasm-smith cannot be asked for the export of a memory.
        exports: Some(Action { exports_memory: false, ..Default::default() }.wasm()),
        min_memories: 1,
        allow_start_export: false,
        memory64_enabled: false,
        max_memories: 1,
        max_imports: 4,
        max_memory32_bytes: 8 << 20,
        max_tables: 1,
        simd_enabled: false,
        relaxed_simd_enabled: false,
        threads_enabled: false,
        exceptions_enabled: false,
        gc_enabled: false,
        tail_call_enabled: false,
        shared_everything_threads_enabled: false,
        custom_page_sizes_enabled: false,
        wide_arithmetic_enabled: false,
        disallow_traps: false,
        ..Config::default()
    };
    let module = Module::new(config, &mut arbitrary::Unstructured::new(&noise)).ok()?;
    let mut with_memory = wasm_encoder::Module::new();
    ExportsMemory
        .parse_core_module(&mut with_memory, wasmparser::Parser::new(0), &module.to_bytes())
        .unwrap();
    Some(with_memory.finish())
}

struct ExportsMemory;

impl Reencode for ExportsMemory {
    type Error = std::convert::Infallible;

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        exports.export("memory", ExportKind::Memory, 0);
        reencode::utils::parse_export_section(self, exports, section)
    }
}

#[test]
fn random_modules_should_end_within_their_limits_and_alike() {
    let limits = Limits { fuel: 3_000_000, memory_bytes: 16 << 20, time_ms: 5_000, ..Limits::default() };
    let bench = Bench::with_host(Host::default());
    let (mut ran, mut refused, mut reasons) = (0, 0, BTreeMap::<String, u32>::new());
    for seed in 0..count() {
        let Some(wasm) = module(seed) else { continue };
        let run = || bench.finish(bench.request(&wasm, json!({}), limits));
        let report = run();
        assert!(report.usage.fuel <= limits.fuel, "seed {seed}");
        match &report.result {
            Err(Failure::InvalidModule { reason }) => {
                *reasons.entry(reason.chars().take(60).collect::<String>()).or_insert(0) += 1;
                refused += 1
            }
            // It waits for as long as it says it does, which differs.
            Err(Failure::Deadline { .. }) => continue,
            _ => ran += 1,
        }
        assert_eq!(run(), report, "seed {seed}");
    }
    println!("{ran} modules ran, {refused} were refused: {reasons:#?}");
    assert!(ran > refused, "{ran} ran, {refused} were refused");
}
