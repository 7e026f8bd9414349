//! What the loop, its handles and its futures share.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::thread;

use event_loop::{
    BoxedTask, Driver, End, Hub, Observer, Origin, Report, Step, TaskId, Time, TimerKey, Timers,
    Unretrieved, WeakWaker,
};

use speed::Steps;

use super::raw_waker::Lent;
use super::shared::{Entry, Shared, is_silent};
use super::task_block::Keeper;
use super::tasks::{Abort, Taken, Task, Tasks};
use crate::sync::Arc;

/// The loop's own part.
pub(crate) struct Core<D, O: Observer> {
    pub(crate) driver: D,
    pub(crate) shared: Arc<Shared<O>>,
    pub(crate) tasks: RefCell<Tasks<Shared<O>>>,
    pub(crate) timers: RefCell<Timers<Waker>>,
    pub(crate) report: RefCell<Report>,
    /// The memory of the last batch, for the next one.
    pub(crate) batch: Cell<Vec<Entry>>,
    pub(crate) stopped: Cell<bool>,
    pub(crate) steps: Steps,
    /// When the step in progress began, if the observer measures steps.
    step_begun: Cell<Option<Time>>,
    /// See [`Core::postpone_panic`].
    panic: Cell<Option<Box<dyn Any + Send>>>,
}

