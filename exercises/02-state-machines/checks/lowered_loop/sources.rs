//! The sources that the loop reads, scripted and recorded.

use std::cell::RefCell;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;

use super::super::subject::total;
use probe::{Run, What};
use probe_futures::children::Nursery;
use probe_futures::laws::driving::Driven;
use probe_futures::leaf::PendingTimes;
use probe_futures::{Gate, Key, Spy, gate, pending_times, poller, spy};
use state_machines::source::Source;

pub(super) const RECURSION: &str = "10,000 numbers were ready at once, and the stack grew with each of them: `poll` calls itself for each \
                         number. What is a loop in the function has to be one in its machine.";

/// When each number is ready: at once, or when the run says so; `None` is the end.
pub(super) type Script = &'static [(When, Option<u32>)];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Now,
    Late,
}

pub(super) const SCRIPTS: [Script; 6] = {
    use When::{Late, Now};
    const MAX: u32 = u32::MAX;
    [
        &[
            (Late, Some(1)),
            (Late, Some(MAX)),
            (Late, Some(0)),
            (Late, None),
        ],
        &[
            (Late, Some(MAX)),
            (Now, Some(MAX)),
            (Now, Some(7)),
            (Late, Some(1)),
            (Now, None),
        ],
        &[
            (Now, Some(0)),
            (Late, Some(5)),
            (Now, Some(5)),
            (Late, None),
        ],
        &[(Now, Some(3)), (Now, Some(3)), (Late, None)],
        &[(Late, None)],
        &[(Now, None)],
    ]
};

/// Follows a script. It may not be asked again after its end.
pub(super) struct Nursed(
    pub(super) Nursery,
    pub(super) std::slice::Iter<'static, (When, Option<u32>)>,
);

impl Source for Nursed {
    type Next = Pin<Box<dyn Future<Output = Option<u32>>>>;

    fn next(&mut self) -> Self::Next {
        let (when, number) = *self.1.next().expect("asked after its end");
        let late = (when == When::Late).then(|| self.0.child("number"));
        Box::pin(async move {
            if let Some(late) = late {
                late.await;
            }
            number
        })
    }
}

/// Polls it until it is ready, and compares its total with the sum.
///
/// In most scripts each number is a power of ten, so that the total tells which were counted, and how often.
#[track_caller]
pub(super) fn expect<const N: usize>(run: &Run, script: [(usize, u32); N]) {
    let mut source = Scripted::new(run, script);
    let a = poller(run.recorder(), "A");
    let pauses: usize = script.iter().map(|(pauses, _)| pauses).sum();
    let mut machine = Driven::in_turn(run, "total", total(&mut source));
    let Some(total) = machine.run(&a, pauses + 3) else {
        run.departs("The source has ended, and the future is pending.")
    };
    let right: u64 = script.iter().map(|(_, number)| u64::from(*number)).sum();
    if total == right {
        return;
    }
    let last_pause = script.iter().rposition(|(pauses, _)| *pauses > 0);
    let behind_it = last_pause.map(|at| &script[at..]).unwrap_or_default();
    let sum: u64 = behind_it.iter().map(|(_, number)| u64::from(*number)).sum();
    // With one number after the pause, a total that is set instead of added to would be the same.
    if behind_it.len() > 1 && total == sum {
        run.diagnose(
            "lost-on-pending",
            format!(
                "The total is {total}. Expected: {right}. What was added before the last poll that was pending is missing: it did not \
                 outlive that poll.",
            ),
        );
    }
    let cut = [u64::from(u32::MAX), right & u64::from(u32::MAX)];
    if right > u64::from(u32::MAX) && cut.contains(&total) {
        run.diagnose(
            "number-cut-short",
            format!("The total is {total}. Expected: {right}. No number above 4294967295 has room in 32 bits."),
        );
    }
    match script.last() {
        Some((_, last)) if u64::from(*last) == total => run.departs(format!(
            "The total is {total}, the last number alone. Expected: {right}, the sum."
        )),
        _ => run.departs(format!("The total is {total}. Expected: {right}.")),
    }
}

/// For each number, how often it is pending before it is ready.
pub(super) struct Scripted {
    pub(super) run: Run,
    left: std::vec::IntoIter<(usize, u32)>,
    at_its_end: bool,
}

impl Scripted {
    pub(super) fn new<const N: usize>(run: &Run, script: [(usize, u32); N]) -> Scripted {
        Scripted {
            run: run.clone(),
            left: Vec::from(script).into_iter(),
            at_its_end: false,
        }
    }

    fn is_pending(&self) -> bool {
        let events = self.run.recorder().recording().events;
        let numbers = events.iter().rev().filter(|event| event.track == "number");
        let mut outcomes = numbers.filter_map(|event| match &event.what {
            What::Leaves(outcome) => Some(outcome == "pending"),
            _ => None,
        });
        outcomes.next() == Some(true)
    }
}

impl Source for Scripted {
    type Next = Spy<PendingTimes<Option<u32>>>;

    fn next(&mut self) -> Self::Next {
        let again = self.is_pending();
        self.run.recorder().says("source", "is asked for a number");
        if again {
            self.run.diagnose(
                "delegate-restarted",
                "The source was asked for another number while the first child was pending: the poll before did not keep that child, \
                 and its number is lost.",
            );
        }
        if self.at_its_end {
            self.run.diagnose(
                "resumed-after-complete",
                "The source had ended, and it was asked for another number.",
            );
        }
        let next = self.left.next();
        self.at_its_end = next.is_none();
        let pauses = next.map_or(0, |(pauses, _)| pauses);
        let number = next.map(|(_, number)| number);
        spy(&self.run, "number", pending_times(pauses, number))
    }
}

/// More stack than a right answer needs between two numbers, and less than 10,000 calls take.
const STACK: usize = 256 * 1024;

/// As many ones, all ready at once. It measures how deep in the stack it is asked.
pub(super) struct Many {
    pub(super) left: u32,
    pub(super) run: Run,
    pub(super) first_frame: Option<usize>,
}

impl Source for Many {
    type Next = Ready<Option<u32>>;

    fn next(&mut self) -> Self::Next {
        let here = std::ptr::from_ref(&self).addr();
        if here.abs_diff(*self.first_frame.get_or_insert(here)) > STACK {
            self.run.diagnose("recursion-for-a-loop", RECURSION);
        }
        let left = self.left.checked_sub(1);
        self.left = left.unwrap_or(0);
        ready(left.map(|_| 1))
    }
}

/// The key of the number that is awaited.
pub(super) type Keys = Rc<RefCell<Option<Key<Option<u32>>>>>;

pub(super) struct Gates(pub(super) Run, pub(super) Keys);

impl Source for Gates {
    type Next = Spy<Gate<Option<u32>>>;

    fn next(&mut self) -> Self::Next {
        let (key, gate) = gate();
        self.1.replace(Some(key));
        spy(&self.0, "number", gate)
    }
}
