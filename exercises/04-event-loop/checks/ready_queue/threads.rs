//! Several threads that push while the taker sleeps, takes or closes.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::super::subject::ReadyQueue;
use super::watched::{BUSY, SLEPT, Taker, Watched};
use event_loop::Unparker;
use probe::run;
use probe_model::sync::atomic::AtomicBool;
use probe_model::sync::thread;
use probe_model::{Blame, alone, explore};

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
