//! Why there is no ring.

use std::fmt;
use std::io;

use rustix::io::Errno;

/// Why this process gets no ring. Its text is a sentence for the log; the program goes on with chapter
/// 05's reactor.
#[derive(Debug)]
#[non_exhaustive]
pub enum Refused {
    /// The kernel is older than 5.1 or was built without io_uring; some sandboxes say so too.
    Missing,
    /// The kernel has it, and this process may not use it: a container's seccomp filter, or the sysctl
    /// `kernel.io_uring_disabled`.
    Forbidden,
    /// The kernel is older than 5.11: `io_uring_enter` takes no time limit there.
    TooOld,
    /// Something else: no memory that may be locked, no descriptor left.
    Failed(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Refused {
        match Errno::from_io_error(&error) {
            Some(Errno::NOSYS) => Refused::Missing,
            Some(Errno::PERM | Errno::ACCESS) => Refused::Forbidden,
            _ => Refused::Failed(error),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Missing => out.write_str("this kernel has no io_uring"),
            Refused::Forbidden => out.write_str(
                "this process may not use io_uring (seccomp, or kernel.io_uring_disabled)",
            ),
            Refused::TooOld => {
                out.write_str("io_uring_enter takes no time limit before Linux 5.11")
            }
            Refused::Failed(error) => write!(out, "io_uring gives no ring: {error}"),
        }?;
        out.write_str(", so the loop sleeps in epoll")
    }
}

impl std::error::Error for Refused {}
