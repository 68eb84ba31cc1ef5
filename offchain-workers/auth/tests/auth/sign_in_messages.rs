//! Messages of EIP-4361 for one request: how they are written, and what they bind.

use conclave_auth::{
    siwe::{Field, SiweError},
    AuthError, AuthMethod, Authorisation, Verdict,
};

use crate::{
    fixture::{bytes, date, to_sign, Siwe, Wallet, World, FINALIZED, NOW},
    refused::{case, Case},
};

fn signed(text: &str) -> Authorisation {
    Authorisation::Siwe { message: bytes(text), signature: Wallet::new(1).sign(text.as_bytes()) }
}

#[test]
fn a_message_for_the_request_should_authorise_it() {
    let base = Siwe::for_request(&to_sign());
    let good = [
        base.clone(),
        Siwe { statement: None, ..base.clone() },
        Siwe { first: "https://example.com".into(), ..base.clone() },
        Siwe { not_before: Some(date(NOW)), ..base.clone() },
        Siwe { nonce: format!("0x{}", base.nonce), ..base.clone() },
        Siwe { resources: vec!["ipfs://bafy".into(), "urn:a:b".into()], ..base.clone() },
        // Clocks differ by up to a minute.
        Siwe { issued: date(NOW + 60), ..base.clone() },
        Siwe { issued: date(NOW - 120), expiration: Some(date(NOW - 60)), ..base },
    ];
    for siwe in good {
        let text = siwe.text();
        let verdict = World::new().check(&to_sign(), &signed(&text));
        let Ok(Verdict::Authenticated(found)) = verdict else { panic!("{verdict:?} of {text}") };
        assert_eq!(found.method, AuthMethod::EthereumWallet(Wallet::new(1).address()));
    }
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = written();
    cases.extend(bound());
    cases
}

