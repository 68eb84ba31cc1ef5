//! One worker alone: what it does with an old disk, how it answers wrong calls, what it has no room for, whom it calls absent,
//! and how it gathers the members' machines.

use super::*;
use crate::{
    event::{Machines, Reply},
    ports::{Addresses, ConditionsView, ReadError, StoreError},
    Failure, Refusal, RolledBack, Settings,
};
use conclave_client::Attestation;
use conclave_primitives::{
    conditions::{Condition, PolicyId},
    AttemptKind, AttemptPhase, AttemptView, AuthMethod, BlockNumber, DealingKeyView, KeysetId, PkpId,
    PkpView, Scopes,
};
use conclave_vss::EncryptionSecret;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

const GENESIS: GenesisHash = [7; 32];
const FIRST: AttemptId = AttemptId { epoch: Epoch(1), attempt: Attempt(0) };
const NONCE: [u8; 32] = [9; 32];
const TICKET: u64 = 5;
/// In seconds since 1970.
const NOW: u64 = 1_000_000;

mod activation;
mod bounds;
mod calls;
mod dealing_keys;
mod deferred;
mod pairs;
mod peers;

/// Nothing of the chain is read here but the time, and what each block tells.
struct Chain;

fn none<T>() -> Result<T, ReadError> {
    Err(ReadError("not in this test".into()))
}

impl ReadChain for Chain {
    fn read_pkp(&self, _: &PkpId, _: &AuthMethod) -> Result<Option<(PkpView, Scopes)>, ReadError> {
        none()
    }
    fn read_addresses(&self, _: &PkpId) -> Result<Option<Addresses>, ReadError> {
        none()
    }
    fn read_time(&self) -> Result<u64, ReadError> {
        Ok(NOW)
    }
    fn read_block_number(&self, _: &[u8; 32]) -> Result<Option<BlockNumber>, ReadError> {
        none()
    }
    fn read_login_settings(&self) -> Result<Settings, ReadError> {
        none()
    }
    fn read_conditions(&self) -> Result<ConditionsView, ReadError> {
        none()
    }
    fn read_storage(&self, _: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        none()
    }
    fn read_policy(&self, _: &PolicyId) -> Result<Option<Condition>, ReadError> {
        none()
    }
    fn read_dealing_key(&self, _: &[u8; 32]) -> Result<Option<DealingKeyView>, ReadError> {
        none()
    }
    fn read_dealings(&self) -> Result<Vec<(ParticipantIndex, Vec<u8>)>, ReadError> {
        none()
    }
}

#[derive(Default)]
struct Disk(BTreeMap<String, Vec<u8>>);

impl StoreRecords for Disk {
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.get(name).cloned())
    }
    fn erase(&mut self, name: &str) -> Result<(), StoreError> {
        self.0.remove(name);
        Ok(())
    }
    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        Ok(self.0.keys().filter(|name| name.starts_with(prefix)).cloned().collect())
    }
}

fn index(value: u8) -> ParticipantIndex {
    ParticipantIndex::new(value).expect("not zero")
}

fn secrets(seed: u8) -> WorkerSecrets {
    let mut scalar = [0; 32];
    scalar[0] = seed;
    WorkerSecrets::new(EncryptionSecret::from_bytes(&scalar).expect("small"), &[seed; 32], &[seed + 100; 32])
}

fn transport(seed: u8) -> TransportKey {
    secrets(seed).public().transport
}

fn worker(seed: u8) -> Worker<Disk, ChaCha20Rng> {
    Worker::new(GENESIS, secrets(seed), Disk::default(), ChaCha20Rng::from_seed([seed; 32]))
}

fn listed(seed: u8) -> Member {
    let keys = secrets(seed).public();
    Member { account: [seed; 32], keys, dealing_key: keys.encryption }
}

/// Members 1 to 4 without any key: what they would hold of it is nothing.
fn committee(of: AttemptId, confirmed: &[u8]) -> Committee {
    Committee {
        epoch: of.epoch,
        attempt: of.attempt,
        kind: AttemptKind::Keygen,
        keyset: KeysetId(0),
        members: (1..=4).map(listed).collect(),
        threshold: 3,
        roots: Vec::new(),
        confirmed: confirmed.iter().copied().map(index).collect(),
    }
}

fn finalized(number: u32, committee: Committee, attempt: Option<AttemptView>) -> Event {
    Event::Finalized(ChainView { finalized: number, committee: Some(committee), attempt })
}

/// Member 1 of the first committee, with the shares that it has on its disk.
fn member(attempt: Option<AttemptView>) -> Worker<Disk, ChaCha20Rng> {
    let mut member = worker(1);
    member.store.put_shares(FIRST, &[], &mut ChaCha20Rng::from_seed([3; 32])).expect("written");
    member.handle(Duration::ZERO, finalized(9, committee(FIRST, &[1, 2, 3]), attempt), &Chain);
    member
}

