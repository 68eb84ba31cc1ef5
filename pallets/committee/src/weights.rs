//! What the pallet's work weighs.
//!
//! [`WeightInfo`] is what benchmarking.rs measures; a runtime answers with the file that `make weights` writes. What a call
//! or a hook costs is put together from these figures here: most depend on the size of the attempt.

use conclave_primitives::{root_key_ids, AttemptKind, Curve, Evidence, Scheme};
use frame_support::weights::Weight;

use crate::offences::most_slashed_together;

/// Validators that are looked at for the next committee, at most.
pub(crate) const MAX_VALIDATORS: u32 = 100;
/// Standings that have not faded: of the members of twelve epochs, if all were different.
pub(crate) const MAX_STANDINGS: u32 = 256;

/// What the work on an attempt depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// How it comes by its keys.
    pub kind: AttemptKind,
    /// n of those who deal.
    pub dealers: u32,
    /// Dealings that are combined, at most.
    pub dealings: u32,
    /// n of those who receive.
    pub members: u32,
    /// t of those who receive.
    pub threshold: u32,
}

/// Measured weights: one method a benchmark. `n` members receive shares, `o` members of the old committee deal them, `v`
/// validators have no worker keys, `s` standings are kept, `d` dealings are read, `p` points are combined.
pub trait WeightInfo {
    /// Three proofs of possession, and a deposit.
    fn register_worker_keys() -> Weight;
    /// The same in the place of other keys.
    fn replace_worker_keys() -> Weight;
    /// The deposit returned.
    fn remove_worker_keys() -> Weight;
    /// Another dealing key.
    fn provide_dealing_key() -> Weight;
    /// The last commitment of a phase.
    fn commit_dealing(n: u32) -> Weight;
    /// The last dealing of a key generation, verified.
    fn deal_keygen(n: u32) -> Weight;
    /// The last dealing of a reshare, verified against the dealer's shares.
    fn deal_reshare(o: u32, n: u32) -> Weight;
    /// The last report of a phase, without complaints.
    fn report_shares(n: u32) -> Weight;
    /// The judgement of one complaint, where all but the last share are good.
    fn complain(n: u32) -> Weight;
    /// One confirmation.
    fn confirm_shares(n: u32) -> Weight;
    /// One committee for another, and the end of an epoch.
    fn activate(n: u32, s: u32) -> Weight;
    /// The next members chosen among the validators.
    fn start_attempt(v: u32) -> Weight;
    /// All of an attempt removed.
    fn cancel_attempt(n: u32) -> Weight;
    /// A conviction, without the offence.
    fn report_fault(n: u32) -> Weight;
    /// A report that completes the verdict on everyone else.
    fn report_peers(n: u32) -> Weight;
    /// A fault noted until its offence is reported.
    fn note_offence() -> Weight;
    /// An offence, with the slashes of one offender that staking computes from it.
    fn report_offence() -> Weight;

    /// Validation of the call.
    fn authorise_commit(n: u32) -> Weight;
    /// Validation of the call.
    fn authorise_deal(n: u32) -> Weight;
    /// Validation of the call, with complaints against everyone.
    fn authorise_report(n: u32) -> Weight;
    /// Validation of the call.
    fn authorise_confirm(n: u32) -> Weight;
    /// Validation of the call.
    fn authorise_dealing_key() -> Weight;
    /// Validation of the call.
    fn authorise_activate(n: u32) -> Weight;
    /// Validation of the call.
    fn authorise_peers(n: u32) -> Weight;
    /// Validation of the call, up to a verdict on two messages for one place.
    fn judge_equivocation(n: u32) -> Weight;
    /// Validation of the call, up to a verdict on a share of t.
    fn judge_ed25519_share(n: u32) -> Weight;
    /// Validation of the call, up to a verdict on a share of t.
    fn judge_ristretto255_share(n: u32) -> Weight;
    /// Validation of the call, up to a verdict on a share of t.
    fn judge_secp256k1_share(n: u32) -> Weight;
    /// Validation of the call, up to a verdict on a share of t.
    fn judge_bip340_share(n: u32) -> Weight;
    /// Validation of the call, up to a verdict on a share of t.
    fn judge_taproot_share(n: u32) -> Weight;
    /// Validation of the call, up to a verdict on a share of t.
    fn judge_bls_g1_share(n: u32) -> Weight;
    /// Validation of the call, up to a verdict on a share of t.
    fn judge_bls_g2_share(n: u32) -> Weight;

