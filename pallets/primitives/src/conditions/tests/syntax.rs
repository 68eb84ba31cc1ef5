//! Every leaf of our own syntax, and different spellings of one meaning.

use super::super::{parse, Expression, Leaf, Variable, *};
use alloc::{format, string::String};

pub(super) const CONTRACT: &str = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48";
const MINT: &str = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v";
const SS58: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
const ALICE: &str = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
const ID: &str = "0x0101010101010101010101010101010101010101010101010101010101010101";

/// One of each leaf.
pub(super) fn examples() -> Vec<String> {
    let integer = r#""comparator":">=","value":5"#;
    [
        format!(r#"{{"user":{{"evm":"{CONTRACT}"}}}}"#),
        format!(r#"{{"user":{{"solana":"{MINT}"}}}}"#),
        r#"{"user":{"cosmos":{"chain":"cosmos","address":"cosmos1vn6zl0924yj86jrp330wcwjclzdharljq03a8h"}}}"#.into(),
        format!(r#"{{"user":{{"account":"{SS58}"}}}}"#),
        r#"{"action":"QmSQDKRWEXZ9CGoucSTR11Mv6fhGqaytZ1MqrfHdkuS1Vg"}"#.into(),
        r#"{"action":"bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"}"#.into(),
        r#"{"session":{"parameter":"role","comparator":"=","value":"admin"}}"#.into(),
        r#"{"siweDomain":"example.org"}"#.into(),
        r#"{"siweResource":"urn:x"}"#.into(),
        format!(r#"{{"evmBalance":{{"chain":"base","account":"$user",{integer}}}}}"#),
        format!(r#"{{"evmTime":{{"chain":"base",{integer}}}}}"#),
        format!(r#"{{"erc20":{{"chain":"base","contract":"{CONTRACT}","account":"$user",{integer}}}}}"#),
        format!(r#"{{"erc721Owner":{{"chain":"base","contract":"{CONTRACT}","token":7,"owner":"$user"}}}}"#),
        format!(
            r#"{{"erc1155":{{"chain":"base","contract":"{CONTRACT}","account":"$user","token":7,{integer}}}}}"#
        ),
        format!(
            r#"{{"evmCall":{{"chain":"base","contract":"{CONTRACT}","function":"f","inputs":["address","uint8","int16",
            "bool","bytes","bytes4","string","uint256[]","address[2]"],"arguments":["$user",1,-1,true,"0x01","0x01020304",
            "$$x",[1,"0x02"],["$user","{CONTRACT}"]],"outputs":["bool","int64[]"],"output":1,"anyElement":true,
            "comparator":"<","value":-3}}}}"#
        ),
        r#"{"poap":{"chain":"poap","eventNameContains":"EthCC"}}"#.into(),
        format!(r#"{{"solanaBalance":{{"chain":"solana","account":"$user",{integer}}}}}"#),
        format!(r#"{{"solanaToken":{{"chain":"solana","mint":"{MINT}","account":"$user",{integer}}}}}"#),
        format!(r#"{{"solanaCollection":{{"chain":"solana","collection":"{MINT}","account":"$user",{integer}}}}}"#),
        format!(
            r#"{{"solanaCall":{{"chain":"solana","method":"getAccountInfo","params":["{MINT}",{{"encoding":"base64"}}],
            "path":"$.data[1]","test":{{"text":{{"comparator":"=","value":"base64"}}}}}}}}"#
        ),
        r#"{"cosmos":{"chain":"cosmos","path":"/bank/balances/$user","select":"$.balances[0].amount",
            "test":{"integer":{"comparator":">","value":"10"}}}}"#
            .into(),
        format!(r#"{{"substrateBalance":{{"chain":"polkadot","account":"$user",{integer}}}}}"#),
        format!(r#"{{"substrateBalance":{{"chain":"conclave","account":"{ALICE}",{integer}}}}}"#),
        r#"{"substrateMember":{"chain":"polkadot","pallet":"Council","account":"$user"}}"#.into(),
        format!(
            r#"{{"substrateStorage":{{"chain":"polkadot","pallet":"Assets","item":"Account","keys":[
            {{"hasher":"blake2_128Concat","value":"0x01000000"}},{{"hasher":"blake2_128Concat","value":"$user"}}],
            "test":{{"integer":{{"offset":0,"width":16,{integer}}}}}}}}}"#
        ),
        r#"{"substrateStorage":{"chain":"conclave","pallet":"Sudo","item":"Key","test":{"exists":true}}}"#.into(),
        r#"{"substrateStorage":{"chain":"conclave","pallet":"Sudo","item":"Key","test":{"bytes":{"offset":1,"value":"0xff"}}}}"#.into(),
        r#"{"time":{"from":1767225600,"until":1798761600}}"#.into(),
        r#"{"blocks":{"until":100}}"#.into(),
        format!(r#"{{"policy":"{ID}"}}"#),
        r#"{"actionResult":{"cid":"QmSQDKRWEXZ9CGoucSTR11Mv6fhGqaytZ1MqrfHdkuS1Vg","function":"go","arguments":["$user","1"],
            "comparator":"!=","value":"no"}}"#
            .into(),
    ]
    .to_vec()
}

