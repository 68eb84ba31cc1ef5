//! Faults that begin in the midst of a run, and those that wait for a moment of a reshare.

use conclave_primitives::{AttemptId, AttemptKind, Committee};
use std::time::Duration;

use super::{queue::Action, World, BLOCK_TIME, STREAM_NODES};
use crate::{
    dice::Dice,
    fault::{Fault, Moment, Seat},
    malice::Malice,
};

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

    pub(super) fn cut_off(&mut self, seat: Seat, until: Duration) {
        self.cut_off.insert(seat);
        self.fire("cut off");
        self.note(format_args!("{seat} is cut off"));
        self.schedule_at(until, Action::Rejoin(seat));
    }

    pub(crate) fn is_cut_off(&self, seat: Seat) -> bool {
        self.cut_off.contains(&seat)
    }

    /// Whoever is to crash in the phase that the best block has entered does so before the next block.
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
                None => self.now + self.rng.time_within([Duration::ZERO, BLOCK_TIME]),
            };
            self.schedule_at(at, Action::Down { seat, back: Some(down) });
        }
    }
}
