//! Id tokens and Discord's access tokens.

use base64ct::{Base64UrlUnpadded, Encoding};
use conclave_auth::{
    Asked, AuthError, AuthMethod, Authenticated, Authorisation, Memory, Query, QueryFailure, TokenError,
    Verdict,
};
use conclave_primitives::SessionRequest;
use p256::ecdsa::signature::Signer;
use serde_json::{json, Value};

use crate::{
    fixture::{bytes, possessed, session_request, to_certify, to_sign, World, GENESIS, MOMENT, NOW},
    refused::{case, Case},
};

const ISSUER: &str = "https://id.example.com";

fn encode(value: &Value) -> String {
    Base64UrlUnpadded::encode_string(value.to_string().as_bytes())
}

/// The provider's key of this number; providers rotate.
fn key(number: u8) -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[number; 32]).expect("a scalar")
}

fn jwk(number: u8) -> Value {
    let point = key(number).verifying_key().to_sec1_point(false);
    let part = |from: usize| Base64UrlUnpadded::encode_string(&point.as_bytes()[from..from + 32]);
    json!({ "kty": "EC", "crv": "P-256", "kid": format!("key-{number}"), "x": part(1), "y": part(33) })
}

fn keys(numbers: &[u8]) -> Vec<u8> {
    json!({ "keys": numbers.iter().map(|number| jwk(*number)).collect::<Vec<_>>() }).to_string().into_bytes()
}

fn header() -> Value {
    json!({ "alg": "ES256", "kid": "key-1", "typ": "JWT" })
}

fn claims(asked: &Asked) -> Value {
    json!({
        "iss": ISSUER, "sub": "alice", "aud": "client", "iat": NOW - 5, "exp": NOW + 3_600,
        "nonce": Base64UrlUnpadded::encode_string(&asked.challenge), "email": "alice@example.com",
    })
}

fn signed(header: &str, claims: &str, number: u8) -> String {
    let signature: p256::ecdsa::Signature = key(number).sign(format!("{header}.{claims}").as_bytes());
    format!("{header}.{claims}.{}", Base64UrlUnpadded::encode_string(&signature.to_bytes()))
}

fn token(header: &Value, claims: &Value, number: u8) -> String {
    signed(&encode(header), &encode(claims), number)
}

fn authorisation(token: &str) -> Authorisation {
    Authorisation::OpenId { token: bytes(token) }
}

fn with(base: &Value, name: &str, value: Value) -> Value {
    let mut changed = base.clone();
    changed[name] = value;
    changed
}

fn without(base: &Value, name: &str) -> Value {
    let mut changed = base.clone();
    changed.as_object_mut().expect("an object").remove(name);
    changed
}

fn run(asked: &Asked, token: &str) -> Result<Authenticated, AuthError> {
    World::new().run(asked, &authorisation(token), Ok(keys(&[1, 2])))
}

#[test]
fn a_token_should_authorise_requests_and_sessions() {
    let alice = AuthMethod::open_id(ISSUER, "client", "alice");
    for asked in [to_sign(), to_certify()] {
        let base = claims(&asked);
        for good in [
            base.clone(),
            with(&base, "aud", json!(["client"])),
            with(&base, "azp", json!("client")),
            with(&base, "nbf", json!(NOW + 60)),
            with(&base, "iat", json!(NOW + 60)),
            with(&with(&base, "iat", json!(NOW - 7_200)), "exp", json!(NOW - 60)),
        ] {
            let found = run(&asked, &token(&header(), &good, 1)).map(|found| found.method);
            assert_eq!(found, Ok(alice), "{good}");
        }
    }
}

