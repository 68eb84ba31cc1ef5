//! What must hold after every block; checked by `try_state` and by the tests.

use conclave_snp::DEVELOPMENT_CHIP_PREFIX;
use frame_support::{ensure, traits::fungible::hold::Inspect, traits::Get};
use sp_runtime::{DispatchError, TryRuntimeError};

use crate::{
    Attestations, BlockedChips, ChipOwner, Config, Floors, HoldReason, Pallet, Releases, ReportIdOwner,
};

type Check = Result<(), DispatchError>;

impl<T: Config> Pallet<T> {
    /// Owners have the attestations that make them owners, whoever stands owns its chip, deposits are held, bounds are
    /// kept, and nothing is under a root that the runtime does not trust.
    pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_owners()?;
        Self::check_attestations()?;
        Self::check_bounds()?;
        Ok(())
    }

    fn check_owners() -> Check {
        for (chip, owner) in ChipOwner::<T>::iter() {
            let attestation = Attestations::<T>::get(owner).ok_or("a chip serves nobody")?;
            ensure!(attestation.claims.report.chip_id == chip, "a chip serves somebody with another chip");
        }
        for (guest, owner) in ReportIdOwner::<T>::iter() {
            let attestation = Attestations::<T>::get(owner).ok_or("a guest serves nobody")?;
            ensure!(
                attestation.claims.report.report_id == guest,
                "a guest serves somebody with another guest"
            );
        }
        Ok(())
    }

    fn check_attestations() -> Check {
        let now = Self::now();
        let is_development = T::TrustAnchors::get().iter().all(|anchor| anchor.is_development());
        let is_production = T::TrustAnchors::get().iter().all(|anchor| !anchor.is_development());
        ensure!(is_development || is_production, "AMD's roots and a development root in one runtime");
        for (validator, attestation) in Attestations::<T>::iter() {
            let report = &attestation.claims.report;
            let owns = ChipOwner::<T>::get(report.chip_id).as_ref() == Some(&validator)
                && ReportIdOwner::<T>::get(report.report_id).as_ref() == Some(&validator);
            ensure!(
                owns || attestation.expires < now,
                "an attestation that is good has not its chip and guest"
            );
            let reason = HoldReason::Attestation.into();
            let held = T::Currency::balance_on_hold(&reason, &validator);
            ensure!(held == attestation.deposit, "a hold differs from the deposit");
            let is_software = report.chip_id.starts_with(DEVELOPMENT_CHIP_PREFIX);
            ensure!(is_software == is_development, "an attestation is of another kind of root");
        }
        Ok(())
    }

    fn check_bounds() -> Check {
        ensure!(Attestations::<T>::count() <= T::MaxAttestations::get(), "too many attestations");
        ensure!(Releases::<T>::count() <= T::MaxReleases::get(), "too many releases");
        ensure!(Floors::<T>::count() <= T::MaxFloors::get(), "too many floors");
        ensure!(BlockedChips::<T>::count() <= T::MaxBlockedChips::get(), "too many blocked chips");
        for (cpuid, _) in Floors::<T>::iter() {
            ensure!(Self::is_trusted(cpuid), "a floor for a processor of no product trusted here");
        }
        for (measurement, release) in Releases::<T>::iter() {
            ensure!(release.measurement == measurement, "a release under another measurement");
        }
        Ok(())
    }
}
