//! What nodes read.

use alloc::{string::ToString, vec::Vec};
use conclave_primitives::{BlockNumber, MachineView, ReportFinding, ReportOutcome, ReportPurpose};
use conclave_snp::{Check, Outcome};
use frame_support::traits::Get;

use crate::{Attestations, Config, Lapse, Pallet, ProvideKeys};

impl<T: Config> Pallet<T> {
    /// The fingerprints of the ARKs that are trusted: SHA-256 of their certificates.
    pub fn anchors() -> Vec<[u8; 32]> {
        T::TrustAnchors::get().iter().map(|anchor| anchor.ark_fingerprint).collect()
    }

    /// BLAKE2 of the keys that a validator has now, which its attestation has to have.
    pub fn keys_of(validator: &T::AccountId) -> Option<[u8; 32]> {
        T::Keys::keys(validator).map(|keys| Self::keys_hash(&keys))
    }

    /// A validator's machine; none without session keys or worker keys.
    pub fn machine(validator: &T::AccountId) -> Option<MachineView> {
        let keys = T::Keys::keys(validator)?;
        let lapse = Self::standing(validator).err();
        let (expires, due) = match Attestations::<T>::get(validator) {
            None => (None, Some(ReportPurpose::Register)),
            Some(attestation) => {
                let is_old = Self::now() >= attestation.bound_to.saturating_add(T::ValidityPeriod::get() / 4);
                let is_due = is_old || lapse.is_some();
                let is_possible = Self::ensure_renewable(validator).is_ok();
                (Some(attestation.expires), (is_due && is_possible).then_some(ReportPurpose::Renew))
            }
        };
        let lapse = lapse.map(|lapse| lapse.to_string().into_bytes());
        Some(MachineView { session_keys: keys.session, worker_keys: keys.worker, expires, lapse, due })
    }

    /// [`Self::judge_report`] in words, for whoever has no chain's code.
    pub fn findings(report: &[u8], vcek: &[u8], ask_serial: u64) -> Result<Vec<ReportFinding>, Vec<u8>> {
        let findings = Self::judge_report(report, vcek, ask_serial);
        let findings = findings.map_err(|error| error.to_string().into_bytes())?;
        let in_words = |(check, outcome): (Check, Outcome)| ReportFinding {
            check: check.number(),
            outcome: match outcome {
                Outcome::Passed => ReportOutcome::Passed,
                Outcome::Refused(refusal) => ReportOutcome::Refused(refusal.to_string().into_bytes()),
                Outcome::NotJudged => ReportOutcome::NotJudged,
            },
        };
        Ok(findings.into_iter().map(in_words).collect())
    }

    /// REPORT_DATA of a validator's report that is bound to this block; none without keys, or where the block's hash is
    /// not on hand.
    pub fn report_data_at(
        validator: &T::AccountId,
        purpose: ReportPurpose,
        block_number: BlockNumber,
    ) -> Option<[u8; 64]> {
        let keys = T::Keys::keys(validator)?;
        let hash = Self::block_hash(block_number);
        (hash != [0; 32]).then(|| Self::report_data(validator, purpose, &keys, block_number, hash))
    }
}

impl core::fmt::Display for Lapse {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoAttestation => f.write_str("no machine was attested"),
            Self::Keys => f.write_str("the keys are not those that were attested"),
            Self::Superseded => f.write_str("the chip or the guest serves another validator"),
            Self::Refused(refusal) => write!(f, "refused: {refusal}"),
            Self::Expired { at } => write!(f, "the attestation was good until block {at}"),
        }
    }
}
