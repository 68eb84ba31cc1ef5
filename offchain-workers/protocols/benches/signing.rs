//! What a member spends on the OT set-up and on a signature, flight by flight, beside the libraries
//! beneath alone: `cargo bench -p conclave-protocols`.
//!
//! All members run in this thread; the clock is the thread's CPU time, so a busy machine blurs little.
//! Keys are decoded before, as a worker keeps them. *bare* is the library with messages handed over in
//! memory, *+ codec* the library that takes and gives the bytes that cross the network: postcard for
//! dkls23-core, encoded points and scalars for frost-core and blsful, and the signature's bytes in the
//! end. The three take turns, run by run. OT states for signing come from a dealer; the set-up of a pair
//! is measured by itself.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "../tests/protocols/harness.rs"]
#[allow(dead_code)]
mod harness;
mod measure;

use blsful::{BlsSignatureCore, BlsSignatureImpl, BlsSignaturePop, Pairing};
use conclave_primitives::ParticipantIndex;
use conclave_protocols::{
    bls::{self, BlsG1, BlsG2, BlsSuite},
    ecdsa::{self, EcdsaCurve},
    frost::{
        self, Bip340, Bip340Taproot, Ed25519, FrostSuite, SchnorrRistretto255, SchnorrSecp256k1, Sr25519,
    },
    KeyShare, Machine, Outgoing, ProtocolError, Step,
};
use criterion::{Criterion, SamplingMode};
use dkls23_core::{
    protocols::{
        re_key::re_key, sign_session::SignSession, signing::SignData, Parameters, Party, PartyIndex,
    },
    utilities::{
        multiplication::{MulReceiver, MulSender},
        zero_shares::ZeroShare,
    },
};
use frost_core::{
    keys::{KeyPackage, PublicKeyPackage, SigningShare, VerifyingShare},
    round1::{self, NonceCommitment, SigningCommitments},
    round2::{self, SignatureShare},
    Identifier, SigningPackage, VerifyingKey,
};
use k256::Secp256k1;
use p256::NistP256;
use serde::{de::DeserializeOwned, Serialize};
use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use harness::{deal_pairs, index, indices, rng, session, Key, Pairs};
use measure::{cpu_time, median, percent, CpuTime};

const SIZES: [(u8, u8); 3] = [(3, 4), (7, 10), (14, 20)];
const DIGEST: [u8; 32] = [0x5a; 32];

/// One member's CPU time by flight, and the bytes it sent.
#[derive(Clone, Default)]
struct Sample {
    flights: Vec<Duration>,
    bytes: usize,
}

impl Sample {
    fn total(&self) -> Duration {
        self.flights.iter().sum()
    }
}

/// Adds a flight: runs `work` for every member in turn.
fn flight<I, O>(
    samples: &mut BTreeMap<u8, Sample>,
    inputs: BTreeMap<u8, I>,
    mut work: impl FnMut(u8, I) -> O,
) -> BTreeMap<u8, O> {
    inputs
        .into_iter()
        .map(|(i, input)| {
            let start = cpu_time();
            let output = black_box(work(i, black_box(input)));
            samples.entry(i).or_default().flights.push(cpu_time() - start);
            (i, output)
        })
        .collect()
}

type Inboxes = BTreeMap<u8, BTreeMap<ParticipantIndex, Vec<u8>>>;

fn deliver(samples: &mut BTreeMap<u8, Sample>, outgoing: BTreeMap<u8, Vec<Outgoing>>) -> Inboxes {
    let mut inboxes = Inboxes::new();
    for (from, messages) in outgoing {
        for message in messages {
            samples.get_mut(&from).unwrap().bytes += message.payload.len();
            inboxes.entry(message.to.get()).or_default().insert(index(from), message.payload);
        }
    }
    inboxes
}

