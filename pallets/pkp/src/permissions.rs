//! Permissions: who besides the owner may use a PKP, and for what.

use conclave_primitives::{AuthMethod, PkpId, Scopes};
use conclave_schemes::anybody_can_sign_for;
use frame_support::{
    ensure,
    pallet_prelude::{DispatchResult, Zero},
    traits::Get,
};
use sp_runtime::Saturating;

use crate::{types::BalanceOf, Config, Error, Event, Grant, HoldReason, Pallet, Permissions};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_permit(
        owner: T::AccountId,
        id: PkpId,
        method: AuthMethod,
        scopes: Scopes,
    ) -> DispatchResult {
        Self::owned_pkp(&owner, id)?;
        ensure!(!scopes.is_empty(), Error::<T>::NoScopes);
        // `Scopes` decodes from any byte: a bit without meaning today must not gain one tomorrow.
        ensure!(Scopes::from_bits(scopes.bits()).is_some(), Error::<T>::UnknownScope);
        ensure!(!Self::is_account(&method, &owner), Error::<T>::AlreadyOwner);
        if let AuthMethod::Account(account) = &method {
            ensure!(!anybody_can_sign_for(account), Error::<T>::NobodysAccount);
        }

        let mut grants = Permissions::<T>::get(id);
        match grants.get_mut(&method) {
            Some(grant) => grant.scopes = scopes,
            None => {
                let deposit = T::PermissionDeposit::get();
                grants
                    .try_insert(method, Grant { scopes, deposit })
                    .map_err(|_| Error::<T>::TooManyPermissions)?;
                Self::hold(HoldReason::Permission, &owner, deposit)?;
            }
        }
        Permissions::<T>::insert(id, grants);
        Self::deposit_event(Event::Permitted { id, method, scopes });
        Ok(())
    }

    pub(crate) fn do_revoke(owner: T::AccountId, id: PkpId, method: AuthMethod) -> DispatchResult {
        Self::owned_pkp(&owner, id)?;
        let mut grants = Permissions::<T>::get(id);
        let grant = grants.remove(&method).ok_or(Error::<T>::NotPermitted)?;

        Self::release(HoldReason::Permission, &owner, grant.deposit)?;
        if grants.is_empty() {
            Permissions::<T>::remove(id);
        } else {
            Permissions::<T>::insert(id, grants);
        }
        Self::deposit_event(Event::Revoked { id, method });
        Ok(())
    }

    /// Ends every permission of a PKP; its owner, who paid for them, gets the deposits back.
    pub(crate) fn clear_permissions(owner: &T::AccountId, id: PkpId) -> DispatchResult {
        let deposits = Permissions::<T>::take(id)
            .into_iter()
            .fold(BalanceOf::<T>::zero(), |sum, (_, grant)| sum.saturating_add(grant.deposit));
        Self::release(HoldReason::Permission, owner, deposits)
    }

    /// Whether `method` is that very account.
    pub(crate) fn is_account(method: &AuthMethod, account: &T::AccountId) -> bool {
        *method == AuthMethod::Account(account.clone().into())
    }
}