/// A token for one session key says nothing for another, nor on another chain, nor after another block.
#[test]
fn a_token_should_serve_its_session_key_whatever_the_pkp() {
    let login = claims(&to_certify());
    let asked = |request: SessionRequest| Asked::to_certify(&GENESIS, &possessed(request));
    let other_pkp = asked(SessionRequest { pkp: None, ..session_request() });
    assert!(
        run(&other_pkp, &token(&header(), &login, 1)).is_ok(),
        "the client learns the PKP from the login"
    );
    assert_eq!(other_pkp.challenge, to_certify().challenge);
}

#[test]
fn keys_should_be_kept_for_an_hour_and_rotated_at_once() {
    let (mut world, mut memory, asked) = (World::new(), Memory::default(), to_sign());
    // A token for a long day.
    let claims = with(&claims(&asked), "exp", json!(NOW + 80_000));
    let by = |number: u8| {
        authorisation(&token(&with(&header(), "kid", json!(format!("key-{number}"))), &claims, number))
    };
    let ask = |world: &World, number, memory: &mut Memory| match world.check_with(&asked, &by(number), memory)
    {
        Ok(Verdict::Ask(question)) => Some(question),
        Ok(Verdict::Authenticated(_)) => None,
        Err(error) => panic!("{error:?}"),
    };
    let question = ask(&world, 1, &mut memory).expect("nothing is known yet");
    assert_eq!(question.query(), &Query::Get { url: format!("{ISSUER}/keys"), bearer: None });
    question.answer(Ok(keys(&[1])), MOMENT, &mut memory).expect("key 1");
    assert!(ask(&world, 1, &mut memory).is_none(), "kept");

    // A new key, just after the set was fetched: not asked again for a minute.
    let unknown = world.check_with(&asked, &by(2), &mut memory).err();
    assert_eq!(unknown, Some(TokenError::UnknownKey("key-2".into()).into()));
    world.moment.now = NOW + 60;
    let question = ask(&world, 2, &mut memory).expect("a minute later");
    question.answer(Ok(keys(&[2])), world.moment, &mut memory).expect("key 2");
    // Key 1 is gone: its tokens count no more.
    let gone = world.check_with(&asked, &by(1), &mut memory).err();
    assert_eq!(gone, Some(TokenError::UnknownKey("key-1".into()).into()));

    world.moment.now = NOW + 60 + 3_600;
    let stale = ask(&world, 2, &mut memory).expect("an hour later");
    let failed = stale.answer(Err(QueryFailure::Status(503)), world.moment, &mut memory);
    assert_eq!(failed, Err(AuthError::Unavailable("status 503".into())), "a stale set counts no more");
}

fn discord() -> Authorisation {
    Authorisation::Discord { token: bytes("secret-token") }
}

fn information() -> Value {
    json!({
        "application": { "id": "4242", "name": "Example" }, "scopes": ["identify"],
        "expires": "2026-11-29T12:00:00.017000+00:00", "user": { "id": "1234", "username": "alice" },
    })
}

fn discord_says(answer: &Value) -> Result<Authenticated, AuthError> {
    World::new().run(&to_certify(), &discord(), Ok(answer.to_string().into_bytes()))
}

#[test]
fn a_discord_user_should_get_a_session() {
    let found = discord_says(&information()).expect("good");
    assert_eq!(found.method, AuthMethod::discord("1234", "4242"));
    let Ok(Verdict::Ask(question)) = World::new().check(&to_certify(), &discord()) else { panic!("asked") };
    let Query::Get { url, bearer: Some(bearer) } = question.query() else { panic!("with the token") };
    assert!(url.starts_with("https://discord.com/api/") && bearer.reveal() == "secret-token");
    assert!(!format!("{question:?}").contains("secret-token"), "a token is not logged");
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = forms();
    cases.extend(values());
    cases.extend(key_sets());
    cases.extend(discord_cases());
    cases
}

