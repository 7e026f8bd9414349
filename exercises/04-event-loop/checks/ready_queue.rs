//! ready-queue: entries in order, from any thread; and whether the taker sleeps.

#[path = "ready_queue/watched.rs"]
mod watched;

use std::collections::VecDeque;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use super::subject::ReadyQueue;
use event_loop::Unparker;
use probe::{run, snapshot};
use probe_loop::queue::{self, Plain, QueueMachine};
use probe_model::sync::atomic::AtomicBool;
use probe_model::sync::thread;
use probe_model::{Blame, alone, alone_at_length, compare, explore, once};
use watched::{BUSY, SLEPT, Taker, UNPARKED_UNDER_LOCK, Watched};

#[test]
fn a_batch_holds_every_entry_oldest_first() {
    let run = alone(
        || run!("oldest_first"),
        |run| {
            let watched = Watched::whose_unparker(run, || ());
            for entry in [1, 2, 3] {
                watched.push(entry);
            }
            let batch = watched.take();
            match batch[..] {
                [1, 2, 3] => {}
                [3, 2, 1] => run.diagnose(
                    "lifo-starvation",
                    "1, 2 and 3 were pushed, and 3 came out first. In this order a task that wakes itself runs before all others, \
                     and the oldest entry never gets a turn.",
                ),
                [_] => run.departs("Three entries were pushed, and the batch has one. A batch is everything that is in the queue."),
                [] => run.departs("Three entries were pushed, and the batch is empty."),
                _ => run.departs(format!("1, 2 and 3 were pushed in this order, and the batch is {batch:?}.")),
            }
            let again = watched.take();
            if !again.is_empty() {
                run.departs(format!(
                    "All entries had been taken, and a second batch has {again:?} in it."
                ));
            }
        },
    );
    snapshot!(run);
}

#[test]
fn take_batch_appends_to_the_vector_it_is_given() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            watched.push(2);
            let mut batch = vec![1];
            watched.take_into(&mut batch);
            match batch[..] {
                [1, 2] => {}
                [2] => run.diagnose(
                    "batch-overwritten",
                    "The vector had 1 in it, and after `take_batch` the 1 is gone. The batch belongs behind what the vector holds.",
                ),
                [1] => run.departs("The vector had 1 in it, 2 was in the queue, and `take_batch` did not append the 2."),
                _ => run.departs(format!("The vector had 1 in it, 2 was in the queue, and after `take_batch` the vector is {batch:?}.")),
            }
            let left = watched.take();
            if !left.is_empty() {
                run.diagnose(
                    "batch-overwritten",
                    format!(
                        "{left:?} came out of the queue, and was never pushed: it was in the vector that the batch was taken into. Your \
                         code swaps the two vectors although one is not empty."
                    ),
                );
            }
        },
    );
}

#[test]
fn is_empty_is_true_exactly_while_no_entry_is_in_the_queue() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            let mut seen = vec![watched.queue.is_empty()];
            watched.push(1);
            seen.push(watched.queue.is_empty());
            watched.push(2);
            watched.take();
            seen.push(watched.queue.is_empty());
            watched.push(3);
            seen.push(watched.queue.is_empty());
            watched.close();
            seen.push(watched.queue.is_empty());
            if seen != [true, false, true, false, true] {
                run.departs(format!(
                    "`is_empty` returned {seen:?} for: a new queue, after a push, after a batch was taken, after a push, after \
                     `close`. Expected: [true, false, true, false, true]."
                ));
            }
        },
    );
}

#[test]
fn a_push_does_not_call_the_unparker_while_the_taker_is_awake() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            watched.push(1);
            watched.push(2);
            watched.refuse_rings(
                run,
                0,
                "The taker is awake: it has never called `fall_asleep`.",
            );
        },
    );
}

