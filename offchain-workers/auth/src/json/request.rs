//! Requests as the RPC takes them: JSON, read strictly. An unknown field, a wrong length or an odd digit is an error that
//! names the field and what was expected.

use codec::DecodeAll;
use conclave_conditions::Requester;
use conclave_primitives::{
    conditions::{self, parse_account, ChainName, Condition},
    ConditionSource, DecryptItem, DecryptRequest, Entitlement, ExecuteRequest, Payload, PkpId, Program,
    Scheme, SessionRequest, SignRequest, TokenRequest, MAX_DECRYPT_ITEMS, MAX_INLINE_CODE_BYTES,
    MAX_LIT_CONDITION_BYTES, MAX_MESSAGE_BYTES, MAX_PARAMS_BYTES,
};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, str::FromStr};

use super::authorisation::{parse_entitlement, session_request, JsonError};

/// A request that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// A field is missing, unknown or of another form.
    #[error("{field}: expected {expected}")]
    Field {
        /// Where.
        field: String,
        /// What.
        expected: String,
    },
    /// No such scheme.
    #[error("unknown scheme; known are {known:?}")]
    UnknownScheme {
        /// Those that there are.
        known: Vec<&'static str>,
    },
    /// The payload's bytes have the wrong length.
    #[error("{field}: expected {expected}, got {got} bytes")]
    PayloadLength {
        /// Which kind of payload.
        field: &'static str,
        /// How long it has to be.
        expected: String,
        /// How long it is.
        got: usize,
    },
}

impl From<JsonError> for RequestError {
    fn from(JsonError { field, expected }: JsonError) -> Self {
        // The request itself is what all fields are of.
        let field = field.strip_prefix("request.").map(str::to_owned).unwrap_or(field);
        Self::Field { field, expected }
    }
}

const REQUEST: [&str; 5] = ["pkp", "scheme", "payload", "validUntil", "nonce"];

/// A request for a signature, with its authorisation.
pub fn parse_sign_request(value: &Value) -> Result<(SignRequest, Entitlement), RequestError> {
    let (object, entitlement) = authorised(value, &REQUEST)?;
    Ok((request(object)?, entitlement))
}

/// A request for a session, with its authorisation.
pub fn parse_session_request(value: &Value) -> Result<(SessionRequest, Entitlement), RequestError> {
    let request = session_request(value, true)?;
    Ok((request, entitlement(object("request", value)?)?))
}

/// One without, and without the possession: what is to be signed follows from the rest.
pub fn parse_unsigned_session_request(value: &Value) -> Result<SessionRequest, RequestError> {
    Ok(session_request(value, false)?)
}

/// A request's fields, and its authorisation.
fn authorised<'a>(
    value: &'a Value,
    fields: &[&str],
) -> Result<(&'a Map<String, Value>, Entitlement), RequestError> {
    let object = object("request", value)?;
    only(object, &[fields, &["authorisation"]].concat())?;
    Ok((object, entitlement(object)?))
}

fn entitlement(object: &Map<String, Value>) -> Result<Entitlement, RequestError> {
    let value = member(object, "authorisation", "an object with a type and what belongs to it")?;
    Ok(parse_entitlement(value)?)
}

const DECRYPT_REQUEST: [&str; 4] = ["items", "oneTimeKey", "validUntil", "nonce"];

/// A request for decryption keys, with its authorisation.
pub fn parse_decrypt_request(value: &Value) -> Result<(DecryptRequest, Entitlement), RequestError> {
    let (object, entitlement) = authorised(value, &DECRYPT_REQUEST)?;
    Ok((decrypt_request(object)?, entitlement))
}

/// One without.
pub fn parse_unsigned_decrypt_request(value: &Value) -> Result<DecryptRequest, RequestError> {
    let object = object("request", value)?;
    only(object, &DECRYPT_REQUEST)?;
    decrypt_request(object)
}

