//! The laws of a future that waits for one event.
//!
//! Each takes a function that makes a fresh one, as a [`Wait`]: the future, and what makes its event happen.

use std::fmt::Debug;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use probe::{Run, panics};

use crate::spy::{Spy, spy};
use crate::waker::{Poller, poller};

/// A future that waits for one event, and the event.
pub struct Wait<F> {
    /// The one that waits.
    pub future: F,
    /// What makes it happen, through the public way: sending, firing, dropping the other half.
    pub event: Box<dyn FnOnce() + Send>,
}

impl<F> Wait<F> {
    /// A future and its event.
    pub fn new(future: F, event: impl FnOnce() + Send + 'static) -> Wait<F> {
        Wait {
            future,
            event: Box::new(event),
        }
    }
}

/// What has happened before the first poll is seen by the first poll.
#[track_caller]
pub fn ready_if_it_has_happened<F: Future<Output: Debug>>(run: &Run, wait: Wait<F>) -> F::Output {
    let mut future = spy(run, "future", wait.future);
    happen(run, wait.event);
    expect_ready(run, &poller(run.recorder(), "A"), &mut future)
}

/// Before it has happened, a poll is pending. Names `ready-too-early`.
#[track_caller]
pub fn pending_until_it_happens<F: Future<Output: Debug>>(run: &Run, wait: Wait<F>) {
    let mut future = spy(run, "future", wait.future);
    expect_pending(run, &poller(run.recorder(), "A"), &mut future);
    drop(future);
    drop(wait.event);
}

/// A pending future is woken when it happens. Names `never-registered` if no waker was kept, `forgot-to-wake` if one was.
#[track_caller]
pub fn wakes_when_it_happens<F: Future<Output: Debug>>(run: &Run, wait: Wait<F>) -> F::Output {
    let mut future = spy(run, "future", wait.future);
    let a = poller(run.recorder(), "A");
    expect_pending(run, &a, &mut future);
    let kept = a.counts().alive > 0;
    happen(run, wait.event);
    if a.wakes() == 0 {
        not_woken(run, &a, kept);
    }
    expect_ready(run, &a, &mut future)
}

/// A future that several tasks poll wakes the task that polled last. Names `first-waker-only` if it woke an earlier one.
///
/// Each poll brings a new waker, so this also finds a future that keeps the waker of an earlier poll without comparing the two.
#[track_caller]
pub fn wakes_the_latest_poller<F: Future<Output: Debug>>(run: &Run, wait: Wait<F>) -> F::Output {
    let mut future = spy(run, "future", wait.future);
    let [a, b, c] = ["A", "B", "C"].map(|name| poller(run.recorder(), name));
    for earlier in [&a, &b, &c] {
        expect_pending(run, earlier, &mut future);
    }
    let kept = c.counts().alive > 0;
    happen(run, wait.event);
    if c.wakes() == 0 && a.wakes() + b.wakes() > 0 {
        let woken = if a.wakes() > 0 {
            "A, which polled first"
        } else {
            "B, which polled second"
        };
        run.recorder().lacks(c.name(), "is not woken");
        run.diagnose(
            "first-waker-only",
            format!(
                "The wake went to {woken}. C polled last, and its waker was not called. Keeping an earlier waker when a new one comes \
                 does this.",
            ),
        );
    }
    if c.wakes() == 0 {
        not_woken(run, &c, kept);
    }
    expect_ready(run, &c, &mut future)
}

/// Being polled is no proof of anything: without the event, a second poll is as pending as the first, and keeps a waker as that
/// did. Names `trusted-a-wake`, and `never-registered`.
#[track_caller]
pub fn a_poll_proves_nothing<F: Future<Output: Debug>>(run: &Run, wait: Wait<F>) -> F::Output {
    let mut future = spy(run, "future", wait.future);
    let a = poller(run.recorder(), "A");
    expect_pending(run, &a, &mut future);
    for _ in 0..2 {
        match panics::expected(|| a.poll(std::pin::Pin::new(&mut future))) {
            Ok(Poll::Pending) if a.counts().alive == 0 => not_woken(run, &a, false),
            Ok(Poll::Pending) => {}
            Ok(Poll::Ready(_)) => run.diagnose(
                "trusted-a-wake",
                "It was polled again before anything had happened, and took that for the event. Any task may poll it, at any time.",
            ),
            Err(panic) => run.departs(format!("A second poll, before anything had happened, panicked: {}.", panic.message)),
        }
    }
    let kept = a.counts().alive > 0;
    happen(run, wait.event);
    if a.wakes() == 0 {
        not_woken(run, &a, kept);
    }
    expect_ready(run, &a, &mut future)
}

