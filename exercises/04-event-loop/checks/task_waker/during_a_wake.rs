//! Polls that come before the wake has returned, and every short run.

use std::sync::Arc;
use std::task::Waker;

use super::super::subject::TaskWaker;
use super::line::{AtOnce, Line, lock};
use super::machine::{KNOWN, Reference, TaskStep, Yours};
use event_loop::TaskId;
use probe::run;
use probe::runs::Search;
use probe_model::sync::atomic::AtomicUsize;
use probe_model::sync::atomic::Ordering::SeqCst;
use probe_model::sync::thread;
use probe_model::{Blame, compare, explore, once};

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
