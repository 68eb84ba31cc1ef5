//! What peers send, until the worker takes it. Strangers have a queue of their own, so that they crowd out no member; and in
//! either queue each peer has a room of its own, so that it crowds out no other and takes not all of the memory.

use super::metrics::Metrics;
use conclave_primitives::MAX_MEMBERS;
use conclave_worker::{Event, TransportKey, WorkerStatus, MAX_GATEWAY_FRAME_BYTES};
use parking_lot::{Mutex, RwLock};
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::{mpsc, OwnedSemaphorePermit, Semaphore};

/// The bytes of one place; a frame takes at least one, and what finds none is dropped.
const PLACE_BYTES: usize = 16 * 1024;
/// Places of one member, 4 MiB: more than all sessions and set-ups that it may run with us take in one flight.
const PLACES_OF_MEMBER: usize = 256;
/// Frames of members that wait: those of two committees.
const OF_MEMBERS: usize = PLACES_OF_MEMBER * 2 * MAX_MEMBERS as usize;
/// Places of one stranger: a gateway's requests for some sessions.
const PLACES_OF_STRANGER: usize = 32;
/// Frames of all strangers together: 10 MiB, as they are short.
const OF_STRANGERS: usize = 256;

/// A frame that waits, and the room that it takes until then.
pub(super) struct Waiting {
    frame: Event,
    _places: OwnedSemaphorePermit,
}

/// A queue in which each peer has so many places.
#[derive(Clone)]
struct Queue {
    sender: mpsc::Sender<Waiting>,
    places_of_peer: usize,
    /// What is left to each peer that has frames waiting.
    rooms: Arc<Mutex<BTreeMap<TransportKey, Arc<Semaphore>>>>,
}

impl Queue {
    fn new(frames: usize, places_of_peer: usize) -> (Self, Frames) {
        let (sender, receiver) = mpsc::channel(frames);
        (Self { sender, places_of_peer, rooms: Arc::default() }, Frames(receiver))
    }

    /// Whether there was room.
    fn put(&self, from: TransportKey, bytes: Vec<u8>) -> bool {
        let places = u32::try_from(bytes.len().div_ceil(PLACE_BYTES).max(1)).unwrap_or(u32::MAX);
        self.take_places(from, places).is_some_and(|places| {
            self.sender.try_send(Waiting { frame: Event::Received { from, bytes }, _places: places }).is_ok()
        })
    }

    fn take_places(&self, from: TransportKey, places: u32) -> Option<OwnedSemaphorePermit> {
        let mut rooms = self.rooms.lock();
        // Of others that have nothing waiting there is nothing to know.
        rooms.retain(|of, room| *of == from || room.available_permits() < self.places_of_peer);
        let room = rooms.entry(from).or_insert_with(|| Arc::new(Semaphore::new(self.places_of_peer)));
        Arc::clone(room).try_acquire_many_owned(places).ok()
    }
}

