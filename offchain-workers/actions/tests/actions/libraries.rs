//! ethers 6, ethers 5 and viem, bundled from npm as users do: each makes the same transaction here and in Node.js. Where
//! there is no npm, nothing is tested, and that is said.

use crate::support::Bench;
use conclave_actions::{engine_hash, Host, Limits, Vm};
use serde_json::{json, Value};
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

/// The folder of the bundles, `None` without npm.
fn bundles() -> Option<PathBuf> {
    if !Command::new("npm").arg("--version").output().is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: there is no npm, so no library is tested");
        return None;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("action-bundles");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/action-bundles");
    // One test at a time writes there.
    static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _guard = LOCK.lock().unwrap();
    let output = Command::new(script).arg(&folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(folder)
}

fn params() -> Value {
    json!({
        "to": "0x00000000000000000000000000000000000000aa", "amount": "123456789012345678901234567890",
        // The key of ethers' documentation.
        "key": "0x0123456789012345678901234567890123456789012345678901234567890123",
        "transaction": {
            "chainId": 1, "nonce": 7, "gasLimit": 60_000, "to": "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
            "maxFeePerGas": "50000000000", "maxPriorityFeePerGas": "1000000000",
        },
    })
}

/// What the same script comes to in Node.js.
fn in_node(bundle: &Path) -> Value {
    let harness = "const [, file, params] = process.argv;
        globalThis.jsParams = { ...JSON.parse(params), done: async (found) => console.log(JSON.stringify(await found)) };
        (0, eval)(require('node:fs').readFileSync(file, 'utf8'))";
    let output =
        Command::new("node").args(["-e", harness]).arg(bundle).arg(params().to_string()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn libraries_should_make_the_same_transaction_here_as_in_node() {
    let Some(folder) = bundles() else { return };
    let bench = Bench::with_host(Host::default());
    let mut digests = Vec::new();
    for library in ["ethers6", "viem", "ethers5"] {
        let bundle = folder.join(format!("{library}-transaction.js"));
        let expected = in_node(&bundle);
        let code = format!(
            "jsParams.done = async (found) => Lit.Actions.setResponse({{ response: JSON.stringify(await found) }});\n{}",
            std::fs::read_to_string(&bundle).unwrap()
        );
        let started = std::time::Instant::now();
        let report = bench.finish(bench.request(&code, params(), Limits::default()));
        assert_eq!(report.result, Ok(()), "{library}");
        println!("{library}: {} fuel, {:?}", report.usage.fuel, started.elapsed());
        let found: Value = serde_json::from_str(&report.response.unwrap()).unwrap();
        assert_eq!(found, expected, "{library}");
        if library != "ethers5" {
            assert_eq!(found["wallet"], "0x14791697260E4c9A71f18484C9f997B308e59325", "{library}");
            assert_eq!(found["from"], found["wallet"], "{library}");
        }
        digests.push((found["unsigned"].clone(), found["digest"].clone()));
    }
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]), "{digests:?}");
}

#[test]
fn ethers_should_be_a_global_of_actions_that_name_it_where_members_have_it() {
    let Some(folder) = bundles() else { return };
    let bundle = std::fs::read_to_string(folder.join("ethers5.js")).unwrap();
    let vm = Arc::new(Vm::with_ethers(64 << 20, &bundle).unwrap());
    assert_ne!(vm.engine_hash(), engine_hash());
    let bench = Bench { vm, host: Host::default() };
    let id = "console.log(ethers.utils.id('x'), ethers.version)";
    let report = bench.run(id);
    assert_eq!(report.result, Ok(()));
    assert_eq!(
        report.logs,
        "0x7521d1cadbcfa91eec65aa16715b94ffc1c9654ba57ea2ef1a2127bca1127a83 ethers/5.7.2\n"
    );
    // The same again, from the cache; and nothing of it is left for the next one.
    assert_eq!(bench.run(id), report);
    assert_eq!(bench.run("ethers.utils.id = 1; globalThis.leak = 1").result, Ok(()));
    assert_eq!(bench.run("console.log(typeof ethers.utils.id, typeof leak)").logs, "function undefined\n");
    // An action may bring its own; one that does not name it does not pay for it.
    assert_eq!(bench.run("const ethers = { version: 7 }; console.log(ethers.version)").logs, "7\n");
    assert_eq!(bench.run("console.log(typeof globalThis['eth' + 'ers'])").logs, "undefined\n");
    let plain = Bench::with_host(Host::default());
    assert_eq!(plain.run("console.log(typeof ethers)").logs, "undefined\n");
    let Err(failure) = Vm::with_ethers(1, "throw new Error('no bundle')") else { panic!("no bundle") };
    assert!(failure.to_string().contains("no bundle"), "{failure}");
}
