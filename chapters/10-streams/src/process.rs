//! Another program: its pipes, its end, and signals to it.

use std::fmt;
use std::future::Future;
use std::io;
use std::os::unix::process::CommandExt;
use std::pin::Pin;
use std::process::{Command, ExitStatus, Output};
use std::task::{Context, Poll};
use std::time::Duration;

use event_loop::traits::Timer;
use futures::future::{Either, select, try_join};
use futures::io::{empty, sink};
use reactor::{PipeReader, PipeWriter, ReactorHandle};
use rustix::process::Pid;

use crate::communicate::communicate;

mod exit;
mod owned;
mod reaper;
mod spawn_error;

use exit::Exit;
use owned::{Owned, Reach};
pub use reaper::wait_for_dropped;
pub use rustix::process::Signal;
pub use spawn_error::{Reason, SpawnError};

/// A program that runs as a child of this one.
///
/// ```text
///             spawn                     the program ends, and wait sees it
///   Command ─────────▶ Running(child) ─────────────────────────────────────▶ Ended(status)
///                          │
///                          └── drop ──▶ killed, and reaped
/// ```
///
/// **It does not outlive its handle.** Dropping a `Process` kills the program with `SIGKILL` and sees to it
/// that no zombie is left. A program that should run on is given to a task that awaits [`wait`](Process::wait).
///
/// **Its end and the ends of its pipes are different events.** A pipe ends when the last process that can
/// write to it has closed it. If the program has started others, that may be long after its own end, or never.
/// [`spawn_group`](Process::spawn_group) ends those others together with the program.
///
/// ```
/// use std::process::{Command, Stdio};
///
/// use event_loop::EventLoop;
/// use reactor::Reactor;
/// use streams::process::Process;
///
/// # fn main() -> std::io::Result<()> {
/// let event_loop = EventLoop::with_driver(Reactor::new()?);
/// let reactor = event_loop.driver().handle();
/// let mut command = Command::new("tr");
/// command.args(["a-z", "A-Z"]).stdin(Stdio::piped()).stdout(Stdio::piped());
/// let output = event_loop.block_on(async {
///     let process = Process::spawn(&reactor, &mut command)?;
///     process.communicate(b"hello").await
/// })?;
/// assert!(output.status.success());
/// assert_eq!(output.stdout, b"HELLO");
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping it kills the program"]
pub struct Process {
    /// What is written here the program reads, if its standard input was `Stdio::piped()`. Dropping it is the
    /// end of the input.
    pub stdin: Option<PipeWriter>,
    /// What the program writes to its standard output, if that was `Stdio::piped()`.
    pub stdout: Option<PipeReader>,
    /// What the program writes to its standard error, if that was `Stdio::piped()`.
    pub stderr: Option<PipeReader>,
    owned: Owned,
    exit: Exit,
    pid: Pid,
}

impl Process {
    /// Starts a program. Each of its three streams is what `command` says: `Stdio::piped()` makes a pipe
    /// that the reactor watches.
    ///
    /// It blocks until the system has loaded the program.
    ///
    /// # Errors
    ///
    /// If the program cannot be started, a sentence that says why. Then no process and no descriptor is left.
    pub fn spawn(reactor: &ReactorHandle, command: &mut Command) -> Result<Process, SpawnError> {
        Process::start(reactor, command, Reach::Process)
    }

    /// Starts a program as the leader of a new process group. Signals go to the whole group: also to the
    /// programs that this program starts. When it ends, the rest of the group is killed.
    ///
    /// A program that moves to a group of its own, as a shell with job control does, is not reached. A
    /// Ctrl-C in the terminal does not reach the group, either. `command` keeps the setting: use another one
    /// for [`spawn`](Process::spawn).
    ///
    /// # Errors
    ///
    /// As [`spawn`](Process::spawn).
    pub fn spawn_group(
        reactor: &ReactorHandle,
        command: &mut Command,
    ) -> Result<Process, SpawnError> {
        Process::start(reactor, command.process_group(0), Reach::Group)
    }

    fn start(
        reactor: &ReactorHandle,
        command: &mut Command,
        reach: Reach,
    ) -> Result<Process, SpawnError> {
        let spawned = command.spawn();
        let mut child = spawned.map_err(|error| SpawnError::new(command, error))?;
        let pid = Pid::from_child(&child);
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        // From here on, an error drops this: no child is left.
        let owned = Owned::new(child, reach);
        let connect = || {
            let (stdin, stdout, stderr) = pipes;
            let stdin = stdin.map(|end| PipeWriter::new(reactor, end));
            let stdout = stdout.map(|end| PipeReader::new(reactor, end));
            let stderr = stderr.map(|end| PipeReader::new(reactor, end));
            Ok(Process {
                stdin: stdin.transpose()?,
                stdout: stdout.transpose()?,
                stderr: stderr.transpose()?,
                exit: Exit::of(reactor, pid)?,
                owned,
                pid,
            })
        };
        connect().map_err(|error| SpawnError::new(command, error))
    }

