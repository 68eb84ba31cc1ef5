//! Ownership: who has a PKP, how it changes hands and how it ends.

use conclave_primitives::PkpId;
use conclave_schemes::anybody_can_sign_for;
use frame_support::{ensure, pallet_prelude::DispatchResult};

use crate::{types::PkpRecordOf, Config, Error, Event, HoldReason, OwnedPkps, Pallet, Pkps};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_transfer(from: T::AccountId, id: PkpId, to: T::AccountId) -> DispatchResult {
        let mut pkp = Self::owned_pkp(&from, id)?;
        ensure!(from != to, Error::<T>::AlreadyOwner);
        ensure!(!anybody_can_sign_for(&to.clone().into()), Error::<T>::NobodysAccount);

        Self::clear_permissions(&from, id)?;
        OwnedPkps::<T>::remove(&from, id);
        OwnedPkps::<T>::insert(&to, id, ());
        pkp.owner = to.clone();
        Pkps::<T>::insert(id, pkp);
        Self::deposit_event(Event::Transferred { id, from, to });
        Ok(())
    }

    pub(crate) fn do_burn(owner: T::AccountId, id: PkpId) -> DispatchResult {
        let pkp = Self::owned_pkp(&owner, id)?;

        Self::clear_permissions(&owner, id)?;
        Self::release(HoldReason::Mint, &pkp.depositor, pkp.deposit)?;
        OwnedPkps::<T>::remove(&owner, id);
        Pkps::<T>::remove(id);
        Self::deposit_event(Event::Burned { id, owner });
        Ok(())
    }

    /// The PKP, if `owner` owns it.
    pub(crate) fn owned_pkp(owner: &T::AccountId, id: PkpId) -> Result<PkpRecordOf<T>, Error<T>> {
        let pkp = Pkps::<T>::get(id).ok_or(Error::<T>::UnknownPkp)?;
        ensure!(pkp.owner == *owner, Error::<T>::NotOwner);
        Ok(pkp)
    }
}
