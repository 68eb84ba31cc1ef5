//! Permissions: who besides the owner may use a PKP, and for what.

use alloc::collections::BTreeMap;
use conclave_primitives::{AuthMethod, CredentialKey, Curve, PkpId, Scopes};
use conclave_schemes::anybody_can_sign_for;
use conclave_vss::check_point;
use frame_support::{
    ensure,
    pallet_prelude::{DispatchResult, Zero},
    traits::Get,
};
use sp_runtime::Saturating;

use crate::{
    types::{BalanceOf, GrantsOf},
    Config, Error, Event, Grant, HoldReason, ListGrant, Lists, Pallet, Permissions, PermittedPkps,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_permit(
        owner: T::AccountId,
        id: PkpId,
        method: AuthMethod,
        scopes: Scopes,
        credential: Option<CredentialKey>,
    ) -> DispatchResult {
        Self::owned_pkp(&owner, id)?;
        Self::check_scopes(scopes)?;
        ensure!(!Self::is_account(&method, &owner), Error::<T>::AlreadyOwner);
        if let AuthMethod::Account(account) = &method {
            ensure!(!anybody_can_sign_for(account), Error::<T>::NobodysAccount);
        }

        let mut grants = Permissions::<T>::get(id);
        match grants.get_mut(&method) {
            Some(grant) => {
                // Whoever could exchange the key under an auth method could sign as somebody else.
                let same = credential.is_none() || credential == grant.credential;
                ensure!(same, Error::<T>::CredentialKeyFixed);
                grant.scopes = scopes;
            }
            None => {
                Self::check_credential(&method, credential.as_ref())?;
                let (depositor, deposit) = (owner.clone(), T::PermissionDeposit::get());
                grants
                    .try_insert(method, Grant { scopes, credential, depositor, deposit })
                    .map_err(|_| Error::<T>::TooManyPermissions)?;
                PermittedPkps::<T>::insert(method, id, ());
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

        PermittedPkps::<T>::remove(method, id);
        Self::release(HoldReason::Permission, &grant.depositor, grant.deposit)?;
        Self::store_grants(id, grants);
        Self::deposit_event(Event::Revoked { id, method });
        Ok(())
    }

    pub(crate) fn do_permit_list(
        owner: T::AccountId,
        id: PkpId,
        list: u32,
        root: [u8; 32],
        scopes: Scopes,
    ) -> DispatchResult {
        Self::owned_pkp(&owner, id)?;
        Self::check_scopes(scopes)?;

        let mut lists = Lists::<T>::get(id);
        match lists.get_mut(&list) {
            Some(grant) => (grant.root, grant.scopes) = (root, scopes),
            None => {
                let (depositor, deposit) = (owner.clone(), T::PermissionDeposit::get());
                lists
                    .try_insert(list, ListGrant { root, scopes, depositor, deposit })
                    .map_err(|_| Error::<T>::TooManyLists)?;
                Self::hold(HoldReason::Permission, &owner, deposit)?;
            }
        }
        Lists::<T>::insert(id, lists);
        Self::deposit_event(Event::ListPermitted { id, list, root, scopes });
        Ok(())
    }

    pub(crate) fn do_revoke_list(owner: T::AccountId, id: PkpId, list: u32) -> DispatchResult {
        Self::owned_pkp(&owner, id)?;
        let mut lists = Lists::<T>::get(id);
        let grant = lists.remove(&list).ok_or(Error::<T>::NotPermitted)?;

        Self::release(HoldReason::Permission, &grant.depositor, grant.deposit)?;
        if lists.is_empty() {
            Lists::<T>::remove(id);
        } else {
            Lists::<T>::insert(id, lists);
        }
        Self::deposit_event(Event::ListRevoked { id, list });
        Ok(())
    }

    /// Ends every permission of a PKP; whoever paid for them gets the deposits back.
    pub(crate) fn clear_permissions(id: PkpId) -> DispatchResult {
        let mut deposits = BTreeMap::<T::AccountId, BalanceOf<T>>::new();
        let mut add = |who: T::AccountId, deposit: BalanceOf<T>| {
            let sum = deposits.entry(who).or_insert_with(Zero::zero);
            *sum = sum.saturating_add(deposit);
        };
        for (method, grant) in Permissions::<T>::take(id) {
            PermittedPkps::<T>::remove(method, id);
            add(grant.depositor, grant.deposit);
        }
        for (_, grant) in Lists::<T>::take(id) {
            add(grant.depositor, grant.deposit);
        }
        deposits
            .into_iter()
            .try_for_each(|(who, deposit)| Self::release(HoldReason::Permission, &who, deposit))
    }

    /// Somebody besides the owner may use the PKP.
    pub(crate) fn ensure_somebody_may(id: PkpId) -> Result<(), Error<T>> {
        let somebody = !Permissions::<T>::get(id).is_empty() || !Lists::<T>::get(id).is_empty();
        ensure!(somebody, Error::<T>::NobodyLeft);
        Ok(())
    }

    pub(crate) fn store_grants(id: PkpId, grants: GrantsOf<T>) {
        if grants.is_empty() {
            Permissions::<T>::remove(id);
        } else {
            Permissions::<T>::insert(id, grants);
        }
    }

    /// Whether `method` is that very account.
    pub(crate) fn is_account(method: &AuthMethod, account: &T::AccountId) -> bool {
        *method == AuthMethod::Account(account.clone().into())
    }

    fn check_scopes(scopes: Scopes) -> Result<(), Error<T>> {
        ensure!(!scopes.is_empty(), Error::<T>::NoScopes);
        // `Scopes` decodes from any byte: a bit without meaning today must not gain one tomorrow.
        ensure!(Scopes::from_bits(scopes.bits()).is_some(), Error::<T>::UnknownScope);
        Ok(())
    }

    /// A passkey comes with a key that is one, nothing else with any.
    pub(crate) fn check_credential(
        method: &AuthMethod,
        credential: Option<&CredentialKey>,
    ) -> Result<(), Error<T>> {
        let point = match (method, credential) {
            (AuthMethod::Passkey(_), Some(CredentialKey::Es256(point))) => {
                check_point(Curve::Secp256r1, point)
            }
            (AuthMethod::Passkey(_), Some(CredentialKey::EdDsa(point))) => check_point(Curve::Ed25519, point),
            (AuthMethod::Passkey(_), None) => return Err(Error::<T>::NoCredentialKey),
            (_, Some(_)) => return Err(Error::<T>::InvalidCredentialKey),
            (_, None) => Ok(()),
        };
        point.map_err(|_| Error::<T>::InvalidCredentialKey)
    }
}
