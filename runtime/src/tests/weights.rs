//! What the committee's work takes of the blocks, with the measured weights: a worst epoch of twenty members must fit into
//! the blocks that its phases have. `cargo test -p conclave-runtime figures -- --nocapture` prints the table of runtime/README.md.

use crate::{
    configs::{RuntimeBlockWeights, MAXIMUM_BLOCK_LENGTH, NORMAL_DISPATCH_RATIO},
    transaction, Runtime, RuntimeCall, UncheckedExtrinsic,
};
use codec::Encode;
use conclave_primitives::{
    root_key_ids, threshold_of, Attempt, AttemptId, AttemptKind, Curve, Epoch, ParticipantIndex, MAX_MEMBERS,
    MIN_MEMBERS,
};
use conclave_vss::{deal, Dealing, DealingContext, EncryptionSecret, Secrets};
use frame_support::{dispatch::DispatchClass, weights::Weight};
use pallet_attestation::WeightInfo as _;
use pallet_committee::{Call, Config, Size, WeightInfo};
use pallet_pkp::WeightInfo as _;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sp_runtime::generic::Era;

type Committee = <Runtime as Config>::WeightInfo;
type Attestation = <Runtime as pallet_attestation::Config>::WeightInfo;
type Pkp = <Runtime as pallet_pkp::Config>::WeightInfo;

/// What the reference estimates for an epoch of twenty members, in bytes.
const EPOCH_BYTES: usize = 300_000;
/// The first epoch's: each member deals, and proves that it knows what; runtime/README.md has the figure.
const FIRST_EPOCH_BYTES: usize = 435_000;
/// Dealing and confirming takes time off chain too: blocks may be full for this part of a phase.
const PART_OF_A_PHASE: u32 = 2;

fn size(kind: AttemptKind, n: u32) -> Size {
    let threshold = threshold_of(n);
    let dealings = if kind == AttemptKind::Keygen { n } else { threshold };
    Size { kind, dealers: n, dealings, members: n, threshold }
}

fn milliseconds(weight: Weight) -> f64 {
    weight.ref_time() as f64 / 1e9
}

/// A call with its validation, as a block counts it.
fn in_block(call: Weight, authorisation: Weight) -> Weight {
    let base = RuntimeBlockWeights::get().get(DispatchClass::Normal).base_extrinsic;
    call.saturating_add(authorisation).saturating_add(base)
}

fn dealing(kind: AttemptKind, n: u32) -> Weight {
    in_block(Committee::deal(Some(size(kind, n))), Committee::authorise_deal(MAX_MEMBERS))
}

fn report(kind: AttemptKind, n: u32, complaints: u32) -> Weight {
    in_block(Committee::report(Some(size(kind, n)), complaints), Committee::authorise_report(MAX_MEMBERS))
}

fn confirmation() -> Weight {
    in_block(Committee::confirm_shares(MAX_MEMBERS), Committee::authorise_confirm(MAX_MEMBERS))
}

/// How many blocks take `count` of a call that weighs `each`, of what one class may fill.
fn blocks(count: u32, each: Weight) -> u32 {
    let most = NORMAL_DISPATCH_RATIO * RuntimeBlockWeights::get().max_block.ref_time();
    let fit = u32::try_from(most / each.ref_time().max(1)).unwrap_or(u32::MAX);
    assert!(fit > 0, "one of them weighs {} ms, more than a block takes", milliseconds(each));
    count.div_ceil(fit)
}

#[test]
fn dealings_and_confirmations_should_fit_into_a_block() {
    for kind in [AttemptKind::Keygen, AttemptKind::Reshare] {
        for n in [4, 10, MAX_MEMBERS] {
            for weight in [dealing(kind, n), report(kind, n, 0), report(kind, n, 1), confirmation()] {
                assert!(weight.all_lte(limit()), "{kind:?} of {n}: {} ms", milliseconds(weight));
            }
        }
    }
    assert!(Pkp::mint().all_lte(limit()));
}

/// Of a dealing, what is left without the offence that it may be.
fn verified(weight: Weight) -> Weight {
    weight.saturating_sub(Committee::note_offence())
}

