//! Every short run: the calls, and the model that they are compared with.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use super::super::subject::{RemoteTask, run_coroutine_threadsafe};
use event_loop::{Door, EventLoop, JoinError, LoopClosed, yield_now};
use probe::detect::{DropCounter, Token};
use probe::runs::{Known, Machine, Operation, Step};

/// One step of a short run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DoorStep {
    Start,
    StartPanic,
    Iterations,
    DropRemote,
    DropLoop,
    WaitForAll,
}

impl Operation for DoorStep {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            DoorStep::Iterations | DoorStep::DropLoop => "loop".into(),
            DoorStep::WaitForAll => "other thread".into(),
            _ => "caller".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            DoorStep::Start => "starts a task that returns its number",
            DoorStep::StartPanic => "starts a task that panics",
            DoorStep::Iterations => "runs 8 iterations",
            DoorStep::DropRemote => "drops its newest RemoteTask",
            DoorStep::DropLoop => "is dropped",
            DoorStep::WaitForAll => "wait(), for each task",
        }
        .into()
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            DoorStep::Start => "a task was started",
            DoorStep::StartPanic => "a task that panics was started",
            DoorStep::Iterations => "the loop ran 8 iterations",
            DoorStep::DropRemote => "the newest `RemoteTask` was dropped",
            DoorStep::DropLoop => "the loop was dropped",
            DoorStep::WaitForAll => "another thread called `wait` for each task",
        }
        .into()
    }
}

/// A loop and the tasks that were started on it, all by one thread; another one waits.
pub(super) struct Yours {
    event_loop: Option<EventLoop>,
    pub(super) door: Door,
    tasks: Vec<RemoteTask<(usize, Token)>>,
    tokens: DropCounter,
    /// How many tasks were polled to their end.
    completed: Arc<AtomicUsize>,
    model: Model,
}

impl Yours {
    pub(super) fn new() -> Yours {
        let event_loop = EventLoop::new();
        event_loop.on_unretrieved(|_| ()); // Whether it reports such a panic is left open.
        Yours {
            door: event_loop.handle().door(),
            event_loop: Some(event_loop),
            tasks: Vec::new(),
            tokens: DropCounter::new(),
            completed: Arc::default(),
            model: Model::default(),
        }
    }

    fn start(&mut self, panics: bool) -> &'static str {
        let (number, token) = (self.model.started, self.tokens.token());
        let completed = Arc::clone(&self.completed);
        let started = run_coroutine_threadsafe(&self.door, move |_| async move {
            yield_now().await;
            assert!(!panics, "no tea left");
            completed.fetch_add(1, Relaxed);
            (number, token)
        });
        match started {
            Ok(task) => {
                self.tasks.push(task);
                "Ok"
            }
            Err(LoopClosed) => "LoopClosed",
        }
    }

    fn iterate(&self) {
        let event_loop = self.event_loop.as_ref().expect("the model knows");
        for _ in 0..8 {
            let is_open = self.door.call_soon_threadsafe(|_| ()); // So that it does not sleep.
            is_open.expect("the loop is open");
            event_loop.run_once().expect("the driver works");
        }
    }

    fn wait_for_all(&mut self) -> String {
        let tasks = std::mem::take(&mut self.tasks);
        let other = thread::spawn(|| {
            let waited = tasks.into_iter().map(RemoteTask::wait);
            let words = waited.map(|result| match result {
                Ok((number, _token)) => format!("Ok({number})"),
                Err(JoinError::Aborted) => "Aborted".to_owned(),
                Err(JoinError::Panicked(_)) => "Panicked".to_owned(),
            });
            words.collect::<Vec<_>>().join(", ")
        });
        other.join().unwrap_or_else(|_| "panics".to_owned())
    }
}

impl Machine for Yours {
    type Operation = DoorStep;