fn decrypt_request(object: &Map<String, Value>) -> Result<DecryptRequest, RequestError> {
    let expected =
        format!("1 to {MAX_DECRYPT_ITEMS} objects {{identity, condition}} or {{identity, litConditions}}");
    let items = member(object, "items", &expected)?.as_array();
    let items = items.filter(|items| !items.is_empty()).ok_or_else(|| field("items", &expected))?;
    let items: Vec<_> = items.iter().map(decrypt_item).collect::<Result<_, _>>()?;
    Ok(DecryptRequest {
        items: items.try_into().map_err(|_| field("items", &expected))?,
        client: scale(&decode(object, "oneTimeKey")?)
            .ok_or_else(|| field("oneTimeKey", "c·g in G1, then in G2, compressed: 144 bytes"))?,
        valid_until: valid_until(object)?,
        nonce: bytes(object, "nonce")?,
    })
}

const TOKEN_REQUEST: [&str; 4] = ["condition", "litConditions", "validUntil", "nonce"];

/// A request for a condition token, with its authorisation.
pub fn parse_token_request(value: &Value) -> Result<(TokenRequest, Entitlement), RequestError> {
    let (object, entitlement) = authorised(value, &TOKEN_REQUEST)?;
    Ok((token_request(object)?, entitlement))
}

/// One without.
pub fn parse_unsigned_token_request(value: &Value) -> Result<TokenRequest, RequestError> {
    let object = object("request", value)?;
    only(object, &TOKEN_REQUEST)?;
    token_request(object)
}

fn token_request(object: &Map<String, Value>) -> Result<TokenRequest, RequestError> {
    Ok(TokenRequest {
        condition: condition_source("request", object)?,
        valid_until: valid_until(object)?,
        nonce: bytes(object, "nonce")?,
    })
}

const EXECUTE_REQUEST: [&str; 8] =
    ["code", "wasm", "ipfsId", "jsParams", "privateParams", "paramsAsGlobals", "validUntil", "nonce"];

/// A request to run an action, with its authorisation.
pub fn parse_execute_request(value: &Value) -> Result<(ExecuteRequest, Entitlement), RequestError> {
    let (object, entitlement) = authorised(value, &EXECUTE_REQUEST)?;
    Ok((execute_request(object)?, entitlement))
}

/// One without.
pub fn parse_unsigned_execute_request(value: &Value) -> Result<ExecuteRequest, RequestError> {
    let object = object("request", value)?;
    only(object, &EXECUTE_REQUEST)?;
    execute_request(object)
}

fn execute_request(object: &Map<String, Value>) -> Result<ExecuteRequest, RequestError> {
    // As a string: in an object of this request, a field that stands twice would be gone already.
    let params = match object.get("jsParams") {
        None => "{}",
        Some(_) => text(object, "jsParams")?,
    };
    let expected = format!("a JSON object as a string, of at most {MAX_PARAMS_BYTES} bytes");
    let is_object = serde_json::from_str::<Map<String, Value>>(params).is_ok();
    let params = params.as_bytes().to_vec().try_into().ok().filter(|_| is_object);
    let private = match object.get("privateParams") {
        None => None,
        Some(_) => Some(
            scale(&decode(object, "privateParams")?)
                .ok_or_else(|| field("privateParams", "what `sealParams` of the client library made"))?,
        ),
    };
    let spread = match object.get("paramsAsGlobals") {
        None => true,
        Some(spread) => spread.as_bool().ok_or_else(|| field("paramsAsGlobals", "true or false"))?,
    };
    Ok(ExecuteRequest {
        program: program(object)?,
        params: params.ok_or_else(|| field("jsParams", &expected))?,
        private,
        spread,
        valid_until: valid_until(object)?,
        nonce: bytes(object, "nonce")?,
    })
}

