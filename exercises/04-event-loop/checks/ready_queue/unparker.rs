//! What the unparker may do while `push` calls it.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};

use super::super::subject::ReadyQueue;
use super::watched::UNPARKED_UNDER_LOCK;
use event_loop::Unparker;
use probe::run;
use probe_model::{Blame, once};

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
