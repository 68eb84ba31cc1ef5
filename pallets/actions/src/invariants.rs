//! What must hold after every block; checked by `try_state` and by the tests.

use alloc::collections::BTreeMap;
use conclave_primitives::Cid;
use frame_support::{ensure, traits::fungible::hold::Inspect};
use sp_runtime::{
    traits::{Saturating, Zero},
    DispatchError,
};

use crate::{types::BalanceOf, Code, Config, ExecutionLimits, HoldReason, Pallet, Publications};

impl<T: Config> Pallet<T> {
    /// Programs are what their CIDs say, holds are exactly their deposits, and no limit is above its ceiling.
    pub(crate) fn do_try_state() -> Result<(), DispatchError> {
        let mut deposits = BTreeMap::<T::AccountId, BalanceOf<T>>::new();
        for (cid, publication) in Publications::<T>::iter() {
            let code = Code::<T>::get(cid).ok_or("a published program has no code")?;
            ensure!(Cid::of(&code) == cid, "a program is not what its CID says");
            ensure!(u32::try_from(code.len()) == Ok(publication.bytes), "a program has another length");
            let sum = deposits.remove(&publication.publisher).unwrap_or_else(Zero::zero);
            deposits.insert(publication.publisher, sum.saturating_add(publication.deposit));
        }
        ensure!(
            Code::<T>::iter_keys().all(Publications::<T>::contains_key),
            "there is code that nobody published"
        );
        let reason = HoldReason::Program.into();
        for who in frame_system::Account::<T>::iter_keys() {
            let deposited = deposits.remove(&who).unwrap_or_else(Zero::zero);
            ensure!(
                T::Currency::balance_on_hold(&reason, &who) == deposited,
                "a hold differs from the deposits"
            );
        }
        ensure!(deposits.into_values().all(|deposit| deposit.is_zero()), "a depositor has no account");
        ensure!(ExecutionLimits::<T>::get().is_within_ceiling(), "a limit is above its ceiling");
        Ok(())
    }
}