/// Our machines, from start to the last flight.
fn run_machines<M: Machine>(
    members: impl IntoIterator<Item = u8>,
    mut start: impl FnMut(u8) -> Result<(M, Vec<Outgoing>), ProtocolError>,
) -> Vec<Sample> {
    let mut samples = BTreeMap::new();
    let mut rng = rng(5);
    let members: BTreeMap<u8, ()> = members.into_iter().map(|i| (i, ())).collect();
    let started = flight(&mut samples, members, |i, ()| start(i).unwrap());
    let (mut machines, mut outgoing) = (BTreeMap::new(), BTreeMap::new());
    for (i, (machine, messages)) in started {
        machines.insert(i, machine);
        outgoing.insert(i, messages);
    }
    while !machines.is_empty() {
        let mut inboxes = deliver(&mut samples, std::mem::take(&mut outgoing));
        let inputs =
            machines.into_iter().map(|(i, machine)| (i, (machine, inboxes.remove(&i).unwrap()))).collect();
        let steps =
            flight(&mut samples, inputs, |_, (machine, inbox)| machine.advance(inbox, &mut rng).unwrap());
        machines = BTreeMap::new();
        for (i, step) in steps {
            if let Step::Next { machine, outgoing: messages } = step {
                machines.insert(i, machine);
                outgoing.insert(i, messages);
            }
        }
    }
    samples.into_values().collect()
}

/// How bare a library runs.
#[derive(Clone, Copy, PartialEq)]
enum Codec {
    None,
    Upstream,
}

impl Codec {
    /// Encodes what a member sends.
    fn encode<T: Serialize>(self, message: &T) -> Vec<u8> {
        match self {
            Self::None => Vec::new(),
            Self::Upstream => postcard::to_allocvec(message).unwrap(),
        }
    }

    /// Decodes what it receives.
    fn decode<T: DeserializeOwned>(self, message: T, bytes: &[u8]) -> T {
        match self {
            Self::None => message,
            Self::Upstream => postcard::from_bytes(bytes).unwrap(),
        }
    }
}

type Mail<T> = BTreeMap<u8, Vec<(T, Vec<u8>)>>;

/// Sorts messages by recipient.
fn sort<T>(outputs: BTreeMap<u8, Vec<(T, Vec<u8>)>>, to: impl Fn(&T) -> u8) -> Mail<T> {
    let mut mail = Mail::new();
    for (message, bytes) in outputs.into_values().flatten() {
        mail.entry(to(&message)).or_default().push((message, bytes));
    }
    mail
}

fn bare_dkls<C: EcdsaCurve>(parties: &[Party<C>], t: u8, codec: Codec) -> Vec<Sample> {
    let mut samples = BTreeMap::new();
    let data = |i: u8| SignData {
        sign_id: vec![1; 32],
        counterparties: (1..=t).filter(|j| *j != i).map(|j| PartyIndex::new(j).unwrap()).collect(),
        message_hash: DIGEST,
    };
    let members = (1..=t).map(|i| (i, data(i))).collect();
    let started = flight(&mut samples, members, |i, data| {
        let (session, transmit) = SignSession::new(&parties[usize::from(i) - 1], data).unwrap();
        let transmit: Vec<_> = transmit.into_iter().map(|m| (m.clone(), codec.encode(&m))).collect();
        (session, transmit)
    });
    let mut sessions = BTreeMap::new();
    let mut outputs = BTreeMap::new();
    for (i, (session, transmit)) in started {
        sessions.insert(i, session);
        outputs.insert(i, transmit);
    }
    let mail = sort(outputs, |message| message.parties.receiver.as_u8());
    let outputs = flight(&mut samples, mail, |i, mail| {
        let received: Vec<_> =
            mail.into_iter().map(|(message, bytes)| codec.decode(message, &bytes)).collect();
        let transmit = sessions.get_mut(&i).unwrap().phase2(&received).unwrap();
        transmit
            .into_iter()
            .map(|m| {
                let bytes = codec.encode(&m);
                (m, bytes)
            })
            .collect::<Vec<_>>()
    });
    let mail = sort(outputs, |message| message.parties.receiver.as_u8());
    let broadcasts = flight(&mut samples, mail, |i, mail| {
        let received: Vec<_> =
            mail.into_iter().map(|(message, bytes)| codec.decode(message, &bytes)).collect();
        let broadcast = sessions.get_mut(&i).unwrap().phase3(&received).unwrap();
        let bytes = codec.encode(&broadcast);
        (broadcast, bytes)
    });
    flight(&mut samples, sessions, |_, session| {
        let received: Vec<_> =
            broadcasts.values().map(|(message, bytes)| codec.decode(message.clone(), bytes)).collect();
        session.phase4(&received, true).unwrap()
    });
    samples.into_values().collect()
}

