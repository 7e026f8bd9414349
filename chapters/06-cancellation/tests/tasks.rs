//! A task is cancelled, in each situation in which it can be. Each has one outcome, and the chapter's table says which.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use crate::common::{OnDrop, World, ended};
use cancellation::{Ended, Task};
use event_loop::yield_now;
use probe_futures::{gate, poller};

const HOUR: Duration = Duration::from_secs(3600);

type Slot<T> = Rc<RefCell<Option<Task<T>>>>;

#[test]
fn before_its_first_poll_it_is_dropped_and_never_polled() {
    let world = World::new();
    let task = world.sleeper();
    assert!(task.cancel());
    assert!(task.is_over(), "at once");
    assert_eq!(world.end(task), "the task was cancelled");
    world.wrote(&[]); // Its guard is made by the first poll, which never came.
    world.is_empty();
}

#[test]
fn while_it_is_queued_it_is_dropped_and_not_polled_again() {
    let world = World::new();
    let (key, gate) = gate::<()>();
    let log = world.log.clone();
    let task = Task::spawn(&world.spawn, async move {
        let _guard = log.at_the_end("its destructors run");
        gate.await;
        log.write("it goes on");
    });
    world.turns(1);
    key.open(()); // From here on it is in the queue.
    assert!(task.cancel());
    world.wrote(&["its destructors run"]);
    assert_eq!(world.end(task), "the task was cancelled");
    world.wrote(&["its destructors run"]);
    world.is_empty();
}

#[test]
fn while_it_waits_for_a_timer_the_timer_is_removed() {
    let world = World::new();
    let task = world.sleeper();
    world.turns(1);
    assert_eq!(world.sim.event_loop().timers(), 1);
    assert!(task.cancel());
    world.log.write("cancel has returned");
    world.wrote(&["it begins", "its destructors run", "cancel has returned"]);
    assert_eq!(world.sim.event_loop().timers(), 0);
    assert_eq!(world.end(task), "the task was cancelled");
    assert_eq!(world.sim.sim().now(), Duration::ZERO);
    world.is_empty();
}

#[test]
fn while_it_waits_for_another_task_that_one_is_cancelled_first() {
    let world = World::new();
    let (spawn, log) = (Rc::clone(&world.spawn), world.log.clone());
    let child = world.sleeper();
    let parent = Task::spawn(&spawn, async move {
        let _guard = log.at_the_end("the parent's destructors run");
        let _ = child.await;
    });
    world.turns(2);
    assert!(parent.cancel());
    world.wrote(&[
        "it begins",
        "its destructors run",
        "the parent's destructors run",
    ]);
    assert_eq!(world.end(parent), "the task was cancelled");
    world.is_empty();
}

#[test]
fn one_that_is_only_waited_for_by_reference_is_left_alone() {
    let world = World::new();
    let mut child = world.sleeper();
    let value = world.drive({
        let handle = world.handle.clone();
        async move {
            let waiting = state_machines::race(&mut child, handle.sleep(HOUR / 2));
            assert!(matches!(waiting.await, state_machines::Winner::Second(())));
            child.await.unwrap()
        }
    });
    assert_eq!(value, 7);
}

#[test]
fn while_it_waits_for_itself_it_is_cancelled_like_any_other() {
    let world = World::new();
    let own: Slot<()> = Rc::default();
    let (itself, log) = (Rc::clone(&own), world.log.clone());
    let task = Task::spawn(&world.spawn, async move {
        let _guard = log.at_the_end("its destructors run");
        yield_now().await;
        let itself = itself.borrow_mut().take().expect("it was put there");
        let _ = itself.await;
    });
    let canceller = task.canceller();
    own.replace(Some(task));
    world.turns(3);
    assert!(own.borrow().is_none(), "it has taken itself, and waits");
    canceller.cancel();
    world.turns(1);
    world.wrote(&["its destructors run"]);
    world.is_empty();
}