#[test]
fn a_push_calls_the_unparker_if_the_taker_sleeps() {
    let run = alone(
        || run!("the_sleep_ends"),
        |run| {
            let watched = Watched::new(run);
            watched.must_fall_asleep(run);
            watched.push(1);
            watched.must_have_rung(run);
            watched.wake_up();
            watched.take();
            watched.must_fall_asleep(run);
            watched.push(2);
            watched.refuse_rings(
                run,
                2,
                "The taker fell asleep twice, and one entry was pushed each time.",
            );
            if watched.rings() < 2 {
                run.departs(
                    "The taker fell asleep twice, and only the first push called the unparker.",
                );
            }
        },
    );
    snapshot!(run);
}

#[test]
fn of_several_pushes_only_the_first_calls_the_unparker() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            watched.must_fall_asleep(run);
            for entry in [1, 2, 3] {
                watched.push(entry);
                watched.must_have_rung(run);
            }
            watched.refuse_rings(
                run,
                1,
                "The first push ended the sleep. From then on the taker counts as awake.",
            );
        },
    );
}

#[test]
fn the_taker_may_not_sleep_while_an_entry_is_in_the_queue() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            watched.push(1);
            if watched.fall_asleep() {
                run.diagnose(
                    "slept-with-work",
                    "1 was in the queue, and `fall_asleep` returned true. No push is left that would wake the taker for it.",
                );
            }
            watched.push(2);
            watched.refuse_rings(
                run,
                0,
                "`fall_asleep` had returned false, so the taker is awake. Your code noted it as asleep.",
            );
            watched.take();
            watched.must_fall_asleep(run);
        },
    );
}

#[test]
fn after_wake_up_the_taker_counts_as_awake() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            watched.must_fall_asleep(run);
            watched.wake_up();
            watched.push(1);
            watched.refuse_rings(
                run,
                0,
                "The taker had called `wake_up` before the entry was pushed.",
            );
        },
    );
}

#[test]
fn a_closed_queue_returns_each_entry_that_is_pushed() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            watched.push(1);
            watched.push(2);
            let left = watched.close();
            if left != [1, 2] {
                run.departs(format!(
                    "1 and 2 were in the queue, and `close` returned {left:?}."
                ));
            }
            if watched.try_push(3).is_ok() {
                run.diagnose(
                    "taken-when-closed",
                    "The queue was closed, and `push` accepted an entry. No taker will ever take it out.",
                );
            }
            watched.wake_up();
            if watched.try_push(4).is_ok() {
                run.diagnose(
                    "taken-when-closed",
                    "The queue was closed, the taker called `wake_up`, and `push` accepted an entry: the call opened the queue again.",
                );
            }
            if watched.fall_asleep() {
                run.diagnose(
                    "sleeps-when-closed",
                    "The queue is closed, and `fall_asleep` returned true. No entry can end that sleep.",
                );
            }
            if watched.try_push(5).is_ok() {
                run.diagnose(
                    "taken-when-closed",
                    "The queue was closed, the taker called `fall_asleep`, and `push` accepted an entry: the call opened the queue again.",
                );
            }
            let again = (watched.take(), watched.close());
            if again != (vec![], vec![]) {
                run.departs(format!(
                    "The queue is closed and empty, and `take_batch` and a second `close` returned {again:?}."
                ));
            }
            if watched.try_push(6).is_ok() {
                run.diagnose(
                    "taken-when-closed",
                    "The queue was closed twice, and `push` accepted an entry: the second `close` opened the queue again.",
                );
            }
            watched.refuse_rings(run, 0, "The taker was awake.");
        },
    );
}

#[test]
fn a_queue_closed_during_a_sleep_refuses_entries_and_does_not_call_the_unparker() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            watched.must_fall_asleep(run);
            watched.close();
            if watched.try_push(1).is_ok() {
                run.diagnose(
                    "taken-when-closed",
                    "The queue was closed while the taker slept, and then `push` accepted an entry.",
                );
            }
            watched.refuse_rings(
                run,
                0,
                "The queue is closed: neither `close` nor a refused push ends a sleep.",
            );
        },
    );
}

