//! Cases, their runs and their results.

use std::{
    collections::BTreeMap,
    fmt,
    panic::{catch_unwind, AssertUnwindSafe},
    time::{Duration, Instant},
};

use conclave_primitives::blake2_256;

use crate::{
    chain::CallCounts,
    dice::Seeds,
    network::MessageCounts,
    scenario::{Plan, Scenario},
    script::Script,
    world::World,
};

const STREAM_PLAN: u64 = 0;

/// One run: everything follows from these three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Case {
    /// What it is about.
    pub scenario: Scenario,
    /// How many members.
    pub members: usize,
    /// The seed.
    pub seed: u64,
}

impl Case {
    /// The case that a seed alone stands for, in campaigns: scenarios and sizes as often as in [`CI_PLAN`], mixed.
    pub fn of_seed(seed: u64) -> Self {
        // A prime, so that seeds in a row are of all scenarios, and each comes its turn.
        const STRIDE: u64 = 7_919;
        let mut at = seed % ci_seeds() * STRIDE % ci_seeds();
        for (scenario, members, seeds) in CI_PLAN {
            if at < *seeds {
                return Self { scenario: *scenario, members: *members, seed };
            }
            at -= seeds;
        }
        unreachable!("the remainder is below the sum of all")
    }

    /// The plan that the seed draws.
    pub fn plan(&self) -> Plan {
        self.scenario.plan(self.members, &mut Seeds(self.seed).stream(STREAM_PLAN))
    }

    /// The command that runs it again.
    pub fn command(&self) -> String {
        format!(
            "make simulate A=\"--seed {} --members {} --scenario {}\"",
            self.seed, self.members, self.scenario
        )
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} n={} seed {}", self.scenario, self.members, self.seed)
    }
}

/// How many seeds [`CI_PLAN`] has.
pub fn ci_seeds() -> u64 {
    CI_PLAN.iter().map(|(.., seeds)| seeds).sum()
}

