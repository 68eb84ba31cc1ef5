//! What the RPC is given.

use base64ct::{Base64UrlUnpadded, Encoding};
use codec::Encode;
use conclave_auth::{
    parse_authorisation, parse_session_request, parse_unsigned_session_request, recap::ReCap, Authorisation,
    RequestError,
};
use conclave_primitives::{
    Delegation, Entitlement, KeysetId, ListMembership, SessionAuthorisation, SessionCertificate,
};
use serde_json::{json, Value};

use crate::fixture::{session_request, signing, vectors, NOW, PKP};

fn hex_of(byte: u8, length: usize) -> String {
    format!("0x{}", hex::encode(vec![byte; length]))
}

fn recap() -> String {
    ReCap::granting(&[signing()]).uri()
}

/// One of each kind.
fn good() -> Vec<Value> {
    let signed = |kind: &str, signer: usize, signature: usize| json!({ "type": kind, "signer": hex_of(1, signer), "signature": hex_of(2, signature) });
    let encode = |bytes: &[u8]| Base64UrlUnpadded::encode_string(bytes);
    let session = |delegation: Value| json!({ "type": "session", "delegation": delegation, "signature": hex_of(2, 64) });
    let certificate = SessionCertificate {
        keyset: KeysetId(0),
        pkp: Some(PKP),
        method: conclave_auth::AuthMethod::Google([1; 32]),
        session: [2; 32],
        capabilities: session_request().capabilities,
        since: 1,
        expires_at: NOW,
    };
    let certificate = format!("0x{}", hex::encode(certificate.encode()));
    let mut passed_on = session(json!({ "message": "m", "signature": hex_of(2, 65) }));
    passed_on["subDelegations"] = json!([
        { "session": hex_of(1, 32), "capabilities": recap(), "expiresAt": NOW, "signature": hex_of(2, 64) }
    ]);
    vec![
        signed("sr25519", 32, 64),
        signed("ed25519", 32, 64),
        signed("ecdsa", 32, 65),
        signed("eip191", 20, 65),
        json!({ "type": "solana", "signer": bs58::encode([1; 32]).into_string(), "signature": hex_of(2, 64) }),
        json!({ "type": "siwe", "message": "m", "signature": hex_of(2, 65) }),
        json!({ "type": "contractWallet", "chainId": 1, "address": hex_of(1, 20), "signature": "0x" }),
        json!({ "type": "cosmos", "prefix": "cosmos", "publicKey": hex_of(2, 33), "signature": hex_of(2, 64) }),
        json!({
            "type": "passkey", "relyingParty": "example.com", "credentialId": encode(&[1; 16]),
            "clientDataJSON": encode(b"{}"), "authenticatorData": encode(&[0; 37]), "signature": encode(&[3; 70]),
        }),
        json!({ "type": "openId", "token": "a.b.c" }),
        json!({ "type": "discord", "token": "abc" }),
        session(json!({ "message": "m", "contractSignature": "0x1234" })),
        session(json!({ "certificate": certificate, "signature": hex_of(2, 64) })),
        session(vectors()["delegations"][0]["authSig"].clone()),
        passed_on,
    ]
}

#[test]
fn every_kind_should_be_read() {
    let read: Vec<_> = good()
        .iter()
        .map(|value| parse_authorisation(value).unwrap_or_else(|error| panic!("{error}: {value}")))
        .collect();
    let kinds: std::collections::BTreeSet<u8> = read.iter().map(|one| one.encode()[0]).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), (0..=11).collect::<Vec<_>>());
    let Authorisation::Session(SessionAuthorisation { delegation, .. }) = &read[13] else {
        panic!("a session")
    };
    let Delegation::Wallet { message, .. } = delegation else { panic!("Lit's AuthSig is a wallet's") };
    let expected = vectors()["delegations"][0]["authSig"]["signedMessage"].clone();
    assert_eq!(String::from_utf8_lossy(message), expected.as_str().expect("text"));
}

