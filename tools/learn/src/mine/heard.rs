//! What a program of tests said: its results as they came, and of the rest the beginning and the end.
//!
//! A part that prints in a loop makes megabytes of it, among which the few lines that matter must not be lost.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::judging::process::Tail;
use crate::mine::failure::result;

/// How much of the beginning is kept.
const KEPT: usize = 64 * 1024;

/// The longest line in which a result is looked for.
const LINE: usize = 1024;

/// What was heard so far. Clones hear the same.
#[derive(Debug, Clone)]
pub(super) struct Heard(Arc<Mutex<Notes>>);

#[derive(Debug)]
struct Notes {
    head: Vec<u8>,
    tail: Tail,
    has_gap: bool,
    line: Vec<u8>,
    results: Vec<(String, bool)>,
    came_to_its_end: bool,
    last: Instant,
}

impl Heard {
    pub(super) fn new() -> Heard {
        Heard(Arc::new(Mutex::new(Notes {
            head: Vec::new(),
            tail: Tail::default(),
            has_gap: false,
            line: Vec::new(),
            results: Vec::new(),
            came_to_its_end: false,
            last: Instant::now(),
        })))
    }

    pub(super) fn take_in(&self, bytes: &[u8]) {
        let mut notes = self.notes();
        notes.keep(bytes);
        for byte in bytes {
            notes.listen(*byte);
        }
    }

    /// The finished tests, in their order.
    pub(super) fn results(&self) -> Vec<(String, bool)> {
        self.notes().results.clone()
    }

    /// Whether libtest has said its closing word.
    pub(super) fn came_to_its_end(&self) -> bool {
        self.notes().came_to_its_end
    }

    /// When a test was over last.
    pub(super) fn last(&self) -> Instant {
        self.notes().last
    }

    /// The beginning and the end of all that was said.
    pub(super) fn text(&self) -> String {
        let notes = self.notes();
        let gap = if notes.has_gap { "\n…\n" } else { "" };
        String::from_utf8_lossy(&notes.head).into_owned() + gap + &notes.tail.text()
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notes {
    fn keep(&mut self, bytes: &[u8]) {
        let room = KEPT.saturating_sub(self.head.len()).min(bytes.len());
        let (first, rest) = bytes.split_at(room);
        self.head.extend_from_slice(first);
        if !rest.is_empty() {
            self.has_gap = true;
            self.tail.push(rest);
        }
    }

    /// Looks for the lines that say something.
    fn listen(&mut self, byte: u8) {
        if byte != b'\n' {
            if self.line.len() < LINE {
                self.line.push(byte);
            }
            return;
        }
        let line = String::from_utf8_lossy(&self.line).into_owned();
        self.line.clear();
        self.came_to_its_end |= line.starts_with("test result: ");
        if let Some(result) = result(&line) {
            self.results.push(result);
            self.last = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_heard_through_any_amount_of_other_things() {
        let heard = Heard::new();
        heard.take_in(b"test a ... ok\n");
        heard.take_in(&b"poll of the receiver\n".repeat(100_000));
        heard.take_in(b"test b ... FAI");
        heard.take_in(b"LED\ntest result: FAILED. 1 passed\n");
        assert_eq!(
            heard.results(),
            [("a".to_owned(), true), ("b".to_owned(), false)]
        );
        assert!(heard.came_to_its_end());
        let text = heard.text();
        assert!(text.starts_with("test a ... ok\n") && text.ends_with("1 passed\n"));
        assert!(text.len() < 4 * KEPT);
    }
}
