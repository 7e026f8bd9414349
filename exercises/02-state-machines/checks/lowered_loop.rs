//! 2.3 lowered-loop: an await inside of a loop, without `async`.

use std::cell::RefCell;
use std::future::{Ready, ready};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use super::subject::total;
use probe::{Run, What, run, snapshot};
use probe_futures::laws::driving::{self, Driven};
use probe_futures::leaf::PendingTimes;
use probe_futures::{Gate, Key, Spy, gate, pending_times, poller, spy};
use state_machines::source::{self, Source};

#[test]
fn nothing_is_asked_for_before_the_first_poll() {
    let run = run!();
    let mut source = Scripted::new(&run, [(0, 1)]);
    drop(driving::does_nothing_until_polled(&run, || {
        total(&mut source)
    }));
}

#[test]
fn a_number_that_comes_late_is_waited_for() {
    let run = run!("one_late");
    expect(&run, [(0, 1), (2, 10), (0, 100)]);
    snapshot!(run);
}

#[test]
fn numbers_that_are_there_at_once_are_added_in_one_poll() {
    let run = run!("at_once");
    expect(&run, [(0, 1), (0, 10), (0, 100)]);
    snapshot!(run);
}

#[test]
fn without_numbers_the_total_is_nought() {
    let run = run!("no_numbers");
    expect(&run, []);
    snapshot!(run);
}

#[test]
fn nought_is_a_number_and_not_the_end() {
    let run = run!("nought_between");
    expect(&run, [(0, 1), (0, 0), (1, 10)]);
    snapshot!(run);
}

#[test]
fn the_total_may_be_larger_than_any_of_its_numbers_can_be() {
    let run = run!("a_large_total");
    expect(&run, [(0, 4_000_000_000), (0, 4_000_000_000)]);
    snapshot!(run);
}

#[test]
fn however_long_each_number_takes_all_are_counted_once() {
    for pauses in [[0, 0, 3], [1, 1, 1], [3, 0, 2], [0, 4, 0]] {
        let run = run!();
        let [a, b, c] = pauses;
        expect(&run, [(a, 1), (b, 10), (c, 100)]);
    }
}

#[test]
fn it_does_what_the_machine_of_the_compiler_does() {
    let (theirs, ours) = (run!(), run!());
    let script = [(1, 1), (0, 10), (2, 100), (0, 1_000)];
    let mut source = Scripted::new(&theirs, script);
    let a = poller(theirs.recorder(), "A");
    Driven::in_turn(&theirs, "total", source::total(&mut source)).run(&a, 20);
    expect(&ours, script);
    if ours.recorder().recording() != theirs.recorder().recording() {
        ours.departs_at(driving::first_departure(&ours, &theirs), "The total is right, and the machine that the compiler makes gets there by other steps.");
    }
}

#[test]
fn a_hundred_thousand_numbers_at_once_need_no_more_stack_than_one() {
    let run = run!();
    let mut many = Many(100_000);
    let mut total = pin!(total(&mut many));
    let a = poller(run.recorder(), "A");
    run.recorder()
        .says("source", "has 100,000 numbers, all of them there");
    let poll = run.risk(
        Some("recursion-for-a-loop"),
        "A hundred thousand numbers were there at once, and the stack ran out: `poll` calls itself for each of them. What is a loop \
         in the function has to be one in its machine.",
        || a.poll(total.as_mut()),
    );
    if poll != Poll::Ready(100_000) {
        run.departs(format!(
            "A hundred thousand ones, all there at once: the first poll gave {poll:?}."
        ));
    }
}

#[test]
fn whoever_polled_last_is_woken_by_the_number() {
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
            "1 and 10 and then no more: that is 11, and not {poll:?}."
        )),
    }
}

#[test]
fn once_it_was_ready_a_poll_more_panics() {
    let run = run!();
    let mut source = Scripted::new(&run, [(0, 1)]);
    let mut machine = Driven::in_turn(&run, "total", total(&mut source));
    let a = poller(run.recorder(), "A");
    machine.run(&a, 3);
    machine.panics_after_the_end(&a);
}

/// Polls it until it is ready, and holds its total against the sum.
///
/// In most scripts each number is a power of ten, so that the total tells which were counted, and how often.
#[track_caller]
fn expect<const N: usize>(run: &Run, script: [(usize, u32); N]) {
    let mut source = Scripted::new(run, script);
    let a = poller(run.recorder(), "A");
    let pauses: usize = script.iter().map(|(pauses, _)| pauses).sum();
    let mut machine = Driven::in_turn(run, "total", total(&mut source));
    let Some(total) = machine.run(&a, pauses + 3) else {
        run.departs("All numbers have come, and it is not ready.")
    };
    let right: u64 = script.iter().map(|(_, number)| u64::from(*number)).sum();
    if total == right {
        return;
    }
    let last_pause = script.iter().rposition(|(pauses, _)| *pauses > 0);
    let behind_it = last_pause.map(|at| &script[at..]).unwrap_or_default();
    let sum: u64 = behind_it.iter().map(|(_, number)| u64::from(*number)).sum();
    // With one number behind the pause, a total that is set instead of added to would come to the same.
    if behind_it.len() > 1 && total == sum {
        run.diagnose(
            "lost-on-pending",
            format!(
                "The total is {total} and should be {right}: what had been added up before the last pause is missing. It did not outlive \
                 the poll that was pending.",
            ),
        );
    }
    match script.last() {
        Some((_, last)) if u64::from(*last) == total => run.departs(format!(
            "The total is {total} and should be {right}: that is the last number alone."
        )),
        _ => run.departs(format!("The total is {total} and should be {right}.")),
    }
}

/// Numbers that take their time: for each, how many pauses come before it.
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
                "Another number was asked for, although the child that asked first was still pending: the poll before did not keep that \
                 child, and its number is lost.",
            );
        }
        if self.at_its_end {
            self.run
                .departs("There were no more numbers, and it asked for another one.");
        }
        let next = self.left.next();
        self.at_its_end = next.is_none();
        let pauses = next.map_or(0, |(pauses, _)| pauses);
        let number = next.map(|(_, number)| number);
        spy(&self.run, "number", pending_times(pauses, number))
    }
}

/// So many ones, all there at once.
struct Many(u32);

impl Source for Many {
    type Next = Ready<Option<u32>>;

    fn next(&mut self) -> Self::Next {
        let left = self.0.checked_sub(1);
        self.0 = left.unwrap_or(0);
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
