//! Deposits: held from an account, returned to it.

use frame_support::{
    pallet_prelude::DispatchResult,
    traits::{fungible::hold::Mutate, tokens::Precision},
};

use crate::{types::BalanceOf, Config, HoldReason, Pallet};

impl<T: Config> Pallet<T> {
    pub(crate) fn hold(reason: HoldReason, who: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
        T::Currency::hold(&reason.into(), who, amount)
    }

    /// Best effort: should anything have taken from the hold, the owner still gets rid of the PKP and the depositor
    /// gets what is left.
    pub(crate) fn release(reason: HoldReason, who: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
        T::Currency::release(&reason.into(), who, amount, Precision::BestEffort).map(|_| ())
    }
}
