//! Every short run of two tasks: what the loop tells, on the learner's observer and on the reference.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::super::subject;
use super::world::{FAST, LIMIT, id};
use event_loop::{End, Observer, Origin, Step};
use probe::runs::{Machine, Operation, Step as Shown};

/// What the loop, or another thread, does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    Spawn(usize),
    /// A callback for later: it is not woken.
    SpawnForLater,
    Wake(usize),
    Poll(usize),
    /// The task that is being polled completes.
    Finish(End),
    /// The poll ends.
    End {
        slow: bool,
    },
    Abort(usize),
    SlowPark,
}

pub(super) const ALPHABET: [Does; 14] = [
    Does::Spawn(0),
    Does::Spawn(1),
    Does::Poll(0),
    Does::Poll(1),
    Does::Wake(0),
    Does::Wake(1),
    Does::End { slow: true },
    Does::End { slow: false },
    Does::Finish(End::Ready),
    Does::Finish(End::Panicked),
    Does::SpawnForLater,
    Does::Abort(0),
    Does::Abort(1),
    Does::SlowPark,
];

const NAMES: [&str; 2] = ["task 1", "task 2"];

impl Operation for Does {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Does::Spawn(task) | Does::Wake(task) | Does::Poll(task) | Does::Abort(task) => {
                NAMES[*task].into()
            }
            Does::SpawnForLater => NAMES[1].into(),
            _ => "loop".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Does::Spawn(_) => "spawned, and woken".into(),
            Does::SpawnForLater => "spawned, and not woken".into(),
            Does::Wake(_) => "woken".into(),
            Does::Poll(_) => "its poll begins".into(),
            Does::Finish(end) => format!("the task finishes: {end:?}").into(),
            Does::End { slow: true } => format!("the poll took {LIMIT:?}").into(),
            Does::End { slow: false } => format!("the poll took {FAST:?}").into(),
            Does::Abort(_) => "aborted".into(),
            Does::SlowPark => "slept for 9s".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Does::Spawn(task) => format!("{} was spawned and woken", NAMES[*task]).into(),
            Does::SpawnForLater => "task 2 was spawned and not woken".into(),
            Does::Wake(task) => format!("{} was woken", NAMES[*task]).into(),
            Does::Poll(task) => format!("a poll of {} began", NAMES[*task]).into(),
            Does::Finish(end) => format!("the polled task finished: {end:?}").into(),
            Does::End { slow: true } => format!("the poll took {LIMIT:?}").into(),
            Does::End { slow: false } => format!("the poll took {FAST:?}").into(),
            Does::Abort(task) => format!("{} was aborted", NAMES[*task]).into(),
            Does::SlowPark => "the loop slept for 9 s".into(),
        }
    }
}

/// What a loop may do next.
#[derive(Default)]
struct Rules {
    alive: [bool; 2],
    spawned: [bool; 2],
    queued: [bool; 2],
    /// The task that is being polled, and whether it has finished.
    polled: Option<(usize, bool)>,
}

impl Rules {
    fn allow(&mut self, does: &Does) -> Option<()> {
        let allowed = match *does {
            Does::Spawn(task) => !self.spawned[task] && (task == 0 || self.spawned[0]),
            // Also of a task that has finished: that wake comes from another thread, and too late.
            Does::Wake(task) => self.spawned[task] && !self.queued[task],
            Does::Poll(task) => self.polled.is_none() && self.queued[task] && self.alive[task],
            Does::SpawnForLater => !self.spawned[1],
            Does::Finish(_) => matches!(self.polled, Some((_, false))),
            Does::End { .. } => self.polled.is_some(),
            Does::Abort(task) => {
                self.alive[task] && self.polled.is_none_or(|(polled, _)| polled != task)
            }
            Does::SlowPark => self.polled.is_none(),
        };
        allowed.then(|| self.apply(does))
    }