#[test]
fn while_it_runs_it_is_dropped_when_the_poll_has_returned() {
    let world = World::new();
    let own: Slot<()> = Rc::default();
    let (itself, log) = (Rc::clone(&own), world.log.clone());
    let task = Task::spawn(&world.spawn, async move {
        let _guard = log.at_the_end("its destructors run");
        yield_now().await;
        let cancelled = itself.borrow().as_ref().map(Task::cancel);
        log.write(format!("it cancels itself: {cancelled:?}"));
        let again = itself.borrow().as_ref().map(Task::cancel);
        log.write(format!("and once more: {again:?}"));
        yield_now().await;
        log.write("it goes on");
    });
    own.replace(Some(task));
    world.turns(3);
    world.wrote(&[
        "it cancels itself: Some(true)",
        "and once more: Some(false)",
        "its destructors run",
    ]);
    let task = own.take().expect("it is there");
    assert_eq!(world.end(task), "the task was cancelled");
    world.is_empty();
}

#[test]
fn while_it_runs_and_is_ready_in_that_very_poll_it_has_its_output() {
    let world = World::new();
    let own: Slot<u32> = Rc::default();
    let itself = Rc::clone(&own);
    let task = Task::spawn(&world.spawn, async move {
        yield_now().await;
        assert!(itself.borrow().as_ref().unwrap().cancel());
        7
    });
    own.replace(Some(task));
    world.turns(2);
    assert_eq!(world.end(own.take().unwrap()), "has its output");
    world.is_empty();
}

#[test]
fn after_it_has_finished_cancel_does_nothing() {
    let world = World::new();
    let task = Task::spawn(&world.spawn, async { 7 });
    world.turns(1);
    assert!(task.is_over());
    assert!(!task.cancel());
    assert_eq!(world.drive(task).unwrap(), 7);
}

#[test]
fn the_second_cancel_does_nothing() {
    let world = World::new();
    let task = world.sleeper();
    world.turns(1);
    assert!(task.cancel());
    assert!(!task.cancel());
    world.wrote(&["it begins", "its destructors run"]);
    assert_eq!(world.end(task), "the task was cancelled");
}

#[test]
fn from_its_own_destructor_cancel_does_nothing() {
    let world = World::new();
    let own: Slot<()> = Rc::default();
    let (itself, log, handle) = (Rc::clone(&own), world.log.clone(), world.handle.clone());
    let task = Task::spawn(&world.spawn, async move {
        let _guard = OnDrop(move || {
            let task = itself.take().expect("it is there");
            log.write(format!("cancels itself: {}", task.cancel()));
            log.write(format!("is over: {}", task.is_over()));
            itself.replace(Some(task));
        });
        handle.sleep(HOUR).await;
    });
    let canceller = task.canceller();
    own.replace(Some(task));
    world.turns(1);
    canceller.cancel();
    world.turns(1);
    world.wrote(&["cancels itself: false", "is over: false"]);
    assert_eq!(world.end(own.take().unwrap()), "the task was cancelled");
    world.is_empty();
}

#[test]
fn from_another_thread_it_is_dropped_by_the_loop_in_its_next_iteration() {
    let world = World::new();
    let task = world.sleeper();
    world.turns(1);
    let canceller = task.canceller();
    let loops = thread::current().id();
    let asked = thread::spawn(move || {
        canceller.cancel();
        thread::current().id()
    });
    assert_ne!(asked.join().unwrap(), loops);
    assert!(!task.is_over());
    world.wrote(&["it begins"]);
    assert_eq!(ended(&world.drive(task)), "the task was cancelled");
    world.wrote(&["it begins", "its destructors run"]);
    assert_eq!(world.sim.sim().now(), Duration::ZERO);
    world.is_empty();
}

#[test]
fn from_another_thread_while_the_loop_sleeps_it_gets_up() {
    let world = World::new();
    let task = world.sleeper();
    let canceller = task.canceller();
    (world.sim.sim()).at(Duration::from_secs(60), move || {
        thread::spawn(move || canceller.cancel()).join().unwrap();
    });
    assert_eq!(ended(&world.drive(task)), "the task was cancelled");
    assert_eq!(world.sim.sim().now(), Duration::from_secs(60));
    world.is_empty();
}

