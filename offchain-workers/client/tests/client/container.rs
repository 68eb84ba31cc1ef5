//! The container.

use codec::Encode;
use conclave_client::{
    decrypt, encrypt, encrypt_stream, Container, DecryptionKey, Error, CHUNK_BYTES, MAX_METADATA_BYTES,
};
use conclave_primitives::blake2_256;
use proptest::prelude::{any, prop, proptest, ProptestConfig};
use std::io::{self, Read, Write};

use crate::committee::{rng, Committee, CONDITION};

const TAG: usize = 16;
const HEADER: usize = 226;

fn committee() -> Committee {
    Committee::new(2, 3, 20)
}

fn data(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 31 + i / 251) as u8).collect()
}

fn encrypted(length: usize, seed: u64) -> (Vec<u8>, DecryptionKey) {
    let committee = committee();
    let container = encrypt(&committee.root(), &CONDITION, b"meta", &data(length), &mut rng(seed)).unwrap();
    let identity = Container::open(container.as_slice()).unwrap().header().identity();
    (container, committee.decryption_key(&identity))
}

/// A reader and writer that give and take little at a time, and are interrupted.
struct Trickle<T>(T, usize);

impl<R: Read> Read for Trickle<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 += 1;
        if self.1.is_multiple_of(5) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let some = buffer.len().min(7_001);
        self.0.read(&mut buffer[..some])
    }
}

impl<W: Write> Write for Trickle<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(&bytes[..bytes.len().min(9_001)])
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[test]
fn data_of_every_length_should_come_back_by_either_way() {
    for length in [0, 1, 15, 16, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES] {
        let (container, key) = encrypted(length, 21);
        let chunks = length.div_ceil(CHUNK_BYTES).max(1);
        assert_eq!(container.len(), HEADER + 4 + length + chunks * TAG);
        assert_eq!(decrypt(&container, &key).unwrap(), data(length));

        // The streams give the same bytes from the same randomness.
        let mut streamed = Trickle(Vec::new(), 0);
        let mut source = Trickle(io::Cursor::new(data(length)), 0);
        let root = committee().root();
        encrypt_stream(&root, &CONDITION, b"meta", &mut source, &mut streamed, &mut rng(21)).unwrap();
        assert!(source.1 > 0);
        assert_eq!(streamed.0, container);
        let mut out = Trickle(Vec::new(), 0);
        Container::open(Trickle(container.as_slice(), 0)).unwrap().decrypt(&key, &mut out).unwrap();
        assert_eq!(out.0, data(length));
    }
}

fn both(container: &[u8], key: &DecryptionKey) -> Error {
    let error = decrypt(container, key).unwrap_err();
    let mut out = Vec::new();
    let streamed = Container::open(container).and_then(|opened| opened.decrypt(key, &mut out)).unwrap_err();
    assert_eq!(error.to_string(), streamed.to_string());
    error
}

