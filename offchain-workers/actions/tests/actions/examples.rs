//! The examples (`examples/*.js`): what each does, and what it refuses. The world is scripted here.

use crate::support::Bench;
use base64ct::{Base64, Encoding};
use conclave_actions::{
    trace, Agreement, Answered, AuthContext, Chain, Condition, Failure, FetchRequest, FetchResponse, Host,
    HostError, Keys, Limits, LocalSandbox, Report, Request, Secrets, SignRequest, Web,
};
use futures::future::ready;
use serde_json::{json, Value};
use std::sync::{Arc, Mutex};

/// What the web answers to a URL that starts so, and what was asked for.
struct World {
    pages: Vec<(&'static str, u16, Value)>,
    chain: Value,
    permitted: bool,
    fetched: Mutex<Vec<FetchRequest>>,
    signed: Mutex<Vec<SignRequest>>,
    decrypted: Mutex<Vec<Condition>>,
}

impl Web for World {
    fn fetch(&self, request: FetchRequest) -> Answered<'_, FetchResponse> {
        let page = self.pages.iter().find(|(url, ..)| request.url.starts_with(url));
        let response = page.map(|(_, status, body)| FetchResponse {
            url: request.url.clone(),
            status: *status,
            status_text: String::new(),
            headers: vec![("content-type".into(), "application/json".into())],
            redirected: false,
            body: Base64::encode_string(body.to_string().as_bytes()),
        });
        self.fetched.lock().unwrap().push(request);
        Box::pin(ready(response.ok_or(HostError::Failed { reason: "connection refused".into() })))
    }
}

impl Keys for World {
    fn sign(&self, request: SignRequest) -> Answered<'_, String> {
        self.signed.lock().unwrap().push(request);
        Box::pin(ready(Ok("success".into())))
    }
}

impl Secrets for World {
    fn decrypt(&self, condition: Condition, _: String, _: String, single: bool) -> Answered<'_, String> {
        assert!(single);
        self.decrypted.lock().unwrap().push(condition);
        Box::pin(ready(Ok("sk-very-secret".into())))
    }
}

impl Chain for World {
    fn read(&self, operation: String, _: Value) -> Answered<'_, Value> {
        let found = if operation == "callContract" { self.chain.clone() } else { json!(self.permitted) };
        Box::pin(ready(Ok(found)))
    }
}

impl Agreement for World {
    fn run_once(&self, _: String, _: u32, _: bool) -> Answered<'_, Option<Option<String>>> {
        Box::pin(ready(Ok(None)))
    }

    fn publish(&self, _: String, _: u32, _: String) -> Answered<'_, ()> {
        Box::pin(ready(Ok(())))
    }
}

