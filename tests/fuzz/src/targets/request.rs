//! What clients send.

use codec::{DecodeAll, Encode};
use conclave_auth::{
    parse_check_request, parse_decrypt_request, parse_execute_request, parse_session_request,
    parse_sign_request, parse_token_request, parse_unsigned_decrypt_request, parse_unsigned_execute_request,
    parse_unsigned_session_request, parse_unsigned_sign_request, parse_unsigned_token_request, verify_wallet,
    RequestError,
};
use conclave_primitives::{conditions::Condition, Authorisation, Scheme, SignRequest};

use crate::fixture::{request as honest, GENESIS};

/// A request with its authorisation.
pub(crate) fn request(input: &[u8]) {
    let Ok((request, authorisation)) = <(SignRequest, Authorisation)>::decode_all(&mut &*input) else {
        return;
    };
    assert_eq!((&request, &authorisation).encode(), input, "one request, one encoding");
    let text = request.text(&GENESIS);
    assert!(text.is_ascii() && text.lines().count() == 7, "readable in a wallet");
    let signs = request.bytes_to_sign();
    assert!(signs.is_err() || !request.scheme.is_ecdsa() || signs.is_ok_and(|digest| digest.len() == 32));
    let (signed, by_client) = honest(request.scheme, 1);
    let client = verify_wallet(&signed.text(&GENESIS), &by_client);
    if client.is_some() && verify_wallet(&text, &authorisation) == client {
        assert_eq!((&request, &authorisation), (&signed, &by_client), "the client signed no other");
    }
    assert_ne!(request.id(&GENESIS), request.id(&[8; 32]));
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    Scheme::ALL.into_iter().map(|scheme| honest(scheme, 1).encode()).collect()
}

/// A request as the RPC takes it: JSON.
pub(crate) fn rpc_request(input: &[u8]) {
    let Ok(value) = serde_json::from_slice(input) else { return };
    let read = [
        parse_sign_request(&value).map(|(request, _)| request.text(&GENESIS)),
        parse_decrypt_request(&value).map(|(request, _)| request.text(&GENESIS)),
        parse_session_request(&value).map(|(request, _)| request.text(&GENESIS)),
        parse_unsigned_sign_request(&value).map(|request| request.text(&GENESIS)),
        parse_unsigned_decrypt_request(&value).map(|request| request.text(&GENESIS)),
        parse_unsigned_session_request(&value).map(|request| request.text(&GENESIS)),
        parse_token_request(&value).map(|(request, _)| request.text(&GENESIS)),
        parse_unsigned_token_request(&value).map(|request| request.text(&GENESIS)),
        parse_execute_request(&value).map(|(request, _)| request.text(&GENESIS)),
        parse_unsigned_execute_request(&value).map(|request| request.text(&GENESIS)),
        // Signs nothing, so it has no text; what was read of it is a condition that has one encoding.
        parse_check_request(&value).map(|(condition, _)| {
            let bytes = condition.to_bytes();
            assert_eq!(Condition::from_bytes(&bytes).map(|read| read.to_bytes()), Ok(bytes));
            String::new()
        }),
    ];
    assert!(read.iter().filter(|read| read.is_ok()).count() <= 1, "one request is of one kind");
    for read in read {
        match read {
            Ok(text) => assert!(text.is_ascii(), "readable in a wallet"),
            Err(RequestError::Field { field, expected }) => {
                assert!(!field.is_empty() && !expected.is_empty(), "says what is wrong");
            }
            Err(RequestError::UnknownScheme { .. } | RequestError::PayloadLength { .. }) => {}
        }
    }
}

/// As Lit's clients send them.
const LIT_CONDITIONS: &str = r#"{"accessControlConditions":[{"contractAddress":"","standardContractType":"",
"chain":"ethereum","method":"eth_getBalance","parameters":[":userAddress","latest"],
"returnValueTest":{"comparator":">=","value":"1"}}]}"#;

