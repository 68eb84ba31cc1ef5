use super::harness::{check, context, reason, Port};
use conclave_conditions::{evaluate, Denied, EvaluationError, QueryFailure};
use conclave_primitives::conditions::lit::{Conditions, Kind};
use serde_json::{json, Value};

const HEIGHT: u64 = 20_431_584;

fn fixture(name: &str) -> Value {
    let file: Value = serde_json::from_str(include_str!("../fixtures/cosmos.json")).expect("JSON");
    let entry = &file["answers"][name];
    assert!(entry["source"].is_string(), "{name} has no source");
    entry["body"].clone()
}

fn port(answer: impl Fn(&str) -> Value + 'static) -> Port {
    Port::default().endpoint("cosmos", move |path, height| {
        Ok(Ok(match path.strip_prefix("/cosmos/base/tendermint/v1beta1/blocks/") {
            Some("latest" | "20431584") => fixture("block"),
            Some(_) => return Err(QueryFailure::Failed("status 400".into())),
            None => {
                assert_eq!(height, &json!(HEIGHT), "not at the final block");
                answer(path)
            }
        }))
    })
}

fn balances() -> Port {
    port(|path| {
        assert_eq!(path, "/cosmos/bank/v1beta1/balances/cosmos1vn6zl0924yj86jrp330wcwjclzdharljq03a8h");
        fixture("balances")
    })
}

fn leaf(select: &str, test: &str) -> String {
    format!(
        r#"{{"cosmos":{{"chain":"cosmos","path":"/cosmos/bank/v1beta1/balances/$user","select":"{select}","test":{test}}}}}"#
    )
}

#[test]
fn values_should_be_selected_and_compared() {
    for (select, test, outcome) in [
        ("$.balances[1].amount", r#"{"integer":{"comparator":">=","value":1000000}}"#, Ok(())),
        ("$.balances[0].amount", r#"{"integer":{"comparator":">","value":10}}"#, Err(Denied::NotMet)),
        ("$.balances[1]['denom']", r#"{"text":{"comparator":"=","value":"uatom"}}"#, Ok(())),
        ("$.balances[0].denom", r#"{"text":{"comparator":"contains","value":"ibc/"}}"#, Ok(())),
    ] {
        assert_eq!(check(&leaf(select, test), &mut balances()), outcome, "{select} {test}");
    }
    for (select, test) in [
        ("$.balances[2].amount", r#"{"integer":{"comparator":"<","value":1}}"#),
        ("$.balances", r#"{"integer":{"comparator":"<","value":1}}"#),
        ("$.balances[0].denom", r#"{"integer":{"comparator":"<","value":1}}"#),
        ("$.pagination.next_key", r#"{"boolean":false}"#),
    ] {
        let error = reason(check(&leaf(select, test), &mut balances()));
        assert!(matches!(error, EvaluationError::Unreadable { .. }), "{select}: {error:?}");
    }
}

#[test]
fn another_chain_or_an_old_block_should_deny() {
    let changed = |pointer: &'static str, value: &'static str| {
        Port::default().endpoint("cosmos", move |_, _| {
            let mut block = fixture("block");
            *block.pointer_mut(pointer).expect("a field") = json!(value);
            Ok(Ok(block))
        })
    };
    let text = leaf("$.balances[1].amount", r#"{"integer":{"comparator":">=","value":0}}"#);
    let other = reason(check(&text, &mut changed("/block/header/chain_id", "theta-testnet-001")));
    assert!(matches!(
        other,
        EvaluationError::Unreachable { failure: QueryFailure::Unreadable(reason), .. } if reason.contains("theta")
    ));
    let old = reason(check(&text, &mut changed("/block/header/time", "2026-11-22T15:31:30Z")));
    assert!(matches!(old, EvaluationError::Stale { seconds: 3_601, .. }), "{old:?}");
    let broken = reason(check(&text, &mut changed("/block/header/time", "yesterday")));
    assert!(matches!(broken, EvaluationError::Unreachable { .. }));
}

fn lit(condition: Value, port: Port) -> Result<(), Denied> {
    let mut condition = condition;
    condition["conditionType"] = json!("cosmos");
    condition["chain"] = json!("cosmos");
    let text = json!([condition]).to_string();
    let parsed = Conditions::parse(Kind::Unified, &text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let (context, mut port) = (context(&port), port);
    evaluate(parsed.condition().clone(), context, &mut port)
}

#[test]
fn lits_answer_should_be_kept_for_lits_json() {
    let test = |key: &str, comparator: &str, value: &str| {
        json!({
            "path": "/cosmos/bank/v1beta1/balances/:userAddress",
            "returnValueTest": { "key": key, "comparator": comparator, "value": value },
        })
    };
    assert_eq!(lit(test("$.balances[1].amount", ">=", "1000000"), balances()), Ok(()));
    assert_eq!(lit(test("$.balances[0].amount", ">=", "10"), balances()), Err(Denied::NotMet));
    // Strings keep their quotes where no number is asked for.
    assert_eq!(lit(test("$.balances[1].denom", "=", "uatom"), balances()), Err(Denied::NotMet));
    assert_eq!(lit(test("$.balances[1].denom", "=", "\"uatom\""), balances()), Ok(()));
    assert_eq!(lit(test("$.balances[*].denom", "contains", "CC uatom"), balances()), Ok(()));
    assert_eq!(lit(test("$.none", "!=", "x"), balances()), Err(Denied::NotMet));
    assert!(matches!(lit(test("$.balances[1].denom", ">", "1"), balances()), Err(Denied::Undecided(_))));
    let wallet = json!({
        "path": ":userAddress",
        "returnValueTest": { "key": "", "comparator": "=", "value": "cosmos1vn6zl0924yj86jrp330wcwjclzdharljq03a8h" },
    });
    assert_eq!(lit(wallet, balances()), Ok(()));
}

#[test]
fn lits_timelock_should_compare_times() {
    // The block is of 16:31:31; the transaction of a minute before.
    let timelock = |comparator: &str, seconds: u64| {
        json!({
            "path": "/txs/:userAddress", "method": "timelock", "parameters": ["latest"],
            "returnValueTest": { "key": "$.txs[*].timestamp", "comparator": comparator, "value": seconds.to_string() },
        })
    };
    let txs = || {
        port(
            |_| json!({ "txs": [{ "timestamp": "1999-01-01T00:00:00Z" }, { "timestamp": "2026-11-22T16:30:31Z" }] }),
        )
    };
    assert_eq!(lit(timelock("<", 61), txs()), Ok(()));
    assert_eq!(lit(timelock("<", 60), txs()), Err(Denied::NotMet));
    assert_eq!(lit(timelock("<=", 60), txs()), Ok(()));
    let future = port(|_| json!({ "txs": [{ "timestamp": "2026-11-22T16:31:32Z" }] }));
    assert_eq!(lit(timelock("<", 1_000), future), Err(Denied::NotMet));
}