    fn apply(&mut self, does: &Does) {
        match *does {
            Does::Spawn(task) => {
                (self.spawned[task], self.alive[task], self.queued[task]) = (true, true, true);
            }
            Does::Wake(task) => self.queued[task] = true,
            Does::Poll(task) => (self.queued[task], self.polled) = (false, Some((task, false))),
            Does::SpawnForLater => (self.spawned[1], self.alive[1]) = (true, true),
            Does::Finish(_) => {
                if let Some((task, finished)) = &mut self.polled {
                    (self.alive[*task], *finished) = (false, true);
                }
            }
            Does::End { .. } => self.polled = None,
            Does::Abort(task) => self.alive[task] = false,
            Does::SlowPark => {}
        }
    }
}

macro_rules! machine {
    ($name:ident, $slow:ty, $observer:ident in $($path:ident)::+) => {
        pub(super) struct $name {
            rules: Rules,
            observer: $($path)::+::$observer<Box<dyn Fn(&$slow) + Send + Sync>>,
            reports: Arc<Mutex<Vec<(String, u64, Origin)>>>,
            origins: [Option<Origin>; 2],
        }

        impl $name {
            pub(super) fn new() -> $name {
                let reports: Arc<Mutex<Vec<(String, u64, Origin)>>> = Arc::default();
                let report = Arc::clone(&reports);
                let report: Box<dyn Fn(&$slow) + Send + Sync> = Box::new(move |slow| {
                    let end = if slow.finished { ", which has finished" } else { "" };
                    let said = format!("{}{end}: {:?}, {} waiting", slow.task, slow.took, slow.waiting);
                    report.lock().unwrap().push((said, slow.task.number(), slow.origin));
                });
                $name {
                    rules: Rules::default(),
                    observer: $($path)::+::$observer::new(LIMIT, report),
                    reports,
                    origins: [None; 2],
                }
            }
        }

        impl Machine for $name {
            type Operation = Does;

            fn apply(&mut self, does: &Does) -> Option<Shown> {
                let polled = self.rules.polled;
                self.rules.allow(does)?;
                match *does {
                    Does::Spawn(task) => {
                        let origin = origin(task);
                        self.origins[task] = Some(origin);
                        self.observer.task_spawned_at(tasks()[task], origin);
                        self.observer.woken(tasks()[task]);
                    }
                    Does::Wake(task) => self.observer.woken(tasks()[task]),
                    Does::Poll(task) => self.observer.poll_begun(tasks()[task]),
                    Does::SpawnForLater => {
                        self.origins[1] = Some(origin(1));
                        self.observer.task_spawned_at(tasks()[1], origin(1));
                    }
                    Does::Finish(end) => {
                        let (task, _) = polled?;
                        self.observer.task_finished(tasks()[task], end);
                    }
                    Does::End { slow } => {
                        let (task, _) = polled?;
                        let took = if slow { LIMIT } else { FAST };
                        self.observer.took(Step::Poll(tasks()[task]), took);
                    }
                    Does::Abort(task) => self.observer.task_finished(tasks()[task], End::Dropped),
                    Does::SlowPark => {
                        let asked = Some(Duration::from_secs(9));
                        self.observer.took(Step::Park(asked), Duration::from_secs(9));
                    }
                }
                let reports = std::mem::take(&mut *self.reports.lock().unwrap());
                let said = reports.into_iter().map(|(said, number, origin)| {
                    let place = usize::try_from(number).map_or(0, |number| number.saturating_sub(1));
                    match self.origins.get(place) {
                        Some(Some(right)) if *right == origin => said,
                        _ => format!("{said}, spawned where another task was"),
                    }
                });
                let said: Vec<String> = said.collect();
                Some(match &said[..] {
                    [] => Shown::of("reports nothing"),
                    said => Shown::of(format!("reports {}", said.join("; "))),
                })
            }

            fn end(self) -> Shown {
                Shown::of("dropped")
            }
        }
    };
}

machine!(Yours, subject::Slow, SlowCallback in subject);
machine!(Reference, debugging::slow_callback::Slow, SlowCallback in debugging::slow_callback);

fn tasks() -> [event_loop::TaskId; 2] {
    [id(1), id(2)]
}

/// Two origins that differ in their column.
fn origin(task: usize) -> Origin {
    let both = [Origin::of::<Rules>(), Origin::of::<Does>()];
    both[task]
}
