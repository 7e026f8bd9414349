//! Adds the quiet time to the time of the push as a `Duration`.

use std::fmt;
use std::time::Duration;

use event_loop::{Spawn, Time, Timer};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

struct Shared<T> {
    latest: RefCell<Option<(T, Time)>>,
    closed: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl<T> Shared<T> {
    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl<T> Drop for Debounce<T> {
    fn drop(&mut self) {
        self.shared.closed.set(true);
        self.shared.wake();
    }
}

/// The input for values. Dropping it ends the input: the task then emits a waiting value at once, in
/// the loop's next iterations. The destructor itself emits nothing.
pub struct Debounce<T> {
    shared: Rc<Shared<T>>,
    now: Box<dyn Fn() -> Time>,
}

impl<T: 'static> Debounce<T> {
    /// Spawns a task that calls `emit` with the last value when no other value has been pushed for
    /// `quiet` since. The time counts from the `push`, even if the task is polled later. A value that
    /// is followed by another one before that is dropped.
    ///
    /// At most one timer is set, however many values are pushed, and none while no value waits. When
    /// the input has ended, the task completes, and no task, timer or value is left. `emit` may push,
    /// and may drop the input: nothing is borrowed while it runs. The task sleeps in between; a
    /// spurious poll changes nothing.
    pub fn new<M: Timer + 'static>(
        spawner: &impl Spawn,
        timer: M,
        quiet: Duration,
        mut emit: impl FnMut(T) + 'static,
    ) -> Debounce<T> {
        let timer = Rc::new(timer);
        let clock = Rc::clone(&timer);
        let shared = Rc::new(Shared {
            latest: RefCell::new(None),
            closed: Cell::new(false),
            waker: Cell::new(None),
        });
        let ours = Rc::clone(&shared);
        spawner.spawn_boxed(Box::pin(async move {
            let mut sleep: Option<M::Sleep> = None;
            let mut at = Time::default();
            poll_fn(move |context| {
                loop {
                    let closed = ours.closed.get();
                    let due = match &*ours.latest.borrow() {
                        None => None,
                        Some((_, pushed)) => Some(Time::after_start(pushed.since_start() + quiet)),
                    };
                    let Some(due) = due else {
                        sleep = None;
                        if closed {
                            return Poll::Ready(());
                        }
                        ours.waker.set(Some(context.waker().clone()));
                        return Poll::Pending;
                    };
                    if closed || due <= timer.now() {
                        sleep = None;
                        let value = ours.latest.borrow_mut().take();
                        if let Some((value, _)) = value {
                            emit(value);
                        }
                        continue;
                    }
                    if sleep.is_none() {
                        sleep = Some(timer.sleep_until(due));
                        at = due;
                    }
                    match Pin::new(sleep.as_mut().unwrap()).poll(context) {
                        Poll::Ready(()) => sleep = None,
                        Poll::Pending => {
                            let _ = at;
                            ours.waker.set(Some(context.waker().clone()));
                            return Poll::Pending;
                        }
                    }
                }
            })
            .await;
        }));
        Debounce {
            shared,
            now: Box::new(move || clock.now()),
        }
    }

    /// Takes a value, in place of the one that waits.
    pub fn push(&self, value: T) {
        let now = (self.now)();
        let older = self.shared.latest.borrow_mut().replace((value, now));
        drop(older);
        self.shared.wake();
    }
}

impl<T> fmt::Debug for Debounce<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Debounce")
    }
}
