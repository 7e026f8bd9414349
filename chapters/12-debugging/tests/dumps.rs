//! A dump says of each task what it waits for, and changes nothing.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use debugging::dump::State;
use debugging::{DebugMode, Dump};
use event_loop::{EventLoop, Handle, JumpingDriver, yield_now};
use futures::channel::oneshot;
use synchronization::wait_graph::named;
use synchronization::{Mutex, WaitGraph};

type Loop = EventLoop<JumpingDriver, DebugMode>;

const SECOND: Duration = Duration::from_secs(1);

/// A loop in debug mode that reports nothing.
fn quiet() -> (DebugMode, Loop, Handle) {
    let debug = DebugMode::new().on_warning(|_| {});
    let event_loop = EventLoop::observed(JumpingDriver::new(), debug.clone());
    let handle = event_loop.handle();
    (debug, event_loop, handle)
}

/// Runs the loop until its driver would sleep without end.
fn run(event_loop: &Loop) {
    while event_loop.run_once().is_ok() {}
}

/// Makes a dump after these iterations, and runs one that answers it.
fn dump_after(iterations: usize, debug: &DebugMode, event_loop: &Loop) -> Dump {
    for _ in 0..iterations {
        event_loop.run_once().unwrap();
    }
    dump(debug, event_loop)
}

fn dump(debug: &DebugMode, event_loop: &Loop) -> Dump {
    debug.request_dump();
    let _ = event_loop.run_once();
    debug.take_dump().expect("every task was polled")
}

/// The dump, without the lines of this file.
fn shown(dump: &Dump) -> String {
    let text = dump.to_string();
    let lines = text.lines().map(|line| {
        let place = line.find("  spawned at ").or(line.find("  tests/"));
        place.map_or(line, |place| &line[..place])
    });
    lines.map(|line| format!("{line}\n")).collect()
}

async fn outer(handle: Handle) {
    inner(&handle).await;
}

async fn inner(handle: &Handle) {
    handle.sleep(5 * SECOND).await;
}

#[test]
fn a_task_shows_its_awaits_down_to_a_timer_with_its_deadline() {
    let (debug, event_loop, handle) = quiet();
    drop(handle.spawn(outer(handle.clone())));
    let dump = dump_after(1, &debug, &event_loop);
    assert_eq!(
        shown(&dump),
        "1 task\n\
         task 1 outer\n\
         └─ outer\n   \
            └─ inner\n      \
               └─ Sleep  waits for a timer, due at 5s\n"
    );
    let State::Suspended(leaves) = &dump.tasks[0].state else {
        panic!("{dump}");
    };
    let files: Vec<&str> = leaves[0].path.iter().map(|at| at.file.as_str()).collect();
    assert_eq!(files, ["tests/dumps.rs", "tests/dumps.rs", "src/sleep.rs"]);
    assert!(leaves[0].path.iter().all(|frame| frame.line.is_some()));
}

#[test]
fn a_task_stands_below_the_task_that_waits_for_it() {
    let (debug, event_loop, handle) = quiet();
    drop(handle.clone().spawn(async move {
        let child = handle.spawn(outer(handle.clone()));
        let _ = child.await;
    }));
    let dump = dump_after(2, &debug, &event_loop);
    let shown = shown(&dump);
    let line = |text: &str| shown.lines().position(|line| line.contains(text));
    assert!(
        line("JoinHandle  waits for task 2") < line("└─ task 2 outer"),
        "{shown}"
    );
    assert_eq!(shown.matches("task 2 outer").count(), 1, "{shown}");
}

#[test]
fn a_task_that_waits_for_two_things_shows_both() {
    let (debug, event_loop, handle) = quiet();
    drop(handle.clone().spawn(async move {
        futures::future::join(handle.sleep(SECOND), handle.sleep(2 * SECOND)).await;
    }));
    let shown = shown(&dump_after(1, &debug, &event_loop));
    assert!(
        shown.contains("├─ Sleep  waits for a timer, due at 1s"),
        "{shown}"
    );
    assert!(
        shown.contains("└─ Sleep  waits for a timer, due at 2s"),
        "{shown}"
    );
}

#[test]
fn a_lock_is_shown_with_its_holder() {
    let (debug, event_loop, handle) = quiet();
    let _holders = WaitGraph::watch();
    let pen = Rc::new(Mutex::named("the pen", ()));
    for name in ["a", "b"] {
        let pen = Rc::clone(&pen);
        drop(handle.spawn(named(name, async move {
            let _guard = pen.lock().await;
            pending::<()>().await;
        })));
    }
    let shown = shown(&dump_after(1, &debug, &event_loop));
    assert!(shown.contains("task 2 “b”"), "{shown}");
    assert!(
        shown.contains("Lock  waits for the pen, held by a"),
        "{shown}"
    );
}

