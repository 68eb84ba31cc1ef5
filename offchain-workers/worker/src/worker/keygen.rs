//! Key generation: the jobs that [`reconcile`](crate::reconcile()) yields.

use conclave_primitives::{AttemptId, AttemptView};
use conclave_protocols::{
    keygen::{complaints, take_shares, Recipient},
    PairStates, ECDSA_CURVES,
};
use conclave_vss::{deal, DealingContext};
use rand_core::CryptoRng;
use std::{collections::BTreeMap, time::Duration};

use super::Worker;
use crate::{
    event::Effect,
    holding::Holding,
    limits::RESUBMIT_AFTER,
    ports::{ReadChain, StoreRecords},
    reconcile::Job,
    WorkerCall,
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
            Job::Deal(id) => self.open_dealing(id),
            Job::ReportShares(id) => self.report_shares(id, chain),
            Job::TakeShares(id) => self.take_shares(now, id, chain),
            Job::ConfirmShares(id) => self.confirm_shares(id),
            Job::Activate(id) => {
                self.coordinate_activation(now, id);
                return;
            }
        };
        match done {
            // Taking shares submits nothing; the confirmation follows at once.
            Ok(()) if matches!(job, Job::TakeShares(_)) => {
                if let Job::TakeShares(id) = job {
                    if self.view.keygen.as_ref().is_some_and(|keygen| keygen.id == id) {
                        self.run_job(now, Job::ConfirmShares(id), chain);
                    }
                }
            }
            Ok(()) => {
                self.submitted.insert(job, finalized);
            }
            Err(reason) => log::warn!(target: "conclave::keygen", "{job:?} failed: {reason}"),
        }
    }

    fn commit_dealing(&mut self, id: AttemptId) -> Result<(), String> {
        let keygen = self.attempt(id)?.clone();
        let participant = self.local_view().in_keygen.ok_or("not a member")?;
        // After a restart the dealing that was committed to is the one to open.
        let dealing = match self.store.dealing(id).map_err(|error| error.to_string())? {
            Some(dealing) => dealing,
            None => {
                let context = DealingContext { genesis: self.genesis, keygen: id, dealer: participant };
                let recipients: Vec<_> = keygen.members.iter().map(|member| member.keys.encryption).collect();
                let dealing = deal(&context, &keygen.keys, keygen.threshold, &recipients, &mut self.rng)
                    .ok_or("a member's encryption key is no point")?;
                self.store.put_dealing(id, &dealing, &mut self.rng).map_err(|error| error.to_string())?;
                dealing
            }
        };
        let call = WorkerCall::commit_dealing(&self.secrets, &self.genesis, id, participant, dealing.hash());
        self.effects.push(Effect::Submit(call));
        log::info!(target: "conclave::keygen", "committed to a dealing for {id:?} as {participant:?}");
        Ok(())
    }

    fn open_dealing(&mut self, id: AttemptId) -> Result<(), String> {
        let participant = self.local_view().in_keygen.ok_or("not a member")?;
        let dealing = self
            .store
            .dealing(id)
            .map_err(|error| error.to_string())?
            .ok_or("the dealing that was committed to is not on disk")?;
        let call = WorkerCall::deal(&self.secrets, &self.genesis, id, participant, dealing);
        self.effects.push(Effect::Submit(call));
        Ok(())
    }

    fn report_shares(&mut self, id: AttemptId, chain: &impl ReadChain) -> Result<(), String> {
        let keygen = self.attempt(id)?.clone();
        let participant = self.local_view().in_keygen.ok_or("not a member")?;
        let dealings = chain.read_dealings().map_err(|error| error.to_string())?;
        let recipient = Recipient {
            genesis: self.genesis,
            keygen: id,
            index: participant,
            keys: &keygen.keys,
            secret: &self.secrets.encryption,
        };
        let complaints =
            complaints(&recipient, &dealings, &mut self.rng).map_err(|error| error.to_string())?;
        for complaint in &complaints {
            log::warn!(target: "conclave::keygen", "{:?} dealt us bad shares: complaining", complaint.dealer);
        }
        let call = WorkerCall::report_shares(&self.secrets, &self.genesis, id, participant, complaints);
        self.effects.push(Effect::Submit(call));
        Ok(())
    }

    /// Shares are on disk, read back and checked against the keys before anyone is told.
    fn take_shares(&mut self, now: Duration, id: AttemptId, chain: &impl ReadChain) -> Result<(), String> {
        let committee = self.committee_of(id).ok_or("neither forming nor serving")?;
        let index = committee.index_of_transport(&self.me).ok_or("not a member")?;
        let dealings = chain.read_dealings().map_err(|error| error.to_string())?;
        let keys: Vec<_> = committee.roots.iter().map(|root| root.id).collect();
        let recipient = Recipient {
            genesis: self.genesis,
            keygen: id,
            index,
            keys: &keys,
            secret: &self.secrets.encryption,
        };
        let shares = take_shares(&recipient, &dealings, &committee.roots, &mut self.rng)
            .map_err(|error| error.to_string())?;
        let shares: Vec<_> = keys.into_iter().zip(shares).collect();
        self.store.put_shares(id, &shares, &mut self.rng).map_err(|error| error.to_string())?;
        self.load_holding(now);
        if self.holding.as_ref().is_some_and(|holding| holding.keygen == id) {
            log::info!(target: "conclave::keygen", "holds its shares of {id:?} as {index:?}");
            Ok(())
        } else {
            Err("the shares read back are not the ones written".into())
        }
    }

    fn confirm_shares(&mut self, id: AttemptId) -> Result<(), String> {
        let participant = self.local_view().in_keygen.ok_or("not a member")?;
        let call = WorkerCall::confirm_shares(&self.secrets, &self.genesis, id, participant);
        self.effects.push(Effect::Submit(call));
        Ok(())
    }

    /// Reads what is on disk for the present committee, and lets go of what belongs to another.
    pub(super) fn load_holding(&mut self, now: Duration) {
        let Some(committee) = self.present_committee() else {
            let running = self.view.keygen.as_ref().map(|keygen| keygen.id);
            self.holding = None;
            self.keep_from(running);
            return;
        };
        let id = committee.attempt_id();
        // The committee that serves keeps its shares while another forms.
        self.keep_from(self.view.committee.as_ref().map(|serving| serving.attempt_id()).or(Some(id)));
        if self.holding.as_ref().is_some_and(|holding| holding.keygen == id) {
            return;
        }
        self.holding = None;
        let Some(index) = committee.index_of_transport(&self.me) else { return };
        let shares = match self.store.shares(id) {
            Ok(Some(shares)) => shares,
            Ok(None) => return,
            Err(error) => {
                // Fails closed: without shares we do not take part, and the log says what to do.
                log::error!(target: "conclave::store", "shares of {id:?}: {error}");
                return;
            }
        };
        let mut holding =
            Holding { keygen: id, index, shares, pairs: PairStates::default(), paired_at: BTreeMap::new() };
        if !holding.matches(&committee) {
            log::error!(target: "conclave::store", "shares of {id:?} on disk are not those of the keys on chain");
            return;
        }
        for peer in committee.indices().filter(|peer| *peer != index) {
            for curve in ECDSA_CURVES {
                match self.store.pair(id, *curve, peer) {
                    Ok(Some(pair)) if pair.index() == index && pair.counterparty() == peer => {
                        holding.pairs.insert(pair);
                        holding.paired_at.insert((*curve, peer), now);
                    }
                    Ok(_) => {}
                    Err(error) => log::error!(target: "conclave::store", "pair with {peer:?}: {error}"),
                }
            }
        }
        self.holding = Some(holding);
    }

    /// Erases the records of attempts before `keygen`. Never of later ones: a node whose chain database was lost
    /// passes through old attempts again while it syncs, and must not take what it holds now for a leftover.
    fn keep_from(&mut self, keygen: Option<AttemptId>) {
        let Some(id) = keygen else { return };
        if self.kept_from == Some(id) {
            return;
        }
        self.submitted.clear();
        self.tried_at.clear();
        match self.store.keep_from(id) {
            Ok(()) => self.kept_from = Some(id),
            Err(error) => log::warn!(target: "conclave::store", "old records could not be erased: {error}"),
        }
    }

    fn attempt(&self, id: AttemptId) -> Result<&AttemptView, String> {
        self.view.keygen.as_ref().filter(|keygen| keygen.id == id).ok_or_else(|| "the attempt is over".into())
    }
}
