//! A run, as its author reads it.

use conclave_actions::{Cid, Limits, Report, Step, Trace, Usage};
use serde_json::{Map, Value};
use std::{collections::BTreeSet, fmt};

/// What an action came to, here or on a network.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) cid: String,
    /// Why it failed, if it did.
    pub(super) failure: Option<String>,
    pub(super) response: Option<String>,
    pub(super) logs: String,
    pub(super) usage: Usage,
    /// By name: what a network signed for the client.
    pub(super) signatures: Map<String, Value>,
}

impl From<Report> for Ended {
    fn from(report: Report) -> Self {
        let Report { cid, result, response, logs, usage } = report;
        let failure = result.err().map(|failure| failure.to_string());
        Self { cid: cid.to_string(), failure, response, logs, usage, signatures: Map::new() }
    }
}

/// What is printed.
pub(super) struct Shown<'a> {
    /// What stood in for the network, where there was none.
    pub(super) stand_ins: &'a [String],
    pub(super) trace: &'a Trace,
    pub(super) ended: &'a Ended,
    pub(super) limits: &'a Limits,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ended, .. } = self;
        writeln!(f, "action {}", ended.cid)?;
        if !self.stand_ins.is_empty() {
            writeln!(f, "\nstand-ins: not the committee's, and not its chain's")?;
            self.stand_ins.iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        }
        writeln!(f, "\ncalls")?;
        write!(f, "{}", self.trace)?;
        self.lines(f)?;
        self.usage(f)?;
        if !ended.signatures.is_empty() {
            writeln!(f, "\nsignatures")?;
            ended.signatures.iter().try_for_each(|(name, signature)| writeln!(f, "  {name}: {signature}"))?;
        }
        if !ended.logs.is_empty() {
            writeln!(f, "\nlogs\n{}", ended.logs.trim_end())?;
        }
        match &ended.response {
            Some(response) => writeln!(f, "\nresponse\n{response}")?,
            None => writeln!(f, "\nno response")?,
        }
        match &ended.failure {
            None => Ok(()),
            Some(failure) => writeln!(f, "\nfailed: {failure}"),
        }
    }
}

impl Shown<'_> {
    fn lines(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut of = None;
        for ((cid, line), total) in self.trace.lines() {
            if of.replace(cid) != Some(cid) {
                writeln!(f, "\nby line of {cid}\n  line  calls  waited ms    Mfuel  operations")?;
            }
            let waited = total.waited.as_secs_f64() * 1e3;
            let (calls, fuel) = (total.calls, total.fuel as f64 / 1e6);
            writeln!(f, "{line:6} {calls:6} {waited:10.1} {fuel:8.2}  {}", self.operations(cid, line))?;
        }
        Ok(())
    }

    fn operations(&self, cid: Cid, line: u32) -> String {
        let here = |step: &&Step| step.cid == cid && step.line == line;
        let names: BTreeSet<&str> =
            self.trace.steps.iter().filter(here).map(|step| step.operation.as_str()).collect();
        names.into_iter().collect::<Vec<_>>().join(", ")
    }

    fn usage(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ended, limits, .. } = self;
        let used = &ended.usage;
        writeln!(f, "\nused, of at most")?;
        writeln!(f, "{:12.2} {:10.0}  Mfuel", used.fuel as f64 / 1e6, limits.fuel as f64 / 1e6)?;
        for (count, limit, what) in [
            (used.host_calls, limits.host_calls, "host calls"),
            (used.fetches, limits.fetches, "fetches"),
            (used.signatures, limits.signatures, "signatures"),
            (used.decryptions, limits.decryptions, "decryptions and encryptions"),
            (used.conditions, limits.conditions, "conditions"),
            (used.contract_calls, limits.contract_calls, "contract calls"),
            (used.broadcasts, limits.broadcasts, "broadcasts"),
        ] {
            writeln!(f, "{count:12} {limit:10}  {what}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use conclave_actions::Failure;
    use std::time::Duration;

    #[test]
    fn a_run_should_be_shown_by_line() {
        let cid = Cid::of(b"x");
        let step = |line, operation: &str, fuel, at| Step {
            cid,
            depth: 1,
            line,
            operation: operation.into(),
            argument: "{}".into(),
            answer: Ok("1".into()),
            fuel,
            at: Duration::from_millis(at),
            took: Duration::from_millis(10),
        };
        let steps = vec![
            step(2, "fetch", 2_000_000, 1),
            step(4, "signEcdsa", 3_000_000, 20),
            step(4, "fetch", 3_500_000, 40),
        ];
        let trace = Trace { steps, computed: Duration::from_millis(5) };
        let report = Report {
            cid,
            result: Err(Failure::NeverSettles),
            response: Some("done".into()),
            logs: "hello\n".into(),
            usage: Usage { fuel: 4_000_000, fetches: 2, ..Usage::default() },
        };
        let stand_ins = ["agreement: alone".to_owned()];
        let shown =
            Shown { stand_ins: &stand_ins, trace: &trace, ended: &report.into(), limits: &Limits::default() };
        let text = shown.to_string();
        for line in [
            "stand-ins: not the committee's, and not its chain's\n  agreement: alone\n",
            "     2      1       10.0     2.00  fetch\n",
            "     4      2       20.0     1.50  fetch, signEcdsa\n",
            "        4.00      20000  Mfuel\n",
            "           2         50  fetches\n",
            "logs\nhello\n",
            "response\ndone\n",
            "failed: the action waits for a promise",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
