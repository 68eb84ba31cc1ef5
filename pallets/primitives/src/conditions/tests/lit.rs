//! Lit's front end against Lit's own packages (tests/vectors/lit-conditions.json), and Lit's traps.

use super::super::{
    lit::{Conditions, Kind},
    *,
};
use alloc::{format, string::String};

fn vectors() -> Vec<(Kind, String, String, String, String)> {
    let file = Json::parse_any_size(include_str!("../../../../../tests/vectors/lit-conditions.json"));
    let Some(Json::Array(vectors)) = file.get("vectors") else { panic!("no vectors") };
    let text = |vector: &Json, name: &str| match vector.get(name) {
        Some(Json::Text(text)) => text.clone(),
        _ => panic!("no field {name}"),
    };
    let kind = |name: &str| Kind::ALL.into_iter().find(|(_, known)| *known == name).expect("a kind").0;
    vectors
        .iter()
        .map(|vector| {
            let [name, conditions, canonical, hash] =
                ["name", "conditions", "canonical", "hash"].map(|field| text(vector, field));
            (kind(&text(vector, "kind")), name, conditions, canonical, hash)
        })
        .collect()
}

#[test]
fn canonical_json_and_hash_should_be_those_of_lits_packages() {
    let vectors = vectors();
    assert!(vectors.len() >= 45, "{} vectors", vectors.len());
    for (kind, name, conditions, canonical, hash) in vectors {
        let parsed = Conditions::parse(kind, &conditions).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(parsed.canonical_json(), canonical, "{name}");
        assert_eq!(hex::encode(parsed.hash()), hash, "{name}");
        let bytes = parsed.condition().to_bytes();
        assert_eq!(Condition::from_bytes(&bytes).as_ref(), Ok(parsed.condition()), "{name}");
    }
}

/// Published beside the SDK (reference/ecosystem.md): the same hashes from both of Lit's releases.
#[test]
fn a_known_hash_should_be_found_again() {
    let text = r#"{"accessControlConditions":[{"contractAddress":"","chain":"ethereum","standardContractType":"",
        "method":"eth_getBalance","parameters":[":userAddress","latest"],
        "returnValueTest":{"comparator":">=","value":"1000000000000"}}]}"#;
    let parsed = Conditions::parse_any(text).expect("sound");
    assert_eq!(
        hex::encode(parsed.hash()),
        "4fc0cc9ac4a1074ab45c43e306b22be3c86c1e17160e30d64187ac536e6b243b"
    );
}

fn basic(kind: &str, method: &str, parameters: &str, comparator: &str, value: &str) -> String {
    format!(
        r#"{{"contractAddress":"{}","standardContractType":"{kind}","chain":"ethereum","method":"{method}",
        "parameters":{parameters},"returnValueTest":{{"comparator":"{comparator}","value":"{value}"}}}}"#,
        super::syntax::CONTRACT
    )
}

fn compiled(items: &str) -> Condition {
    let parsed = Conditions::parse(Kind::EvmBasic, &format!("[{items}]"));
    parsed.unwrap_or_else(|error| panic!("{items}: {error}")).condition().clone()
}

fn time(value: &str) -> String {
    basic("timestamp", "", "[]", ">", value)
}

