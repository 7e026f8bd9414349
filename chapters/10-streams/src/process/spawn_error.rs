//! Why a program could not be started, as a sentence.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::process::Command;

use rustix::io::Errno;

/// A program was not started. [`source`](std::error::Error::source) is the system's error.
#[derive(Debug)]
pub struct SpawnError {
    program: String,
    reason: Reason,
    error: io::Error,
}

/// Why a program was not started.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// There is no such program, or the interpreter that its first line names is missing.
    NoSuchProgram,
    /// The directory in which it should run does not exist.
    NoSuchDirectory(PathBuf),
    /// The file may not be executed, or a directory on the way to it may not be searched.
    NotAllowed,
    /// This process, or the whole system, has no descriptor left.
    OutOfDescriptors,
    /// This user, or the whole system, has no process left.
    OutOfProcesses,
    /// Another error of the system.
    Other,
}

impl SpawnError {
    pub(super) fn new(command: &Command, error: io::Error) -> SpawnError {
        SpawnError {
            program: command.get_program().to_string_lossy().into_owned(),
            reason: Reason::of(command, &error),
            error,
        }
    }

    /// Why, for code that decides by it.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.reason
    }
}

impl Reason {
    fn of(command: &Command, error: &io::Error) -> Reason {
        let number = error.raw_os_error();
        let is = |errno: Errno| number == Some(errno.raw_os_error());
        // The system says "not found" of the directory and of the program with one number.
        let missing = command.get_current_dir().filter(|path| !path.is_dir());
        match error.kind() {
            ErrorKind::NotFound => match missing {
                Some(directory) => Reason::NoSuchDirectory(directory.to_owned()),
                None => Reason::NoSuchProgram,
            },
            ErrorKind::PermissionDenied => Reason::NotAllowed,
            _ if is(Errno::MFILE) || is(Errno::NFILE) => Reason::OutOfDescriptors,
            _ if is(Errno::AGAIN) => Reason::OutOfProcesses,
            _ => Reason::Other,
        }
    }
}

impl fmt::Display for SpawnError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = &self.program;
        match &self.reason {
            Reason::NoSuchProgram => write!(
                out,
                "`{program}` was not started: there is no such program, or its interpreter is missing"
            ),
            Reason::NoSuchDirectory(directory) => write!(
                out,
                "`{program}` was not started: the directory {} does not exist",
                directory.display()
            ),
            Reason::NotAllowed => write!(
                out,
                "`{program}` was not started: this user may not execute it"
            ),
            Reason::OutOfDescriptors => write!(
                out,
                "`{program}` was not started: no file descriptor is left for its pipes"
            ),
            Reason::OutOfProcesses => write!(
                out,
                "`{program}` was not started: the limit of processes is reached"
            ),
            Reason::Other => write!(out, "`{program}` was not started: {}", self.error),
        }
    }
}

impl std::error::Error for SpawnError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

impl From<SpawnError> for io::Error {
    fn from(error: SpawnError) -> io::Error {
        io::Error::new(error.error.kind(), error)
    }
}
