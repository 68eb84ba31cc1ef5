//! Session keys: delegated by wallets and by the committee, passed on, used, and asked for.

use base64ct::{Base64UrlUnpadded, Encoding};
use conclave_auth::{
    certificate,
    recap::{ReCap, ReCapError, URI_PREFIX},
    siwe::{Field, SiweError},
    Asked, AuthError, AuthMethod, Authenticated, Authorisation, QueryFailure, Verdict,
};
use conclave_primitives::{
    delegation_hash, session_signature_bytes, Ability, Capabilities, Capability, Delegation, KeysetId, PkpId,
    Resource, ResourceKind, SessionAuthorisation, SessionCertificate, SessionRequest, SignRequest,
    SubDelegation, SubDelegations,
};
use ed25519_dalek::{Signer, SigningKey};

use crate::{
    fixture::{
        bytes, committee, date, decrypt_request, decrypting, id, possessed, session, session_request,
        sign_request, signing, to_certify, to_decrypt, to_sign, to_sign_elsewhere, Siwe, Wallet, World, DAY,
        FINALIZED, GENESIS, NOW, PKP,
    },
    refused::{case, Case},
};

/// A wallet's delegation to key 5.
fn delegated(siwe: &Siwe) -> Delegation {
    let text = siwe.text();
    Delegation::Wallet { message: bytes(&text), signature: Wallet::new(1).sign(text.as_bytes()) }
}

fn good() -> Siwe {
    Siwe::delegating(&session(5), &[signing()])
}

fn with(capabilities: &[Capability]) -> Siwe {
    Siwe::delegating(&session(5), capabilities)
}

/// The committee's certificate for key 5.
fn certified() -> SessionCertificate {
    SessionCertificate {
        keyset: KeysetId(0),
        pkp: Some(PKP),
        method: AuthMethod::google("1", "client"),
        session: session(5).verifying_key().to_bytes(),
        capabilities: Capabilities::truncate_from(vec![signing()]),
        since: FINALIZED - 10,
        expires_at: NOW + DAY,
    }
}

fn by_committee(certificate: SessionCertificate) -> Delegation {
    let signature = committee().sign(&certificate.bytes(&GENESIS)).to_bytes();
    Delegation::Certificate { certificate, signature }
}

/// Passes on to `to`, signed by `by`.
fn sub(
    delegation: &Delegation,
    before: &[SubDelegation],
    by: &SigningKey,
    to: u8,
    capabilities: Vec<Capability>,
    expires_at: u64,
) -> SubDelegation {
    let mut sub = SubDelegation {
        session: session(to).verifying_key().to_bytes(),
        capabilities: Capabilities::truncate_from(capabilities),
        expires_at,
        signature: [0; 64],
    };
    sub.signature = by.sign(&sub.bytes(&GENESIS, &delegation_hash(delegation, before))).to_bytes();
    sub
}

/// `asked` under a delegation, signed by `key`.
fn asked_by(
    key: &SigningKey,
    delegation: Delegation,
    sub_delegations: Vec<SubDelegation>,
    asked: &Asked,
) -> Authorisation {
    let conclave_auth::Subject::Use(resources, ability) = &asked.subject else { panic!("a use") };
    let hash = delegation_hash(&delegation, &sub_delegations);
    let signed =
        session_signature_bytes(&asked.genesis, &asked.id, resources, *ability, asked.valid_until, &hash);
    let sub_delegations = SubDelegations::truncate_from(sub_delegations);
    let signature = key.sign(&signed).to_bytes();
    Authorisation::Session(SessionAuthorisation { delegation, sub_delegations, signature })
}

/// `asked` under a delegation to key 5, signed by it.
pub(crate) fn under(delegation: Delegation, asked: &Asked) -> Authorisation {
    asked_by(&session(5), delegation, vec![], asked)
}

