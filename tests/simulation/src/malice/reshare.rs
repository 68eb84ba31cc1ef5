//! Faults in a reshare.

use conclave_primitives::{AttemptId, AttemptKind, AttemptPhase, AttemptView, ParticipantIndex};
use conclave_vss::{deal, Dealing, DealingContext, SecretScalar, Secrets};
use conclave_worker::{Effect, WorkerCall};

use super::{index_of, replace, Malice, Surroundings};
use crate::{
    dice::Dice,
    fault::{BadShare, Fault, Seat},
};

impl Malice {
    pub(super) fn reshares_badly(&self) -> bool {
        self.faults.iter().any(|f| matches!(f, Fault::BadShare { .. } | Fault::DealsAnotherShare { .. }))
    }

    /// Only as many dealings are taken as are needed: who waits for no finality is among them.
    pub(super) fn deal_early(&mut self, around: &Surroundings<'_>) -> Option<Effect> {
        let attempt = around.best.view.attempt.as_ref().filter(|a| a.kind == AttemptKind::Reshare)?;
        let is_new = attempt.phase == AttemptPhase::Deal && !self.dealings.contains_key(&attempt.id);
        (self.reshares_badly() && is_new)
            .then(|| self.bad_reshare(around, attempt.id))
            .flatten()
            .map(Effect::Submit)
    }

    /// The call that deals badly, the same again whenever the worker wants to deal.
    pub(super) fn bad_reshare(&mut self, around: &Surroundings<'_>, id: AttemptId) -> Option<WorkerCall> {
        let attempt = around.best.view.attempt.as_ref().filter(|a| a.id == id)?;
        let keys = self.secrets.public();
        let position = attempt.dealers.iter().position(|dealer| dealer.keys == keys)?;
        let participant = ParticipantIndex::from_position(position)?;
        if !self.dealings.contains_key(&id) {
            let dealing = self.make_reshare(around, attempt, participant)?;
            self.dealings.insert(id, dealing);
        }
        let dealing = self.dealings.get(&id)?.clone();
        Some(WorkerCall::deal(&self.secrets, &around.genesis, id, attempt.round, participant, dealing))
    }

    fn make_reshare(
        &mut self,
        around: &Surroundings<'_>,
        attempt: &AttemptView,
        participant: ParticipantIndex,
    ) -> Option<Dealing> {
        let serving = around.best.view.committee.as_ref()?.attempt_id();
        let mut shares = (around.shares)(serving)?;
        let context = DealingContext { genesis: around.genesis, attempt: attempt.id, dealer: participant };
        let recipients: Vec<_> = attempt.members.iter().map(|member| member.dealing_key).collect();
        let mut fired = Vec::new();
        if let Some(position) = self.position_of(|fault| matches!(fault, Fault::DealsAnotherShare { .. })) {
            // One key's of all: a scalar on every curve, in either byte order.
            let key = self.rng.within([0, shares.len() as u64 - 1]) as usize;
            let mut other = [0; 32];
            (other[0], other[31]) = (1, 1);
            shares[key].1 = SecretScalar::from_bytes(other);
            fired.push(position);
        }
        let rng = &mut self.rng;
        let mut dealing = deal(&context, Secrets::Shares(&shares), attempt.threshold, &recipients, rng)?;
        for (position, fault) in self.faults.iter().enumerate() {
            let Fault::BadShare { to, how, .. } = fault else { continue };
            let Some(to) = index_of(attempt, around, *to) else { continue };
            let keys = match how {
                BadShare::TooFew => attempt.keys.get(1..)?,
                BadShare::Undecryptable | BadShare::OffPolynomial => &attempt.keys,
            };
            let sealed = match how {
                BadShare::Undecryptable => {
                    let mut sealed = dealing.sealed_for(to)?.clone();
                    sealed.ciphertext.iter_mut().take(1).for_each(|byte| *byte ^= 1);
                    sealed
                }
                BadShare::OffPolynomial | BadShare::TooFew => {
                    deal(&context, Secrets::Fresh(keys), attempt.threshold, &recipients, rng)?
                        .sealed_for(to)?
                        .clone()
                }
            };
            replace(&mut dealing, to, sealed)?;
            fired.push(position);
        }
        fired.into_iter().for_each(|position| self.fire(position));
        Some(dealing)
    }
}

/// Who is accused in a reshare: the wanted one if it deals, otherwise another whose dealing stands.
pub(super) fn accused(
    attempt: &AttemptView,
    around: &Surroundings<'_>,
    wanted: Seat,
) -> Option<ParticipantIndex> {
    let keys = around.keys.get(wanted)?;
    let standing = around.best.dealings();
    let is_wanted = |index: &ParticipantIndex| {
        attempt.dealers.get(index.position()).is_some_and(|dealer| dealer.keys == *keys)
    };
    let indices = || standing.iter().map(|(dealer, _)| *dealer);
    indices().find(is_wanted).or_else(|| indices().next())
}
