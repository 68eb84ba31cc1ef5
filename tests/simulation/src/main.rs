//! `simulate`: one seed, or a campaign of many.

use clap::Parser;
use conclave_simulation::{run, Case, Scenario};
use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::{
        atomic::{AtomicU64, Ordering},
        Mutex,
    },
    time::Instant,
};

/// Runs workers and chain in one process, under a virtual clock and network.
#[derive(Parser)]
#[command(name = "simulate")]
struct Arguments {
    /// The first seed. Alone, it runs that one seed.
    #[arg(long)]
    seed: Option<u64>,
    /// How many seeds.
    #[arg(long)]
    seeds: Option<u64>,
    /// How many members; without, the seed decides.
    #[arg(long)]
    members: Option<usize>,
    /// Which scenario; without, the seed decides.
    #[arg(long)]
    scenario: Option<Scenario>,
    /// Seeds that run at a time; without, as many as there are cores.
    #[arg(long)]
    jobs: Option<usize>,
    /// Print every event, and what workers log.
    #[arg(long, short)]
    verbose: bool,
    /// List the scenarios.
    #[arg(long)]
    list: bool,
}

struct Stderr;

impl log::Log for Stderr {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target().starts_with("conclave")
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            eprintln!("             [{} {}] {}", record.level(), record.target(), record.args());
        }
    }

    fn flush(&self) {}
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list {
        Scenario::ALL.iter().for_each(|scenario| println!("{scenario}"));
        return ExitCode::SUCCESS;
    }
    if arguments.verbose && log::set_logger(&Stderr).is_ok() {
        log::set_max_level(log::LevelFilter::Debug);
    }
    let first = arguments.seed.unwrap_or(0);
    let count = arguments.seeds.unwrap_or(if arguments.seed.is_some() { 1 } else { 200 });
    let cases: Vec<Case> = (first..first.saturating_add(count)).map(|seed| case(&arguments, seed)).collect();
    campaign(&arguments, &cases)
}

fn case(arguments: &Arguments, seed: u64) -> Case {
    let drawn = Case::of_seed(seed);
    let scenario = arguments.scenario.unwrap_or(drawn.scenario);
    let members = arguments.members.unwrap_or(if scenario.is_ecdsa() { 4 } else { drawn.members });
    Case { scenario, members, seed }
}

fn campaign(arguments: &Arguments, cases: &[Case]) -> ExitCode {
    let started = Instant::now();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = arguments.jobs.unwrap_or(cores).clamp(1, cases.len().max(1));
    let (next, passed, failed) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let totals: Mutex<BTreeMap<String, u64>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| loop {
                let position = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap_or(usize::MAX);
                let Some(case) = cases.get(position) else { return };
                match run(*case, arguments.verbose) {
                    Ok(run) => {
                        passed.fetch_add(1, Ordering::Relaxed);
                        if cases.len() == 1 {
                            println!("{run:#?}");
                        }
                        if let Ok(mut totals) = totals.lock() {
                            run.fired.iter().for_each(|(name, count)| {
                                *totals.entry((*name).to_owned()).or_default() += count;
                            });
                            *totals.entry("signatures".into()).or_default() += run.signatures;
                            *totals.entry("reshares".into()).or_default() += run.reshares;
                            *totals.entry("requests made again".into()).or_default() += run.retries;
                            run.attempts.iter().for_each(|(attempts, count)| {
                                *totals.entry(format!("signatures at attempt {attempts}")).or_default() +=
                                    count;
                            });
                        }
                    }
                    Err(run) => {
                        failed.fetch_add(1, Ordering::Relaxed);
                        println!("{run}");
                    }
                }
                let done = passed.load(Ordering::Relaxed) + failed.load(Ordering::Relaxed);
                if cases.len() > 1 && (done.is_multiple_of(20) || done == cases.len() as u64) {
                    println!(
                        "{done} of {} seeds, {} failed, {} s",
                        cases.len(),
                        failed.load(Ordering::Relaxed),
                        started.elapsed().as_secs()
                    );
                }
            });
        }
    });
    for (name, count) in totals.into_inner().unwrap_or_default() {
        println!("{count:>8} {name}");
    }
    let (passed, failed) = (passed.into_inner(), failed.into_inner());
    println!("{passed} passed, {failed} failed");
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
