//! A remote task or a loop that is dropped before the task has completed.

use std::cell::RefCell;
use std::future::pending;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;

use super::super::subject::run_coroutine_threadsafe;
use super::threads::{let_ten_iterations_pass, start, wait, with_loop};
use event_loop::{EventLoop, JoinError, LoopClosed, yield_now};
use probe::run;

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
