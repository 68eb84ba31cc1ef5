//! What the dispatcher does between actions and ports.

use crate::support::Bench;
use conclave_actions::{
    Agreement, Chain, Cid, Condition, Conditions, Failure, FetchRequest, FetchResponse, Host, HostError,
    Keys, Limits, Programs, SignRequest, Web,
};
use futures::future::{ready, BoxFuture};
use serde_json::{json, Value};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

type Answered<'a, T> = BoxFuture<'a, Result<T, HostError>>;

/// Ports that note what they are asked.
#[derive(Default)]
struct Recorder {
    signed: Mutex<Vec<SignRequest>>,
    fetched: Mutex<Vec<FetchRequest>>,
    checked: Mutex<Vec<Condition>>,
    published: Mutex<Vec<(String, u32, String)>>,
    programs: HashMap<Cid, Vec<u8>>,
    follows: bool,
}

impl Keys for Recorder {
    fn sign(&self, request: SignRequest) -> Answered<'_, String> {
        let answer = if request.combine { r#"{"r":"02aa","s":"bb","v":1}"# } else { "success" };
        self.signed.lock().unwrap().push(request);
        Box::pin(ready(Ok(answer.into())))
    }
}

impl Web for Recorder {
    fn fetch(&self, request: FetchRequest) -> Answered<'_, FetchResponse> {
        let url = request.url.clone();
        self.fetched.lock().unwrap().push(request);
        let headers = vec![("content-type".into(), "application/json".into())];
        let body = "eyJwcmljZSI6NDJ9".into();
        let response =
            FetchResponse { url, status: 200, status_text: "OK".into(), headers, redirected: false, body };
        Box::pin(ready(Ok(response)))
    }
}

impl Conditions for Recorder {
    fn check(&self, condition: Condition) -> Answered<'_, bool> {
        self.checked.lock().unwrap().push(condition);
        Box::pin(ready(Ok(true)))
    }
}

impl Chain for Recorder {
    fn read(&self, operation: String, argument: Value) -> Answered<'_, Value> {
        Box::pin(ready(Ok(json!([operation, argument]))))
    }
}

impl Agreement for Recorder {
    fn run_once(&self, _: String, _: u32, wait: bool) -> Answered<'_, Option<Option<String>>> {
        let value = self.follows.then(|| wait.then(|| "the leader's".to_string()));
        Box::pin(ready(Ok(value)))
    }

    fn publish(&self, name: String, occurrence: u32, value: String) -> Answered<'_, ()> {
        self.published.lock().unwrap().push((name, occurrence, value));
        Box::pin(ready(Ok(())))
    }

    fn collect(&self, _: String, _: u32, value: String) -> Answered<'_, Vec<String>> {
        Box::pin(ready(Ok(vec![value.clone(), value])))
    }
}

impl Programs for Recorder {
    fn load(&self, cid: Cid) -> Answered<'_, Vec<u8>> {
        let found = self.programs.get(&cid).cloned();
        Box::pin(ready(found.ok_or(HostError::Failed { reason: "no such program".into() })))
    }
}

fn bench(recorder: Recorder) -> (Bench, Arc<Recorder>) {
    let recorder = Arc::new(recorder);
    let host = Host {
        keys: recorder.clone(),
        conditions: recorder.clone(),
        chain: recorder.clone(),
        web: recorder.clone(),
        agreement: recorder.clone(),
        programs: recorder.clone(),
        ..Host::default()
    };
    (Bench::with_host(host), recorder)
}

fn logs(code: &str) -> (String, Arc<Recorder>) {
    let (bench, recorder) = bench(Recorder::default());
    let report = bench.run(code);
    assert_eq!(report.result, Ok(()), "{code}");
    (report.logs, recorder)
}

