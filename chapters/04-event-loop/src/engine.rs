//! What every loop with this interface shares.
//!
//! A loop has parts of its own: its queues, and the wakers of its tasks. They are an [`Engine`] and its [`Wakers`].
//! Everything else is here and in [`iteration`](crate::iteration), once for this chapter's loop and for chapter 14's
//! faster one: polls, timers, the observer, panics, the order of an iteration, and the end of the loop.

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
use crate::tasks::{Abort, Task, Tasks};
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

/// What every loop has beside its queues: the driver, the tasks with their wakers `W`, the timers.
pub struct Base<D, W> {
    /// What the loop sleeps on.
    pub driver: D,
    tasks: RefCell<Tasks<W>>,
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

impl<D, W> Base<D, W> {
    /// A loop that sleeps on this driver.
    #[must_use]
    pub fn new(driver: D) -> Base<D, W> {
        Base {
            driver,
            tasks: RefCell::default(),
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

    /// How many tasks there are.
    #[must_use]
    pub fn tasks(&self) -> usize {
        self.tasks.borrow().len()
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

/// What a loop keeps of one task's wakers.
pub trait Wakers {
    /// A waker of the task.
    fn waker(&self) -> Waker;

    /// For an observer: the wakers, without one more of them.
    fn weak(&self) -> WeakWaker;

    /// Calls `poll` with a waker that it may clone.
    fn lend<R>(&self, poll: impl FnOnce(&Waker) -> R) -> R;

    /// The loop has taken the task out of a queue, and polls it. From now on a wake queues it again. `false`: do not
    /// poll it, because it was polled since it was queued.
    fn begin_poll(&self) -> bool;

    /// From now on a wake queues nothing.
    fn retire(&self);
}

/// The parts of a loop: a loop supplies those without a body, and has the others from here.
pub trait Engine: Sized + 'static {
    /// What the loop sleeps on.
    type Driver: Driver + 'static;

    /// What the loop reports each step to.
    type Observer: Observer;

    /// What the loop keeps of a task's wakers.
    type Wakers: Wakers;

    /// What every loop has.
    fn base(&self) -> &Base<Self::Driver, Self::Wakers>;

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

    /// From now on a task that is woken goes into the slot, except this one, which is polled; `None`: no task does.
    fn use_slot(&self, _polled: Option<TaskId>) {}

    /// Removes the entry of the slot, if the loop may run it now.
    fn take_next(&self) -> Option<Entry> {
        None
    }

    /// Closes the queues, and returns the callbacks that have not run. The entries of tasks may stay.
    fn close_queues(&self) -> Vec<Entry>;

    /// The wakers of a new future, which has not been woken yet.
    fn new_wakers(&self, task: TaskId) -> Self::Wakers;

    /// The wakers of a task that has ended: their memory may serve the next task.
    fn reuse(&self, _wakers: Self::Wakers) {}

    /// See [`Hub::door`].
    fn acceptor(&self) -> Arc<dyn Accept>;

    /// Stores a future, and tells the observer.
    fn add(&self, future: BoxedTask, origin: Origin) -> (TaskId, Waker) {
        let id = self.base().tasks.borrow_mut().next_id();
        let wakers = self.new_wakers(id);
        let waker = wakers.waker();
        let weak = (!is_silent::<Self::Observer>()).then(|| wakers.weak());
        self.base().tasks.borrow_mut().add(id, future, wakers);
        if let Some(weak) = weak {
            self.tell_spawned(id, origin, weak);
        }
        (id, waker)
    }

    /// The id and the wakers of a future that the loop does not own: the one of `block_on`. Tells the observer, and
    /// wakes it.
    fn add_main(&self, origin: Origin) -> (TaskId, Self::Wakers) {
        let id = self.base().tasks.borrow_mut().id_outside();
        let wakers = self.new_wakers(id);
        if !is_silent::<Self::Observer>() {
            self.tell_spawned(id, origin, wakers.weak());
        }
        wakers.waker().wake();
        (id, wakers)
    }

    /// Polls a task that was woken. Does nothing if the task has completed or was aborted since.
    #[inline]
    fn poll_task(&self, id: TaskId) {
        let tasks = &self.base().tasks;
        let taken = tasks.borrow_mut().take_if(id, Wakers::begin_poll);
        let Some(mut task) = taken else { return };
        match self.poll_future(id, &task.wakers, task.future.as_mut()) {
            Poll::Pending => {
                let suspended = tasks.borrow_mut().put_back(id, task);
                if let Err(aborted) = suspended {
                    end(self, id, aborted, End::Dropped);
                }
            }
            Poll::Ready(output) => {
                end(self, id, task, End::of(&output));
                if let Err(panic) = output {
                    self.unretrieved(Some(id), panic);
                }
            }
        }
    }

    /// Polls a future once, a task's or the main one, whose poll has begun. Catches its panic: the rest of the
    /// batch runs after it.
    #[inline]
    fn poll_future<F: Future + ?Sized>(
        &self,
        id: TaskId,
        wakers: &Self::Wakers,
        future: Pin<&mut F>,
    ) -> Poll<thread::Result<F::Output>> {
        self.tell(|observer| observer.poll_begun(id));
        if self.has_slot() {
            self.use_slot(Some(id));
        }
        let poll = |waker: &Waker| future.poll(&mut Context::from_waker(waker));
        let poll = |waker: &Waker| self.observer().poll_with(id, waker, poll);
        let polled = match catch_unwind(AssertUnwindSafe(|| wakers.lend(poll))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(panic) => Poll::Ready(Err(panic)),
        };
        if self.has_slot() {
            self.use_slot(None);
        }
        if polled.is_ready() {
            wakers.retire();
        }
        self.tell(|observer| observer.polled(id, polled.is_ready()));
        polled
    }

    /// See [`Hub::abort`].
    fn abort_task(&self, id: TaskId) -> bool {
        let abort = self.base().tasks.borrow_mut().abort(id);
        match abort {
            Abort::Drop(task) => end(self, id, task, End::Dropped),
            Abort::Later => {}
            Abort::Over => return false,
        }
        true
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
    fn tell_spawned(&self, id: TaskId, origin: Origin, waker: WeakWaker) {
        self.tell(|observer| observer.task_spawned_at(id, origin));
        self.tell(|observer| observer.task_waker(id, waker));
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
        let ids = self.base().tasks.borrow().ids();
        for id in ids {
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

/// Drops what is left of a task. Nothing is borrowed while its destructors run.
fn end<E: Engine>(engine: &E, id: TaskId, task: Task<E::Wakers>, end: End) {
    let Task { future, wakers } = task;
    wakers.retire();
    engine.base().tasks.borrow_mut().remove(id);
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(future)));
    engine.reuse(wakers);
    engine.tell(|observer| observer.task_finished(id, end));
    if let Err(panic) = dropped {
        engine.unretrieved(Some(id), panic);
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
        self.base().tasks.borrow().is_suspended(id)
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
