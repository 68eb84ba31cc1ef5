//! `conclave.d.ts` against the globals that an action finds: every name that is declared is there, and the reverse.

use crate::support::logs;
use std::collections::{BTreeMap, BTreeSet};

const DECLARATIONS: &str = include_str!("../../conclave.d.ts");

/// ECMAScript's own, and Annex B's.
const ECMASCRIPT: &str = "globalThis Infinity NaN undefined eval isFinite isNaN parseFloat parseInt decodeURI \
    decodeURIComponent encodeURI encodeURIComponent escape unescape AggregateError Array ArrayBuffer BigInt BigInt64Array \
    BigUint64Array Boolean DataView Date Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array \
    Function Int8Array Int16Array Int32Array Iterator Map Number Object Promise Proxy RangeError ReferenceError RegExp Set \
    String SuppressedError DisposableStack AsyncDisposableStack Symbol SyntaxError TypeError Uint8Array Uint8ClampedArray \
    Uint16Array Uint32Array URIError WeakMap WeakRef WeakSet JSON Math Reflect InternalError";

/// How to come by one of what a type describes.
const INSTANCES: &[(&str, &str)] = &[
    ("LitActions", "Lit.Actions"),
    ("NativeFunctions", "Conclave.native"),
    ("LitAuth", "Lit.Auth"),
    ("Jwt", "jwt"),
    ("Console", "console"),
    ("Crypto", "crypto"),
    ("SubtleCrypto", "crypto.subtle"),
    ("CryptoKey", "await crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', false, [])"),
    ("TextEncoder", "new TextEncoder()"),
    ("TextDecoder", "new TextDecoder()"),
    ("Event", "new Event('x')"),
    ("EventTarget", "new EventTarget()"),
    ("AbortSignal", "new AbortController().signal"),
    ("AbortController", "new AbortController()"),
    ("URL", "new URL('https://example.com')"),
    ("URLSearchParams", "new URLSearchParams()"),
    ("Headers", "new Headers()"),
    ("Request", "new Request('https://example.com')"),
    ("Response", "new Response('')"),
];

#[derive(Default, Debug)]
struct Type {
    members: BTreeSet<String>,
    statics: BTreeSet<String>,
    parent: Option<String>,
    is_class: bool,
}

/// What the file declares: globals, and types with their members.
fn declared() -> (BTreeSet<String>, BTreeMap<String, Type>) {
    let (mut globals, mut types) = (BTreeSet::new(), BTreeMap::<String, Type>::new());
    let mut open: Option<String> = None;
    let mut depth = 0i32;
    for line in DECLARATIONS.lines() {
        let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let top = depth == 0;
        if let (true, ["declare", kind, name, ..]) = (top, words.as_slice()) {
            assert!(["const", "function", "class"].contains(kind), "{line}");
            globals.insert((*name).to_string());
        }
        let opens = match words.as_slice() {
            ["interface", name, ..] | ["declare", "class", name, ..] if top => Some(*name),
            _ => None,
        };
        if let Some(name) = opens {
            let parent = words.iter().position(|word| *word == "extends").map(|at| words[at + 1].to_string());
            let kind = Type { parent, is_class: line.starts_with("declare"), ..Type::default() };
            types.insert(name.into(), kind);
            open = Some(name.into());
        } else if let (1, Some(name)) = (depth, &open) {
            // What goes on from the line before is indented further.
            let text = line.strip_prefix("    ").filter(|text| !text.starts_with(' ')).unwrap_or_default();
            let is_static = text.starts_with("static ");
            let text = text.trim_start_matches("static ").trim_start_matches("readonly ");
            let member: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let kind = types.get_mut(name).unwrap();
            if !member.is_empty() && member != "constructor" {
                if is_static { &mut kind.statics } else { &mut kind.members }.insert(member);
            }
        }
        depth += line.matches('{').count() as i32 - line.matches('}').count() as i32;
        if depth == 0 {
            open = None;
        }
    }
    (globals, types)
}

fn names(expression: &str) -> BTreeSet<String> {
    let code = format!(
        "const found = {expression}, all = new Set();
         for (let o = found; o && o !== Object.prototype && o !== Function.prototype && o !== Error.prototype; o = Object.getPrototypeOf(o)) {{
             for (const name of Object.getOwnPropertyNames(o)) all.add(name);
         }}
         console.log([...all].join(' '))"
    );
    logs(&code).split_whitespace().filter(|name| *name != "constructor").map(String::from).collect()
}

#[test]
fn every_global_should_be_declared_and_the_reverse() {
    let (declared, _) = declared();
    let ecmascript: BTreeSet<String> = ECMASCRIPT.split_whitespace().map(String::from).collect();
    let found = logs("console.log(Object.getOwnPropertyNames(globalThis).join(' '))");
    let found: BTreeSet<String> = found.split_whitespace().map(String::from).collect();
    let undeclared: Vec<_> = found.difference(&ecmascript).filter(|name| !declared.contains(*name)).collect();
    let missing: Vec<_> = declared.difference(&found).collect();
    assert!(undeclared.is_empty() && missing.is_empty(), "undeclared {undeclared:?}, missing {missing:?}");
    assert!(declared.len() > 30, "{declared:?}");
}

#[test]
fn every_member_should_be_declared_and_the_reverse() {
    let (_, types) = declared();
    for (name, expression) in INSTANCES {
        let kind = types.get(*name).unwrap_or_else(|| panic!("{name} is not declared"));
        let mut expected = kind.members.clone();
        let parent = kind.parent.as_ref().and_then(|parent| types.get(parent));
        expected.extend(parent.into_iter().flat_map(|parent| parent.members.clone()));
        let mut found = names(expression);
        // Of the prelude's own use.
        for internal in ["stopped", "copyBody"] {
            found.remove(internal);
        }
        assert_eq!(found, expected, "{name}");
        if kind.is_class {
            let mut statics = names(&format!("Object.getOwnPropertyDescriptors({name})"));
            for every in ["length", "name", "prototype"] {
                statics.remove(every);
            }
            assert_eq!(statics, kind.statics, "{name}, static");
        }
    }
}