#[test]
fn every_flipped_bit_should_be_refused() {
    let (container, key) = encrypted(40, 22);
    let mut refusals = std::collections::BTreeMap::<String, u32>::new();
    for bit in 0..container.len() * 8 {
        let mut bad = container.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        let error = format!("{:?}", both(&bad, &key));
        *refusals.entry(error.split([' ', '(']).next().unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!(refusals.values().sum::<u32>() as usize, container.len() * 8);
    // Each check fired.
    let checks = [
        "AnotherIdentity",
        "ChunkRefused",
        "CutOff",
        "KeyRefused",
        "MetadataTooLong",
        "NotAContainer",
        "UnknownVersion",
    ];
    assert!(refusals.keys().eq(checks), "{refusals:?}");
}

#[test]
fn chunks_should_not_be_cut_off_moved_or_added() {
    let (container, key) = encrypted(3 * CHUNK_BYTES, 23);
    let start = HEADER + 4;
    let chunk = |i: usize| container[start + i * (CHUNK_BYTES + TAG)..][..CHUNK_BYTES + TAG].to_vec();
    let with = |chunks: &[Vec<u8>]| [&container[..start], &chunks.concat()].concat();
    let [a, b, c] = [0, 1, 2].map(chunk);
    assert!(decrypt(&with(&[a.clone(), b.clone(), c.clone()]), &key).is_ok());
    // An empty last chunk behind the others, by who knows the key: the same data in a second form. Whoever does not
    // know it cannot even do that; here the tag of no bytes stands for it.
    for (what, chunks, index) in [
        ("no chunk", vec![], 0),
        ("first only", vec![a.clone()], 0),
        ("last left out", vec![a.clone(), b.clone()], 1),
        ("first left out", vec![b.clone(), c.clone()], 0),
        ("exchanged", vec![b.clone(), a.clone(), c.clone()], 0),
        ("one twice", vec![a.clone(), a.clone(), b.clone(), c.clone()], 1),
        ("last twice", vec![a.clone(), b.clone(), c.clone(), c.clone()], 2),
        ("a byte behind", vec![a.clone(), b.clone(), c.clone(), vec![0]], 2),
        ("a tag behind", vec![a.clone(), b.clone(), c.clone(), vec![0; TAG]], 2),
        ("a byte less", vec![a.clone(), b.clone(), c[..c.len() - 1].to_vec()], 2),
        ("half", vec![a.clone(), b[..100].to_vec()], 1),
    ] {
        let error = both(&with(&chunks), &key);
        assert!(matches!(error, Error::ChunkRefused { index: got } if got == index), "{what}: {error}");
    }
    // Of another container of the same condition.
    let (other, _) = encrypted(3 * CHUNK_BYTES, 24);
    let error = both(&[&container[..start], &other[start..]].concat(), &key);
    assert!(matches!(error, Error::ChunkRefused { index: 0 }), "{error}");
    // What came before was genuine, and was written.
    let mut out = Vec::new();
    let cut = with(&[a, b]);
    Container::open(cut.as_slice()).unwrap().decrypt(&key, &mut out).unwrap_err();
    assert_eq!(out, data(3 * CHUNK_BYTES)[..CHUNK_BYTES]);
}

#[test]
fn bad_headers_should_be_refused() {
    let (container, key) = encrypted(10, 25);
    for length in 0..HEADER + 4 {
        let error = both(&container[..length], &key);
        let expected = if length == 0 {
            matches!(error, Error::NotAContainer)
        } else {
            matches!(error, Error::CutOff { .. })
        };
        assert!(expected, "{length}: {error}");
    }
    assert!(matches!(both(b"something else", &key), Error::NotAContainer));
    let mut next = container.clone();
    next[8] = 2;
    assert!(matches!(both(&next, &key), Error::UnknownVersion { got: 2 }));
    assert!(matches!(both(&next[..9], &key), Error::UnknownVersion { got: 2 }));
    let mut huge = container.clone();
    huge[HEADER - 4..HEADER].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(both(&huge, &key), Error::MetadataTooLong { .. }));

    let root = committee().root();
    let long = vec![0; MAX_METADATA_BYTES + 1];
    let error = encrypt(&root, &CONDITION, &long, b"", &mut rng(1)).unwrap_err();
    assert!(matches!(error, Error::MetadataTooLong { got: 65_537 }), "{error}");
    assert!(encrypt(&root, &CONDITION, &long[1..], b"", &mut rng(1)).is_ok());
}

#[test]
fn another_identitys_key_should_be_refused() {
    let ((container, _), (_, other)) = (encrypted(10, 26), encrypted(10, 27));
    assert!(matches!(both(&container, &other), Error::AnotherIdentity));
    // The root's signature on the identity, by another root that claims the same chain and key set.
    let stranger = Committee::new(2, 3, 28);
    let identity = Container::open(container.as_slice()).unwrap().header().identity();
    assert!(matches!(both(&container, &stranger.decryption_key(&identity)), Error::KeyRefused));
}

/// A container of version 1, whole: what is encrypted today opens forever. CONCLAVE_WRITE_FORMATS=1 writes the file anew.
#[test]
fn the_format_should_stay() {
    let (container, key) = encrypted(33, 29);
    let now = serde_json::json!({
        "publicKey": hex::encode(committee().public_key()),
        "identity": hex::encode(key.identity().encode()),
        "decryptionKey": hex::encode(*key.to_bytes()),
        "container": hex::encode(&container),
        "data": hex::encode(data(33)),
    });
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/container-v1.json");
    if std::env::var_os("CONCLAVE_WRITE_FORMATS").is_some() {
        std::fs::write(path, serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
    }
    let committed: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(now, committed);
    let bytes = |field: &str| hex::decode(committed[field].as_str().unwrap()).unwrap();
    let key =
        DecryptionKey::from_bytes(&bytes("decryptionKey"), &committee().root(), key.identity()).unwrap();
    assert_eq!(decrypt(&bytes("container"), &key).unwrap(), bytes("data"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_data_should_come_back(
        data in prop::collection::vec(any::<u8>(), 0..200_000),
        metadata in prop::collection::vec(any::<u8>(), 0..200),
        condition in any::<[u8; 32]>(),
        seed in any::<u64>(),
        flip in any::<prop::sample::Index>(),
    ) {
        let committee = committee();
        let mut container = encrypt(&committee.root(), &condition, &metadata, &data, &mut rng(seed)).unwrap();
        let opened = Container::open(container.as_slice()).unwrap();
        assert_eq!((opened.header().metadata(), opened.header().identity().condition()), (&metadata[..], &condition));
        let key = committee.decryption_key(&opened.header().identity());
        assert_eq!(decrypt(&container, &key).unwrap(), data);
        // Not twice the same, and nothing of the data shows.
        let again = encrypt(&committee.root(), &condition, &metadata, &data, &mut rng(seed.wrapping_add(1))).unwrap();
        assert_ne!(blake2_256(&container), blake2_256(&again));
        let bit = flip.index(container.len() * 8);
        container[bit / 8] ^= 1 << (bit % 8);
        assert!(decrypt(&container, &key).is_err());
    }
}