fn authenticated(verdict: Result<Verdict, AuthError>) -> Authenticated {
    match verdict {
        Ok(Verdict::Authenticated(found)) => found,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_wallet_s_session_should_ask_for_the_wallet() {
    let any = |ability| Capability { kind: ResourceKind::Pkp, id: None, ability };
    for siwe in [
        good(),
        with(&[any(Some(Ability::Signing))]),
        with(&[any(None)]),
        // Another network's capabilities beside ours.
        with(&[Capability { kind: ResourceKind::Action, id: Some(id("Qm")), ability: None }, signing()]),
        Siwe { expiration: Some(date(NOW + 30 * DAY)), ..good() },
        Siwe { statement: good().statement.map(|text| text.replacen("Sign in. ", "", 1)), ..good() },
    ] {
        let found = authenticated(World::new().check(&to_sign(), &under(delegated(&siwe), &to_sign())));
        assert_eq!(found.method, AuthMethod::EthereumWallet(Wallet::new(1).address()));
        assert_eq!(found.session, Some(session(5).verifying_key().to_bytes()));
        assert_eq!(found.pkp, None);
    }
}

#[test]
fn a_contract_wallet_s_session_should_ask_for_it_once_it_accepts() {
    let siwe = Siwe { chain_id: "10".into(), ..good() };
    let delegation = Delegation::ContractWallet { message: bytes(siwe.text()), signature: bytes([1, 2]) };
    let authorisation = under(delegation, &to_sign());
    let mut answer = vec![0x16, 0x26, 0xba, 0x7e];
    answer.resize(32, 0);
    let found = World::new().run(&to_sign(), &authorisation, Ok(answer)).expect("it accepts");
    let address = Wallet::new(1).address();
    assert_eq!(found.method, AuthMethod::ContractWallet { chain_id: 10, address });
    let refused = World::new().run(&to_sign(), &authorisation, Err(QueryFailure::Reverted));
    assert_eq!(refused, Err(AuthError::ContractRefuses));
}

#[test]
fn a_session_should_decrypt_what_it_was_granted() {
    for capabilities in [vec![decrypting(0), decrypting(1)], vec![Capability { id: None, ..decrypting(0) }]] {
        let delegation = delegated(&with(&capabilities));
        let found = authenticated(World::new().check(&to_decrypt(), &under(delegation, &to_decrypt())));
        assert_eq!(found.method, AuthMethod::EthereumWallet(Wallet::new(1).address()));
    }
}

#[test]
fn a_part_should_be_passed_on() {
    let any = Capability { kind: ResourceKind::Pkp, id: None, ability: None };
    let delegation = delegated(&with(&[any]));
    let first = sub(&delegation, &[], &session(5), 6, vec![signing()], NOW + DAY);
    let before = [first.clone()];
    let second = sub(&delegation, &before, &session(6), 7, vec![signing()], NOW + 60);
    let authorisation = asked_by(&session(7), delegation, vec![first, second], &to_sign());
    let found = authenticated(World::new().check(&to_sign(), &authorisation));
    assert_eq!(found.method, AuthMethod::EthereumWallet(Wallet::new(1).address()));
    assert_eq!(found.session, Some(session(7).verifying_key().to_bytes()));
    assert_eq!(found.expires_at, Some(NOW + 60));
}

/// From the request for a session to a signature under it.
#[test]
fn a_certified_session_should_ask_for_who_logged_in() {
    let world = World::new();
    let asked = to_certify();
    let signature = Wallet::new(1).sign(asked.text.as_bytes());
    let wallet = Authorisation::Eip191 { address: Wallet::new(1).address(), signature };
    let who = authenticated(world.check(&asked, &wallet));
    let made = certificate(&session_request(), &who, KeysetId(0), &world.chain).expect("a block");
    assert_eq!((made.since, made.pkp), (FINALIZED - 10, Some(PKP)));
    let found = authenticated(world.check(&to_sign(), &under(by_committee(made), &to_sign())));
    assert_eq!(found.method, AuthMethod::EthereumWallet(Wallet::new(1).address()));
    assert_eq!((found.pkp, found.expires_at), (Some(PKP), Some(NOW + DAY)));
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = messages();
    cases.extend(recaps());
    cases.extend(uses());
    cases.extend(passed_on());
    cases.extend(certificates());
    cases.extend(session_requests());
    cases
}

fn messages() -> Vec<Case> {
    let world = World::new();
    let check = |siwe: Siwe| world.check(&to_sign(), &under(delegated(&siwe), &to_sign()));
    let days = |days: u64| Some(date(NOW + days * DAY));
    let text = good().text();
    let by = |message: &str, signature| {
        let delegation = Delegation::Wallet { message: bytes(message), signature };
        world.check(&to_sign(), &under(delegation, &to_sign()))
    };
    let own = Wallet::new(1).sign(text.as_bytes());
    let longer = Siwe { expiration: days(29), ..good() }.text();
    vec![
        case(
            "expired",
            check(Siwe { issued: date(NOW - DAY), expiration: Some(date(NOW - 61)), ..good() }),
            AuthError::Expired { at: NOW - 61 },
        ),
        case("never expires", check(Siwe { expiration: None, ..good() }), AuthError::NoExpiry),
        case(
            "lasts for 31 days",
            check(Siwe { expiration: days(31), ..good() }),
            AuthError::TooLong { seconds: 31 * DAY, limit: 30 * DAY },
        ),
        case(
            "lasts for a hundred years",
            check(Siwe { expiration: Some("2126-11-22T12:00:00Z".into()), ..good() }),
            AuthError::TooLong { seconds: 3_155_673_600, limit: 30 * DAY },
        ),
        case(
            "issued in the future",
            check(Siwe { issued: date(NOW + 61), ..good() }),
            AuthError::NotYetValid { from: NOW + 61 },
        ),
        case(
            "not before an hour from now",
            check(Siwe { not_before: Some(date(NOW + 3_600)), ..good() }),
            AuthError::NotYetValid { from: NOW + 3_600 },
        ),
        case(
            "ends before it begins",
            check(Siwe { expiration: Some(date(NOW - 1)), ..good() }),
            AuthError::EndsBeforeItBegins,
        ),
        case(
            "another domain",
            check(Siwe { first: "evil.com".into(), ..good() }),
            AuthError::OtherDomain { got: "evil.com".into() },
        ),
        case(
            "no session key",
            check(Siwe { uri: "https://example.com".into(), ..good() }),
            AuthError::NoSessionKey,
        ),
        case(
            "half a session key",
            check(Siwe { uri: "lit:session:abab".into(), ..good() }),
            AuthError::NoSessionKey,
        ),
        case(
            "a session key that is not hex",
            check(Siwe { uri: format!("lit:session:{}", "zz".repeat(32)), ..good() }),
            AuthError::NoSessionKey,
        ),
        case("a nonce by chance", check(Siwe { nonce: "abcdefgh".into(), ..good() }), AuthError::NonceForm),
        case(
            "a block of another chain",
            check(Siwe { nonce: "ee".repeat(32), ..good() }),
            AuthError::UnknownBlock,
        ),
        case(
            "a block of more than 30 days ago",
            check(Siwe { nonce: "02".repeat(32), ..good() }),
            AuthError::OldBlock { number: FINALIZED - 864_001, oldest: FINALIZED - 864_000 },
        ),
        case(
            "a block that is not final",
            check(Siwe { nonce: "03".repeat(32), ..good() }),
            AuthError::BlockAhead { number: FINALIZED + 1 },
        ),
        case("a malformed message", by("sign in", own), SiweError::Missing(Field::Domain)),
        case(
            "another wallet's signature",
            by(&text, Wallet::new(2).sign(text.as_bytes())),
            AuthError::WrongSignature,
        ),
        case("a longer life after signing", by(&longer, own), AuthError::WrongSignature),
        case("a signature of zeros", by(&text, [0; 65]), AuthError::WrongSignature),
    ]
}

fn recaps() -> Vec<Case> {
    let world = World::new();
    let check = |siwe: Siwe| world.check(&to_sign(), &under(delegated(&siwe), &to_sign()));
    // A statement that says what the ReCap would grant, so that only the ReCap itself is wrong.
    let payload = |json: &str| Siwe {
        resources: vec![format!("{URI_PREFIX}{}", Base64UrlUnpadded::encode_string(json.as_bytes()))],
        ..good()
    };
    let json = |name: &str, json: &str, why: &str| {
        let got = check(payload(json));
        // The library's words carry a line and a column.
        let expected = match &got {
            Err(AuthError::ReCap(ReCapError::Json(text))) if text.contains(why) => {
                ReCapError::Json(text.clone())
            }
            _ => ReCapError::Json(why.into()),
        };
        case(name, got, expected)
    };
    let uri = |uri: &str| {
        let recap = ReCap {
            attenuations: [(
                uri.to_owned(),
                [("Threshold/Signing".to_owned(), vec![serde_json::Map::new()])].into(),
            )]
            .into(),
            proofs: vec![],
        };
        Siwe { statement: Some(recap.statement()), resources: vec![recap.uri()], ..good() }
    };
    let resource = |resource: &str| {
        case(
            format!("names no resource: {resource}"),
            check(uri(resource)),
            ReCapError::Resource(resource.into()),
        )
    };
    let restricted = |restrictions: serde_json::Value| {
        let key = format!("lit-pkp://{}", "cd".repeat(32));
        let restrictions = serde_json::from_value(restrictions).expect("restrictions");
        let recap = ReCap {
            attenuations: [(key, [("Threshold/Signing".to_owned(), restrictions)].into())].into(),
            proofs: vec![],
        };
        check(Siwe { statement: Some(recap.statement()), resources: vec![recap.uri()], ..good() })
    };
    let recap = ReCap::granting(&[signing()]);
    let says = |statement: Option<&str>| {
        let expected = ReCapError::Statement { expected: recap.statement() };
        (check(Siwe { statement: statement.map(str::to_owned), ..good() }), expected)
    };
    let narrow =
        ReCap::granting(&[Capability { ability: Some(Ability::Execution), ..signing() }]).statement();
    let mut cases = vec![
        case("no resources", check(Siwe { resources: vec![], ..good() }), ReCapError::Missing),
        case(
            "resources without a ReCap",
            check(Siwe { resources: vec!["https://example.com".into()], ..good() }),
            ReCapError::Missing,
        ),
        case(
            "a ReCap that is not last",
            check(Siwe { resources: vec![recap.uri(), "https://example.com".into()], ..good() }),
            ReCapError::NotLast,
        ),
        case(
            "two ReCaps",
            check(Siwe { resources: vec![recap.uri(), recap.uri()], ..good() }),
            ReCapError::NotLast,
        ),
        case(
            "padded base64",
            check(Siwe { resources: vec![format!("{URI_PREFIX}e30=")], ..good() }),
            ReCapError::Base64,
        ),
        case(
            "base64 of the other alphabet",
            check(Siwe { resources: vec![format!("{URI_PREFIX}e30+")], ..good() }),
            ReCapError::Base64,
        ),
        case(
            "base64 with stray bits",
            check(Siwe { resources: vec![format!("{URI_PREFIX}e31")], ..good() }),
            ReCapError::Base64,
        ),
        json("no JSON", "{", "EOF"),
        json("JSON and more", "{} {}", "trailing"),
        json("a list", "[]", "expected an object"),
        json("a list of members", r#"[{"lit-pkp://*":{"*/*":[{}]}}]"#, "expected an object"),
        json("a number as capabilities", r#"{"att":1}"#, "invalid type"),
        json("an unknown member", r#"{"att":{},"all":true}"#, "unknown field"),
        json("capabilities twice", r#"{"att":{},"att":{}}"#, "duplicate field"),
        json("a resource twice", r#"{"att":{"a:b":{"c/d":[]},"a:b":{"c/d":[]}}}"#, "twice"),
        json("resources out of order", r#"{"att":{"b:b":{"c/d":[]},"a:b":{"c/d":[]}}}"#, "out of order"),
        json("abilities out of order", r#"{"att":{"a:b":{"c/e":[],"c/d":[]}}}"#, "out of order"),
        json("a resource without abilities", r#"{"att":{"a:b":{}}}"#, "no abilities"),
        json("a resource that is no URI", r#"{"att":{"everything":{"c/d":[]}}}"#, "not a URI"),
        json("a resource with a quotation mark", r#"{"att":{"a:'b":{"c/d":[]}}}"#, "not a URI"),
        json("an ability without a namespace", r#"{"att":{"a:b":{"c":[]}}}"#, "namespace/name"),
        json("an ability with an empty name", r#"{"att":{"a:b":{"c/":[]}}}"#, "namespace/name"),
        json("an ability with two slashes", r#"{"att":{"a:b":{"c/d/e":[]}}}"#, "namespace/name"),
        json("an ability with a space", r#"{"att":{"a:b":{"c/d e":[]}}}"#, "namespace/name"),
        json("restrictions that are no list", r#"{"att":{"a:b":{"c/d":{}}}}"#, "invalid type"),
        json("a restriction that is no object", r#"{"att":{"a:b":{"c/d":["x"]}}}"#, "invalid type"),
        json("a lone surrogate", r#"{"att":{"a:\ud800":{"c/d":[]}}}"#, "escape"),
        json("proofs that are no texts", r#"{"att":{},"prf":[1]}"#, "invalid type"),
        json("a depth of three hundred", &format!("{{\"att\":{}", "{\"a:b\":".repeat(300)), ""),
        resource("lit-pkp://"),
        resource("lit-pkp://0x12"),
        resource(&format!("lit-pkp://{}", "zz".repeat(32))),
        resource(&format!("lit-pkp://{}*", "cd".repeat(31))),
        resource("lit-accesscontrolcondition://*/*"),
        resource("lit-litaction://Qm*"),
        case("an empty grant", check(with(&[])), AuthError::GrantsNothing),
        case("another network's resources only", check(uri("https://example.com")), AuthError::GrantsNothing),
        case("no way to use it", restricted(serde_json::json!([])), AuthError::GrantsNothing),
        case(
            "restrictions unknown here",
            restricted(serde_json::json!([{ "max": 1 }])),
            AuthError::GrantsNothing,
        ),
    ];
    for (name, statement) in [
        ("no statement", None),
        ("a statement that says nothing of it", Some("Sign in.")),
        ("a statement with more behind", Some(&*format!("{} Or not.", recap.statement()))),
        ("a statement that says less", Some(&*format!("Sign in. {narrow}"))),
        ("a statement glued to it", Some(&*format!("Not: {}", recap.statement()).replace(": I", ":I"))),
    ] {
        let (got, expected) = says(statement);
        cases.push(case(name, got, expected));
    }
    cases
}

fn uses() -> Vec<Case> {
    let world = World::new();
    let asked = to_sign();
    let granted = |capability: Capability| {
        let got = world.check(&asked, &under(delegated(&with(std::slice::from_ref(&capability))), &asked));
        (got, AuthError::NotGranted { granted: vec![capability] })
    };
    let other_pkp = Some(Resource::pkp(&PkpId([1; 32])).id);
    let mut cases = Vec::new();
    for (name, capability) in [
        ("another PKP", Capability { id: other_pkp, ..signing() }),
        ("another ability", Capability { ability: Some(Ability::Decryption), ..signing() }),
        ("another kind", Capability { kind: ResourceKind::Action, ..signing() }),
        ("any action", Capability { kind: ResourceKind::Action, id: None, ability: None }),
    ] {
        let (got, expected) = granted(capability);
        cases.push(case(format!("granted: {name}"), got, expected));
    }
    cases.push(case(
        "decrypting with a grant to sign",
        world.check(&to_decrypt(), &under(delegated(&good()), &to_decrypt())),
        AuthError::NotGranted { granted: vec![signing()] },
    ));
    let first_only = world.check(&to_decrypt(), &under(delegated(&with(&[decrypting(0)])), &to_decrypt()));
    cases.push(case(
        "decrypting two with a grant for one",
        first_only,
        AuthError::NotGranted { granted: vec![decrypting(0)] },
    ));
    let nothing = Asked::to_decrypt(&GENESIS, &decrypt_request(0));
    cases.push(case(
        "decrypting nothing",
        world.check(&nothing, &under(delegated(&with(&[decrypting(0)])), &nothing)),
        AuthError::NotGranted { granted: vec![decrypting(0)] },
    ));
    // The request's signature, each part of it another's.
    let honest = || delegated(&good());
    let replayed = |as_if: &Asked, key: u8| {
        let authorisation = asked_by(&session(key), honest(), vec![], as_if);
        world.check(&asked, &authorisation)
    };
    let other = Asked::to_sign(&GENESIS, &SignRequest { nonce: [2; 32], ..sign_request() });
    let longer = Asked { valid_until: asked.valid_until + 1, ..to_sign() };
    let conclave_auth::Subject::Use(resources, _) = asked.subject.clone() else { panic!("a use") };
    let other_resource = vec![Resource { kind: ResourceKind::Pkp, id: id("x") }];
    let ability = Asked { subject: conclave_auth::Subject::Use(resources, Ability::Execution), ..to_sign() };
    let resource =
        Asked { subject: conclave_auth::Subject::Use(other_resource, Ability::Signing), ..to_sign() };
    let elsewhere = Asked { id: asked.id, ..to_sign_elsewhere() };
    for (name, got) in [
        ("another request", replayed(&other, 5)),
        ("another last block", replayed(&longer, 5)),
        ("another ability", replayed(&ability, 5)),
        ("another resource", replayed(&resource, 5)),
        ("another chain", replayed(&elsewhere, 5)),
        ("another key", replayed(&asked, 6)),
    ] {
        cases.push(case(format!("request signed for {name}"), got, AuthError::WrongSignature));
    }
    // Under one delegation signed, under another shown: of the same wallet to the same key.
    let Authorisation::Session(signed) = under(honest(), &asked) else { panic!("a session") };
    let wider = delegated(&with(&[Capability { id: None, ..signing() }]));
    let moved = Authorisation::Session(SessionAuthorisation { delegation: wider, ..signed });
    cases.push(case(
        "request moved to another delegation",
        world.check(&asked, &moved),
        AuthError::WrongSignature,
    ));
    let weak = Siwe { uri: format!("lit:session:01{}", "00".repeat(31)), ..good() };
    let mut signature = [0; 64];
    signature[0] = 1;
    let weak = Authorisation::Session(SessionAuthorisation {
        delegation: delegated(&weak),
        sub_delegations: SubDelegations::default(),
        signature,
    });
    cases.push(case(
        "a session key for which anybody can sign",
        world.check(&asked, &weak),
        AuthError::WrongSignature,
    ));
    cases
}

fn passed_on() -> Vec<Case> {
    let world = World::new();
    let asked = to_sign();
    let delegation = || delegated(&good());
    let check = |subs: Vec<SubDelegation>, key: u8| {
        world.check(&asked, &asked_by(&session(key), delegation(), subs, &asked))
    };
    let one = |capabilities, expires_at| sub(&delegation(), &[], &session(5), 6, capabilities, expires_at);
    let wider = |capability: Capability| {
        let got = check(vec![one(vec![signing(), capability.clone()], NOW + 60)], 6);
        (got, AuthError::Wider { position: 0, capability })
    };
    let end = NOW + DAY;
    let mut cases = Vec::new();
    for (name, capability) in [
        ("any PKP", Capability { id: None, ..signing() }),
        ("any ability", Capability { ability: None, ..signing() }),
        ("another ability", Capability { ability: Some(Ability::Execution), ..signing() }),
        ("another PKP", Capability { id: Some(id(&"11".repeat(32))), ..signing() }),
        ("another kind", Capability { kind: ResourceKind::Condition, ..signing() }),
    ] {
        let (got, expected) = wider(capability);
        cases.push(case(format!("passed on: {name}"), got, expected));
    }
    let first = one(vec![signing()], NOW + 60);
    let second = |by: u8, before: &[SubDelegation], expires_at| {
        sub(&delegation(), before, &session(by), 7, vec![signing()], expires_at)
    };
    let back = |to: u8| sub(&delegation(), &[], &session(5), to, vec![], end);
    let widened = {
        let nothing = one(vec![], end);
        let again = sub(&delegation(), std::slice::from_ref(&nothing), &session(6), 7, vec![signing()], end);
        check(vec![nothing, again], 7)
    };
    let changed = SubDelegation { expires_at: NOW + 120, ..first.clone() };
    let expired = one(vec![signing()], NOW - 61);
    cases.extend([
        case(
            "passed on: for longer",
            check(vec![one(vec![signing()], end + 1)], 6),
            AuthError::OutlivesParent { position: 0, limit: end },
        ),
        case(
            "passed on twice: for longer",
            check(vec![first.clone(), second(6, std::slice::from_ref(&first), NOW + 61)], 7),
            AuthError::OutlivesParent { position: 1, limit: NOW + 60 },
        ),
        case("passed on: expired", check(vec![expired], 6), AuthError::Expired { at: NOW - 61 }),
        case(
            "passed on: by another key",
            check(vec![sub(&delegation(), &[], &session(9), 6, vec![signing()], end)], 6),
            AuthError::WrongParent { position: 0 },
        ),
        case(
            "passed on twice: by the first key, not the second",
            check(vec![first.clone(), second(5, std::slice::from_ref(&first), NOW + 60)], 7),
            AuthError::WrongParent { position: 1 },
        ),
        case(
            "passed on twice: the first left away",
            check(vec![second(6, std::slice::from_ref(&first), NOW + 60)], 7),
            AuthError::WrongParent { position: 0 },
        ),
        case(
            "passed on: changed after signing",
            check(vec![changed], 6),
            AuthError::WrongParent { position: 0 },
        ),
        case("passed on: nothing", check(vec![back(6)], 6), AuthError::NotGranted { granted: vec![] }),
        case(
            "passed on twice: more than the first passed on",
            widened,
            AuthError::Wider { position: 1, capability: signing() },
        ),
        case("passed on: the first key asks", check(vec![first], 5), AuthError::WrongSignature),
    ]);
    cases
}

fn certificates() -> Vec<Case> {
    let world = World::new();
    let asked = to_sign();
    let check = |certificate| world.check(&asked, &under(by_committee(certificate), &asked));
    let shown = |certificate: SessionCertificate, signature| {
        let delegation = Delegation::Certificate { certificate, signature };
        world.check(&asked, &under(delegation, &asked))
    };
    let own = committee().sign(&certified().bytes(&GENESIS)).to_bytes();
    let elsewhere = committee().sign(&certified().bytes(&[0x0f; 32])).to_bytes();
    let stranger = session(9).sign(&certified().bytes(&GENESIS)).to_bytes();
    let mut no_committee = World::new();
    no_committee.chain.result = None;
    let other_pkp = PkpId([1; 32]);
    let other = SessionCertificate {
        pkp: Some(other_pkp),
        capabilities: Capabilities::truncate_from(vec![Capability { id: None, ..signing() }]),
        ..certified()
    };
    let wrong = AuthError::WrongCertificate;
    vec![
        case("certificate: signed by a stranger", shown(certified(), stranger), wrong.clone()),
        case("certificate: for another chain", shown(certified(), elsewhere), wrong.clone()),
        case(
            "certificate: another method",
            shown(SessionCertificate { method: AuthMethod::google("2", "client"), ..certified() }, own),
            wrong.clone(),
        ),
        case(
            "certificate: a longer life",
            shown(SessionCertificate { expires_at: NOW + 2 * DAY, ..certified() }, own),
            wrong.clone(),
        ),
        case(
            "certificate: another key",
            shown(SessionCertificate { session: session(6).verifying_key().to_bytes(), ..certified() }, own),
            wrong.clone(),
        ),
        case(
            "certificate: no PKP",
            shown(SessionCertificate { pkp: None, ..certified() }, own),
            wrong.clone(),
        ),
        case(
            "certificate: another key set",
            check(SessionCertificate { keyset: KeysetId(1), ..certified() }),
            wrong.clone(),
        ),
        case(
            "certificate: no committee",
            no_committee.check(&asked, &under(by_committee(certified()), &asked)),
            wrong,
        ),
        case(
            "certificate: expired",
            check(SessionCertificate { expires_at: NOW - 61, ..certified() }),
            AuthError::Expired { at: NOW - 61 },
        ),
        case(
            "certificate: of more than 30 days ago",
            check(SessionCertificate { since: FINALIZED - 864_001, ..certified() }),
            AuthError::OldBlock { number: FINALIZED - 864_001, oldest: FINALIZED - 864_000 },
        ),
        case(
            "certificate: of a block to come",
            check(SessionCertificate { since: FINALIZED + 1, ..certified() }),
            AuthError::BlockAhead { number: FINALIZED + 1 },
        ),
        case("certificate: as another PKP", check(other), AuthError::OtherPkp { session: other_pkp }),
        case(
            "certificate: for something else",
            world.check(&to_decrypt(), &under(by_committee(certified()), &to_decrypt())),
            AuthError::NotGranted { granted: vec![signing()] },
        ),
    ]
}

fn session_requests() -> Vec<Case> {
    let world = World::new();
    let check = |request: SessionRequest| {
        let asked = Asked::to_certify(&GENESIS, &request);
        let signature = Wallet::new(1).sign(asked.text.as_bytes());
        world.check(&asked, &Authorisation::Eip191 { address: Wallet::new(1).address(), signature })
    };
    let changed = |change: fn(&mut SessionRequest)| {
        let mut request = session_request();
        change(&mut request);
        check(possessed(request))
    };
    let unsigned = |change: fn(&mut SessionRequest)| {
        let mut request = session_request();
        change(&mut request);
        check(request)
    };
    let limit = 30 * DAY + 60;
    let under_session = under(delegated(&good()), &to_sign());
    vec![
        case(
            "session request: no possession",
            unsigned(|of| of.possession = [0; 64]),
            AuthError::NoPossession,
        ),
        case(
            "session request: somebody else's key",
            unsigned(|of| of.session = session(6).verifying_key().to_bytes()),
            AuthError::NoPossession,
        ),
        case(
            "session request: changed after signing",
            unsigned(|of| of.expires_at = NOW + 2 * DAY),
            AuthError::NoPossession,
        ),
        case(
            "session request: nothing asked for",
            changed(|of| of.capabilities = Capabilities::default()),
            AuthError::GrantsNothing,
        ),
        case(
            "session request: another PKP's signatures",
            changed(|of| of.pkp = Some(PkpId([1; 32]))),
            AuthError::ForeignPkp,
        ),
        case(
            "session request: any PKP's signatures",
            changed(|of| {
                of.capabilities = Capabilities::truncate_from(vec![Capability { id: None, ..signing() }]);
            }),
            AuthError::ForeignPkp,
        ),
        case(
            "session request: a block of another chain",
            changed(|of| of.block = [0xee; 32]),
            AuthError::UnknownBlock,
        ),
        case(
            "session request: an old block",
            changed(|of| of.block = [1; 32]),
            AuthError::OldBlock { number: FINALIZED - 201, oldest: FINALIZED - 200 },
        ),
        case(
            "session request: over before it begins",
            changed(|of| of.expires_at = NOW - 61),
            AuthError::Expired { at: NOW - 61 },
        ),
        case(
            "session request: for more than 30 days",
            changed(|of| of.expires_at = NOW + 30 * DAY + 61),
            AuthError::TooLong { seconds: limit + 1, limit },
        ),
        case(
            "session request: for ever",
            changed(|of| of.expires_at = u64::MAX),
            AuthError::TooLong { seconds: u64::MAX - NOW, limit },
        ),
        case(
            "session request: by a session",
            world.check(&to_certify(), &under_session),
            AuthError::SessionForSession,
        ),
    ]
}
