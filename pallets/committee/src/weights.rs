//! Weights. The figures are reasoned from operation counts, not yet benchmarked: curve operations count six times the
//! CPU time that they took compiled ahead of time on two cores of 2026, to cover curve code in Wasm. Curves differ by
//! a factor of 30, so the count is by curve: a dealing has a polynomial for each of `root_key_ids()`.

use conclave_primitives::{root_key_ids, Curve, Evidence, MAX_MEMBERS, ROOTS_PER_CURVE};
use frame_support::weights::{constants::RocksDbWeight, Weight};

/// What the work depends on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Size {
    /// Dealings, at most.
    pub dealers: u32,
    /// n.
    pub members: u32,
    /// t.
    pub threshold: u32,
    /// Keys in an attempt.
    pub keys: u32,
}

/// Weights of the calls and of the hook.
pub trait WeightInfo {
    /// Three proofs of possession.
    fn register_worker_keys() -> Weight;
    /// Four removals.
    fn remove_worker_keys() -> Weight;
    /// One insertion.
    fn commit_dealing() -> Weight;
    /// Verification of all that is public in a dealing.
    fn deal(size: Size) -> Weight;
    /// Judgement of complaints.
    fn report_shares(size: Size, complaints: u32) -> Weight;
    /// One insertion.
    fn confirm_shares() -> Weight;
    /// One committee written.
    fn activate() -> Weight;
    /// An offence reported, with the slashes that staking computes from it.
    fn report_offence() -> Weight;
    /// A conviction: one offence.
    fn report_fault() -> Weight;
    /// Every report of an epoch read, demerits and exclusions of all.
    fn report_peers() -> Weight;
    /// Validation of a `report_fault`.
    fn judge(evidence: &Evidence) -> Weight;
    /// Validation of a worker's call that hashes `dealings` dealings.
    fn authorise(dealings: u32) -> Weight;
    /// The hook, and what starts and ends attempts.
    fn start() -> Weight;
    /// The combination of all dealings to one key on this curve.
    fn finalise_key(curve: Curve, size: Size) -> Weight;
}

/// Weights from operation counts.
pub struct ReasonedWeight;

const MICROSECOND: u64 = 1_000_000;

/// Nominators of one page of a validator's exposure, as pallet-babe is told for its reports.
const NOMINATORS: u32 = 64;
/// Standings that have not faded: of the members of eight epochs, if all were different.
const STANDINGS: u32 = 8 * MAX_MEMBERS;

/// What an operation on a point takes, in microseconds.
type Cost = fn(Curve) -> u64;

/// A multiplication by a scalar.
const fn multiplication(curve: Curve) -> u64 {
    match curve {
        Curve::Secp256k1 => 300,
        Curve::Ed25519 | Curve::Ristretto255 => 180,
        Curve::Secp256r1 => 930,
        Curve::Bls12381G1 => 2_300,
        Curve::Bls12381G2 => 4_900,
    }
}

/// A strict decoding, which on Ed25519 and BLS12-381 looks at the subgroup.
const fn decoding(curve: Curve) -> u64 {
    match curve {
        Curve::Secp256k1 => 130,
        Curve::Ed25519 => 210,
        Curve::Secp256r1 => 150,
        Curve::Ristretto255 => 40,
        Curve::Bls12381G1 => 720,
        Curve::Bls12381G2 => 1_500,
    }
}

/// A decoding of what was decoded strictly before.
const fn verified_decoding(curve: Curve) -> u64 {
    match curve {
        Curve::Secp256k1 => 40,
        Curve::Ed25519 => 180,
        Curve::Secp256r1 => 60,
        Curve::Ristretto255 => 20,
        Curve::Bls12381G1 => 170,
        Curve::Bls12381G2 => 820,
    }
}

/// `count` operations for each of `keys` keys, at the mean over the keys of an attempt.
fn per_key(cost: Cost, keys: u32, count: u64) -> Weight {
    let ids = root_key_ids();
    let sum = ids.iter().fold(0, |sum: u64, id| sum.saturating_add(cost(id.curve)));
    let of_keys = sum.saturating_mul(u64::from(keys)).div_ceil(ids.len().max(1) as u64);
    Weight::from_parts(of_keys.saturating_mul(count).saturating_mul(MICROSECOND), 0)
}

/// `count` operations on one curve.
fn on(curve: Curve, cost: Cost, count: u64) -> Weight {
    Weight::from_parts(cost(curve).saturating_mul(count).saturating_mul(MICROSECOND), 0)
}

/// `count` operations on ristretto255, where encryption keys are.
fn on_ristretto255(cost: Cost, count: u64) -> Weight {
    on(Curve::Ristretto255, cost, count)
}

fn database(reads: u64, writes: u64) -> Weight {
    // A committee with its keys is at most about 16 kB.
    RocksDbWeight::get().reads_writes(reads, writes).saturating_add(Weight::from_parts(0, 16_384))
}

fn product(a: u32, b: u32) -> u64 {
    u64::from(a).saturating_mul(u64::from(b))
}

