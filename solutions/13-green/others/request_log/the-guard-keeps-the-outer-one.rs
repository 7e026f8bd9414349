//! One name for each green thread. The guard keeps the name of the outer request, and puts it back.

use std::cell::RefCell;
use std::collections::BTreeMap;

thread_local! {
    static NAMES: RefCell<BTreeMap<u64, String>> = const { RefCell::new(BTreeMap::new()) };
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Back {
    thread: u64,
    outer: Option<String>,
}

impl Drop for Back {
    fn drop(&mut self) {
        NAMES.with_borrow_mut(|names| match self.outer.take() {
            Some(outer) => names.insert(self.thread, outer),
            None => names.remove(&self.thread),
        });
    }
}

/// The numbers of green threads begin with 1.
fn here() -> u64 {
    green::number().unwrap_or(0)
}

pub fn in_request<T>(name: &str, serve: impl FnOnce() -> T) -> T {
    let thread = here();
    let outer = NAMES.with_borrow_mut(|names| names.insert(thread, name.to_owned()));
    let _back = Back { thread, outer };
    serve()
}

pub fn log(text: &str) {
    let name = NAMES.with_borrow(|names| names.get(&here()).cloned());
    let name = name.unwrap_or_else(|| "-".to_owned());
    LINES.with_borrow_mut(|lines| lines.push(format!("{name}: {text}")));
}

pub fn lines() -> Vec<String> {
    LINES.take()
}
