//! What published packages make (tests/vectors/logins.json) is read here as they mean it.

use conclave_auth::{
    adr36_sign_bytes, checksum_address, credential_key, recap::ReCap, siwe::Message, verify_wallet, Asked,
    AuthError, AuthMethod, Authorisation, Memory, Subject, TokenError, Verdict,
};
use conclave_primitives::{Ability, Capability, Delegation, PasskeyAssertion, ResourceKind};

use crate::{
    delegations::under,
    fixture::{bytes, id, unhex, vectors, World, MOMENT},
};

/// The two examples in EIP-5573.
#[test]
fn recaps_of_the_eip_should_be_read_and_written_alike() {
    let examples = [
        (
            "urn:recap:eyJhdHQiOnsiaHR0cHM6Ly9leGFtcGxlLmNvbSI6eyJleGFtcGxlL2FwcGVuZCI6W10sImV4YW1wbGUvcmVhZCI6W10sIm90aGVyL2FjdGlvbiI6W119LCJteTpyZXNvdXJjZTp1cmkuMSI6eyJleGFtcGxlL2FwcGVuZCI6W10sImV4YW1wbGUvZGVsZXRlIjpbXX0sIm15OnJlc291cmNlOnVyaS4yIjp7ImV4YW1wbGUvYXBwZW5kIjpbXX0sIm15OnJlc291cmNlOnVyaS4zIjp7ImV4YW1wbGUvYXBwZW5kIjpbXX19LCJwcmYiOltdfQ",
            "I further authorize the stated URI to perform the following actions on my behalf: (1) 'example': 'append', 'read' for 'https://example.com'. (2) 'other': 'action' for 'https://example.com'. (3) 'example': 'append', 'delete' for 'my:resource:uri.1'. (4) 'example': 'append' for 'my:resource:uri.2'. (5) 'example': 'append' for 'my:resource:uri.3'.",
        ),
        (
            "urn:recap:eyJhdHQiOnsiaHR0cHM6Ly9leGFtcGxlLmNvbS9waWN0dXJlcy8iOnsiY3J1ZC9kZWxldGUiOlt7fV0sImNydWQvdXBkYXRlIjpbe31dLCJvdGhlci9hY3Rpb24iOlt7fV19LCJtYWlsdG86dXNlcm5hbWVAZXhhbXBsZS5jb20iOnsibXNnL3JlY2VpdmUiOlt7Im1heF9jb3VudCI6NSwidGVtcGxhdGVzIjpbIm5ld3NsZXR0ZXIiLCJtYXJrZXRpbmciXX1dLCJtc2cvc2VuZCI6W3sidG8iOiJzb21lb25lQGVtYWlsLmNvbSJ9LHsidG8iOiJqb2VAZW1haWwuY29tIn1dfX0sInByZiI6WyJ6ZGo3V2o2Rk5TNHJVVWJzaUp2amp4Y3NOcVpkRENTaVlSOHNLUVhmb1BmcFNadUF3Il19",
            "I further authorize the stated URI to perform the following actions on my behalf: (1) 'crud': 'delete', 'update' for 'https://example.com/pictures/'. (2) 'other': 'action' for 'https://example.com/pictures/'. (3) 'msg': 'receive', 'send' for 'mailto:username@example.com'.",
        ),
    ];
    for (uri, statement) in examples {
        let recap = ReCap::parse(uri).expect("the EIP's");
        assert_eq!(recap.statement(), statement);
        assert_eq!(recap.uri(), uri);
        assert_eq!(recap.capabilities(), Ok(vec![]), "nothing of ours");
    }
}

#[test]
fn recaps_of_siwe_recap_should_be_made_alike() {
    for vector in vectors()["recaps"].as_array().expect("a list") {
        let mut recap = ReCap::default();
        for entry in vector["entries"].as_array().expect("a list") {
            let part = |index: usize| entry[index].as_str().expect("text").to_owned();
            let abilities = recap.attenuations.entry(part(0)).or_default();
            abilities.insert(format!("{}/{}", part(1), part(2)), vec![serde_json::Map::new()]);
        }
        assert_eq!(recap.uri(), vector["uri"]);
        assert_eq!(recap.statement(), vector["statement"]);
        assert_eq!(ReCap::parse(&recap.uri()), Ok(recap));
    }
}

#[test]
fn messages_of_siwe_should_be_read() {
    for vector in vectors()["messages"].as_array().expect("a list") {
        let (fields, text) = (&vector["fields"], vector["message"].as_str().expect("text"));
        let message = Message::parse(text.as_bytes()).expect(text);
        assert_eq!(message.domain, fields["domain"]);
        assert_eq!(message.scheme.as_deref(), fields["scheme"].as_str());
        assert_eq!(checksum_address(&message.address), fields["address"]);
        assert_eq!(message.statement.as_deref(), fields["statement"].as_str());
        assert_eq!(message.uri, fields["uri"]);
        assert_eq!(message.chain_id, fields["chainId"]);
        assert_eq!(message.nonce, fields["nonce"]);
        assert_eq!(message.issued_at, MOMENT.now);
        assert_eq!(message.request_id.as_deref(), fields["requestId"].as_str());
        assert_eq!(message.expiration_time.is_some(), fields["expirationTime"].is_string());
        assert_eq!(message.not_before, fields["notBefore"].as_str().map(|_| MOMENT.now));
        let resources: Vec<&str> = fields["resources"]
            .as_array()
            .map(|all| all.iter().filter_map(|resource| resource.as_str()).collect())
            .unwrap_or_default();
        assert_eq!(message.resources, resources);
    }
}

