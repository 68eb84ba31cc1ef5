//! Guilty members: a wrapper around an honest worker that rewrites what goes out of it, with the member's own
//! keys. The worker has no feature for this and does not know that it is wrapped.

use codec::{Decode, DecodeAll, Encode};
use conclave_primitives::{
    AttemptId, AttemptKind, AttemptView, GenesisHash, MessageHeader, ParticipantIndex, RootKeyId, SessionId,
    WorkerKeys,
};
use conclave_vss::{
    deal, open, Complaint, Dealing, DealingContext, EncryptionSecret, OpenError, SealedShares, SecretScalar,
    Secrets,
};
use conclave_worker::{
    ActionMessage, Body, Effect, Failure, Frame, Outcome, Received, Start, Transcript, TransportKey,
    WorkerCall, WorkerSecrets,
};
use rand_chacha::ChaCha20Rng;
use std::collections::{BTreeMap, BTreeSet};

use crate::{
    chain::Snapshot,
    dice::Dice,
    fault::{Accusation, BadShare, FalseComplaint, Fault, Seat},
};

mod reshare;

/// What a guilty member sees beside its worker.
pub(crate) struct Surroundings<'a> {
    pub(crate) genesis: GenesisHash,
    /// The best block: nobody makes it wait for finality.
    pub(crate) best: &'a Snapshot,
    /// The public keys of all, by seat.
    pub(crate) keys: &'a [WorkerKeys],
    /// A look at another's disk: the dealing that it has not opened yet.
    pub(crate) dealing_of: &'a dyn Fn(Seat, AttemptId) -> Option<Dealing>,
    /// Its own shares of the keys of a committee.
    pub(crate) shares: &'a dyn Fn(AttemptId) -> Option<Vec<(RootKeyId, SecretScalar)>>,
    /// The secrets of its own dealing keys.
    pub(crate) dealing_keys: &'a dyn Fn() -> Vec<EncryptionSecret>,
}

/// The faults of one member, and what it remembers for them.
pub(crate) struct Malice {
    faults: Vec<Fault>,
    secrets: WorkerSecrets,
    rng: ChaCha20Rng,
    /// Dealings made in the place of the worker's.
    dealings: BTreeMap<AttemptId, Dealing>,
    /// A commitment that waits for what it needs to see first.
    held: Option<(AttemptId, ParticipantIndex)>,
    /// Sessions of tasks, as against OT set-ups.
    tasks: BTreeSet<SessionId>,
    lied_in: BTreeSet<SessionId>,
    /// To how many it told one of its two tales.
    told: u64,
    /// To whom it is silent, by session.
    victims: BTreeMap<SessionId, TransportKey>,
    /// What it sends when the attempt is over.
    late: Vec<Effect>,
    /// How often each fault was committed.
    pub(crate) fired: Vec<(&'static str, u64)>,
}

impl Malice {
    pub(crate) fn new(faults: Vec<Fault>, secrets: WorkerSecrets, rng: ChaCha20Rng) -> Self {
        let fired = faults.iter().map(|fault| (fault.name(), 0)).collect();
        Self {
            faults,
            secrets,
            rng,
            dealings: BTreeMap::new(),
            held: None,
            tasks: BTreeSet::new(),
            lied_in: BTreeSet::new(),
            told: 0,
            victims: BTreeMap::new(),
            late: Vec::new(),
            fired,
        }
    }

    pub(crate) fn lied_in(&self, session: &SessionId) -> bool {
        self.lied_in.contains(session)
    }

    /// A frame for the worker: it passes if this is true; what is to be sent instead is added to `effects`.
    pub(crate) fn on_received(
        &mut self,
        genesis: &GenesisHash,
        from: TransportKey,
        bytes: &[u8],
        effects: &mut Vec<Effect>,
    ) -> bool {
        let Ok((frame, Body::Start(start))) =
            Frame::open(bytes, &from, &self.secrets.public().transport, genesis)
        else {
            return true;
        };
        self.tasks.insert(frame.header.session);
        let Some(position) = self.position_of(|fault| matches!(fault, Fault::AccusesFalsely { .. })) else {
            return true;
        };
        let Some(outcome) = self.accusation(position, &start) else { return true };
        let MessageHeader { attempt, session, .. } = frame.header;
        let reply = Frame::sign(&self.secrets, genesis, attempt, session, 0, from, &Body::Outcome(outcome));
        effects.push(Effect::Send { to: from, bytes: reply.encode() });
        self.fire(position);
        false
    }

