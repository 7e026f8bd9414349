//! The loop, the debouncer and its clock, and what they emit.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use super::super::subject::Debounce;
use event_loop::{BoxedTask, EventLoop, Handle, Spawn, Time};
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
    polls: Rc<Cell<usize>>,
    /// The waker of the task that was polled last.
    waker: Rc<RefCell<Option<Waker>>>,
    /// How many polls there had been when the last value was pushed.
    polls_before: Cell<usize>,
    quiet: Duration,
    /// Whether a waker of an earlier poll was called.
    stale_wake: Arc<AtomicBool>,
    has_completed: Rc<Cell<bool>>,
    /// What the loop reported.
    pub(super) reported: Rc<RefCell<Option<String>>>,
}

/// The loop's spawner, which counts the polls of each task and keeps its waker. Each poll brings a waker of its own, and only that of a
/// task's latest poll wakes the task.
#[derive(Clone)]
struct CountsPolls {
    handle: Handle,
    polls: Rc<Cell<usize>>,
    waker: Rc<RefCell<Option<Waker>>>,
    stale_wake: Arc<AtomicBool>,
    has_completed: Rc<Cell<bool>>,
}

/// The waker of one poll.
struct OfOnePoll {
    waker: Waker,
    is_stale: AtomicBool,
    stale_wake: Arc<AtomicBool>,
}

impl Wake for OfOnePoll {
    fn wake(self: Arc<Self>) {
        if self.is_stale.load(Relaxed) {
            self.stale_wake.store(true, Relaxed);
        } else {
            self.waker.wake_by_ref();
        }
    }
}

impl Spawn for CountsPolls {
    fn spawn_boxed(&self, mut future: BoxedTask) {
        let shared = self.clone();
        let mut latest: Option<Arc<OfOnePoll>> = None;
        let counted = poll_fn(move |context| {
            shared.polls.set(shared.polls.get() + 1);
            let _older = shared.waker.replace(Some(context.waker().clone()));
            let fresh = Arc::new(OfOnePoll {
                waker: context.waker().clone(),
                is_stale: AtomicBool::new(false),
                stale_wake: Arc::clone(&shared.stale_wake),
            });
            if let Some(older) = latest.replace(Arc::clone(&fresh)) {
                older.is_stale.store(true, Relaxed);
            }
            let polled = future
                .as_mut()
                .poll(&mut Context::from_waker(&Waker::from(fresh)));
            shared.has_completed.set(polled.is_ready());
            polled
        });
        self.handle.spawn_boxed(Box::pin(counted));
    }

    fn report(&self, problem: &str) {
        Spawn::report(&self.handle, problem);
    }
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
        let polls: Rc<Cell<usize>> = Rc::default();
        let waker: Rc<RefCell<Option<Waker>>> = Rc::default();
        let stale_wake: Arc<AtomicBool> = Arc::default();
        let has_completed: Rc<Cell<bool>> = Rc::default();
        let spawner = CountsPolls {
            handle: handle.clone(),
            polls: Rc::clone(&polls),
            waker: Rc::clone(&waker),
            stale_wake: Arc::clone(&stale_wake),
            has_completed: Rc::clone(&has_completed),
        };
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
            polls,
            waker,
            polls_before: Cell::new(0),
            quiet,
            stale_wake,
            has_completed,
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
        let spawner = CountsPolls {
            handle: handle.clone(),
            polls: Rc::clone(&self.polls),
            waker: Rc::clone(&self.waker),
            stale_wake: Arc::clone(&self.stale_wake),
            has_completed: Rc::clone(&self.has_completed),
        };
        let debounce = Rc::new(Debounce::new(&spawner, handle, self.quiet, answering));
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
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
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
        self.polls_before.set(self.polls.get());
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

    pub(super) fn emitted(&self) -> Vec<Emission> {
        self.emitted.borrow().clone()
    }

    pub(super) fn values(&self) -> Vec<(u64, u32)> {
        let value = |emission: &Emission| (emission.at, emission.value);
        self.emitted.borrow().iter().map(value).collect()
    }

    /// The run ends with the last emission, so that this line is marked.
    pub(super) fn mark_last(&self) {
        if let Some(last) = self.emitted().last() {
            self.run.recorder().says(
                "check",
                format!("{} was emitted at {} ms", last.value, last.at),
            );
        }
    }

    #[track_caller]
    pub(super) fn emits_nothing_yet(&self) {
        if let Some(early) = self.emitted().first() {
            self.run.departs_at(
                early.event,
                format!(
                    "The value was emitted after {} ms; {QUIET} ms is expected.",
                    early.at
                ),
            );
        }
    }

    #[track_caller]
    pub(super) fn has_emitted(&self, expected: &[(u64, u32)]) {
        let values = self.values();
        let all = self.emitted();
        if let Some(index) =
            (0..values.len()).find(|&index| values.get(index) != expected.get(index))
        {
            let (at, value) = values[index];
            self.run.departs_at(
                all[index].event,
                match expected.get(index) {
                    Some((when, wanted)) => {
                        format!("{value} was emitted at {at} ms. Expected: {wanted} at {when} ms.")
                    }
                    None => {
                        format!("{value} was emitted at {at} ms, and no emission is expected then.")
                    }
                },
            );
        }
        if let Some((when, wanted)) = expected.get(values.len()) {
            if let Some(problem) = self.reported.take() {
                if self.quiet == Duration::MAX && problem.contains("overflow") {
                    self.run.diagnose(
                        "overflows-at-max",
                        format!("The quiet time is `Duration::MAX`, and the task panicked. The loop reported: {problem}."),
                    );
                }
                self.run.departs(format!(
                    "{wanted} was not emitted at {when} ms. The loop reported: {problem}."
                ));
            }
            self.refuse_a_stale_wake(*when, *wanted);
            if values.is_empty() && self.polls.get() == self.polls_before.get() {
                self.run.diagnose(
                    "forgot-to-wake",
                    format!(
                        "{wanted} was not emitted at {when} ms, and the task has not been polled since the push: `push` did not wake it."
                    ),
                );
            }
            self.run.departs(format!(
                "{wanted} was not emitted at {when} ms. It is {} ms now.",
                self.now()
            ));
        }
    }

    /// The value was not emitted. Says so if a waker was called that does not wake the task any more.
    #[track_caller]
    pub(super) fn refuse_a_stale_wake(&self, when: u64, value: u32) {
        if self.stale_wake.load(Relaxed) && !self.has_completed.get() {
            self.run.diagnose(
                "first-waker-only",
                format!(
                    "{value} was not emitted at {when} ms. The waker of an earlier poll was called, and a later poll had brought another one: \
                     only the waker of the latest poll wakes the task."
                ),
            );
        }
    }

    #[track_caller]
    pub(super) fn expects_no_timer(&self, when: &str) {
        let timers = self.event_loop.timers();
        if timers > 0 {
            self.run.diagnose(
                "timer-leaked",
                format!(
                    "{when}, and {} set: the loop will end a sleep for it without a value to emit.",
                    if timers == 1 {
                        "a timer is"
                    } else {
                        "timers are"
                    }
                ),
            );
        }
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
