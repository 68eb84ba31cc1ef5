//! A Wasm action: fetches a price, and signs it if it is below a limit.
//!
//! `cargo build -p conclave-action --example price --target wasm32v1-none --profile wasm`

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

use alloc::{format, string::String};
use conclave_action::{fetch, keccak256, log, parameters, respond, sign_ecdsa, Error, Outcome};

conclave_action::action!(main);

fn main() -> Outcome<()> {
    let parameters = parameters()?;
    let text = |name: &str| {
        let value = parameters.get(name).and_then(|value| value.as_str());
        value.map(String::from).ok_or_else(|| Error(format!("{name} is missing")))
    };
    let limit = parameters.get("limit").and_then(|limit| limit.as_u64()).unwrap_or(0);
    let answer = fetch("GET", &text("url")?, &[("accept", "application/json")], None)?;
    let answer = answer.json()?;
    let price = answer.get("price").and_then(|price| price.as_u64());
    let price = price.ok_or_else(|| Error("the server said no price".into()))?;
    log(&format!("price {price}, limit {limit}"));
    if price > limit {
        return respond("too dear");
    }
    sign_ecdsa(&keccak256(format!("buy at {price}").as_bytes())?, &text("publicKey")?, "order")?;
    respond("signed")
}
