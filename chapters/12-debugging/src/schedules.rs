//! One test, run in thousands of orders.

use std::cell::RefCell;
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use event_loop::{EventLoop, Handle, JoinError, JoinHandle, Observer, panic_message};

use crate::choices::Choices;
use crate::failure::{Failure, keeping_panics};
use crate::scheduled_driver::ScheduledDriver;
use crate::shrink::{self, Found};
use crate::steps::Steps;

/// The environment variable that names the one seed to be run: `SCHEDULE_SEED=17 cargo test NAME`.
pub const SEED: &str = "SCHEDULE_SEED";

/// More iterations than a test needs.
const ITERATIONS: usize = 100_000;

/// What a test gets: the handle of its loop, and the decisions of its run.
#[derive(Debug, Clone)]
pub struct Trial {
    handle: Handle,
    choices: Choices,
}

impl Trial {
    /// The handle of the test's loop. No other test uses the loop, and its clock jumps.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// One of `0..among`, for what the world decides: which answer comes first, whether a connection fails. It
    /// is a decision like the loop's own: the seed makes it, and a shrunk schedule sets it to 0 where it can.
    #[must_use]
    pub fn choose(&self, among: usize) -> usize {
        self.choices.choose(among)
    }
}

/// Runs a test under a thousand schedules, each with a loop of its own: see [`Schedules`].
///
/// ```
/// use debugging::schedules;
/// use event_loop::yield_now;
///
/// schedules::explore(|trial| async move {
///     let child = trial.handle().spawn(async { yield_now().await; 42 });
///     assert_eq!(child.await.unwrap(), 42);
/// });
/// ```
///
/// # Panics
///
/// If a schedule makes the test fail, with the seed, the failure, and the shortest schedule that fails so.
#[track_caller]
pub fn explore<F>(test: impl Fn(Trial) -> F)
where
    F: Future<Output = ()> + 'static,
{
    Schedules::new().explore(test);
}

/// Which schedules a test is run under.
///
/// At each point where several tasks are ready, a seed decides which of them runs next; and where several
/// timers are due at the same time, which fires first. A test fails if it panics, if one of its tasks panics
/// and no task retrieves that, if it is stuck, and if it leaves a task or a timer behind.
#[derive(Debug, Clone)]
pub struct Schedules {
    seeds: Range<u64>,
}

impl Default for Schedules {
    fn default() -> Schedules {
        Schedules::new()
    }
}

impl Schedules {
    /// The seeds 0 to 999, or the one that the environment variable [`SEED`] names.
    ///
    /// # Panics
    ///
    /// If the variable holds no number.
    #[must_use]
    pub fn new() -> Schedules {
        let only = std::env::var(SEED).ok().map(|text| {
            let seed: Result<u64, _> = text.trim().parse();
            seed.unwrap_or_else(|_| panic!("{SEED} is {text:?}, and should be a number"))
        });
        let seeds = only.map_or(0..1_000, |seed| seed..seed + 1);
        Schedules { seeds }
    }

    /// These seeds, and no others.
    #[must_use]
    pub fn of_seeds(seeds: Range<u64>) -> Schedules {
        Schedules { seeds }
    }

    /// Runs the test under each schedule, up to the first that makes it fail.
    ///
    /// # Panics
    ///
    /// If one does, with the seed, the failure, and the shortest schedule that fails so.
    #[track_caller]
    pub fn explore<F>(&self, test: impl Fn(Trial) -> F)
    where
        F: Future<Output = ()> + 'static,
    {
        if let Err(report) = self.check(test) {
            panic!("{report}");
        }
    }

    /// The same, without a panic.
    ///
    /// # Errors
    ///
    /// The report about the first schedule that makes the test fail.
    pub fn check<F>(&self, test: impl Fn(Trial) -> F) -> Result<(), String>
    where
        F: Future<Output = ()> + 'static,
    {
        match self.find(&test) {
            Some(found) => Err(self.report(&found, &test)),
            None => Ok(()),
        }
    }

    /// The first schedule that makes the test fail, shrunk.
    pub fn find<F>(&self, test: impl Fn(Trial) -> F) -> Option<Found<Failure>>
    where
        F: Future<Output = ()> + 'static,
    {
        let run_seed = |seed| {
            let choices = Choices::seeded(seed);
            let failure = run(&test, &choices, ())?;
            Some((choices.taken(), failure))
        };
        shrink::find(self.seeds.clone(), run_seed, |schedule| {
            replay(schedule, &test)
        })
    }

