//! A panic in caller-supplied code ends what it was raised in, and keeps nothing else from running.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use event_loop::{
    End, EventLoop, JumpingDriver, Observer, Spawn, TaskId, ThreadDriver, Time, TimerKey, yield_now,
};

/// Spawns a task that yields twice, and counts how many of its polls have run.
fn counts<O: Observer>(event_loop: &EventLoop<ThreadDriver, O>) -> Rc<Cell<u32>> {
    let polls = Rc::new(Cell::new(0));
    let count = Rc::clone(&polls);
    event_loop.handle().spawn_boxed(Box::pin(async move {
        for _ in 0..3 {
            count.set(count.get() + 1);
            yield_now().await;
        }
    }));
    polls
}

#[test]
fn a_reporter_that_panics_keeps_no_other_task_from_its_polls() {
    let event_loop = EventLoop::new();
    event_loop.on_unretrieved(|_| panic!("in the reporter"));
    let before = counts(&event_loop);
    drop(event_loop.handle().spawn(async { panic!("in a task") }));
    let handle = event_loop.handle();
    drop(handle.call_soon(|| panic!("in a callback")));
    (handle.door().call_soon_threadsafe(|_| panic!("in a call"))).unwrap();
    handle.spawn_boxed(Box::pin(async { panic!("in a boxed task") }));
    let joined = handle.spawn(async { panic!("its handle is dropped later") });
    let after = counts(&event_loop);
    for polls in 1..=3 {
        event_loop.run_once().unwrap();
        assert_eq!((before.get(), after.get()), (polls, polls));
    }
    drop(joined);
    handle.report("a problem");
    event_loop.run_once().unwrap();
    assert_eq!(event_loop.tasks(), 0);
}

#[test]
fn a_payload_that_panics_when_it_is_dropped_keeps_no_other_task_from_its_polls() {
    struct PanicsWhenDropped;

    impl Drop for PanicsWhenDropped {
        fn drop(&mut self) {
            panic!("in the destructor of a payload");
        }
    }

    let event_loop = EventLoop::new();
    let reports = Rc::new(Cell::new(0));
    let count = Rc::clone(&reports);
    event_loop.on_unretrieved(move |_| count.set(count.get() + 1));
    event_loop
        .handle()
        .spawn_boxed(Box::pin(async { panic_any(PanicsWhenDropped) }));
    let after = counts(&event_loop);
    event_loop.run_once().unwrap();
    assert_eq!((after.get(), reports.get()), (1, 2));
}

/// A waker that counts its calls and panics in each.
#[derive(Default)]
struct PanicsWhenCalled(AtomicUsize);

impl Wake for PanicsWhenCalled {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
        panic!("in a waker");
    }
}