/// Has the worker receive a message of `from`.
fn receive(
    worker: &mut Worker<Disk, ChaCha20Rng>,
    now: Duration,
    from: u8,
    (session, flight): (SessionId, u8),
    body: &Body,
) -> Vec<Effect> {
    let frame = Frame::sign(&secrets(from), &GENESIS, FIRST, session, flight, worker.me, body);
    let received = Event::Received { from: transport(from), bytes: frame.encode() };
    worker.handle(now, received, &Chain)
}

/// What was sent: to whom, in which session.
fn sent(effects: &[Effect], from: u8) -> Vec<(TransportKey, SessionId, Body)> {
    let of = |effect: &Effect| match effect {
        Effect::Send { to, bytes } => {
            let (frame, body) = Frame::open(bytes, &transport(from), to, &GENESIS).expect("sound");
            Some((*to, frame.header.session, body))
        }
        _ => None,
    };
    effects.iter().filter_map(of).collect()
}

fn confirming(id: AttemptId, confirmed: &[u8]) -> AttemptView {
    let members = committee(id, &[]).members;
    AttemptView {
        id,
        kind: AttemptKind::Reshare,
        keyset: KeysetId(0),
        dealers: members.clone(),
        members,
        threshold: 3,
        keys: Vec::new(),
        phase: AttemptPhase::Confirm,
        round: 0,
        deadline: 99,
        committed: Vec::new(),
        dealt: Vec::new(),
        guilty_dealers: Vec::new(),
        guilty_members: Vec::new(),
        reported: Vec::new(),
        confirmed: confirmed.iter().copied().map(index).collect(),
        roots: Vec::new(),
    }
}

mod old_disk {
    use super::*;

    fn after(events: Vec<Event>) -> (Worker<Disk, ChaCha20Rng>, Option<RolledBack>) {
        let mut worker = worker(1);
        for event in events {
            worker.handle(Duration::ZERO, event, &Chain);
        }
        let seen = worker.status().rolled_back;
        (worker, seen)
    }

    #[test]
    fn whoever_confirmed_and_lacks_its_shares_should_notice() {
        let (_, seen) = after(vec![finalized(9, committee(FIRST, &[1, 2, 3]), None)]);
        assert_eq!(seen, Some(RolledBack { confirmed: FIRST }));
        assert!(seen.expect("noticed").to_string().contains("old disk"));
        // A member that was off, and one whose confirmation came too late, have lost nothing.
        let (_, seen) = after(vec![finalized(9, committee(FIRST, &[2, 3, 4]), None)]);
        assert_eq!(seen, None);
    }

    #[test]
    fn the_shares_of_the_serving_committee_should_go_too() {
        let next = AttemptId { epoch: Epoch(2), attempt: Attempt(0) };
        assert!(member(None).holdings.contains_key(&FIRST));
        // It had confirmed those of the next attempt, and its disk is from before.
        let mut worker = member(Some(confirming(next, &[1, 2])));
        assert!(worker.holdings.is_empty());
        assert_eq!(worker.status().rolled_back, Some(RolledBack { confirmed: next }));
        // That attempt fails: nothing was reshared.
        worker.handle(Duration::ZERO, finalized(10, committee(FIRST, &[1, 2, 3]), None), &Chain);
        assert!(worker.holdings.is_empty());
        // Another gives it shares.
        let other = AttemptId { epoch: Epoch(2), attempt: Attempt(1) };
        worker.store.put_shares(other, &[], &mut ChaCha20Rng::from_seed([4; 32])).expect("written");
        worker.handle(Duration::ZERO, finalized(20, committee(other, &[1, 2, 3]), None), &Chain);
        assert_eq!(worker.status().rolled_back, None);
        assert!(worker.holdings.contains_key(&other));
    }
}

mod machines {
    use super::*;

    fn proof(of: u8) -> Box<Attestation> {
        Box::new(Attestation {
            validator: [of; 32],
            session_keys: vec![1; 96],
            worker_keys: secrets(of).public(),
            block_number: 8,
            block_hash: [8; 32],
            report: vec![2; 1184],
            vcek: vec![3; 1400],
        })
    }

    /// A gateway that knows the committee and has channels to these members.
    fn gateway(seed: u8, up: &[u8]) -> Worker<Disk, ChaCha20Rng> {
        let mut gateway = worker(seed);
        gateway.handle(Duration::ZERO, finalized(9, committee(FIRST, &[]), None), &Chain);
        for peer in up {
            gateway.handle(Duration::ZERO, Event::PeerUp(transport(*peer)), &Chain);
        }
        gateway
    }

    fn ask(gateway: &mut Worker<Disk, ChaCha20Rng>) -> Vec<Effect> {
        gateway.handle(Duration::ZERO, Event::MachinesRequested { ticket: TICKET, nonce: NONCE }, &Chain)
    }

