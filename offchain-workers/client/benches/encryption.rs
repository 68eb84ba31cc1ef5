//! What encryption and decryption cost, beside blsful and the AEAD alone, in one run:
//! `cargo bench -p conclave-client --profile dev`.
//!
//! The clock is the thread's CPU time, so a busy machine blurs little. *ours* and *bare* take turns, round by round, and
//! the table has the medians. `CONCLAVE_BENCH_BYTES` sets how much data is encrypted (1 GiB).

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "../tests/client/committee.rs"]
#[allow(dead_code)]
mod committee;

use blsful::{
    vsss_rs::{IdentifierPrimeField, Share},
    Bls12381G2Impl, Pairing, PublicKey, PublicKeyShare, SecretKeyShare, Signature, SignatureSchemes,
};
use chacha20poly1305::{
    aead::{Aead, AeadInOut, KeyInit},
    ChaCha20Poly1305, Nonce,
};
use codec::Encode;
use conclave_client::{decrypt, encrypt, encrypt_stream, Container, OneTimeSecret, CHUNK_BYTES};
use conclave_protocols::bls::decryption::{combine, verify_share, ClientKey, Statement};
use criterion::{
    measurement::{Measurement, ValueFormatter, WallTime},
    Criterion, SamplingMode,
};
use rustix::time::{clock_gettime, ClockId};
use std::{hint::black_box, io, time::Duration};

use committee::{index, rng, Committee, CONDITION};

const SCHEME: SignatureSchemes = SignatureSchemes::ProofOfPossession;

/// The thread's CPU time.
struct CpuTime;

impl Measurement for CpuTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        cpu_time()
    }
    fn end(&self, start: Duration) -> Duration {
        cpu_time() - start
    }
    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        *a + *b
    }
    fn zero(&self) -> Duration {
        Duration::ZERO
    }
    fn to_f64(&self, value: &Duration) -> f64 {
        WallTime.to_f64(value)
    }
    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

fn cpu_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap()
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = cpu_time();
    black_box(work());
    cpu_time() - start
}

/// Lets the two take turns under criterion, and prints their medians and the median of their ratios.
fn compare<T, U>(
    criterion: &mut Criterion<CpuTime>,
    id: &str,
    bytes: Option<usize>,
    mut ours: impl FnMut() -> T,
    mut bare: impl FnMut() -> U,
) {
    let mut pairs = Vec::new();
    let mut group = criterion.benchmark_group("encryption");
    group.sampling_mode(SamplingMode::Flat).sample_size(10).warm_up_time(Duration::from_millis(1));
    group.bench_function(id, |bencher| {
        bencher.iter_custom(|iterations| {
            let mut round = || {
                let pair = (timed(&mut ours), timed(&mut bare));
                pairs.push(pair);
                pair.0
            };
            (0..iterations).map(|_| round()).sum()
        });
    });
    group.finish();
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    let [a, b, ratio] = [
        median(pairs.iter().map(|(ours, _)| ours.as_secs_f64()).collect()),
        median(pairs.iter().map(|(_, bare)| bare.as_secs_f64()).collect()),
        median(pairs.iter().map(|(ours, bare)| ours.as_secs_f64() / bare.as_secs_f64()).collect()),
    ];
    let show = |seconds: f64| match bytes {
        Some(bytes) => format!("{:.2} GB/s", bytes as f64 / seconds / 1e9),
        None => format!("{:.2} ms", seconds * 1e3),
    };
    let (runs, percent) = (pairs.len(), 100.0 * (ratio - 1.0));
    println!("{id:<34} ours {:>12}   bare {:>12}   {percent:>+7.1}% time, {runs} rounds", show(a), show(b));
}

