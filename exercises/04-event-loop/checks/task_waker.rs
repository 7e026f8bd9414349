//! task-waker: a waker that schedules its task once, however often it is called.

#[path = "task_waker/line.rs"]
mod line;
#[path = "task_waker/machine.rs"]
mod machine;

use std::sync::Arc;
use std::task::Waker;

use super::subject::TaskWaker;
use event_loop::TaskId;
use line::{AtOnce, Line, by_value, lock, refuse_twice};
use machine::{KNOWN, Reference, TaskStep, Yours};
use probe::runs::Search;
use probe::{run, snapshot};
use probe_model::sync::atomic::AtomicUsize;
use probe_model::sync::atomic::Ordering::SeqCst;
use probe_model::sync::thread;
use probe_model::{Blame, Unguarded, alone, alone_at_length, compare, explore, once, watched};

#[test]
fn a_wake_schedules_the_task() {
    let run = alone(
        || run!("woken_once"),
        |run| {
            let line = Line::new(run);
            let task = line.task(run, 1);
            task.wake();
            match line.take()[..] {
                [1] => {}
                [] => {
                    let seen =
                        "The task was woken, and it was not scheduled: the loop will not poll it.";
                    let event = run.recorder().last_event();
                    task.poll(|| ());
                    task.wake();
                    let later = match line.take()[..] {
                        [1] => {
                            " After `begin_poll` a wake schedules it. So a new task counts as queued, and its first wake does nothing."
                        }
                        _ => "",
                    };
                    run.departs_at(event, format!("{seen}{later}"));
                }
                [1, 1] => run.diagnose(
                    "queued-twice",
                    "The task was woken once, and is in the queue twice.",
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
fn both_wake_and_wake_by_ref_schedule_the_task() {
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
                        "`{way}` was called, and the task was not scheduled."
                    ));
                }
            }
        },
    );
}

#[test]
fn seventy_thousand_wakes_schedule_the_task_once() {
    alone_at_length(
        || run!(),
        |run| {
            let line = Line::new(run);
            let task = line.task(run, 1);
            task.wake();
            task.wake();
            refuse_twice(run, &line, "The task was woken twice");
            const WAKES: usize = 70_000;
            for _ in 2..WAKES {
                task.wake_by_value();
            }
            run.recorder()
                .says("task 1", format!("is woken {} times more", WAKES - 2));
            refuse_twice(run, &line, "The task was woken 70,000 times");
            if line.take().is_empty() {
                run.departs("The task was woken 70,000 times, and is not in the queue.");
            }
        },
    );
}

#[test]
fn a_wake_during_the_tasks_own_poll_schedules_it_again() {
    let run = alone(
        || run!("wakes_itself"),
        |run| {
            let line = Line::new(run);
            let task = line.task(run, 1);
            task.wake();
            for _ in 0..2 {
                if line.take() != [1] {
                    run.departs("The task was woken, and it was not scheduled.");
                }
                task.poll(|| task.wake());
                refuse_twice(run, &line, "The task woke itself once");
                if line.length() == 0 {
                    run.diagnose(
                        "lost-own-wake",
                        "The task woke itself during its poll, after `begin_poll`, and was not scheduled. The loop had taken it out of the \
                         queue before the poll, and your waker still counted it as queued.",
                    );
                }
            }
        },
    );
    snapshot!(run);
}

#[test]
fn a_wake_after_a_poll_schedules_the_task_again() {
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
                        "The task was polled, then it was woken, and it was not scheduled: after `begin_poll` your waker still counted it as \
                         queued.",
                    );
                }
                task.poll(|| ());
            }
            if line.length() > 0 {
                run.departs("The task was polled and not woken since, and it is in the queue.");
            }
        },
    );
}

#[test]
fn one_poll_answers_all_wakes_before_it() {
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
                        "The task was woken twice and polled once. Then it was woken again, and it was not scheduled. After one wake and \
                         one poll it would have been: your code counts the wakes, and a poll subtracts one. One poll answers all \
                         of them.",
                    );
                }
                line.take();
                task.poll(|| ());
            }
        },
    );
}

#[test]
fn each_task_is_scheduled_by_its_own_wakes() {
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
                    "Task 2 was woken, then task 1, then task 2 again. The queue is {queued:?}; [2, 1] is expected."
                ));
            }
            first.poll(|| ());
            second.wake();
            if line.length() > 0 {
                run.departs("Task 1 was polled, and after that a wake scheduled task 2 a second time, although task 2 has not been polled since its first wake.");
            }
        },
    );
}

#[test]
fn after_retire_a_wake_does_not_schedule_the_task() {
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
                        "`retire` was called, then the waker was called, and the task was scheduled. A waker may outlive its task, and be \
                         called after the task has completed.",
                    );
                }
            }
        },
    );
}

#[test]
fn schedule_may_poll_the_task_at_once() {
    let held = Blame {
        mistake: Some("wake-under-lock"),
        sentence: "`schedule` was called, it polled the task, and the thread stopped at a lock that the wake still holds. The model \
                   ends such a wait with a panic. `schedule` is caller-supplied code: call it with no lock held.",
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
                let call = recorder.enters("task 1", "polled, from inside schedule");
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
                run.departs(format!("The task was woken twice, and `schedule` polls it at once each time. Expected: 2 polls. Seen: {polls}."));
            }
        },
    );
}

#[test]
fn every_wake_from_another_thread_is_followed_by_a_poll() {
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
                _ => run.diagnose(
                    "queued-twice",
                    "The task was woken once, and is in the queue more than once.",
                ),
            }
        },
    );
}

#[test]
fn every_short_run_is_as_expected() {
    use TaskStep::{BeginPoll, Retire, Wake, WakeByRef};
    let search = Search::of(&[WakeByRef, BeginPoll, Retire, Wake])
        .up_to(5)
        .and_random(20, 30, 7)
        .leaving_no_memory()
        .naming(&KNOWN);
    compare(search, || run!(), Yours::new, Reference::default);
}

const NOTED_TOO_LATE: &str = "The task was scheduled, and it was polled before that wake had returned. Since then your waker counts it as queued, \
                              and it is not in the queue: further wakes do nothing. Your code calls `schedule` first and notes that \
                              the task is queued afterwards.";

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
