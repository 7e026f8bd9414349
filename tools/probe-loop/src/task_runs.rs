//! Every short run of a task that can be cancelled: the alphabet, and the machine that carries it out.
//!
//! The machine knows a task only as [`AnyTask`], so a check makes it twice: on the learner's type and on the reference. The loop is a
//! small one of its own, [`ManualLoop`], which polls what was woken until nothing is.
//!
//! What it compares: the outcome of each call; whether the future is still there; what its destructors saw of the task; whether the
//! latest joiner was woken once the task had finished, and not before the destructors had run; what the loop keeps and what it was
//! told. How often a joiner is woken is not compared.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use event_loop::Spawn;
use probe::detect::{DropCounter, Token};
use probe::runs::{Known, Machine, Operation, Step};

use crate::ManualLoop;

/// What the machine needs of a task.
pub trait AnyTask: Sized + Unpin + 'static {
    /// Spawns this future.
    fn spawn(spawn: &Rc<dyn Spawn>, future: Scripted) -> Self;
    /// Polls the task as a joiner.
    fn join(&mut self, context: &mut Context<'_>) -> Poll<End>;
    /// `Task::cancel`.
    fn cancel(&self) -> bool;
    /// `Task::is_over`.
    fn is_over(&self) -> bool;
    /// `Task::detach`.
    fn detach(self);
    /// Cancels from another thread: calls the task's canceller.
    fn canceller(&self) -> Box<dyn Fn()>;
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With its output.
    Output,
    /// Cancelled.
    Cancelled,
    /// With a panic.
    Panicked,
}

/// What the future does in its next poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Returns `Pending`.
    Waits,
    /// Returns `Ready`.
    Finishes,
    /// Panics.
    Panics,
    /// Cancels its own task, looks at it, joins it, and does this.
    CancelsAnd(Then),
    /// Drops its own handle, and does this.
    DropsItsHandleAnd(Then),
}

/// What follows in the same poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Returns `Pending`.
    Waits,
    /// Returns `Ready`.
    Finishes,
    /// Panics.
    Panics,
}

/// What the future's destructors do, besides looking at the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destructors {
    /// Nothing.
    Quiet,
    /// Cancel the task.
    Cancel,
    /// Panic.
    Panic,
    /// Join the task: poll it with the waker of B.
    Join,
    /// Drop the task's handle.
    DropTheHandle,
}

impl Destructors {
    /// All of them.
    pub const ALL: [Destructors; 5] = [
        Destructors::Quiet,
        Destructors::Panic,
        Destructors::Cancel,
        Destructors::Join,
        Destructors::DropTheHandle,
    ];
}

/// One step of a short run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskStep {
    /// The event happens for which the future waits, and the loop runs until nothing is woken.
    Turn(Act),
    /// Joiner A or B polls the task.
    Join(usize),
    /// The owner cancels.
    Cancel,
    /// Another thread cancels.
    CancelRemotely,
    /// The owner drops the handle.
    DropHandle,
    /// The owner detaches the task.
    Detach,
    /// The loop is closed.
    Close,
}

/// Every step of the alphabet.
pub const ALPHABET: [TaskStep; 16] = [
    TaskStep::Turn(Act::Waits),
    TaskStep::Turn(Act::Finishes),
    TaskStep::Turn(Act::Panics),
    TaskStep::Join(0),
    TaskStep::Join(1),
    TaskStep::Cancel,
    TaskStep::DropHandle,
    TaskStep::Detach,
    TaskStep::Turn(Act::CancelsAnd(Then::Waits)),
    TaskStep::Turn(Act::CancelsAnd(Then::Finishes)),
    TaskStep::Turn(Act::CancelsAnd(Then::Panics)),
    TaskStep::Turn(Act::DropsItsHandleAnd(Then::Waits)),
    TaskStep::Turn(Act::DropsItsHandleAnd(Then::Finishes)),
    TaskStep::Turn(Act::DropsItsHandleAnd(Then::Panics)),
    TaskStep::CancelRemotely,
    TaskStep::Close,
];

const JOINERS: [&str; 2] = ["A", "B"];