// Far below what is measured: a machine may be faster, but none of these is a matter of microseconds.
#[test]
fn weights_should_be_those_of_the_work_that_is_done() {
    use AttemptKind::{Keygen, Reshare};

    let smallest = 4;
    let least = [
        ("dealing, key generation", verified(Committee::deal(Some(size(Keygen, smallest)))), 10.0),
        ("dealing, reshare", verified(Committee::deal(Some(size(Reshare, smallest)))), 10.0),
        ("complaint", Committee::complain(smallest), 10.0),
        ("keys combined, key generation", Committee::finalise(size(Keygen, smallest)), 10.0),
        ("keys combined, reshare", Committee::finalise(size(Reshare, smallest)), 10.0),
        ("activation", Committee::activate(smallest, 0), 0.5),
        ("two messages judged", Committee::judge_equivocation(smallest), 0.1),
        ("Ed25519 share judged", Committee::judge_ed25519_share(smallest), 0.5),
        ("ristretto255 share judged", Committee::judge_ristretto255_share(smallest), 0.5),
        ("secp256k1 share judged", Committee::judge_secp256k1_share(smallest), 0.5),
        ("BIP-340 share judged", Committee::judge_bip340_share(smallest), 0.5),
        ("taproot share judged", Committee::judge_taproot_share(smallest), 0.5),
        ("BLS share in G1 judged", Committee::judge_bls_g1_share(smallest), 1.0),
        ("BLS share in G2 judged", Committee::judge_bls_g2_share(smallest), 1.0),
        ("offence", Committee::report_offence(), 1.0),
        ("mint", Pkp::mint(), 1.0),
        ("registration of a machine", Attestation::register(), 0.5),
    ];
    for (what, weight, bound) in least {
        assert!(milliseconds(weight) > bound, "{what}: {} ms", milliseconds(weight));
    }
}

fn limit() -> Weight {
    RuntimeBlockWeights::get().get(DispatchClass::Normal).max_extrinsic.expect("bounded")
}

/// In one call: a worker sends all its complaints with one, and whoever cannot complain cannot confirm. What one costs is
/// the commitments on BLS12-381, decoded strictly.
#[test]
fn complaints_about_all_liars_should_fit_into_a_block() {
    for kind in [AttemptKind::Keygen, AttemptKind::Reshare] {
        for n in MIN_MEMBERS..=MAX_MEMBERS {
            let weight = report(kind, n, n - threshold_of(n));
            assert!(weight.all_lte(limit()), "{kind:?} of {n}: {} ms", milliseconds(weight));
        }
    }
}

// Otherwise whoever fills blocks would keep the guilty from being punished.
#[test]
fn offences_should_be_reported_also_between_full_blocks() {
    let limits = RuntimeBlockWeights::get();
    let normal = limits.get(DispatchClass::Normal).max_total.expect("bounded");
    let hooks = limits.base_block.saturating_add(Committee::idle_block(MAX_MEMBERS).saturating_mul(2));
    let left = limits.max_block.saturating_sub(normal).saturating_sub(hooks);
    for n in 3..=MAX_MEMBERS {
        let offence = Committee::offence(n);
        assert!(offence.all_lte(left), "{n}: {} of {} ms", milliseconds(offence), milliseconds(left));
    }
}

#[test]
fn phases_should_have_the_blocks_that_their_calls_take() {
    let deal_period: u32 = <Runtime as Config>::DealPeriod::get();
    let complain_period: u32 = <Runtime as Config>::ComplainPeriod::get();
    let confirm_period: u32 = <Runtime as Config>::ConfirmPeriod::get();
    for kind in [AttemptKind::Keygen, AttemptKind::Reshare] {
        for n in [4, 10, MAX_MEMBERS] {
            let dealings = blocks(size(kind, n).dealings, dealing(kind, n));
            let reports = blocks(n, report(kind, n, 0));
            // One liar, of whom everyone complains.
            let complaints = blocks(n, report(kind, n, 1));
            let confirmations = blocks(n, confirmation());
            assert!(dealings <= deal_period / PART_OF_A_PHASE, "{kind:?} of {n}: {dealings} blocks");
            assert!(reports <= complain_period / PART_OF_A_PHASE, "{kind:?} of {n}: {reports} blocks");
            assert!(complaints <= complain_period / PART_OF_A_PHASE, "{kind:?} of {n}: {complaints} blocks");
            assert!(
                confirmations <= confirm_period / PART_OF_A_PHASE,
                "{kind:?} of {n}: {confirmations} blocks"
            );
        }
    }
}

/// G2 of BLS12-381 is the dearest.
#[test]
fn each_key_should_be_combined_within_a_block() {
    let limits = RuntimeBlockWeights::get();
    let most = limits.max_block.saturating_sub(limits.base_block);
    for kind in [AttemptKind::Keygen, AttemptKind::Reshare] {
        for n in MIN_MEMBERS..=MAX_MEMBERS {
            let size = size(kind, n);
            let reading = Committee::read_dealings(size.dealings);
            for curve in Curve::SIGNING {
                let weight = Committee::finalise_key(curve, size).saturating_add(reading);
                assert!(weight.ref_time() <= most.ref_time(), "{curve:?}, {kind:?} of {n}: {weight:?}");
            }
        }
    }
}

#[test]
fn as_many_registrations_as_a_block_may_have_should_fit_into_it() {
    let registration = in_block(Attestation::register(), Attestation::authorise());
    let renewal = in_block(Attestation::renew(), Attestation::authorise());
    for each in [registration, renewal] {
        assert_eq!(blocks(pallet_attestation::MAX_PER_BLOCK, each), 1, "{} ms each", milliseconds(each));
    }
}

