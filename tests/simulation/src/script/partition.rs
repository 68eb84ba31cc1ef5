//! The committee in two halves, neither of which has t members.

use conclave_primitives::{ParticipantIndex, Scheme};
use conclave_worker::{Failure, SignError};
use std::{collections::BTreeSet, time::Duration};

use super::Script;
use crate::{
    check::{must, Check},
    dice::Dice,
    fault::Seat,
};

/// Between two requests in the halves: until statuses that were sent before are old.
const LATER: Duration = Duration::from_secs(20);
/// After so long all sign again: twice what a member waits for a flight.
const HEALED: Duration = Duration::from_secs(6);

impl Script<'_> {
    /// Whichever half a client asks in, it is told who did not answer, and never that somebody lied.
    pub(super) fn partition(&mut self) -> Check {
        let mut seats: Vec<Seat> = (0..self.world.members).collect();
        self.world.rng.shuffle(&mut seats);
        let (cut, rest) = seats.split_at(seats.len() / 2);
        must!(rest.len() < self.committee.threshold as usize, "{rest:?} are a quorum");
        self.world.fired.entry("cut off").or_default();
        cut.iter().for_each(|seat| self.world.cut_off(*seat));
        let gateways = [self.outside_gateway(), cut[0], rest[0]];
        for _ in 0..2 {
            for gateway in gateways {
                let others = if cut.contains(&gateway) { rest } else { cut };
                self.must_miss(gateway, &others.iter().copied().collect())?;
            }
            self.world.run_for(LATER)?;
        }
        cut.iter().for_each(|seat| self.world.rejoin(*seat));
        self.world.run_for(HEALED)?;
        for gateway in gateways {
            self.must_sign(gateway, Scheme::Ed25519)?;
        }
        Ok(())
    }

    fn must_miss(&mut self, gateway: Seat, others: &BTreeSet<Seat>) -> Check {
        let mut named = BTreeSet::new();
        match self.sign(gateway, Scheme::Ed25519)? {
            Err(SignError::MembersUnreachable { unreachable, .. }) => {
                named = self.seats_with(&unreachable);
                must!(
                    named.is_subset(others),
                    "through {gateway} {named:?} cannot be reached, not {others:?}"
                );
            }
            Err(SignError::TimedOut { failures }) => {
                for (member, failure) in failures {
                    let Failure::TimedOut(missing) = &failure else {
                        return Err(format!("{member:?} cannot reach a quorum, and says {failure}"));
                    };
                    let missing = self.seats_with(missing);
                    // When a request's time is up, the gateway takes for silent who has not spoken in the last attempt,
                    // also who still waits for others.
                    let is_silent = missing == self.seats_with(&[member]);
                    must!(
                        is_silent || missing.is_subset(others),
                        "through {gateway} {member:?} misses {missing:?}, not of {others:?}"
                    );
                    named.extend(missing);
                }
            }
            other => return Err(format!("half a committee is asked through {gateway}: {other:?}")),
        }
        must!(!named.is_disjoint(others), "through {gateway} nobody of {others:?} is missed");
        Ok(())
    }

    fn seats_with(&self, indices: &[ParticipantIndex]) -> BTreeSet<Seat> {
        indices.iter().filter_map(|index| self.world.seat_of(&self.committee, *index)).collect()
    }
}
