//! A Wasm action in Rust (`conclave-action`, its example), compiled and run.

use crate::support::Bench;
use base64ct::{Base64, Encoding};
use conclave_actions::{
    Answered, Failure, FetchRequest, FetchResponse, Host, HostError, Keys, Limits, SignRequest, Web,
};
use futures::future::ready;
use serde_json::json;
use std::{
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
};

const TARGET: &str = "wasm32v1-none";

/// A compiler that has the target's core library: the one in use, or Debian's (see scripts/bootstrap).
fn compiler() -> (String, &'static str) {
    let has_target = |rustc: &str| {
        let sysroot = Command::new(rustc).args(["--print", "sysroot"]).output();
        let sysroot = sysroot.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string());
        sysroot.is_ok_and(|sysroot| Path::new(&sysroot).join("lib/rustlib").join(TARGET).join("lib").is_dir())
    };
    match ["rustc", "/usr/bin/rustc"].into_iter().find(|rustc| has_target(rustc)) {
        Some("rustc") => (env!("CARGO").into(), "rustc"),
        Some(debian) => ("/usr/bin/cargo".into(), debian),
        None => panic!("no compiler has {TARGET}: scripts/bootstrap"),
    }
}

fn price() -> Vec<u8> {
    let (cargo, rustc) = compiler();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wasm-actions");
    let output = Command::new(cargo)
        .args(["build", "--locked", "-p", "conclave-action", "--example", "price", "--target", TARGET])
        .args(["--profile", "wasm"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CARGO_TARGET_DIR", &folder)
        .env("RUSTC", rustc)
        .env_remove("RUSTFLAGS")
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(folder.join(TARGET).join("wasm/examples/price.wasm")).unwrap()
}

/// A shop, and a key.
struct World {
    page: &'static str,
    signed: Mutex<Vec<SignRequest>>,
}

impl Web for World {
    fn fetch(&self, request: FetchRequest) -> Answered<'_, FetchResponse> {
        let known = request.url == "https://shop.example/"
            && request.headers == [("accept".to_string(), "application/json".to_string())];
        let response = FetchResponse {
            url: request.url,
            status: 200,
            status_text: "OK".into(),
            headers: Vec::new(),
            redirected: false,
            body: Base64::encode_string(self.page.as_bytes()),
        };
        let failed = HostError::Failed { reason: "no such shop".into() };
        Box::pin(ready(if known { Ok(response) } else { Err(failed) }))
    }
}

impl Keys for World {
    fn sign(&self, request: SignRequest) -> Answered<'_, String> {
        self.signed.lock().unwrap().push(request);
        Box::pin(ready(Ok("success".into())))
    }
}

#[test]
fn a_rust_action_should_fetch_decide_and_sign() {
    let wasm = price();
    let run = |page, url: &str, limit: u64| {
        let world = Arc::new(World { page, signed: Mutex::default() });
        let host = Host { web: world.clone(), keys: world.clone(), ..Host::default() };
        let bench = Bench::with_host(host);
        let params = json!({ "url": url, "publicKey": "04ab", "limit": limit });
        let report = bench.finish(bench.request(&wasm, params, Limits::default()));
        let signed = world.signed.lock().unwrap().clone();
        (report, signed)
    };
    let shop = "https://shop.example/";
    let (report, signed) = run(r#"{"price":42}"#, shop, 50);
    assert_eq!((report.result, report.response.as_deref()), (Ok(()), Some("signed")));
    assert_eq!(report.logs, "price 42, limit 50\n");
    println!("{} bytes, {} fuel", wasm.len(), report.usage.fuel);
    // keccak256("buy at 42"), by ethers.
    assert_eq!(
        hex::encode(&signed[0].to_sign),
        "bfe346e782593c8bb7798a350b2d308aec0c58f76073ef7db27334c6a6317242"
    );
    assert_eq!((signed[0].public_key.as_deref(), signed[0].name.as_str()), (Some("04ab"), "order"));
    let (report, signed) = run(r#"{"price":51}"#, shop, 50);
    assert_eq!((report.response.as_deref(), signed.len()), (Some("too dear"), 0));
    // Errors are logged, and end it.
    for (page, url, expected) in [
        ("{}", shop, "the server said no price"),
        ("no json", shop, "expected"),
        ("", "https://other/", "no such shop"),
    ] {
        let (report, signed) = run(page, url, 50);
        assert!(matches!(report.result, Err(Failure::Trapped { .. })), "{:?}", report.result);
        assert!(report.logs.contains(expected) && signed.is_empty(), "{expected}: {}", report.logs);
    }
}
