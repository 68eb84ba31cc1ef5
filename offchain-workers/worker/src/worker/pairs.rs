//! OT set-up: between every two members, whenever both are there; anew after a restart of either. What it makes is never
//! on disk: a failed check may leak a bit of it, and whoever put an old disk back would have that bit again and again.

use conclave_primitives::{
    AttemptId, AttemptKind, AttemptView, Committee, Curve, MessageHeader, ParticipantIndex, SessionId,
};
use conclave_protocols::{Outgoing, Pair, Pairing, ECDSA_CURVES};
use rand_core::CryptoRng;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{Hex, Worker};
use crate::{
    limits::{MAX_PAIR_STARTS, MAX_PAIR_TIMEOUT_DOUBLINGS, PAIR_RETRY, PAIR_TIMEOUT},
    message::{Body, TransportKey},
    ports::StoreRecords,
    session::{Purpose, Running, Session},
    session_id::pair_session_id,
};

/// Set-ups that a member starts at a time: they are heavy, and signing goes first.
const MAX_PAIRS_AT_A_TIME: usize = 2;

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    /// Starts the set-ups that are ours to start: with members above us, that are there and lack ours. Those of the
    /// committee that serves go before those of the one that forms: it is asked for signatures now.
    pub(super) fn start_pairs(&mut self, now: Duration) {
        for committee in self.committees().cloned().collect::<Vec<_>>() {
            self.start_pairs_of(now, &committee);
        }
    }

    fn start_pairs_of(&mut self, now: Duration, committee: &Committee) {
        let id = committee.attempt_id();
        // From the moment that shares are held: while the chain takes confirmations there is time for it. Where no
        // committee serves yet, its first signature goes before set-ups, which keep a member busy; a reshare's comes after
        // them, see `is_time_to_activate`.
        let signing_first = |attempt: &AttemptView| {
            attempt.id == id
                && attempt.kind == AttemptKind::Keygen
                && u32::try_from(attempt.confirmed.len()).is_ok_and(|count| count >= attempt.threshold)
        };
        if self.view.attempt.as_ref().is_some_and(signing_first) {
            return;
        }
        let Some(index) = self.holdings.get(&id).map(|holding| holding.index) else { return };
        let mut running =
            self.sessions.values().filter(|session| matches!(session.purpose, Purpose::Pair(..))).count();
        let reachable = self.reachable(committee);
        for curve in ECDSA_CURVES.iter().copied() {
            // Whoever was tried longest ago comes first, so that members that do not answer hold up nobody.
            let mut above: Vec<_> = committee.indices().filter(|peer| *peer > index).collect();
            above.sort_by_key(|peer| self.tried_at.get(&(id, curve, *peer)).copied());
            for peer in above {
                if running >= MAX_PAIRS_AT_A_TIME {
                    return;
                }
                if !self.lacks_pair(now, committee, curve, peer) {
                    continue;
                }
                let Some(transport) = committee.member(peer).map(|member| member.keys.transport) else {
                    continue;
                };
                let status = self.peers.get(&transport).and_then(Option::as_ref);
                let ready = status.filter(|status| status.holding(id).is_some());
                let Some(boot) = ready.map(|status| status.boot) else { continue };
                let mut nonce = [0; 32];
                self.rng.fill_bytes(&mut nonce);
                let session = pair_session_id(&self.genesis, id, curve, (index, peer), &boot, &nonce);
                self.send(transport, session, 0, Body::StartPair { attempt: id, curve, boot, nonce });
                self.open_pair(now, session, Purpose::Pair(id, curve, peer), index, transport);
                running = running.saturating_add(1);
            }
            // A curve that most wait for is ready everywhere before the next one takes any time: with t members, so that
            // it signs, and between us and all whom we reach, so that it goes on signing when one of them falls away.
            if self.sets_up(id, curve) || !self.is_paired(committee, &reachable, curve) {
                return;
            }
        }
    }

    /// Whether set-ups on `curve` run that have not failed before.
    fn sets_up(&self, id: AttemptId, curve: Curve) -> bool {
        self.sessions.values().any(|session| match session.purpose {
            Purpose::Pair(of, on, peer) => {
                (of, on) == (id, curve) && !self.failed_pairs.contains_key(&(of, on, peer))
            }
            Purpose::Task { .. } => false,
        })
    }

    /// A set-up has failed: with a peer that refuses us it always will.
    pub(super) fn note_failed_pair(&mut self, purpose: &Purpose) {
        if let Purpose::Pair(id, curve, peer) = purpose {
            let failures = self.failed_pairs.entry((*id, *curve, *peer)).or_default();
            *failures = failures.saturating_add(1);
        }
    }

    /// How long a set-up may take: twice as long after each that failed, so that machines which are too busy for one get
    /// through in the end instead of beginning again for ever.
    fn pair_timeout(&self, id: AttemptId, curve: Curve, peer: ParticipantIndex) -> Duration {
        let failures = self.failed_pairs.get(&(id, curve, peer)).copied().unwrap_or_default();
        PAIR_TIMEOUT.saturating_mul(1 << failures.min(MAX_PAIR_TIMEOUT_DOUBLINGS))
    }

    /// Pairs of `reachable` members that are not set up, by curve.
    pub(super) fn missing_pairs(
        &self,
        committee: &Committee,
        reachable: &BTreeSet<ParticipantIndex>,
    ) -> Vec<(Curve, ParticipantIndex, ParticipantIndex)> {
        let pairs = || reachable.iter().flat_map(|a| reachable.range(..*a).map(move |b| (*b, *a)));
        let missing = |curve: Curve| {
            pairs()
                .filter(move |(a, b)| !self.are_paired(committee, curve, *a, *b))
                .map(move |(a, b)| (curve, a, b))
        };
        ECDSA_CURVES.iter().copied().flat_map(missing).collect()
    }

    fn lacks_pair(&self, now: Duration, committee: &Committee, curve: Curve, peer: ParticipantIndex) -> bool {
        let id = committee.attempt_id();
        let with_peer = |session: &Session| matches!(session.purpose, Purpose::Pair(of, _, with) if of == id && with == peer);
        let busy = self.sessions.values().any(with_peer);
        if busy || self.tried_lately(now, id, curve, peer) || self.is_banned(committee, peer) {
            return false;
        }
        let Some(holding) = self.holdings.get(&id) else { return false };
        let agreed = self.are_paired(committee, curve, holding.index, peer);
        !agreed && !holding.is_fresh(now, curve, peer)
    }

    fn tried_lately(&self, now: Duration, id: AttemptId, curve: Curve, peer: ParticipantIndex) -> bool {
        self.tried_at.get(&(id, curve, peer)).is_some_and(|at| at.saturating_add(PAIR_RETRY) > now)
    }

    pub(super) fn on_start_pair(
        &mut self,
        now: Duration,
        from: TransportKey,
        id: AttemptId,
        curve: Curve,
        boot: &[u8; 32],
        nonce: &[u8; 32],
    ) {
        let Some(committee) = self.committee_of(id).cloned() else { return };
        let Some(peer) = committee.index_of_transport(&from) else { return };
        let Some(holding) = self.holdings.get(&id) else { return };
        let index = holding.index;
        // The lower index starts; a banned pair never again.
        if !ECDSA_CURVES.contains(&curve) || peer >= index || self.is_banned(&committee, peer) {
            return;
        }
        // A set-up is heavy: a peer that asks for one after the other is not listened to.
        if self.tried_lately(now, id, curve, peer) || holding.is_fresh(now, curve, peer) {
            return;
        }
        // Under one session id we draw our messages once: a second draw would convict us of equivocation.
        let started = self.started_pairs.entry(from).or_default();
        if *boot != self.boot || started.len() >= MAX_PAIR_STARTS || !started.insert(*nonce) {
            return;
        }
        // A peer that starts anew has forgotten the run that we may still be in.
        let purpose = Purpose::Pair(id, curve, peer);
        self.sessions.retain(|_, session| session.purpose != purpose);
        let session = pair_session_id(&self.genesis, id, curve, (peer, index), boot, nonce);
        self.open_pair(now, session, purpose, index, from);
    }

    fn open_pair(
        &mut self,
        now: Duration,
        session: SessionId,
        purpose: Purpose,
        index: ParticipantIndex,
        transport: TransportKey,
    ) {
        let Purpose::Pair(id, curve, peer) = purpose else { return };
        self.tried_at.insert((id, curve, peer), now);
        match Pairing::start(curve, index, peer, &session, &mut self.rng) {
            Ok((machine, outgoing)) => {
                let peers = BTreeMap::from([(peer, transport)]);
                self.send_flight(session, id, &peers, 1, outgoing);
                let deadline = now.saturating_add(self.pair_timeout(id, curve, peer));
                let machine = Running::Pairing(machine);
                self.open_session(now, session, Session::new(purpose, peers, deadline, machine));
            }
            Err(error) => {
                log::warn!(target: "conclave::pairs", "set-up with {peer:?} did not start: {error}")
            }
        }
    }

    pub(super) fn send_flight(
        &mut self,
        session: SessionId,
        attempt: AttemptId,
        peers: &BTreeMap<ParticipantIndex, TransportKey>,
        flight: u8,
        outgoing: Vec<Outgoing>,
    ) {
        for message in outgoing {
            if let Some(to) = peers.get(&message.to) {
                let header = MessageHeader { attempt, session, flight, from: self.me, to: *to };
                self.send_frame(header, &Body::Flight(message.payload));
            }
        }
    }

    pub(super) fn keep_pair(&mut self, now: Duration, id: AttemptId, pair: Pair) {
        let (curve, peer) = (pair.curve(), pair.counterparty());
        // The attempt may have failed, its committee gone, or the peer been banned, while the set-up ran.
        if self.committee_of(id).is_none_or(|committee| self.is_banned(committee, peer)) {
            return;
        }
        let Some(holding) = self.holdings.get_mut(&id) else { return };
        holding.pairs.insert(pair);
        holding.paired_at.insert((curve, peer), now);
        let pairs = holding.pairs.ids().len();
        log::info!(target: "conclave::pairs", "set up with {peer:?} on {} for {id:?}; {pairs} pairs", curve.name());
        self.failed_pairs.remove(&(id, curve, peer));
        self.send_status();
        self.start_pairs(now);
    }

    /// Lets go of a pair that does not work.
    pub(super) fn drop_pair(&mut self, id: AttemptId, curve: Curve, peer: ParticipantIndex) {
        if let Some(holding) = self.holdings.get_mut(&id) {
            holding.forget_pair(curve, peer);
        }
        self.send_status();
    }

    /// Never again runs with a member that cheated, where running would leak our secrets: on no curve, in no epoch. It may
    /// have another index in the committee that forms.
    pub(super) fn ban_pair(&mut self, transport: TransportKey) {
        self.banned.insert(transport);
        if let Err(error) = self.store.put_ban(&transport, &mut self.rng) {
            let peer = Hex(&transport);
            log::error!(target: "conclave::store", "the ban of {peer} holds until a restart only: {error}");
        }
        let seat =
            |committee: &Committee| Some((committee.attempt_id(), committee.index_of_transport(&transport)?));
        for (id, peer) in self.committees().filter_map(seat).collect::<Vec<_>>() {
            let Some(holding) = self.holdings.get_mut(&id) else { continue };
            for curve in ECDSA_CURVES {
                holding.forget_pair(*curve, peer);
            }
        }
        self.send_status();
    }

    /// Fails closed: a ban that cannot be read is one.
    fn is_banned(&self, committee: &Committee, peer: ParticipantIndex) -> bool {
        let Some(transport) = committee.member(peer).map(|member| member.keys.transport) else { return true };
        self.banned.contains(&transport) || !matches!(self.store.is_banned(&transport), Ok(false))
    }

    /// After a restart, or with a new committee: the bans that are on disk.
    pub(super) fn recall_bans(&mut self) {
        let Some(committee) = self.view.committee.as_ref() else { return };
        if self.recalled == Some(committee.attempt_id()) {
            return;
        }
        self.recalled = Some(committee.attempt_id());
        let members = committee.members.iter().map(|member| member.keys.transport);
        // What cannot be read keeps us from pairing, but is nothing to tell.
        let banned: Vec<_> = members.filter(|peer| matches!(self.store.is_banned(peer), Ok(true))).collect();
        self.banned.extend(banned);
    }
}