#[test]
fn from_another_thread_before_its_first_poll_it_is_never_polled() {
    let world = World::new();
    let task = world.sleeper();
    let canceller = task.canceller();
    thread::spawn(move || canceller.cancel()).join().unwrap();
    assert_eq!(ended(&world.drive(task)), "the task was cancelled");
    world.wrote(&[]);
}

#[test]
fn from_another_thread_when_it_is_too_late_cancel_does_nothing() {
    let world = World::new();
    let task = Task::spawn(&world.spawn, async { 7 });
    world.turns(1);
    let canceller = task.canceller();
    thread::spawn(move || canceller.cancel()).join().unwrap();
    assert_eq!(world.drive(task).unwrap(), 7);
    world.is_empty();
}

#[test]
fn while_the_loop_shuts_down_it_is_dropped_once() {
    let world = World::new();
    let (first, second) = (world.sleeper(), Rc::new(RefCell::new(None)));
    let (other, log) = (Rc::clone(&second), world.log.clone());
    let handle = world.handle.clone();
    // The loop drops the oldest first: one that sleeps, then this one, which cancels the third in its destructors.
    let cancels = Task::spawn(&world.spawn, async move {
        let _guard = OnDrop(move || {
            let other: Task<u32> = other.take().expect("it was put there");
            log.write(format!("cancels the other: {}", other.cancel()));
            log.write(format!("the other is over: {}", other.is_over()));
        });
        handle.sleep(HOUR).await;
    });
    second.replace(Some(world.sleeper()));
    world.turns(1);
    world.sim.event_loop().close();
    world.wrote(&[
        "it begins",
        "it begins",
        "its destructors run",
        "its destructors run",
        "cancels the other: true",
        "the other is over: true",
    ]);
    assert!(!first.cancel() && !cancels.cancel());
    assert!(matches!(
        poll_once(first),
        Poll::Ready(Err(Ended::Cancelled))
    ));
    assert!(matches!(
        poll_once(cancels),
        Poll::Ready(Err(Ended::Cancelled))
    ));
    assert_eq!(world.reports.lines().len(), 0);
}

#[test]
fn after_the_loop_is_gone_it_is_dropped_at_once() {
    let world = World::new();
    world.sim.event_loop().close();
    let task = world.sleeper();
    assert!(task.is_over());
    assert!(matches!(
        poll_once(task),
        Poll::Ready(Err(Ended::Cancelled))
    ));
}

#[test]
fn dropping_it_cancels_it() {
    let world = World::new();
    let task = world.sleeper();
    world.turns(1);
    drop(task);
    world.wrote(&["it begins", "its destructors run"]);
    world.is_empty();
}

#[test]
fn one_that_drops_its_own_handle_is_cancelled_when_the_poll_has_returned() {
    let world = World::new();
    let own: Slot<()> = Rc::default();
    let (itself, log) = (Rc::clone(&own), world.log.clone());
    let task = Task::spawn(&world.spawn, async move {
        let _guard = log.at_the_end("its destructors run");
        drop(itself.take());
        log.write("the handle is gone");
        yield_now().await;
        log.write("it goes on");
    });
    own.replace(Some(task));
    world.turns(2);
    world.wrote(&["the handle is gone", "its destructors run"]);
    world.is_empty();
}

#[test]
fn a_whole_tree_goes_innermost_first() {
    let world = World::new();
    let (spawn, log, handle) = (
        Rc::clone(&world.spawn),
        world.log.clone(),
        world.handle.clone(),
    );
    let root = Task::spawn(&world.spawn, async move {
        let _guard = log.at_the_end("root");
        let (inner, leaf) = (Rc::clone(&spawn), log.clone());
        let branch = Task::spawn(&spawn, async move {
            let _guard = leaf.at_the_end("branch");
            let log = leaf.clone();
            let leaf = Task::spawn(&inner, async move {
                let _guard = log.at_the_end("leaf");
                handle.sleep(HOUR).await;
            });
            let _ = leaf.await;
        });
        let _ = branch.await;
    });
    world.turns(4);
    assert!(root.cancel());
    world.wrote(&["leaf", "branch", "root"]);
    drop(root);
    world.is_empty();
}

