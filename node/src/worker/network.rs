//! Frames over a libp2p notification protocol. Members are reserved peers, found by the peer ids that their transport
//! keys are; others may connect as gateways, in a few slots.

use super::{driver::Handle, protocol_name, NotificationHandle};
use crate::service::{Block, Hash};
use conclave_worker::{Event, TransportKey, MAX_FRAME_BYTES};
use futures::Future;
use sc_network::{
    config::{NonReservedPeerMode, SetConfig},
    multiaddr::Protocol,
    peer_store::PeerStoreProvider,
    service::{
        traits::{NetworkService, NotificationEvent, ValidationResult},
        NotificationMetrics,
    },
    Multiaddr, NetworkBackend, ProtocolName,
};
use sc_network_types::PeerId;
use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::sync::mpsc;

/// Slots for gateways that are no members.
const GATEWAY_SLOTS: u32 = 25;
/// Frames that wait to be sent; beyond that the worker's are dropped and its sessions time out.
const OUTBOX: usize = 4_096;
/// How often the committee is compared with the reserved peers.
const RECONCILE_PERIOD: Duration = Duration::from_secs(2);

/// The open protocol, and its name.
pub(crate) struct Notifications {
    handle: NotificationHandle,
    name: ProtocolName,
}

/// A frame on its way out.
pub(super) struct Outgoing {
    pub(super) to: TransportKey,
    pub(super) bytes: Vec<u8>,
}

/// The protocol's configuration for the network, and our end of it.
pub(crate) fn protocol<N: NetworkBackend<Block, Hash>>(
    genesis: &[u8; 32],
    metrics: NotificationMetrics,
    peer_store: Arc<dyn PeerStoreProvider>,
) -> (N::NotificationProtocolConfig, Notifications) {
    let name = protocol_name(genesis);
    let set = SetConfig {
        in_peers: GATEWAY_SLOTS,
        out_peers: 0,
        reserved_nodes: Vec::new(),
        non_reserved_mode: NonReservedPeerMode::Accept,
    };
    let (config, handle) = N::notification_config(
        name.clone(),
        Vec::new(),
        MAX_FRAME_BYTES as u64,
        None,
        set,
        metrics,
        peer_store,
    );
    (config, Notifications { handle, name })
}

/// Connects the worker behind `handle` to the network: where to put outgoing frames, and the task that carries them.
pub(super) fn connect(
    network: Arc<dyn NetworkService>,
    notifications: Notifications,
    handle: Handle,
) -> (mpsc::Sender<Outgoing>, impl Future<Output = ()>) {
    let (outbox, frames) = mpsc::channel(OUTBOX);
    (outbox, run(network, notifications, handle, frames))
}

async fn run(
    network: Arc<dyn NetworkService>,
    Notifications { mut handle, name }: Notifications,
    worker: Handle,
    mut frames: mpsc::Receiver<Outgoing>,
) {
    let mut reserved = BTreeSet::new();
    let mut period = tokio::time::interval(RECONCILE_PERIOD);
    loop {
        tokio::select! {
            event = handle.next_event() => match event {
                Some(event) => on_event(event, &worker),
                None => return,
            },
            frame = frames.recv() => match frame {
                Some(Outgoing { to, bytes }) => {
                    // Never waits: a peer that does not take its frames loses the channel, and holds nobody up.
                    if let Some(peer) = PeerId::from_ed25519(&to) {
                        handle.send_sync_notification(&peer, bytes);
                    }
                }
                None => return,
            },
            _ = period.tick() => reserve(&network, &name, &worker, &mut reserved),
        }
    }
}

fn on_event(event: NotificationEvent, worker: &Handle) {
    match event {
        NotificationEvent::ValidateInboundSubstream { peer, result_tx, .. } => {
            // Only peers with an Ed25519 identity have a transport key to sign with.
            let result = if peer.into_ed25519().is_some() {
                ValidationResult::Accept
            } else {
                ValidationResult::Reject
            };
            let _ = result_tx.send(result);
        }
        NotificationEvent::NotificationStreamOpened { peer, .. } => {
            if let Some(key) = peer.into_ed25519() {
                worker.tell(Event::PeerUp(key));
            }
        }
        NotificationEvent::NotificationStreamClosed { peer } => {
            if let Some(key) = peer.into_ed25519() {
                worker.tell(Event::PeerDown(key));
            }
        }
        NotificationEvent::NotificationReceived { peer, notification } => {
            if let Some(from) = peer.into_ed25519() {
                worker.receive(from, notification);
            }
        }
    }
}

/// Makes the members of the committee, and of the running attempt, reserved peers.
fn reserve(
    network: &Arc<dyn NetworkService>,
    name: &ProtocolName,
    worker: &Handle,
    reserved: &mut BTreeSet<TransportKey>,
) {
    let view = worker.status().view;
    let members: BTreeSet<TransportKey> = view
        .members()
        .map(|member| member.keys.transport)
        .filter(|key| *key != worker.transport_key())
        .collect();
    if members == *reserved {
        return;
    }
    let address = |peer: PeerId| Multiaddr::empty().with(Protocol::P2p(peer.into()));
    let addresses: HashSet<Multiaddr> =
        members.iter().filter_map(PeerId::from_ed25519).map(address).collect();
    match network.set_reserved_peers(name.clone(), addresses) {
        Ok(()) => *reserved = members,
        Err(error) => log::warn!(target: "conclave::network", "members could not be reserved: {error}"),
    }
}
