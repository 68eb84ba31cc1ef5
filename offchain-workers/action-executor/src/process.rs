//! One child, as its parent sees it.

use crate::frame::{read_frame, write_frame, FrameError};
use conclave_actions::{Command, Failure, Reply};
use futures::{
    channel::oneshot,
    future::{select, Either},
};
use futures_timer::Delay;
use std::{
    ffi::OsStr,
    process::{Child, ChildStdin, ChildStdout, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// How much later than it should the child may reply before it is killed.
const GRACE: Duration = Duration::from_millis(150);
/// How long a child may take to translate QuickJS on a busy machine.
const START: Duration = Duration::from_secs(30);

type Turn = (Command, oneshot::Sender<Result<Reply, FrameError>>);

/// A running child. Killed when dropped.
pub(crate) struct Process {
    child: Child,
    turns: mpsc::Sender<Turn>,
}

impl Process {
    /// Starts one and waits until it is ready.
    pub(crate) async fn start(program: &OsStr, arguments: &[String]) -> Result<Self, Failure> {
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
        let process = Self { child, turns };
        match select(is_ready, Delay::new(START)).await {
            Either::Left((Ok(Ok(_)), _)) => Ok(process),
            Either::Left((Ok(Err(error)), _)) => Err(unavailable(error.to_string())),
            Either::Left((Err(_), _)) => Err(unavailable("it ended at once".into())),
            Either::Right(_) => Err(unavailable("it did not get ready".into())),
        }
    }

    /// One command and its reply. After an error the child is of no use.
    pub(crate) async fn turn(&mut self, command: Command) -> Result<Reply, Failure> {
        let (time_ms, limit) = match &command {
            Command::Begin { time_ms, limits, .. } => (*time_ms, limits.time_ms),
            Command::Answer { time_ms, .. } => (*time_ms, *time_ms),
            Command::End { .. } => (1_000, 1_000),
        };
        let (reply, replied) = oneshot::channel();
        self.turns.send((command, reply)).map_err(|_| Failure::Crashed)?;
        let time = Duration::from_millis(time_ms.into()).saturating_add(GRACE);
        match select(replied, Delay::new(time)).await {
            Either::Left((Ok(Ok(reply)), _)) => Ok(reply),
            Either::Left(_) => Err(Failure::Crashed),
            Either::Right(_) => {
                self.kill();
                Err(Failure::Deadline { time_ms: limit })
            }
        }
    }

    fn kill(&mut self) {
        // It fails where the child is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn unavailable(reason: String) -> Failure {
    Failure::Unavailable { reason }
}

/// The thread beside a child: pipes block, and whoever waits for them cannot be woken otherwise. Ends with the child.
fn converse(
    mut input: ChildStdin,
    mut output: ChildStdout,
    ready: oneshot::Sender<Result<Reply, FrameError>>,
    commands: &mpsc::Receiver<Turn>,
) {
    let hello = read(&mut output);
    let failed = hello.is_err();
    let _ = ready.send(hello);
    if failed {
        return;
    }
    while let Ok((command, reply)) = commands.recv() {
        let turn = write_frame(&mut input, &command).and_then(|()| read(&mut output));
        let failed = turn.is_err();
        let _ = reply.send(turn);
        if failed {
            return;
        }
    }
}

fn read(output: &mut ChildStdout) -> Result<Reply, FrameError> {
    read_frame(output)?.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into())
}
