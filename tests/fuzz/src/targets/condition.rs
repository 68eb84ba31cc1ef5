//! Access conditions: their JSON, ours and Lit's, their bytes, and what endpoints answer.

use conclave_conditions::{
    evaluate, Answer, AnswerQueries, ChainAccess, Context, Found, Query, Request, Requester,
};
use conclave_primitives::conditions::{
    lit::{Conditions, Kind},
    parse, ChainKind, ChainName, Condition, ExternalChain, Finality, Json, MAX_CONDITION_BYTES,
    MAX_JSON_BYTES, MAX_LEAVES,
};

const NOW: u64 = 1_795_365_091;
const USER: &str = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48";

/// What holds of every condition, however it was made.
fn check(condition: &Condition) {
    let bytes = condition.to_bytes();
    assert!(bytes.len() <= MAX_CONDITION_BYTES as usize && condition.leaves().len() <= MAX_LEAVES);
    assert_eq!(Condition::from_bytes(&bytes).as_ref(), Ok(condition), "one meaning, one encoding");
    let unknown = condition.expression().decide(&mut |_| None);
    assert_eq!(unknown, None, "what is not known decides nothing");
}

/// Our own JSON.
pub(crate) fn own(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(condition) = parse(text) {
        check(&condition);
        // White space means nothing.
        let spaced = format!(" \n{text}\t");
        if spaced.len() > MAX_JSON_BYTES {
            return;
        }
        assert_eq!(parse(&spaced).map(|other| other.hash()), Ok(condition.hash()));
    }
}

/// Lit's JSON: the first byte chooses the kind.
pub(crate) fn lit(input: &[u8]) {
    let Some((kind, rest)) = input.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let (kind, _) = Kind::ALL[usize::from(*kind) % Kind::ALL.len()];
    if let Ok(conditions) = Conditions::parse(kind, text) {
        check(conditions.condition());
        // Lit hashes JSON that Lit's own parser reads, and that means the same.
        let again = Conditions::parse(kind, &with_types(kind, conditions.canonical_json(), text));
        if let Ok(again) = again {
            assert_eq!(again.condition(), conditions.condition());
        }
    }
}

/// Lit's canonical JSON leaves the types of unified conditions out: there, the text itself.
fn with_types(kind: Kind, canonical: &str, text: &str) -> String {
    if kind == Kind::Unified { text } else { canonical }.to_string()
}

/// Canonical bytes.
pub(crate) fn bytes(input: &[u8]) {
    if let Ok(condition) = Condition::from_bytes(input) {
        assert_eq!(condition.to_bytes(), input, "no two encodings");
        check(&condition);
    }
}

/// An endpoint's answer: the first byte chooses a condition, the second which query gets the rest; all others get what an
/// honest endpoint says.
pub(crate) fn answer(input: &[u8]) {
    let [which, query, body @ ..] = input else { return };
    let conditions = evaluated();
    let text = &conditions[usize::from(*which) % conditions.len()];
    let mut port = Liar { at: usize::from(*query) % 6, asked: 0, body };
    // It may hold or not, it must not panic, and it ends.
    let _ = evaluate(parse(text).expect("sound"), context(), &mut port);
    assert!(port.asked < 600, "{} queries", port.asked);
}

struct Liar<'a> {
    at: usize,
    asked: usize,
    body: &'a [u8],
}

impl AnswerQueries for Liar<'_> {
    fn answer(&mut self, query: &Query) -> Answer {
        self.asked += 1;
        if self.asked > self.at {
            return Ok(match query {
                Query::OwnStorage { .. } => Found::Storage(Some(self.body.to_vec())),
                _ => Found::Body(self.body.to_vec()),
            });
        }
        Ok(Found::Body(honest(query).into_bytes()))
    }
}