    /// The hooks in a block in which nothing happens.
    fn idle_block(n: u32) -> Weight;
    /// The first block of a session.
    fn begin_session(v: u32) -> Weight;
    /// A deadline that everyone missed.
    fn miss_deadline(n: u32) -> Weight;
    /// What the combination of keys reads before the first one, and the end of it after the last.
    fn read_dealings(d: u32) -> Weight;
    /// The commitments to one new key.
    fn sum_secp256k1(p: u32) -> Weight;
    /// The commitments to one new key.
    fn sum_ed25519(p: u32) -> Weight;
    /// The commitments to one new key.
    fn sum_secp256r1(p: u32) -> Weight;
    /// The commitments to one new key.
    fn sum_ristretto255(p: u32) -> Weight;
    /// The commitments to one new key.
    fn sum_bls12381g1(p: u32) -> Weight;
    /// The commitments to one new key.
    fn sum_bls12381g2(p: u32) -> Weight;
    /// The commitments to one key that stays.
    fn interpolate_secp256k1(p: u32) -> Weight;
    /// The commitments to one key that stays.
    fn interpolate_ed25519(p: u32) -> Weight;
    /// The commitments to one key that stays.
    fn interpolate_secp256r1(p: u32) -> Weight;
    /// The commitments to one key that stays.
    fn interpolate_ristretto255(p: u32) -> Weight;
    /// The commitments to one key that stays.
    fn interpolate_bls12381g1(p: u32) -> Weight;
    /// The commitments to one key that stays.
    fn interpolate_bls12381g2(p: u32) -> Weight;

    /// `register_worker_keys`, whichever way is dearer.
    fn register() -> Weight {
        Self::register_worker_keys().max(Self::replace_worker_keys())
    }

    /// An offence in an attempt of n, reported at the worst time: when slashes of all who acted together grow.
    fn offence(members: u32) -> Weight {
        Self::report_offence().saturating_mul(u64::from(most_slashed_together(members)))
    }

    /// `deal`; a bad dealing is an offence.
    fn deal(size: Option<Size>) -> Weight {
        let Some(size) = size else { return Self::note_offence() };
        let verification = match size.kind {
            AttemptKind::Keygen => Self::deal_keygen(size.members),
            AttemptKind::Reshare => Self::deal_reshare(size.dealers, size.members),
        };
        verification.saturating_add(Self::note_offence())
    }

    /// `report_shares`; each complaint convicts somebody.
    fn report(size: Option<Size>, complaints: u32) -> Weight {
        // Of a reshare the committee in service, with its keys, is read to know the dealers.
        let n = size.map_or(0, |size| size.members.max(size.dealers));
        let complaint = Self::complain(n).saturating_add(Self::note_offence());
        Self::report_shares(n).saturating_add(complaint.saturating_mul(u64::from(complaints)))
    }

