//! Wakes from several threads, and what is left after many of them.

use std::sync::Arc;

use super::line::Line;
use probe::run;
use probe_model::sync::atomic::Ordering::SeqCst;
use probe_model::sync::thread;
use probe_model::{Blame, Unguarded, alone, alone_at_length, explore, watched};

#[test]
fn wakes_from_several_threads_schedule_the_task_once() {
    explore(
        || run!(),
        Blame::ASLEEP,
        Blame::BUSY,
        |run| {
            let line = Line::new(run);
            let task = Arc::new(line.task(run, 1));
            let others = ["one thread", "another", "a third"].map(|name| {
                let (task, recorder) = (Arc::clone(&task), run.recorder().clone());
                thread::spawn(move || {
                    let call = recorder.enters(name, "wakes task 1");
                    task.waker.wake_by_ref();
                    call.returns("done");
                })
            });
            for other in others {
                other.join().expect("a wake does not panic");
            }
            match line.length() {
                0 => run.departs("Three threads woke the task, and it was not scheduled."),
                1 => {}
                length => run.diagnose(
                    "queued-twice",
                    format!(
                        "Three threads woke the task at the same time, and it is in the queue {length} times. More than one of them read \
                         that it was not queued: to read that and to note it are two steps in your code."
                    ),
                ),
            }
        },
    );
}

#[test]
fn what_a_thread_wrote_before_its_wake_is_visible_to_the_next_poll() {
    explore(
        || run!(),
        Blame::ASLEEP,
        Blame::BUSY,
        |run| {
            let line = Line::new(run);
            let task = Arc::new(line.task(run, 1));
            let (written, woken) = (Arc::new(Unguarded::default()), Arc::new(Told::default()));
            watched(|| {
                // It is queued, so the other thread's wake schedules nothing.
                task.wake();
                let other = {
                    let (task, written, woken) = (task.clone(), written.clone(), woken.clone());
                    thread::spawn(move || {
                        written.is_used();
                        task.wake();
                        woken.tell();
                    })
                };
                for _ in 0..4 {
                    thread::yield_now();
                }
                let wake_has_returned = woken.is_told();
                task.poll(|| {
                    if wake_has_returned {
                        written.is_used();
                    }
                });
                other.join().expect("a wake does not panic");
            });
        },
    );
}

/// A flag that the model does not see: it makes nothing visible.
#[derive(Default)]
struct Told(std::sync::atomic::AtomicBool);

impl Told {
    fn tell(&self) {
        self.0.store(true, SeqCst);
    }

    fn is_told(&self) -> bool {
        self.0.load(SeqCst)
    }
}

#[test]
fn when_the_last_waker_is_dropped_the_queue_is_released() {
    alone(
        || run!(),
        |run| {
            let line = Line::new(run);
            let before = Arc::strong_count(&line.queue);
            let task = line.task(run, 1);
            let clones = [task.waker.clone(), task.waker.clone()];
            task.wake();
            task.retire();
            drop((task, clones));
            if Arc::strong_count(&line.queue) != before {
                run.departs("The task has completed and all its wakers are dropped, and a reference to the queue is still alive.");
            }
        },
    );
}

#[test]
fn after_many_wakes_and_a_poll_the_next_wake_schedules_the_task() {
    alone_at_length(
        || run!(),
        |run| {
            const WAKES: usize = 1_000;
            let line = Line::new(run);
            let task = line.task(run, 1);
            for _ in 0..WAKES {
                task.wake_by_value();
            }
            line.take();
            run.recorder()
                .says("task 1", format!("is woken {WAKES} times, and polled"));
            task.poll(|| ());
            task.wake();
            if line.take().is_empty() {
                run.recorder().lacks("task 1", "is not scheduled");
                run.diagnose(
                    "lost-own-wake",
                    format!(
                        "The task was woken {WAKES} times before its poll. The loop called `begin_poll` and polled it. Then the waker was \
                         called, and the task was not scheduled."
                    ),
                );
            }
        },
    );
}