/// Where frames come in.
#[derive(Clone)]
pub(super) struct Letterbox {
    /// Says who is a member.
    status: Arc<RwLock<WorkerStatus>>,
    members: Queue,
    strangers: Queue,
    metrics: Metrics,
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
pub(super) fn inbox(status: Arc<RwLock<WorkerStatus>>, metrics: Metrics) -> (Letterbox, Inbox) {
    let (members, from_members) = Queue::new(OF_MEMBERS, PLACES_OF_MEMBER);
    let (strangers, from_strangers) = Queue::new(OF_STRANGERS, PLACES_OF_STRANGER);
    (
        Letterbox { status, members, strangers, metrics },
        Inbox { members: from_members, strangers: from_strangers },
    )
}

impl Letterbox {
    /// Takes a frame. One that does not fit is dropped: its session times out.
    pub(super) fn put(&self, from: TransportKey, bytes: Vec<u8>) {
        let length = bytes.len();
        // A status a moment old will do: who gets shares is known blocks before there is anything to say.
        if self.status.read().view.has_member(&from) {
            if !self.members.put(from, bytes) {
                self.metrics.count_unread(true);
                log::warn!(target: "conclave::worker", "the inbox is full: dropped a frame of {length} bytes");
            }
        } else if length > MAX_GATEWAY_FRAME_BYTES || !self.strangers.put(from, bytes) {
            self.metrics.count_unread(false);
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
    use substrate_prometheus_endpoint::Registry;

    const MEMBER: TransportKey = [1; 32];
    const OTHER_MEMBER: TransportKey = [3; 32];
    const STRANGER: TransportKey = [2; 32];

    fn empty() -> (Letterbox, Inbox) {
        empty_with(Metrics::default())
    }

    /// Of a worker that knows of a committee of these two.
    fn empty_with(metrics: Metrics) -> (Letterbox, Inbox) {
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
        let status = WorkerStatus { view, ..WorkerStatus::default() };
        inbox(Arc::new(RwLock::new(status)), metrics)
    }

    /// What waits, by sender and length.
    fn drain(queue: &mut Frames) -> Vec<(TransportKey, usize)> {
        std::iter::from_fn(|| match queue.0.try_recv().ok()?.frame {
            Event::Received { from, bytes } => Some((from, bytes.len())),
            _ => None,
        })
        .collect()
    }

    /// As many strangers as it takes to fill their queue.
    fn flood(letterbox: &Letterbox) {
        for number in 0..=OF_STRANGERS / PLACES_OF_STRANGER {
            for _ in 0..=PLACES_OF_STRANGER {
                letterbox.put([100 + number as u8; 32], vec![0; 8]);
            }
        }
    }

    #[test]
    fn strangers_should_not_take_the_room_of_members() {
        let (letterbox, mut inbox) = empty();
        flood(&letterbox);
        letterbox.put(MEMBER, vec![0; 9]);
        assert_eq!(drain(&mut inbox.members), [(MEMBER, 9)]);
        assert_eq!(drain(&mut inbox.strangers).len(), OF_STRANGERS);
    }

    #[test]
    fn no_peer_should_take_the_room_of_another() {
        let (letterbox, mut inbox) = empty();
        for _ in 0..=PLACES_OF_MEMBER {
            letterbox.put(MEMBER, Vec::new());
        }
        for _ in 0..=PLACES_OF_STRANGER {
            letterbox.put(STRANGER, vec![0; 8]);
        }
        letterbox.put(OTHER_MEMBER, vec![0; 9]);
        letterbox.put([100; 32], vec![0; 9]);
        let of_members = drain(&mut inbox.members);
        assert_eq!((of_members.len(), of_members.last()), (PLACES_OF_MEMBER + 1, Some(&(OTHER_MEMBER, 9))));
        let of_strangers = drain(&mut inbox.strangers);
        assert_eq!(
            (of_strangers.len(), of_strangers.last()),
            (PLACES_OF_STRANGER + 1, Some(&([100; 32], 9)))
        );
    }

    #[test]
    fn what_finds_no_room_should_be_counted() {
        let registry = Registry::new();
        let (letterbox, _inbox) = empty_with(Metrics::register(Some(&registry)).expect("metrics"));
        for _ in 0..PLACES_OF_MEMBER + 2 {
            letterbox.put(MEMBER, Vec::new());
        }
        for length in [MAX_GATEWAY_FRAME_BYTES, MAX_GATEWAY_FRAME_BYTES + 1] {
            letterbox.put(STRANGER, vec![0; length]);
        }
        let families = registry.gather();
        let family = families.iter().find(|family| family.get_name() == "conclave_inbox_dropped_total");
        let counted = family.expect("registered").get_metric().iter();
        let counted: Vec<_> = counted.map(|metric| metric.get_counter().get_value()).collect();
        assert_eq!(counted, [2.0, 1.0], "members, strangers");
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
    fn places_should_be_free_again_when_frames_are_read() {
        let (letterbox, mut inbox) = empty();
        let all = PLACES_OF_MEMBER * PLACE_BYTES;
        for length in [all / 2, all / 2, 1] {
            letterbox.put(MEMBER, vec![0; length]);
        }
        assert_eq!(drain(&mut inbox.members), [(MEMBER, all / 2), (MEMBER, all / 2)]);
        letterbox.put(MEMBER, vec![0; all]);
        assert_eq!(drain(&mut inbox.members), [(MEMBER, all)]);
        letterbox.put(OTHER_MEMBER, vec![0; 1]);
        assert_eq!(letterbox.members.rooms.lock().len(), 1, "nothing is kept of whom nothing waits");
    }
}