#[test]
fn every_leaf_should_parse_and_come_back_from_its_bytes() {
    let mut hashes = alloc::collections::BTreeSet::new();
    for text in examples() {
        let condition = parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(condition.leaves().len(), 1, "{text}");
        assert_eq!(Condition::from_bytes(&condition.to_bytes()), Ok(condition.clone()), "{text}");
        assert!(hashes.insert(condition.hash()), "{text} has another's hash");
    }
}

#[test]
fn spellings_of_one_meaning_should_have_one_hash() {
    let lower = CONTRACT.to_lowercase();
    let same = [
        (
            format!(r#"{{"erc20":{{"chain":"base","contract":"{CONTRACT}","account":"$user","comparator":">=","value":255}}}}"#),
            format!(
                r#"{{"evmCall":{{"value":"0xfF","comparator":"\u003e=","output":0,"outputs":["uint"],"arguments":["\u0024user"],
                "inputs":["address"],"function":"balanceOf","contract":"{lower}","chain":"base","anyElement":false}}}}"#
            ),
        ),
        (format!(r#"{{"user":{{"account":"{SS58}"}}}}"#), format!(r#"{{"user":{{"account":"{ALICE}"}}}}"#)),
        (
            r#"{"all":[{"blocks":{"from":1}},{"all":[{"blocks":{"from":2}},{"blocks":{"from":1}}]}]}"#.into(),
            r#"{"not":{"any":[{"not":{"blocks":{"from":2}}},{"not":{"blocks":{"from":1}}}]}}"#.into(),
        ),
        (
            r#"{"atLeast":{"count":2,"of":[{"blocks":{"from":1}},{"blocks":{"from":2}},{"blocks":{"from":3}}]}}"#.into(),
            r#"{"not":{"atLeast":{"of":[{"not":{"blocks":{"from":3}}},{"not":{"blocks":{"from":2}}},
                {"not":{"blocks":{"from":1}}}],"count":2}}}"#
                .into(),
        ),
        (r#"{"blocks":{"from":0,"until":9}}"#.into(), r#"{"any":[{"blocks":{"until":9}}]}"#.into()),
    ];
    for (a, b) in same {
        let (a, b) = (parse(&a).expect("sound"), parse(&b).expect("sound"));
        assert_eq!(a.hash(), b.hash(), "{a:?} and {b:?}");
    }
}

#[test]
fn a_dollar_should_be_written_twice() {
    let condition = parse(r#"{"siweResource":"$$user"}"#).expect("sound");
    assert_eq!(condition.expression(), &Expression::Leaf(Leaf::SiweResource("$user".into())));
    let variable = parse(r#"{"session":{"parameter":"p","comparator":"=","value":"$$"}}"#).expect("sound");
    let Expression::Leaf(Leaf::Text { found, asked, .. }) = variable.expression() else { panic!("a text") };
    assert_eq!(found, &TextValue::Variable(Variable::SessionParameter("p".into())));
    assert_eq!(asked, &TextValue::Literal("$".into()));
}

#[test]
fn integers_should_have_an_order_and_one_spelling_of_zero() {
    let parse = |text: &str| Integer::parse(text);
    let ascending = [
        "-115792089237316195423570985008687907853269984665640564039457584007913129639935",
        "-2",
        "-1",
        "0",
        "9",
        "10",
        "0xff",
        "115792089237316195423570985008687907853269984665640564039457584007913129639935",
    ];
    for pair in ascending.windows(2) {
        assert!(parse(pair[0]) < parse(pair[1]), "{pair:?}");
    }
    for wrong in [
        "",
        "-",
        "+1",
        "-0",
        "01",
        "1.0",
        "1e3",
        "0x",
        "0xg",
        " 1",
        "1 ",
        "١",
        "115792089237316195423570985008687907853269984665640564039457584007913129639936",
    ] {
        assert_eq!(parse(wrong), None, "{wrong}");
    }
    for text in ["-1", "0", "-57896044618658097711785492504343953926634992332820282019728792003956564819968"]
    {
        let integer = parse(text).expect("an integer");
        assert_eq!(integer.to_twos_complement().map(Integer::from_twos_complement), Some(integer));
    }
}