fn keys(criterion: &mut Criterion<CpuTime>) {
    type Inner = <Bls12381G2Impl as Pairing>::SecretKeyShare;
    for (t, n) in [(3, 4), (7, 10), (14, 20)] {
        let (committee, mut rng) = (Committee::new(t, n, 1), rng(2));
        let root = committee.root();
        let container = encrypt(&root, &CONDITION, b"", b"a secret", &mut rng).unwrap();
        let identity = Container::open(container.as_slice()).unwrap().header().identity();
        let id = identity.bytes();
        let secret = OneTimeSecret::random(&mut rng);
        let one_time = secret.public();
        let client = ClientKey::new(&one_time).unwrap();
        let statement = Statement::new(&committee.public_key(), &identity, &client).unwrap();
        let public_shares = committee.public_shares();
        let member = committee.member(1);

        let inner: Vec<_> = (1..=t)
            .map(|i| {
                let x = IdentifierPrimeField(bls12_381_plus::Scalar::from(u64::from(i)));
                let y = IdentifierPrimeField(committee.share(i));
                SecretKeyShare::<Bls12381G2Impl>(Inner::with_identifier_and_value(x, y))
            })
            .collect();
        let bare_public: PublicKeyShare<_> = inner[0].public_key().unwrap();
        let bare_key = PublicKey::<Bls12381G2Impl>::try_from(root.to_bytes().as_slice()).unwrap();
        let bare_shares: Vec<_> = inner.iter().map(|share| share.sign(SCHEME, &id).unwrap()).collect();
        let ciphertext = bare_key.encrypt_time_lock(SCHEME, [7; 32], &id).unwrap();
        let bare_signature = Signature::from_shares(&bare_shares).unwrap();
        let shares = committee.shares(&statement);

        if t == 3 {
            compare(
                criterion,
                "share, of a new client",
                None,
                || {
                    let client = ClientKey::new(&one_time).unwrap();
                    let statement = Statement::new(&committee.public_key(), &identity, &client).unwrap();
                    member.share(&statement, &mut rng).unwrap().encode()
                },
                || inner[0].sign(SCHEME, &id).unwrap(),
            );
            compare(
                criterion,
                "share, client key checked before",
                None,
                || {
                    let statement = Statement::new(&committee.public_key(), &identity, &client).unwrap();
                    member.share(&statement, &mut rng).unwrap().encode()
                },
                || inner[0].sign(SCHEME, &id).unwrap(),
            );
            compare(
                criterion,
                "verify a share",
                None,
                || verify_share(&statement, index(1), &public_shares[&index(1)], &shares[&index(1)]).unwrap(),
                || bare_shares[0].verify(&bare_public, &id).unwrap(),
            );
            compare(
                criterion,
                "encrypt 8 bytes",
                None,
                || encrypt(&root, &CONDITION, b"", b"a secret", &mut rng).unwrap(),
                || bare_key.encrypt_time_lock(SCHEME, [7; 32], &id).unwrap(),
            );
            let sealed = committee.answer(&identity, &one_time);
            compare(
                criterion,
                "open and verify the key, decrypt",
                None,
                || decrypt(&container, &secret.open(&sealed, &root, &identity).unwrap()).unwrap(),
                || {
                    bare_signature.verify(&bare_key, &id).unwrap();
                    ciphertext.decrypt(&bare_signature).unwrap()
                },
            );
        }
        compare(
            criterion,
            &format!("combine and verify, {t} of {n}"),
            None,
            || combine(&statement, &public_shares, t.into(), &shares).unwrap(),
            || Signature::from_shares(&bare_shares).unwrap().verify(&bare_key, &id).unwrap(),
        );
    }
}

fn throughput(criterion: &mut Criterion<CpuTime>) {
    let bytes = std::env::var("CONCLAVE_BENCH_BYTES").ok().and_then(|b| b.parse().ok()).unwrap_or(1 << 30);
    let (committee, mut rng) = (Committee::new(2, 3, 3), rng(4));
    let root = committee.root();
    let data: Vec<u8> = (0..bytes).map(|i| (i >> 3) as u8).collect();
    let (cipher, nonce) = (ChaCha20Poly1305::new(&[7; 32].into()), Nonce::default());
    compare(
        criterion,
        "encrypt in memory",
        Some(bytes),
        || encrypt(&root, &CONDITION, b"", &data, &mut rng).unwrap(),
        || cipher.encrypt(&nonce, data.as_slice()).unwrap(),
    );
    let container = encrypt(&root, &CONDITION, b"", &data, &mut rng).unwrap();
    let identity = Container::open(container.as_slice()).unwrap().header().identity();
    let key = committee.decryption_key(&identity);
    let sealed = cipher.encrypt(&nonce, data.as_slice()).unwrap();
    compare(
        criterion,
        "decrypt in memory",
        Some(bytes),
        || decrypt(&container, &key).unwrap(),
        || cipher.decrypt(&nonce, sealed.as_slice()).unwrap(),
    );
    drop((container, sealed));
    // The AEAD on chunks of the same size, in place: nothing is copied at all.
    let mut chunk = vec![0; CHUNK_BYTES];
    compare(
        criterion,
        "encrypt a stream",
        Some(bytes),
        || encrypt_stream(&root, &CONDITION, b"", &mut data.as_slice(), &mut io::sink(), &mut rng).unwrap(),
        || {
            for _ in 0..bytes / CHUNK_BYTES {
                black_box(cipher.encrypt_inout_detached(&nonce, b"", chunk.as_mut_slice().into()).unwrap());
            }
        },
    );
}

fn main() {
    let mut criterion = Criterion::default().with_measurement(CpuTime).configure_from_args();
    keys(&mut criterion);
    throughput(&mut criterion);
    criterion.final_summary();
}
