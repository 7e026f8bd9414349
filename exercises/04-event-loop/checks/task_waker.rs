//! task-waker: a waker that puts its task into the queue, once.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::Waker;

use super::subject::{Schedule, TaskWaker};
use event_loop::TaskId;
use probe::{Recorder, Run, run, snapshot};
use probe_model::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use probe_model::sync::thread;
use probe_model::{Blame, alone, explore, once};

#[test]
fn a_wake_queues_the_task() {
    let run = alone(
        || run!("woken_once"),
        |run| {
            let line = Line::new(run);
            let task = line.task(run, 1);
            task.wake();
            match line.take()[..] {
                [1] => {}
                [] => run
                    .departs("The task was woken, and nobody has queued it: nobody will poll it."),
                [1, 1] => run.diagnose(
                    "queued-twice",
                    "One wake, and the task is in the queue twice.",
                ),
                ref queued => run.departs(format!(
                    "Task 1 was woken, and this is in the queue: {queued:?}."
                )),
            }
        },
    );
    snapshot!(run);
}

#[test]
fn it_is_queued_by_either_way_to_wake_it() {
    alone(
        || run!(),
        |run| {
            let line = Line::new(run);
            for (way, wake) in [
                ("wake_by_ref()", Waker::wake_by_ref as fn(&Waker)),
                ("wake()", by_value),
            ] {
                let task = line.task(run, 1);
                let call = run.recorder().enters("task 1", way);
                wake(&task.waker);
                call.returns("done");
                if line.take().is_empty() {
                    run.departs(format!(
                        "`{way}` was called, and the task is not in the queue."
                    ));
                }
            }
        },
    );
}

#[test]
fn a_hundred_wakes_queue_it_once() {
    alone(
        || run!(),
        |run| {
            let line = Line::new(run);
            let task = line.task(run, 1);
            task.wake();
            task.wake();
            refuse_twice(run, &line, "The task was woken twice");
            for _ in 0..98 {
                task.wake_by_value();
            }
            refuse_twice(run, &line, "The task was woken a hundred times");
            if line.take().is_empty() {
                run.departs("The task was woken a hundred times, and is not in the queue.");
            }
        },
    );
}

#[track_caller]
fn refuse_twice(run: &Run, line: &Line, seen: &str) {
    let length = line.length();
    if length > 1 {
        run.diagnose(
            "queued-twice",
            format!(
                "{seen}, and is in the queue {length} times. It will be polled as often, once for a reason and then for none: after its \
                 end, even."
            ),
        );
    }
}

#[test]
fn a_wake_during_its_own_poll_queues_it_again() {
    let run = alone(
        || run!("wakes_itself"),
        |run| {
            let line = Line::new(run);
            let task = line.task(run, 1);
            task.wake();
            for _ in 0..2 {
                if line.take() != [1] {
                    run.departs("The task was woken, and is not in the queue.");
                }
                task.poll(|| task.wake());
                refuse_twice(run, &line, "The task woke itself once");
                if line.length() == 0 {
                    run.diagnose(
                        "lost-own-wake",
                        "The task woke itself while it was being polled, and is not in the queue. It had been taken out before the poll; \
                         what says that it is queued still said so.",
                    );
                }
            }
        },
    );
    snapshot!(run);
}

#[test]
fn after_a_poll_a_wake_queues_it_again() {
    alone(
        || run!(),
        |run| {
            let line = Line::new(run);
            let task = line.task(run, 1);
            for _ in 0..3 {
                task.wake();
                if line.take() != [1] {
                    run.diagnose(
                        "lost-own-wake",
                        "The task was polled, then it was woken, and it is not in the queue: it is as if the poll had never begun.",
                    );
                }
                task.poll(|| ());
            }
            if line.length() > 0 {
                run.departs(
                    "The task was polled, nobody has woken it since, and it is in the queue.",
                );
            }
        },
    );
}

