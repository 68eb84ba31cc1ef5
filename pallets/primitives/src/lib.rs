//! The vocabulary that chain, worker and clients share: one type per fact, no behaviour that needs
//! a chain or a clock. `no_std`, free of `sp-*` unless the feature `runtime-api` is on.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::indexing_slicing)]

extern crate alloc;

#[cfg(feature = "runtime-api")]
pub mod api;
mod attempt;
mod authorisation;
mod committee;
pub mod conditions;
mod domain;
mod frost;
mod ids;
mod keys;
mod message;
mod permission;
mod request;
mod scheme;
mod threshold;

pub use attempt::{AttemptKind, AttemptPhase, AttemptView};
pub use authorisation::{AuthMethod, Authorisation};
pub use committee::{Committee, Member, RootKey, WorkerKeyProofs, WorkerKeys};
pub use conditions::PolicyView;
pub use domain::{
    activation_bytes, blake2_256, worker_call_bytes, worker_keys_bytes, GenesisHash, DOMAIN_MESSAGE,
    DOMAIN_SIGN_REQUEST,
};
pub use frost::{NonceCommitments, QuorumCommitments, SigningPackage};
pub use ids::{
    Attempt, AttemptId, Epoch, InvalidParticipantIndex, KeysetId, ParticipantIndex, PkpId, RequestId,
    SessionId,
};
pub use keys::{
    root_key_ids, Curve, EncodedPoint, KeyId, PublicKey, Purpose, RootKeyId, SigningRoots, MAX_POINT_BYTES,
    MAX_ROOT_KEYS, ROOTS_PER_CURVE,
};
pub use message::{
    flight_payload, frost_share_message, payload_hash, Evidence, MessageHeader, Participants, PeerReport,
    SignedPayload, TransportKey, FROST_SHARE_FLIGHT,
};
pub use permission::{Permission, PkpAddresses, PkpView, Scope, Scopes};
pub use request::{Payload, PayloadError, SignRequest, MAX_MESSAGE_BYTES, MAX_REQUEST_LIFETIME};
pub use scheme::Scheme;
pub use threshold::{threshold_of, MAX_MEMBERS, MIN_MEMBERS};

/// A chain account as bytes; the runtime's `AccountId32` without `sp-core`.
pub type AccountBytes = [u8; 32];
/// A block number of the Conclave chain.
pub type BlockNumber = u32;
