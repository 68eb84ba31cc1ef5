//! Every bound of the worker, in one place.

use conclave_protocols::ecdsa::FLIGHT_1_BYTES;
use std::time::Duration;

/// The longest frame that a peer may send: an ECDSA flight has about 27 kB, a set-up more.
pub const MAX_FRAME_BYTES: usize = 512 * 1024;
/// The longest frame of a node that is no member: a request with its message.
pub const MAX_GATEWAY_FRAME_BYTES: usize = 40 * 1024;
/// The longest message of a session of FROST or BLS: these are kept, for whoever asks what went wrong.
pub(crate) const MAX_RECORDED_MESSAGE_BYTES: usize = 256;
/// Sessions that run at a time; more are refused, so that a flood cannot exhaust memory.
pub(crate) const MAX_SESSIONS: usize = 256;
/// Sessions of one coordinator, so that none takes all.
pub(crate) const MAX_SESSIONS_PER_COORDINATOR: usize = 32;
/// Sessions of all coordinators together that are no members.
pub(crate) const MAX_SESSIONS_OF_OUTSIDERS: usize = 64;
/// ECDSA sessions with one peer: each is a chance to probe the OT state of the pair.
pub(crate) const MAX_ECDSA_SESSIONS_PER_PAIR: usize = 16;
/// Requests that one gateway coordinates at a time.
pub(crate) const MAX_COORDINATIONS: usize = 256;
/// Frames held of one peer for sessions that have not started here yet.
pub(crate) const MAX_EARLY_FRAMES_PER_PEER: usize = 64;
/// And their bytes: of twice the ECDSA sessions that it may have with us, as it may have given up half of them by then. Only
/// members have such room, each its own: many together take nothing from the others.
pub(crate) const MAX_EARLY_BYTES_PER_PEER: usize = 1024 * 1024;
/// The longest message that is held for a session to come. Nobody is in flight 2 before it has ours of flight 1, and of
/// flight 1 those of ECDSA are the longest.
pub(crate) const MAX_EARLY_MESSAGE_BYTES: usize = FLIGHT_1_BYTES;
/// How far a coordinator's finalized chain may be ahead of ours.
pub(crate) const MAX_BLOCKS_AHEAD: u32 = 10;
/// How long early messages and deferred calls are held.
pub(crate) const EARLY_FRAME_LIFETIME: Duration = Duration::from_secs(5);
/// Starts of one coordinator held until our finalized chain has reached its.
pub(crate) const MAX_DEFERRED_STARTS_PER_PEER: usize = 8;
/// Starts held until our finalized chain has reached the coordinator's.
pub(crate) const MAX_DEFERRED_STARTS: usize = 64;
/// Of those, of all coordinators together that are no members.
pub(crate) const MAX_DEFERRED_STARTS_OF_OUTSIDERS: usize = 16;
/// Tasks remembered against replay.
pub(crate) const MAX_SEEN_TASKS: usize = 16 * 1024;
/// Of those, requests of one PKP: an owner must not fill the memory of all.
pub(crate) const MAX_SEEN_PER_PKP: usize = 512;
/// Nodes that may coordinate one task of a client. An activation any member may.
pub(crate) const MAX_COORDINATORS_PER_TASK: usize = 4;
/// Flights that a peer may be ahead of us in a session.
pub(crate) const MAX_FLIGHTS_AHEAD: u8 = 3;
/// How long a member waits for a flight before it names who is missing.
pub(crate) const SESSION_TIMEOUT: Duration = Duration::from_millis(3_000);
/// How long a coordinator waits for an attempt: longer than members, so that it hears whom they miss.
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(4_000);
/// How long a coordinator waits for the others' words once a member says that an attempt failed: the way around the world,
/// and as much later as a member begins that hears late of the last block. Only who says nothing at all costs this time.
pub(crate) const HEARING_TIMEOUT: Duration = Duration::from_millis(1_000);
/// How much faster a member's clock may run in [`SESSION_TIMEOUT`].
pub(crate) const CLOCK_TOLERANCE: Duration = Duration::from_millis(100);
/// How long a member asks chains before it denies: an endpoint on the other side of the world, twice.
pub(crate) const EVALUATION_TIMEOUT: Duration = Duration::from_millis(8_000);
/// How long a coordinator waits for an attempt to decrypt: longer than members.
pub(crate) const DECRYPTION_ATTEMPT_TIMEOUT: Duration = Duration::from_millis(9_000);
/// How long a decryption is tried in all.
pub(crate) const DECRYPTION_TIMEOUT: Duration = Duration::from_millis(40_000);
/// Requests whose conditions a member evaluates at a time.
pub(crate) const MAX_EVALUATIONS: usize = 64;
/// Of those, of one coordinator.
pub(crate) const MAX_EVALUATIONS_PER_COORDINATOR: usize = 16;
/// How long an answer from outside may take that an authorisation hangs on: an endpoint or a login provider on the other
/// side of the world. Frames of the session that waits for it are held for longer.
pub(crate) const INQUIRY_TIMEOUT: Duration = Duration::from_millis(4_500);
/// Authorisations that wait for an answer at a time.
pub(crate) const MAX_INQUIRIES: usize = 64;
/// Of those, of one coordinator, or of this node's clients.
pub(crate) const MAX_INQUIRIES_PER_ASKER: usize = 16;
/// Actions that a member runs at a time.
pub(crate) const MAX_EXECUTIONS: usize = 32;
/// Of those, of one gateway.
pub(crate) const MAX_EXECUTIONS_PER_COORDINATOR: usize = 8;
/// Of all gateways together that are no members.
pub(crate) const MAX_EXECUTIONS_OF_OUTSIDERS: usize = 8;
/// Actions that are over, to whose members something may be owed.
pub(crate) const MAX_EXECUTIONS_OVER: usize = 64;
/// How long a member runs an action: the thirty seconds of the sandbox's limits, and what it takes to say so.
pub(crate) const EXECUTION_TIMEOUT: Duration = Duration::from_secs(33);
/// How long a gateway waits: longer than members.
pub(crate) const CONDUCT_TIMEOUT: Duration = Duration::from_secs(36);
/// How long a member waits for the leader's value of `runOnce`.
pub(crate) const LEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a member waits for shares of a decryption key.
pub(crate) const OPENING_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a member waits for the values of the others in `broadcastAndCollect`.
pub(crate) const COLLECT_TIMEOUT: Duration = Duration::from_secs(4);
/// The longest value of either, in bytes.
pub(crate) const MAX_VALUE_BYTES: usize = 16 * 1024;
/// Topics that one member may speak of in one execution: twice what the sandbox lets it use.
pub(crate) const MAX_TOPICS: usize = 64;
/// Signatures that one execution may want.
pub(crate) const MAX_WANTED: usize = 16;
/// The longest name of a signature or a topic, and the longest stack of actions.
pub(crate) const MAX_NAME_BYTES: usize = 256;
pub(crate) const MAX_STACK: usize = 8;
/// The longest response, and the longest logs, of a report.
pub(crate) const MAX_REPORT_BYTES: usize = 128 * 1024;
/// Messages of members about executions that have not begun here, and calls to begin those that wait for our chain.
pub(crate) const MAX_EARLY_ACTION_MESSAGES: usize = 256;
pub(crate) const MAX_DEFERRED_BEGINS: usize = 16;
/// Of those, of one gateway, and of all gateways together that are no members.
pub(crate) const MAX_DEFERRED_BEGINS_PER_PEER: usize = 4;
pub(crate) const MAX_DEFERRED_BEGINS_OF_OUTSIDERS: usize = 8;
/// Reports that a member's machine makes at a time: its processor makes one after the other.
pub(crate) const MAX_PROOFS: usize = 8;
/// Of those, for one gateway.
pub(crate) const MAX_PROOFS_PER_PEER: usize = 2;
/// Requests for all members' machines that a gateway gathers at a time: no more than a member answers one gateway.
pub(crate) const MAX_GATHERED_MACHINES: usize = MAX_PROOFS_PER_PEER;
/// How long a member has for its report.
pub(crate) const PROOF_TIMEOUT: Duration = Duration::from_millis(8_000);
/// The most bytes of one part of what a member shows: keys, report or certificate.
pub(crate) const MAX_PROOF_PART_BYTES: usize = 4_096;
/// The most bytes of a reason in words.
pub(crate) const MAX_REASON_BYTES: usize = 256;
/// How long a request for a signature is tried in all.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_millis(15_000);
/// How long the set-up of a pair may take: hundreds of base OTs with proofs, on a busy machine.
pub(crate) const PAIR_TIMEOUT: Duration = Duration::from_secs(30);
/// How often that is doubled at most: to four minutes.
pub(crate) const MAX_PAIR_TIMEOUT_DOUBLINGS: u32 = 3;
/// How long after a try a pair is not tried again, by either side: a set-up is heavy.
pub(crate) const PAIR_RETRY: Duration = Duration::from_secs(10);
/// How long the other side has to say that it, too, has finished a set-up.
pub(crate) const PAIR_GRACE: Duration = Duration::from_secs(20);
/// Set-ups that one peer may start with a process of ours: a peer that needs more does not want one.
pub(crate) const MAX_PAIR_STARTS: usize = 1_024;
/// For how many blocks of an epoch a member has to be out of reach to be absent: five minutes.
pub(crate) const ABSENT_BLOCKS: u32 = 100;
/// How many calls in a row a member has to leave unanswered, over as many blocks, to be absent although it is there.
pub(crate) const UNANSWERED_CALLS: u32 = 5;
/// Accusations that a member keeps: one of each kind for each member of two committees is fewer.
pub(crate) const MAX_ACCUSATIONS: usize = 256;
/// How often an accusation is submitted.
pub(crate) const ACCUSATION_TRIES: u8 = 5;
/// After how many finalized blocks an extrinsic that did not show up is submitted again.
pub(crate) const RESUBMIT_AFTER: u32 = 4;
/// How long a member lets those before it coordinate the activation, each.
pub(crate) const ACTIVATION_TURN: Duration = Duration::from_secs(5);
/// The same when the attempt is about to fail: the turns of all members fit into what is left of it.
pub(crate) const LAST_ACTIVATION_TURN: Duration = Duration::from_secs(1);
/// Committees that a member holds shares of at a time: the one that serves and the one that forms.
pub(crate) const MAX_HOLDINGS: usize = 2;
/// So many blocks before its attempt would fail, a committee takes over also without all its set-ups: for one signature,
/// its inclusion and some turns of coordinators.
pub(crate) const ACTIVATION_BEFORE_DEADLINE: u32 = 12;
