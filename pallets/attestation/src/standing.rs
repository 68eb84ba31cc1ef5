//! Which validators stand, by the policy of this moment: asked whenever a committee is chosen.

use alloc::{vec, vec::Vec};
use conclave_primitives::{threshold_of, AdmitMembers, BlockNumber};
use conclave_snp::{ChipStanding, Circumstances, Refusal, ReleaseLookup};
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
        let claims = &attestation.claims;
        let now = Self::now();
        let floors =
            match claims.report.cpuid.and_then(|cpuid| Floors::<T>::get(cpuid).map(|floor| (cpuid, floor))) {
                Some((cpuid, record)) => vec![(cpuid, record.at(now))],
                None => vec![],
            };
        let release = Releases::<T>::get(claims.report.measurement);
        let chip = match BlockedChips::<T>::contains_key(claims.report.chip_id) {
            true => ChipStanding::Blocked,
            false => ChipStanding::Free,
        };
        let anchors = T::TrustAnchors::get();
        let anchor = anchors.iter().find(|anchor| anchor.product == claims.product);
        let circumstances = Circumstances {
            anchors,
            floors: &floors,
            release: Some(ReleaseLookup { found: release.as_ref(), now }),
            report_data: None,
            is_report_id_taken: None,
            chip: Some(chip),
            freshness: None,
            certificate: anchor.map(|anchor| Self::certificate_standing(anchor, claims.ask_serial)),
        };
        claims.require_again(&CurrentPolicy::<T>::get(), &circumstances)
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