fn world(pages: Vec<(&'static str, u16, Value)>) -> World {
    World {
        pages,
        chain: Value::Null,
        permitted: true,
        fetched: Mutex::default(),
        signed: Mutex::default(),
        decrypted: Mutex::default(),
    }
}

fn play(code: &str, params: Value, auth: AuthContext, world: World) -> (Report, Arc<World>) {
    let world = Arc::new(world);
    let host = Host {
        keys: world.clone(),
        secrets: world.clone(),
        chain: world.clone(),
        web: world.clone(),
        agreement: world.clone(),
        ..Host::default()
    };
    let bench = Bench::with_host(host);
    let request = Request { auth, ..bench.request(code, params, Limits::default()) };
    (bench.finish(request), world)
}

fn response(report: &Report) -> Value {
    assert_eq!(report.result, Ok(()));
    let text = report.response.as_ref().unwrap();
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}

fn refused(report: &Report, expected: &str) {
    let Err(Failure::Thrown { error }) = &report.result else { panic!("{expected}: {:?}", report.result) };
    assert!(error.contains(expected), "{expected}: {error}");
}

#[test]
fn a_limit_order_should_be_signed_below_its_price_only() {
    let code = include_str!("../../examples/limit-order.js");
    let params = json!({ "publicKey": "04ab", "marketUrl": "https://market.example/", "limitPrice": 100, "order": "11".repeat(32) });
    let at = |status, body| {
        play(
            code,
            params.clone(),
            AuthContext::default(),
            world(vec![("https://market.example/", status, body)]),
        )
    };
    let (report, world) = at(200, json!({ "price": 99.5 }));
    assert_eq!(response(&report), json!({ "filled": true, "price": 99.5 }));
    assert_eq!(world.signed.lock().unwrap()[0].to_sign, [0x11; 32]);
    let (report, world) = at(200, json!({ "price": 100.5 }));
    assert_eq!(response(&report)["filled"], false);
    assert!(world.signed.lock().unwrap().is_empty());
    for (status, body, expected) in
        [(500, json!({}), "answered 500"), (200, json!({ "price": "1" }), "no price")]
    {
        let (report, world) = at(status, body);
        refused(&report, expected);
        assert!(world.signed.lock().unwrap().is_empty());
    }
}

#[test]
fn a_price_should_be_the_median_of_those_that_answer() {
    let code = include_str!("../../examples/price-oracle.js");
    let source = |name: &str, path: Value| json!({ "url": format!("https://{name}.example/"), "path": path });
    let params = json!({ "pair": "ETH/USD", "sources": [source("a", json!(["price"])), source("b", json!(["data", 0, "last"])), source("c", json!(["p"]))] });
    let pages = vec![
        ("https://a.example/", 200, json!({ "price": 3000.004 })),
        ("https://b.example/", 200, json!({ "data": [{ "last": "3010.5" }] })),
        ("https://c.example/", 200, json!({ "p": 1 })),
    ];
    let (report, played) = play(code, params.clone(), AuthContext::default(), world(pages.clone()));
    let statement: Value = serde_json::from_str(response(&report)["statement"].as_str().unwrap()).unwrap();
    // The one that lies moves the median to an honest one.
    assert_eq!((&statement["price"], &statement["pair"]), (&json!("3000.00"), &json!("ETH/USD")));
    let signed = played.signed.lock().unwrap();
    assert_eq!((signed.len(), &signed[0].public_key), (1, &None));
    let (report, _) = play(code, params.clone(), AuthContext::default(), world(pages[..2].to_vec()));
    assert_eq!(report.result, Ok(()), "one may be down");
    let (report, played) = play(code, params, AuthContext::default(), world(pages[..1].to_vec()));
    refused(&report, "only 1 of 3 sources");
    assert!(played.signed.lock().unwrap().is_empty());
}

#[test]
fn a_message_should_be_attested_for_one_destination_and_nonce() {
    let code = include_str!("../../examples/cross-chain-message.js");
    let run = |nonce: u32, message: &str| {
        let params = json!({ "publicKey": "04ab", "chain": "ethereum", "outbox": "0xAbCd", "call": "0x02", "destination": 137, "nonce": nonce });
        play(code, params, AuthContext::default(), World { chain: json!(message), ..world(Vec::new()) })
    };
    let digest = |nonce, message| {
        let (report, played) = run(nonce, message);
        let digest = response(&report)["digest"].as_str().unwrap().to_string();
        assert_eq!(hex::encode(&played.signed.lock().unwrap()[0].to_sign), digest);
        digest
    };
    assert_eq!(digest(1, "0x6869"), digest(1, "0x6869"));
    assert_ne!(digest(1, "0x6869"), digest(2, "0x6869"));
    assert_ne!(digest(1, "0x6869"), digest(1, "0x6868"));
    for nothing in ["0x", "0x0000", "error"] {
        let (report, played) = run(1, nothing);
        refused(&report, "no such message");
        assert!(played.signed.lock().unwrap().is_empty());
    }
}

#[test]
fn a_private_agent_should_use_its_key_and_never_show_it() {
    let code = include_str!("../../examples/private-agent.js");
    let params = json!({ "prompt": "hello", "key": { "ciphertext": "c", "dataToEncryptHash": "h" }, "apiUrl": "https://api.example/v1/chat/completions", "model": "m" });
    let completion = json!({ "choices": [{ "message": { "role": "assistant", "content": "hi there" } }] });
    let api = |status, body| world(vec![("https://api.example/", status, body)]);
    let (report, played) = play(code, params.clone(), AuthContext::default(), api(200, completion));
    assert_eq!(response(&report), json!({ "reply": "hi there" }));
    let fetched = played.fetched.lock().unwrap();
    assert!(fetched[0].headers.contains(&("authorization".into(), "Bearer sk-very-secret".into())));
    let condition = &played.decrypted.lock().unwrap()[0];
    assert_eq!(condition.conditions[0]["returnValueTest"]["value"], report.cid.to_string());
    assert_eq!(condition.stack, [report.cid]);
    let (report, _) = play(code, params, AuthContext::default(), api(429, json!({})));
    refused(&report, "the completion failed");
    assert!(!format!("{report:?}").contains("sk-very-secret"));
}

#[test]
fn a_second_factor_should_be_fresh_and_for_these_bytes() {
    use p256::ecdsa::{signature::Signer, Signature, SigningKey};
    let code = include_str!("../../examples/second-factor.js");
    let key = SigningKey::from_slice(&[7; 32]).unwrap();
    let point = key.verifying_key().to_sec1_point(false);
    let url = base64ct::Base64UrlUnpadded::encode_string;
    let field = |range: std::ops::Range<usize>| url(&point.as_bytes()[range]);
    let jwk = json!({ "kty": "EC", "crv": "P-256", "kid": "k", "x": field(1..33), "y": field(33..65) });
    let now = 1_795_365_091u64;
    let token = |claims: Value| {
        let header = url(json!({ "alg": "ES256", "kid": "k" }).to_string().as_bytes());
        let signed = format!("{header}.{}", url(claims.to_string().as_bytes()));
        let signature: Signature = key.sign(signed.as_bytes());
        format!("{signed}.{}", url(&signature.to_bytes()))
    };
    let digest = "22".repeat(32);
    let claims = |nonce: &str, issued| json!({ "sub": "alice", "aud": "second-factor", "nonce": nonce, "iat": issued, "exp": now + 3_600 });
    let run = |id_token: String, permitted| {
        let params = json!({ "publicKey": "04ab", "tokenId": "1", "toSign": digest, "idToken": id_token, "keys": [jwk], "subject": "alice" });
        let first = json!({ "userId": "0x01", "appId": "", "authMethodType": 1, "usedForSignSessionKeyRequest": false });
        let auth = AuthContext { auth_method_contexts: vec![first], ..AuthContext::default() };
        play(code, params, auth, World { permitted, ..world(Vec::new()) })
    };
    let (report, played) = run(token(claims(&digest, now - 60)), true);
    assert_eq!(response(&report), json!("approved"));
    assert_eq!(played.signed.lock().unwrap().len(), 1);
    let fresh = token(claims(&digest, now - 60));
    let forged = format!("{}.{}", fresh.rsplit_once('.').unwrap().0, url(&[1; 64]));
    for (token, permitted, expected) in [
        (fresh, false, "the first factor is not permitted"),
        (token(claims(&digest, now - 400)), true, "maxAge exceeded"),
        (token(claims("33", now - 60)), true, "jwt nonce invalid"),
        (forged, true, "invalid signature"),
    ] {
        let (report, played) = run(token, permitted);
        refused(&report, expected);
        assert!(played.signed.lock().unwrap().is_empty(), "{expected}");
    }
}

#[test]
fn spending_should_stop_at_its_limit() {
    let code = include_str!("../../examples/spending-limit.js");
    let run = |spent: &str, amount: &str| {
        let params = json!({
            "publicKey": "04ab", "to": format!("0x{}", "ab".repeat(20)), "amount": amount, "nonce": 7, "ledgerUrl": "https://ledger.example/",
            "limit": "1000000000000000000", "chainId": 1,
        });
        play(
            code,
            params,
            AuthContext::default(),
            world(vec![("https://ledger.example/", 200, json!({ "total": spent }))]),
        )
    };
    let (report, played) = run("0", "400000000000000000");
    let answer = response(&report);
    assert_eq!((&answer["signed"], &answer["total"]), (&json!(true), &json!("400000000000000000")));
    // By ethers 6.17: Transaction.from({type: 2, chainId: 1, nonce: 7, maxPriorityFeePerGas: 1e9, maxFeePerGas: 50e9, gasLimit: 21000, to, value}).unsignedSerialized.
    let unsigned = "0x02f00107843b9aca00850ba43b740082520894abababababababababababababababababababab88058d15e17628000080c0";
    assert_eq!(answer["unsigned"], unsigned);
    assert_eq!(played.signed.lock().unwrap().len(), 1);
    assert!(played.fetched.lock().unwrap()[0].url.ends_with("?day=2026-11-22"));
    let (report, played) = run("700000000000000000", "400000000000000000");
    assert_eq!(response(&report), json!({ "signed": false, "left": "300000000000000000" }));
    assert!(played.signed.lock().unwrap().is_empty());
    refused(&run("0", "-1").0, "amounts are positive");
}

#[test]
fn a_trace_should_show_each_call_by_its_line_and_change_nothing() {
    let code = "const a = 1;\nawait fetch('https://a.example/x');\nfor (let i = 0; i < 2; i++)\n  await Lit.Actions.getRpcUrl({ chain: 'x' });\nawait fetch('https://b.example/').catch(() => 0);";
    let host = || {
        let world = Arc::new(world(vec![("https://a.example/", 200, json!(1))]));
        Host { web: world.clone(), chain: world, ..Host::default() }
    };
    let bench = Bench::with_host(host());
    let request = || bench.request(code, json!({}), Limits::default());
    let sandbox = LocalSandbox::new(bench.vm.clone());
    let (report, found) = futures::executor::block_on(trace(&sandbox, &bench.host, request()));
    assert_eq!(report, bench.finish(request()));
    let steps: Vec<_> =
        found.steps.iter().map(|step| (step.line, step.operation.as_str(), step.answer.is_ok())).collect();
    let expected = [(2, "fetch", true), (4, "getRpcUrl", true), (4, "getRpcUrl", true), (5, "fetch", false)];
    assert_eq!(steps, expected);
    assert!(found.steps.windows(2).all(|pair| pair[0].fuel < pair[1].fuel));
    let lines = found.lines();
    assert_eq!(lines[&(report.cid, 4)].calls, 2);
    assert!(lines.values().all(|line| line.fuel > 0));
    let shown = found.to_string();
    assert!(
        shown.contains("getRpcUrl {\"chain\":\"x\"} → true") && shown.contains("✗ connection refused"),
        "{shown}"
    );
}
