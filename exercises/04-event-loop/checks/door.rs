//! door: a task that another thread starts and waits for.

#[path = "door/machine.rs"]
mod machine;
#[path = "door/threads.rs"]
mod threads;

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::subject::run_coroutine_threadsafe;
use event_loop::{EventLoop, JoinError, LoopClosed, yield_now};
use machine::{DoorStep, KNOWN, Model, Yours};
use probe::panics::expected;
use probe::runs::Search;
use probe::{run, snapshot};
use threads::{
    NO_ANSWER, Switches, let_ten_iterations_pass, on_another_thread, start, wait, with_loop,
};

#[test]
fn wait_returns_the_result_of_the_task() {
    let run = run!("the_result");
    let result = on_another_thread(&run, |run, door| {
        let recorder = run.recorder().clone();
        recorder.says("other thread", "starts a task");
        let task = start(run, &door, move |_| async move {
            let call = recorder.enters("loop", "the task runs");
            yield_now().await;
            call.returns("42");
            42
        });
        let result = wait(run, None, NO_ANSWER, task);
        run.recorder()
            .says("other thread", format!("gets {result:?}"));
        result
    });
    match result {
        Ok(42) => {}
        Ok(other) => run.departs(format!(
            "The task returned 42, and `wait` returned {other}."
        )),
        Err(error) => run.departs(format!(
            "The task returned 42, and `wait` returned an error: {error}."
        )),
    }
    snapshot!(run);
}

#[test]
fn the_loops_thread_makes_and_polls_the_future() {
    let run = run!();
    let home = thread::current().id();
    let threads = on_another_thread(&run, |run, door| {
        let task = start(run, &door, |_| {
            let made_on = thread::current().id();
            // The future holds an `Rc`, which must not leave its thread.
            let counter = Rc::new(Cell::new(0));
            async move {
                yield_now().await;
                counter.set(counter.get() + 1);
                (made_on, thread::current().id())
            }
        });
        wait(run, None, NO_ANSWER, task)
    });
    match threads {
        Ok((made, polled)) if made == home && polled == home => {}
        Ok(_) => run.departs("Another thread than the loop's called `make` or polled the future."),
        Err(error) => run.departs(format!(
            "The task completed, and `wait` returned an error: {error}."
        )),
    }
}

#[test]
fn other_tasks_of_the_loop_run_while_this_task_is_pending() {
    let run = run!();
    let result = on_another_thread(&run, |run, door| {
        let task = start(run, &door, |handle| {
            let helper = handle.spawn(async {
                yield_now().await;
                7
            });
            async move { helper.await.expect("it does not panic") }
        });
        wait(
            run,
            Some("blocks-the-loop"),
            "The task awaits another task of the same loop, and the loop never polls that one: the loop's thread blocks inside your \
             callback.",
            task,
        )
    });
    if !matches!(result, Ok(7)) {
        run.departs(format!(
            "The task awaited another one, which returned 7, and `wait` returned {result:?}."
        ));
    }
}

#[test]
fn wait_returns_the_panic_of_the_task() {
    let run = run!("the_panic");
    let reports: Rc<Cell<usize>> = Rc::default();
    let count = Rc::clone(&reports);
    let result = with_loop(
        &run,
        |event_loop| event_loop.on_unretrieved(move |_| count.set(count.get() + 1)),
        |run, door| {
            run.recorder()
                .says("other thread", "starts a task that panics");
            let task = start(run, &door, |_| async {
                yield_now().await;
                assert!(std::hint::black_box(false), "no tea left");
            });
            let gone = "The task has panicked, and `wait` has not returned: no result was sent, and the channel is still open.";
            let result = wait(run, Some("panic-swallowed"), gone, task);
            run.recorder()
                .says("other thread", format!("gets {result:?}"));
            result
        },
    );
    match result {
        Err(JoinError::Panicked(panic)) if panic.downcast_ref() == Some(&"no tea left") => {}
        Err(JoinError::Panicked(_)) => run.departs("The task panicked, and `wait` returned another panic than the task's."),
        Err(JoinError::Aborted) => run.diagnose(
            "panic-swallowed",
            "The task panicked, and `wait` returned `Aborted`. The payload of the panic did not reach the other thread.",
        ),
        Ok(()) => run.departs("The task panicked, and `wait` returned Ok."),
    }
    if reports.get() > 0 {
        run.departs("`wait` returned the panic, and the loop also reported it as never retrieved.");
    }
    snapshot!(run);
}

