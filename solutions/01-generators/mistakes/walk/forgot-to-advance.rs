//! Does not move on to the next child when one has completed.
//!
//! Delegation over a tree: a generator that delegates to generators of its own kind.

use generators::{Generator, Step};

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
    entry: &'t Entry,
    named: bool,
    sized: bool,
    complete: bool,
    next: usize,
    child: Option<Box<Walk<'t>>>,
    total: u64,
}

impl<'t> Walk<'t> {
    /// A walk through `entry` and everything in it.
    pub fn new(entry: &'t Entry) -> Walk<'t> {
        Walk {
            entry,
            named: false,
            sized: false,
            complete: false,
            next: 0,
            child: None,
            total: 0,
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
        assert!(!self.complete, "resumed after completion");
        if !self.named {
            self.named = true;
            return Step::Yielded(self.entry.name);
        }
        if !self.sized {
            self.sized = true;
            self.total = size;
        }
        // ANCHOR: mistake
        loop {
            if let Some(child) = &mut self.child {
                match child.resume(size) {
                    Step::Yielded(name) => return Step::Yielded(name),
                    Step::Complete(total) => self.total += total,
                }
            }
            match self.entry.children.get(self.next) {
                Some(entry) => self.child = Some(Box::new(Walk::new(entry))),
                None => {
                    self.complete = true;
                    return Step::Complete(self.total);
                }
            }
        }
        // ANCHOR_END: mistake
    }
}