#[test]
fn a_woken_taker_may_sleep_again_before_the_push_returns() {
    once(
        || run!(),
        UNPARKED_UNDER_LOCK,
        Blame::BUSY,
        |run| {
            let place: Arc<OnceLock<Arc<ReadyQueue<u32>>>> = Arc::default();
            let calls: Arc<AtomicUsize> = Arc::default();
            let (inside, count, watched) = (Arc::clone(&place), Arc::clone(&calls), run.clone());
            // The taker's thread may do all this as soon as it is unparked, so the unparker does it.
            let queue = Arc::new(ReadyQueue::new(Unparker::new(move || {
                let recorder = watched.recorder();
                recorder.says("unparker", "is called");
                if count.fetch_add(1, Relaxed) > 0 {
                    return;
                }
                let queue = inside.get().expect("there is a queue");
                let mut batch = Vec::new();
                queue.wake_up();
                queue.take_batch(&mut batch);
                recorder.says("taker", format!("wakes up, and takes {batch:?}"));
                let call = recorder.enters("taker", "fall_asleep");
                let sleeps = queue.fall_asleep();
                call.returns(sleeps.to_string());
                if !sleeps {
                    watched.departs("The taker had taken every entry, and `fall_asleep` returned false: a loop would spin.");
                }
            })));
            let _ = place.set(Arc::clone(&queue));
            let call = run.recorder().enters("taker", "fall_asleep");
            call.returns(queue.fall_asleep().to_string());
            for entry in [1, 2] {
                let call = run
                    .recorder()
                    .enters("other thread", format!("push({entry})"));
                let _ = queue.push(entry);
                call.returns("in");
            }
            match calls.load(Relaxed) {
                2 => {}
                1 if !queue.is_empty() => run.diagnose(
                    "slept-with-work",
                    "The push of 1 called the unparker. Before that push returned, the taker woke up, took 1 and fell asleep again. Then \
                     2 was pushed, and the unparker was not called. `push` has to mark the taker awake in the same step that adds \
                     the entry: after the unparker's call the taker may be asleep again.",
                ),
                0 => run.diagnose(
                    "deaf-to-threads",
                    "`fall_asleep` returned true, an entry was pushed, and `push` did not call the unparker. The loop sleeps on.",
                ),
                calls => run.departs(format!(
                    "The taker fell asleep twice, and one entry was pushed each time. The unparker was called {calls} times."
                )),
            }
        },
    );
}

#[test]
fn the_unparker_may_call_the_queue() {
    once(
        || run!(),
        UNPARKED_UNDER_LOCK,
        Blame::BUSY,
        |run| {
            let place: Arc<OnceLock<Arc<ReadyQueue<u32>>>> = Arc::default();
            let (inside, watched) = (Arc::clone(&place), run.clone());
            let calls = AtomicUsize::new(0);
            let queue = Arc::new(ReadyQueue::new(Unparker::new(move || {
                let (queue, recorder) =
                    (inside.get().expect("there is a queue"), watched.recorder());
                if calls.fetch_add(1, Relaxed) > 0 {
                    recorder.says("unparker", "is called");
                    watched.diagnose(
                        "unparks-the-awake",
                        "The unparker pushed an entry, and that push called the unparker again, from inside itself. The first call has \
                         ended the sleep; from then on the taker counts as awake.",
                    );
                }
                let call = recorder.enters("unparker", "is called: is_empty(), push(2), wake_up()");
                let empty = queue.is_empty();
                let _ = queue.push(2);
                queue.wake_up();
                call.returns(if empty {
                    "it was empty"
                } else {
                    "it was not empty"
                });
            })));
            let _ = place.set(Arc::clone(&queue));
            if !queue.fall_asleep() {
                run.departs("The queue is empty, and `fall_asleep` returned false.");
            }
            let call = run.recorder().enters("queue", "push(1)");
            let _ = queue.push(1);
            call.returns("in");
            let mut batch = Vec::new();
            queue.take_batch(&mut batch);
            match batch[..] {
                [1, 2] => {}
                [2, 1] | [2] => run.diagnose(
                    "slept-with-work",
                    "`push(1)` called the unparker before 1 was in the queue. A taker that wakes up then finds nothing, and falls asleep \
                     with 1 about to be added.",
                ),
                _ => run.departs(format!("1 was pushed, the unparker pushed 2, and the batch is {batch:?}.")),
            }
        },
    );
}

