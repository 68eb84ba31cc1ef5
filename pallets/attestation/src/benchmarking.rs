//! Benchmarks of every call, of its validation, and of admission: each at its worst. Evidence is of a software PSP, so
//! that they run on the development runtime alone; the same code judges it.

use alloc::{boxed::Box, vec::Vec};
use conclave_primitives::{AdmitMembers, BlockNumber, ReportPurpose};
use conclave_snp::{Anchor, Cpuid, Floor, Identity, Policy, Release, ReleaseStatus, REPORT_BYTES};
use frame_benchmarking::v2::*;
use frame_support::traits::{fungible::Mutate, EnsureOrigin, Get};
use frame_system::RawOrigin;
use sp_runtime::{traits::Zero, Saturating};

use crate::{
    pallet::Der, Attestations, BlockedChips, Call, ChipOwner, Config, CurrentPolicy, FloorRecord, Floors,
    InThisBlock, Pallet, Releases, ReportIdOwner, Revocations, Revoked, MAX_PER_BLOCK,
};

type Setup<T> = Result<T, BenchmarkError>;

/// What the benchmarks need of others, and of a software PSP.
pub trait BenchmarkHelper<AccountId> {
    /// A validator with session keys and worker keys, and the time 2026-11-22.
    fn validator(index: u32) -> AccountId;
    /// A report over this REPORT_DATA; none where no key signs for a root of the runtime.
    fn report(data: [u8; 64]) -> Option<[u8; REPORT_BYTES]>;
    /// The certificate of the key that signs it.
    fn vcek() -> &'static [u8];
    /// The certificate of a second ASK.
    fn ask() -> &'static [u8];
    /// As long a revocation list as is taken.
    fn revocations() -> &'static [u8];
    /// The worker's signature of a call.
    fn sign(validator: &AccountId, message: &[u8]) -> [u8; 64];
}

/// An operation's place among the measured ones has nothing to do with the weight of the block before.
const BOUND_TO: BlockNumber = 1;

fn anchor<T: Config>() -> Setup<&'static Anchor> {
    T::TrustAnchors::get().iter().find(|anchor| anchor.refused.is_none()).ok_or(BenchmarkError::Skip)
}

fn der(bytes: &[u8]) -> Setup<Der> {
    bytes.to_vec().try_into().map_err(|_| BenchmarkError::Stop("too long for a certificate"))
}

fn funded<T: Config>(index: u32) -> T::AccountId
where
    T::Currency: Mutate<T::AccountId>,
{
    let who = T::BenchmarkHelper::validator(index);
    let minimum = <T::Currency as frame_support::traits::fungible::Inspect<_>>::minimum_balance();
    let funds = T::Deposit::get().saturating_add(minimum).saturating_mul(2u32.into());
    let _ = T::Currency::mint_into(&who, funds);
    who
}

/// The chain at a block late enough for a renewal, with the hashes of the blocks that reports are bound to.
fn at_block<T: Config>(number: BlockNumber) {
    for bound_to in [BOUND_TO, number.saturating_sub(1)] {
        frame_system::BlockHash::<T>::insert(
            frame_system::pallet_prelude::BlockNumberFor::<T>::from(bound_to),
            T::Hash::from_bytes(bound_to),
        );
    }
    frame_system::Pallet::<T>::set_block_number(number.into());
    InThisBlock::<T>::put(MAX_PER_BLOCK.saturating_sub(1));
}

/// A hash that is not zero.
trait FromBytes {
    fn from_bytes(number: BlockNumber) -> Self;
}

impl<H: Default + AsMut<[u8]>> FromBytes for H {
    fn from_bytes(number: BlockNumber) -> Self {
        let mut hash = H::default();
        hash.as_mut().iter_mut().for_each(|byte| *byte = 7);
        hash.as_mut().iter_mut().zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
        hash
    }
}

