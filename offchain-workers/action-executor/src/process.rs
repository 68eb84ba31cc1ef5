//! One child, as its parent sees it.

use crate::frame::{read_frame, write_frame, FrameError, Hello, MAX_REPLY_BYTES};
use codec::DecodeAll;
use conclave_actions::{Command, Failure, Reply};
use futures::{
    channel::oneshot,
    future::{select, Either},
};
use futures_timer::Delay;
use std::{
    collections::BTreeSet,
    ffi::OsStr,
    process::{Child, ChildStdin, ChildStdout, Stdio},
    sync::{mpsc, Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// How long a child may take to translate QuickJS on a busy machine.
const START: Duration = Duration::from_secs(30);

type Turn = (Command, oneshot::Sender<Result<Reply, FrameError>>);

/// The ids of the children that run.
#[derive(Clone, Default)]
pub(crate) struct Running(Arc<Mutex<BTreeSet<u32>>>);

impl Running {
    pub(crate) fn ids(&self) -> Vec<u32> {
        self.set().iter().copied().collect()
    }

    fn set(&self) -> MutexGuard<'_, BTreeSet<u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running child. Killed when dropped.
pub(crate) struct Process {
    /// Until it is dropped.
    child: Option<Child>,
    running: Running,
    turns: mpsc::Sender<Turn>,
}

impl Process {
    /// Starts one and waits until it is ready. One of another engine is refused: what it makes of an action, other
    /// members do not.
    pub(crate) async fn start(
        program: &OsStr,
        arguments: &[String],
        engine: &[u8; 32],
        running: Running,
    ) -> Result<Self, Failure> {
        let mut command = std::process::Command::new(program);
        // Nothing of the node's environment is an action's business.
        command.args(arguments).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped());
        let (turns, commands) = mpsc::channel();
        let (ready, is_ready) = oneshot::channel();
        let (started, child) = oneshot::channel();
        // The thread starts the child, which dies with it: the kernel means threads where it says parents.
        let thread = thread::Builder::new().name("action-executor".into());
        let spawned = thread.spawn(move || match command.spawn() {
            Ok(mut child) => {
                let pipes = (child.stdin.take(), child.stdout.take());
                if let ((Some(input), Some(output)), Ok(())) = (pipes, started.send(Ok(child))) {
                    converse(input, output, ready, &commands);
                }
            }
            // Nobody listens where the parent has given up.
            Err(error) => drop(started.send(Err(error))),
        });
        spawned.map_err(|error| unavailable(error.to_string()))?;
        let child = match child.await {
            Ok(Ok(child)) => child,
            Ok(Err(error)) => return Err(unavailable(format!("{}: {error}", program.display()))),
            Err(_) => return Err(unavailable("it did not start".into())),
        };
        running.set().insert(child.id());
        let process = Self { child: Some(child), running, turns };
        match select(is_ready, Delay::new(START)).await {
            Either::Left((Ok(Ok(hello)), _)) if hello.engine == *engine => Ok(process),
            Either::Left((Ok(Ok(hello)), _)) => Err(unavailable(format!(
                "{} has the engine {}, not {}: install the one that was built with this node",
                program.display(),
                hex::encode(hello.engine),
                hex::encode(engine)
            ))),
            Either::Left((Ok(Err(error)), _)) => Err(unavailable(error.to_string())),
            Either::Left((Err(_), _)) => Err(unavailable("it ended at once".into())),
            Either::Right(_) => Err(unavailable("it did not get ready".into())),
        }
    }

    /// Whether it runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// One command and its reply, `None` if there is none `until` then. Without a reply the child is of no use.
    pub(crate) async fn turn(
        &mut self,
        command: Command,
        until: Instant,
    ) -> Option<Result<Reply, FrameError>> {
        let (reply, replied) = oneshot::channel();
        if self.turns.send((command, reply)).is_err() {
            return Some(Err(gone()));
        }
        match select(replied, Delay::new(until.saturating_duration_since(Instant::now()))).await {
            Either::Left((reply, _)) => Some(reply.unwrap_or_else(|_| Err(gone()))),
            Either::Right(_) => None,
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        self.running.set().remove(&child.id());
        // It fails where the child is gone already.
        let _ = child.kill();
        // The kernel takes its time to free gigabytes, and who is here answers a request.
        let reap = move || drop(child.wait());
        let _ = thread::Builder::new().name("action-executor".into()).spawn(reap);
    }
}

fn unavailable(reason: String) -> Failure {
    Failure::Unavailable { reason }
}

/// The thread beside a child: pipes block, and whoever waits for them cannot be woken otherwise. Ends with the child.
fn converse(
    mut input: ChildStdin,
    mut output: ChildStdout,
    ready: oneshot::Sender<Result<Hello, FrameError>>,
    commands: &mpsc::Receiver<Turn>,
) {
    let hello = read(&mut output);
    let failed = hello.is_err();
    let _ = ready.send(hello);
    if failed {
        return;
    }
    while let Ok((command, reply)) = commands.recv() {
        // That a command cannot be written is no fault of the child's words.
        let written = write_frame(&mut input, &command).map_err(|error| std::io::Error::other(error).into());
        let turn = written.and_then(|()| read(&mut output));
        let failed = turn.is_err();
        let _ = reply.send(turn);
        if failed {
            return;
        }
    }
}

fn read<M: DecodeAll>(output: &mut ChildStdout) -> Result<M, FrameError> {
    read_frame(output, MAX_REPLY_BYTES)?.ok_or_else(gone)
}

fn gone() -> FrameError {
    std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()
}