#[test]
fn one_that_is_detached_runs_on() {
    let world = World::new();
    world.sleeper().detach();
    world.turns(1);
    let handle = world.handle.clone();
    world.drive(async move { handle.sleep(HOUR * 2).await });
    world.wrote(&["it begins", "it goes on", "its destructors run"]);
    world.is_empty();
}

#[test]
fn a_joiner_is_woken_only_after_the_destructors_have_run() {
    let world = World::new();
    let (canceller, waiter) = (world.log.clone(), world.log.clone());
    let task = Rc::new(RefCell::new(world.sleeper()));
    let awaited = Rc::clone(&task);
    let waits = world.handle.spawn(async move {
        let end = poll_fn(|context| Pin::new(&mut *awaited.borrow_mut()).poll(context)).await;
        waiter.write(format!("who awaits it: {}", ended(&end)));
    });
    world.turns(2);
    task.borrow().cancel();
    canceller.write("cancel has returned");
    world.drive(async move { waits.await.unwrap() });
    world.wrote(&[
        "it begins",
        "its destructors run",
        "cancel has returned",
        "who awaits it: the task was cancelled",
    ]);
}

#[test]
fn cancelling_and_waiting_is_one_call() {
    let world = World::new();
    let task = world.sleeper();
    world.turns(1);
    assert!(matches!(
        world.drive(task.cancelled()),
        Err(Ended::Cancelled)
    ));
    let over = Task::spawn(&world.spawn, async { 7 });
    world.turns(1);
    assert_eq!(world.drive(over.cancelled()).unwrap(), 7);
}

#[test]
fn a_cancellation_is_told_apart_from_a_panic_and_from_an_error() {
    let world = World::new();
    let panics = Task::spawn(&world.spawn, async { panic!("out of paper") });
    let fails = Task::spawn(&world.spawn, async { Err::<(), _>("out of ink") });
    world.turns(1);
    let panicked: Result<(), Ended> = world.drive(panics);
    assert_eq!(ended(&panicked), "the task panicked: out of paper");
    assert_eq!(world.drive(fails).unwrap(), Err("out of ink"));
    assert_eq!(world.reports.lines().len(), 0);
}

#[test]
fn a_destructor_that_panics_is_how_a_cancelled_task_ends() {
    let world = World::new();
    let (handle, log) = (world.handle.clone(), world.log.clone());
    let task = Task::spawn(&world.spawn, async move {
        let _last = log.at_the_end("the other destructors run");
        let _first = OnDrop(|| panic!("cannot close"));
        handle.sleep(HOUR).await;
    });
    world.turns(1);
    assert!(task.cancel(), "and the panic does not come out of it");
    world.wrote(&["the other destructors run"]);
    assert_eq!(world.end(task), "the task panicked: cannot close");
    assert_eq!(world.reports.lines().len(), 0);
    world.is_empty();
}

#[test]
fn a_destructor_that_panics_after_the_end_is_reported_and_changes_nothing() {
    struct ReadyAtOnce;
    impl Future for ReadyAtOnce {
        type Output = u32;
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u32> {
            Poll::Ready(7)
        }
    }
    impl Drop for ReadyAtOnce {
        fn drop(&mut self) {
            panic!("cannot close");
        }
    }
    let world = World::new();
    let task = Task::spawn(&world.spawn, ReadyAtOnce);
    world.turns(1);
    assert_eq!(world.drive(task).unwrap(), 7);
    // In which words it is reported is the task's business.
    let reports = world.reports.lines();
    assert_eq!(reports.len(), 1, "{reports:?}");
    assert!(reports[0].contains("cannot close"), "{reports:?}");
}

#[test]
fn a_panic_that_is_never_retrieved_is_reported_once() {
    for detached in [true, false] {
        let world = World::new();
        let task: Task<()> = Task::spawn(&world.spawn, async { panic!("out of paper") });
        if detached {
            task.detach();
            world.turns(1);
        } else {
            world.turns(1);
            drop(task);
        }
        world.turns(1);
        assert_eq!(
            world.reports.lines(),
            ["a task panicked, and its result was never retrieved: out of paper"]
        );
    }
}