    fn apply(&mut self, step: &DoorStep) -> Option<Step> {
        self.model.apply(step)?; // Whether this can be done, and no wait would be endless.
        let outcome: Cow<'static, str> = match step {
            DoorStep::Start => self.start(false).into(),
            DoorStep::StartPanic => self.start(true).into(),
            DoorStep::Iterations => {
                self.iterate();
                return Some(iterated(self.completed.load(Relaxed)));
            }
            DoorStep::DropRemote => {
                drop(self.tasks.pop());
                "done".into()
            }
            DoorStep::DropLoop => {
                drop(self.event_loop.take());
                "done".into()
            }
            DoorStep::WaitForAll => self.wait_for_all().into(),
        };
        Some(Step::of(outcome))
    }

    fn end(self) -> Step {
        let Yours {
            event_loop,
            door,
            tasks,
            tokens,
            ..
        } = self;
        drop((event_loop, door, tasks));
        everything_is_dropped(tokens.alive())
    }
}

fn iterated(completed: usize) -> Step {
    Step::of("done").fact(
        "tasks that return a number",
        format!("{completed} completed"),
    )
}

pub(super) static KNOWN: [Known<DoorStep>; 1] = [Known {
    mistake: "cancelled-with-the-waiter",
    sentence: "A `RemoteTask` was dropped, and its task was not polled to its end.",
    shows: |difference| {
        let completed = |step: &Step| {
            let fact = step.about("tasks that return a number")?;
            fact.split(' ').next()?.parse::<usize>().ok()
        };
        let (yours, expected) = (
            completed(difference.your_step()),
            completed(difference.expected_step()),
        );
        difference.operations.contains(&DoorStep::DropRemote)
            && matches!((yours, expected), (Some(yours), Some(expected)) if yours < expected)
    },
}];

fn everything_is_dropped(alive: usize) -> Step {
    Step::of("everything is dropped").fact("results", format!("{alive} alive"))
}

/// What the contract says of such a run.
#[derive(Default)]
pub(super) struct Model {
    started: usize,
    is_closed: bool,
    completed: usize,
    /// The tasks that were started since the loop ran last and return a number.
    waiting: usize,
    /// How `wait` ends for each task that has a `RemoteTask`; `None` while it is pending.
    tasks: Vec<(usize, bool, Option<String>)>,
}

impl Machine for Model {
    type Operation = DoorStep;

    fn apply(&mut self, step: &DoorStep) -> Option<Step> {
        match step {
            DoorStep::Start | DoorStep::StartPanic => {
                self.started += 1;
                if self.is_closed {
                    return Some(Step::of("LoopClosed"));
                }
                let panics = *step == DoorStep::StartPanic;
                self.waiting += usize::from(!panics);
                self.tasks.push((self.started, panics, None));
                return Some(Step::of("Ok"));
            }
            DoorStep::Iterations | DoorStep::DropLoop if self.is_closed => return None,
            DoorStep::Iterations => {
                for (number, panics, end) in &mut self.tasks {
                    let now = match panics {
                        true => "Panicked".to_owned(),
                        false => format!("Ok({number})"),
                    };
                    end.get_or_insert(now);
                }
                self.completed += std::mem::take(&mut self.waiting);
                return Some(iterated(self.completed));
            }
            DoorStep::DropRemote => drop(self.tasks.pop()?),
            DoorStep::DropLoop => {
                self.is_closed = true;
                for (_, _, end) in &mut self.tasks {
                    end.get_or_insert("Aborted".to_owned());
                }
            }
            DoorStep::WaitForAll => {
                let ends: Option<Vec<String>> =
                    self.tasks.iter().map(|(_, _, end)| end.clone()).collect();
                let ends = ends.filter(|ends| !ends.is_empty())?.join(", ");
                self.tasks.clear();
                return Some(Step::of(ends));
            }
        }
        Some(Step::of("done"))
    }

    fn end(self) -> Step {
        everything_is_dropped(0)
    }
}
