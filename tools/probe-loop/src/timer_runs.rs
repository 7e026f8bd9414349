//! Short and long runs of a set of timers, and the sorted map that they are compared with.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use event_loop::Time;
use probe::detect::{DropCounter, Token};
use probe::runs::{Difference, Known, Machine, Operation, Search, Step};

/// A set of timers, as exercise `timers` describes it.
pub trait TimerSet<T>: Sized {
    /// What names a timer.
    type Key: Copy + PartialEq;
    /// No timers.
    fn new() -> Self;
    /// Sets a timer.
    fn insert(&mut self, when: Time, item: T) -> Self::Key;
    /// Removes a timer.
    fn remove(&mut self, key: Self::Key) -> Option<T>;
    /// What a timer holds.
    fn get_mut(&mut self, key: Self::Key) -> Option<&mut T>;
    /// Whether a timer is set.
    fn contains(&self, key: Self::Key) -> bool;
    /// When the next one is due.
    fn next(&self) -> Option<Time>;
    /// Removes the earliest one, if it is due.
    fn pop_due(&mut self, now: Time) -> Option<(Self::Key, T)>;
    /// How many are set.
    fn len(&self) -> usize;
    /// Whether none is set.
    fn is_empty(&self) -> bool;
}

/// What a timer holds here: its number, a mark that `get_mut` changes, and a token that tells when it is dropped.
#[derive(Debug)]
pub struct Item {
    number: usize,
    is_changed: bool,
    _token: Token,
}

/// One step of a run. Timers have numbers, from 1 on, in the order in which they were set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerStep {
    /// A timer is set for this number of milliseconds from now.
    Set(u64),
    /// This number of milliseconds go by, and then the test asks for one timer.
    Pop(u64),
    /// The timer with this number is removed.
    Remove(usize),
    /// What the timer with this number holds is changed.
    Change(usize),
}

impl Operation for TimerStep {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            TimerStep::Pop(_) => "loop".into(),
            _ => "task".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            TimerStep::Set(millis) => format!("insert(now + {millis}ms)").into(),
            TimerStep::Pop(0) => "pop_due(now)".into(),
            TimerStep::Pop(millis) => format!("pop_due(now), {millis}ms later").into(),
            TimerStep::Remove(number) => format!("remove(timer {number})").into(),
            TimerStep::Change(number) => format!("get_mut(timer {number})").into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            TimerStep::Set(millis) => format!("a timer was set for {millis}ms later").into(),
            TimerStep::Pop(0) => "the loop called `pop_due`".into(),
            TimerStep::Pop(millis) => {
                format!("{millis}ms went by and the loop called `pop_due`").into()
            }
            TimerStep::Remove(number) => format!("timer {number} was removed").into(),
            TimerStep::Change(number) => format!("`get_mut` was called for timer {number}").into(),
        }
    }
}

const HOUR: u64 = 3_600_000;

/// Runs in which timers are set and come out. None is removed.
#[must_use]
pub fn set_and_pop() -> [Search<TimerStep>; 2] {
    use TimerStep::{Pop, Set};
    let mut long: Vec<TimerStep> = DURATIONS.into_iter().map(Set).collect();
    long.extend([0, 1, 7, 50, 200, 1_000, 70_000].map(Pop));
    long.extend([0, 3, 20].map(Pop));
    [
        Search::of(&[
            Set(10),
            Set(300),
            Set(200),
            Pop(0),
            Pop(10),
            Pop(200),
            Set(HOUR),
        ])
        .up_to(4)
        .naming(&KNOWN),
        Search::of(&long)
            .up_to(1)
            .and_random(300, 14, 4)
            .naming(&KNOWN),
    ]
}

/// Runs in which timers are removed and changed as well. Long ones show a removal that breaks the order of the others.
#[must_use]
pub fn all() -> [Search<TimerStep>; 3] {
    use TimerStep::{Change, Pop, Remove, Set};
    let mut long: Vec<TimerStep> = DURATIONS.into_iter().map(Set).collect();
    long.extend([2, 4, 6, 9, 11, 12, 15].map(Set));
    long.extend((1..=12).map(Remove));
    long.extend([0, 0, 1, 3, 8, 200, 1_000].map(Pop));
    long.extend((1..=6).map(Change));
    let near: Vec<TimerStep> = (1..=16)
        .map(Set)
        .chain((1..=10).map(Remove))
        .chain([Pop(0), Pop(1), Pop(4)])
        .collect();
    [
        Search::of(&[
            Set(10),
            Set(0),
            Pop(0),
            Pop(10),
            Remove(1),
            Remove(2),
            Change(1),
        ])
        .up_to(4)
        .naming(&KNOWN),
        Search::of(&near)
            .up_to(1)
            .and_random(800, 16, 40)
            .naming(&KNOWN),
        Search::of(&long)
            .up_to(1)
            .and_random(150, 30, 400)
            .naming(&KNOWN),
    ]
}

