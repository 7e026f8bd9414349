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
pub struct Walk<'t> {
    entry: &'t Entry,
    // Yours: what else has to outlive a call of `resume`?
}

impl<'t> Walk<'t> {
    /// A walk through `entry` and everything in it.
    pub fn new(entry: &'t Entry) -> Walk<'t> {
        todo!("begin at `entry`")
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
        todo!("yield your own name, then what your children yield")
    }
}