/// What is not written as the ABNF demands. The wallet did sign it.
fn written() -> Vec<Case> {
    let base = Siwe::for_request(&to_sign());
    let text = base.text();
    let world = World::new();
    let check = |text: &str| world.check(&to_sign(), &signed(text));
    let malformed = SiweError::Malformed;
    let missing = SiweError::Missing;
    let resources = "\nResources:\n- https://example.com";
    let optional = |line: &str| format!("{text}\n{line}");
    let replaced = |from: &str, to: &str| {
        assert!(text.contains(from), "{from} is in the message");
        text.replace(from, to)
    };
    let address = base.address.as_str();
    let table: Vec<(&str, String, SiweError)> = vec![
        ("empty", String::new(), missing(Field::Domain)),
        ("no text at all", "\n".into(), missing(Field::Domain)),
        (
            "another greeting",
            replaced("wants you to sign in", "would like to sign you in"),
            missing(Field::Domain),
        ),
        (
            "greeting of another wallet",
            replaced("Ethereum account", "Solana account"),
            missing(Field::Domain),
        ),
        ("line feeds of Windows", text.replace('\n', "\r\n"), SiweError::NotAscii),
        (
            "a homoglyph in the domain",
            replaced("example.com wants", "ex\u{430}mple.com wants"),
            SiweError::NotAscii,
        ),
        (
            "a statement with letters outside ASCII",
            replaced("Sign with", "Unterschr\u{ed}be"),
            SiweError::NotAscii,
        ),
        ("a NUL", replaced("Sign with", "Sign\0with"), SiweError::NotAscii),
        ("a byte order mark", format!("\u{feff}{text}"), SiweError::NotAscii),
        ("an empty domain", replaced("example.com wants", " wants"), malformed(Field::Domain)),
        (
            "a domain with a space",
            replaced("example.com wants", "example.com evil wants"),
            malformed(Field::Domain),
        ),
        (
            "a domain with a path",
            replaced("example.com wants", "example.com/a wants"),
            malformed(Field::Domain),
        ),
        (
            "a domain with a port above 65535",
            replaced("example.com wants", "example.com:65536 wants"),
            malformed(Field::Domain),
        ),
        (
            "a domain with a port of letters",
            replaced("example.com wants", "example.com:http wants"),
            malformed(Field::Domain),
        ),
        (
            "a domain with a signed port",
            replaced("example.com wants", "example.com:+80 wants"),
            malformed(Field::Domain),
        ),
        (
            "a domain in brackets that is no address",
            replaced("example.com wants", "[example.com] wants"),
            malformed(Field::Domain),
        ),
        (
            "a domain with an open bracket",
            replaced("example.com wants", "[::1 wants"),
            malformed(Field::Domain),
        ),
        (
            "a domain with a bad escape",
            replaced("example.com wants", "example%2.com wants"),
            malformed(Field::Domain),
        ),
        (
            "a user before the domain",
            replaced("example.com wants", "example.com@evil.com wants"),
            SiweError::UserInformation(Field::Domain),
        ),
        (
            "a scheme that is none",
            replaced("example.com wants", "1http://example.com wants"),
            malformed(Field::Domain),
        ),
        ("no address", replaced(address, ""), malformed(Field::Address)),
        ("an address without 0x", replaced(address, &address[2..]), malformed(Field::Address)),
        ("an address that is too short", replaced(address, &address[..40]), malformed(Field::Address)),
        ("an address that is too long", replaced(address, &format!("{address}0")), malformed(Field::Address)),
        (
            "an address with another letter",
            replaced(address, &address.replace('a', "g")),
            malformed(Field::Address),
        ),
        ("an address in lower case", replaced(address, &address.to_lowercase()), SiweError::Checksum),
        (
            "an address in upper case",
            replaced(address, &format!("0x{}", address[2..].to_uppercase())),
            SiweError::Checksum,
        ),
        ("no blank line behind the address", replaced("\n\nSign", "\nSign"), missing(Field::Statement)),
        ("two lines of statement", replaced("my PKP.", "my PKP.\nAnd more."), missing(Field::Statement)),
        ("no blank line behind the statement", replaced("PKP.\n\n", "PKP.\n"), missing(Field::Statement)),
        (
            "three blank lines instead of a statement",
            replaced("Sign with my PKP.\n", "\n\n"),
            missing(Field::Uri),
        ),
        ("a statement in quotation marks", replaced("my PKP", "\"my\" PKP"), malformed(Field::Statement)),
        ("a statement with markup", replaced("my PKP", "<b>my</b> PKP"), malformed(Field::Statement)),
        ("no URI", replaced("URI: https://example.com/login\n", ""), missing(Field::Uri)),
        (
            "a URI without a scheme",
            replaced("URI: https://example.com/login", "URI: example.com/login"),
            malformed(Field::Uri),
        ),
        ("a URI with a space", replaced("/login", "/log in"), malformed(Field::Uri)),
        ("a URI with a bad escape", replaced("/login", "/log%zz"), malformed(Field::Uri)),
        (
            "a URI with nothing behind the scheme",
            replaced("https://example.com/login", "https:"),
            malformed(Field::Uri),
        ),
        (
            "a URI with a user",
            replaced("https://example.com/login", "https://example.com@evil.com/"),
            SiweError::UserInformation(Field::Uri),
        ),
        ("a name in lower case", replaced("URI: ", "uri: "), missing(Field::Uri)),
        ("no space behind a name", replaced("URI: ", "URI:"), missing(Field::Uri)),
        ("no version", replaced("Version: 1\n", ""), missing(Field::Version)),
        ("version 2", replaced("Version: 1", "Version: 2"), SiweError::Version),
        ("version 1.0", replaced("Version: 1", "Version: 1.0"), SiweError::Version),
        ("no chain id", replaced("Chain ID: 1\n", ""), missing(Field::ChainId)),
        ("chain id 0", replaced("Chain ID: 1", "Chain ID: 0"), malformed(Field::ChainId)),
        (
            "a chain id with a leading zero",
            replaced("Chain ID: 1", "Chain ID: 01"),
            malformed(Field::ChainId),
        ),
        ("a signed chain id", replaced("Chain ID: 1", "Chain ID: +1"), malformed(Field::ChainId)),
        ("a chain id in hex", replaced("Chain ID: 1", "Chain ID: 0x1"), malformed(Field::ChainId)),
        (
            "a chain id above 2^64",
            replaced("Chain ID: 1", "Chain ID: 18446744073709551616"),
            malformed(Field::ChainId),
        ),
        ("no nonce", replaced(&format!("Nonce: {}\n", base.nonce), ""), missing(Field::Nonce)),
        ("a nonce of seven letters", replaced(&base.nonce, "1234567"), malformed(Field::Nonce)),
        ("a nonce with a hyphen", replaced(&base.nonce, "12345678-9"), malformed(Field::Nonce)),
        ("no issued at", replaced(&format!("\nIssued At: {}", base.issued), ""), missing(Field::IssuedAt)),
        ("a date without a time", replaced(&base.issued, "2026-11-22"), malformed(Field::IssuedAt)),
        ("a date without a zone", replaced(&base.issued, "2026-11-22T12:00:00"), malformed(Field::IssuedAt)),
        ("a month 13", replaced(&base.issued, "2026-13-22T12:00:00Z"), malformed(Field::IssuedAt)),
        ("seconds since 1970", replaced(&base.issued, "1795348800"), malformed(Field::IssuedAt)),
        (
            "an expiration that is no date",
            replaced(&format!("Expiration Time: {}", date(NOW + 600)), "Expiration Time: never"),
            malformed(Field::ExpirationTime),
        ),
        (
            "a request id with a space",
            replaced("Request ID: 0x", "Request ID: 0 x"),
            malformed(Field::RequestId),
        ),
        ("a field twice", optional(&format!("Request ID: {}", to_sign().id)), SiweError::Trailing),
        ("a field out of order", optional(&format!("Not Before: {}", date(NOW))), SiweError::Trailing),
        ("an unknown field", optional("Scope: everything"), SiweError::Trailing),
        ("a line feed at the end", format!("{text}\n"), SiweError::Trailing),
        ("text behind the message", optional("\nYours sincerely"), SiweError::Trailing),
        ("a second message behind the first", format!("{text}\n{text}"), SiweError::Trailing),
        ("resources without a hyphen", optional("Resources:\nhttps://example.com"), SiweError::Trailing),
        ("a resource that is no URI", optional("Resources:\n- everything"), malformed(Field::Resources)),
        ("an empty resource", optional("Resources:\n- "), malformed(Field::Resources)),
        ("text behind the resources", format!("{text}{resources}\nmore"), SiweError::Trailing),
        ("resources twice", format!("{text}{resources}{resources}"), SiweError::Trailing),
    ];
    table.into_iter().map(|(name, text, expected)| case(name, check(&text), expected)).collect()
}

