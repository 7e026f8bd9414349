//! ready-queue: what is ready, in order, from any thread; and whether the one who takes it sleeps.

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::subject::ReadyQueue;
use event_loop::Unparker;
use probe::{Run, run, snapshot};
use probe_model::sync::atomic::AtomicBool;
use probe_model::sync::thread;
use probe_model::{Blame, alone, explore, once};

#[test]
fn what_was_put_in_comes_out_oldest_first() {
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
                    "What came last came out first. A task that wakes itself would always be ahead of the others, and the oldest would \
                     wait for ever.",
                ),
                [_] => run.departs("Three were ready, and the batch is one. It is everything that is there."),
                [] => run.departs("Three were put in, and the batch is empty."),
                _ => run.departs(format!("1, 2 and 3 were put in, in this order, and {batch:?} came out.")),
            }
            let again = watched.take();
            if !again.is_empty() {
                run.departs(format!(
                    "They were taken, and a second batch has {again:?} in it."
                ));
            }
        },
    );
    snapshot!(run);
}

#[test]
fn a_batch_goes_to_the_end_of_what_is_there() {
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
                    "The vector had 1 in it, and that is gone: the batch was put in its place, and not at its end.",
                ),
                [1] => run.departs("There was something in the vector already, and nothing was added."),
                _ => run.departs(format!("1 was there, 2 was taken: that is {batch:?} now.")),
            }
            let left = watched.take();
            if !left.is_empty() {
                run.diagnose(
                    "batch-overwritten",
                    format!(
                        "{left:?} came out of the queue, and never went in: it was in the vector that the batch was taken into. The two \
                         were exchanged."
                    ),
                );
            }
        },
    );
}

#[test]
fn it_says_whether_it_is_empty() {
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
                    "Nothing in it, one in it, all taken, one in it, closed: `is_empty` said {seen:?}."
                ));
            }
        },
    );
}

#[test]
fn while_the_taker_is_awake_the_unparker_is_not_called() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            watched.push(1);
            watched.push(2);
            watched.refuse_rings(
                run,
                0,
                "Nobody sleeps: the taker has not said that it does.",
            );
        },
    );
}

#[test]
fn an_entry_ends_the_sleep() {
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
                "The taker slept twice, and twice there was an entry.",
            );
            if watched.rings() < 2 {
                run.departs("The first sleep was ended by an entry, and the second was not.");
            }
        },
    );
    snapshot!(run);
}

#[test]
fn of_several_entries_the_first_ends_the_sleep() {
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
                "The first entry has ended the sleep: from then on the taker counts as awake.",
            );
        },
    );
}

#[test]
fn nobody_falls_asleep_while_there_is_something_to_take() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            watched.push(1);
            if watched.fall_asleep() {
                run.diagnose(
                    "slept-with-work",
                    "There was something to take, and the taker was told to sleep. Nobody will wake it for that.",
                );
            }
            watched.push(2);
            watched.refuse_rings(
                run,
                0,
                "The taker was told that it may not sleep, so it is awake. What notes that it sleeps was noted all the same.",
            );
            watched.take();
            watched.must_fall_asleep(run);
        },
    );
}

#[test]
fn whoever_gets_up_by_themselves_counts_as_awake() {
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
                "The taker had got up before the entry came, and had said so.",
            );
        },
    );
}

#[test]
fn a_closed_queue_gives_back_what_comes() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            watched.push(1);
            watched.push(2);
            let left = watched.close();
            if left != [1, 2] {
                run.departs(format!(
                    "1 and 2 were in it when it was closed, and {left:?} came back."
                ));
            }
            if watched.try_push(3).is_ok() {
                run.diagnose(
                    "taken-when-closed",
                    "The queue was closed, and it took an entry. Nobody will take it out, so whoever sent it waits for ever.",
                );
            }
            watched.wake_up();
            if watched.try_push(4).is_ok() {
                run.diagnose(
                    "taken-when-closed",
                    "The queue was closed. Then the taker said that it is awake, and the queue is open again.",
                );
            }
            if watched.fall_asleep() {
                run.departs("The queue is closed: no entry will ever end a sleep, and the taker was told to sleep.");
            }
            if watched.try_push(5).is_ok() {
                run.diagnose(
                    "taken-when-closed",
                    "The queue was closed. Then the taker asked whether it may sleep, and the queue is open again.",
                );
            }
            let again = (watched.take(), watched.close());
            if again != (vec![], vec![]) {
                run.departs(format!(
                    "It is closed and empty, and yet this came out: {again:?}."
                ));
            }
            watched.refuse_rings(run, 0, "Nobody slept.");
        },
    );
}