fn program(object: &Map<String, Value>) -> Result<Program, RequestError> {
    let inline = |name: &'static str, code: Vec<u8>| {
        let got = code.len();
        let code = code.try_into().map_err(|_| RequestError::PayloadLength {
            field: name,
            expected: format!("at most {MAX_INLINE_CODE_BYTES} bytes"),
            got,
        })?;
        Ok(Program::Inline(code))
    };
    let given: Vec<&str> =
        ["code", "wasm", "ipfsId"].into_iter().filter(|name| object.contains_key(*name)).collect();
    match given.as_slice() {
        ["code"] => inline("code", text(object, "code")?.as_bytes().to_vec()),
        ["wasm"] => inline("wasm", decode(object, "wasm")?),
        ["ipfsId"] => {
            let cid = text(object, "ipfsId")?.parse();
            Ok(Program::Cid(cid.map_err(|error| named("ipfsId", &error))?))
        }
        _ => Err(field("request", "one of the fields code, wasm, ipfsId")),
    }
}

fn decrypt_item(value: &Value) -> Result<DecryptItem, RequestError> {
    let object = object("items", value)?;
    only(object, &["identity", "condition", "litConditions"])?;
    let identity = scale(&decode(object, "identity")?)
        .ok_or_else(|| field("identity", "the SCALE encoding of a decryption identity"))?;
    Ok(DecryptItem { identity, condition: condition_source("items", object)? })
}

/// `condition` or `litConditions` of the object with this name.
fn condition_source(name: &str, object: &Map<String, Value>) -> Result<ConditionSource, RequestError> {
    match (object.contains_key("condition"), object.contains_key("litConditions")) {
        (true, false) => Ok(ConditionSource::Ours(condition(text(object, "condition")?)?)),
        (false, true) => {
            let json = text(object, "litConditions")?.as_bytes().to_vec();
            let expected = format!("at most {MAX_LIT_CONDITION_BYTES} bytes of JSON");
            Ok(ConditionSource::Lit(json.try_into().map_err(|_| field("litConditions", &expected))?))
        }
        _ => Err(field(name, "one of the fields condition, litConditions")),
    }
}

/// In canonical SCALE as hex with `0x`, or as JSON in our language. As a string: in an object of this request, a field
/// that stands twice would be gone already.
fn condition(text: &str) -> Result<Condition, RequestError> {
    match text.strip_prefix("0x") {
        Some(digits) => {
            let bytes = hex::decode(digits)
                .map_err(|_| field("condition", "an even number of hex digits after 0x"))?;
            Condition::from_bytes(&bytes).map_err(|error| named("condition", &error))
        }
        None => conditions::parse(text).map_err(|error| named("condition", &error)),
    }
}

const CHECK: [&str; 3] = ["condition", "litConditions", "requester"];
const REQUESTER: [&str; 5] = ["evm", "solana", "account", "cosmos", "parameters"];
/// The longest address or parameter of who asks, in bytes.
const MAX_TEXT_BYTES: usize = 1_024;
/// The most addresses or parameters.
const MAX_TEXTS: usize = 32;

/// A condition, and for whom it is checked.
pub fn parse_check_request(value: &Value) -> Result<(Condition, Requester), RequestError> {
    let request = object("request", value)?;
    only(request, &CHECK)?;
    let source = condition_source("request", request)?;
    let (condition, _) = source.read().map_err(|error| named("litConditions", &error))?;
    let requester = object("requester", member(request, "requester", "an object of addresses")?)?;
    only(requester, &REQUESTER)?;
    let texts = |name| requester.get(name).map_or(Ok(BTreeMap::new()), |value| texts(name, value));
    let of_chain = |(chain, address): (String, String)| {
        let chain = ChainName::new(&chain).ok_or_else(|| field("cosmos", "names of chains"))?;
        Ok((chain, address))
    };
    let requester = Requester {
        evm: requester.contains_key("evm").then(|| bytes(requester, "evm")).transpose()?,
        solana: requester.get("solana").map(solana_key).transpose()?,
        account: requester.get("account").map(account).transpose()?,
        cosmos: texts("cosmos")?.into_iter().map(of_chain).collect::<Result<_, RequestError>>()?,
        parameters: texts("parameters")?,
        ..Requester::default()
    };
    Ok((condition, requester))
}

