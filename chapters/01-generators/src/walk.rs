//! Delegation over a tree: a generator that delegates to generators of its own kind.

// YOURS
use std::mem;
use std::slice;

// YOURS_END
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
    // YOURS
    entry: &'t Entry,
    state: State<'t>,
    // STUB: entry: &'t Entry,
    // STUB: // Yours: what else has to outlive a call of `resume`?
    // YOURS_END
}

// YOURS
// ANCHOR: states
enum State<'t> {
    Created,
    Named,
    Inside {
        child: Box<Walk<'t>>,
        rest: slice::Iter<'t, Entry>,
        total: u64,
    },
    Complete,
}
// ANCHOR_END: states

// YOURS_END
impl<'t> Walk<'t> {
    /// A walk through `entry` and everything in it.
    pub fn new(entry: &'t Entry) -> Walk<'t> {
        // YOURS
        Walk {
            entry,
            state: State::Created,
        }
        // STUB: todo!("begin at `entry`")
        // YOURS_END
    }
    // YOURS

    // ANCHOR: next-child
    /// Delegates to the next child, or completes if there is none.
    fn next_child(&mut self, mut rest: slice::Iter<'t, Entry>, total: u64) -> Step<&'t str, u64> {
        match rest.next() {
            None => Step::Complete(total),
            Some(entry) => {
                let child = Box::new(Walk::new(entry));
                self.state = State::Inside { child, rest, total };
                self.resume(u64::default())
            }
        }
    }
    // ANCHOR_END: next-child
    // YOURS_END
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
    // ANCHOR: resume
    fn resume(&mut self, size: u64) -> Step<&'t str, u64> {
        // YOURS
        match mem::replace(&mut self.state, State::Complete) {
            State::Created => {
                self.state = State::Named;
                Step::Yielded(self.entry.name)
            }
            State::Named => self.next_child(self.entry.children.iter(), size),
            State::Inside {
                mut child,
                rest,
                total,
            } => match child.resume(size) {
                Step::Yielded(name) => {
                    self.state = State::Inside { child, rest, total };
                    Step::Yielded(name)
                }
                Step::Complete(size) => self.next_child(rest, total + size),
            },
            State::Complete => panic!("resumed after completion"),
        }
        // STUB: todo!("yield your own name, then what your children yield")
        // YOURS_END
    }
    // ANCHOR_END: resume
}
