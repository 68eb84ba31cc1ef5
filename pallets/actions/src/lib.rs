//! # Actions
//!
//! What actions need of the chain: their code where every member finds it, and the tables of what an execution may use and
//! what it costs.
//!
//! ## Terminology
//!
//! - **Action**: an immutable program, JavaScript or Wasm, that members run. It is called by its **CID**, the content id that
//!   IPFS gives its bytes.
//! - **Program**: the bytes of an action. A published one is stored on chain: each member has it by following the chain.
//! - **Publisher**: the account that published a program, pays its deposit, and alone may take it back.
//! - **Execution**: one request to run an action, with all actions that it calls.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for storage, calls, events and errors, and [`Config`] for what a runtime provides. Readers go
//! through the runtime API `ActionsApi` (`conclave_primitives::api`).
//!
//! ## Overview
//!
//! ```text
//!   publish ──► found by its CID on every member ── unpublish ──► members find it elsewhere, or with the request, or not
//!      deposit held: so much, and so much a byte        deposit returns; anybody may publish the same bytes again
//!
//!   set_limits, set_prices (governance) ──► hold from the next execution on
//! ```
//!
//! ## Low Level / Implementation Details
//!
//! **Nothing of an action's rights is here.** What an action may sign with is between it and a PKP (`pallet-pkp`), by its
//! CID, published or not: that somebody publishes or unpublishes a program changes who finds it, never what it may.
//!
//! **The CID is computed, never told**: [`Pallet::publish`] takes the bytes.
//!
//! **Code stands apart from what is known about it**, so that whoever asks for the publisher does not read a MiB.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
#[cfg(test)]
mod mock;
mod programs;
#[cfg(test)]
mod tests;
mod types;
pub mod weights;

pub use pallet::*;
pub use types::{Program, Publication};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
    use conclave_primitives::{
        actions::{Limits, Prices},
        Cid,
    };
    use frame_support::{pallet_prelude::*, traits::fungible};
    use frame_system::pallet_prelude::*;

    use crate::{
        types::{BalanceOf, PublicationOf},
        Program, WeightInfo,
    };

    /// The storage layout that this code reads and writes.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// Published programs, limits and prices.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What this pallet needs of the runtime.
    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// Where deposits are held.
        type Currency: fungible::hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>;

        /// The runtime's hold reasons, this pallet's among them.
        type RuntimeHoldReason: From<HoldReason>;

        /// Who sets limits and prices.
        type SettingsOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Held for a program, in the smallest unit of the currency.
        #[pallet::constant]
        type ProgramDeposit: Get<BalanceOf<Self>>;

        /// Held for each byte of a program, in the smallest unit of the currency.
        #[pallet::constant]
        type ByteDeposit: Get<BalanceOf<Self>>;

        /// What the calls cost.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The account has published a program.
        Program,
    }

    /// What is known about each published program.
    // Identity: CIDs are hashes, so they spread over the trie by themselves. SHA-256 under a prefix of its length and shape:
    // who searches for one beside another pays 2^80 hashes to deepen the trie by twenty levels.
    #[pallet::storage]
    pub type Publications<T: Config> = StorageMap<_, Identity, Cid, PublicationOf<T>>;

    /// The bytes of each published program.
    #[pallet::storage]
    pub type Code<T: Config> = StorageMap<_, Identity, Cid, Program>;

    /// What an execution may use, on each member.
    #[pallet::storage]
    pub type ExecutionLimits<T> = StorageValue<_, Limits, ValueQuery>;

    /// What each use costs, on each member.
    #[pallet::storage]
    pub type ExecutionPrices<T> = StorageValue<_, Prices, ValueQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Every member finds a program by its CID from now on.
        ProgramPublished {
            /// What it is called.
            cid: Cid,
            /// Who published it.
            publisher: T::AccountId,
            /// How long it is.
            bytes: u32,
        },
        /// A program is gone from the chain.
        ProgramUnpublished {
            /// What it is called.
            cid: Cid,
            /// Who had published it.
            publisher: T::AccountId,
        },
        /// Executions may use this from now on.
        LimitsSet {
            /// What.
            limits: Limits,
        },
        /// Executions cost this from now on.
        PricesSet {
            /// What.
            prices: Prices,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// A program without a byte does nothing.
        EmptyProgram,
        /// The program is published: every member finds it already.
        AlreadyPublished,
        /// No program with this CID is published.
        NotPublished,
        /// Only who published the program may take it back.
        NotPublisher,
        /// A limit is above what members are made for (`Limits::CEILING`).
        AboveCeiling,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    /// The tables of a new chain.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T> {
        /// What an execution may use.
        pub limits: Limits,
        /// What each use costs.
        pub prices: Prices,
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            assert!(self.limits.is_within_ceiling(), "the genesis sets limits that members keep");
            ExecutionLimits::<T>::put(self.limits);
            ExecutionPrices::<T>::put(self.prices);
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Publish a program: every member finds it by its CID, which is in the event, from the next finalized block on.
        ///
        /// Origin: signed; the signer becomes the publisher. A deposit, with a part for each byte, is held from it.
        ///
        /// - `code`: JavaScript, or a Wasm module, exactly as it is to be run.
        ///
        /// Emits [`Event::ProgramPublished`].
        ///
        /// Fails with [`Error::EmptyProgram`] or [`Error::AlreadyPublished`], or when the signer cannot pay the deposit.
        ///
        /// Weight: O(b), b the bytes of the program.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::publish(code.len() as u32))]
        pub fn publish(origin: OriginFor<T>, code: Program) -> DispatchResult {
            let publisher = ensure_signed(origin)?;
            Self::do_publish(publisher, code)
        }

        /// Take a program from the chain, and get the deposit back. What it may do stays as it is: whoever sends its code
        /// with a request has it run.
        ///
        /// Origin: signed by the publisher.
        ///
        /// - `cid`: the program.
        ///
        /// Emits [`Event::ProgramUnpublished`].
        ///
        /// Fails with [`Error::NotPublished`] or [`Error::NotPublisher`].
        ///
        /// Weight: O(1).
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::unpublish())]
        pub fn unpublish(origin: OriginFor<T>, cid: Cid) -> DispatchResult {
            let publisher = ensure_signed(origin)?;
            Self::do_unpublish(publisher, cid)
        }

        /// Set what executions may use.
        ///
        /// Origin: `SettingsOrigin`.
        ///
        /// - `limits`: all of them; none above `Limits::CEILING`. No fuel stops all actions.
        ///
        /// Emits [`Event::LimitsSet`].
        ///
        /// Fails with [`Error::AboveCeiling`].
        ///
        /// Weight: O(1).
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::set_limits())]
        pub fn set_limits(origin: OriginFor<T>, limits: Limits) -> DispatchResult {
            T::SettingsOrigin::ensure_origin(origin)?;
            ensure!(limits.is_within_ceiling(), Error::<T>::AboveCeiling);
            ExecutionLimits::<T>::put(limits);
            Self::deposit_event(Event::LimitsSet { limits });
            Ok(())
        }

        /// Set what executions cost.
        ///
        /// Origin: `SettingsOrigin`.
        ///
        /// - `prices`: all of them, in the smallest unit of the currency.
        ///
        /// Emits [`Event::PricesSet`].
        ///
        /// Weight: O(1).
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::set_prices())]
        pub fn set_prices(origin: OriginFor<T>, prices: Prices) -> DispatchResult {
            T::SettingsOrigin::ensure_origin(origin)?;
            ExecutionPrices::<T>::put(prices);
            Self::deposit_event(Event::PricesSet { prices });
            Ok(())
        }
    }
}
