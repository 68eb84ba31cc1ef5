//! Validation of machines' calls: nodes submit them by themselves, without the validator's account and without fee.
//!
//! Refused with the index of this pallet's error as `InvalidTransaction::Custom`. The worker's signature goes first: only
//! who has registered worker keys can make anybody verify a report.

use codec::Encode;
use conclave_primitives::{worker_call_bytes, BlockNumber, ReportPurpose};
use frame_support::{
    pallet_prelude::{
        InvalidTransaction, TransactionSource, TransactionValidityWithRefund, ValidTransaction, Weight,
    },
    traits::{fungible::hold::Inspect, Get},
};
use sp_runtime::DispatchError;

use crate::{
    Attestations, Config, CurrentPolicy, Error, HoldReason, InThisBlock, Pallet, ProvideKeys, MAX_PER_BLOCK,
};

/// Before what is paid for, after the committee's making.
const PRIORITY: u64 = u64::MAX / 4;

/// The arguments of `register` and `renew`.
pub(crate) struct Submission<'a, AccountId> {
    pub(crate) validator: &'a AccountId,
    pub(crate) report: &'a [u8],
    pub(crate) vcek: &'a [u8],
    pub(crate) ask_serial: u64,
    pub(crate) block_number: BlockNumber,
}

impl<T: Config> Pallet<T> {
    pub(crate) fn authorise(
        source: TransactionSource,
        purpose: ReportPurpose,
        submission: Submission<'_, T::AccountId>,
        signature: &[u8; 64],
    ) -> TransactionValidityWithRefund {
        let Submission { validator, report, vcek, ask_serial, block_number } = submission;
        // The author leaves it for the next block.
        if source == TransactionSource::InBlock && InThisBlock::<T>::get() >= MAX_PER_BLOCK {
            return Err(InvalidTransaction::ExhaustsResources.into());
        }
        let keys = T::Keys::keys(validator).ok_or_else(|| custom(Error::<T>::NoKeys.into()))?;
        let call = match purpose {
            ReportPurpose::Register => "register",
            _ => "renew",
        };
        let arguments = (validator, report, vcek, ask_serial, block_number);
        let message = worker_call_bytes(&Self::genesis(), call, &arguments);
        if !sp_io::crypto::ed25519_verify(&(*signature).into(), &message, &keys.worker.signing.into()) {
            return Err(InvalidTransaction::BadProof.into());
        }
        let last = match purpose {
            ReportPurpose::Register => {
                Self::ensure_registrable(validator).map_err(custom)?;
                if !T::Currency::can_hold(&HoldReason::Attestation.into(), validator, T::Deposit::get()) {
                    return Err(InvalidTransaction::Payment.into());
                }
                None
            }
            _ => Some(Self::ensure_renewable(validator).map_err(custom)?.bound_to),
        };
        Self::verify(validator, purpose, report, vcek, ask_serial, block_number, last).map_err(custom)?;
        let age = Self::now().saturating_sub(block_number);
        let validity = ValidTransaction {
            priority: PRIORITY,
            requires: Default::default(),
            provides: alloc::vec![(b"conclave", "attestation", validator).encode()],
            longevity: CurrentPolicy::<T>::get().max_age.saturating_sub(age).max(1).into(),
            propagate: true,
        };
        Ok((validity, Weight::zero()))
    }

    /// Blocks between two renewals of one validator: nothing else limits what costs no fee.
    pub(crate) fn renewal_interval() -> BlockNumber {
        T::ValidityPeriod::get() / 24
    }

    pub(crate) fn is_registered(validator: &T::AccountId) -> bool {
        Attestations::<T>::contains_key(validator)
    }
}

fn custom(error: DispatchError) -> InvalidTransaction {
    match error {
        DispatchError::Module(module) => {
            InvalidTransaction::Custom(module.error.first().copied().unwrap_or(u8::MAX))
        }
        _ => InvalidTransaction::Call,
    }
}
