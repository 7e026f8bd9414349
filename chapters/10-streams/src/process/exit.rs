//! How the reactor hears of the end of a process.

use std::cell::RefCell;
use std::fmt;
use std::io::{self, ErrorKind};
use std::process::ExitStatus;
use std::task::{Context, Poll};

use mio::{Interest, Registry, Token, event};
use reactor::{ReactorHandle, Registered, Source};
use rustix::process::Pid;
use signal_hook_mio::v1_0::Signals;

#[cfg(target_os = "linux")]
use crate::descriptor::Descriptor;

/// `SIGCHLD` by its number, which differs between systems.
const SIGCHLD: i32 = rustix::process::Signal::CHILD.as_raw();

/// What the reactor watches in order to report the end of one process.
///
/// On Linux it is a *pidfd*, a descriptor of the process, which is readable from its end on (Linux 5.3).
/// Elsewhere, and on older kernels, it is the signal `SIGCHLD`, which the kernel sends when any child ends:
/// each waiting process then checks its own child.
#[derive(Debug)]
pub(super) enum Exit {
    #[cfg(target_os = "linux")]
    Pidfd(Registered<Descriptor>),
    Signal(Registered<Chld>),
}

impl Exit {
    /// Watches a child that has not been reaped.
    ///
    /// # Errors
    ///
    /// If there are no descriptors left.
    pub(super) fn of(reactor: &ReactorHandle, pid: Pid) -> io::Result<Exit> {
        #[cfg(target_os = "linux")]
        match Exit::by_pidfd(reactor, pid) {
            // An older kernel, or a sandbox that does not let the call through.
            Err(error) if is_missing(&error) => {}
            exit => return exit,
        }
        let _ = pid;
        Exit::by_signal(reactor)
    }

    // ANCHOR: pidfd
    #[cfg(target_os = "linux")]
    fn by_pidfd(reactor: &ReactorHandle, pid: Pid) -> io::Result<Exit> {
        let pidfd = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty())?;
        let source = Descriptor::new(pidfd);
        let watched = Registered::new(reactor, source, Source::new(), Interest::READABLE)?;
        Ok(Exit::Pidfd(watched))
    }
    // ANCHOR_END: pidfd

    /// Watches for `SIGCHLD`.
    pub(super) fn by_signal(reactor: &ReactorHandle) -> io::Result<Exit> {
        let signals = Chld(RefCell::new(Signals::new([SIGCHLD])?));
        let watched = Registered::new(reactor, signals, Source::new(), Interest::READABLE)?;
        Ok(Exit::Signal(watched))
    }

    /// Calls `ended` when the process may have ended, until it returns a status. The caller has made an
    /// attempt of its own before: an end from before this watched causes no signal.
    pub(super) fn poll(
        &self,
        context: &mut Context<'_>,
        mut ended: impl FnMut() -> io::Result<Option<ExitStatus>>,
    ) -> Poll<io::Result<ExitStatus>> {
        let mut attempt = || ended()?.ok_or_else(|| ErrorKind::WouldBlock.into());
        match self {
            #[cfg(target_os = "linux")]
            Exit::Pidfd(watched) => watched.poll_read_io(context, |_| attempt(), |_| false),
            Exit::Signal(watched) => {
                let drained = |chld: &Chld| {
                    // First the signals and then the look: a child that ends in between sends another.
                    chld.0.borrow_mut().pending().for_each(drop);
                    attempt()
                };
                watched.poll_read_io(context, drained, |_| false)
            }
        }
    }
}

#[cfg(target_os = "linux")]
fn is_missing(error: &io::Error) -> bool {
    use rustix::io::Errno;
    [Errno::NOSYS, Errno::PERM]
        .map(Errno::raw_os_error)
        .map(Some)
        .contains(&error.raw_os_error())
}

/// The receiving end of the signal, as a source that is read through a shared reference.
pub(super) struct Chld(RefCell<Signals>);

impl fmt::Debug for Chld {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SIGCHLD")
    }
}

impl event::Source for Chld {
    fn register(&mut self, registry: &Registry, token: Token, events: Interest) -> io::Result<()> {
        self.0.get_mut().register(registry, token, events)
    }

    fn reregister(
        &mut self,
        registry: &Registry,
        token: Token,
        events: Interest,
    ) -> io::Result<()> {
        self.0.get_mut().reregister(registry, token, events)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.0.get_mut().deregister(registry)
    }
}