/// Every field of every kind: left away, of another type, unknown beside it.
#[test]
fn every_field_should_be_demanded_and_no_other_taken() {
    let mut cases = 0;
    for value in good() {
        let names: Vec<String> = value.as_object().expect("an object").keys().cloned().collect();
        for name in names {
            let mut without = value.clone();
            without.as_object_mut().expect("an object").remove(&name);
            // Nothing passed on is nothing to be written.
            assert!(name == "subDelegations" || parse_authorisation(&without).is_err(), "{without}");
            for wrong in [json!(null), json!([]), json!(true), json!(-1), json!({})] {
                let mut changed = value.clone();
                changed[&name] = wrong;
                let allowed = name == "subDelegations" && changed[&name] == json!([]);
                assert!(allowed || parse_authorisation(&changed).is_err(), "{changed}");
                cases += 1;
            }
        }
        let mut more = value;
        more["extra"] = json!(1);
        let error = parse_authorisation(&more).expect_err("an unknown field");
        assert!(error.to_string().contains("no field `extra`"), "{error}");
    }
    assert!(cases > 200, "{cases}");
    for bad in [json!(null), json!([]), json!("sr25519"), json!({ "type": "password" })] {
        assert!(parse_authorisation(&bad).is_err(), "{bad}");
    }
}

#[test]
fn a_session_request_should_be_read() {
    let request = session_request();
    let good = json!({
        "pkp": PKP.to_string(), "session": format!("0x{}", hex::encode(request.session)), "capabilities": recap(),
        "block": format!("0x{}", hex::encode(request.block)), "expiresAt": request.expires_at,
        "validUntil": request.valid_until, "possession": format!("0x{}", hex::encode(request.possession)),
        "authorisation": { "type": "sr25519", "signer": hex_of(1, 32), "signature": hex_of(2, 64) },
    });
    let (read, entitlement) = parse_session_request(&good).expect("good");
    let authorisation = Authorisation::Sr25519 { public: [1; 32], signature: [2; 64] };
    assert_eq!((&read, entitlement), (&request, authorisation.clone().into()));
    let mut unsigned = good.clone();
    let fields = unsigned.as_object_mut().expect("an object");
    for signature in ["possession", "authorisation"] {
        fields.remove(signature);
    }
    assert_eq!(
        parse_unsigned_session_request(&unsigned).map(|read| read.id(&[0; 32])),
        Ok(request.id(&[0; 32]))
    );
    assert!(parse_unsigned_session_request(&good).is_err(), "signed already");
    let with = |name: &str, value: Value| {
        let mut changed = good.clone();
        changed[name] = value;
        parse_session_request(&changed)
    };
    assert_eq!(with("pkp", json!(null)).map(|(request, _)| request.pkp), Ok(None));
    let of_list = |list: Value| {
        let mut listed = good["authorisation"].clone();
        listed["list"] = list;
        with("authorisation", listed)
    };
    let proof = json!([hex_of(3, 32), hex_of(4, 32)]);
    let membership = ListMembership { list: 7, proof: vec![[3; 32], [4; 32]].try_into().expect("short") };
    assert_eq!(
        of_list(json!({ "number": 7, "proof": proof })).map(|(_, entitlement)| entitlement),
        Ok(Entitlement { authorisation, listed: Some(membership) })
    );
    for (list, field) in [
        (json!(7), "list"),
        (json!({ "proof": proof }), "list.number"),
        (json!({ "number": 1u64 << 32, "proof": proof }), "list.number"),
        (json!({ "number": 7 }), "list.proof"),
        (json!({ "number": 7, "proof": ["0x12"] }), "list.proof"),
        (json!({ "number": 7, "proof": [hex::encode([3; 32])] }), "list.proof"),
        (json!({ "number": 7, "proof": vec![hex_of(3, 32); 33] }), "list.proof"),
        (json!({ "number": 7, "proof": proof, "root": hex_of(1, 32) }), "list"),
    ] {
        match of_list(list.clone()) {
            Err(RequestError::Field { field: named, .. }) => assert_eq!(named, field, "{list}"),
            other => panic!("{list}: {other:?}"),
        }
    }
    for (name, value, field) in [
        ("pkp", json!("0x12"), "pkp"),
        ("validUntil", json!(1u64 << 32), "validUntil"),
        ("expiresAt", json!("tomorrow"), "expiresAt"),
        ("capabilities", json!("everything"), "capabilities"),
        ("capabilities", json!("urn:recap:e30="), "capabilities"),
        ("possession", json!(hex_of(1, 63)), "possession"),
        ("session", json!("12"), "session"),
        ("extra", json!(1), "request"),
        ("authorisation", json!({ "type": "password" }), "authorisation.type"),
    ] {
        match with(name, value) {
            Err(RequestError::Field { field: named, .. }) => assert_eq!(named, field),
            other => panic!("{name}: {other:?}"),
        }
    }
}
