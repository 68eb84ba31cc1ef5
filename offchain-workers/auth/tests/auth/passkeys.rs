//! Passkeys, by a software authenticator.

use base64ct::{Base64UrlUnpadded, Encoding};
use conclave_auth::{
    credential_key, Asked, AuthError, AuthMethod, Authenticated, Authorisation, Memory, PasskeyError, Verdict,
};
use conclave_primitives::{CredentialKey, PasskeyAssertion, SessionRequest};
use ed25519_dalek::Signer;
use sha2::{Digest, Sha256};

use crate::{
    fixture::{bytes, possessed, session, session_request, to_certify, to_decrypt, to_sign, World, GENESIS},
    refused::{case, Case},
};

const PARTY: &str = "example.com";

/// What an authenticator and a browser make, to be varied.
#[derive(Clone)]
struct Assertion {
    party: String,
    hash_of: String,
    client_data: String,
    flags: u8,
    count: u32,
    behind: Vec<u8>,
    edwards: bool,
}

fn client_data(kind: &str, challenge: &[u8], origin: &str, more: &str) -> String {
    let challenge = Base64UrlUnpadded::encode_string(challenge);
    format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}"{more}}}"#)
}

fn good(asked: &Asked) -> Assertion {
    Assertion {
        party: PARTY.into(),
        hash_of: PARTY.into(),
        client_data: client_data("webauthn.get", &asked.challenge, "https://example.com", ""),
        flags: 0x05,
        count: 0,
        behind: vec![],
        edwards: false,
    }
}

impl Assertion {
    fn data(&self) -> Vec<u8> {
        let hash = Sha256::digest(&self.hash_of);
        [hash.as_slice(), &[self.flags], &self.count.to_be_bytes(), &self.behind].concat()
    }

    fn sign(&self) -> PasskeyAssertion {
        let data = self.data();
        let signed = [data.as_slice(), &Sha256::digest(&self.client_data)].concat();
        let signature = if self.edwards {
            session(0x55).sign(&signed).to_bytes().to_vec()
        } else {
            let signature: p256::ecdsa::Signature = es256().sign(&signed);
            signature.to_der().as_bytes().to_vec()
        };
        PasskeyAssertion {
            relying_party: bytes(&self.party),
            credential_id: bytes([u8::from(self.edwards); 16]),
            client_data: bytes(&self.client_data),
            authenticator_data: bytes(data),
            signature: bytes(signature),
        }
    }
}

fn es256() -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[0x25; 32]).expect("a scalar")
}

fn method(edwards: bool, party: &str) -> AuthMethod {
    AuthMethod::passkey(&Base64UrlUnpadded::encode_string(&[u8::from(edwards); 16]), party)
}

/// A world whose PKP permits both passkeys.
fn world() -> World {
    let mut world = World::new();
    let point = es256().verifying_key().to_sec1_point(true);
    let key = CredentialKey::Es256(point.as_bytes().try_into().expect("compressed"));
    for party in [PARTY, "localhost", "com"] {
        world.chain.keys.insert(method(false, party), key);
    }
    let key = CredentialKey::EdDsa(session(0x55).verifying_key().to_bytes());
    world.chain.keys.insert(method(true, PARTY), key);
    world
}

fn check(asked: &Asked, assertion: PasskeyAssertion) -> Result<Authenticated, AuthError> {
    match world().check(asked, &Authorisation::Passkey(assertion))? {
        Verdict::Authenticated(found) => Ok(found),
        Verdict::Ask(question) => panic!("{question:?}"),
    }
}

