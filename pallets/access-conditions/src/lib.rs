//! # Access conditions
//!
//! What access conditions need of the chain: policies that change without encrypting anew, and the chains that may be
//! asked.
//!
//! ## Terminology
//!
//! - **Condition**: who may decrypt, in its canonical bytes (`conclave_primitives::conditions`). Ciphertexts are bound to the
//!   hash of theirs, so a condition itself never changes.
//! - **Policy**: a condition under an id, on chain. A ciphertext's condition may say "as policy X has it": what X
//!   says is read when somebody asks to decrypt.
//! - **Owner**: the account that made a policy, and alone may update and revoke it.
//! - **External chain**: an entry of the registry: a name that conditions use, what the chain is, and when its blocks are
//!   final. Each member brings endpoints of its own.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for storage, calls, events and errors, and [`Config`] for what a runtime provides. Readers go
//! through the runtime API `AccessConditionsApi` (`conclave_primitives::api`), which the runtime implements with
//! [`Pallet::policy`], [`Pallet::chain`] and [`Pallet::chains`].
//!
//! ## Overview
//!
//! ```text
//!   create_policy ──► version 1 ── update_policy ──► version 2 … ── revoke_policy ──► gone for ever: what refers to it
//!                     deposit held   deposit follows                 deposit returns    can no longer be decrypted by it
//!
//!   register_chain ──► enabled ◄── register_chain ──┐
//!   (governance)          └─────── disable_chain ──► disabled: conditions on it are undecided, and deny
//! ```
//!
//! ## Low Level / Implementation Details
//!
//! **Ids** are `blake2_256("CONCLAVE-V1-POLICY", owner, serial)`. The serial only grows: the id of a revoked policy never
//! comes back, for nobody.
//!
//! **Policies do not refer to policies**: [`Error::NestedPolicy`]. A cycle could not be decided, and a chain of them would be
//! others' to prolong.
//!
//! **A name stays what it is.** Ciphertexts name chains, so a name that is registered once never means another chain:
//! [`Error::OtherChain`]. Only its finality changes, and whether it is enabled.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod chains;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
#[cfg(test)]
mod mock;
mod policies;
#[cfg(test)]
mod tests;
mod types;
pub mod weights;

pub use pallet::*;
pub use types::{ChainRecord, EncodedCondition, PolicyRecord};
pub use weights::WeightInfo;

/// The name that conditions have for our own chain: no external chain's.
pub const OWN_CHAIN: &str = "conclave";

#[frame_support::pallet]
pub mod pallet {
    use conclave_primitives::{
        conditions::{ChainName, ConditionHash, ExternalChain, Finality, PolicyId},
        AccountBytes,
    };
    use frame_support::{pallet_prelude::*, traits::fungible};
    use frame_system::pallet_prelude::*;

    use crate::{
        types::{BalanceOf, PolicyRecordOf},
        ChainRecord, EncodedCondition, WeightInfo,
    };

    /// The storage layout that this code reads and writes.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// Policies and the registry of external chains.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What this pallet needs of the runtime.
    #[pallet::config]
    pub trait Config: frame_system::Config<AccountId: Into<AccountBytes>> {
        /// Where deposits are held.
        type Currency: fungible::hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>;

        /// The runtime's hold reasons, this pallet's among them.
        type RuntimeHoldReason: From<HoldReason>;

        /// Who keeps the registry of external chains.
        type RegistryOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Held for a policy, in the smallest unit of the currency.
        #[pallet::constant]
        type PolicyDeposit: Get<BalanceOf<Self>>;

        /// Held for each byte of a policy's condition, in the smallest unit of the currency.
        #[pallet::constant]
        type ByteDeposit: Get<BalanceOf<Self>>;

        /// The most external chains.
        #[pallet::constant]
        type MaxChains: Get<u32>;

        /// What the calls cost.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The account owns a policy.
        Policy,
    }

    /// How many policies were ever made: the serial of the next.
    #[pallet::storage]
    pub type NextSerial<T> = StorageValue<_, u64, ValueQuery>;

    /// Every policy that is not revoked.
    // Identity: ids are BLAKE2 hashes that this pallet made, so they spread over the trie by themselves.
    #[pallet::storage]
    pub type Policies<T: Config> = StorageMap<_, Identity, PolicyId, PolicyRecordOf<T>>;

