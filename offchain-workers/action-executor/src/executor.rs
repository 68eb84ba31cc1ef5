//! A pool of children: one request at a time in each.

use crate::{
    frame::FrameError,
    process::{Process, Running},
};
use conclave_actions::{
    engine_hash, run, trace, Cid, Command, Failure, Host, Reply, Report, Request, Sandbox, Trace, Usage,
};
use futures::{future::BoxFuture, lock::Mutex};
use std::{
    ffi::OsString,
    sync,
    time::{Duration, Instant},
};

/// How long after the limit of its request a child is killed: it ends by itself, unless it cannot.
const GRACE: Duration = Duration::from_millis(150);

/// After so many requests a child is replaced, whatever it looks like.
const REQUESTS_EACH: u32 = 1_000;

/// Runs requests in children.
pub struct Executor {
    program: OsString,
    arguments: Vec<String>,
    engine: [u8; 32],
    processes: usize,
    /// Slots that are free, each with the child that ran there last, if it is of use; the last that was given back on top.
    free: sync::Mutex<Vec<Slot>>,
    running: Running,
}

#[derive(Default)]
struct Slot {
    process: Option<Process>,
    requests: u32,
}

impl Executor {
    /// With at most so many children, and so many requests at once; each starts when it is needed first. Beyond that requests
    /// are refused and not queued: members that take them up in different orders would wait for each other.
    /// `program` is `conclave-action-executor`, or what behaves like it with these arguments.
    pub fn new(program: impl Into<OsString>, arguments: Vec<String>, processes: usize) -> Self {
        Self {
            program: program.into(),
            arguments,
            engine: engine_hash(),
            processes,
            free: sync::Mutex::new((0..processes).map(|_| Slot::default()).collect()),
            running: Running::default(),
        }
    }

    /// Whose children have to be of another engine than [`engine_hash`]: of one with a bundle of ethers.
    pub fn with_engine(self, engine: [u8; 32]) -> Self {
        Self { engine, ..self }
    }

    /// Runs a request. Dropping the future gives it up.
    pub async fn run(&self, host: &Host, request: Request) -> Report {
        match self.lease(&request).await {
            Ok(mut lease) => {
                let report = run(&lease, host, request).await;
                lease.done = true;
                report
            }
            Err(failure) => refused(&request, failure),
        }
    }

    /// As [`run`](Self::run), and notes what the action asks.
    pub async fn trace(&self, host: &Host, request: Request) -> (Report, Trace) {
        match self.lease(&request).await {
            Ok(mut lease) => {
                let traced = trace(&lease, host, request).await;
                lease.done = true;
                traced
            }
            Err(failure) => (refused(&request, failure), Trace::default()),
        }
    }

    /// A child that is ready, before the request's time begins: starting is no work of its.
    async fn lease(&self, request: &Request) -> Result<Lease<'_>, Failure> {
        let slot = self.free().pop().ok_or_else(|| Failure::Unavailable {
            reason: format!("all {} processes have an action to run; try again", self.processes),
        })?;
        let time_ms = request.limits.time_ms;
        let leased = Leased { slot, until: Instant::now(), time_ms, lost: None };
        let mut lease = Lease { executor: self, leased: Mutex::new(leased), done: true };
        lease.start().await?;
        lease.done = false;
        Ok(lease)
    }

    /// The ids of the processes that run now: for whoever watches what they take.
    pub fn children(&self) -> Vec<u32> {
        self.running.ids()
    }

    fn free(&self) -> sync::MutexGuard<'_, Vec<Slot>> {
        self.free.lock().unwrap_or_else(sync::PoisonError::into_inner)
    }
}

/// What became of a request that no child could be started for.
fn refused(request: &Request, failure: Failure) -> Report {
    Report {
        cid: Cid::of(&request.code),
        result: Err(failure),
        response: None,
        logs: String::new(),
        usage: Usage::default(),
    }
}

/// A slot, for one request; goes back when dropped.
struct Lease<'a> {
    executor: &'a Executor,
    leased: Mutex<Leased>,
    /// Whether the request ended, and was not given up.
    done: bool,
}

struct Leased {
    slot: Slot,
    /// When the child is killed.
    until: Instant,
    time_ms: u32,
    /// Why there is no child any more: what it knew of the request is gone, so another one is of no use to it.
    lost: Option<Failure>,
}

impl Lease<'_> {
    /// Starts a child unless there is one, and the time of the request.
    async fn start(&mut self) -> Result<(), Failure> {
        let (executor, leased) = (self.executor, self.leased.get_mut());
        if !leased.slot.process.as_mut().is_some_and(Process::is_alive) {
            leased.slot = Slot::default();
            let process = Process::start(
                &executor.program,
                &executor.arguments,
                &executor.engine,
                executor.running.clone(),
            )
            .await?;
            leased.slot.process = Some(process);
        }
        leased.until = Instant::now() + Duration::from_millis(leased.time_ms.into()) + GRACE;
        Ok(())
    }

    async fn carry_out(&self, command: Command) -> Result<Reply, Failure> {
        let mut leased = self.leased.lock().await;
        // Not in the slot meanwhile: a turn that fails or is given up takes its child along.
        let Some(mut process) = leased.slot.process.take() else {
            return Err(leased.lost.clone().unwrap_or(Failure::Crashed));
        };
        let failure = match process.turn(command, leased.until).await {
            Some(Ok(reply)) => {
                leased.slot.process = Some(process);
                return Ok(reply);
            }
            // What cannot be read was not written by an executor; what ends early was written by one that died.
            Some(Err(error @ (FrameError::Invalid(_) | FrameError::TooLong(_)))) => {
                Failure::Distrusted { reason: error.to_string() }
            }
            Some(Err(FrameError::Io(_))) => Failure::Crashed,
            None => Failure::Deadline { time_ms: leased.time_ms },
        };
        leased.lost = Some(failure.clone());
        Err(failure)
    }
}

impl Sandbox for Lease<'_> {
    fn turn(&self, command: Command) -> BoxFuture<'_, Result<Reply, Failure>> {
        Box::pin(self.carry_out(command))
    }

    fn distrust(&self, failure: Failure) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut leased = self.leased.lock().await;
            leased.slot.process = None;
            leased.lost = Some(failure);
        })
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let mut slot = std::mem::take(&mut self.leased.get_mut().slot);
        slot.requests = slot.requests.saturating_add(1);
        // Of a request that was given up, the child still holds what it waited with.
        if slot.requests >= REQUESTS_EACH || !self.done {
            slot = Slot::default();
        }
        self.executor.free().push(slot);
    }
}
