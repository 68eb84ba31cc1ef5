//! Ownership: who has a PKP, how it changes hands and how it ends.

use codec::Decode;
use conclave_primitives::{AuthMethod, Curve, PkpId};
use conclave_schemes::anybody_can_sign_for;
use frame_support::{ensure, pallet_prelude::DispatchResult};

use crate::{
    types::PkpRecordOf, Config, Error, Event, HoldReason, OwnedPkps, Pallet, Permissions, PermittedPkps, Pkps,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_transfer(from: T::AccountId, id: PkpId, to: T::AccountId) -> DispatchResult {
        let pkp = Self::owned_pkp(&from, id)?;
        ensure!(from != to, Error::<T>::AlreadyOwner);
        ensure!(!anybody_can_sign_for(&to.clone().into()), Error::<T>::NobodysAccount);
        // Without permissions nobody could ever use it again.
        ensure!(to != Self::own_account(&pkp)?, Error::<T>::SendsToItself);

        Self::clear_permissions(id)?;
        Self::change_owner(id, pkp, to.clone());
        Self::deposit_event(Event::Transferred { id, from, to });
        Ok(())
    }

    pub(crate) fn do_send_to_itself(from: T::AccountId, id: PkpId) -> DispatchResult {
        let pkp = Self::owned_pkp(&from, id)?;
        let to = Self::own_account(&pkp)?;
        ensure!(from != to, Error::<T>::AlreadyOwner);

        // An owner is never among the permissions.
        let method = AuthMethod::Account(to.clone().into());
        let mut grants = Permissions::<T>::get(id);
        if let Some(grant) = grants.remove(&method) {
            PermittedPkps::<T>::remove(method, id);
            Self::release(HoldReason::Permission, &grant.depositor, grant.deposit)?;
            Self::store_grants(id, grants);
        }
        Self::ensure_somebody_may(id)?;
        Self::change_owner(id, pkp, to.clone());
        Self::deposit_event(Event::SentToItself { id, from, to });
        Ok(())
    }

    pub(crate) fn do_freeze(owner: T::AccountId, id: PkpId) -> DispatchResult {
        let mut pkp = Self::owned_pkp(&owner, id)?;
        Self::ensure_somebody_may(id)?;

        pkp.frozen = true;
        Pkps::<T>::insert(id, pkp);
        Self::deposit_event(Event::Frozen { id });
        Ok(())
    }

    pub(crate) fn do_burn(owner: T::AccountId, id: PkpId) -> DispatchResult {
        let pkp = Self::owned_pkp(&owner, id)?;

        Self::clear_permissions(id)?;
        Self::release(HoldReason::Mint, &pkp.depositor, pkp.deposit)?;
        OwnedPkps::<T>::remove(&owner, id);
        Pkps::<T>::remove(id);
        Self::deposit_event(Event::Burned { id, owner });
        Ok(())
    }

    /// The PKP, if `owner` owns it and may change it.
    pub(crate) fn owned_pkp(owner: &T::AccountId, id: PkpId) -> Result<PkpRecordOf<T>, Error<T>> {
        let pkp = Pkps::<T>::get(id).ok_or(Error::<T>::UnknownPkp)?;
        ensure!(pkp.owner == *owner, Error::<T>::NotOwner);
        ensure!(!pkp.frozen, Error::<T>::Frozen);
        Ok(pkp)
    }

    fn change_owner(id: PkpId, mut pkp: PkpRecordOf<T>, to: T::AccountId) {
        OwnedPkps::<T>::remove(&pkp.owner, id);
        OwnedPkps::<T>::insert(&to, id, ());
        pkp.owner = to;
        Pkps::<T>::insert(id, pkp);
    }

    /// The account that a PKP signs for itself, with sr25519.
    pub(crate) fn own_account(pkp: &PkpRecordOf<T>) -> Result<T::AccountId, Error<T>> {
        pkp.public_keys
            .iter()
            .find(|key| key.curve == Curve::Ristretto255)
            .and_then(|key| T::AccountId::decode(&mut key.point.as_slice()).ok())
            .ok_or(Error::<T>::KeyNotDerivable)
    }
}
