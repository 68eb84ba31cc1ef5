//! OT set-up: once between every two members, whenever both are there.

use codec::Encode;
use conclave_primitives::{blake2_256, AttemptId, AttemptView, Curve, ParticipantIndex, SessionId};
use conclave_protocols::{
    ecdsa::{PairSetup, PairState},
    Outgoing,
};
use k256::Secp256k1;
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
            self.sessions.values().filter(|session| matches!(session.purpose, Purpose::Pair(_))).count();
        // Whoever was tried longest ago comes first, so that members that do not answer hold up nobody.
        let mut above: Vec<_> = committee.indices().filter(|peer| *peer > index).collect();
        above.sort_by_key(|peer| self.tried_at.get(peer).copied());
        for peer in above {
            if running >= MAX_PAIRS_AT_A_TIME {
                return;
            }
            if !self.lacks_pair(now, id, peer) {
                continue;
            }
            let Some(transport) = committee.member(peer).map(|member| member.keys.transport) else {
                continue;
            };
            let ready =
                self.peers.get(&transport).and_then(Option::as_ref).is_some_and(|s| s.shares == Some(id));
            if !ready {
                continue;
            }
            let mut nonce = [0; 32];
            self.rng.fill_bytes(&mut nonce);
            let session = self.pair_session_id(id, index, peer, &nonce);
            self.send(transport, session, 0, Body::StartPair { keygen: id, nonce });
            self.open_pair(now, session, index, peer, transport);
            running = running.saturating_add(1);
        }
    }

    fn lacks_pair(&self, now: Duration, id: AttemptId, peer: ParticipantIndex) -> bool {
        let busy = self.sessions.values().any(|session| session.purpose == Purpose::Pair(peer));
        let tried = self.tried_at.get(&peer).is_some_and(|at| at.saturating_add(PAIR_RETRY) > now);
        if busy || tried || self.is_banned(id, peer) {
            return false;
        }
        let (Some(committee), Some(holding)) = (self.present_committee(), &self.holding) else {
            return false;
        };
        let fresh = holding.paired_at.get(&peer).is_some_and(|at| at.saturating_add(PAIR_GRACE) > now);
        let agreed = self.are_paired(&committee, holding.index, peer);
        !agreed && (!fresh || !holding.pairs.contains_key(&peer))
    }

    pub(super) fn on_start_pair(
        &mut self,
        now: Duration,
        from: TransportKey,
        keygen: AttemptId,
        nonce: &[u8; 32],
    ) {
        let Some(committee) = self.committee_of(keygen) else { return };
        let Some(peer) = committee.index_of_transport(&from) else { return };
        let Some(index) = self.holding.as_ref().filter(|h| h.keygen == keygen).map(|h| h.index) else {
            return;
        };
        // The lower index starts; a banned pair never again.
        if peer >= index || self.is_banned(keygen, peer) {
            return;
        }
        // A set-up is heavy: a peer that asks for one after the other is not listened to.
        let fresh = |holding: &Holding| {
            holding.paired_at.get(&peer).is_some_and(|at| at.saturating_add(PAIR_GRACE) > now)
        };
        let tried = self.tried_at.get(&peer).is_some_and(|at| at.saturating_add(PAIR_RETRY) > now);
        if tried || self.holding.as_ref().is_some_and(fresh) {
            return;
        }
        // A peer that starts anew has forgotten the run that we may still be in.
        self.sessions.retain(|_, session| session.purpose != Purpose::Pair(peer));
        let session = self.pair_session_id(keygen, peer, index, nonce);
        self.open_pair(now, session, index, peer, from);
    }

    fn open_pair(
        &mut self,
        now: Duration,
        id: SessionId,
        index: ParticipantIndex,
        peer: ParticipantIndex,
        transport: TransportKey,
    ) {
        self.tried_at.insert(peer, now);
        match PairSetup::<Secp256k1>::start(index, peer, &id, &mut self.rng) {
            Ok((machine, outgoing)) => {
                self.send_flight(id, &BTreeMap::from([(peer, transport)]), 1, outgoing);
                let deadline = now.saturating_add(PAIR_TIMEOUT);
                let peers = BTreeMap::from([(peer, transport)]);
                self.open_session(
                    now,
                    id,
                    Session::new(Purpose::Pair(peer), peers, deadline, Running::Pair(machine)),
                );
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

    pub(super) fn keep_pair(&mut self, now: Duration, pair: PairState<Secp256k1>) {
        let Some(id) = self.holding.as_ref().map(|holding| holding.keygen) else { return };
        let peer = pair.counterparty();
        if let Err(error) = self.store.put_pair(id, &pair, &mut self.rng) {
            log::error!(target: "conclave::store", "pair with {peer:?} was not stored: {error}");
            return;
        }
        if let Some(holding) = &mut self.holding {
            holding.pairs.insert(peer, pair);
            holding.paired_at.insert(peer, now);
            log::info!(target: "conclave::pairs", "set up with {peer:?}; {} pairs", holding.pairs.len());
        }
        self.send_status();
        self.start_pairs(now);
    }

    /// Lets go of a pair that does not work; `forever` where running it again would leak our secrets.
    pub(super) fn drop_pair(&mut self, peer: ParticipantIndex, forever: bool) {
        let Some(holding) = &mut self.holding else { return };
        let id = holding.keygen;
        holding.pairs.remove(&peer);
        holding.paired_at.remove(&peer);
        if forever {
            self.banned.insert((id, peer));
            if let Err(error) = self.store.put_ban(id, peer, &mut self.rng) {
                log::error!(target: "conclave::store", "the ban of {peer:?} holds until a restart only: {error}");
            }
        }
        if let Err(error) = self.store.erase_pair(id, peer) {
            log::error!(target: "conclave::store", "pair with {peer:?} was not erased: {error}");
        }
        self.send_status();
    }

    /// Fails closed: a ban that cannot be read is one.
    fn is_banned(&self, keygen: AttemptId, peer: ParticipantIndex) -> bool {
        self.banned.contains(&(keygen, peer)) || !matches!(self.store.is_banned(keygen, peer), Ok(false))
    }

    fn pair_session_id(
        &self,
        keygen: AttemptId,
        lower: ParticipantIndex,
        higher: ParticipantIndex,
        nonce: &[u8; 32],
    ) -> SessionId {
        SessionId(blake2_256(
            &(b"CONCLAVE-V1-PAIR", self.genesis, keygen, Curve::Secp256k1, lower, higher, nonce).encode(),
        ))
    }
}
