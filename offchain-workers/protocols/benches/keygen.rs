//! What key generation costs a member, and the runtime for each dealing, in time and bytes:
//! `cargo bench -p conclave-protocols --bench keygen`. All keys of an attempt together.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use codec::Encode;
use conclave_primitives::{
    root_key_ids, threshold_of, Attempt, AttemptId, Epoch, ParticipantIndex, RootKey, RootKeyId,
};
use conclave_protocols::keygen::{complaints, take_shares, Recipient};
use conclave_vss::{combine_commitments, deal, verify_dealing, Dealing, DealingContext, EncryptionSecret};
use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

const GENESIS: [u8; 32] = [7; 32];
const KEYGEN: AttemptId = AttemptId { epoch: Epoch(1), attempt: Attempt(0) };

fn index(position: usize) -> ParticipantIndex {
    ParticipantIndex::from_position(position).unwrap()
}

fn context(position: usize) -> DealingContext {
    DealingContext { genesis: GENESIS, keygen: KEYGEN, dealer: index(position) }
}

fn sum(keys: &[RootKeyId], dealings: &[Dealing]) -> Vec<RootKey> {
    keys.iter()
        .enumerate()
        .map(|(position, id)| {
            let dealt: Vec<_> =
                dealings.iter().map(|dealing| dealing.keys[position].commitments.as_slice()).collect();
            let commitments = combine_commitments(id.curve, &dealt).unwrap().try_into().unwrap();
            RootKey { id: *id, commitments }
        })
        .collect()
}

fn keygen(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("keygen");
    group.sample_size(10);
    for members in [4u32, 10, 20] {
        let (keys, threshold) = (root_key_ids(), threshold_of(members));
        let mut rng = ChaCha20Rng::seed_from_u64(u64::from(members));
        let secrets: Vec<_> = (0..members).map(|_| EncryptionSecret::random(&mut rng)).collect();
        let recipients: Vec<_> = secrets.iter().map(EncryptionSecret::public).collect();
        let dealings: Vec<_> = (0..members as usize)
            .map(|dealer| deal(&context(dealer), &keys, threshold, &recipients, &mut rng).unwrap())
            .collect();
        let encoded: Vec<_> =
            dealings.iter().enumerate().map(|(dealer, dealing)| (index(dealer), dealing.encode())).collect();
        let roots = sum(&keys, &dealings);
        let recipient =
            Recipient { genesis: GENESIS, keygen: KEYGEN, index: index(0), keys: &keys, secret: &secrets[0] };
        let size = format!("({threshold}, {members})");
        println!("{size}: a dealing of {} keys has {} bytes", keys.len(), encoded[0].1.len());

        group.bench_function(BenchmarkId::new("member: deal", &size), |bencher| {
            bencher.iter(|| deal(&context(0), &keys, threshold, &recipients, &mut rng).unwrap());
        });
        group.bench_function(BenchmarkId::new("member: open all dealings", &size), |bencher| {
            bencher.iter(|| complaints(&recipient, &encoded, &mut rng).unwrap());
        });
        group.bench_function(BenchmarkId::new("member: take shares", &size), |bencher| {
            bencher.iter(|| take_shares(&recipient, &encoded, &roots, &mut rng).unwrap());
        });
        group.bench_function(BenchmarkId::new("runtime: verify a dealing", &size), |bencher| {
            bencher.iter(|| verify_dealing(&context(0), &keys, threshold, members, &dealings[0]).unwrap());
        });
        group.bench_function(BenchmarkId::new("runtime: sum all dealings", &size), |bencher| {
            bencher.iter(|| sum(&keys, &dealings));
        });
    }
    group.finish();
}

criterion_group!(benches, keygen);
criterion_main!(benches);
