//! Benchmarks: each call at its worst.

use alloc::vec::Vec;
use conclave_primitives::{
    AuthMethod, CredentialKey, DiscordLogin, LoginProvider, LoginProviderKind, LoginSettings, LoginText,
    LoginTexts, PkpId, Scope, Scopes, MAX_CLIENTS, MAX_ISSUERS, MAX_LOGIN_PROVIDERS, MAX_LOGIN_TEXT_BYTES,
};
use frame_benchmarking::v2::*;
use frame_support::{
    traits::{fungible::Mutate, EnsureOrigin, Get},
    BoundedVec,
};
use frame_system::RawOrigin;
use sp_runtime::{traits::StaticLookup, Saturating};

use crate::{
    types::BalanceOf, Call, Config, Lists, Logins, OwnedPkps, Pallet, Permissions, Pkps, ProvideRootKeys,
    MAX_LISTS,
};

fn scopes() -> Scopes {
    Scopes::default().with(Scope::SignAnything)
}

/// Ethereum wallets, so that none is the owner.
fn method(index: u32) -> AuthMethod {
    let mut address = [0; 20];
    address[..4].copy_from_slice(&index.to_be_bytes());
    AuthMethod::EthereumWallet(address)
}

/// The generator of P-256 (SEC 2, 2.4.2), compressed.
fn credential_key() -> CredentialKey {
    CredentialKey::Es256([
        0x03, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
        0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
    ])
}

/// Every list that a PKP can permit.
fn permit_lists<T: Config>(owner: &T::AccountId, id: PkpId, lists: u32) -> Result<(), BenchmarkError> {
    for list in 0..lists {
        Pallet::<T>::do_permit_list(owner.clone(), id, list, [1; 32], scopes())?;
    }
    Ok(())
}

/// An account that can pay for a PKP with all its permissions.
fn funded<T: Config>(name: &'static str) -> T::AccountId
where
    T::Currency: Mutate<T::AccountId>,
{
    T::RootKeys::ensure_signing_roots();
    let who = account(name, 0, 0);
    let permissions = T::PermissionDeposit::get()
        .saturating_mul(T::MaxPermissions::get().saturating_add(1 + MAX_LISTS).into());
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
        Pallet::<T>::do_permit(owner.clone(), id, method(index), scopes(), None)?;
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
        permit_lists::<T>(&owner, id, MAX_LISTS)?;
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
            Pallet::<T>::do_permit(owner.clone(), id, method(index), scopes(), None)?;
        }
        permit_lists::<T>(&owner, id, MAX_LISTS)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), id);

        assert!(!Pkps::<T>::contains_key(id));
        Ok(())
    }

    #[benchmark]
    fn permit_passkey() -> Result<(), BenchmarkError> {
        let owner = funded::<T>("owner");
        let id = minted::<T>(&owner, T::MaxPermissions::get().saturating_sub(1))?;

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), id, [1; 32], credential_key(), scopes());

        assert_eq!(Permissions::<T>::get(id).len(), T::MaxPermissions::get() as usize);
        Ok(())
    }

    #[benchmark]
    fn change_permissions(c: Linear<1, { T::MaxPermissions::get() }>) -> Result<(), BenchmarkError> {
        let owner = funded::<T>("owner");
        let id = minted::<T>(&owner, T::MaxPermissions::get().saturating_sub(c))?;
        let changes: Vec<_> = (0..c)
            .map(|index| {
                let mut passkey = [0; 32];
                passkey[..4].copy_from_slice(&index.to_be_bytes());
                (AuthMethod::Passkey(passkey), scopes(), Some(credential_key()))
            })
            .collect();
        let added = changes.try_into().map_err(|_| "too many changes")?;

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), id, Default::default(), added);

        assert_eq!(Permissions::<T>::get(id).len(), T::MaxPermissions::get() as usize);
        Ok(())
    }

    #[benchmark]
    fn permit_list() -> Result<(), BenchmarkError> {
        let owner = funded::<T>("owner");
        let id = minted::<T>(&owner, 0)?;
        permit_lists::<T>(&owner, id, MAX_LISTS - 1)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), id, MAX_LISTS, [1; 32], scopes());

        assert_eq!(Lists::<T>::get(id).len(), MAX_LISTS as usize);
        Ok(())
    }

    #[benchmark]
    fn revoke_list() -> Result<(), BenchmarkError> {
        let owner = funded::<T>("owner");
        let id = minted::<T>(&owner, 0)?;
        permit_lists::<T>(&owner, id, MAX_LISTS)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), id, 0);

        assert!(!Lists::<T>::get(id).contains_key(&0));
        Ok(())
    }

    #[benchmark]
    fn send_to_itself() -> Result<(), BenchmarkError> {
        let owner = funded::<T>("owner");
        let id = minted::<T>(&owner, T::MaxPermissions::get().saturating_sub(1))?;
        let pkp = Pkps::<T>::get(id).ok_or("mint gave no PKP")?;
        let itself = Pallet::<T>::own_account(&pkp).map_err(|_| "no account")?;
        let method = AuthMethod::Account(itself.clone().into());
        Pallet::<T>::do_permit(owner.clone(), id, method, scopes(), None)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), id);

        assert!(OwnedPkps::<T>::contains_key(&itself, id));
        Ok(())
    }

    #[benchmark]
    fn freeze() -> Result<(), BenchmarkError> {
        let owner = funded::<T>("owner");
        let id = minted::<T>(&owner, T::MaxPermissions::get())?;
        permit_lists::<T>(&owner, id, MAX_LISTS)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), id);

        assert!(Pkps::<T>::get(id).is_some_and(|pkp| pkp.frozen));
        Ok(())
    }

    #[benchmark]
    fn set_logins() -> Result<(), BenchmarkError> {
        let text = || LoginText::truncate_from([b'x'; MAX_LOGIN_TEXT_BYTES as usize].to_vec());
        let texts = || LoginTexts::truncate_from((0..MAX_CLIENTS).map(|_| text()).collect());
        let provider = |_| LoginProvider {
            kind: LoginProviderKind::OpenId,
            issuers: BoundedVec::truncate_from((0..MAX_ISSUERS).map(|_| text()).collect()),
            key_set: text(),
            audiences: Some(texts()),
        };
        let settings = LoginSettings {
            domains: Some(texts()),
            providers: BoundedVec::truncate_from((0..MAX_LOGIN_PROVIDERS).map(provider).collect()),
            discord: DiscordLogin::Applications(texts()),
        };
        let origin = T::LoginOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, settings.clone());

        assert_eq!(Logins::<T>::get(), settings);
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
