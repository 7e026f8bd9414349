//! Parts of a service that are started again when they crash.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use cancellation::{Ended, Task};
use composition::ReadySet;
use event_loop::{Spawn, Timer};
use futures::StreamExt;
use service::RestartLimit;

/// Which ends of a child start it again. The names are those of Erlang/OTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// Each of them: the child is never to end.
    Permanent,
    /// An error or a panic. A child that returns `Ok` has done its work.
    Transient,
    /// None.
    Temporary,
}

/// How a child has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// It returned `Ok`.
    Done,
    /// It returned this error.
    Error(String),
    /// It panicked, with this message.
    Panicked(String),
}

/// What the supervisor does, for a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// The child was started, for the first time or again.
    Started(&'static str),
    /// The child has ended.
    Ended(&'static str, Exit),
    /// The limit is exceeded: the children that run are cancelled.
    GivesUp(&'static str),
    /// The child was cancelled, and has finished.
    Cancelled(&'static str),
}

/// There were too many restarts in too short a time. The supervisor has cancelled its children and waited for
/// them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalated {
    /// The child whose end was one too many.
    pub child: &'static str,
    /// How it has ended.
    pub exit: Exit,
}

type Work = Pin<Box<dyn Future<Output = Result<(), String>>>>;
type Start = Box<dyn FnMut() -> Work>;
type Shared = Rc<RefCell<Task<Result<(), String>>>>;

struct Child {
    name: &'static str,
    restart: Restart,
    start: Start,
    task: Option<Shared>,
}

/// Starts children in order, and starts a child again when it has ended, alone (*one for one*), as its
/// [`Restart`] says.
///
/// A restart helps against what is gone the next time: a broken connection, a rare race. It does not help against
/// a configuration that is wrong. So there is a limit: if the supervisor would have to restart for the
/// `intensity + 1`-th time within `period`, counted over all children, it *escalates*: it cancels the children
/// that run, the last one that was listed first, waits for each of them, and returns [`Escalated`]. What runs the
/// supervisor then ends, or is a supervisor itself.
///
/// When no child is left, it returns `Ok`.
///
/// # Cancel safety
///
/// Dropping [`run`](Supervisor::run) cancels all children, in no particular order, and does not wait for their
/// clean-up.
pub struct Supervisor {
    intensity: usize,
    period: Duration,
    children: Vec<Child>,
    observer: Box<dyn FnMut(Report)>,
}

impl Supervisor {
    /// A supervisor without children, that allows `intensity` restarts in each time span of `period`. OTP's
    /// defaults are 1 restart in 5 seconds.
    #[must_use]
    pub fn new(intensity: usize, period: Duration) -> Supervisor {
        Supervisor {
            intensity,
            period,
            children: Vec::new(),
            observer: Box::new(|_| {}),
        }
    }

    /// Calls `observer` for each thing that it does.
    ///
    /// # Panics
    ///
    /// A panic of `observer` continues from [`run`](Supervisor::run), which cancels all children and does not wait for
    /// their clean-up.
    #[must_use]
    pub fn observed(mut self, observer: impl FnMut(Report) + 'static) -> Supervisor {
        self.observer = Box::new(observer);
        self
    }

    /// One child more. `start` is called for each start, and returns what then runs as a task of its own. If `start`
    /// panics, the child has panicked.
    #[must_use]
    pub fn child<F, E>(
        mut self,
        name: &'static str,
        restart: Restart,
        mut start: impl FnMut() -> F + 'static,
    ) -> Supervisor
    where
        F: Future<Output = Result<(), E>> + 'static,
        E: fmt::Display,
    {
        let start = move || -> Work {
            let work = start();
            Box::pin(async move { work.await.map_err(|error| error.to_string()) })
        };
        self.children.push(Child {
            name,
            restart,
            start: Box::new(start),
            task: None,
        });
        self
    }

    /// Starts the children and runs until none is left, or until it escalates.
    ///
    /// # Errors
    ///
    /// [`Escalated`], when the limit is exceeded.
    // ANCHOR: run
    pub async fn run<T: Timer>(
        mut self,
        spawn: &Rc<dyn Spawn>,
        timer: &T,
    ) -> Result<(), Escalated> {
        let mut running = ReadySet::new();
        for number in 0..self.children.len() {
            running.push(self.start(number, spawn));
        }
        let mut limit = RestartLimit::new(self.intensity, self.period);
        while let Some((number, exit)) = running.next().await {
            let child = &mut self.children[number];
            child.task = None;
            let (name, again) = (child.name, child.restart.is_due(&exit));
            (self.observer)(Report::Ended(name, exit.clone()));
            if !again {
                continue;
            }
            if !limit.allows(timer.now()) {
                (self.observer)(Report::GivesUp(name));
                self.cancel_all().await;
                return Err(Escalated { child: name, exit });
            }
            running.push(self.start(number, spawn));
        }
        Ok(())
    }
    // ANCHOR_END: run

    fn start(&mut self, number: usize, spawn: &Rc<dyn Spawn>) -> Running {
        let child = &mut self.children[number];
        // A panic of `start` is the child's, so it happens once more, in the child's task.
        let work = catch_unwind(AssertUnwindSafe(|| (child.start)()))
            .unwrap_or_else(|panic| Box::pin(async { resume_unwind(panic) }));
        let task = Rc::new(RefCell::new(Task::spawn(spawn, work)));
        child.task = Some(Rc::clone(&task));
        (self.observer)(Report::Started(child.name));
        Running { number, task }
    }

    // ANCHOR: cancel_all
    /// The last one first: it may use those that were started before it. Each has finished its clean-up before the
    /// next is cancelled.
    async fn cancel_all(&mut self) {
        for child in self.children.iter_mut().rev() {
            if let Some(task) = child.task.take() {
                task.borrow().cancel();
                let number = 0;
                let _exit = Running { number, task }.await;
                (self.observer)(Report::Cancelled(child.name));
            }
        }
    }
    // ANCHOR_END: cancel_all
}

impl Restart {
    // ANCHOR: is_due
    fn is_due(self, exit: &Exit) -> bool {
        match self {
            Restart::Permanent => true,
            Restart::Transient => *exit != Exit::Done,
            Restart::Temporary => false,
        }
    }
    // ANCHOR_END: is_due
}

/// A child that runs. Its output is the child's number, and how it has ended.
struct Running {
    number: usize,
    task: Shared,
}

impl Future for Running {
    type Output = (usize, Exit);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<(usize, Exit)> {
        let ended = Pin::new(&mut *self.task.borrow_mut()).poll(context);
        let number = self.number;
        ended.map(|ended| match ended {
            Ok(Ok(())) => (number, Exit::Done),
            Ok(Err(error)) => (number, Exit::Error(error)),
            Err(Ended::Cancelled) => (number, Exit::Error("cancelled".to_owned())),
            Err(Ended::Panicked(panic)) => {
                let message = event_loop::panic_message(&*panic).to_owned();
                (number, Exit::Panicked(message))
            }
        })
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.children.iter().map(|child| child.name).collect();
        out.debug_struct("Supervisor")
            .field("intensity", &self.intensity)
            .field("period", &self.period)
            .field("children", &names)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Done => out.write_str("has done its work"),
            Exit::Error(error) => write!(out, "failed: {error}"),
            Exit::Panicked(message) => write!(out, "panicked: {message}"),
        }
    }
}

impl fmt::Display for Escalated {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "too many restarts: {} {}", self.child, self.exit)
    }
}

impl Error for Escalated {}