impl WeightInfo for ReasonedWeight {
    fn register_worker_keys() -> Weight {
        on_ristretto255(multiplication, 6).saturating_add(database(6, 8))
    }

    fn remove_worker_keys() -> Weight {
        database(4, 6)
    }

    fn commit_dealing() -> Weight {
        database(1, 1)
    }

    fn deal(size: Size) -> Weight {
        // Two multiplications per proof: one proof a key, one a recipient; t points a key.
        per_key(multiplication, size.keys, 2)
            .saturating_add(per_key(decoding, size.keys, u64::from(size.threshold)))
            .saturating_add(on_ristretto255(multiplication, u64::from(size.members).saturating_mul(2)))
            .saturating_add(on_ristretto255(decoding, u64::from(size.members)))
            .saturating_add(database(2, 2))
            // A bad one is an offence.
            .saturating_add(Self::report_offence())
    }

    fn report_shares(size: Size, complaints: u32) -> Weight {
        // The proof of equality takes four, each share one and the evaluation of its commitments about another.
        let complaints = u64::from(complaints);
        per_key(multiplication, size.keys, complaints.saturating_mul(2))
            .saturating_add(on_ristretto255(multiplication, complaints.saturating_mul(4)))
            .saturating_add(per_key(
                decoding,
                size.keys,
                u64::from(size.threshold).saturating_mul(complaints),
            ))
            .saturating_add(database(1, 1))
            .saturating_add(RocksDbWeight::get().reads_writes(complaints, complaints))
            .saturating_add(Self::report_offence().saturating_mul(complaints))
    }

    fn confirm_shares() -> Weight {
        database(1, 1)
    }

    fn activate() -> Weight {
        // The standings of the members of some epochs are gone through, and the reports of one.
        let (members, standings) = (u64::from(MAX_MEMBERS), u64::from(STANDINGS));
        database(standings.saturating_add(4), members.saturating_add(standings).saturating_add(5))
    }

    fn report_offence() -> Weight {
        // As pallet-babe weighs its reports: staking touches spans and slashes of a validator and of its nominators.
        Weight::from_parts(
            u64::from(NOMINATORS).saturating_mul(25).saturating_add(110).saturating_mul(MICROSECOND),
            0,
        )
        .saturating_add(database(
            u64::from(NOMINATORS).saturating_mul(3).saturating_add(14),
            u64::from(NOMINATORS).saturating_mul(3).saturating_add(10),
        ))
    }

    fn report_fault() -> Weight {
        Self::report_offence().saturating_add(database(6, 1))
    }

    fn report_peers() -> Weight {
        let members = u64::from(MAX_MEMBERS);
        database(members.saturating_mul(3).saturating_add(2), members.saturating_mul(2).saturating_add(1))
    }

    fn judge(evidence: &Evidence) -> Weight {
        match evidence {
            // Three Ed25519 verifications by host function; the committees are read twice.
            Evidence::Equivocation { .. } => Weight::from_parts(3 * 60 * MICROSECOND, 0),
            // For each of the t signers two points and a multiplication in the sum of nonces; for the public share t
            // points of each of K root keys, and their sum by doubling and adding, about a multiplication each 30.
            Evidence::FrostShare { package, .. } => {
                let signers = package.commitments.len() as u64;
                let roots = u64::from(ROOTS_PER_CURVE);
                let curve = package.scheme.curve();
                on(curve, multiplication, signers.saturating_mul(2).saturating_add(8))
                    .saturating_add(on(
                        curve,
                        decoding,
                        signers.saturating_mul(roots.saturating_add(2)).saturating_add(8),
                    ))
                    .saturating_add(Weight::from_parts(2 * 60 * MICROSECOND, 0))
            }
            // The public share as above; three points decoded, one hashed to, and a product of two pairings.
            Evidence::BlsShare { subject, .. } => {
                let (signers, curve) = (subject.quorum.len() as u64, subject.scheme.curve());
                on(curve, decoding, signers.saturating_mul(u64::from(ROOTS_PER_CURVE)).saturating_add(8))
                    .saturating_add(on(curve, multiplication, 8))
                    .saturating_add(Weight::from_parts(60_000 * MICROSECOND, 0))
            }
        }
        .saturating_add(database(8, 0))
    }

    fn authorise(dealings: u32) -> Weight {
        // An Ed25519 verification by host function, and BLAKE2 over a dealing.
        Weight::from_parts(
            u64::from(dealings).saturating_add(1).saturating_mul(60).saturating_mul(MICROSECOND),
            0,
        )
        .saturating_add(database(4, 0))
    }

    fn start() -> Weight {
        // One look at every validator's worker keys.
        database(8, 4).saturating_add(RocksDbWeight::get().reads(u64::from(MAX_MEMBERS)))
    }

    fn finalise_key(curve: Curve, size: Size) -> Weight {
        // A reshare multiplies each commitment by its dealer's coefficient.
        let points = product(size.dealers, size.threshold);
        on(curve, verified_decoding, points)
            .saturating_add(on(curve, multiplication, points))
            .saturating_add(RocksDbWeight::get().reads(u64::from(size.dealers)))
            .saturating_add(database(3, 2))
    }
}
