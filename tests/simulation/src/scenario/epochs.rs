//! Scenarios of more than one committee: who follows whom, and what goes wrong meanwhile.

use conclave_primitives::{threshold_of, AttemptPhase, Scheme};
use rand_chacha::ChaCha20Rng;
use std::{collections::BTreeSet, time::Duration};

use super::{Plan, Reshare, Scenario, Step, ED25519};
use crate::{
    dice::Dice,
    disk::PowerCut,
    fault::{BadShare, FalseComplaint, Fault, Moment, Seat},
    network::Network,
    world::trouble::SEEN_BY_ALL,
};

/// When a node may crash. The phase Finalise is over before its block ends.
const MOMENTS: [Moment; 4] = [
    Moment::Phase(AttemptPhase::Deal),
    Moment::Phase(AttemptPhase::Complain),
    Moment::Phase(AttemptPhase::Confirm),
    Moment::Active,
];
/// Longer than an attempt whose phases end at their deadlines only.
const OUT_OF_A_RESHARE: [Duration; 2] = [Duration::from_secs(170), Duration::from_secs(200)];
/// Longer than two attempts.
const OUT_OF_TWO: [Duration; 2] = [Duration::from_secs(230), Duration::from_secs(300)];

/// How the next validators differ.
#[derive(Clone, Copy)]
enum Change {
    Refresh,
    Grow,
    Shrink,
    ReplaceOne,
    Disjoint,
}

const CHANGES: [Change; 5] =
    [Change::Refresh, Change::Grow, Change::Shrink, Change::ReplaceOne, Change::Disjoint];

/// A draw of committees, one after the other.
struct Draw<'a> {
    members: usize,
    spares: usize,
    now: Vec<Seat>,
    rng: &'a mut ChaCha20Rng,
    steps: Vec<Step>,
}

impl Draw<'_> {
    /// The next validators, in any order: indices change even where members do not.
    fn next(&mut self, change: Change) -> Vec<Seat> {
        let mut outside: Vec<Seat> =
            (0..self.members + self.spares).filter(|seat| !self.now.contains(seat)).collect();
        self.rng.shuffle(&mut outside);
        let mut to = self.now.clone();
        self.rng.shuffle(&mut to);
        match change {
            Change::Refresh => {}
            Change::Grow => {
                let more = self.rng.within([1, 3]) as usize;
                to.extend(outside.into_iter().take(more));
            }
            Change::Shrink => {
                let fewer = self.rng.within([1, 3]) as usize;
                to.truncate(to.len().saturating_sub(fewer).max(4));
            }
            Change::ReplaceOne => {
                to.pop();
                to.extend(outside.into_iter().take(1));
            }
            Change::Disjoint => {
                // Where enough are outside; one more or fewer than before, so that t may change, too.
                let size = (self.now.len() + self.rng.within([0, 2]) as usize).saturating_sub(1).max(4);
                if outside.len() >= 4 {
                    to = outside.into_iter().take(size).collect();
                }
            }
        }
        self.rng.shuffle(&mut to);
        to
    }

    fn reshare(&mut self, to: Vec<Seat>, faults: Vec<Fault>) {
        self.now.clone_from(&to);
        self.steps.push(Step::Reshare(Reshare { to, faults, is_stuck: false }));
    }

    fn changes(&mut self, changes: &[Change]) {
        for change in changes {
            let to = self.next(*change);
            self.reshare(to, Vec::new());
        }
    }

    fn any_change(&mut self) -> Change {
        *self.rng.pick(&CHANGES).expect("five")
    }

    /// Seats of both committees.
    fn all_of(&self, to: &[Seat]) -> Vec<Seat> {
        self.now.iter().chain(to).copied().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// As many seats as both committees can do without, of those that `may`.
    fn dispensable(&mut self, to: &[Seat], may: impl Fn(&Seat) -> bool) -> Vec<Seat> {
        let mut seats: Vec<Seat> = self.all_of(to).into_iter().filter(|seat| may(seat)).collect();
        self.rng.shuffle(&mut seats);
        let (mut from_old, mut from_new) = (spare(&self.now), spare(to));
        let mut chosen = Vec::new();
        for seat in seats {
            let (old, new) = (usize::from(self.now.contains(&seat)), usize::from(to.contains(&seat)));
            if from_old >= old && from_new >= new {
                (from_old, from_new) = (from_old - old, from_new - new);
                chosen.push(seat);
            }
        }
        let count = self.rng.within([1, chosen.len() as u64]) as usize;
        chosen.truncate(count);
        chosen
    }
}

