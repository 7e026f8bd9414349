//! A loop's calls of an observer, without a loop: the check says how long each step takes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::super::subject::{Slow, SlowCallback};
use event_loop::{End, Observer, Origin, Step, TaskId};
use probe::{Run, panics};

pub(super) const LIMIT: Duration = Duration::from_millis(100);
pub(super) const FAST: Duration = Duration::from_nanos(99_999_999);

type Report = Box<dyn Fn(&Slow) + Send + Sync>;

/// The learner's observer, and what it has reported.
pub(super) struct World {
    pub(super) run: Run,
    pub(super) observer: Arc<SlowCallback<Report>>,
    reports: Arc<Mutex<Vec<Slow>>>,
}

impl World {
    pub(super) fn new(run: Run) -> World {
        World::with_limit(run, LIMIT)
    }

    pub(super) fn with_limit(run: Run, limit: Duration) -> World {
        World::reporting(run, limit, |_| {})
    }

    /// A report is recorded, and then this is called with it.
    pub(super) fn reporting(
        run: Run,
        limit: Duration,
        then: impl Fn(&Slow) + Send + Sync + 'static,
    ) -> World {
        let reports: Arc<Mutex<Vec<Slow>>> = Arc::default();
        let (recorder, kept) = (run.recorder().clone(), Arc::clone(&reports));
        let report: Report = Box::new(move |slow| {
            recorder.says("observer", said(slow));
            kept.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(*slow);
            then(slow);
        });
        World {
            run,
            observer: Arc::new(SlowCallback::new(limit, report)),
            reports,
        }
    }

    /// The loop spawns a task, and wakes it.
    #[track_caller]
    pub(super) fn spawn(&self, number: u64) -> (TaskId, Origin) {
        let task = id(number);
        let origin = Origin::of::<World>();
        self.run
            .recorder()
            .says(&task.to_string(), "spawned, and woken");
        self.observer.task_spawned_at(task, origin);
        self.observer.woken(task);
        (task, origin)
    }

    /// The loop spawns a callback that is called later.
    #[track_caller]
    pub(super) fn spawn_for_later(&self, number: u64) {
        let task = id(number);
        self.run
            .recorder()
            .says(&task.to_string(), "spawned, and not woken");
        self.observer.task_spawned_at(task, Origin::of::<World>());
    }

    /// A task of which no event is recorded, and whose origin no other has.
    pub(super) fn origin_of(&self, number: u64) -> Origin {
        let origin = match number {
            1 => Origin::of::<u8>(),
            257 => Origin::of::<u16>(),
            65_537 => Origin::of::<u32>(),
            _ => Origin::of::<u64>(),
        };
        self.observer.task_spawned_at(id(number), origin);
        origin
    }

    pub(super) fn wake(&self, task: TaskId) {
        self.run.recorder().says(&task.to_string(), "woken");
        self.observer.woken(task);
    }

    /// A poll that returns `Pending`.
    pub(super) fn poll(&self, task: TaskId, took: Duration) {
        self.poll_in_which(task, took, || {});
    }

    pub(super) fn poll_in_which(&self, task: TaskId, took: Duration, happens: impl FnOnce()) {
        self.run
            .recorder()
            .says(&task.to_string(), format!("polled for {took:?}"));
        self.observer.poll_begun(task);
        happens();
        self.observer.polled(task, false);
        self.observer.took(Step::Poll(task), took);
    }

    /// A poll in which the task completes.
    pub(super) fn last_poll(&self, task: TaskId, took: Duration, end: End) {
        self.run.recorder().says(
            &task.to_string(),
            format!("polled for {took:?}, {}", ended(end)),
        );
        self.observer.poll_begun(task);
        self.observer.polled(task, true);
        self.observer.task_finished(task, end);
        self.observer.took(Step::Poll(task), took);
    }

    pub(super) fn abort(&self, task: TaskId) {
        self.run.recorder().says(&task.to_string(), "aborted");
        self.observer.task_finished(task, End::Dropped);
    }

    /// The reports since the last call.
    pub(super) fn reported(&self) -> Vec<Slow> {
        let mut reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *reports)
    }

    /// The one report since the last call.
    #[track_caller]
    pub(super) fn one_report(&self) -> Slow {
        match self.reported()[..] {
            [one] => one,
            [] => {
                self.run.recorder().lacks("observer", "reports nothing");
                self.run
                    .departs("The poll took the limit or longer, and was not reported.")
            }
            _ => self
                .run
                .departs("The slow poll was reported more than once."),
        }
    }

    #[track_caller]
    pub(super) fn no_report(&self, why: &str) {
        if !self.reported().is_empty() {
            self.run.departs(why);
        }
    }
}

pub(super) fn id(number: u64) -> TaskId {
    TaskId::new(number, usize::try_from(number).expect("it is small"))
}

fn ended(end: End) -> &'static str {
    match end {
        End::Ready => "ready",
        End::Panicked => "panics",
        End::Dropped => "pending, and is dropped",
    }
}

pub(super) fn said(slow: &Slow) -> String {
    let Slow {
        task,
        took,
        waiting,
        finished,
        ..
    } = slow;
    let end = if *finished { ", and finished" } else { "" };
    format!("reports {task}: {took:?}, {waiting} waiting{end}")
}

/// Whether this panics.
pub(super) fn panics(call: impl FnOnce()) -> bool {
    panics::expected(call).is_err()
}
