//! A process with everything that it starts: both end together.

use std::io;
use std::process::{ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus};

#[cfg(unix)]
use crate::judging::guard;

/// A running process and its descendants: a process group on Unix, a job object on Windows.
pub(crate) struct Group(Running);

#[cfg(unix)]
type Running = std::process::Child;

#[cfg(not(unix))]
type Running = Box<dyn process_wrap::std::ChildWrapper>;

impl Group {
    /// Starts a command in a group of its own.
    ///
    /// # Errors
    ///
    /// If it cannot be started.
    #[cfg(unix)]
    pub(crate) fn spawn(mut command: Command) -> io::Result<Group> {
        use std::os::unix::process::CommandExt as _;
        let child = command.process_group(0).spawn()?;
        guard::watch(child.id());
        Ok(Group(child))
    }

    /// Starts a command in a group of its own.
    ///
    /// # Errors
    ///
    /// If it cannot be started.
    #[cfg(not(unix))]
    pub(crate) fn spawn(command: Command) -> io::Result<Group> {
        let mut command = process_wrap::std::CommandWrap::from(command);
        command.wrap(process_wrap::std::JobObject);
        command.spawn().map(Group)
    }

    /// The input that was piped, once.
    pub(crate) fn take_stdin(&mut self) -> Option<ChildStdin> {
        #[cfg(unix)]
        return self.0.stdin.take();
        #[cfg(not(unix))]
        return self.0.stdin().take();
    }

    /// The output that was piped, once.
    pub(crate) fn take_stdout(&mut self) -> Option<ChildStdout> {
        #[cfg(unix)]
        return self.0.stdout.take();
        #[cfg(not(unix))]
        return self.0.stdout().take();
    }

    /// The error output that was piped, once.
    pub(crate) fn take_stderr(&mut self) -> Option<ChildStderr> {
        #[cfg(unix)]
        return self.0.stderr.take();
        #[cfg(not(unix))]
        return self.0.stderr().take();
    }

    /// The status of the process itself, if it has ended.
    pub(crate) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.0.try_wait()
    }

    /// Asks the group to end: it may still say its last words.
    #[cfg(unix)]
    pub(crate) fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    /// Ends every process that is left in the group, and waits for the process itself.
    pub(crate) fn end(&mut self) {
        #[cfg(unix)]
        self.signal(rustix::process::Signal::KILL);
        #[cfg(not(unix))]
        let _ = self.0.start_kill();
        let _ = self.0.wait();
        #[cfg(unix)]
        guard::forget(self.0.id());
    }

    /// There may be nothing left that could receive it, which is fine.
    #[cfg(unix)]
    fn signal(&self, signal: rustix::process::Signal) {
        let leader = rustix::process::Pid::from_child(&self.0);
        let _ = rustix::process::kill_process_group(leader, signal);
    }
}