/// While it waits, it does not wake itself. Names `busy-poll`.
#[track_caller]
pub fn wakes_only_for_a_reason<F: Future<Output: Debug>>(run: &Run, wait: Wait<F>) {
    let mut future = spy(run, "future", wait.future);
    let a = poller(run.recorder(), "A");
    expect_pending(run, &a, &mut future);
    // Some wake themselves only when they are polled again. What else a second poll may do wrong is another law's business.
    let again = |_: &i32| a.poll(std::pin::Pin::new(&mut future)).is_pending();
    let _polls = (0..2).take_while(again).count();
    if a.wakes() > 0 {
        run.diagnose(
            "busy-poll",
            "It woke itself while nothing had happened. The executor will poll it again at once, and again, and never sleep.",
        );
    }
    drop(future);
    drop(wait.event);
}

/// The code calls `wake` while it holds no lock, and after the state has changed: the woken task may poll again at once.
/// Names `wake-under-lock`, by a breadcrumb where that ends in a deadlock, and `woke-too-soon`.
#[track_caller]
pub fn wakes_without_its_lock<F>(run: &Run, wait: Wait<F>)
where
    F: Future<Output: Debug + Send> + Send + 'static,
{
    let future = Arc::new(Mutex::new(Box::pin(wait.future)));
    let a = poller(run.recorder(), "A");
    let polled = Arc::clone(&future);
    let first = poll_shared(&polled, &a);
    if first.is_ready() {
        run.departs("The first poll was ready before anything had happened.");
    }
    let again = poller(run.recorder(), "A again, inside wake");
    let inside = again.clone();
    let was_pending = Arc::new(AtomicBool::new(false));
    let pending = Arc::clone(&was_pending);
    let recorder = run.recorder().clone();
    a.on_wake(move || {
        let call = recorder.enters("future", "polled inside wake");
        let poll = poll_shared(&polled, &inside);
        pending.store(poll.is_pending(), Ordering::Relaxed);
        call.returns(crate::spy::outcome(&poll));
    });
    run.risk(
        Some("wake-under-lock"),
        "The task that was woken polled at once, from inside `wake`, and everything stood still: `wake` is called while the \
         lock is held that the poll needs.",
        || happen(run, wait.event),
    );
    if was_pending.load(Ordering::Relaxed) && again.wakes() == 0 {
        run.diagnose(
            "woke-too-soon",
            "The task that was woken polled at once, found nothing, and was not woken again: it was called before what it waits for \
             could be seen.",
        );
    }
}

/// A future that is dropped leaves no waker behind. Names `waker-kept`.
#[track_caller]
pub fn keeps_no_waker_when_dropped<F: Future<Output: Debug>>(run: &Run, wait: Wait<F>) {
    let mut future = spy(run, "future", wait.future).noting_its_end();
    let a = poller(run.recorder(), "A");
    expect_pending(run, &a, &mut future);
    drop(future);
    let left = a.counts().alive;
    if left > 0 {
        run.recorder().says(a.name(), "its waker is still kept");
        run.diagnose(
            "waker-kept",
            "The future was dropped, and a waker of A is still kept: A would be woken for nothing, and its memory is held.",
        );
    }
    happen(run, wait.event);
}

fn poll_shared<F: Future>(future: &Mutex<std::pin::Pin<Box<F>>>, by: &Poller) -> Poll<F::Output> {
    by.poll(
        future
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_mut(),
    )
}

fn happen(run: &Run, event: Box<dyn FnOnce() + Send>) {
    let call = run.recorder().enters("event", "happens");
    event();
    call.returns("done");
}

#[track_caller]
fn not_woken(run: &Run, task: &Poller, kept: bool) -> ! {
    let name = task.name();
    if kept {
        run.recorder().lacks(name, "is not woken");
        run.diagnose(
            "forgot-to-wake",
            format!("It has happened, and the waker of {name}, which was kept, was not called: {name} will not poll again."),
        );
    }
    run.recorder()
        .lacks("future", format!("keeps no waker of {name}"));
    run.diagnose(
        "never-registered",
        format!("The future said `Pending` and kept no waker of {name}. When it happens there is no waker to call, and {name} will not poll again."),
    )
}

#[track_caller]
fn expect_pending<F: Future<Output: Debug>>(run: &Run, by: &Poller, future: &mut Spy<F>) {
    if by.poll(std::pin::Pin::new(future)).is_ready() {
        run.diagnose(
            "ready-too-early",
            "It was ready although nothing had happened yet.",
        );
    }
}

#[track_caller]
fn expect_ready<F: Future<Output: Debug>>(
    run: &Run,
    by: &Poller,
    future: &mut Spy<F>,
) -> F::Output {
    match by.poll(std::pin::Pin::new(future)) {
        Poll::Ready(value) => value,
        Poll::Pending => run.departs("It has happened, and the poll after it is still pending."),
    }
}