    /// The validation of `report_fault`.
    fn judge(evidence: &Evidence, members: u32) -> Weight {
        match evidence {
            Evidence::Equivocation { .. } => Self::judge_equivocation(members),
            Evidence::FrostShare { package, .. } => match package.scheme {
                Scheme::Ed25519 => Self::judge_ed25519_share(members),
                Scheme::SchnorrRistretto255 => Self::judge_ristretto255_share(members),
                Scheme::SchnorrSecp256k1 => Self::judge_secp256k1_share(members),
                Scheme::Bip340 => Self::judge_bip340_share(members),
                Scheme::Bip340Taproot => Self::judge_taproot_share(members),
                // The same group; only the challenge is another hash.
                Scheme::Sr25519 => Self::judge_ristretto255_share(members),
                // No verdict.
                Scheme::EcdsaSecp256k1 | Scheme::EcdsaSecp256r1 | Scheme::BlsG1 | Scheme::BlsG2 => {
                    Self::judge_equivocation(members)
                }
            },
            Evidence::BlsShare { subject, .. } => match subject.scheme {
                Scheme::BlsG1 => Self::judge_bls_g1_share(members),
                Scheme::BlsG2 => Self::judge_bls_g2_share(members),
                // No verdict, after the public share was computed on a cheaper curve.
                Scheme::EcdsaSecp256k1
                | Scheme::EcdsaSecp256r1
                | Scheme::Ed25519
                | Scheme::Bip340
                | Scheme::Bip340Taproot
                | Scheme::Sr25519
                | Scheme::SchnorrRistretto255
                | Scheme::SchnorrSecp256k1 => Self::judge_bls_g1_share(members),
            },
        }
    }

    /// `report_fault` after its validation.
    fn convict(members: u32) -> Weight {
        Self::report_fault(members).saturating_add(Self::note_offence())
    }

    /// One key of an attempt, of dealings that have been read.
    fn finalise_key(curve: Curve, size: Size) -> Weight {
        let points = size.dealings.saturating_mul(size.threshold);
        match size.kind {
            AttemptKind::Keygen => match curve {
                Curve::Secp256k1 => Self::sum_secp256k1(points),
                Curve::Ed25519 => Self::sum_ed25519(points),
                Curve::Secp256r1 => Self::sum_secp256r1(points),
                Curve::Ristretto255 => Self::sum_ristretto255(points),
                Curve::Bls12381G1 => Self::sum_bls12381g1(points),
                Curve::Bls12381G2 => Self::sum_bls12381g2(points),
            },
            AttemptKind::Reshare => match curve {
                Curve::Secp256k1 => Self::interpolate_secp256k1(points),
                Curve::Ed25519 => Self::interpolate_ed25519(points),
                Curve::Secp256r1 => Self::interpolate_secp256r1(points),
                Curve::Ristretto255 => Self::interpolate_ristretto255(points),
                Curve::Bls12381G1 => Self::interpolate_bls12381g1(points),
                Curve::Bls12381G2 => Self::interpolate_bls12381g2(points),
            },
        }
    }

    /// All keys of an attempt.
    fn finalise(size: Size) -> Weight {
        root_key_ids().into_iter().fold(Self::read_dealings(size.dealings), |sum, id| {
            sum.saturating_add(Self::finalise_key(id.curve, size))
        })
    }
}

/// A nanosecond each: for tests.
macro_rules! unmeasured {
    ($($name:ident($($component:ident),*))*) => {
        impl WeightInfo for () {
            $(fn $name($($component: u32),*) -> Weight {
                $(let _ = $component;)*
                Weight::from_parts(1_000, 0)
            })*
        }
    };
}

unmeasured! {
    register_worker_keys() replace_worker_keys() remove_worker_keys() provide_dealing_key() commit_dealing(n)
    deal_keygen(n) deal_reshare(o, n) report_shares(n) complain(n) confirm_shares(n) activate(n, s) start_attempt(v)
    cancel_attempt(n) report_fault(n) report_peers(n) note_offence() report_offence() authorise_commit(n)
    authorise_deal(n) authorise_report(n) authorise_confirm(n) authorise_dealing_key() authorise_activate(n)
    authorise_peers(n) judge_equivocation(n) judge_ed25519_share(n) judge_ristretto255_share(n)
    judge_secp256k1_share(n) judge_bip340_share(n) judge_taproot_share(n) judge_bls_g1_share(n) judge_bls_g2_share(n)
    idle_block(n) begin_session(v) miss_deadline(n) read_dealings(d) sum_secp256k1(p) sum_ed25519(p) sum_secp256r1(p)
    sum_ristretto255(p) sum_bls12381g1(p) sum_bls12381g2(p) interpolate_secp256k1(p) interpolate_ed25519(p)
    interpolate_secp256r1(p) interpolate_ristretto255(p) interpolate_bls12381g1(p) interpolate_bls12381g2(p)
}
