//! # PKP registry
//!
//! Who owns which programmable key pair, and who else may use it.
//!
//! ## Terminology
//!
//! - **PKP**: a programmable key pair. Nobody holds its secret: the committee signs with it when the rules in this
//!   pallet allow it. One PKP has a public key on every signing curve.
//! - **Owner**: the account that may do everything with a PKP, and alone may change its rules.
//! - **Auth method**: how somebody proves who they are: an account of this chain, a wallet of another, a passkey, a
//!   login at a provider; or an action that the committee runs, by its CID.
//! - **List**: auth methods too many for the chain, permitted by the root of their Merkle tree.
//! - **Scope**: what a permitted auth method may ask of a PKP.
//! - **Depositor**: the account that minted a PKP. The deposit is held on it, and comes back to it.
//! - **Key set**: the root keys that a PKP's keys are derived from. Resharing keeps it, so a PKP's keys never change.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for storage, calls, events and errors, and [`Config`] for what a runtime provides.
//! Readers go through the runtime API `PkpApi` (`conclave_primitives::api`), which the runtime implements with
//! [`Pallet::pkp`], [`Pallet::pkps_of`], [`Pallet::pkps_permitting`], [`Pallet::scopes`], [`Pallet::listed_scopes`] and
//! [`Pallet::addresses`].
//!
//! ## Overview
//!
//! ```text
//!            permit, revoke                 permit, revoke
//!               ┌──┐                            ┌──┐
//!   mint ──► owned by A ──── transfer ────► owned by B ──── burn ──► gone for ever: the id never
//!            holds deposit   permissions    deposit still            comes back, nor does the key
//!            of A            cleared        on A                     deposit returns to A
//! ```
//!
//! Two more ways lead away from an owner, and keep the permissions, which have to be some:
//!
//! ```text
//!   owned by A ── send_to_itself ──► owned by its own sr25519 account: whoever the rules let sign may change them
//!              └─ freeze ──────────► A has no power any more, and nobody else: the rules stay as they are for ever
//! ```
//!
//! Minting generates no key: the public keys are derived from the committee's root keys on chain
//! (`conclave_vss::derive_public_key`), and each member derives its share of the secret the same way.
//!
//! ## Low Level / Implementation Details
//!
//! **Ids** are `blake2_256("CONCLAVE-V1-PKP", first owner, serial)`. The serial only grows, so an id is never given
//! twice, also not after a burn: a new owner can never come by the key of an old PKP.
//!
//! **Deposits and consent.** The mint deposit stays on the depositor when the PKP is transferred, and returns there
//! when whoever owns it then burns it. Both other ways hurt somebody: to hold it from the recipient would spend the
//! funds of an account that never agreed; to hand it over with the PKP would let anybody drain a service that mints
//! for its users (receive, burn, keep the deposit), and would put a hold on an account that never asked for one. So a
//! transfer touches no balance of the recipient, and the seller puts the deposit into the price. A permission's
//! deposit is held from the owner who permits, and comes back to that account whenever the permission ends, also after
//! the PKP was sent to itself. The amounts are stored with what they were paid for, so that a runtime upgrade may change
//! the constants.
//!
//! **A transfer clears the permissions**: a buyer must not inherit the seller's delegates. Indexers read
//! [`Event::Transferred`] and [`Event::Burned`] as the end of every permission of the PKP.
//!
//! **The owner is never among the permissions**: it may do everything anyway, and a listed owner would read as if
//! revoking took something away. The owner of a frozen PKP may do nothing: who wants to use it afterwards permits
//! another account before.
//!
//! **A passkey's key stays**: its auth method does not give away the key, so whoever could exchange it could sign as
//! somebody else. Revoke and permit anew.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod address;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod deposits;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
mod mint;
#[cfg(test)]
mod mock;
mod ownership;
mod permissions;
mod queries;
mod root_keys;
#[cfg(test)]
mod tests;
mod types;
pub mod weights;