#[test]
fn a_future_of_another_crate_is_shown_by_its_type() {
    let (debug, event_loop, handle) = quiet();
    let (sender, receiver) = oneshot::channel::<()>();
    drop(handle.spawn(async move {
        let _ = receiver.await;
    }));
    let shown = shown(&dump_after(1, &debug, &event_loop));
    assert!(shown.contains("└─ Receiver"), "{shown}");
    drop(sender);
}

#[test]
fn a_task_whose_waker_no_future_keeps_is_called_forgotten() {
    let (debug, event_loop, handle) = quiet();
    drop(handle.spawn(pending::<()>()));
    let dump = dump_after(1, &debug, &event_loop);
    assert_eq!(dump.tasks[0].state, State::Forgotten);
    assert!(dump.to_string().contains("nothing will wake it"));
}

#[test]
fn a_waker_that_is_cloned_and_dropped_at_once_is_not_kept() {
    let (debug, event_loop, handle) = quiet();
    drop(handle.spawn(poll_fn(|context| {
        drop(context.waker().clone());
        Poll::<()>::Pending
    })));
    let dump = dump_after(1, &debug, &event_loop);
    assert_eq!(dump.tasks[0].state, State::Forgotten);
}

#[test]
fn a_task_that_was_ready_and_not_woken_has_lost_its_wake() {
    let (debug, event_loop, handle) = quiet();
    let is_ready = Rc::new(Cell::new(false));
    let kept: Rc<RefCell<Option<Waker>>> = Rc::default();
    let (ready, keep) = (Rc::clone(&is_ready), Rc::clone(&kept));
    drop(handle.spawn(poll_fn(move |context| {
        keep.replace(Some(context.waker().clone()));
        if ready.get() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })));
    event_loop.run_once().unwrap();
    is_ready.set(true); // Nothing calls the waker.
    assert_eq!(dump(&debug, &event_loop).tasks[0].state, State::LostWake);
}

#[test]
fn a_task_that_was_woken_before_has_lost_no_wake() {
    let (debug, event_loop, handle) = quiet();
    let kept: Rc<RefCell<Option<Waker>>> = Rc::default();
    let keep = Rc::clone(&kept);
    drop(handle.spawn(poll_fn(
        move |context| match keep.replace(Some(context.waker().clone())) {
            None => Poll::Pending,
            Some(_) => Poll::Ready(()),
        },
    )));
    event_loop.run_once().unwrap();
    kept.borrow().as_ref().unwrap().wake_by_ref();
    assert_eq!(dump(&debug, &event_loop).tasks[0].state, State::Completed);
}

#[test]
fn a_task_that_wakes_itself_yields() {
    let (debug, event_loop, handle) = quiet();
    drop(handle.spawn(async {
        loop {
            yield_now().await;
        }
    }));
    let dump = dump_after(2, &debug, &event_loop);
    assert_eq!(dump.tasks[0].state, State::Yields);
}

#[test]
fn a_dump_calls_no_callback_early() {
    let (debug, event_loop, handle) = quiet();
    let called = Rc::new(Cell::new(None));
    let (seen, clock) = (Rc::clone(&called), handle.clone());
    let _call = handle.call_later(SECOND, move || seen.set(Some(clock.now())));
    debug.request_dump();
    let dump = debug.take_dump().expect("there is no task to ask");
    assert_eq!(dump.tasks[0].state, State::Callback);
    assert_eq!(called.get(), None);
    run(&event_loop);
    assert_eq!(called.get().unwrap().since_start(), SECOND);
}

#[test]
fn tasks_that_wait_for_each_other_are_a_circle() {
    let (debug, event_loop, handle) = quiet();
    let (send, receive) = oneshot::channel();
    let second = handle.clone();
    let first = handle.spawn(async move {
        let other: event_loop::JoinHandle<()> = receive.await.unwrap();
        let _ = other.await;
    });
    let other = second.spawn(async move {
        let _ = first.await;
    });
    assert!(send.send(other).is_ok());
    let dump = dump_after(1, &debug, &event_loop);
    assert_eq!(dump.circle().len(), 2, "{dump}");
    assert!(
        dump.to_string()
            .ends_with("a circle: task 1 → task 2 → task 1\n"),
        "{dump}"
    );
    assert_eq!(
        dump.to_string().matches("(shown above)").count(),
        1,
        "{dump}"
    );
}

#[test]
fn a_task_of_chapter_06_stands_below_its_joiner_with_the_line_that_spawned_it() {
    let (debug, event_loop, handle) = quiet();
    let line = line!() + 4;
    drop(handle.clone().spawn(async move {
        let spawn: Rc<dyn event_loop::Spawn> = Rc::new(handle.clone());
        let sleep = outer(handle);
        let task = cancellation::Task::spawn(&spawn, sleep);
        let _ = task.await;
    }));
    let dump = dump_after(2, &debug, &event_loop);
    let spawned = dump.tasks[1].who.origin.location;
    if spawned.file() != file!() {
        // A learner's task in its place need not tell the observer where it was spawned, nor what it waits for.
        return;
    }
    assert_eq!(spawned.line(), line);
    let shown = shown(&dump);
    assert!(shown.contains("Task  waits for task 2"), "{shown}");
    assert!(shown.contains("└─ task 2 outer"), "{shown}");
}

