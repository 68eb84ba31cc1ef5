//! What clients and gateways decode: one-time keys, sealed shares, containers, Lit's ciphertexts, tokens.

use blsful::{inner_types::Scalar, Bls12381G2Impl, SecretKey, SignatureSchemes};
use codec::{Decode, Encode};
use conclave_client::{
    decrypt, encrypt, lit,
    token::{bytes_to_sign, verify, with_signature, Claims, TokenConditions},
    Container, DecryptRoot, DecryptionKey, OneTimeSecret,
};
use conclave_primitives::{
    Curve, DecryptionIdentity, EncodedPoint, KeysetId, OneTimeKey, ParticipantIndex, Purpose, RootKeyId,
};
use conclave_protocols::{
    bls::decryption::{self, combine, verify_share, ClientKey, Statement},
    KeyShare,
};
use conclave_vss::SecretScalar;
use std::{collections::BTreeMap, sync::OnceLock};

use crate::fixture::{index, rng, GENESIS};

const DATA: &[u8] = b"what the container holds";
const CONDITION: [u8; 32] = [3; 32];
const THRESHOLD: u32 = 2;
const NOW: u64 = 1_800_000_000;

/// The key is 5, member i's share is 5 + i.
fn secret(i: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = 5 + i;
    bytes
}

fn public(i: u8) -> EncodedPoint {
    let point = OneTimeSecret::from_bytes(&secret(i)).expect("a scalar").public().in_g1;
    EncodedPoint::truncate_from(point.to_vec())
}

fn root() -> DecryptRoot {
    DecryptRoot::new(&public(0), GENESIS, KeysetId(0)).expect("a point")
}

fn sign(message: &[u8]) -> Vec<u8> {
    let secret = SecretKey::<Bls12381G2Impl>(Scalar::from(5_u64));
    let signature = secret.sign(SignatureSchemes::ProofOfPossession, message).expect("signs");
    Vec::<u8>::try_from(&signature).expect("encodes").split_off(1)
}

fn key(identity: &DecryptionIdentity) -> DecryptionKey {
    DecryptionKey::from_bytes(&sign(&identity.bytes()), &root(), identity).expect("signed")
}

fn client() -> OneTimeSecret {
    OneTimeSecret::random(&mut rng(40))
}

fn public_shares() -> BTreeMap<ParticipantIndex, EncodedPoint> {
    (1..=3).map(|i| (index(i), public(i))).collect()
}

fn statement() -> Statement {
    let client = ClientKey::new(&client().public()).expect("honest");
    Statement::new(&public(0), &root().identity(CONDITION, [4; 32]), &client).expect("honest")
}

fn share(i: u8) -> Vec<u8> {
    let root = RootKeyId { curve: Curve::Bls12381G1, purpose: Purpose::Decrypt, index: 0 };
    let secret = SecretScalar::from_bytes(secret(i));
    let share = KeyShare::new(Curve::Bls12381G1, index(i), THRESHOLD, secret, public(0), public_shares())
        .expect("fits");
    let member = decryption::DecryptionKey::new(&root, &share).expect("fits");
    member.share(&statement(), &mut rng(u64::from(i))).expect("shares").encode()
}

/// A client's one-time key.
pub(crate) fn one_time_key(input: &[u8]) {
    let Ok(key) = OneTimeKey::decode(&mut &*input) else { return };
    // Both halves are honest or it is refused; a change of one bit in one half is always refused.
    let honest = client().public();
    if ClientKey::new(&key).is_ok() {
        assert_eq!(key.in_g1 == honest.in_g1, key.in_g2 == honest.in_g2);
    }
}

pub(crate) fn one_time_keys() -> Vec<Vec<u8>> {
    vec![client().public().encode()]
}

