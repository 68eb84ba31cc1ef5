//! Which validators stand, by the policy of this moment: asked whenever a committee is chosen.

use alloc::vec::Vec;
use conclave_primitives::{threshold_of, AdmitMembers, BlockNumber};
use conclave_snp::{
    CertificateStanding, Check, ChipStanding, Circumstances, Claims, Cpuid, Evidence, EvidenceError, Floor,
    Outcome, Policy, Refusal, Release, ReleaseLookup,
};
use frame_support::traits::Get;

use crate::{
    pallet::BalanceOf, Attestation, Attestations, BlockedChips, ChipOwner, Config, CurrentPolicy, Floors,
    Pallet, Releases, ReportIdOwner,
};

/// Why a validator is left out of the next committee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lapse {
    /// It never proved a machine.
    NoAttestation,
    /// It has other keys than those made in its machine.
    Keys,
    /// Its chip or guest serves another validator since this attestation expired.
    Superseded,
    /// Policy refuses its claims.
    Refused(Refusal),
    /// It did not renew in time; nothing else is wrong.
    Expired {
        /// The last block at which it was good.
        at: BlockNumber,
    },
}

impl<T: Config> Pallet<T> {
    /// Whether a validator stands at this block: its claims are judged again.
    ///
    /// # Errors
    /// [`Lapse`]: `Expired` only where nothing else is wrong.
    pub fn standing(validator: &T::AccountId) -> Result<(), Lapse> {
        let attestation = Attestations::<T>::get(validator).ok_or(Lapse::NoAttestation)?;
        if Self::keys_of(validator) != Some(attestation.keys) {
            return Err(Lapse::Keys);
        }
        let report = &attestation.claims.report;
        let is_its_own = ChipOwner::<T>::get(report.chip_id).as_ref() == Some(validator)
            && ReportIdOwner::<T>::get(report.report_id).as_ref() == Some(validator);
        if !is_its_own {
            return Err(Lapse::Superseded);
        }
        Self::judge_again(&attestation).map_err(Lapse::Refused)?;
        match attestation.expires {
            at if at < Self::now() => Err(Lapse::Expired { at }),
            _ => Ok(()),
        }
    }

    fn judge_again(attestation: &Attestation<BalanceOf<T>>) -> Result<(), Refusal> {
        let (claims, state) = (&attestation.claims, Self::state_for(&attestation.claims));
        claims.require_again(&state.policy, &state.circumstances::<T>())
    }

    /// What the sixteen checks find of a report and its certificate now, without submitting it: those of what it is bound
    /// to, and of whom it serves, cannot be judged.
    ///
    /// # Errors
    /// Whatever makes the evidence worth nothing: it cannot be read, its parts are not each other's, or not signed.
    pub fn judge_report(
        report: &[u8],
        vcek: &[u8],
        ask_serial: u64,
    ) -> Result<Vec<(Check, Outcome)>, EvidenceError> {
        let evidence = Evidence::parse(report, vcek, T::TrustAnchors::get())?;
        evidence.bind()?;
        let ask = Self::ask(evidence.vcek().anchor(), ask_serial);
        if !ask.is_some_and(|ask| evidence.is_certified_by(&ask)) {
            return Err(EvidenceError::CertificateSignature);
        }
        if !evidence.is_signed() {
            return Err(EvidenceError::ReportSignature);
        }
        let claims = evidence.claims(ask_serial);
        let state = Self::state_for(&claims);
        let circumstances = state.circumstances::<T>();
        let findings = claims.judge(&state.policy, &circumstances).collect();
        Ok(findings)
    }

    fn state_for(claims: &Claims) -> State {
        let now = Self::now();
        // A report that names no processor, which is refused for that, is held against its product's floors.
        let floors = match claims.report.cpuid {
            Some(cpuid) => {
                Floors::<T>::get(cpuid).into_iter().map(|record| (cpuid, record.at(now))).collect()
            }
            None => Floors::<T>::iter().map(|(cpuid, record)| (cpuid, record.at(now))).collect(),
        };
        let chip = match BlockedChips::<T>::contains_key(claims.report.chip_id) {
            true => ChipStanding::Blocked,
            false => ChipStanding::Free,
        };
        let anchor = T::TrustAnchors::get().iter().find(|anchor| anchor.product == claims.product);
        State {
            now,
            policy: CurrentPolicy::<T>::get(),
            floors,
            release: Releases::<T>::get(claims.report.measurement),
            chip,
            certificate: anchor.map(|anchor| Self::certificate_standing(anchor, claims.ask_serial)),
        }
    }
}

/// What policy and time say of one machine's claims.
struct State {
    now: BlockNumber,
    policy: Policy,
    floors: Vec<(Cpuid, Floor)>,
    release: Option<Release>,
    chip: ChipStanding,
    certificate: Option<CertificateStanding>,
}

impl State {
    fn circumstances<T: Config>(&self) -> Circumstances<'_> {
        Circumstances {
            anchors: T::TrustAnchors::get(),
            floors: &self.floors,
            release: Some(ReleaseLookup { found: self.release.as_ref(), now: self.now }),
            report_data: None,
            is_report_id_taken: None,
            chip: Some(self.chip),
            freshness: None,
            certificate: self.certificate,
        }
    }
}

impl<T: Config> AdmitMembers<T::AccountId> for Pallet<T> {
    /// Those who stand, in their order. Where these are fewer than two thirds of all, those who merely expired come in
    /// after all, the latest to expire first, until there are enough.
    fn admit(validators: Vec<T::AccountId>) -> Vec<T::AccountId> {
        let all = u32::try_from(validators.len()).unwrap_or(u32::MAX);
        let needed = threshold_of(all) as usize;
        let standings: Vec<_> = validators.into_iter().map(|who| (Self::standing(&who), who)).collect();
        let standing = standings.iter().filter(|(standing, _)| standing.is_ok()).count();
        let mut expired: Vec<_> = standings
            .iter()
            .filter_map(|(standing, _)| match standing {
                Err(Lapse::Expired { at }) => Some(*at),
                _ => None,
            })
            .collect();
        expired.sort_unstable_by(|a, b| b.cmp(a));
        // The last one that is let in; none where enough stand.
        let lacking = needed.saturating_sub(standing);
        let least = lacking.checked_sub(1).and_then(|last| expired.get(last).or(expired.last()).copied());
        standings
            .into_iter()
            .filter(|(standing, _)| match standing {
                Ok(()) => true,
                Err(Lapse::Expired { at }) => least.is_some_and(|least| *at >= least),
                Err(_) => false,
            })
            .map(|(_, who)| who)
            .collect()
    }
}
