//! Reasoned weights of `pallet_committee`, until `make weights` has measured them: curve operations count six times their
//! native CPU time.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Times are picoseconds; reads and writes of the database come on top.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_committee::WeightInfo for WeightInfo<T> {
    fn register_worker_keys() -> Weight {
        Weight::from_parts(1_080_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(8))
    }

    fn replace_worker_keys() -> Weight {
        Weight::from_parts(1_080_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(10))
    }

    fn remove_worker_keys() -> Weight {
        Weight::from_parts(100_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(6))
    }

    fn commit_dealing(n: u32) -> Weight {
        Weight::from_parts(100_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    fn deal_keygen(n: u32) -> Weight {
        Weight::from_parts(40_120_000_000, 0)
            .saturating_add(Weight::from_parts(4_901_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(2)))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    fn deal_reshare(o: u32, n: u32) -> Weight {
        Weight::from_parts(0, 0)
            .saturating_add(Weight::from_parts(5_127_875_000, 0).saturating_mul(o.into()))
            .saturating_add(Weight::from_parts(4_901_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().reads(u64::from(o).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    fn report_shares(n: u32) -> Weight {
        Weight::from_parts(200_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    fn complain(n: u32) -> Weight {
        Weight::from_parts(40_840_000_000, 0)
            .saturating_add(Weight::from_parts(4_501_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    fn confirm_shares(_n: u32) -> Weight {
        Weight::from_parts(200_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    fn activate(n: u32, s: u32) -> Weight {
        Weight::from_parts(500_000_000, 0)
            .saturating_add(Weight::from_parts(20_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(10))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().reads(u64::from(s).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(12))
            .saturating_add(T::DbWeight::get().writes(u64::from(n).saturating_mul(2)))
            .saturating_add(T::DbWeight::get().writes(u64::from(s).saturating_mul(1)))
    }

    fn start_attempt(v: u32) -> Weight {
        Weight::from_parts(1_000_000_000, 0)
            .saturating_add(Weight::from_parts(5_000_000, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads(80))
            .saturating_add(T::DbWeight::get().reads(u64::from(v).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(50))
    }

    fn cancel_attempt(n: u32) -> Weight {
        Weight::from_parts(500_000_000, 0)
            .saturating_add(Weight::from_parts(20_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(2)))
            .saturating_add(T::DbWeight::get().writes(8))
            .saturating_add(T::DbWeight::get().writes(u64::from(n).saturating_mul(2)))
    }

    fn report_fault(_n: u32) -> Weight {
        Weight::from_parts(500_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    fn report_peers(n: u32) -> Weight {
        Weight::from_parts(200_000_000, 0)
            .saturating_add(Weight::from_parts(60_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(3)))
            .saturating_add(T::DbWeight::get().writes(3))
            .saturating_add(T::DbWeight::get().writes(u64::from(n).saturating_mul(2)))
    }

    fn report_offence() -> Weight {
        Weight::from_parts(1_710_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(206))
            .saturating_add(T::DbWeight::get().writes(202))
    }

    fn authorise_commit(_n: u32) -> Weight {
        Weight::from_parts(200_000_000, 0).saturating_add(T::DbWeight::get().reads(4))
    }

    fn authorise_deal(n: u32) -> Weight {
        Weight::from_parts(200_000_000, 0)
            .saturating_add(Weight::from_parts(20_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(1)))
    }

    fn authorise_report(n: u32) -> Weight {
        Weight::from_parts(200_000_000, 0)
            .saturating_add(Weight::from_parts(5_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4))
    }

    fn authorise_confirm(_n: u32) -> Weight {
        Weight::from_parts(200_000_000, 0).saturating_add(T::DbWeight::get().reads(4))
    }

    fn authorise_activate(n: u32) -> Weight {
        Weight::from_parts(400_000_000, 0)
            .saturating_add(Weight::from_parts(10_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(5))
    }

    fn authorise_peers(n: u32) -> Weight {
        Weight::from_parts(300_000_000, 0)
            .saturating_add(Weight::from_parts(5_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(5))
    }

    fn judge_equivocation(n: u32) -> Weight {
        Weight::from_parts(400_000_000, 0)
            .saturating_add(Weight::from_parts(10_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8))
    }

    fn judge_ed25519_share(n: u32) -> Weight {
        Weight::from_parts(3_520_000_000, 0)
            .saturating_add(Weight::from_parts(840_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8))
    }

    fn judge_ristretto255_share(n: u32) -> Weight {
        Weight::from_parts(2_160_000_000, 0)
            .saturating_add(Weight::from_parts(364_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8))
    }

    fn judge_secp256k1_share(n: u32) -> Weight {
        Weight::from_parts(3_840_000_000, 0)
            .saturating_add(Weight::from_parts(784_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8))
    }

    fn judge_bip340_share(n: u32) -> Weight {
        Weight::from_parts(3_840_000_000, 0)
            .saturating_add(Weight::from_parts(784_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8))
    }

    fn judge_taproot_share(n: u32) -> Weight {
        Weight::from_parts(3_840_000_000, 0)
            .saturating_add(Weight::from_parts(784_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8))
    }

    fn idle_block(n: u32) -> Weight {
        Weight::from_parts(100_000_000, 0)
            .saturating_add(Weight::from_parts(3_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(5))
    }

    fn begin_session(v: u32) -> Weight {
        Weight::from_parts(500_000_000, 0)
            .saturating_add(Weight::from_parts(5_000_000, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads(80))
            .saturating_add(T::DbWeight::get().reads(u64::from(v).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn miss_deadline(n: u32) -> Weight {
        Weight::from_parts(500_000_000, 0)
            .saturating_add(Weight::from_parts(20_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(2)))
            .saturating_add(T::DbWeight::get().writes(8))
            .saturating_add(T::DbWeight::get().writes(u64::from(n).saturating_mul(2)))
    }

    fn read_dealings(d: u32) -> Weight {
        Weight::from_parts(200_000_000, 0)
            .saturating_add(Weight::from_parts(300_000_000, 0).saturating_mul(d.into()))
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().reads(u64::from(d).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    fn sum_secp256k1(p: u32) -> Weight {
        Weight::from_parts(300_000_000, 0)
            .saturating_add(Weight::from_parts(48_000_000, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn sum_ed25519(p: u32) -> Weight {
        Weight::from_parts(300_000_000, 0)
            .saturating_add(Weight::from_parts(216_000_000, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn sum_secp256r1(p: u32) -> Weight {
        Weight::from_parts(300_000_000, 0)
            .saturating_add(Weight::from_parts(72_000_000, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn sum_ristretto255(p: u32) -> Weight {
        Weight::from_parts(300_000_000, 0)
            .saturating_add(Weight::from_parts(24_000_000, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn sum_bls12381g1(p: u32) -> Weight {
        Weight::from_parts(300_000_000, 0)
            .saturating_add(Weight::from_parts(204_000_000, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn sum_bls12381g2(p: u32) -> Weight {
        Weight::from_parts(300_000_000, 0)
            .saturating_add(Weight::from_parts(984_000_000, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn interpolate_secp256k1(p: u32) -> Weight {
        Weight::from_parts(300_000_000, 0)
            .saturating_add(Weight::from_parts(340_000_000, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn interpolate_ed25519(p: u32) -> Weight {
        Weight::from_parts(300_000_000, 0)
            .saturating_add(Weight::from_parts(360_000_000, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn interpolate_secp256r1(p: u32) -> Weight {
        Weight::from_parts(300_000_000, 0)
            .saturating_add(Weight::from_parts(990_000_000, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn interpolate_ristretto255(p: u32) -> Weight {
        Weight::from_parts(300_000_000, 0)
            .saturating_add(Weight::from_parts(200_000_000, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn interpolate_bls12381g1(p: u32) -> Weight {
        Weight::from_parts(300_000_000, 0)
            .saturating_add(Weight::from_parts(2_470_000_000, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    fn interpolate_bls12381g2(p: u32) -> Weight {
        Weight::from_parts(300_000_000, 0)
            .saturating_add(Weight::from_parts(5_720_000_000, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }
}
