//! merge: the items of two streams, by turns.

use std::task::Poll;

use super::subject::merge;
use probe::runs::{Search, compare_two};
use probe::{Recorder, Run, panics, run, snapshot};
use probe_futures::{Poller, poller};

#[path = "merge/runs.rs"]
mod runs;
#[path = "merge/world.rs"]
mod world;

use runs::{ALPHABET, KNOWN, Pair};
use world::{NAMES, Source, World, expect, poll};

/// A merge of two streams without items, and a task. The task's wakes are not recorded: a stream may
/// wake it once or twice.
fn merged(
    run: &Run,
) -> (
    World,
    impl futures::Stream<Item = world::Item> + Unpin,
    Poller,
) {
    let (world, first, second) = World::new(Some(run.recorder()));
    let both = merge(first, second);
    (world, both, poller(&Recorder::default(), "A"))
}

#[test]
fn an_item_of_either_stream_is_yielded_as_soon_as_it_is_there() {
    let run = run!();
    let (world, mut both, a) = merged(&run);
    expect(&run, &world, &a, &mut both, Poll::Pending);
    for (number, due) in [(1, 1), (0, 1), (0, 2), (1, 2)] {
        let before = a.wakes();
        world.has(number, 1);
        refuse_asleep(&run, &a, before, number);
        expect(
            &run,
            &world,
            &a,
            &mut both,
            Poll::Ready(Some((number, due))),
        );
        expect(&run, &world, &a, &mut both, Poll::Pending);
    }
}

#[test]
fn of_two_streams_that_always_have_an_item_each_has_every_second_turn() {
    let run = run!("by_turns");
    let (world, mut both, a) = merged(&run);
    world.has(0, 3);
    world.has(1, 3);
    let mut items = Vec::new();
    for _ in 0..6 {
        match poll(&run, &world, &a, &mut both) {
            Poll::Ready(Some(item)) => items.push(item),
            polled => run.departs(format!(
                "Both streams have items, and the merge returned {}.",
                world::shown(&polled)
            )),
        }
    }
    judge_turns(&run, &items);
    snapshot!(run);
    let (run, quiet) = (run!(), Run::unnamed());
    let (world, mut both, a) = merged(&quiet);
    (0..2).for_each(|number| world.has(number, 500));
    let next = |_| match poll(&quiet, &world, &a, &mut both) {
        Poll::Ready(Some(item)) => item,
        polled => run.departs(format!(
            "Both streams have items, and the merge returned {}.",
            world::shown(&polled)
        )),
    };
    let items: Vec<_> = (0..1_000).map(next).collect();
    judge_turns(&run, &items);
}

#[test]
fn a_stream_whose_turn_it_is_keeps_its_turn_while_it_has_no_item() {
    let run = run!();
    let (world, mut both, a) = merged(&run);
    for _ in 0..3 {
        expect(&run, &world, &a, &mut both, Poll::Pending);
    }
    for due in [1, 2] {
        world.has(1, 1);
        expect(&run, &world, &a, &mut both, Poll::Ready(Some((1, due))));
    }
    world.has(0, 1);
    world.has(1, 1);
    let polled = poll(&run, &world, &a, &mut both);
    if polled == Poll::Ready(Some((1, 3))) {
        run.diagnose(
            "merge-unfair",
            "The last items were both of the second stream, and now both streams have one. The merge yielded a third of the second: it was the turn of the first.",
        );
    }
    expect_turn(&run, &polled, (0, 1));
}

#[test]
fn a_stream_that_has_ended_is_dropped_and_not_polled_again_and_the_other_goes_on() {
    for (gone, before) in [(0, 1), (0, 0), (1, 1), (1, 0)] {
        let shows = (gone, before) == (0, 1);
        let run = match shows {
            true => run!("the_first_ends"),
            _ => run!(),
        };
        let (world, mut both, a) = merged(&run);
        let left = 1 - gone;
        if before > 0 {
            world.has(gone, before);
        }
        world.ends(gone);
        for due in 1..=before {
            expect(&run, &world, &a, &mut both, Poll::Ready(Some((gone, due))));
        }
        refuse_the_end(&run, &poll(&run, &world, &a, &mut both), left);
        let is_kept = !world.is_dropped(gone);
        let before = a.wakes();
        world.has(left, 2);
        refuse_asleep(&run, &a, before, left);
        for due in [1, 2] {
            expect(&run, &world, &a, &mut both, Poll::Ready(Some((left, due))));
        }
        if is_kept {
            refuse_kept(&run, gone);
        }
        expect(&run, &world, &a, &mut both, Poll::Pending);
        world.ends(left);
        expect(&run, &world, &a, &mut both, Poll::Ready(None));
        if !world.is_dropped(left) {
            refuse_kept(&run, left);
        }
        if shows {
            snapshot!(run);
        }
    }
}