fn solana_key(value: &Value) -> Result<[u8; 32], RequestError> {
    let decoded = value.as_str().and_then(|text| bs58::decode(text).into_vec().ok());
    let key = decoded.and_then(|bytes| bytes.try_into().ok());
    key.ok_or_else(|| field("solana", "a key of 32 bytes in base58"))
}

fn account(value: &Value) -> Result<[u8; 32], RequestError> {
    let account = value.as_str().and_then(parse_account);
    account.ok_or_else(|| field("account", "an account in SS58, or as 32 bytes in hex"))
}

fn texts(name: &'static str, value: &Value) -> Result<BTreeMap<String, String>, RequestError> {
    let expected = format!("an object of at most {MAX_TEXTS} strings of at most {MAX_TEXT_BYTES} bytes");
    let short = |(key, value): (&String, &Value)| {
        let text = value.as_str().filter(|text| text.len().max(key.len()) <= MAX_TEXT_BYTES)?;
        Some((key.clone(), text.to_owned()))
    };
    let fields = value.as_object().filter(|fields| fields.len() <= MAX_TEXTS);
    fields.and_then(|fields| fields.iter().map(short).collect()).ok_or_else(|| field(name, &expected))
}

fn scale<T: DecodeAll>(mut bytes: &[u8]) -> Option<T> {
    T::decode_all(&mut bytes).ok()
}

fn named(name: &'static str, error: &impl std::fmt::Display) -> RequestError {
    field(name, &error.to_string())
}

fn valid_until(object: &Map<String, Value>) -> Result<u32, RequestError> {
    member(object, "validUntil", "a block number")?
        .as_u64()
        .and_then(|number| u32::try_from(number).ok())
        .ok_or_else(|| field("validUntil", "a block number below 2^32"))
}

/// A request without.
pub fn parse_unsigned_sign_request(value: &Value) -> Result<SignRequest, RequestError> {
    let object = object("request", value)?;
    only(object, &REQUEST)?;
    request(object)
}

fn request(object: &Map<String, Value>) -> Result<SignRequest, RequestError> {
    let scheme = text(object, "scheme")?;
    let scheme = Scheme::from_str(scheme)
        .map_err(|()| RequestError::UnknownScheme { known: Scheme::ALL.map(Scheme::name).to_vec() })?;
    Ok(SignRequest {
        pkp: PkpId(bytes(object, "pkp")?),
        scheme,
        payload: payload(member(object, "payload", "one of {digest}, {message}, {personalMessage}")?)?,
        valid_until: valid_until(object)?,
        nonce: bytes(object, "nonce")?,
    })
}

fn payload(value: &Value) -> Result<Payload, RequestError> {
    const ONE_OF: &str = "an object with one of the fields digest, message, personalMessage";
    let object =
        value.as_object().filter(|object| object.len() == 1).ok_or_else(|| field("payload", ONE_OF))?;
    let message = |name: &'static str| {
        let bytes = decode(object, name)?;
        let got = bytes.len();
        bytes.try_into().map_err(|_| RequestError::PayloadLength {
            field: name,
            expected: format!("at most {MAX_MESSAGE_BYTES} bytes"),
            got,
        })
    };
    if object.contains_key("digest") {
        let digest = decode(object, "digest")?;
        let got = digest.len();
        let digest = <[u8; 32]>::try_from(digest).map_err(|_| RequestError::PayloadLength {
            field: "digest",
            expected: "32 bytes".into(),
            got,
        })?;
        Ok(Payload::Digest(digest))
    } else if object.contains_key("message") {
        Ok(Payload::Message(message("message")?))
    } else if object.contains_key("personalMessage") {
        Ok(Payload::PersonalMessage(message("personalMessage")?))
    } else {
        Err(field("payload", ONE_OF))
    }
}