#[test]
fn the_taker_never_sleeps_beside_an_entry_whenever_it_is_pushed() {
    explore(
        || run!(),
        SLEPT,
        BUSY,
        |run| {
            let taker = Taker::new();
            let (queue, recorder) = (Arc::clone(&taker.queue), run.recorder().clone());
            let other_run = run.clone();
            let other = thread::spawn(move || {
                for entry in [1, 2] {
                    let call = recorder.enters("other thread", format!("push({entry})"));
                    let pushed = queue.push(entry);
                    call.returns(if pushed.is_ok() { "in" } else { "refused" });
                    if pushed.is_err() {
                        other_run.departs("The queue is open, and `push` returned the entry.");
                    }
                }
            });
            let taken = taker.take(run, 2);
            if taken != [1, 2] {
                run.departs(format!(
                    "One thread pushed 1 and then 2, and the taker took {taken:?}."
                ));
            }
            other.join().expect("a push does not panic");
        },
    );
}

#[test]
fn entries_of_several_threads_each_come_out_once_in_the_order_of_their_thread() {
    explore(
        || run!(),
        SLEPT,
        BUSY,
        |run| {
            let taker = Taker::new();
            let threads = [1, 2, 3].map(|thread| {
                let queue = Arc::clone(&taker.queue);
                thread::spawn(move || {
                    for entry in [10 * thread, 10 * thread + 1] {
                        let _ = queue.push(entry);
                    }
                })
            });
            let taken = taker.take(run, 6);
            for thread in threads {
                thread.join().expect("a push does not panic");
            }
            for thread in [1, 2, 3] {
                let own: Vec<u32> = taken
                    .iter()
                    .copied()
                    .filter(|entry| entry / 10 == thread)
                    .collect();
                if own != [10 * thread, 10 * thread + 1] {
                    run.departs(format!(
                        "A thread pushed {} and then {}, and of these two the taker took {own:?}.",
                        10 * thread,
                        10 * thread + 1
                    ));
                }
            }
        },
    );
}

#[test]
fn entries_of_the_takers_thread_and_of_another_come_out_in_the_order_of_the_pushes() {
    alone(
        || run!(),
        |run| {
            let queue = Arc::new(ReadyQueue::new(Unparker::new(|| ())));
            let recorder = run.recorder();
            for entry in [1, 2, 3, 4] {
                let from_the_taker = entry % 2 == 1;
                let by = if from_the_taker { "taker" } else { "another" };
                recorder.says(by, format!("push({entry})"));
                if from_the_taker {
                    let _ = queue.push(entry);
                } else {
                    let queue = Arc::clone(&queue);
                    let push = thread::spawn(move || queue.push(entry));
                    let _ = push.join().expect("a push does not panic");
                }
            }
            let call = recorder.enters("taker", "take_batch");
            let mut batch = Vec::new();
            queue.take_batch(&mut batch);
            call.returns(format!("{batch:?}"));
            if matches!(batch[..], [1, 3, 2, 4] | [2, 4, 1, 3]) {
                run.diagnose(
                    "threads-overtake",
                    format!(
                        "The taker's thread pushed 1, another thread pushed 2, the taker's thread 3, the other thread 4, each after the \
                         push before it had returned. The batch is {batch:?}: the entries of one thread overtake those of the other."
                    ),
                );
            }
            if batch != [1, 2, 3, 4] {
                run.departs(format!(
                    "The taker's thread and another thread pushed 1, 2, 3 and 4 in turn, and the batch is {batch:?}."
                ));
            }
        },
    );
}