#[test]
fn a_wait_after_the_task_has_completed_returns_the_result() {
    let run = run!();
    let result = on_another_thread(&run, |run, door| {
        let task = start(run, &door, |_| async { 42 });
        let_ten_iterations_pass(&door);
        wait(run, None, NO_ANSWER, task)
    });
    if !matches!(result, Ok(42)) {
        run.departs(format!(
            "The task had returned 42 before the call of `wait`, and `wait` returned {result:?}."
        ));
    }
}

#[test]
fn each_thread_gets_the_results_of_its_own_tasks() {
    let run = run!();
    let results = on_another_thread(&run, |run, door| {
        thread::scope(|scope| {
            let threads = [1, 2, 3].map(|number| {
                let door = door.clone();
                scope.spawn(move || {
                    let first = start(run, &door, move |_| async move { number });
                    let second = start(run, &door, move |_| async move { 10 * number });
                    let second = second.wait();
                    (first.wait().ok(), second.ok())
                })
            });
            threads.map(|thread| thread.join().expect("it does not panic"))
        })
    });
    for (number, result) in [1, 2, 3].into_iter().zip(results) {
        if result != (Some(number), Some(10 * number)) {
            run.departs(format!(
                "A thread's tasks returned {number} and {}, and its waits returned {result:?}.",
                10 * number
            ));
        }
    }
}

#[test]
fn a_task_runs_to_its_end_after_its_remote_task_is_dropped() {
    let run = run!();
    let reports: Rc<RefCell<Vec<String>>> = Rc::default();
    let list = Rc::clone(&reports);
    let prepare = |event_loop: &EventLoop| {
        event_loop.on_unretrieved(move |problem| list.borrow_mut().push(problem.to_string()))
    };
    let got_there = with_loop(&run, prepare, |run, door| {
        let (sender, receiver) = mpsc::channel();
        let (begun, has_begun) = mpsc::channel();
        let (go, may_go) = mpsc::channel::<()>();
        let task = start(run, &door, move |_| async move {
            let _ = begun.send(());
            while may_go.try_recv().is_err() {
                yield_now().await;
            }
            let _ = sender.send(());
        });
        let _ = has_begun.recv();
        drop(task);
        let_ten_iterations_pass(&door);
        let _ = go.send(());
        let got_there = receiver.recv().is_ok();
        let_ten_iterations_pass(&door);
        got_there
    });
    if !got_there {
        run.diagnose(
            "cancelled-with-the-waiter",
            "The `RemoteTask` was dropped, and the task was dropped before it completed.",
        );
    }
    if let [problem, ..] = &reports.borrow()[..] {
        run.departs(format!(
            "The `RemoteTask` was dropped, the task completed, and the loop reported: {problem}."
        ));
    }
}

#[test]
fn a_closed_loop_starts_no_task() {
    let run = run!();
    let event_loop = EventLoop::new();
    let door = event_loop.handle().door();
    drop(event_loop);
    let result = thread::scope(|scope| {
        let other = scope.spawn(|| run_coroutine_threadsafe(&door, |_| async { 42 }).map(drop));
        other.join()
    });
    match result {
        Ok(Err(LoopClosed)) => {}
        Ok(Ok(())) => {
            run.departs("The loop was dropped, and `run_coroutine_threadsafe` returned Ok.")
        }
        Err(_) => run.departs("The loop was dropped, and `run_coroutine_threadsafe` panicked."),
    }
}

#[test]
fn wait_returns_aborted_if_the_loop_is_dropped_first() {
    for (has_begun, is_waited_for) in [(false, false), (true, false), (false, true), (true, true)] {
        let run = run!();
        let (started, is_started) = mpsc::channel();
        let (gone, is_gone) = mpsc::channel();
        let event_loop = EventLoop::new();
        let door = event_loop.handle().door();
        let waiting = run.clone();
        let other = thread::spawn(move || {
            let recorder = waiting.recorder();
            recorder.says("other thread", "starts a task that stays pending");
            let task = start(&waiting, &door, |_| pending::<()>());
            let _ = started.send(());
            if !is_waited_for {
                let _ = is_gone.recv();
            }
            recorder.says("other thread", "waits for the task");
            wait(
                &waiting,
                Some("loop-gone-unnoticed"),
                "The loop was dropped, with the task, and `wait` has not returned. No result can come any more.",
                task,
            )
        });
        is_started.recv().expect("the other thread starts a task");
        if has_begun {
            event_loop.run_once().expect("the callback is ready");
            event_loop.run_once().expect("the callback is ready");
        }
        if !is_waited_for {
            run.recorder().says("loop", "is dropped, with its tasks");
        }
        drop(event_loop);
        let _ = gone.send(());
        match other.join() {
            Ok(Err(JoinError::Aborted)) => {}
            Ok(result) => run.departs(format!("The loop was dropped before the task completed, and `wait` returned {result:?}.")),
            Err(_) => run.departs("The loop was dropped before the task completed, and `wait` panicked; `Aborted` is expected."),
        }
    }
}