fn spare(committee: &[Seat]) -> usize {
    committee.len() - threshold_of(committee.len() as u32) as usize
}

/// What happens, for a first committee of `members`.
pub(super) fn plan(scenario: Scenario, members: usize, rng: &mut ChaCha20Rng, calm: Plan) -> Plan {
    let spares = match scenario {
        Scenario::Refresh => 0,
        Scenario::ReplaceOne => 2,
        Scenario::Resize => 3,
        Scenario::ReshareEcdsa => 1,
        _ => members + 1,
    };
    let mut draw = Draw { members, spares, now: (0..members).collect(), rng, steps: vec![ED25519] };
    let mut network = Network::CALM;
    let mut ot = false;
    match scenario {
        Scenario::Refresh => draw.changes(&[Change::Refresh; 3]),
        Scenario::Resize => draw.changes(&[Change::Grow, Change::Shrink, Change::Grow]),
        Scenario::ReplaceOne => draw.changes(&[Change::ReplaceOne; 3]),
        Scenario::Disjoint => draw.changes(&[Change::Disjoint; 3]),
        Scenario::Epochs => {
            let changes = [(); 4].map(|()| draw.any_change());
            draw.changes(&changes);
        }
        Scenario::ReshareInRoughNetwork => {
            network = Network::rough(draw.rng);
            let changes = [(); 2].map(|()| draw.any_change());
            draw.changes(&changes);
        }
        Scenario::ReshareCrashes => {
            for _ in 0..2 {
                let change = draw.any_change();
                let to = draw.next(change);
                let faults = crashes(&mut draw, &to);
                draw.reshare(to, faults);
            }
        }
        Scenario::ResharePowerCuts => {
            let change = draw.any_change();
            let to = draw.next(change);
            let faults = power_cuts(&mut draw, &to);
            draw.reshare(to, faults);
        }
        Scenario::ReshareCutOff => {
            let change = draw.any_change();
            let to = draw.next(change);
            let at = draw.rng.time_within([Duration::ZERO, Duration::from_secs(20)]);
            let lasts = draw.rng.time_within([Duration::from_secs(5), Duration::from_secs(60)]);
            let cut = draw.dispensable(&to, |_| true);
            let faults = cut.into_iter().map(|member| Fault::CutOff { member, at, lasts }).collect();
            draw.reshare(to, faults);
            draw.changes(&[Change::Refresh]);
        }
        Scenario::ReshareAbsent => {
            let change = draw.any_change();
            let to = draw.next(change);
            let absent = draw.dispensable(&to, |_| true);
            let faults = down(absent, OUT_OF_A_RESHARE, draw.rng);
            draw.reshare(to, faults);
        }
        Scenario::ReshareStuck => {
            // Most of the next committee is new, and too few of the new ones come at first.
            let to = draw.next(Change::Disjoint);
            let absent = to.iter().copied().take(spare(&to) + 1).collect();
            let faults = down(absent, OUT_OF_TWO, draw.rng);
            draw.steps.push(Step::Reshare(Reshare { to, faults, is_stuck: true }));
        }
        Scenario::ReshareBadShare | Scenario::ReshareOtherShare => {
            let change = draw.any_change();
            let to = draw.next(change);
            let (now, new) = (draw.now.clone(), to.clone());
            let liars = draw.dispensable(&to, |seat| now.contains(seat));
            let victims: Vec<Seat> = new.into_iter().filter(|seat| !liars.contains(seat)).collect();
            let another = scenario == Scenario::ReshareOtherShare;
            let lie = |dealer: Seat| match another {
                true => Fault::DealsAnotherShare { dealer },
                false => bad_share(dealer, &victims, draw.rng),
            };
            let faults = liars.into_iter().map(lie).collect();
            draw.reshare(to, faults);
        }
        Scenario::ReshareFalseComplaint => {
            let change = draw.any_change();
            let to = draw.next(change);
            let new = to.clone();
            let liars = draw.dispensable(&to, |seat| new.contains(seat));
            let now = draw.now.clone();
            let faults = liars.into_iter().map(|liar| false_complaint(liar, &now, draw.rng)).collect();
            draw.reshare(to, faults);
        }
        Scenario::ReshareTooManyBadDealers => {
            let change = draw.any_change();
            let to = draw.next(change);
            let mut dealers = draw.now.clone();
            draw.rng.shuffle(&mut dealers);
            dealers.truncate(spare(&draw.now) + 1);
            let victims: Vec<Seat> = to.iter().copied().filter(|seat| !dealers.contains(seat)).collect();
            let deal = |dealer: Seat| match draw.rng.percent(50) {
                true => bad_share(dealer, &victims, draw.rng),
                false => Fault::DealsAnotherShare { dealer },
            };
            let faults = dealers.into_iter().map(deal).collect();
            draw.steps.push(Step::ReshareAmongTooManyLiars(Reshare { to, faults, is_stuck: true }));
        }
        Scenario::ReshareMixed | Scenario::ReshareMixedInRoughNetwork => {
            if scenario == Scenario::ReshareMixedInRoughNetwork {
                network = Network::rough(draw.rng);
            }
            let change = draw.any_change();
            let to = draw.next(change);
            let faulty = draw.dispensable(&to, |_| true);
            let victims: Vec<Seat> = to.iter().copied().filter(|seat| !faulty.contains(seat)).collect();
            let now = draw.now.clone();
            let faults = faulty
                .into_iter()
                .map(|seat| match draw.rng.within([0, 3]) {
                    0 if now.contains(&seat) => bad_share(seat, &victims, draw.rng),
                    1 if now.contains(&seat) => Fault::DealsAnotherShare { dealer: seat },
                    2 if to.contains(&seat) => false_complaint(seat, &now, draw.rng),
                    _ => {
                        let down = draw.rng.time_within(OUT_OF_A_RESHARE);
                        Fault::Crash { member: seat, at: Duration::ZERO, down }
                    }
                })
                .collect();
            draw.reshare(to, faults);
        }
        Scenario::ReshareEcdsa => {
            ot = true;
            let ecdsa = Step::Sign { scheme: Scheme::EcdsaSecp256k1, requests: 1 };
            draw.steps.push(ecdsa.clone());
            draw.changes(&[Change::ReplaceOne]);
            draw.steps.push(ecdsa);
        }
        other => unreachable!("{other} has one committee"),
    }
    draw.steps.push(Step::AllFollow);
    Plan { network, ot, spares, steps: draw.steps, ..calm }
}

