//! What the operating system can tell a process at any moment.

use std::fmt;

/// A signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    /// SIGINT, 2: Ctrl-C in a terminal. Windows has it, too.
    Interrupt,
    /// SIGTERM, 15: please end. `kill`, systemd and Kubernetes send it.
    Terminate,
    /// SIGHUP, 1: the terminal is gone. To a service that has none it says: read your configuration
    /// again.
    Hangup,
    /// SIGCHLD, 17 on Linux: a child process has ended.
    Child,
    /// SIGUSR1, 10 on Linux: its meaning is the program's own.
    User1,
}

impl Signal {
    /// All of them.
    pub const ALL: [Signal; 5] = [
        Signal::Interrupt,
        Signal::Terminate,
        Signal::Hangup,
        Signal::Child,
        Signal::User1,
    ];

    /// Its number on this system.
    #[cfg(all(unix, feature = "world"))]
    #[must_use]
    pub const fn number(self) -> i32 {
        use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM, SIGUSR1};
        match self {
            Signal::Interrupt => SIGINT,
            Signal::Terminate => SIGTERM,
            Signal::Hangup => SIGHUP,
            Signal::Child => SIGCHLD,
            Signal::User1 => SIGUSR1,
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Signal::Interrupt => "SIGINT",
            Signal::Terminate => "SIGTERM",
            Signal::Hangup => "SIGHUP",
            Signal::Child => "SIGCHLD",
            Signal::User1 => "SIGUSR1",
        })
    }
}
