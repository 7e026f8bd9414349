//! A set of timers whose every call is recorded and judged.

use std::time::Duration;

use super::super::subject::{TimerKey, Timers};
use event_loop::Time;
use probe::Run;
use probe_loop::timer_runs::TimerSet;

pub(super) fn at(millis: u64) -> Time {
    Time::after_start(Duration::from_millis(millis))
}

/// Timers that hold their names, and whose calls are recorded.
pub(super) struct Shelf {
    pub(super) timers: Timers<String>,
    run: Run,
}

impl Shelf {
    pub(super) fn new(run: &Run) -> Shelf {
        Shelf {
            timers: Timers::new(),
            run: run.clone(),
        }
    }

    pub(super) fn set(&mut self, name: &str, when: u64) -> TimerKey {
        let call = self
            .run
            .recorder()
            .enters("timers", format!("set \"{name}\" for {when}ms"));
        let key = self.timers.insert(at(when), name.to_owned());
        call.returns("set");
        key
    }

    pub(super) fn pop(&mut self, now: u64) -> Option<String> {
        let call = self
            .run
            .recorder()
            .enters("timers", format!("due at {now}ms?"));
        let popped = self.timers.pop_due(at(now)).map(|(_, name)| name);
        call.returns(match &popped {
            Some(name) => format!("\"{name}\""),
            None => "none".to_owned(),
        });
        popped
    }

    pub(super) fn pop_all(&mut self, now: u64) -> Vec<String> {
        let mut all = Vec::new();
        while let Some(name) = self.pop(now) {
            all.push(name);
            if all.len() > 10 {
                self.run.departs("More timers came out than were set.");
            }
        }
        all
    }

    #[track_caller]
    pub(super) fn remove(&mut self, name: &str, key: TimerKey, is_there: bool) {
        let call = self
            .run
            .recorder()
            .enters("timers", format!("remove \"{name}\""));
        let removed = self.timers.remove(key);
        call.returns(match &removed {
            Some(name) => format!("\"{name}\""),
            None => "none".to_owned(),
        });
        match (removed.as_deref(), is_there) {
            (Some(removed), true) if removed == name => {}
            (None, false) => {}
            (None, true) => self
                .run
                .departs(format!("\"{name}\" was set, and `remove` returned None.")),
            (Some(other), _) => self.run.departs(format!(
                "`remove` was called with the key of \"{name}\", and returned \"{other}\"."
            )),
        }
    }

    #[track_caller]
    pub(super) fn expect_next(&self, next: Option<u64>, len: usize) {
        let seen = (
            self.timers.next(),
            self.timers.len(),
            self.timers.is_empty(),
        );
        if seen != (next.map(at), len, len == 0) {
            let when = next.map_or("none".to_owned(), |next| format!("due at {next}ms"));
            let said = seen
                .0
                .map_or("none".to_owned(), |next| format!("due at {next}"));
            let sentence = format!(
                "Timers that are set: {len}; the next one: {when}. `next` returned {said}, `len` {}, `is_empty` {}.",
                seen.1, seen.2
            );
            if seen.0 == next.map(at) && seen.1 > len && seen.2 == (seen.1 == 0 || len == 0) {
                self.run.diagnose("gone-timers-counted", sentence);
            }
            self.run.departs(sentence);
        }
    }
}

impl<T> TimerSet<T> for Timers<T> {
    type Key = TimerKey;

    fn new() -> Timers<T> {
        Timers::new()
    }
    fn insert(&mut self, when: Time, item: T) -> TimerKey {
        self.insert(when, item)
    }
    fn remove(&mut self, key: TimerKey) -> Option<T> {
        self.remove(key)
    }
    fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        self.get_mut(key)
    }
    fn contains(&self, key: TimerKey) -> bool {
        self.contains(key)
    }
    fn next(&self) -> Option<Time> {
        self.next()
    }
    fn pop_due(&mut self, now: Time) -> Option<(TimerKey, T)> {
        self.pop_due(now)
    }
    fn len(&self) -> usize {
        self.len()
    }
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}
