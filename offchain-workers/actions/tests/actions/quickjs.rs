//! QuickJS's own tests, as crate rquickjs-sys carries them, through the guest.

use crate::support::Bench;
use conclave_actions::{Host, Limits};
use serde_json::{json, Value};
use std::path::PathBuf;

/// With what it needs of `std` and `os`, which no action has: they stay out.
const FILES: &[&str] = &[
    "test_language.js",
    "test_closure.js",
    "test_loop.js",
    "test_bigint.js",
    "test_base64.js",
    "test_queue_microtask.js",
    "test_domexception.js",
    "str-pad-leak.js",
    "array-sort-identical-values.js",
    "bug652.js",
    "bug741.js",
    "bug988.js",
    "bug1296.js",
    "bug1305.js",
    "bug1352.js",
    "bug1355.js",
    "bug1368.js",
    "iterator-filter-leak.js",
    "null_or_undefined.js",
    "typedarray-set-invalid-index.js",
];

/// They are modules, hence strict; these depend on it, and others on what a script may still do.
const STRICT: &[&str] = &["test_domexception.js", "bug1305.js"];

fn folder() -> PathBuf {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "rquickjs-sys").unwrap();
    PathBuf::from(package["manifest_path"].as_str().unwrap()).parent().unwrap().join("quickjs/tests")
}

/// Tests are modules; their one import is `assert.js`, whose exports become globals here.
fn as_script(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("import "));
    lines
        .map(|line| line.strip_prefix("export default ").or(line.strip_prefix("export ")).unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn quickjs_own_tests_should_pass_in_the_guest() {
    let folder = folder();
    let assert = as_script(&std::fs::read_to_string(folder.join("assert.js")).unwrap());
    let bench = Bench::with_host(Host::default());
    let mut failed = Vec::new();
    for file in FILES {
        let text = as_script(&std::fs::read_to_string(folder.join(file)).unwrap());
        let strict = if STRICT.contains(file) { "'use strict';" } else { "" };
        let code =
            format!("{assert}\nconst gc = () => {{}}, print = gc; (async () => {{ {strict} {text}\n }})()");
        let run = || bench.finish(bench.request(&code, json!({}), Limits::default()));
        let report = run();
        println!("{file}: {} fuel", report.usage.fuel);
        if let Err(failure) = &report.result {
            failed.push(format!("{file}: {failure}"));
        }
        assert_eq!(run(), report, "{file}");
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
