//! A wheel whose every call is recorded.

use super::super::subject::{Wheel, WheelKey};
use probe::Run;

/// A wheel whose items are names.
pub(super) struct Shelf {
    pub(super) wheel: Wheel<String>,
    pub(super) run: Run,
}

impl Shelf {
    pub(super) fn new(run: &Run) -> Shelf {
        Shelf {
            wheel: Wheel::new(),
            run: run.clone(),
        }
    }

    pub(super) fn set(&mut self, name: &str, due: u64) -> WheelKey {
        let recorder = self.run.recorder();
        let call = recorder.enters("wheel", format!("insert({due}, \"{name}\")"));
        let key = self.wheel.insert(due, name.to_owned());
        call.returns("set");
        key
    }

    /// `pop_due`, recorded.
    pub(super) fn pop(&mut self, now: u64) -> Option<String> {
        let recorder = self.run.recorder();
        let call = recorder.enters("wheel", format!("pop_due({now})"));
        let popped = self.wheel.pop_due(now).map(|(_, name)| name);
        call.returns(match &popped {
            Some(name) => format!("\"{name}\""),
            None => "None".to_owned(),
        });
        popped
    }

    /// All that is due at `now`, at most a hundred.
    pub(super) fn pop_all(&mut self, now: u64) -> Vec<String> {
        let mut all = Vec::new();
        while let Some(name) = self.pop(now) {
            all.push(name);
            if all.len() > 100 {
                self.run.departs("More timers came out than were set.");
            }
        }
        all
    }

    /// Calls `pop_due` at each tick of a range, and records it only when a timer comes out: its tick.
    pub(super) fn walk(&mut self, ticks: std::ops::RangeInclusive<u64>) -> Option<u64> {
        let (first, last) = (*ticks.start(), *ticks.end());
        let never = format!(
            "At one of the ticks {first} to {last}, `pop_due` does not return: it moves a timer again and again, and not closer."
        );
        let popped = self.run.risk(None, &never, || {
            ticks.into_iter().find_map(|now| {
                let (_, name) = self.wheel.pop_due(now)?;
                Some((now, name))
            })
        });
        let outcome = match &popped {
            Some((now, name)) => format!("\"{name}\" at tick {now}"),
            None => "nothing came out".to_owned(),
        };
        self.run.recorder().says(
            "loop",
            format!("pop_due at each tick from {first} to {last}: {outcome}"),
        );
        popped.map(|(now, _)| now)
    }

    #[track_caller]
    pub(super) fn remove(&mut self, name: &str, key: WheelKey, is_there: bool) {
        let recorder = self.run.recorder();
        let call = recorder.enters("wheel", format!("remove(\"{name}\")"));
        let removed = self.wheel.remove(key);
        call.returns(format!("{removed:?}"));
        let expected = is_there.then_some(name);
        if removed.as_deref() != expected {
            self.run.departs(format!(
                "`remove` was called with the key of \"{name}\", and returned {removed:?}. Expected: {expected:?}."
            ));
        }
    }

    #[track_caller]
    pub(super) fn expect_len(&self, len: usize) {
        let said = (self.wheel.len(), self.wheel.is_empty());
        if said != (len, len == 0) {
            self.run.departs(format!(
                "Timers that are set: {len}. `len` returned {}, and `is_empty` {}.",
                said.0, said.1
            ));
        }
    }
}
