//! The tasks that make blocks, finalise them, and tell other nodes where the authorities are. All are essential: a
//! validator that silently stops one of them would be slashed or forgotten.

use super::{inherent_providers, BabeImport, Block, Client, GrandpaLink, SelectChain, TransactionPool};
use futures::StreamExt;
use sc_consensus_babe::{BabeLink, BabeParams, SlotProportion};
use sc_consensus_grandpa::{GrandpaParams, SharedVoterState, VotingRulesBuilder};
use sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging;
use sc_network::{
    service::traits::NetworkService, Event, NetworkEventStream, NotificationService, ProtocolName,
};
use sc_network_sync::SyncingService;
use sc_service::{ChainType, Configuration, Error, Role, TaskManager};
use sc_telemetry::TelemetryHandle;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_keystore::KeystorePtr;
use std::{sync::Arc, time::Duration};
use substrate_prometheus_endpoint::Registry;

/// Of a slot, the part that an author may spend on filling its block: the rest is for the block to travel.
const PROPOSAL_PORTION: f32 = 0.5;

/// How long GRANDPA waits for votes to arrive before it goes on with what it has; Substrate's own default.
const GOSSIP_DURATION: Duration = Duration::from_millis(333);
/// The same where the only voter is this process: a round takes four of these, and every phase of a key generation
/// waits for one.
const DEVELOPMENT_GOSSIP_DURATION: Duration = Duration::from_millis(50);

/// Block production by BABE.
pub(super) struct Authoring {
    pub(super) client: Arc<Client>,
    pub(super) keystore: KeystorePtr,
    pub(super) select_chain: SelectChain,
    pub(super) transaction_pool: Arc<TransactionPool>,
    pub(super) block_import: BabeImport,
    pub(super) babe_link: BabeLink<Block>,
    pub(super) sync_service: Arc<SyncingService<Block>>,
    pub(super) force_authoring: bool,
    pub(super) registry: Option<Registry>,
}

impl Authoring {
    pub(super) fn spawn(self, tasks: &TaskManager, telemetry: Option<TelemetryHandle>) -> Result<(), Error> {
        let proposer = sc_basic_authorship::ProposerFactory::new(
            tasks.spawn_handle(),
            self.client.clone(),
            self.transaction_pool,
            self.registry.as_ref(),
            telemetry.clone(),
        );
        let slot_duration = self.babe_link.config().slot_duration();
        let babe = sc_consensus_babe::start_babe(BabeParams {
            keystore: self.keystore,
            client: self.client,
            select_chain: self.select_chain,
            env: proposer,
            block_import: self.block_import,
            sync_oracle: self.sync_service.clone(),
            justification_sync_link: self.sync_service,
            create_inherent_data_providers: move |_, ()| async move { Ok(inherent_providers(slot_duration)) },
            force_authoring: self.force_authoring,
            // Without finality, authors slow down instead of growing a chain that may be thrown away.
            backoff_authoring_blocks: Some(BackoffAuthoringOnFinalizedHeadLagging::default()),
            babe_link: self.babe_link,
            block_proposal_slot_portion: SlotProportion::new(PROPOSAL_PORTION),
            max_block_proposal_slot_portion: None,
            telemetry,
        })?;
        tasks.spawn_essential_handle().spawn_blocking("babe", Some("block-authoring"), babe);
        Ok(())
    }
}

/// Finality by GRANDPA: with a keystore as a voter, without one as an observer.
pub(super) struct Finality {
    pub(super) role: Role,
    pub(super) name: String,
    pub(super) keystore: Option<KeystorePtr>,
    pub(super) protocol: ProtocolName,
    pub(super) network: Arc<dyn NetworkService>,
    pub(super) notifications: Box<dyn NotificationService>,
    pub(super) sync_service: Arc<SyncingService<Block>>,
    pub(super) transaction_pool: Arc<TransactionPool>,
    pub(super) shared_voter_state: SharedVoterState,
    pub(super) voting_rules: VotingRulesBuilder<Block, Client>,
    pub(super) gossip_duration: Duration,
    pub(super) registry: Option<Registry>,
}

impl Finality {
    /// How far behind the best block a voter votes. A chain of one process has no forks to wait out.
    pub(super) fn voting_rules(chain: ChainType) -> VotingRulesBuilder<Block, Client> {
        match chain {
            ChainType::Development => VotingRulesBuilder::new(),
            _ => VotingRulesBuilder::default(),
        }
    }

    pub(super) fn gossip_duration(chain: ChainType) -> Duration {
        match chain {
            ChainType::Development => DEVELOPMENT_GOSSIP_DURATION,
            _ => GOSSIP_DURATION,
        }
    }

    pub(super) fn spawn(
        self,
        tasks: &TaskManager,
        link: GrandpaLink,
        telemetry: Option<TelemetryHandle>,
    ) -> Result<(), Error> {
        let voter = sc_consensus_grandpa::run_grandpa_voter(GrandpaParams {
            config: sc_consensus_grandpa::Config {
                gossip_duration: self.gossip_duration,
                justification_generation_period: super::JUSTIFICATION_PERIOD,
                observer_enabled: false,
                local_role: self.role,
                name: Some(self.name),
                keystore: self.keystore,
                telemetry: telemetry.clone(),
                protocol_name: self.protocol,
            },
            link,
            network: self.network,
            sync: self.sync_service,
            notification_service: self.notifications,
            voting_rule: self.voting_rules.build(),
            prometheus_registry: self.registry,
            shared_voter_state: self.shared_voter_state,
            telemetry,
            offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(self.transaction_pool),
        })?;
        tasks.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
        Ok(())
    }
}

/// Every node looks authorities up, since every node passes requests on to the committee; authorities also publish
/// their own addresses, signed with their key.
pub(super) fn spawn_authority_discovery(
    tasks: &TaskManager,
    config: &Configuration,
    client: Arc<Client>,
    network: Arc<dyn NetworkService>,
    authority_keystore: Option<KeystorePtr>,
) -> sc_authority_discovery::Service {
    let role = match authority_keystore {
        Some(keystore) => sc_authority_discovery::Role::PublishAndDiscover(keystore),
        None => sc_authority_discovery::Role::Discover,
    };
    let events = network.event_stream("authority-discovery").filter_map(|event| async move {
        match event {
            Event::Dht(event) => Some(event),
            _ => None,
        }
    });
    let (worker, service) = sc_authority_discovery::new_worker_and_service_with_config(
        sc_authority_discovery::WorkerConfig {
            publish_non_global_ips: config.network.allow_non_globals_in_dht,
            public_addresses: config.network.public_addresses.clone(),
            strict_record_validation: true,
            persisted_cache_directory: config.network.net_config_path.clone(),
            ..Default::default()
        },
        client,
        Arc::new(network),
        Box::pin(events),
        role,
        config.prometheus_registry().cloned(),
        tasks.spawn_handle(),
    );
    tasks.spawn_handle().spawn("authority-discovery", Some("networking"), worker.run());
    service
}
