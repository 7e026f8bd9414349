//! What the loop, its handles and its futures share.

use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::thread;

use crate::hub::still_set;
use crate::local_queue::LocalQueue;
use crate::observer::{End, Observer};
use crate::sync::Arc;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::tasks::{Abort, Task, Tasks};
use crate::{
    Accept, BoxedTask, Call, Driver, Hub, Origin, ReadyQueue, Report, Schedule, Step, TaskId,
    TaskWaker, Time, TimerKey, Timers, Unretrieved, WeakWaker,
};

/// An entry of the ready queue.
pub(crate) enum Entry {
    /// A task was woken.
    Task(TaskId),
    /// A callback that another thread sent.
    Call(Call),
}

/// The part that any thread may use.
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
        // The task is queued even if the observer panics. The panic then goes to the caller of the waker.
        let told = if is_silent::<O>() {
            Ok(())
        } else {
            catch_unwind(AssertUnwindSafe(|| self.observer.woken(task)))
        };
        if !self.local.push_task(task) {
            // Refused if the loop is closed: it polls no task any more.
            let _ = self.ready.push(Entry::Task(task));
        }
        if let Err(panic) = told {
            resume_unwind(panic);
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
        match self.local.push_call(call) {
            Ok(()) => true,
            Err(call) => self.ready.push(Entry::Call(call)).is_ok(),
        }
    }
}

/// Whether there is no observer, as the compiler knows: a loop without one pays for none.
#[inline]
fn is_silent<O: 'static>() -> bool {
    TypeId::of::<O>() == TypeId::of::<()>()
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
    /// When the step in progress began, if the observer measures steps.
    step_begun: Cell<Option<Time>>,
    /// See [`Core::postpone_panic`].
    panic: Cell<Option<Box<dyn Any + Send>>>,
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
            step_begun: Cell::new(None),
            panic: Cell::new(None),
        }
    }

    /// Polls a task that was woken. Does nothing if the task has completed or was aborted since.
    #[inline]
    pub(crate) fn poll_task(&self, id: TaskId) {
        let Some(mut task) = self.tasks.borrow_mut().take(id) else {
            return;
        };
        let future = task.future.as_mut();
        match self.poll_future(id, &task.task_waker, &task.waker, future) {
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

    /// Polls a future once, a task's or the main one, and catches its panic: the rest of the batch runs
    /// after it.
    #[inline]
    pub(crate) fn poll_future<F: Future + ?Sized>(
        &self,
        id: TaskId,
        task_waker: &TaskWaker<Shared<O>>,
        waker: &Waker,
        future: Pin<&mut F>,
    ) -> Poll<thread::Result<F::Output>> {
        task_waker.begin_poll();
        self.tell(|observer| observer.poll_begun(id));
        let poll = |waker: &Waker| future.poll(&mut Context::from_waker(waker));
        let poll = AssertUnwindSafe(|| self.observer().poll_with(id, waker, poll));
        let polled = match catch_unwind(poll) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(panic) => Poll::Ready(Err(panic)),
        };
        if polled.is_ready() {
            task_waker.retire();
        }
        self.tell(|observer| observer.polled(id, polled.is_ready()));
        polled
    }

    /// Drops what is left of a task. Nothing is borrowed while its destructors run.
    fn end(&self, id: TaskId, task: Task<Shared<O>>, end: End) {
        task.task_waker.retire();
        self.tasks.borrow_mut().remove(id);
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(task)));
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

    #[inline]
    pub(crate) fn tell_spawned(
        &self,
        id: TaskId,
        origin: Origin,
        task_waker: &Arc<TaskWaker<Shared<O>>>,
    ) {
        self.tell(|observer| observer.task_spawned_at(id, origin));
        self.tell(|observer| observer.task_waker(id, WeakWaker::of(task_waker)));
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

    #[inline]
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
        if first {
            self.tell(Observer::closed);
        }
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

    pub(crate) fn observer(&self) -> &O {
        &self.shared.observer
    }
}

impl<D: Driver + 'static, O: Observer> Hub for Core<D, O> {
    fn now(&self) -> Time {
        self.driver.now()
    }

    fn add_task(&self, future: BoxedTask, origin: Origin) -> Option<(TaskId, Waker)> {
        if self.shared.is_closed() {
            return None;
        }
        let (id, task_waker) = self.tasks.borrow_mut().add(future, &self.shared);
        self.tell_spawned(id, origin, &task_waker);
        Some((id, Waker::from(task_waker)))
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
        self.tell(|observer| observer.timer_set(timer, when));
        Some(timer)
    }

    fn still_set(&self, timer: TimerKey, waker: &Waker) -> bool {
        still_set(&self.timers, timer, waker)
    }

    fn drop_timer(&self, timer: TimerKey) -> bool {
        let waker = self.timers.borrow_mut().remove(timer);
        if waker.is_some() {
            self.tell(|observer| observer.timer_dropped(timer));
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