/// Every node of both committees crashes once at a moment: each at its own time, or all at once.
fn crashes(draw: &mut Draw<'_>, to: &[Seat]) -> Vec<Fault> {
    let all = draw.all_of(to);
    let rng = &mut *draw.rng;
    let moment = *rng.pick(&MOMENTS).expect("four");
    let at = rng.percent(40).then(|| rng.time_within([Duration::ZERO, SEEN_BY_ALL]));
    all.into_iter()
        .map(|member| {
            let down = rng.time_within([Duration::from_millis(500), Duration::from_secs(6)]);
            Fault::CrashIn { member, moment, at, down }
        })
        .collect()
}

/// At the key of the attempt's records, the dealing key, the erasure of the one provided, the next one, the dealing or the
/// shares.
fn power_cuts(draw: &mut Draw<'_>, to: &[Seat]) -> Vec<Fault> {
    let both = |seat: &Seat| draw.now.contains(seat) && to.contains(seat);
    let cut = |member: Seat, rng: &mut ChaCha20Rng| Fault::PowerCut {
        member,
        cut: PowerCut { write: rng.within([1, if both(&member) { 6 } else { 5 }]), written: rng.percent(50) },
        down: rng.time_within([Duration::from_millis(500), Duration::from_secs(6)]),
    };
    let all = draw.all_of(to);
    all.into_iter().map(|member| cut(member, draw.rng)).collect()
}

fn down(members: Vec<Seat>, bounds: [Duration; 2], rng: &mut ChaCha20Rng) -> Vec<Fault> {
    let crash = |member| Fault::Crash { member, at: Duration::ZERO, down: rng.time_within(bounds) };
    members.into_iter().map(crash).collect()
}

fn bad_share(dealer: Seat, victims: &[Seat], rng: &mut ChaCha20Rng) -> Fault {
    let to = *rng.pick(victims).expect("t of them are honest");
    let how = [BadShare::Undecryptable, BadShare::OffPolynomial, BadShare::TooFew];
    Fault::BadShare { dealer, to, how: *rng.pick(&how).expect("three") }
}

fn false_complaint(complainer: Seat, dealers: &[Seat], rng: &mut ChaCha20Rng) -> Fault {
    let against = *rng.pick(dealers).expect("a committee has members");
    let how = [FalseComplaint::SharesAreGood, FalseComplaint::BadProof, FalseComplaint::BadPoint];
    Fault::FalseComplaint { complainer, against, how: *rng.pick(&how).expect("three") }
}
