//! A wheel, and the sorted map that it is compared with.

use std::collections::BTreeMap;

use super::super::subject::{Wheel, WheelKey};
use super::runs::WheelStep::{self, Pop, PopBefore, Remove, Set, SetAt, SetBefore};
use probe::detect::{DropCounter, Token};
use probe::runs::{Machine, Step};

/// What a machine carries the steps out on.
pub(super) trait Timers: Sized {
    type Key: Copy + PartialEq;
    fn none() -> Self;
    fn set(&mut self, due: u64, item: (usize, Token)) -> Self::Key;
    fn remove(&mut self, key: Self::Key) -> Option<(usize, Token)>;
    fn pop(&mut self, now: u64) -> Option<(Self::Key, (usize, Token))>;
    fn next(&self) -> Option<u64>;
    fn len(&self) -> usize;
    fn contains(&self, key: Self::Key) -> bool;
}

impl Timers for Wheel<(usize, Token)> {
    type Key = WheelKey;

    fn none() -> Self {
        Wheel::new()
    }
    fn set(&mut self, due: u64, item: (usize, Token)) -> WheelKey {
        self.insert(due, item)
    }
    fn remove(&mut self, key: WheelKey) -> Option<(usize, Token)> {
        self.remove(key)
    }
    fn pop(&mut self, now: u64) -> Option<(WheelKey, (usize, Token))> {
        self.pop_due(now)
    }
    fn next(&self) -> Option<u64> {
        self.next()
    }
    fn len(&self) -> usize {
        self.len()
    }
    fn contains(&self, key: WheelKey) -> bool {
        self.contains(key)
    }
}

/// Timers in a sorted map, and plainly right.
#[derive(Default)]
pub(super) struct Sorted {
    entries: BTreeMap<(u64, usize), (usize, Token)>,
}

impl Timers for Sorted {
    type Key = (u64, usize);

    fn none() -> Sorted {
        Sorted::default()
    }
    fn set(&mut self, due: u64, item: (usize, Token)) -> (u64, usize) {
        let key = (due, item.0);
        self.entries.insert(key, item);
        key
    }
    fn remove(&mut self, key: (u64, usize)) -> Option<(usize, Token)> {
        self.entries.remove(&key)
    }
    fn pop(&mut self, now: u64) -> Option<((u64, usize), (usize, Token))> {
        let entry = self.entries.first_entry()?;
        (entry.key().0 <= now).then(|| entry.remove_entry())
    }
    fn next(&self) -> Option<u64> {
        Some(self.entries.first_key_value()?.0.0)
    }
    fn len(&self) -> usize {
        self.entries.len()
    }
    fn contains(&self, key: (u64, usize)) -> bool {
        self.entries.contains_key(&key)
    }
}

/// Carries out the steps.
pub(super) struct WheelMachine<S: Timers> {
    timers: S,
    keys: Vec<S::Key>,
    /// By number, the ticks of the timers that are set.
    set: BTreeMap<usize, u64>,
    now: u64,
    tokens: DropCounter,
}

impl<S: Timers> WheelMachine<S> {
    pub(super) fn new() -> WheelMachine<S> {
        WheelMachine {
            timers: S::none(),
            keys: Vec::new(),
            set: BTreeMap::new(),
            now: 0,
            tokens: DropCounter::new(),
        }
    }

    fn insert(&mut self, due: u64) -> String {
        let number = self.keys.len() + 1;
        self.keys
            .push(self.timers.set(due, (number, self.tokens.token())));
        self.set.insert(number, due);
        format!("timer {number}, for tick {due}")
    }

    fn gone(&mut self, number: Option<usize>) -> String {
        let Some(number) = number else {
            return "None".to_owned();
        };
        match self.set.remove(&number) {
            Some(due) => format!("timer {number}, for tick {due}"),
            None => format!("timer {number}, once more"),
        }
    }

    fn pop(&mut self, now: u64) -> String {
        let Some((key, (number, _))) = self.timers.pop(now) else {
            return "None".to_owned();
        };
        let text = self.gone(Some(number));
        match self.keys.get(number - 1) == Some(&key) {
            true => text,
            false => format!("{text}, under another key"),
        }
    }

    /// `next` may be too early, and right wheels differ in it.
    fn next(&self) -> String {
        match (self.timers.next(), self.set.values().min()) {
            (None, None) => "None".to_owned(),
            (Some(next), Some(earliest)) if next <= *earliest => "as early as a timer".to_owned(),
            (Some(next), Some(_)) => format!("tick {next}, later than a timer that is set"),
            (Some(next), None) => format!("tick {next}, and no timer is set"),
            (None, Some(_)) => "None, and a timer is set".to_owned(),
        }
    }

    fn contained(&self) -> String {
        let keys = (1..).zip(&self.keys);
        let contained = keys.filter(|(_, key)| self.timers.contains(**key));
        let numbers: Vec<usize> = contained.map(|(number, _)| number).collect();
        format!("is true for {numbers:?}")
    }
}

impl<S: Timers> Machine for WheelMachine<S> {
    type Operation = WheelStep;

    fn apply(&mut self, step: &WheelStep) -> Option<Step> {
        let outcome = match *step {
            Set(ticks) => self.insert(self.now + ticks),
            SetBefore(ticks) => self.insert(self.now.checked_sub(ticks)?),
            SetAt(tick) => self.insert(tick),
            Pop(ticks) => {
                self.now += ticks;
                self.pop(self.now)
            }
            PopBefore(ticks) => self.pop(self.now.checked_sub(ticks)?),
            Remove(number) => {
                let item = self.timers.remove(*self.keys.get(number - 1)?);
                self.gone(item.map(|(number, _)| number))
            }
        };
        Some(
            Step::of(outcome)
                .absence("next()", self.next())
                .absence("len()", self.timers.len().to_string())
                .absence("contains()", self.contained())
                .absence("items", format!("{} alive", self.tokens.alive())),
        )
    }

    fn end(self) -> Step {
        drop(self.timers);
        Step::of("the wheel is dropped").fact("items", format!("{} alive", self.tokens.alive()))
    }
}