#[test]
fn pushes_from_several_threads_call_the_unparker_once() {
    explore(
        || run!(),
        Blame::ASLEEP,
        Blame::BUSY,
        |run| {
            let watched = Arc::new(Watched::new(run));
            watched.must_fall_asleep(run);
            let others = [1, 2, 3].map(|entry| {
                let (watched, recorder) = (Arc::clone(&watched), run.recorder().clone());
                thread::spawn(move || {
                    let call =
                        recorder.enters(&format!("thread {entry}"), format!("push({entry})"));
                    let _ = watched.queue.push(entry);
                    call.returns("in");
                })
            });
            for other in others {
                other.join().expect("a push does not panic");
            }
            watched.refuse_rings(
                run,
                1,
                "Three threads pushed at the same time, and one of these pushes ends the sleep. To read whether the taker sleeps and \
                 to mark it awake must be one step.",
            );
            watched.must_have_rung(run);
        },
    );
}

#[test]
fn an_entry_pushed_during_close_is_returned_by_close_or_by_push() {
    explore(
        || run!(),
        Blame::ASLEEP,
        Blame::BUSY,
        |run| {
            let queue = Arc::new(ReadyQueue::new(Unparker::new(|| ())));
            let (other, recorder) = (Arc::clone(&queue), run.recorder().clone());
            let other = thread::spawn(move || {
                let call = recorder.enters("other thread", "push(1)");
                let taken = other.push(1).is_ok();
                call.returns(if taken { "in" } else { "refused" });
                taken
            });
            let call = run.recorder().enters("taker", "close()");
            let left = queue.close();
            call.returns(format!("{left:?}"));
            let taken = other.join().expect("a push does not panic");
            match (taken, left.len()) {
                (true, 1) | (false, 0) => {}
                (true, _) => run.diagnose(
                    "lost-at-the-close",
                    "`push(1)` returned Ok, and `close` did not return the 1: it stays in a closed queue. To read whether the queue is open \
                     and to add the entry were two steps.",
                ),
                (false, _) => run.departs("`push(1)` returned the entry, and `close` returned it as well."),
            }
        },
    );
}

#[test]
fn take_batch_returns_while_other_threads_keep_pushing() {
    let endless = Blame {
        mistake: Some("batch-never-ends"),
        sentence: "Three threads kept pushing during `take_batch`, and it did not return. An entry pushed after it has begun belongs to \
                   the next batch.",
    };
    explore(
        || run!(),
        Blame::ASLEEP,
        endless,
        |run| {
            let queue = Arc::new(ReadyQueue::new(Unparker::new(|| ())));
            let _ = queue.push(0);
            let done = Arc::new(AtomicBool::new(false));
            let others = ["one", "another", "a third"].map(|name| {
                let (queue, done, recorder) = (
                    Arc::clone(&queue),
                    Arc::clone(&done),
                    run.recorder().clone(),
                );
                thread::spawn(move || {
                    recorder.says(name, "keeps pushing");
                    while !done.load(Relaxed) {
                        let _ = queue.push(1);
                        thread::yield_now();
                    }
                })
            });
            let call = run.recorder().enters("taker", "take_batch");
            let mut batch = Vec::new();
            queue.take_batch(&mut batch);
            done.store(true, Relaxed);
            call.returns("done");
            for other in others {
                other.join().expect("a push does not panic");
            }
            if batch.first() != Some(&0) {
                run.departs(format!(
                    "0 was pushed before all other entries, and the batch is {batch:?}."
                ));
            }
        },
    );
}

#[test]
fn every_short_run_is_as_expected() {
    type Yours = QueueMachine<ReadyQueue<queue::Entry>>;
    type Reference = QueueMachine<Plain<queue::Entry>>;
    compare(queue::search(), || run!(), Yours::new, Reference::new);
}