#[test]
fn wait_panics_on_the_loops_own_thread() {
    let run = run!();
    let event_loop = EventLoop::new();
    let door = event_loop.handle().door();
    let inner = run.clone();
    event_loop.block_on(async move {
        let task = start(&inner, &door, |_| async { 42 });
        let waited = expected(|| {
            wait(
                &inner,
                Some("waits-on-its-own-thread"),
                "`wait` was called on the loop's own thread, and blocks it: the loop cannot poll the task that it waits for. `wait` has to \
                 panic there.",
                task,
            )
        });
        if let Ok(result) = waited {
            inner.departs(format!("The task cannot have started yet, and `wait` returned {result:?}."));
        }
    });
}

#[test]
fn the_thread_of_another_loop_may_wait() {
    let run = run!();
    let result = on_another_thread(&run, |run, door| {
        let task = start(run, &door, |_| async { 42 });
        EventLoop::new().block_on(async { expected(|| wait(run, None, NO_ANSWER, task)) })
    });
    match result {
        Ok(Ok(42)) => {}
        Ok(result) => run.departs(format!(
            "A task returned 42. The thread of another loop called `wait`, which returned {result:?}."
        )),
        Err(panic) => run.departs(format!(
            "The thread of another loop called `wait`, which panicked: {}.",
            panic.message
        )),
    }
}

#[test]
fn a_waiting_thread_sleeps_until_there_is_a_result() {
    let run = run!();
    let woken = on_another_thread(&run, |run, door| {
        let waiting = Switches::of_this_thread();
        let task = start(run, &door, move |_| async move {
            if waiting.spins() {
                return None;
            }
            // The loop does nothing for 100 ms, and the other thread waits.
            let before = waiting.count();
            (0..100).for_each(|_| thread::sleep(Duration::from_millis(1)));
            Some(waiting.count().saturating_sub(before))
        });
        wait(run, None, NO_ANSWER, task)
    });
    let Ok(woken) = woken else { return };
    let Some(woken) = woken else {
        run.recorder()
            .says("other thread", "waits, and has not gone to sleep");
        run.diagnose(
            "busy-poll",
            "The thread that waited for a task used 50 ms of processor time, and was not asleep at any look: it asks again and again whether there \
             is a result. It has to sleep until there is one.",
        );
    };
    if woken > FEW {
        run.recorder().says(
            "other thread",
            format!("waits, and goes to sleep {woken} times meanwhile"),
        );
        run.diagnose(
            "sleeps-by-the-clock",
            format!(
                "A task took 100 ms, and the thread that waited for it went to sleep {woken} times in this time. It slept for a time, looked \
                 for a result, and slept again. It has to sleep until there is a result."
            ),
        );
    }
}

/// How often a thread that waits may go to sleep. It does so once, and again if it meets another thread at a lock.
const FEW: u64 = 4;

#[test]
fn three_hundred_tasks_return_three_hundred_results() {
    let run = run!();
    let results = on_another_thread(&run, |run, door| {
        let tasks: Vec<_> = (0..300)
            .map(|number| start(run, &door, move |_| async move { number }))
            .collect();
        run.recorder().says("other thread", "starts 300 tasks");
        let wait = |task| wait(run, None, NO_ANSWER, task);
        tasks.into_iter().map(wait).collect::<Vec<_>>()
    });
    for (number, result) in (0..).zip(results) {
        if !matches!(result, Ok(same) if same == number) {
            run.departs(format!(
                "300 tasks were started. Task {number} returned {number}, and its `wait` returned {result:?}."
            ));
        }
    }
}

#[test]
fn every_short_run_is_as_expected() {
    use DoorStep::{DropLoop, DropRemote, Iterations, Start, StartPanic, WaitForAll};
    let alphabet = [
        Start, StartPanic, Iterations, DropRemote, DropLoop, WaitForAll,
    ];
    Search::of(&alphabet)
        .up_to(4)
        .and_random(40, 8, 410)
        .leaving_no_memory()
        .naming(&KNOWN)
        .compare(&run!(), Yours::new, Model::default);
}
