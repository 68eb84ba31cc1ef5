//! Measured weights of `pallet_committee`: of two runs of `make weights`.
//!
//! frame-omni-bencher with frame-benchmarking-cli 64.0.0, Compiled Wasm: CPU time, 6 steps, 3 repeats, MinSquares. Reads and
//! writes: 2026-11-24. Times: the dearer of `Intel(R) Xeon(R) Processor` (2026-11-24) and `AMD EPYC` (2026-11-23).

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Times are picoseconds; reads and writes of the database come on top. Proof sizes are 0: the chain is no parachain.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_committee::WeightInfo for WeightInfo<T> {
    // At least 1_447_869 ns.
    fn register_worker_keys() -> Weight {
        Weight::from_parts(1_577_513_000, 0)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(6))
    }
    // At least 1_343_774 ns.
    fn replace_worker_keys() -> Weight {
        Weight::from_parts(1_590_623_000, 0)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(7))
    }
    // At least 834_405 ns.
    fn remove_worker_keys() -> Weight {
        Weight::from_parts(1_229_374_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(6))
    }
    /// `n` from 3 to 20.
    // At least 290_042 ns.
    fn commit_dealing(n: u32) -> Weight {
        Weight::from_parts(321_728_895, 0)
            .saturating_add(Weight::from_parts(18_430_219, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    /// `n` from 3 to 20.
    // At least 65_370_232 ns.
    fn deal_keygen(n: u32) -> Weight {
        Weight::from_parts(44_948_127_152, 0)
            .saturating_add(Weight::from_parts(7_409_383_363, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(2)))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    /// `o` from 3 to 20.
    /// `n` from 3 to 20.
    // At least 141_975_332 ns.
    fn deal_reshare(o: u32, n: u32) -> Weight {
        Weight::from_parts(46_178_350_995, 0)
            .saturating_add(Weight::from_parts(2_798_344_986, 0).saturating_mul(o.into()))
            .saturating_add(Weight::from_parts(5_267_551_373, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(u64::from(o).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    /// `n` from 3 to 20.
    // At least 335_811 ns.
    fn report_shares(n: u32) -> Weight {
        Weight::from_parts(345_115_600, 0)
            .saturating_add(Weight::from_parts(11_858_188, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    /// `n` from 3 to 20.
    // At least 44_207_527 ns.
    fn complain(n: u32) -> Weight {
        Weight::from_parts(42_378_013_285, 0)
            .saturating_add(Weight::from_parts(2_030_737_329, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(5))
    }
    /// `n` from 3 to 20.
    // At least 134_120 ns.
    fn confirm_shares(_n: u32) -> Weight {
        Weight::from_parts(166_232_257, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // At least 142_794 ns.
    fn provide_dealing_key() -> Weight {
        Weight::from_parts(144_896_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    /// `n` from 3 to 20.
    /// `s` from 0 to 256.
    // At least 2_066_142 ns.
    fn activate(n: u32, s: u32) -> Weight {
        Weight::from_parts(1_204_823_513, 0)
            .saturating_add(Weight::from_parts(37_720_649, 0).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(20_772_749, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(3)))
            .saturating_add(T::DbWeight::get().reads(u64::from(s).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(4))
            .saturating_add(T::DbWeight::get().writes(u64::from(n).saturating_mul(3)))
            .saturating_add(T::DbWeight::get().writes(u64::from(s).saturating_mul(1)))
    }
    /// `v` from 0 to 100.
    // At least 2_227_252 ns.
    fn start_attempt(v: u32) -> Weight {
        Weight::from_parts(2_515_447_174, 0)
            .saturating_add(Weight::from_parts(16_450_227, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads(74))
            .saturating_add(T::DbWeight::get().reads(u64::from(v).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(50))
    }
    /// `n` from 3 to 20.
    // At least 209_733 ns.
    fn cancel_attempt(n: u32) -> Weight {
        Weight::from_parts(248_479_485, 0)
            .saturating_add(Weight::from_parts(8_564_806, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(2)))
            .saturating_add(T::DbWeight::get().writes(4))
            .saturating_add(T::DbWeight::get().writes(u64::from(n).saturating_mul(2)))
    }
    /// `n` from 3 to 20.
    // At least 637_791 ns.
    fn report_fault(n: u32) -> Weight {
        Weight::from_parts(531_764_685, 0)
            .saturating_add(Weight::from_parts(66_812_866, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    /// `n` from 3 to 20.
    // At least 462_069 ns.
    fn report_peers(n: u32) -> Weight {
        Weight::from_parts(369_098_876, 0)
            .saturating_add(Weight::from_parts(89_799_282, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(2)))
            .saturating_add(T::DbWeight::get().writes(2))
            .saturating_add(T::DbWeight::get().writes(u64::from(n).saturating_mul(1)))
    }
    // At least 85_691 ns.
    fn note_offence() -> Weight {
        Weight::from_parts(117_107_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // At least 6_057_425 ns.
    fn report_offence() -> Weight {
        Weight::from_parts(6_153_519_000, 0)
            .saturating_add(T::DbWeight::get().reads(210))
            .saturating_add(T::DbWeight::get().writes(200))
    }
    /// `n` from 3 to 20.
    // At least 176_513 ns.
    fn authorise_commit(n: u32) -> Weight {
        Weight::from_parts(203_510_685, 0)
            .saturating_add(Weight::from_parts(1_812_636, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(3))
    }
    /// `n` from 3 to 20.
    // At least 241_810 ns.
    fn authorise_deal(n: u32) -> Weight {
        Weight::from_parts(291_348_152, 0)
            .saturating_add(Weight::from_parts(8_015_502, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4))
    }
    /// `n` from 3 to 20.
    // At least 146_438 ns.
    fn authorise_report(n: u32) -> Weight {
        Weight::from_parts(157_508_638, 0)
            .saturating_add(Weight::from_parts(1_461_768, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(2))
    }
    /// `n` from 3 to 20.
    // At least 159_188 ns.
    fn authorise_confirm(n: u32) -> Weight {
        Weight::from_parts(187_457_076, 0)
            .saturating_add(Weight::from_parts(1_347_548, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(2))
    }
    // At least 514_205 ns.
    fn authorise_dealing_key() -> Weight {
        Weight::from_parts(568_870_000, 0).saturating_add(T::DbWeight::get().reads(6))
    }
    /// `n` from 3 to 20.
    // At least 242_632 ns.
    fn authorise_activate(n: u32) -> Weight {
        Weight::from_parts(275_470_428, 0)
            .saturating_add(Weight::from_parts(14_845_784, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4))
    }
    /// `n` from 3 to 20.
    // At least 236_113 ns.
    fn authorise_peers(n: u32) -> Weight {
        Weight::from_parts(237_095_257, 0)
            .saturating_add(Weight::from_parts(11_939_800, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4))
    }
    /// `n` from 3 to 20.
    // At least 565_113 ns.
    fn judge_equivocation(n: u32) -> Weight {
        Weight::from_parts(719_713_285, 0)
            .saturating_add(Weight::from_parts(51_627_417, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6))
    }
    /// `n` from 3 to 20.
    // At least 3_624_826 ns.
    fn judge_ed25519_share(n: u32) -> Weight {
        Weight::from_parts(3_512_935_495, 0)
            .saturating_add(Weight::from_parts(347_457_773, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6))
    }
    /// `n` from 3 to 20.
    // At least 2_294_642 ns.
    fn judge_ristretto255_share(n: u32) -> Weight {
        Weight::from_parts(2_088_489_171, 0)
            .saturating_add(Weight::from_parts(116_762_401, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6))
    }
    /// `n` from 3 to 20.
    // At least 3_575_563 ns.
    fn judge_secp256k1_share(n: u32) -> Weight {
        Weight::from_parts(3_252_929_780, 0)
            .saturating_add(Weight::from_parts(144_550_517, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6))
    }
    /// `n` from 3 to 20.
    // At least 3_497_096 ns.
    fn judge_bip340_share(n: u32) -> Weight {
        Weight::from_parts(2_840_967_038, 0)
            .saturating_add(Weight::from_parts(181_020_738, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6))
    }
    /// `n` from 3 to 20.
    // At least 3_571_907 ns.
    fn judge_taproot_share(n: u32) -> Weight {
        Weight::from_parts(3_370_926_028, 0)
            .saturating_add(Weight::from_parts(133_442_076, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6))
    }
    /// `n` from 3 to 20.
    // At least 48_851_460 ns.
    fn judge_bls_g1_share(n: u32) -> Weight {
        Weight::from_parts(44_788_652_697, 0)
            .saturating_add(Weight::from_parts(1_538_819_091, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6))
    }
    /// `n` from 3 to 20.
    // At least 30_090_449 ns.
    fn judge_bls_g2_share(n: u32) -> Weight {
        Weight::from_parts(29_554_923_519, 0)
            .saturating_add(Weight::from_parts(291_396_858, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6))
    }
    /// `n` from 3 to 20.
    // At least 72_021 ns.
    fn idle_block(n: u32) -> Weight {
        Weight::from_parts(96_923_439, 0)
            .saturating_add(Weight::from_parts(500_831, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4))
    }
    /// `v` from 0 to 100.
    // At least 1_483_683 ns.
    fn begin_session(v: u32) -> Weight {
        Weight::from_parts(1_708_389_936, 0)
            .saturating_add(Weight::from_parts(13_376_849, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads(47))
            .saturating_add(T::DbWeight::get().reads(u64::from(v).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    /// `n` from 3 to 20.
    // At least 231_035 ns.
    fn miss_deadline(n: u32) -> Weight {
        Weight::from_parts(375_049_190, 0)
            .saturating_add(Weight::from_parts(13_049_438, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(2)))
            .saturating_add(T::DbWeight::get().writes(4))
            .saturating_add(T::DbWeight::get().writes(u64::from(n).saturating_mul(2)))
    }
    /// `d` from 1 to 20.
    // At least 618_743 ns.
    fn read_dealings(d: u32) -> Weight {
        Weight::from_parts(270_467_738, 0)
            .saturating_add(Weight::from_parts(380_610_689, 0).saturating_mul(d.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(u64::from(d).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    /// `p` from 1 to 280.
    // At least 150_665 ns.
    fn sum_secp256k1(p: u32) -> Weight {
        Weight::from_parts(392_676_333, 0)
            .saturating_add(Weight::from_parts(28_850_814, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    /// `p` from 1 to 280.
    // At least 172_617 ns.
    fn sum_ed25519(p: u32) -> Weight {
        Weight::from_parts(172_617_000, 0)
            .saturating_add(Weight::from_parts(112_697_658, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    /// `p` from 1 to 280.
    // At least 138_987 ns.
    fn sum_secp256r1(p: u32) -> Weight {
        Weight::from_parts(138_987_000, 0)
            .saturating_add(Weight::from_parts(50_119_497, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    /// `p` from 1 to 280.
    // At least 61_549 ns.
    fn sum_ristretto255(p: u32) -> Weight {
        Weight::from_parts(122_287_111, 0)
            .saturating_add(Weight::from_parts(7_408_071, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    /// `p` from 1 to 280.
    // At least 472_375 ns.
    fn sum_bls12381g1(p: u32) -> Weight {
        Weight::from_parts(2_305_434_342, 0)
            .saturating_add(Weight::from_parts(223_569_327, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    /// `p` from 1 to 280.
    // At least 1_421_249 ns.
    fn sum_bls12381g2(p: u32) -> Weight {
        Weight::from_parts(1_421_249_000, 0)
            .saturating_add(Weight::from_parts(1_254_049_936, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    /// `p` from 1 to 280.
    // At least 828_766 ns.
    fn interpolate_secp256k1(p: u32) -> Weight {
        Weight::from_parts(2_503_083_227, 0)
            .saturating_add(Weight::from_parts(50_013_881, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    /// `p` from 1 to 280.
    // At least 392_113 ns.
    fn interpolate_ed25519(p: u32) -> Weight {
        Weight::from_parts(760_802_012, 0)
            .saturating_add(Weight::from_parts(116_720_047, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    /// `p` from 1 to 280.
    // At least 1_014_754 ns.
    fn interpolate_secp256r1(p: u32) -> Weight {
        Weight::from_parts(5_421_881_727, 0)
            .saturating_add(Weight::from_parts(75_218_751, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    /// `p` from 1 to 280.
    // At least 563_891 ns.
    fn interpolate_ristretto255(p: u32) -> Weight {
        Weight::from_parts(1_397_724_662, 0)
            .saturating_add(Weight::from_parts(12_316_188, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    /// `p` from 1 to 280.
    // At least 2_945_113 ns.
    fn interpolate_bls12381g1(p: u32) -> Weight {
        Weight::from_parts(21_713_749_273, 0)
            .saturating_add(Weight::from_parts(321_146_066, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    /// `p` from 1 to 280.
    // At least 8_606_878 ns.
    fn interpolate_bls12381g2(p: u32) -> Weight {
        Weight::from_parts(57_002_331_209, 0)
            .saturating_add(Weight::from_parts(1_494_801_548, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }
}
