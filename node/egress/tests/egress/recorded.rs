//! What endpoints of Solana and the Cosmos really answered, served over HTTP; `recorded.json` says where each is from.

use super::{
    replay::{check_for, recorded, SOLANA, USER},
    server::{respond, Server},
};
use conclave_conditions::Denied;
use conclave_primitives::conditions::ChainKind;
use serde_json::{json, Value};

const RECORDED: &str = include_str!("../../../../offchain-workers/conditions/tests/fixtures/recorded.json");
const MAINNET: &str = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d";
const DEVNET: &str = "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG";
/// Of the recorded metadata: `Pixie Willie #1089`, and a token that is none of a collection.
const NFT: &str = "Cg4noWpzmDHhPZZXDwmCLJns43PJpLmd6E8aYL1pRcRJ";
const TOKEN: &str = "Hv69wUkD225TYq111eAar9CtjhNpzBTRFpHkpY3pbonk";
const COLLECTION: &str = "B18qWWkpnHi4tLCv86eDtAJ5QYe4m2FswtAbgaBMgLMh";
/// 2022-11-03T09:12:33Z: ten seconds after the recorded block.
const NOW: u64 = 1_667_466_753;

/// An endpoint of Solana; `answer` has the body, of a method and its first parameter.
fn solana(answer: impl Fn(&str, &str) -> String + Send + 'static) -> Server {
    Server::start(move |stream, request| {
        let (_, body) = request.split_once("\r\n\r\n").expect("a request");
        let call: Value = serde_json::from_str(body).expect("JSON");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let body = answer(&text(&call["method"]), &text(&call["params"][0]));
        respond(stream, "200 OK", "content-type: application/json; charset=utf-8\r\n", &body);
    })
}

fn on_solana(genesis: &str, kind: &str, fields: &Value, server: &Server) -> Result<(), Denied> {
    let genesis = bs58::decode(genesis).into_vec().expect("base58").try_into().expect("32 bytes");
    let mut condition = json!({ "chain": "solana", "account": "$user" });
    let fields = fields.as_object().expect("an object").clone();
    condition.as_object_mut().expect("an object").extend(fields);
    check_for(&json!({ kind: condition }), ChainKind::Solana { genesis }, (NOW, USER), &[server], "")
}

#[test]
fn balances_of_solanas_devnet_should_be_compared() {
    let server = solana(|method, _| recorded(RECORDED, &format!("solana devnet, {method}")));
    for (kind, fields, outcome) in [
        ("solanaBalance", json!({ "comparator": "=", "value": 114_638_463_277u64 }), Ok(())),
        ("solanaBalance", json!({ "comparator": ">", "value": 114_638_463_277u64 }), Err(Denied::NotMet)),
        ("solanaToken", json!({ "mint": TOKEN, "comparator": ">=", "value": 10_000_000_000u64 }), Ok(())),
        ("solanaToken", json!({ "mint": TOKEN, "comparator": "<", "value": 10 }), Err(Denied::NotMet)),
    ] {
        assert_eq!(on_solana(DEVNET, kind, &fields, &server), outcome, "{kind} {fields}");
    }
    let elsewhere = on_solana(MAINNET, "solanaBalance", &json!({ "comparator": ">", "value": 0 }), &server);
    assert!(matches!(elsewhere, Err(Denied::Undecided(_))), "devnet is not mainnet: {elsewhere:?}");
}

/// The metadata stands where it is derived to stand, and is read as Metaplex wrote it on mainnet.
#[test]
fn collections_of_solanas_mainnet_should_be_counted() {
    let owns = |mints: &'static [&'static str]| {
        solana(move |method, account| match (method, account) {
            ("getGenesisHash", _) => recorded(SOLANA, method),
            // None was recorded in this form: the documentation's, with these mints in it.
            ("getTokenAccountsByOwner", _) => {
                let mut answer: Value = serde_json::from_str(&recorded(SOLANA, method)).expect("JSON");
                let account = answer["result"]["value"][0].clone();
                let of_mint = |mint: &&str| {
                    let mut account = account.clone();
                    account["account"]["data"]["parsed"]["info"]["mint"] = json!(mint);
                    account
                };
                answer["result"]["value"] = mints.iter().map(of_mint).collect();
                answer.to_string()
            }
            ("getAccountInfo", "F2HG7mm8YcfxTDmKAtjnTvc1aoGwUZtX9w1peKihgEne") => {
                recorded(RECORDED, "solana mainnet, getAccountInfo, an NFT")
            }
            ("getAccountInfo", "6HxKnoqofdeuYS2aE8EazWL8ABZGqu7NKK6cqKR9dmmX") => {
                recorded(RECORDED, "solana mainnet, getAccountInfo, a token")
            }
            other => panic!("{other:?} was not to be asked"),
        })
    };
    let count = |collection: &str, value: u8, mints: &'static [&'static str]| {
        let fields = json!({ "collection": collection, "comparator": ">=", "value": value });
        on_solana(MAINNET, "solanaCollection", &fields, &owns(mints))
    };
    assert_eq!(count(COLLECTION, 1, &[NFT]), Ok(()));
    assert_eq!(count(COLLECTION, 1, &[TOKEN, NFT]), Ok(()));
    assert_eq!(count(COLLECTION, 2, &[NFT, TOKEN]), Err(Denied::NotMet));
    assert_eq!(count(COLLECTION, 1, &[TOKEN]), Err(Denied::NotMet));
    assert_eq!(count(NFT, 1, &[NFT]), Err(Denied::NotMet), "of another collection");
}

/// The block is of another network than the balances: nobody kept both of one.
#[test]
fn balances_of_the_cosmos_should_be_compared() {
    const OWNER: &str = "cosmos15cmkwr223aymmjtvgvpuv37vr83zeua2sxqtat";
    let server = Server::start(|stream, request| {
        let path = request.split(' ').nth(1).expect("a path");
        let name = match path.strip_prefix("/cosmos/") {
            Some("base/tendermint/v1beta1/blocks/latest" | "base/tendermint/v1beta1/blocks/90767") => {
                "quickgaia-1, blocks/latest"
            }
            Some(bank) if bank == format!("bank/v1beta1/balances/{OWNER}") => {
                assert!(request.to_lowercase().contains("x-cosmos-block-height: 90767"), "{request}");
                "cosmoshub-4, balances"
            }
            _ => panic!("{path} was not to be asked"),
        };
        respond(stream, "200 OK", "content-type: application/json\r\n", &recorded(RECORDED, name));
    });
    let check = |now: u64, chain_id: &[u8], value: u64| {
        let condition = json!({ "cosmos": {
            "chain": "cosmos", "path": "/cosmos/bank/v1beta1/balances/$user", "select": "$.balances[0].amount",
            "test": { "integer": { "comparator": ">=", "value": value } },
        } });
        let kind = ChainKind::Cosmos { chain_id: chain_id.to_vec().try_into().expect("short") };
        check_for(&condition, kind, (now, OWNER), &[&server], "")
    };
    assert_eq!(check(NOW, b"quickgaia-1", 3_998_996), Ok(()));
    assert_eq!(check(NOW, b"quickgaia-1", 3_998_997), Err(Denied::NotMet));
    for (now, chain_id) in [(NOW, &b"cosmoshub-4"[..]), (NOW + 3_600, b"quickgaia-1")] {
        let outcome = check(now, chain_id, 0);
        assert!(matches!(outcome, Err(Denied::Undecided(_))), "another chain, or an old block: {outcome:?}");
    }
}
