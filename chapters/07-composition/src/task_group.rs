//! A group of tasks that nothing outlives.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use cancellation::{Ended, Shield, Task, shield};
use composition::ReadySet;
use event_loop::{BoxedTask, Spawn, panic_message};
use futures::Stream;

/// Runs `body` with a group in which it can start children, and completes when the body and every
/// child have finished. This is asyncio's `TaskGroup` and trio's nursery.
///
/// The body is polled by this future. The children are tasks of the loop: the loop polls them,
/// whether or not this future is polled.
///
/// # How it ends
///
/// - The body and every child return `Ok`: this returns the body's value.
/// - The body or a child **fails**: it returns an error, or it panics. The next poll of this future
///   drops the body and cancels every other child, before it returns; until that poll they go on. A
///   poll looks at the children first: if one has failed, the body is not polled again. From then on,
///   [`Group::spawn`] drops the futures that it is given. This future returns `Err` when every child
///   has ended, its destructors included, with *all* failures, in the order in which they happened. A
///   child that was cancelled is no failure; one whose destructor panics is.
/// - In both cases it first waits for what was spawned through [`Group::spawner`], which is not
///   cancelled.
///
/// The memory of a group depends on how many children run, and not on how many have ended.
///
/// When a child ends or is spawned, the task that polled this future last is woken. Panics of the body
/// and of its destructors are caught while this future is polled, and each is a failure.
///
/// ```
/// use composition::{Failed, task_group};
/// use event_loop::{EventLoop, Spawn};
/// use std::rc::Rc;
///
/// let event_loop = EventLoop::new();
/// let spawn: Rc<dyn Spawn> = Rc::new(event_loop.handle());
/// let group = task_group(&spawn, async |group| {
///     group.spawn(std::future::pending()); // Is cancelled with the group.
///     group.spawn(async { Err("the disk is full") });
///     Ok(())
/// });
/// let failures = event_loop.block_on(group).unwrap_err();
/// assert!(matches!(failures[..], [Failed::Error("the disk is full")]));
/// ```
pub fn task_group<'a, T, E, B>(
    spawn: &Rc<dyn Spawn>,
    body: impl FnOnce(Group<E>) -> B,
) -> TaskGroup<'a, T, E>
where
    B: Future<Output = Result<T, E>> + 'a,
    E: 'static,
{
    let shared = Rc::new(Shared {
        spawn: Rc::clone(spawn),
        phase: Cell::new(Phase::Open),
        arrivals: RefCell::new(Vec::new()),
        waker: Cell::new(None),
    });
    let body = body(Group {
        shared: Rc::clone(&shared),
    });
    TaskGroup {
        body: Body::Running(Box::pin(body)),
        members: ReadySet::new(),
        children: Vec::new(),
        failures: Vec::new(),
        shared,
    }
}

/// Starts children in a group. A clone starts them in the same group: give one to a child that has to
/// start others.
pub struct Group<E> {
    shared: Rc<Shared<E>>,
}

/// See [`task_group`].
///
/// # Cancel safety
///
/// Dropping it drops the body and cancels every child, before the drop returns. A child that is being
/// polled at that moment is dropped after its poll. What was spawned through [`Group::spawner`] goes
/// on: a destructor cannot wait for it. While the group is being dropped, and afterwards, a
/// [`Group::spawner`] passes tasks straight on to the `Spawn` that was given to [`task_group`]. A
/// [`Group`] that outlives the group's future holds no waker.
///
/// # Panics
///
/// If it is polled again after it was ready.
#[must_use = "the body does nothing until this is polled, and dropping it cancels the children"]
pub struct TaskGroup<'a, T, E> {
    body: Body<'a, T, E>,
    /// The tasks that have not finished.
    members: ReadySet<Member<E>>,
    /// The children among them, to be cancelled. Those that have finished are dead here.
    children: Vec<Weak<Child<E>>>,
    failures: Vec<Failed<E>>,
    shared: Rc<Shared<E>>,
}

/// How the body or a child of a group failed.
pub enum Failed<E> {
    /// It returned this error.
    Error(E),
    /// It panicked, with this payload.
    Panicked(Box<dyn Any + Send>),
}

enum Body<'a, T, E> {
    Running(Pin<Box<dyn Future<Output = Result<T, E>> + 'a>>),
    /// It returned `Ok`, and the group waits for the others.
    Returned(T),
    /// It failed or was dropped, or its value was returned.
    Gone,
}

