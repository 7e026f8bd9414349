//! 7.2 join-polls: how often a join polls its children, measured.

use super::subject::{Because, a_waker_each, at_once, because, one_by_one};
use composition::polls::{Finish, Wakers, polls};
use probe::predict::steady;
use probe::{Run, panics, run, snapshot};

/// One column of the program: the learner's rule, and the measurement.
struct Column {
    name: &'static str,
    yours: fn(u64) -> u64,
    wakers: Wakers,
    finish: Finish,
    /// The rule that the measurement keeps, for numbers that would take too long to measure.
    rule: fn(u64) -> u64,
    known: &'static [Known],
}

/// A rule that is wrong, and what it leaves out.
struct Known {
    mistake: &'static str,
    rule: fn(u64) -> u64,
    sentence: &'static str,
}

const FIRST: Column = Column {
    name: "one by one",
    yours: one_by_one,
    wakers: Wakers::OneForAll,
    finish: Finish::OneByOne,
    rule: |n| n * (n + 3) / 2,
    known: &[
        Known {
            mistake: "first-polls-left-out",
            rule: |n| n * (n + 1) / 2,
            sentence: "Your rule counts the polls after each wake, and leaves out those of the join's first poll, in which all children \
                       are pending.",
        },
        Known {
            mistake: "ready-poll-left-out",
            rule: |n| n * n.saturating_sub(1) / 2 + n,
            sentence: "Your rule leaves out the poll in which a child is ready. A child does not know that it is ready before it is polled.",
        },
        Known {
            mistake: "ready-children-counted",
            rule: |n| n * n + n,
            sentence: "Your rule polls all children at each wake. The join does not poll those again that are ready.",
        },
        Known {
            mistake: "ready-children-counted",
            rule: |n| n * n,
            sentence: "Your rule polls all children each time. The join does not poll those again that are ready.",
        },
        Known {
            mistake: "wakes-taken-for-polls",
            rule: |n| 2 * n,
            sentence: "Your rule has two polls for each child. With one waker for all, a wake of one child also polls the others that are \
                       not ready.",
        },
    ],
};

const SECOND: Column = Column {
    name: "at once",
    yours: at_once,
    wakers: Wakers::OneForAll,
    finish: Finish::AtOnce,
    rule: |n| 2 * n,
    known: &[
        Known {
            mistake: "a-poll-for-each-wake",
            rule: |n| n * (n + 3) / 2,
            sentence: "Your rule has a poll of the join for each wake. The task was woken many times before it polled, and then it polled \
                       once.",
        },
        Known {
            mistake: "ready-poll-left-out",
            rule: |n| n,
            sentence: "Your rule has one poll for each child. The first poll found all of them pending, so each was polled once more.",
        },
    ],
};

const THIRD: Column = Column {
    name: "a waker each",
    yours: a_waker_each,
    wakers: Wakers::OneEach,
    finish: Finish::OneByOne,
    rule: |n| 2 * n,
    known: &[
        Known {
            mistake: "ready-poll-left-out",
            rule: |n| n,
            sentence: "Your rule has one poll for each child. The first poll found all of them pending, so each was polled once more.",
        },
        Known {
            mistake: "own-wakers-change-nothing",
            rule: |n| n * (n + 3) / 2,
            sentence: "Your rule is that of one waker for all. With a waker each, the join knows which child was woken, and polls no other.",
        },
    ],
};

#[test]
fn one_waker_for_all_and_one_child_after_the_other() {
    judge(&FIRST);
}

#[test]
fn one_waker_for_all_and_all_children_at_once() {
    judge(&SECOND);
}

#[test]
fn a_waker_for_each_child() {
    judge(&THIRD);
    let run = run!("three_columns");
    for number in [1, 2, 3, 10, 100, 1_000] {
        let of = |column: &Column| column.measured(number);
        run.recorder().says(
            &children(number),
            format!(
                "one by one: {}, at once: {}, a waker each: {}",
                of(&FIRST),
                of(&SECOND),
                of(&THIRD)
            ),
        );
    }
    snapshot!(run);
}