    fn accusation(&mut self, position: usize, start: &Start) -> Option<Outcome> {
        let Fault::AccusesFalsely { member, of } = self.faults[position] else { return None };
        let others: Vec<_> =
            start.quorum.iter().copied().filter(|index| index.position() != member).collect();
        let victim = *self.rng.pick(&others)?;
        let failure = match of {
            Accusation::WrongShare => {
                Failure::Protocol { culprits: vec![victim], reason: "sent a wrong signature share".into() }
            }
            Accusation::Silence => Failure::TimedOut(vec![victim]),
        };
        // It may make up what it received, but not others' signatures.
        let mut forged = |flight, length| Received {
            flight,
            from: victim,
            message: vec![self.rng.within([0, 255]) as u8; length],
            signature: [1; 64],
        };
        let received = [(1, 96), (2, 64)].map(|(flight, length)| forged(flight, length)).to_vec();
        let transcript = self.rng.percent(50).then(|| Box::new(Transcript { own: vec![1; 96], received }));
        Some(Outcome::Failed { flight: 1, failure, transcript })
    }

    /// What goes out in the place of `effect`.
    pub(crate) fn rewrite(&mut self, around: &Surroundings<'_>, effect: Effect) -> Vec<Effect> {
        match effect {
            Effect::Submit(call) => self.rewrite_call(around, call).into_iter().map(Effect::Submit).collect(),
            Effect::Send { to, bytes } => {
                let other = self.equivocation(around, to, &bytes);
                let bytes = self.rewrite_frame(around, to, bytes);
                bytes.into_iter().chain(other).map(|bytes| Effect::Send { to, bytes }).collect()
            }
            other => vec![other],
        }
    }

    /// What is to be sent when the attempt that it is for is over.
    pub(crate) fn take_late(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.late)
    }

    /// Makes up for what had to wait.
    pub(crate) fn on_block(&mut self, around: &Surroundings<'_>) -> Option<Effect> {
        let Some((attempt, participant)) = self.held.take() else { return self.deal_early(around) };
        self.commit(around, attempt, participant).map(Effect::Submit)
    }

    fn rewrite_call(&mut self, around: &Surroundings<'_>, call: WorkerCall) -> Option<WorkerCall> {
        match call {
            WorkerCall::CommitDealing { attempt, participant, .. } if self.deals_badly() => {
                self.commit(around, attempt, participant)
            }
            WorkerCall::Deal { attempt, .. } if self.reshares_badly() && is_reshare(around, attempt) => {
                self.bad_reshare(around, attempt)
            }
            WorkerCall::Deal { attempt, participant, .. } if self.deals_badly() => {
                let dealing = self.dealings.get(&attempt)?.clone();
                for position in 0..self.faults.len() {
                    if matches!(
                        self.faults[position],
                        Fault::BadShare { .. } | Fault::ReplaysEphemeralKey { .. }
                    ) {
                        self.fire(position);
                    }
                }
                Some(WorkerCall::deal(&self.secrets, &around.genesis, attempt, 0, participant, dealing))
            }
            WorkerCall::Deal { .. }
                if self.faults.iter().any(|f| matches!(f, Fault::CommitsAndDoesNotOpen { .. })) =>
            {
                let position =
                    self.position_of(|fault| matches!(fault, Fault::CommitsAndDoesNotOpen { .. }))?;
                self.fire(position);
                None
            }
            WorkerCall::ReportShares { attempt, participant, complaints, .. } => {
                let round = around.best.view.attempt.as_ref().filter(|of| of.id == attempt)?.round;
                let complaints = self.complain(around, attempt, participant, complaints);
                Some(WorkerCall::report_shares(
                    &self.secrets,
                    &around.genesis,
                    attempt,
                    round,
                    participant,
                    complaints,
                ))
            }
            other => Some(other),
        }
    }

    fn deals_badly(&self) -> bool {
        self.faults.iter().any(|f| matches!(f, Fault::BadShare { .. } | Fault::ReplaysEphemeralKey { .. }))
    }

    fn commit(
        &mut self,
        around: &Surroundings<'_>,
        attempt: AttemptId,
        participant: ParticipantIndex,
    ) -> Option<WorkerCall> {
        if !self.dealings.contains_key(&attempt) {
            match self.make_dealing(around, attempt, participant) {
                Some(dealing) => {
                    self.dealings.insert(attempt, dealing);
                }
                None => {
                    self.held = Some((attempt, participant));
                    return None;
                }
            }
        }
        let hash = self.dealings.get(&attempt)?.hash();
        Some(WorkerCall::commit_dealing(&self.secrets, &around.genesis, attempt, participant, hash))
    }

