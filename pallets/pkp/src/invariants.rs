//! What must hold of the registry after every block; checked by `try_state` and by the tests.

use alloc::collections::BTreeMap;
use conclave_primitives::{Curve, Scopes};
use conclave_vss::check_point;
use frame_support::{ensure, traits::fungible::hold::Inspect, traits::Get};
use sp_runtime::{traits::Zero, DispatchError, Saturating};

use crate::{
    types::BalanceOf, Config, HoldReason, Lists, Logins, OwnedPkps, Pallet, Permissions, PermittedPkps, Pkps,
    ProvideRootKeys,
};

type Check = Result<(), DispatchError>;

impl<T: Config> Pallet<T> {
    /// Ownership and index agree, keys are those that derive, permissions belong to a PKP and mean something, and
    /// the holds are exactly the deposits.
    pub(crate) fn do_try_state() -> Check {
        Self::check_owners()?;
        Self::check_keys()?;
        Self::check_permissions()?;
        Self::check_lists()?;
        ensure!(Logins::<T>::get().is_text(), "the login settings have a name that is no text");
        Self::check_deposits()
    }

    fn check_owners() -> Check {
        for (id, pkp) in Pkps::<T>::iter() {
            ensure!(OwnedPkps::<T>::contains_key(&pkp.owner, id), "a PKP is missing from its owner's index");
        }
        ensure!(
            OwnedPkps::<T>::iter_keys().count() == Pkps::<T>::iter_keys().count(),
            "the owner index names a PKP that its account does not own"
        );
        Ok(())
    }

    fn check_keys() -> Check {
        let serving = T::RootKeys::signing_roots();
        for (id, pkp) in Pkps::<T>::iter() {
            ensure!(
                pkp.public_keys.iter().map(|key| key.curve).eq(Curve::SIGNING),
                "a PKP does not have exactly one key per curve"
            );
            ensure!(
                pkp.public_keys.iter().all(|key| check_point(key.curve, &key.point).is_ok()),
                "a PKP has a key that is no point of its curve"
            );
            if let Some((_, roots)) = serving.as_ref().filter(|(keyset, _)| *keyset == pkp.keyset) {
                let derived = Self::derive_keys(pkp.keyset, &id, roots)?;
                ensure!(derived == pkp.public_keys, "a PKP has other keys than its key set derives");
            }
        }
        Ok(())
    }

    fn check_permissions() -> Check {
        for (id, grants) in Permissions::<T>::iter() {
            let pkp = Pkps::<T>::get(id).ok_or("permissions without a PKP")?;
            ensure!(!grants.is_empty(), "an empty list of permissions is stored");
            ensure!(grants.len() <= T::MaxPermissions::get() as usize, "a PKP permits too many auth methods");
            for (method, grant) in grants {
                ensure!(!Self::is_account(&method, &pkp.owner), "an owner is among the permissions");
                ensure!(
                    PermittedPkps::<T>::contains_key(method, id),
                    "a PKP is missing from its auth method's index"
                );
                Self::check_credential(&method, grant.credential.as_ref())
                    .map_err(|_| "a passkey without a key, or a key without a passkey")?;
                ensure!(!grant.scopes.is_empty(), "a permission permits nothing");
                ensure!(
                    Scopes::from_bits(grant.scopes.bits()).is_some(),
                    "a permission has an unknown scope"
                );
            }
        }
        Ok(())
    }

    fn check_lists() -> Check {
        let permitted: usize = Permissions::<T>::iter().map(|(_, grants)| grants.len()).sum();
        ensure!(
            PermittedPkps::<T>::iter_keys().count() == permitted,
            "the index of auth methods names a PKP that does not permit one"
        );
        for (id, lists) in Lists::<T>::iter() {
            ensure!(Pkps::<T>::contains_key(id), "lists without a PKP");
            ensure!(!lists.is_empty(), "an empty map of lists is stored");
            ensure!(lists.values().all(|grant| !grant.scopes.is_empty()), "a list permits nothing");
        }
        for (id, _) in Pkps::<T>::iter().filter(|(_, pkp)| pkp.frozen) {
            ensure!(
                Permissions::<T>::contains_key(id) || Lists::<T>::contains_key(id),
                "nobody may use a frozen PKP"
            );
        }
        Ok(())
    }

    fn check_deposits() -> Check {
        let mut mint = BTreeMap::new();
        let mut permission = BTreeMap::new();
        for (id, pkp) in Pkps::<T>::iter() {
            add(&mut mint, pkp.depositor, pkp.deposit);
            for (_, grant) in Permissions::<T>::get(id) {
                add(&mut permission, grant.depositor, grant.deposit);
            }
            for (_, grant) in Lists::<T>::get(id) {
                add(&mut permission, grant.depositor, grant.deposit);
            }
        }
        Self::check_holds(HoldReason::Mint, mint)?;
        Self::check_holds(HoldReason::Permission, permission)
    }

    /// Every account holds what it deposited, those that deposited nothing included.
    fn check_holds(reason: HoldReason, mut deposits: BTreeMap<T::AccountId, BalanceOf<T>>) -> Check {
        let reason = reason.into();
        for who in frame_system::Account::<T>::iter_keys() {
            let deposited = deposits.remove(&who).unwrap_or_else(Zero::zero);
            ensure!(
                T::Currency::balance_on_hold(&reason, &who) == deposited,
                "a hold differs from the deposits"
            );
        }
        ensure!(deposits.into_values().all(|deposit| deposit.is_zero()), "a depositor has no account");
        Ok(())
    }
}

fn add<A: Ord, B: Saturating + Zero>(deposits: &mut BTreeMap<A, B>, who: A, deposit: B) {
    let sum = deposits.remove(&who).unwrap_or_else(Zero::zero).saturating_add(deposit);
    deposits.insert(who, sum);
}
