//! The two generators that run in turn.

use super::super::subject::InTurn;
use super::diagnoses::{expect, explain_panic, right_order};
use generators::{Generator, Step};
use probe::{Run, What, panics};
use probe_generators::{Heard, Script, Spy, script, spy};

/// The generators that these checks hand over hear numbers, yield numbers and complete with words.
pub(super) type Part = Spy<Script<i32, i32, &'static str>>;
pub(super) type Both = InTurn<Part, Part, &'static str>;

/// Sent to a part that is to panic.
pub(super) const PANIC: usize = 1_000;

/// A part that owns a value until it completes with it.
pub(super) struct Owning {
    pub(super) left: usize,
    pub(super) panics: bool,
    pub(super) result: Option<probe::detect::Token>,
    #[expect(dead_code, reason = "it is there to be dropped")]
    pub(super) part: probe::detect::Token,
}

impl Generator<usize> for Owning {
    type Yield = ();
    type Return = Option<probe::detect::Token>;

    fn resume(&mut self, sent: usize) -> Step<(), Option<probe::detect::Token>> {
        assert!(!(self.panics && sent == PANIC), "a part panics");
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                Step::Yielded(())
            }
            None => Step::Complete(self.result.take()),
        }
    }
}

pub(super) fn as_index(number: i32) -> usize {
    usize::try_from(number).expect("it is small and positive")
}

pub(super) type Two<T> = (T, T);

pub(super) fn parts(run: &Run, first: &[i32], second: &[i32]) -> (Two<Part>, Two<Heard<i32>>) {
    let make = |track, yields: &[i32], returns| {
        let script = script(yields.iter().copied(), returns);
        let heard = script.heard();
        (spy(run, track, script), heard)
    };
    let (one, by_one) = make("first", first, "first is done");
    let (two, by_two) = make("second", second, "second is done");
    ((one, two), (by_one, by_two))
}

pub(super) fn part<const N: usize>(
    run: &Run,
    lane: &'static str,
    yields: [i32; N],
) -> (Part, Heard<i32>) {
    let returns = if lane == "first" {
        "first is done"
    } else {
        "second is done"
    };
    let script = script(yields, returns);
    let heard = script.heard();
    (spy(run, lane, script), heard)
}

/// Resumes it with each value in turn, until it completes or the values run out. It must not panic meanwhile, and each must be
/// resumed in its turn; `yields` is what the two yield. What they are resumed with is for [`heard`].
#[track_caller]
pub(super) fn drive<const N: usize>(run: &Run, both: Both, values: [i32; N], yields: &[&[i32]; 2]) {
    drive_all(run, both, &values, yields);
}

#[track_caller]
pub(super) fn drive_all(run: &Run, both: Both, values: &[i32], yields: &[&[i32]; 2]) {
    let mut both = spy(run, "both", both);
    for &value in values {
        match panics::expected(|| both.resume(value)) {
            Ok(Step::Yielded(_)) => {}
            Ok(Step::Complete(_)) => break,
            Err(panic) => {
                let events = run.recorder().recording().events;
                expect(run, &events[..events.len() - 1], yields);
                explain_panic(run, &events, &panic.message);
            }
        }
    }
    let events = run.recorder().recording().events;
    expect(run, &events, yields);
    if events.len() < right_order(yields).len() {
        run.departs("It neither yielded again nor completed.");
    }
}

/// The event with which the resume of this number, from 0, of one of the two came back.
pub(super) fn resume_of(run: &Run, lane: &str, number: usize) -> Option<usize> {
    let events = run.recorder().recording().events;
    let mut ends = (0..events.len()).filter(|&index| {
        events[index].track == lane && matches!(events[index].what, What::Leaves(_))
    });
    ends.nth(number)
}
