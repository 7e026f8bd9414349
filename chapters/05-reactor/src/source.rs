//! The two directions of a source.

use reactor::Readiness;

/// What the reactor knows of one source. Who reads and who writes may be two tasks, so there are two
/// of everything: one waker for both would wake only one of them.
#[derive(Debug, Default)]
pub struct Source {
    /// Reading, or accepting.
    pub read: Readiness,
    /// Writing, or connecting.
    pub write: Readiness,
}

/// What one event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Happened {
    /// There is something to read.
    pub readable: bool,
    /// There is room to write.
    pub writable: bool,
    /// The peer will send no more, and after what is left there is the end. It may come in the same
    /// event as the last of the data.
    pub read_closed: bool,
    /// What is written will not arrive.
    pub write_closed: bool,
    /// The next attempt says what is wrong.
    pub error: bool,
}

impl Source {
    /// An event has come: each direction is told what concerns it.
    pub fn dispatch(&self, happened: Happened) {
        let Happened {
            readable,
            writable,
            read_closed,
            write_closed,
            error,
        } = happened;
        if readable || read_closed || error {
            self.read.event(read_closed || error);
        }
        if writable || write_closed || error {
            self.write.event(write_closed || error);
        }
    }

    /// Nobody waits any more.
    pub fn forget(&self) {
        self.read.forget();
        self.write.forget();
    }
}

impl From<&mio::event::Event> for Happened {
    fn from(event: &mio::event::Event) -> Happened {
        Happened {
            readable: event.is_readable(),
            writable: event.is_writable(),
            read_closed: event.is_read_closed(),
            write_closed: event.is_write_closed(),
            error: event.is_error(),
        }
    }
}
