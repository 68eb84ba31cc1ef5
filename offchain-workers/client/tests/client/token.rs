//! Signed condition tokens.

use base64ct::{Base64UrlUnpadded, Encoding};
use conclave_client::{
    token::{
        bytes_to_sign, verify, with_signature, Claims, LitKind, TokenConditions, CLOCK_LEEWAY, MAX_LIFETIME,
    },
    Error,
};
use serde_json::Value;

use crate::committee::{Committee, CONDITION};

const NOW: u64 = 1_795_000_000;

fn claims() -> Claims {
    Claims {
        issuer: "conclave".into(),
        subject: "0x1111111111111111111111111111111111111111".into(),
        chain: "ethereum".into(),
        issued_at: NOW,
        expires_at: NOW + 3_600,
        conditions: TokenConditions::Hash(CONDITION),
    }
}

fn sign(committee: &Committee, text: &str) -> String {
    with_signature(text, &committee.sign(text))
}

fn token(committee: &Committee, claims: &Claims) -> String {
    sign(committee, &bytes_to_sign(claims).unwrap())
}

fn expected(conditions: &TokenConditions) -> bool {
    *conditions == TokenConditions::Hash(CONDITION)
}

#[test]
fn a_token_should_verify_with_what_it_says() {
    let committee = Committee::new(2, 3, 50);
    let token = token(&committee, &claims());
    let verified = verify(&token, &committee.public_key(), "conclave", NOW, expected).unwrap();
    assert_eq!(verified, claims());
    let parts: Vec<_> = token.split('.').collect();
    let text = |part| String::from_utf8(Base64UrlUnpadded::decode_vec(part).unwrap()).unwrap();
    assert_eq!(text(parts[0]), r#"{"alg":"BLS12-381","typ":"JWT"}"#);
    assert_eq!(
        text(parts[1]),
        format!(
            r#"{{"iss":"conclave","sub":"0x{}","chain":"ethereum","iat":{NOW},"exp":{},"conditionHash":"{}"}}"#,
            "11".repeat(20),
            NOW + 3_600,
            "c0".repeat(32)
        )
    );
}

#[test]
fn lits_conditions_should_come_back_as_they_were() {
    let committee = Committee::new(2, 3, 51);
    let json = r#"[{"b":1,"a":[{"operator":"and"}]}]"#;
    for kind in [LitKind::AccessControl, LitKind::EvmContract, LitKind::SolRpc, LitKind::Unified] {
        let conditions = TokenConditions::Lit { kind, json: json.into() };
        let claims = Claims { issuer: "LIT".into(), conditions: conditions.clone(), ..claims() };
        let token = token(&committee, &claims);
        let verified = verify(&token, &committee.public_key(), "LIT", NOW, |got| *got == conditions).unwrap();
        assert_eq!(verified, claims);
    }
    let conditions = TokenConditions::Lit { kind: LitKind::SolRpc, json: "[,]".into() };
    assert!(bytes_to_sign(&Claims { conditions, ..claims() }).is_err());
}

/// What Lit's `combineSharesAndGetJWT` assembled and its `verifySignature` accepted.
#[test]
fn a_token_of_lits_packages_should_verify() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../../tests/vectors/lit-encryption.json")).unwrap();
    let (key, token) = (&vectors["publicKey"], vectors["token"]["jwt"].as_str().unwrap());
    let key = hex::decode(key.as_str().unwrap()).unwrap();
    let now = vectors["token"]["issuedAt"].as_u64().unwrap();
    let conditions = vectors["token"]["conditions"].as_str().unwrap();
    let check = |token: &str| {
        verify(
            token,
            &key,
            "LIT",
            now,
            |got| matches!(got, TokenConditions::Lit { kind: LitKind::Unified, json } if json == conditions),
        )
    };
    let (signed, signature) = token.rsplit_once('.').unwrap();
    // Written again it is the same, to the byte.
    assert_eq!(bytes_to_sign(&check(token).unwrap()).unwrap(), signed);
    // Their base64url is base64 but for the first `+` and `/`; the real one is as good, any other mixture is not.
    assert!(signature.contains('+') && signature.contains('-'));
    check(&[signed, &signature.replace('+', "-").replace('/', "_")].join(".")).unwrap();
    let error = check(&[signed, &signature.replace('-', "+")].join(".")).unwrap_err();
    assert!(matches!(error, Error::InvalidToken { .. }), "{error}");
}

