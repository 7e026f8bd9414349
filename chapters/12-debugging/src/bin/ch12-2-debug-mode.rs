//! Six faults, each in a few lines, and what debug mode reports of them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::mpsc;
use std::task::{Poll, Waker};
use std::time::Duration;

use debugging::{DebugMode, must_await, must_close, run_in_debug_mode};
use event_loop::{EventLoop, Handle, JoinError, JumpingDriver};

// ANCHOR: slow
async fn thumbnails(handle: Handle, driver: JumpingDriver) {
    handle.sleep(Duration::from_secs(1)).await;
    driver.spend(Duration::from_millis(250)); // It computes, and awaits nothing.
    handle.sleep(Duration::from_secs(1)).await;
}
// ANCHOR_END: slow

fn slow_step(debug: &DebugMode) {
    let driver = JumpingDriver::new();
    run_in_debug_mode(debug, driver.clone(), |handle| async move {
        let task = handle.spawn(thumbnails(handle.clone(), driver));
        task.await.expect("it does not panic");
    });
}

// ANCHOR: driver
fn slow_driver(debug: &DebugMode) {
    // On this driver's clock each poll for events takes 300 ms.
    let driver = JumpingDriver::with_cost_of_a_park(Duration::from_millis(300));
    run_in_debug_mode(debug, driver, |_handle| async {});
}
// ANCHOR_END: driver

// ANCHOR: awaited
async fn save() {
    println!("saved");
}

fn never_awaited(debug: &DebugMode) {
    run_in_debug_mode(debug, JumpingDriver::new(), |_handle| async {
        drop(must_await(save()));
    });
}
// ANCHOR_END: awaited

// ANCHOR: closed
struct Mailbox {
    unsent: Vec<&'static str>,
}

impl Mailbox {
    /// Sends what is unsent. A destructor could not wait for that.
    async fn close(self, handle: &Handle) {
        handle.sleep(Duration::from_millis(20)).await;
        drop(self.unsent);
    }
}

fn not_closed(debug: &DebugMode) {
    run_in_debug_mode(debug, JumpingDriver::new(), |handle| async move {
        let closed = must_close(Mailbox {
            unsent: vec!["hello"],
        });
        closed.close().close(&handle).await;
        let mut mailbox = must_close(Mailbox { unsent: Vec::new() });
        mailbox.unsent.push("goodbye");
    });
}
// ANCHOR_END: closed

// ANCHOR: left
fn left_at_close(debug: &DebugMode) {
    run_in_debug_mode(debug, JumpingDriver::new(), |handle| async move {
        let tick = handle.clone();
        drop(handle.spawn(async move {
            loop {
                tick.sleep(Duration::from_secs(1)).await;
            }
        }));
        handle.sleep(Duration::from_secs(3)).await;
        drop(handle.spawn(save())); // The loop is closed before it polls this.
    });
}
// ANCHOR_END: left

// ANCHOR: cycle
/// Tells its listeners when it changes.
#[derive(Default)]
struct Subject {
    listeners: RefCell<Vec<Waker>>,
    parent: RefCell<Option<Rc<Subject>>>,
}

fn waker_in_a_cycle(debug: &DebugMode) {
    run_in_debug_mode(debug, JumpingDriver::new(), |handle| async move {
        let subject = Rc::new(Subject::default());
        // It is its own parent: its count never comes to zero.
        subject.parent.replace(Some(Rc::clone(&subject)));
        let listener = handle.spawn(std::future::poll_fn(move |context| {
            subject.listeners.borrow_mut().push(context.waker().clone());
            Poll::Ready(())
        }));
        listener.await.expect("it does not panic");
    });
}
// ANCHOR_END: cycle

// ANCHOR: thread
/// A handle does not leave its thread: `thread::spawn(move || handle.call_soon(…))` does not compile. The
/// one call that compiles and would block forever is this one, and it panics.
fn wrong_thread() {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let door = event_loop.handle().door();
    let waits = event_loop.handle().spawn(async move {
        let task = door.run_coroutine_threadsafe(|_handle| async { 42 });
        task.expect("the loop is open").wait()
    });
    // In which words it panics is the door's choice.
    let panicked = matches!(event_loop.block_on(waits), Err(JoinError::Panicked(_)));
    println!("the task that waits for its own loop panicked: {panicked}");
}
// ANCHOR_END: thread

/// A program with one fault.
type Part = fn(&DebugMode);

fn main() {
    closed_output::end_quietly();
    // Printed at the end of each part, in the order in which they were reported.
    let (reports, received) = mpsc::channel();
    let debug = DebugMode::new().on_warning(move |warning| {
        let _ = reports.send(warning.to_string());
    });
    let parts: [(&str, Part); 6] = [
        ("a slow step", slow_step),
        ("a slow driver", slow_driver),
        ("never awaited", never_awaited),
        ("not closed", not_closed),
        ("left when the loop is closed", left_at_close),
        ("a waker in a cycle", waker_in_a_cycle),
    ];
    for (name, part) in parts {
        println!("# {name}");
        part(&debug);
        received.try_iter().for_each(|report| println!("{report}"));
        println!();
    }
    println!("# the wrong thread");
    wrong_thread();
}
