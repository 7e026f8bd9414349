//! Puts the children into a queue, behind all entries that wait already.
//!
//! Delegation over a tree: a generator that delegates to generators of its own kind.

use generators::{Generator, Step};
use std::collections::VecDeque;

/// A file or a folder: a name, and what is in it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its own name.
    pub name: &'static str,
    /// What it contains, in order. A file contains nothing.
    pub children: Vec<Entry>,
}

/// Asks for the size of every entry of a tree, and completes with the sum of the answers. What
/// Python writes like this:
///
/// ```python
/// def walk(entry):
///     total = yield entry.name
///     for child in entry.children:
///         total += yield from walk(child)
///     return total
/// ```
///
/// ```text
///   Created ──▶ Named ──▶ Inside(child 1) ──▶ Inside(child 2) ──▶ … ──▶ Complete
///      yields the name     yields what the child yields   
/// ```
pub struct Walk<'t> {
    total: u64,
    queue: VecDeque<&'t Entry>,
    started: bool,
    complete: bool,
}

impl<'t> Walk<'t> {
    /// A walk through `entry` and everything in it.
    pub fn new(entry: &'t Entry) -> Walk<'t> {
        Walk {
            total: 0,
            queue: VecDeque::from([entry]),
            started: false,
            complete: false,
        }
    }
}

impl<'t> Generator<u64> for Walk<'t> {
    type Yield = &'t str;
    type Return = u64;

    /// Yields the name of one entry after another, each before its children. `size` is the size of
    /// the entry that was yielded last; the first `size` answers nothing, and is ignored.
    ///
    /// # Panics
    ///
    /// If it is complete.
    fn resume(&mut self, size: u64) -> Step<&'t str, u64> {
        assert!(!self.complete, "walked already");
        if self.started {
            self.total += size;
        }
        self.started = true;
        // ANCHOR: mistake
        let Some(entry) = self.queue.pop_front() else {
            self.complete = true;
            return Step::Complete(self.total);
        };
        self.queue.extend(&entry.children);
        Step::Yielded(entry.name)
        // ANCHOR_END: mistake
    }
}
