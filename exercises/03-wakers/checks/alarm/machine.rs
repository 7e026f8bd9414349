//! Every short run: the steps, and the plain alarm that they are compared with.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use probe::runs::{Machine, Operation, Step as Seen};
use probe_futures::runs::Tasks;

/// One step of a short run with two alarms on one clock.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step {
    /// The clock goes on to this number of seconds, and rings for each alarm whose time has come.
    Passes(u64),
    Poll {
        alarm: usize,
        task: usize,
    },
    Drop {
        alarm: usize,
    },
}

const ALARMS: [&str; 2] = ["alarm for 7 s", "alarm for 9 s"];
const TIMES: [u64; 2] = [7, 9];
const TASKS: [&str; 2] = ["A", "B"];

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::Passes(_) => "clock".into(),
            Step::Poll { alarm, .. } | Step::Drop { alarm } => ALARMS[*alarm].into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Passes(seconds) => format!("goes on to {seconds} s").into(),
            Step::Poll { task, .. } => format!("poll by {}", TASKS[*task]).into(),
            Step::Drop { .. } => "is dropped".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Passes(seconds) => format!("the clock went on to {seconds} s").into(),
            Step::Poll { alarm, task } => {
                format!("{} polled the {}", TASKS[*task], ALARMS[*alarm]).into()
            }
            Step::Drop { alarm } => format!("the {} was dropped", ALARMS[*alarm]).into(),
        }
    }
}

/// A clock for one thread. Clones are the same clock.
#[derive(Clone, Default)]
struct Plain(Rc<PlainClock>);

/// What a clock calls when the time has come.
type Ring = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct PlainClock {
    now: Cell<Duration>,
    rings: RefCell<Vec<(Duration, Ring)>>,
}

impl Plain {
    fn goes_on_to(&self, now: Duration) {
        self.0.now.set(now);
        let rings = self.0.rings.take();
        let (due, later) = rings.into_iter().partition(|(when, _)| *when <= now);
        self.0.rings.replace(later);
        let due: Vec<_> = due;
        due.into_iter().for_each(|(_, ring)| ring());
    }
}

/// Carries out the steps on alarms of `$module`.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        impl $($module)::+::Clock for Plain {
            fn now(&self) -> Duration {
                self.0.now.get()
            }

            fn call_at(&self, when: Duration, ring: Box<dyn FnOnce() + Send>) {
                self.0.rings.borrow_mut().push((when, ring));
            }
        }

        pub(super) struct $name {
            clock: Plain,
            alarms: [Option<$($module)::+::Alarm<Plain>>; 2],
            tasks: [Tasks; 2],
        }

        impl $name {
            pub(super) fn new() -> $name {
                let clock = Plain::default();
                let alarms = TIMES.map(|seconds| {
                    let when = Duration::from_secs(seconds);
                    Some($($module)::+::Alarm::new(clock.clone(), when))
                });
                let tasks = [Tasks::new(), Tasks::new()];
                $name { clock, alarms, tasks }
            }
        }

        impl Machine for $name {
            type Operation = Step;

            fn apply(&mut self, step: &Step) -> Option<Seen> {
                let outcome = match *step {
                    Step::Passes(seconds) => {
                        let time = Duration::from_secs(seconds);
                        if time <= self.clock.0.now.get() {
                            return None;
                        }
                        self.clock.goes_on_to(time);
                        "done"
                    }
                    Step::Poll { alarm, task } => {
                        let future = Pin::new(self.alarms[alarm].as_mut()?);
                        match self.tasks[alarm].poll(task, future) {
                            Poll::Pending => "Pending",
                            Poll::Ready(()) => {
                                // The contract leaves open what a poll after that does.
                                self.alarms[alarm] = None;
                                "Ready"
                            }
                        }
                    }
                    Step::Drop { alarm } => {
                        self.tasks[alarm].stop_waiting();
                        drop(self.alarms[alarm].take()?);
                        "done"
                    }
                };
                let mut seen = Seen::of(outcome);
                for (tasks, alarm) in self.tasks.iter_mut().zip(ALARMS) {
                    seen = tasks.tell_of(alarm, seen);
                }
                Some(seen)
            }

            fn end(self) -> Seen {
                let $name { clock, alarms, tasks } = self;
                drop(alarms);
                let kept: usize = tasks.iter().map(Tasks::wakers_kept).sum();
                clock.goes_on_to(Duration::MAX);
                Seen::of("both alarms are dropped").fact("wakers", format!("{kept} kept"))
            }
        }
    };
}

machine!(Yours, super::super::subject);
machine!(Reference, wakers::alarm);
