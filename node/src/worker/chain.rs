//! Finalized state, through the runtime's APIs; while it is fresh.

use super::{driver::Handle, external::ExternalChains};
use crate::service::{Block, Client};
use conclave_conditions::ChainAccess;
use conclave_primitives::{
    actions::{Limits, Prices},
    api::{AccessConditionsApi, ActionsApi, AttestationApi, CommitteeApi, PkpApi},
    conditions::{Condition, PolicyId},
    AccountBytes, AuthMethod, BlockNumber, Cid, Curve, DealingKeyView, MachineView, ParticipantIndex, PkpId,
    PkpView, Scopes,
};
use conclave_worker::{
    ports::{Addresses, ConditionsView, ReadChain, ReadError},
    ChainView, Event, Settings,
};
use futures::StreamExt;
use sc_client_api::{BlockchainEvents, StorageKey, StorageProvider};
use sp_api::{ApiError, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_consensus::SyncOracle;
use sp_consensus_babe::SlotDuration;
use sp_timestamp::Timestamp;
use std::{sync::Arc, time::Duration};

/// The oldest finalized state that is acted on: a member that is cut off must not go on signing for somebody whose
/// permission was revoked. Finality trails the clock by two or three slots; twenty leave room for authors that are
/// away. A chain whose finality stalls stops signing, too: more than a third of the validators are away then or
/// disagree, so that there is hardly a quorum, and nobody can see what was revoked since.
const FRESH_FOR: Duration = Duration::from_secs(60);

/// Why finalized state is not acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stale {
    /// The node fetches blocks that others have long had.
    #[error("the node catches up with its chain")]
    Syncing,
    /// The last finalized block is too old.
    #[error("the last finalized block is {} s old; at most {} s are allowed", .age.as_secs(), FRESH_FOR.as_secs())]
    Old {
        /// Since the slot that the block was made in.
        age: Duration,
    },
    /// The node cannot tell.
    #[error("the last finalized block could not be read")]
    Unreadable,
}

/// Reads at the last finalized block.
#[derive(Clone)]
pub struct FinalizedState {
    client: Arc<Client>,
    sync: Arc<dyn SyncOracle + Send + Sync>,
    slot_duration: SlotDuration,
    external: ExternalChains,
}

impl FinalizedState {
    pub(super) fn new(
        client: Arc<Client>,
        sync: Arc<dyn SyncOracle + Send + Sync>,
        slot_duration: SlotDuration,
        external: ExternalChains,
    ) -> Self {
        Self { client, sync, slot_duration, external }
    }

    pub(super) fn finalized_number(&self) -> BlockNumber {
        self.client.info().finalized_number
    }

    /// Whether finalized state is what the network acts on now.
    pub(super) fn check_fresh(&self) -> Result<(), Stale> {
        judge(self.finalized_at()?, Timestamp::current(), self.sync.is_major_syncing())
    }

    /// When the slot of the finalized block began.
    fn finalized_at(&self) -> Result<Timestamp, Stale> {
        let hash = self.client.info().finalized_hash;
        let header = self.client.header(hash).ok().flatten().ok_or(Stale::Unreadable)?;
        let digest = sc_consensus_babe::find_pre_digest::<Block>(&header).map_err(|_| Stale::Unreadable)?;
        // Slots are counted from the epoch of Unix time. That of the genesis block is 0: never fresh.
        digest.slot().timestamp(self.slot_duration).ok_or(Stale::Unreadable)
    }

    /// The PKPs that `method` may use, not by a list; at most `limit` that permit it, and as many that it owns.
    pub(super) fn pkps_of(&self, method: &AuthMethod, limit: u32) -> Result<Vec<PkpView>, ReadError> {
        self.check_fresh().map_err(|stale| ReadError(stale.to_string()))?;
        let at = self.client.info().finalized_hash;
        let api = self.client.runtime_api();
        let mut ids = api.pkps_permitting(at, *method, None, limit).map_err(unreadable)?;
        if let AuthMethod::Account(account) = method {
            ids.extend(api.pkps_of(at, *account, None, limit).map_err(unreadable)?);
        }
        let view = |id| api.pkp(at, id).map_err(unreadable).transpose();
        ids.into_iter().filter_map(view).collect()
    }

