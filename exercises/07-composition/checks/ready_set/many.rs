//! Two thousand children, memory, and every short run.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use super::super::subject::ReadySet;
use super::laws::Tested;
use super::runs;
use super::runs::Family;
use super::world::Child;
use futures::StreamExt;
use probe::runs::Search;
use probe::{Recorder, run};
use probe_futures::{gate, poller};
use probe_io::heap;
use probe_model::{alone, alone_at_length, compare};

#[test]
fn two_thousand_children_that_are_woken_one_by_one_take_two_polls_each() {
    alone_at_length(
        || run!(),
        |run| {
            const CHILDREN: usize = 2_000;
            let polls = Arc::new(AtomicUsize::new(0));
            let (mut keys, mut set) = (Vec::new(), ReadySet::new());
            for _ in 0..CHILDREN {
                let (key, mut gate) = gate::<usize>();
                keys.push(key);
                let polls = Arc::clone(&polls);
                set.push(std::future::poll_fn(move |context| {
                    polls.fetch_add(1, Ordering::Relaxed);
                    Pin::new(&mut gate).poll(context)
                }));
            }
            let a = poller(&Recorder::default(), "A");
            let mut next = || a.lend(|waker| set.poll_next_unpin(&mut Context::from_waker(waker)));
            run.recorder()
                .says("set", "2,000 children, the last of which is ready first");
            if next().is_ready() {
                run.departs("No child was ready, and the set returned an output.");
            }
            for (number, key) in keys.iter().enumerate().rev() {
                key.open(number);
                if next() != Poll::Ready(Some(number)) {
                    run.departs(format!(
                        "Child {number} was woken and is ready, and the poll did not return its output."
                    ));
                }
            }
            if next() != Poll::Ready(None) {
                run.departs(
                    "All 2,000 children have left, and the set did not return `Ready(None)`.",
                );
            }
            let polls = polls.load(Ordering::Relaxed);
            if polls > 2 * CHILDREN {
                run.recorder().says("children", format!("{polls} polls"));
                run.diagnose(
                    "polls-everyone",
                    "The set polled children that were not woken: two polls for each child are enough.",
                );
            }
        },
    );
}

#[test]
fn a_dropped_set_leaves_no_memory_behind() {
    // The model records every lock until it ends, so the memory is measured before it begins and after it has ended.
    let use_them = || {
        let before = heap::in_use();
        drop(alone(|| run!(), |_| (0..SETS).for_each(|_| use_one())));
        (heap::in_use() - before) / SETS
    };
    let _what_is_made_once = use_them();
    let left = use_them();
    if left >= NOTHING {
        let run = run!();
        run.recorder().says(
            "set",
            format!("{SETS} sets were dropped, each with two woken children: {left} bytes of each are left"),
        );
        run.diagnose(
            "never-dropped",
            "Sets whose children had been woken were dropped, and memory of them is still in use. A queue that owns the targets of the \
             children's wakers, which own the queue, is such a cycle.",
        );
    }
}

const SETS: isize = 100;

/// No more than the two counts of an `Arc`. A run of the model leaves a little, however many sets there are.
const NOTHING: isize = 16;

/// Two children are woken after their poll, and are in the queue when the set is dropped.
fn use_one() {
    let mut set = ReadySet::new();
    for _ in 0..2 {
        set.push(std::future::poll_fn(|context| {
            context.waker().wake_by_ref();
            Poll::<()>::Pending
        }));
    }
    let a = poller(&Recorder::default(), "A");
    let polled = a.lend(|waker| set.poll_next_unpin(&mut Context::from_waker(waker)));
    assert!(polled.is_pending());
}

#[test]
fn every_short_run_is_as_expected() {
    let search = || Search::of(&runs::short()).up_to(4).naming(&runs::KNOWN);
    compare(
        search(),
        || run!(),
        Family::<Tested>::new,
        Family::<composition::ReadySet<Child>>::new,
    );
    let search = Search::of(&runs::long())
        .up_to(0)
        .and_random(60, 60, 7_3)
        .naming(&runs::KNOWN);
    compare(
        search,
        || run!(),
        Family::<Tested>::new,
        Family::<composition::ReadySet<Child>>::new,
    );
}
