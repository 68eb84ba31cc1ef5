//! From a request to the decryption key.

use conclave_client::{decrypt, encrypt, Container, DecryptRoot, DecryptionKey, Error, OneTimeSecret};
use conclave_primitives::{DecryptionIdentity, KeysetId, Sealed};

use crate::committee::{rng, Committee, CONDITION, GENESIS, KEYSET};

#[test]
fn a_committee_should_open_what_was_encrypted_offline() {
    for (t, n) in [(2, 3), (3, 4), (7, 10)] {
        let (committee, mut rng) = (Committee::new(t, n, 1), rng(2));
        let root = committee.root();
        let container = encrypt(&root, &CONDITION, b"metadata", b"the data", &mut rng).unwrap();
        let opened = Container::open(container.as_slice()).unwrap();
        let identity = opened.header().identity();
        assert_eq!((opened.header().metadata(), identity.condition()), (&b"metadata"[..], &CONDITION));

        let secret = OneTimeSecret::random(&mut rng);
        let sealed = committee.answer(&identity, &secret.public());
        let key = secret.open(&sealed, &root, &identity).unwrap();
        assert_eq!(*key.to_bytes(), committee.sign(identity.bytes()), "the root's signature");
        assert_eq!(decrypt(&container, &key).unwrap(), b"the data");
        assert!(!format!("{key:?} {secret:?}").contains(&hex::encode(&key.to_bytes()[1..5])));
    }
}

#[test]
fn wrong_answers_should_be_refused() {
    let (committee, other) = (Committee::new(2, 3, 3), Committee::new(2, 3, 4));
    let (root, mut rng) = (committee.root(), rng(5));
    let identity = root.identity(CONDITION, [1; 32]);
    let [secret, stranger] = [(); 2].map(|()| OneTimeSecret::random(&mut rng));
    let sealed = committee.answer(&identity, &secret.public());
    assert!(secret.open(&sealed, &root, &identity).is_ok());

    let mut infinity = [0; 96];
    infinity[0] = 0xc0;
    let wrong = |what: &str, sealed: &Sealed, secret: &OneTimeSecret, identity: &DecryptionIdentity| {
        let error = secret.open(sealed, &root, identity).unwrap_err();
        assert!(matches!(error, Error::WrongAnswer), "{what}: {error}");
    };
    wrong("another client's", &sealed, &stranger, &identity);
    wrong("another identity's", &sealed, &secret, &root.identity(CONDITION, [2; 32]));
    wrong("another condition's", &sealed, &secret, &root.identity([2; 32], [1; 32]));
    wrong("another committee's", &other.answer(&identity, &secret.public()), &secret, &identity);
    wrong("exchanged", &Sealed { mu: sealed.omega, omega: sealed.mu }, &secret, &identity);
    for (sealed, field) in [
        (Sealed { mu: infinity, ..sealed }, "the answer's μ"),
        (Sealed { omega: infinity, ..sealed }, "the answer's ω"),
        (Sealed { mu: [0xff; 96], ..sealed }, "the answer's μ"),
    ] {
        let error = secret.open(&sealed, &root, &identity).unwrap_err();
        assert!(matches!(error, Error::InvalidPoint { field: got } if got == field), "{error}");
    }
    for bit in (0..192 * 8).step_by(7) {
        let mut bad = sealed;
        let half = if bit < 96 * 8 { &mut bad.mu } else { &mut bad.omega };
        half[bit / 8 % 96] ^= 1 << (bit % 8);
        assert!(secret.open(&bad, &root, &identity).is_err(), "bit {bit}");
    }
}

#[test]
fn identities_of_elsewhere_should_be_refused() {
    let committee = Committee::new(2, 3, 6);
    let (root, public_key) = (committee.root(), committee.public_key());
    let elsewhere = DecryptRoot::new(&public_key, [1; 32], KEYSET).unwrap();
    let later = DecryptRoot::new(&public_key, GENESIS, KeysetId(9)).unwrap();
    let signed = |identity: &DecryptionIdentity| {
        DecryptionKey::from_bytes(&committee.sign(identity.bytes()), &root, identity).unwrap_err()
    };
    let error = signed(&elsewhere.identity(CONDITION, [1; 32]));
    assert!(matches!(error, Error::AnotherChain { got } if got == [1; 32]), "{error}");
    let error = signed(&later.identity(CONDITION, [1; 32]));
    assert!(matches!(error, Error::AnotherKeyset { got: 9 }), "{error}");
    for bytes in [&[][..], &[0xc0; 48], &[0; 48], &public_key[..47]] {
        assert!(matches!(DecryptRoot::new(bytes, GENESIS, KEYSET), Err(Error::InvalidPoint { .. })));
    }
}

#[test]
fn one_time_secrets_should_be_canonical() {
    let secret = OneTimeSecret::random(&mut rng(7));
    let again = OneTimeSecret::from_bytes(&secret.to_bytes()).unwrap();
    assert_eq!(again.public(), secret.public());
    // The order of the group, and 0.
    let order = "01000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73";
    for bad in [hex::decode(order).unwrap(), vec![0; 32], vec![0xff; 32]] {
        let error = OneTimeSecret::from_bytes(&bad.try_into().unwrap()).unwrap_err();
        assert!(matches!(error, Error::InvalidScalar { .. }), "{error}");
    }
}