#[test]
fn a_passkey_should_authorise_requests_and_sessions() {
    for asked in [to_sign(), to_certify()] {
        let base = good(&asked);
        let at = |origin: &str, more: &str| client_data("webauthn.get", &asked.challenge, origin, more);
        for (assertion, expected) in [
            (base.clone(), method(false, PARTY)),
            (Assertion { edwards: true, ..base.clone() }, method(true, PARTY)),
            (
                Assertion { client_data: at("https://a.example.com", ""), ..base.clone() },
                method(false, PARTY),
            ),
            (
                Assertion { client_data: at("https://example.com:8443", ""), ..base.clone() },
                method(false, PARTY),
            ),
            (
                Assertion {
                    client_data: at("https://example.com", r#","crossOrigin":false,"extra":{"a":1}"#),
                    ..base.clone()
                },
                method(false, PARTY),
            ),
            (
                Assertion {
                    party: "localhost".into(),
                    hash_of: "localhost".into(),
                    client_data: at("http://localhost:3000", ""),
                    ..base.clone()
                },
                method(false, "localhost"),
            ),
            (Assertion { flags: 0x1d, count: 7, ..base.clone() }, method(false, PARTY)),
            // An empty map of extensions.
            (Assertion { flags: 0x85, behind: vec![0xa0], ..base.clone() }, method(false, PARTY)),
        ] {
            let found = check(&asked, assertion.sign()).expect(&assertion.client_data);
            assert_eq!(found.method, expected);
        }
    }
}

pub(crate) fn cases() -> Vec<Case> {
    let asked = to_sign();
    let base = good(&asked);
    let run = |assertion: Assertion| check(&asked, assertion.sign());
    let data = |data: String| run(Assertion { client_data: data, ..base.clone() });
    let at = |origin: &str, more: &str| data(client_data("webauthn.get", &asked.challenge, origin, more));
    let home = "https://example.com";
    let challenge = PasskeyError::Challenge { expected: Base64UrlUnpadded::encode_string(&asked.challenge) };
    let challenged = |bytes: &[u8]| data(client_data("webauthn.get", bytes, home, ""));
    let malformed = PasskeyError::AuthenticatorData;
    let with_flags = |flags, behind: &[u8]| run(Assertion { flags, behind: behind.to_vec(), ..base.clone() });
    let unreadable = |name: &str, text: String, why: &str| {
        let got = data(text);
        let expected = match &got {
            Err(AuthError::Passkey(PasskeyError::ClientData(text))) if text.contains(why) => text.clone(),
            _ => why.to_owned(),
        };
        case(name, got, PasskeyError::ClientData(expected))
    };
    let party = |party: &str| run(Assertion { party: party.into(), ..base.clone() });
    let mut cases = vec![
        unreadable("client data that is no JSON", "client data".into(), "expected"),
        unreadable(
            "client data as a list",
            r#"["webauthn.get","AA","https://example.com"]"#.into(),
            "expected an object",
        ),
        unreadable("client data without a challenge", r#"{"type":"webauthn.get"}"#.into(), "missing field"),
        unreadable(
            "a challenge twice",
            client_data("webauthn.get", &asked.challenge, home, r#","challenge":"AA""#),
            "duplicate field",
        ),
        unreadable(
            "an origin that is no text",
            r#"{"type":"webauthn.get","challenge":"","origin":1}"#.into(),
            "invalid type",
        ),
        case(
            "a registration",
            data(client_data("webauthn.create", &asked.challenge, home, "")),
            PasskeyError::Type("webauthn.create".into()),
        ),
        case(
            "a payment",
            data(client_data("payment.get", &asked.challenge, home, "")),
            PasskeyError::Type("payment.get".into()),
        ),
        case("another challenge", challenged(&[1; 32]), challenge.clone()),
        case("no challenge", challenged(&[]), challenge.clone()),
        case("another request's challenge", challenged(&to_certify().challenge), challenge.clone()),
        case(
            "the challenge padded",
            data(
                client_data("webauthn.get", &asked.challenge, home, "")
                    .replace("\",\"origin", "=\",\"origin"),
            ),
            challenge,
        ),
        case("in a frame of another site", at(home, r#","crossOrigin":true"#), PasskeyError::CrossOrigin),
        case("below another site", at(home, r#","topOrigin":"https://evil.com""#), PasskeyError::CrossOrigin),
        case("no user", with_flags(0x04, &[]), PasskeyError::NotPresent),
        case("a user who is not verified", with_flags(0x01, &[]), PasskeyError::NotVerified),
        case("flags of a registration", with_flags(0x45, &[]), malformed.clone()),
        case("backed up, but not to be backed up", with_flags(0x15, &[]), malformed.clone()),
        case("bytes behind the data", with_flags(0x05, &[0xa0]), malformed.clone()),
        case("extensions announced and absent", with_flags(0x85, &[]), malformed.clone()),
        case("extensions that are no map", with_flags(0x85, &[0x01]), malformed.clone()),
        case("extensions and more", with_flags(0x85, &[0xa0, 0xa0]), malformed.clone()),
        case("extensions that end too early", with_flags(0x85, &[0xa1]), malformed.clone()),
        case("extensions too deep", with_flags(0x85, &[0x81; 64]), malformed.clone()),
        case(
            "data for another relying party",
            run(Assertion { hash_of: "evil.com".into(), ..base.clone() }),
            PasskeyError::OtherRelyingParty,
        ),
        case("no relying party", party(""), PasskeyError::RelyingParty),
        case("a relying party in capitals", party("EXAMPLE.com"), PasskeyError::RelyingParty),
        case("a relying party with a port", party("example.com:443"), PasskeyError::RelyingParty),
        case("a relying party with a dot at the end", party("example.com."), PasskeyError::RelyingParty),
        case(
            "another relying party",
            party("evil.com"),
            PasskeyError::Origin { origin: home.into(), relying_party: "evil.com".into() },
        ),
    ];
    for origin in [
        "http://example.com",
        "https://evil.com",
        "https://evilexample.com",
        "https://example.com.evil.com",
        "https://evil.com/example.com",
        "https://evil.com?.example.com",
        "https://user@example.com",
        "https://example.com/",
        "https://example.com:",
        "https://example.com:99999",
        "https://EXAMPLE.com",
        "example.com",
        "null",
        "android:apk-key-hash:abc",
        "https://.example.com",
    ] {
        let expected = PasskeyError::Origin { origin: origin.into(), relying_party: PARTY.into() };
        cases.push(case(format!("origin {origin}"), at(origin, ""), expected));
    }
    cases.extend(signatures());
    cases.extend(keys());
    cases
}

fn signatures() -> Vec<Case> {
    let asked = to_sign();
    let spoilt = |change: fn(&mut PasskeyAssertion)| {
        let mut assertion = good(&asked).sign();
        change(&mut assertion);
        check(&asked, assertion)
    };
    let wrong = PasskeyError::Signature;
    let cut = |assertion: &mut PasskeyAssertion| {
        assertion.authenticator_data.truncate(36);
    };
    let counted = |first: u32, then: u32| {
        let mut memory = Memory::default();
        let later = Asked::to_certify(&GENESIS, &session_request());
        let check = |asked: &Asked, count, memory: &mut Memory| {
            let assertion = Assertion { count, ..good(asked) }.sign();
            world().check_with(asked, &Authorisation::Passkey(assertion), memory)
        };
        check(&asked, first, &mut memory).expect("the first counts");
        check(&later, then, &mut memory)
    };
    let nowhere = {
        let request = possessed(SessionRequest { pkp: None, ..session_request() });
        let asked = Asked::to_certify(&GENESIS, &request);
        check(&asked, good(&asked).sign())
    };
    vec![
        case("data cut short", spoilt(cut), PasskeyError::AuthenticatorData),
        case("no data", spoilt(|of| of.authenticator_data = bytes([])), PasskeyError::AuthenticatorData),
        case("another credential", spoilt(|of| of.credential_id = bytes([9; 16])), PasskeyError::Unknown),
        case("no credential", spoilt(|of| of.credential_id = bytes([])), PasskeyError::Unknown),
        case("a credential of another kind", spoilt(|of| of.credential_id = bytes([1; 16])), wrong.clone()),
        case("no signature", spoilt(|of| of.signature = bytes([])), wrong.clone()),
        case("a signature of zeros", spoilt(|of| of.signature = bytes([0; 64])), wrong.clone()),
        case(
            "a signature in another encoding",
            spoilt(|of| {
                let der = p256::ecdsa::Signature::from_der(&of.signature).expect("DER");
                of.signature = bytes(der.to_bytes());
            }),
            wrong.clone(),
        ),
        case("a user verified after signing", spoilt(|of| of.authenticator_data[32] = 0x0d), wrong.clone()),
        case("a counter changed after signing", spoilt(|of| of.authenticator_data[36] = 1), wrong),
        case(
            "for a request about no PKP",
            check(&to_decrypt(), good(&to_decrypt()).sign()),
            PasskeyError::NoPkp,
        ),
        case("for a session as nobody", nowhere, PasskeyError::NoPkp),
        case("a counter that stays", counted(7, 7), PasskeyError::Counter),
        case("a counter that falls", counted(7, 6), PasskeyError::Counter),
        case("a counter that falls to nothing", counted(7, 0), PasskeyError::Counter),
    ]
}

/// COSE keys: `credential_key` serves whoever permits a passkey.
fn keys() -> Vec<Case> {
    let point = es256().verifying_key().to_sec1_point(false);
    let (x, y) = (hex::encode(&point.as_bytes()[1..33]), hex::encode(&point.as_bytes()[33..]));
    let edwards = hex::encode(session(0x55).verifying_key().to_bytes());
    let es = format!("a5010203262001215820{x}225820{y}");
    let ed = format!("a4010103272006215820{edwards}");
    for good in [&es, &ed] {
        credential_key(&hex::decode(good).expect("hex")).expect("a key");
    }
    let refused = |name: &str, cose: String, why: &str| {
        let got = credential_key(&hex::decode(cose).expect("hex")).map_err(AuthError::from);
        case(format!("COSE: {name}"), got, PasskeyError::Key(why.into()))
    };
    let other = "it is of another algorithm, or has other members";
    vec![
        refused("nothing", String::new(), "it is not CBOR"),
        refused("cut short", es[..80].into(), "it is not CBOR"),
        refused("a list", "80".into(), "it is not a map"),
        refused("an empty map", "a0".into(), other),
        refused("something behind", format!("{es}00"), "something follows it"),
        refused("ES256 as EdDSA", es.replacen("0326", "0327", 1), other),
        refused("RS256", es.replacen("0326", "03390100", 1), other),
        refused("P-384", es.replacen("2001", "2002", 1), other),
        refused("a private key", format!("a6{}235820{}", &es[2..], "11".repeat(32)), other),
        refused("a member twice", format!("a6{}2001", &es[2..]), "a label is there twice"),
        refused("a text as label", format!("a6{}616101", &es[2..]), "a label is not a small number"),
        refused(
            "a point off the curve",
            format!("a5010203262001215820{x}225820{x}"),
            "the point is not on P-256",
        ),
        refused(
            "a short coordinate",
            format!("a5010203262001215820{x}22411a"),
            "a coordinate has not 32 bytes",
        ),
        refused(
            "Ed25519's identity",
            format!("a401010327200621582001{}", "00".repeat(31)),
            "the point is not on Ed25519, or is weak",
        ),
        refused("P-256 under EdDSA", ed.replacen("2006", "2001", 1), other),
    ]
}