    /// What executions may use, and what each use costs.
    pub(super) fn action_settings(&self) -> Result<(Limits, Prices), ReadError> {
        let at = self.client.info().finalized_hash;
        let api = self.client.runtime_api();
        Ok((api.limits(at).map_err(unreadable)?, api.prices(at).map_err(unreadable)?))
    }

    /// The bytes of a published action.
    pub(super) fn program(&self, cid: Cid) -> Result<Option<Vec<u8>>, ReadError> {
        self.client.runtime_api().program(self.client.info().finalized_hash, cid).map_err(unreadable)
    }

    pub(super) fn machine(&self, validator: AccountBytes) -> Result<Option<MachineView>, ReadError> {
        let at = self.client.info().finalized_hash;
        self.client.runtime_api().machine(at, validator).map_err(unreadable)
    }

    fn view(&self) -> Result<ChainView, ApiError> {
        let info = self.client.info();
        let api = self.client.runtime_api();
        Ok(ChainView {
            finalized: info.finalized_number,
            committee: api.committee(info.finalized_hash)?,
            attempt: api.attempt(info.finalized_hash)?,
        })
    }

    /// What is stale stays with us: a worker that has seen no state, or that can read none, takes part in nothing.
    fn tell(&self, workers: &[Handle]) {
        if let Err(stale) = self.check_fresh() {
            log::debug!(target: "conclave::chain", "{stale}");
            return;
        }
        match self.view() {
            Ok(view) => workers.iter().for_each(|worker| worker.tell(Event::Finalized(view.clone()))),
            Err(error) => log::warn!(target: "conclave::chain", "finalized state could not be read: {error}"),
        }
    }
}

fn judge(made: Timestamp, now: Timestamp, is_syncing: bool) -> Result<(), Stale> {
    let age = Duration::from_millis(now.as_millis().saturating_sub(made.as_millis()));
    if age > FRESH_FOR {
        Err(Stale::Old { age })
    } else if is_syncing {
        Err(Stale::Syncing)
    } else {
        Ok(())
    }
}

fn unreadable(error: ApiError) -> ReadError {
    ReadError(error.to_string())
}

fn addresses(view: &PkpView, evm: &str) -> Option<Addresses> {
    let key = |curve| {
        let key = view.public_keys.iter().find(|key| key.curve == curve)?;
        key.point.as_slice().try_into().ok()
    };
    let mut address = [0; 20];
    hex::decode_to_slice(evm.strip_prefix("0x")?, &mut address).ok()?;
    Some(Addresses { evm: address, ed25519: key(Curve::Ed25519)?, sr25519: key(Curve::Ristretto255)? })
}

impl ReadChain for FinalizedState {
    fn read_pkp(&self, pkp: &PkpId, method: &AuthMethod) -> Result<Option<(PkpView, Scopes)>, ReadError> {
        self.check_fresh().map_err(|stale| ReadError(stale.to_string()))?;
        let at = self.client.info().finalized_hash;
        let api = self.client.runtime_api();
        let Some(view) = api.pkp(at, *pkp).map_err(unreadable)? else { return Ok(None) };
        let scopes = api.scopes(at, *pkp, *method).map_err(unreadable)?.unwrap_or_default();
        Ok(Some((view, scopes)))
    }

    fn read_addresses(&self, pkp: &PkpId) -> Result<Option<Addresses>, ReadError> {
        let at = self.client.info().finalized_hash;
        let api = self.client.runtime_api();
        let Some(view) = api.pkp(at, *pkp).map_err(unreadable)? else { return Ok(None) };
        let Some(text) = api.addresses(at, *pkp).map_err(unreadable)? else { return Ok(None) };
        addresses(&view, &text.evm).map(Some).ok_or_else(|| ReadError("a PKP without addresses".into()))
    }

