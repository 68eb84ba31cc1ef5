//! What programs cost, to the unit: the same in every profile, since every member has to come to the same.
//!
//! The figures are those of one engine. Whoever changes it (the guest, the prelude, wasmi, prices of operations) takes them anew:
//! `CONCLAVE_FUEL=write cargo test -p conclave-actions fuel`, and looks at what changed by how much.

use crate::{support::Bench, wasm::Action};
use conclave_actions::{engine_hash, Host, Limits};
use serde_json::{json, Value};
use std::path::Path;
use wasm_encoder::{BlockType, Instruction as I};

fn programs() -> Vec<(&'static str, Vec<u8>)> {
    let scripts = [
        ("hello", "Lit.Actions.setResponse({ response: 'hello' })"),
        ("fib(15)", "const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2)); console.log(fib(15))"),
        ("json", "const a = Array.from({ length: 300 }, (_, id) => ({ id, name: `n${id}` })); console.log(JSON.stringify(JSON.parse(JSON.stringify(a))).length)"),
        ("awaits", "let n = 0; for (let i = 0; i < 500; i++) n += await i; console.log(n)"),
        ("floats", "let x = 0.5; for (let i = 0; i < 2000; i++) x = Math.sin(x) * 3.7 + Math.sqrt(i); console.log(x)"),
        ("bigint", "let a = 3n; for (let i = 0; i < 9; i++) a *= a; console.log(String(a).length)"),
        ("random", "let s = 0; for (let i = 0; i < 500; i++) s += Math.random(); console.log(s)"),
        ("hashes", "let h = new Uint8Array(1000); for (let i = 0; i < 20; i++) h = Conclave.native.keccak256(h); console.log(h.toHex())"),
        ("host calls", "for (let i = 0; i < 20; i++) await Lit.Actions.getRpcUrl({ chain: 'x' }).catch(() => 0)"),
        ("throws", "throw new TypeError('x')"),
        ("web", "const u = new URL('https://e.com/?a=1'); u.searchParams.append('b', 'ü'); console.log(u.href, structuredClone({ a: [1] }).a[0])"),
    ];
    let turns = vec![
        I::I32Const(1_000),
        I::LocalSet(0),
        I::Loop(BlockType::Empty),
        I::LocalGet(0),
        I::I32Const(1),
        I::I32Sub,
        I::LocalTee(0),
        I::BrIf(0),
        I::End,
    ];
    let mut all: Vec<_> = scripts.iter().map(|(name, code)| (*name, code.as_bytes().to_vec())).collect();
    all.push(("wasm", Action { run: turns, ..Action::default() }.wasm()));
    all
}

#[test]
fn programs_should_cost_what_they_cost_everywhere() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fuel.json");
    let bench = Bench::with_host(Host::default());
    let mut found = json!({ "engine": hex::encode(engine_hash()) });
    for (name, code) in programs() {
        let run = || bench.finish(bench.request(&code, json!({}), Limits::default()));
        let report = run();
        // From the cache.
        assert_eq!(run(), report, "{name}");
        found[name] = json!({ "fuel": report.usage.fuel, "logs": report.logs });
    }
    if std::env::var("CONCLAVE_FUEL").is_ok_and(|wanted| wanted == "write") {
        std::fs::write(&file, format!("{found:#}\n")).unwrap();
    }
    let pinned: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(
        pinned["engine"], found["engine"],
        "another engine (or another clang) than the figures are of: CONCLAVE_FUEL=write takes them anew"
    );
    assert_eq!(found, pinned);
}
