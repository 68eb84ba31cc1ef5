use super::harness::{check, name, reason, Port, Said, NOW, USER};
use conclave_conditions::{Denied, EvaluationError, QueryFailure};
use conclave_primitives::conditions::lit::{Conditions, Kind};
use serde_json::{json, Value};

pub(crate) const HASH: &str = "0x2222222222222222222222222222222222222222222222222222222222222222";

/// An endpoint of an EVM chain at block 100 that answers calls by `answer`.
pub(crate) fn endpoint(
    answer: impl Fn(&str, &Value) -> Said + 'static,
) -> impl FnMut(&str, &Value) -> Result<Said, QueryFailure> {
    move |method, params| {
        Ok(match method {
            "eth_chainId" => Ok(json!("0x2105")),
            "eth_blockNumber" => Ok(json!("0x78")),
            "eth_getBlockByNumber" => {
                assert!(params[0] == "finalized" || params[0] == "0x64", "{params}");
                Ok(json!({ "number": "0x64", "hash": HASH, "timestamp": format!("0x{:x}", NOW - 900) }))
            }
            _ => {
                assert_eq!(params[1], "0x64", "not at the final block");
                answer(method, params)
            }
        })
    }
}

fn balance(comparator: &str, value: &str) -> String {
    format!(
        r#"{{"evmBalance":{{"chain":"base","account":"$user","comparator":"{comparator}","value":"{value}"}}}}"#
    )
}

fn one(answer: impl Fn(&str, &Value) -> Said + 'static) -> Port {
    Port::default().endpoint("base", endpoint(answer))
}

#[test]
fn balances_should_be_compared_at_the_final_block() {
    let rich = || {
        one(|method, params| {
            assert_eq!((method, &params[0]), ("eth_getBalance", &json!(USER.to_lowercase())));
            Ok(json!("0xde0b6b3a7640000"))
        })
    };
    let wei = "1000000000000000000";
    for (comparator, holds) in
        [("=", true), (">=", true), ("<=", true), (">", false), ("<", false), ("!=", false)]
    {
        let outcome = check(&balance(comparator, wei), &mut rich());
        assert_eq!(outcome, if holds { Ok(()) } else { Err(Denied::NotMet) }, "{comparator}");
    }
    // By number, not by text.
    assert_eq!(check(&balance(">", "9"), &mut rich()), Ok(()));
    assert_eq!(check(&balance("<", "0xffffffffffffffffffffffffffffffff"), &mut rich()), Ok(()));
}

#[test]
fn the_time_of_the_final_block_should_be_compared() {
    let text = |value| format!(r#"{{"evmTime":{{"chain":"base","comparator":">","value":{value}}}}}"#);
    assert_eq!(check(&text(NOW - 901), &mut one(|_, _| Err((0, "")))), Ok(()));
    assert_eq!(check(&text(NOW - 900), &mut one(|_, _| Err((0, "")))), Err(Denied::NotMet));
}

/// Calls as ethers encodes them, and outputs as it encodes them, for every type without tuples.
#[test]
fn abi_should_be_that_of_ethers() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../../tests/vectors/chains.json")).expect("JSON");
    let vectors = vectors["abi"].as_array().expect("vectors");
    assert!(vectors.len() >= 29, "{}", vectors.len());
    for vector in vectors {
        let (kind, value) = (vector["type"].as_str().expect("a type"), &vector["value"]);
        let condition = |output: u8, any: bool, comparator: &str, asked: &Value| {
            json!({ "evmCall": {
                "chain": "base", "contract": USER, "function": "f", "inputs": [kind, "uint8"], "arguments": [value, 7],
                "outputs": [kind, "uint256"], "output": output, "anyElement": any, "comparator": comparator, "value": asked,
            } })
            .to_string()
        };
        let port = || {
            let (input, output) = (vector["input"].clone(), vector["output"].clone());
            one(move |method, params| {
                assert_eq!((method, &params[0]["to"]), ("eth_call", &json!(USER.to_lowercase())));
                assert_eq!(params[0]["data"], input);
                Ok(output.clone())
            })
        };
        assert_eq!(check(&condition(1, false, "=", &json!(9)), &mut port()), Ok(()), "{kind}");
        assert_eq!(check(&condition(1, false, "!=", &json!(9)), &mut port()), Err(Denied::NotMet), "{kind}");
        match value {
            Value::Array(items) => {
                for item in items.iter().filter(|item| !item.is_array()) {
                    assert_eq!(check(&condition(0, true, "=", item), &mut port()), Ok(()), "{kind}");
                }
            }
            value => {
                assert_eq!(check(&condition(0, false, "=", value), &mut port()), Ok(()), "{kind}");
                assert_eq!(
                    check(&condition(0, false, "!=", value), &mut port()),
                    Err(Denied::NotMet),
                    "{kind}"
                );
            }
        }
    }
}

