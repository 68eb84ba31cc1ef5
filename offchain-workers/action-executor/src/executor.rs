//! A pool of children: one request at a time in each.

use crate::{
    frame::FrameError,
    process::{Process, Running},
};
use conclave_actions::{
    engine_hash, run, Cid, Command, Failure, Host, Reply, Report, Request, Sandbox, Usage,
};
use futures::{channel::mpsc, future::BoxFuture, lock::Mutex, stream::StreamExt};
use std::{
    ffi::OsString,
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
    /// Slots that are free; each holds the child that ran there last, if it is of use.
    engine: [u8; 32],
    free: Mutex<mpsc::UnboundedReceiver<Slot>>,
    give_back: mpsc::UnboundedSender<Slot>,
    running: Running,
}

#[derive(Default)]
struct Slot {
    process: Option<Process>,
    requests: u32,
}

impl Executor {
    /// With at most so many children at once (as many as there are cores, say); each starts when it is needed first.
    /// `program` is `conclave-action-executor`, or what behaves like it with these arguments.
    pub fn new(program: impl Into<OsString>, arguments: Vec<String>, processes: usize) -> Self {
        let (give_back, free) = mpsc::unbounded();
        for _ in 0..processes.max(1) {
            // The receiver lives as long as this.
            let _ = give_back.unbounded_send(Slot::default());
        }
        Self {
            program: program.into(),
            arguments,
            engine: engine_hash(),
            free: Mutex::new(free),
            give_back,
            running: Running::default(),
        }
    }

    /// Whose children have to be of another engine than [`engine_hash`]: of one with a bundle of ethers.
    pub fn with_engine(self, engine: [u8; 32]) -> Self {
        Self { engine, ..self }
    }

    /// Runs a request; waits while all children are busy. Dropping the future gives it up.
    pub async fn run(&self, host: &Host, request: Request) -> Report {
        // All slots come back, so there is one in the end.
        let slot = self.free.lock().await.next().await.unwrap_or_default();
        let time_ms = request.limits.time_ms;
        let leased = Leased { slot, until: Instant::now(), time_ms, lost: None };
        let mut lease = Lease { executor: self, leased: Mutex::new(leased), done: true };
        // Before the request's time begins: starting is no work of its.
        if let Err(failure) = lease.start().await {
            return refused(&request, failure);
        }
        lease.done = false;
        let report = run(&lease, host, request).await;
        lease.done = true;
        report
    }

    /// The ids of the processes that run now: for whoever watches what they take.
    pub fn children(&self) -> Vec<u32> {
        self.running.ids()
    }

    fn put_back(&self, slot: Slot) {
        // Nobody takes it back once the executor is gone, and then the child goes, too.
        let _ = self.give_back.unbounded_send(slot);
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
        self.executor.put_back(slot);
    }
}
