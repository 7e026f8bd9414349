//! Short and long runs of a wheel, and the sorted map that it is compared with.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::super::subject::{Wheel, WheelKey};
use probe::detect::{DropCounter, Token};
use probe::runs::{Difference, Known, Machine, Operation, Search, Step};

/// One step of a run. Timers have numbers, from 1 on, in the order in which they were set.
#[derive(Debug, Clone, Copy)]
pub(super) enum WheelStep {
    /// A timer is set for so many ticks from now.
    Set(u64),
    /// A timer is set for a tick that has passed, if so many have.
    SetBefore(u64),
    /// A timer is set for this tick, whatever the time.
    SetAt(u64),
    /// So many ticks go by, and then the test asks for one timer.
    Pop(u64),
    /// The test asks for one timer that was due so many ticks ago. The time stays as it is.
    PopBefore(u64),
    /// The timer with this number is removed.
    Remove(usize),
}
use WheelStep::{Pop, PopBefore, Remove, Set, SetAt, SetBefore};

impl Operation for WheelStep {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Pop(_) | PopBefore(_) => "loop".into(),
            _ => "task".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Set(ticks) => format!("insert(now + {ticks})").into(),
            SetBefore(ticks) => format!("insert(now − {ticks})").into(),
            SetAt(u64::MAX) => "insert(u64::MAX)".into(),
            SetAt(tick) => format!("insert({tick})").into(),
            Pop(0) => "pop_due(now)".into(),
            PopBefore(ticks) => format!("pop_due(now − {ticks})").into(),
            Pop(ticks) => format!("pop_due(now), {ticks} ticks later").into(),
            Remove(number) => format!("remove(timer {number})").into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Set(ticks) => format!("a timer was set for {ticks} ticks later").into(),
            SetBefore(ticks) => format!("a timer was set for {ticks} ticks before").into(),
            SetAt(u64::MAX) => "a timer was set for the last tick".into(),
            SetAt(tick) => format!("a timer was set for tick {tick}").into(),
            Pop(0) => "the loop called `pop_due`".into(),
            PopBefore(ticks) => {
                format!("the loop called `pop_due` with a tick that was {ticks} before").into()
            }
            Pop(ticks) => format!("{ticks} ticks went by and the loop called `pop_due`").into(),
            Remove(number) => format!("timer {number} was removed").into(),
        }
    }
}

/// Both sides of the ends of levels with 4, 6 and 8 bits.
const TICKS: [u64; 18] = [
    0,
    1,
    2,
    15,
    16,
    17,
    63,
    64,
    65,
    100,
    255,
    256,
    1_000,
    4_095,
    4_096,
    65_536,
    262_144,
    1 << 40,
];

pub(super) fn all() -> [Search<WheelStep>; 4] {
    let short = [
        Set(1),
        Set(64),
        Set(65),
        SetBefore(1),
        Pop(0),
        Pop(1),
        Pop(64),
        Remove(1),
    ];
    let mut long: Vec<WheelStep> = TICKS.into_iter().map(Set).collect();
    long.extend(TICKS.into_iter().take(16).map(Pop));
    long.extend([0; 14].map(Pop));
    long.extend([1, 70, 5_000].map(SetBefore));
    long.extend([1, 70, 5_000].map(PopBefore));
    let set_and_pop = Search::of(&long);
    long.extend((1..=8).map(Remove));
    // The wheel's tick lies ahead of the tick that the loop asks for, and timers have passed it.
    let back = [
        SetAt(3),
        SetAt(300),
        SetAt(u64::MAX),
        Set(0),
        SetBefore(20),
        Pop(30),
        Pop(270),
        PopBefore(25),
    ];
    [
        Search::of(&short).up_to(4).naming(&KNOWN),
        Search::of(&back)
            .up_to(4)
            .and_random(100, 14, 16)
            .naming(&KNOWN),
        set_and_pop.up_to(1).and_random(150, 24, 14).naming(&KNOWN),
        Search::of(&long)
            .up_to(1)
            .and_random(150, 24, 15)
            .naming(&KNOWN),
    ]
}

static KNOWN: [Known<WheelStep>; 3] = [
    Known {
        mistake: "overslept",
        sentence: "`next` was later than a timer that is set: a loop that sleeps until then is late.",
        shows: |difference: &Difference<WheelStep>| {
            let next = difference.your_step().about("next()");
            next.is_some_and(|next| next.ends_with("later than a timer that is set"))
        },
    },
    Known {
        mistake: "stale-key",
        sentence: "The key of a timer that was gone reached another one.",
        shows: |difference: &Difference<WheelStep>| {
            matches!(difference.operation(), Some(Remove(_)))
                && difference.expected_step().outcome() == "None"
                && difference.your_step().outcome().starts_with("timer")
        },
    },
    Known {
        mistake: "wheel-turned-back",
        sentence: "`now` was earlier than in a call before, and no timer was due. The wheel has lost a timer since, or returned one too early.",
        shows: |difference: &Difference<WheelStep>| {
            matches!(difference.operation(), Some(PopBefore(_)))
                && difference.expected_step().outcome() == "None"
        },
    },
];

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
