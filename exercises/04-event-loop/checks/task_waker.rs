//! task-waker: a waker that schedules its task once, however often it is called.

#[path = "task_waker/line.rs"]
mod line;
#[path = "task_waker/machine.rs"]
mod machine;

// The tests below come first, and then those of these modules, in this order.
#[path = "task_waker/during_a_wake.rs"]
mod during_a_wake;

#[path = "task_waker/threads.rs"]
mod threads;

use std::task::Waker;

use line::{Line, by_value, refuse_twice};
use probe::{run, snapshot};
use probe_model::{alone, alone_at_length};

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