struct Submission<T: Config> {
    validator: T::AccountId,
    report: Box<[u8; REPORT_BYTES]>,
    vcek: Der,
    ask_serial: u64,
    block_number: BlockNumber,
    signature: [u8; 64],
}

fn submission<T: Config>(
    validator: T::AccountId,
    purpose: ReportPurpose,
    block_number: BlockNumber,
) -> Setup<Submission<T>> {
    let no_keys = BenchmarkError::Stop("the validator has no keys");
    let data = Pallet::<T>::report_data_at(&validator, purpose, block_number).ok_or(no_keys)?;
    let report = T::BenchmarkHelper::report(data).ok_or(BenchmarkError::Skip)?;
    let (vcek, ask_serial) = (der(T::BenchmarkHelper::vcek())?, anchor::<T>()?.ask_serial);
    let name = match purpose {
        ReportPurpose::Register => "register",
        _ => "renew",
    };
    let arguments = (&validator, report.as_slice(), vcek.as_slice(), ask_serial, block_number);
    let message = conclave_primitives::worker_call_bytes(&Pallet::<T>::genesis(), name, &arguments);
    let signature = T::BenchmarkHelper::sign(&validator, &message);
    Ok(Submission { validator, report: Box::new(report), vcek, ask_serial, block_number, signature })
}

/// The ARK has as long a list of revoked ASKs as there can be.
fn revoke<T: Config>() -> Setup<()> {
    let index = codec::Encode::encode(&anchor::<T>()?.product).first().copied().unwrap_or_default();
    let serials = (0..u64::from(crate::MAX_REVOKED)).map(|serial| u64::MAX - serial).collect::<Vec<_>>();
    let serials = serials.try_into().map_err(|_| BenchmarkError::Stop("too many"))?;
    Revoked::<T>::insert(index, Revocations { this_update: 0, serials });
    Ok(())
}

/// A validator that registered, and may renew.
fn registered<T: Config>() -> Setup<T::AccountId>
where
    T::Currency: Mutate<T::AccountId>,
{
    revoke::<T>()?;
    at_block::<T>(BOUND_TO + 1);
    let validator = funded::<T>(0);
    let Submission { report, vcek, ask_serial, block_number, .. } =
        submission::<T>(validator.clone(), ReportPurpose::Register, BOUND_TO)?;
    Pallet::<T>::do_register(validator.clone(), report.as_slice(), &vcek, ask_serial, block_number)?;
    at_block::<T>(BOUND_TO + 2 + T::ValidityPeriod::get() / 4);
    Ok(validator)
}

fn renewal<T: Config>() -> Setup<Submission<T>>
where
    T::Currency: Mutate<T::AccountId>,
{
    let validator = registered::<T>()?;
    submission::<T>(validator, ReportPurpose::Renew, Pallet::<T>::now().saturating_sub(1))
}

/// A second validator's machine is this one's again: chip and guest are given back and taken.
fn release(number: u32) -> Release {
    let mut measurement = [0; 48];
    measurement.iter_mut().zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
    Release {
        id: 1,
        measurement,
        vcpus: 4,
        valid_from: 0,
        valid_until: None,
        status: ReleaseStatus::Active,
        source_digest: [0; 32],
        identity: Identity::default(),
    }
}

/// A processor with a floor, trusted here.
fn floor<T: Config>() -> Setup<(Cpuid, Floor)> {
    Floors::<T>::iter()
        .next()
        .map(|(cpuid, record)| (cpuid, record.floor))
        .ok_or(BenchmarkError::Stop("no processor has a floor"))
}

fn tighten<T: Config>() -> Setup<T::RuntimeOrigin> {
    T::TightenOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)
}

fn loosen<T: Config>() -> Setup<T::RuntimeOrigin> {
    T::LoosenOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)
}