#[test]
fn a_dump_of_a_hundred_tasks_asks_each_of_them_once() {
    let (debug, event_loop, handle) = quiet();
    let polls = Rc::new(Cell::new(0));
    for _ in 0..100 {
        let (polls, mut sleep) = (Rc::clone(&polls), handle.sleep(SECOND));
        drop(handle.spawn(poll_fn(move |context| {
            polls.set(polls.get() + 1);
            std::pin::Pin::new(&mut sleep).poll(context)
        })));
    }
    event_loop.run_once().unwrap();
    debug.request_dump();
    event_loop.run_once().unwrap();
    assert_eq!(polls.get(), 200);
    assert_eq!(debug.take_dump().unwrap().tasks.len(), 100);
}

#[test]
fn a_task_that_is_dropped_meanwhile_does_not_hold_up_the_dump() {
    let (debug, event_loop, handle) = quiet();
    let task = handle.spawn(pending::<()>());
    let other = handle.spawn(outer(handle.clone()));
    event_loop.run_once().unwrap();
    debug.request_dump();
    assert!(task.abort());
    event_loop.run_once().unwrap();
    let dump = debug.take_dump().unwrap();
    assert_eq!(dump.tasks[0].state, State::Completed);
    assert!(matches!(dump.tasks[1].state, State::Suspended(_)));
    drop(other);
}

#[test]
fn a_task_that_asks_for_the_dump_in_its_poll_is_asked_in_its_next_poll() {
    let (debug, event_loop, handle) = quiet();
    let (_open, closed) = oneshot::channel::<()>();
    let asks = debug.clone();
    drop(handle.spawn(async move {
        asks.request_dump();
        let _ = closed.await;
    }));
    run(&event_loop);
    let dump = debug.take_dump().expect("every task was polled");
    let state = &dump.tasks[0].state;
    assert!(
        matches!(state, State::Suspended(leaves) if !leaves.is_empty()),
        "{dump}"
    );
}

#[test]
fn a_dump_of_no_tasks_is_complete_at_once() {
    let (debug, _event_loop, _handle) = quiet();
    debug.request_dump();
    assert_eq!(debug.take_dump().unwrap().to_string(), "0 tasks\n");
}

#[test]
fn dumps_in_between_change_no_output_and_no_time() {
    let finished = |dumps: bool| {
        let (debug, event_loop, handle) = quiet();
        let order = Rc::new(RefCell::new(Vec::new()));
        for task in 0..10_u32 {
            let (handle, order) = (handle.clone(), Rc::clone(&order));
            drop(handle.clone().spawn(async move {
                for round in 0..3_u32 {
                    handle.sleep(SECOND * ((task * 7 + round) % 5)).await;
                    yield_now().await;
                    order.borrow_mut().push((task, round, handle.now()));
                }
            }));
        }
        for iteration in 0..2_000 {
            // Not in each: a task that was woken for a dump keeps the loop from its sleep.
            if dumps && iteration % 3 == 0 {
                debug.request_dump();
            }
            if event_loop.run_once().is_err() {
                break;
            }
        }
        assert_eq!(event_loop.tasks(), 0);
        order.take()
    };
    assert_eq!(finished(true), finished(false));
}

#[test]
fn a_wake_of_a_task_that_was_dumped_arrives() {
    let (debug, event_loop, handle) = quiet();
    let (sender, receiver) = oneshot::channel();
    let task = handle.spawn(receiver);
    let dump = dump_after(1, &debug, &event_loop);
    assert!(matches!(dump.tasks[0].state, State::Suspended(_)));
    sender.send(7).unwrap();
    assert_eq!(event_loop.block_on(task).unwrap(), Ok(7));
}

#[test]
fn a_dump_that_does_not_come_in_time_names_the_task_that_keeps_the_thread() {
    let (debug, event_loop, handle) = quiet();
    let other = debug.clone();
    drop(handle.spawn(pending::<()>()));
    event_loop.run_once().unwrap();
    event_loop.block_on(async move {
        // Another thread asks, and this poll does not return before that thread has its answer.
        let asks = std::thread::spawn(move || {
            other.request_dump();
            other.wait_for_dump(Duration::ZERO)
        });
        let dump = asks.join().unwrap();
        assert_eq!(dump.tasks[0].state, State::NotAsked);
        assert_eq!(dump.tasks[1].state, State::Running);
    });
}
