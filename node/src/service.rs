//! Wires the parts of a node together, and decides nothing: behaviour lives in the runtime, the sc-* crates and the
//! worker.
//!
//! This file builds what every command needs (database, client, block import); `service/run.rs` starts a node from
//! it, with the consensus tasks of `service/consensus.rs`.

mod consensus;
mod run;

use crate::{chain_spec, Edition};
use conclave_runtime::{BlockNumber, RuntimeApi};
use sc_consensus::DefaultImportQueue;
use sc_executor::{HeapAllocStrategy, WasmExecutor, DEFAULT_HEAP_ALLOC_STRATEGY};
use sc_service::{ChainType, Configuration, Error, KeystoreContainer, TaskManager};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_babe::{
    inherents::{BabeCreateInherentDataProviders, InherentDataProvider as SlotProvider},
    SlotDuration,
};
use sp_timestamp::InherentDataProvider as TimestampProvider;
use std::{env, path::PathBuf, sync::Arc};

pub(crate) use conclave_runtime::{opaque::Block, Hash};
pub(crate) use run::run;

/// Standard host functions only: light clients and forking tools run the same runtime.
type Executor = WasmExecutor<sp_io::SubstrateHostFunctions>;
pub(crate) type Client = sc_service::TFullClient<Block, RuntimeApi, Executor>;
pub(crate) type Backend = sc_service::TFullBackend<Block>;
pub(crate) type SelectChain = sc_consensus::LongestChain<Backend, Block>;
pub(crate) type TransactionPool = sc_transaction_pool::TransactionPoolHandle<Block, Client>;
pub(crate) type BabeWorkerHandle = sc_consensus_babe::BabeWorkerHandle<Block>;
type GrandpaImport = sc_consensus_grandpa::GrandpaBlockImport<Backend, Block, Client, SelectChain>;
type GrandpaLink = sc_consensus_grandpa::LinkHalf<Block, Client, SelectChain>;
type BabeImport = sc_consensus_babe::BabeBlockImport<
    Block,
    Client,
    GrandpaImport,
    BabeCreateInherentDataProviders<Block>,
    SelectChain,
>;

/// GRANDPA keeps a justification at least every so many blocks, for light clients and warp sync.
const JUSTIFICATION_PERIOD: BlockNumber = 512;

/// What a node is made of before it has a network.
struct Parts {
    client: Arc<Client>,
    backend: Arc<Backend>,
    keystore: KeystoreContainer,
    task_manager: TaskManager,
    select_chain: SelectChain,
    transaction_pool: Arc<TransactionPool>,
    import_queue: DefaultImportQueue<Block>,
    block_import: BabeImport,
    babe_link: sc_consensus_babe::BabeLink<Block>,
    babe_worker: BabeWorkerHandle,
    grandpa_link: GrandpaLink,
    telemetry: Option<Telemetry>,
}

/// What the commands that work on the database need.
pub(crate) struct ChainOperations {
    pub(crate) client: Arc<Client>,
    pub(crate) backend: Arc<Backend>,
    pub(crate) import_queue: DefaultImportQueue<Block>,
    pub(crate) task_manager: TaskManager,
}

pub(crate) fn chain_operations(
    mut config: Configuration,
    edition: Edition,
) -> Result<ChainOperations, Error> {
    // The keystore is not read, and its password must not be asked for.
    config.keystore = sc_service::config::KeystoreConfig::InMemory;
    let Parts { client, backend, import_queue, task_manager, .. } = parts(&mut config, edition)?;
    Ok(ChainOperations { client, backend, import_queue, task_manager })
}

/// BABE and GRANDPA keep data of their own beside the blocks, which must go back with them.
pub(crate) fn revert_consensus(
    client: Arc<Client>,
    backend: Arc<Backend>,
    blocks: BlockNumber,
) -> Result<(), sc_cli::Error> {
    sc_consensus_babe::revert(client.clone(), backend, blocks)?;
    Ok(sc_consensus_grandpa::revert(client, blocks)?)
}

