//! Faults that begin in the midst of a run, and those that wait for a moment of a reshare.

use conclave_primitives::{AttemptId, AttemptKind, Committee};
use std::time::Duration;

use super::{queue::Action, World, BLOCK_TIME, STREAM_NODES};
use crate::{
    dice::Dice,
    fault::{Fault, Moment, Seat},
    malice::Malice,
};

/// After what time every worker has seen a phase finalized that the best block has entered, and acted on it.
pub(crate) const SEEN_BY_ALL: Duration = Duration::from_secs(5 * BLOCK_TIME.as_secs());

/// A crash that waits for its moment.
#[derive(Clone, Copy)]
pub(crate) struct CrashIn {
    moment: Moment,
    at: Option<Duration>,
    down: Duration,
    /// The committee that served when the fault began.
    served: Option<AttemptId>,
}

impl World {
    /// From now on these faults are at work; times and writes count from here.
    pub(crate) fn begin(&mut self, faults: &[Fault]) {
        for fault in faults.iter().cloned() {
            let seat = fault.member();
            self.fired.entry(fault.name()).or_default();
            match &fault {
                Fault::Crash { at, down, .. } => {
                    self.schedule_at(self.now + *at, Action::Down { seat, back: Some(*down) });
                }
                Fault::CutOff { at, lasts, .. } => {
                    let (at, until) = (self.now + *at, self.now + *at + *lasts);
                    self.schedule_at(at, Action::CutOff { seat, until });
                }
                Fault::PowerCut { cut, down, .. } => {
                    let node = &mut self.nodes[seat];
                    node.disk.cut_power_after(*cut);
                    node.down_after_cut = Some(*down);
                }
                Fault::CrashIn { moment, at, down, .. } => {
                    let served = self.chain.at(self.chain.best()).view.committee.as_ref();
                    let served = served.map(Committee::attempt_id);
                    self.nodes[seat].crash_in =
                        Some(CrashIn { moment: *moment, at: *at, down: *down, served });
                }
                Fault::IsLiedTo { .. } | Fault::AltersAction { .. } => {}
                malice => self.turn(seat, vec![malice.clone()]),
            }
            self.faults.push(fault);
        }
    }

    /// Makes a node's member guilty of these faults.
    pub(super) fn turn(&mut self, seat: Seat, faults: Vec<Fault>) {
        let node = &mut self.nodes[seat];
        let rng = self.seeds.stream(STREAM_NODES * 100 + seat as u64);
        node.malice = Some(Malice::new(faults, node.secrets(), rng));
    }

    /// The guilty follow the protocol from now on, as after an operator has put things right.
    pub(crate) fn reform(&mut self) {
        for seat in 0..self.nodes.len() {
            let Some(malice) = self.nodes[seat].malice.take() else { continue };
            malice.fired.into_iter().for_each(|(name, count)| *self.fired.entry(name).or_default() += count);
        }
        let (past, faults) = std::mem::take(&mut self.faults).into_iter().partition(Fault::is_malice);
        self.faults = faults;
        self.past.extend::<Vec<Fault>>(past);
    }

    pub(crate) fn cut_off(&mut self, seat: Seat) {
        self.cut_off.insert(seat, false);
        self.note(format_args!("{seat} is cut off"));
    }

    pub(crate) fn rejoin(&mut self, seat: Seat) {
        self.cut_off.remove(&seat);
        self.note(format_args!("{seat} is back with the others"));
    }

    pub(crate) fn is_cut_off(&self, seat: Seat) -> bool {
        self.cut_off.contains_key(&seat)
    }

    /// Whether what goes to a node or comes from it is dropped. A cut counts once something was.
    pub(super) fn drops_if_cut_off(&mut self, seat: Seat) -> bool {
        let Some(has_dropped) = self.cut_off.get_mut(&seat) else { return false };
        if !std::mem::replace(has_dropped, true) {
            self.fire("cut off");
        }
        true
    }

    /// Whoever is to crash in the phase that the best block has entered does so before or after it has seen it finalized.
    pub(super) fn crash_in_this_phase(&mut self) {
        let best = &self.chain.at(self.chain.best()).view;
        let serving = best.committee.as_ref().map(Committee::attempt_id);
        let phase = best.attempt.as_ref().filter(|attempt| attempt.kind == AttemptKind::Reshare);
        let phase = phase.map(|attempt| attempt.phase);
        for seat in 0..self.nodes.len() {
            let Some(CrashIn { moment, at, down, served }) = self.nodes[seat].crash_in else { continue };
            let has_come = match moment {
                Moment::Phase(wanted) => phase == Some(wanted),
                Moment::Active => served != serving,
            };
            if !has_come || !self.is_up(seat) {
                continue;
            }
            self.nodes[seat].crash_in = None;
            self.fire("crash in a reshare");
            let at = match at {
                Some(at) => self.now + at,
                None => self.now + self.rng.time_within([Duration::ZERO, SEEN_BY_ALL]),
            };
            self.schedule_at(at, Action::Down { seat, back: Some(down) });
        }
    }
}
