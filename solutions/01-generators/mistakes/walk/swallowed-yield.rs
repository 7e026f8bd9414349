//! Runs each child to its end in a loop, and throws away what it yields.
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
    complete: bool,
}

impl<'t> Walk<'t> {
    /// A walk through `entry` and everything in it.
    pub fn new(entry: &'t Entry) -> Walk<'t> {
        Walk {
            entry,
            named: false,
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
        assert!(!self.complete, "resumed after completion");
        if !self.named {
            self.named = true;
            return Step::Yielded(self.entry.name);
        }
        // ANCHOR: mistake
        let mut total = size;
        for child in &self.entry.children {
            let mut child = Walk::new(child);
            total += loop {
                if let Step::Complete(of_the_child) = child.resume(size) {
                    break of_the_child;
                }
            };
        }
        // ANCHOR_END: mistake
        self.complete = true;
        Step::Complete(total)
    }
}