impl Operation for TaskStep {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            TaskStep::Turn(_) | TaskStep::Close => "loop".into(),
            TaskStep::Join(joiner) => JOINERS[*joiner].into(),
            TaskStep::Cancel | TaskStep::DropHandle | TaskStep::Detach => "owner".into(),
            TaskStep::CancelRemotely => "another thread".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            TaskStep::Turn(act) => format!("runs; the future {}", act.in_words()).into(),
            TaskStep::Join(_) => "polls the task".into(),
            TaskStep::Cancel => "cancel()".into(),
            TaskStep::CancelRemotely => "canceller.cancel()".into(),
            TaskStep::DropHandle => "drops the handle".into(),
            TaskStep::Detach => "detach()".into(),
            TaskStep::Close => "is closed".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            TaskStep::Turn(act) => {
                format!("the loop ran, and the future {}", act.in_the_past()).into()
            }
            TaskStep::Join(joiner) => format!("{} polled the task", JOINERS[*joiner]).into(),
            TaskStep::Cancel => "the owner cancelled the task".into(),
            TaskStep::CancelRemotely => {
                "another thread cancelled the task through its canceller".into()
            }
            TaskStep::DropHandle => "the owner dropped the handle".into(),
            TaskStep::Detach => "the owner detached the task".into(),
            TaskStep::Close => "the loop was closed".into(),
        }
    }
}

impl Act {
    fn in_words(self) -> String {
        match self {
            Act::Waits => "returns Pending".to_owned(),
            Act::Finishes => "returns Ready".to_owned(),
            Act::Panics => "panics".to_owned(),
            Act::CancelsAnd(then) => format!("cancels its task, then {}", then.act().in_words()),
            Act::DropsItsHandleAnd(then) => {
                format!("drops its handle, then {}", then.act().in_words())
            }
        }
    }

    fn in_the_past(self) -> String {
        match self {
            Act::Waits => "returned `Pending`".to_owned(),
            Act::Finishes => "returned `Ready`".to_owned(),
            Act::Panics => "panicked".to_owned(),
            Act::CancelsAnd(then) => {
                format!("cancelled its own task and {}", then.act().in_the_past())
            }
            Act::DropsItsHandleAnd(then) => {
                format!("dropped its own handle and {}", then.act().in_the_past())
            }
        }
    }

    /// What the poll comes to.
    fn last(self) -> Then {
        match self {
            Act::Waits => Then::Waits,
            Act::Finishes => Then::Finishes,
            Act::Panics => Then::Panics,
            Act::CancelsAnd(then) | Act::DropsItsHandleAnd(then) => then,
        }
    }
}

impl Then {
    fn act(self) -> Act {
        match self {
            Then::Waits => Act::Waits,
            Then::Finishes => Act::Finishes,
            Then::Panics => Act::Panics,
        }
    }
}

/// The known mistakes that show in a short run without doubt.
pub const KNOWN: [Known<TaskStep>; 6] = [
    Known {
        mistake: "woke-before-drop",
        sentence: "The task counted as finished, or its joiner was woken, and the future's destructors had not run yet.",
        shows: |difference| {
            let yours = difference.your_step();
            let early = JOINERS
                .iter()
                .any(|name| yours.about(name) == Some(TOLD_EARLY));
            let over = |step: &Step| {
                step.about("destructors")
                    .is_some_and(|said| said.contains(SAW_OVER))
            };
            let inside = |step: &Step| step.outcome().contains(SAW_OVER);
            let expected = difference.expected_step();
            early || (over(yours) && !over(expected)) || (inside(yours) && !inside(expected))
        },
    },
    Known {
        mistake: "destructor-panic-escapes",
        sentence: "A destructor of the future panicked, and the panic left the call.",
        shows: |difference| {
            difference.your_step() == &Step::panicked()
                && matches!(
                    difference.operation(),
                    Some(TaskStep::Cancel | TaskStep::DropHandle | TaskStep::Close)
                )
        },
    },
    Known {
        mistake: "output-thrown-away",
        sentence: "The future had returned `Ready`, and the joiner did not get the output.",
        shows: |difference| {
            difference.expected_step().outcome() == "Ready(Ok(output))"
                && difference.your_step().outcome().starts_with("Ready(Err")
        },
    },
    Known {
        mistake: "task-left-behind",
        sentence: "The task has finished, and the loop still keeps its part of it.",
        shows: |difference| {
            let (yours, expected) = (difference.your_step(), difference.expected_step());
            yours.outcome() == expected.outcome()
                && ["future", "destructors", "A", "B"]
                    .iter()
                    .all(|about| yours.about(about) == expected.about(about))
                && expected.about("the loop's list") == Some("holds 0 tasks")
                && yours.about("the loop's list") != Some("holds 0 tasks")
        },
    },
    Known {
        mistake: "forgot-to-wake",
        sentence: "The task has finished, and the joiner that polled it last was not woken.",
        shows: |difference| {
            JOINERS.iter().any(|name| {
                difference.your_step().about(name) == Some("is not woken")
                    && difference.expected_step().about(name) == Some("is woken")
            })
        },
    },
    Known {
        mistake: "cancel-twice",
        sentence: "`cancel` returned `true` although it changed nothing.",
        shows: |difference| {
            matches!(difference.operation(), Some(TaskStep::Cancel))
                && difference.your_step().outcome() == "true"
                && difference.expected_step().outcome() == "false"
        },
    },
];

