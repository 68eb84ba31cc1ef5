//! What an action did, for whoever writes one: each call of the host by the line that made it, with fuel and time.

use crate::{
    host::Host,
    runner::{run_observed, Report, Request},
    sandbox::Sandbox,
    Cid,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Longest part of an argument or an answer that is kept, in characters.
const TEXT_CHARS: usize = 200;

/// A call of the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// The action that made it.
    #[serde(with = "text")]
    pub cid: Cid,
    /// How many actions led to that one.
    pub depth: usize,
    /// The line of its script; 0 where none is at work, and in Wasm.
    pub line: u32,
    /// What was asked for.
    pub operation: String,
    /// With what: the first characters.
    pub argument: String,
    /// The answer, or the error: the first characters.
    pub answer: Result<String, String>,
    /// Units of fuel that the action had used when it came to wait; calls side by side have the same.
    pub fuel: u64,
    /// When it was asked, since the request began; as JSON, in microseconds.
    #[serde(with = "microseconds")]
    pub at: Duration,
    /// How long the answer took; as JSON, in microseconds.
    #[serde(with = "microseconds")]
    pub took: Duration,
}

/// All calls of a request, in the order of their answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// The calls.
    pub steps: Vec<Step>,
    /// How long the sandbox computed, waiting for the host not included; as JSON, in microseconds.
    #[serde(with = "microseconds")]
    pub computed: Duration,
}

/// What one line of a script came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// How often it asked the host.
    pub calls: u32,
    /// How long it waited for answers, together.
    pub waited: Duration,
    /// Units of fuel between the call before, in time, and those of this line.
    pub fuel: u64,
}

/// Runs an action as [`run`](crate::run) does, and notes what it asks. The action cannot tell, and takes the same fuel.
pub async fn trace(sandbox: &dyn Sandbox, host: &Host, request: Request) -> (Report, Trace) {
    let recorder = Recorder::default();
    let report = run_observed(sandbox, host, request, Some(&recorder)).await;
    (report, recorder.0.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Notes steps while a request runs.
#[derive(Default)]
pub(crate) struct Recorder(Mutex<Trace>);

impl Recorder {
    pub(crate) fn step(&self, step: Step) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).steps.push(step);
    }

    pub(crate) fn computed(&self, time: Duration) {
        let mut trace = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        trace.computed = trace.computed.saturating_add(time);
    }
}

/// The first characters of some bytes.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes.get(..4 * TEXT_CHARS).unwrap_or(bytes));
    let mut short: String = text.chars().take(TEXT_CHARS).collect();
    if short.len() < bytes.len() {
        short.push('…');
    }
    short
}

impl Trace {
    /// The lines of each action that asked the host for something.
    pub fn lines(&self) -> BTreeMap<(Cid, u32), Line> {
        let mut steps: Vec<&Step> = self.steps.iter().collect();
        steps.sort_by_key(|step| step.at);
        let mut lines = BTreeMap::<(Cid, u32), Line>::new();
        let mut before = BTreeMap::<(Cid, usize), u64>::new();
        for step in steps {
            let used = before.insert((step.cid, step.depth), step.fuel).unwrap_or(0);
            let line = lines.entry((step.cid, step.line)).or_default();
            line.calls = line.calls.saturating_add(1);
            line.waited = line.waited.saturating_add(step.took);
            line.fuel = line.fuel.saturating_add(step.fuel.saturating_sub(used));
        }
        lines
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "   at ms  took ms    Mfuel  line  call")?;
        for step in &self.steps {
            let (at, took) = (step.at.as_secs_f64() * 1e3, step.took.as_secs_f64() * 1e3);
            let (answer, arrow) = match &step.answer {
                Ok(answer) => (answer, "→"),
                Err(error) => (error, "✗"),
            };
            let indent = "  ".repeat(step.depth.saturating_sub(1));
            writeln!(
                f,
                "{at:8.1} {took:8.1} {:8.2} {:5}  {indent}{} {} {arrow} {answer}",
                step.fuel as f64 / 1e6,
                step.line,
                step.operation,
                step.argument
            )?;
        }
        writeln!(f, "computed for {:.1} ms", self.computed.as_secs_f64() * 1e3)
    }
}

/// A content id as text.
mod text {
    use crate::Cid;
    use serde::{de::Error, Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(cid: &Cid, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(cid)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Cid, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

mod microseconds {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::time::Duration;

    pub(super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_micros)
    }
}