#[test]
fn a_queue_that_is_closed_while_its_taker_sleeps_is_closed() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            watched.must_fall_asleep(run);
            watched.close();
            if watched.try_push(1).is_ok() {
                run.diagnose(
                    "taken-when-closed",
                    "The taker slept when the queue was closed, and then the queue took an entry.",
                );
            }
            watched.refuse_rings(
                run,
                0,
                "The entry was refused, and somebody was woken for it.",
            );
        },
    );
}

#[test]
fn a_taker_that_was_woken_may_sleep_again_before_the_push_returns() {
    once(
        || run!(),
        UNPARKED_UNDER_LOCK,
        Blame::BUSY,
        |run| {
            let place: Arc<OnceLock<Arc<ReadyQueue<u32>>>> = Arc::default();
            let calls: Arc<AtomicUsize> = Arc::default();
            let (inside, count, watched) = (Arc::clone(&place), Arc::clone(&calls), run.clone());
            // What the taker's thread may do from this moment on, it does at once.
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
                recorder.says("taker", format!("gets up, and takes {batch:?}"));
                let call = recorder.enters("taker", "fall_asleep");
                let sleeps = queue.fall_asleep();
                call.returns(sleeps.to_string());
                if !sleeps {
                    watched.departs("The taker has taken everything, and was told not to sleep: it would go round and round.");
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
                    "The push of 1 ended the sleep. While it was still under way the taker got up, took what was there, and fell asleep \
                     once more; and after that, 2 was put in and the unparker was not called. What push notes about the taker belongs in \
                     the step that puts the entry in: after the unparker's call the taker may be asleep again.",
                ),
                0 => run.diagnose(
                    "deaf-to-threads",
                    "The taker sleeps, an entry was put in, and the unparker was not called. It sleeps on, beside what it waits for.",
                ),
                calls => run.departs(format!(
                    "The taker slept twice, and twice an entry came. The unparker was called this often: {calls}."
                )),
            }
        },
    );
}

#[test]
fn the_unparker_may_come_back_in() {
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
                        "The unparker put an entry in, and for that it was called once more, from inside of itself: that would have no end. \
                         The first call has ended the sleep, and from then on the taker counts as awake.",
                    );
                }
                let call =
                    recorder.enters("unparker", "looks whether the queue is empty, and adds 2");
                let empty = queue.is_empty();
                let _ = queue.push(2);
                queue.wake_up();
                call.returns(if empty { "it is" } else { "it is not" });
            })));
            let _ = place.set(Arc::clone(&queue));
            if !queue.fall_asleep() {
                run.departs("The queue is empty, and the taker was told not to sleep.");
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
                    "The unparker was called, and 1 was not in the queue yet. Whoever gets up then finds nothing, and falls asleep again \
                     beside it.",
                ),
                _ => run.departs(format!("1 ended the sleep, 2 came from inside the unparker, and {batch:?} came out.")),
            }
        },
    );
}

#[test]
fn an_entry_at_any_moment_is_not_slept_through() {
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
                        other_run.departs("The queue is open, and it gave the entry back.");
                    }
                }
            });
            let taken = taker.take(run, 2);
            if taken != [1, 2] {
                run.departs(format!(
                    "One thread put in 1 and then 2, and {taken:?} came out."
                ));
            }
            other.join().expect("a push does not panic");
        },
    );
}

#[test]
fn what_comes_from_several_threads_comes_once_and_in_each_ones_order() {
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
                        "A thread put in {} and {}, and of these came out: {own:?}.",
                        10 * thread,
                        10 * thread + 1
                    ));
                }
            }
        },
    );
}

#[test]
fn entries_from_several_threads_end_the_sleep_once() {
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
                "The entries came from several threads at the same time, and one of them ends the sleep. Whether the taker sleeps, and \
                 that it counts as awake from then on, are one step.",
            );
            watched.must_have_rung(run);
        },
    );
}

#[test]
fn an_entry_that_meets_the_closing_does_not_disappear() {
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
                    "An entry was accepted, and it was not among those that came back when the queue was closed. It lies in a queue that \
                     nobody looks into: whether it is open, and the putting in, were two steps.",
                ),
                (false, _) => run.departs("An entry was refused, and it was taken all the same."),
            }
        },
    );
}

#[test]
fn a_batch_ends_even_if_others_never_stop_putting_in() {
    let endless = Blame {
        mistake: Some("batch-never-ends"),
        sentence: "Others put in one entry after the other while a batch was taken, and the taking did not come to an end. What comes in \
                   from then on is for the next batch.",
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
                    recorder.says(name, "begins to push, and does not stop");
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
                    "0 was in the queue before anything else, and the batch is {batch:?}."
                ));
            }
        },
    );
}

const UNPARKED_UNDER_LOCK: Blame<'static> = Blame {
    mistake: Some("unparks-under-lock"),
    sentence: "The unparker came back into the queue, and there waits for a lock which the push that called it still holds; the model ends \
               such a wait with a panic. An unparker is somebody else's code: nobody knows what it needs.",
};