    /// The external chains, disabled ones included.
    // Twox64Concat: governance chooses the names.
    #[pallet::storage]
    pub type Chains<T: Config> = CountedStorageMap<_, Twox64Concat, ChainName, ChainRecord>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A policy was made.
        PolicyCreated {
            /// The policy.
            id: PolicyId,
            /// Its owner.
            owner: T::AccountId,
            /// The hash of its condition.
            condition: ConditionHash,
        },
        /// A policy has another condition from now on.
        PolicyUpdated {
            /// The policy.
            id: PolicyId,
            /// Counted from 1.
            version: u32,
            /// The hash of its condition.
            condition: ConditionHash,
        },
        /// A policy is gone: nothing can be decrypted by it any more.
        PolicyRevoked {
            /// The policy.
            id: PolicyId,
            /// Its last owner.
            owner: T::AccountId,
        },
        /// Conditions may ask a chain, and this is what they ask.
        ChainRegistered {
            /// Its name.
            name: ChainName,
            /// The chain.
            chain: ExternalChain,
        },
        /// Conditions on a chain are undecided from now on.
        ChainDisabled {
            /// Its name.
            name: ChainName,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// No policy has this id. It may have been revoked.
        UnknownPolicy,
        /// Only the owner of the policy may do this.
        NotOwner,
        /// The bytes are no condition in its canonical form. Make them with a client library.
        InvalidCondition,
        /// The condition refers to a policy.
        NestedPolicy,
        /// The condition is the one that the policy has.
        SameCondition,
        /// No external chain has this name.
        UnknownChain,
        /// The name stands for another chain, for ever. Register the chain under a new one.
        OtherChain,
        /// The name is the one of our own chain.
        ReservedName,
        /// The chain has finality of its own: a depth is for chains without.
        HasFinality,
        /// The registry is full.
        TooManyChains,
        /// The chain is disabled already.
        AlreadyDisabled,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(T::MaxChains::get() > 0, "conditions must be able to ask a chain");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    /// External chains of a new chain.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T> {
        /// Chains of EVM kind: name, chain id, and the depth of final blocks where there is no finality.
        pub evm_chains: alloc::vec::Vec<(alloc::string::String, u64, Option<u32>)>,
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            for (name, chain_id, depth) in &self.evm_chains {
                let name = ChainName::new(name).expect("the genesis names chains soundly");
                let finality = depth.map_or(Finality::Finalized, Finality::Depth);
                let kind = conclave_primitives::conditions::ChainKind::Evm { chain_id: *chain_id };
                Pallet::<T>::do_register_chain(name, ExternalChain { kind, finality })
                    .expect("the genesis registers each chain once");
            }
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Make a policy: a condition under an id that other conditions refer to, and that you may update and revoke. The id
        /// is in the event.
        ///
        /// Origin: signed; the signer becomes the owner. A deposit, with a part for each byte, is held from it.
        ///
        /// - `condition`: the canonical bytes of the condition. It refers to no policy.
        ///
        /// Emits [`Event::PolicyCreated`].
        ///
        /// Fails with [`Error::InvalidCondition`] or [`Error::NestedPolicy`], or when the signer cannot pay the deposit.
        ///
        /// Weight: O(b), b the bytes of the condition.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::create_policy(condition.len() as u32))]
        pub fn create_policy(origin: OriginFor<T>, condition: EncodedCondition) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_create_policy(owner, condition)
        }

        /// Give a policy another condition. Whatever refers to it is decrypted by the new one from the next finalized block
        /// on, without being encrypted anew.
        ///
        /// Origin: signed by the owner. The deposit follows the length of the condition.
        ///
        /// - `id`: the policy.
        /// - `condition`: the canonical bytes of its new condition.
        ///
        /// Emits [`Event::PolicyUpdated`].
        ///
        /// Fails with [`Error::UnknownPolicy`], [`Error::NotOwner`], [`Error::InvalidCondition`], [`Error::NestedPolicy`] or
        /// [`Error::SameCondition`], or when the owner cannot pay the deposit.
        ///
        /// Weight: O(b), b the bytes of the condition.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::update_policy(condition.len() as u32))]
        pub fn update_policy(
            origin: OriginFor<T>,
            id: PolicyId,
            condition: EncodedCondition,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_update_policy(owner, id, condition)
        }

        /// Revoke a policy for ever, and get the deposit back. Conditions that refer to it are undecided from now on, so that
        /// nothing is decrypted by it any more.
        ///
        /// Origin: signed by the owner.
        ///
        /// - `id`: the policy.
        ///
        /// Emits [`Event::PolicyRevoked`].
        ///
        /// Fails with [`Error::UnknownPolicy`] or [`Error::NotOwner`].
        ///
        /// Weight: O(1).
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::revoke_policy())]
        pub fn revoke_policy(origin: OriginFor<T>, id: PolicyId) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_revoke_policy(owner, id)
        }

        /// Let conditions ask an external chain, or change when its blocks are final.
        ///
        /// Origin: `RegistryOrigin`.
        ///
        /// - `name`: what conditions call it.
        /// - `chain`: what it is. A name that is known keeps its kind.
        ///
        /// Emits [`Event::ChainRegistered`].
        ///
        /// Fails with [`Error::ReservedName`], [`Error::OtherChain`], [`Error::HasFinality`] or [`Error::TooManyChains`].
        ///
        /// Weight: O(1).
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::register_chain())]
        pub fn register_chain(origin: OriginFor<T>, name: ChainName, chain: ExternalChain) -> DispatchResult {
            T::RegistryOrigin::ensure_origin(origin)?;
            Self::do_register_chain(name, chain)
        }

        /// Stop conditions from asking an external chain: those that do are undecided, and deny.
        ///
        /// Origin: `RegistryOrigin`.
        ///
        /// - `name`: which.
        ///
        /// Emits [`Event::ChainDisabled`].
        ///
        /// Fails with [`Error::UnknownChain`] or [`Error::AlreadyDisabled`].
        ///
        /// Weight: O(1).
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::disable_chain())]
        pub fn disable_chain(origin: OriginFor<T>, name: ChainName) -> DispatchResult {
            T::RegistryOrigin::ensure_origin(origin)?;
            Self::do_disable_chain(name)
        }
    }
}
