//! What peers send, until the worker takes it. Strangers have a queue of their own, so that they crowd out no member, and
//! each member has so many bytes of the other, so that none takes the memory of the machine.

use conclave_worker::{Event, TransportKey, WorkerStatus, MAX_GATEWAY_FRAME_BYTES};
use parking_lot::{Mutex, RwLock};
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::{mpsc, OwnedSemaphorePermit, Semaphore};

/// Frames of members that wait; what comes beyond is dropped.
const OF_MEMBERS: usize = 1_024;
/// Bytes of one member that wait: more than all sessions and set-ups that it may run with us have in one flight.
const BYTES_OF_MEMBER: usize = 4 * 1024 * 1024;
/// Frames of all others together: 10 MiB, as they are short.
const OF_STRANGERS: usize = 256;

/// A frame that waits, and the room that it takes until then.
pub(super) struct Waiting {
    frame: Event,
    _room: Option<OwnedSemaphorePermit>,
}

/// Where frames come in.
#[derive(Clone)]
pub(super) struct Letterbox {
    /// Says who is a member.
    status: Arc<RwLock<WorkerStatus>>,
    members: mpsc::Sender<Waiting>,
    /// What is left of [`BYTES_OF_MEMBER`] for each member that has frames waiting.
    rooms: Arc<Mutex<BTreeMap<TransportKey, Arc<Semaphore>>>>,
    strangers: mpsc::Sender<Waiting>,
}

/// Where the worker takes them.
pub(super) struct Inbox {
    pub(super) members: Frames,
    pub(super) strangers: Frames,
}

/// Frames that wait in order.
pub(super) struct Frames(mpsc::Receiver<Waiting>);

impl Frames {
    /// The next one; `None` when none can come any more.
    pub(super) async fn next(&mut self) -> Option<Event> {
        self.0.recv().await.map(|waiting| waiting.frame)
    }
}

/// The inbox of the worker with this status.
pub(super) fn inbox(status: Arc<RwLock<WorkerStatus>>) -> (Letterbox, Inbox) {
    let (members, from_members) = mpsc::channel(OF_MEMBERS);
    let (strangers, from_strangers) = mpsc::channel(OF_STRANGERS);
    let letterbox = Letterbox { status, members, rooms: Arc::default(), strangers };
    (letterbox, Inbox { members: Frames(from_members), strangers: Frames(from_strangers) })
}

impl Letterbox {
    /// Takes a frame. One that does not fit is dropped: its session times out.
    pub(super) fn put(&self, from: TransportKey, bytes: Vec<u8>) {
        let length = bytes.len();
        // A status a moment old will do: who gets shares is known blocks before there is anything to say.
        if self.status.read().view.has_member(&from) {
            if !self.put_of_member(from, bytes) {
                log::warn!(target: "conclave::worker", "the inbox is full: dropped a frame of {length} bytes");
            }
        } else if length > MAX_GATEWAY_FRAME_BYTES || !put(&self.strangers, from, bytes, None) {
            // Whoever likes can bring this about: it is not to fill the log.
            log::debug!(target: "conclave::worker", "dropped a stranger's frame of {length} bytes");
        }
    }

    fn put_of_member(&self, from: TransportKey, bytes: Vec<u8>) -> bool {
        let room = u32::try_from(bytes.len()).ok().and_then(|length| self.room_for(from, length));
        room.is_some_and(|room| put(&self.members, from, bytes, Some(room)))
    }

    fn room_for(&self, member: TransportKey, length: u32) -> Option<OwnedSemaphorePermit> {
        let mut rooms = self.rooms.lock();
        // Of others that have nothing waiting there is nothing to know.
        rooms.retain(|of, room| *of == member || room.available_permits() < BYTES_OF_MEMBER);
        let room = rooms.entry(member).or_insert_with(|| Arc::new(Semaphore::new(BYTES_OF_MEMBER)));
        Arc::clone(room).try_acquire_many_owned(length).ok()
    }
}

fn put(
    queue: &mpsc::Sender<Waiting>,
    from: TransportKey,
    bytes: Vec<u8>,
    room: Option<OwnedSemaphorePermit>,
) -> bool {
    queue.try_send(Waiting { frame: Event::Received { from, bytes }, _room: room }).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use conclave_primitives::{Attempt, AttemptKind, Committee, Epoch, KeysetId, Member, WorkerKeys};
    use conclave_worker::ChainView;

    const MEMBER: TransportKey = [1; 32];
    const OTHER_MEMBER: TransportKey = [3; 32];
    const STRANGER: TransportKey = [2; 32];

    /// Of a worker that knows of a committee of these two.
    fn empty() -> (Letterbox, Inbox) {
        let member = |transport| {
            let keys = WorkerKeys { transport, signing: [0; 32], encryption: [0; 32] };
            Member { account: [0; 32], keys, dealing_key: keys.encryption }
        };
        let committee = Committee {
            epoch: Epoch(1),
            attempt: Attempt(0),
            kind: AttemptKind::Keygen,
            keyset: KeysetId(0),
            members: [MEMBER, OTHER_MEMBER].map(member).to_vec(),
            threshold: 1,
            roots: Vec::new(),
            confirmed: Vec::new(),
        };
        let view = ChainView { finalized: 1, committee: Some(committee), attempt: None };
        inbox(Arc::new(RwLock::new(WorkerStatus { view, ..WorkerStatus::default() })))
    }

    /// What waits, by sender and length.
    fn drain(queue: &mut Frames) -> Vec<(TransportKey, usize)> {
        std::iter::from_fn(|| match queue.0.try_recv().ok()?.frame {
            Event::Received { from, bytes } => Some((from, bytes.len())),
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

    #[test]
    fn no_member_should_take_more_than_its_bytes_until_they_are_read() {
        let (letterbox, mut inbox) = empty();
        let half = BYTES_OF_MEMBER / 2;
        for length in [half, half, 1] {
            letterbox.put(MEMBER, vec![0; length]);
        }
        letterbox.put(OTHER_MEMBER, vec![0; 1]);
        let expected = [(MEMBER, half), (MEMBER, half), (OTHER_MEMBER, 1)];
        assert_eq!(drain(&mut inbox.members), expected);
        letterbox.put(MEMBER, vec![0; BYTES_OF_MEMBER]);
        assert_eq!(drain(&mut inbox.members), [(MEMBER, BYTES_OF_MEMBER)]);
        letterbox.put(OTHER_MEMBER, vec![0; 1]);
        assert_eq!(letterbox.rooms.lock().len(), 1, "nothing is kept of whom nothing waits");
    }
}