/// Milliseconds of every magnitude, and both sides of the sizes that a wheel's levels have.
const DURATIONS: [u64; 20] = [
    0, 1, 3, 5, 8, 10, 20, 63, 64, 100, 200, 255, 256, 300, 1_000, 4_096, 5_000, 65_536, 300_000,
    HOUR,
];

/// Carries out the steps on a set of timers, the learner's or [the sorted map](Sorted).
#[derive(Debug)]
pub struct TimerMachine<S: TimerSet<Item>> {
    timers: S,
    keys: Vec<S::Key>,
    /// Those that are set, for the verdict's words.
    set: BTreeMap<usize, Time>,
    now: Time,
    tokens: DropCounter,
}

impl<S: TimerSet<Item>> TimerMachine<S> {
    /// A machine without timers, at time zero.
    #[must_use]
    pub fn new() -> TimerMachine<S> {
        TimerMachine {
            timers: S::new(),
            keys: Vec::new(),
            set: BTreeMap::new(),
            now: Time::START,
            tokens: DropCounter::new(),
        }
    }

    fn insert(&mut self, millis: u64) -> String {
        let when = self.now + Duration::from_millis(millis);
        let number = self.keys.len() + 1;
        let item = Item {
            number,
            is_changed: false,
            _token: self.tokens.token(),
        };
        self.keys.push(self.timers.insert(when, item));
        self.set.insert(number, when);
        format!("timer {number}, for {when}")
    }

    fn pop(&mut self, millis: u64) -> String {
        self.now = self.now + Duration::from_millis(millis);
        let popped = self.timers.pop_due(self.now);
        let key = popped.as_ref().map(|(key, _)| *key);
        let item = popped.map(|(_, item)| item);
        let text = self.gone(item);
        match key {
            Some(key) if !self.keys.contains(&key) => format!("{text}, under a key of no timer"),
            _ => text,
        }
    }

    fn gone(&mut self, item: Option<Item>) -> String {
        if let Some(item) = &item {
            self.set.remove(&item.number);
        }
        item.as_ref().map_or("None".to_owned(), in_words)
    }

    fn change(&mut self, number: usize) -> Option<String> {
        let key = *self.keys.get(number - 1)?;
        let item = self.timers.get_mut(key).map(|item| {
            item.is_changed = true;
            in_words(item)
        });
        Some(item.unwrap_or("None".to_owned()))
    }

    fn next(&self) -> String {
        let Some(next) = self.timers.next() else {
            return "None".to_owned();
        };
        match self.set.values().any(|when| *when == next) {
            true => format!("due at {next}"),
            false => format!("due at {next}, {GHOST}"),
        }
    }

    fn contained(&self) -> String {
        let contained: Vec<usize> = (1..)
            .zip(&self.keys)
            .filter(|(_, key)| self.timers.contains(**key))
            .map(|(number, _)| number)
            .collect();
        format!("is true for {contained:?}")
    }
}

impl<S: TimerSet<Item>> Default for TimerMachine<S> {
    fn default() -> TimerMachine<S> {
        TimerMachine::new()
    }
}

impl<S: TimerSet<Item>> Machine for TimerMachine<S> {
    type Operation = TimerStep;

    fn apply(&mut self, step: &TimerStep) -> Option<Step> {
        let outcome = match *step {
            TimerStep::Set(millis) => self.insert(millis),
            TimerStep::Pop(millis) => self.pop(millis),
            TimerStep::Remove(number) => {
                let item = self.timers.remove(*self.keys.get(number - 1)?);
                self.gone(item)
            }
            TimerStep::Change(number) => self.change(number)?,
        };
        let is_empty = match (self.timers.is_empty(), self.set.is_empty()) {
            (true, true) | (false, false) => "",
            (true, false) => ", and is_empty() → true",
            (false, true) => ", and is_empty() → false",
        };
        Some(
            Step::of(outcome)
                .absence("next()", self.next())
                .absence("len()", format!("{}{is_empty}", self.timers.len()))
                .absence("contains()", self.contained())
                .absence("items", format!("{} alive", self.tokens.alive())),
        )
    }