#[test]
fn one_poll_answers_all_the_wakes_that_came_before_it() {
    alone(
        || run!(),
        |run| {
            let line = Line::new(run);
            let task = line.task(run, 1);
            for _ in 0..2 {
                task.wake();
                task.wake();
                line.take();
                task.poll(|| ());
                task.wake();
                if line.length() == 0 {
                    run.diagnose(
                        "wakes-are-counted",
                        "The task was woken twice and polled once, then it was woken again, and it is not in the queue. After a single \
                         wake it would be: so the second wake is counted, too, and a poll takes off one. A poll answers all of them.",
                    );
                }
                line.take();
                task.poll(|| ());
            }
        },
    );
}

#[test]
fn each_task_is_queued_by_its_own_wakes() {
    alone(
        || run!(),
        |run| {
            let line = Line::new(run);
            let (first, second) = (line.task(run, 1), line.task(run, 2));
            second.wake();
            first.wake();
            second.wake();
            let queued = line.take();
            if queued != [2, 1] {
                run.departs(format!(
                    "Task 2 was woken, and then task 1. The queue is {queued:?}."
                ));
            }
            first.poll(|| ());
            second.wake();
            if line.length() > 0 {
                run.departs("Task 1 was polled, and that is why a wake has queued task 2 once more, which has not had its turn.");
            }
        },
    );
}

#[test]
fn a_task_that_is_over_is_not_queued_any_more() {
    alone(
        || run!(),
        |run| {
            let line = Line::new(run);
            for woken_before in [false, true] {
                let task = line.task(run, 1);
                task.wake();
                line.take();
                task.poll(|| {
                    if woken_before {
                        task.wake();
                    }
                });
                line.take();
                task.retire();
                task.wake();
                task.wake_by_value();
                if line.length() > 0 {
                    run.diagnose(
                        "queued-after-the-end",
                        "The task is over, somebody woke it, and it was queued. Wakers live as long as anybody keeps them, long after \
                         their task.",
                    );
                }
            }
        },
    );
}

#[test]
fn whoever_queues_it_may_poll_it_at_once() {
    let held = Blame {
        mistake: Some("wake-under-lock"),
        sentence: "",
    };
    once(
        || run!(),
        held,
        Blame::BUSY,
        |run| {
            let line = AtOnce::default();
            let line = Arc::new(line);
            let task = TaskWaker::new(TaskId::new(1, 0), Arc::clone(&line));
            let waker = Waker::from(Arc::clone(&task));
            let (recorder, polled) = (run.recorder().clone(), Arc::clone(&line));
            let poll = move || {
                let call = recorder.enters("task 1", "polled at once");
                task.begin_poll();
                *lock(&polled.polls) += 1;
                call.returns("pending");
            };
            let _ = line.poll.set(Box::new(poll));
            for _ in 0..2 {
                run.recorder().wakes("task 1");
                waker.wake_by_ref();
            }
            let polls = *lock(&line.polls);
            if polls == 1 {
                run.diagnose("noted-too-late", NOTED_TOO_LATE);
            }
            if polls != 2 {
                run.departs(format!("Two wakes, each followed by a poll: that makes 2 polls, and there were {polls}."));
            }
        },
    );
}

#[test]
fn a_wake_at_any_moment_is_followed_by_a_poll() {
    explore(
        || run!(),
        Blame::ASLEEP,
        Blame::BUSY,
        |run| {
            let line = Line::new(run);
            let task = Arc::new(line.task(run, 1));
            let written = Arc::new(AtomicUsize::new(0));
            let other = {
                let (task, written) = (Arc::clone(&task), Arc::clone(&written));
                thread::spawn(move || {
                    for _ in 0..2 {
                        written.fetch_add(1, SeqCst);
                        task.wake();
                    }
                })
            };
            let seen = line.run(&task, &written, 6);
            other.join().expect("a wake does not panic");
            let seen = seen.max(line.run(&task, &written, 0));
            if seen < 2 {
                run.diagnose("noted-too-late", NOTED_TOO_LATE);
            }
            task.wake();
            match line.take()[..] {
                [] => run.diagnose("noted-too-late", NOTED_TOO_LATE),
                [_] => {}
                _ => run.diagnose("queued-twice", "It is in the queue more than once."),
            }
        },
    );
}