/// A delegation by @lit-protocol/auth-helpers 7 and ethers serves here: its text, its ReCap and its signature.
#[test]
fn delegations_of_lit_should_be_read_alike() {
    for vector in vectors()["delegations"].as_array().expect("a list") {
        let text = vector["authSig"]["signedMessage"].as_str().expect("text");
        let message = Message::parse(text.as_bytes()).expect(text);
        let capabilities = ReCap::of_message(&message).expect("a ReCap").capabilities().expect("ours");
        let of = |kind, id, ability| Capability { kind, id, ability: Some(ability) };
        let expected = match vector["name"].as_str().expect("text") {
            "all" => {
                let condition = format!("{}/{}", "11".repeat(32), "22".repeat(32));
                vec![
                    of(ResourceKind::Condition, Some(id(&condition)), Ability::Decryption),
                    of(
                        ResourceKind::Action,
                        Some(id("QmVkoRy3ZuPpUHJrrTH3FLdpUYZoMhvbsVPfGAJBqRqDYB")),
                        Ability::Execution,
                    ),
                    of(ResourceKind::Pkp, Some(id(&"cd".repeat(32))), Ability::Signing),
                ]
            }
            _ => vec![
                of(ResourceKind::Condition, None, Ability::Decryption),
                of(ResourceKind::Condition, None, Ability::Signing),
                of(ResourceKind::Pkp, None, Ability::Signing),
            ],
        };
        assert_eq!(capabilities, expected);
        assert_eq!(message.uri, format!("lit:session:{}", vector["session"].as_str().expect("text")));
        let ours = ReCap::granting(&capabilities);
        if vector["name"] == "all" {
            assert_eq!(Some(&ours.uri()), message.resources.last(), "ours and Lit's are one");
        }
        // Everything fits but the session key's own signature, which the packages do not make in our form.
        let delegation =
            Delegation::Wallet { message: bytes(text), signature: unhex(&vector["authSig"]["sig"]) };
        let mut world = World::new();
        world.moment.now = MOMENT.now;
        let asked = crate::fixture::to_sign();
        let refused = world.check(&asked, &under(delegation, &asked));
        assert_eq!(refused.err(), Some(AuthError::WrongSignature));
    }
}

#[test]
fn a_document_of_cosmjs_should_be_made_and_verified_alike() {
    let vector = &vectors()["cosmos"];
    let text = vector["text"].as_str().expect("text");
    let document = adr36_sign_bytes(vector["address"].as_str().expect("text"), text.as_bytes());
    assert_eq!(String::from_utf8(document).expect("text"), vector["document"]);
    let (public, signature) = (unhex(&vector["public"]), unhex(&vector["signature"]));
    let authorisation = Authorisation::Cosmos { prefix: bytes("osmo"), public, signature };
    assert!(matches!(verify_wallet(text, &authorisation), Some(AuthMethod::CosmosWallet(_))));
    let authorisation = Authorisation::Cosmos { prefix: bytes("cosmos"), public, signature };
    assert_eq!(verify_wallet(text, &authorisation), None, "the document has the address");
}

#[test]
fn a_signature_of_openssl_should_be_a_solana_wallet_s() {
    let vector = &vectors()["solana"];
    let (public, signature) = (unhex(&vector["public"]), unhex(&vector["signature"]));
    let text = vector["text"].as_str().expect("text");
    let found = verify_wallet(text, &Authorisation::Solana { public, signature });
    assert_eq!(found, Some(AuthMethod::SolanaWallet(public)));
}

/// What a token of OpenSSL's needs: its nonce is the challenge.
fn challenged(subject: Subject) -> Asked {
    Asked { challenge: [9; 32], subject, ..crate::fixture::to_sign() }
}

#[test]
fn tokens_of_openssl_should_verify() {
    let tokens = &vectors()["tokens"];
    let keys = serde_json::to_vec(&tokens["jwks"]).expect("JSON");
    let asked = challenged(crate::fixture::to_sign().subject);
    let run = |token: &serde_json::Value| {
        let token = bytes(token.as_str().expect("text"));
        World::new().run(&asked, &Authorisation::OpenId { token }, Ok(keys.clone()))
    };
    let google = AuthMethod::google("10769150350006150715113082367", "client");
    for algorithm in ["rs256", "es256", "eddsa"] {
        assert_eq!(run(&tokens[algorithm]).map(|found| found.method), Ok(google), "{algorithm}");
    }
    let short = run(&tokens["short"]);
    assert_eq!(short, Err(TokenError::Signature.into()), "RSA of 1,024 bits");
    for symmetric in tokens["hs256"].as_array().expect("a list") {
        assert_eq!(run(symmetric), Err(TokenError::Algorithm("HS256".into()).into()));
    }
}

#[test]
fn an_assertion_over_openssl_should_verify() {
    let vector = &vectors()["passkey"];
    let text = |name: &str| vector[name].as_str().expect("text").to_owned();
    let unhexed = |name: &str| hex::decode(text(name)).expect("hex");
    let assertion = PasskeyAssertion {
        relying_party: bytes(text("relyingParty")),
        credential_id: bytes(unhexed("credentialId")),
        client_data: bytes(text("clientData")),
        authenticator_data: bytes(unhexed("authenticatorData")),
        signature: bytes(unhexed("signature")),
    };
    let method = AuthMethod::passkey("BQUFBQUFBQUFBQUFBQUFBQ", "example.com");
    let mut world = World::new();
    world.chain.keys.insert(method, credential_key(&unhexed("cose")).expect("COSE"));
    let asked = challenged(crate::fixture::to_sign().subject);
    let verdict = world.check_with(&asked, &Authorisation::Passkey(assertion), &mut Memory::default());
    let Ok(Verdict::Authenticated(found)) = verdict else { panic!("{verdict:?}") };
    assert_eq!(found.method, method);
}
