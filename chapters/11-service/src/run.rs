//! A program from its start to its end.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use cancellation::Task;
use composition::timeout;
use event_loop::{BoxedTask, Driver, EventLoop, Handle, Observer, Spawn, panic_message};

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

/// Work for the end of a program, with its name.
type Exit = (&'static str, Boxed<Result<(), String>>);

/// Runs `main` on this loop, and ends everything that it has started: asyncio's `run`.
///
/// When `main` returns or panics, these steps follow, in this order:
///
/// 1. **Cancel.** Each task of the [`Program`] is dropped, oldest first. Their destructors may spawn, such
///    as a [`Cleanup`](cancellation::Cleanup).
/// 2. **Wait** until the tasks that were spawned since step 1 began have ended. They are not cancelled.
/// 3. **Shut down** what was given to [`Program::at_exit`], the last one first, one after the other. One
///    that fails or panics does not stop the others.
/// 4. **Close** the loop, which drops what is left.
///
/// Steps 2 and 3 together take `patience` at most. What has not ended by then is dropped in step 4, and
/// [`Ran::left`] has its name.
///
/// A task that was spawned by a bare [`Handle`] is not a task of the program. It runs on until step 4.
///
/// ```
/// use event_loop::{EventLoop, JumpingDriver};
/// use std::time::Duration;
///
/// let event_loop = EventLoop::with_driver(JumpingDriver::new());
/// let ran = service::run(event_loop, Duration::from_secs(5), async |program| {
///     program.spawn("endless", std::future::pending());
///     7
/// });
/// assert!(ran.left.is_empty()); // The task was cancelled.
/// assert_eq!(ran.into_output(), 7);
/// ```
///
/// # Panics
///
/// If the driver cannot sleep. A panic of `main` is in [`Ran::output`].
// ANCHOR: run
pub fn run<D: Driver + 'static, O: Observer, T>(
    event_loop: EventLoop<D, O>,
    patience: Duration,
    main: impl AsyncFnOnce(Program) -> T,
) -> Ran<T> {
    let shared = Shared::new(event_loop.handle());
    let program = Program {
        shared: Rc::clone(&shared),
    };
    let output = event_loop.block_on(caught(async { main(program).await }));
    shared.cancel();
    let ends = shared.ends();
    let handle = event_loop.handle();
    let in_time =
        event_loop.block_on(async { timeout(&handle, patience, pin!(ends)).await.is_ok() });
    let left = if in_time { Vec::new() } else { shared.left() };
    // From here on a spawn drops its future, and no sleep ends.
    event_loop.close();
    drop(event_loop);
    Ran {
        output,
        left,
        problems: shared.problems.take(),
    }
}
// ANCHOR_END: run

/// How a program has run.
#[derive(Debug)]
pub struct Ran<T> {
    /// The output of `main`, or its panic.
    pub output: Result<T, Box<dyn Any + Send>>,
    /// The names of the tasks and exits that had not ended in time: tasks first, oldest first, then exits
    /// in the order in which they would have run.
    pub left: Vec<&'static str>,
    /// Panics of tasks, and failures of exits, in the order in which they happened.
    pub problems: Vec<String>,
}

impl<T> Ran<T> {
    /// The output of `main`.
    ///
    /// # Panics
    ///
    /// If `main` has panicked, with that panic.
    pub fn into_output(self) -> T {
        self.output.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

/// A program that runs: see [`run`]. A clone is the same program.
#[derive(Clone)]
pub struct Program {
    shared: Rc<Shared>,
}

impl Program {
    /// Runs a future as a task of the program. If `main` has ended, the task is taken for clean-up, and
    /// waited for.
    pub fn spawn(&self, name: &'static str, future: impl Future<Output = ()> + 'static) {
        self.shared.spawn(name, Box::pin(future));
    }

    /// What spawns tasks of the program that have no name of their own.
    #[must_use]
    pub fn spawner(&self) -> Rc<dyn Spawn> {
        Rc::new(Unnamed(Rc::clone(&self.shared)))
    }

    /// Work for the end of the program, such as shutting down a pool of threads. It is polled when no task
    /// of the program is left. If `main` has ended already, it is dropped.
    pub fn at_exit(
        &self,
        name: &'static str,
        work: impl Future<Output = Result<(), String>> + 'static,
    ) {
        if self.shared.phase.get() == Phase::Running {
            self.shared.exits.borrow_mut().push((name, Box::pin(work)));
        }
    }

    /// The loop.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.shared.handle.clone()
    }
}

/// Spawns tasks of the program.
struct Unnamed(Rc<Shared>);

impl Spawn for Unnamed {
    fn spawn_boxed(&self, future: BoxedTask) {
        self.0.spawn("a task", future);
    }

