//! OT set-up: once between every two members, whenever both are there.

use codec::Encode;
use conclave_primitives::{blake2_256, AttemptId, AttemptView, Curve, ParticipantIndex, SessionId};
use conclave_protocols::{Outgoing, Pair, Pairing, ECDSA_CURVES};
use rand_core::CryptoRng;
use std::{collections::BTreeMap, time::Duration};

use super::Worker;
use crate::{
    holding::Holding,
    limits::{PAIR_RETRY, PAIR_TIMEOUT},
    message::{Body, TransportKey},
    ports::StoreRecords,
    session::{Purpose, Running, Session},
};

/// Set-ups that a member starts at a time: they are heavy, and signing goes first.
const MAX_PAIRS_AT_A_TIME: usize = 2;
/// How long the other side has to say that it, too, has finished.
const PAIR_GRACE: Duration = Duration::from_secs(20);

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    /// Starts the set-ups that are ours to start: with members above us, that are there and lack ours.
    pub(super) fn start_pairs(&mut self, now: Duration) {
        // From the moment that shares are held: while the chain takes confirmations there is time for it.
        let Some(committee) = self.present_committee() else { return };
        // The first signature of a new committee goes before set-ups, which keep a member busy.
        let signing_first = |keygen: &AttemptView| {
            u32::try_from(keygen.confirmed.len()).is_ok_and(|count| count >= keygen.threshold)
        };
        if self.view.keygen.as_ref().is_some_and(signing_first) {
            return;
        }
        let Some(holding) = &self.holding else { return };
        let (id, index) = (committee.attempt_id(), holding.index);
        if holding.keygen != id {
            return;
        }
        let mut running =
            self.sessions.values().filter(|session| matches!(session.purpose, Purpose::Pair(..))).count();
        let reachable = self.reachable(&committee);
        for curve in ECDSA_CURVES.iter().copied() {
            // Whoever was tried longest ago comes first, so that members that do not answer hold up nobody.
            let mut above: Vec<_> = committee.indices().filter(|peer| *peer > index).collect();
            above.sort_by_key(|peer| self.tried_at.get(&(curve, *peer)).copied());
            for peer in above {
                if running >= MAX_PAIRS_AT_A_TIME {
                    return;
                }
                if !self.lacks_pair(now, id, curve, peer) {
                    continue;
                }
                let Some(transport) = committee.member(peer).map(|member| member.keys.transport) else {
                    continue;
                };
                let status = self.peers.get(&transport).and_then(Option::as_ref);
                if !status.is_some_and(|status| status.shares == Some(id)) {
                    continue;
                }
                let mut nonce = [0; 32];
                self.rng.fill_bytes(&mut nonce);
                let session = self.pair_session_id(id, curve, index, peer, &nonce);
                self.send(transport, session, 0, Body::StartPair { keygen: id, curve, nonce });
                self.open_pair(now, session, curve, index, peer, transport);
                running = running.saturating_add(1);
            }
            // A curve that most wait for is ready everywhere before the next one takes any time.
            if !self.is_paired(&committee, &reachable, curve) {
                return;
            }
        }
    }

    fn lacks_pair(&self, now: Duration, id: AttemptId, curve: Curve, peer: ParticipantIndex) -> bool {
        let with_peer = |session: &Session| matches!(session.purpose, Purpose::Pair(_, with) if with == peer);
        let busy = self.sessions.values().any(with_peer);
        let tried = self.tried_at.get(&(curve, peer)).is_some_and(|at| at.saturating_add(PAIR_RETRY) > now);
        if busy || tried || self.is_banned(id, peer) {
            return false;
        }
        let (Some(committee), Some(holding)) = (self.present_committee(), &self.holding) else {
            return false;
        };
        let paired_at = holding.paired_at.get(&(curve, peer));
        let fresh = paired_at.is_some_and(|at| at.saturating_add(PAIR_GRACE) > now);
        let agreed = self.are_paired(&committee, curve, holding.index, peer);
        !agreed && (!fresh || !holding.pairs.contains(curve, peer))
    }

    pub(super) fn on_start_pair(
        &mut self,
        now: Duration,
        from: TransportKey,
        keygen: AttemptId,
        curve: Curve,
        nonce: &[u8; 32],
    ) {
        let Some(committee) = self.committee_of(keygen) else { return };
        let Some(peer) = committee.index_of_transport(&from) else { return };
        let Some(index) = self.holding.as_ref().filter(|h| h.keygen == keygen).map(|h| h.index) else {
            return;
        };
        // The lower index starts; a banned pair never again.
        if !ECDSA_CURVES.contains(&curve) || peer >= index || self.is_banned(keygen, peer) {
            return;
        }
        // A set-up is heavy: a peer that asks for one after the other is not listened to.
        let fresh = |holding: &Holding| {
            holding.paired_at.get(&(curve, peer)).is_some_and(|at| at.saturating_add(PAIR_GRACE) > now)
        };
        let tried = self.tried_at.get(&(curve, peer)).is_some_and(|at| at.saturating_add(PAIR_RETRY) > now);
        if tried || self.holding.as_ref().is_some_and(fresh) {
            return;
        }
        // A peer that starts anew has forgotten the run that we may still be in.
        self.sessions.retain(|_, session| session.purpose != Purpose::Pair(curve, peer));
        let session = self.pair_session_id(keygen, curve, peer, index, nonce);
        self.open_pair(now, session, curve, index, peer, from);
    }

    fn open_pair(
        &mut self,
        now: Duration,
        id: SessionId,
        curve: Curve,
        index: ParticipantIndex,
        peer: ParticipantIndex,
        transport: TransportKey,
    ) {
        self.tried_at.insert((curve, peer), now);
        match Pairing::start(curve, index, peer, &id, &mut self.rng) {
            Ok((machine, outgoing)) => {
                self.send_flight(id, &BTreeMap::from([(peer, transport)]), 1, outgoing);
                let deadline = now.saturating_add(PAIR_TIMEOUT);
                let peers = BTreeMap::from([(peer, transport)]);
                let purpose = Purpose::Pair(curve, peer);
                self.open_session(now, id, Session::new(purpose, peers, deadline, Running::Pairing(machine)));
            }
            Err(error) => {
                log::warn!(target: "conclave::pairs", "set-up with {peer:?} did not start: {error}")
            }
        }
    }

    pub(super) fn send_flight(
        &mut self,
        session: SessionId,
        peers: &BTreeMap<ParticipantIndex, TransportKey>,
        flight: u8,
        outgoing: Vec<Outgoing>,
    ) {
        for message in outgoing {
            if let Some(to) = peers.get(&message.to) {
                self.send(*to, session, flight, Body::Flight(message.payload));
            }
        }
    }

    pub(super) fn keep_pair(&mut self, now: Duration, pair: Pair) {
        let Some(id) = self.holding.as_ref().map(|holding| holding.keygen) else { return };
        let (curve, peer) = (pair.curve(), pair.counterparty());
        if let Err(error) = self.store.put_pair(id, &pair, &mut self.rng) {
            log::error!(target: "conclave::store", "pair with {peer:?} was not stored: {error}");
            return;
        }
        if let Some(holding) = &mut self.holding {
            holding.pairs.insert(pair);
            holding.paired_at.insert((curve, peer), now);
            let pairs = holding.pairs.ids().len();
            log::info!(target: "conclave::pairs", "set up with {peer:?} on {}; {pairs} pairs", curve.name());
        }
        self.send_status();
        self.start_pairs(now);
    }

    /// Lets go of a pair that does not work.
    pub(super) fn drop_pair(&mut self, curve: Curve, peer: ParticipantIndex) {
        let Some(holding) = &mut self.holding else { return };
        let id = holding.keygen;
        holding.pairs.remove(curve, peer);
        holding.paired_at.remove(&(curve, peer));
        if let Err(error) = self.store.erase_pair(id, curve, peer) {
            log::error!(target: "conclave::store", "pair with {peer:?} was not erased: {error}");
        }
        self.send_status();
    }

    /// Never again runs with a member that cheated, where running would leak our secrets: on no curve.
    pub(super) fn ban_pair(&mut self, peer: ParticipantIndex) {
        let Some(id) = self.holding.as_ref().map(|holding| holding.keygen) else { return };
        self.banned.insert((id, peer));
        if let Err(error) = self.store.put_ban(id, peer, &mut self.rng) {
            log::error!(target: "conclave::store", "the ban of {peer:?} holds until a restart only: {error}");
        }
        for curve in ECDSA_CURVES {
            self.drop_pair(*curve, peer);
        }
    }

    /// Fails closed: a ban that cannot be read is one.
    fn is_banned(&self, keygen: AttemptId, peer: ParticipantIndex) -> bool {
        self.banned.contains(&(keygen, peer)) || !matches!(self.store.is_banned(keygen, peer), Ok(false))
    }

    fn pair_session_id(
        &self,
        keygen: AttemptId,
        curve: Curve,
        lower: ParticipantIndex,
        higher: ParticipantIndex,
        nonce: &[u8; 32],
    ) -> SessionId {
        SessionId(blake2_256(
            &(b"CONCLAVE-V1-PAIR", self.genesis, keygen, curve, lower, higher, nonce).encode(),
        ))
    }
}
