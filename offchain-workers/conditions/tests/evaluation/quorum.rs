//! Liars and failures among a member's endpoints, and among members.

use super::{
    evm::{endpoint, HASH},
    harness::{check, context, name, reason, Port, Said, NOW},
};
use conclave_conditions::{Answer, AnswerQueries, Denied, Evaluation, EvaluationError, QueryFailure, Step};
use conclave_primitives::conditions::parse;
use serde_json::{json, Value};

const POOR: &str = r#"{"evmBalance":{"chain":"base","account":"$user","comparator":">","value":0}}"#;

fn with_balances(balances: &[&'static str]) -> Port {
    balances.iter().fold(Port::default(), |port, balance| match *balance {
        "down" => port.endpoint("base", |_, _| Err(QueryFailure::TimedOut)),
        balance => port.endpoint("base", endpoint(move |_, _| -> Said { Ok(json!(balance)) })),
    })
}

#[test]
fn more_than_half_of_the_endpoints_should_decide() {
    let (yes, no, down) = ("0x1", "0x0", "down");
    let contradiction = || Err(Denied::Undecided(vec![EvaluationError::Contradiction(name("base"))]));
    let unreachable = |answered, needed| {
        let failure = QueryFailure::TimedOut;
        Err(Denied::Undecided(vec![EvaluationError::Unreachable {
            chain: name("base"),
            answered,
            needed,
            failure,
        }]))
    };
    for (balances, outcome) in [
        (&[yes][..], Ok(())),
        (&[no], Err(Denied::NotMet)),
        (&[yes, yes], Ok(())),
        (&[yes, no], contradiction()),
        // One liar of three loses, whichever way it lies.
        (&[yes, yes, no], Ok(())),
        (&[yes, no, no], Err(Denied::NotMet)),
        (&[no, yes, yes], Ok(())),
        (&[yes, down, yes], Ok(())),
        (&[down, down, yes], unreachable(1, 2)),
        (&[yes, no, down], contradiction()),
        (&["0x1", "0x2", "0x3"], contradiction()),
        (&[yes, yes, no, no, yes], Ok(())),
        (&[yes, yes, no, no], contradiction()),
        (&[down, down], unreachable(0, 2)),
    ] {
        assert_eq!(check(POOR, &mut with_balances(balances)), outcome, "{balances:?}");
    }
}

/// A liar names a block that the others do not have, or another hash for the same.
#[test]
fn a_liar_about_blocks_should_lose() {
    let liar = |block: Value| {
        let mut honest = endpoint(|_, _| Ok(json!("0x1")));
        move |method: &str, params: &Value| match method {
            "eth_getBlockByNumber" => Ok(Ok(block.clone())),
            _ => honest(method, params),
        }
    };
    let time = format!("0x{:x}", NOW - 900);
    for block in [
        json!({ "number": "0xffffff", "hash": HASH, "timestamp": time }),
        json!({ "number": "0x1", "hash": HASH, "timestamp": time }),
        json!({ "number": "0x64", "hash": HASH.replace('2', "3"), "timestamp": time }),
        json!({ "number": "0x64", "hash": HASH, "timestamp": "0x1" }),
        json!(null),
    ] {
        let port = with_balances(&["0x1", "0x1"]).endpoint("base", liar(block.clone()));
        assert_eq!(check(POOR, &mut { port }), Ok(()), "{block}");
    }
}

/// n members, each with its own endpoint; t have to find that it holds. Up to n - t liars change nothing, and n - t + 1
/// who deny it deny it.
#[test]
fn members_with_lying_endpoints_should_be_outvoted() {
    let (n, t) = (4, 3);
    for liars in 0..=n {
        let allowed = (0..n).filter(|member| {
            let balance = if *member < liars { "0x0" } else { "0x1" };
            check(POOR, &mut with_balances(&[balance])) == Ok(())
        });
        assert_eq!(allowed.count() >= t, liars <= n - t, "{liars} liars");
        // The other way round: liars who allow.
        let allowed = (0..n).filter(|member| {
            let balance = if *member < liars { "0x1" } else { "0x0" };
            check(POOR, &mut with_balances(&[balance])) == Ok(())
        });
        assert_eq!(allowed.count() >= t, liars >= t, "{liars} liars");
    }
}

/// The order in which answers come does not change the decision, nor does an answer that comes twice or uncalled.
#[test]
fn order_and_repetition_should_not_matter() {
    let text = format!(r#"{{"any":[{POOR},{{"all":[{POOR},{{"blocks":{{"from":9}}}}]}}]}}"#);
    for reversed in [false, true] {
        let mut port = with_balances(&["0x0", "0x1", "0x1"]);
        let mut evaluation = Evaluation::new(parse(&text).expect("sound"), context(&port));
        let mut rounds = 0;
        let decision = loop {
            match evaluation.poll() {
                Step::Done(decision) => break decision,
                Step::Wait => panic!("everything is answered"),
                Step::Ask(mut queries) => {
                    rounds += 1;
                    if reversed {
                        queries.reverse();
                    }
                    for query in queries {
                        let answer: Answer = port.answer(&query);
                        assert!(evaluation.answer(query.clone(), answer));
                        assert!(!evaluation.answer(query, Err(QueryFailure::TimedOut)), "a second answer");
                    }
                }
            }
        };
        assert_eq!(decision, Ok(()));
        // Chain id and head, block, balance.
        assert_eq!(rounds, 3);
        let foreign = conclave_conditions::Query::OwnStorage { key: vec![1] };
        assert!(!evaluation.answer(foreign, Err(QueryFailure::TimedOut)), "it was not asked");
    }
}

/// While answers are out it waits; two of three that agree are enough.
#[test]
fn a_slow_endpoint_should_not_hold_up_the_last_step() {
    let mut port = with_balances(&["0x1", "0x1", "0x1"]);
    let mut evaluation = Evaluation::new(parse(POOR).expect("sound"), context(&port));
    loop {
        match evaluation.poll() {
            Step::Done(decision) => {
                assert_eq!(decision, Ok(()));
                break;
            }
            Step::Wait => panic!("two of three agree"),
            Step::Ask(queries) => {
                let last = queries.iter().any(|query| format!("{query:?}").contains("eth_getBalance"));
                for query in queries {
                    let third = matches!(query, conclave_conditions::Query::Endpoint { endpoint: 2, .. });
                    if !(last && third) {
                        let answer = port.answer(&query);
                        evaluation.answer(query, answer);
                    }
                }
            }
        }
    }
}

/// Failure never allows: whatever the rest of the condition is, an unknown leaf is neither true nor false.
#[test]
fn a_failure_should_never_allow() {
    let down = || with_balances(&["down"]);
    for (text, outcome) in [
        (POOR.to_string(), None),
        (format!(r#"{{"not":{POOR}}}"#), None),
        (format!(r#"{{"any":[{POOR},{{"blocks":{{"from":9999}}}}]}}"#), None),
        (format!(r#"{{"all":[{POOR},{{"blocks":{{"from":9}}}}]}}"#), None),
        (format!(r#"{{"any":[{POOR},{{"blocks":{{"from":9}}}}]}}"#), Some(true)),
        (format!(r#"{{"all":[{POOR},{{"blocks":{{"from":9999}}}}]}}"#), Some(false)),
    ] {
        match (check(&text, &mut down()), outcome) {
            (Ok(()), Some(true)) | (Err(Denied::NotMet), Some(false)) => {}
            (outcome @ Err(Denied::Undecided(_)), None) => {
                assert!(matches!(reason(outcome), EvaluationError::Unreachable { .. }));
            }
            (other, _) => panic!("{text}: {other:?}"),
        }
    }
}
