//! The loop on which the tasks of this check run, and what a joiner and a canceller do there.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use super::super::subject::{Ended, Task};
use super::guards::guard;
use event_loop::{BoxedTask, Handle, Spawn};
use probe::{Recorder, Run, What, panics, run};
use probe_futures::{Poller, poller};
use probe_loop::SimLoop;

pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// More iterations than anything here takes.
const TURNS: usize = 10;

pub(super) struct World {
    pub(super) run: Run,
    pub(super) sim: SimLoop,
    pub(super) spawn: Rc<dyn Spawn>,
    /// How often the loop has polled its part of a task.
    pub(super) polls: Rc<Cell<usize>>,
    pub(super) recorder: Recorder,
}

pub(super) type Slot = Rc<RefCell<Option<Task<u32>>>>;

impl World {
    pub(super) fn new(run: Run) -> World {
        let quiet = run!();
        let sim = SimLoop::new(&quiet);
        sim.event_loop().on_unretrieved(|_| ());
        let polls = Rc::default();
        World {
            spawn: Rc::new(Counting(sim.handle(), Rc::clone(&polls))),
            sim,
            polls,
            recorder: run.recorder().clone(),
            run,
        }
    }

    /// What the loop reports from now on.
    pub(super) fn reports(&self) -> Rc<RefCell<Vec<String>>> {
        self.sim.reports()
    }

    /// A task that sleeps for an hour.
    pub(super) fn sleeper(&self) -> Task<u32> {
        let (recorder, handle) = (self.recorder.clone(), self.sim.handle());
        Task::spawn(&self.spawn, async move {
            let _guard = guard(&recorder, "task");
            recorder.says("task", "begins");
            handle.sleep(HOUR).await;
            recorder.says("task", "goes on");
            7
        })
    }

    pub(super) fn poller(&self, name: &str) -> Poller {
        poller(&self.recorder, name)
    }

    /// Runs the loop, and lets no time pass.
    #[track_caller]
    pub(super) fn turns(&self) {
        if let Err(panic) = panics::expected(|| self.sim.iterate(TURNS)) {
            self.run.departs(format!(
                "An iteration of the loop panicked: {}.",
                panic.message
            ));
        }
    }

    #[track_caller]
    pub(super) fn join(&self, by: &Poller, task: &mut Task<u32>) -> Poll<Result<u32, Ended>> {
        let call = self
            .recorder
            .enters("task", format!("polled by {}", by.name()));
        let polled = panics::expected(|| by.poll(Pin::new(task)));
        let polled = match polled {
            Ok(polled) => polled,
            Err(panic) => {
                drop(call);
                self.run.departs(format!(
                    "A joiner polled the task, and that panicked: {}.",
                    panic.message
                ));
            }
        };
        call.returns(match &polled {
            Poll::Pending => "pending".to_owned(),
            Poll::Ready(end) => ended(end),
        });
        polled
    }

    #[track_caller]
    pub(super) fn cancels(&self, task: &Task<u32>) -> bool {
        let call = self.recorder.enters("caller", "cancel()");
        match panics::expected(|| task.cancel()) {
            Ok(cancelled) => {
                call.returns(cancelled.to_string());
                cancelled
            }
            Err(panic) => {
                drop(call);
                self.run
                    .departs(format!("`cancel` panicked: {}.", panic.message));
            }
        }
    }

    #[track_caller]
    pub(super) fn cancel(&self, task: &Task<u32>, expected: bool) {
        if self.cancels(task) != expected {
            self.run.departs(format!(
                "`cancel` returned {}; expected: {expected}.",
                !expected
            ));
        }
    }

    #[track_caller]
    pub(super) fn expect_cancelled(&self, task: &mut Task<u32>) {
        let b = self.poller("the joiner");
        match self.join(&b, task) {
            Poll::Ready(Err(Ended::Cancelled)) => {}
            Poll::Ready(end) => self.run.departs(format!(
                "The task was cancelled, and the joiner got: {}.",
                ended(&end)
            )),
            Poll::Pending => self
                .run
                .departs("The task was cancelled, and the joiner got `Pending`."),
        }
    }

