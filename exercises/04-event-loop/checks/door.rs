//! door: a task that another thread starts and waits for.

#[path = "door/machine.rs"]
mod machine;
#[path = "door/threads.rs"]
mod threads;

// The tests below come first, and then those of these modules, in this order.
#[path = "door/dropped.rs"]
mod dropped;

#[path = "door/waiting.rs"]
mod waiting;

use std::cell::Cell;
use std::rc::Rc;
use std::thread;

use event_loop::{JoinError, yield_now};
use probe::{run, snapshot};
use threads::{NO_ANSWER, let_ten_iterations_pass, on_another_thread, start, wait, with_loop};

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
