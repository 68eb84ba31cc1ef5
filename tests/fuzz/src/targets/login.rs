//! What people sign in with. (tests/vectors/logins.json has what published packages make.)

use base64ct::{Base64UrlUnpadded, Encoding};
use codec::{DecodeAll, Encode};
use conclave_auth::{
    authorise, credential_key, recap::ReCap, siwe::Message, Asked, AuthError, AuthMethod, Authenticated,
    Authorisation, Memory, Moment, Provider, ReadFinalized, Settings, Subject, Unreadable, Verdict,
};
use conclave_primitives::{
    delegation_hash, session_signature_bytes, Ability, BlockNumber, Capabilities, Capability, CredentialKey,
    Delegation, KeysetId, PasskeyAssertion, PkpId, RequestId, Resource, SessionAuthorisation,
    SessionCertificate, SubDelegations,
};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::Value;
use std::sync::OnceLock;

use crate::fixture::{FINALIZED, GENESIS, PKP};

/// 2026-11-22, noon: when the vectors were made.
const NOW: u64 = 1_795_348_800;
const MOMENT: Moment = Moment { now: NOW, finalized: FINALIZED };

fn vectors() -> &'static Value {
    static VECTORS: OnceLock<Value> = OnceLock::new();
    VECTORS.get_or_init(|| serde_json::from_str(include_str!("../../../vectors/logins.json")).expect("JSON"))
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

fn unhexed(value: &Value) -> Vec<u8> {
    let digits = text(value).as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(&String::from_utf8_lossy(pair), 16).expect("hex")).collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().expect("a list").iter()
}

/// The committee's Result key, of which the chain knows the public half.
fn committee() -> SigningKey {
    SigningKey::from_bytes(&[0x77; 32])
}

fn session() -> SigningKey {
    SigningKey::from_bytes(&[5; 32])
}

struct Chain;

impl ReadFinalized for Chain {
    fn block_number(&self, _: &[u8; 32]) -> Result<Option<BlockNumber>, Unreadable> {
        Ok(Some(FINALIZED))
    }

    fn credential_key(&self, pkp: &PkpId, method: &AuthMethod) -> Result<Option<CredentialKey>, Unreadable> {
        let key = credential_key(&unhexed(&vectors()["passkey"]["cose"])).expect("COSE");
        Ok((*pkp == PKP && *method == passkey_method()).then_some(key))
    }

    fn result_key(&self, _: KeysetId) -> Result<Option<[u8; 32]>, Unreadable> {
        Ok(Some(committee().verifying_key().to_bytes()))
    }
}

fn passkey_method() -> AuthMethod {
    AuthMethod::passkey("BQUFBQUFBQUFBQUFBQUFBQ", "example.com")
}

fn google() -> AuthMethod {
    AuthMethod::google("10769150350006150715113082367", "client")
}

/// A request with the vectors' challenge.
fn asked() -> Asked {
    Asked {
        genesis: GENESIS,
        id: RequestId([1; 32]),
        text: "text".into(),
        challenge: [9; 32],
        valid_until: FINALIZED + 9,
        subject: Subject::Use(vec![Resource::pkp(&PKP)], Ability::Signing),
    }
}

fn check(authorisation: &Authorisation) -> Result<Authenticated, AuthError> {
    let settings = Settings { providers: vec![Provider::google(), Provider::apple()], ..Settings::default() };
    let mut memory = Memory::default();
    match authorise(&asked(), authorisation, &Chain, &settings, MOMENT, &mut memory)? {
        Verdict::Authenticated(authenticated) => Ok(authenticated),
        Verdict::Ask(question) => {
            let keys = vectors()["tokens"]["jwks"].to_string().into_bytes();
            question.answer(Ok(keys), MOMENT, &mut memory)
        }
    }
}

