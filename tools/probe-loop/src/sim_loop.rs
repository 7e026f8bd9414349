//! A loop in a simulated world.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::panic::resume_unwind;
use std::rc::Rc;

use event_loop::{EventLoop, Handle, JoinError, JoinHandle};
use probe::Run;
use probe_futures::Sim;
use probe_futures::stuck::{Explanation, note};

use crate::recorded::Waiting;
use crate::{Recorded, SimDriver, Stuck};

/// More turns than any check's loop takes at one instant: a task that wakes itself takes one each.
const TURNS: usize = 10_000;

/// A loop whose clock jumps, and of which everything is recorded.
pub struct SimLoop {
    run: Run,
    sim: Sim,
    recorded: Recorded,
    event_loop: EventLoop<SimDriver, Recorded>,
}

impl SimLoop {
    /// A loop at time zero, in a world in which nothing is going to happen.
    #[must_use]
    pub fn new(run: &Run) -> SimLoop {
        SimLoop::with_driver(run, SimDriver::new(&Sim::new(run)))
    }

    /// A loop that sleeps on this.
    #[must_use]
    pub fn with_driver(run: &Run, driver: SimDriver) -> SimLoop {
        let recorded = Recorded::new(run);
        SimLoop {
            run: run.clone(),
            sim: driver.sim().clone(),
            event_loop: EventLoop::observed(driver, recorded.clone()),
            recorded,
        }
    }

    /// The world, to script events in.
    #[must_use]
    pub fn sim(&self) -> &Sim {
        &self.sim
    }

    /// What names tasks and timers.
    #[must_use]
    pub fn recorded(&self) -> &Recorded {
        &self.recorded
    }

    /// The loop itself.
    #[must_use]
    pub fn event_loop(&self) -> &EventLoop<SimDriver, Recorded> {
        &self.event_loop
    }

    /// The driver, which counts.
    #[must_use]
    pub fn driver(&self) -> &SimDriver {
        self.event_loop.driver()
    }

    /// A handle of the loop.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.event_loop.handle()
    }

    /// Spawns a task that has a name in the recording.
    pub fn spawn<F: Future + 'static>(&self, name: &str, future: F) -> JoinHandle<F::Output> {
        self.recorded.next_task(name);
        self.handle().spawn(future)
    }

    /// What the loop reports from now on: the panics and errors of tasks that no task retrieves.
    #[must_use]
    pub fn reports(&self) -> Rc<RefCell<Vec<String>>> {
        let reports: Rc<RefCell<Vec<String>>> = Rc::default();
        let report = Rc::clone(&reports);
        self.event_loop
            .on_unretrieved(move |problem| report.borrow_mut().push(problem.to_string()));
        reports
    }

    /// Runs this number of iterations, and lets no time pass: in each of them a callback is ready, so the loop does not sleep.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use probe_loop::SimLoop;
    ///
    /// let sim = SimLoop::new(&probe::run!());
    /// let handle = sim.handle();
    /// let task = sim.spawn("nap", async move { handle.sleep(Duration::from_secs(1)).await });
    /// sim.iterate(10);
    /// assert!(!task.is_finished());
    /// assert_eq!(sim.sim().now(), Duration::ZERO);
    /// ```
    ///
    /// # Panics
    ///
    /// If the driver fails. A panic of a callback passes through.
    pub fn iterate(&self, iterations: usize) {
        for _ in 0..iterations {
            let _keeps_the_loop_from_sleeping = self.handle().call_soon(|| ());
            (self.event_loop.run_once()).expect("a simulated driver with something to do");
        }
    }

    /// Runs the loop until a task has finished, and returns its result. A panic in it passes through.
    ///
    /// The first call of two leaves the other tasks where they are; they go on in the second.
    ///
    /// # Errors
    ///
    /// [`Stuck`] if nothing will ever happen again, and the task is not over.
    ///
    /// # Panics
    ///
    /// With a departure if ten thousand turns go by at one instant; and if the task was aborted.
    pub fn drive<T: 'static>(&self, mut task: JoinHandle<T>) -> Result<T, Stuck> {
        self.run_until(|| task.is_finished())?;
        match poll_now(&mut task) {
            Ok(value) => Ok(value),
            Err(JoinError::Panicked(panic)) => resume_unwind(panic),
            Err(JoinError::Aborted) => panic!("the task was aborted"),
        }
    }

    /// Runs the loop until there is nothing left to do: until it is stuck.
    ///
    /// # Panics
    ///
    /// With a departure if ten thousand turns go by at one instant.
    pub fn drive_to_the_end(&self) -> Stuck {
        match self.run_until(|| false) {
            Err(stuck) => stuck,
            Ok(()) => unreachable!("it runs until it is stuck"),
        }
    }

    /// Runs turns until `done`.
    ///
    /// # Errors
    ///
    /// [`Stuck`] if nothing will ever happen again.
    ///
    /// # Panics
    ///
    /// With the diagnosis `busy-poll` if ten thousand turns go by at one instant.
    pub fn run_until(&self, done: impl Fn() -> bool) -> Result<(), Stuck> {
        let (mut turns, mut since) = (0, self.sim.now());
        while !done() {
            turns = if self.sim.now() == since {
                turns + 1
            } else {
                1
            };
            since = self.sim.now();
            if turns > TURNS {
                self.run.diagnose(
                    "busy-poll",
                    format!("The loop ran {TURNS} iterations, and no time has passed: a task wakes itself without end."),
                );
            }
            if let Err(error) = self.event_loop.run_once() {
                let stuck = Stuck::of(&error).cloned();
                return Err(stuck.unwrap_or_else(|| panic!("the driver failed: {error}")));
            }
        }
        Ok(())
    }

    /// Whether more than `most` iterations follow one another at one instant before `done`: a task wakes itself again and again. Runs the
    /// loop until then, until `done`, or until it is stuck.
    ///
    /// ```
    /// use std::future::pending;
    ///
    /// use event_loop::yield_now;
    /// use probe_loop::SimLoop;
    ///
    /// let sim = SimLoop::new(&probe::run!());
    /// let task = sim.spawn("waits", pending::<()>());
    /// assert!(!sim.spins(100, || task.is_finished()));
    /// let task = sim.spawn("spins", async { loop { yield_now().await } });
    /// assert!(sim.spins(100, || task.is_finished()));
    /// ```
    #[must_use]
    pub fn spins(&self, most: usize, done: impl Fn() -> bool) -> bool {
        let (since, count) = (Cell::new(self.handle().now()), Cell::new(0));
        let _stuck = self.run_until(|| {
            let now = self.handle().now();
            count.set(if since.replace(now) == now {
                count.get() + 1
            } else {
                0
            });
            done() || count.get() > most
        });
        count.get() > most
    }

    /// Says in a run's verdict that the loop is stuck, and which tasks wait in it. Each has a line of its own at the end of the
    /// run: what it holds and what it waits for, where the code under test [reports](probe_futures::stuck) that.
    ///
    /// # Panics
    ///
    /// Always: that is the verdict. It names no mistake.
    #[track_caller]
    pub fn refuse_stuck(&self, stuck: &Stuck) -> ! {
        let left = self.recorded.alive();
        let waiting = match &left[..] {
            [] => "No task waits in it.".to_owned(),
            tasks => format!("Not finished: {}.", tasks.join(", ")),
        };
        let circle = self.explain_stuck();
        self.run
            .departs(format!("The loop is {stuck}. {waiting}{circle}"))
    }

    /// Ends a run that is stuck with a line for each task that is left: what it holds and what it waits for. Who awaits whom is
    /// seen from the tasks' last polls, and locks from what the code under test [reports](probe_futures::stuck). Returns a
    /// sentence about tasks that wait for each other in a circle, with a space before it; empty if there is none.
    #[must_use]
    pub fn explain_stuck(&self) -> String {
        let seen = explanation(&self.recorded.waits());
        let circle = note(self.run.recorder(), &self.recorded.alive(), seen);
        circle.map_or_else(String::new, |circle| format!(" {circle}"))
    }
}