    /// A dealing with all the member's faults in it; `None` while there is something to wait for.
    fn make_dealing(
        &mut self,
        around: &Surroundings<'_>,
        id: AttemptId,
        participant: ParticipantIndex,
    ) -> Option<Dealing> {
        let attempt = around.best.view.attempt.as_ref().filter(|attempt| attempt.id == id)?;
        let context = DealingContext { genesis: around.genesis, attempt: id, dealer: participant };
        let keys = attempt.keys.clone();
        let recipients: Vec<_> = attempt.members.iter().map(|member| member.dealing_key).collect();
        let mut fresh =
            |keys: &[_]| deal(&context, Secrets::Fresh(keys), attempt.threshold, &recipients, &mut self.rng);
        let mut dealing = fresh(&keys)?;
        for fault in &self.faults {
            let (to, sealed) = match fault {
                Fault::BadShare { to, how, .. } => {
                    let to = index_of(attempt, around, *to)?;
                    let sealed = match how {
                        BadShare::Undecryptable => {
                            let mut sealed = dealing.sealed_for(to)?.clone();
                            sealed.ciphertext.iter_mut().take(1).for_each(|byte| *byte ^= 1);
                            sealed
                        }
                        // Sealed for the same channel, of other polynomials.
                        BadShare::OffPolynomial => fresh(&keys)?.sealed_for(to)?.clone(),
                        BadShare::TooFew => fresh(keys.get(1..)?)?.sealed_for(to)?.clone(),
                    };
                    (to, sealed)
                }
                Fault::ReplaysEphemeralKey { of, to, .. } => {
                    let to = index_of(attempt, around, *to)?;
                    (to, (around.dealing_of)(*of, id)?.sealed_for(to)?.clone())
                }
                _ => continue,
            };
            replace(&mut dealing, to, sealed)?;
        }
        Some(dealing)
    }

    fn complain(
        &mut self,
        around: &Surroundings<'_>,
        id: AttemptId,
        participant: ParticipantIndex,
        mut complaints: Vec<Complaint>,
    ) -> Vec<Complaint> {
        let Some(attempt) = around.best.view.attempt.as_ref().filter(|attempt| attempt.id == id) else {
            return complaints;
        };
        for position in 0..self.faults.len() {
            let Fault::FalseComplaint { against, how, .. } = self.faults[position] else { continue };
            let dealer = match attempt.kind {
                AttemptKind::Keygen => index_of(attempt, around, against),
                AttemptKind::Reshare => reshare::accused(attempt, around, against),
            };
            let complaint =
                dealer.and_then(|dealer| self.false_complaint(around, attempt, dealer, participant, how));
            if let Some(complaint) = complaint {
                complaints.push(complaint);
                self.fire(position);
            }
        }
        // As the chain wants them: by dealer, each at most once.
        complaints.sort_by_key(|complaint| complaint.dealer);
        complaints.dedup_by_key(|complaint| complaint.dealer);
        complaints
    }

    fn false_complaint(
        &mut self,
        around: &Surroundings<'_>,
        attempt: &AttemptView,
        dealer: ParticipantIndex,
        complainer: ParticipantIndex,
        how: FalseComplaint,
    ) -> Option<Complaint> {
        let (_, bytes) = around.best.dealings().iter().find(|(of, _)| *of == dealer)?;
        let mut spoilt = Dealing::decode_all(&mut bytes.as_slice()).ok()?;
        // Shares that we spoil ourselves make the library prove the shared point, which is the true one.
        let mut sealed = spoilt.sealed_for(complainer)?.clone();
        sealed.ciphertext.iter_mut().take(1).for_each(|byte| *byte ^= 1);
        replace(&mut spoilt, complainer, sealed)?;
        let context = DealingContext { genesis: around.genesis, attempt: attempt.id, dealer };
        let public = attempt.members.get(complainer.position())?.dealing_key;
        let secret = (around.dealing_keys)().into_iter().find(|secret| secret.public() == public)?;
        let opened = open(&context, &attempt.keys, &spoilt, complainer, &secret, &mut self.rng);
        let Err(OpenError::Cheated(mut complaint)) = opened else { return None };
        match how {
            FalseComplaint::SharesAreGood => {}
            FalseComplaint::BadProof => {
                let mut bytes = complaint.proof.encode();
                bytes[40] ^= 1;
                complaint.proof = Decode::decode(&mut bytes.as_slice()).ok()?;
            }
            FalseComplaint::BadPoint => complaint.shared_point = [0xff; 32],
        }
        Some(complaint)
    }