#[test]
fn a_waker_that_panics_keeps_no_other_timer_from_firing_in_the_same_iteration() {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let counted = Arc::<PanicsWhenCalled>::default();
    let waker = Waker::from(Arc::clone(&counted));
    let mut sleeps = [(); 2].map(|()| handle.sleep(Duration::from_millis(5)));
    for sleep in &mut sleeps {
        let polled = Pin::new(sleep).poll(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
    }
    let called = Rc::new(Cell::new(false));
    let call = Rc::clone(&called);
    drop(handle.call_later(Duration::from_millis(5), move || call.set(true)));
    let run = catch_unwind(AssertUnwindSafe(|| event_loop.run_once()));
    assert_eq!(run.unwrap_err().downcast_ref(), Some(&"in a waker"));
    assert_eq!(counted.0.load(Ordering::Relaxed), 2);
    assert!(called.get());
}

#[test]
fn a_joiner_whose_waker_panics_costs_no_other_task_its_poll() {
    let event_loop = EventLoop::new();
    event_loop.on_unretrieved(|_| ());
    let mut joined = event_loop.handle().spawn(async { 7 });
    let waker = Waker::from(Arc::<PanicsWhenCalled>::default());
    assert!(
        Pin::new(&mut joined)
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    let after = counts(&event_loop);
    event_loop.run_once().unwrap();
    assert_eq!(after.get(), 1);
    assert_eq!(event_loop.block_on(joined).unwrap(), 7);
}

/// An observer that panics once, at the step with this name.
struct PanicsAt(&'static str, AtomicUsize);

impl PanicsAt {
    fn step(&self, name: &str) {
        if name == self.0 && self.1.fetch_add(1, Ordering::Relaxed) == 0 {
            panic!("in the observer");
        }
    }
}

impl Observer for PanicsAt {
    fn turn_begun(&self) {
        self.step("turn_begun");
    }
    fn task_spawned(&self, _: TaskId) {
        self.step("task_spawned");
    }
    fn poll_begun(&self, _: TaskId) {
        self.step("poll_begun");
    }
    fn polled(&self, _: TaskId, _: bool) {
        self.step("polled");
    }
    fn task_finished(&self, _: TaskId, _: End) {
        self.step("task_finished");
    }
    fn timer_set(&self, _: TimerKey, _: Time) {
        self.step("timer_set");
    }
    fn timer_fired(&self, _: TimerKey) {
        self.step("timer_fired");
    }
    fn timer_dropped(&self, _: TimerKey) {
        self.step("timer_dropped");
    }
    fn parked(&self, _: Option<Duration>) {
        self.step("parked");
    }
    fn unparked(&self) {
        self.step("unparked");
    }
}

#[test]
fn an_observer_that_panics_is_heard_after_the_iteration_and_no_task_is_lost() {
    for step in [
        "turn_begun",
        "task_spawned",
        "poll_begun",
        "polled",
        "task_finished",
        "timer_set",
        "timer_fired",
        "timer_dropped",
        "parked",
        "unparked",
    ] {
        let observer = PanicsAt(step, AtomicUsize::new(0));
        let event_loop = EventLoop::observed(ThreadDriver::new(), observer);
        let handle = event_loop.handle();
        let slept = Rc::new(Cell::new(false));
        let note = Rc::clone(&slept);
        drop(handle.spawn({
            let handle = handle.clone();
            async move {
                drop(handle.sleep(Duration::ZERO));
                let mut cancelled = Box::pin(handle.sleep(Duration::from_secs(3_600)));
                std::future::poll_fn(|context| {
                    let _ = cancelled.as_mut().poll(context);
                    std::task::Poll::Ready(())
                })
                .await;
                drop(cancelled);
                handle.sleep(Duration::ZERO).await;
                note.set(true);
            }
        }));
        let polls = counts(&event_loop);
        let mut panics = 0;
        while event_loop.tasks() > 0 {
            let run = catch_unwind(AssertUnwindSafe(|| event_loop.run_once().unwrap()));
            panics += u32::from(run.is_err());
        }
        assert_eq!(panics, 1, "{step}");
        assert_eq!((polls.get(), slept.get()), (3, true), "{step}");
    }
}

#[test]
fn an_observer_that_panics_at_a_wake_does_not_lose_the_wake() {
    struct PanicsWhenWoken(AtomicUsize);

    impl Observer for PanicsWhenWoken {
        fn woken(&self, _: TaskId) {
            // The first wake is the spawn's.
            assert_ne!(self.0.fetch_add(1, Ordering::Relaxed), 1, "in the observer");
        }
    }

    let observer = PanicsWhenWoken(AtomicUsize::new(0));
    let event_loop = EventLoop::observed(ThreadDriver::new(), observer);
    let kept: Rc<RefCell<Option<Waker>>> = Rc::default();
    let polls = Rc::new(Cell::new(0));
    let (keep, count) = (Rc::clone(&kept), Rc::clone(&polls));
    drop(event_loop.handle().spawn(async move {
        std::future::poll_fn(|context| {
            *keep.borrow_mut() = Some(context.waker().clone());
            count.set(count.get() + 1);
            std::task::Poll::<()>::Pending
        })
        .await;
        pending::<()>().await;
    }));
    event_loop.run_once().unwrap();
    let waker = kept.take().unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| waker.wake())).is_err());
    event_loop.run_once().unwrap();
    assert_eq!(polls.get(), 2);
}
