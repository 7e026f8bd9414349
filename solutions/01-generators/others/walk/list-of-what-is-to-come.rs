//! Delegates to no generator: a list holds the entries that are still to come, the next one at its end.

use generators::{Generator, Step};

#[derive(Debug, Clone)]
pub struct Entry {
    pub name: &'static str,
    pub children: Vec<Entry>,
}

pub struct Walk<'t> {
    to_come: Vec<&'t Entry>,
    asked: bool,
    sum: u64,
    over: bool,
}

impl<'t> Walk<'t> {
    pub fn new(entry: &'t Entry) -> Walk<'t> {
        Walk {
            to_come: vec![entry],
            asked: false,
            sum: 0,
            over: false,
        }
    }
}

impl<'t> Generator<u64> for Walk<'t> {
    type Yield = &'t str;
    type Return = u64;

    fn resume(&mut self, size: u64) -> Step<&'t str, u64> {
        assert!(!self.over, "it has completed");
        if std::mem::replace(&mut self.asked, true) {
            self.sum += size;
        }
        match self.to_come.pop() {
            Some(entry) => {
                self.to_come.extend(entry.children.iter().rev());
                Step::Yielded(entry.name)
            }
            None => {
                self.over = true;
                Step::Complete(self.sum)
            }
        }
    }
}
