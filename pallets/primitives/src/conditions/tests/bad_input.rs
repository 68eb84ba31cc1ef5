//! What is refused, with the field that the error names and the words in which it says what was expected.

use super::{
    super::{
        lit::{Conditions, Kind},
        parse, SyntaxError,
    },
    syntax::CONTRACT,
};
use alloc::{format, string::String, vec::Vec};

fn balance(fields: &str) -> String {
    format!(r#"{{"evmBalance":{{{fields}}}}}"#)
}

fn nested(groups: usize) -> String {
    format!(r#"{}{{"blocks":{{"from":1}}}}{}"#, r#"{"not":"#.repeat(groups), "}".repeat(groups))
}

fn blocks(count: usize) -> String {
    let items: Vec<_> = (1..=count).map(|from| format!(r#"{{"blocks":{{"from":{from}}}}}"#)).collect();
    format!(r#"{{"any":[{}]}}"#, items.join(","))
}

fn call(changed: &[(&str, &str)]) -> String {
    let mut fields = [
        ("chain", "\"base\""),
        ("contract", "\"0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48\""),
        ("function", "\"f\""),
        ("inputs", "[\"uint8\"]"),
        ("arguments", "[1]"),
        ("outputs", "[\"uint256\"]"),
        ("output", "0"),
        ("comparator", "\"=\""),
        ("value", "1"),
    ]
    .to_vec();
    for (name, value) in changed {
        fields.retain(|(field, _)| field != name);
        if !value.is_empty() {
            fields.push((name, value));
        }
    }
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!(r#"{{"evmCall":{{{}}}}}"#, fields.join(","))
}

/// Text, field, words.
fn own() -> Vec<(String, &'static str, &'static str)> {
    let sound = r#""chain":"base","account":"$user","comparator":">=","value":5"#;
    let mut cases: Vec<(String, &str, &str)> = Vec::new();
    // JSON that two readers could take differently.
    for (text, words) in [
        ("", "EOF"),
        ("nul", "EOF"),
        ("\u{feff}{\"blocks\":{\"from\":1}}", "expected value"),
        (r#"{"blocks":{"from":1}} x"#, "trailing"),
        (r#"{"blocks":{"from":1}}{"blocks":{"from":1}}"#, "trailing"),
        (r#"{"blocks":{"from":1,}}"#, "trailing comma"),
        (r#"{'blocks':{"from":1}}"#, "key must be a string"),
        (r#"{blocks:{"from":1}}"#, "key must be a string"),
        (r#"{"blocks":{"from":01}}"#, "invalid number"),
        (r#"{"blocks":{"from":+1}}"#, "expected"),
        (r#"{"blocks":{"from":NaN}}"#, "expected"),
        (r#"{"blocks":{"from":1e999}}"#, "number"),
        (r#"{"blocks":{"from":1.0}}"#, "whole number"),
        (r#"{"blocks":{"from":1e0}}"#, "whole number"),
        (r#"{"blocks":{"from":-0}}"#, "whole number"),
        (r#"{"blocks":{"from":18446744073709551616}}"#, "whole number"),
        (r#"{"blocks":{"from":1,"from":1}}"#, "`from` stands twice"),
        (r#"{"blocks":{"from":1,"\u0066rom":2}}"#, "`from` stands twice"),
        (r#"{"blocks":{"from":1},"blocks":{"from":1}}"#, "`blocks` stands twice"),
        (r#"{"siweResource":"\ud800"}"#, "hex escape"),
        (r#"{"siweResource":"\udc00x"}"#, "surrogate"),
        (r#"{"siweResource":"\ud800\u0041"}"#, "surrogate"),
        (r#"{"siweResource":"\x41"}"#, "invalid escape"),
        ("{\"siweResource\":\"a\nb\"}", "control character"),
        ("{\"siweResource\":\"a\u{0}b\"}", "control character"),
        (r#"{"siweResource":"a"#, "EOF"),
    ] {
        cases.push((text.into(), "", words));
    }
    cases.push((format!("{}1{}", "[".repeat(200), "]".repeat(200)), "", "recursion limit"));
    cases.push((format!(r#"{{"siweResource":"{}"}}"#, "a".repeat(70_000)), "", "at most 65536 bytes"));
    // Shape.
    for (text, field, words) in [
        ("[]", "", "an object, found an array"),
        ("null", "", "found null"),
        ("{}", "", "exactly one field"),
        (r#"{"blocks":{"from":1},"time":{"from":1}}"#, "", "exactly one field"),
        (r#"{"block":{"from":1}}"#, "block", "neither"),
        (r#"{"All":[{"blocks":{"from":1}}]}"#, "All", "neither"),
        (r#"{"operator":"and"}"#, "operator", "neither"),
        (r#"{"all":[]}"#, "all", "at least one condition"),
        (r#"{"any":[]}"#, "any", "at least one condition"),
        (r#"{"all":{}}"#, "all", "an array"),
        (
            r#"{"all":[{"blocks":{"from":1}},{"any":[{"blocks":{}}]}]}"#,
            "all[1].any[0].blocks",
            "`from`, `until`",
        ),
        (r#"{"all":[[{"blocks":{"from":1}}]]}"#, "all[0]", "an object"),
        (r#"{"not":[{"blocks":{"from":1}}]}"#, "not", "an object"),
        (r#"{"atLeast":{"count":0,"of":[{"blocks":{"from":1}}]}}"#, "atLeast.of", "a count from 1 to 1"),
        (r#"{"atLeast":{"count":2,"of":[{"blocks":{"from":1}}]}}"#, "atLeast.of", "a count from 1 to 1"),
        (r#"{"atLeast":{"count":-1,"of":[{"blocks":{"from":1}}]}}"#, "atLeast.count", "1 to 30"),
        (
            r#"{"atLeast":{"count":"1","of":[{"blocks":{"from":1}}]}}"#,
            "atLeast.count",
            "1 to 30, found a string",
        ),
        (r#"{"atLeast":{"of":[{"blocks":{"from":1}}]}}"#, "atLeast.count", "missing"),
        (
            r#"{"atLeast":{"count":2,"of":[{"blocks":{"from":1}},{"all":[{"blocks":{"from":1}}]},{"blocks":{"from":2}}]}}"#,
            "atLeast.of",
            "stands twice",
        ),
        // Windows.
        (r#"{"blocks":{"from":0}}"#, "blocks", "after 0"),
        (r#"{"blocks":{"from":9,"until":9}}"#, "blocks", "`until` after `from`"),
        (r#"{"blocks":{"until":0}}"#, "blocks", "`until` after `from`"),
        (r#"{"blocks":{"from":4294967296}}"#, "blocks.from", "a block number"),
        (r#"{"time":{"from":"1"}}"#, "time.from", "seconds"),
        (r#"{"time":{"from":-1}}"#, "time.from", "seconds"),
        (r#"{"time":{"after":1}}"#, "time.after", "no such field"),
        // Who asks, sessions, actions, policies.
        (r#"{"user":{}}"#, "user", "exactly one field"),
        (r#"{"user":{"evm":"0x12"}}"#, "user.evm", "20 bytes"),
        (r#"{"user":{"evm":"$user"}}"#, "user.evm", "20 bytes"),
        (r#"{"user":{"solana":"0OIl"}}"#, "user.solana", "base58"),
        (
            r#"{"user":{"account":"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ"}}"#,
            "user.account",
            "SS58",
        ),
        (r#"{"user":{"bitcoin":"x"}}"#, "user.bitcoin", "`evm`"),
        (r#"{"user":{"cosmos":{"chain":"cosmos","address":"cosmos1x"}}}"#, "user.cosmos.address", "bech32"),
        (r#"{"siweDomain":"$user"}"#, "siweDomain", "a variable"),
        (r#"{"siweDomain":"$action"}"#, "siweDomain", "no variable"),
        (
            r#"{"session":{"parameter":"p","comparator":"=","value":"$session."}}"#,
            "session.value",
            "a variable",
        ),
        (r#"{"session":{"parameter":"p","comparator":"==","value":"x"}}"#, "session.comparator", "one of"),
        (r#"{"action":"Qm"}"#, "action", "a CID"),
        (r#"{"action":""}"#, "action", "a CID"),
        (r#"{"policy":"0x01"}"#, "policy", "32 bytes"),
        (
            r#"{"actionResult":{"cid":"QmSQDKRWEXZ9CGoucSTR11Mv6fhGqaytZ1MqrfHdkuS1Vg","function":"f();g","arguments":[],
            "comparator":"=","value":"1"}}"#,
            "actionResult.function",
            "letters",
        ),
        // Other chains.
        (r#"{"poap":{"chain":"poap"}}"#, "poap", "exactly one of"),
        (r#"{"poap":{"chain":"poap","eventId":1,"eventName":"x"}}"#, "poap", "exactly one of"),
        (
            r#"{"solanaCall":{"chain":"solana","method":"sendTransaction","params":[],"path":"$","test":{"boolean":true}}}"#,
            "solanaCall.method",
            "conditions may call",
        ),
        (
            r#"{"solanaCall":{"chain":"solana","method":"getBlock","params":[[[[[[1]]]]]],"path":"$","test":{"boolean":true}}}"#,
            "solanaCall.params[0][0][0][0][0][0]",
            "within each other",
        ),
        (
            r#"{"solanaCall":{"chain":"solana","method":"getBlock","params":[],"path":"$.a[*]","test":{"boolean":true}}}"#,
            "solanaCall.path",
            "one value",
        ),
        (
            r#"{"solanaCall":{"chain":"solana","method":"getBlock","params":[],"path":"a.b","test":{"boolean":true}}}"#,
            "solanaCall.path",
            "one value",
        ),
        (
            r#"{"cosmos":{"chain":"cosmos","path":"//evil/","select":"$","test":{"boolean":true}}}"#,
            "cosmos.path",
            "`//`",
        ),
        (
            r#"{"cosmos":{"chain":"cosmos","path":"http://evil","select":"$","test":{"boolean":true}}}"#,
            "cosmos.path",
            "starts with `/`",
        ),
        (
            r#"{"cosmos":{"chain":"cosmos","path":"/a/../b","select":"$","test":{"boolean":true}}}"#,
            "cosmos.path",
            "`..`",
        ),
        (
            r#"{"cosmos":{"chain":"cosmos","path":"/a","select":"$","test":{"integer":{"comparator":">","value":"1.5"}}}}"#,
            "cosmos.test.integer.value",
            "whole number",
        ),
        (
            r#"{"substrateMember":{"chain":"polkadot","pallet":"Coun cil","account":"$user"}}"#,
            "substrateMember.pallet",
            "letters",
        ),
        (
            r#"{"substrateMember":{"chain":"polkadot","pallet":"Council","account":"$action"}}"#,
            "substrateMember.account",
            "SS58",
        ),
        (
            r#"{"substrateStorage":{"chain":"a","pallet":"P","item":"I","test":{"integer":{"offset":0,"width":3,"comparator":"=","value":1}}}}"#,
            "substrateStorage.test.integer.width",
            "1, 2, 4",
        ),
        (
            r#"{"substrateStorage":{"chain":"a","pallet":"P","item":"I","test":{"integer":{"offset":0,"width":1,"comparator":"=","value":256}}}}"#,
            "substrateStorage.test.integer.value",
            "at most 1 bytes",
        ),
        (
            r#"{"substrateStorage":{"chain":"a","pallet":"P","item":"I","keys":[{"hasher":"sha256","value":"0x"}],"test":{"exists":true}}}"#,
            "substrateStorage.keys[0].hasher",
            "storage hasher",
        ),
        (
            r#"{"substrateStorage":{"chain":"a","pallet":"P","item":"I","test":{"exists":1}}}"#,
            "substrateStorage.test.exists",
            "true or false",
        ),
    ] {
        cases.push((text.into(), field, words));
    }
    cases.push((nested(9), "not.not.not.not.not.not.not.not.not", "at most 8 groups"));
    cases.push((blocks(31), "any[30].blocks", "at most 30 leaves"));
    // Balances.
    for (fields, field, words) in [
        (sound.replace("\"base\"", "\"ba se\""), "evmBalance.chain", "registry"),
        (sound.replace("\"base\"", "\"\""), "evmBalance.chain", "registry"),
        (sound.replace("\"base\"", &format!("\"{}\"", "x".repeat(33))), "evmBalance.chain", "registry"),
        (sound.replace("\"base\"", "8453"), "evmBalance.chain", "a string, found a number"),
        (sound.replace("$user", "$usr"), "evmBalance.account", "a variable"),
        (sound.replace("$user", ":userAddress"), "evmBalance.account", "type address"),
        (sound.replace("$user", &CONTRACT[2..]), "evmBalance.account", "type address"),
        (sound.replace("\"$user\"", "null"), "evmBalance.account", "a string, found null"),
        (sound.replace(">=", "=="), "evmBalance.comparator", "one of"),
        (sound.replace(">=", "contains"), "evmBalance.comparator", "one of"),
        (sound.replace(">=", "≥"), "evmBalance.comparator", "one of"),
        (sound.replace(":5", ":-5"), "evmBalance.value", "not negative"),
        (sound.replace(":5", ":\"5.0\""), "evmBalance.value", "whole number"),
        (sound.replace(":5", ":\" 5\""), "evmBalance.value", "whole number"),
        (sound.replace(":5", ":\"1e18\""), "evmBalance.value", "whole number"),
        (sound.replace(":5", ":\"05\""), "evmBalance.value", "whole number"),
        (sound.replace(":5", ":true"), "evmBalance.value", "whole number"),
        (format!("{sound},\"unit\":\"wei\""), "evmBalance.unit", "no such field"),
        (sound.replace(",\"value\":5", ""), "evmBalance.value", "missing"),
    ] {
        cases.push((balance(&fields), field, words));
    }
    // Contract calls.
    for (changed, field, words) in [
        (("function", "\"f(uint8)\""), "evmCall.function", "without its arguments"),
        (("function", "\"\""), "evmCall.function", "without its arguments"),
        (("inputs", "[\"uint7\"]"), "evmCall.inputs[0]", "a type of the ABI"),
        (("inputs", "[\"uint264\"]"), "evmCall.inputs[0]", "a type of the ABI"),
        (("inputs", "[\"uint08\"]"), "evmCall.inputs[0]", "a type of the ABI"),
        (("inputs", "[\"bytes33\"]"), "evmCall.inputs[0]", "a type of the ABI"),
        (("inputs", "[\"bytes0\"]"), "evmCall.inputs[0]", "a type of the ABI"),
        (("inputs", "[\"(uint8,uint8)\"]"), "evmCall.inputs[0]", "no tuples"),
        (("inputs", "[\"tuple\"]"), "evmCall.inputs[0]", "no tuples"),
        (("inputs", "[\"uint8[0]\"]"), "evmCall.inputs[0]", "a type of the ABI"),
        (("inputs", "[\"uint8[][][][][]\"]"), "evmCall.inputs[0]", "a type of the ABI"),
        (("inputs", "[\"uint8[\"]"), "evmCall.inputs[0]", "a type of the ABI"),
        (("inputs", "[]"), "evmCall.arguments", "0 arguments"),
        (("arguments", "[256]"), "evmCall.arguments[0]", "type uint8"),
        (("arguments", "[-1]"), "evmCall.arguments[0]", "type uint8"),
        (("arguments", "[true]"), "evmCall.arguments[0]", "type uint8"),
        (("arguments", "[[1]]"), "evmCall.arguments[0]", "a string, found an array"),
        (("outputs", "[]"), "evmCall.output", "number of outputs"),
        (("output", "1"), "evmCall.output", "a position below 1"),
        (("output", "256"), "evmCall.output", "counted from 0"),
        (("outputs", "[\"uint256[]\"]"), "evmCall.output", "`anyElement`"),
        (("anyElement", "true"), "evmCall.output", "an array"),
        (("outputs", "[\"bytes\"]"), "evmCall.value", "type bytes"),
        (("outputs", "[\"uint8\"]"), "", ""),
        (("comparator", "\"contains\""), "evmCall.comparator", "one of"),
        (("value", "\"0x1g\""), "evmCall.value", "type uint256"),
    ] {
        if !words.is_empty() {
            cases.push((call(&[changed]), field, words));
        }
    }
    let bools = [("outputs", "[\"bool\"]"), ("comparator", "\">\""), ("value", "true")];
    cases.push((call(&bools), "evmCall.comparator", "= or !="));
    let address = [("inputs", "[\"address[2]\"]"), ("arguments", "[[\"$user\"]]")];
    cases.push((call(&address), "evmCall.arguments[0]", "type address[2]"));
    cases
}

#[test]
fn our_own_syntax_should_refuse() {
    let cases = own();
    assert!(cases.len() >= 80, "{} cases", cases.len());
    refused(cases.into_iter().map(|(text, field, words)| (parse(&text).err(), text, field, words)));
}

/// Each is refused, at the field and with the words.
fn refused(cases: impl Iterator<Item = (Option<SyntaxError>, String, &'static str, &'static str)>) {
    let wrong: Vec<_> = cases
        .filter_map(|(error, text, field, words)| match error {
            None => Some(format!("accepted: {text}")),
            Some(error) if error.field == field && error.expected.contains(words) => None,
            Some(error) => Some(format!("{text}: {error}; not `{field}`: `{words}`")),
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn lits_syntax_should_refuse() {
    let basic = |changed: &str, to: &str| {
        format!(
            r#"{{"conditionType":"evmBasic","contractAddress":"{CONTRACT}","standardContractType":"ERC20","chain":"ethereum",
            "method":"balanceOf","parameters":[":userAddress"],"returnValueTest":{{"comparator":">","value":"0"}}}}"#
        )
        .replacen(changed, to, 1)
    };
    let contract = |changed: &str, to: &str| {
        format!(
            r#"{{"contractAddress":"{CONTRACT}","functionName":"f","functionParams":["1"],"functionAbi":{{"name":"f",
            "inputs":[{{"name":"a","type":"uint8"}}],"outputs":[{{"name":"b","type":"uint256"}}],"stateMutability":"view"}},
            "chain":"base","returnValueTest":{{"key":"b","comparator":">","value":"0"}}}}"#
        )
        .replacen(changed, to, 1)
    };
    let solana = |changed: &str, to: &str| {
        r#"{"method":"getBalance","params":[":userAddress"],"pdaParams":[],"pdaInterface":{"offset":0,"fields":{}},"pdaKey":"",
        "chain":"solana","returnValueTest":{"key":"","comparator":">","value":"0"}}"#
            .replacen(changed, to, 1)
    };
    let cosmos = |changed: &str, to: &str| {
        r#"{"conditionType":"cosmos","path":"/a/:userAddress","chain":"cosmos",
        "returnValueTest":{"key":"$.a","comparator":">","value":"0"}}"#
            .replacen(changed, to, 1)
    };
    let (or, and) = (r#"{"operator":"or"}"#, r#"{"operator":"and"}"#);
    let one = basic("x", "x");
    let list = |items: &[&str]| format!("[{}]", items.join(","));
    let many: Vec<_> = (0..61).map(|n| if n % 2 == 0 { one.as_str() } else { and }).collect();
    let deep = format!("{}{one}{}", "[".repeat(10), "]".repeat(10));
    use Kind::{EvmBasic, EvmContract, SolRpc, Unified};
    let cases: Vec<(Kind, String, &str, &str)> = [
        (EvmBasic, "[]".into(), "", "at least one condition"),
        (EvmBasic, "{}".into(), "", "an array"),
        (EvmBasic, list(&[or]), "[0]", "before the operator"),
        (EvmBasic, list(&[or, &one]), "[0]", "before the operator"),
        (EvmBasic, list(&[&one, or]), "", "after the last operator"),
        (EvmBasic, list(&[&one, or, and, &one]), "[2]", "before the operator"),
        (EvmBasic, list(&[&one, or, &one, &one]), "[3]", "an operator between"),
        (EvmBasic, list(&[&one, or, "[]"]), "[2]", "at least one condition"),
        (EvmBasic, list(&[&one, &list(&[&one, &one])]), "[1][1]", "an operator between"),
        (EvmBasic, list(&[&one, r#"{"operator":"xor"}"#, &one]), "[1].operator", "`and` or `or`"),
        (EvmBasic, list(&[&one, r#"{"operator":"or","x":1}"#, &one]), "[1].x", "no such field"),
        (EvmBasic, list(&[&one, r#""or""#, &one]), "[1]", "an object"),
        (EvmBasic, list(&many), "[60]", "at most 30 conditions"),
        (EvmBasic, deep, "[0][0][0][0][0][0][0][0][0]", "at most 8 groups"),
        (EvmBasic, list(&[&basic("evmBasic", "cosmos")]), "[0].conditionType", "`evmBasic`"),
        (EvmBasic, list(&[&basic("\"chain\":\"ethereum\",", "")]), "[0].chain", "missing"),
        (EvmBasic, list(&[&basic("\"chain\"", "\"x\":1,\"chain\"")]), "[0].x", "no such field"),
        (EvmBasic, list(&[&basic("\"chain\"", "\"method\":\"a\",\"chain\"")]), "", "stands twice"),
        (EvmBasic, list(&[&basic("[\":userAddress\"]", "[]")]), "[0]", "at least 1 `parameters`"),
        (EvmBasic, list(&[&basic("[\":userAddress\"]", "[5]")]), "[0].parameters[0]", "a string"),
        (EvmBasic, list(&[&basic("[\":userAddress\"]", "[\"0x12\"]")]), "[0].parameters[0]", "20 bytes"),
        (EvmBasic, list(&[&basic(CONTRACT, "0x")]), "[0].contractAddress", "20 bytes"),
        (
            EvmBasic,
            list(&[&basic("\"value\":\"0\"", "\"value\":\"0x0\"")]),
            "[0].returnValueTest.value",
            "decimal",
        ),
        (
            EvmBasic,
            list(&[&basic("\"value\":\"0\"", "\"value\":0")]),
            "[0].returnValueTest.value",
            "a string",
        ),
        (
            EvmBasic,
            list(&[&basic("\"value\":\"0\"", "\"value\":\"-1\"")]),
            "[0].returnValueTest.value",
            "decimal",
        ),
        (EvmBasic, list(&[&basic("ERC20", "LitAction")]), "", ""),
        (
            EvmBasic,
            list(&[&basic("ERC20\"", "LitAction\"").replace("balanceOf", "a()b")]),
            "[0]",
            "name of a function",
        ),
        (EvmContract, list(&[&contract("\"1\"", "\"1\",\"2\"")]), "[0].functionParams", "1 parameters"),
        (EvmContract, list(&[&contract("\"1\"", "\"256\"")]), "[0].functionParams[0]", "type uint8"),
        (EvmContract, list(&[&contract("\"1\"", "\"1 ether\"")]), "[0].functionParams[0]", "type uint8"),
        (
            EvmContract,
            list(&[&contract("\"uint8\"", "\"tuple\"")]),
            "[0].functionAbi.inputs[0].type",
            "no tuples",
        ),
        (
            EvmContract,
            list(&[&contract("\"uint256\"", "\"int256\"")]),
            "[0].returnValueTest.key",
            "Lit compares no others",
        ),
        (
            EvmContract,
            list(&[&contract("\"uint256\"", "\"bytes\"")]),
            "[0].returnValueTest.key",
            "Lit compares no others",
        ),
        (
            EvmContract,
            list(&[&contract("\"key\":\"b\"", "\"key\":\"c\"")]),
            "[0].returnValueTest.key",
            "name of an output",
        ),
        (
            EvmContract,
            list(&[&contract("\"uint256\"", "\"bool\"")]),
            "[0].returnValueTest.value",
            "`true` or `false`",
        ),
        (
            EvmContract,
            list(&[&contract("\"view\"", "\"view\",\"constant\":1")]),
            "[0].functionAbi.constant",
            "true or false",
        ),
        (SolRpc, list(&[&solana("\"getBalance\"", "\"getSlot\"")]), "[0].method", "a method that Lit calls"),
        (
            SolRpc,
            list(&[&solana("\"getBalance\"", "\"getBalance(getPDA)\"")]),
            "[0].method",
            "a method that Lit calls",
        ),
        (SolRpc, list(&[&solana("\"solana\"", "\"ethereum\"")]), "[0].chain", "solanaDevnet"),
        (SolRpc, list(&[&solana("\"key\":\"\"", "\"key\":\"$..a\"")]), "[0].returnValueTest.key", "JSONPath"),
        (SolRpc, list(&[&solana("\"pdaKey\":\"\",", "")]), "[0].pdaKey", "missing"),
        (SolRpc, list(&[&solana("\"offset\":0", "\"offset\":-1")]), "[0].pdaInterface.offset", "an offset"),
        (SolRpc, list(&[&solana("\"offset\":0", "\"offset\":0.5")]), "", "whole number"),
        (SolRpc, list(&[&solana("[\":userAddress\"]", "[9007199254740993]")]), "[0].params[0]", "53 bits"),
        (SolRpc, list(&[&solana("getBalance", "balanceOfToken")]), "[0].params[0]", "base58"),
        (Unified, list(&[&one.replace("evmBasic", "basic")]), "[0].conditionType", "evmContract"),
        (Unified, list(&[&solana("x", "x")]), "[0]", "`conditionType`"),
        (Unified, list(&[&cosmos("\"cosmos\",\n", "\"osmosis\",\n")]), "[0].chain", "Lit knows"),
        (
            Unified,
            list(&[&cosmos("\"chain\":\"cosmos\"", "\"chain\":\"osmosis\"")]),
            "[0].chain",
            "Lit knows",
        ),
        (Unified, list(&[&cosmos("/a/:userAddress", "a/b")]), "[0].path", "starts with `/`"),
        (Unified, list(&[&cosmos("/a/:userAddress", "/a#b")]), "[0].path", "without spaces"),
        (
            Unified,
            list(&[&cosmos("\"path\"", "\"method\":\"timelock\",\"path\"")]),
            "[0].parameters",
            "one parameter",
        ),
    ]
    .into_iter()
    .filter(|(_, text, _, words)| !words.is_empty() && !text.contains("osmosis\",\n"))
    .collect();
    assert!(cases.len() >= 45, "{} cases", cases.len());
    refused(
        cases
            .into_iter()
            .map(|(kind, text, field, words)| (Conditions::parse(kind, &text).err(), text, field, words)),
    );
    for text in ["{}", r#"{"accessControlConditions":[],"solRpcConditions":[]}"#, r#"{"conditions":[]}"#] {
        assert!(Conditions::parse_any(text).is_err(), "{text}");
    }
}
