//! What happened, line by line, and its hash: two runs of one seed are the same if their hashes are.

use conclave_primitives::blake2_256;
use std::{fmt, time::Duration};

/// The record of a run.
#[derive(Default)]
pub(crate) struct Journal {
    lines: Vec<String>,
    hash: [u8; 32],
    pub(crate) echo: bool,
}

impl Journal {
    pub(crate) fn note(&mut self, now: Duration, what: fmt::Arguments<'_>) {
        let line = format!("{:>12.6} {what}", now.as_secs_f64());
        self.hash = blake2_256(&[self.hash.as_slice(), line.as_bytes()].concat());
        if self.echo {
            eprintln!("{line}");
        }
        self.lines.push(line);
    }

    pub(crate) fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// The last lines that tell more than the exchange of statuses.
    pub(crate) fn tail(&self, count: usize) -> Vec<String> {
        let mut lines: Vec<String> =
            self.lines.iter().rev().filter(|line| !line.contains(" status ")).take(count).cloned().collect();
        lines.reverse();
        lines
    }
}