const TOLD_EARLY: &str = "was woken before the destructors had run";
const SAW_OVER: &str = "the task had finished";

/// What a panic of the future, or of its destructors, says.
const FAILS: &str = "the future fails";

/// The future that the machine spawns. It does what the machine says.
pub struct Scripted {
    poll: Box<PollIt>,
    dropped: Option<Box<dyn FnOnce()>>,
}

type PollIt = dyn FnMut(&mut Context<'_>) -> Poll<Value>;

/// The output of a [`Scripted`] future.
pub struct Value(#[allow(dead_code)] Token);

impl Future for Scripted {
    type Output = Value;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Value> {
        (self.poll)(context)
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        if let Some(dropped) = self.dropped.take() {
            dropped();
        }
    }
}

/// Carries out the steps on one task.
pub struct TaskMachine<T: AnyTask> {
    world: Rc<World<T>>,
    event_loop: Rc<ManualLoop>,
    canceller: Box<dyn Fn()>,
    latest: Option<usize>,
    seen: usize,
}

struct World<T> {
    handle: RefCell<Option<T>>,
    next: Cell<Act>,
    destructors: Destructors,
    /// What the future's poll saw in this step.
    polled: RefCell<Vec<String>>,
    /// What the destructors saw in this step.
    dropped: RefCell<Option<String>>,
    waker: RefCell<Option<Waker>>,
    /// Until the destructors have run.
    alive: Arc<AtomicBool>,
    joiners: [Arc<Joiner>; 2],
    joined_inside: Cell<bool>,
    values: DropCounter,
}

/// Counts its wakes, and notices one that comes while the future is still there.
struct Joiner {
    wakes: AtomicUsize,
    early: AtomicBool,
    alive: Arc<AtomicBool>,
}

impl Wake for Joiner {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wakes.fetch_add(1, Ordering::Relaxed);
        if self.alive.load(Ordering::Relaxed) {
            self.early.store(true, Ordering::Relaxed);
        }
    }
}

impl<T: AnyTask> TaskMachine<T> {
    /// A task that was spawned and not polled, whose destructors do this.
    #[must_use]
    pub fn new(destructors: Destructors) -> TaskMachine<T> {
        let alive = Arc::new(AtomicBool::new(true));
        let joiner = |_| {
            Arc::new(Joiner {
                wakes: AtomicUsize::new(0),
                early: AtomicBool::new(false),
                alive: Arc::clone(&alive),
            })
        };
        let world = Rc::new(World {
            handle: RefCell::new(None),
            next: Cell::new(Act::Waits),
            destructors,
            polled: RefCell::default(),
            dropped: RefCell::default(),
            waker: RefCell::default(),
            joiners: [0, 1].map(joiner),
            alive,
            joined_inside: Cell::new(false),
            values: DropCounter::new(),
        });
        let event_loop = Rc::new(ManualLoop::default());
        let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
        let task = T::spawn(&spawn, world.future());
        drop(spawn);
        let canceller = task.canceller();
        world.handle.replace(Some(task));
        TaskMachine {
            world,
            event_loop,
            canceller,
            latest: None,
            seen: 0,
        }
    }

    fn outcome(&mut self, step: TaskStep) -> Option<Cow<'static, str>> {
        let world = &self.world;
        Some(match step {
            TaskStep::Turn(act) => {
                let gone = !world.alive.load(Ordering::Relaxed);
                if self.event_loop.is_closed() || (gone && act != Act::Waits) {
                    return None;
                }
                if matches!(act, Act::CancelsAnd(_) | Act::DropsItsHandleAnd(_))
                    && world.handle.borrow().is_none()
                {
                    return None;
                }
                world.next.set(act);
                if let Some(waker) = world.waker.take() {
                    waker.wake();
                }
                let quiet = self.event_loop.run();
                let mut polled = world.polled.take();
                if self.event_loop.take_panics() > 0 {
                    polled.push("the panic reaches the loop".to_owned());
                }
                match (quiet, &polled[..]) {
                    (false, _) => "polls without end".into(),
                    (true, []) => "the future is not polled".into(),
                    (true, polled) => polled.join("; ").into(),
                }
            }
            TaskStep::Join(joiner) => {
                let mut handle = world.handle.borrow_mut();
                let task = handle.as_mut()?;
                let polled = world.join(task, joiner);
                self.latest = polled.is_pending().then_some(joiner);
                self.seen = world.joiners[joiner].wakes.load(Ordering::Relaxed);
                joined(polled).into()
            }
            TaskStep::Cancel => {
                let handle = world.handle.borrow();
                handle.as_ref()?.cancel().to_string().into()
            }
            TaskStep::CancelRemotely => {
                world.handle.borrow().as_ref()?;
                (self.canceller)();
                "returns".into()
            }
            TaskStep::DropHandle => {
                let handle = world.handle.take()?;
                self.latest = None;
                drop(handle);
                "returns".into()
            }
            TaskStep::Detach => {
                let handle = world.handle.take()?;
                self.latest = None;
                handle.detach();
                "returns".into()
            }
            TaskStep::Close => {
                if self.event_loop.is_closed() {
                    return None;
                }
                self.event_loop.close();
                "returns".into()
            }
        })
    }

    fn facts(&mut self, step: Step) -> Step {
        let world = &self.world;
        if world.joined_inside.take() {
            self.latest = Some(1);
            self.seen = 0;
        }
        if world
            .handle
            .try_borrow()
            .is_ok_and(|handle| handle.is_none())
        {
            self.latest = None;
        }
        let alive = world.alive.load(Ordering::Relaxed);
        let mut step = step.fact("future", if alive { "is there" } else { "is dropped" });
        if let Some(dropped) = world.dropped.take() {
            step = step.fact("destructors", dropped);
        }
        let over = world.handle.borrow().as_ref().map(AnyTask::is_over);
        if let Some(over) = over {
            step = step.absence(
                "task",
                if over {
                    "has finished"
                } else {
                    "has not finished"
                },
            );
        }
        for (place, name) in JOINERS.into_iter().enumerate() {
            let joiner = &world.joiners[place];
            if joiner.early.load(Ordering::Relaxed) {
                step = step.fact(name, TOLD_EARLY);
            } else if self.latest == Some(place) && over == Some(true) {
                let woken = joiner.wakes.load(Ordering::Relaxed) > self.seen;
                step = step.absence(name, if woken { "is woken" } else { "is not woken" });
            } else {
                step = step.absence(name, "");
            }
        }
        step
    }

    /// What the loop keeps and was told: after it has run.
    fn loop_facts(&self, step: Step) -> Step {
        let reports = self.event_loop.reports();
        let named = reports.iter().all(|report| report.contains(FAILS));
        let said = match (reports.len(), named) {
            (0, _) => "reports nothing".to_owned(),
            (1, true) => "reports the panic".to_owned(),
            (1, false) => "reports something that does not name the panic".to_owned(),
            (several, _) => format!("reports {several} times"),
        };
        let kept = self.event_loop.kept();
        step.absence("the loop's list", format!("holds {kept} tasks"))
            .absence("the loop's report", said)
    }
}

