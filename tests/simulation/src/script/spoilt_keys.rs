//! More bad dealers than an attempt can do without: it fails and says why, and no key has a bad dealing in it.

use conclave_primitives::AttemptId;
use pallet_committee::{Event, FailureReason};
use std::collections::BTreeSet;

use super::Script;
use crate::{
    check::{must, named, reshare::before, Check},
    fault::{guilty, Seat},
    runtime::{CONFIRM_BLOCKS, PHASE_BLOCKS},
    scenario::Reshare,
    world::{World, BLOCK_TIME},
};

/// How many attempts fail before the guilty follow the protocol: the second shows that the first left nothing behind.
const FAILED_ATTEMPTS: usize = 2;

impl Script<'_> {
    /// The old committee serves and signs, with the same keys, for as long as dealers spoil the next one.
    pub(super) fn reshare_among_too_many_liars(&mut self, step: &Reshare) -> Check {
        let Reshare { to, faults, .. } = step;
        let before = before(self.world, &self.committee)?;
        let events = self.world.chain.events().len();
        self.world.begin(faults);
        self.next_session(to)?;
        let limit = self.world.now + limit();
        while failed(self.world, events).len() < FAILED_ATTEMPTS {
            must!(self.world.now < limit, "attempts go on with too few good dealings");
            self.sign_and_pause(|world| failed(world, events).len() >= FAILED_ATTEMPTS)?;
        }
        all_failed(self.world, events)?;
        let serving = self.world.committee();
        must!(
            serving.as_ref() == Some(&self.committee),
            "another committee serves although all attempts failed"
        );
        self.world.reform();
        self.follow_next(&before, to)
    }
}

/// As long as too many deal badly there are no keys.
pub(super) fn keys_fail(world: &mut World) -> Check {
    let limit = world.now + limit();
    let have_failed = world.run_until(limit, |world| failed(world, 0).len() >= FAILED_ATTEMPTS)?;
    must!(have_failed, "attempts go on with too few good dealings");
    all_failed(world, 0)?;
    must!(world.committee().is_none(), "a committee serves although all attempts failed");
    for (attempt, _) in failed(world, 0) {
        named(world, attempt)?;
    }
    Ok(())
}

fn limit() -> std::time::Duration {
    BLOCK_TIME * (3 * PHASE_BLOCKS + CONFIRM_BLOCKS + 6) * FAILED_ATTEMPTS as u32
}

/// Attempts that failed since so many events, and why.
fn failed(world: &World, since: usize) -> Vec<(AttemptId, FailureReason)> {
    let events = world.chain.events()[since..].iter();
    events
        .filter_map(|(_, event)| match event {
            Event::AttemptFailed { attempt, reason, .. } => Some((*attempt, *reason)),
            _ => None,
        })
        .collect()
}

/// Each for want of good dealings, which the guilty answer for; and no dealing came to a key.
fn all_failed(world: &World, since: usize) -> Check {
    let guilty = guilty(&world.faults);
    for (attempt, reason) in failed(world, since) {
        must!(reason == FailureReason::TooFewDealings, "{attempt:?} failed of {reason:?}");
        let named: BTreeSet<Seat> = world.chain.events()[since..]
            .iter()
            .filter_map(|(_, event)| match event {
                Event::Disqualified { attempt: of, account, .. } if *of == attempt => Some(account),
                _ => None,
            })
            .filter_map(|account| world.nodes.iter().position(|node| node.account == *account))
            .collect();
        must!(named == guilty, "{attempt:?} failed, named are {named:?}, guilty {guilty:?}");
    }
    let is_made = |event: &Event<_>| matches!(event, Event::KeysFinalised { .. });
    let made = world.chain.events()[since..].iter().any(|(_, event)| is_made(event));
    must!(!made, "keys were made of too few good dealings");
    Ok(())
}