pub(crate) fn rpc_seeds() -> Vec<Vec<u8>> {
    let hex = |byte: &str, length: usize| format!("0x{}", byte.repeat(length));
    let wallet =
        serde_json::json!({ "type": "ed25519", "signer": hex("01", 32), "signature": hex("02", 64) });
    let sign = serde_json::json!({
        "pkp": hex("11", 32), "scheme": "ed25519", "payload": { "message": "0x0102" }, "validUntil": 7,
        "nonce": hex("22", 32),
    });
    let session = serde_json::json!({
        "pkp": null, "session": hex("03", 32), "block": hex("04", 32), "expiresAt": 1_800_000_000u64, "validUntil": 7,
        "capabilities":
            "urn:recap:eyJhdHQiOnsibGl0LXBrcDovLyoiOnsiVGhyZXNob2xkL1NpZ25pbmciOlt7fV19fSwicHJmIjpbXX0",
    });
    let token = serde_json::json!({
        "condition": r#"{"blocks":{"from":7}}"#, "validUntil": 7, "nonce": hex("22", 32),
    });
    let decrypt = serde_json::json!({
        "items": [{ "identity": "0x00", "condition": "{}" }], "oneTimeKey": hex("05", 144), "validUntil": 7,
        "nonce": hex("22", 32),
    });
    let execute = |name: &str, program: &str| {
        let mut request = serde_json::json!({ "validUntil": 7, "nonce": hex("22", 32) });
        request[name] = program.into();
        request
    };
    let mut whole = execute("code", "1");
    whole["jsParams"] = r#"{"toSign":[1,2]}"#.into();
    whole["paramsAsGlobals"] = false.into();
    whole["privateParams"] = format!("0x{}", super::message::format("execute-request/private-params")).into();
    let by_cid = execute("ipfsId", "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o");
    let check = serde_json::json!({
        "condition": r#"{"blocks":{"from":7}}"#,
        "requester": {
            "evm": hex("11", 20), "solana": "11111111111111111111111111111112", "account": hex("12", 32),
            "cosmos": { "cosmoshub": "cosmos1x" }, "parameters": { "tier": "gold" },
        },
    });
    let lit_check = serde_json::json!({
        "litConditions": LIT_CONDITIONS,
        "requester": { "account": "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY" },
    });
    let mut seeds: Vec<_> = [check, lit_check].map(|value| value.to_string().into_bytes()).into();
    for unsigned in [sign, session, token, decrypt, whole, by_cid, execute("wasm", "0x0061736d01000000")] {
        let mut signed = unsigned.clone();
        signed["authorisation"] = wallet.clone();
        if signed.get("session").is_some() {
            signed["possession"] = hex("06", 64).into();
        }
        let mut listed = signed.clone();
        listed["authorisation"]["list"] = serde_json::json!({ "number": 7, "proof": [hex("07", 32)] });
        seeds.extend([unsigned, signed, listed].map(|value| value.to_string().into_bytes()));
    }
    seeds
}

#[test]
fn seeds_should_be_read() {
    let read = |seed: &Vec<u8>| {
        let value = serde_json::from_slice(seed).expect("JSON");
        parse_unsigned_sign_request(&value).is_ok()
            || parse_sign_request(&value).is_ok()
            || parse_unsigned_session_request(&value).is_ok()
            || parse_session_request(&value).is_ok()
            || parse_unsigned_token_request(&value).is_ok()
            || parse_token_request(&value).is_ok()
            || parse_unsigned_execute_request(&value).is_ok()
            || parse_execute_request(&value).is_ok()
            || parse_check_request(&value).is_ok()
    };
    // Of decryption, seeds are read up to their one-time key.
    for seed in rpc_seeds().iter().filter(|seed| !seed.windows(10).any(|field| field == b"oneTimeKey")) {
        assert!(read(seed), "{}", String::from_utf8_lossy(seed));
    }
}
