//! The two directions stand in an array, and a table says what concerns which.

use reactor::Readiness;

const READING: usize = 0;
const WRITING: usize = 1;

#[derive(Debug)]
pub struct Source {
    directions: [Readiness; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Happened {
    pub readable: bool,
    pub writable: bool,
    pub read_closed: bool,
    pub write_closed: bool,
    pub error: bool,
}

impl Source {
    #[must_use]
    pub fn new() -> Source {
        Source {
            directions: [Readiness::drained(), Readiness::drained()],
        }
    }

    #[must_use]
    pub fn with_room() -> Source {
        Source {
            directions: [Readiness::drained(), Readiness::ready()],
        }
    }

    #[must_use]
    pub fn reading(&self) -> &Readiness {
        &self.directions[READING]
    }

    #[must_use]
    pub fn writing(&self) -> &Readiness {
        &self.directions[WRITING]
    }

    pub fn dispatch(&self, happened: Happened) {
        let Happened {
            readable,
            writable,
            read_closed,
            write_closed,
            error,
        } = happened;
        // A direction, whether there is something for it, and whether it is closed. Writing comes first.
        let table = [
            (WRITING, writable, write_closed || error),
            (READING, readable, read_closed || error),
        ];
        for (direction, open, closed) in table {
            if open || closed {
                self.directions[direction].event(closed);
            }
        }
    }

    pub fn forget(&self) {
        self.directions.iter().rev().for_each(Readiness::forget);
    }
}

impl Default for Source {
    fn default() -> Source {
        Source::new()
    }
}