#[test]
fn a_task_that_is_dropped_while_a_joiner_waits_keeps_no_waker() {
    let world = World::new();
    let run = probe::run!();
    for detach in [true, false] {
        let a = poller(run.recorder(), "A");
        let mut task = Box::pin(world.sleeper());
        assert!(a.poll(task.as_mut()).is_pending());
        let task = *Pin::into_inner(task);
        if detach {
            task.detach();
        } else {
            drop(task);
        }
        assert_eq!((a.counts().alive, a.wakes()), (0, 0));
    }
}

#[test]
fn the_task_that_polled_last_is_woken() {
    let world = World::new();
    let run = probe::run!();
    let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
    let mut task = world.sleeper();
    assert!(a.poll(Pin::new(&mut task)).is_pending());
    assert!(b.poll(Pin::new(&mut task)).is_pending());
    assert!(task.cancel());
    assert_eq!((a.wakes(), b.wakes()), (0, 1));
}

#[test]
fn a_canceller_that_outlives_its_task_holds_nothing_of_it() {
    let world = World::new();
    let tasks = 100;
    let cancellers: Vec<_> = (0..tasks)
        .map(|_| {
            let task = Task::spawn(&world.spawn, async { 7 });
            let canceller = task.canceller();
            task.detach();
            canceller
        })
        .collect();
    world.turns(1);
    for canceller in cancellers {
        canceller.cancel();
    }
    world.is_empty();
}

fn poll_once<T: 'static>(task: Task<T>) -> Poll<Result<T, Ended>> {
    let mut context = Context::from_waker(std::task::Waker::noop());
    Pin::new(&mut { task }).poll(&mut context)
}

/// The situation with a socket: on a loop that sleeps on the chapter before's reactor.
#[cfg(unix)]
mod socket {
    use std::cell::Cell;
    use std::rc::Rc;

    use cancellation::{Ended, Task};
    use event_loop::{EventLoop, Spawn, yield_now};
    use futures::{AsyncReadExt, AsyncWriteExt};
    use reactor::{Reactor, UnixStream};

    #[test]
    fn while_it_waits_for_a_socket_the_socket_is_closed_and_taken_out_of_the_reactor() {
        let reactor = Reactor::new().unwrap();
        let sockets = reactor.handle();
        let event_loop = EventLoop::with_driver(reactor);
        let spawn: Rc<dyn Spawn> = Rc::new(event_loop.handle());
        let (mut near, mut far) = UnixStream::pair(&sockets).unwrap();
        let read = Rc::new(Cell::new(0));
        let count = Rc::clone(&read);
        event_loop.block_on(async {
            let task = Task::spawn(&spawn, async move {
                let mut byte = [0];
                loop {
                    far.read_exact(&mut byte).await.unwrap();
                    count.set(count.get() + 1);
                }
            });
            near.write_all(b"two").await.unwrap();
            while read.get() < 3 {
                yield_now().await;
            }
            let ended: Result<(), Ended> = task.cancelled().await;
            assert!(matches!(ended, Err(Ended::Cancelled)));
            // Only the near end is left, and it sees that the far one is closed.
            assert_eq!(near.read(&mut [0]).await.unwrap(), 0);
        });
        assert_eq!(read.get(), 3);
        drop(near);
        assert_eq!(sockets.sources(), 0);
    }
}

#[test]
fn a_reporter_that_panics_keeps_no_joiner_asleep() {
    let world = World::new();
    (world.sim.event_loop()).on_unretrieved(|_| panic!("in the reporter"));
    let task = Task::spawn(&world.spawn, async { 7 });
    assert_eq!(world.drive(task).unwrap(), 7);
    // Its future is ready, and panics when it is dropped: the loop reports that, and the reporter panics.
    let bad_end = Task::spawn(&world.spawn, PanicsWhenDropped);
    assert_eq!(world.drive(bad_end).unwrap(), 7);
    let report = Task::spawn(&world.spawn, async { panic!("its handle is dropped") });
    report.detach();
    world.is_empty();
}

/// A future that is ready at once, and whose destructor panics.
struct PanicsWhenDropped;

impl Future for PanicsWhenDropped {
    type Output = u32;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u32> {
        Poll::Ready(7)
    }
}

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("in a destructor");
    }
}
