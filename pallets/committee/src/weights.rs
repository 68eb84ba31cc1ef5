//! Weights. The figures are reasoned from operation counts, not yet benchmarked: each scalar multiplication counts
//! 300 µs, about four times what it takes compiled ahead of time on 2026 server cores, to cover curve code in Wasm; a
//! strict decoding of a point counts 360 µs, since on Ed25519 it multiplies by the order of the group.

use conclave_primitives::MAX_MEMBERS;
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
    /// Validation of a worker's call that hashes `dealings` dealings.
    fn authorise(dealings: u32) -> Weight;
    /// The hook, and what starts and ends attempts.
    fn start() -> Weight;
    /// The combination of all dealings to one key.
    fn finalise_key(size: Size) -> Weight;
}

/// Weights from operation counts.
pub struct ReasonedWeight;

const MICROSECOND: u64 = 1_000_000;

fn multiplications(count: u64) -> Weight {
    Weight::from_parts(count.saturating_mul(300).saturating_mul(MICROSECOND), 0)
}

fn decodings(count: u64) -> Weight {
    Weight::from_parts(count.saturating_mul(360).saturating_mul(MICROSECOND), 0)
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
        multiplications(6).saturating_add(database(6, 8))
    }

    fn remove_worker_keys() -> Weight {
        database(4, 6)
    }

    fn commit_dealing() -> Weight {
        database(1, 1)
    }

    fn deal(size: Size) -> Weight {
        // Two multiplications per proof: one proof a key, one a recipient; t points a key.
        let proofs = u64::from(size.keys).saturating_add(u64::from(size.members));
        multiplications(proofs.saturating_mul(2))
            .saturating_add(decodings(
                product(size.keys, size.threshold).saturating_add(u64::from(size.members)),
            ))
            .saturating_add(database(2, 2))
    }

    fn report_shares(size: Size, complaints: u32) -> Weight {
        // The proof of equality takes four, each share one and the evaluation of its commitments about another.
        let each = u64::from(size.keys).saturating_mul(2).saturating_add(4);
        multiplications(each.saturating_mul(u64::from(complaints)))
            .saturating_add(decodings(
                product(size.keys, size.threshold).saturating_mul(u64::from(complaints)),
            ))
            .saturating_add(database(1, 1))
            .saturating_add(RocksDbWeight::get().reads_writes(u64::from(complaints), u64::from(complaints)))
    }

    fn confirm_shares() -> Weight {
        database(1, 1)
    }

    fn activate() -> Weight {
        database(3, 4)
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

    fn finalise_key(size: Size) -> Weight {
        // A reshare multiplies each commitment by its dealer's coefficient.
        let points = product(size.dealers, size.threshold);
        decodings(points)
            .saturating_add(multiplications(points))
            .saturating_add(RocksDbWeight::get().reads(u64::from(size.dealers)))
            .saturating_add(database(3, 2))
    }
}
