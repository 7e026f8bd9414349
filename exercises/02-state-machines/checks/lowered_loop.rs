//! 2.3 lowered-loop: an await inside of a loop, without `async`.

use std::cell::RefCell;
use std::future::{Future, Ready, ready};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use super::subject::total;
use probe::runs::Search;
use probe::{Run, What, run, snapshot};
use probe_futures::children::{Event, Family, NEVER_DROPPED, Nursery};
use probe_futures::laws::driving::{self, Driven};
use probe_futures::leaf::PendingTimes;
use probe_futures::{Gate, Key, Spy, gate, pending_times, poller, spy};
use state_machines::source::{self, Source};

#[test]
fn the_source_is_not_asked_before_the_first_poll() {
    let run = run!();
    let mut source = Scripted::new(&run, [(0, 1)]);
    drop(driving::does_nothing_until_polled(&run, || {
        total(&mut source)
    }));
}

#[test]
fn a_number_that_is_late_is_awaited() {
    let run = run!("one_late");
    expect(&run, [(0, 1), (2, 10), (0, 100)]);
    snapshot!(run);
}

#[test]
fn numbers_that_are_ready_at_once_are_added_in_one_poll() {
    let run = run!("at_once");
    expect(&run, [(0, 1), (0, 10), (0, 100)]);
    snapshot!(run);
}

#[test]
fn without_numbers_the_total_is_zero() {
    let run = run!("no_numbers");
    expect(&run, []);
    snapshot!(run);
}

#[test]
fn zero_is_a_number_and_not_the_end() {
    let run = run!("nought_between");
    expect(&run, [(0, 1), (0, 0), (1, 10)]);
    snapshot!(run);
}

#[test]
fn the_total_may_be_larger_than_a_u32() {
    let run = run!("a_large_total");
    expect(&run, [(0, 4_000_000_000), (0, 4_000_000_000)]);
    snapshot!(run);
}

#[test]
fn each_number_is_added_once_however_often_it_is_pending() {
    for pauses in [[0, 0, 3], [1, 1, 1], [3, 0, 2], [0, 4, 0]] {
        let run = run!();
        let [a, b, c] = pauses;
        expect(&run, [(a, 1), (b, 10), (c, 100)]);
    }
}

#[test]
fn each_step_is_that_of_the_compilers_machine() {
    let (theirs, ours) = (run!(), run!());
    let script = [(1, 1), (0, 10), (2, 100), (0, 1_000)];
    let mut source = Scripted::new(&theirs, script);
    let a = poller(theirs.recorder(), "A");
    Driven::in_turn(&theirs, "total", source::total(&mut source)).run(&a, 20);
    expect(&ours, script);
    if ours.recorder().recording() != theirs.recorder().recording() {
        ours.departs_at(driving::first_departure(&ours, &theirs), "The total is the expected one, but this step is not that of the machine which the compiler makes.");
    }
}

#[test]
fn ten_thousand_numbers_at_once_need_no_more_stack_than_one() {
    const MANY: u32 = 10_000;
    let run = run!();
    let mut many = Many {
        left: MANY,
        run: run.clone(),
        first_frame: None,
    };
    let mut total = pin!(total(&mut many));
    let a = poller(run.recorder(), "A");
    run.recorder()
        .says("source", "has 10,000 numbers, all ready at once");
    let poll = run.risk(Some("recursion-for-a-loop"), RECURSION, || {
        a.poll(total.as_mut())
    });
    if poll != Poll::Ready(u64::from(MANY)) {
        run.departs(format!(
            "The source has 10,000 ones, all ready at once. The first poll is {poll:?}. Expected: Ready(10000)."
        ));
    }
}

const RECURSION: &str = "10,000 numbers were ready at once, and the stack grew with each of them: `poll` calls itself for each \
                         number. What is a loop in the function has to be one in its machine.";

#[test]
fn the_number_wakes_the_task_that_polled_last() {
    let run = run!();
    let keys = Rc::default();
    let mut source = Gates(run.clone(), Rc::clone(&keys));
    let mut machine = Driven::in_turn(&run, "total", total(&mut source));
    for number in [Some(1), Some(10), None] {
        let open = || {
            if let Some(key) = keys.borrow_mut().take() {
                key.open(number);
            }
        };
        driving::wakes_reach_the_caller(&run, &mut machine, "number", open);
    }
    match machine.poll(&poller(run.recorder(), "C")) {
        Poll::Ready(11) => {}
        poll => run.departs(format!(
            "The numbers were 1 and 10, and then the source ended. The outcome is {poll:?}. Expected: Ready(11)."
        )),
    }
}

#[test]
fn each_poll_after_the_end_panics() {
    let run = run!();
    let mut source = Scripted::new(&run, [(0, 1)]);
    let mut machine = Driven::in_turn(&run, "total", total(&mut source));
    let a = poller(run.recorder(), "A");
    machine.run(&a, 3);
    machine.panics_after_the_end(&a);
}

/// When each number is ready: at once, or when the run says so; `None` is the end.
type Script = &'static [(When, Option<u32>)];

#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Now,
    Late,
}

const SCRIPTS: [Script; 6] = {
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

#[test]
fn every_short_run_is_as_expected() {
    const NAMES: [&str; 1] = ["number"];
    for script in SCRIPTS {
        let yours = || {
            let build = |nursery: &Nursery| {
                let mut source = Nursed(nursery.clone(), script.iter());
                async move { total(&mut source).await }
            };
            Family::new("total", &NAMES, build, u64::to_string)
        };
        let reference = || {
            let build = |nursery: &Nursery| {
                let mut source = Nursed(nursery.clone(), script.iter());
                async move { source::total(&mut source).await }
            };
            Family::new("total", &NAMES, build, u64::to_string)
        };
        Search::of(&Event::alphabet(&NAMES))
            .up_to(5)
            .and_random(20, 40, 2_03)
            .naming(&[NEVER_DROPPED])
            .compare(&run!(), yours, reference);
    }
}

/// Follows a script. It may not be asked again after its end.
struct Nursed(Nursery, std::slice::Iter<'static, (When, Option<u32>)>);

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
fn expect<const N: usize>(run: &Run, script: [(usize, u32); N]) {
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
    match script.last() {
        Some((_, last)) if u64::from(*last) == total => run.departs(format!(
            "The total is {total}, the last number alone. Expected: {right}, the sum."
        )),
        _ => run.departs(format!("The total is {total}. Expected: {right}.")),
    }
}

/// For each number, how often it is pending before it is ready.
struct Scripted {
    run: Run,
    left: std::vec::IntoIter<(usize, u32)>,
    at_its_end: bool,
}

impl Scripted {
    fn new<const N: usize>(run: &Run, script: [(usize, u32); N]) -> Scripted {
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
            self.run
                .departs("The source had ended, and it was asked for another number.");
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
struct Many {
    left: u32,
    run: Run,
    first_frame: Option<usize>,
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
type Keys = Rc<RefCell<Option<Key<Option<u32>>>>>;

struct Gates(Run, Keys);

impl Source for Gates {
    type Next = Spy<Gate<Option<u32>>>;

    fn next(&mut self) -> Self::Next {
        let (key, gate) = gate();
        self.1.replace(Some(key));
        spy(&self.0, "number", gate)
    }
}
