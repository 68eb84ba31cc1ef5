//! Wallets that sign a request's text.

use conclave_auth::{
    adr36_sign_bytes, verify_wallet, Asked, AuthError, AuthMethod, Authorisation, Query, QueryFailure,
    Verdict,
};
use conclave_primitives::{blake2_256, SignRequest};
use ed25519_dalek::Signer;
use k256::ecdsa::signature::hazmat::PrehashSigner;
use sha2::{Digest, Sha256};

use crate::{
    fixture::{
        bytes, session, session_request, sign_request, to_certify, to_sign, to_sign_elsewhere, Wallet, World,
        FINALIZED, GENESIS,
    },
    refused::{case, Case},
};

fn sr25519(text: &str) -> Authorisation {
    let mini = schnorrkel::MiniSecretKey::from_bytes(&[3; 32]).expect("32 bytes");
    let pair = mini.expand_to_keypair(schnorrkel::ExpansionMode::Ed25519);
    let signature = pair.sign_simple(b"substrate", text.as_bytes()).to_bytes();
    Authorisation::Sr25519 { public: pair.public.to_bytes(), signature }
}

fn ed25519(text: &str) -> Authorisation {
    let key = session(4);
    let signature = key.sign(text.as_bytes()).to_bytes();
    Authorisation::Ed25519 { public: key.verifying_key().to_bytes(), signature }
}

fn ecdsa(text: &str) -> Authorisation {
    let key = k256::ecdsa::SigningKey::from_slice(&[6; 32]).expect("a scalar");
    let (rs, id) = key.sign_prehash_recoverable(&blake2_256(text.as_bytes()));
    let mut signature = [0; 65];
    signature[..64].copy_from_slice(&rs.to_bytes());
    signature[64] = id.to_byte();
    let account = blake2_256(key.verifying_key().to_sec1_point(true).as_bytes());
    Authorisation::Ecdsa { account, signature }
}

fn eip191(text: &str) -> Authorisation {
    let wallet = Wallet::new(1);
    Authorisation::Eip191 { address: wallet.address(), signature: wallet.sign(text.as_bytes()) }
}

fn solana(text: &str) -> Authorisation {
    let key = session(8);
    let signature = key.sign(text.as_bytes()).to_bytes();
    Authorisation::Solana { public: key.verifying_key().to_bytes(), signature }
}

fn cosmos(text: &str) -> Authorisation {
    use bech32::{Bech32, Hrp};
    use ripemd::Ripemd160;
    let key = k256::ecdsa::SigningKey::from_slice(&[9; 32]).expect("a scalar");
    let public: [u8; 33] = key.verifying_key().to_sec1_point(true).as_bytes().try_into().expect("compressed");
    let id = Ripemd160::digest(Sha256::digest(public));
    let address = bech32::encode::<Bech32>(Hrp::parse("cosmos").expect("a prefix"), &id).expect("short");
    let digest = Sha256::digest(adr36_sign_bytes(&address, text.as_bytes()));
    let signature: k256::ecdsa::Signature = key.sign_prehash(&digest).expect("32 bytes");
    let signature = signature.normalize_s().to_bytes().into();
    Authorisation::Cosmos { prefix: bytes("cosmos"), public, signature }
}