    /// The future returned `Ready`, and the task has not finished.
    #[track_caller]
    pub(super) fn not_over_after_its_end(&self, task: &Task<u32>) -> ! {
        let left = left_as(task);
        if World::new(run!()).a_late_cancel_revives() {
            self.run.diagnose(
                "state-left-taken",
                format!(
                    "The future returned 7, and the task has not finished: it is “{left}”. When the loop drops its part of the task, it calls `cancel` once more, and that call changed the state of a finished task."
                ),
            );
        }
        self.run.departs(format!(
            "The future returned 7, and the task has not finished: it is “{left}”."
        ))
    }

    /// Whether a second `cancel` changes the state of a finished task.
    fn a_late_cancel_revives(&self) -> bool {
        let task = self.sleeper();
        self.turns();
        let tried = panics::expected(|| {
            task.cancel();
            let over = task.is_over();
            task.cancel();
            over && !task.is_over()
        });
        tried.unwrap_or(false)
    }

    /// It was cancelled, the loop ran, and the task has not finished. `at_once` is the state in which `cancel` left it, and the
    /// event of that moment.
    #[track_caller]
    pub(super) fn not_over_after_cancel(
        &self,
        task: &Task<u32>,
        at_once: (String, Option<usize>),
    ) -> ! {
        let left = left_as(task);
        match (at_once.0.as_str(), at_once.1) {
            ("over", _) => {
                self.recorder.says(
                    "loop",
                    format!("polls its part of it: the task is “{left}”"),
                );
                self.run.diagnose(
                    "state-left-taken",
                    format!(
                        "When `cancel` returned, the task had finished. Then the loop polled its part of it once more, and now the task is “{left}”: that poll changed the state of a finished task."
                    ),
                )
            }
            (noted @ "running, and cancelled", event) => self.run.diagnose_at(
                event,
                "cancel-is-a-note",
                format!(
                    "The task was not being polled when it was cancelled, and `cancel` left it as “{noted}”. No poll will look at that mark: the code that cancels a suspended task has to drop its future."
                ),
            ),
            (_, event) => self.run.departs_at(
                event,
                format!("The task was cancelled, and it has not finished: it is “{left}”."),
            ),
        }
    }

    #[track_caller]
    pub(super) fn left_behind(&self, tasks: usize, polls: usize) -> ! {
        let polled = self.polls.get() > polls;
        self.recorder
            .says("loop", format!("keeps its part of {tasks} tasks"));
        self.run.diagnose(
            "task-left-behind",
            if polled {
                format!(
                    "The task has finished, and the loop still keeps its part of {tasks} tasks. It was woken and polled it once more, and that poll returned `Pending`."
                )
            } else {
                format!(
                    "The task has finished, and the loop still keeps its part of {tasks} tasks: it was not woken, so it does not poll that part again."
                )
            },
        )
    }

    #[track_caller]
    pub(super) fn borrowed_when_dropped(&self) -> ! {
        self.run.diagnose(
            "borrowed-when-dropped",
            "The destructors of the task's future used the task, and that panicked: the state is borrowed while the future is dropped.",
        )
    }

    pub(super) fn said(&self, lane: &str, text: &str) -> bool {
        let events = self.recorder.recording().events;
        events
            .iter()
            .any(|event| event.track == lane && event.what == What::Says(text.to_owned()))
    }
}

pub(super) fn ended(end: &Result<u32, Ended>) -> String {
    match end {
        Ok(output) => format!("ready({output})"),
        Err(Ended::Cancelled) => "cancelled".to_owned(),
        Err(Ended::Panicked(_)) => "panicked".to_owned(),
    }
}

/// The state that a task says it is in.
pub(super) fn left_as(task: &Task<u32>) -> String {
    let said = format!("{task:?}");
    let inner = (said.strip_prefix("Task(\"")).and_then(|said| said.strip_suffix("\")"));
    inner.unwrap_or(&said).to_owned()
}

pub(super) fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        _ => format!("{count} times"),
    }
}

/// The loop, with a count of how often it polls its part of a task.
struct Counting(Handle, Rc<Cell<usize>>);

impl Spawn for Counting {
    fn spawn_boxed(&self, mut future: BoxedTask) {
        let polls = Rc::clone(&self.1);
        self.0
            .spawn_boxed(Box::pin(std::future::poll_fn(move |context| {
                polls.set(polls.get() + 1);
                future.as_mut().poll(context)
            })));
    }

    fn report(&self, problem: &str) {
        self.0.report(problem);
    }
}
