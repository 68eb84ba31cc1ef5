//! Lit's AuthSig within actions: whose it is, and what it is not taken for.

use crate::fixture::{date, to_sign, Siwe, Wallet, World, DAY, FINALIZED, NOW};
use conclave_auth::{checksum_address, parse_auth_sig, AuthError, AuthSig};
use conclave_primitives::Cid;
use serde_json::{json, Value};

fn action() -> Cid {
    Cid::of(b"action")
}

/// A message that breaks no rule.
fn message() -> Siwe {
    Siwe { request_id: None, expiration: Some(date(NOW + 7 * DAY)), ..Siwe::for_request(&to_sign()) }
}

fn json_of(text: &str) -> Value {
    let wallet = Wallet::new(1);
    json!({
        "sig": format!("0x{}", hex::encode(wallet.sign(text.as_bytes()))),
        "derivedVia": "web3.eth.personal.sign",
        "signedMessage": text,
        "address": checksum_address(&wallet.address()),
    })
}

fn signed(siwe: &Siwe) -> AuthSig {
    parse_auth_sig(&json_of(&siwe.text())).expect("an AuthSig")
}

fn verify(auth_sig: &AuthSig) -> Result<[u8; 20], AuthError> {
    let World { chain, settings, moment } = World::new();
    auth_sig.verify(&action(), &chain, &settings, moment)
}

#[test]
fn a_wallet_should_be_known_by_its_auth_sig() {
    let named = vec!["https://example.com/terms".into(), format!("lit-litaction://{}", action())];
    for siwe in [
        message(),
        Siwe { resources: named, ..message() },
        Siwe { resources: vec!["https://example.com/terms".into()], ..message() },
        Siwe { expiration: Some(date(NOW + 30 * DAY)), ..message() },
        // Clocks differ by up to a minute.
        Siwe { issued: date(NOW - DAY), expiration: Some(date(NOW - 60)), ..message() },
    ] {
        assert_eq!(verify(&signed(&siwe)), Ok(Wallet::new(1).address()), "{}", siwe.text());
    }
}

#[test]
fn what_breaks_a_rule_should_be_refused_with_it() {
    let request_id = Siwe::for_request(&to_sign()).request_id;
    let other = Cid::of(b"other");
    let cases = [
        (Siwe { request_id, ..message() }, AuthError::ForOneRequest),
        (
            Siwe { uri: format!("lit:session:{}", "11".repeat(32)), ..message() },
            AuthError::DelegationAsRequest,
        ),
        (Siwe { uri: "lit:capability:delegation".into(), ..message() }, AuthError::DelegationAsRequest),
        (
            Siwe { first: "evil.example".into(), uri: "https://evil.example/".into(), ..message() },
            AuthError::OtherDomain { got: "evil.example".into() },
        ),
        (
            Siwe { uri: "https://evil.example/".into(), ..message() },
            AuthError::OtherUri { uri: "https://evil.example/".into(), domain: "example.com".into() },
        ),
        (
            Siwe { resources: vec![format!("lit-litaction://{other}")], ..message() },
            AuthError::OtherAction { action: action() },
        ),
        (
            Siwe { resources: vec!["lit-litaction://*".into()], ..message() },
            AuthError::OtherAction { action: action() },
        ),
        (Siwe { expiration: None, ..message() }, AuthError::NoExpiry),
        (
            Siwe { issued: date(NOW - DAY), expiration: Some(date(NOW - 61)), ..message() },
            AuthError::Expired { at: NOW - 61 },
        ),
        (
            Siwe { expiration: Some(date(NOW + 30 * DAY + 1)), ..message() },
            AuthError::TooLong { seconds: 30 * DAY + 1, limit: 30 * DAY },
        ),
        (Siwe { issued: date(NOW + 61), ..message() }, AuthError::NotYetValid { from: NOW + 61 }),
        (Siwe { nonce: "abcdefgh".into(), ..message() }, AuthError::NonceForm),
        (Siwe { nonce: hex::encode([0x77; 32]), ..message() }, AuthError::UnknownBlock),
        (
            Siwe { nonce: hex::encode([0x02; 32]), ..message() },
            AuthError::OldBlock { number: FINALIZED - 864_001, oldest: FINALIZED - 864_000 },
        ),
    ];
    for (siwe, expected) in cases {
        assert_eq!(verify(&signed(&siwe)), Err(expected), "{}", siwe.text());
    }
}

#[test]
fn another_signature_or_address_should_be_refused() {
    let good = signed(&message());
    let by_another = AuthSig { signature: Wallet::new(2).sign(&good.message), ..good.clone() };
    assert_eq!(verify(&by_another), Err(AuthError::WrongSignature));
    let mut bent = good.clone();
    bent.signature[40] ^= 1;
    assert_eq!(verify(&bent), Err(AuthError::WrongSignature));
    let claimed = AuthSig { address: Wallet::new(2).address(), ..good.clone() };
    let signer = Wallet::new(1).address();
    assert_eq!(verify(&claimed), Err(AuthError::OtherAddress { signer }));
    assert!(matches!(
        verify(&AuthSig { message: b"hello".to_vec(), ..good.clone() }),
        Err(AuthError::Siwe(_))
    ));
    let World { mut chain, settings, moment } = World::new();
    chain.broken = true;
    let unread = good.verify(&action(), &chain, &settings, moment);
    assert_eq!(unread, Err(AuthError::ChainUnavailable));
}

#[test]
fn an_auth_sig_should_be_read_by_field() {
    let good = json_of(&message().text());
    let with = |field: &str, value: Value| {
        let mut changed = good.clone();
        changed[field] = value;
        changed
    };
    let long = "x".repeat(8 * 1024 + 1);
    for (value, expected) in [
        (json!("0x"), "authSig: expected an object"),
        (with("sig", json!("0x00")), "authSig.sig: expected 65 bytes"),
        (
            with("derivedVia", json!("solana.signMessage")),
            "authSig.derivedVia: expected web3.eth.personal.sign",
        ),
        (with("address", json!("0x12")), "authSig.address: expected 20 bytes"),
        (with("signedMessage", json!(long)), "authSig.signedMessage: expected at most 8192 bytes"),
        (with("algo", json!("ed25519")), "authSig: expected no field `algo`"),
        (json!({ "sig": "0x" }), "authSig.derivedVia: expected a string"),
    ] {
        let error = parse_auth_sig(&value).expect_err(expected).to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}