/// What CI runs: scenario, members, how many seeds from 0 on.
pub const CI_PLAN: &[(Scenario, usize, u64)] = &[
    (Scenario::Calm, 4, 59),
    (Scenario::Calm, 7, 6),
    (Scenario::Calm, 10, 2),
    (Scenario::Calm, 5, 3),
    (Scenario::BadShare, 4, 91),
    (Scenario::BadShare, 7, 20),
    (Scenario::BadShare, 10, 3),
    (Scenario::BadShare, 5, 3),
    (Scenario::BadShare, 20, 1),
    (Scenario::WithheldOpening, 4, 60),
    (Scenario::WithheldOpening, 7, 8),
    (Scenario::WithheldOpening, 10, 2),
    (Scenario::ReplayedKey, 4, 80),
    (Scenario::ReplayedKey, 7, 10),
    (Scenario::ReplayedKey, 10, 2),
    (Scenario::FalseComplaint, 4, 90),
    (Scenario::FalseComplaint, 7, 16),
    (Scenario::FalseComplaint, 10, 2),
    (Scenario::TooManyBadDealers, 4, 8),
    (Scenario::TooManyBadDealers, 7, 1),
    (Scenario::Absent, 4, 50),
    (Scenario::Absent, 7, 6),
    (Scenario::Absent, 10, 2),
    (Scenario::LateComer, 4, 30),
    (Scenario::LateComer, 7, 4),
    (Scenario::TooManyAbsent, 4, 30),
    (Scenario::TooManyAbsent, 7, 4),
    (Scenario::Mixed, 7, 40),
    (Scenario::Mixed, 10, 8),
    (Scenario::RoughNetwork, 4, 90),
    (Scenario::RoughNetwork, 7, 12),
    (Scenario::RoughNetwork, 10, 2),
    (Scenario::MixedInRoughNetwork, 4, 91),
    (Scenario::MixedInRoughNetwork, 7, 12),
    (Scenario::MixedInRoughNetwork, 10, 2),
    (Scenario::Crashes, 4, 91),
    (Scenario::Crashes, 7, 10),
    (Scenario::PowerCuts, 4, 91),
    (Scenario::PowerCuts, 7, 8),
    (Scenario::RestartAll, 4, 30),
    (Scenario::RestartAll, 7, 4),
    (Scenario::Outage, 4, 40),
    (Scenario::Outage, 7, 5),
    (Scenario::Outage, 10, 2),
    (Scenario::Partition, 4, 12),
    (Scenario::Partition, 7, 2),
    (Scenario::WrongShare, 4, 60),
    (Scenario::WrongShare, 7, 8),
    (Scenario::WrongShare, 10, 2),
    (Scenario::WrongShare, 5, 3),
    (Scenario::WrongShare, 20, 1),
    (Scenario::FalseAccusation, 4, 50),
    (Scenario::FalseAccusation, 7, 6),
    (Scenario::FalseAccusation, 10, 1),
    (Scenario::Silence, 4, 20),
    (Scenario::SilenceToOne, 4, 10),
    (Scenario::Silence, 7, 2),
    (Scenario::SilenceToOne, 7, 2),
    (Scenario::NeverAnswers, 4, 4),
    (Scenario::NeverAnswers, 7, 1),
    (Scenario::CorruptShares, 4, 60),
    (Scenario::CorruptShares, 7, 8),
    (Scenario::TwoTales, 4, 30),
    (Scenario::TwoTales, 7, 3),
    (Scenario::Equivocation, 4, 30),
    (Scenario::Equivocation, 7, 4),
    (Scenario::Schemes, 4, 12),
    (Scenario::Schemes, 7, 2),
    (Scenario::BlsWrongShare, 4, 40),
    (Scenario::BlsWrongShare, 7, 4),
    (Scenario::TooManyLiars, 4, 40),
    (Scenario::TooManyLiars, 7, 4),
    (Scenario::LiarsInRoughNetwork, 4, 32),
    (Scenario::LiarsInRoughNetwork, 7, 3),
    (Scenario::Action, 4, 10),
    (Scenario::Action, 7, 1),
    (Scenario::ActionAltered, 4, 6),
    (Scenario::ActionMisendorsed, 4, 2),
    (Scenario::ActionMisendorsed, 7, 1),
    (Scenario::ActionWrongDecryptionShare, 4, 4),
    (Scenario::ActionWrongDecryptionShare, 7, 1),
    (Scenario::ActionAltered, 7, 2),
    (Scenario::ActionWrongShare, 4, 6),
    (Scenario::ActionWrongShare, 7, 1),
    (Scenario::ActionCrash, 4, 8),
    (Scenario::ActionCrash, 7, 1),
    (Scenario::ActionTooManyAltered, 4, 9),
    (Scenario::ActionTooManyAltered, 7, 1),
    (Scenario::Refresh, 4, 8),
    (Scenario::Refresh, 7, 1),
    (Scenario::Refresh, 20, 1),
    (Scenario::Refresh, 5, 1),
    (Scenario::Resize, 4, 8),
    (Scenario::Resize, 7, 1),
    (Scenario::ReplaceOne, 4, 8),
    (Scenario::ReplaceOne, 7, 1),
    (Scenario::Disjoint, 4, 8),
    (Scenario::Disjoint, 7, 1),
    (Scenario::Epochs, 4, 16),
    (Scenario::Epochs, 7, 1),
    (Scenario::ReshareInRoughNetwork, 4, 16),
    (Scenario::ReshareInRoughNetwork, 7, 1),
    (Scenario::ReshareCrashes, 4, 32),
    (Scenario::ReshareCrashes, 7, 2),
    (Scenario::ResharePowerCuts, 4, 24),
    (Scenario::ResharePowerCuts, 7, 2),
    (Scenario::ReshareCutOff, 4, 16),
    (Scenario::ReshareCutOff, 7, 1),
    (Scenario::ReshareAbsent, 4, 16),
    (Scenario::ReshareAbsent, 7, 2),
    (Scenario::ReshareStuck, 4, 8),
    (Scenario::ReshareStuck, 7, 1),
    (Scenario::ReshareBadShare, 4, 20),
    (Scenario::ReshareBadShare, 7, 2),
    (Scenario::ReshareOtherShare, 4, 12),
    (Scenario::ReshareOtherShare, 7, 2),
    (Scenario::ReshareFalseComplaint, 4, 12),
    (Scenario::ReshareFalseComplaint, 7, 2),
    (Scenario::ReshareMixed, 4, 20),
    (Scenario::ReshareMixed, 7, 4),
    (Scenario::ReshareMixedInRoughNetwork, 4, 10),
    (Scenario::ReshareMixedInRoughNetwork, 7, 1),
    (Scenario::ReshareTooManyBadDealers, 4, 8),
    (Scenario::ReshareTooManyBadDealers, 7, 1),
    (Scenario::ReshareEcdsa, 4, 1),
    (Scenario::Decryption, 4, 12),
    (Scenario::Decryption, 7, 1),
    (Scenario::WrongDecryptionShare, 4, 12),
    (Scenario::LateDecryptionShare, 4, 8),
    (Scenario::WrongDecryptionShare, 7, 1),
    (Scenario::LateDecryptionShare, 7, 1),
    (Scenario::TooManyWrongDecryptionShares, 4, 8),
    (Scenario::TooManyWrongDecryptionShares, 7, 1),
    (Scenario::LiedTo, 4, 20),
    (Scenario::LiedTo, 7, 2),
    (Scenario::TooManyLiedTo, 4, 12),
    (Scenario::TooManyLiedTo, 7, 1),
    (Scenario::Ecdsa, 4, 2),
    (Scenario::EcdsaCrashes, 4, 2),
    (Scenario::EcdsaWrongShare, 4, 2),
    (Scenario::EcdsaTooManyLiars, 4, 2),
    (Scenario::EcdsaBan, 4, 1),
    (Scenario::EcdsaBadSetUps, 4, 1),
];

