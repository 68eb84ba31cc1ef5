//! Programs that mean harm, and how each has to end: run in this process, and in a child (`conclave-action-executor`).

use conclave_actions::{Failure, Report};

/// How a program has to end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ends {
    OutOfFuel,
    OutOfMemory,
    StackExhausted,
    Deadline,
    /// Early, with whichever limit is met first.
    Fails,
    /// With an error whose text contains this.
    Throws(&'static str),
    /// Well, having logged this.
    Logs(&'static str),
}
use Ends::{Deadline, Fails, Logs, OutOfFuel, OutOfMemory, StackExhausted, Throws};

pub(crate) const PROGRAMS: &[(&str, Ends)] = &[
    // Loops, in every form; also where an interpreter does not look for interrupts.
    ("for (;;) {}", OutOfFuel),
    ("do {} while (true)", OutOfFuel),
    ("outer: for (;;) { for (;;) continue outer }", OutOfFuel),
    ("while (true) { try { throw 1 } catch {} }", OutOfFuel),
    ("for (const x of (function* () { for (;;) yield 1 })()) ;", OutOfFuel),
    ("const f = () => { try { f() } finally { f() } }; f()", OutOfFuel),
    ("({ get x() { for (;;); } }).x", OutOfFuel),
    ("new Proxy({}, { get() { for (;;); } }).a", OutOfFuel),
    ("new Proxy(() => 1, { apply() { for (;;); } })()", OutOfFuel),
    ("with (new Proxy({}, { has() { for (;;); } })) x", OutOfFuel),
    ("JSON.stringify({ toJSON() { for (;;); } })", OutOfFuel),
    ("`${{ toString() { for (;;); } }}`", OutOfFuel),
    ("+{ valueOf() { for (;;); } }", OutOfFuel),
    ("+{ [Symbol.toPrimitive]() { for (;;); } }", OutOfFuel),
    ("[1, 2].sort(() => { for (;;); })", OutOfFuel),
    ("'ab'.replace(/a/, () => { for (;;); })", OutOfFuel),
    ("class A { static { for (;;); } }", OutOfFuel),
    ("for (;;) await null", OutOfFuel),
    ("for await (const x of (async function* () { for (;;) yield 1 })()) ;", OutOfFuel),
    ("const f = () => Promise.resolve().then(f); f()", OutOfFuel),
    ("const f = () => queueMicrotask(f); f()", OutOfFuel),
    ("const t = { then(resolve) { resolve(t) } }; await t", OutOfFuel),
    ("/^(a+)+$/.test('a'.repeat(40) + 'b')", OutOfFuel),
    ("/^(([a-z])+.)+[A-Z]([a-z])+$/.test('a'.repeat(60))", OutOfFuel),
    ("let a = 3n; for (;;) a *= a", OutOfFuel),
    ("(7n ** 400000n).toString()", OutOfFuel),
    ("new Array(1e9) + ''", OutOfFuel),
    ("Array(2 ** 32 - 1).join('')", OutOfFuel),
    ("Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)", OutOfFuel),
    ("const b = new Uint8Array(1 << 20); for (;;) Conclave.native.keccak256(b)", OutOfFuel),
    ("for (;;) crypto.getRandomValues(new Uint8Array(65536))", OutOfFuel),
    ("for (;;) new URL('https://example.com/' + 'a/'.repeat(1000))", OutOfFuel),
    ("for (;;) console.log('x'.repeat(1000))", OutOfFuel),
    ("for (;;) Lit.Actions.setResponse({ response: 'x' })", OutOfFuel),
    ("const o = {}; for (const k of 'abc') o[k] = o; Lit.Actions.setResponse({ get response() { for (;;); } })", OutOfFuel),
    // Memory.
    ("const a = []; for (;;) a.push(a.length)", OutOfMemory),
    ("const a = []; for (;;) a.push(new ArrayBuffer(1 << 20))", OutOfMemory),
    ("const m = new Map(); for (let i = 0; ; i++) m.set(i, [i])", Fails),
    ("let o = {}; for (;;) o = { o, p: [1, 2, 3, 4, 5, 6, 7, 8] }", OutOfMemory),
    ("const s = []; for (let i = 0; ; i++) s.push('x'.repeat(10000) + i)", OutOfMemory),
    ("new Uint8Array(1e9)", OutOfMemory),
    ("new ArrayBuffer(16, { maxByteLength: 2 ** 30 }).resize(2 ** 29)", OutOfMemory),
    ("Array.from({ [Symbol.iterator]: () => ({ next: () => ({ done: false, value: {} }) }) })", OutOfMemory),
    ("'x'.padEnd(2 ** 29)", OutOfMemory),
    ("let s = 'xy'; for (;;) s = (s + s).toUpperCase()", OutOfMemory),
    ("2n ** 1000000000n", Throws("RangeError")),
    ("'x'.repeat(2 ** 31)", Throws("RangeError")),
    // Recursion.
    ("const f = () => f() + 1; f()", Throws("RangeError: Maximum call stack size exceeded")),
    ("const f = () => f() + 1; try { f() } catch (e) { console.log(e.name) }", Logs("RangeError\n")),
    ("const p = { get x() { return p.x } }; p.x", StackExhausted),
    ("let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); p.x", Fails),
    ("let f = () => 1; for (let i = 0; i < 1e5; i++) f = f.bind(); f()", Fails),
    ("let a = []; for (let i = 0; i < 1e5; i++) a = [a]; JSON.stringify(a)", Fails),
    ("let a = []; for (let i = 0; i < 1e4; i++) a = [a]; structuredClone(a)", Fails),
    ("JSON.parse('['.repeat(65000))", StackExhausted),
    ("eval('('.repeat(1e5))", StackExhausted),
    ("new Function('['.repeat(1e5))", StackExhausted),
    ("new RegExp('('.repeat(1e5))", Throws("SyntaxError")),
    ("Math.max(...Array(1e6))", Fails),
    // What belongs to the host, replaced.
    ("Object.prototype.then = function (resolve) { resolve('fake') }; console.log(await Lit.Actions.getRpcUrl({ chain: 'x' }).catch((e) => e.message))", Logs("getRpcUrl is not offered\n")),
    ("Promise.prototype.then = () => { for (;;); }; await Lit.Actions.getRpcUrl({ chain: 'x' })", OutOfFuel),
    ("JSON.stringify = JSON.parse = () => { throw 1 }; await Lit.Actions.getRpcUrl({ chain: 'x' })", Throws("getRpcUrl is not offered")),
    ("Uint8Array = function () { throw 1 }; Array.prototype[Symbol.iterator] = null; await Lit.Actions.getRpcUrl({ chain: 'x' })", Throws("TypeError")),
    ("String.prototype.toWellFormed = () => 'pwned'; console.log(new TextEncoder().encode('a').length)", Logs("pwned")),
    ("Lit.Auth.actionIpfsIds = ['Qm']; console.log(Lit.Auth.actionIpfsIds[0] === 'Qm')", Logs("false\n")),
    ("'use strict'; Lit.Auth.authSigAddress = '0x1'", Throws("TypeError")),
    // Too much of what is offered.
    ("Lit.Actions.setResponse({ response: 'x'.repeat(200000) })", Throws("at most 102400 bytes")),
    ("await Promise.all(Array.from({ length: 2000 }, () => Lit.Actions.getRpcUrl({ chain: 'x' })))", Throws("more than 1024 host calls at once")),
    ("let e; for (let i = 0; i < 1001; i++) await Lit.Actions.getRpcUrl({ chain: 'x' }).catch((x) => { e = x }); throw e", Throws("limit of 1000 host calls")),
    ("await Lit.Actions.callContract({ chain: 'x'.repeat(5e6), txn: '' })", Fails),
    ("Conclave.native.keccak256(new Uint8Array(5 << 20))", Throws("at most 4194304 bytes")),
    ("let e; for (let i = 0; i < 51; i++) await fetch('https://example.com').catch((x) => { e = x }); throw e", Throws("limit of 50 fetches")),
    ("crypto.getRandomValues(new Uint8Array(65537))", Throws("QuotaExceededError")),
    // Waiting.
    ("await new Promise((done) => setTimeout(done, 1e9))", Deadline),
    ("setInterval(() => {}, 100)", Deadline),
    ("fetch.call(null, 'http://[::1'); import('fs')", Throws("")),
];

/// Whether a program ended as it has to.
pub(crate) fn contained(report: &Report, ends: Ends) -> bool {
    match (&report.result, ends) {
        (Err(Failure::OutOfFuel { .. }), OutOfFuel)
        | (Err(Failure::OutOfMemory { .. }), OutOfMemory)
        | (Err(Failure::StackExhausted), StackExhausted)
        | (Err(Failure::Deadline { .. }), Deadline) => true,
        (Err(_), Fails) => true,
        (Err(Failure::Thrown { error }), Throws(text)) => error.contains(text),
        (Ok(()), Logs(text)) => report.logs == text,
        _ => false,
    }
}