#[benchmarks(where T::Currency: Mutate<T::AccountId>, T::Hash: AsMut<[u8]>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn authorise() -> Result<(), BenchmarkError> {
        let Submission { validator, report, vcek, ask_serial, block_number, signature } = renewal::<T>()?;
        let submission = crate::authorise::Submission {
            validator: &validator,
            report: report.as_slice(),
            vcek: &vcek,
            ask_serial,
            block_number,
        };
        let source = frame_support::pallet_prelude::TransactionSource::InBlock;
        let verdict;

        #[block]
        {
            verdict = Pallet::<T>::authorise(source, ReportPurpose::Renew, submission, &signature);
        }

        assert!(verdict.is_ok());
        Ok(())
    }

    #[benchmark]
    fn register() -> Result<(), BenchmarkError> {
        revoke::<T>()?;
        at_block::<T>(BOUND_TO + 1);
        let Submission { validator, report, vcek, ask_serial, block_number, signature } =
            submission::<T>(funded::<T>(0), ReportPurpose::Register, BOUND_TO)?;
        let who = validator.clone();

        #[extrinsic_call]
        _(RawOrigin::Authorized, validator, report, vcek, ask_serial, block_number, signature);

        assert!(Attestations::<T>::contains_key(who));
        Ok(())
    }

    #[benchmark]
    fn renew() -> Result<(), BenchmarkError> {
        let Submission { validator, report, vcek, ask_serial, block_number, signature } = renewal::<T>()?;
        let who = validator.clone();

        #[extrinsic_call]
        _(RawOrigin::Authorized, validator, report, vcek, ask_serial, block_number, signature);

        assert_eq!(Attestations::<T>::get(who).map(|it| it.bound_to), Some(block_number));
        Ok(())
    }

    #[benchmark]
    fn withdraw() -> Result<(), BenchmarkError> {
        let validator = registered::<T>()?;

        #[extrinsic_call]
        _(RawOrigin::Signed(validator.clone()));

        assert!(!Attestations::<T>::contains_key(validator));
        Ok(())
    }

    #[benchmark]
    fn submit_ask() -> Result<(), BenchmarkError> {
        revoke::<T>()?;
        let (who, product) = (funded::<T>(0), anchor::<T>()?.product);
        let certificate = der(T::BenchmarkHelper::ask())?;

        #[extrinsic_call]
        _(RawOrigin::Signed(who), product, certificate);

        assert_eq!(crate::Asks::<T>::count(), 1);
        Ok(())
    }

    #[benchmark]
    fn submit_crl() -> Result<(), BenchmarkError> {
        revoke::<T>()?;
        let (who, product) = (funded::<T>(0), anchor::<T>()?.product);
        let list = der(T::BenchmarkHelper::revocations())?;

        #[extrinsic_call]
        _(RawOrigin::Signed(who), product, list);

        assert!(Revoked::<T>::iter_values().any(|list| !list.this_update.is_zero()));
        Ok(())
    }

    #[benchmark]
    fn tighten_policy() -> Result<(), BenchmarkError> {
        let origin = tighten::<T>()?;
        let policy = Policy {
            max_age: CurrentPolicy::<T>::get().max_age.saturating_sub(1),
            ..CurrentPolicy::<T>::get()
        };

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, policy);

        assert_eq!(CurrentPolicy::<T>::get(), policy);
        Ok(())
    }

    #[benchmark]
    fn set_policy() -> Result<(), BenchmarkError> {
        let origin = loosen::<T>()?;
        let policy = Policy { max_age: 7, ..Policy::PRODUCTION };

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, policy);

        assert_eq!(CurrentPolicy::<T>::get(), policy);
        Ok(())
    }

    #[benchmark]
    fn raise_floor() -> Result<(), BenchmarkError> {
        let origin = tighten::<T>()?;
        let (cpuid, floor) = floor::<T>()?;
        let mut raised = floor;
        raised.tcb.snp = raised.tcb.snp.saturating_add(1);

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, cpuid, raised, BlockNumber::MAX, [1; 32]);

        let record = Floors::<T>::get(cpuid);
        assert_eq!(record.and_then(|record| record.next), Some((raised, BlockNumber::MAX)));
        Ok(())
    }

    #[benchmark]
    fn set_floor() -> Result<(), BenchmarkError> {
        let origin = loosen::<T>()?;
        let (cpuid, floor) = floor::<T>()?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, cpuid, floor, [1; 32]);

        let expected = FloorRecord { floor, next: None, source_digest: [1; 32] };
        assert_eq!(Floors::<T>::get(cpuid), Some(expected));
        Ok(())
    }

    #[benchmark]
    fn remove_floor() -> Result<(), BenchmarkError> {
        let origin = tighten::<T>()?;
        let (cpuid, _) = floor::<T>()?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, cpuid);

        assert!(!Floors::<T>::contains_key(cpuid));
        Ok(())
    }

    #[benchmark]
    fn set_release() -> Result<(), BenchmarkError> {
        let origin = loosen::<T>()?;
        let release = release(1);

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, Box::new(release));

        assert_eq!(Releases::<T>::get(release.measurement), Some(release));
        Ok(())
    }

    /// `r`: releases, all of the number that is disabled.
    #[benchmark]
    fn disable_release(r: Linear<1, 64>) -> Result<(), BenchmarkError> {
        let origin = tighten::<T>()?;
        let _ = Releases::<T>::clear(u32::MAX, None);
        (0..r).map(release).for_each(|release| Releases::<T>::insert(release.measurement, release));

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, 1);

        assert!(Releases::<T>::iter_values().all(|release| release.status == ReleaseStatus::Disabled));
        Ok(())
    }

    #[benchmark]
    fn forget_release() -> Result<(), BenchmarkError> {
        let origin = tighten::<T>()?;
        let disabled = Release { status: ReleaseStatus::Disabled, ..release(1) };
        Releases::<T>::insert(disabled.measurement, disabled);

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, disabled.measurement);

        assert!(!Releases::<T>::contains_key(disabled.measurement));
        Ok(())
    }

    #[benchmark]
    fn block_chip() -> Result<(), BenchmarkError> {
        let origin = tighten::<T>()?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, [1; 64]);

        assert!(BlockedChips::<T>::contains_key([1; 64]));
        Ok(())
    }

    #[benchmark]
    fn unblock_chip() -> Result<(), BenchmarkError> {
        let origin = loosen::<T>()?;
        BlockedChips::<T>::insert([1; 64], ());

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, [1; 64]);

        assert!(!BlockedChips::<T>::contains_key([1; 64]));
        Ok(())
    }

    /// `v`: validators with machines, all expired but otherwise in order: all are judged, sorted and let in.
    #[benchmark]
    fn admit(v: Linear<0, 100>) -> Result<(), BenchmarkError> {
        let first = registered::<T>()?;
        let attestation = Attestations::<T>::get(&first).ok_or(BenchmarkError::Stop("not registered"))?;
        let mut validators = Vec::new();
        for number in 0..v {
            let who = T::BenchmarkHelper::validator(number);
            let keys = Pallet::<T>::keys_of(&who).ok_or(BenchmarkError::Stop("no keys"))?;
            let mut expired = crate::Attestation { expires: number, keys, ..attestation.clone() };
            let report = &mut expired.claims.report;
            report.chip_id.iter_mut().rev().zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
            report.report_id.iter_mut().zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
            ChipOwner::<T>::insert(report.chip_id, &who);
            ReportIdOwner::<T>::insert(report.report_id, &who);
            Attestations::<T>::insert(&who, expired);
            validators.push(who);
        }
        at_block::<T>(Pallet::<T>::now().saturating_add(100));
        let admitted;

        #[block]
        {
            admitted = Pallet::<T>::admit(validators);
        }

        assert_eq!(admitted.len() as u32, conclave_primitives::threshold_of(v));
        Ok(())
    }
}
