//! What key generation and resharing cost a member, and the runtime, in CPU time and bytes:
//! `cargo bench -p conclave-protocols --bench keygen`. All keys of an attempt together.
//!
//! *bare* is a member's part of the same attempt with vsss-rs alone, Feldman's sharing on the same curves: it
//! deals each key once and checks a share of each dealer, handed over in memory. It has nothing of what makes
//! a dealing fit for a chain: no encryption to its recipients, no proofs, no bytes to decode.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod measure;

use blsful::vsss_rs::{
    feldman, DefaultShare, FeldmanVerifierSet, IdentifierPrimeField, ValueGroup, ValuePrimeField,
};
use codec::Encode;
use conclave_primitives::{
    root_key_ids, threshold_of, Attempt, AttemptId, Curve, EncodedPoint, Epoch, ParticipantIndex, RootKey,
    RootKeyId,
};
use conclave_protocols::keygen::{complaints, take_shares, Recipient};
use conclave_vss::{
    combine_commitments, deal, public_share, verify_dealing, Bls12381G1, Bls12381G2, Combination,
    ConstantTerms, Dealing, DealingContext, Ed25519, EncryptionSecret, Ristretto255, Secp256k1, Secp256r1,
    SecretScalar, Secrets, SharingCurve,
};
use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion};
use ff::Field;
use measure::{cpu_time, median, percent, CpuTime};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::{hint::black_box, time::Duration};

const GENESIS: [u8; 32] = [7; 32];
const ATTEMPT: AttemptId = AttemptId { epoch: Epoch(1), attempt: Attempt(0) };

fn index(position: usize) -> ParticipantIndex {
    ParticipantIndex::from_position(position).unwrap()
}

fn context(position: usize) -> DealingContext {
    DealingContext { genesis: GENESIS, attempt: ATTEMPT, dealer: index(position) }
}

fn combine(combination: Combination, keys: &[RootKeyId], dealings: &[Dealing]) -> Vec<RootKey> {
    keys.iter()
        .enumerate()
        .map(|(position, id)| {
            let dealt: Vec<(ParticipantIndex, &[EncodedPoint])> = dealings
                .iter()
                .enumerate()
                .map(|(dealer, dealing)| (index(dealer), dealing.keys[position].commitments.as_slice()))
                .collect();
            let commitments = combine_commitments(id.curve, combination, &dealt).unwrap().try_into().unwrap();
            RootKey { id: *id, commitments }
        })
        .collect()
}

/// CPU time of what `work` does.
fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = cpu_time();
    black_box(work());
    cpu_time() - start
}

/// How many rounds the comparison takes, ours and the library's in turn.
const ROUNDS: usize = 10;

/// A member's part in one key by vsss-rs alone: what it deals, and what it checks.
fn bare_key<C: SharingCurve<Group: Default>>(
    [threshold, members, dealers]: [usize; 3],
    rng: &mut ChaCha20Rng,
) -> [Duration; 2] {
    type Shared<C> = DefaultShare<
        IdentifierPrimeField<<C as SharingCurve>::Scalar>,
        ValuePrimeField<<C as SharingCurve>::Scalar>,
    >;
    type Verifier<C> = ValueGroup<<C as SharingCurve>::Group>;
    let secret = IdentifierPrimeField(C::Scalar::random(rng));
    let mut split = || {
        feldman::split_secret::<Shared<C>, Verifier<C>>(threshold, members, &secret, None, &mut *rng).unwrap()
    };
    let (shares, verifiers) = split();
    let dealt = timed(split);
    // Dealings of others cost what its own does.
    let checked = timed(|| {
        for _ in 0..dealers {
            verifiers.verify_share(black_box(&shares[members / 2])).unwrap();
        }
    });
    [dealt, checked]
}

/// [`bare_key`] of all keys.
fn bare(keys: &[RootKeyId], sizes: [usize; 3], rng: &mut ChaCha20Rng) -> [Duration; 2] {
    keys.iter().fold([Duration::ZERO; 2], |[dealt, checked], key| {
        let [deal, check] = match key.curve {
            Curve::Secp256k1 => bare_key::<Secp256k1>(sizes, rng),
            Curve::Ed25519 => bare_key::<Ed25519>(sizes, rng),
            Curve::Secp256r1 => bare_key::<Secp256r1>(sizes, rng),
            Curve::Ristretto255 => bare_key::<Ristretto255>(sizes, rng),
            Curve::Bls12381G1 => bare_key::<Bls12381G1>(sizes, rng),
            Curve::Bls12381G2 => bare_key::<Bls12381G2>(sizes, rng),
        };
        [dealt + deal, checked + check]
    })
}

/// Prints what a member spends on an attempt beside what it spends with the library alone.
fn compare(
    title: &str,
    mut deal: impl FnMut() -> Duration,
    mut open: impl FnMut() -> Duration,
    mut bare: impl FnMut() -> [Duration; 2],
) {
    let mut spent: [[Vec<Duration>; 2]; 2] = Default::default();
    for _ in 0..ROUNDS {
        let ours = [deal(), open()];
        let bare = bare();
        for part in 0..2 {
            spent[part][0].push(ours[part]);
            spent[part][1].push(bare[part]);
        }
    }
    let [dealt, opened] = spent.map(|sides| sides.map(median));
    let all = [dealt[0] + opened[0], dealt[1] + opened[1]];
    println!("{title}: CPU ms of a member, medians of {ROUNDS}");
    println!("{:<8} {:>10} {:>10} {:>8}", "", "ours", "bare", "vs bare");
    for (label, [ours, bare]) in [("deal", dealt), ("take", opened), ("all", all)] {
        let [ours_ms, bare_ms] = [ours, bare].map(|time| time.as_secs_f64() * 1e3);
        println!("{label:<8} {ours_ms:>10.2} {bare_ms:>10.2} {:>+7.1}%", percent(ours, bare));
    }
    println!();
}

