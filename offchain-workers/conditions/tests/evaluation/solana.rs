use super::harness::{check, context, name, reason, Port, Said};
use conclave_conditions::{evaluate, Denied, EvaluationError};
use conclave_primitives::conditions::lit::{Conditions, Kind};
use serde_json::{json, Value};

const OWNER: &str = "4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi";
const USDC: &str = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v";
const METADATA: &str = "metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s";

fn fixture(name: &str) -> Said {
    let file: Value = serde_json::from_str(include_str!("../fixtures/solana.json")).expect("JSON");
    let entry = &file["answers"][name];
    assert!(entry["source"].is_string(), "{name} has no source");
    match entry["body"].get("result") {
        Some(result) => Ok(result.clone()),
        None => Err((
            entry["body"]["error"]["code"].as_i64().expect("a code"),
            "Invalid param: could not find account",
        )),
    }
}

fn port(answer: impl Fn(&str, &Value) -> Said + 'static) -> Port {
    Port::default().endpoint("solana", move |method, params| {
        if method != "getGenesisHash" {
            assert!(params.to_string().contains(r#""commitment":"finalized""#), "{method} {params}");
        }
        Ok(if method == "getGenesisHash" { fixture(method) } else { answer(method, params) })
    })
}

fn recorded() -> Port {
    port(|method, _| fixture(method))
}

fn leaf(kind: &str, more: &str, comparator: &str, value: u64) -> String {
    format!(
        r#"{{"{kind}":{{"chain":"solana","account":"$user",{more}"comparator":"{comparator}","value":{value}}}}}"#
    )
}

#[test]
fn balances_should_be_compared() {
    let mut recorded = recorded();
    assert_eq!(check(&leaf("solanaBalance", "", "=", 83_000_000), &mut recorded), Ok(()));
    assert!(recorded.asked.iter().any(|query| format!("{query:?}").contains(OWNER)));
    assert_eq!(check(&leaf("solanaBalance", "", ">", 83_000_000), &mut recorded), Err(Denied::NotMet));
}

/// As a number: "9864" is less than 10000, though not as text.
#[test]
fn tokens_should_be_compared_by_number() {
    let token = |comparator, value| leaf("solanaToken", &format!(r#""mint":"{USDC}","#), comparator, value);
    assert_eq!(check(&token(">=", 9_864), &mut recorded()), Ok(()));
    assert_eq!(check(&token(">=", 10_000), &mut recorded()), Err(Denied::NotMet));
    let none = || port(|_, _| fixture("no token account"));
    assert_eq!(check(&token(">=", 1), &mut none()), Err(Denied::NotMet));
    assert_eq!(check(&token("=", 0), &mut none()), Ok(()));
    let broken = check(&token("=", 0), &mut port(|_, _| Err((-32005, "Node is behind"))));
    assert!(matches!(reason(broken), EvaluationError::Rejected { .. }));
}

#[test]
fn addresses_should_be_those_of_web3js() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../../tests/vectors/chains.json")).expect("JSON");
    let vectors = vectors["addresses"].as_array().expect("vectors");
    assert_eq!(vectors.len(), 12);
    for vector in vectors {
        let account = vector["tokenAccount"].clone();
        let mut port = port(move |method, params| {
            assert_eq!((method, &params[0]), ("getTokenAccountBalance", &account));
            fixture(method)
        });
        let text = json!({ "solanaToken": {
            "chain": "solana", "mint": vector["mint"], "account": vector["owner"], "comparator": ">", "value": 0,
        } });
        assert_eq!(check(&text.to_string(), &mut port), Ok(()));
        // The same by seeds, through Lit's `getPDA`.
        let text = lit(json!({
            "method": "getPDA", "params": [],
            "pdaParams": [METADATA, "metadata", format!("pubkey:{METADATA}"), format!("pubkey:{}", vector["owner"].as_str().expect("text"))],
            "pdaInterface": { "offset": 0, "fields": { "key": 32 } }, "pdaKey": "key", "chain": "solana",
            "returnValueTest": { "key": "", "comparator": "=", "value": vector["metadata"] },
        }));
        let port = self::port(|_, _| {
            Ok(json!({ "value": { "owner": METADATA, "data": ["A".repeat(44), "base64"] } }))
        });
        assert_eq!(lit_check(&text, port), Ok(()));
    }
}

#[test]
fn collections_should_count_verified_nfts() {
    let (mint, collection) = ("3wyAj7Rt1TWVPZVteFJPLa26JmLvdb1CAKEFZm3NY75E", USDC);
    let key = |text: &str| bs58::decode(text).into_vec().expect("base58");
    // Metadata as Metaplex lays it out, with creators, nonce and token standard.
    let metadata = move |verified: u8| {
        let mut data = vec![4];
        data.extend([[9; 32], key(mint).try_into().expect("32 bytes")].concat());
        for text in ["Name", "SYM", "https://example.org/1.json"] {
            data.extend((text.len() as u32).to_le_bytes());
            data.extend(text.as_bytes());
        }
        data.extend([0, 5, 1]);
        data.extend(2u32.to_le_bytes());
        data.extend([7; 68]);
        data.extend([1, 1, 1, 254, 1, 0, 1, verified]);
        data.extend(key(collection));
        data
    };
    let port = move |verified: u8, owner: &'static str| {
        port(move |method, _| match method {
            "getTokenAccountsByOwner" => fixture(method),
            _ => {
                use base64ct::{Base64, Encoding};
                let data = Base64::encode_string(&metadata(verified));
                Ok(json!({ "context": { "slot": 1 }, "value": { "owner": owner, "data": [data, "base64"] } }))
            }
        })
    };
    let text = leaf("solanaCollection", &format!(r#""collection":"{collection}","#), ">=", 1);
    assert_eq!(check(&text, &mut port(1, METADATA)), Ok(()));
    assert_eq!(check(&text, &mut port(0, METADATA)), Err(Denied::NotMet));
    // An account that another program owns says nothing.
    assert_eq!(check(&text, &mut port(1, USDC)), Err(Denied::NotMet));
}

#[test]
fn another_cluster_should_deny() {
    let mut devnet = Port::default().endpoint("solana", |method, _| {
        Ok(match method {
            "getGenesisHash" => Ok(json!("EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG")),
            method => fixture(method),
        })
    });
    let outcome = check(&leaf("solanaBalance", "", ">", 0), &mut devnet);
    assert_eq!(reason(outcome), EvaluationError::OtherChain(name("solana")));
}

/// Endpoints at different slots agree on the value.
#[test]
fn slots_should_not_matter() {
    let at = |slot: u64| {
        move |method: &str, _: &Value| {
            Ok(match method {
                "getGenesisHash" => fixture(method),
                _ => Ok(json!({ "context": { "slot": slot }, "value": 5 })),
            })
        }
    };
    let mut port = Port::default().endpoint("solana", at(1)).endpoint("solana", at(2));
    assert_eq!(check(&leaf("solanaBalance", "", "=", 5), &mut port), Ok(()));
}

fn lit(condition: Value) -> String {
    json!([condition]).to_string()
}

fn lit_check(text: &str, mut port: Port) -> Result<(), Denied> {
    let parsed = Conditions::parse(Kind::SolRpc, text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let context = context(&port);
    evaluate(parsed.condition().clone(), context, &mut port)
}

/// Lit compares strings as text, so "9864" is more than "10000".
#[test]
fn lits_answer_should_be_kept_for_lits_json() {
    let token = |key: &str, comparator: &str, value: &str| {
        lit(json!({
            "method": "balanceOfToken", "params": [USDC], "pdaParams": [], "pdaInterface": { "offset": 0, "fields": {} },
            "pdaKey": "", "chain": "solana", "returnValueTest": { "key": key, "comparator": comparator, "value": value },
        }))
    };
    assert_eq!(lit_check(&token("$.amount", ">", "10000"), recorded()), Ok(()));
    assert_eq!(lit_check(&token("$.amount", ">", "99"), recorded()), Err(Denied::NotMet));
    assert_eq!(lit_check(&token("$.decimals", "=", "2"), recorded()), Ok(()));
    assert_eq!(lit_check(&token("$.nothing", "!=", "2"), recorded()), Err(Denied::NotMet));
    assert_eq!(lit_check(&token("", "!=", "2"), recorded()), Err(Denied::NotMet));
    assert_eq!(lit_check(&token("$.amount", "contains", "8"), recorded()), Err(Denied::NotMet));
    // 98.64 is no whole number: Lit fails.
    assert!(matches!(lit_check(&token("$.uiAmount", ">", "1"), recorded()), Err(Denied::Undecided(_))));
    let none = || port(|_, _| fixture("no token account"));
    assert_eq!(lit_check(&token("$.amount", ">=", "0"), none()), Err(Denied::NotMet));
    let wallet = lit(json!({
        "method": "", "params": [":userAddress"], "chain": "solana",
        "returnValueTest": { "key": "", "comparator": "=", "value": OWNER },
    }));
    assert_eq!(lit_check(&wallet, recorded()), Ok(()));
    let info = lit(json!({
        "method": "getAccountInfo", "params": [":userAddress"], "chain": "solana",
        "returnValueTest": { "key": "$.lamports", "comparator": ">", "value": "88849814690249" },
    }));
    assert_eq!(lit_check(&info, recorded()), Ok(()));
}
