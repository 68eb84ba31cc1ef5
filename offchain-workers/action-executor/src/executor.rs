//! A pool of children: one request at a time in each.

use crate::process::Process;
use conclave_actions::{run, Command, Failure, Host, Reply, Report, Request, Sandbox};
use futures::{channel::mpsc, future::BoxFuture, lock::Mutex, stream::StreamExt};
use std::ffi::OsString;

/// After so many requests a child is replaced, whatever it looks like.
const REQUESTS_EACH: u32 = 1_000;

/// Runs requests in children.
pub struct Executor {
    program: OsString,
    arguments: Vec<String>,
    /// Slots that are free; each holds the child that ran there last, if it is of use.
    free: Mutex<mpsc::UnboundedReceiver<Slot>>,
    give_back: mpsc::UnboundedSender<Slot>,
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
        Self { program: program.into(), arguments, free: Mutex::new(free), give_back }
    }

    /// Runs a request; waits while all children are busy. Dropping the future gives it up.
    pub async fn run(&self, host: &Host, request: Request) -> Report {
        // All slots come back, so there is one in the end.
        let slot = self.free.lock().await.next().await.unwrap_or_default();
        let lease = Lease { executor: self, slot: Mutex::new(slot) };
        run(&lease, host, request).await
    }
}

/// A slot, for one request; goes back when dropped.
struct Lease<'a> {
    executor: &'a Executor,
    slot: Mutex<Slot>,
}

impl Lease<'_> {
    async fn carry_out(&self, command: Command) -> Result<Reply, Failure> {
        let mut slot = self.slot.lock().await;
        let mut process = match slot.process.take() {
            Some(process) => process,
            None => Process::start(&self.executor.program, &self.executor.arguments).await?,
        };
        // Not in the slot meanwhile: a turn that fails or is given up takes its child along.
        let reply = process.turn(command).await?;
        slot.process = Some(process);
        Ok(reply)
    }
}

impl Sandbox for Lease<'_> {
    fn turn(&self, command: Command) -> BoxFuture<'_, Result<Reply, Failure>> {
        Box::pin(self.carry_out(command))
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let mut slot = std::mem::take(self.slot.get_mut());
        slot.requests = slot.requests.saturating_add(1);
        if slot.requests >= REQUESTS_EACH {
            slot = Slot::default();
        }
        // Nobody takes it back once the executor is gone, and then the child goes, too.
        let _ = self.executor.give_back.unbounded_send(slot);
    }
}