impl<T: AnyTask> Machine for TaskMachine<T> {
    type Operation = TaskStep;

    fn apply(&mut self, operation: &TaskStep) -> Option<Step> {
        let outcome = self.outcome(*operation)?;
        let step = self.facts(Step::of(outcome));
        Some(match operation {
            TaskStep::Turn(_) => self.loop_facts(step),
            _ => step,
        })
    }

    fn end(mut self) -> Step {
        self.event_loop.run();
        let handle = self.world.handle.take();
        drop(handle);
        self.event_loop.run();
        self.event_loop.close();
        let step = self.facts(Step::of("everything is dropped"));
        let step = self.loop_facts(step);
        self.world.waker.take();
        let wakers: usize = (self.world.joiners.iter())
            .map(|joiner| Arc::strong_count(joiner) - 1)
            .sum();
        let spawns = Rc::strong_count(&self.event_loop) - 1;
        step.absence("outputs", format!("{} alive", self.world.values.alive()))
            .absence("joiners' wakers", format!("{wakers} kept"))
            .absence(
                "the task's memory",
                if spawns == 0 {
                    "is freed"
                } else {
                    "is not freed"
                },
            )
    }
}

impl<T: AnyTask> World<T> {
    fn future(self: &Rc<Self>) -> Scripted {
        let (polled, dropped) = (Rc::clone(self), Rc::clone(self));
        Scripted {
            poll: Box::new(move |context| polled.poll(context)),
            dropped: Some(Box::new(move || dropped.destructors())),
        }
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<Value> {
        self.waker.replace(Some(context.waker().clone()));
        let act = self.next.replace(Act::Waits);
        let mut seen = Vec::new();
        match act {
            Act::CancelsAnd(_) => {
                for _ in 0..2 {
                    let handle = self.handle.borrow();
                    let task = handle.as_ref().expect("the machine has looked");
                    let (cancelled, over) = (task.cancel(), task.is_over());
                    seen.push(format!("cancel() → {cancelled}"));
                    if over {
                        seen.push(format!("inside the poll {SAW_OVER}"));
                    }
                }
                let mut handle = self.handle.borrow_mut();
                let task = handle.as_mut().expect("the machine has looked");
                let inside = self.join(task, 1);
                self.joined_inside.set(inside.is_pending());
                seen.push(format!("B joins → {}", joined(inside)));
            }
            Act::DropsItsHandleAnd(_) => {
                let handle = self.handle.take();
                drop(handle);
            }
            Act::Waits | Act::Finishes | Act::Panics => {}
        }
        seen.push(match act.last() {
            Then::Waits => "Pending".to_owned(),
            Then::Finishes => "Ready".to_owned(),
            Then::Panics => "panics".to_owned(),
        });
        self.polled.borrow_mut().push(seen.join(", "));
        match act.last() {
            Then::Waits => Poll::Pending,
            Then::Finishes => Poll::Ready(Value(self.values.token())),
            Then::Panics => panic!("{FAILS}"),
        }
    }

    fn destructors(&self) {
        let mut seen = Vec::new();
        if let Ok(handle) = self.handle.try_borrow()
            && let Some(task) = &*handle
        {
            let over = task.is_over();
            seen.push(
                if over {
                    SAW_OVER
                } else {
                    "the task had not finished"
                }
                .to_owned(),
            );
            if self.destructors == Destructors::Cancel {
                seen.push(format!("cancel() → {}", task.cancel()));
            }
        }
        if self.destructors == Destructors::Join
            && let Ok(mut handle) = self.handle.try_borrow_mut()
            && let Some(task) = &mut *handle
        {
            let inside = self.join(task, 1);
            self.joined_inside.set(inside.is_pending());
            seen.push(format!("B joins → {}", joined(inside)));
        }
        if self.destructors == Destructors::DropTheHandle
            && let Ok(mut handle) = self.handle.try_borrow_mut()
        {
            let handle = handle.take();
            drop(handle);
        }
        seen.insert(0, "ran".to_owned());
        self.dropped.replace(Some(seen.join(", ")));
        self.alive.store(false, Ordering::Relaxed);
        if self.destructors == Destructors::Panic {
            panic!("{FAILS}");
        }
    }

    fn join(&self, task: &mut T, joiner: usize) -> Poll<End> {
        let waker = Waker::from(Arc::clone(&self.joiners[joiner]));
        task.join(&mut Context::from_waker(&waker))
    }
}

fn joined(polled: Poll<End>) -> &'static str {
    match polled {
        Poll::Pending => "Pending",
        Poll::Ready(End::Output) => "Ready(Ok(output))",
        Poll::Ready(End::Cancelled) => "Ready(Err(Cancelled))",
        Poll::Ready(End::Panicked) => "Ready(Err(Panicked))",
    }
}