#[test]
fn signatures_should_be_asked_for_as_lit_means_them() {
    let (logs, recorder) = logs(
        "const toSign = Conclave.native.keccak256(new TextEncoder().encode('x'));
         console.log(await Lit.Actions.signEcdsa({ toSign, publicKey: '04ab', sigName: 's' }));
         console.log(await Lit.Actions.signEcdsa({ toSign: [...toSign], publicKey: '04ab', sigName: 's' }));
         console.log(JSON.parse(await Lit.Actions.signAndCombineEcdsa({ toSign, publicKey: '04ab', sigName: 'c' })).r);
         console.log(await Lit.Actions.ethPersonalSignMessageEcdsa({ message: 'hi', publicKey: '04ab', sigName: 'm' }));
         console.log(typeof await Lit.Actions.signAsAction({ toSign, sigName: 'a', signingScheme: 'EcdsaK256Sha256' }));
         await Lit.Actions.sign({ toSign: new Uint8Array(3), publicKey: '04ab', sigName: 'e', signingScheme: 'SchnorrEd25519Sha512' })",
    );
    assert_eq!(logs, "success\nsuccess\n02aa\nsuccess\nstring\n");
    let signed = recorder.signed.lock().unwrap();
    let brief: Vec<_> = signed
        .iter()
        .map(|one| {
            (
                one.name.as_str(),
                one.occurrence,
                one.combine,
                one.personal_message,
                one.public_key.is_some(),
                one.to_sign.len(),
            )
        })
        .collect();
    assert_eq!(
        brief,
        [
            ("s", 0, false, false, true, 32),
            ("s", 1, false, false, true, 32),
            ("c", 0, true, false, true, 32),
            ("m", 0, false, true, true, 2),
            ("a", 0, true, false, false, 32),
            ("e", 0, false, false, true, 3),
        ]
    );
    assert_eq!(
        hex::encode(&signed[0].to_sign),
        "7521d1cadbcfa91eec65aa16715b94ffc1c9654ba57ea2ef1a2127bca1127a83"
    );
    assert_eq!(signed[0].stack.len(), 1);
}

#[test]
fn what_cannot_be_signed_should_not_be_asked_for() {
    for argument in [
        "{ toSign: new Uint8Array(31), publicKey: '04', sigName: 's' }",
        "{ toSign: 'text', publicKey: '04', sigName: 's' }",
        "{ toSign: new Uint8Array(32), sigName: 's' }",
        "{ toSign: new Uint8Array(32), publicKey: '04' }",
        "{ toSign: new Uint8Array(32), publicKey: '04', sigName: 's'.repeat(300) }",
        "{ toSign: new Uint8Array(32), publicKey: '04', sigName: 's', keySetIdentifier: 'other' }",
    ] {
        let (bench, recorder) = bench(Recorder::default());
        let report = bench.run(format!("await Lit.Actions.signEcdsa({argument})"));
        assert!(matches!(report.result, Err(Failure::Thrown { .. })), "{argument}");
        assert!(recorder.signed.lock().unwrap().is_empty() && report.usage.signatures == 0, "{argument}");
    }
}