/// What a member sends to the gateway. What passes opens to the key.
pub(crate) fn sealed_share(input: &[u8]) {
    static OTHER: OnceLock<Vec<u8>> = OnceLock::new();
    let other = OTHER.get_or_init(|| share(2)).clone();
    let statement = statement();
    let passes = verify_share(&statement, index(1), &public(1), input).is_ok();
    let shares = BTreeMap::from([(index(1), input.to_vec()), (index(2), other)]);
    match combine(&statement, &public_shares(), THRESHOLD, &shares) {
        Ok((sealed, wrong)) => {
            assert!(passes && wrong.is_empty());
            let identity = statement.statement().identity;
            assert!(client().open(&sealed, &root(), &identity).is_ok());
        }
        Err(error) => {
            assert!(!passes);
            assert_eq!(error.culprits(), [index(1)].into());
        }
    }
}

pub(crate) fn sealed_shares() -> Vec<Vec<u8>> {
    vec![share(1), share(3)]
}

fn honest_container() -> &'static (Vec<u8>, DecryptionKey) {
    static CONTAINER: OnceLock<(Vec<u8>, DecryptionKey)> = OnceLock::new();
    CONTAINER.get_or_init(|| {
        let container = encrypt(&root(), &CONDITION, b"public", DATA, &mut rng(41)).expect("encrypts");
        let identity = Container::open(container.as_slice()).expect("honest").header().identity();
        (container, key(&identity))
    })
}

/// A container: whoever does not know the data key makes no other that opens.
pub(crate) fn container(input: &[u8]) {
    let (honest, key) = honest_container();
    let opened = decrypt(input, key);
    assert_eq!(opened.is_ok(), input == honest);
    let mut streamed = Vec::new();
    let result = Container::open(input).and_then(|container| container.decrypt(key, &mut streamed));
    assert_eq!(result.is_ok(), opened.is_ok());
    if let Ok(opened) = opened {
        assert_eq!((opened, streamed), (DATA.to_vec(), DATA.to_vec()));
    }
}

pub(crate) fn containers() -> Vec<Vec<u8>> {
    vec![honest_container().0.clone()]
}

fn honest_lit() -> &'static (String, DecryptionKey) {
    static LIT: OnceLock<(String, DecryptionKey)> = OnceLock::new();
    LIT.get_or_init(|| {
        let (ciphertext, identity) = lit::encrypt(&root(), CONDITION, DATA, &mut rng(42)).expect("encrypts");
        (ciphertext, key(&identity))
    })
}

/// A ciphertext in Lit's format: one text opens.
pub(crate) fn lit_ciphertext(input: &[u8]) {
    let (honest, key) = honest_lit();
    let text = String::from_utf8_lossy(input);
    assert_eq!(lit::decrypt(&text, key).is_ok(), text == *honest);
}

pub(crate) fn lit_ciphertexts() -> Vec<Vec<u8>> {
    vec![honest_lit().0.clone().into_bytes()]
}

/// A token, and the payload of one that the committee signed.
pub(crate) fn token(input: &[u8]) {
    let key = public(0);
    let Some((what, rest)) = input.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    let check = |token: &str| verify(token, &key, "conclave", NOW, |_| true);
    if what.is_multiple_of(2) {
        assert_eq!(check(&text).is_ok(), text == honest_token());
        return;
    }
    let token = with_signature(&text, &sign(text.as_bytes()));
    if let Ok(claims) = check(&token) {
        assert!(claims.expires_at > NOW && claims.issuer == "conclave");
        // What was signed and means something can be written again, and means the same.
        let again = bytes_to_sign(&claims).expect("claims of a token");
        let token = with_signature(&again, &sign(again.as_bytes()));
        assert_eq!(check(&token).expect("written by us"), claims);
    }
}

fn unsigned_token() -> String {
    let claims = Claims {
        issuer: "conclave".into(),
        subject: "0x11".into(),
        chain: "ethereum".into(),
        issued_at: NOW,
        expires_at: NOW + 60,
        conditions: TokenConditions::Hash(CONDITION),
    };
    bytes_to_sign(&claims).expect("claims")
}

fn honest_token() -> String {
    let unsigned = unsigned_token();
    with_signature(&unsigned, &sign(unsigned.as_bytes()))
}

pub(crate) fn tokens() -> Vec<Vec<u8>> {
    let with = |what: u8, text: String| [&[what], text.as_bytes()].concat();
    vec![with(0, honest_token()), with(1, unsigned_token())]
}
