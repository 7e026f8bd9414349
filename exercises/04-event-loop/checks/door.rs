//! door: a task that another thread starts, and waits for.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::panic::resume_unwind;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;

use super::subject::{RemoteTask, run_coroutine_threadsafe};
use event_loop::{Door, EventLoop, Handle, JoinError, LoopClosed, yield_now};
use probe::panics::expected;
use probe::{Run, run, snapshot};

const NO_ANSWER: &str = "The task is over, and `wait` does not come back.";

#[test]
fn the_result_comes_back() {
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
        Ok(other) => run.departs(format!("The task's result was 42, and {other} came back.")),
        Err(error) => run.departs(format!(
            "The task's result was 42, and an error came back: {error}."
        )),
    }
    snapshot!(run);
}

#[test]
fn the_future_is_made_and_polled_on_the_thread_of_the_loop() {
    let run = run!();
    let home = thread::current().id();
    let threads = on_another_thread(&run, |run, door| {
        let task = start(run, &door, |_| {
            let made_on = thread::current().id();
            // It holds something that must not leave its thread.
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
        Ok(_) => run.departs("The future was made, or polled, on another thread than the loop's."),
        Err(error) => run.departs(format!(
            "The task was ready, and an error came back: {error}."
        )),
    }
}

#[test]
fn the_loop_goes_on_while_the_task_waits() {
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
            "The task waits for another task of the same loop, and that one is never polled: the loop's thread stands still inside of your \
             callback, and waits for the one that only it could run.",
            task,
        )
    });
    if !matches!(result, Ok(7)) {
        run.departs(format!(
            "The task waited for another one, whose result was 7, and this came back: {result:?}."
        ));
    }
}

#[test]
fn a_panic_comes_back() {
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
            let gone = "The task has panicked, and `wait` does not come back: the panic has taken with it whatever was to tell the other \
                        thread.";
            let result = wait(run, Some("panic-swallowed"), gone, task);
            run.recorder()
                .says("other thread", format!("gets {result:?}"));
            result
        },
    );
    match result {
        Err(JoinError::Panicked(panic)) if panic.downcast_ref() == Some(&"no tea left") => {}
        Err(JoinError::Panicked(_)) => run.departs("The task panicked, and another panic came back than its own."),
        Err(JoinError::Aborted) => run.diagnose(
            "panic-swallowed",
            "The task panicked, and whoever waits is told that it was aborted. What happened stays in the loop.",
        ),
        Ok(()) => run.departs("The task panicked, and a result came back."),
    }
    if reports.get() > 0 {
        run.departs("The panic came back to the one who waits, and the loop has reported that nobody asked for it.");
    }
    snapshot!(run);
}

#[test]
fn whoever_comes_late_gets_the_result_too() {
    let run = run!();
    let result = on_another_thread(&run, |run, door| {
        let task = start(run, &door, |_| async { 42 });
        let_some_turns_pass(&door);
        wait(run, None, NO_ANSWER, task)
    });
    if !matches!(result, Ok(42)) {
        run.departs(format!(
            "The task was ready with 42 long before the wait began, and this came back: {result:?}."
        ));
    }
}

#[test]
fn each_thread_gets_its_own_result() {
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
                "A thread's tasks were to give {number} and {}, and it got {result:?}.",
                10 * number
            ));
        }
    }
}

#[test]
fn whoever_does_not_wait_lets_the_task_run_on() {
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
        let_some_turns_pass(&door);
        let _ = go.send(());
        let got_there = receiver.recv().is_ok();
        let_some_turns_pass(&door);
        got_there
    });
    if !got_there {
        run.departs("Nobody waits for the task any more, and it was dropped before its end.");
    }
    if let [problem, ..] = &reports.borrow()[..] {
        run.departs(format!(
            "Nobody waits for the task any more. It came to its end, and the loop has reported this: {problem}."
        ));
    }
}

#[test]
fn a_closed_loop_takes_no_task() {
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
        Ok(Ok(())) => run.departs("The loop is gone, and a task was started all the same."),
        Err(_) => run.departs("The loop is gone, and your code panicked."),
    }
}

