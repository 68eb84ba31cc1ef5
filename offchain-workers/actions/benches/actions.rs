//! What actions cost, in processor time, and what the sandbox costs beside the same QuickJS without one: ratios of one run.
//!
//! `cargo bench -p conclave-actions` (or `--profile dev`, which optimises what is measured). `CONCLAVE_BUNDLES=<folder>` of
//! `scripts/action-bundles` adds the flavour with ethers 5 and a transaction of ethers 6.

use conclave_actions::{
    run, Answered, AuthContext, FetchRequest, FetchResponse, Host, Keys, Limits, LocalSandbox, Report,
    Request, SignRequest, Vm, Web,
};
use futures::{executor::block_on, future::ready};
use rustix::time::{clock_gettime, ClockId};
use serde_json::{json, Map, Value};
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

const FIB: &str = "const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2)); fib(24)";
const JSON: &str = "const rows = Array.from({ length: 1000 }, (_, id) => ({ id, name: `name ${id}`, tags: ['a', 'b'], price: id * 1.5, nested: { deep: [id, id + 1] } }));
    const text = JSON.stringify(rows); for (let i = 0; i < 5; i++) JSON.stringify(JSON.parse(text))";
const TYPICAL: &str = "const { price } = await fetch('https://market.example/').then((answer) => answer.json());
    const toSign = Conclave.native.keccak256(new TextEncoder().encode(JSON.stringify({ price, by: Lit.Auth.actionIpfsIds[0] })));
    await Lit.Actions.signEcdsa({ toSign, publicKey, sigName: 'price' });
    Lit.Actions.setResponse({ response: JSON.stringify({ price }) })";

/// Answers at once: what is measured is the sandbox.
struct World;

impl Web for World {
    fn fetch(&self, request: FetchRequest) -> Answered<'_, FetchResponse> {
        Box::pin(ready(Ok(FetchResponse {
            url: request.url,
            status: 200,
            status_text: "OK".into(),
            headers: vec![("content-type".into(), "application/json".into())],
            redirected: false,
            body: "eyJwcmljZSI6NDJ9".into(),
        })))
    }
}

impl Keys for World {
    fn sign(&self, _: SignRequest) -> Answered<'_, String> {
        Box::pin(ready(Ok("success".into())))
    }
}

/// Milliseconds of processor time of this process.
fn now() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

struct Bench {
    vm: Arc<Vm>,
    host: Host,
}

impl Bench {
    fn run(&self, code: &str, params: Map<String, Value>) -> Report {
        let sandbox = LocalSandbox::new(self.vm.clone());
        let request = Request {
            id: [1; 32],
            code: code.into(),
            params,
            spread: true,
            auth: AuthContext::default(),
            headers: Map::new(),
            now_us: 1_795_365_091_000_000,
            entropy: [2; 32],
            limits: Limits { time_ms: 600_000, ..Limits::default() },
        };
        let report = block_on(run(&sandbox, &self.host, request));
        assert_eq!(report.result, Ok(()), "{code:.80}");
        report
    }

    /// Median milliseconds of so many runs; the first one compiles, and is not among them.
    fn measure(&self, name: &str, code: &str, params: Value, times: usize) -> f64 {
        let Value::Object(params) = params else { panic!("parameters are an object") };
        let before = now();
        let fuel = self.run(code, params.clone()).usage.fuel;
        let first = now() - before;
        let sample = || {
            let before = now();
            self.run(code, params.clone());
            now() - before
        };
        let typical = median((0..times).map(|_| sample()).collect());
        println!("{name:<44} {typical:9.3} ms   first {first:9.2} ms   {:9.2} Mfuel", fuel as f64 / 1e6);
        typical
    }
}

/// The folder of QuickJS's sources.
fn sources() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "rquickjs-sys").unwrap();
    Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().join("quickjs")
}

/// Compiles QuickJS for this machine, once, as the guest is compiled.
fn native() -> PathBuf {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("quickjs-native");
    if !program.exists() {
        let (quickjs, here) = (sources(), Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/native.c"));
        let files = ["quickjs.c", "libregexp.c", "libunicode.c", "dtoa.c"].map(|name| quickjs.join(name));
        let status = Command::new("clang")
            .args(["-std=gnu11", "-O2", "-DNDEBUG", "-D_GNU_SOURCE", "-w", "-funsigned-char"])
            .arg(format!("-I{}", quickjs.display()))
            .arg(here)
            .args(files)
            .arg("-o")
            .arg(&program)
            .args(["-lm", "-lpthread"])
            .status()
            .unwrap();
        assert!(status.success(), "clang compiles QuickJS");
    }
    program
}

fn natively(program: &Path, code: &str) -> f64 {
    let script = Path::new(env!("CARGO_TARGET_TMPDIR")).join("script.js");
    std::fs::write(&script, code).unwrap();
    let sample = || {
        let output = Command::new(program).arg(&script).output().unwrap();
        assert!(output.status.success(), "{code:.80}");
        String::from_utf8_lossy(&output.stdout).trim().parse::<f64>().unwrap()
    };
    median((0..7).map(|_| sample()).collect())
}

fn main() {
    // `cargo test` runs benches, too, to see that they run: that is not asked of this one.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let world = Arc::new(World);
    let host = Host { web: world.clone(), keys: world, ..Host::default() };
    let before = now();
    let bare = Bench { vm: Arc::new(Vm::new(256 << 20).unwrap()), host: host.clone() };
    println!("engine and prelude: {:.0} ms", now() - before);
    let hello = bare.measure("cold start, bare", "0", json!({}), 200);
    let typical = bare.measure(
        "fetch, keccak256, signEcdsa, setResponse",
        TYPICAL,
        json!({ "publicKey": "04ab" }),
        200,
    );
    println!(
        "  {:.0} such actions a second and core; {:.1} cold starts each",
        1e3 / typical,
        typical / hello
    );

    let program = native();
    for (name, code) in [("fib(24)", FIB), ("JSON, 100 KB, 5 times there and back", JSON)] {
        let here = bare.measure(name, code, json!({}), 5);
        let there = natively(&program, code);
        println!("  natively {there:.1} ms: {:.1} times as fast", here / there);
    }

    let Some(folder) = std::env::var_os("CONCLAVE_BUNDLES").map(PathBuf::from) else { return };
    let bundle = std::fs::read_to_string(folder.join("ethers5.js")).unwrap();
    let before = now();
    let ethers5 = Bench { vm: Arc::new(Vm::with_ethers(256 << 20, &bundle).unwrap()), host };
    println!("engine, prelude and ethers 5: {:.0} ms", now() - before);
    let cold = ethers5.measure("cold start, with ethers 5", "typeof ethers", json!({}), 50);
    println!("  {:.1} bare cold starts", cold / hello);
    let library = std::fs::read_to_string(folder.join("ethers6-library.js")).unwrap();
    let encode = "ethers.keccak256.register(Conclave.native.keccak256);
        const data = new ethers.Interface(['function transfer(address to, uint256 amount)']).encodeFunctionData('transfer', ['0x00000000000000000000000000000000000000aa', 5n]);
        Lit.Actions.setResponse({ response: ethers.Transaction.from({ type: 2, chainId: 1, nonce: 7, maxFeePerGas: 5n, maxPriorityFeePerGas: 1n, gasLimit: 60000n, to: '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48', data }).unsignedHash })";
    let alone = bare.measure("ethers 6: loads", &library, json!({}), 5);
    let both =
        bare.measure("ethers 6: loads, encodes, hashes", &format!("{library}\n{encode}"), json!({}), 5);
    println!("  encoding and hashing alone: {:.1} ms", both - alone);
}