fn parts(config: &mut Configuration, edition: Edition) -> Result<Parts, Error> {
    chain_spec::build_genesis(&mut *config.chain_spec, edition).map_err(Error::Other)?;
    let (telemetry_worker, telemetry) = telemetry(config)?;
    let telemetry_handle = telemetry.as_ref().map(Telemetry::handle);
    let (client, backend, keystore, task_manager) = sc_service::new_full_parts::<Block, RuntimeApi, _>(
        config,
        telemetry_handle.clone(),
        executor(config),
        Vec::new(),
    )?;
    let client = Arc::new(client);
    if let Some(worker) = telemetry_worker {
        task_manager.spawn_handle().spawn("telemetry", None, worker.run());
    }

    let select_chain = SelectChain::new(backend.clone());
    let transaction_pool = Arc::new(
        sc_transaction_pool::Builder::new(
            task_manager.spawn_essential_handle(),
            client.clone(),
            config.role.is_authority().into(),
        )
        .with_options(config.transaction_pool.clone())
        .with_prometheus(config.prometheus_registry())
        .build(),
    );

    // A block goes through BABE's import into GRANDPA's into the client; justifications go to GRANDPA directly.
    let (grandpa_import, grandpa_link) = sc_consensus_grandpa::block_import(
        client.clone(),
        JUSTIFICATION_PERIOD,
        &client,
        select_chain.clone(),
        telemetry_handle.clone(),
    )?;
    let babe_config = sc_consensus_babe::configuration(&*client)?;
    let slot_duration = babe_config.slot_duration();
    let (block_import, babe_link) = sc_consensus_babe::block_import(
        babe_config,
        grandpa_import.clone(),
        client.clone(),
        Arc::new(move |_, _| async move { Ok(inherent_providers(slot_duration)) })
            as BabeCreateInherentDataProviders<Block>,
        select_chain.clone(),
        OffchainTransactionPoolFactory::new(transaction_pool.clone()),
    )?;
    let (import_queue, babe_worker) =
        sc_consensus_babe::import_queue(sc_consensus_babe::ImportQueueParams {
            link: babe_link.clone(),
            block_import: block_import.clone(),
            justification_import: Some(Box::new(grandpa_import)),
            client: client.clone(),
            slot_duration,
            spawner: &task_manager.spawn_essential_handle(),
            registry: config.prometheus_registry(),
            telemetry: telemetry_handle,
        })?;

    Ok(Parts {
        client,
        backend,
        keystore,
        task_manager,
        select_chain,
        transaction_pool,
        import_queue,
        block_import,
        babe_link,
        babe_worker,
        grandpa_link,
        telemetry,
    })
}

/// Compiles runtimes, and keeps what it compiled: compiling takes seconds, at every start anew.
fn executor(config: &Configuration) -> Executor {
    let settings = &config.executor;
    let heap = settings
        .default_heap_pages
        .map_or(DEFAULT_HEAP_ALLOC_STRATEGY, |pages| HeapAllocStrategy::Static { extra_pages: pages as u32 });
    WasmExecutor::builder()
        .with_execution_method(settings.wasm_method)
        .with_onchain_heap_alloc_strategy(heap)
        .with_offchain_heap_alloc_strategy(heap)
        .with_max_runtime_instances(settings.max_runtime_instances)
        .with_runtime_cache_size(settings.runtime_cache_size)
        .with_cache_path(compiled_runtimes(config))
        .build()
}

/// In the data folder; but that of a development chain is thrown away after every use, so theirs are kept with the
/// user's other caches. (Who can write there can run code as the user anyway; wasmtime bounds its size.)
fn compiled_runtimes(config: &Configuration) -> PathBuf {
    let is_live = !matches!(config.chain_spec.chain_type(), ChainType::Development | ChainType::Local);
    let caches = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .filter(|path| path.is_absolute() && !is_live);
    caches.map_or_else(|| config.data_path.clone(), |path| path.join("conclave")).join("compiled-runtimes")
}

/// What a block author puts into its block, and an importer checks: the time and the slot that contains it.
fn inherent_providers(slot_duration: SlotDuration) -> (SlotProvider, TimestampProvider) {
    let timestamp = TimestampProvider::from_system_time();
    (SlotProvider::from_timestamp_and_slot_duration(*timestamp, slot_duration), timestamp)
}

fn telemetry(config: &Configuration) -> Result<(Option<TelemetryWorker>, Option<Telemetry>), Error> {
    let Some(endpoints) = config.telemetry_endpoints.clone().filter(|endpoints| !endpoints.is_empty()) else {
        return Ok((None, None));
    };
    let worker = TelemetryWorker::new(16)?;
    let telemetry = worker.handle().new_telemetry(endpoints);
    Ok((Some(worker), Some(telemetry)))
}
