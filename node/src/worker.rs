//! The worker's adapters: the only code that knows both Substrate and the worker.
//!
//! `action` runs actions in a sandbox, `chain` reads finalized state, `submit` sends extrinsics, `network` carries frames,
//! which wait in an `inbox`, `store` keeps records and `sealed` seals them, `rewrap` hands them to the next release, `node_keys` seals the node's
//! own keys, `keys` finds the worker's, `attestor` proves the machine, `external` asks other chains, those that `circuits`
//! admits, `check` evaluates conditions for who is curious, `inquiry` finds out what logins hang on, `driver` runs a `member` on a thread
//! of its own and `metrics` counts.

mod action;
mod attestor;
mod chain;
mod check;
mod circuits;
mod driver;
mod external;
mod inbox;
mod inquiry;
mod keys;
mod member;
mod metrics;
mod network;
mod node_keys;
pub mod rewrap;
mod sealed;
mod store;
mod submit;

use crate::{
    external_chains::Outside,
    service::{Client, TransactionPool},
    Edition, Machine,
};
use conclave_worker::WorkerSecrets;
use sc_network::{
    service::traits::{NetworkService, NotificationService},
    ProtocolName,
};
use sc_service::{ChainType, Configuration, Error, TaskManager};
use sp_consensus::SyncOracle;
use sp_consensus_babe::SlotDuration;
use sp_keystore::KeystorePtr;
use std::{collections::HashMap, path::PathBuf, sync::Arc};
use tokio::sync::mpsc;

pub(crate) use action::{auth_context, Local, Traced, ANSWERABLE};
pub(crate) use attestor::check_roots;
use attestor::Attestor;
pub use chain::FinalizedState;
pub(crate) use chain::Stale;
pub(crate) use driver::{Handle, Unavailable};
pub use keys::development_keys;
pub(crate) use keys::Keys;
pub use member::{honest_member, MakeMember, Member};
pub(crate) use network::{protocol, Notifications};
pub(crate) use node_keys::transport_key;
pub use sealed::Records;

/// What the worker is built on.
pub(crate) struct Dependencies {
    pub(crate) client: Arc<Client>,
    pub(crate) transaction_pool: Arc<TransactionPool>,
    pub(crate) network: Arc<dyn NetworkService>,
    pub(crate) sync: Arc<dyn SyncOracle + Send + Sync>,
    pub(crate) slot_duration: SlotDuration,
    pub(crate) notifications: Notifications,
    pub(crate) keys: Keys,
    pub(crate) keystore: KeystorePtr,
    pub(crate) directory: PathBuf,
    pub(crate) genesis: [u8; 32],
    pub(crate) outside: Outside,
    pub(crate) edition: Edition,
}

/// Where the worker keeps its records.
pub(crate) fn directory(config: &Configuration) -> PathBuf {
    config.data_path.join("conclave")
}

/// The machine of a validator, which does not start without one; seals what the node itself has on disk. Before that is read.
pub(crate) fn open_machine(
    config: &mut Configuration,
    edition: Edition,
) -> Result<Option<Arc<dyn Machine>>, Error> {
    if !config.role.is_authority() {
        return Ok(None);
    }
    let machine = (edition.machine)(&directory(config)).map_err(Error::Other)?;
    node_keys::seal(config, &machine)?;
    Ok(Some(machine))
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
        keystore,
        directory,
        genesis,
        outside,
        edition,
    } = dependencies;
    let Outside { endpoints, actions, ipfs_gateway } = outside;
    let metrics = metrics::Metrics::register(config.prometheus_registry())
        .map_err(|error| Error::Other(format!("metrics of the worker: {error}")))?;
    let submitter = submit::Submitter::new(client.clone(), transaction_pool, task_manager.spawn_handle());
    let asks = metrics::Asks::register(config.prometheus_registry())
        .map_err(|error| Error::Other(format!("metrics of external chains: {error}")))?;
    let external = external::ExternalChains::new(endpoints, asks);
    let reader = chain::FinalizedState::new(client.clone(), sync, slot_duration, external.clone());
    let virtual_members = config.chain_spec.chain_type() == ChainType::Development && keys.is_development();
    // One process that is a whole network has nobody to keep secrets from.
    let traces = virtual_members.then(action::Traces::default);
    let sandbox = action::Sandbox::new(actions, ipfs_gateway, external.clone(), traces);
    let machine = keys.machine.clone();
    let identities: Vec<WorkerSecrets> =
        if virtual_members { keys::development_members() } else { vec![keys.into_secrets()] };

    let mut attestors = Vec::new();
    let mut build = |secrets: WorkerSecrets, directory: PathBuf| -> Result<_, Error> {
        let files = store::FileRecords::open(&directory)
            .map_err(|error| Error::Other(format!("worker's records in {}: {error}", directory.display())))?;
        let machine = match (&machine, virtual_members) {
            // Each member is to have proved one of its own.
            (Some(_), true) => Some((edition.machine)(&directory).map_err(Error::Other)?),
            (machine, _) => machine.clone(),
        };
        let seal = match &machine {
            Some(machine) => {
                let validator = secrets.public().transport;
                Some(sealed::Seal::new(machine.clone(), genesis, validator).map_err(Error::Other)?)
            }
            None => None,
        };
        let public = secrets.public();
        let records = sealed::Records::new(files, seal);
        let (computations, queue) = mpsc::unbounded_channel();
        let mut driver = driver::Driver::new(
            (edition.member)(genesis, secrets, records),
            public,
            reader.clone(),
            submitter.clone(),
            metrics.clone(),
            driver::Runners {
                computations,
                external: external.clone(),
                actions: action::Actions::new(
                    genesis,
                    sandbox.clone(),
                    reader.clone(),
                    task_manager.spawn_handle(),
                ),
                spawner: task_manager.spawn_handle(),
            },
        );
        task_manager.spawn_essential_handle().spawn_blocking(
            "conclave-computations",
            Some("conclave"),
            driver::compute(queue, driver.handle()),
        );
        if let Some(machine) = machine {
            let (client, keystore) = (client.clone(), keystore.clone());
            let attestor = Attestor::new(client, keystore, machine, (edition.anchors)(), driver.handle());
            let attestor = Arc::new(attestor);
            driver.prove_by(attestor.clone());
            attestors.push(attestor);
        }
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

    if !attestors.is_empty() {
        task_manager.spawn_essential_handle().spawn_blocking(
            "conclave-attestation",
            Some("conclave"),
            attestor::attest(attestors, client, submitter),
        );
    }

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
