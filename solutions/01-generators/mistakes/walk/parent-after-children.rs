//! Lists each folder after what is in it.

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
    all: std::vec::IntoIter<&'t str>,
    total: Option<u64>,
    begun: bool,
}
impl<'t> Walk<'t> {
    pub fn new(entry: &'t Entry) -> Walk<'t> {
        fn list<'t>(e: &'t Entry, all: &mut Vec<&'t str>) {
            for c in &e.children {
                list(c, all);
            }
            all.push(e.name);
        }
        let mut all = vec![];
        list(entry, &mut all);
        Walk {
            all: all.into_iter(),
            total: Some(0),
            begun: false,
        }
    }
}
impl<'t> Generator<u64> for Walk<'t> {
    type Yield = &'t str;
    type Return = u64;
    fn resume(&mut self, size: u64) -> Step<&'t str, u64> {
        let total = self.total.as_mut().expect("complete");
        if self.begun {
            *total += size;
        }
        self.begun = true;
        match self.all.next() {
            Some(n) => Step::Yielded(n),
            None => Step::Complete(self.total.take().unwrap()),
        }
    }
}
