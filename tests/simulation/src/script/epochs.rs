//! Epochs: from one committee to the next while clients ask for signatures.

use conclave_primitives::{Committee, Scheme, MAX_MEMBERS};
use pallet_committee::Event;
use std::{cell::RefCell, collections::BTreeMap, time::Duration};

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
    runtime::{Runtime, CONFIRM_BLOCKS, PHASE_BLOCKS},
    scenario::Reshare,
    world::{World, BLOCK_TIME},
};

/// The time between an answer and the next request, in a reshare.
const PAUSE: [Duration; 2] = [Duration::ZERO, Duration::from_secs(8)];
/// How many refreshes, until every liar's dealing was among those that the chain took.
const REFRESHES_AMONG_LIARS: usize = 5;

/// So many blocks before an attempt would fail, workers activate without all set-ups.
const ACTIVATION_BEFORE_DEADLINE: u32 = 12;

/// How long a node may be away, and then need to follow.
const AWAY_AT_MOST: Duration = Duration::from_secs(400);

impl Script<'_> {
    /// The next session, of these validators, and all that the plan has happen meanwhile.
    pub(super) fn reshare(&mut self, step: &Reshare) -> Check {
        let Reshare { to, faults, is_stuck } = step;
        // Who has crashed late may have come back this moment.
        self.await_followers()?;
        let before = before(self.world, &self.committee)?;
        let deals =
            faults.iter().any(|fault| !matches!(fault, Fault::FalseComplaint { .. }) && fault.is_provable());
        self.world.begin(faults);
        let mut missing: Vec<Seat> =
            faults.iter().filter(|fault| fault.is_provable()).map(Fault::member).collect();
        self.next_committee(&before, to)?;
        must!(!is_stuck || failed(self.world, &before) > 0, "no attempt failed: nothing was stuck");
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
        self.next_session(to)?;
        self.follow_next(before, to)
    }

    pub(super) fn next_session(&mut self, to: &[Seat]) -> Check {
        self.await_quiet()?;
        must!(to.len() <= MAX_MEMBERS as usize, "too many validators");
        let accounts = to.iter().map(|seat| self.world.nodes[*seat].account.clone()).collect();
        self.world.chain.next_session(accounts);
        Ok(())
    }

    /// Up to a committee of these that serves, and everything that must hold of it.
    pub(super) fn follow_next(&mut self, before: &Before, to: &[Seat]) -> Check {
        let signatures = self.story.signatures;
        self.sign_until_next(before)?;
        must!(self.story.signatures > signatures, "no signature was made in the reshare");
        self.committee = self.world.committee().ok_or("no committee")?;
        let committee = self.committee.clone();
        if self.plan.ot {
            self.must_be_ready_at_once(&committee)?;
        }
        self.await_followers()?;
        after(self.world, before, &committee, to)?;
        self.story.reshares += 1;
        // Those who have reformed may have spoilt an attempt before.
        let has_reformed = self.world.deeds().count() > self.world.faults.len();
        let may_fail = self.world.network != Network::CALM
            || has_reformed
            || self.world.faults.iter().any(|f| !f.is_malice());
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
            let next = self.sign_and_pause(|world| {
                world.committee().is_some_and(|committee| committee.attempt_id() != old)
            })?;
            if next {
                return Ok(());
            }
            must!(self.world.now < limit, "no next committee within {:?}", attempt * 4);
        }
    }

    /// Whoever is up follows: a phase for each attempt that others may still be down in, then the time to hear of it all.
    fn await_followers(&mut self) -> Check {
        let committee = self.committee.clone();
        let limit = self.world.now + 20 * BLOCK_TIME;
        let followed = self.world.run_until(limit, |world| all_followed(world, &committee))?;
        must!(followed, "not all have followed to the committee that serves: {}", self.stragglers());
        Ok(())
    }

    /// One request, and the time until the next one, or until `done`; whether it is.
    pub(super) fn sign_and_pause(&mut self, done: impl Fn(&World) -> bool) -> Check<bool> {
        let gateway = self.any_gateway();
        self.must_sign(gateway, Scheme::Ed25519)?;
        let pause = self.world.now + self.world.rng.time_within(PAUSE);
        self.world.run_until(pause, done)
    }

    /// A committee takes over with its set-ups made: as soon as a member hears that it serves, it sees t that are ready. Only
    /// where the attempt would have failed otherwise may it have been earlier.
    fn must_be_ready_at_once(&mut self, committee: &Committee) -> Check {
        let id = committee.attempt_id();
        let block_of = |is: &dyn Fn(&Event<Runtime>) -> bool| {
            self.world.chain.events().iter().rev().find(|(_, event)| is(event)).map(|(block, _)| *block)
        };
        let confirming =
            block_of(&|event| matches!(event, Event::KeysFinalised { attempt, .. } if *attempt == id));
        let active =
            block_of(&|event| matches!(event, Event::CommitteeActivated { attempt, .. } if *attempt == id));
        let (Some(confirming), Some(active)) = (confirming, active) else {
            return Err("no activation".into());
        };
        if active + ACTIVATION_BEFORE_DEADLINE >= confirming + CONFIRM_BLOCKS {
            return Ok(());
        }
        let members: Vec<Seat> =
            committee.indices().filter_map(|index| self.world.seat_of(committee, index)).collect();
        // By member, what it sees first.
        let first = RefCell::new(BTreeMap::new());
        let limit = self.world.now + 10 * BLOCK_TIME;
        let all = self.world.run_until(limit, |world| {
            for seat in &members {
                let Some(worker) = &world.nodes[*seat].worker else { continue };
                let status = worker.status();
                if status.view.committee.as_ref() == Some(committee) {
                    first.borrow_mut().entry(*seat).or_insert(status.readiness.schemes);
                }
            }
            let seen = first.borrow();
            members.iter().all(|seat| !world.is_up(*seat) || seen.contains_key(seat))
        })?;
        must!(all, "not all members that are up see the committee that serves");
        for (seat, schemes) in first.into_inner() {
            let unready: Vec<_> =
                schemes.iter().filter(|(scheme, ready)| scheme.is_ecdsa() && !ready).collect();
            must!(unready.is_empty(), "seat {seat} sees a committee that serves without {unready:?}");
        }
        Ok(())
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
