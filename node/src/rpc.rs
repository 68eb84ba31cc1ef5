//! What the node answers over JSON-RPC beyond what every Substrate node does (`chain_`, `state_`, `author_` … are
//! added by sc-service).

mod conclave;
mod errors;
mod execution;
mod jobs;

use self::conclave::ConclaveApiServer;
use crate::service::{BabeWorkerHandle, Backend, Block, Client, Hash, SelectChain, TransactionPool};
use conclave_runtime::BlockNumber;
use jsonrpsee::RpcModule;
use sc_consensus_babe_rpc::{Babe, BabeApiServer};
use sc_consensus_grandpa::{
    FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_rpc::SubscriptionTaskExecutor;
use sc_sync_state_rpc::{SyncState, SyncStateApiServer};
use sp_keystore::KeystorePtr;
use std::sync::Arc;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// What the methods read: handles only, so that one set serves every connection.
#[derive(Clone)]
pub(crate) struct Dependencies {
    pub(crate) client: Arc<Client>,
    pub(crate) transaction_pool: Arc<TransactionPool>,
    pub(crate) select_chain: SelectChain,
    pub(crate) keystore: KeystorePtr,
    pub(crate) babe_worker: BabeWorkerHandle,
    pub(crate) grandpa: GrandpaDependencies,
    pub(crate) worker: crate::worker::Handle,
    pub(crate) genesis: conclave_primitives::GenesisHash,
}

#[derive(Clone)]
pub(crate) struct GrandpaDependencies {
    pub(crate) shared_voter_state: SharedVoterState,
    pub(crate) shared_authority_set: SharedAuthoritySet<Hash, BlockNumber>,
    pub(crate) justification_stream: GrandpaJustificationStream<Block>,
    pub(crate) finality_proof_provider: Arc<FinalityProofProvider<Backend, Block>>,
}

pub(crate) fn create(
    dependencies: Dependencies,
    chain_spec: Box<dyn sc_chain_spec::ChainSpec>,
    subscription_executor: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>> {
    use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
    use substrate_frame_rpc_system::{System, SystemApiServer};

    let Dependencies {
        client,
        transaction_pool,
        select_chain,
        keystore,
        babe_worker,
        grandpa,
        worker,
        genesis,
    } = dependencies;
    let mut module = RpcModule::new(());
    module.merge(System::new(client.clone(), transaction_pool).into_rpc())?;
    module.merge(TransactionPayment::new(client.clone()).into_rpc())?;
    module.merge(Babe::new(client.clone(), babe_worker.clone(), keystore, select_chain).into_rpc())?;
    module.merge(
        Grandpa::new(
            subscription_executor,
            grandpa.shared_authority_set.clone(),
            grandpa.shared_voter_state,
            grandpa.justification_stream,
            grandpa.finality_proof_provider,
        )
        .into_rpc(),
    )?;
    module
        .merge(SyncState::new(chain_spec, client, grandpa.shared_authority_set, babe_worker)?.into_rpc())?;
    module.merge(conclave::Conclave::new(worker, genesis).into_rpc())?;
    Ok(module)
}
