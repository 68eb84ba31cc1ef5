//! The worker's adapters: the only code that knows both Substrate and the worker.
//!
//! `chain` reads finalized state, `submit` sends extrinsics, `network` carries frames, `store` keeps records, `keys`
//! finds the worker's keys, `external` asks other chains, `check` evaluates conditions for who is curious, `inquiry` finds out what logins hang on,
//! `driver` runs the worker on a thread of its own and `metrics` counts.

mod chain;
mod check;
mod driver;
mod external;
mod inquiry;
mod keys;
mod metrics;
mod network;
mod store;
mod submit;

use crate::service::{Client, TransactionPool};
use conclave_worker::WorkerSecrets;
use sc_network::{
    service::traits::{NetworkService, NotificationService},
    ProtocolName,
};
use sc_service::{ChainType, Configuration, Error, TaskManager};
use sp_consensus::SyncOracle;
use sp_consensus_babe::SlotDuration;
use std::{collections::HashMap, path::PathBuf, sync::Arc};
use tokio::sync::mpsc;

pub(crate) use chain::Stale;
pub(crate) use driver::{Handle, Unavailable};
pub(crate) use keys::Keys;
pub(crate) use network::{protocol, Notifications};

/// What the worker is built on.
pub(crate) struct Dependencies {
    pub(crate) client: Arc<Client>,
    pub(crate) transaction_pool: Arc<TransactionPool>,
    pub(crate) network: Arc<dyn NetworkService>,
    pub(crate) sync: Arc<dyn SyncOracle + Send + Sync>,
    pub(crate) slot_duration: SlotDuration,
    pub(crate) notifications: Notifications,
    pub(crate) keys: Keys,
    pub(crate) directory: PathBuf,
    pub(crate) genesis: [u8; 32],
    pub(crate) endpoints: conclave_egress::Endpoints,
}

/// Where the worker keeps its records.
pub(crate) fn directory(config: &Configuration) -> PathBuf {
    config.data_path.join("conclave")
}

/// Starts the node's worker, or on a development chain its four, and returns a handle to the first.
pub(crate) fn spawn(
    dependencies: Dependencies,
    config: &Configuration,
    task_manager: &TaskManager,
) -> Result<Handle, Error> {
    let Dependencies {
        client,
        transaction_pool,
        network,
        sync,
        slot_duration,
        notifications,
        keys,
        directory,
        genesis,
        endpoints,
    } = dependencies;
    let metrics = metrics::Metrics::register(config.prometheus_registry())
        .map_err(|error| Error::Other(format!("metrics of the worker: {error}")))?;
    let submitter = submit::Submitter::new(client.clone(), transaction_pool, task_manager.spawn_handle());
    let asks = metrics::Asks::register(config.prometheus_registry())
        .map_err(|error| Error::Other(format!("metrics of external chains: {error}")))?;
    let external = external::ExternalChains::new(endpoints, asks);
    let reader = chain::FinalizedState::new(client, sync, slot_duration, external.clone());
    let virtual_members = config.chain_spec.chain_type() == ChainType::Development && keys.is_development();
    let identities: Vec<WorkerSecrets> =
        if virtual_members { keys::development_members() } else { vec![keys.into_secrets()] };

    let build = |secrets: WorkerSecrets, directory: PathBuf| -> Result<_, Error> {
        let records = store::FileRecords::open(&directory)
            .map_err(|error| Error::Other(format!("worker's records in {}: {error}", directory.display())))?;
        let (computations, queue) = mpsc::unbounded_channel();
        let driver = driver::Driver::new(
            genesis,
            secrets,
            records,
            reader.clone(),
            submitter.clone(),
            metrics.clone(),
            driver::Runners {
                computations,
                external: external.clone(),
                spawner: task_manager.spawn_handle(),
            },
        );
        task_manager.spawn_essential_handle().spawn_blocking(
            "conclave-computations",
            Some("conclave"),
            driver::compute(queue, driver.handle()),
        );
        Ok(driver)
    };
    let mut drivers = Vec::new();
    for (position, secrets) in identities.into_iter().enumerate() {
        let directory = if virtual_members {
            directory.join(format!("member-{}", position + 1))
        } else {
            directory.clone()
        };
        drivers.push(build(secrets, directory)?);
    }
    let handles: Vec<Handle> = drivers.iter().map(driver::Driver::handle).collect();
    let first = handles.first().cloned().ok_or_else(|| Error::Other("no worker".into()))?;
    // Essential too: without it the worker would go on with a view of the chain that stands still.
    task_manager.spawn_essential_handle().spawn(
        "conclave-finality",
        Some("conclave"),
        chain::follow(reader, handles.clone()),
    );

    if virtual_members {
        let peers: HashMap<_, _> =
            handles.iter().map(|handle| (handle.transport_key(), handle.clone())).collect();
        for driver in drivers {
            spawn_driver(task_manager, driver, driver::Transport::Memory(peers.clone()));
        }
    } else if let Some(driver) = drivers.pop() {
        let (outbox, task) = network::connect(network, notifications, first.clone());
        task_manager.spawn_essential_handle().spawn("conclave-network", Some("conclave"), task);
        spawn_driver(task_manager, driver, driver::Transport::Network(outbox));
    }
    Ok(first)
}

/// Essential: a worker that panics takes the node down with it, so that its operator notices.
fn spawn_driver(task_manager: &TaskManager, driver: driver::Driver, transport: driver::Transport) {
    task_manager.spawn_essential_handle().spawn_blocking(
        "conclave-worker",
        Some("conclave"),
        driver.run(transport),
    );
}

/// The worker's notification protocol, named after the chain.
pub(crate) fn protocol_name(genesis: &[u8; 32]) -> ProtocolName {
    format!("/{}/conclave/1", hex::encode(genesis)).into()
}

pub(crate) type NotificationHandle = Box<dyn NotificationService>;
