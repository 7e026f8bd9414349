//! Wakers that count.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use probe::Recorder;

/// A poller: it has a name, and a waker that counts every clone, wake and drop.
///
/// Each wake is recorded in the track of that name. Clones and drops are counted but not recorded: how often a waker is cloned is a
/// matter of style. Only a recorder that watches a file is told who keeps them.
pub fn poller(recorder: &Recorder, name: &str) -> Poller {
    Poller::new(recorder, name, None)
}

/// The same in front of another waker, to which each wake is passed on.
pub fn in_front_of(waker: &Waker, recorder: &Recorder, name: &str, wakes: Wakes) -> Poller {
    Poller::new(recorder, name, Some((waker.clone(), wakes)))
}

/// Who records the wakes that are passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wakes {
    /// The poller that passes them on.
    Here,
    /// The waker that they are passed on to.
    There,
}

/// See [`poller`].
#[derive(Debug, Clone)]
pub struct Poller {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    name: String,
    recorder: Recorder,
    counts: Mutex<Counts>,
    hooks: Mutex<Hooks>,
    /// Whom a wake is passed on to.
    next: Option<(Waker, Wakes)>,
}

/// What became of a [`Poller`]'s wakers so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// How often a waker was cloned.
    pub clones: usize,
    /// How many wakers are alive, clones and originals.
    pub alive: usize,
    /// Wakes that consumed the waker, by `wake`.
    pub by_value: usize,
    /// Wakes that left it, by `wake_by_ref`.
    pub by_reference: usize,
}

type Hook = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Hooks {
    clone: Option<Hook>,
    wake: Option<Hook>,
    drop: Option<Hook>,
}

impl std::fmt::Debug for Hooks {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Hooks")
    }
}

impl Poller {
    fn new(recorder: &Recorder, name: &str, next: Option<(Waker, Wakes)>) -> Poller {
        Poller {
            inner: Arc::new(Inner {
                name: name.to_owned(),
                recorder: recorder.clone(),
                counts: Mutex::default(),
                hooks: Mutex::default(),
                next,
            }),
        }
    }

    /// A waker of this poller.
    #[must_use]
    pub fn waker(&self) -> Waker {
        self.inner.count(|counts| counts.alive += 1);
        let data = Arc::into_raw(Arc::clone(&self.inner)).cast();
        // SAFETY: `VTABLE` upholds the contract of `RawWaker` for a pointer that `Arc::into_raw` made from an `Arc<Inner>`, of
        // which this waker owns one strong count. `Inner` is `Send` and `Sync`.
        unsafe { Waker::from_raw(RawWaker::new(data, &VTABLE)) }
    }

    /// Polls a future once with a waker of this poller.
    pub fn poll<F: Future + ?Sized>(&self, future: Pin<&mut F>) -> Poll<F::Output> {
        self.lend(|waker| future.poll(&mut Context::from_waker(waker)))
    }

    /// Does something with a waker of this poller, which is gone afterwards: code that keeps it has to clone it.
    pub fn lend<R>(&self, to: impl FnOnce(&Waker) -> R) -> R {
        let lent = Lent(self.waker());
        to(&lent.0)
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// What became of its wakers.
    #[must_use]
    pub fn counts(&self) -> Counts {
        *self
            .inner
            .counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// How often it was woken.
    #[must_use]
    pub fn wakes(&self) -> usize {
        let counts = self.counts();
        counts.by_value + counts.by_reference
    }

    /// Does something the next time that one of its wakers is cloned, inside `clone`, once.
    pub fn on_clone(&self, hook: impl FnOnce() + Send + 'static) {
        self.inner
            .hooks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone = Some(Box::new(hook));
    }

    /// Does something the next time that it is woken, inside `wake` or `wake_by_ref`, once.
    pub fn on_wake(&self, hook: impl FnOnce() + Send + 'static) {
        self.inner
            .hooks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .wake = Some(Box::new(hook));
    }

    /// Does something the next time that one of its wakers goes away, dropped or used up, once: what the destructor of a task would
    /// do whose last owner that waker was.
    pub fn on_drop(&self, hook: impl FnOnce() + Send + 'static) {
        self.inner
            .hooks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drop = Some(Box::new(hook));
    }
}

/// A waker that is dropped when the call returns.
struct Lent(Waker);

impl Drop for Lent {
    fn drop(&mut self) {
        RETURNS.set(true);
        self.0 = Waker::noop().clone();
        RETURNS.set(false);
    }
}

thread_local! {
    /// Whether the waker that is being dropped was only lent.
    static RETURNS: Cell<bool> = const { Cell::new(false) };
}

/// The name of the poller that a waker belongs to, if it is one of this module's.
#[must_use]
pub fn name_of(waker: &Waker) -> Option<String> {
    if !std::ptr::eq(waker.vtable(), &VTABLE) {
        return None;
    }
    // SAFETY: a waker with this vtable was made from `Arc::into_raw` of an `Arc<Inner>`, and holds a strong count while it lives,
    // which is at least as long as this borrow.
    let inner = unsafe { &*waker.data().cast::<Inner>() };
    Some(inner.name.clone())
}

impl Inner {
    fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Takes the hook out before it is called, so that it may call back in here.
    fn run(&self, hook: impl FnOnce(&mut Hooks) -> Option<Hook>) {
        let hook = hook(&mut self.hooks.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(hook) = hook {
            hook();
        }
    }

    fn woken(&self, change: impl FnOnce(&mut Counts)) {
        self.count(change);
        match self.next {
            Some((_, Wakes::There)) => self.recorder.is_at(&self.name),
            _ => self.recorder.wakes(&self.name),
        }
        if let Some((next, _)) = &self.next {
            next.wake_by_ref();
        }
        self.run(|hooks| hooks.wake.take());
    }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

fn clone(data: *const ()) -> RawWaker {
    let inner = borrow(data);
    inner.run(|hooks| hooks.clone.take());
    inner.count(|counts| {
        counts.clones += 1;
        counts.alive += 1;
    });
    inner.recorder.keeps_waker(&inner.name);
    RawWaker::new(Arc::into_raw(Arc::clone(&inner)).cast(), &VTABLE)
}

fn wake(data: *const ()) {
    borrow(data).woken(|counts| counts.by_value += 1);
    drop_waker(data);
}

fn wake_by_ref(data: *const ()) {
    borrow(data).woken(|counts| counts.by_reference += 1);
}

fn drop_waker(data: *const ()) {
    // SAFETY: only the vtable calls this, once for each waker, and each owns one strong count of an `Arc<Inner>`.
    let inner = unsafe { Arc::from_raw(data.cast::<Inner>()) };
    inner.count(|counts| counts.alive -= 1);
    if !RETURNS.get() {
        inner.recorder.lets_waker_go(&inner.name);
    }
    inner.run(|hooks| hooks.drop.take());
}

/// The `Arc` behind a waker that stays alive.
fn borrow(data: *const ()) -> ManuallyDrop<Arc<Inner>> {
    // SAFETY: only the vtable calls this, for a waker that owns one strong count; `ManuallyDrop` leaves it that count.
    ManuallyDrop::new(unsafe { Arc::from_raw(data.cast::<Inner>()) })
}