    fn report(&self, problem: &str) {
        self.0.report(problem);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    /// `main` has ended.
    Ending,
}

/// What `run`, the program and its tasks share.
struct Shared {
    handle: Handle,
    phase: Cell<Phase>,
    /// By the number of their spawn, so oldest first.
    tasks: RefCell<BTreeMap<u64, (&'static str, Task<()>)>>,
    next: Cell<u64>,
    exits: RefCell<Vec<Exit>>,
    problems: RefCell<Vec<String>>,
    /// Wakes `ends`, when no task is left.
    waker: Cell<Option<Waker>>,
}

/// Spawns on the loop, and keeps what `Task` reports.
struct OnTheLoop(Rc<Shared>);

impl Spawn for OnTheLoop {
    fn spawn_boxed(&self, future: BoxedTask) {
        self.0.handle.spawn_boxed(future);
    }

    fn report(&self, problem: &str) {
        self.0.report(problem);
    }
}

/// Is dropped with its task, however that ends.
struct Entry {
    number: u64,
    shared: Rc<Shared>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        let removed = self.shared.tasks.borrow_mut().remove(&self.number);
        drop(removed);
        if self.shared.tasks.borrow().is_empty()
            && let Some(waker) = self.shared.waker.take()
        {
            waker.wake();
        }
    }
}

impl Shared {
    fn new(handle: Handle) -> Rc<Shared> {
        Rc::new(Shared {
            handle,
            phase: Cell::new(Phase::Running),
            tasks: RefCell::default(),
            next: Cell::new(0),
            exits: RefCell::default(),
            problems: RefCell::default(),
            waker: Cell::default(),
        })
    }

    fn spawn(self: &Rc<Self>, name: &'static str, future: BoxedTask) {
        let number = self.next.replace(self.next.get() + 1);
        let entry = Entry {
            number,
            shared: Rc::clone(self),
        };
        let spawn: Rc<dyn Spawn> = Rc::new(OnTheLoop(Rc::clone(self)));
        let task = Task::spawn(&spawn, async move {
            let entry = entry;
            if let Err(panic) = caught(future).await {
                let problem = format!("{name} panicked: {}", panic_message(&*panic));
                entry.shared.report(&problem);
            }
        });
        // A closed loop has dropped the future by now, and its entry with it.
        if !task.is_over() {
            self.tasks.borrow_mut().insert(number, (name, task));
        }
    }

    fn report(&self, problem: &str) {
        self.problems.borrow_mut().push(problem.to_owned());
    }

    // ANCHOR: cancel
    /// Cancels the tasks that there are now. What their destructors spawn is not cancelled.
    fn cancel(&self) {
        self.phase.set(Phase::Ending);
        let numbers: Vec<u64> = self.tasks.borrow().keys().copied().collect();
        for number in numbers {
            let task = self.tasks.borrow_mut().remove(&number);
            drop(task); // Cancels it. Nothing is borrowed: its destructors may spawn.
        }
    }
    // ANCHOR_END: cancel

    // ANCHOR: ends
    /// Waits until no task is left, then runs the exits.
    async fn ends(&self) {
        self.no_task_is_left().await;
        loop {
            // An exit in progress stays in the list, so that `left` has its name.
            let Some((name, mut work)) = self.last_exit() else {
                return;
            };
            let problem = match caught(work.as_mut()).await {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(format!("{name}: {error}")),
                Err(panic) => Some(format!("{name} panicked: {}", panic_message(&*panic))),
            };
            self.problems.borrow_mut().extend(problem);
            self.exits.borrow_mut().pop();
            drop(work);
            self.no_task_is_left().await;
        }
    }
    // ANCHOR_END: ends

    fn last_exit(&self) -> Option<Exit> {
        let mut exits = self.exits.borrow_mut();
        let (name, work) = exits.last_mut()?;
        let nothing: Boxed<Result<(), String>> = Box::pin(std::future::ready(Ok(())));
        Some((name, std::mem::replace(work, nothing)))
    }

    async fn no_task_is_left(&self) {
        poll_fn(|context| {
            if self.tasks.borrow().is_empty() {
                return Poll::Ready(());
            }
            let _older = self.waker.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    fn left(&self) -> Vec<&'static str> {
        let tasks = self.tasks.borrow();
        let exits = self.exits.borrow();
        let tasks = tasks.values().map(|(name, _)| *name);
        tasks
            .chain(exits.iter().rev().map(|(name, _)| *name))
            .collect()
    }
}

/// The output, or the panic of a poll.
async fn caught<F: Future>(future: F) -> Result<F::Output, Box<dyn Any + Send>> {
    let mut future = pin!(future);
    let mut poll = |context: &mut Context<'_>| match catch_unwind(AssertUnwindSafe(|| {
        future.as_mut().poll(context)
    })) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    };
    poll_fn(move |context| poll(context)).await
}

impl fmt::Debug for Program {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tasks = self.shared.tasks.borrow();
        let names: Vec<&str> = tasks.values().map(|(name, _)| *name).collect();
        out.debug_struct("Program")
            .field("phase", &self.shared.phase.get())
            .field("tasks", &names)
            .finish_non_exhaustive()
    }
}
