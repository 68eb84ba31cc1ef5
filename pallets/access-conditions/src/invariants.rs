//! What must hold after every block; checked by `try_state` and by the tests.

use alloc::collections::BTreeMap;
use frame_support::{
    ensure,
    traits::{fungible::hold::Inspect, Get},
};
use sp_runtime::{
    traits::{Saturating, Zero},
    DispatchError,
};

use crate::{types::BalanceOf, Chains, Config, HoldReason, Pallet, Policies, OWN_CHAIN};

impl<T: Config> Pallet<T> {
    /// Policies have conditions that can be evaluated, holds are exactly their deposits, and the registry is within its
    /// bounds.
    pub(crate) fn do_try_state() -> Result<(), DispatchError> {
        let mut deposits = BTreeMap::<T::AccountId, BalanceOf<T>>::new();
        for (_, record) in Policies::<T>::iter() {
            ensure!(
                Self::check_condition(&record.condition).is_ok(),
                "a policy's condition cannot be evaluated"
            );
            ensure!(record.version > 0, "a policy has a version before the first");
            let sum = deposits.remove(&record.owner).unwrap_or_else(Zero::zero);
            deposits.insert(record.owner, sum.saturating_add(record.deposit));
        }
        let reason = HoldReason::Policy.into();
        for who in frame_system::Account::<T>::iter_keys() {
            let deposited = deposits.remove(&who).unwrap_or_else(Zero::zero);
            ensure!(
                T::Currency::balance_on_hold(&reason, &who) == deposited,
                "a hold differs from the deposits"
            );
        }
        ensure!(deposits.into_values().all(|deposit| deposit.is_zero()), "a depositor has no account");
        ensure!(Chains::<T>::count() <= T::MaxChains::get(), "there are too many external chains");
        ensure!(
            Chains::<T>::iter_keys().all(|name| name.as_str() != OWN_CHAIN),
            "an external chain has the name of ours"
        );
        Ok(())
    }
}
