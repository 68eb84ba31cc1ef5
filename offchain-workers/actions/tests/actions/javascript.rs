//! JavaScript actions, in this process.

use crate::support::{logs, run, run_with, Bench};
use conclave_actions::{Failure, Limits};
use serde_json::json;

#[test]
fn an_action_should_respond() {
    let report = run("Lit.Actions.setResponse({ response: `hello ${1 + 1}` })");
    assert_eq!(report.result, Ok(()));
    assert_eq!(report.response.as_deref(), Some("hello 2"));
}

#[test]
fn an_action_should_be_awaited_however_it_is_written() {
    for code in [
        "(async () => { await null; Lit.Actions.setResponse({ response: 'done' }) })()",
        "const go = async () => { await null; LitActions.setResponse({ response: 'done' }) }; go();",
        "await null; Conclave.setResponse({ response: 'done' })",
        "setTimeout(() => Lit.Actions.setResponse({ response: 'done' }), 5)",
        "Promise.resolve().then(() => Lit.Actions.setResponse({ response: 'done' })); 0",
        "let n = 0; const t = setInterval(() => { if (++n === 3) { clearInterval(t); Lit.Actions.setResponse({ response: 'done' }) } }, 1)",
    ] {
        let report = run(code);
        assert_eq!((report.result, report.response.as_deref()), (Ok(()), Some("done")), "{code}");
    }
}

#[test]
fn the_last_response_should_win() {
    let report = run("for (const response of ['a', 'b']) Lit.Actions.setResponse({ response })");
    assert_eq!(report.response.as_deref(), Some("b"));
}

#[test]
fn a_timer_that_is_cleared_should_not_be_waited_for() {
    let started = std::time::Instant::now();
    let report = run("clearTimeout(setTimeout(() => console.log('no'), 20000)); console.log('yes')");
    assert_eq!((report.result, report.logs.as_str()), (Ok(()), "yes\n"));
    assert!(started.elapsed().as_secs() < 10);
}

#[test]
fn errors_should_name_what_was_thrown() {
    for (code, expected) in [
        ("throw new TypeError('not this')", "TypeError: not this"),
        ("throw 7", "7"),
        ("(async () => { throw new Error('later') })()", "Error: later"),
        ("Promise.reject(new Error('nobody handles')); 1", "Error: nobody handles"),
        ("let x = ;", "SyntaxError"),
        ("undefinedFunction()", "ReferenceError: undefinedFunction is not defined"),
        ("import('x')", "TypeError: an action imports nothing"),
        ("Lit.Actions.setResponse({ response: 7 })", "TypeError: response must be a string"),
        (
            "await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: '0x04', sigName: 's' })",
            "Error: signing is not offered",
        ),
    ] {
        match run(code).result {
            Err(Failure::Thrown { error }) => assert!(error.starts_with(expected), "{code}: {error}"),
            other => panic!("{code}: {other:?}"),
        }
    }
    assert_eq!(run("await new Promise(() => {})").result, Err(Failure::NeverSettles));
    let handled = "Promise.reject(new Error('handled')).catch(() => console.log('caught'))";
    assert_eq!(logs(handled), "caught\n");
}

#[test]
fn parameters_should_be_globals_and_members_of_js_params() {
    let params = json!({ "name": "x", "list": [1, { "a": null }], "__proto__": { "polluted": 1 } });
    let report =
        run_with("console.log(name, jsParams.list.length, ({}).polluted)", params, Limits::default());
    assert_eq!((report.result, report.logs.as_str()), (Ok(()), "x 2 undefined\n"));
    let report = run_with("console.log('ran')", json!({ "fetch": 1 }), Limits::default());
    assert!(
        matches!(report.result, Err(Failure::Thrown { error }) if error.contains("would replace a global"))
    );
    assert_eq!(report.logs, "");
}

#[test]
fn the_caller_should_be_shown_in_lit_auth() {
    let report = logs("console.log(Lit.Auth.actionIpfsIds[0] === LitAuth.actionIpfsIdStack[0], Lit.Auth.actionIpfsIds[0].length)");
    assert_eq!(report, "true 46\n");
}

#[test]
fn equal_runs_should_take_equal_fuel_and_see_equal_randomness() {
    let code = "const s = []; for (let i = 0; i < 100; i++) s.push(Math.random()); console.log(s.join(), Date.now(), performance.now())";
    let bench = Bench::new();
    let (first, second) = (bench.run(code), bench.run(code));
    // The second one was found in the cache.
    assert_eq!(first, second);
    assert!(first.usage.fuel > 0);
    // Another machine, another cache.
    assert_eq!(Bench::new().run(code), first);
    let other = bench.request(code, json!({}), Limits::default());
    let other = conclave_actions::Request { id: [9; 32], ..other };
    assert_ne!(bench.finish(other).logs, first.logs, "another request, other randomness");
}