    /// The session that peers were asked in, and whom.
    fn asked(effects: &[Effect], from: u8) -> (Option<SessionId>, BTreeSet<TransportKey>) {
        let asks = sent(effects, from).into_iter().filter(|(.., body)| *body == Body::Prove { nonce: NONCE });
        let (sessions, to): (BTreeSet<_>, BTreeSet<_>) = asks.map(|(to, session, _)| (session, to)).unzip();
        (sessions.into_iter().next(), to)
    }

    fn answer(
        gateway: &mut Worker<Disk, ChaCha20Rng>,
        from: u8,
        session: SessionId,
        answer: Result<Box<Attestation>, Refusal>,
    ) -> Vec<Effect> {
        receive(gateway, Duration::from_secs(1), from, (session, 0), &Body::Proven(answer))
    }

    fn reply(effects: Vec<Effect>) -> Option<Machines> {
        effects.into_iter().find_map(|effect| match effect {
            Effect::Reply { ticket: TICKET, result: Ok(Reply::Machines(machines)) } => Some(machines),
            _ => None,
        })
    }

    #[test]
    fn every_members_machine_should_be_gathered_and_the_silent_named() {
        let mut gateway = gateway(9, &[1, 2, 3]);
        let effects = ask(&mut gateway);
        let (session, to) = asked(&effects, 9);
        let session = session.expect("asked");
        assert_eq!(to, [1, 2, 3].map(transport).into());
        assert!(reply(answer(&mut gateway, 1, session, Ok(proof(1)))).is_none());
        // Another's machine is not its own; what it says first stands.
        assert!(reply(answer(&mut gateway, 2, session, Ok(proof(1)))).is_none());
        assert!(reply(answer(&mut gateway, 2, session, Ok(proof(2)))).is_none());
        let late = gateway.next_deadline().expect("it waits for member 3");
        let machines = reply(gateway.handle(late, Event::Tick, &Chain)).expect("done");
        assert_eq!(machines.committee, FIRST);
        let told: Vec<_> =
            machines.members.iter().map(|(of, said)| (of.get(), said.as_ref().err())).collect();
        let foreign = Failure::Refused(Refusal::Machine("not an answer of this member's machine".into()));
        let (third, fourth) = (Failure::TimedOut(vec![index(3)]), Failure::TimedOut(vec![index(4)]));
        assert_eq!(told, [(1, None), (2, Some(&foreign)), (3, Some(&third)), (4, Some(&fourth))]);
        assert!(gateway.next_deadline().is_none());
    }

    #[test]
    fn a_member_should_ask_its_own_machine_and_answer_whoever_asks() {
        let mut member = gateway(1, &[2, 3, 4]);
        let effects = ask(&mut member);
        let own = effects.iter().find_map(|effect| match effect {
            Effect::Prove { session, nonce: NONCE } => Some(*session),
            _ => None,
        });
        let session = own.expect("its own machine");
        member.handle(Duration::ZERO, Event::Proved { session, made: Err("é".repeat(400)) }, &Chain);
        let mut last = Vec::new();
        for from in [2, 3, 4] {
            last = answer(&mut member, from, session, Ok(proof(from)));
        }
        let machines = reply(last).expect("all have answered, long before the deadline");
        let Err(Failure::Refused(Refusal::Machine(reason))) = &machines.members[0].1 else {
            panic!("{:?}", machines.members[0]);
        };
        assert_eq!(reason.len(), 256, "cut short between two letters");
        assert!(machines.members[1..].iter().all(|(_, said)| said.is_ok()));

        // A stranger may ask, a few times at once.
        let asks = |member: &mut Worker<Disk, ChaCha20Rng>, number: u8| {
            let place = (SessionId([number; 32]), 0);
            let effects = receive(member, Duration::ZERO, 9, place, &Body::Prove { nonce: NONCE });
            effects.iter().any(|effect| matches!(effect, Effect::Prove { .. }))
        };
        assert!(asks(&mut member, 1) && asks(&mut member, 2));
        assert!(!asks(&mut member, 3), "its processor makes one report after the other");
        assert!(!asks(&mut member, 1), "the same again");
        member.handle(Duration::from_secs(9), Event::Tick, &Chain);
        assert!(asks(&mut member, 4), "those before are over");
    }

    #[test]
    fn what_a_member_makes_a_gateway_carry_should_be_bounded() {
        let mut gateway = gateway(9, &[1]);
        let session = asked(&ask(&mut gateway), 9).0.expect("asked");
        let long = Box::new(Attestation { vcek: vec![0; 5_000], ..*proof(1) });
        let machines = reply(answer(&mut gateway, 1, session, Ok(long))).expect("the others are away");
        assert!(machines.members.iter().all(|(_, said)| said.is_err()));
        // And what clients make it do.
        let busy = (0..3).filter(|_| {
            let effects = ask(&mut gateway);
            effects.iter().any(|effect| matches!(effect, Effect::Reply { result: Err(_), .. }))
        });
        assert_eq!(busy.count(), 1);
    }
}