const SLEPT: Blame<'static> = Blame {
    mistake: Some("slept-with-work"),
    sentence: "An entry was put in, and the taker sleeps beside it. Something came between two steps that must be one. For the taker these \
               are to see that there is nothing, and to note that it sleeps; for whoever puts something in, to put it in, and to look at \
               that note.",
};

const BUSY: Blame<'static> = Blame {
    mistake: None,
    sentence: "The taker goes round and round: it is told not to sleep, and gets nothing.",
};

/// A queue of which one thread does everything, and which is recorded.
struct Watched {
    queue: ReadyQueue<u32>,
    rings: Arc<AtomicUsize>,
    run: Run,
}

impl Watched {
    fn new(run: &Run) -> Watched {
        let recorder = run.recorder().clone();
        Watched::whose_unparker(run, move || recorder.says("unparker", "is called"))
    }

    fn whose_unparker(run: &Run, step: impl Fn() + Send + Sync + 'static) -> Watched {
        let rings: Arc<AtomicUsize> = Arc::default();
        let count = Arc::clone(&rings);
        let unparker = Unparker::new(move || {
            count.fetch_add(1, Relaxed);
            step();
        });
        Watched {
            queue: ReadyQueue::new(unparker),
            rings,
            run: run.clone(),
        }
    }

    fn try_push(&self, entry: u32) -> Result<(), u32> {
        let call = self
            .run
            .recorder()
            .enters("queue", format!("push({entry})"));
        let pushed = self.queue.push(entry);
        call.returns(match pushed {
            Ok(()) => "in".to_owned(),
            Err(entry) => format!("{entry} is refused"),
        });
        if let Err(back) = pushed
            && back != entry
        {
            self.run
                .departs(format!("{entry} was refused, and {back} came back."));
        }
        pushed
    }

    #[track_caller]
    fn push(&self, entry: u32) {
        if self.try_push(entry).is_err() {
            self.run
                .departs("The queue is open, and it gave the entry back.");
        }
    }

    fn take(&self) -> Vec<u32> {
        let mut batch = Vec::new();
        self.take_into(&mut batch);
        batch
    }

    fn take_into(&self, batch: &mut Vec<u32>) {
        let call = self.run.recorder().enters("queue", "take_batch");
        self.queue.take_batch(batch);
        call.returns(format!("{batch:?}"));
    }

    fn fall_asleep(&self) -> bool {
        let call = self.run.recorder().enters("queue", "fall_asleep");
        let sleeps = self.queue.fall_asleep();
        call.returns(sleeps.to_string());
        sleeps
    }

    fn wake_up(&self) {
        let call = self.run.recorder().enters("queue", "wake_up");
        self.queue.wake_up();
        call.returns("done");
    }

    fn close(&self) -> Vec<u32> {
        let call = self.run.recorder().enters("queue", "close");
        let left = self.queue.close();
        call.returns(format!("{left:?}"));
        left
    }

    fn rings(&self) -> usize {
        self.rings.load(Relaxed)
    }

    #[track_caller]
    fn must_fall_asleep(&self, run: &Run) {
        if !self.fall_asleep() {
            run.departs("There is nothing to take, and the taker was told not to sleep: it would go round and round.");
        }
    }

    #[track_caller]
    fn must_have_rung(&self, run: &Run) {
        if self.rings() == 0 {
            run.diagnose(
                "deaf-to-threads",
                "The taker sleeps, an entry was put in, and the unparker was not called. It sleeps on, beside what it waits for.",
            );
        }
    }

    #[track_caller]
    fn refuse_rings(&self, run: &Run, at_most: usize, why: &str) {
        if self.rings() > at_most {
            let times = match at_most {
                0 => "The unparker was called.".to_owned(),
                _ => format!("The unparker was called {} times.", self.rings()),
            };
            run.diagnose(
                "unparks-the-awake",
                format!("{times} {why} To end a sleep takes a call into the system, and most wakes come while nobody sleeps."),
            );
        }
    }
}

/// The thread that takes, and sleeps in between.
struct Taker {
    queue: Arc<ReadyQueue<u32>>,
}

impl Taker {
    fn new() -> Taker {
        let taker = thread::current();
        let unparker = Unparker::new(move || taker.unpark());
        Taker {
            queue: Arc::new(ReadyQueue::new(unparker)),
        }
    }

    /// Takes until there are so many.
    fn take(&self, run: &Run, count: usize) -> Vec<u32> {
        let mut taken = Vec::new();
        while taken.len() < count {
            if self.queue.fall_asleep() {
                let call = run.recorder().enters("taker", "sleeps");
                thread::park();
                call.returns("gets up");
                self.queue.wake_up();
            }
            let before = taken.len();
            self.queue.take_batch(&mut taken);
            run.recorder()
                .says("taker", format!("takes {:?}", &taken[before..]));
        }
        taken
    }
}