#[test]
fn bad_tokens_should_be_refused() {
    let (committee, other) = (Committee::new(2, 3, 52), Committee::new(2, 3, 53));
    let key = committee.public_key();
    let check = |token: &str| verify(token, &key, "conclave", NOW, expected).map(|_| ());
    let invalid = |text: &str| {
        let error = check(&sign(&committee, text)).unwrap_err();
        assert!(matches!(error, Error::InvalidToken { .. }), "{text}: {error}");
    };
    let encode = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
    let good = token(&committee, &claims());
    check(&good).unwrap();

    let (signed, _) = good.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    for text in
        [String::new(), header.to_owned(), format!("{header}.{payload}."), format!("{header}.{payload}.x")]
    {
        invalid(&text);
    }
    for other in [
        r#"{"alg":"none","typ":"JWT"}"#,
        r#"{"alg":"HS256","typ":"JWT"}"#,
        r#"{"alg":"BLS12-381","typ":"JWT","jwk":{}}"#,
        r#"{"typ":"JWT","alg":"BLS12-381"}"#,
        "",
    ] {
        invalid(&format!("{}.{payload}", encode(other)));
    }
    let json = String::from_utf8(Base64UrlUnpadded::decode_vec(payload).unwrap()).unwrap();
    let hash = format!(r#""conditionHash":"{}""#, "c0".repeat(32));
    for (from, to) in [
        (r#"{"iss""#, r#"{"admin":true,"iss""#.to_owned()),
        (r#"{"iss""#, r#"{"iss":"conclave","iss""#.to_owned()),
        (r#""iss":"conclave","#, String::new()),
        (r#""conclave""#, r#""LIT""#.to_owned()),
        (&hash, format!("{hash},{hash}")),
        (&hash, format!(r#"{hash},"solRpcConditions":[]"#)),
        (&hash, r#""conditionHash":"c0""#.to_owned()),
        (&hash, hash.replace("c0", "C0")),
        (&hash, r#""sub2":1"#.to_owned()),
        ("\"iat\":", "\"iat\":-".to_owned()),
        ("\"iat\":1795000000", "\"iat\":1795000000.0".to_owned()),
        ("\"iat\":1795000000", "\"iat\":\"1795000000\"".to_owned()),
        ("}", "}}".to_owned()),
    ] {
        assert!(json.contains(from));
        invalid(&format!("{header}.{}", encode(&json.replacen(from, &to, 1))));
    }
    invalid(&format!("{header}.{payload}="));
    invalid(&format!("{header}.{}", Base64UrlUnpadded::encode_string(&[0xff; 20])));
    invalid(&format!("{header}.{}", "A".repeat(300_000)));

    // Times.
    let timed =
        |issued_at, expires_at| check(&token(&committee, &Claims { issued_at, expires_at, ..claims() }));
    for (from, until) in [(NOW - 10, NOW), (NOW + CLOCK_LEEWAY + 1, NOW + 3_600), (0, 1)] {
        assert!(matches!(timed(from, until), Err(Error::TokenTime { .. })), "{from} {until}");
    }
    for (from, until) in [(NOW, NOW - 1), (NOW, NOW + MAX_LIFETIME + 1), (0, u64::MAX)] {
        assert!(matches!(timed(from, until), Err(Error::InvalidToken { .. })), "{from} {until}");
    }
    timed(NOW + CLOCK_LEEWAY, NOW + MAX_LIFETIME).unwrap();

    // Signatures, conditions, keys.
    assert!(matches!(check(&token(&other, &claims())), Err(Error::TokenSignature)));
    let moved = [signed, good.rsplit_once('.').unwrap().1]
        .join(".")
        .replace(payload, &encode(&json.replace("ethereum", "polygon")));
    assert!(matches!(check(&moved), Err(Error::TokenSignature)));
    let mut infinity = [0; 96];
    infinity[0] = 0xc0;
    for signature in [&infinity[..], &[], &[0xff; 96]] {
        assert!(matches!(check(&with_signature(signed, signature)), Err(Error::InvalidPoint { .. })));
    }
    let elsewhere = Claims { conditions: TokenConditions::Hash([1; 32]), ..claims() };
    assert!(matches!(check(&token(&committee, &elsewhere)), Err(Error::TokenConditions)));
    assert!(matches!(
        verify(&good, &infinity[..48], "conclave", NOW, expected),
        Err(Error::InvalidPoint { .. })
    ));

    // Every single bit of the signature.
    let signature = committee.sign(signed);
    for bit in (0..96 * 8).step_by(5) {
        let mut bad = signature;
        bad[bit / 8] ^= 1 << (bit % 8);
        assert!(check(&with_signature(signed, &bad)).is_err(), "bit {bit}");
    }
}
