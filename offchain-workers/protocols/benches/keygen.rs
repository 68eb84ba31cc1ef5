//! What key generation and resharing cost a member, and the runtime, in time and bytes:
//! `cargo bench -p conclave-protocols --bench keygen`. All keys of an attempt together.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use codec::Encode;
use conclave_primitives::{
    root_key_ids, threshold_of, Attempt, AttemptId, EncodedPoint, Epoch, ParticipantIndex, RootKey, RootKeyId,
};
use conclave_protocols::keygen::{complaints, take_shares, Recipient};
use conclave_vss::{
    combine_commitments, deal, public_share, verify_dealing, Combination, ConstantTerms, Dealing,
    DealingContext, EncryptionSecret, SecretScalar, Secrets,
};
use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

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

/// One attempt of `members` members, whose dealings are `deal_as` made, judged by `verify`.
fn attempt(
    criterion: &mut Criterion,
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
        bencher.iter(|| complaints(&recipient(0), &encoded, &mut rng).unwrap());
    });
    group.bench_function(BenchmarkId::new("member: take shares", &size), |bencher| {
        bencher.iter(|| take_shares(&recipient(0), combination, &encoded, &roots, &mut rng).unwrap());
    });
    group.bench_function(BenchmarkId::new("runtime: verify a dealing", &size), |bencher| {
        bencher.iter(|| verify(&dealings[0]));
    });
    group.bench_function(BenchmarkId::new("runtime: combine all dealings", &size), |bencher| {
        bencher.iter(|| combine(combination, &keys, &dealings));
    });
    group.finish();
    let shares = (0..members as usize)
        .map(|member| take_shares(&recipient(member), combination, &encoded, &roots, &mut rng).unwrap())
        .collect();
    (shares, roots)
}

fn committees(criterion: &mut Criterion) {
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

criterion_group!(benches, committees);
criterion_main!(benches);