/// What the future, its handles and its children share.
struct Shared<E> {
    spawn: Rc<dyn Spawn>,
    phase: Cell<Phase>,
    /// Tasks that were started since the last poll.
    arrivals: RefCell<Vec<Member<E>>>,
    /// Wakes the task that polls the group.
    waker: Cell<Option<Waker>>,
}

/// ```text
///         a failure              all have finished
///   Open ───────────▶ Cancelled ───────────────────▶ Over
///     └─────── all have finished, or a drop ──────────▲
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Cancelled,
    Over,
}

/// One of the tasks for which a group waits.
enum Member<E> {
    Child(Rc<Child<E>>),
    /// A shield, so that it goes on when the group is dropped.
    Cleanup(Shield<()>),
}

/// Borrowed mutably only while it is polled, and that calls no code of the child.
type Child<E> = RefCell<Task<Result<(), E>>>;

impl<E: 'static> Group<E> {
    /// Runs `child` as a task of the group. May be called at any time, also by a child, and by code
    /// that the group's own future does not poll. If the group has failed, has finished or was
    /// dropped, drops the future without polling it.
    ///
    /// Spawning a child, and the end of one, take the same time on average, however many children there
    /// are.
    #[track_caller]
    // ANCHOR: spawn
    pub fn spawn(&self, child: impl Future<Output = Result<(), E>> + 'static) {
        // YOURS
        if self.shared.phase.get() == Phase::Open {
            let task = Task::spawn(&self.shared.spawn, child);
            self.shared
                .arrives(Member::Child(Rc::new(RefCell::new(task))));
        }
        // STUB: todo!("a task; and how does the group's future learn of it?")
        // YOURS_END
    }
    // ANCHOR_END: spawn

    /// A `Spawn` whose tasks the group waits for, and does not cancel. It is for a
    /// [`Cleanup`](cancellation::Cleanup): if a child owns one and is cancelled, its work runs as a
    /// task of the group. If such a task panics, that is a failure like that of a child.
    ///
    /// When the group has ended, it spawns what it is given through the `Spawn` of the group.
    #[must_use]
    pub fn spawner(&self) -> Rc<dyn Spawn> {
        Rc::<Shared<E>>::clone(&self.shared)
    }
}

impl<E: 'static> Spawn for Shared<E> {
    // ANCHOR: spawn_boxed
    fn spawn_boxed(&self, future: BoxedTask) {
        // YOURS
        if self.phase.get() == Phase::Over {
            self.spawn.spawn_boxed(future);
        } else {
            self.arrives(Member::Cleanup(shield(&self.spawn, future)));
        }
        // STUB: todo!("a task that the group waits for and does not cancel")
        // YOURS_END
    }
    // ANCHOR_END: spawn_boxed

    fn report(&self, problem: &str) {
        self.spawn.report(problem);
    }
}
// YOURS

impl<E> Shared<E> {
    /// Stores a task until the next poll, and sees to it that there is one.
    fn arrives(&self, member: Member<E>) {
        self.arrivals.borrow_mut().push(member);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}
// YOURS_END

impl<T, E: 'static> Future for TaskGroup<'_, T, E> {
    type Output = Result<T, Vec<Failed<E>>>;

    // ANCHOR: poll
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let group = Pin::get_mut(self);
        // YOURS
        assert!(
            group.shared.phase.get() != Phase::Over,
            "polled after it was ready"
        );
        let waker = context.waker().clone();
        // With no waker stored, a child that starts in this poll does not wake this task: it
        // is collected below.
        drop(group.shared.waker.take());
        group.collect(context);
        if group.failures.is_empty() {
            group.poll_body(context);
            group.collect(context);
        }
        if !group.failures.is_empty() && group.shared.phase.get() == Phase::Open {
            group.cancel();
            group.collect(context);
        }
        if !group.members.is_empty() || matches!(group.body, Body::Running(_)) {
            group.shared.waker.set(Some(waker));
            return Poll::Pending;
        }
        group.shared.phase.set(Phase::Over);
        match mem::replace(&mut group.body, Body::Gone) {
            Body::Returned(value) => Poll::Ready(Ok(value)),
            _ => Poll::Ready(Err(mem::take(&mut group.failures))),
        }
        // STUB: todo!("children, body, failures: in which order?")
        // YOURS_END
    }
    // ANCHOR_END: poll
}
// YOURS

impl<T, E: 'static> TaskGroup<'_, T, E> {
    // ANCHOR: collect
    /// Takes new tasks in, and notes the failures of those that have finished.
    fn collect(&mut self, context: &mut Context<'_>) {
        loop {
            for member in self.shared.arrivals.take() {
                self.note(&member);
                self.members.push(member);
            }
            match Pin::new(&mut self.members).poll_next(context) {
                Poll::Ready(Some(failed)) => self.failures.extend(failed),
                Poll::Ready(None) | Poll::Pending => break,
            }
        }
    }
    // ANCHOR_END: collect