    /// Hears of the end by `SIGCHLD`, as on a system without pidfds: for tests.
    ///
    /// # Errors
    ///
    /// If there are no descriptors left.
    #[doc(hidden)]
    pub fn watched_by_signal(mut self, reactor: &ReactorHandle) -> io::Result<Process> {
        self.exit = Exit::by_signal(reactor)?;
        Ok(self)
    }

    /// The number by which the system knows the program. Once it has ended, another may get the number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// Waits until the program has ended, and returns its status: also when it had ended before, and also
    /// when it is asked again. Drops `stdin` first, if it is still here: a program that reads its input to the
    /// end would wait for that.
    ///
    /// It does not wait for the ends of the pipes, and reads nothing. If the program writes more than a pipe
    /// holds and no task reads it, the program does not end.
    ///
    /// # Errors
    ///
    /// The system's, if other code has reaped the child.
    ///
    /// # Cancel safety
    ///
    /// Dropping it loses nothing, and the program runs on.
    pub fn wait(&mut self) -> Wait<'_> {
        drop(self.stdin.take());
        Wait { process: self }
    }

    /// The program's status, if it has ended; without waiting.
    ///
    /// # Errors
    ///
    /// As [`wait`](Process::wait).
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.owned.look()
    }

    /// Sends a signal to the program, or to its group. Does nothing if the program has ended.
    ///
    /// # Errors
    ///
    /// If the program may not be signalled: it has changed its user.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        self.owned.signal(signal)
    }

    /// Asks the program to end, with `SIGTERM`, and waits. If it has not ended after `grace`, kills it, with
    /// `SIGKILL`, which no program can ignore.
    ///
    /// # Errors
    ///
    /// As [`signal`](Process::signal) and [`wait`](Process::wait).
    ///
    /// # Cancel safety
    ///
    /// The program has been asked. Calling `stop` again asks again and begins a new `grace`.
    // ANCHOR: stop
    pub async fn stop(&mut self, timer: &impl Timer, grace: Duration) -> io::Result<ExitStatus> {
        self.signal(Signal::TERM)?;
        if let Either::Left((status, _)) = select(self.wait(), timer.sleep(grace)).await {
            return status;
        }
        self.signal(Signal::KILL)?;
        self.wait().await
    }
    // ANCHOR_END: stop

    /// Writes `input`, collects both outputs and waits for the end, all at the same time: see
    /// [`communicate`]. An output that is not piped is empty.
    ///
    /// It ends when the pipes *and* the program have ended. A program that this program has started may keep
    /// a pipe open: use [`spawn_group`](Process::spawn_group), or a time limit.
    ///
    /// # Errors
    ///
    /// A pipe's, or the system's. `InvalidInput` if there is input, and standard input is not piped.
    ///
    /// # Cancel safety
    ///
    /// Dropping it kills the program, and what was read is lost.
    // ANCHOR: communicate
    pub async fn communicate(mut self, input: &[u8]) -> io::Result<Output> {
        let stdin = match self.stdin.take() {
            Some(pipe) => Either::Left(pipe),
            None if input.is_empty() => Either::Right(sink()),
            None => return Err(io::ErrorKind::InvalidInput.into()),
        };
        let pipe = |pipe: Option<PipeReader>| pipe.map_or(Either::Right(empty()), Either::Left);
        let (stdout, stderr) = (pipe(self.stdout.take()), pipe(self.stderr.take()));
        let collected = communicate(stdin, stdout, stderr, input);
        let ((stdout, stderr), status) = try_join(collected, self.wait()).await?;
        Ok(Output {
            status,
            stdout,
            stderr,
        })
    }
    // ANCHOR_END: communicate
}

/// A future of the end of a program. See [`Process::wait`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Wait<'a> {
    process: &'a mut Process,
}

// ANCHOR: wait
impl Future for Wait<'_> {
    type Output = io::Result<ExitStatus>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<ExitStatus>> {
        let Process { owned, exit, .. } = &mut *self.process;
        if let Some(status) = owned.look()? {
            return Poll::Ready(Ok(status));
        }
        exit.poll(context, || owned.look())
    }
}
// ANCHOR_END: wait

impl fmt::Debug for Process {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = out.debug_struct("Process");
        out.field("id", &self.id());
        match self.owned.status() {
            None => out.finish_non_exhaustive(),
            Some(status) => out.field("status", &status).finish_non_exhaustive(),
        }
    }
}