#[test]
fn if_the_loop_ends_first_the_wait_does() {
    for (has_begun, is_waited_for) in [(false, false), (true, false), (false, true), (true, true)] {
        let run = run!();
        let (started, is_started) = mpsc::channel();
        let (gone, is_gone) = mpsc::channel();
        let event_loop = EventLoop::new();
        let door = event_loop.handle().door();
        let waiting = run.clone();
        let other = thread::spawn(move || {
            let recorder = waiting.recorder();
            recorder.says("other thread", "starts a task that waits for ever");
            let task = start(&waiting, &door, |_| pending::<()>());
            let _ = started.send(());
            if !is_waited_for {
                let _ = is_gone.recv();
            }
            recorder.says("other thread", "waits for the task");
            wait(
                &waiting,
                Some("loop-gone-unnoticed"),
                "The loop is gone, and the thread still waits for its task. Whatever would tell it that there will be no result is kept \
                 alive, or tells nobody when it is dropped, or says so and is not listened to.",
                task,
            )
        });
        is_started.recv().expect("the other thread starts a task");
        if has_begun {
            event_loop.run_once().expect("there is something to do");
            event_loop.run_once().expect("there is something to do");
        }
        if !is_waited_for {
            run.recorder().says("loop", "is dropped, with its tasks");
        }
        drop(event_loop);
        let _ = gone.send(());
        match other.join() {
            Ok(Err(JoinError::Aborted)) => {}
            Ok(result) => run.departs(format!("The loop ended before the task did, and this came back: {result:?}.")),
            Err(_) => run.departs("The loop ended before the task did, and `wait` panicked. It is to return `Aborted`."),
        }
    }
}

#[test]
fn the_thread_of_the_loop_must_not_wait() {
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
                "A task of the loop waits for another one, and blocks the thread that would have to run it: both wait for ever. Such a wait is \
                 to panic.",
                task,
            )
        });
        if let Ok(result) = waited {
            inner.departs(format!("The task cannot have begun yet, and this came back: {result:?}."));
        }
    });
}

#[track_caller]
fn start<F>(
    run: &Run,
    door: &Door,
    make: impl FnOnce(Handle) -> F + Send + 'static,
) -> RemoteTask<F::Output>
where
    F: Future<Output: Send> + 'static,
{
    let hangs = "`run_coroutine_threadsafe` does not come back. It puts something through the door and returns; the waiting is left to `wait`. \
                 The loop may not be running yet, or have something else to do.";
    match run.risk(None, hangs, || run_coroutine_threadsafe(door, make)) {
        Ok(task) => task,
        Err(LoopClosed) => run.departs("The loop is open, and no task was started."),
    }
}

/// Comes back when the loop has taken ten turns more.
fn let_some_turns_pass(door: &Door) {
    let (over, is_over) = mpsc::channel();
    door.call_soon_threadsafe(move |handle| {
        let later = handle.spawn(async move {
            for _ in 0..10 {
                yield_now().await;
            }
            let _ = over.send(());
        });
        drop(later);
    })
    .expect("the loop is open");
    is_over.recv().expect("the loop runs");
}

fn wait<T>(
    run: &Run,
    mistake: Option<&str>,
    hangs: &str,
    task: RemoteTask<T>,
) -> Result<T, JoinError> {
    run.risk(mistake, hangs, || task.wait())
}

/// Runs a loop on this thread, and `other` on another one, until `other` is done.
fn on_another_thread<R: Send>(run: &Run, other: impl FnOnce(&Run, Door) -> R + Send) -> R {
    with_loop(run, |_| (), other)
}

fn with_loop<R: Send>(
    run: &Run,
    prepare: impl FnOnce(&EventLoop),
    other: impl FnOnce(&Run, Door) -> R + Send,
) -> R {
    let event_loop = EventLoop::new();
    prepare(&event_loop);
    let door = event_loop.handle().door();
    let result = thread::scope(|scope| {
        let stop = Stop(door.clone());
        let other = scope.spawn(move || {
            // The loop is stopped also if this panics.
            let _stop = stop;
            other(run, door)
        });
        event_loop.run_forever();
        other.join()
    });
    result.unwrap_or_else(|panic| resume_unwind(panic))
}

/// Stops the loop when it is dropped.
struct Stop(Door);

impl Drop for Stop {
    fn drop(&mut self) {
        let _ = self.0.call_soon_threadsafe(|handle| handle.stop());
    }
}
