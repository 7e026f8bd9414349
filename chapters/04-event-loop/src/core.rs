//! What the loop, its handles and its futures share.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll, Waker};

use crate::door::Accept;
use crate::handle::{Handle, Hub};
use crate::local_queue::LocalQueue;
use crate::observer::{End, Observer};
use crate::report::{Report, Unretrieved};
use crate::sync::Arc;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::tasks::{Abort, Task, Tasks};
use crate::{BoxedTask, Driver, ReadyQueue, Schedule, TaskId, Time, TimerKey, Timers};

/// Something that is ready.
pub(crate) enum Entry {
    /// A task was woken.
    Task(TaskId),
    /// Somebody wants this done on the loop's thread.
    Call(Call),
}

/// See [`Door::call_soon_threadsafe`](crate::Door::call_soon_threadsafe).
pub(crate) type Call = Box<dyn FnOnce(&Handle) + Send>;

/// The part that any thread may reach.
pub(crate) struct Shared<O> {
    pub(crate) ready: ReadyQueue<Entry>,
    pub(crate) local: LocalQueue,
    /// Written by the loop's own thread. Other threads may see it late: `ready` tells them for certain.
    closed: AtomicBool,
    pub(crate) observer: O,
}

impl<O> Shared<O> {
    /// Whether the loop is closed. Exact on the loop's own thread.
    pub(crate) fn is_closed(&self) -> bool {
        // Relaxed: it publishes nothing.
        self.closed.load(Ordering::Relaxed)
    }
}

impl<O: Observer> Schedule for Shared<O> {
    #[inline]
    fn schedule(&self, task: TaskId) {
        self.observer.woken(task);
        if let Err(entry) = self.local.push(Entry::Task(task)) {
            // Refused if the loop is closed: it polls no task any more.
            let _ = self.ready.push(entry);
        }
    }
}

impl<O: Observer> Accept for Shared<O> {
    fn accept(&self, call: Call) -> bool {
        // The local queue first, as for a task: so the order holds between callbacks and wakes of the
        // loop's own thread, whichever entry they took.
        if self.is_closed() {
            return false; // Another thread may see this late. Then `ready` refuses.
        }
        let own = self.local.push(Entry::Call(call));
        own.or_else(|entry| self.ready.push(entry)).is_ok()
    }
}

/// The loop's own part.
pub(crate) struct Core<D, O> {
    pub(crate) driver: D,
    pub(crate) shared: Arc<Shared<O>>,
    pub(crate) tasks: RefCell<Tasks<Shared<O>>>,
    pub(crate) timers: RefCell<Timers<Waker>>,
    pub(crate) report: RefCell<Report>,
    /// The memory of the last batch, for the next one.
    pub(crate) batch: Cell<Vec<Entry>>,
    pub(crate) stopped: Cell<bool>,
}

