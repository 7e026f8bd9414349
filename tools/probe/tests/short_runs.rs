//! Every short run: the shortest difference is found, shown and named, and what is right passes.

use std::borrow::Cow;

use probe::panics::{Verdict, verdict_of};
use probe::runs::{Known, Machine, Operation, Search, Step};
use probe::{Diagnosis, run};

/// A box for one value: it can be filled, emptied and closed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Act {
    Fill,
    Empty,
    Close,
}

impl Operation for Act {
    fn actor(&self) -> Cow<'static, str> {
        "box".into()
    }

    fn call(&self) -> Cow<'static, str> {
        format!("{self:?}").to_lowercase().into()
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Act::Fill => "the box was filled".into(),
            Act::Empty => "it was emptied".into(),
            Act::Close => "it was closed".into(),
        }
    }
}

/// What a box does wrong.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// A second `fill` replaces the first value.
    Replaces,
    /// `empty` panics when there is nothing.
    Panics,
    /// What was filled in is not dropped with it, once it was closed.
    Leaks,
    /// After eight fills it is full.
    WearsOut,
    /// The third call has not been written yet.
    Unfinished,
}

struct Model {
    fault: Fault,
    full: bool,
    closed: bool,
    fills: usize,
}

fn model(fault: Fault) -> impl Fn() -> Model {
    move || Model {
        fault,
        full: false,
        closed: false,
        fills: 0,
    }
}

impl Machine for Model {
    type Operation = Act;

    fn apply(&mut self, act: &Act) -> Option<Step> {
        if self.closed {
            return None;
        }
        let outcome = match act {
            Act::Fill if self.fault == Fault::WearsOut && self.fills == 8 => "refused",
            Act::Fill if self.full && self.fault != Fault::Replaces => "refused",
            Act::Fill => {
                self.full = true;
                self.fills += 1;
                "done"
            }
            Act::Empty if self.full => {
                self.full = false;
                "a value"
            }
            Act::Empty if self.fault == Fault::Panics => panic!("there is nothing"),
            Act::Empty => "nothing",
            Act::Close if self.fault == Fault::Unfinished => todo!("close"),
            Act::Close => {
                self.closed = true;
                "done"
            }
        };
        Some(Step::of(outcome).fact("values", if self.full { "1 alive" } else { "0 alive" }))
    }

    fn end(self) -> Step {
        let left = self.full && self.closed && self.fault == Fault::Leaks;
        Step::of("everything is dropped").fact("values", if left { "1 alive" } else { "0 alive" })
    }
}

const ALL: [Act; 3] = [Act::Fill, Act::Empty, Act::Close];

fn compared(fault: Fault, search: Search<Act>) -> Verdict {
    verdict_of(|| search.compare(&run!(), model(fault), model(Fault::None)))
}

fn broken(fault: Fault, search: Search<Act>) -> Diagnosis {
    match compared(fault, search) {
        Verdict::Broken(diagnosis) => diagnosis,
        other => panic!("there is a difference: {other:?}"),
    }
}

#[test]
fn two_machines_that_do_the_same_are_told_apart_by_nothing() {
    let search = Search::of(&ALL).up_to(6).and_random(100, 40, 1);
    assert_eq!(compared(Fault::None, search), Verdict::Kept);
}

#[test]
fn the_shortest_run_is_shown_beside_the_expected_one_and_said_in_words() {
    let diagnosis = broken(Fault::Replaces, Search::of(&ALL));
    assert_eq!(
        diagnosis.recording.to_string(),
        " 1  box     fill → done\n 2  values  1 alive\n 3  box     fill → done\n"
    );
    let expected = diagnosis.expected.expect("there is a reference");
    assert_eq!(
        expected.recording.to_string(),
        " 1  box     fill → done\n 2  values  1 alive\n 3  box     fill → refused\n"
    );
    let line = diagnosis
        .marked
        .and_then(|event| diagnosis.recording.line_of(event));
    assert_eq!(line, Some(3));
    let sentence = diagnosis.sentence;
    assert!(
        sentence.starts_with("First the box was filled, then the box was filled."),
        "{sentence}"
    );
    assert!(
        sentence.contains("its outcome is `done`. Expected: `refused`"),
        "{sentence}"
    );
    assert!(
        sentence.contains("this one has 2 steps, and no shorter one shows it"),
        "{sentence}"
    );
}

#[test]
fn a_mistake_is_named_where_it_is_the_only_one_that_shows_so() {
    const REPLACED: Known<Act> = Known {
        mistake: "value-lost",
        sentence: "It replaced the value.",
        shows: |difference| difference.your_step().outcome() == "done",
    };
    const AT_FILL: Known<Act> = Known {
        mistake: "never-full",
        sentence: "It is never full.",
        shows: |difference| difference.operation() == Some(&Act::Fill),
    };
    let one = broken(Fault::Replaces, Search::of(&ALL).naming(&[REPLACED]));
    assert_eq!(one.mistake.as_deref(), Some("value-lost"));
    let two = broken(
        Fault::Replaces,
        Search::of(&ALL).naming(&[REPLACED, AT_FILL]),
    );
    assert_eq!(two.mistake, None);
}

#[test]
fn a_panic_is_an_outcome_and_a_part_that_is_not_written_is_no_failure() {
    let diagnosis = broken(Fault::Panics, Search::of(&ALL));
    assert_eq!(diagnosis.recording.to_string(), " 1  box  empty → panics\n");
    let unfinished = compared(Fault::Unfinished, Search::of(&ALL));
    assert!(
        matches!(unfinished, Verdict::Unfinished(_)),
        "{unfinished:?}"
    );
}

#[test]
fn what_is_left_when_all_is_dropped_is_a_difference_as_well() {
    let diagnosis = broken(Fault::Leaks, Search::of(&ALL));
    assert!(
        diagnosis.sentence.contains("Then everything was dropped."),
        "{}",
        diagnosis.sentence
    );
    let lines = diagnosis.recording.lines();
    assert_eq!(lines.last().map(|line| line.text.as_str()), Some("1 alive"));
}

#[test]
fn a_difference_that_only_a_long_run_has_is_found_and_cut_down() {
    assert_eq!(compared(Fault::WearsOut, Search::of(&ALL)), Verdict::Kept);
    let without_close = [Act::Fill, Act::Empty];
    let diagnosis = broken(
        Fault::WearsOut,
        Search::of(&without_close).and_random(50, 40, 1),
    );
    // Eight times filled and emptied, and filled once more: nothing can be left out.
    assert!(
        diagnosis
            .sentence
            .contains("a long one, cut down to 17 steps"),
        "{}",
        diagnosis.sentence
    );
}