#[test]
fn what_is_not_offered_here_should_say_what_is() {
    let (text, recorder) =
        logs("await Lit.Actions.claimKey({ keyId: 'mine' }).catch((error) => console.log(error.message));");
    for part in ["claimKey is not offered here", "pkp.mint", "pkp.permit", "signAsAction"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(recorder.signed.lock().unwrap().is_empty());
}

#[test]
fn signatures_should_be_limited() {
    let (bench, recorder) = bench(Recorder::default());
    let report = bench.run(
        "for (let i = 0; ; i++) await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: '04', sigName: `s${i}` })",
    );
    let Err(Failure::Thrown { error }) = report.result else { panic!("{:?}", report.result) };
    assert!(error.contains("the limit of 10 signatures is reached"), "{error}");
    assert_eq!(recorder.signed.lock().unwrap().len(), 10);
}

#[test]
fn fetch_should_speak_http() {
    let (logs, recorder) = logs(
        "const answer = await fetch('https://api.example.com/x?a=1', { method: 'POST', headers: { 'X-Key': 'k' }, body: JSON.stringify({ q: 1 }) });
         console.log(answer.ok, answer.status, answer.headers.get('Content-Type'), (await answer.json()).price);
         const many = await Promise.all(Array.from({ length: 20 }, (_, i) => fetch(`https://example.com/${i}`).then((r) => r.json())));
         console.log(many.length);
         const stop = new AbortController(); stop.abort();
         console.log(await fetch('https://example.com', { signal: stop.signal }).catch((e) => e.name));
         console.log(await fetch('no url').catch((e) => e.name))",
    );
    assert_eq!(logs, "true 200 application/json 42\n20\nAbortError\nTypeError\n");
    let fetched = recorder.fetched.lock().unwrap();
    assert_eq!(fetched.len(), 21);
    assert_eq!((fetched[0].method.as_str(), fetched[0].body.as_deref()), ("POST", Some("eyJxIjoxfQ==")));
    assert!(fetched[0].headers.contains(&("x-key".into(), "k".into())));
}

#[test]
fn conditions_and_reads_should_reach_their_ports() {
    let (logs, recorder) = logs(
        "console.log(await Lit.Actions.checkConditions({ conditions: [{ a: 1 }], authSig: null, chain: 'ethereum' }));
         console.log(JSON.stringify(await Lit.Actions.isPermittedAction({ tokenId: '1', ipfsId: 'Qm' })));
         console.log(JSON.stringify(await Lit.Actions.isPermittedAuthMethod({ tokenId: '1', authMethodType: 2, userId: new Uint8Array([1]) })));
         console.log((await Lit.Actions.broadcastAndCollect({ name: 'n', value: 'v' })).join())",
    );
    assert_eq!(
        logs,
        "true\n[\"isPermittedAction\",{\"ipfsId\":\"Qm\",\"tokenId\":\"1\"}]\n\
         [\"isPermittedAuthMethod\",{\"authMethodType\":\"2\",\"tokenId\":\"1\",\"userId\":\"AQ==\"}]\nv,v\n"
    );
    assert_eq!(recorder.checked.lock().unwrap()[0].auth_sig, None);
}

#[test]
fn run_once_should_run_on_the_leader_only() {
    let code = "const twice = async (wait) => Lit.Actions.runOnce({ waitForResponse: wait, name: 'n' }, async () => { console.log('ran'); return 7 });
         console.log(await twice(true), await twice(false));
         console.log(await Lit.Actions.runOnce({ waitForResponse: true, name: 'bad' }, () => { throw new Error('x') }));
         console.log(await Lit.Actions.runOnce({ waitForResponse: true, name: 'none' }, () => undefined) === '')";
    let (logs, recorder) = logs(code);
    assert_eq!(logs, "ran\nran\n7 7\nrunOnce bad: Error: x\n[ERROR]\ntrue\n");
    let published = recorder.published.lock().unwrap().clone();
    let expected = [("n", 0, "7"), ("bad", 0, "[ERROR]"), ("none", 0, "")];
    assert_eq!(
        published,
        expected.map(|(name, occurrence, value)| (name.to_string(), occurrence, value.to_string()))
    );

    let (bench, _) = bench(Recorder { follows: true, ..Default::default() });
    assert_eq!(bench.run(code).logs, "the leader's undefined\nthe leader's\nfalse\n");
}

#[test]
fn a_child_should_run_by_its_cid_and_see_the_stack() {
    let child =
        "Lit.Actions.setResponse({ response: `${x} ${Lit.Auth.actionIpfsIdStack.length} ${typeof secret}` })";
    let cid = Cid::of(child.as_bytes());
    let programs = HashMap::from([(cid, child.as_bytes().to_vec())]);
    let (bench, _) = bench(Recorder { programs, ..Default::default() });
    let report = bench.run(format!(
        "globalThis.secret = 1; console.log(await Lit.Actions.call({{ ipfsId: '{cid}', params: {{ x: 5 }} }}))"
    ));
    assert_eq!((report.result, report.logs.as_str()), (Ok(()), "5 2 undefined\n"));
    assert_eq!(report.usage.actions, 2);
}

#[test]
fn children_should_not_nest_too_deep_nor_spend_what_is_not_theirs() {
    // Calls whatever it is told to.
    let link = "if (next.length) Lit.Actions.setResponse({ response: await Lit.Actions.call({ ipfsId: next[0], params: { next: next.slice(1) } }) }); else Lit.Actions.setResponse({ response: 'end' })";
    let burn = "for (;;) {}";
    let (link_cid, burn_cid) = (Cid::of(link.as_bytes()), Cid::of(burn.as_bytes()));
    let programs =
        HashMap::from([(link_cid, link.as_bytes().to_vec()), (burn_cid, burn.as_bytes().to_vec())]);
    let (bench, _) = bench(Recorder { programs, ..Default::default() });
    let run = |next: Vec<String>, limits| bench.finish(bench.request(link, json!({ "next": next }), limits));
    let chain = |length| vec![link_cid.to_string(); length];
    assert_eq!(run(chain(5), Limits::default()).response.as_deref(), Some("end"));
    let Err(Failure::Thrown { error }) = run(chain(6), Limits::default()).result else {
        panic!("6 in a row")
    };
    assert!(error.contains("the limit of 5 nested actions"), "{error}");

    let limits = Limits { fuel: 100_000_000, ..Limits::default() };
    let report = run(vec![burn_cid.to_string()], limits);
    let Err(failure) = report.result else { panic!("a child burnt all fuel") };
    assert!(failure.to_string().contains("out of fuel"), "{failure}");
}

#[test]
fn a_request_should_not_use_more_fuel_than_its_limit_however_it_is_spread() {
    // Burns what it is told to, then calls as many of itself at once, and burns again.
    let burn = "const burn = () => { for (let i = 0; i < turns; i++); }; burn();
        await Promise.all(Array.from({ length: width }, () =>
            Lit.Actions.call({ ipfsId: Lit.Auth.actionIpfsIds[0], params: { turns, width: 0 } }).catch(() => 0)));
        burn()";
    let cid = Cid::of(burn.as_bytes());
    let programs = HashMap::from([(cid, burn.as_bytes().to_vec())]);
    let (bench, _) = bench(Recorder { programs, ..Default::default() });
    let run = |turns, width, fuel| {
        let limits = Limits { fuel, ..Limits::default() };
        bench.finish(bench.request(burn, json!({ "turns": turns, "width": width }), limits))
    };
    let alone = run(300_000, 0, 20_000_000_000).usage.fuel;
    let three = run(300_000, 3, 20_000_000_000);
    assert_eq!((three.result, three.usage.actions), (Ok(()), 4));
    // All of them count, and the one that called them counts once.
    assert!(three.usage.fuel > 3 * alone && three.usage.fuel < 5 * alone, "{} of {alone}", three.usage.fuel);
    // What is enough for two of them is not enough for four, nor is it used up twice.
    let limit = 2 * alone;
    let report = run(300_000, 3, limit);
    assert_eq!(report.result, Err(Failure::OutOfFuel { limit }));
    assert_eq!(report.usage.fuel, limit);
}

#[test]
fn code_that_is_not_what_its_cid_says_should_not_run() {
    let cid = Cid::of(b"console.log('honest')");
    let programs = HashMap::from([(cid, b"console.log('altered')".to_vec())]);
    let (bench, _) = bench(Recorder { programs, ..Default::default() });
    let report = bench.run(format!("await Lit.Actions.call({{ ipfsId: '{cid}' }})"));
    let Err(Failure::Thrown { error }) = report.result else { panic!("{:?}", report.result) };
    assert!(error.contains(&format!("the code that was found is not {cid}")), "{error}");
}