pub use pallet::*;
pub use queries::MAX_PAGE;
pub use root_keys::{ProvideRootKeys, SigningRoots};
pub use types::{Grant, ListGrant, PkpKeys, PkpRecord, MAX_KEYS, MAX_LISTS};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
    use conclave_primitives::{
        AccountBytes, AuthMethod, CredentialKey, GenesisHash, KeysetId, LoginSettings, PkpId, Scopes,
    };
    use frame_support::{pallet_prelude::*, traits::fungible};
    use frame_system::pallet_prelude::*;
    use sp_runtime::traits::StaticLookup;

    use crate::{
        types::{BalanceOf, GrantsOf, ListGrantsOf, PkpRecordOf},
        PkpKeys, ProvideRootKeys, WeightInfo,
    };

    /// The storage layout that this code reads and writes.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    type AccountIdLookupOf<T> = <<T as frame_system::Config>::Lookup as StaticLookup>::Source;

    /// The registry of programmable key pairs.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What the registry needs of the runtime.
    #[pallet::config]
    pub trait Config: frame_system::Config<AccountId: Into<AccountBytes>, Hash: Into<GenesisHash>> {
        /// Where deposits are held.
        type Currency: fungible::hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>;

        /// The runtime's hold reasons, this pallet's among them.
        type RuntimeHoldReason: From<HoldReason>;

        /// Who knows the committee's root keys.
        type RootKeys: ProvideRootKeys;

        /// Held for a PKP from its mint to its burn, in the smallest unit of the currency.
        #[pallet::constant]
        type MintDeposit: Get<BalanceOf<Self>>;

        /// Held for each permitted auth method and each permitted list, in the smallest unit of the currency.
        #[pallet::constant]
        type PermissionDeposit: Get<BalanceOf<Self>>;

        /// The most auth methods that one PKP permits.
        #[pallet::constant]
        type MaxPermissions: Get<u32>;

        /// Who decides by which logins users are let in.
        type LoginOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// What the calls cost.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The account minted a PKP that has not been burned.
        Mint,
        /// The account owns a PKP that permits auth methods.
        Permission,
    }

    /// How many PKPs were ever minted: the serial of the next.
    #[pallet::storage]
    pub type NextSerial<T> = StorageValue<_, u64, ValueQuery>;

    /// Every PKP.
    // Identity: ids are BLAKE2 hashes that this pallet made, so they spread over the trie by themselves.
    #[pallet::storage]
    pub type Pkps<T: Config> = StorageMap<_, Identity, PkpId, PkpRecordOf<T>>;

    /// The PKPs of each owner.
    // Blake2_128Concat: accounts are chosen by their holders. Identity for ids: as for `Pkps`.
    #[pallet::storage]
    pub type OwnedPkps<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, PkpId, (), OptionQuery>;

    /// The auth methods that each PKP permits besides its owner, with their scopes. Absent where there are none.
    // Identity: as for `Pkps`. One value per PKP, since members read all of it or one of it, never across PKPs.
    #[pallet::storage]
    pub type Permissions<T: Config> = StorageMap<_, Identity, PkpId, GrantsOf<T>, ValueQuery>;

    /// The PKPs that permit each auth method: where somebody who logs in finds theirs.
    // Blake2_128Concat: auth methods are chosen by their holders. Identity for ids: as for `Pkps`.
    #[pallet::storage]
    pub type PermittedPkps<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, AuthMethod, Identity, PkpId, (), OptionQuery>;

    /// The lists of auth methods that each PKP permits. Absent where there are none.
    // Identity: as for `Pkps`.
    #[pallet::storage]
    pub type Lists<T: Config> = StorageMap<_, Identity, PkpId, ListGrantsOf<T>, ValueQuery>;

    /// By which logins users are let in.
    #[pallet::storage]
    pub type Logins<T> = StorageValue<_, LoginSettings, ValueQuery>;

    /// What happened to a PKP.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A PKP was minted. These are its public keys, one per curve; they never change.
        Minted {
            /// The PKP.
            id: PkpId,
            /// Its owner.
            owner: T::AccountId,
            /// The key set that its keys derive from.
            keyset: KeysetId,
            /// Its public keys.
            public_keys: PkpKeys,
        },
        /// A PKP has a new owner. All its permissions ended.
        Transferred {
            /// The PKP.
            id: PkpId,
            /// The owner until now.
            from: T::AccountId,
            /// The owner from now on.
            to: T::AccountId,
        },
        /// An auth method may use a PKP, within these scopes and no others.
        Permitted {
            /// The PKP.
            id: PkpId,
            /// Who may.
            method: AuthMethod,
            /// What it may.
            scopes: Scopes,
        },
        /// An auth method may no longer use a PKP.
        Revoked {
            /// The PKP.
            id: PkpId,
            /// Who may no longer.
            method: AuthMethod,
        },
        /// A PKP is gone: nobody can sign with its keys ever again. All its permissions ended.
        Burned {
            /// The PKP.
            id: PkpId,
            /// Its last owner.
            owner: T::AccountId,
        },
        /// Whoever is on a list may use a PKP, within these scopes and no others.
        ListPermitted {
            /// The PKP.
            id: PkpId,
            /// Which of its lists.
            list: u32,
            /// The root of the list's Merkle tree.
            root: [u8; 32],
            /// What they may.
            scopes: Scopes,
        },
        /// A list permits nobody any longer.
        ListRevoked {
            /// The PKP.
            id: PkpId,
            /// Which of its lists.
            list: u32,
        },
        /// A PKP owns itself. Its permissions stay.
        SentToItself {
            /// The PKP.
            id: PkpId,
            /// The owner until now.
            from: T::AccountId,
            /// Its own account.
            to: T::AccountId,
        },
        /// The rules of a PKP are fixed for ever: its owner may neither change nor use it.
        Frozen {
            /// The PKP.
            id: PkpId,
        },
        /// Users are let in by these logins, and no others.
        LoginsSet {
            /// Which.
            settings: LoginSettings,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// No PKP has this id. It may have been burned.
        UnknownPkp,
        /// Only the owner of the PKP may do this.
        NotOwner,
        /// The account already owns the PKP and may do everything with it.
        AlreadyOwner,
        /// The committee has no root keys yet. Try again when key generation has finished.
        CommitteeNotReady,
        /// The committee's root keys give no usable public key.
        KeyNotDerivable,
        /// Nothing would be permitted. Name at least one scope, or revoke the permission instead.
        NoScopes,
        /// One of the scopes has no meaning on this chain.
        UnknownScope,
        /// The PKP permits as many auth methods as it can. Revoke one first.
        TooManyPermissions,
        /// The PKP does not permit this auth method or list.
        NotPermitted,
        /// The PKP is frozen: nobody can change it any more.
        Frozen,
        /// Nobody could use the PKP any more. Permit somebody first.
        NobodyLeft,
        /// The PKP would own itself without permissions, for nobody to use. Call `send_to_itself` instead.
        SendsToItself,
        /// A passkey needs its public key. Call `permit_passkey` instead.
        NoCredentialKey,
        /// The public key is no point of its curve, or the auth method is no passkey.
        InvalidCredentialKey,
        /// The passkey is permitted with another public key. Revoke it first.
        CredentialKeyFixed,
        /// The PKP permits as many lists as it can. Revoke one first.
        TooManyLists,
        /// Anybody can sign for the account: its key is of small order.
        NobodysAccount,
        /// A name or URL of the login settings is not UTF-8.
        NoText,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(T::MaxPermissions::get() > 0, "a PKP must be able to permit somebody");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Mint a PKP: a key pair that the committee holds and that signs for you. You own it, and its public keys
        /// on every curve are in the event.
        ///
        /// Origin: signed; the signer becomes the owner. The mint deposit is held from it until the PKP is burned.
        ///
        /// Emits [`Event::Minted`].
        ///
        /// Fails with [`Error::CommitteeNotReady`] or [`Error::KeyNotDerivable`], or when the signer cannot pay the
        /// deposit.
        ///
        /// Weight: O(c), c the number of curves: one derivation each.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::mint())]
        pub fn mint(origin: OriginFor<T>) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_mint(owner)
        }

        /// Give a PKP to another account. Every permission ends, so that the new owner starts with nobody else
        /// allowed. The mint deposit stays with whoever minted the PKP; the new owner's balance is not touched.
        ///
        /// Origin: signed by the owner.
        ///
        /// - `id`: the PKP.
        /// - `new_owner`: the account that owns it from now on.
        ///
        /// Emits [`Event::Transferred`].
        ///
        /// Fails with [`Error::UnknownPkp`], [`Error::NotOwner`], [`Error::Frozen`], [`Error::AlreadyOwner`] or
        /// [`Error::SendsToItself`].
        ///
        /// Weight: O(p), p the number of permissions, at most `MaxPermissions`.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::transfer())]
        pub fn transfer(origin: OriginFor<T>, id: PkpId, new_owner: AccountIdLookupOf<T>) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_transfer(owner, id, T::Lookup::lookup(new_owner)?)
        }

        /// Let an account or a wallet use a PKP within the given scopes. What it was permitted before is replaced.
        ///
        /// Origin: signed by the owner. The permission deposit is held from it until the permission ends; a change
        /// of scopes costs no second deposit.
        ///
        /// - `id`: the PKP.
        /// - `method`: who may use it.
        /// - `scopes`: what it may do.
        ///
        /// Emits [`Event::Permitted`].
        ///
        /// Fails with [`Error::UnknownPkp`], [`Error::NotOwner`], [`Error::Frozen`], [`Error::NoScopes`],
        /// [`Error::UnknownScope`], [`Error::AlreadyOwner`], [`Error::NoCredentialKey`] or
        /// [`Error::TooManyPermissions`], or when the owner cannot pay the deposit.
        ///
        /// Weight: O(p), p the number of permissions, at most `MaxPermissions`.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::permit())]
        pub fn permit(origin: OriginFor<T>, id: PkpId, method: AuthMethod, scopes: Scopes) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_permit(owner, id, method, scopes, None)
        }

        /// Stop an account or a wallet from using a PKP, and get the permission deposit back.
        ///
        /// Origin: signed by the owner.
        ///
        /// - `id`: the PKP.
        /// - `method`: who may no longer use it.
        ///
        /// Emits [`Event::Revoked`].
        ///
        /// Fails with [`Error::UnknownPkp`], [`Error::NotOwner`], [`Error::Frozen`] or [`Error::NotPermitted`].
        ///
        /// Weight: O(p), p the number of permissions, at most `MaxPermissions`.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::revoke())]
        pub fn revoke(origin: OriginFor<T>, id: PkpId, method: AuthMethod) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_revoke(owner, id, method)
        }

        /// Destroy a PKP for ever. Whatever its addresses hold on any chain is lost: move it first. The deposits
        /// return: the mint deposit to whoever minted the PKP, those of permissions to the owner.
        ///
        /// Origin: signed by the owner.
        ///
        /// - `id`: the PKP.
        ///
        /// Emits [`Event::Burned`].
        ///
        /// Fails with [`Error::UnknownPkp`], [`Error::NotOwner`] or [`Error::Frozen`].
        ///
        /// Weight: O(p), p the number of permissions, at most `MaxPermissions`.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::burn())]
        pub fn burn(origin: OriginFor<T>, id: PkpId) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_burn(owner, id)
        }

        /// Let a passkey use a PKP within the given scopes. A passkey that is permitted keeps its public key.
        ///
        /// Origin: signed by the owner. The permission deposit is held from it until the permission ends.
        ///
        /// - `id`: the PKP.
        /// - `passkey`: Keccak-256 of the credential's id in base64url, a colon and the relying party's id.
        /// - `key`: the credential's public key.
        /// - `scopes`: what it may do.
        ///
        /// Emits [`Event::Permitted`].
        ///
        /// Fails as [`Pallet::permit`] does, or with [`Error::InvalidCredentialKey`] or
        /// [`Error::CredentialKeyFixed`].
        ///
        /// Weight: O(p), p the number of permissions, at most `MaxPermissions`.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::permit_passkey())]
        pub fn permit_passkey(
            origin: OriginFor<T>,
            id: PkpId,
            passkey: [u8; 32],
            key: CredentialKey,
            scopes: Scopes,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_permit(owner, id, AuthMethod::Passkey(passkey), scopes, Some(key))
        }

        /// Change several permissions at once: all of it, or nothing. What is revoked goes first.
        ///
        /// Origin: signed by the owner. Deposits as of [`Pallet::permit`] and [`Pallet::revoke`].
        ///
        /// - `id`: the PKP.
        /// - `revoke`: who may no longer use it.
        /// - `permit`: who may use it, for what; a passkey with its public key.
        ///
        /// Emits [`Event::Revoked`] and [`Event::Permitted`].
        ///
        /// Fails as [`Pallet::permit_passkey`] and [`Pallet::revoke`] do.
        ///
        /// Weight: O(c · p), c the number of changes and p of permissions, each at most `MaxPermissions`.
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::change_permissions((revoke.len() as u32).saturating_add(permit.len() as u32)))]
        pub fn change_permissions(
            origin: OriginFor<T>,
            id: PkpId,
            revoke: BoundedVec<AuthMethod, T::MaxPermissions>,
            permit: BoundedVec<(AuthMethod, Scopes, Option<CredentialKey>), T::MaxPermissions>,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            for method in revoke {
                Self::do_revoke(owner.clone(), id, method)?;
            }
            for (method, scopes, key) in permit {
                Self::do_permit(owner.clone(), id, method, scopes, key)?;
            }
            Ok(())
        }

        /// Let everybody on a list use a PKP within the given scopes. A list under the same number is replaced.
        ///
        /// Origin: signed by the owner. The permission deposit is held from it until the list is revoked.
        ///
        /// - `id`: the PKP.
        /// - `list`: a number of your choice.
        /// - `root`: the root of the list's Merkle tree (`conclave_primitives::list_tree`).
        /// - `scopes`: what they may do.
        ///
        /// Emits [`Event::ListPermitted`].
        ///
        /// Fails with [`Error::UnknownPkp`], [`Error::NotOwner`], [`Error::Frozen`], [`Error::NoScopes`],
        /// [`Error::UnknownScope`] or [`Error::TooManyLists`], or when the owner cannot pay the deposit.
        ///
        /// Weight: O(1).
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::permit_list())]
        pub fn permit_list(
            origin: OriginFor<T>,
            id: PkpId,
            list: u32,
            root: [u8; 32],
            scopes: Scopes,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_permit_list(owner, id, list, root, scopes)
        }

        /// Stop everybody on a list from using a PKP, and get the deposit back.
        ///
        /// Origin: signed by the owner.
        ///
        /// - `id`: the PKP.
        /// - `list`: its number.
        ///
        /// Emits [`Event::ListRevoked`].
        ///
        /// Fails with [`Error::UnknownPkp`], [`Error::NotOwner`], [`Error::Frozen`] or [`Error::NotPermitted`].
        ///
        /// Weight: O(1).
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::revoke_list())]
        pub fn revoke_list(origin: OriginFor<T>, id: PkpId, list: u32) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_revoke_list(owner, id, list)
        }

        /// Give a PKP to itself: its own sr25519 account owns it from now on, and its permissions stay. Whoever they
        /// let sign anything can sign extrinsics that change them; nobody else can.
        ///
        /// Origin: signed by the owner. Deposits stay where they are held.
        ///
        /// - `id`: the PKP.
        ///
        /// Emits [`Event::SentToItself`].
        ///
        /// Fails with [`Error::UnknownPkp`], [`Error::NotOwner`], [`Error::Frozen`], [`Error::AlreadyOwner`] or
        /// [`Error::NobodyLeft`].
        ///
        /// Weight: O(p), p the number of permissions, at most `MaxPermissions`.
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::send_to_itself())]
        pub fn send_to_itself(origin: OriginFor<T>, id: PkpId) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_send_to_itself(owner, id)
        }

        /// Fix the rules of a PKP for ever: neither its owner nor anybody else can change or burn it, and its owner
        /// may no longer use it. Its permissions stay. What Lit reaches by burning a PKP's token.
        ///
        /// Origin: signed by the owner. Deposits stay held for ever.
        ///
        /// - `id`: the PKP.
        ///
        /// Emits [`Event::Frozen`].
        ///
        /// Fails with [`Error::UnknownPkp`], [`Error::NotOwner`], [`Error::Frozen`] or [`Error::NobodyLeft`].
        ///
        /// Weight: O(1).
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::freeze())]
        pub fn freeze(origin: OriginFor<T>, id: PkpId) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_freeze(owner, id)
        }

        /// Let users in by these logins and no others, from the next finalized block on. Who is permitted under a login
        /// that is gone stays permitted, and cannot use it.
        ///
        /// Origin: `LoginOrigin`.
        ///
        /// Emits [`Event::LoginsSet`]. Fails with [`Error::NoText`] if a name or URL is not UTF-8.
        ///
        /// Weight: O(1), for the longest settings.
        #[pallet::call_index(11)]
        #[pallet::weight(T::WeightInfo::set_logins())]
        pub fn set_logins(origin: OriginFor<T>, settings: LoginSettings) -> DispatchResult {
            T::LoginOrigin::ensure_origin(origin)?;
            ensure!(settings.is_text(), Error::<T>::NoText);
            Logins::<T>::put(&settings);
            Self::deposit_event(Event::LoginsSet { settings });
            Ok(())
        }
    }
}
