//! Decryption for actions: each member that wants a key tells the others, with a one-time key of its own, and whoever's
//! own execution wants it too seals a share to it.
//!
//! ```text
//!  own execution seeks ─► Seeks, with a one-time key ─► every member: does mine seek it?
//!                    ◄─ Share, sealed to that key ◄──── then yes
//!  t shares, combined and verified ─► the sandbox's host opens it
//! ```
//!
//! One-time keys come from members themselves, by their signed frames: no gateway can put its own among them.

use conclave_primitives::{DecryptionShare, OneTimeKey, ParticipantIndex, Purpose as KeyPurpose, SessionId};
use conclave_protocols::{
    bls::decryption::{ClientKey, Statement},
    ProtocolError,
};
use rand_core::CryptoRng;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    agreement::Waiting,
    decryption::Gathering,
    execution::{check_place, Executing},
    Worker,
};
use crate::{
    action::{ActionMessage, Given, Sought},
    limits::{MAX_WANTED, OPENING_TIMEOUT},
    message::{Body, TransportKey},
    ports::StoreRecords,
    Refusal,
};

/// What one execution seeks to open, by hash.
pub(super) type Openings = BTreeMap<[u8; 32], Opening>;

/// What members seek to open.
#[derive(Default)]
pub(super) struct Opening {
    /// Shares for ourselves, once our own execution seeks it.
    own: Option<Gathering>,
    waiting: Option<Waiting>,
    /// Whom we have heard of, until our own execution seeks it, too.
    clients: BTreeMap<ParticipantIndex, OneTimeKey>,
    served: BTreeSet<ParticipantIndex>,
}