/// Upstream's init phases for one pair, as inside its key generation, both members.
fn bare_setup<C: EcdsaCurve>(codec: Codec) -> Vec<Sample> {
    let mut samples = BTreeMap::new();
    let sid = |receiver: u8, sender: u8| vec![receiver, sender];
    let context = |from: u8, to: u8| {
        ZeroShare::seed_context(
            b"bench",
            &[b"bench"],
            PartyIndex::new(from).unwrap(),
            PartyIndex::new(to).unwrap(),
        )
    };
    let members: BTreeMap<u8, u8> = [(1, 2), (2, 1)].into();
    let seeds = flight(&mut samples, members.clone(), |me, peer| {
        ZeroShare::generate_seed_with_bound_commitment(&context(me, peer))
    });
    let opened = flight(&mut samples, members.clone(), |me, peer| {
        let (ot_sender, proof, nonce) = MulReceiver::<C>::init_phase1(&sid(me, peer));
        let (ot_receiver, correlation, vec_r, enc_proofs) = MulSender::<C>::init_phase1(&sid(peer, me));
        let sent = (proof, nonce, enc_proofs, ot_receiver.seed);
        let bytes = codec.encode(&sent);
        ((ot_sender, nonce, ot_receiver, correlation, vec_r), (sent, bytes))
    });
    flight(&mut samples, members, |me, peer| {
        let (seed, commitment, salt) = &seeds[&peer];
        assert!(ZeroShare::verify_bound_seed(seed, &context(peer, me), commitment, salt));
        let (ot_sender, nonce, ot_receiver, correlation, vec_r) = &opened[&me].0;
        let (sent, bytes) = &opened[&peer].1;
        let (proof, their_nonce, enc_proofs, seed) = codec.decode(sent.clone(), bytes);
        let receiver =
            MulReceiver::init_phase2(ot_sender, &sid(me, peer), &seed, &enc_proofs, nonce).unwrap();
        let correlation = correlation.clone();
        let sender =
            MulSender::init_phase2(ot_receiver, &sid(peer, me), correlation, vec_r, &proof, &their_nonce)
                .unwrap();
        (receiver, sender)
    });
    samples.into_values().collect()
}

/// rand_core 0.10's traits as 0.6's.
struct Older(rand_chacha::ChaCha20Rng);

impl rand_core_06::RngCore for Older {
    fn next_u32(&mut self) -> u32 {
        rand_chacha::rand_core::Rng::next_u32(&mut self.0)
    }
    fn next_u64(&mut self) -> u64 {
        rand_chacha::rand_core::Rng::next_u64(&mut self.0)
    }
    fn fill_bytes(&mut self, to: &mut [u8]) {
        rand_chacha::rand_core::Rng::fill_bytes(&mut self.0, to);
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), rand_core_06::Error> {
        self.fill_bytes(to);
        Ok(())
    }
}

impl rand_core_06::CryptoRng for Older {}

type FrostKeys<S> = (
    BTreeMap<u8, KeyPackage<<S as FrostSuite>::Ciphersuite>>,
    PublicKeyPackage<<S as FrostSuite>::Ciphersuite>,
);

fn frost_keys<S: FrostSuite>(key: &Key, t: u8) -> FrostKeys<S> {
    let identifier = |i: ParticipantIndex| Identifier::try_from(u16::from(i.get())).unwrap();
    let verifying_key = VerifyingKey::deserialize(key.public_key()).unwrap();
    let shares: BTreeMap<_, _> = key
        .public_shares()
        .iter()
        .map(|(i, point)| (identifier(*i), VerifyingShare::deserialize(point).unwrap()))
        .collect();
    let packages = (1..=t).map(|i| {
        let share = SigningShare::deserialize(key.share(index(i)).secret().as_bytes()).unwrap();
        let id = identifier(index(i));
        (i, S::tweak(KeyPackage::new(id, share, shares[&id], verifying_key, t.into())))
    });
    let public = PublicKeyPackage::new(shares.clone(), verifying_key, Some(t.into()));
    (packages.collect(), S::tweak_public(public))
}

