//! What the worker needs of the outside, as capabilities. `conclave-node` and the simulation implement
//! them; the signature of a function that takes one is its list of permissions.

use conclave_auth::Settings;
use conclave_conditions::{Answer, ChainAccess, Found, Query, QueryFailure};
use conclave_primitives::{
    conditions::{ChainName, Condition, PolicyId},
    AuthMethod, BlockNumber, DealingKeyView, ParticipantIndex, PkpId, PkpView, Scopes,
};
use std::collections::BTreeMap;

/// Reads of finalized state beyond what each tick brings.
pub trait ReadChain {
    /// A PKP and what `method` may do with it.
    fn read_pkp(&self, pkp: &PkpId, method: &AuthMethod) -> Result<Option<(PkpView, Scopes)>, ReadError>;
    /// The keys of a PKP by which it is known on other chains.
    fn read_addresses(&self, pkp: &PkpId) -> Result<Option<Addresses>, ReadError>;
    /// The time of the finalized block, in seconds since 1970.
    fn read_time(&self) -> Result<u64, ReadError>;
    /// The number of a finalized block; `None` if there is no such block, or it is not final.
    fn read_block_number(&self, hash: &[u8; 32]) -> Result<Option<BlockNumber>, ReadError>;
    /// By which logins the network lets users in.
    fn read_login_settings(&self) -> Result<Settings, ReadError>;
    /// What conditions are evaluated at: the time of the finalized block in seconds since 1970, and the external
    /// chains that the registry has, with how many endpoints this node has of each.
    fn read_conditions(&self) -> Result<ConditionsView, ReadError>;
    /// A storage value of our own chain.
    fn read_storage(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError>;
    /// The condition of a policy; `None` if there is no such policy, or it is revoked.
    fn read_policy(&self, id: &PolicyId) -> Result<Option<Condition>, ReadError>;
    /// The dealing key of the worker with this signing key; `None` if it is not registered.
    fn read_dealing_key(&self, signing: &[u8; 32]) -> Result<Option<DealingKeyView>, ReadError>;
    /// The dealings that stand.
    fn read_dealings(&self) -> Result<Vec<(ParticipantIndex, Vec<u8>)>, ReadError>;
}

/// See [`ReadChain::read_addresses`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// On Ethereum and its like.
    pub evm: [u8; 20],
    /// The Ed25519 key: the address on Solana.
    pub ed25519: [u8; 32],
    /// The account on Substrate chains that sr25519 signs for.
    pub sr25519: [u8; 32],
}

/// What a condition asks that needs no other machine; `None` where an endpoint has to be asked.
pub fn answer_own(query: &Query, chain: &impl ReadChain) -> Option<Answer> {
    let failed = |error: ReadError| QueryFailure::Failed(error.to_string());
    match query {
        Query::Endpoint { .. } => None,
        Query::OwnStorage { key } => Some(chain.read_storage(key).map(Found::Storage).map_err(failed)),
        Query::Policy(id) => Some(chain.read_policy(id).map(Found::Policy).map_err(failed)),
        Query::Action { .. } => Some(Err(QueryFailure::Unsupported)),
    }
}

/// See [`ReadChain::read_conditions`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConditionsView {
    /// In seconds since 1970.
    pub now: u64,
    /// By name.
    pub chains: BTreeMap<ChainName, ChainAccess>,
}

/// Finalized state could not be read: nothing may be concluded from that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("finalized state could not be read: {0}")]
pub struct ReadError(pub String);

/// Named records on disk.
pub trait StoreRecords {
    /// Writes a record so that it is there, whole, after a power cut: temporary file, fsync, rename,
    /// fsync of the directory. Returns only then.
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), StoreError>;
    /// Reads a record; `None` if there is none.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;
    /// Erases a record, if it is there.
    fn erase(&mut self, name: &str) -> Result<(), StoreError>;
    /// The names that start with `prefix`, also of records whose erasure a crash cut short.
    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError>;
}

/// The disk failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("store of record `{name}`: {reason}")]
pub struct StoreError {
    /// Which record.
    pub name: String,
    /// What went wrong.
    pub reason: String,
}
