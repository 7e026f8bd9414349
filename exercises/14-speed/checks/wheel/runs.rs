//! The steps of short and long runs of a wheel, and what known mistakes show in them.

use std::borrow::Cow;

use probe::runs::{Difference, Known, Operation, Search};

/// One step of a run. Timers have numbers, from 1 on, in the order in which they were set.
#[derive(Debug, Clone, Copy)]
pub(super) enum WheelStep {
    /// A timer is set for this number of ticks from now.
    Set(u64),
    /// A timer is set for the tick that lies this number of ticks back, if there is one.
    SetBefore(u64),
    /// A timer is set for this tick, at any time.
    SetAt(u64),
    /// This number of ticks goes by, and then the test asks for one timer.
    Pop(u64),
    /// The test asks for one timer that was due this number of ticks ago. The time stays as it is.
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