#[test]
fn what_cannot_be_read_should_deny() {
    let erc20 = format!(
        r#"{{"erc20":{{"chain":"base","contract":"{USER}","account":"$user","comparator":">=","value":0}}}}"#
    );
    let unreadable = |outcome| match reason(outcome) {
        EvaluationError::Unreadable { reason, .. } => reason,
        other => panic!("{other:?}"),
    };
    assert!(unreadable(check(&erc20, &mut one(|_, _| Ok(json!("0x"))))).contains("no such contract"));
    assert!(unreadable(check(&erc20, &mut one(|_, _| Ok(json!("0x00"))))).contains("outputs"));
    for wrong in [json!("00"), json!("0x0"), json!("0xzz"), json!(5), json!(null), json!([]), json!("0x+1")] {
        let outcome = check(&erc20, &mut one(move |_, _| Ok(wrong.clone())));
        assert!(matches!(reason(outcome), EvaluationError::Unreachable { answered: 0, .. }));
    }
    let behind = reason(check(&erc20, &mut one(|_, _| Err((-32_005, "node is behind")))));
    assert_eq!(behind, EvaluationError::Rejected { chain: name("base"), message: "node is behind".into() });
    let slow = Port::default().endpoint("base", |_, _| Err(QueryFailure::TimedOut));
    assert!(matches!(
        reason(check(&erc20, &mut { slow })),
        EvaluationError::Unreachable { failure: QueryFailure::TimedOut, .. }
    ));
}