    fn rewrite_frame(
        &mut self,
        around: &Surroundings<'_>,
        to: TransportKey,
        bytes: Vec<u8>,
    ) -> Option<Vec<u8>> {
        let frame = Frame::decode_all(&mut bytes.as_slice()).ok()?;
        let body = Body::decode_all(&mut frame.payload.as_slice()).ok()?;
        if matches!(body, Body::Start(_)) {
            self.tasks.insert(frame.header.session);
            return Some(bytes);
        }
        if let Body::Action(ActionMessage::Share { sought, share }) = &body {
            let is_wrong = |fault: &Fault| matches!(fault, Fault::WrongDecryptionShare { .. });
            let Some(position) = self.position_of(is_wrong) else { return Some(bytes) };
            let mut share = share.clone();
            // Points still, and not of this share.
            std::mem::swap(&mut share.sealed.mu, &mut share.sealed.omega);
            let body = Body::Action(ActionMessage::Share { sought: *sought, share });
            return self.instead(around, position, &frame, to, &body);
        }
        if let Body::Action(ActionMessage::Ended { report, signature }) = &body {
            let is_wrong = |fault: &Fault| matches!(fault, Fault::MisendorsesAction { .. });
            let Some(position) = self.position_of(is_wrong) else { return Some(bytes) };
            let mut report = report.clone();
            report.response = Some("another".into());
            let body = Body::Action(ActionMessage::Ended { report, signature: *signature });
            return self.instead(around, position, &frame, to, &body);
        }
        if !self.tasks.contains(&frame.header.session) {
            return self.spoil_set_up(around, to, &frame, &body).or(Some(bytes));
        }
        for position in 0..self.faults.len() {
            match (&self.faults[position], &body) {
                (Fault::WrongSignatureShare { flight, member }, Body::Flight(payload))
                    if frame.header.flight == *flight =>
                {
                    let mut payload = payload.clone();
                    // In the middle of a scalar, where every byte gives a canonical one. At another place for
                    // every liar, or the errors of two could cancel out.
                    // FROST: the share is before the hash of its package.
                    let end = if payload.len() == 64 { 32 } else { payload.len() };
                    let at = end.checked_sub(16 + member % 8)?;
                    payload[at] ^= 1;
                    return self.instead(around, position, &frame, to, &Body::Flight(payload));
                }
                (Fault::CorruptsShares { flight, .. }, Body::Flight(payload))
                    if frame.header.flight == *flight =>
                {
                    // FROST: the share is before the hash of its package; BLS: after the hash of its session.
                    let start = if payload.len() == 64 { 0 } else { 32 };
                    let end = if payload.len() == 64 { 32 } else { payload.len() };
                    let mut payload = payload.clone();
                    if self.rng.percent(80) {
                        self.rng.flip_a_bit(payload.get_mut(start..end)?);
                    } else {
                        payload.truncate(self.rng.within([0, 31]) as usize);
                    }
                    return self.instead(around, position, &frame, to, &Body::Flight(payload));
                }
                (Fault::WrongShareToOne { to: victim, .. }, Body::Flight(payload))
                    if frame.header.flight == 2 && around.keys[*victim].transport == to =>
                {
                    let mut payload = payload.clone();
                    let at = payload.len().checked_sub(16)?;
                    payload[at] ^= 1;
                    return self.instead(around, position, &frame, to, &Body::Flight(payload));
                }
                (Fault::TellsTwoTales { .. }, Body::Flight(payload))
                    if frame.header.flight == 1 && payload.len() == 96 =>
                {
                    self.told += 1;
                    if self.told.is_multiple_of(2) {
                        continue;
                    }
                    // The two commitments in the other order: both are points.
                    let mut payload = payload.clone();
                    payload[32..].rotate_left(32);
                    return self.instead(around, position, &frame, to, &Body::Flight(payload));
                }
                (Fault::WrongDecryptionShare { late, .. }, Body::Outcome(Outcome::Shares(shares))) => {
                    let late = *late;
                    let mut shares = shares.clone();
                    let share = shares.first_mut()?;
                    match self.rng.within([0, 2]) {
                        0 => self.rng.flip_a_bit(&mut share.sealed.omega),
                        // Two points, but no share.
                        1 => std::mem::swap(&mut share.sealed.mu, &mut share.sealed.omega),
                        _ => {
                            let again = *share;
                            shares.push(again);
                        }
                    }
                    let body = Body::Outcome(Outcome::Shares(shares));
                    let bytes = self.instead(around, position, &frame, to, &body)?;
                    if late {
                        self.late.push(Effect::Send { to, bytes });
                        return None;
                    }
                    return Some(bytes);
                }
                // The signature that it alone can make: it keeps it, or sends a wrong one.
                (
                    Fault::WrongSignatureShare { .. }
                    | Fault::CorruptsShares { .. }
                    | Fault::TellsTwoTales { .. },
                    Body::Outcome(Outcome::Signed(signature)),
                ) if self.lied_in.contains(&frame.header.session) => {
                    if self.rng.percent(50) {
                        return None;
                    }
                    let mut signature = signature.clone();
                    signature.iter_mut().take(1).for_each(|byte| *byte ^= 1);
                    let body = Body::Outcome(Outcome::Signed(signature));
                    return self.instead(around, position, &frame, to, &body);
                }
                (Fault::SilentToOne { .. }, Body::Flight(_)) => {
                    let victim = *self.victims.entry(frame.header.session).or_insert(to);
                    if victim == to {
                        self.fire(position);
                        return None;
                    }
                }
                (
                    Fault::SilentToOne { .. },
                    Body::Outcome(Outcome::Failed { failure: Failure::TimedOut(missing), .. }),
                ) if self.rng.percent(50) => {
                    let (failure, transcript) = (Failure::TimedOut(missing.clone()), None);
                    let body = Body::Outcome(Outcome::Failed { flight: 1, failure, transcript });
                    return self.instead(around, position, &frame, to, &body);
                }
                (Fault::SilentInSigning { .. }, Body::Flight(_)) => {
                    self.fire(position);
                    return None;
                }
                (Fault::SilentInSigning { .. }, _) => return None,
                _ => {}
            }
        }
        Some(bytes)
    }