fn fresh_dealing(n: u32, attempt: AttemptId) -> Dealing {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let recipients: Vec<_> = (0..n).map(|_| EncryptionSecret::random(&mut rng).public()).collect();
    let dealer = ParticipantIndex::new(1).expect("not zero");
    let context = DealingContext { genesis: [0; 32], attempt, dealer };
    deal(&context, Secrets::Fresh(&root_key_ids()), threshold_of(n), &recipients, &mut rng).expect("deals")
}

fn bytes(call: Call<Runtime>) -> usize {
    let extension = transaction::extension(0, Era::Immortal, 0);
    UncheckedExtrinsic::new_transaction(RuntimeCall::Committee(call), extension).encoded_size()
}

/// An epoch's extrinsics: dealings, a report and a confirmation of each member, one activation.
fn epoch_bytes(kind: AttemptKind, n: u32) -> usize {
    let attempt = AttemptId { epoch: Epoch(1), attempt: Attempt(0) };
    let participant = ParticipantIndex::new(1).expect("not zero");
    let signature = [0; 64];
    let mut dealing = fresh_dealing(n, attempt);
    if kind == AttemptKind::Reshare {
        // A reshare proves nothing of its constant terms.
        for key in dealing.keys.iter_mut() {
            key.proof = None;
        }
    }
    let dealings = size(kind, n).dealings as usize;
    let dealt = bytes(Call::deal { attempt, participant, dealing: Box::new(dealing), signature });
    let committed = bytes(Call::commit_dealing { attempt, participant, hash: [0; 32], signature });
    let reported =
        bytes(Call::report_shares { attempt, participant, complaints: Default::default(), signature });
    let confirmed = bytes(Call::confirm_shares { attempt, participant, signature });
    let commitments = if kind == AttemptKind::Keygen { n as usize * committed } else { 0 };
    assert!(dealt < MAXIMUM_BLOCK_LENGTH as usize / 10, "many dealings fit into one block");
    dealings * dealt
        + commitments
        + n as usize * (reported + confirmed)
        + bytes(Call::activate { attempt, signature })
}

#[test]
fn an_epoch_should_cost_no_more_bytes_than_estimated() {
    for (kind, most) in [(AttemptKind::Reshare, EPOCH_BYTES), (AttemptKind::Keygen, FIRST_EPOCH_BYTES)] {
        let bytes = epoch_bytes(kind, 20);
        assert!(bytes <= most, "{kind:?}: {bytes}");
    }
}

#[test]
fn figures() {
    use AttemptKind::{Keygen, Reshare};

    const SIZES: [u32; 3] = [4, 10, 20];
    let row = |name: &str, weight: &dyn Fn(u32) -> Weight| {
        let figures = SIZES.map(|n| format!("{:.1}", milliseconds(weight(n)))).join(" | ");
        println!("| {name} | {figures} |");
    };
    println!("| ms | n = 4 | n = 10 | n = 20 |\n|---|---|---|---|");
    row("dealing, key generation", &|n| verified(Committee::deal(Some(size(Keygen, n)))));
    row("dealing, reshare", &|n| verified(Committee::deal(Some(size(Reshare, n)))));
    row("complaint", &|n| Committee::complain(n));
    row("report without complaint", &|n| Committee::report_shares(n));
    row("keys combined, key generation", &|n| Committee::finalise(size(Keygen, n)));
    row("keys combined, reshare", &|n| Committee::finalise(size(Reshare, n)));
    row("the dearest of them, reshare", &|n| Committee::finalise_key(Curve::Bls12381G2, size(Reshare, n)));
    row("confirmation", &|n| Committee::confirm_shares(n));
    row("activation", &|n| Committee::activate(n, 0));
    row("two messages for one place, judged", &|n| Committee::judge_equivocation(n));
    row("Ed25519 share, judged", &|n| Committee::judge_ed25519_share(n));
    row("ristretto255 share, judged", &|n| Committee::judge_ristretto255_share(n));
    row("secp256k1 share, judged", &|n| Committee::judge_secp256k1_share(n));
    row("BIP-340 share, judged", &|n| Committee::judge_bip340_share(n));
    row("BIP-340 share of a taproot key, judged", &|n| Committee::judge_taproot_share(n));
    row("BLS share in G1, judged", &|n| Committee::judge_bls_g1_share(n));
    row("BLS share in G2, judged", &|n| Committee::judge_bls_g2_share(n));
    row("conviction", &|n| Committee::report_fault(n));
    row("offence, with 64 backers of each culprit", &|n| Committee::offence(n));
    row("report on peers", &|n| Committee::report_peers(n));
    row("mint of a PKP", &|_| Pkp::mint());
    row("registration of a machine", &|_| Attestation::register());
    row("machines judged for a committee", &|n| Attestation::admit(n));
    for (name, kind) in [("key generation", Keygen), ("reshare", Reshare)] {
        let figures = SIZES.map(|n| format!("{:.1}", epoch_bytes(kind, n) as f64 / 1e3)).join(" | ");
        println!("| kB on chain, {name} | {figures} |");
    }
}
