//! What every loop with this interface shares.
//!
//! A loop has parts of its own: its queues, its tasks, and their wakers. They are an [`Engine`]. Everything
//! else is here and in [`iteration`](crate::iteration), once for this chapter's loop and for chapter 14's
//! faster one: timers, the observer, panics, the order of an iteration, and the end of the loop.

use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::thread;

use crate::hub::still_set;
use crate::observer::{End, Observer};
use crate::sync::Arc;
use crate::{
    Accept, BoxedTask, Call, Driver, Hub, Origin, ReadyQueue, Report, Step, TaskId, Time, TimerKey,
    Timers, Unretrieved, WeakWaker,
};

/// An entry of the ready queue.
pub enum Entry {
    /// A task was woken.
    Task(TaskId),
    /// A callback that was sent through the thread-safe handle.
    Call(Call),
}

/// Whether there is no observer, as the compiler knows: a loop without one pays for none.
#[inline]
#[must_use]
pub fn is_silent<O: 'static>() -> bool {
    TypeId::of::<O>() == TypeId::of::<()>()
}

/// What every loop has beside its queues and tasks.
pub struct Base<D> {
    /// What the loop sleeps on.
    pub driver: D,
    timers: RefCell<Timers<Waker>>,
    report: RefCell<Report>,
    /// The memory of the last batch, for the next one.
    pub(crate) batch: Cell<Vec<Entry>>,
    /// Whether the loop is to end its run after this iteration.
    pub(crate) stopped: Cell<bool>,
    /// Whether the loop runs.
    pub(crate) running: Cell<bool>,
    /// When the step in progress began, if the observer measures steps.
    step_begun: Cell<Option<Time>>,
    /// See [`Engine::postpone_panic`].
    panic: Cell<Option<Box<dyn Any + Send>>>,
}

impl<D> Base<D> {
    /// A loop that sleeps on this driver.
    #[must_use]
    pub fn new(driver: D) -> Base<D> {
        Base {
            driver,
            timers: RefCell::default(),
            report: RefCell::default(),
            batch: Cell::default(),
            stopped: Cell::new(false),
            running: Cell::new(false),
            step_begun: Cell::new(None),
            panic: Cell::new(None),
        }
    }

    /// From now on this receives a task's panic that is never retrieved.
    pub fn report_to(&self, report: Report) {
        self.report.replace(report);
    }

    /// How many timers are set.
    #[must_use]
    pub fn timers(&self) -> usize {
        self.timers.borrow().len()
    }

    #[inline]
    pub(crate) fn next_timer(&self) -> Option<Time> {
        self.timers.borrow().next()
    }

    /// The timers are not borrowed when this returns: a waker is caller-supplied code.
    fn pop_due(&self, now: Time) -> Option<(TimerKey, Waker)> {
        self.timers.borrow_mut().pop_due(now)
    }

    /// Takes out the next timer, due or not. The timers are not borrowed when this returns.
    fn pop_timer(&self) -> Option<Waker> {
        let mut timers = self.timers.borrow_mut();
        let when = timers.next()?;
        timers.pop_due(when).map(|(_, waker)| waker)
    }

    /// The last panic that was postponed.
    #[inline]
    pub(crate) fn take_panic(&self) -> Option<Box<dyn Any + Send>> {
        self.panic.take()
    }
}

