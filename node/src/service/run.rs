//! Starts a node: network, RPC, consensus, and (at the hooks) the worker.

use super::{consensus, parts, Block, Hash, Parts};
use crate::{external_chains::Outside, rpc, worker, Edition};
use sc_client_api::BlockBackend;
use sc_consensus_grandpa::{FinalityProofProvider, SharedVoterState};
use sc_network::{config::FullNetworkConfiguration, NetworkBackend};
use sc_service::{BuildNetworkParams, Configuration, Error, SpawnTasksParams, TaskManager, WarpSyncConfig};
use sc_telemetry::Telemetry;
use std::sync::Arc;

pub(crate) async fn run<N: NetworkBackend<Block, Hash>>(
    mut config: Configuration,
    outside: Outside,
    edition: Edition,
) -> Result<TaskManager, Error> {
    let machine = worker::open_machine(&mut config, edition)?;
    let Parts {
        client,
        backend,
        keystore,
        mut task_manager,
        select_chain,
        transaction_pool,
        import_queue,
        block_import,
        babe_link,
        babe_worker,
        grandpa_link,
        mut telemetry,
    } = parts(&mut config, edition)?;
    worker::check_roots(&client, (edition.anchors)()).map_err(Error::Other)?;
    let genesis_hash =
        client.block_hash(0)?.ok_or_else(|| Error::Other("the database has no genesis block".into()))?;
    let worker_keys = worker::Keys::load(&mut config, genesis_hash.0, machine)?;
    let registry = config.prometheus_registry().cloned();
    let metrics = N::register_notification_metrics(registry.as_ref());
    let mut network_config = FullNetworkConfiguration::<_, _, N>::new(&config.network, registry.clone());
    let peer_store = network_config.peer_store_handle();
    let grandpa_protocol = sc_consensus_grandpa::protocol_standard_name(&genesis_hash, &config.chain_spec);
    let (grandpa_protocol_config, grandpa_notifications) =
        sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
            grandpa_protocol.clone(),
            metrics.clone(),
            peer_store.clone(),
        );
    network_config.add_notification_protocol(grandpa_protocol_config);

    let (worker_protocol_config, worker_notifications) =
        worker::protocol::<N>(&genesis_hash.0, metrics.clone(), peer_store);
    network_config.add_notification_protocol(worker_protocol_config);

    let warp_sync = Arc::new(sc_consensus_grandpa::warp_proof::NetworkProvider::new(
        backend.clone(),
        grandpa_link.shared_authority_set().clone(),
        Vec::new(),
    ));
    let (network, system_rpc_tx, tx_handler_controller, sync_service, _bitswap) =
        sc_service::build_network(BuildNetworkParams {
            config: &config,
            net_config: network_config,
            client: client.clone(),
            transaction_pool: transaction_pool.clone(),
            spawn_handle: task_manager.spawn_handle(),
            spawn_essential_handle: task_manager.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
            block_relay: None,
            metrics,
            gap_sync_body_policy: None,
        })?;

    let slot_duration = babe_link.config().slot_duration();
    let is_authority = config.role.is_authority();
    let shared_voter_state = SharedVoterState::empty();
    let authoring = consensus::Authoring {
        client: client.clone(),
        keystore: keystore.keystore(),
        select_chain: select_chain.clone(),
        transaction_pool: transaction_pool.clone(),
        block_import,
        babe_link,
        sync_service: sync_service.clone(),
        force_authoring: config.force_authoring,
        registry: registry.clone(),
    };
    let finality = consensus::Finality {
        role: config.role,
        name: config.network.node_name.clone(),
        keystore: is_authority.then(|| keystore.keystore()),
        protocol: grandpa_protocol,
        network: network.clone(),
        notifications: grandpa_notifications,
        sync_service: sync_service.clone(),
        transaction_pool: transaction_pool.clone(),
        shared_voter_state: shared_voter_state.clone(),
        voting_rules: consensus::Finality::voting_rules(config.chain_spec.chain_type()),
        gossip_duration: consensus::Finality::gossip_duration(config.chain_spec.chain_type()),
        registry: registry.clone(),
    };
    let is_grandpa_enabled = !config.disable_grandpa;
    let _authority_discovery = consensus::spawn_authority_discovery(
        &task_manager,
        &config,
        client.clone(),
        network.clone(),
        is_authority.then(|| keystore.keystore()),
    );

    let worker = worker::spawn(
        worker::Dependencies {
            client: client.clone(),
            transaction_pool: transaction_pool.clone(),
            network: network.clone(),
            sync: sync_service.clone(),
            slot_duration,
            notifications: worker_notifications,
            keys: worker_keys,
            keystore: keystore.keystore(),
            directory: worker::directory(&config),
            genesis: genesis_hash.0,
            outside,
            edition,
        },
        &config,
        &task_manager,
    )?;

    let rpc_dependencies = rpc::Dependencies {
        client: client.clone(),
        transaction_pool: transaction_pool.clone(),
        select_chain,
        keystore: keystore.keystore(),
        babe_worker,
        grandpa: rpc::GrandpaDependencies {
            shared_voter_state,
            shared_authority_set: grandpa_link.shared_authority_set().clone(),
            justification_stream: grandpa_link.justification_stream(),
            finality_proof_provider: FinalityProofProvider::new_for_service(
                backend.clone(),
                Some(grandpa_link.shared_authority_set().clone()),
            ),
        },
        worker,
        genesis: genesis_hash.0,
    };
    let chain_spec = config.chain_spec.cloned_box();
    sc_service::spawn_tasks(SpawnTasksParams {
        config,
        client,
        backend,
        task_manager: &mut task_manager,
        keystore: keystore.keystore(),
        transaction_pool,
        rpc_builder: Box::new(move |executor| {
            Ok(rpc::create(rpc_dependencies.clone(), chain_spec.cloned_box(), executor)?)
        }),
        network,
        system_rpc_tx,
        tx_handler_controller,
        sync_service,
        telemetry: telemetry.as_mut(),
        tracing_execute_block: None,
    })?;

    let telemetry = telemetry.as_ref().map(Telemetry::handle);
    if is_authority {
        authoring.spawn(&task_manager, telemetry.clone())?;
    }
    if is_grandpa_enabled {
        finality.spawn(&task_manager, grandpa_link, telemetry)?;
    }
    Ok(task_manager)
}