    fn read_time(&self) -> Result<u64, ReadError> {
        let made = self.finalized_at().map_err(|stale| ReadError(stale.to_string()))?;
        Ok(made.as_duration().as_secs())
    }

    fn read_block_number(&self, hash: &[u8; 32]) -> Result<Option<BlockNumber>, ReadError> {
        let failed = |error: sp_blockchain::Error| ReadError(error.to_string());
        let hash = (*hash).into();
        let Some(number) = self.client.number(hash).map_err(failed)? else { return Ok(None) };
        // A block of a fork has a number, too.
        let is_final = number <= self.client.info().finalized_number
            && self.client.hash(number).map_err(failed)? == Some(hash);
        Ok(is_final.then_some(number))
    }

    fn read_login_settings(&self) -> Result<Settings, ReadError> {
        let at = self.client.info().finalized_hash;
        let settings = self.client.runtime_api().login_settings(at).map_err(unreadable)?;
        Settings::try_from(&settings).map_err(|error| ReadError(error.to_string()))
    }

    fn read_conditions(&self) -> Result<ConditionsView, ReadError> {
        self.check_fresh().map_err(|stale| ReadError(stale.to_string()))?;
        let made = self.finalized_at().map_err(|stale| ReadError(stale.to_string()))?;
        let registry =
            self.client.runtime_api().chains(self.client.info().finalized_hash).map_err(unreadable)?;
        let chains = registry.into_iter().map(|(name, chain)| {
            let endpoints = self.external.count(&name);
            (name, ChainAccess { chain, endpoints })
        });
        Ok(ConditionsView { now: made.as_duration().as_secs(), chains: chains.collect() })
    }

    fn read_storage(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        let at = self.client.info().finalized_hash;
        let found = self.client.storage(at, &StorageKey(key.to_vec()));
        found.map(|data| data.map(|data| data.0)).map_err(|error| ReadError(error.to_string()))
    }

    fn read_policy(&self, id: &PolicyId) -> Result<Option<Condition>, ReadError> {
        let policy =
            self.client.runtime_api().policy(self.client.info().finalized_hash, *id).map_err(unreadable)?;
        Ok(policy.map(|policy| policy.condition))
    }

    fn read_dealing_key(&self, signing: &[u8; 32]) -> Result<Option<DealingKeyView>, ReadError> {
        let at = self.client.info().finalized_hash;
        self.client.runtime_api().dealing_key(at, *signing).map_err(unreadable)
    }

    fn read_dealings(&self) -> Result<Vec<(ParticipantIndex, Vec<u8>)>, ReadError> {
        self.client.runtime_api().dealings(self.client.info().finalized_hash).map_err(unreadable)
    }
}

/// Tells the workers of every finalized block. One that is missed is made up for by the next.
pub(super) async fn follow(state: FinalizedState, workers: Vec<Handle>) {
    let mut finality = state.client.finality_notification_stream();
    state.tell(&workers);
    while finality.next().await.is_some() {
        state.tell(&workers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_state_and_a_node_that_catches_up_should_be_refused() {
        let now = Timestamp::new(1_000_000);
        let made = |seconds_ago: u64| Timestamp::new(1_000_000 - seconds_ago * 1_000);
        assert_eq!(judge(made(0), now, false), Ok(()));
        assert_eq!(judge(made(60), now, false), Ok(()));
        assert_eq!(judge(made(61), now, false), Err(Stale::Old { age: Duration::from_secs(61) }));
        assert_eq!(judge(made(3), now, true), Err(Stale::Syncing));
        assert_eq!(
            judge(Timestamp::new(0), now, true),
            Err(Stale::Old { age: Duration::from_secs(1_000) }),
            "genesis"
        );
        // The clock of the block's author may be ahead of ours.
        assert_eq!(judge(Timestamp::new(1_002_000), now, false), Ok(()));
    }
}