fn object<'a>(name: &'static str, value: &'a Value) -> Result<&'a Map<String, Value>, RequestError> {
    value.as_object().ok_or_else(|| field(name, "an object"))
}

/// Refuses fields that mean nothing: a misspelt one must not be overlooked.
fn only(object: &Map<String, Value>, known: &[&str]) -> Result<(), RequestError> {
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(unknown) => Err(RequestError::Field {
            field: "request".into(),
            expected: format!("no field `{}`; known are {known:?}", unknown.escape_default()),
        }),
        None => Ok(()),
    }
}

fn member<'a>(
    object: &'a Map<String, Value>,
    name: &'static str,
    expected: &str,
) -> Result<&'a Value, RequestError> {
    object.get(name).ok_or_else(|| field(name, expected))
}

fn text<'a>(object: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, RequestError> {
    member(object, name, "a string")?.as_str().ok_or_else(|| field(name, "a string"))
}

fn decode(object: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, RequestError> {
    let digits =
        text(object, name)?.strip_prefix("0x").ok_or_else(|| field(name, "hex with the prefix 0x"))?;
    hex::decode(digits).map_err(|_| field(name, "an even number of hex digits after 0x"))
}

fn bytes<const N: usize>(object: &Map<String, Value>, name: &'static str) -> Result<[u8; N], RequestError> {
    decode(object, name)?.try_into().map_err(|_| field(name, &format!("{N} bytes as hex")))
}

fn field(field: &str, expected: &str) -> RequestError {
    RequestError::Field { field: field.to_owned(), expected: expected.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn good() -> Value {
        json!({
            "pkp": format!("0x{}", "11".repeat(32)),
            "scheme": "ed25519",
            "payload": { "message": "0x0102" },
            "validUntil": 7,
            "nonce": format!("0x{}", "22".repeat(32)),
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut request = good();
        request[name] = value;
        request
    }

    #[test]
    fn a_good_request_should_parse() {
        let request = parse_unsigned_sign_request(&good()).expect("good");
        assert_eq!(request.pkp, PkpId([0x11; 32]));
        assert_eq!(request.valid_until, 7);
    }

    #[test]
    fn bad_fields_should_be_named() {
        let bad = [
            (with("pkp", json!("0x11")), "pkp"),
            (with("pkp", json!("11".repeat(32))), "pkp"),
            (with("pkp", json!(7)), "pkp"),
            (with("nonce", json!("0x1")), "nonce"),
            (with("validUntil", json!(-1)), "validUntil"),
            (with("validUntil", json!(1u64 << 32)), "validUntil"),
            (with("validUntil", json!("7")), "validUntil"),
            (with("payload", json!({})), "payload"),
            (with("payload", json!({ "digest": "0x", "message": "0x" })), "payload"),
            (with("payload", json!({ "message": "0xzz" })), "message"),
            (with("extra", json!(1)), "request"),
            (json!([]), "request"),
        ];
        for (request, name) in bad {
            match parse_unsigned_sign_request(&request) {
                Err(RequestError::Field { field, .. }) => assert_eq!(field, name, "{request}"),
                other => panic!("{request}: {other:?}"),
            }
        }
    }

    #[test]
    fn wrong_schemes_and_lengths_should_have_their_own_errors() {
        assert!(matches!(
            parse_unsigned_sign_request(&with("scheme", json!("rsa"))),
            Err(RequestError::UnknownScheme { .. })
        ));
        let short = with("payload", json!({ "digest": "0x0102" }));
        assert_eq!(
            parse_unsigned_sign_request(&short),
            Err(RequestError::PayloadLength { field: "digest", expected: "32 bytes".into(), got: 2 })
        );
        let long = with(
            "payload",
            json!({ "message": format!("0x{}", "00".repeat(MAX_MESSAGE_BYTES as usize + 1)) }),
        );
        assert!(matches!(
            parse_unsigned_sign_request(&long),
            Err(RequestError::PayloadLength { field: "message", .. })
        ));
    }

    #[test]
    fn a_request_to_execute_should_have_one_program_and_parameters_that_are_an_object() {
        let request = |name: &str, value: Value| {
            let mut request = json!({ "validUntil": 7, "nonce": format!("0x{}", "22".repeat(32)) });
            request[name] = value;
            request
        };
        let good = parse_unsigned_execute_request(&request("code", json!("1"))).expect("good");
        assert_eq!((good.params.as_slice(), good.spread), (b"{}".as_slice(), true));
        let cid = "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o";
        let good = parse_unsigned_execute_request(&request("ipfsId", json!(cid))).expect("good");
        assert_eq!(good.program.cid().to_string(), cid);
        let with = |name: &str, value: Value| {
            let mut request = request("code", json!("1"));
            request[name] = value;
            request
        };
        let cases = [
            (request("spread", json!(true)), "request"),
            (request("jsParams", json!("{}")), "request"),
            (with("ipfsId", json!(cid)), "request"),
            (request("ipfsId", json!("Qm")), "ipfsId"),
            (request("wasm", json!("00")), "wasm"),
            (with("jsParams", json!({})), "jsParams"),
            (with("jsParams", json!("[]")), "jsParams"),
            (
                with("jsParams", json!(format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_PARAMS_BYTES as usize)))),
                "jsParams",
            ),
            (with("paramsAsGlobals", json!("yes")), "paramsAsGlobals"),
            (with("nonce", json!("0x")), "nonce"),
        ];
        for (request, name) in cases {
            match parse_unsigned_execute_request(&request) {
                Err(RequestError::Field { field, .. }) => assert_eq!(field, name, "{request}"),
                other => panic!("{request}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_check_should_take_a_condition_and_addresses() {
        let check = json!({
            "condition": r#"{"blocks":{"from":7}}"#,
            "requester": {
                "evm": format!("0x{}", "11".repeat(20)),
                "solana": "11111111111111111111111111111112",
                "account": "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
                "cosmos": { "cosmoshub": "cosmos1x" },
                "parameters": { "tier": "gold" },
            },
        });
        let (_, requester) = parse_check_request(&check).expect("good");
        assert_eq!(requester.evm, Some([0x11; 20]));
        assert_eq!(requester.solana.map(|key| key[31]), Some(1));
        assert_eq!(requester.account.map(|account| account[..2].to_vec()), Some(vec![0xd4, 0x35]));
        assert_eq!((requester.cosmos.len(), requester.parameters.len()), (1, 1));
        assert!(requester.siwe.is_none() && requester.action.is_none());

        let requester = |name: &str, value: Value| json!({ "condition": check["condition"], "requester": { name: value } });
        let cases = [
            (json!({ "requester": {} }), "request"),
            (json!({ "condition": check["condition"], "litConditions": "{}", "requester": {} }), "request"),
            (json!({ "condition": check["condition"] }), "requester"),
            (json!({ "condition": "{}", "requester": {} }), "condition"),
            (json!({ "litConditions": "{}", "requester": {} }), "litConditions"),
            (requester("siwe", json!({})), "request"),
            (requester("evm", json!("0x11")), "evm"),
            (requester("evm", json!(null)), "evm"),
            (requester("solana", json!("0OIl")), "solana"),
            (requester("solana", json!("11")), "solana"),
            (requester("account", json!("0x11")), "account"),
            (requester("account", json!("5Grwva")), "account"),
            (requester("cosmos", json!({ "a b": "x" })), "cosmos"),
            (requester("cosmos", json!([])), "cosmos"),
            (requester("parameters", json!({ "a": 1 })), "parameters"),
            (requester("parameters", json!({ "a": "x".repeat(1_025) })), "parameters"),
        ];
        for (request, name) in cases {
            match parse_check_request(&request) {
                Err(RequestError::Field { field, .. }) => assert_eq!(field, name, "{request}"),
                other => panic!("{request}: {other:?}"),
            }
        }
    }
}