/// What is written well and binds something else.
fn bound() -> Vec<Case> {
    let base = Siwe::for_request(&to_sign());
    let world = World::new();
    let check = |siwe: Siwe| world.check(&to_sign(), &signed(&siwe.text()));
    let other_request = AuthError::OtherRequest { expected: to_sign().id };
    let nonce = |byte: u8| hex::encode([byte; 32]);
    let evil = "https://evil.com/login";
    let mut broken = World::new();
    broken.chain.broken = true;
    let mut cases = vec![
        case(
            "expired",
            check(Siwe { issued: date(NOW - 600), expiration: Some(date(NOW - 61)), ..base.clone() }),
            AuthError::Expired { at: NOW - 61 },
        ),
        case("never expires", check(Siwe { expiration: None, ..base.clone() }), AuthError::NoExpiry),
        case(
            "valid for more than an hour",
            check(Siwe { expiration: Some(date(NOW + 3_601)), ..base.clone() }),
            AuthError::TooLong { seconds: 3_601, limit: 3_600 },
        ),
        case(
            "valid for a hundred years",
            check(Siwe { expiration: Some("2126-11-22T12:00:00Z".into()), ..base.clone() }),
            AuthError::TooLong { seconds: 3_155_673_600, limit: 3_600 },
        ),
        case(
            "issued in the future",
            check(Siwe { issued: date(NOW + 61), ..base.clone() }),
            AuthError::NotYetValid { from: NOW + 61 },
        ),
        case(
            "not before tomorrow",
            check(Siwe { not_before: Some(date(NOW + 500)), ..base.clone() }),
            AuthError::NotYetValid { from: NOW + 500 },
        ),
        case(
            "ends before it begins",
            check(Siwe { expiration: Some(date(NOW - 1)), ..base.clone() }),
            AuthError::EndsBeforeItBegins,
        ),
        case(
            "ends before Not Before",
            check(Siwe { not_before: Some(date(NOW + 700)), ..base.clone() }),
            AuthError::EndsBeforeItBegins,
        ),
        case(
            "another domain",
            check(Siwe { first: "evil.com".into(), uri: evil.into(), ..base.clone() }),
            AuthError::OtherDomain { got: "evil.com".into() },
        ),
        case(
            "a domain below",
            check(Siwe {
                first: "a.example.com".into(),
                uri: "https://a.example.com".into(),
                ..base.clone()
            }),
            AuthError::OtherDomain { got: "a.example.com".into() },
        ),
        case(
            "another port",
            check(Siwe {
                first: "example.com:444".into(),
                uri: "https://example.com:444".into(),
                ..base.clone()
            }),
            AuthError::OtherDomain { got: "example.com:444".into() },
        ),
        case(
            "a URI of another domain",
            check(Siwe { uri: evil.into(), ..base.clone() }),
            AuthError::OtherUri { uri: evil.into(), domain: "example.com".into() },
        ),
        case(
            "a URI without a domain",
            check(Siwe { uri: "did:key:example".into(), ..base.clone() }),
            AuthError::OtherUri { uri: "did:key:example".into(), domain: "example.com".into() },
        ),
        case(
            "a delegation instead of a request",
            check(Siwe { uri: format!("lit:session:{}", nonce(1)), ..base.clone() }),
            AuthError::DelegationAsRequest,
        ),
        case(
            "a capacity delegation instead of a request",
            check(Siwe { uri: "lit:capability:delegation".into(), ..base.clone() }),
            AuthError::DelegationAsRequest,
        ),
        case("no request id", check(Siwe { request_id: None, ..base.clone() }), other_request.clone()),
        case(
            "another request's id",
            check(Siwe { request_id: Some(crate::fixture::to_certify().id.to_string()), ..base.clone() }),
            other_request.clone(),
        ),
        case(
            "the same request to another chain",
            check(Siwe {
                request_id: Some(crate::fixture::to_sign_elsewhere().id.to_string()),
                ..base.clone()
            }),
            other_request.clone(),
        ),
        case(
            "the request's id without 0x",
            check(Siwe { request_id: Some(to_sign().id.to_string()[2..].into()), ..base.clone() }),
            other_request,
        ),
        case(
            "a nonce by chance",
            check(Siwe { nonce: "abcdefgh".into(), ..base.clone() }),
            AuthError::NonceForm,
        ),
        case(
            "a nonce that is too long for a hash",
            check(Siwe { nonce: nonce(0x0b) + "00", ..base.clone() }),
            AuthError::NonceForm,
        ),
        case(
            "a block of another chain",
            check(Siwe { nonce: nonce(0xee), ..base.clone() }),
            AuthError::UnknownBlock,
        ),
        case(
            "an old block",
            check(Siwe { nonce: nonce(1), ..base.clone() }),
            AuthError::OldBlock { number: FINALIZED - 201, oldest: FINALIZED - 200 },
        ),
        case(
            "a block that is not final",
            check(Siwe { nonce: nonce(3), ..base.clone() }),
            AuthError::BlockAhead { number: FINALIZED + 1 },
        ),
        case(
            "a chain that cannot be read",
            broken.check(&to_sign(), &signed(&base.text())),
            AuthError::ChainUnavailable,
        ),
    ];
    let text = base.text();
    let by = |message: &str, signature| {
        world.check(&to_sign(), &Authorisation::Siwe { message: bytes(message), signature })
    };
    let other_wallet = Wallet::new(2).sign(text.as_bytes());
    let other_text = Wallet::new(1).sign(b"hello world");
    let changed = Siwe { statement: Some("Sign nothing.".into()), ..base };
    cases.push(case("another wallet's signature", by(&text, other_wallet), AuthError::WrongSignature));
    cases.push(case("a signature of another text", by(&text, other_text), AuthError::WrongSignature));
    cases.push(case(
        "a statement changed after signing",
        by(&changed.text(), Wallet::new(1).sign(text.as_bytes())),
        AuthError::WrongSignature,
    ));
    cases.push(case("a signature of zeros", by(&text, [0; 65]), AuthError::WrongSignature));
    cases
}