/// One attempt of `members` members, whose dealings are `deal_as` made, judged by `verify`.
fn attempt(
    criterion: &mut Criterion<CpuTime>,
    name: &str,
    combination: Combination,
    members: u32,
    dealers: usize,
    deal_as: impl Fn(usize, &[[u8; 32]], &mut ChaCha20Rng) -> Dealing,
    verify: impl Fn(&Dealing),
) -> (Vec<Vec<SecretScalar>>, Vec<RootKey>) {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    let (keys, threshold) = (root_key_ids(), threshold_of(members));
    let mut rng = ChaCha20Rng::seed_from_u64(u64::from(members));
    let secrets: Vec<_> = (0..members).map(|_| EncryptionSecret::random(&mut rng)).collect();
    let recipients: Vec<_> = secrets.iter().map(EncryptionSecret::public).collect();
    let dealings: Vec<_> = (0..dealers).map(|dealer| deal_as(dealer, &recipients, &mut rng)).collect();
    let encoded: Vec<_> =
        dealings.iter().enumerate().map(|(dealer, dealing)| (index(dealer), dealing.encode())).collect();
    let roots = combine(combination, &keys, &dealings);
    let recipient = |position: usize| Recipient {
        genesis: GENESIS,
        attempt: ATTEMPT,
        index: index(position),
        keys: &keys,
        secret: &secrets[position],
    };
    // Neither the first index nor the last, whose powers are cheap or dear.
    let me = recipient(members as usize / 2);
    let size = format!("({threshold}, {members})");
    let bytes: usize = encoded.iter().map(|(_, dealing)| dealing.len()).sum();
    println!(
        "{name} {size}: {} keys, {dealers} dealings of {} bytes, {bytes} bytes on chain",
        keys.len(),
        encoded[0].1.len()
    );
    group.bench_function(BenchmarkId::new("member: deal", &size), |bencher| {
        bencher.iter(|| deal_as(0, &recipients, &mut rng));
    });
    group.bench_function(BenchmarkId::new("member: open all dealings", &size), |bencher| {
        bencher.iter(|| complaints(&me, &encoded, &mut rng).unwrap());
    });
    group.bench_function(BenchmarkId::new("member: take shares", &size), |bencher| {
        bencher.iter(|| take_shares(&me, combination, &encoded, &roots, &mut rng).unwrap());
    });
    group.bench_function(BenchmarkId::new("runtime: verify a dealing", &size), |bencher| {
        bencher.iter(|| verify(&dealings[0]));
    });
    group.bench_function(BenchmarkId::new("runtime: combine all dealings", &size), |bencher| {
        bencher.iter(|| combine(combination, &keys, &dealings));
    });
    group.finish();
    let sizes = [threshold as usize, members as usize, dealers];
    let [mut deal_rng, mut open_rng, mut bare_rng] = [1, 2, 3].map(ChaCha20Rng::seed_from_u64);
    compare(
        &format!("{name} {size}"),
        || timed(|| deal_as(0, &recipients, &mut deal_rng)),
        || {
            timed(|| complaints(&me, &encoded, &mut open_rng).unwrap())
                + timed(|| take_shares(&me, combination, &encoded, &roots, &mut open_rng).unwrap())
        },
        || bare(&keys, sizes, &mut bare_rng),
    );
    let shares = (0..members as usize)
        .map(|member| take_shares(&recipient(member), combination, &encoded, &roots, &mut rng).unwrap())
        .collect();
    (shares, roots)
}

fn committees(criterion: &mut Criterion<CpuTime>) {
    for members in [4u32, 10, 20] {
        let (keys, threshold) = (root_key_ids(), threshold_of(members));
        let (shares, roots) = attempt(
            criterion,
            "keygen",
            Combination::Sum,
            members,
            members as usize,
            |dealer, recipients, rng| {
                deal(&context(dealer), Secrets::Fresh(&keys), threshold, recipients, rng).unwrap()
            },
            |dealing| {
                let terms = ConstantTerms::Known(&keys);
                verify_dealing(&context(0), terms, threshold, members, dealing).unwrap();
            },
        );
        let held: Vec<Vec<(RootKeyId, SecretScalar)>> =
            shares.into_iter().map(|shares| keys.iter().copied().zip(shares).collect()).collect();
        let publics: Vec<(RootKeyId, EncodedPoint)> = roots
            .iter()
            .map(|root| (root.id, public_share(root.id.curve, &root.commitments, index(0)).unwrap()))
            .collect();
        attempt(
            criterion,
            "reshare",
            Combination::Interpolation,
            members,
            threshold as usize,
            |dealer, recipients, rng| {
                deal(&context(dealer), Secrets::Shares(&held[dealer]), threshold, recipients, rng).unwrap()
            },
            |dealing| {
                let terms = ConstantTerms::Shares(&publics);
                verify_dealing(&context(0), terms, threshold, members, dealing).unwrap();
            },
        );
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = committees
}
criterion_main!(benches);