fn bare_frost<S: FrostSuite>((packages, public): &FrostKeys<S>, seed: u64, codec: Codec) -> Vec<Sample> {
    type Commitments<S> = SigningCommitments<<S as FrostSuite>::Ciphersuite>;
    type Share<S> = SignatureShare<<S as FrostSuite>::Ciphersuite>;
    let point_bytes = S::SCHEME.curve().point_bytes();
    let mut samples = BTreeMap::new();
    let mut rng = Older(rng(seed));
    let members = packages.keys().map(|i| (*i, ())).collect();
    let started = flight(&mut samples, members, |i, ()| {
        let (nonces, commitments) = round1::commit(packages[&i].signing_share(), &mut rng);
        let bytes = match codec {
            Codec::None => Vec::new(),
            Codec::Upstream => {
                [commitments.hiding(), commitments.binding()].map(|point| point.serialize().unwrap()).concat()
            }
        };
        (nonces, (*packages[&i].identifier(), commitments, bytes))
    });
    let sent: Vec<(Identifier<_>, Commitments<S>, Vec<u8>)> =
        started.values().map(|(_, sent)| sent.clone()).collect();
    let decode = |commitments: &Commitments<S>, bytes: &[u8]| match codec {
        Codec::None => *commitments,
        Codec::Upstream => {
            let (hiding, binding) = bytes.split_at(point_bytes);
            SigningCommitments::new(
                NonceCommitment::deserialize(hiding).unwrap(),
                NonceCommitment::deserialize(binding).unwrap(),
            )
        }
    };
    let signed = flight(&mut samples, started, |i, (nonces, (me, ..))| {
        let commitments = sent
            .iter()
            .map(|(id, commitments, bytes)| {
                (*id, if *id == me { *commitments } else { decode(commitments, bytes) })
            })
            .collect();
        let package = SigningPackage::new(commitments, &DIGEST);
        let share = round2::sign(&package, &nonces, &packages[&i]).unwrap();
        let bytes = if codec == Codec::None { Vec::new() } else { share.serialize() };
        (package, (me, share, bytes))
    });
    let shares: Vec<(Identifier<_>, Share<S>, Vec<u8>)> =
        signed.values().map(|(_, sent)| sent.clone()).collect();
    flight(&mut samples, signed, |_, (package, _)| {
        let shares = shares
            .iter()
            .map(|(id, share, bytes)| {
                (*id, if codec == Codec::None { *share } else { SignatureShare::deserialize(bytes).unwrap() })
            })
            .collect();
        let signature = frost_core::aggregate(&package, &shares, public).unwrap();
        if codec == Codec::None {
            Vec::new()
        } else {
            signature.serialize().unwrap()
        }
    });
    samples.into_values().collect()
}

/// blsful's own functions for shares, over the same curve code.
fn bare_bls<B>(secrets: &[bls12_381_plus::Scalar], codec: Codec) -> Vec<Sample>
where
    B: BlsSignatureImpl + Pairing + BlsSignaturePop + BlsSignatureCore,
    B::PublicKey: blsful::inner_types::Group<Scalar = bls12_381_plus::Scalar>,
{
    use blsful::{
        inner_types::{Group, GroupEncoding},
        vsss_rs::{IdentifierPrimeField, Share, ValueGroup},
    };
    let scalar = |i: u8| bls12_381_plus::Scalar::from(u64::from(i));
    let mut samples = BTreeMap::new();
    let members = (1..).zip(secrets).map(|(i, secret)| (i, *secret)).collect();
    let sent = flight(&mut samples, members, |_, secret| {
        let share = <B as BlsSignaturePop>::sign(&secret, DIGEST).unwrap();
        let bytes = if codec == Codec::None { Vec::new() } else { share.to_bytes().as_ref().to_vec() };
        (share, bytes)
    });
    // Any t of the shares make the key.
    let publics: Vec<_> = (1..)
        .zip(secrets)
        .map(|(i, secret)| {
            let point = B::PublicKey::generator() * *secret;
            B::PublicKeyShare::with_identifier_and_value(IdentifierPrimeField(scalar(i)), ValueGroup(point))
        })
        .collect();
    let key = B::core_combine_public_key_shares(&publics).unwrap();
    let members = sent.keys().map(|i| (*i, ())).collect();
    flight(&mut samples, members, |me, ()| {
        let shares: Vec<_> = sent
            .iter()
            .map(|(i, (share, bytes))| {
                let point = if codec == Codec::None || *i == me {
                    *share
                } else {
                    let mut repr = <B::Signature as GroupEncoding>::Repr::default();
                    repr.as_mut().copy_from_slice(bytes);
                    B::Signature::from_bytes(&repr).unwrap()
                };
                B::SignatureShare::with_identifier_and_value(
                    IdentifierPrimeField(scalar(*i)),
                    ValueGroup(point),
                )
            })
            .collect();
        let signature = B::core_combine_signature_shares(&shares).unwrap();
        <B as BlsSignaturePop>::verify(key, signature, DIGEST).unwrap();
        if codec == Codec::None {
            Vec::new()
        } else {
            signature.to_bytes().as_ref().to_vec()
        }
    });
    samples.into_values().collect()
}