/// The parts of a loop: a loop supplies those without a body, and has the others from here.
pub trait Engine: Sized + 'static {
    /// What the loop sleeps on.
    type Driver: Driver + 'static;

    /// What the loop reports each step to.
    type Observer: Observer;

    /// What the loop keeps of the waker of a future that it does not own: the one of `block_on`.
    type MainWaker;

    /// What every loop has.
    fn base(&self) -> &Base<Self::Driver>;

    /// The observer.
    fn observer(&self) -> &Self::Observer;

    /// Whether the loop is closed. Exact on the loop's own thread.
    fn is_closed(&self) -> bool;

    /// The queue of other threads, and of the loop's own while the loop does not run.
    fn ready(&self) -> &ReadyQueue<Entry>;

    /// A run begins: from now on the loop's own thread has a queue of its own.
    fn open_local(&self);

    /// A run ends. Returns what the loop's own thread has queued.
    fn close_local(&self) -> Vec<Entry>;

    /// Whether the loop's own thread has queued nothing.
    fn is_local_empty(&self) -> bool;

    /// Moves what the loop's own thread has queued to the end of `batch`, oldest first.
    fn take_local(&self, batch: &mut Vec<Entry>);

    /// Puts entries back, when the queue is empty.
    fn give_local(&self, entries: Vec<Entry>);

    /// Whether the loop has a **LIFO slot**: one entry that runs before the rest of the batch.
    #[inline]
    fn has_slot(&self) -> bool {
        false
    }

    /// Removes the entry of the slot, if the loop may run it now.
    fn take_next(&self) -> Option<Entry> {
        None
    }

    /// Closes the queues, and returns the callbacks that have not run. The entries of tasks may stay.
    fn close_queues(&self) -> Vec<Entry>;

    /// Stores a future, and tells the observer.
    fn add(&self, future: BoxedTask, origin: Origin) -> (TaskId, Waker);

    /// The id and the waker of a future that the loop does not own. Tells the observer, and wakes it.
    fn add_main(&self, origin: Origin) -> (TaskId, Self::MainWaker);

    /// Polls a task that was woken. Does nothing if the task has completed or was aborted since.
    fn poll_task(&self, task: TaskId);

    /// Polls a future that the loop does not own. `None` if it was polled since it was woken.
    fn poll_main<F: Future + ?Sized>(
        &self,
        task: TaskId,
        waker: &Self::MainWaker,
        future: Pin<&mut F>,
    ) -> Option<Poll<thread::Result<F::Output>>>;

    /// See [`Hub::abort`].
    fn abort_task(&self, task: TaskId) -> bool;

    /// See [`Hub::is_waiting`].
    fn is_suspended(&self, task: TaskId) -> bool;

    /// All tasks, oldest first.
    fn ids(&self) -> Vec<TaskId>;

    /// See [`Hub::door`].
    fn acceptor(&self) -> Arc<dyn Accept>;

    /// Polls a future once and catches its panic: the rest of the batch runs after it. Calls `after` when it has
    /// polled, and says whether the future has completed.
    #[inline]
    fn poll_future<F: Future + ?Sized>(
        &self,
        id: TaskId,
        waker: &Waker,
        future: Pin<&mut F>,
        after: impl FnOnce(bool),
    ) -> Poll<thread::Result<F::Output>> {
        self.tell(|observer| observer.poll_begun(id));
        let poll = |waker: &Waker| future.poll(&mut Context::from_waker(waker));
        let poll = AssertUnwindSafe(|| self.observer().poll_with(id, waker, poll));
        let polled = match catch_unwind(poll) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(panic) => Poll::Ready(Err(panic)),
        };
        after(polled.is_ready());
        self.tell(|observer| observer.polled(id, polled.is_ready()));
        polled
    }

    /// A task has ended, and was dropped: tells the observer. A panic of its destructor is reported.
    fn finished(&self, id: TaskId, end: End, dropped: thread::Result<()>) {
        self.tell(|observer| observer.task_finished(id, end));
        if let Err(panic) = dropped {
            self.unretrieved(Some(id), panic);
        }
    }

    /// Reports a panic that no caller will receive.
    fn unretrieved(&self, task: Option<TaskId>, panic: Box<dyn Any + Send>) {
        Hub::report(self, &Unretrieved::panic(task, &*panic));
        self.discard(panic); // Its own destructor may panic.
    }

    /// Calls the observer. Its panic leaves the loop's run at the end of the iteration.
    #[inline]
    fn tell(&self, call: impl FnOnce(&Self::Observer)) {
        if !is_silent::<Self::Observer>() {
            self.postpone_panic(|| call(self.observer()));
        }
    }

    /// Tells the observer of a new task.
    #[inline]
    fn tell_spawned(&self, id: TaskId, origin: Origin, waker: impl FnOnce() -> WeakWaker) {
        self.tell(|observer| observer.task_spawned_at(id, origin));
        self.tell(|observer| observer.task_waker(id, waker()));
    }

    /// The next step does not begin where the last one has ended.
    #[inline]
    fn interrupt_steps(&self) {
        if !is_silent::<Self::Observer>() {
            self.base().step_begun.set(None);
        }
    }

    /// A step begins where the last one has ended, or else here.
    #[inline]
    fn continue_steps(&self) {
        if !is_silent::<Self::Observer>() && self.base().step_begun.get().is_none() {
            let begun = self.observer().measures().then(|| self.step_clock());
            self.base().step_begun.set(begun);
        }
    }

    /// A step has ended, and the next one begins: the clock is read once.
    #[inline]
    fn end_step(&self, step: Step) {
        if is_silent::<Self::Observer>() {
            return;
        }
        if let Some(begun) = self.base().step_begun.get() {
            let now = self.step_clock();
            self.base().step_begun.set(Some(now));
            self.tell(|observer| observer.took(step, now.saturating_since(begun)));
        }
    }

    /// The time on the clock that is enough for this observer.
    #[inline]
    fn step_clock(&self) -> Time {
        match self.observer().measures_coarsely() {
            true => self.base().driver.coarse_now(),
            false => self.base().driver.now(),
        }
    }

    /// Calls caller-supplied code in the middle of an iteration. A panic is kept until the iteration
    /// ends, so that everything else that is due and ready still runs.
    #[inline]
    fn postpone_panic(&self, call: impl FnOnce()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(call)) {
            let older = self.base().panic.replace(Some(panic));
            self.discard(older);
        }
    }

    /// Wakes the tasks whose timers are due.
    fn fire_timers(&self, now: Time) {
        if self.base().driver.choose(1).is_some() {
            return self.fire_in_the_chosen_order(now);
        }
        while let Some((timer, waker)) = self.base().pop_due(now) {
            self.fire(timer, waker);
        }
    }

    /// The same where the driver chooses among timers for the same time.
    fn fire_in_the_chosen_order(&self, now: Time) {
        let base = self.base();
        while let Some(when) = base.next_timer().filter(|when| *when <= now) {
            let mut due: Vec<_> = std::iter::from_fn(|| base.pop_due(when)).collect();
            while !due.is_empty() {
                let next = base.driver.choose(due.len()).unwrap_or(0);
                let (timer, waker) = due.remove(next);
                self.fire(timer, waker);
            }
        }
    }

    /// Wakes the task of a timer.
    #[inline]
    fn fire(&self, timer: TimerKey, waker: Waker) {
        self.tell(|observer| observer.timer_fired(timer));
        self.postpone_panic(|| waker.wake());
        self.interrupt_steps(); // This time is not that of the first poll.
    }

    /// Drops every future, oldest first, and accepts no more.
    fn close(&self) {
        let first = !self.is_closed();
        if first {
            self.tell(Observer::close_begun);
        }
        for entry in self.close_queues() {
            self.discard(entry);
        }
        for id in self.ids() {
            self.abort_task(id);
        }
        while let Some(waker) = self.base().pop_timer() {
            self.discard(waker);
        }
        if first {
            self.tell(Observer::closed);
        }
    }

    /// Drops caller-supplied code. If its destructor panics, reports that, so that the code after this
    /// call still runs.
    fn discard<T>(&self, dropped: T) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(dropped))) {
            Hub::report(self, &Unretrieved::in_destructor(&*panic));
            // A panic's payload whose destructor panics is not dropped a second time.
            mem::forget(panic);
        }
    }
}

