//! Members that are there and do not answer.

use conclave_primitives::Scheme;
use pallet_committee::Event;
use std::collections::BTreeSet;

use super::Script;
use crate::{
    check::{must, Check},
    fault::{Fault, Seat},
    world::BLOCK_TIME,
};

/// Longer than it takes to be absent, in rounds of requests.
const MAX_ROUNDS: u32 = 60;

impl Script<'_> {
    /// Each member attests what it has seen as a gateway itself: it takes t of them.
    pub(super) fn ignored(&mut self) -> Check {
        self.await_readiness(Scheme::Ed25519)?;
        let silent = self.plan.faults.iter().filter(|fault| matches!(fault, Fault::SilentInSigning { .. }));
        let silent: BTreeSet<Seat> = silent.map(Fault::member).collect();
        let gateways: Vec<Seat> =
            self.world.honest().into_iter().filter(|seat| *seat < self.world.members).collect();
        for _ in 0..MAX_ROUNDS {
            for gateway in &gateways {
                self.must_sign(*gateway, Scheme::Ed25519)?;
            }
            self.world.run_for(2 * BLOCK_TIME)?;
            let with_demerits = self.with_demerits();
            must!(with_demerits.is_subset(&silent), "demerits for {with_demerits:?}, silent are {silent:?}");
            if with_demerits == silent {
                // Whoever was named once is not named again for the same epoch, and the others not at all.
                self.world.run_for(10 * BLOCK_TIME)?;
                must!(self.with_demerits() == silent, "demerits for {:?}", self.with_demerits());
                return Ok(());
            }
        }
        Err(format!("silent are {silent:?}, demerits have {:?}", self.with_demerits()))
    }

    fn with_demerits(&self) -> BTreeSet<Seat> {
        let of = |account: &sp_runtime::AccountId32| {
            self.world.nodes.iter().position(|node| node.account == *account)
        };
        let events = self.world.chain.events();
        let seats = events.iter().filter_map(|(_, event)| match event {
            Event::DemeritGiven { account, .. } => of(account),
            _ => None,
        });
        seats.collect()
    }
}