/// Runs the three in turn, prints a table of what each member spent, and reports ours to criterion.
fn compare(
    criterion: &mut Criterion<CpuTime>,
    name: &str,
    id: &str,
    mut ours: impl FnMut() -> Vec<Sample>,
    mut bare: impl FnMut(Codec) -> Vec<Sample>,
) -> Duration {
    let mut all: [Vec<Sample>; 3] = Default::default();
    let mut round = || {
        let samples = ours();
        let mean =
            samples.iter().map(Sample::total).sum::<Duration>() / u32::try_from(samples.len()).unwrap();
        all[0].extend(samples);
        all[1].extend(bare(Codec::None));
        all[2].extend(bare(Codec::Upstream));
        mean
    };
    let start = Instant::now();
    round();
    let pilot = start.elapsed();
    let mut group = criterion.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat).sample_size(10).warm_up_time(Duration::from_millis(1));
    group.measurement_time((pilot * 10).max(Duration::from_secs(1)));
    group.bench_function(id, |bencher| {
        bencher.iter_custom(|iterations| (0..iterations).map(|_| round()).sum());
    });
    group.finish();

    let column = |k: usize, f: usize| median(all[k].iter().map(|sample| sample.flights[f]).collect());
    let total = |k: usize| median(all[k].iter().map(Sample::total).collect());
    let micros = |value: Duration| value.as_secs_f64() * 1e6;
    let (samples, bytes) = (all[0].len(), all[0][0].bytes);
    println!("{name} {id}: CPU µs of a member, medians of {samples}; {bytes} bytes sent by a member");
    println!(
        "{:<8} {:>10} {:>10} {:>10} {:>8} {:>10}",
        "", "ours", "bare", "+ codec", "vs bare", "vs + codec"
    );
    let row = |label: &str, [ours, bare, codec]: [Duration; 3]| {
        let (a, b) = (percent(ours, bare), percent(ours, codec));
        let (ours, bare, codec) = (micros(ours), micros(bare), micros(codec));
        println!("{label:<8} {ours:>10.1} {bare:>10.1} {codec:>10.1} {a:>+7.1}% {b:>+9.1}%");
    };
    for f in 0..all[0][0].flights.len() {
        row(&if f == 0 { "start".into() } else { format!("flight {f}") }, [0, 1, 2].map(|k| column(k, f)));
    }
    row("all", [0, 1, 2].map(total));
    println!();
    total(0)
}

fn set_up<C: EcdsaCurve>(criterion: &mut Criterion<CpuTime>, name: &str) {
    let mut run = 0;
    let ours = || {
        run += 1;
        let setup = session(&format!("bench {run}"));
        let mut rng = rng(7);
        run_machines([1, 2], |i| ecdsa::PairSetup::<C>::start(index(i), index(3 - i), &setup, &mut rng))
    };
    let pair = compare(criterion, name, "pair", ours, bare_setup::<C>);
    for (_, n) in SIZES {
        println!(
            "set-up of a member of {n}: {} pairs, {:.2} s",
            n - 1,
            (pair * u32::from(n - 1)).as_secs_f64()
        );
    }
}

fn shares(key: &Key, t: u8) -> BTreeMap<u8, KeyShare> {
    (1..=t).map(|i| (i, key.share(index(i)))).collect()
}