/// What reverts decides nothing: neither itself, nor its opposite, nor what holds without it.
#[test]
fn a_revert_should_be_undecided() {
    let token = format!(
        r#"{{"erc20":{{"chain":"base","contract":"{USER}","account":"$user","comparator":">=","value":0}}}}"#
    );
    let (met, unmet) = (r#"{"blocks":{"from":1}}"#, r#"{"blocks":{"until":1}}"#);
    for (code, message) in
        [(3, "execution reverted: sold"), (-32_000, "Execution reverted"), (-32_015, "VM execution error.")]
    {
        let outcome = |text: &str| check(text, &mut one(move |_, _| Err((code, message))));
        let reverted = EvaluationError::Reverted { chain: name("base"), message: message.into() };
        for undecided in
            [token.clone(), format!(r#"{{"not":{token}}}"#), format!(r#"{{"all":[{met},{token}]}}"#)]
        {
            assert_eq!(reason(outcome(&undecided)), reverted, "{undecided}");
        }
        assert_eq!(outcome(&format!(r#"{{"any":[{met},{token}]}}"#)), Ok(()));
        assert_eq!(outcome(&format!(r#"{{"all":[{unmet},{token}]}}"#)), Err(Denied::NotMet));
    }
}

#[test]
fn another_chain_or_an_old_block_should_deny() {
    let text = balance(">=", "0");
    let mut inner = endpoint(|_, _| Ok(json!("0x1")));
    let mut other = Port::default().endpoint("base", move |method, params| match method {
        "eth_chainId" => Ok(Ok(json!("0x1"))),
        _ => inner(method, params),
    });
    assert_eq!(reason(check(&text, &mut other)), EvaluationError::OtherChain(name("base")));
    let mut inner = endpoint(|_, _| Ok(json!("0x1")));
    let mut old = Port::default().endpoint("base", move |method, params| match method {
        "eth_getBlockByNumber" => {
            Ok(Ok(json!({ "number": "0x64", "hash": HASH, "timestamp": format!("0x{:x}", NOW - 3_601) })))
        }
        _ => inner(method, params),
    });
    assert_eq!(
        reason(check(&text, &mut old)),
        EvaluationError::Stale { chain: name("base"), seconds: 3_601 }
    );
    let elsewhere = text.replace("base", "solana");
    let mut port = Port::default().endpoint("solana", |_, _| Err(QueryFailure::TimedOut));
    assert_eq!(reason(check(&elsewhere, &mut port)), EvaluationError::OtherKind(name("solana")));
    let unknown = text.replace("base", "gnosis");
    assert_eq!(reason(check(&unknown, &mut Port::default())), EvaluationError::UnknownChain(name("gnosis")));
    assert_eq!(reason(check(&text, &mut Port::default())), EvaluationError::NoEndpoint(name("base")));
}

/// Each standard contract type of Lit's, with the selector of the function it calls (from the ABIs of the standards).
#[test]
fn lits_standard_contracts_should_be_asked_as_lit_asks_them() {
    let word = |value: u128| format!("{value:064x}");
    let user = format!("{:0>64}", USER[2..].to_lowercase());
    // type, method, parameters, comparator, value, selector, output that holds, output that does not
    let cases = [
        ("ERC20", "balanceOf", json!([":userAddress"]), ">", "0", "70a08231", word(1), word(0)),
        ("ERC721", "balanceOf", json!([":userAddress"]), ">=", "2", "70a08231", word(2), word(1)),
        ("ERC721", "ownerOf", json!(["7"]), "=", ":userAddress", "6352211e", user.clone(), word(1)),
        ("ERC1155", "balanceOf", json!([":userAddress", "0x10"]), ">", "0", "00fdd58e", word(1), word(0)),
        ("Creaton", "subscribers", json!([":userAddress"]), "=", "x", "5745ae28", word(1), word(2)),
        ("ProofOfHumanity", "isRegistered", json!([":userAddress"]), "=", "x", "c3c5a547", word(1), word(0)),
        (
            "CASK",
            "getActiveSubscriptionCount",
            json!([":userAddress", USER, "5"]),
            ">",
            "0",
            "d67dc0de",
            word(1),
            word(0),
        ),
        (
            "PKPPermissions",
            "isPermittedAddress",
            json!(["0x10", ":userAddress"]),
            "=",
            "TRUE",
            "00008b4f",
            word(1),
            word(0),
        ),
        (
            "MolochDAOv2.1",
            "members",
            json!([":userAddress"]),
            "=",
            "x",
            "08ae4b0c",
            [user.clone(), word(1), word(0), word(1), word(0), word(0)].concat(),
            [user.clone(), word(1), word(0), word(1), word(0), word(9)].concat(),
        ),
        (
            "ERC1155",
            "balanceOfBatch",
            json!([":userAddress,0x0000000000000000000000000000000000000001", "1,2"]),
            ">",
            "4",
            "4e1273f4",
            [word(32), word(2), word(0), word(5)].concat(),
            [word(32), word(2), word(4), word(4)].concat(),
        ),
    ];
    for (kind, method, parameters, comparator, value, selector, yes, no) in cases {
        let document = json!([{
            "contractAddress": USER, "standardContractType": kind, "chain": "base", "method": method,
            "parameters": parameters, "returnValueTest": { "comparator": comparator, "value": value },
        }]);
        let parsed = Conditions::parse(Kind::EvmBasic, &document.to_string()).expect("sound");
        for (output, holds) in [(yes, true), (no, false)] {
            let mut port = one(move |method, params| {
                let data = params[0]["data"].as_str().expect("data");
                assert_eq!(method, "eth_call");
                assert!(data.starts_with(&format!("0x{selector}")), "{kind}: {data}");
                Ok(json!(format!("0x{output}")))
            });
            let context = super::harness::context(&port);
            let outcome = conclave_conditions::evaluate(parsed.condition().clone(), context, &mut port);
            assert_eq!(outcome, if holds { Ok(()) } else { Err(Denied::NotMet) }, "{kind}.{method}");
            assert!(!port.asked.is_empty());
        }
    }
}
