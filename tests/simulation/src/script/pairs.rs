//! Pairs for ECDSA: bans, and calls that come twice.

use conclave_primitives::{Curve, Scheme};
use conclave_worker::Body;
use pallet_committee::{Event, ExclusionReason};
use std::time::Duration;

use super::{Script, REQUESTS_AMONG_LIARS, SET_UP_LIMIT};
use crate::{
    check::{must, Check},
    dice::Dice,
    fault::{Fault, Seat},
    world::World,
};

/// Longer than a pair is fresh, a set-up not tried again, or a session kept.
const FORGOTTEN: Duration = Duration::from_secs(31);

impl Script<'_> {
    /// Who lies, and to whom.
    fn liar_and_victim(&self) -> Check<(Seat, Seat)> {
        let lies = |fault: &Fault| match fault {
            Fault::WrongShareToOne { member, to } => Some((*member, *to)),
            _ => None,
        };
        self.plan.faults.iter().find_map(lies).ok_or_else(|| "nobody lies to one".to_owned())
    }

    pub(super) fn ban_by_one(&mut self) -> Check {
        let (liar, victim) = self.liar_and_victim()?;
        self.await_pairs(None)?;
        let gateway = self.outside_gateway();
        for _ in 0..REQUESTS_AMONG_LIARS {
            self.must_sign(gateway, Scheme::EcdsaSecp256k1)?;
            if !self.world.nodes[victim].disk.bans().is_empty() {
                return self.only_banned(liar, victim);
            }
        }
        Err(format!("{victim} has not banned {liar}"))
    }

    pub(super) fn ban_by_all(&mut self) -> Check {
        let liar = self.plan.faults.iter().find(|fault| matches!(fault, Fault::SpoilsSetUps { .. }));
        let liar = liar.map(Fault::member).ok_or("nobody spoils set-ups")?;
        let [key, account] =
            [self.world.nodes[liar].keys.transport, self.world.nodes[liar].account.clone().into()];
        let limit = self.world.now + SET_UP_LIMIT;
        let excluded = self.world.run_until(limit, |world| {
            let has_banned = |seat: Seat| world.nodes[seat].disk.bans() == [hex::encode(key)];
            let is_excluded = world.chain.events().iter().any(|(_, event)| {
                let Event::MemberExcluded { account: of, reason, .. } = event else { return false };
                <[u8; 32]>::from(of.clone()) == account && *reason == ExclusionReason::Banned
            });
            is_excluded && world.honest().into_iter().filter(|seat| *seat < world.members).all(has_banned)
        })?;
        must!(excluded, "{liar} spoils set-ups, and is not banned by all and excluded");
        Ok(())
    }

    pub(super) fn ban_holds(&mut self) -> Check {
        let (liar, victim) = self.liar_and_victim()?;
        self.only_banned(liar, victim)?;
        self.await_pairs(Some((liar, victim)))?;
        // Long enough for another try, if there were one.
        self.world.run_for(FORGOTTEN)?;
        self.await_pairs(Some((liar, victim)))?;
        self.only_banned(liar, victim)
    }

    fn only_banned(&self, liar: Seat, victim: Seat) -> Check {
        for seat in 0..self.world.members {
            let bans = self.world.nodes[seat].disk.bans();
            let expected: Vec<String> = (seat == victim)
                .then(|| hex::encode(self.world.nodes[liar].keys.transport))
                .into_iter()
                .collect();
            must!(bans.iter().eq(&expected), "seat {seat} has banned {bans:?}, not {expected:?}");
        }
        Ok(())
    }

    /// Every member has set-ups with all others on both curves, but for a victim with the liar that it has banned. What
    /// the liar keeps of them is its own affair.
    fn await_pairs(&mut self, ban: Option<(Seat, Seat)>) -> Check {
        let members = self.world.members;
        let expected = |seat: Seat| match ban {
            Some((_, victim)) if victim == seat => 2 * (members - 2),
            _ => 2 * (members - 1),
        };
        let counts = |seat: &Seat| ban.is_none_or(|(liar, _)| liar != *seat);
        let limit = self.world.now + SET_UP_LIMIT;
        let paired = self.world.run_until(limit, |world| {
            let pairs = |seat: Seat| world.nodes[seat].worker.as_ref().map(|worker| worker.status().pairs);
            (0..members).filter(counts).all(|seat| pairs(seat) == Some(expected(seat)))
        })?;
        must!(paired, "not all pairs are set up but those that {ban:?} excludes");
        Ok(())
    }

    /// No set-up outlives the process that made it; one that is torn is made anew.
    pub(super) fn crash_in_set_up(&mut self) -> Check {
        // Few members have set up all pairs before the blocks that a calm restart waits for.
        self.crash_and_start_all()?;
        let limit = self.world.now + SET_UP_LIMIT;
        let members = self.world.members;
        let busy = |world: &World, seat: Seat| {
            world.nodes[seat].worker.as_ref().is_some_and(|worker| worker.status().sessions > 0)
        };
        let begun = self.world.run_until(limit, |world| (0..members).any(|seat| busy(world, seat)))?;
        must!(begun, "no set-up began after a restart");
        let seat = (0..members).find(|seat| busy(self.world, *seat)).ok_or("nobody sets up")?;
        self.world.crash(seat, None);
        self.world.run_for(Duration::from_secs(2))?;
        self.world.start(seat);
        self.await_pairs(None)
    }

    /// Under the name of one call a member draws its messages once: the same call again, of this life or of one before,
    /// is nothing to it; another one is.
    pub(super) fn replay_start_pair(&mut self) -> Check {
        self.await_pairs(None)?;
        self.world.run_for(FORGOTTEN)?;
        let calls = self.world.start_pairs.clone();
        must!(!calls.is_empty(), "no set-up was called for");
        for (from, to, bytes) in calls {
            let before = self.sessions_of(to);
            self.world.deliver(from, to, &bytes);
            must!(self.sessions_of(to) == before, "{to} took up a set-up that {from} called for before");
        }
        let (from, to) = self.world.start_pairs.first().map(|(from, to, _)| (*from, *to)).ok_or("none")?;
        let fresh = Body::StartPair {
            attempt: self.committee.attempt_id(),
            curve: Curve::Secp256k1,
            boot: *self.world.boots.get(&to).ok_or("no boot")?,
            nonce: self.world.rng.bytes(),
        };
        let before = self.sessions_of(to);
        self.world.send_signed(from, to, &fresh);
        self.world.run_for(Duration::from_secs(1))?;
        must!(self.sessions_of(to) == before + 1, "{to} did not take up a set-up that is new");
        self.world.run_for(FORGOTTEN)
    }

    fn sessions_of(&self, seat: Seat) -> usize {
        self.world.nodes[seat].worker.as_ref().map_or(0, |worker| worker.status().sessions)
    }
}
