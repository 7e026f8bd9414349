//! Names each name once.

use generators::{Generator, Step};

/// A file or a folder: a name, and what is in it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its own name.
    pub name: &'static str,
    /// What it contains, in order. A file contains nothing.
    pub children: Vec<Entry>,
}

#[allow(dead_code)]
pub struct Walk<'t> {
    stack: Vec<&'t Entry>,
    total: u64,
    begun: bool,
    done: bool,
    seen: std::collections::HashSet<&'t str>,
}
impl<'t> Walk<'t> {
    pub fn new(entry: &'t Entry) -> Walk<'t> {
        Walk {
            stack: vec![entry],
            total: 0,
            begun: false,
            done: false,
            seen: Default::default(),
        }
    }
}
impl<'t> Generator<u64> for Walk<'t> {
    type Yield = &'t str;
    type Return = u64;
    fn resume(&mut self, size: u64) -> Step<&'t str, u64> {
        assert!(!self.done, "resumed after completion");
        if self.begun {
            self.total += size;
        }
        self.begun = true;
        while let Some(e) = self.stack.pop() {
            self.stack.extend(e.children.iter().rev());
            if self.seen.insert(e.name) {
                return Step::Yielded(e.name);
            }
        }
        self.done = true;
        Step::Complete(self.total)
    }
}
