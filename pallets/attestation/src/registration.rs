//! Validators prove their machines.

use alloc::vec;
use codec::Encode;
use conclave_primitives::{blake2_256, AccountBytes, BlockNumber, GenesisHash, ReportBinding, ReportPurpose};
use conclave_snp::{
    Anchor, CertificateStanding, ChipStanding, Circumstances, Evidence, Freshness, Modulus, ReleaseLookup,
};
use frame_support::{
    ensure,
    traits::{fungible::MutateHold, tokens::Precision, Get, UnixTime},
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{DispatchError, DispatchResult, SaturatedConversion};

use crate::{
    pallet::BalanceOf, Asks, Attestation, Attestations, BlockedChips, ChipOwner, Config, CurrentPolicy,
    Error, Event, Floors, HoldReason, Pallet, ProvideKeys, Releases, ReportIdOwner, ValidatorKeys,
};

/// What a verified report makes of a validator.
pub(crate) struct Verified<T: Config> {
    attestation: Attestation<BalanceOf<T>>,
    release: u32,
}

impl<T: Config> Pallet<T> {
    pub(crate) fn do_register(
        validator: T::AccountId,
        report: &[u8],
        vcek: &[u8],
        ask_serial: u64,
        block_number: BlockNumber,
    ) -> DispatchResult {
        Self::take_turn()?;
        Self::ensure_registrable(&validator)?;
        let verified =
            Self::verify(&validator, ReportPurpose::Register, report, vcek, ask_serial, block_number, None)?;
        let deposit = T::Deposit::get();
        T::Currency::hold(&HoldReason::Attestation.into(), &validator, deposit)?;
        let Verified { attestation, release } = verified;
        let attestation = Attestation { deposit, ..attestation };
        let (chip, expires, digest) =
            (attestation.claims.report.chip_id, attestation.expires, attestation.digest);
        Self::insert(&validator, attestation);
        Self::deposit_event(Event::Registered { validator, chip, release, expires, digest });
        Ok(())
    }

    pub(crate) fn do_renew(
        validator: T::AccountId,
        report: &[u8],
        vcek: &[u8],
        ask_serial: u64,
        block_number: BlockNumber,
    ) -> DispatchResult {
        Self::take_turn()?;
        let old = Self::ensure_renewable(&validator)?;
        let last = Some(old.bound_to);
        let Verified { attestation, release } =
            Self::verify(&validator, ReportPurpose::Renew, report, vcek, ask_serial, block_number, last)?;
        let attestation = Attestation { deposit: old.deposit, ..attestation };
        let (chip, expires, digest) =
            (attestation.claims.report.chip_id, attestation.expires, attestation.digest);
        Self::disown(&validator, &old);
        Self::insert(&validator, attestation);
        Self::deposit_event(Event::Renewed { validator, chip, release, expires, digest });
        Ok(())
    }

    pub(crate) fn do_withdraw(validator: T::AccountId) -> DispatchResult {
        let old = Attestations::<T>::take(&validator).ok_or(Error::<T>::NotRegistered)?;
        Self::disown(&validator, &old);
        T::Currency::release(
            &HoldReason::Attestation.into(),
            &validator,
            old.deposit,
            Precision::BestEffort,
        )?;
        Self::deposit_event(Event::Withdrawn { validator });
        Ok(())
    }

    fn insert(validator: &T::AccountId, attestation: Attestation<BalanceOf<T>>) {
        ChipOwner::<T>::insert(attestation.claims.report.chip_id, validator);
        ReportIdOwner::<T>::insert(attestation.claims.report.report_id, validator);
        Attestations::<T>::insert(validator, attestation);
    }

    /// Chip and guest are free again, unless they serve somebody else since this expired.
    fn disown(validator: &T::AccountId, old: &Attestation<BalanceOf<T>>) {
        let report = &old.claims.report;
        if ChipOwner::<T>::get(report.chip_id).as_ref() == Some(validator) {
            ChipOwner::<T>::remove(report.chip_id);
        }
        if ReportIdOwner::<T>::get(report.report_id).as_ref() == Some(validator) {
            ReportIdOwner::<T>::remove(report.report_id);
        }
    }

    pub(crate) fn ensure_registrable(validator: &T::AccountId) -> DispatchResult {
        ensure!(!Self::is_registered(validator), Error::<T>::AlreadyRegistered);
        ensure!(Attestations::<T>::count() < T::MaxAttestations::get(), Error::<T>::TooManyAttestations);
        Ok(())
    }

    /// What the validator has, if it is time for another.
    pub(crate) fn ensure_renewable(
        validator: &T::AccountId,
    ) -> Result<Attestation<BalanceOf<T>>, DispatchError> {
        let old = Attestations::<T>::get(validator).ok_or(Error::<T>::NotRegistered)?;
        let earliest = old.bound_to.saturating_add(Self::renewal_interval());
        ensure!(Self::now() > earliest, Error::<T>::TooSoon);
        Ok(old)
    }

    pub(crate) fn verify(
        validator: &T::AccountId,
        purpose: ReportPurpose,
        report: &[u8],
        vcek: &[u8],
        ask_serial: u64,
        block_number: BlockNumber,
        last: Option<BlockNumber>,
    ) -> Result<Verified<T>, DispatchError> {
        let keys = T::Keys::keys(validator).ok_or(Error::<T>::NoKeys)?;
        let evidence = Evidence::parse(report, vcek, T::TrustAnchors::get()).map_err(Error::<T>::from)?;
        let anchor = evidence.vcek().anchor();
        let ask = Self::ask(anchor, ask_serial).ok_or(Error::<T>::UnknownAsk)?;
        let now = Self::now();
        let said = evidence.report();
        let floors = match said.cpuid.and_then(|cpuid| Floors::<T>::get(cpuid).map(|record| (cpuid, record)))
        {
            Some((cpuid, record)) => vec![(cpuid, record.at(now))],
            None => vec![],
        };
        let release = Releases::<T>::get(said.measurement);
        let block_hash = Self::block_hash(block_number);
        let circumstances = Circumstances {
            anchors: T::TrustAnchors::get(),
            floors: &floors,
            release: Some(ReleaseLookup { found: release.as_ref(), now }),
            report_data: Some(Self::report_data(validator, purpose, &keys, block_number, block_hash)),
            is_report_id_taken: Some(Self::is_owned_by_another(
                ReportIdOwner::<T>::get(said.report_id),
                validator,
                now,
            )),
            chip: Some(Self::chip_standing(&said.chip_id, validator, now)),
            freshness: Some(Freshness {
                number: block_number,
                // The hash is in the report data. What is not on hand any more is zeros.
                is_ours: block_number < now && block_hash != [0; 32],
                now,
                last,
            }),
            certificate: Some(Self::certificate_standing(anchor, ask_serial)),
        };
        let claims = evidence
            .verify((&ask, ask_serial), &CurrentPolicy::<T>::get(), &circumstances)
            .map_err(Error::<T>::from)?;
        let release = release.ok_or(Error::<T>::UnknownMeasurement)?.id;
        let attestation = Attestation {
            claims,
            digest: evidence.digest(),
            bound_to: block_number,
            expires: now.saturating_add(T::ValidityPeriod::get()),
            keys: Self::keys_hash(&keys),
            deposit: Default::default(),
        };
        Ok(Verified { attestation, release })
    }

    /// REPORT_DATA of a validator's report.
    pub fn report_data(
        validator: &T::AccountId,
        purpose: ReportPurpose,
        keys: &ValidatorKeys,
        block_number: BlockNumber,
        block_hash: [u8; 32],
    ) -> [u8; 64] {
        ReportBinding {
            genesis: Self::genesis(),
            purpose,
            validator: Self::account_bytes(validator),
            session_keys: &keys.session,
            worker_keys: keys.worker,
            block_number,
            block_hash,
        }
        .report_data()
    }

    /// The modulus of the ASK with this serial number, compiled in or taken from the ARK.
    pub(crate) fn ask(anchor: &Anchor, serial: u64) -> Option<Modulus> {
        if anchor.ask_serial == serial {
            return Some(*anchor.ask);
        }
        let stored = Asks::<T>::get(serial).filter(|ask| ask.product == anchor.product)?;
        let now = T::UnixTime::now().as_secs();
        (stored.validity.not_before <= now && now <= stored.validity.not_after).then_some(stored.modulus)
    }

    fn chip_standing(chip: &[u8; 64], validator: &T::AccountId, now: BlockNumber) -> ChipStanding {
        if BlockedChips::<T>::contains_key(chip) {
            ChipStanding::Blocked
        } else if Self::is_owned_by_another(ChipOwner::<T>::get(chip), validator, now) {
            ChipStanding::Taken
        } else {
            ChipStanding::Free
        }
    }

    /// An attestation that expired keeps neither chip nor guest.
    fn is_owned_by_another(owner: Option<T::AccountId>, validator: &T::AccountId, now: BlockNumber) -> bool {
        owner
            .filter(|owner| owner != validator)
            .and_then(Attestations::<T>::get)
            .is_some_and(|attestation| attestation.expires >= now)
    }

    pub(crate) fn certificate_standing(anchor: &Anchor, ask_serial: u64) -> CertificateStanding {
        let is_ask_revoked = Self::is_revoked(anchor.product, ask_serial);
        CertificateStanding { now: T::UnixTime::now().as_secs(), is_ask_revoked }
    }

    pub(crate) fn keys_hash(keys: &ValidatorKeys) -> [u8; 32] {
        blake2_256(&(&keys.session, &keys.worker).encode())
    }

    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    pub(crate) fn genesis() -> GenesisHash {
        Self::block_hash(0)
    }

    pub(crate) fn block_hash(number: BlockNumber) -> [u8; 32] {
        let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::from(number));
        hash.as_ref().try_into().unwrap_or_default()
    }

    /// The account as 32 bytes: itself for `AccountId32`, a hash for longer or shorter ids.
    fn account_bytes(account: &T::AccountId) -> AccountBytes {
        account
            .using_encoded(|encoded| AccountBytes::try_from(encoded).unwrap_or_else(|_| blake2_256(encoded)))
    }
}
