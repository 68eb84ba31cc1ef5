//! One target per thing that is decoded from outside: bytes of peers, of the chain, of the disk, of clients.
//!
//! A target is a function of bytes that must not panic, whatever they are, and that checks what has to hold of
//! anything that decodes. `cargo test -p conclave-fuzz` runs each over its seeds, over the inputs in `regressions/`,
//! and over mutations of them from a fixed seed; `make fuzz` runs each under libFuzzer, guided by coverage.

#![forbid(unsafe_code)]

use rand_chacha::{rand_core::Rng, ChaCha20Rng};

mod chain;
mod fixture;
mod runtime;
mod targets;

pub use targets::worker::flood;

/// A fuzz target.
pub struct Target {
    /// Its name: of its corpus, and of its folder in `regressions/`.
    pub name: &'static str,
    /// Panics if the input shows a bug.
    pub run: fn(&[u8]),
    /// Inputs that get far.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// How many mutations `cargo test` tries: fewer of what is slow.
    pub mutations: u32,
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "frame", run: targets::message::frame, seeds: targets::message::frames, mutations: 1_000 },
    Target { name: "body", run: targets::message::body, seeds: targets::message::bodies, mutations: 1_000 },
    Target {
        name: "request",
        run: targets::request::request,
        seeds: targets::request::seeds,
        mutations: 1_000,
    },
    Target {
        name: "rpc-request",
        run: targets::request::rpc_request,
        seeds: targets::request::rpc_seeds,
        mutations: 1_000,
    },
    Target { name: "calls", run: targets::calls::calls, seeds: targets::calls::seeds, mutations: 100 },
    Target {
        name: "evidence",
        run: targets::evidence::evidence,
        seeds: targets::evidence::seeds,
        mutations: 200,
    },
    Target {
        name: "dealing",
        run: targets::dealing::dealing,
        seeds: targets::dealing::dealings,
        mutations: 200,
    },
    Target {
        name: "complaint",
        run: targets::dealing::complaint,
        seeds: targets::dealing::complaints,
        mutations: 1_000,
    },
    Target { name: "record", run: targets::record::record, seeds: targets::record::seeds, mutations: 300 },
    Target { name: "point", run: targets::point::point, seeds: targets::point::points, mutations: 500 },
    Target {
        name: "signature",
        run: targets::point::signature,
        seeds: targets::point::signatures,
        mutations: 1_000,
    },
    Target {
        name: "schnorr",
        run: targets::machine::schnorr,
        seeds: targets::machine::of_schnorr,
        mutations: 500,
    },
    Target { name: "bls", run: targets::machine::bls, seeds: targets::machine::of_bls, mutations: 100 },
    Target { name: "ecdsa", run: targets::machine::ecdsa, seeds: targets::machine::of_ecdsa, mutations: 30 },
    Target { name: "pair", run: targets::machine::pair, seeds: targets::machine::of_pairs, mutations: 3 },
    Target {
        name: "report",
        run: targets::attestation::report,
        seeds: targets::attestation::reports,
        mutations: 3_000,
    },
    Target {
        name: "certificate",
        run: targets::attestation::certificate,
        seeds: targets::attestation::certificates,
        mutations: 2_000,
    },
    Target {
        name: "one-time-key",
        run: targets::encryption::one_time_key,
        seeds: targets::encryption::one_time_keys,
        mutations: 500,
    },
    Target {
        name: "sealed-share",
        run: targets::encryption::sealed_share,
        seeds: targets::encryption::sealed_shares,
        mutations: 100,
    },
    Target {
        name: "container",
        run: targets::encryption::container,
        seeds: targets::encryption::containers,
        mutations: 300,
    },
    Target {
        name: "lit-ciphertext",
        run: targets::encryption::lit_ciphertext,
        seeds: targets::encryption::lit_ciphertexts,
        mutations: 500,
    },
    Target {
        name: "condition-token",
        run: targets::encryption::token,
        seeds: targets::encryption::tokens,
        mutations: 200,
    },
    Target { name: "siwe", run: targets::login::siwe, seeds: targets::login::messages, mutations: 1_000 },
    Target { name: "recap", run: targets::login::recap, seeds: targets::login::recaps, mutations: 1_000 },
    Target { name: "id-token", run: targets::login::token, seeds: targets::login::tokens, mutations: 1_000 },
    Target {
        name: "passkey",
        run: targets::login::passkey,
        seeds: targets::login::assertions,
        mutations: 1_000,
    },
    Target { name: "cose", run: targets::login::cose, seeds: targets::login::cose_keys, mutations: 1_000 },
    Target {
        name: "delegation",
        run: targets::login::delegation,
        seeds: targets::login::delegations,
        mutations: 1_000,
    },
    Target {
        name: "condition",
        run: targets::condition::own,
        seeds: targets::condition::of_own,
        mutations: 1_000,
    },
    Target {
        name: "lit-condition",
        run: targets::condition::lit,
        seeds: targets::condition::of_lit,
        mutations: 1_000,
    },
    Target {
        name: "condition-bytes",
        run: targets::condition::bytes,
        seeds: targets::condition::of_bytes,
        mutations: 1_000,
    },
    Target {
        name: "chain-answer",
        run: targets::condition::answer,
        seeds: targets::condition::of_answers,
        mutations: 500,
    },
    Target {
        name: "action-reply",
        run: targets::action::reply,
        seeds: targets::action::replies,
        mutations: 1_000,
    },
    Target {
        name: "action-command",
        run: targets::action::command,
        seeds: targets::action::commands,
        mutations: 1_000,
    },
    Target { name: "cid", run: targets::action::cid, seeds: targets::action::cids, mutations: 1_000 },
    Target {
        name: "transcript",
        run: targets::transcript::transcript,
        seeds: targets::transcript::seeds,
        mutations: 50,
    },
    Target { name: "worker", run: targets::worker::worker, seeds: targets::worker::seeds, mutations: 100 },
];

/// An input like one of `corpus`: the changes that find most of what random ones find.
pub fn mutate(corpus: &[Vec<u8>], rng: &mut ChaCha20Rng) -> Vec<u8> {
    let pick = |rng: &mut ChaCha20Rng| corpus.get(below(rng, corpus.len())).cloned().unwrap_or_default();
    let mut input = pick(rng);
    for _ in 0..=below(rng, 4) {
        let at = below(rng, input.len());
        let until = at.saturating_add(below(rng, 33)).min(input.len());
        match below(rng, 8) {
            0 => input.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << below(rng, 8)),
            1 => input.iter_mut().skip(at).take(1).for_each(|byte| *byte = rng.next_u32() as u8),
            2 => input
                .iter_mut()
                .take(until)
                .skip(at)
                .for_each(|byte| *byte = [0, 1, 0x7f, 0xff][below(rng, 4)]),
            3 => input.truncate(at),
            4 => drop(input.drain(at..until)),
            5 => drop(input.splice(at..at, (0..below(rng, 33)).map(|_| rng.next_u32() as u8))),
            6 => input.extend_from_within(at..until),
            _ => {
                let other = pick(rng);
                let from = below(rng, other.len());
                input.truncate(at);
                input.extend(other.into_iter().skip(from));
            }
        }
    }
    input
}

fn below(rng: &mut ChaCha20Rng, bound: usize) -> usize {
    rng.next_u64() as usize % bound.max(1)
}