    fn end(self) -> Step {
        drop(self.timers);
        Step::of("the timers are dropped").fact("items", format!("{} alive", self.tokens.alive()))
    }
}

fn in_words(item: &Item) -> String {
    match item.is_changed {
        true => format!("timer {}, changed", item.number),
        false => format!("timer {}", item.number),
    }
}

const GHOST: &str = "when no timer is set";

static KNOWN: [Known<TimerStep>; 4] = [
    Known {
        mistake: "earlier-timer-hidden",
        sentence: "An earlier timer is set, and a later one counts as the next.",
        shows: |difference| {
            let (yours, expected) = (difference.your_step(), difference.expected_step());
            !difference.operations.iter().any(is_removal)
                && differs(difference, "next()")
                && matches!((next_of(yours), next_of(expected)), (Some(yours), Some(expected)) if yours != expected)
        },
    },
    Known {
        mistake: "timer-leaked",
        sentence: "`next` names a time at which no timer is set: the one that was set for it has been removed.",
        shows: |difference| {
            differs(difference, "next()") && {
                let next = difference.your_step().about("next()");
                next.is_some_and(|next| next.ends_with(GHOST))
            }
        },
    },
    Known {
        mistake: "order-lost-by-removal",
        sentence: "A later timer comes before an earlier one. In runs without a removal yours come out in order.",
        shows: |difference| {
            let next = difference.your_step().about("next()").unwrap_or(GHOST);
            let popped = difference.your_step().outcome() != difference.expected_step().outcome();
            let pops = matches!(difference.operation(), Some(TimerStep::Pop(_)));
            difference.operations.iter().any(is_removal)
                && (popped && pops || differs(difference, "next()") && !next.ends_with(GHOST))
        },
    },
    Known {
        mistake: "stale-key",
        sentence: "The key of a timer that was gone reached another one.",
        shows: |difference| {
            let by_key = matches!(
                difference.operation(),
                Some(TimerStep::Remove(_) | TimerStep::Change(_))
            );
            by_key && difference.expected_step().outcome() == "None"
        },
    },
];

fn is_removal(step: &TimerStep) -> bool {
    matches!(step, TimerStep::Remove(_))
}

/// The time in `due at 10ms`, where a timer is set for then.
fn next_of(step: &Step) -> Option<&str> {
    let next = step.about("next()")?.strip_prefix("due at ")?;
    (!next.ends_with(GHOST)).then_some(next)
}

/// Whether the outcomes are the same, and this is unlike.
fn differs(difference: &Difference<TimerStep>, what: &str) -> bool {
    let (yours, expected) = (difference.your_step(), difference.expected_step());
    yours.outcome() == expected.outcome() && yours.about(what) != expected.about(what)
}

/// Timers in a sorted map, and plainly right.
#[derive(Debug)]
pub struct Sorted<T> {
    entries: BTreeMap<(Time, usize), T>,
    set: usize,
}

impl<T> TimerSet<T> for Sorted<T> {
    type Key = (Time, usize);

    fn new() -> Sorted<T> {
        Sorted {
            entries: BTreeMap::new(),
            set: 0,
        }
    }

    fn insert(&mut self, when: Time, item: T) -> (Time, usize) {
        self.set += 1;
        self.entries.insert((when, self.set), item);
        (when, self.set)
    }

    fn remove(&mut self, key: (Time, usize)) -> Option<T> {
        self.entries.remove(&key)
    }

    fn get_mut(&mut self, key: (Time, usize)) -> Option<&mut T> {
        self.entries.get_mut(&key)
    }

    fn contains(&self, key: (Time, usize)) -> bool {
        self.entries.contains_key(&key)
    }

    fn next(&self) -> Option<Time> {
        Some(self.entries.first_key_value()?.0.0)
    }

    fn pop_due(&mut self, now: Time) -> Option<((Time, usize), T)> {
        let first = self.entries.first_entry()?;
        (first.key().0 <= now).then(|| first.remove_entry())
    }

    fn len(&self) -> usize {
        self.entries.len()
    }

    fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