/// `a or b and c` is `(a or b) and c`: a holding alone is not enough.
#[test]
fn operators_should_be_taken_from_left_to_right() {
    let (or, and) = (r#"{"operator":"or"}"#, r#"{"operator":"and"}"#);
    let condition = compiled(&[&time("1"), or, &time("2"), and, &time("3")].join(","));
    let holds = |values: [bool; 3]| {
        condition.expression().decide(&mut |leaf| match leaf {
            Leaf::EvmTime { asked, .. } => {
                (1..=3).find(|n| *asked == Integer::from(*n)).map(|n| values[n as usize - 1])
            }
            _ => None,
        })
    };
    for bits in 0..8 {
        let [a, b, c] = [bits & 1 != 0, bits & 2 != 0, bits & 4 != 0];
        assert_eq!(holds([a, b, c]), Some((a || b) && c), "{bits:03b}");
    }
}

#[test]
fn thirty_conditions_with_operators_in_turn_should_compile() {
    let items: Vec<String> = (1..=30)
        .flat_map(|n| {
            let operator = if n % 2 == 0 { r#"{"operator":"or"}"# } else { r#"{"operator":"and"}"# };
            [time(&format!("{n}")), operator.into()]
        })
        .take(59)
        .collect();
    let condition = compiled(&items.join(","));
    assert_eq!(condition.leaves().len(), 30);
    assert_eq!(Condition::from_bytes(&condition.to_bytes()), Ok(condition));
}

#[test]
fn what_lit_does_not_know_should_never_hold() {
    let never = [
        basic("Sushi", "balanceOf", "[\":userAddress\"]", ">", "0"),
        basic("ERC20", "totalSupply", "[]", ">", "0"),
        basic("ERC20", "balanceOf", "[\":userAddress\"]", "==", "0"),
        basic("ERC20", "balanceOf", "[\":userAddress\"]", "contains", "0"),
        basic("ERC721MetadataName", "name", "[]", "=", "x"),
        basic("ERC721", "ownerOf", "[\"1\"]", "!=", ":userAddress"),
        basic("ERC1155", "balanceOfBatch", "[\":userAddress\",\"1,2\"]", ">", "0"),
        basic("", "eth_blockNumber", "[]", ">", "0"),
        basic("", "", "[\":userAddress\"]", "!=", super::syntax::CONTRACT),
        basic("POAP", "name", "[]", "=", "x"),
        basic("POAP", "eventId", "[]", "contains", "3"),
        basic("SIWE", "", "[\":nonce\"]", "=", "x"),
    ];
    for item in never {
        assert_eq!(compiled(&item).expression(), &Expression::Leaf(Leaf::Constant(false)), "{item}");
    }
}

#[test]
fn session_parameters_and_variables_should_be_put_in_where_lit_puts_them() {
    let text = |condition: Condition| match condition.expression() {
        Expression::Leaf(Leaf::Text { found, asked, .. }) => (found.clone(), asked.clone()),
        other => panic!("a text expected: {other:?}"),
    };
    let (found, asked) = text(compiled(&basic("", "", "[\":litParam:a:b\"]", "=", ":userAddress")));
    assert_eq!(found, TextValue::Variable(Variable::LitParameter("a:b".into())));
    // Not replaced: only values of address tests are.
    assert_eq!(asked, TextValue::Literal(":userAddress".into()));
    let (found, _) = text(compiled(&basic("", "", "[\":litActionIpfsId\"]", "=", "Qm")));
    assert_eq!(found, TextValue::Literal(":litActionIpfsId".into()));
}

/// Lit's JSON in our language means what it means in ours.
#[test]
fn lits_and_our_own_spelling_should_have_one_hash() {
    let ours = parse(&format!(
        r#"{{"erc20":{{"chain":"ethereum","contract":"{}","account":"$user","comparator":">","value":0}}}}"#,
        super::syntax::CONTRACT
    ));
    assert_eq!(
        compiled(&basic("ERC20", "balanceOf", "[\":userAddress\"]", ">", "0")).hash(),
        ours.expect("sound").hash()
    );
}

/// JavaScript moves fields that are array indices to the front: texts that differ in their place have one hash, so they
/// have to have one meaning, although the order of fields says where in the data each is. (Found by fuzzing.)
#[test]
fn fields_that_javascript_moves_should_have_the_meaning_of_their_hash() {
    let of = |fields: &str| {
        let text = format!(
            r#"[{{"method":"getBalance","params":[],"pdaParams":["11111111111111111111111111111111"],"pdaKey":"a","chain":"solana",
            "pdaInterface":{{"offset":8,"fields":{{{fields}}}}},"returnValueTest":{{"key":"","comparator":">","value":"1"}}}}]"#
        );
        Conditions::parse(Kind::SolRpc, &text).unwrap_or_else(|error| panic!("{text}: {error}"))
    };
    let (front, back) = (of(r#""10":1,"a":32"#), of(r#""a":32,"10":1"#));
    assert_eq!(front.hash(), back.hash());
    assert_eq!(front.condition(), back.condition());
    // Names that are no indices stay where they are written, in hash and meaning.
    let (first, second) = (of(r#""b":1,"a":32"#), of(r#""a":32,"b":1"#));
    assert_ne!(first.hash(), second.hash());
    assert_ne!(first.condition(), second.condition());
}