    /// The last flight of an OT set-up ends with the seed that its proofs are made for.
    fn spoil_set_up(
        &mut self,
        around: &Surroundings<'_>,
        to: TransportKey,
        frame: &Frame,
        body: &Body,
    ) -> Option<Vec<u8>> {
        let position = self.position_of(|fault| matches!(fault, Fault::SpoilsSetUps { .. }))?;
        let Body::Flight(payload) = body else { return None };
        let mut payload = payload.clone();
        *payload.last_mut().filter(|_| frame.header.flight == 2)? ^= 1;
        self.instead(around, position, frame, to, &Body::Flight(payload))
    }

    /// What it says beside a frame, in the same place.
    fn equivocation(&mut self, around: &Surroundings<'_>, to: TransportKey, bytes: &[u8]) -> Option<Vec<u8>> {
        let position = self.position_of(|fault| matches!(fault, Fault::Equivocates { .. }))?;
        let frame = Frame::decode_all(&mut &*bytes).ok()?;
        let Ok(Body::Flight(mut payload)) = Body::decode_all(&mut frame.payload.as_slice()) else {
            return None;
        };
        if frame.header.flight != 1 || !self.tasks.contains(&frame.header.session) {
            return None;
        }
        payload.iter_mut().take(1).for_each(|byte| *byte ^= 1);
        self.instead(around, position, &frame, to, &Body::Flight(payload))
    }

    /// The frame with another body, signed as it should be.
    fn instead(
        &mut self,
        around: &Surroundings<'_>,
        position: usize,
        frame: &Frame,
        to: TransportKey,
        body: &Body,
    ) -> Option<Vec<u8>> {
        self.lied_in.insert(frame.header.session);
        self.fire(position);
        let MessageHeader { attempt, session, flight, .. } = frame.header;
        Some(Frame::sign(&self.secrets, &around.genesis, attempt, session, flight, to, body).encode())
    }

    fn position_of(&self, is: impl Fn(&Fault) -> bool) -> Option<usize> {
        self.faults.iter().position(is)
    }

    fn fire(&mut self, position: usize) {
        self.fired[position].1 += 1;
    }
}

fn is_reshare(around: &Surroundings<'_>, id: AttemptId) -> bool {
    let best = around.best.view.attempt.as_ref();
    best.is_some_and(|attempt| attempt.id == id && attempt.kind == AttemptKind::Reshare)
}

fn index_of(attempt: &AttemptView, around: &Surroundings<'_>, seat: Seat) -> Option<ParticipantIndex> {
    let keys = around.keys.get(seat)?;
    attempt.members.iter().position(|member| member.keys == *keys).and_then(ParticipantIndex::from_position)
}

fn replace(dealing: &mut Dealing, to: ParticipantIndex, sealed: SealedShares) -> Option<()> {
    *dealing.recipients.get_mut(to.position())? = sealed;
    Some(())
}