#[test]
fn the_queue_holds_seventy_thousand_entries_and_one_batch_takes_them_all() {
    const ENTRIES: u32 = 70_000;
    alone_at_length(
        || run!(),
        |run| {
            let queue = ReadyQueue::new(Unparker::new(|| ()));
            let pushes = run
                .recorder()
                .enters("queue", format!("push, {ENTRIES} times"));
            for entry in 0..ENTRIES {
                match probe_model::expected(|| queue.push(entry)) {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => run.diagnose(
                        "refused-when-full",
                        format!("{entry} entries were in the open queue, and `push` returned the next one. An error means that the queue is closed."),
                    ),
                    Err(panic) if panic.message.contains("overflow") => {
                        run.departs(format!("{entry} entries were in the queue, and `push` panicked: {}.", panic.message))
                    }
                    Err(panic) => run.diagnose(
                        "refused-when-full",
                        format!("{entry} entries were in the open queue, and `push` panicked: {}. The queue has no bound.", panic.message),
                    ),
                }
            }
            pushes.returns("in");
            let call = run.recorder().enters("queue", "take_batch");
            let mut batch = Vec::new();
            queue.take_batch(&mut batch);
            call.returns(format!("{} entries", batch.len()));
            if let Some(place) = (0..)
                .zip(&batch)
                .position(|(expected, entry)| expected != *entry)
            {
                run.departs(format!("The entries were pushed in ascending order, and after {place} of the batch comes {}.", batch[place]));
            }
            if batch.len() != ENTRIES as usize {
                run.diagnose(
                    "batch-cut-short",
                    format!("{ENTRIES} entries were in the queue, and the batch has {} of them. A batch takes every entry that is there when `take_batch` begins.", batch.len()),
                );
            }
        },
    );
}

#[test]
fn a_long_batch_is_taken_in_the_time_that_copying_it_takes() {
    alone_at_length(
        || run!(),
        |run| {
            const LONG: usize = 12_000;
            let round = || {
                let queue = ReadyQueue::new(Unparker::new(|| ()));
                let mut plain = VecDeque::new();
                for entry in 0..LONG {
                    let _refused = queue.push([entry; 8]);
                    plain.push_back([entry; 8]);
                }
                let (mut batch, mut copied) = (Vec::new(), Vec::new());
                let start = Instant::now();
                queue.take_batch(&mut batch);
                let took = start.elapsed();
                let start = Instant::now();
                copied.extend(plain.drain(..));
                (took, start.elapsed())
            };
            let rounds = [(); 3].map(|()| round());
            // A crowded machine makes a round longer. All of them have to be too long.
            let least = rounds.iter().map(|round| round.0).min().unwrap_or_default();
            let copied = rounds.iter().map(|round| round.1).max().unwrap_or_default();
            if least > 100 * copied {
                run.recorder().says(
                    "queue",
                    format!("take_batch of {LONG} entries, three times"),
                );
                run.diagnose(
                    "quadratic-time",
                    format!(
                        "{LONG} entries were in the queue, and `take_batch` took at least {} times as long as copying so many entries takes, \
                         each of three times: each entry that leaves the queue moves all that are behind it.",
                        least.as_nanos() / copied.as_nanos().max(1)
                    ),
                );
            }
        },
    );
}

#[test]
fn the_sleep_ends_three_hundred_times() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::whose_unparker(&probe::run!(), || ());
            for sleep in 1..=300 {
                let may_sleep = watched.fall_asleep();
                watched.push(sleep);
                let calls = watched.rings();
                watched.wake_up();
                let batch = watched.take();
                if (may_sleep, calls, &batch[..]) != (true, sleep as usize, &[sleep]) {
                    run.departs(format!(
                        "The taker fell asleep {sleep} times, and each time an entry was pushed and taken. The last time `fall_asleep` \
                         returned {may_sleep}, the unparker has been called {calls} times, and the batch was {batch:?}."
                    ));
                }
            }
        },
    );
}