/// Name, and how it signs.
type Kind = (&'static str, fn(&str) -> Authorisation);

const KINDS: [Kind; 6] = [
    ("sr25519", sr25519),
    ("Ed25519", ed25519),
    ("ECDSA", ecdsa),
    ("EIP-191", eip191),
    ("Solana", solana),
    ("Cosmos", cosmos),
];

/// The signature's bytes, to be spoilt.
fn signature(authorisation: &mut Authorisation) -> &mut [u8] {
    match authorisation {
        Authorisation::Sr25519 { signature, .. }
        | Authorisation::Ed25519 { signature, .. }
        | Authorisation::Solana { signature, .. }
        | Authorisation::Cosmos { signature, .. } => signature,
        Authorisation::Ecdsa { signature, .. } | Authorisation::Eip191 { signature, .. } => signature,
        other => panic!("{other:?}"),
    }
}

/// Another signer's name.
fn rename(authorisation: &mut Authorisation) {
    match authorisation {
        Authorisation::Sr25519 { public, .. } => *public = [0x42; 32],
        Authorisation::Ed25519 { public, .. } | Authorisation::Solana { public, .. } => {
            *public = session(99).verifying_key().to_bytes();
        }
        Authorisation::Ecdsa { account, .. } => account[0] ^= 1,
        Authorisation::Eip191 { address, .. } => address[0] ^= 1,
        Authorisation::Cosmos { public, .. } => public[0] ^= 1,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_wallet_should_authorise_a_request_and_a_session() {
    for asked in [to_sign(), to_certify()] {
        for (name, sign) in KINDS {
            let authorisation = sign(&asked.text);
            let verdict = World::new().check(&asked, &authorisation);
            let Ok(Verdict::Authenticated(found)) = verdict else { panic!("{name}: {verdict:?}") };
            assert_eq!(Some(found.method), verify_wallet(&asked.text, &authorisation), "{name}");
        }
    }
}

#[test]
fn substrate_signatures_should_verify_wrapped() {
    let asked = to_sign();
    let wrapped = format!("<Bytes>{}</Bytes>", asked.text);
    for sign in [sr25519, ed25519, ecdsa] {
        let unwrapped = verify_wallet(&asked.text, &sign(&asked.text));
        assert!(unwrapped.is_some());
        assert_eq!(verify_wallet(&asked.text, &sign(&wrapped)), unwrapped);
    }
}

/// The well-known address of the private key 0x01…01; the digest is the one ethers' documentation has for the text.
#[test]
fn an_ethereum_wallet_should_have_its_address() {
    let signature = Wallet::new(1).sign(b"hello world");
    let address = hex::decode("1a642f0e3c3af545e7acbd38b07251b3990914f1").expect("hex");
    let address = address.try_into().expect("20 bytes");
    let found = |v| {
        let mut signature = signature;
        signature[64] = v;
        verify_wallet("hello world", &Authorisation::Eip191 { address, signature })
    };
    let v = signature[64];
    assert_eq!(found(v), Some(AuthMethod::EthereumWallet(address)));
    assert_eq!(found(v - 27), Some(AuthMethod::EthereumWallet(address)));
    assert_eq!(found(29), None);
    assert_eq!(found(v ^ 7), None);
}

/// Project Wycheproof's vectors (tests/vectors/README.md), as far as their messages are texts.
#[test]
fn ed25519_should_verify_as_wycheproof_says() {
    let json = include_str!("../../../../tests/vectors/wycheproof-ed25519.json");
    let file: serde_json::Value = serde_json::from_str(json).expect("JSON");
    let bytes = |value: &serde_json::Value| hex::decode(value.as_str().expect("text")).expect("hex");
    let (mut valid, mut invalid) = (0, 0);
    for group in file["groups"].as_array().expect("groups") {
        let public = bytes(&group["key"]).try_into().expect("32 bytes");
        for test in group["tests"].as_array().expect("tests") {
            // Of another length than 64 a signature does not even decode.
            let Ok(signature) = bytes(&test["sig"]).try_into() else { continue };
            let Ok(text) = String::from_utf8(bytes(&test["msg"])) else { continue };
            let verified = verify_wallet(&text, &Authorisation::Ed25519 { public, signature }).is_some();
            assert_eq!(verified, test["result"] == "valid", "vector {}", test["tcId"]);
            *if verified { &mut valid } else { &mut invalid } += 1;
        }
    }
    assert!(valid > 10 && invalid > 10, "{valid} valid, {invalid} invalid");
}

fn contract() -> Authorisation {
    Authorisation::ContractWallet { chain_id: 8453, address: [0xc0; 20], signature: bytes([1; 65]) }
}

fn magic() -> Vec<u8> {
    let mut answer = vec![0x16, 0x26, 0xba, 0x7e];
    answer.resize(32, 0);
    answer
}

#[test]
fn a_contract_wallet_should_be_asked_on_its_own_chain() {
    let world = World::new();
    let Ok(Verdict::Ask(question)) = world.check(&to_sign(), &contract()) else { panic!("it is asked") };
    let Query::ContractCall { chain_id, contract: called, data, .. } = question.query() else {
        panic!("a contract is called")
    };
    assert_eq!((*chain_id, *called), (8453, [0xc0; 20]));
    let digest = conclave_auth::eip191_digest(to_sign().text.as_bytes());
    assert_eq!(data[4..36], digest);
    let found = world.run(&to_sign(), &contract(), Ok(magic())).expect("it accepts");
    // An address alone would be another wallet's on another chain.
    assert_eq!(found.method, AuthMethod::ContractWallet { chain_id: 8453, address: [0xc0; 20] });
}

pub(crate) fn cases() -> Vec<Case> {
    let world = World::new();
    let asked = to_sign();
    let check = |authorisation: &Authorisation| world.check(&asked, authorisation);
    let mut cases = Vec::new();
    for (name, sign) in KINDS {
        let wrong = |what: &str, authorisation: Authorisation| {
            case(format!("{name}: {what}"), check(&authorisation), AuthError::WrongSignature)
        };
        let other = Asked::to_sign(&GENESIS, &SignRequest { nonce: [2; 32], ..sign_request() });
        cases.push(wrong("another request's signature", sign(&other.text)));
        cases.push(wrong("a signature for another chain", sign(&to_sign_elsewhere().text)));
        cases.push(wrong("a session request's signature", sign(&to_certify().text)));
        let mut flipped = sign(&asked.text);
        signature(&mut flipped)[7] ^= 1;
        cases.push(wrong("a flipped bit", flipped));
        let mut zero = sign(&asked.text);
        signature(&mut zero).fill(0);
        cases.push(wrong("a signature of zeros", zero));
        let mut renamed = sign(&asked.text);
        rename(&mut renamed);
        cases.push(wrong("another signer's name", renamed));
    }
    // Of every ECDSA signature anybody can make a second one, with n - s.
    for (name, sign) in [("EIP-191", eip191 as fn(&str) -> Authorisation), ("Cosmos", cosmos)] {
        let mut high = sign(&asked.text);
        let bytes = signature(&mut high);
        let low = k256::ecdsa::Signature::from_slice(&bytes[..64]).expect("a signature");
        let (r, s) = low.split_scalars();
        let other = k256::ecdsa::Signature::from_scalars(*r, -*s).expect("not zero");
        bytes[..64].copy_from_slice(&other.to_bytes());
        if bytes.len() == 65 {
            bytes[64] = 55 - bytes[64];
        }
        cases.push(case(format!("{name}: a high s"), check(&high), AuthError::WrongSignature));
    }
    let weak = |of: fn([u8; 32], [u8; 64]) -> Authorisation| {
        let (mut public, mut signature) = ([0; 32], [0; 64]);
        (public[0], signature[0]) = (1, 1);
        check(&of(public, signature))
    };
    cases.push(case(
        "Ed25519: the identity as key, for which anybody can sign",
        weak(|public, signature| Authorisation::Ed25519 { public, signature }),
        AuthError::WrongSignature,
    ));
    cases.push(case(
        "Solana: the identity as key, for which anybody can sign",
        weak(|public, signature| Authorisation::Solana { public, signature }),
        AuthError::WrongSignature,
    ));
    let mut signature = [0; 64];
    // schnorrkel's mark.
    signature[63] = 0x80;
    cases.push(case(
        "sr25519: the identity as key, for which anybody can sign",
        check(&Authorisation::Sr25519 { public: [0; 32], signature }),
        AuthError::WrongSignature,
    ));
    let Authorisation::Cosmos { public, signature, .. } = cosmos(&asked.text) else { panic!("Cosmos") };
    for (name, prefix) in [
        ("another prefix than the document's", "osmo"),
        ("a prefix in capitals", "COSMOS"),
        ("no prefix", ""),
        ("a prefix that breaks out of the document", "c\",\"x\":\""),
    ] {
        let authorisation = Authorisation::Cosmos { prefix: bytes(prefix), public, signature };
        cases.push(case(format!("Cosmos: {name}"), check(&authorisation), AuthError::WrongSignature));
    }
    cases.extend(contract_cases());
    cases.extend(lifetime_cases());
    cases
}

fn contract_cases() -> Vec<Case> {
    let world = World::new();
    let asked = to_sign();
    let run = |answer| world.run(&asked, &contract(), answer);
    let mut stray = magic();
    stray[31] = 1;
    let unavailable = QueryFailure::Unavailable("too few endpoints agree".into());
    let no_chain =
        Authorisation::ContractWallet { chain_id: 0, address: [0xc0; 20], signature: bytes([1; 65]) };
    vec![
        case("contract: it answers no", run(Ok(vec![0xff; 32])), AuthError::ContractRefuses),
        case("contract: it answers zeros", run(Ok(vec![0; 32])), AuthError::ContractRefuses),
        case("contract: it has no code", run(Ok(vec![])), AuthError::ContractRefuses),
        case("contract: four bytes alone", run(Ok(magic()[..4].to_vec())), AuthError::ContractRefuses),
        case("contract: stray bytes", run(Ok(stray)), AuthError::ContractRefuses),
        case("contract: two words", run(Ok([magic(), magic()].concat())), AuthError::ContractRefuses),
        case("contract: it reverts", run(Err(QueryFailure::Reverted)), AuthError::ContractRefuses),
        case(
            "contract: its endpoints disagree",
            run(Err(unavailable)),
            AuthError::Unavailable("too few endpoints agree".into()),
        ),
        case("contract: no chain", world.check(&asked, &no_chain), AuthError::NoChain),
    ]
}

fn lifetime_cases() -> Vec<Case> {
    let world = World::new();
    let until = |valid_until| {
        let asked = Asked::to_sign(&GENESIS, &SignRequest { valid_until, ..sign_request() });
        world.check(&asked, &eip191(&asked.text))
    };
    let session_until = |valid_until| {
        let request = crate::fixture::possessed(conclave_primitives::SessionRequest {
            valid_until,
            ..session_request()
        });
        let asked = Asked::to_certify(&GENESIS, &request);
        world.check(&asked, &eip191(&asked.text))
    };
    let (expired, far) = (FINALIZED - 1, FINALIZED + 201);
    let expired_error = AuthError::RequestExpired { valid_until: expired, finalized: FINALIZED };
    let far_error = AuthError::RequestTooLong { valid_until: far, limit: FINALIZED + 200 };
    vec![
        case("request: expired", until(expired), expired_error.clone()),
        case("request: too long-lived", until(far), far_error.clone()),
        case("session request: expired", session_until(expired), expired_error),
        case("session request: too long-lived", session_until(far), far_error),
    ]
}