    fn note(&mut self, member: &Member<E>) {
        let Member::Child(child) = member else { return };
        // Dead ones leave only when the list is full, so that noting one takes constant time on average.
        if self.children.len() == self.children.capacity() {
            self.children.retain(|child| child.strong_count() > 0);
        }
        self.children.push(Rc::downgrade(child));
    }

    fn poll_body(&mut self, context: &mut Context<'_>) {
        let Body::Running(body) = &mut self.body else {
            return;
        };
        let polled = catch_unwind(AssertUnwindSafe(|| body.as_mut().poll(context)));
        let after = match polled {
            Ok(Poll::Pending) => return,
            Ok(Poll::Ready(Ok(value))) => Body::Returned(value),
            Ok(Poll::Ready(Err(error))) => {
                self.failures.push(Failed::Error(error));
                Body::Gone
            }
            Err(panic) => {
                self.failures.push(Failed::Panicked(panic));
                Body::Gone
            }
        };
        let before = mem::replace(&mut self.body, after);
        self.drop_caught(before);
    }

    // ANCHOR: cancel
    /// Drops the body and cancels the children. Their destructors are caller-supplied code,
    /// which may spawn: nothing is borrowed, and the phase is set before.
    fn cancel(&mut self) {
        self.shared.phase.set(Phase::Cancelled);
        let body = mem::replace(&mut self.body, Body::Gone);
        self.drop_caught(body);
        for child in mem::take(&mut self.children) {
            if let Some(child) = child.upgrade() {
                child.borrow().cancel();
            }
        }
    }
    // ANCHOR_END: cancel

    /// Drops caller-supplied values. If a destructor panics, that is a failure of the group.
    fn drop_caught(&mut self, body: Body<'_, T, E>) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(body))) {
            self.failures.push(Failed::Panicked(panic));
        }
    }
}
// YOURS_END

/// What becomes of a task of the group: its failure, if it has failed. One that was cancelled has not.
impl<E> Future for Member<E> {
    type Output = Option<Failed<E>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Failed<E>>> {
        let ended = match Pin::get_mut(self) {
            Member::Child(task) => Pin::new(&mut *task.borrow_mut()).poll(context),
            Member::Cleanup(task) => Pin::new(task).poll(context).map(|ended| ended.map(Ok)),
        };
        ended.map(|ended| match ended {
            Ok(Ok(())) | Err(Ended::Cancelled) => None,
            Ok(Err(error)) => Some(Failed::Error(error)),
            Err(Ended::Panicked(panic)) => Some(Failed::Panicked(panic)),
        })
    }
}

/// It may be moved: the body is in a box of its own.
impl<T, E> Unpin for TaskGroup<'_, T, E> {}

impl<T, E> Drop for TaskGroup<'_, T, E> {
    // ANCHOR: drop
    fn drop(&mut self) {
        // YOURS
        // From here on, a `Cleanup` that a destructor starts goes to the loop.
        self.shared.phase.set(Phase::Over);
        let waker = self.shared.waker.take();
        let arrivals = self.shared.arrivals.take();
        drop((waker, arrivals));
        // The fields follow: the body, then the members, each of which cancels its child.
        // STUB: // Not a `todo!`: a panic in here would end the process.
        // YOURS_END
    }
    // ANCHOR_END: drop
}

impl<E> Clone for Group<E> {
    fn clone(&self) -> Group<E> {
        Group {
            shared: Rc::clone(&self.shared),
        }
    }
}

impl<E> fmt::Debug for Group<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Group")
            .field("phase", &self.shared.phase.get())
            .finish_non_exhaustive()
    }
}

impl<T, E> fmt::Debug for TaskGroup<'_, T, E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("TaskGroup")
            .field("phase", &self.shared.phase.get())
            .field("failures", &self.failures.len())
            .finish_non_exhaustive()
    }
}

impl<E: fmt::Debug> fmt::Debug for Failed<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failed::Error(error) => out.debug_tuple("Error").field(error).finish(),
            Failed::Panicked(panic) => out
                .debug_tuple("Panicked")
                .field(&panic_message(&**panic))
                .finish(),
        }
    }
}

impl<E: fmt::Display> fmt::Display for Failed<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failed::Error(error) => error.fmt(out),
            Failed::Panicked(panic) => write!(out, "it panicked: {}", panic_message(&**panic)),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for Failed<E> {}