fn forms() -> Vec<Case> {
    let asked = to_sign();
    let good = token(&header(), &claims(&asked), 1);
    let run = |token: &str| run(&asked, token);
    let headed = |header: Value| run(&token(&header, &claims(&asked), 1));
    let raw = |claims: &str| {
        let claims = Base64UrlUnpadded::encode_string(claims.as_bytes());
        run(&signed(&encode(&header()), &claims, 1))
    };
    let text = claims(&asked).to_string();
    let worded = |name: &str, got: Result<Authenticated, AuthError>, in_header: bool, why: &str| {
        let words = match &got {
            Err(AuthError::Token(TokenError::Header(text) | TokenError::Claims(text)))
                if text.contains(why) =>
            {
                text.clone()
            }
            _ => why.to_owned(),
        };
        case(name, got, if in_header { TokenError::Header(words) } else { TokenError::Claims(words) })
    };
    let mut cases = vec![
        case("empty", run(""), TokenError::Form),
        case("two parts", run(good.rsplit_once('.').expect("dots").0), TokenError::Form),
        case("four parts", run(&format!("{good}.AA")), TokenError::Form),
        case("padding", run(&format!("{good}=")), TokenError::Form),
        case("the other alphabet", run(&good.replacen('.', "+.", 1)), TokenError::Form),
        case("a space before", run(&format!(" {good}")), TokenError::Form),
        case("letters outside ASCII", run(&good.replacen('.', "\u{e9}.", 1)), TokenError::Form),
        worded(
            "a header that is no JSON",
            run(&signed("AAAA", &encode(&claims(&asked)), 1)),
            true,
            "expected",
        ),
        worded(
            "a header as a list",
            run(&signed(&encode(&json!(["ES256", "key-1"])), &encode(&claims(&asked)), 1)),
            true,
            "expected an object",
        ),
        worded("no algorithm", headed(without(&header(), "alg")), true, "missing field `alg`"),
        worded("no key id", headed(without(&header(), "kid")), true, "missing field `kid`"),
        worded("another type", headed(with(&header(), "typ", json!("at+jwt"))), true, "`typ` is not JWT"),
        worded("a number as key id", headed(with(&header(), "kid", json!(1))), true, "invalid type"),
        worded(
            "an algorithm twice",
            run(&signed(
                &Base64UrlUnpadded::encode_string(br#"{"alg":"ES256","alg":"none","kid":"key-1"}"#),
                &encode(&claims(&asked)),
                1,
            )),
            true,
            "duplicate field",
        ),
        worded("claims that are no JSON", raw("claims"), false, "expected"),
        worded(
            "claims as a list",
            raw(r#"["https://id.example.com","alice","client"]"#),
            false,
            "expected an object",
        ),
        worded("claims and more", raw(&format!("{text}{text}")), false, "trailing"),
        worded("a subject twice", raw(&text.replacen('{', r#"{"sub":"bob","#, 1)), false, "duplicate field"),
        worded("a nonce twice", raw(&text.replacen('{', r#"{"nonce":"AA","#, 1)), false, "duplicate field"),
    ];
    for (name, value) in [
        ("jwk", jwk(9)),
        ("jku", json!("https://evil.com/keys")),
        ("x5u", json!("https://evil.com/cert")),
        ("x5c", json!(["AA"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
    ] {
        let got = headed(with(&header(), name, value));
        cases.push(worded(&format!("a header with {name}"), got, true, &format!("unknown field `{name}`")));
    }
    for algorithm in ["none", "None", "", "HS256", "HS512", "RS1", "PS256", "ES384", "es256"] {
        let got = headed(with(&header(), "alg", json!(algorithm)));
        cases.push(case(format!("algorithm `{algorithm}`"), got, TokenError::Algorithm(algorithm.into())));
    }
    // `none` with nothing as signature, as libraries of old took it.
    let bare = format!("{}.{}.", encode(&json!({ "alg": "none", "kid": "key-1" })), encode(&claims(&asked)));
    cases.push(case("unsigned", run(&bare), TokenError::Algorithm("none".into())));
    cases
}

fn values() -> Vec<Case> {
    let asked = to_sign();
    let base = claims(&asked);
    let run = |token: &str| run(&asked, token);
    let claimed = |claims: &Value| run(&token(&header(), claims, 1));
    let set = |name: &str, value: Value| claimed(&with(&base, name, value));
    let nonce = TokenError::Nonce { expected: Base64UrlUnpadded::encode_string(&asked.challenge) };
    let refused = |why: &str| TokenError::Claims(why.to_owned());
    let missing = |name: &str| {
        let got = claimed(&without(&base, name));
        let words = match &got {
            Err(AuthError::Token(TokenError::Claims(text))) if text.contains(name) => text.clone(),
            _ => format!("missing {name}"),
        };
        case(format!("no {name}"), got, TokenError::Claims(words))
    };
    let typed = |name: &str, value: Value| {
        let got = set(name, value.clone());
        let words = match &got {
            Err(AuthError::Token(TokenError::Claims(text))) => text.clone(),
            _ => "of another type".into(),
        };
        case(format!("{name} as {value}"), got, TokenError::Claims(words))
    };
    let good = token(&header(), &base, 1);
    let (body, signature) = good.rsplit_once('.').expect("dots");
    let changed = {
        let claims = encode(&with(&base, "sub", json!("bob")));
        format!("{}.{claims}.{signature}", encode(&header()))
    };
    let der: p256::ecdsa::Signature = key(1).sign(body.as_bytes());
    let der = Base64UrlUnpadded::encode_string(der.to_der().as_bytes());
    let other_algorithm = |algorithm: &str| TokenError::OtherAlgorithm {
        key: "key-1".into(),
        expected: "ES256".into(),
        got: algorithm.into(),
    };
    let several = refused("`aud` names another number of clients than one");
    let empty = refused("`iss`, `sub` or `aud` is empty");
    vec![
        missing("iss"),
        missing("sub"),
        missing("aud"),
        missing("exp"),
        missing("iat"),
        typed("exp", json!("tomorrow")),
        typed("exp", json!(1e300)),
        typed("exp", json!(-1)),
        typed("iat", json!(1.5)),
        typed("sub", json!(1)),
        typed("aud", json!({ "client": true })),
        case("no nonce", claimed(&without(&base, "nonce")), nonce.clone()),
        case("an empty nonce", set("nonce", json!("")), nonce.clone()),
        case(
            "another session key's nonce",
            set("nonce", claims(&to_certify())["nonce"].clone()),
            nonce.clone(),
        ),
        case("the nonce in hex", set("nonce", json!(hex::encode(asked.challenge))), nonce),
        case(
            "another issuer",
            set("iss", json!("https://evil.com")),
            TokenError::Issuer("https://evil.com".into()),
        ),
        case(
            "an issuer with a slash at the end",
            set("iss", json!("https://id.example.com/")),
            TokenError::Issuer("https://id.example.com/".into()),
        ),
        case(
            "an issuer of another scheme",
            set("iss", json!("http://id.example.com")),
            TokenError::Issuer("http://id.example.com".into()),
        ),
        case("another client", set("aud", json!("evil")), TokenError::Audience("evil".into())),
        case("two clients", set("aud", json!(["client", "evil"])), several.clone()),
        case("no client in the list", set("aud", json!([])), several),
        case("an empty client", set("aud", json!("")), empty.clone()),
        case("an empty subject", set("sub", json!("")), empty),
        case(
            "asked for by another client",
            set("azp", json!("evil")),
            refused("`azp` is another client than `aud`"),
        ),
        case(
            "token expired",
            claimed(&with(&with(&base, "iat", json!(NOW - 3_600)), "exp", json!(NOW - 61))),
            AuthError::Expired { at: NOW - 61 },
        ),
        case("token from the future", set("iat", json!(NOW + 61)), AuthError::NotYetValid { from: NOW + 61 }),
        case("token not valid yet", set("nbf", json!(NOW + 61)), AuthError::NotYetValid { from: NOW + 61 }),
        case(
            "token for two days",
            set("exp", json!(NOW - 5 + 2 * 86_400)),
            AuthError::TooLong { seconds: 2 * 86_400, limit: 86_400 },
        ),
        case(
            "token for ever",
            set("exp", json!(u64::MAX)),
            AuthError::TooLong { seconds: u64::MAX - (NOW - 5), limit: 86_400 },
        ),
        case("token that ends before it begins", set("exp", json!(NOW - 5)), AuthError::EndsBeforeItBegins),
        case("another key's signature", run(&token(&header(), &base, 2)), TokenError::Signature),
        case("claims changed after signing", run(&changed), TokenError::Signature),
        case("no signature", run(&format!("{body}.")), TokenError::Signature),
        case("a signature in DER", run(&format!("{body}.{der}")), TokenError::Signature),
        case(
            "a signature of zeros",
            run(&format!("{body}.{}", Base64UrlUnpadded::encode_string(&[0; 64]))),
            TokenError::Signature,
        ),
        case(
            "RS256 under a key for ES256",
            run(&token(&with(&header(), "alg", json!("RS256")), &base, 1)),
            other_algorithm("RS256"),
        ),
        case(
            "EdDSA under a key for ES256",
            run(&token(&with(&header(), "alg", json!("EdDSA")), &base, 1)),
            other_algorithm("EdDSA"),
        ),
        case(
            "an unknown key",
            run(&token(&with(&header(), "kid", json!("key-3")), &base, 1)),
            TokenError::UnknownKey("key-3".into()),
        ),
        case(
            "a key id that leads elsewhere",
            run(&token(&with(&header(), "kid", json!("../../key-1")), &base, 1)),
            TokenError::UnknownKey("../../key-1".into()),
        ),
    ]
}

fn key_sets() -> Vec<Case> {
    let asked = to_sign();
    let good = authorisation(&token(&header(), &claims(&asked), 1));
    let run = |answer| World::new().run(&asked, &good, answer);
    let says = |value: Value| run(Ok(value.to_string().into_bytes()));
    let url = format!("{ISSUER}/keys");
    let unavailable = |why: &str| AuthError::Unavailable(format!("the key set at {url} {why}"));
    let unknown = TokenError::UnknownKey("key-1".into());
    let worded = |name: &str, got: Result<Authenticated, AuthError>| {
        let expected = match &got {
            Err(AuthError::Unavailable(text)) if text.starts_with(&format!("the key set at {url}: ")) => {
                AuthError::Unavailable(text.clone())
            }
            _ => unavailable("cannot be read"),
        };
        case(name, got, expected)
    };
    let beside = |changed: Value| says(json!({ "keys": [changed, jwk(2)] }));
    let none = "has no key for RS256, ES256 or EdDSA";
    let symmetric = json!({ "kty": "oct", "kid": "key-1", "k": "AA", "alg": "HS256" });
    vec![
        worded("keys: no JSON", run(Ok(b"<html>".to_vec()))),
        worded("keys: a list", says(json!([]))),
        worded("keys: a number", says(json!({ "keys": 1 }))),
        case("keys: none", says(json!({ "keys": [] })), unavailable(none)),
        case("keys: symmetric ones only", says(json!({ "keys": [symmetric] })), unavailable(none)),
        case(
            "keys: two of one id",
            says(json!({ "keys": [jwk(1), with(&jwk(2), "kid", json!("key-1"))] })),
            unavailable("has two keys `key-1`"),
        ),
        case("keys: 65", run(Ok(keys(&[1; 65]))), unavailable("has more than 64 keys")),
        case("keys: a megabyte", run(Ok(vec![b' '; 1 << 20])), unavailable("is longer than 65536 bytes")),
        case("keys: for encryption", beside(with(&jwk(1), "use", json!("enc"))), unknown.clone()),
        case("keys: for another algorithm", beside(with(&jwk(1), "alg", json!("ES384"))), unknown.clone()),
        case("keys: on another curve", beside(with(&jwk(1), "crv", json!("P-384"))), unknown.clone()),
        case("keys: off the curve", beside(with(&jwk(1), "x", jwk(2)["x"].clone())), unknown.clone()),
        case("keys: without an id", beside(without(&jwk(1), "kid")), unknown),
        case(
            "keys: status 500",
            run(Err(QueryFailure::Status(500))),
            AuthError::Unavailable("status 500".into()),
        ),
    ]
}

fn discord_cases() -> Vec<Case> {
    let refused = |why: &str| AuthError::Discord(why.to_owned());
    let fails = |failure| World::new().run(&to_certify(), &discord(), Err(failure));
    let mut not_offered = World::new();
    not_offered.settings.discord = None;
    let spoilt =
        |token: &str| World::new().check(&to_certify(), &Authorisation::Discord { token: bytes(token) });
    let unreadable = {
        let got = discord_says(&json!({}));
        let expected = match &got {
            Err(AuthError::Unavailable(text)) if text.contains("missing field") => text.clone(),
            _ => "missing field".into(),
        };
        case("Discord: an answer that says nothing", got, AuthError::Unavailable(expected))
    };
    let twice = {
        let (world, mut memory) = (World::new(), Memory::default());
        let Ok(Verdict::Ask(question)) = world.check_with(&to_certify(), &discord(), &mut memory) else {
            panic!("asked")
        };
        question.answer(Ok(information().to_string().into_bytes()), MOMENT, &mut memory).expect("good");
        let other = crate::fixture::session(6);
        let mut request = SessionRequest { session: other.verifying_key().to_bytes(), ..session_request() };
        request.possession =
            ed25519_dalek::Signer::sign(&other, &request.possession_bytes(&GENESIS)).to_bytes();
        world.check_with(&Asked::to_certify(&GENESIS, &request), &discord(), &mut memory)
    };
    let no_token = "the access token is not one";
    vec![
        unreadable,
        case("Discord: for a request", World::new().check(&to_sign(), &discord()), AuthError::SessionOnly),
        case(
            "Discord: not offered",
            not_offered.check(&to_certify(), &discord()),
            AuthError::NotOffered("Discord".into()),
        ),
        case("Discord: no token", spoilt(""), refused(no_token)),
        case("Discord: a header in the token", spoilt("a\r\nHost: evil.com"), refused(no_token)),
        case("Discord: a token of another session", twice, AuthError::TokenUsed),
        case(
            "Discord: an unknown token",
            fails(QueryFailure::Status(401)),
            refused("it does not know the access token"),
        ),
        case(
            "Discord: it is down",
            fails(QueryFailure::Status(503)),
            AuthError::Unavailable("status 503".into()),
        ),
        case(
            "Discord: another application",
            discord_says(&with(&information(), "application", json!({ "id": "666" }))),
            refused("the access token is for another application"),
        ),
        case(
            "Discord: another scope",
            discord_says(&with(&information(), "scopes", json!(["guilds"]))),
            refused("the access token may not tell who the user is"),
        ),
        case(
            "Discord: no user",
            discord_says(&without(&information(), "user")),
            refused("the access token names no user"),
        ),
        case(
            "Discord: a user with a colon",
            discord_says(&with(&information(), "user", json!({ "id": "1:2" }))),
            AuthError::Unavailable("Discord's answer names no user and application".into()),
        ),
        case(
            "Discord: an expired token",
            discord_says(&with(&information(), "expires", json!("2026-11-22T11:58:00+00:00"))),
            AuthError::Expired { at: NOW - 120 },
        ),
        case(
            "Discord: no date",
            discord_says(&with(&information(), "expires", json!("soon"))),
            AuthError::Unavailable("Discord's answer has no date".into()),
        ),
    ]
}