#[test]
fn entropy_should_be_the_members_own() {
    let code = "console.log(crypto.getRandomValues(new Uint8Array(16)).toHex(), crypto.randomUUID().length)";
    let bench = Bench::new();
    let request =
        |entropy| conclave_actions::Request { entropy, ..bench.request(code, json!({}), Limits::default()) };
    let (one, two) = (bench.finish(request([1; 32])), bench.finish(request([2; 32])));
    assert_ne!(one.logs, two.logs);
    assert!(one.logs.ends_with("36\n"));
    assert_eq!(bench.finish(request([1; 32])).logs, one.logs);
}

#[test]
fn an_action_should_find_nothing_of_the_one_before() {
    let bench = Bench::new();
    let pollute = "globalThis.leak = 1; Object.prototype.leak = 2; Array.prototype.map = () => 'broken'; Lit.Actions.call = 3; JSON.stringify = 4";
    assert_eq!(bench.run(pollute).result, Ok(()));
    let look = "console.log(typeof leak, ({}).leak, [1].map((n) => n + 1), typeof Lit.Actions.call, typeof JSON.stringify, typeof __host)";
    assert_eq!(bench.run(look).logs, "undefined undefined [ 2 ] function function undefined\n");
}

#[test]
fn web_apis_should_do_what_libraries_expect() {
    for (code, expected) in [
        ("new TextDecoder().decode(new TextEncoder().encode('grüße 🦀'))", "grüße 🦀"),
        ("new TextEncoder().encode('\\ud800').toHex()", "efbfbd"),
        ("try { new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff])) } catch (e) { e.name }", "TypeError"),
        ("(() => { const d = new TextDecoder(); return d.decode(new Uint8Array([0xf0, 0x9f]), { stream: true }) + d.decode(new Uint8Array([0xa6, 0x80])) })()", "🦀"),
        ("atob(btoa('hello'))", "hello"),
        ("new URL('../x?a=1#h', 'https://user@example.com:8080/a/b/').href", "https://user@example.com:8080/a/x?a=1#h"),
        ("(() => { const u = new URL('https://e.com/?a=1'); u.searchParams.append('b', 'x y&'); u.port = '81'; return u.href })()", "https://e.com:81/?a=1&b=x+y%26"),
        ("new URLSearchParams('a=1&b=%C3%BC+2').get('b')", "ü 2"),
        ("[...new URLSearchParams({ a: 1, b: 2 })].join(';')", "a,1;b,2"),
        ("URL.canParse('nonsense')", "false"),
        ("JSON.stringify(structuredClone({ a: [1, { b: 2 }], m: 1 }))", "{\"a\":[1,{\"b\":2}],\"m\":1}"),
        ("structuredClone(new Map([[1, new Set([2])]])).get(1).has(2)", "true"),
        ("(() => { const a = {}; a.self = a; const b = structuredClone(a); return b.self === b && b !== a })()", "true"),
        ("try { structuredClone(() => 1) } catch (e) { e.name }", "DataCloneError"),
        ("(() => { const c = new AbortController(); let s = ''; c.signal.addEventListener('abort', () => { s += 'x' }); c.abort(); c.abort(); return s + c.signal.aborted + c.signal.reason.name })()", "xtrueAbortError"),
        ("new Headers({ 'Content-Type': 'a', X: 'b' }).get('content-type')", "a"),
        ("await new Response('{\"a\":1}').json().then((j) => j.a)", "1"),
        ("new Request('https://e.com', { method: 'post', body: 'x' }).method", "POST"),
        ("Lit.Actions.uint8arrayToString(Lit.Actions.uint8arrayFromString('68690a', 'base16'), 'utf8').trim()", "hi"),
        ("uint8arrayToString(new Uint8Array([1, 2]), 'base64')", "AQI"),
        ("typeof SharedArrayBuffer + typeof Atomics + typeof WebAssembly", "undefinedundefinedundefined"),
        ("self === window && window === globalThis", "true"),
    ] {
        // A promise as the value of an expression needs an asynchronous function around it; `await` is in the text then.
        let code = if code.starts_with("try") {
            code.replacen("try {", "try { throw1 = ", 1).replace("catch (e) { e.name }", "catch (e) { console.log(e.name) }")
        } else {
            format!("console.log(String({code}))")
        };
        assert_eq!(logs(&code), format!("{expected}\n"), "{code}");
    }
}

#[test]
fn limits_should_hold() {
    let small = Limits { response_bytes: 10, log_bytes: 10, ..Limits::default() };
    let report = run_with("Lit.Actions.setResponse({ response: 'x'.repeat(11) })", json!({}), small);
    assert!(matches!(report.result, Err(Failure::Thrown { error }) if error.contains("at most 10 bytes")));
    let report = run_with("for (let i = 0; i < 100; i++) console.log('ü'.repeat(3))", json!({}), small);
    assert_eq!((report.result, report.logs.as_str()), (Ok(()), "üüü\nü"));
    let report =
        run_with("1", json!({ "x": "y".repeat(100) }), Limits { params_bytes: 50, ..Limits::default() });
    assert!(matches!(report.result, Err(Failure::TooLong { limit: 50, .. })));
    let report =
        run_with("//".repeat(100).as_str(), json!({}), Limits { code_bytes: 50, ..Limits::default() });
    assert!(matches!(report.result, Err(Failure::TooLong { limit: 50, .. })));
}