#[test]
fn the_reason_agrees_with_the_measurement() {
    let run = run!();
    let reason = steady(&run, because);
    run.recorder().says("because", format!("{reason:?}"));
    match reason {
        Because::OneWakePollsAll => {}
        Because::ChildrenWakeMoreOften => run.diagnose(
            "children-wake-more-often",
            "Each child wakes the task once, however many children there are: when it is ready. With a waker each, the same number of \
             wakes makes two polls for each child.",
        ),
        Because::ReadyChildrenArePolled => run.diagnose(
            "ready-children-counted",
            "With 2 children there are 5 polls: 2 at first, then 2, of which one is ready, then 1. If the join polled ready children \
             again, there would be 6.",
        ),
        Because::TheOrderIsUnlucky => run.diagnose(
            "order-blamed",
            "Whichever child is ready first, the poll after it polls all that are not ready, itself included. In every order that makes \
             the same sum: all, then one less, then one less again.",
        ),
    }
}

/// Small numbers first, then those of the page, then one that takes a moment to measure.
fn measurable() -> impl Iterator<Item = u64> {
    (1..=12).chain([0, 33, 100, 257, 1_000])
}

/// Numbers that no measurement reaches: a rule in small numbers or in floating point ends before them.
const BEYOND: [u64; 4] = [65_536, 100_001, 94_906_267, 999_999_999];

fn judge(column: &Column) {
    for number in measurable() {
        let right = column.measured(number);
        assert_eq!(
            right,
            (column.rule)(number),
            "the instrument has a rule of its own"
        );
        compare(column, number, right);
    }
    for number in BEYOND {
        compare(column, number, (column.rule)(number));
    }
}

fn compare(column: &Column, number: u64, right: u64) {
    let run = run!();
    let ask = || steady(&run, || (column.yours)(number));
    let yours = match panics::expected(ask) {
        Ok(yours) => yours,
        Err(panic) => {
            run.recorder()
                .says(&children(number), format!("measured: {right} polls"));
            run.departs(format!(
                "For {} your rule panicked: {}.",
                children(number),
                panic.message
            ))
        }
    };
    if yours == right {
        return;
    }
    let counted = if measurable().any(|other| other == number) {
        "measured"
    } else {
        "by the rule of the smaller ones"
    };
    run.recorder().says(
        column.name,
        format!("{}: your rule gives {yours}", children(number)),
    );
    run.recorder()
        .says(column.name, format!("{counted}: {right}"));
    for known in column.known {
        if is_rule(&run, column.yours, known.rule) {
            run.diagnose(known.mistake, known.sentence);
        }
    }
    refuse_narrow(&run, number, yours.abs_diff(right));
    run.departs(format!(
        "For {} your rule gives {yours} polls; {right} are right.",
        children(number)
    ))
}

/// A rule that holds for small numbers, and not for one that needs more room.
fn refuse_narrow(run: &Run, number: u64, off: u64) {
    if BEYOND.contains(&number) {
        run.departs(format!(
            "Your rule agrees with the measurement for up to 1,000 children. For {number} it is off by {off}: a number in it does not fit \
             its type, or is rounded."
        ));
    }
}

/// Whether a rule is this one, by several numbers at which all known rules differ.
fn is_rule(run: &Run, yours: fn(u64) -> u64, rule: fn(u64) -> u64) -> bool {
    [1, 2, 3, 4, 10, 100].iter().all(|number| {
        let ask = || steady(run, || yours(*number));
        panics::expected(ask).is_ok_and(|yours| yours == rule(*number))
    })
}

impl Column {
    fn measured(&self, number: u64) -> u64 {
        polls(number as usize, self.wakers, self.finish)
    }
}

fn children(number: u64) -> String {
    match number {
        1 => "1 child".to_owned(),
        number => format!("{number} children"),
    }
}