fn sign_ecdsa<C: EcdsaCurve>(criterion: &mut Criterion<CpuTime>, name: &str) {
    for (t, n) in SIZES {
        let key = Key::deal(C::CURVE, t, n, 50);
        let pairs: BTreeMap<ParticipantIndex, Pairs<C>> = deal_pairs(t);
        let shares = shares(&key, t);
        let quorum: BTreeSet<ParticipantIndex> = indices(1..=t);
        let mut run = 0;
        let ours = || {
            run += 1;
            let session = session(&format!("bench {run}"));
            let mut rng = rng(8);
            run_machines(1..=t, |i| {
                ecdsa::Sign::start(&shares[&i], &pairs[&index(i)], &quorum, &session, &DIGEST, &mut rng)
            })
        };
        let secret = <C::Scalar as ff::Field>::random(&mut rng(9));
        let parameters = Parameters::new(t, t).unwrap();
        let (parties, _) = re_key::<C>(&parameters, b"bench", &secret, None, |_| String::new());
        compare(criterion, name, &format!("{t} of {n}"), ours, |codec| bare_dkls(&parties, t, codec));
    }
}

fn sign_frost<S: FrostSuite>(criterion: &mut Criterion<CpuTime>) {
    for (t, n) in SIZES {
        let key = Key::deal(S::SCHEME.curve(), t, n, 51);
        let prepared: BTreeMap<u8, _> = shares(&key, t)
            .iter()
            .map(|(i, share)| (*i, Arc::new(frost::PreparedKey::<S>::new(share).unwrap())))
            .collect();
        let quorum: BTreeSet<ParticipantIndex> = indices(1..=t);
        // The same nonces for all three: BIP-340 takes longer for one parity of them than for the other.
        let run = Cell::new(0);
        let ours = || {
            run.set(run.get() + 1);
            let mut rng = rng(run.get());
            run_machines(1..=t, |i| {
                frost::Sign::start(&prepared[&i], &quorum, &session("bench"), &DIGEST, &mut rng)
            })
        };
        let keys = frost_keys::<S>(&key, t);
        compare(criterion, S::SCHEME.name(), &format!("{t} of {n}"), ours, |codec| {
            bare_frost::<S>(&keys, run.get(), codec)
        });
    }
}

fn sign_bls<B: BlsSuite, Bare>(criterion: &mut Criterion<CpuTime>)
where
    Bare: BlsSignatureImpl + Pairing + BlsSignaturePop + BlsSignatureCore,
    Bare::PublicKey: blsful::inner_types::Group<Scalar = bls12_381_plus::Scalar>,
{
    for (t, n) in SIZES {
        let key = Key::deal(B::SCHEME.curve(), t, n, 52);
        let shares = shares(&key, t);
        let prepared: BTreeMap<u8, _> = shares
            .iter()
            .map(|(i, share)| (*i, Arc::new(bls::PreparedKey::<B>::new(share).unwrap())))
            .collect();
        let quorum: BTreeSet<ParticipantIndex> = indices(1..=t);
        let ours =
            || run_machines(1..=t, |i| bls::Sign::start(&prepared[&i], &quorum, &session("bench"), &DIGEST));
        let secrets: Vec<_> = shares
            .values()
            .map(|share| bls12_381_plus::Scalar::from_le_bytes(share.secret().as_bytes()).unwrap())
            .collect();
        compare(criterion, B::SCHEME.name(), &format!("{t} of {n}"), ours, |codec| {
            bare_bls::<Bare>(&secrets, codec)
        });
    }
}

fn main() {
    let mut criterion = Criterion::default().with_measurement(CpuTime).configure_from_args();
    let criterion = &mut criterion;
    sign_frost::<Ed25519>(criterion);
    sign_frost::<Bip340>(criterion);
    sign_frost::<Bip340Taproot>(criterion);
    sign_frost::<Sr25519>(criterion);
    sign_frost::<SchnorrRistretto255>(criterion);
    sign_frost::<SchnorrSecp256k1>(criterion);
    sign_bls::<BlsG2, blsful::Bls12381G2Impl>(criterion);
    sign_bls::<BlsG1, blsful::Bls12381G1Impl>(criterion);
    sign_ecdsa::<Secp256k1>(criterion, "ecdsa-secp256k1");
    sign_ecdsa::<NistP256>(criterion, "ecdsa-secp256r1");
    set_up::<Secp256k1>(criterion, "ecdsa-secp256k1-set-up");
    set_up::<NistP256>(criterion, "ecdsa-secp256r1-set-up");
    criterion.final_summary();
}
