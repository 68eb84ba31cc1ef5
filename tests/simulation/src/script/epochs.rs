//! Epochs: from one committee to the next while clients ask for signatures.

use conclave_primitives::{Scheme, MAX_MEMBERS};
use std::time::Duration;

use super::Script;
use crate::{
    check::{
        must,
        reshare::{after, all_followed, attempt_before, before, failed, named, Before},
        Check,
    },
    dice::Dice,
    fault::{Fault, Seat},
    network::Network,
    runtime::{CONFIRM_BLOCKS, PHASE_BLOCKS},
    scenario::Reshare,
    world::BLOCK_TIME,
};

/// The time between an answer and the next request, in a reshare.
const PAUSE: [Duration; 2] = [Duration::ZERO, Duration::from_secs(8)];
/// How many refreshes, until every liar's dealing was among those that the chain took.
const REFRESHES_AMONG_LIARS: usize = 5;

/// How long a node may be away, and then need to follow.
const AWAY_AT_MOST: Duration = Duration::from_secs(400);

impl Script<'_> {
    /// The next session, of these validators, and all that the plan has happen meanwhile.
    pub(super) fn reshare(&mut self, step: &Reshare) -> Check {
        let Reshare { to, faults } = step;
        let before = before(self.world, &self.committee)?;
        let deals =
            faults.iter().any(|fault| !matches!(fault, Fault::FalseComplaint { .. }) && fault.is_provable());
        self.world.begin(faults);
        let mut missing: Vec<Seat> =
            faults.iter().filter(|fault| fault.is_provable()).map(Fault::member).collect();
        self.next_committee(&before, to)?;
        let named_now = named(self.world, &before)?;
        missing.retain(|seat| !named_now.contains(seat));
        // Whoever dealt too late to be judged deals again, in a refresh.
        for _ in 0..REFRESHES_AMONG_LIARS {
            if missing.is_empty() || !deals {
                break;
            }
            let again = crate::check::reshare::before(self.world, &self.committee)?;
            self.next_committee(&again, to)?;
            let named_now = named(self.world, &again)?;
            missing.retain(|seat| !named_now.contains(seat));
        }
        must!(missing.is_empty(), "the chain did not name the guilty {missing:?}");
        Ok(())
    }

    fn next_committee(&mut self, before: &Before, to: &[Seat]) -> Check {
        self.await_quiet()?;
        must!(to.len() <= MAX_MEMBERS as usize, "too many validators");
        let accounts = to.iter().map(|seat| self.world.nodes[*seat].account.clone()).collect();
        self.world.chain.next_session(accounts);
        let signatures = self.story.signatures;
        self.sign_until_next(before)?;
        must!(self.story.signatures > signatures, "no signature was made in the reshare");
        self.committee = self.world.committee().ok_or("no committee")?;
        let committee = self.committee.clone();
        // A phase for each attempt that others may still be down in, then the time to hear of it all.
        let limit = self.world.now + 20 * BLOCK_TIME;
        let followed = self.world.run_until(limit, |world| all_followed(world, &committee))?;
        must!(followed, "not all have followed to the committee that serves: {}", self.stragglers());
        after(self.world, before, &committee, to)?;
        self.story.reshares += 1;
        let may_fail =
            self.world.network != Network::CALM || self.world.faults.iter().any(|f| !f.is_malice());
        must!(may_fail || failed(self.world, before) == 0, "an attempt failed");
        self.await_readiness(Scheme::Ed25519)?;
        let gateway = self.any_gateway();
        self.must_sign(gateway, Scheme::Ed25519)?;
        Ok(())
    }

    /// Requests until the next committee serves: whatever the reshare is in, the one before signs.
    fn sign_until_next(&mut self, before: &Before) -> Check {
        let attempt = BLOCK_TIME * (3 * PHASE_BLOCKS + CONFIRM_BLOCKS + 6);
        let limit = self.world.now + attempt * 4;
        let old = attempt_before(before);
        loop {
            let gateway = self.any_gateway();
            self.must_sign(gateway, Scheme::Ed25519)?;
            let pause = self.world.now + self.world.rng.time_within(PAUSE);
            let next = self.world.run_until(pause, |world| {
                world.committee().is_some_and(|committee| committee.attempt_id() != old)
            })?;
            if next {
                return Ok(());
            }
            must!(self.world.now < limit, "no next committee within {:?}", attempt * 4);
        }
    }

    /// At the end, when nobody is away any more.
    pub(super) fn all_follow(&mut self) -> Check {
        let limit = self.world.now + AWAY_AT_MOST;
        let committee = self.committee.clone();
        let followed = self.world.run_until(limit, |world| {
            let here = (0..world.gateway()).all(|seat| world.is_up(seat) && !world.is_cut_off(seat));
            here && all_followed(world, &committee)
        })?;
        must!(followed, "not all came back and followed: {}", self.stragglers());
        crate::check::shares(self.world, &committee)?;
        self.await_readiness(Scheme::Ed25519)?;
        let gateway = self.any_gateway();
        self.must_sign(gateway, Scheme::Ed25519).map(|_| ())
    }

    /// Waits until no attempt runs: one that is due would take the next session for its own.
    fn await_quiet(&mut self) -> Check {
        let limit = self.world.now + 20 * BLOCK_TIME;
        let quiet =
            self.world.run_until(limit, |world| world.chain.at(world.chain.best()).view.attempt.is_none())?;
        must!(quiet, "an attempt runs on");
        Ok(())
    }

    fn stragglers(&self) -> String {
        let id = self.committee.attempt_id();
        let of = |seat: Seat| {
            let node = &self.world.nodes[seat];
            let sees = node.worker.as_ref().map(|worker| {
                worker.status().view.committee.as_ref().map(|committee| committee.attempt_id()) == Some(id)
            });
            let holds = node.disk.shares(&node.encryption_key(), id).is_some();
            format!("seat {seat} sees it {sees:?}, holds {holds}, {} others", node.disk.records_beside(id))
        };
        (0..self.world.gateway()).map(of).collect::<Vec<_>>().join("; ")
    }
}
