//! The two directions of a source.

use reactor::Readiness;

/// What the reactor knows of one source.
///
/// Reading and writing are two directions, and two tasks may wait for them at the same time. An
/// event that concerns one direction wakes the task that waits for it, and no other.
///
/// What is known of one direction is a [`Readiness`]:
///
/// - `Readiness::drained()`: a direction that is worth no attempt before its first event;
/// - `Readiness::ready()`: one that is worth an attempt right away;
/// - `event(closed)`: an event says that an attempt is worth while, which wakes the waiting task.
///   With `closed` it also says that an end or an error follows the bytes that are left;
/// - `forget()`: the task no longer waits.
#[derive(Debug)]
pub struct Source {
    directions: (), // Yours to replace.
}

/// What one event says. Several of these may be true at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Happened {
    /// There is something to read.
    pub readable: bool,
    /// There is room to write.
    pub writable: bool,
    /// The peer will send no more: the end follows the bytes that are left to read. One event may
    /// report the last bytes and the end.
    pub read_closed: bool,
    /// Bytes that are written now will not arrive: an attempt to write returns the error.
    pub write_closed: bool,
    /// The next attempt, to read or to write, returns the error.
    pub error: bool,
}

impl Source {
    /// A source whose directions are worth no attempt before the first event.
    #[must_use]
    pub fn new() -> Source {
        todo!("worth an attempt, or not?")
    }

    /// A source that can be written to at once, as a new connection can: its send buffer is empty.
    /// Reading is worth no attempt before the first event.
    #[must_use]
    pub fn with_room() -> Source {
        todo!("worth an attempt, or not?")
    }

    /// The direction of reading and accepting.
    #[inline]
    #[must_use]
    pub fn reading(&self) -> &Readiness {
        todo!("whose readiness?")
    }

    /// The direction of writing and connecting.
    #[inline]
    #[must_use]
    pub fn writing(&self) -> &Readiness {
        todo!("whose readiness?")
    }

    /// Passes an event on: each direction receives what concerns it, and nothing else. The order of
    /// the two does not matter.
    pub fn dispatch(&self, happened: Happened) {
        todo!("which direction does it concern, and is something closed?")
    }

    /// The tasks of both directions no longer wait.
    pub fn forget(&self) {
        todo!("drop the wakers")
    }
}

impl Default for Source {
    fn default() -> Source {
        Source::new()
    }
}