fn honest(query: &Query) -> String {
    let hash = format!("0x{}", "22".repeat(32));
    let method = match query {
        Query::Endpoint { request: Request::Rpc { method, .. }, .. } => method.as_str(),
        Query::Endpoint { request: Request::Get { path, .. }, .. } => path.as_str(),
        _ => "",
    };
    let result = match method {
        "eth_chainId" => "\"0x1\"".to_string(),
        "eth_getBlockByNumber" => format!(r#"{{"number":"0x64","hash":"{hash}","timestamp":"0x{NOW:x}"}}"#),
        "chain_getBlockHash" | "chain_getFinalizedHead" => format!("\"{hash}\""),
        "chain_getHeader" => r#"{"number":"0x64"}"#.to_string(),
        "state_getStorage" => format!("\"0x08{}\"", "00".repeat(64)),
        "getGenesisHash" => format!("\"{}\"", "1".repeat(32)),
        "getTokenAccountsByOwner" => format!(
            r#"{{"value":[{{"account":{{"data":{{"parsed":{{"info":{{"mint":"{}","tokenAmount":{{"amount":"1","decimals":0}}}}}}}}}}}}]}}"#,
            "1".repeat(32)
        ),
        "getAccountInfo" => {
            r#"{"value":{"owner":"metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s","data":["BAAA","base64"]}}"#
                .into()
        }
        "getBalance" => r#"{"value":5}"#.to_string(),
        path if path.contains("/blocks/") => {
            return r#"{"block_id":{"hash":"aa"},"block":{"header":{"chain_id":"hub","height":"7","time":"2026-11-22T16:31:31Z"}}}"#
                .to_string();
        }
        path if path.starts_with('/') => return r#"{"a":[{"b":"5"}]}"#.to_string(),
        _ => format!("\"0x{}\"", "00".repeat(64)),
    };
    format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#)
}

fn context() -> Context {
    let kinds = [
        ("ethereum", ChainKind::Evm { chain_id: 1 }),
        ("solana", ChainKind::Solana { genesis: [0; 32] }),
        ("cosmos", ChainKind::Cosmos { chain_id: b"hub".to_vec().try_into().expect("short") }),
        ("polkadot", ChainKind::Substrate { genesis: [0x22; 32] }),
        ("poap", ChainKind::Poap),
    ];
    let chain = |(name, kind)| {
        let chain = ExternalChain { kind, finality: Finality::Finalized };
        (ChainName::new(name).expect("a name"), ChainAccess { chain, endpoints: 1 })
    };
    let requester = Requester {
        evm: Some([1; 20]),
        solana: Some([1; 32]),
        account: Some([0; 32]),
        ..Requester::default()
    };
    Context { requester, now: NOW, block: 9, chains: kinds.into_iter().map(chain).collect() }
}

/// One condition for each way of reading an answer.
fn evaluated() -> Vec<String> {
    let ge = r#""comparator":">=","value":1"#;
    [
        format!(r#"{{"evmBalance":{{"chain":"ethereum","account":"$user",{ge}}}}}"#),
        format!(
            r#"{{"evmCall":{{"chain":"ethereum","contract":"{USER}","function":"f","inputs":[],"arguments":[],
            "outputs":["string","uint256[][2]","bytes","bool[]"],"output":3,"anyElement":true,"comparator":"=","value":true}}}}"#
        ),
        r#"{"poap":{"chain":"poap","eventId":14}}"#.into(),
        format!(r#"{{"solanaBalance":{{"chain":"solana","account":"$user",{ge}}}}}"#),
        format!(r#"{{"solanaCollection":{{"chain":"solana","collection":"{0}","account":"$user",{ge}}}}}"#, "1".repeat(32)),
        r#"{"cosmos":{"chain":"cosmos","path":"/x","select":"$.a[0].b","test":{"integer":{"comparator":">","value":1}}}}"#.into(),
        format!(r#"{{"substrateBalance":{{"chain":"polkadot","account":"$user",{ge}}}}}"#),
        r#"{"substrateMember":{"chain":"conclave","pallet":"Council","account":"$user"}}"#.into(),
    ]
    .into()
}

pub(crate) fn of_own() -> Vec<Vec<u8>> {
    let mut texts = evaluated();
    texts.push(format!(r#"{{"not":{{"any":[{},{{"blocks":{{"from":1,"until":9}}}}]}}}}"#, texts[0]));
    texts.push(r#"{"atLeast":{"count":2,"of":[{"time":{"from":1}},{"action":"QmSQDKRWEXZ9CGoucSTR11Mv6fhGqaytZ1MqrfHdkuS1Vg"},{"siweDomain":"\u00e4.org"}]}}"#.into());
    texts.into_iter().map(String::into_bytes).collect()
}

pub(crate) fn of_lit() -> Vec<Vec<u8>> {
    let file = Json::parse(include_str!("../../../vectors/lit-conditions.json")).expect("strict JSON");
    let Some(Json::Array(vectors)) = file.get("vectors") else { panic!("no vectors") };
    let seed = |vector: &Json| match (vector.get("kind"), vector.get("conditions")) {
        (Some(Json::Text(kind)), Some(Json::Text(text))) => {
            let position = Kind::ALL.iter().position(|(_, name)| name == kind).expect("a kind");
            [&[position as u8], text.as_bytes()].concat()
        }
        _ => panic!("a vector without fields"),
    };
    vectors.iter().map(seed).collect()
}

pub(crate) fn of_bytes() -> Vec<Vec<u8>> {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    of_own().into_iter().map(|seed| parse(&text(seed)).expect("sound").to_bytes()).collect()
}

pub(crate) fn of_answers() -> Vec<Vec<u8>> {
    let name = |text| ChainName::new(text).expect("a name");
    let ask = |method: &str| {
        honest(&Query::Endpoint {
            chain: name("ethereum"),
            endpoint: 0,
            request: Request::Rpc { method: method.into(), params: "[]".into() },
        })
    };
    let methods = [
        "eth_getBlockByNumber",
        "eth_call",
        "getTokenAccountsByOwner",
        "getAccountInfo",
        "chain_getHeader",
        "state_getStorage",
        "/blocks/latest",
        "/x",
    ];
    let seed = |which: usize, at: usize, method| [&[which as u8, at as u8], ask(method).as_bytes()].concat();
    (0..evaluated().len()).flat_map(|which| methods.map(|method| seed(which, which % 6, method))).collect()
}
