//! The vocabulary that chain, worker and clients share: one type per fact, no behaviour that needs
//! a chain or a clock. `no_std`, free of `sp-*` unless the feature `runtime-api` is on.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::indexing_slicing)]

extern crate alloc;

pub mod actions;
#[cfg(feature = "runtime-api")]
pub mod api;
mod attempt;
mod attestation;
mod authorisation;
mod bls;
mod cid;
mod committee;
mod condition_source;
pub mod conditions;
mod decrypt_request;
mod decryption;
mod domain;
mod execute_request;
mod execution_outcome;
mod frost;
mod ids;
mod keys;
mod login;
mod message;
mod permission;
mod permission_list;
mod private_params;
mod request;
mod scheme;
mod session;
mod threshold;
mod token_request;

pub use attempt::{AttemptKind, AttemptPhase, AttemptView};
pub use attestation::{MachineView, ReportBinding, ReportFinding, ReportOutcome, ReportPurpose};
pub use authorisation::{
    AuthMethod, Authorisation, Bytes, CredentialKey, Entitlement, ListMembership, PasskeyAssertion,
    MAX_ACCESS_TOKEN_BYTES, MAX_AUTHENTICATOR_DATA_BYTES, MAX_CLIENT_DATA_BYTES,
    MAX_CONTRACT_SIGNATURE_BYTES, MAX_CREDENTIAL_ID_BYTES, MAX_DER_SIGNATURE_BYTES, MAX_PREFIX_BYTES,
    MAX_RELYING_PARTY_BYTES, MAX_SIWE_BYTES, MAX_TOKEN_BYTES,
};
pub use bls::{bls_share_binding, bls_share_message, BlsSubject, BLS_SHARE_FLIGHT};
pub use cid::{Cid, InvalidCid};
pub use committee::{AdmitMembers, Committee, DealingKeyView, Member, RootKey, WorkerKeyProofs, WorkerKeys};
pub use condition_source::{ConditionSource, ConditionSourceError, MAX_LIT_CONDITION_BYTES};
pub use conditions::PolicyView;
pub use decrypt_request::{DecryptItem, DecryptItemError, DecryptRequest, MAX_DECRYPT_ITEMS};
pub use decryption::{
    DecryptionIdentity, DecryptionShare, DecryptionStatement, OneTimeKey, Sealed, G1_BYTES, G2_BYTES,
};
pub use domain::{
    activation_bytes, blake2_256, worker_call_bytes, worker_keys_bytes, GenesisHash, DOMAIN_DECRYPT_REQUEST,
    DOMAIN_EXECUTE_REQUEST, DOMAIN_EXECUTION_OUTCOME, DOMAIN_MESSAGE, DOMAIN_SIGN_REQUEST,
    DOMAIN_TOKEN_REQUEST,
};
pub use execute_request::{ExecuteRequest, Program, MAX_INLINE_CODE_BYTES, MAX_PARAMS_BYTES};
pub use execution_outcome::ExecutionOutcome;
pub use frost::{NonceCommitments, QuorumCommitments, SigningPackage};
pub use ids::{
    Attempt, AttemptId, Epoch, InvalidParticipantIndex, KeysetId, ParticipantIndex, PkpId, RequestId,
    SessionId,
};
pub use keys::{
    root_key_ids, Curve, EncodedPoint, KeyId, PublicKey, Purpose, RootKeyId, SigningRoots, MAX_POINT_BYTES,
    MAX_ROOT_KEYS, ROOTS_PER_CURVE,
};
pub use login::{
    DiscordLogin, LoginProvider, LoginProviderKind, LoginSettings, LoginText, LoginTexts, MAX_CLIENTS,
    MAX_ISSUERS, MAX_LOGIN_PROVIDERS, MAX_LOGIN_TEXT_BYTES,
};
pub use message::{
    flight_payload, frost_share_message, payload_hash, Evidence, FaultClass, MessageHeader, Participants,
    PeerReport, SignedPayload, TransportKey, FROST_SHARE_FLIGHT,
};
pub use permission::{ListPermission, Permission, PkpAddresses, PkpView, Scope, Scopes};
pub use permission_list::{is_listed, list_leaf, list_tree, ListProof, MAX_PROOF_NODES};
pub use private_params::{PrivateParams, PrivateParamsBinding, SealedKey};
pub use request::{Payload, PayloadError, SignRequest, MAX_MESSAGE_BYTES, MAX_REQUEST_LIFETIME};
pub use scheme::Scheme;
pub use session::{
    delegation_hash, login_challenge, session_signature_bytes, Ability, Capabilities, Capability, Delegation,
    Resource, ResourceId, ResourceKind, SessionAuthorisation, SessionCertificate, SessionRequest,
    SubDelegation, SubDelegations, DOMAIN_SESSION_REQUEST, MAX_CAPABILITIES, MAX_RESOURCE_ID_BYTES,
    MAX_SUB_DELEGATIONS,
};
pub use threshold::{threshold_of, MAX_MEMBERS, MIN_MEMBERS};
pub use token_request::{token_key, TokenRequest, TOKEN_SCHEME, TOKEN_SECONDS};

/// A chain account as bytes; the runtime's `AccountId32` without `sp-core`.
pub type AccountBytes = [u8; 32];
/// A block number of the Conclave chain.
pub type BlockNumber = u32;