impl<D: Driver + 'static, O: Observer> Core<D, O> {
    pub(crate) fn new(driver: D, observer: O) -> Core<D, O> {
        let ready = ReadyQueue::new(driver.unparker());
        Core {
            driver,
            shared: Arc::new(Shared {
                ready,
                local: LocalQueue::new(),
                closed: AtomicBool::new(false),
                observer,
            }),
            tasks: RefCell::new(Tasks::new()),
            timers: RefCell::default(),
            report: RefCell::default(),
            batch: Cell::default(),
            stopped: Cell::new(false),
        }
    }

    /// Polls a task that was woken, if it is not over.
    #[inline]
    pub(crate) fn poll_task(&self, id: TaskId) {
        let Some(mut task) = self.tasks.borrow_mut().take(id) else {
            return; // It was woken, and then it ended, or was aborted.
        };
        task.turnstile.begin_poll();
        self.observer().poll_begun(id);
        let future = task.future.as_mut();
        let poll = |waker: &Waker| future.poll(&mut Context::from_waker(waker));
        match catch_unwind(AssertUnwindSafe(|| {
            self.observer().lends(id, &task.waker, poll)
        })) {
            Ok(Poll::Pending) => self.suspend(id, task),
            Ok(Poll::Ready(())) => {
                self.observer().polled(id, true);
                self.end(id, task, End::Ready);
            }
            Err(panic) => {
                self.observer().polled(id, true);
                self.end(id, task, End::Panicked);
                self.unretrieved(Some(id), panic);
            }
        }
    }

    #[inline]
    fn suspend(&self, id: TaskId, task: Task<Shared<O>>) {
        self.observer().polled(id, false);
        let kept = self.tasks.borrow_mut().put_back(id, task);
        if let Err(task) = kept {
            self.end(id, task, End::Dropped);
        }
    }

    /// Drops what is left of a task. Nothing is borrowed while its destructors run.
    fn end(&self, id: TaskId, task: Task<Shared<O>>, end: End) {
        task.turnstile.retire();
        self.tasks.borrow_mut().remove(id);
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(task)));
        self.observer().task_finished(id, end);
        if let Err(panic) = dropped {
            self.unretrieved(Some(id), panic);
        }
    }

    pub(crate) fn unretrieved(&self, task: Option<TaskId>, panic: Box<dyn Any + Send>) {
        Hub::report(self, &Unretrieved::panic(task, &*panic));
    }

    /// Wakes whoever has a timer that is due.
    pub(crate) fn fire_timers(&self, now: Time) {
        while let Some((timer, waker)) = self.pop_due(now) {
            self.observer().timer_fired(timer);
            waker.wake();
        }
    }

    /// Nothing stays borrowed: whoever is woken may be anybody's code.
    fn pop_due(&self, now: Time) -> Option<(TimerKey, Waker)> {
        self.timers.borrow_mut().pop_due(now)
    }

    /// Drops every future, oldest first, and takes nothing any more.
    pub(crate) fn close(&self) {
        // Relaxed: see `Shared::is_closed`.
        self.shared.closed.store(true, Ordering::Relaxed);
        let calls = self.shared.local.take_calls();
        for entry in self.shared.ready.close().into_iter().chain(calls) {
            self.discard(entry);
        }
        let ids = self.tasks.borrow().ids();
        for id in ids {
            Hub::abort(self, id);
        }
        while let Some(waker) = self.pop_timer() {
            self.discard(waker);
        }
    }

    /// Drops caller-supplied code. If its destructor panics, reports that, so that the code after this
    /// call still runs.
    pub(crate) fn discard<T>(&self, dropped: T) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(dropped))) {
            Hub::report(self, &Unretrieved::in_destructor(&*panic));
        }
    }

    /// Takes out the next timer, due or not. The timers are not borrowed when this returns.
    fn pop_timer(&self) -> Option<Waker> {
        let mut timers = self.timers.borrow_mut();
        let when = timers.next()?;
        timers.pop_due(when).map(|(_, waker)| waker)
    }

    pub(crate) fn observer(&self) -> &O {
        &self.shared.observer
    }
}

impl<D: Driver + 'static, O: Observer> Hub for Core<D, O> {
    fn now(&self) -> Time {
        self.driver.now()
    }

    fn add_task(&self, future: BoxedTask) -> Option<(TaskId, Waker)> {
        if self.shared.is_closed() {
            return None;
        }
        let added = self.tasks.borrow_mut().add(future, &self.shared);
        self.observer().task_spawned(added.0);
        Some(added)
    }

    fn abort(&self, id: TaskId) -> bool {
        let abort = self.tasks.borrow_mut().abort(id);
        match abort {
            Abort::Drop(task) => self.end(id, task, End::Dropped),
            Abort::Later => {}
            Abort::Over => return false,
        }
        true
    }

    fn is_waiting(&self, id: TaskId) -> bool {
        self.tasks.borrow().is_suspended(id)
    }

    fn set_timer(&self, when: Time, waker: Waker) -> Option<TimerKey> {
        if self.shared.is_closed() {
            return None;
        }
        let timer = self.timers.borrow_mut().insert(when, waker);
        self.observer().timer_set(timer, when);
        Some(timer)
    }

    fn still_set(&self, timer: TimerKey, waker: &Waker) -> bool {
        let mut timers = self.timers.borrow_mut();
        let Some(kept) = timers.get_mut(timer) else {
            return false;
        };
        if !kept.will_wake(waker) {
            let older = std::mem::replace(kept, waker.clone());
            drop(timers);
            drop(older);
        }
        true
    }

    fn drop_timer(&self, timer: TimerKey) -> bool {
        let waker = self.timers.borrow_mut().remove(timer);
        if waker.is_some() {
            self.observer().timer_dropped(timer);
        }
        waker.is_some()
    }

    fn door(&self) -> Arc<dyn Accept> {
        Arc::clone(&self.shared) as Arc<dyn Accept>
    }

    fn stop(&self) {
        self.stopped.set(true);
    }

    fn report(&self, unretrieved: &Unretrieved) {
        let report = self.report.borrow().clone();
        report.call(unretrieved);
    }
}
