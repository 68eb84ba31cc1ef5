//! Finalized state, through the runtime's APIs.

use super::driver::Handle;
use crate::service::Client;
use conclave_primitives::{
    api::{CommitteeApi, PkpApi},
    AuthMethod, ParticipantIndex, PkpId, PkpView, Scopes,
};
use conclave_worker::{
    ports::{ReadChain, ReadError},
    ChainView, Event,
};
use futures::StreamExt;
use sc_client_api::BlockchainEvents;
use sp_api::{ApiError, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

/// Reads at the last finalized block.
#[derive(Clone)]
pub(super) struct FinalizedState {
    client: Arc<Client>,
}

impl FinalizedState {
    pub(super) fn new(client: Arc<Client>) -> Self {
        Self { client }
    }
}

fn unreadable(error: ApiError) -> ReadError {
    ReadError(error.to_string())
}

impl ReadChain for FinalizedState {
    fn read_pkp(&self, pkp: &PkpId, method: &AuthMethod) -> Result<Option<(PkpView, Scopes)>, ReadError> {
        let at = self.client.info().finalized_hash;
        let api = self.client.runtime_api();
        let Some(view) = api.pkp(at, *pkp).map_err(unreadable)? else { return Ok(None) };
        let scopes = api.scopes(at, *pkp, *method).map_err(unreadable)?.unwrap_or_default();
        Ok(Some((view, scopes)))
    }

    fn read_dealings(&self) -> Result<Vec<(ParticipantIndex, Vec<u8>)>, ReadError> {
        self.client.runtime_api().dealings(self.client.info().finalized_hash).map_err(unreadable)
    }
}

/// Tells the workers of every finalized block. One that is missed is made up for by the next.
pub(super) async fn follow(client: Arc<Client>, workers: Vec<Handle>) {
    let mut finality = client.finality_notification_stream();
    tell(&client, &workers);
    while finality.next().await.is_some() {
        tell(&client, &workers);
    }
}

fn tell(client: &Arc<Client>, workers: &[Handle]) {
    match view(client) {
        Ok(view) => workers.iter().for_each(|worker| worker.tell(Event::Finalized(view.clone()))),
        Err(error) => log::warn!(target: "conclave::chain", "finalized state could not be read: {error}"),
    }
}

fn view(client: &Arc<Client>) -> Result<ChainView, ApiError> {
    let info = client.info();
    let api = client.runtime_api();
    Ok(ChainView {
        finalized: info.finalized_number,
        committee: api.committee(info.finalized_hash)?,
        attempt: api.attempt(info.finalized_hash)?,
    })
}
