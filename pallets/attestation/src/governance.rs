//! Policy: what governance sets, at genesis and after.

use conclave_primitives::BlockNumber;
use conclave_snp::{Cpuid, FirmwareVersion, Floor, Identity, Policy, Release, ReleaseStatus, Tcb};
use frame_support::{ensure, traits::Get};
use sp_runtime::DispatchResult;

use crate::{
    BlockedChips, Config, CurrentPolicy, Error, Event, FloorRecord, Floors, GenesisConfig, Pallet, Releases,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_set_policy(policy: Policy) -> DispatchResult {
        CurrentPolicy::<T>::put(policy);
        Self::deposit_event(Event::PolicySet { policy });
        Ok(())
    }

    pub(crate) fn do_raise_floor(
        cpuid: Cpuid,
        floor: Floor,
        enforce_at: BlockNumber,
        source_digest: [u8; 32],
    ) -> DispatchResult {
        let now = Self::now();
        let record = Floors::<T>::get(cpuid).ok_or(Error::<T>::UnknownFloor)?;
        let enforced = record.at(now);
        ensure!(enforced.is_raised_by(&floor), Error::<T>::Loosens);
        // One that is to come is not put off, and not replaced by a lower one.
        if let Some((next, from)) = record.next.filter(|(_, from)| *from > now) {
            ensure!(next.is_raised_by(&floor) && enforce_at <= from, Error::<T>::Loosens);
        }
        let enforce_at = enforce_at.max(now);
        let record = FloorRecord { floor: enforced, next: Some((floor, enforce_at)), source_digest };
        Floors::<T>::insert(cpuid, record);
        Self::deposit_event(Event::FloorSet { cpuid, floor, enforce_at, source_digest });
        Ok(())
    }

    pub(crate) fn do_set_floor(cpuid: Cpuid, floor: Floor, source_digest: [u8; 32]) -> DispatchResult {
        ensure!(Self::is_trusted(cpuid), Error::<T>::ForeignProcessor);
        let is_new = !Floors::<T>::contains_key(cpuid);
        ensure!(!is_new || Floors::<T>::count() < T::MaxFloors::get(), Error::<T>::TooManyFloors);
        Floors::<T>::insert(cpuid, FloorRecord { floor, next: None, source_digest });
        let enforce_at = Self::now();
        Self::deposit_event(Event::FloorSet { cpuid, floor, enforce_at, source_digest });
        Ok(())
    }

    pub(crate) fn do_remove_floor(cpuid: Cpuid) -> DispatchResult {
        Floors::<T>::take(cpuid).ok_or(Error::<T>::UnknownFloor)?;
        Self::deposit_event(Event::FloorRemoved { cpuid });
        Ok(())
    }

    pub(crate) fn do_set_release(release: Release) -> DispatchResult {
        let Release { id, measurement, vcpus, status, .. } = release;
        let known = Releases::<T>::get(measurement);
        // A measurement stays with its release.
        ensure!(known.is_none_or(|known| known.id == id), Error::<T>::ReleaseExists);
        ensure!(
            known.is_some() || Releases::<T>::count() < T::MaxReleases::get(),
            Error::<T>::TooManyReleases
        );
        Releases::<T>::insert(measurement, release);
        Self::deposit_event(Event::ReleaseSet { id, measurement, vcpus, status });
        Ok(())
    }

    pub(crate) fn do_disable_release(id: u32) -> DispatchResult {
        let mut is_known = false;
        Releases::<T>::translate_values::<Release, _>(|release| {
            let is_this = release.id == id;
            is_known |= is_this;
            Some(if is_this { Release { status: ReleaseStatus::Disabled, ..release } } else { release })
        });
        ensure!(is_known, Error::<T>::UnknownRelease);
        Self::deposit_event(Event::ReleaseDisabled { id });
        Ok(())
    }

    pub(crate) fn do_forget_release(measurement: [u8; 48]) -> DispatchResult {
        let release = Releases::<T>::get(measurement)
            .filter(|release| release.status == ReleaseStatus::Disabled)
            .ok_or(Error::<T>::UnknownRelease)?;
        Releases::<T>::remove(measurement);
        let Release { id, vcpus, status, .. } = release;
        Self::deposit_event(Event::ReleaseSet { id, measurement, vcpus, status });
        Ok(())
    }

    pub(crate) fn do_block_chip(chip: [u8; 64]) -> DispatchResult {
        ensure!(!BlockedChips::<T>::contains_key(chip), Error::<T>::AlreadyBlocked);
        ensure!(BlockedChips::<T>::count() < T::MaxBlockedChips::get(), Error::<T>::TooManyBlocked);
        BlockedChips::<T>::insert(chip, ());
        Self::deposit_event(Event::ChipBlocked { chip });
        Ok(())
    }

    pub(crate) fn do_unblock_chip(chip: [u8; 64]) -> DispatchResult {
        BlockedChips::<T>::take(chip).ok_or(Error::<T>::NotBlocked)?;
        Self::deposit_event(Event::ChipUnblocked { chip });
        Ok(())
    }

    /// Whether a processor is of a product that is accepted under a root of this runtime.
    pub(crate) fn is_trusted(cpuid: Cpuid) -> bool {
        T::TrustAnchors::get().iter().any(|anchor| anchor.refused.is_none() && anchor.contains(cpuid))
    }
}

impl<T: Config> GenesisConfig<T> {
    /// A genesis that means nothing under the runtime's roots must not become a chain.
    pub(crate) fn build_or_panic(&self) {
        for ([family, model, stepping], [bootloader, tee, snp, microcode, fmc], [major, minor, build]) in
            self.floors.iter().copied()
        {
            let cpuid = Cpuid { family, model, stepping };
            assert!(Pallet::<T>::is_trusted(cpuid), "floor for {cpuid}, of no product trusted here");
            let floor = Floor {
                tcb: Tcb { fmc, bootloader, tee, snp, microcode },
                firmware: FirmwareVersion { major, minor, build },
            };
            Floors::<T>::insert(cpuid, FloorRecord { floor, next: None, source_digest: [0; 32] });
        }
        for (id, vcpus, measurement) in &self.releases {
            let measurement = measurement.as_slice().try_into().expect("a measurement has 48 bytes");
            let release = Release {
                id: *id,
                measurement,
                vcpus: *vcpus,
                valid_from: 0,
                valid_until: None,
                status: ReleaseStatus::Active,
                source_digest: [0; 32],
                identity: Identity::default(),
            };
            assert!(!Releases::<T>::contains_key(measurement), "a measurement twice");
            Releases::<T>::insert(measurement, release);
        }
        assert!(Floors::<T>::count() <= T::MaxFloors::get(), "too many floors");
        assert!(Releases::<T>::count() <= T::MaxReleases::get(), "too many releases");
    }
}
