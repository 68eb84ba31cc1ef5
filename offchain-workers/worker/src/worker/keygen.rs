//! Key generation and resharing: the jobs that [`reconcile`](crate::reconcile()) yields.

use conclave_primitives::{AttemptId, AttemptKind, AttemptPhase, AttemptView, Committee, ParticipantIndex};
use conclave_protocols::{
    keygen::{complaints, take_shares, Recipient},
    PairStates,
};
use conclave_vss::{deal, Combination, Dealing, DealingContext, EncryptionSecret, Secrets};
use rand_core::CryptoRng;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::Worker;
use crate::{
    event::Effect,
    holding::Holding,
    limits::RESUBMIT_AFTER,
    ports::{ReadChain, StoreRecords},
    reconcile::Job,
    rollback, RolledBack, WorkerCall,
};

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    pub(super) fn run_job(&mut self, now: Duration, job: Job, chain: &impl ReadChain) {
        let finalized = self.view.finalized;
        if let Some(at) = self.submitted.get(&job) {
            if finalized < at.saturating_add(RESUBMIT_AFTER) {
                return;
            }
        }
        let done = match job {
            Job::CommitDealing(id) => self.commit_dealing(id),
            Job::Deal(id) => self.deal(id),
            Job::ReportShares(id) => self.report_shares(id, chain),
            Job::TakeShares(id) => {
                match self.take_shares(id, chain) {
                    // Nothing to submit; the confirmation follows at once.
                    Ok(()) if self.attempt(id).is_ok() => self.run_job(now, Job::ConfirmShares(id), chain),
                    Ok(()) => {}
                    Err(reason) => warn(&job, &reason),
                }
                return;
            }
            Job::ConfirmShares(id) => self.confirm_shares(id),
            Job::Activate(id) => {
                self.activate(now, id);
                return;
            }
        };
        match done {
            Ok(()) => {
                self.submitted.insert(job, finalized);
            }
            Err(reason) => warn(&job, &reason),
        }
    }

    fn commit_dealing(&mut self, id: AttemptId) -> Result<(), String> {
        let (participant, dealing) = self.own_dealing(id)?;
        let call = WorkerCall::commit_dealing(&self.secrets, &self.genesis, id, participant, dealing.hash());
        self.effects.push(Effect::Submit(call));
        log::info!(target: "conclave::keygen", "committed to a dealing for {id:?} as {participant:?}");
        Ok(())
    }

    fn deal(&mut self, id: AttemptId) -> Result<(), String> {
        let (participant, dealing) = self.own_dealing(id)?;
        let round = self.attempt(id)?.round;
        let call = WorkerCall::deal(&self.secrets, &self.genesis, id, round, participant, dealing);
        self.effects.push(Effect::Submit(call));
        Ok(())
    }

    /// Our dealing of an attempt, made once: after a restart the one that was committed to is the one to open.
    fn own_dealing(&mut self, id: AttemptId) -> Result<(ParticipantIndex, Dealing), String> {
        let dealer = self.local_view().as_dealer.ok_or("not a dealer")?;
        if let Some(dealing) = self.store.dealing(id).map_err(|error| error.to_string())? {
            return Ok((dealer, dealing));
        }
        // Fields one by one, since the dealing borrows randomness beside them.
        let running = self.view.attempt.as_ref().filter(|attempt| attempt.id == id);
        let attempt = running.ok_or("the attempt is over")?;
        let serving = self.view.committee.as_ref().and_then(|of| self.holdings.get(&of.attempt_id()));
        if attempt.phase != AttemptPhase::Commit && attempt.kind == AttemptKind::Keygen {
            return Err("the dealing that was committed to is not on disk".into());
        }
        let context = DealingContext { genesis: self.genesis, attempt: id, dealer };
        let recipients: Vec<_> = attempt.members.iter().map(|member| member.dealing_key).collect();
        let secrets = match attempt.kind {
            AttemptKind::Keygen => Secrets::Fresh(&attempt.keys),
            AttemptKind::Reshare => Secrets::Shares(&serving.ok_or("no shares to deal")?.shares),
        };
        let dealing = deal(&context, secrets, attempt.threshold, &recipients, &mut self.rng)
            .ok_or("a member's dealing key is no point")?;
        self.store.put_dealing(id, &dealing, &mut self.rng).map_err(|error| error.to_string())?;
        Ok((dealer, dealing))
    }

    fn report_shares(&mut self, id: AttemptId, chain: &impl ReadChain) -> Result<(), String> {
        let participant = self.local_view().as_member.ok_or("not a member")?;
        let attempt = self.attempt(id)?;
        let (keys, round) = (attempt.keys.clone(), attempt.round);
        let secret = self.own_dealing_key(id)?;
        let dealings = chain.read_dealings().map_err(|error| error.to_string())?;
        let recipient = Recipient {
            genesis: self.genesis,
            attempt: id,
            index: participant,
            keys: &keys,
            secret: &secret,
        };
        let complaints =
            complaints(&recipient, &dealings, &mut self.rng).map_err(|error| error.to_string())?;
        for complaint in &complaints {
            log::warn!(target: "conclave::keygen", "{:?} dealt us bad shares: complaining", complaint.dealer);
        }
        let call =
            WorkerCall::report_shares(&self.secrets, &self.genesis, id, round, participant, complaints);
        self.effects.push(Effect::Submit(call));
        Ok(())
    }

    /// Shares are on disk, read back and checked against the keys before anyone is told.
    fn take_shares(&mut self, id: AttemptId, chain: &impl ReadChain) -> Result<(), String> {
        let committee = self.committee_of(id).cloned().ok_or("neither forming nor serving")?;
        let index = committee.index_of_transport(&self.me).ok_or("not a member")?;
        let dealings = chain.read_dealings().map_err(|error| error.to_string())?;
        let combination = match committee.kind {
            AttemptKind::Keygen => Combination::Sum,
            AttemptKind::Reshare => Combination::Interpolation,
        };
        let keys: Vec<_> = committee.roots.iter().map(|root| root.id).collect();
        let secret = self.own_dealing_key(id)?;
        let recipient = Recipient { genesis: self.genesis, attempt: id, index, keys: &keys, secret: &secret };
        let shares = take_shares(&recipient, combination, &dealings, &committee.roots, &mut self.rng)
            .map_err(|error| error.to_string())?;
        let shares: Vec<_> = keys.into_iter().zip(shares).collect();
        self.store.put_shares(id, &shares, &mut self.rng).map_err(|error| error.to_string())?;
        self.load_holdings();
        if self.holdings.contains_key(&id) {
            log::info!(target: "conclave::keygen", "holds its shares of {id:?} as {index:?}");
            Ok(())
        } else {
            Err("the shares read back are not the ones written".into())
        }
    }

    fn own_dealing_key(&self, id: AttemptId) -> Result<EncryptionSecret, String> {
        let secret = self.store.dealing_key(id).map_err(|error| error.to_string())?;
        // With another key every dealing would look bad, and the complaint convict us.
        let is_dealt_to = |secret: &EncryptionSecret| self.dealt_to().contains(&(id, secret.public()));
        secret.filter(is_dealt_to).ok_or_else(|| "the dealing key is not on this disk".into())
    }

    fn confirm_shares(&mut self, id: AttemptId) -> Result<(), String> {
        let participant = self.local_view().as_member.ok_or("not a member")?;
        let call = WorkerCall::confirm_shares(&self.secrets, &self.genesis, id, participant);
        self.effects.push(Effect::Submit(call));
        Ok(())
    }

    /// Reads what is on disk for the committees in question, and lets go of what belongs to others.
    pub(super) fn load_holdings(&mut self) {
        self.erase_old_records();
        let named: BTreeSet<AttemptId> = self.committees().map(Committee::attempt_id).collect();
        self.holdings.retain(|id, _| named.contains(id));
        let is_missing = |committee: &&Committee| !self.holdings.contains_key(&committee.attempt_id());
        for committee in self.committees().filter(is_missing).cloned().collect::<Vec<_>>() {
            if let Some(holding) = self.read_holding(&committee) {
                self.holdings.insert(committee.attempt_id(), holding);
            }
        }
        self.refuse_old_disk();
    }

    /// Lets go of what an old disk has; says so once.
    fn refuse_old_disk(&mut self) {
        let stale = self.committees().filter_map(|committee| {
            let holds = self.holdings.contains_key(&committee.attempt_id());
            rollback::check(committee, committee.index_of_transport(&self.me), holds).err()
        });
        // It stays so until another attempt made shares, also if the one that told us has failed.
        let is_over = |old: &RolledBack| self.holdings.keys().any(|id| *id > old.confirmed);
        let still = self.rolled_back.filter(|old| !is_over(old));
        let rolled_back = stale.chain(still).max_by_key(|stale| stale.confirmed);
        if let Some(stale) = rolled_back {
            self.holdings.retain(|id, _| *id > stale.confirmed);
            if self.rolled_back != rolled_back {
                log::error!(target: "conclave::store", "{stale}");
            }
        } else if self.rolled_back.is_some() {
            log::info!(target: "conclave::store", "reshared: the disk is up to date again");
        }
        self.rolled_back = rolled_back;
    }

    fn read_holding(&mut self, committee: &Committee) -> Option<Holding> {
        let id = committee.attempt_id();
        let index = committee.index_of_transport(&self.me)?;
        let shares = match self.store.shares(id) {
            Ok(shares) => shares?,
            Err(error) => {
                // Fails closed: without shares we do not take part, and the log says what to do.
                log::error!(target: "conclave::store", "shares of {id:?}: {error}");
                return None;
            }
        };
        // Set-ups for ECDSA were of the last process, and went with it: see `crate::rollback`.
        let holding = Holding { index, shares, pairs: PairStates::default(), paired_at: BTreeMap::new() };
        if !holding.matches(committee, &mut self.rng) {
            log::error!(target: "conclave::store", "shares of {id:?} on disk are not those of the keys on chain");
            return None;
        }
        Some(holding)
    }

    /// Erases the records of attempts that neither serve nor run. Never of later ones: a node whose chain database was
    /// lost passes through old attempts again while it syncs, and must not take what it holds now for a leftover.
    fn erase_old_records(&mut self) {
        let serving = self.view.committee.as_ref().map(Committee::attempt_id);
        let running = self.view.attempt.as_ref().map(|attempt| attempt.id);
        let Some(newest) = running.or(serving) else { return };
        if self.kept == Some((serving, newest)) {
            return;
        }
        self.adopted.retain(|attempt| *attempt >= newest || Some(*attempt) == serving);
        self.submitted.retain(|job, _| job.attempt() >= newest);
        self.tried_at.retain(|(attempt, ..), _| *attempt >= newest || Some(*attempt) == serving);
        match self.store.keep(serving, newest) {
            Ok(()) => self.kept = Some((serving, newest)),
            Err(error) => log::warn!(target: "conclave::store", "old records could not be erased: {error}"),
        }
    }

    fn attempt(&self, id: AttemptId) -> Result<&AttemptView, String> {
        self.view
            .attempt
            .as_ref()
            .filter(|attempt| attempt.id == id)
            .ok_or_else(|| "the attempt is over".into())
    }
}

fn warn(job: &Job, reason: &str) {
    log::warn!(target: "conclave::keygen", "{job:?} failed: {reason}");
}