impl<D: Driver + 'static, O: Observer> Core<D, O> {
    pub(crate) fn new(driver: D, observer: O, steps: Steps) -> Core<D, O> {
        let shared = Shared::new(driver.unparker(), observer, steps);
        Core {
            driver,
            shared: Arc::new(shared),
            tasks: RefCell::new(Tasks::new(steps)),
            timers: RefCell::default(),
            report: RefCell::default(),
            batch: Cell::default(),
            stopped: Cell::new(false),
            steps,
            step_begun: Cell::new(None),
            panic: Cell::new(None),
        }
    }

    /// Stores a future, and tells the observer.
    pub(crate) fn add(&self, future: BoxedTask, origin: Origin) -> (TaskId, Waker) {
        let mut tasks = self.tasks.borrow_mut();
        let (id, keeper) = tasks.add(future, &self.shared);
        let waker = keeper.waker();
        if is_silent::<O>() {
            return (id, waker);
        }
        let weak = WeakWaker::of(keeper.block());
        drop(tasks);
        self.tell_spawned(id, origin, weak);
        (id, waker)
    }

    /// Polls a task that was woken. Does nothing if the task has completed or was aborted since.
    #[inline]
    pub(crate) fn poll_task(&self, id: TaskId) {
        let taken = self.tasks.borrow_mut().take(id);
        let Taken::Task(mut task) = taken else {
            return;
        };
        match self.poll_future(id, &task.keeper, task.future.as_mut()) {
            Poll::Pending => {
                let suspended = self.tasks.borrow_mut().put_back(id, task);
                if let Err(aborted) = suspended {
                    self.end(id, aborted, End::Dropped);
                }
            }
            Poll::Ready(output) => {
                self.end(id, task, End::of(&output));
                if let Err(panic) = output {
                    self.unretrieved(Some(id), panic);
                }
            }
        }
    }

    /// Polls a future once, a task's or the main one, whose poll has begun. Catches its panic: the rest of the
    /// batch runs after it.
    #[inline]
    pub(crate) fn poll_future<F: Future + ?Sized>(
        &self,
        id: TaskId,
        keeper: &Keeper<Shared<O>>,
        future: Pin<&mut F>,
    ) -> Poll<thread::Result<F::Output>> {
        self.tell(|observer| observer.poll_begun(id));
        if self.steps.lifo {
            self.use_slot(Some(id));
        }
        let waker = Lent::of(keeper.block());
        let poll = |waker: &Waker| future.poll(&mut Context::from_waker(waker));
        let poll = AssertUnwindSafe(|| self.observer().poll_with(id, &waker, poll));
        let polled = match catch_unwind(poll) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(panic) => Poll::Ready(Err(panic)),
        };
        if self.steps.lifo {
            self.use_slot(None);
        }
        if polled.is_ready() {
            keeper.retire();
        }
        self.tell(|observer| observer.polled(id, polled.is_ready()));
        polled
    }

    /// From now on the tasks that are woken go into the LIFO slot, except this one; `None`: they do not.
    #[cold]
    #[inline(never)]
    fn use_slot(&self, polled: Option<TaskId>) {
        if let Some(local) = self.shared.local() {
            local.polls(polled);
        }
    }

    /// Drops what is left of a task. Nothing is borrowed while its destructors run.
    pub(crate) fn end(&self, id: TaskId, task: Task<Shared<O>>, end: End) {
        let Task { future, keeper } = task;
        keeper.retire();
        self.tasks.borrow_mut().remove(id);
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(future)));
        self.tasks.borrow_mut().reuse(keeper);
        self.tell(|observer| observer.task_finished(id, end));
        if let Err(panic) = dropped {
            self.unretrieved(Some(id), panic);
        }
    }

    /// Reports a panic that no caller will receive.
    pub(crate) fn unretrieved(&self, task: Option<TaskId>, panic: Box<dyn Any + Send>) {
        Hub::report(self, &Unretrieved::panic(task, &*panic));
        self.discard(panic); // Its own destructor may panic.
    }

    /// Calls the observer. Its panic leaves the loop's run at the end of the iteration.
    #[inline]
    pub(crate) fn tell(&self, call: impl FnOnce(&O)) {
        if !is_silent::<O>() {
            self.postpone_panic(|| call(self.observer()));
        }
    }

    pub(crate) fn tell_spawned(&self, id: TaskId, origin: Origin, waker: WeakWaker) {
        self.tell(|observer| observer.task_spawned_at(id, origin));
        self.tell(|observer| observer.task_waker(id, waker));
    }

    /// The next step does not begin where the last one has ended.
    #[inline]
    pub(crate) fn interrupt_steps(&self) {
        if !is_silent::<O>() {
            self.step_begun.set(None);
        }
    }

    /// A step begins where the last one has ended, or else here.
    #[inline]
    pub(crate) fn continue_steps(&self) {
        if !is_silent::<O>() && self.step_begun.get().is_none() {
            let begun = self.observer().measures().then(|| self.step_clock());
            self.step_begun.set(begun);
        }
    }

    /// A step has ended, and the next one begins: the clock is read once.
    #[inline]
    pub(crate) fn end_step(&self, step: Step) {
        if is_silent::<O>() {
            return;
        }
        if let Some(begun) = self.step_begun.get() {
            let now = self.step_clock();
            self.step_begun.set(Some(now));
            self.tell(|observer| observer.took(step, now.saturating_since(begun)));
        }
    }

    /// The clock that is enough for this observer.
    fn step_clock(&self) -> Time {
        match self.observer().measures_coarsely() {
            true => self.driver.coarse_now(),
            false => self.driver.now(),
        }
    }

    /// Calls caller-supplied code in the middle of an iteration. A panic is kept until the iteration
    /// ends, so that everything else that is due and ready still runs.
    #[inline]
    fn postpone_panic(&self, call: impl FnOnce()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(call)) {
            let older = self.panic.replace(Some(panic));
            self.discard(older);
        }
    }

    /// The last panic that was postponed.
    #[inline]
    pub(crate) fn take_panic(&self) -> Option<Box<dyn Any + Send>> {
        self.panic.take()
    }

    /// Wakes the tasks whose timers are due.
    pub(crate) fn fire_timers(&self, now: Time) {
        if self.driver.choose(1).is_some() {
            return self.fire_in_the_chosen_order(now);
        }
        while let Some((timer, waker)) = self.pop_due(now) {
            self.fire(timer, waker);
        }
    }

    /// The same where the driver chooses among timers for the same time.
    fn fire_in_the_chosen_order(&self, now: Time) {
        while let Some(when) = self.next_timer().filter(|when| *when <= now) {
            let mut due: Vec<_> = std::iter::from_fn(|| self.pop_due(when)).collect();
            while !due.is_empty() {
                let next = self.driver.choose(due.len()).unwrap_or(0);
                let (timer, waker) = due.remove(next);
                self.fire(timer, waker);
            }
        }
    }

    #[inline]
    fn fire(&self, timer: TimerKey, waker: Waker) {
        self.tell(|observer| observer.timer_fired(timer));
        self.postpone_panic(|| waker.wake());
        self.interrupt_steps(); // This time is not that of the first poll.
    }

    #[inline]
    pub(crate) fn next_timer(&self) -> Option<Time> {
        self.timers.borrow().next()
    }

    /// The timers are not borrowed when this returns: a waker is caller-supplied code.
    fn pop_due(&self, now: Time) -> Option<(TimerKey, Waker)> {
        self.timers.borrow_mut().pop_due(now)
    }

    /// Drops every future, oldest first, and accepts no more.
    pub(crate) fn close(&self) {
        let first = !self.shared.is_closed();
        if first {
            self.tell(Observer::close_begun);
        }
        for entry in self.shared.close() {
            self.discard(entry);
        }
        let ids = self.tasks.borrow().ids();
        for id in ids {
            self.abort_task(id);
        }
        while let Some(waker) = self.pop_timer() {
            self.discard(waker);
        }
        if first {
            self.tell(Observer::closed);
        }
    }

    /// See [`Hub::abort`].
    pub(crate) fn abort_task(&self, id: TaskId) -> bool {
        let abort = self.tasks.borrow_mut().abort(id);
        match abort {
            Abort::Drop(task) => self.end(id, task, End::Dropped),
            Abort::Later => {}
            Abort::Over => return false,
        }
        true
    }

    /// Drops caller-supplied code. If its destructor panics, reports that, so that the code after this
    /// call still runs.
    pub(crate) fn discard<T>(&self, dropped: T) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(dropped))) {
            Hub::report(self, &Unretrieved::in_destructor(&*panic));
            // A panic's payload whose destructor panics is not dropped a second time.
            mem::forget(panic);
        }
    }

    /// Takes out the next timer, due or not. The timers are not borrowed when this returns.
    fn pop_timer(&self) -> Option<Waker> {
        let mut timers = self.timers.borrow_mut();
        let when = timers.next()?;
        timers.pop_due(when).map(|(_, waker)| waker)
    }

    #[inline]
    pub(crate) fn observer(&self) -> &O {
        &self.shared.observer
    }
}