impl<E: Engine> Hub for E {
    fn now(&self) -> Time {
        self.base().driver.now()
    }

    fn add_task(&self, future: BoxedTask, origin: Origin) -> Option<(TaskId, Waker)> {
        if self.is_closed() {
            return None;
        }
        Some(self.add(future, origin))
    }

    fn abort(&self, id: TaskId) -> bool {
        self.abort_task(id)
    }

    fn is_waiting(&self, id: TaskId) -> bool {
        self.is_suspended(id)
    }

    fn set_timer(&self, when: Time, waker: Waker) -> Option<TimerKey> {
        if self.is_closed() {
            return None;
        }
        let timer = self.base().timers.borrow_mut().insert(when, waker);
        self.tell(|observer| observer.timer_set(timer, when));
        Some(timer)
    }

    #[inline]
    fn still_set(&self, timer: TimerKey, waker: &Waker) -> bool {
        still_set(&self.base().timers, timer, waker)
    }

    fn drop_timer(&self, timer: TimerKey) -> bool {
        let waker = self.base().timers.borrow_mut().remove(timer);
        if waker.is_some() {
            self.tell(|observer| observer.timer_dropped(timer));
        }
        waker.is_some()
    }

    fn door(&self) -> Arc<dyn Accept> {
        self.acceptor()
    }

    fn stop(&self) {
        self.base().stopped.set(true);
    }

    fn report(&self, unretrieved: &Unretrieved) {
        let report = self.base().report.borrow().clone();
        report.call(unretrieved);
    }
}
