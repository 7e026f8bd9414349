//! Starts the child with 0 each time, and keeps what is sent to itself.
//!
//! Delegation over a tree: a generator that delegates to generators of its own kind.

use generators::{Generator, Step};
use std::mem;

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
///      yields the name     yields whatever the child yields
/// ```
pub struct Walk<'t> {
    entry: &'t Entry,
    state: State<'t>,
}

enum State<'t> {
    Created,
    Named,
    Inside {
        child: Box<Walk<'t>>,
        next: usize,
        total: u64,
    },
    Complete,
}
impl<'t> Walk<'t> {
    /// A walk through `entry` and everything in it.
    pub fn new(entry: &'t Entry) -> Walk<'t> {
        Walk {
            entry,
            state: State::Created,
        }
    }
    /// Goes on to the child of this number, if there is one.
    fn child(&mut self, next: usize, total: u64) -> Step<&'t str, u64> {
        match self.entry.children.get(next) {
            Some(entry) => {
                self.state = State::Inside {
                    child: Box::new(Walk::new(entry)),
                    next: next + 1,
                    total,
                };
                self.resume(0)
            }
            None => Step::Complete(total),
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
        match mem::replace(&mut self.state, State::Complete) {
            State::Created => {
                self.state = State::Named;
                Step::Yielded(self.entry.name)
            }
            State::Named => self.child(0, size),
            State::Inside {
                mut child,
                next,
                total,
            } => match child.resume(0) {
                Step::Yielded(name) => {
                    self.state = State::Inside { child, next, total };
                    Step::Yielded(name)
                }
                Step::Complete(returned) => self.child(next, total + returned),
            },
            State::Complete => panic!("walked already"),
        }
    }
}
