//! Our dealing keys: the next one provided ahead, each kept for as long as what was dealt to it.

use conclave_primitives::{AttemptId, DealingKeyView, Member};
use rand_core::CryptoRng;

use super::Worker;
use crate::{
    event::Effect,
    limits::RESUBMIT_AFTER,
    ports::{ReadChain, StoreRecords},
    share_store::ShareStoreError,
    WorkerCall,
};

/// A key that is on its way to the chain.
pub(super) struct Providing {
    public: [u8; 32],
    /// The attempt that it is for, or a later one.
    attempt: AttemptId,
    /// The finalized block at which it was submitted.
    at: u32,
}

impl<S: StoreRecords, R: CryptoRng> Worker<S, R> {
    /// Before old records are erased: a key may be of an attempt that failed, and be dealt to again.
    pub(super) fn follow_dealing_keys(&mut self, chain: &impl ReadChain) {
        self.adopt_dealing_keys();
        match chain.read_dealing_key(&self.secrets.public().signing) {
            Ok(Some(view)) => self.provide_dealing_key(&view).unwrap_or_else(|error| {
                log::error!(target: "conclave::store", "no dealing key can be provided: {error}");
            }),
            // Not registered.
            Ok(None) => {}
            Err(error) => log::warn!(target: "conclave::chain", "our dealing key: {error}"),
        }
    }

    /// Binds the keys that attempts deal to to those attempts' records.
    pub(super) fn adopt_dealing_keys(&mut self) {
        for (attempt, public) in self.dealt_to() {
            if self.adopted.contains(&attempt) {
                continue;
            }
            match self.store.adopt_dealing_key(attempt, &public, &mut self.rng) {
                Ok(true) => {}
                // Shares that are on disk are as good without it.
                Ok(false) => log::warn!(
                    target: "conclave::store",
                    "the dealing key of {attempt:?} is not on this disk: shares dealt to it cannot be read"
                ),
                Err(error) => {
                    log::error!(target: "conclave::store", "dealing key of {attempt:?}: {error}");
                    continue;
                }
            }
            self.adopted.insert(attempt);
        }
    }

    /// The attempts in question that we are a member of, with our key in each.
    pub(super) fn dealt_to(&self) -> Vec<(AttemptId, [u8; 32])> {
        let own = |id: AttemptId, members: &[Member]| {
            let member = members.iter().find(|member| member.keys.transport == self.me)?;
            Some((id, member.dealing_key))
        };
        let serving = self.view.committee.as_ref().and_then(|of| own(of.attempt_id(), &of.members));
        let running = self.view.attempt.as_ref().and_then(|of| own(of.id, &of.members));
        serving.into_iter().chain(running).collect()
    }

    /// A key that was made by an earlier process is not provided any more: an old disk may have brought it back.
    pub(super) fn provide_dealing_key(&mut self, view: &DealingKeyView) -> Result<(), ShareStoreError> {
        // Once for each: a machine takes its time to open a record.
        if let Some(provided) = view.provided.filter(|provided| self.provided != Some(*provided)) {
            self.store.forget_dealing_keys_before(&provided)?;
            self.provided = Some(provided);
        }
        if !view.is_due {
            return Ok(());
        }
        let finalized = self.view.finalized;
        let public = match &self.providing {
            Some(pending) if Some(pending.public) != view.provided => {
                let is_current = pending.attempt == view.next;
                if is_current && finalized < pending.at.saturating_add(RESUBMIT_AFTER) {
                    return Ok(());
                }
                pending.public
            }
            _ => self.store.make_dealing_key(&mut self.rng)?,
        };
        let Some(secret) = self.store.next_dealing_key(&public)? else {
            // Its record is damaged: another one takes its place.
            self.providing = None;
            return Ok(());
        };
        let attempt = view.next;
        let call =
            WorkerCall::provide_dealing_key(&self.secrets, &self.genesis, attempt, &secret, &mut self.rng);
        self.effects.push(Effect::Submit(call));
        self.providing = Some(Providing { public, attempt, at: finalized });
        Ok(())
    }
}