    /// What is printed about a schedule that fails.
    fn report<F>(&self, found: &Found<Failure>, test: &impl Fn(Trial) -> F) -> String
    where
        F: Future<Output = ()> + 'static,
    {
        let Found {
            seed,
            schedule,
            failure,
        } = found;
        let passed = match seed - self.seeds.start {
            0 => String::new(),
            1 => " (1 seed before it passes)".to_owned(),
            before => format!(" ({before} seeds before it pass)"),
        };
        let is_stuck = matches!(failure, Failure::Stuck { .. } | Failure::Left { .. });
        let steps = steps_of(schedule, is_stuck, test);
        let decisions = schedule.iter().filter(|&&decision| decision != 0).count();
        let s = if decisions == 1 { "" } else { "s" };
        let how = match decisions {
            0 => "It fails in the loop's own order.".to_owned(),
            _ => format!(
                "The shortest schedule found that fails so has {decisions} decision{s}: {schedule:?}"
            ),
        };
        format!(
            "seed {seed} fails{passed}: {failure}\n{how}\n{steps}\nTo run this seed alone: {SEED}={seed}\n"
        )
    }
}

/// Runs a test under one schedule, from the decisions that a report prints: how it fails, or `None` if it passes.
pub fn replay<F>(schedule: &[usize], test: impl Fn(Trial) -> F) -> Option<Failure>
where
    F: Future<Output = ()> + 'static,
{
    run(&test, &Choices::listed(schedule), ())
}

/// Runs a test once, on a loop of its own.
fn run<F, O: Observer>(
    test: &impl Fn(Trial) -> F,
    choices: &Choices,
    observer: O,
) -> Option<Failure>
where
    F: Future<Output = ()> + 'static,
{
    let (ended, panics) = keeping_panics(|| to_the_end(test, choices, observer));
    match ended {
        Ended::Well => None,
        Ended::Failed(failure) => Some(failure),
        Ended::Panicked(message) => Some(Failure::panicked(message, &panics)),
    }
}

/// How a run ended.
enum Ended {
    Well,
    Failed(Failure),
    /// The test panicked with this message; or the loop reported a task's panic, which no task has retrieved.
    Panicked(String),
}

/// Runs a test until it returns, and then what is still ready.
fn to_the_end<F, O: Observer>(test: &impl Fn(Trial) -> F, choices: &Choices, observer: O) -> Ended
where
    F: Future<Output = ()> + 'static,
{
    let event_loop = EventLoop::observed(ScheduledDriver::new(choices.clone()), observer);
    let unretrieved = Rc::new(RefCell::new(None));
    event_loop.on_unretrieved({
        let unretrieved = Rc::clone(&unretrieved);
        move |panic| {
            _ = unretrieved
                .borrow_mut()
                .get_or_insert_with(|| panic.to_string())
        }
    });
    let trial = Trial {
        handle: event_loop.handle(),
        choices: choices.clone(),
    };
    let main = event_loop.handle().spawn(test(trial)); // Task 1.
    for _ in 0..ITERATIONS {
        if main.is_finished() {
            event_loop.driver().refuse_sleep();
        }
        let slept = event_loop.run_once();
        if let Some(message) = unretrieved.take() {
            return Ended::Panicked(message);
        }
        if slept.is_err() {
            let left = (event_loop.tasks(), event_loop.timers());
            return end(main, left);
        }
    }
    Ended::Failed(Failure::Endless)
}

/// What became of a test in whose loop nothing can happen any more.
fn end(mut main: JoinHandle<()>, (tasks, timers): (usize, usize)) -> Ended {
    let mut context = Context::from_waker(Waker::noop());
    match (Pin::new(&mut main).poll(&mut context), tasks + timers) {
        (Poll::Pending, _) => Ended::Failed(Failure::Stuck { tasks }),
        (Poll::Ready(Err(JoinError::Panicked(panic))), _) => {
            Ended::Panicked(panic_message(&*panic).to_owned())
        }
        (Poll::Ready(_), 0) => Ended::Well,
        (Poll::Ready(_), _) => Ended::Failed(Failure::Left { tasks, timers }),
    }
}

/// The steps of a run, one a line: which task runs, and before which older ones. If it is stuck, also what each task that is left
/// waits for.
fn steps_of<F>(schedule: &[usize], is_stuck: bool, test: &impl Fn(Trial) -> F) -> String
where
    F: Future<Output = ()> + 'static,
{
    const SHOWN: usize = 40;
    let steps = Steps::default();
    let choices = Choices::listed(schedule).telling(steps.clone());
    run(test, &choices, steps.clone());
    let left = steps.left();
    let steps = steps.take();
    let hidden = steps.len().saturating_sub(SHOWN);
    let mut lines: Vec<String> = (steps.iter().enumerate())
        .skip(hidden)
        .map(|(place, step)| format!("{:5}  {step}", place + 1))
        .collect();
    if hidden > 0 {
        lines.insert(0, format!("       … {hidden} steps"));
    }
    if is_stuck {
        lines.extend(left.iter().map(|line| format!("       {line}")));
    }
    lines.join("\n")
}
