//! The canonical JSON over which Lit's hash is: these fields in this order, those that are missing left out.

use alloc::{string::ToString, vec::Vec};

use super::Type;
use crate::conditions::json::Json;

/// Of one condition. `unified` conditions have the newer form for Solana.
pub(super) fn canonical(kind: Type, json: &Json, unified: bool) -> Json {
    let with_key = ["key", "comparator", "value"];
    let test = |names: &[&str]| json.get("returnValueTest").map(|test| pick(test, names));
    match kind {
        Type::EvmBasic => {
            let mut fields =
                fields(json, &["contractAddress", "chain", "standardContractType", "method", "parameters"]);
            push(&mut fields, "returnValueTest", test(&["comparator", "value"]));
            Json::Object(fields)
        }
        Type::EvmContract => {
            let mut all = fields(json, &["contractAddress", "functionName", "functionParams"]);
            push(&mut all, "functionAbi", json.get("functionAbi").map(function));
            all.extend(fields(json, &["chain"]));
            push(&mut all, "returnValueTest", test(&with_key));
            Json::Object(all)
        }
        Type::SolRpc if unified || json.get("pdaParams").is_some() => {
            let mut all = fields(json, &["method", "params", "pdaParams"]);
            push(
                &mut all,
                "pdaInterface",
                json.get("pdaInterface").map(|pda| pick(pda, &["offset", "fields"])),
            );
            all.extend(fields(json, &["pdaKey", "chain"]));
            push(&mut all, "returnValueTest", test(&with_key));
            Json::Object(all)
        }
        Type::SolRpc => {
            let mut all = fields(json, &["method", "params", "chain"]);
            push(&mut all, "returnValueTest", test(&with_key));
            Json::Object(all)
        }
        Type::Cosmos => {
            let mut all = fields(json, &["path", "chain", "method", "parameters"]);
            push(&mut all, "returnValueTest", test(&with_key));
            Json::Object(all)
        }
    }
}

fn function(json: &Json) -> Json {
    let parameters = |name: &str| match json.get(name) {
        Some(Json::Array(items)) => {
            Some(Json::Array(items.iter().map(|item| pick(item, &["name", "type"])).collect()))
        }
        other => other.cloned(),
    };
    let mut all = fields(json, &["name"]);
    push(&mut all, "inputs", parameters("inputs"));
    push(&mut all, "outputs", parameters("outputs"));
    push(&mut all, "constant", Some(json.get("constant").cloned().unwrap_or(Json::Bool(false))));
    all.extend(fields(json, &["stateMutability"]));
    Json::Object(all)
}

fn pick(json: &Json, names: &[&str]) -> Json {
    Json::Object(fields(json, names))
}

fn fields(json: &Json, names: &[&str]) -> Vec<(alloc::string::String, Json)> {
    names.iter().filter_map(|name| json.get(name).map(|value| (name.to_string(), value.clone()))).collect()
}

fn push(fields: &mut Vec<(alloc::string::String, Json)>, name: &str, value: Option<Json>) {
    fields.extend(value.map(|value| (name.to_string(), value)));
}