const NOTED_TOO_LATE: &str = "The task was put into the queue, and polled, while the wake that had put it there was still under way. Since then it \
                              counts as queued, and is not in the queue: a wake does nothing any more. It was queued first, and noted \
                              afterwards.";

#[test]
fn wakes_from_several_threads_queue_it_once() {
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
                0 => run.departs("Three threads have woken the task, and it is not in the queue."),
                1 => {}
                length => run.diagnose(
                    "queued-twice",
                    format!(
                        "Three threads woke the task at the same time, and it is in the queue {length} times: more than one of them found \
                         that it was not queued. To look and to note are two steps."
                    ),
                ),
            }
        },
    );
}

#[test]
fn when_all_wakers_are_gone_so_is_what_they_held() {
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
                run.departs("The task is over, all its wakers are dropped, and the queue is still held by somebody.");
            }
        },
    );
}

/// A queue of tasks, by their numbers.
struct Queue {
    recorder: Recorder,
    entries: Mutex<Vec<u64>>,
}

impl Schedule for Queue {
    fn schedule(&self, task: TaskId) {
        self.recorder.says("queue", format!("gets {task}"));
        lock(&self.entries).push(task.number());
    }
}

/// The part of a loop that a waker knows.
struct Line {
    queue: Arc<Queue>,
}

impl Line {
    fn new(run: &Run) -> Line {
        let queue = Queue {
            recorder: run.recorder().clone(),
            entries: Mutex::default(),
        };
        Line {
            queue: Arc::new(queue),
        }
    }

    fn task(&self, run: &Run, number: u64) -> Task {
        let id = TaskId::new(number, 0);
        let own = TaskWaker::new(id, Arc::clone(&self.queue));
        let waker = Waker::from(Arc::clone(&own));
        Task {
            own,
            waker,
            track: id.to_string(),
            recorder: run.recorder().clone(),
        }
    }

    fn length(&self) -> usize {
        lock(&self.queue.entries).len()
    }

    fn take(&self) -> Vec<u64> {
        std::mem::take(&mut lock(&self.queue.entries))
    }

    /// Polls a task whenever it is queued, and looks that often in vain for it; returns what the last
    /// poll saw of what was written.
    fn run(&self, task: &Task, written: &AtomicUsize, mut looks: usize) -> usize {
        let mut seen = 0;
        loop {
            if !self.take().is_empty() {
                task.poll(|| seen = written.load(SeqCst));
            } else if looks == 0 {
                return seen;
            } else {
                looks -= 1;
                thread::yield_now();
            }
        }
    }
}

/// One task: what the loop keeps of it, and a waker.
struct Task {
    own: Arc<TaskWaker<Queue>>,
    waker: Waker,
    track: String,
    recorder: Recorder,
}

impl Task {
    fn wake(&self) {
        self.recorder.wakes(&self.track);
        self.waker.wake_by_ref();
    }

    fn wake_by_value(&self) {
        by_value(&self.waker);
    }

    fn poll(&self, step: impl FnOnce()) {
        let call = self.recorder.enters(&self.track, "polled");
        self.own.begin_poll();
        step();
        call.returns("pending");
    }

    fn retire(&self) {
        self.recorder.says(&self.track, "is over");
        self.own.retire();
    }
}

fn by_value(waker: &Waker) {
    let waker = waker.clone();
    Waker::wake(waker);
}

/// Whoever is queued here is polled at once.
#[derive(Default)]
struct AtOnce {
    poll: OnceLock<Box<dyn Fn() + Send + Sync>>,
    polls: Mutex<usize>,
}

impl Schedule for AtOnce {
    fn schedule(&self, _: TaskId) {
        self.poll.get().expect("there is a task")();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
