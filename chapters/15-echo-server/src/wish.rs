//! What the operating system asks of the process.

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Finish: SIGTERM, SIGINT, Ctrl-C.
    Stop,
    /// Print the figures so far: SIGUSR1.
    Tell,
}
