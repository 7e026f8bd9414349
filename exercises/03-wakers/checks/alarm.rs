//! 3.1 alarm: a future that waits for a time, and a clock that can ring at any moment.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use super::subject::{Alarm, Clock};
use probe::runs::{Machine, Operation, Search, Step as Seen};
use probe::{Recorder, Run, run, snapshot};
use probe_futures::laws::waiting::{self, Wait};
use probe_futures::runs::Tasks;
use probe_futures::{Sim, poller, spy};
use probe_model::{Blame, alone, compare, no_moment_is_missed, once, sync};

/// When the alarms of this check are to ring.
const SEVEN: Duration = Duration::from_secs(7);

/// A simulated world's clock.
#[derive(Clone)]
struct Simulated(Sim);

impl Clock for Simulated {
    fn now(&self) -> Duration {
        // A step of the model, so that code which asks in a loop runs out of steps.
        if !sync::thread::panicking() {
            sync::thread::yield_now();
        }
        self.0.now()
    }

    fn call_at(&self, when: Duration, ring: Box<dyn FnOnce() + Send>) {
        self.0.at(when, ring);
    }
}

/// A simulated world's clock that rings inside `now`, just after it has read the time.
#[derive(Clone)]
struct Striking(Sim, Recorder);

impl Clock for Striking {
    fn now(&self) -> Duration {
        let call = self.1.enters("clock", "now(): reads the time, then rings");
        let now = self.0.now();
        strike(&self.0);
        call.returns(format!("{} s", now.as_secs()));
        now
    }

    fn call_at(&self, when: Duration, ring: Box<dyn FnOnce() + Send>) {
        self.0.at(when, ring);
    }
}

/// An alarm for seven seconds, and the event that lets them pass.
fn alarm(run: &Run) -> Wait<Alarm<Simulated>> {
    let sim = Sim::new(run);
    let future = Alarm::new(Simulated(sim.clone()), SEVEN);
    Wait::new(future, move || strike(&sim))
}

/// Lets time pass until the clock has rung.
fn strike(sim: &Sim) {
    sim.at(SEVEN, || ());
    while sim.advance() {}
}

const BLOCKED: Blame<'static> = Blame {
    mistake: Some("blocked-in-poll"),
    sentence: "The poll has not returned: it waits for the time inside. A poll says what is so now, and returns. The executor waits, for \
               all its tasks at once.",
};

#[test]
fn an_alarm_whose_time_has_come_is_ready_at_once() {
    alone(
        || run!(),
        |run| {
            let sim = Sim::new(run);
            let alarm = Alarm::new(Simulated(sim.clone()), SEVEN);
            let (mut future, a) = (spy(run, "future", alarm), poller(run.recorder(), "A"));
            strike(&sim);
            if a.poll(Pin::new(&mut future)).is_ready() {
                return;
            }
            let at_seven = run.recorder().last_event();
            sim.at(SEVEN + Duration::from_secs(1), || ());
            while sim.advance() {}
            if a.poll(Pin::new(&mut future)).is_ready() {
                run.departs_at(
                    at_seven,
                    "The alarm was set for 7 s, the clock showed exactly 7 s, and the poll returned Pending. At 8 s it returned Ready. The clock \
                     rings once, at 7 s, and the poll after that must be ready.",
                );
            }
            run.departs(
                "The alarm was set for 7 s, the clock shows 8 s, and the poll returned Pending.",
            );
        },
    );
}

#[test]
fn before_its_time_it_is_pending() {
    once(
        || run!(),
        BLOCKED,
        BLOCKED,
        |run| {
            run.risk(BLOCKED.mistake, BLOCKED.sentence, || {
                waiting::pending_until_it_happens(run, alarm(run));
            });
        },
    );
}

#[test]
fn before_its_time_it_wakes_no_task() {
    alone(
        || run!(),
        |run| waiting::wakes_only_for_a_reason(run, alarm(run)),
    );
}

#[test]
fn when_the_clock_rings_the_waiting_task_is_woken() {
    let run = alone(
        || run!("rings_at_seven"),
        |run| waiting::wakes_when_it_happens(run, alarm(run)),
    );
    snapshot!(run);
}

#[test]
fn a_second_poll_before_its_time_is_pending_too() {
    alone(
        || run!(),
        |run| waiting::a_poll_proves_nothing(run, alarm(run)),
    );
}

#[test]
fn the_task_that_polled_last_is_woken() {
    alone(
        || run!(),
        |run| waiting::wakes_whoever_polled_last(run, alarm(run)),
    );
}

#[test]
fn a_ring_in_the_middle_of_a_poll_is_not_missed() {
    // The law makes a run for each interleaving. The alarm's own world does not record.
    no_moment_is_missed(|| run!(), || alarm(&run!()));
}

#[test]
fn a_woken_task_can_poll_at_once() {
    once(
        || run!(),
        Blame {
            mistake: Some("wake-under-lock"),
            sentence: "The woken task polled at once, inside `wake`, and the poll has not returned: the alarm calls `wake` while it holds \
                       the lock that the poll needs.",
        },
        Blame::BUSY,
        |run| waiting::wakes_without_its_lock(run, alarm(run)),
    );
}

#[test]
fn a_dropped_alarm_keeps_no_waker() {
    alone(
        || run!(),
        |run| waiting::keeps_no_waker_when_dropped(run, alarm(run)),
    );
}

#[test]
fn the_clock_may_ring_inside_now() {
    once(
        || run!(),
        Blame {
            mistake: Some("called-out-under-lock"),
            sentence: "The clock rang inside `now`, and the ring needed the lock that the poll held while it called `now`. Both run on one \
                       thread, which waits for itself.",
        },
        Blame::BUSY,
        |run| {
            let sim = Sim::new(run);
            let clock = Striking(sim.clone(), run.recorder().clone());
            let alarm = Alarm::new(clock, SEVEN);
            let (mut future, a) = (spy(run, "future", alarm), poller(run.recorder(), "A"));
            let pending = a.poll(Pin::new(&mut future)).is_pending();
            // An alarm may rely on the ring alone, and never call `now`: then the clock has not rung.
            let has_rung = sim.now() >= SEVEN;
            if pending && has_rung && a.wakes() == 0 {
                run.departs(
                    "The clock rang inside `now`, the poll returned Pending, and A was not woken.",
                );
            }
        },
    );
}

#[test]
fn every_short_run_is_as_expected() {
    let mut alphabet = vec![Step::Passes(6), Step::Passes(7), Step::Passes(9)];
    for alarm in 0..2 {
        alphabet.extend([Step::Poll { alarm, task: 0 }, Step::Drop { alarm }]);
    }
    alphabet.push(Step::Poll { alarm: 0, task: 1 });
    let search = Search::of(&alphabet).up_to(4).and_random(50, 10, 1);
    compare(search, || run!(), Yours::new, Reference::new);
}

/// One step of a short run with two alarms on one clock.
#[derive(Clone, Copy, PartialEq)]
enum Step {
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

        struct $name {
            clock: Plain,
            alarms: [Option<$($module)::+::Alarm<Plain>>; 2],
            tasks: [Tasks; 2],
        }

        impl $name {
            fn new() -> $name {
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

machine!(Yours, super::subject);
machine!(Reference, wakers::alarm);