/// A run in which everything held.
#[derive(Clone, Debug)]
pub struct Passed {
    /// Which.
    pub case: Case,
    /// Of every event, in order.
    pub journal: [u8; 32],
    /// Of what came out: the same for a seed also where the events are not.
    pub verdict: String,
    /// How often each fault fired.
    pub fired: BTreeMap<&'static str, u64>,
    /// The fate of messages.
    pub messages: MessageCounts,
    /// The fate of workers' calls.
    pub calls: CallCounts,
    /// Signatures, verified.
    pub signatures: u64,
    /// Requests that a client had to make again.
    pub retries: u64,
    /// Committees that followed another.
    pub reshares: u64,
    /// How many signatures took how many attempts.
    pub attempts: BTreeMap<u8, u64>,
    /// Virtual time.
    pub virtual_time: Duration,
    /// Real time.
    pub took: Duration,
}

/// A run in which something did not hold.
#[derive(Clone, Debug)]
pub struct Failed {
    /// Which.
    pub case: Case,
    /// What did not.
    pub reason: String,
    /// The last events.
    pub tail: Vec<String>,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "FAILED: {}", self.case)?;
        for line in &self.tail {
            writeln!(f, "  {line}")?;
        }
        writeln!(f, "  faults: {:?}", self.case.plan().faults)?;
        writeln!(f, "  {}: {}", self.case, self.reason)?;
        write!(f, "  again: {}", self.case.command())
    }
}

/// Runs a case. `echo` prints every event.
pub fn run(case: Case, echo: bool) -> Result<Passed, Box<Failed>> {
    run_plan(case, &case.plan(), echo, |_| {})
}

/// Runs a plan, after `prepare` had its way with the world.
fn run_plan(
    case: Case,
    plan: &Plan,
    echo: bool,
    prepare: impl FnOnce(&mut World),
) -> Result<Passed, Box<Failed>> {
    let started = Instant::now();
    let mut world = World::new(case.seed, case.members, plan);
    world.journal.echo = echo;
    prepare(&mut world);
    // A panic of a worker or a pallet is a failed run with a seed, like any other.
    let outcome = catch_unwind(AssertUnwindSafe(|| Script::run(&mut world, plan)));
    let result = outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(format!("panic: {}", text.unwrap_or_default()))
    });
    match result {
        Ok(story) => Ok(Passed {
            case,
            journal: blake2_256(&[world.journal.hash().as_slice(), story.verdict.as_bytes()].concat()),
            verdict: story.verdict,
            fired: world.fired(),
            messages: world.messages,
            calls: world.chain.counts,
            signatures: story.signatures,
            retries: story.retries,
            reshares: story.reshares,
            attempts: story.attempts,
            virtual_time: world.now,
            took: started.elapsed(),
        }),
        Err(reason) => Err(Box::new(Failed { case, reason, tail: world.journal.tail(40) })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Step;

    /// What is reported of a run that does not hold; it names the seed, and how to see it again.
    fn failure(case: Case, plan: &Plan, prepare: impl FnOnce(&mut World)) -> String {
        let failed = run_plan(case, plan, false, prepare).expect_err("the run was tampered with");
        let text = failed.to_string();
        assert!(text.contains(&format!("FAILED: {case}")) && text.contains(&case.command()), "{text}");
        assert!(text.contains(&format!("--seed {}", case.seed)), "{text}");
        failed.reason
    }

    #[test]
    fn a_tampered_run_should_fail_and_name_its_seed() {
        let case = Case { scenario: Scenario::BadShare, members: 4, seed: 11 };
        let reason = failure(case, &case.plan(), |world| world.faults.clear());
        assert!(reason.contains("is innocent, but disqualified"), "{reason}");
        let honest = Case { scenario: Scenario::Calm, members: 4, seed: 12 };
        let plan = Plan { steps: vec![Step::BanByOne], ..honest.plan() };
        assert_eq!(failure(honest, &plan, |_| {}), "nobody lies to one");
        // A fault of which nothing comes.
        let plan = Plan { faults: case.plan().faults, ..honest.plan() };
        let reason = failure(honest, &plan, |world| {
            world.nodes.iter_mut().for_each(|node| node.malice = None);
        });
        assert!(reason.contains("named are seats"), "{reason}");
    }
}