#[test]
fn after_its_end_the_merge_returns_none_again() {
    let run = run!();
    let (world, mut both, a) = merged(&run);
    (0..2).for_each(|number| world.ends(number));
    expect(&run, &world, &a, &mut both, Poll::Ready(None));
    for _ in 0..2 {
        let again = panics::expected(|| {
            expect(&Run::unnamed(), &world, &a, &mut both, Poll::Ready(None));
        });
        if let Err(panic) = again
            && !panic.message.contains("Expected: ")
        {
            run.recorder()
                .says("merge", format!("panics: {}", panic.message));
            run.diagnose(
                "panics-at-the-end",
                "The merge had returned `Ready(None)`, was polled again, and panicked. It returns `Ready(None)` in each poll after the end.",
            );
        }
        expect(&run, &world, &a, &mut both, Poll::Ready(None));
    }
}

#[test]
fn a_merge_that_is_pending_sleeps_until_a_stream_wakes_the_task_that_polled_last() {
    for number in [0, 1] {
        let run = run!();
        let (world, mut both, a) = merged(&run);
        let b = poller(run.recorder(), "B");
        expect(&run, &world, &a, &mut both, Poll::Pending);
        expect(&run, &world, &b, &mut both, Poll::Pending);
        if a.wakes() + b.wakes() > 0 {
            run.diagnose(
                "busy-poll",
                "Neither stream had an item, and the merge woke its task. The loop polls it at once, again and again, and never sleeps.",
            );
        }
        world.has(number, 1);
        refuse_asleep(&run, &b, 0, number);
    }
}

#[test]
fn every_short_run_is_as_expected() {
    let yours = || Pair::new(|first: Source, second: Source| merge(first, second));
    let reference = || Pair::new(|first: Source, second: Source| streams::merge(first, second));
    let by_two_tasks = Search::of(&ALPHABET).naming(&KNOWN).up_to(4);
    by_two_tasks
        .and_random(60, 25, 102)
        .compare(&run!(), yours, reference);
    let by_one_task = Search::of(&ALPHABET[..5]).naming(&KNOWN).up_to(5);
    by_one_task.compare(&run!(), yours, reference);
    compare_two(&run!(), &ALPHABET[..3], 5, yours, reference);
}

/// A stream that has returned `Ready(None)` is dropped in the same poll.
#[track_caller]
fn refuse_kept(run: &Run, gone: usize) {
    run.recorder()
        .lacks(NAMES[gone], "was not dropped in the poll that saw its end");
    run.diagnose(
        "ended-stream-kept",
        format!(
            "The {} stream returned `Ready(None)`, and the merge still had it when that poll returned. It holds its socket or its file as long as the merge has it.",
            NAMES[gone]
        ),
    );
}

/// No stream may come twice in a row.
#[track_caller]
fn judge_turns(run: &Run, items: &[world::Item]) {
    let Some(place) = (1..items.len()).find(|place| items[*place].0 == items[place - 1].0) else {
        return;
    };
    let favoured = items[place].0;
    let longest = items[place - 1..]
        .iter()
        .take_while(|item| item.0 == favoured)
        .count();
    run.diagnose(
        "merge-unfair",
        format!(
            "Both streams always had an item. The merge yielded {longest} items of the {} stream one after another, and none of the other meanwhile.",
            NAMES[favoured]
        ),
    );
}

#[track_caller]
fn expect_turn(run: &Run, polled: &Poll<Option<world::Item>>, right: world::Item) {
    let right = Poll::Ready(Some(right));
    if *polled != right {
        run.departs(format!(
            "Expected: {}. The merge returned {}.",
            world::shown(&right),
            world::shown(polled)
        ));
    }
}

#[track_caller]
fn refuse_the_end(run: &Run, polled: &Poll<Option<world::Item>>, left: usize) {
    match polled {
        Poll::Pending => {}
        Poll::Ready(None) => run.diagnose(
            "ends-with-the-first",
            format!("The merge ended, and the {} stream had not.", NAMES[left]),
        ),
        polled => run.departs(format!(
            "Expected: Pending. The merge returned {}.",
            world::shown(polled)
        )),
    }
}

#[track_caller]
fn refuse_asleep(run: &Run, task: &Poller, before: usize, number: usize) {
    if task.wakes() == before {
        run.recorder().lacks(task.name(), "is not woken");
        run.diagnose(
            "never-registered",
            format!(
                "The merge was pending, and then the {} stream had an item. The task was not woken: the last poll of the merge did not poll that stream with its waker.",
                NAMES[number]
            ),
        );
    }
}
