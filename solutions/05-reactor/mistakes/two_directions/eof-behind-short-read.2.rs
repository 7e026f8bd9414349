//! Tells an error as if it were something to read, or room.
//!
//! The two directions of a source.

use reactor::Readiness;

/// What the reactor knows of one source.
///
/// Reading and writing are two directions, and two tasks may wait for them at the same time. An
/// event that concerns one of them wakes who waits for that one, and nobody else.
///
/// What is known of one direction is a [`Readiness`]:
///
/// - `Readiness::drained()`: a direction that is worth no attempt before its first event;
/// - `Readiness::ready()`: one that is worth an attempt right away;
/// - `event(closed)`: an event says that an attempt is worth while, which wakes whoever waits; and
///   with `closed`, that there is an end or an error, to be found behind whatever is left;
/// - `forget()`: nobody waits any more.
#[derive(Debug)]
pub struct Source {
    read: Readiness,
    write: Readiness,
}

/// What one event says. Several of these may be true at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Happened {
    /// There is something to read.
    pub readable: bool,
    /// There is room to write.
    pub writable: bool,
    /// The peer will send no more: there is an end to be found behind what is left to read. It may
    /// come in the same event as the last of the data.
    pub read_closed: bool,
    /// What is written will not arrive: an attempt to write says so.
    pub write_closed: bool,
    /// The next attempt says what is wrong, whichever it is.
    pub error: bool,
}

impl Source {
    /// A source of which nothing is known before the first event.
    #[must_use]
    pub fn new() -> Source {
        Source {
            read: Readiness::drained(),
            write: Readiness::drained(),
        }
    }

    /// A source that can be written to right away, as a connection that was just made: its buffer
    /// is empty. Of reading nothing is known.
    #[must_use]
    pub fn with_room() -> Source {
        Source {
            read: Readiness::drained(),
            write: Readiness::ready(),
        }
    }

    /// Reading, or accepting: for whoever waits for that.
    #[must_use]
    pub fn reading(&self) -> &Readiness {
        &self.read
    }

    /// Writing, or connecting: for whoever waits for that.
    #[must_use]
    pub fn writing(&self) -> &Readiness {
        &self.write
    }

    /// An event has come: each direction is told what concerns it, and no more. Which of the two is
    /// told first does not matter.
    pub fn dispatch(&self, happened: Happened) {
        let Happened {
            readable,
            writable,
            read_closed,
            write_closed,
            error,
        } = happened;
        // ANCHOR: mistake
        if readable || read_closed || error {
            self.read.event(read_closed);
        }
        if writable || write_closed || error {
            self.write.event(write_closed);
        }
        // ANCHOR_END: mistake
    }

    /// Nobody waits any more, in either direction.
    pub fn forget(&self) {
        self.read.forget();
        self.write.forget();
    }
}

impl Default for Source {
    fn default() -> Source {
        Source::new()
    }
}