impl Opening {
    pub(super) fn until(&self) -> Option<Duration> {
        self.waiting.map(|waiting| waiting.until)
    }
}

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    /// Our own execution seeks a key; its condition holds.
    pub(super) fn seek(
        &mut self,
        now: Duration,
        id: SessionId,
        call: u32,
        sought: Sought,
        client: OneTimeKey,
    ) -> Result<(), String> {
        let executing = self.executing.get(&id).ok_or("the execution is over")?;
        check_place(&sought.topic, &sought.stack, executing)?;
        let hash = sought.hash();
        let own = executing.openings.values().filter(|opening| opening.own.is_some()).count();
        if own >= MAX_WANTED || executing.openings.get(&hash).is_some_and(|opening| opening.own.is_some()) {
            return Err(format!("an action may open {MAX_WANTED} things, and each once at a time"));
        }
        let (index, committee) = (executing.index, executing.committee.attempt_id());
        let until = now.saturating_add(OPENING_TIMEOUT).min(executing.deadline);
        let statement = statement(executing, &sought, &client).map_err(|refusal| refusal.to_string())?;
        let share = self.decryption_shares(committee, std::slice::from_ref(&statement));
        let share = share.map_err(|failure| failure.to_string())?;
        let Some(executing) = self.executing.get_mut(&id) else { return Ok(()) };
        let opening = executing.openings.entry(hash).or_default();
        let mut gathering = Gathering::new(vec![statement]);
        gathering.take(index, share);
        opening.own = Some(gathering);
        opening.waiting = Some(Waiting { call, until });
        let waiting = std::mem::take(&mut opening.clients);
        self.tell_members(id, &ActionMessage::Seeks { sought: sought.clone(), client: Box::new(client) });
        for (member, client) in waiting {
            self.share_with(id, member, &sought, &client);
        }
        self.settle_opening(id, &hash);
        Ok(())
    }

    /// Another member's execution seeks it.
    pub(super) fn on_seeks(
        &mut self,
        from: TransportKey,
        id: SessionId,
        sought: &Sought,
        client: OneTimeKey,
    ) {
        let Some(executing) = self.executing.get_mut(&id) else { return };
        let Some(member) = executing.other(&from) else { return };
        if check_place(&sought.topic, &sought.stack, executing).is_err() {
            return;
        }
        let heard = executing.openings.values().filter(|opening| opening.clients.contains_key(&member));
        if heard.count() >= MAX_WANTED {
            return;
        }
        let opening = executing.openings.entry(sought.hash()).or_default();
        if opening.own.is_some() {
            self.share_with(id, member, sought, &client);
        } else {
            opening.clients.entry(member).or_insert(client);
        }
    }

    /// Seals our share to another member, once: our own execution seeks the same.
    fn share_with(&mut self, id: SessionId, member: ParticipantIndex, sought: &Sought, client: &OneTimeKey) {
        let Some(executing) = self.executing.get_mut(&id) else { return };
        let hash = sought.hash();
        let opening = executing.openings.get_mut(&hash).filter(|opening| opening.own.is_some());
        if !opening.is_some_and(|opening| opening.served.insert(member)) {
            return;
        }
        let committee = executing.committee.attempt_id();
        let to = executing.committee.member(member).map(|member| member.keys.transport);
        let (Some(to), Ok(statement)) = (to, statement(executing, sought, client)) else { return };
        let Ok(shares) = self.decryption_shares(committee, &[statement]) else { return };
        for share in shares {
            let message = ActionMessage::Share { sought: hash, share: Box::new(share) };
            self.send(to, id, 0, Body::Action(message));
        }
    }

    /// A member has sealed its share to us.
    pub(super) fn on_share(
        &mut self,
        from: TransportKey,
        id: SessionId,
        hash: &[u8; 32],
        share: DecryptionShare,
    ) {
        let Some(executing) = self.executing.get_mut(&id) else { return };
        let Some(member) = executing.other(&from) else { return };
        let own = executing.openings.get_mut(hash).and_then(|opening| opening.own.as_mut());
        // The first one counts.
        if let Some(own) = own.filter(|own| !own.has(member)) {
            own.take(member, vec![share]);
            self.settle_opening(id, hash);
        }
    }

    /// Combines t shares, without those that are wrong.
    fn settle_opening(&mut self, id: SessionId, hash: &[u8; 32]) {
        let Some(executing) = self.executing.get_mut(&id) else { return };
        let Some(opening) = executing.openings.get_mut(hash) else { return };
        let (Some(own), Some(waiting)) = (&mut opening.own, opening.waiting) else { return };
        let warn = |error: &ProtocolError| log::warn!(target: "conclave::action", "execution {id}: {error}");
        let gathered = own.combine(&executing.committee, warn);
        if let Some(sealed) = gathered.and_then(|gathered| gathered.keys.into_iter().next()) {
            opening.waiting = None;
            self.answer_action(id, waiting.call, Ok(Given::Opened(Box::new(sealed))));
        }
    }

    /// Who waited long enough hears how many would have opened it.
    pub(super) fn expire_openings(&mut self, now: Duration) {
        let mut late = Vec::new();
        for (id, executing) in &mut self.executing {
            let needed = executing.committee.threshold;
            for opening in executing.openings.values_mut() {
                let Some(waiting) = opening.waiting.filter(|waiting| waiting.until <= now) else { continue };
                opening.waiting = None;
                let heard = opening.own.as_ref().map_or(0, Gathering::count);
                late.push((*id, waiting.call, heard, needed));
            }
        }
        for (id, call, heard, needed) in late {
            let reason = format!("{heard} members open it with their own execution; {needed} have to");
            self.answer_action(id, call, Err(reason));
        }
    }
}

fn statement(executing: &Executing, sought: &Sought, client: &OneTimeKey) -> Result<Statement, Refusal> {
    let client = ClientKey::new(client).map_err(|_| Refusal::OneTimeKey)?;
    let roots = &executing.committee.roots;
    let root = roots.iter().find(|root| root.id.purpose == KeyPurpose::Decrypt);
    let public_key = root.and_then(|root| root.commitments.first()).ok_or(Refusal::NotReady)?;
    Statement::new(public_key, &sought.identity, &client).map_err(|_| Refusal::NotReady)
}
