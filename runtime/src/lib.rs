//! The state transition function of the Conclave chain.
//!
//! Read in this order: this file names the pallets and the extrinsic format; `configs/<pallet>.rs` says how each
//! pallet is set up; `apis.rs` is what a node or a client may ask; `genesis_presets.rs` is how a chain begins.
//!
//! This source makes two runtimes, which differ in the roots of trust that their manifest names and in nothing else:
//! that of production (`runtime/`) and that of development chains (`runtime/dev`).
//!
//! The runtime imports standard `ext_*` host functions only, so that light clients and forking tools can run it.

#![cfg_attr(not(feature = "std"), no_std)]
// `#[frame_support::runtime]` expands to a match over every call of every pallet.
#![recursion_limit = "256"]

extern crate alloc;

// `WASM_BINARY`, made by build.rs.
#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod genesis_presets;
#[cfg(test)]
mod tests;
pub mod transaction;
mod types;
pub mod weights;

pub use apis::RuntimeApi;
pub use configs::session::SessionKeys;
pub use transaction::{Executive, SignedPayload, TxExtension, UncheckedExtrinsic};
pub use types::*;

// `#[frame_support::runtime]` names `Vec`.
use alloc::{borrow::Cow, vec::Vec};
use sp_version::RuntimeVersion;

// The name has to be a literal, since it is read from the Wasm file without running it.
macro_rules! version {
    ($spec_name:tt) => {
        /// What a node shows and what a signature covers. `spec_version` grows with every released change of behaviour,
        /// `transaction_version` only when an existing call or extension changes its encoding.
        #[sp_version::runtime_version]
        pub const VERSION: RuntimeVersion = RuntimeVersion {
            spec_name: Cow::Borrowed($spec_name),
            impl_name: Cow::Borrowed("conclave-runtime"),
            authoring_version: 1,
            spec_version: 1,
            impl_version: 1,
            apis: apis::RUNTIME_API_VERSIONS,
            transaction_version: 1,
            system_version: 1,
        };
    };
}
roots::with_spec_name!(version);

/// The pallets. Indices are part of the wire format of every call, event and error: never reuse or move one.
/// Tens group them: 0 system, 10 consensus, 20 money, 30 staking, 40 governance, 50 the committee and its keys, 255 sudo.
#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system::Pallet<Runtime>;
    #[runtime::pallet_index(1)]
    pub type Utility = pallet_utility::Pallet<Runtime>;

    // BABE comes before Timestamp, which tells it the time of the slot, and before Session, which asks it whether
    // the session ends with this block.
    #[runtime::pallet_index(10)]
    pub type Babe = pallet_babe::Pallet<Runtime>;
    #[runtime::pallet_index(11)]
    pub type Timestamp = pallet_timestamp::Pallet<Runtime>;
    #[runtime::pallet_index(12)]
    pub type Authorship = pallet_authorship::Pallet<Runtime>;

    #[runtime::pallet_index(20)]
    pub type Balances = pallet_balances::Pallet<Runtime>;
    #[runtime::pallet_index(21)]
    pub type TransactionPayment = pallet_transaction_payment::Pallet<Runtime>;

    // Staking comes before Session: at genesis the first validators are elected from the stakers.
    #[runtime::pallet_index(30)]
    pub type Staking = pallet_staking::Pallet<Runtime>;
    #[runtime::pallet_index(31)]
    pub type Offences = pallet_offences::Pallet<Runtime>;
    #[runtime::pallet_index(32)]
    pub type Historical = pallet_session::historical::Pallet<Runtime>;
    #[runtime::pallet_index(33)]
    pub type Session = pallet_session::Pallet<Runtime>;
    #[runtime::pallet_index(34)]
    pub type Grandpa = pallet_grandpa::Pallet<Runtime>;
    #[runtime::pallet_index(35)]
    pub type AuthorityDiscovery = pallet_authority_discovery::Pallet<Runtime>;

    #[runtime::pallet_index(40)]
    pub type Preimage = pallet_preimage::Pallet<Runtime>;
    #[runtime::pallet_index(41)]
    pub type Scheduler = pallet_scheduler::Pallet<Runtime>;
    #[runtime::pallet_index(42)]
    pub type ConvictionVoting = pallet_conviction_voting::Pallet<Runtime>;
    #[runtime::pallet_index(43)]
    pub type Referenda = pallet_referenda::Pallet<Runtime>;
    #[runtime::pallet_index(44)]
    pub type Origins = configs::governance::pallet_origins::Pallet<Runtime>;

    // Committee comes after Session: its members are the session's validators.
    #[runtime::pallet_index(50)]
    pub type Committee = pallet_committee::Pallet<Runtime>;
    #[runtime::pallet_index(51)]
    pub type Pkp = pallet_pkp::Pallet<Runtime>;
    #[runtime::pallet_index(52)]
    pub type Actions = pallet_actions::Pallet<Runtime>;
    #[runtime::pallet_index(53)]
    pub type AccessConditions = pallet_access_conditions::Pallet<Runtime>;
    #[runtime::pallet_index(54)]
    pub type Attestation = pallet_attestation::Pallet<Runtime>;

    // The key is set by the `dev` and `local` presets only; without a key no call of this pallet succeeds.
    #[runtime::pallet_index(255)]
    pub type Sudo = pallet_sudo::Pallet<Runtime>;
}
