//! Every short run: the steps, and the machine that carries them out on the learner's code and on the reference.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};
use std::task::Waker;

use super::super::subject::{Schedule, TaskWaker};
use super::line::{by_value, lock};
use event_loop::TaskId;
use probe::runs::{Known, Machine, Operation, Step};

/// One step of a short run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TaskStep {
    Wake,
    WakeByRef,
    BeginPoll,
    Retire,
}

impl Operation for TaskStep {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            TaskStep::Wake | TaskStep::WakeByRef => "waker".into(),
            TaskStep::BeginPoll | TaskStep::Retire => "loop".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            TaskStep::Wake => "wake(), of a clone".into(),
            TaskStep::WakeByRef => "wake_by_ref()".into(),
            TaskStep::BeginPoll => "begin_poll()".into(),
            TaskStep::Retire => "retire()".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            TaskStep::Wake => "a clone of the waker was consumed by `wake`".into(),
            TaskStep::WakeByRef => "the waker was called by `wake_by_ref`".into(),
            TaskStep::BeginPoll => "the loop called `begin_poll`".into(),
            TaskStep::Retire => "the loop called `retire`".into(),
        }
    }
}

pub(super) static KNOWN: [Known<TaskStep>; 4] = [
    Known {
        mistake: "queued-after-the-end",
        sentence: "`retire` was called, then the waker was called, and the task was scheduled.",
        shows: |difference| {
            difference.your_step().outcome() == SCHEDULED
                && difference.operations.contains(&TaskStep::Retire)
        },
    },
    Known {
        mistake: "queued-twice",
        sentence: "The task was in the queue, and a wake scheduled it again.",
        shows: |difference| {
            difference.your_step().outcome() == SCHEDULED
                && !difference.operations.contains(&TaskStep::Retire)
        },
    },
    Known {
        mistake: "lost-own-wake",
        sentence: "The loop called `begin_poll`, then the waker was called, and the task was not scheduled.",
        shows: |difference| {
            difference.expected_step().outcome() == SCHEDULED
                && difference.operations.contains(&TaskStep::BeginPoll)
        },
    },
    Known {
        mistake: "waker-leaked",
        sentence: "Every waker was dropped or consumed by `wake`, and what they own is still alive.",
        shows: |difference| difference.at_the_end() && difference.your_step().outcome() == DROPPED,
    },
];

const DROPPED: &str = "everything is dropped";

const SCHEDULED: &str = "schedules the task";

/// The loop calls `begin_poll` only for a task that it has taken out of the queue, and `retire` once.
pub(super) struct Yours {
    pub(super) queue: Arc<Count>,
    pub(super) task: Arc<TaskWaker<Count>>,
    pub(super) waker: Waker,
    seen: usize,
    world: Reference,
}

#[derive(Default)]
pub(super) struct Count(Mutex<usize>);

impl Schedule for Count {
    fn schedule(&self, _: TaskId) {
        *lock(&self.0) += 1;
    }
}

impl Yours {
    pub(super) fn new() -> Yours {
        let queue: Arc<Count> = Arc::default();
        let task = TaskWaker::new(TaskId::new(1, 0), Arc::clone(&queue));
        let waker = Waker::from(Arc::clone(&task));
        Yours {
            queue,
            task,
            waker,
            seen: 0,
            world: Reference::default(),
        }
    }
}

impl Machine for Yours {
    type Operation = TaskStep;

    fn apply(&mut self, step: &TaskStep) -> Option<Step> {
        self.world.apply(step)?; // Whether the loop may do it now.
        match step {
            TaskStep::Wake => by_value(&self.waker),
            TaskStep::WakeByRef => self.waker.wake_by_ref(),
            TaskStep::BeginPoll => self.task.begin_poll(),
            TaskStep::Retire => self.task.retire(),
        }
        let scheduled = *lock(&self.queue.0);
        let new = scheduled - self.seen;
        self.seen = scheduled;
        Some(scheduled_so_often(new))
    }

    fn end(self) -> Step {
        let Yours {
            queue, task, waker, ..
        } = self;
        drop((task, waker));
        everything_is_dropped(Arc::strong_count(&queue) - 1)
    }
}

fn scheduled_so_often(times: usize) -> Step {
    match times {
        0 => Step::of("does not schedule the task"),
        1 => Step::of(SCHEDULED),
        _ => Step::of(format!("schedules the task {times} times")),
    }
}

fn everything_is_dropped(references: usize) -> Step {
    Step::of(DROPPED).fact("queue", format!("{references} references to it are alive"))
}

/// A loop's view of one task, and plainly right.
#[derive(Default)]
pub(super) struct Reference {
    queued: bool,
    retired: bool,
}

impl Machine for Reference {
    type Operation = TaskStep;

    fn apply(&mut self, step: &TaskStep) -> Option<Step> {
        let scheduled = match step {
            TaskStep::Wake | TaskStep::WakeByRef => {
                !std::mem::replace(&mut self.queued, true) && !self.retired
            }
            TaskStep::BeginPoll if self.retired || !self.queued => return None,
            TaskStep::Retire if self.retired => return None,
            TaskStep::BeginPoll => {
                self.queued = false;
                false
            }
            TaskStep::Retire => {
                self.retired = true;
                false
            }
        };
        Some(scheduled_so_often(usize::from(scheduled)))
    }

    fn end(self) -> Step {
        everything_is_dropped(0)
    }
}
