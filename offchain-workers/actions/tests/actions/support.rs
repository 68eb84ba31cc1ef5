//! Runs actions in this process.
#![allow(dead_code)]

use conclave_actions::{run as run_request, AuthContext, Host, Limits, LocalSandbox, Report, Request, Vm};
use serde_json::{json, Value};
use std::sync::{Arc, OnceLock};

/// One machine: engines, cache, ports.
pub(crate) struct Bench {
    pub(crate) vm: Arc<Vm>,
    pub(crate) host: Host,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { vm: Arc::new(Vm::new(64 << 20).unwrap()), host: Host::default() }
    }

    pub(crate) fn with_host(host: Host) -> Self {
        Self { vm: shared(), host }
    }

    pub(crate) fn request(&self, code: impl AsRef<[u8]>, params: Value, limits: Limits) -> Request {
        let Value::Object(params) = params else { panic!("parameters are an object") };
        // Fuel bounds tests; the default deadline would, too, on a machine that is busy enough.
        let patient = limits.time_ms == Limits::default().time_ms;
        let limits = Limits { time_ms: if patient { 600_000 } else { limits.time_ms }, ..limits };
        Request {
            id: [1; 32],
            code: code.as_ref().to_vec(),
            params,
            spread: true,
            auth: AuthContext::default(),
            headers: Default::default(),
            now_us: 1_795_365_091_000_000,
            entropy: [2; 32],
            limits,
        }
    }

    pub(crate) fn finish(&self, request: Request) -> Report {
        let sandbox = LocalSandbox::new(self.vm.clone());
        futures::executor::block_on(run_request(&sandbox, &self.host, request))
    }

    pub(crate) fn run(&self, code: impl AsRef<[u8]>) -> Report {
        self.finish(self.request(code, json!({}), Limits::default()))
    }
}

/// Engines are translated once for all tests of a file.
fn shared() -> Arc<Vm> {
    static VM: OnceLock<Arc<Vm>> = OnceLock::new();
    VM.get_or_init(|| Arc::new(Vm::new(64 << 20).unwrap())).clone()
}

pub(crate) fn run(code: impl AsRef<[u8]>) -> Report {
    run_with(code, json!({}), Limits::default())
}

pub(crate) fn run_with(code: impl AsRef<[u8]>, params: Value, limits: Limits) -> Report {
    let bench = Bench::with_host(Host::default());
    bench.finish(bench.request(code, params, limits))
}

pub(crate) fn logs(code: &str) -> String {
    let report = run(code);
    assert_eq!(report.result, Ok(()), "{code}");
    report.logs
}
