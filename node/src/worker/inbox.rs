//! What peers send, until the worker takes it. Strangers have a queue of their own, so that they crowd out no member.

use conclave_worker::{Event, TransportKey, WorkerStatus, MAX_GATEWAY_FRAME_BYTES};
use parking_lot::RwLock;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Frames of members that wait; what comes beyond is dropped.
const OF_MEMBERS: usize = 1_024;
/// Frames of all others together: 10 MiB, as they are short.
const OF_STRANGERS: usize = 256;

/// Where frames come in.
#[derive(Clone)]
pub(super) struct Letterbox {
    /// Says who is a member.
    status: Arc<RwLock<WorkerStatus>>,
    members: mpsc::Sender<Event>,
    strangers: mpsc::Sender<Event>,
}

/// Where the worker takes them.
pub(super) struct Inbox {
    pub(super) members: mpsc::Receiver<Event>,
    pub(super) strangers: mpsc::Receiver<Event>,
}

/// The inbox of the worker with this status.
pub(super) fn inbox(status: Arc<RwLock<WorkerStatus>>) -> (Letterbox, Inbox) {
    let (members, from_members) = mpsc::channel(OF_MEMBERS);
    let (strangers, from_strangers) = mpsc::channel(OF_STRANGERS);
    let letterbox = Letterbox { status, members, strangers };
    (letterbox, Inbox { members: from_members, strangers: from_strangers })
}

impl Letterbox {
    /// Takes a frame. One that does not fit is dropped: its session times out.
    pub(super) fn put(&self, from: TransportKey, bytes: Vec<u8>) {
        let length = bytes.len();
        // A status a moment old will do: who gets shares is known blocks before there is anything to say.
        if self.status.read().view.has_member(&from) {
            if self.members.try_send(Event::Received { from, bytes }).is_err() {
                log::warn!(target: "conclave::worker", "the inbox is full: dropped a frame of {length} bytes");
            }
        } else if length > MAX_GATEWAY_FRAME_BYTES
            || self.strangers.try_send(Event::Received { from, bytes }).is_err()
        {
            // Whoever likes can bring this about: it is not to fill the log.
            log::debug!(target: "conclave::worker", "dropped a stranger's frame of {length} bytes");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use conclave_primitives::{Attempt, AttemptKind, Committee, Epoch, KeysetId, Member, WorkerKeys};
    use conclave_worker::ChainView;

    const MEMBER: TransportKey = [1; 32];
    const STRANGER: TransportKey = [2; 32];

    /// Of a worker that knows of a committee with [`MEMBER`].
    fn empty() -> (Letterbox, Inbox) {
        let keys = WorkerKeys { transport: MEMBER, signing: [0; 32], encryption: [0; 32] };
        let committee = Committee {
            epoch: Epoch(1),
            attempt: Attempt(0),
            kind: AttemptKind::Keygen,
            keyset: KeysetId(0),
            members: vec![Member { account: [0; 32], keys, dealing_key: keys.encryption }],
            threshold: 1,
            roots: Vec::new(),
            confirmed: Vec::new(),
        };
        let view = ChainView { finalized: 1, committee: Some(committee), attempt: None };
        inbox(Arc::new(RwLock::new(WorkerStatus { view, ..WorkerStatus::default() })))
    }

    /// What waits, by sender and length.
    fn drain(queue: &mut mpsc::Receiver<Event>) -> Vec<(TransportKey, usize)> {
        std::iter::from_fn(|| match queue.try_recv() {
            Ok(Event::Received { from, bytes }) => Some((from, bytes.len())),
            _ => None,
        })
        .collect()
    }

    #[test]
    fn strangers_should_not_take_the_room_of_members() {
        let (letterbox, mut inbox) = empty();
        for _ in 0..OF_MEMBERS + OF_STRANGERS {
            letterbox.put(STRANGER, vec![0; 8]);
        }
        letterbox.put(MEMBER, vec![0; 9]);
        assert_eq!(drain(&mut inbox.members), [(MEMBER, 9)]);
        assert_eq!(drain(&mut inbox.strangers), [(STRANGER, 8); OF_STRANGERS]);
    }

    #[test]
    fn members_should_not_take_the_room_of_strangers() {
        let (letterbox, mut inbox) = empty();
        for _ in 0..=OF_MEMBERS {
            letterbox.put(MEMBER, vec![0; 8]);
        }
        letterbox.put(STRANGER, vec![0; 9]);
        assert_eq!(drain(&mut inbox.members), [(MEMBER, 8); OF_MEMBERS]);
        assert_eq!(drain(&mut inbox.strangers), [(STRANGER, 9)]);
    }

    #[test]
    fn longer_frames_than_a_gateways_should_be_queued_of_members_only() {
        let (letterbox, mut inbox) = empty();
        for from in [STRANGER, MEMBER] {
            letterbox.put(from, vec![0; MAX_GATEWAY_FRAME_BYTES + 1]);
            letterbox.put(from, vec![0; MAX_GATEWAY_FRAME_BYTES]);
        }
        assert_eq!(drain(&mut inbox.strangers), [(STRANGER, MAX_GATEWAY_FRAME_BYTES)]);
        let both = [MAX_GATEWAY_FRAME_BYTES + 1, MAX_GATEWAY_FRAME_BYTES].map(|length| (MEMBER, length));
        assert_eq!(drain(&mut inbox.members), both);
    }
}
