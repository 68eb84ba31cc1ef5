//! Who asks, time, policies, actions.

use super::harness::{check, context, reason, requester, Port, NOW, USER};
use conclave_conditions::{evaluate, Context, Denied, EvaluationError, QueryFailure, Requester};
use conclave_primitives::conditions::{
    lit::{Conditions, Kind},
    parse, PolicyId,
};
use serde_json::json;

fn holds(text: &str) -> bool {
    match check(text, &mut Port::default()) {
        Ok(()) => true,
        Err(Denied::NotMet) => false,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn who_asks_should_be_compared() {
    for (text, expected) in [
        (format!(r#"{{"user":{{"evm":"{}"}}}}"#, USER.to_lowercase()), true),
        (format!(r#"{{"user":{{"evm":"{}"}}}}"#, USER.replace("48", "49")), false),
        (format!(r#"{{"user":{{"account":"0x{}"}}}}"#, "d4".repeat(32)), true),
        (r#"{"user":{"solana":"4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi"}}"#.into(), true),
        (r#"{"user":{"solana":"EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"}}"#.into(), false),
        (r#"{"session":{"parameter":"role","comparator":"=","value":"admin"}}"#.into(), true),
        (r#"{"siweDomain":"example.org"}"#.into(), true),
        (r#"{"siweDomain":"example.com"}"#.into(), false),
        (r#"{"siweResource":"urn:a"}"#.into(), true),
        (r#"{"siweResource":"urn"}"#.into(), false),
        (r#"{"action":"QmSQDKRWEXZ9CGoucSTR11Mv6fhGqaytZ1MqrfHdkuS1Vg"}"#.into(), false),
    ] {
        assert_eq!(holds(&text), expected, "{text}");
    }
}

#[test]
fn windows_should_include_their_start_and_not_their_end() {
    for (text, expected) in [
        (format!(r#"{{"time":{{"from":{NOW}}}}}"#), true),
        (format!(r#"{{"time":{{"from":{}}}}}"#, NOW + 1), false),
        (format!(r#"{{"time":{{"until":{NOW}}}}}"#), false),
        (format!(r#"{{"time":{{"until":{}}}}}"#, NOW + 1), true),
        (r#"{"blocks":{"from":1000,"until":1001}}"#.into(), true),
        (r#"{"blocks":{"from":1001}}"#.into(), false),
        (r#"{"blocks":{"until":1000}}"#.into(), false),
    ] {
        assert_eq!(holds(&text), expected, "{text}");
    }
}

#[test]
fn what_authorisation_did_not_give_should_deny() {
    let nobody = Context { requester: Requester::default(), ..context(&Port::default()) };
    for (text, words) in [
        (format!(r#"{{"user":{{"evm":"{USER}"}}}}"#), "an Ethereum address"),
        (format!(r#"{{"not":{{"user":{{"evm":"{USER}"}}}}}}"#), "an Ethereum address"),
        (r#"{"siweResource":"urn:a"}"#.into(), "a SIWE message"),
        (r#"{"siweDomain":"a"}"#.into(), "a SIWE message"),
        (r#"{"session":{"parameter":"role","comparator":"!=","value":"x"}}"#.into(), "no parameter `role`"),
        (
            r#"{"substrateBalance":{"chain":"conclave","account":"$user","comparator":"<","value":1}}"#
                .into(),
            "a Substrate account",
        ),
    ] {
        let outcome = evaluate(parse(&text).expect("sound"), nobody.clone(), &mut Port::default());
        let error = reason(outcome).to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
}

/// Lit takes a session parameter that is missing for its own name.
#[test]
fn lits_missing_parameter_should_be_its_name() {
    let document = |value: &str| {
        json!([{
            "contractAddress": "", "standardContractType": "", "chain": "ethereum", "method": "",
            "parameters": [":litParam:none"], "returnValueTest": { "comparator": "=", "value": value },
        }])
        .to_string()
    };
    let outcome = |value| {
        let parsed = Conditions::parse(Kind::EvmBasic, &document(value)).expect("sound");
        let mut port = Port::default();
        evaluate(parsed.condition().clone(), context(&port), &mut port)
    };
    assert_eq!(outcome(":litParam:none"), Ok(()));
    assert_eq!(outcome(""), Err(Denied::NotMet));
}

#[test]
fn a_policy_should_hold_as_it_is_now() {
    let text = format!(r#"{{"policy":"0x{}"}}"#, "07".repeat(32));
    let id = PolicyId([7; 32]);
    let mut port = Port::default();
    assert_eq!(reason(check(&text, &mut port)), EvaluationError::UnknownPolicy(id));
    port.policies.insert(id, parse(r#"{"blocks":{"from":1000}}"#).expect("sound"));
    assert_eq!(check(&text, &mut port), Ok(()));
    port.policies.insert(id, parse(r#"{"blocks":{"from":1001}}"#).expect("sound"));
    assert_eq!(check(&text, &mut port), Err(Denied::NotMet));
    // A policy that refers to itself is no loop.
    port.policies.insert(id, parse(&text).expect("sound"));
    assert_eq!(reason(check(&text, &mut port)), EvaluationError::NestedPolicy(id));
    port.own_chain_fails = true;
    assert!(matches!(reason(check(&text, &mut port)), EvaluationError::OwnState(_)));
    // Revoked policies do not hold, negated either.
    port.own_chain_fails = false;
    port.policies.clear();
    let negated = format!(r#"{{"not":{text}}}"#);
    assert_eq!(reason(check(&negated, &mut port)), EvaluationError::UnknownPolicy(id));
}

#[test]
fn an_actions_result_should_be_compared() {
    let text = |cid: &str, value: &str| {
        json!({ "actionResult": {
            "cid": cid, "function": "go", "arguments": ["$user", "1"], "comparator": "=", "value": value,
        } })
        .to_string()
    };
    let cid = "QmSQDKRWEXZ9CGoucSTR11Mv6fhGqaytZ1MqrfHdkuS1Vg";
    assert!(requester().evm.is_some());
    assert!(holds(&text(cid, &format!("{USER}+1"))), "the address has its checksum");
    assert!(!holds(&text(cid, "no")));
    let other = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";
    let error = reason(check(&text(other, "no"), &mut Port::default()));
    assert_eq!(error, EvaluationError::Action { cid: other.into(), failure: QueryFailure::Unsupported });
}

#[test]
fn poaps_should_be_found_by_id_and_name() {
    let port = || {
        Port::default().endpoint("poap", |path, _| {
            assert_eq!(path, format!("/actions/scan/{USER}"));
            // As documented: https://documentation.poap.tech/reference/getactionsscan-5
            Ok(Ok(json!([{ "event": { "id": 14, "name": "EthCC[2]", "year": 2019 }, "tokenId": "5", "owner": USER }])))
        })
    };
    for (test, expected) in [
        (r#""eventId":14"#, true),
        (r#""eventId":1"#, false),
        (r#""eventName":"EthCC[2]""#, true),
        (r#""eventName":"EthCC""#, false),
        (r#""eventNameContains":"EthCC""#, true),
    ] {
        let outcome = check(&format!(r#"{{"poap":{{"chain":"poap",{test}}}}}"#), &mut port());
        assert_eq!(outcome, if expected { Ok(()) } else { Err(Denied::NotMet) }, "{test}");
    }
}
