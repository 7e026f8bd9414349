//! Twenty thousand futures, memory, and every short run.

use std::task::{Context, Poll, Waker};

use super::super::subject::buffered;
use super::runs::{ALPHABET, KNOWN, REFILLED, Runs};
use super::world::{Source, World, shown};
use futures::StreamExt;
use futures::stream;
use probe::runs::{Search, compare_two};
use probe::{Recorder, run};
use probe_futures::poller;
use probe_io::heap;

#[test]
fn twenty_thousand_futures_of_which_five_thousand_are_in_flight_are_polled_twice_each() {
    const ALL: usize = 20_000;
    const LIMIT: usize = 5_000;
    let run = run!();
    let (world, source) = World::new(None);
    world.has(ALL);
    world.ends();
    let mut buffer = buffered(source, LIMIT);
    let a = poller(&Recorder::default(), "A");
    let (mut polls, mut yielded) = (0, 0);
    while yielded < ALL {
        let polled = a.lend(|waker| buffer.poll_next_unpin(&mut Context::from_waker(waker)));
        polls += world.polled().len();
        let due = (yielded + LIMIT).min(ALL);
        if world.taken() < due {
            run.diagnose(
                "places-left-empty",
                format!("The limit is {LIMIT}, the source has more futures, and a poll left {} of the places empty. A poll takes futures until the limit is reached, however many these are.", due - world.taken()),
            );
        }
        match polled {
            Poll::Ready(Some(output)) if output.number == yielded => yielded += 1,
            Poll::Pending if (yielded..world.taken()).any(|number| world.waits(number)) => {
                let taken = world.taken();
                // The newest first.
                (yielded..taken)
                    .rev()
                    .filter(|number| world.waits(*number))
                    .for_each(|number| world.finishes(number));
            }
            polled => run.departs(format!(
                "{yielded} outputs were yielded, and then a poll returned {}.",
                shown(&polled)
            )),
        }
    }
    if polls != 2 * ALL {
        run.departs(format!("{ALL} futures, of which each was woken once, were polled {polls} times. Expected: twice each."));
    }
}

#[test]
fn what_was_yielded_and_what_may_come_take_no_memory() {
    const ALL: usize = 20_000;
    const MANY: usize = 1_000_000;
    let run = run!();
    let before = heap::in_use();
    let buffer = buffered(stream::iter((0..ALL).map(std::future::ready)), MANY);
    let used = heap::in_use() - before;
    if used > 65_536 {
        run.recorder().says("memory", format!("{used} bytes more"));
        run.diagnose(
            "reserves-the-limit",
            format!("`buffered` was called with a limit of {}, and {used} bytes of memory are in use. No future is in flight yet.", MANY),
        );
    }
    drop(buffer);
    let mut buffer = buffered(stream::iter((0..ALL).map(std::future::ready)), 2);
    let mut context = Context::from_waker(Waker::noop());
    let mut yields = |count: usize| {
        (0..count).all(|_| matches!(buffer.poll_next_unpin(&mut context), Poll::Ready(Some(_))))
    };
    if !yields(1_000) {
        run.departs("Futures that are ready at once: a poll yielded no output.");
    }
    let before = heap::in_use();
    if !yields(ALL - 1_000) {
        run.departs("Futures that are ready at once: a poll yielded no output.");
    }
    let used = heap::in_use() - before;
    if used > 8_192 {
        run.recorder().says("memory", format!("{used} bytes more"));
        run.diagnose(
            "never-freed",
            format!("The limit is 2, and 19,000 further outputs were yielded. {used} bytes more of memory are in use: the buffer keeps something of each."),
        );
    }
}

#[test]
fn every_short_run_is_as_expected() {
    let yours = || Runs::new(|source: Source| buffered(source, 2));
    let reference = || Runs::new(|source: Source| streams::buffered(source, 2));
    Search::of(&ALPHABET)
        .naming(&KNOWN)
        .up_to(4)
        .and_random(60, 25, 103)
        .compare(&run!(), yours, reference);
    compare_two(&run!(), &ALPHABET[..3], 4, yours, reference);
}

#[test]
fn places_that_the_source_left_empty_are_filled_in_one_poll() {
    let yours = || Runs::empty(|source: Source| buffered(source, 3));
    let reference = || Runs::empty(|source: Source| streams::buffered(source, 3));
    Search::of(&REFILLED)
        .naming(&KNOWN)
        .up_to(3)
        .and_random(150, 30, 104)
        .compare(&run!(), yours, reference);
}
