//! Measured weights of `pallet_committee`: written by `make weights`, not by hand.
//!
//! 2026-11-22, frame-omni-bencher with frame-benchmarking-cli 64.0.0, Compiled Wasm, on `AMD EPYC`:
//! CPU time, 2 steps (reshare's dealing and activation 4), 1 repeats, MinSquares.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Times are picoseconds; reads and writes of the database come on top. Proof sizes are 0: the chain is no parachain.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_committee::WeightInfo for WeightInfo<T> {
    // At least 1_317_084 ns.
    fn register_worker_keys() -> Weight {
        Weight::from_parts(1_317_084_000, 0)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(6))
    }

    // At least 1_087_812 ns.
    fn replace_worker_keys() -> Weight {
        Weight::from_parts(1_087_812_000, 0)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(7))
    }

    // At least 1_244_416 ns.
    fn remove_worker_keys() -> Weight {
        Weight::from_parts(1_244_416_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(6))
    }

    /// `n` from 3 to 32.
    // At least 274_659 ns.
    fn commit_dealing(n: u32) -> Weight {
        Weight::from_parts(191_518_655, 0)
            .saturating_add(Weight::from_parts(27_713_448, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `n` from 3 to 32.
    // At least 69_263_327 ns.
    fn deal_keygen(n: u32) -> Weight {
        Weight::from_parts(52_074_159_965, 0)
            .saturating_add(Weight::from_parts(5_729_722_344, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(2)))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `o` from 3 to 32.
    /// `n` from 3 to 32.
    // At least 199_571_648 ns.
    fn deal_reshare(o: u32, n: u32) -> Weight {
        Weight::from_parts(29_769_678_934, 0)
            .saturating_add(Weight::from_parts(6_309_690_810, 0).saturating_mul(o.into()))
            .saturating_add(Weight::from_parts(4_945_375_238, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(u64::from(o).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `n` from 3 to 32.
    // At least 681_587 ns.
    fn report_shares(n: u32) -> Weight {
        Weight::from_parts(658_749_862, 0)
            .saturating_add(Weight::from_parts(7_612_379, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `n` from 3 to 32.
    // At least 40_921_306 ns.
    fn complain(n: u32) -> Weight {
        Weight::from_parts(23_420_807_034, 0)
            .saturating_add(Weight::from_parts(5_833_499_655, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// `n` from 3 to 32.
    // At least 167_660 ns.
    fn confirm_shares(_n: u32) -> Weight {
        Weight::from_parts(541_193_793, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `n` from 3 to 32.
    /// `s` from 0 to 256.
    // At least 2_311_258 ns.
    fn activate(n: u32, s: u32) -> Weight {
        Weight::from_parts(3_185_053_741, 0)
            .saturating_add(Weight::from_parts(19_238_280, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(3)))
            .saturating_add(T::DbWeight::get().reads(u64::from(s).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(5))
            .saturating_add(T::DbWeight::get().writes(u64::from(n).saturating_mul(3)))
            .saturating_add(T::DbWeight::get().writes(u64::from(s).saturating_mul(1)))
    }

    /// `v` from 0 to 100.
    // At least 2_926_590 ns.
    fn start_attempt(v: u32) -> Weight {
        Weight::from_parts(2_926_590_000, 0)
            .saturating_add(Weight::from_parts(26_062_930, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads(110))
            .saturating_add(T::DbWeight::get().reads(u64::from(v).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(42))
    }

    /// `n` from 3 to 32.
    // At least 306_788 ns.
    fn cancel_attempt(n: u32) -> Weight {
        Weight::from_parts(263_347_379, 0)
            .saturating_add(Weight::from_parts(14_480_206, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(2)))
            .saturating_add(T::DbWeight::get().writes(4))
            .saturating_add(T::DbWeight::get().writes(u64::from(n).saturating_mul(2)))
    }

    /// `n` from 3 to 32.
    // At least 1_063_817 ns.
    fn report_fault(n: u32) -> Weight {
        Weight::from_parts(944_401_275, 0)
            .saturating_add(Weight::from_parts(39_805_241, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `n` from 3 to 32.
    // At least 721_877 ns.
    fn report_peers(n: u32) -> Weight {
        Weight::from_parts(451_522_482, 0)
            .saturating_add(Weight::from_parts(90_118_172, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(1)))
    }

    // At least 6_494_959 ns.
    fn report_offence() -> Weight {
        Weight::from_parts(6_494_959_000, 0)
            .saturating_add(T::DbWeight::get().reads(210))
            .saturating_add(T::DbWeight::get().writes(200))
    }

    /// `n` from 3 to 32.
    // At least 199_748 ns.
    fn authorise_commit(n: u32) -> Weight {
        Weight::from_parts(198_178_379, 0)
            .saturating_add(Weight::from_parts(523_206, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(3))
    }

    /// `n` from 3 to 32.
    // At least 275_531 ns.
    fn authorise_deal(n: u32) -> Weight {
        Weight::from_parts(237_414_551, 0)
            .saturating_add(Weight::from_parts(12_705_482, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4))
    }

    /// `n` from 3 to 32.
    // At least 552_975 ns.
    fn authorise_report(_n: u32) -> Weight {
        Weight::from_parts(708_186_034, 0).saturating_add(T::DbWeight::get().reads(2))
    }

    /// `n` from 3 to 32.
    // At least 189_493 ns.
    fn authorise_confirm(_n: u32) -> Weight {
        Weight::from_parts(540_183_206, 0).saturating_add(T::DbWeight::get().reads(2))
    }

    /// `n` from 3 to 32.
    // At least 374_238 ns.
    fn authorise_activate(n: u32) -> Weight {
        Weight::from_parts(328_824_724, 0)
            .saturating_add(Weight::from_parts(15_137_758, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4))
    }

    /// `n` from 3 to 32.
    // At least 277_824 ns.
    fn authorise_peers(n: u32) -> Weight {
        Weight::from_parts(220_310_896, 0)
            .saturating_add(Weight::from_parts(19_171_034, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4))
    }

    /// `n` from 3 to 32.
    // At least 976_877 ns.
    fn judge_equivocation(n: u32) -> Weight {
        Weight::from_parts(737_105_931, 0)
            .saturating_add(Weight::from_parts(79_923_689, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6))
    }

    /// `n` from 3 to 32.
    // At least 5_712_800 ns.
    fn judge_ed25519_share(n: u32) -> Weight {
        Weight::from_parts(4_780_048_379, 0)
            .saturating_add(Weight::from_parts(310_917_206, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6))
    }

    /// `n` from 3 to 32.
    // At least 2_809_670 ns.
    fn judge_ristretto255_share(n: u32) -> Weight {
        Weight::from_parts(2_455_648_896, 0)
            .saturating_add(Weight::from_parts(118_007_034, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6))
    }

    /// `n` from 3 to 32.
    // At least 4_212_638 ns.
    fn judge_secp256k1_share(n: u32) -> Weight {
        Weight::from_parts(3_732_727_586, 0)
            .saturating_add(Weight::from_parts(159_970_137, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6))
    }

    /// `n` from 3 to 32.
    // At least 4_872_839 ns.
    fn judge_bip340_share(n: u32) -> Weight {
        Weight::from_parts(4_488_517_275, 0)
            .saturating_add(Weight::from_parts(128_107_241, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6))
    }

    /// `n` from 3 to 32.
    // At least 3_960_327 ns.
    fn judge_taproot_share(n: u32) -> Weight {
        Weight::from_parts(3_437_864_275, 0)
            .saturating_add(Weight::from_parts(174_154_241, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6))
    }

    /// `n` from 3 to 32.
    // At least 75_463 ns.
    fn idle_block(n: u32) -> Weight {
        Weight::from_parts(41_122_827, 0)
            .saturating_add(Weight::from_parts(11_446_724, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(3))
    }

    /// `v` from 0 to 100.
    // At least 2_327_653 ns.
    fn begin_session(v: u32) -> Weight {
        Weight::from_parts(2_327_653_000, 0)
            .saturating_add(Weight::from_parts(19_462_020, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads(71))
            .saturating_add(T::DbWeight::get().reads(u64::from(v).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `n` from 3 to 32.
    // At least 444_794 ns.
    fn miss_deadline(n: u32) -> Weight {
        Weight::from_parts(373_562_931, 0)
            .saturating_add(Weight::from_parts(23_743_689, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(u64::from(n).saturating_mul(2)))
            .saturating_add(T::DbWeight::get().writes(4))
            .saturating_add(T::DbWeight::get().writes(u64::from(n).saturating_mul(2)))
    }

    /// `d` from 1 to 32.
    // At least 664_351 ns.
    fn read_dealings(d: u32) -> Weight {
        Weight::from_parts(71_022_483, 0)
            .saturating_add(Weight::from_parts(593_328_516, 0).saturating_mul(d.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().reads(u64::from(d).saturating_mul(1)))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p` from 1 to 704.
    // At least 471_282 ns.
    fn sum_secp256k1(p: u32) -> Weight {
        Weight::from_parts(441_307_990, 0)
            .saturating_add(Weight::from_parts(29_974_009, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p` from 1 to 704.
    // At least 190_634 ns.
    fn sum_ed25519(p: u32) -> Weight {
        Weight::from_parts(78_133_209, 0)
            .saturating_add(Weight::from_parts(112_500_790, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p` from 1 to 704.
    // At least 142_743 ns.
    fn sum_secp256r1(p: u32) -> Weight {
        Weight::from_parts(95_110_916, 0)
            .saturating_add(Weight::from_parts(47_632_083, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p` from 1 to 704.
    // At least 95_202 ns.
    fn sum_ristretto255(p: u32) -> Weight {
        Weight::from_parts(88_120_128, 0)
            .saturating_add(Weight::from_parts(7_081_871, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p` from 1 to 704.
    // At least 827_254 ns.
    fn sum_bls12381g1(p: u32) -> Weight {
        Weight::from_parts(544_641_722, 0)
            .saturating_add(Weight::from_parts(282_612_277, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p` from 1 to 704.
    // At least 1_888_207 ns.
    fn sum_bls12381g2(p: u32) -> Weight {
        Weight::from_parts(633_432_362, 0)
            .saturating_add(Weight::from_parts(1_254_774_637, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p` from 1 to 704.
    // At least 1_795_250 ns.
    fn interpolate_secp256k1(p: u32) -> Weight {
        Weight::from_parts(1_445_725_159, 0)
            .saturating_add(Weight::from_parts(349_524_840, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p` from 1 to 704.
    // At least 695_998 ns.
    fn interpolate_ed25519(p: u32) -> Weight {
        Weight::from_parts(495_183_975, 0)
            .saturating_add(Weight::from_parts(200_814_024, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p` from 1 to 704.
    // At least 1_454_319 ns.
    fn interpolate_secp256r1(p: u32) -> Weight {
        Weight::from_parts(837_517_560, 0)
            .saturating_add(Weight::from_parts(616_801_439, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p` from 1 to 704.
    // At least 934_924 ns.
    fn interpolate_ristretto255(p: u32) -> Weight {
        Weight::from_parts(832_062_614, 0)
            .saturating_add(Weight::from_parts(102_861_385, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p` from 1 to 704.
    // At least 3_348_434 ns.
    fn interpolate_bls12381g1(p: u32) -> Weight {
        Weight::from_parts(792_036_755, 0)
            .saturating_add(Weight::from_parts(2_556_397_244, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p` from 1 to 704.
    // At least 10_273_234 ns.
    fn interpolate_bls12381g2(p: u32) -> Weight {
        Weight::from_parts(1_875_233_678, 0)
            .saturating_add(Weight::from_parts(8_398_000_321, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }
}
