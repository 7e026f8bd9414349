//! The loop, the debouncer and its clock, and what they emit.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::super::subject::Debounce;
use super::spawner::CountsPolls;
use event_loop::{EventLoop, Handle, Time};
use probe::{Recorder, Run};
use probe_futures::Sim;
use probe_loop::{SimDriver, Stuck};

/// For how long no other value may come, in milliseconds.
pub(super) const QUIET: u64 = 100;

/// More iterations than any right answer takes.
pub(super) const TURNS: usize = 20_000;

/// A loop in a simulated world, and a debounced input on it.
pub(super) struct World {
    pub(super) run: Run,
    sim: Sim,
    pub(super) event_loop: EventLoop<SimDriver>,
    pub(super) input: RefCell<Option<Rc<Debounce<u32>>>>,
    pub(super) emitted: Emitted,
    pub(super) spawner: CountsPolls,
    /// How many polls there had been when the last value was pushed.
    polls_before: Cell<usize>,
    pub(super) quiet: Duration,
    /// What the loop reported.
    pub(super) reported: Rc<RefCell<Option<String>>>,
}

/// What was emitted so far, when, and at which line of the run.
pub(super) type Emitted = Rc<RefCell<Vec<Emission>>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Emission {
    pub(super) at: u64,
    pub(super) value: u32,
    pub(super) event: Option<usize>,
}

impl World {
    pub(super) fn new(run: Run) -> World {
        World::with_quiet(run, Duration::from_millis(QUIET))
    }

    pub(super) fn with_quiet(run: Run, quiet: Duration) -> World {
        let sim = Sim::new(&run);
        let event_loop = EventLoop::with_driver(SimDriver::new(&sim));
        let handle = event_loop.handle();
        let emitted = Emitted::default();
        let emit = emit(run.recorder(), &handle, &emitted);
        let spawner = CountsPolls::on(handle.clone());
        let reported: Rc<RefCell<Option<String>>> = Rc::default();
        let report = Rc::clone(&reported);
        event_loop.on_unretrieved(move |unretrieved| {
            let _older = report.replace(Some(unretrieved.to_string()));
        });
        let input = Debounce::new(&spawner, handle, quiet, emit);
        World {
            run,
            sim,
            event_loop,
            input: RefCell::new(Some(Rc::new(input))),
            emitted,
            spawner,
            polls_before: Cell::new(0),
            quiet,
            reported,
        }
    }

    /// Another task keeps the loop's thread busy until then: no task is polled meanwhile.
    pub(super) fn is_busy_until(&self, millis: u64) {
        self.run.recorder().says(
            "another task",
            format!("computes until {millis}ms, and no task is polled"),
        );
        self.sim.advance_to(Duration::from_millis(millis));
    }

    /// From now on the first value that is emitted is answered with another one.
    pub(super) fn answer_with(&self, answer: u32) {
        let handle = self.event_loop.handle();
        let mut emit = emit(self.run.recorder(), &handle, &self.emitted);
        let input: Rc<RefCell<Option<Rc<Debounce<u32>>>>> = Rc::default();
        let pushes = Rc::clone(&input);
        let recorder = self.run.recorder().clone();
        let answering = move |value| {
            emit(value);
            // It is pushed once, and then the input is dropped here.
            if let Some(input) = pushes.take() {
                recorder.says("input", format!("push({answer})"));
                input.push(answer);
            }
        };
        let debounce = Rc::new(Debounce::new(&self.spawner, handle, self.quiet, answering));
        *input.borrow_mut() = Some(Rc::clone(&debounce));
        self.input.replace(Some(debounce));
    }

    /// The clock shows one nanosecond less than this, and the task is polled then.
    pub(super) fn spurious_poll_just_before(&self, millis: u64) {
        let moment = Duration::from_millis(millis) - Duration::from_nanos(1);
        self.sim.advance_to(moment);
        self.spurious_poll();
    }

    /// The task is polled, although nothing has happened.
    pub(super) fn spurious_poll(&self) {
        self.run
            .recorder()
            .says("task", "is polled, although nothing has happened");
        self.spawner.wake_the_latest();
        self.wait_until(self.now());
    }

    pub(super) fn now(&self) -> u64 {
        millis(self.event_loop.handle().now())
    }

    /// Pushes a value at this time.
    #[track_caller]
    pub(super) fn push_at(&self, at: u64, value: u32) {
        self.wait_until(at);
        self.run.recorder().says("input", format!("push({value})"));
        self.push(value);
        self.wait_until(at);
    }

    pub(super) fn push(&self, value: u32) {
        self.polls_before.set(self.spawner.polls());
        if let Some(input) = &*self.input.borrow() {
            input.push(value);
        }
    }

    #[track_caller]
    pub(super) fn end_input(&self) {
        self.run.recorder().says("input", "ends");
        let before = self.emitted().len();
        drop(self.input.take());
        if self.emitted().len() > before {
            self.run.departs("The value was emitted inside the destructor. The task emits it, in the loop's next iterations.");
        }
    }

    /// Runs the loop until its clock shows this time, and no task is ready any more.
    #[track_caller]
    pub(super) fn wait_until(&self, millis: u64) {
        let when = Time::after_start(Duration::from_millis(millis));
        let handle = self.event_loop.handle();
        let done = Rc::new(());
        let watch = Rc::downgrade(&done);
        drop(handle.spawn({
            let handle = handle.clone();
            async move {
                if handle.now() < when {
                    handle.sleep_until(when).await;
                }
                // The tasks that are ready now, and those that they wake, run first.
                for _ in 0..10 {
                    event_loop::yield_now().await;
                }
                drop(done);
            }
        }));
        for _ in 0..TURNS {
            if watch.strong_count() == 0 {
                return;
            }
            if let Err(error) = self.event_loop.run_once() {
                assert!(Stuck::of(&error).is_some(), "{error}");
                return;
            }
        }
        self.run.diagnose(
            "busy-poll",
            format!(
                "The loop ran {TURNS} iterations before its clock showed {millis} ms. The task is polled again and again while no value is \
                 due: it wakes itself, or awaits a sleep that completes at once."
            ),
        );
    }

    pub(super) fn was_polled_since_the_push(&self) -> bool {
        self.spawner.polls() > self.polls_before.get()
    }

    pub(super) fn emitted(&self) -> Vec<Emission> {
        self.emitted.borrow().clone()
    }

    pub(super) fn values(&self) -> Vec<(u64, u32)> {
        let value = |emission: &Emission| (emission.at, emission.value);
        self.emitted.borrow().iter().map(value).collect()
    }
}

/// Records the emitted values.
fn emit(recorder: &Recorder, handle: &Handle, emitted: &Emitted) -> impl FnMut(u32) + use<> {
    let (recorder, handle, emitted) = (recorder.clone(), handle.clone(), Rc::clone(emitted));
    move |value| {
        recorder.says("output", format!("emits {value}"));
        emitted.borrow_mut().push(Emission {
            at: millis(handle.now()),
            value,
            event: recorder.last_event(),
        });
    }
}

fn millis(time: Time) -> u64 {
    u64::try_from(time.since_start().as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn counted(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}
