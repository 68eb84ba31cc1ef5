//! Benchmarks: each call at its worst.

use alloc::vec::Vec;
use conclave_primitives::{AuthMethod, PkpId, Scope, Scopes};
use frame_benchmarking::v2::*;
use frame_support::traits::{fungible::Mutate, Get};
use frame_system::RawOrigin;
use sp_runtime::{traits::StaticLookup, Saturating};

use crate::{types::BalanceOf, Call, Config, OwnedPkps, Pallet, Permissions, Pkps, ProvideRootKeys};

fn scopes() -> Scopes {
    Scopes::default().with(Scope::SignAnything)
}

/// Ethereum wallets, so that none is the owner.
fn method(index: u32) -> AuthMethod {
    let mut address = [0; 20];
    address[..4].copy_from_slice(&index.to_be_bytes());
    AuthMethod::EthereumWallet(address)
}

/// An account that can pay for a PKP with all its permissions.
fn funded<T: Config>(name: &'static str) -> T::AccountId
where
    T::Currency: Mutate<T::AccountId>,
{
    T::RootKeys::ensure_signing_roots();
    let who = account(name, 0, 0);
    let permissions =
        T::PermissionDeposit::get().saturating_mul(T::MaxPermissions::get().saturating_add(1).into());
    let minimum: BalanceOf<T> =
        <T::Currency as frame_support::traits::fungible::Inspect<_>>::minimum_balance();
    let funds = T::MintDeposit::get()
        .saturating_add(permissions)
        .saturating_add(minimum.saturating_mul(10u32.into()));
    T::Currency::set_balance(&who, funds);
    who
}

/// A PKP of `owner` that permits `permissions` wallets.
fn minted<T: Config>(owner: &T::AccountId, permissions: u32) -> Result<PkpId, BenchmarkError> {
    Pallet::<T>::do_mint(owner.clone())?;
    let ids: Vec<PkpId> = OwnedPkps::<T>::iter_key_prefix(owner).collect();
    let id = *ids.first().ok_or("mint gave no PKP")?;
    for index in 0..permissions {
        Pallet::<T>::do_permit(owner.clone(), id, method(index), scopes())?;
    }
    Ok(id)
}

#[benchmarks(where T::Currency: Mutate<T::AccountId>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn mint() {
        let owner = funded::<T>("owner");

        #[extrinsic_call]
        _(RawOrigin::Signed(owner.clone()));

        assert_eq!(OwnedPkps::<T>::iter_key_prefix(&owner).count(), 1);
    }

    #[benchmark]
    fn transfer() -> Result<(), BenchmarkError> {
        let owner = funded::<T>("owner");
        let id = minted::<T>(&owner, T::MaxPermissions::get())?;
        let buyer: T::AccountId = account("buyer", 0, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), id, T::Lookup::unlookup(buyer.clone()));

        assert!(OwnedPkps::<T>::contains_key(&buyer, id));
        Ok(())
    }

    #[benchmark]
    fn permit() -> Result<(), BenchmarkError> {
        let owner = funded::<T>("owner");
        let last = T::MaxPermissions::get().saturating_sub(1);
        let id = minted::<T>(&owner, last)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), id, method(last), scopes());

        assert_eq!(Permissions::<T>::get(id).len(), T::MaxPermissions::get() as usize);
        Ok(())
    }

    #[benchmark]
    fn revoke() -> Result<(), BenchmarkError> {
        let owner = funded::<T>("owner");
        let id = minted::<T>(&owner, T::MaxPermissions::get())?;

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), id, method(0));

        assert!(!Permissions::<T>::get(id).contains_key(&method(0)));
        Ok(())
    }

    #[benchmark]
    fn burn() -> Result<(), BenchmarkError> {
        let minter = funded::<T>("minter");
        let id = minted::<T>(&minter, 0)?;
        let owner = funded::<T>("owner");
        Pallet::<T>::do_transfer(minter, id, owner.clone())?;
        for index in 0..T::MaxPermissions::get() {
            Pallet::<T>::do_permit(owner.clone(), id, method(index), scopes())?;
        }

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), id);

        assert!(!Pkps::<T>::contains_key(id));
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