impl fmt::Debug for SimLoop {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SimLoop")
            .field("event_loop", &self.event_loop)
            .finish_non_exhaustive()
    }
}

/// Runs one future on a loop of its own, in a world of its own, to its end. It is called `main` in the
/// recording.
///
/// # Panics
///
/// With a departure that says so if it is stuck, or if the loop goes round in circles. A panic of the
/// future passes through.
#[track_caller]
pub fn drive<F>(run: &Run, make: impl FnOnce(Handle) -> F) -> F::Output
where
    F: Future + 'static,
{
    let sim_loop = SimLoop::new(run);
    let main = sim_loop.spawn("main", make(sim_loop.handle()));
    match sim_loop.drive(main) {
        Ok(output) => output,
        Err(stuck) => sim_loop.refuse_stuck(&stuck),
    }
}

/// What the tasks wait for, in words.
fn explanation(waits: &[Waiting]) -> Explanation {
    let text = |waiting: &Waiting| {
        let what = [&waiting.tasks[..], &waiting.others[..]].concat();
        (
            waiting.task.clone(),
            format!("waits for {}", what.join(" and ")),
        )
    };
    let says = |waiting: &&Waiting| waiting.tasks.len() + waiting.others.len() > 0;
    Explanation {
        tasks: waits.iter().filter(says).map(text).collect(),
        circle: circle(waits),
    }
}

/// Tasks each of which waits for the next one and for nothing else, and the last for the first.
fn circle(waits: &[Waiting]) -> Vec<String> {
    let next = |task: &String| {
        let waiting = waits.iter().find(|waiting| waiting.task == *task)?;
        match (&waiting.tasks[..], &waiting.others[..]) {
            ([only], []) => Some(only.clone()),
            _ => None,
        }
    };
    for waiting in waits {
        let mut way = vec![waiting.task.clone()];
        while let Some(after) = way.last().and_then(next) {
            if after == waiting.task {
                return way;
            }
            if way.contains(&after) {
                break; // It leads into a circle, and is no part of it.
            }
            way.push(after);
        }
    }
    Vec::new()
}

/// What a future that is ready is ready with.
fn poll_now<F: Future + Unpin>(future: &mut F) -> F::Output {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::Pin::new(future).poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => unreachable!("the task is over"),
    }
}