/// A message of EIP-4361.
pub(crate) fn siwe(input: &[u8]) {
    let Ok(message) = Message::parse(input) else { return };
    assert!(input.is_ascii() && !message.domain.is_empty() && !message.domain.contains(['@', '/', ' ']));
    assert!(message.nonce.len() >= 8 && message.nonce.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert!(message.uri.contains(':') && !message.uri.contains(' '));
    let text = core::str::from_utf8(input).expect("ASCII");
    // What is read stands there, each in its place.
    for part in [&message.domain, &message.uri, &message.nonce] {
        assert!(text.contains(part.as_str()));
    }
    if let Ok(recap) = ReCap::of_message(&message) {
        assert!(message.statement.is_some_and(|statement| statement.ends_with(&recap.statement())));
    }
}

pub(crate) fn messages() -> Vec<Vec<u8>> {
    let plain = list(&vectors()["messages"]).map(|vector| &vector["message"]);
    let delegating = list(&vectors()["delegations"]).map(|vector| &vector["authSig"]["signedMessage"]);
    plain.chain(delegating).map(|message| text(message).as_bytes().to_vec()).collect()
}

/// The details object of a ReCap.
pub(crate) fn recap(input: &[u8]) {
    let Ok(recap) = ReCap::parse(&format!("urn:recap:{}", Base64UrlUnpadded::encode_string(input))) else {
        return;
    };
    assert_eq!(ReCap::parse(&recap.uri()).as_ref(), Ok(&recap), "what is written is read alike");
    let Ok(capabilities) = recap.capabilities() else { return };
    let granted = ReCap::granting(&capabilities).capabilities().expect("our own");
    assert!(granted.iter().all(|capability| capabilities.contains(capability)), "no more than was granted");
}

pub(crate) fn recaps() -> Vec<Vec<u8>> {
    let uris = list(&vectors()["recaps"]).map(|vector| text(&vector["uri"]));
    let last = |vector| text(vector).rsplit("- ").next().expect("a resource");
    let of_lit = list(&vectors()["delegations"]).map(|vector| last(&vector["authSig"]["signedMessage"]));
    let decode = |uri: &str| {
        Base64UrlUnpadded::decode_vec(uri.strip_prefix("urn:recap:").expect("a ReCap")).expect("base64url")
    };
    uris.chain(of_lit).map(decode).collect()
}

/// An id token.
pub(crate) fn token(input: &[u8]) {
    let Ok(token) = input.to_vec().try_into() else { return };
    if let Ok(found) = check(&Authorisation::OpenId { token }) {
        assert_eq!(found.method, google(), "the provider signed for nobody else");
    }
}

pub(crate) fn tokens() -> Vec<Vec<u8>> {
    let tokens = &vectors()["tokens"];
    ["rs256", "es256", "eddsa", "short"].map(|name| text(&tokens[name]).as_bytes().to_vec()).to_vec()
}

/// A passkey's assertion.
pub(crate) fn passkey(input: &[u8]) {
    let Ok(assertion) = PasskeyAssertion::decode_all(&mut &*input) else { return };
    let [honest] = assertions().try_into().expect("one");
    if let Ok(found) = check(&Authorisation::Passkey(assertion.clone())) {
        let honest = PasskeyAssertion::decode_all(&mut honest.as_slice()).expect("decodes");
        assert_eq!(found.method, passkey_method());
        assert_eq!(
            (assertion.client_data, assertion.authenticator_data),
            (honest.client_data, honest.authenticator_data),
            "the passkey signed nothing else"
        );
    }
}

pub(crate) fn assertions() -> Vec<Vec<u8>> {
    let vector = &vectors()["passkey"];
    let short = |bytes: &[u8]| bytes.to_vec();
    let assertion = PasskeyAssertion {
        relying_party: short(text(&vector["relyingParty"]).as_bytes()).try_into().expect("short"),
        credential_id: unhexed(&vector["credentialId"]).try_into().expect("short"),
        client_data: short(text(&vector["clientData"]).as_bytes()).try_into().expect("short"),
        authenticator_data: unhexed(&vector["authenticatorData"]).try_into().expect("short"),
        signature: unhexed(&vector["signature"]).try_into().expect("short"),
    };
    vec![assertion.encode()]
}

/// A passkey's public key.
pub(crate) fn cose(input: &[u8]) {
    let Ok(CredentialKey::Es256(point)) = credential_key(input) else { return };
    assert!(matches!(point, [2 | 3, ..]), "compressed");
}

pub(crate) fn cose_keys() -> Vec<Vec<u8>> {
    let edwards =
        [&[0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 0x20][..], &session().verifying_key().to_bytes()];
    vec![unhexed(&vectors()["passkey"]["cose"]), edwards.concat()]
}

/// A request under a session key.
pub(crate) fn delegation(input: &[u8]) {
    let Ok(authorisation) = SessionAuthorisation::decode_all(&mut &*input) else { return };
    assert_eq!(authorisation.encode(), input, "one authorisation, one encoding");
    if let Ok(found) = check(&Authorisation::Session(authorisation.clone())) {
        assert_eq!(found.method, google(), "the committee certified nobody else");
        let [honest] = delegations().try_into().expect("one");
        assert_eq!(authorisation.encode(), honest, "the session key asked for nothing else");
    }
}

pub(crate) fn delegations() -> Vec<Vec<u8>> {
    let id = Some(Resource::pkp(&PKP).id);
    let capability =
        Capability { kind: conclave_primitives::ResourceKind::Pkp, id, ability: Some(Ability::Signing) };
    let certificate = SessionCertificate {
        keyset: KeysetId(0),
        pkp: Some(PKP),
        method: google(),
        session: session().verifying_key().to_bytes(),
        capabilities: Capabilities::truncate_from(vec![capability]),
        since: FINALIZED,
        expires_at: NOW + 60,
    };
    let signature = committee().sign(&certificate.bytes(&GENESIS)).to_bytes();
    let delegation = Delegation::Certificate { certificate, signature };
    let asked = asked();
    let signed = session_signature_bytes(
        &GENESIS,
        &asked.id,
        &[Resource::pkp(&PKP)],
        Ability::Signing,
        asked.valid_until,
        &delegation_hash(&delegation, &[]),
    );
    let signature = session().sign(&signed).to_bytes();
    let sub_delegations = SubDelegations::default();
    vec![SessionAuthorisation { delegation, sub_delegations, signature }.encode()]
}
