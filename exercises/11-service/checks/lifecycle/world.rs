//! A loop whose clock jumps, and parts that write down what becomes of them.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{BoxedTask, Handle, JoinHandle, Spawn};
use probe::{Run, What, panics, run};
use probe_loop::SimLoop;

use super::super::subject::Lifecycle;

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// How the work of a part ends, after a second.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Ends {
    Well,
    Badly,
    InAPanic,
}

pub(crate) type Parts = Lifecycle<&'static str>;

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) run: Run,
    pub(crate) sim: Rc<SimLoop>,
    pub(crate) spawn: Rc<dyn Spawn>,
    pub(crate) handle: Handle,
    pub(crate) reports: Rc<RefCell<Vec<String>>>,
}

/// The loop, whose reports are kept.
struct Reports(Handle, Rc<RefCell<Vec<String>>>);

impl Spawn for Reports {
    fn spawn_boxed(&self, future: BoxedTask) {
        self.0.spawn_boxed(future);
    }

    fn report(&self, problem: &str) {
        self.1.borrow_mut().push(problem.to_owned());
    }
}

impl World {
    pub(crate) fn new(run: Run) -> World {
        let sim = Rc::new(SimLoop::new(&run!()));
        sim.event_loop().on_unretrieved(|_| ());
        let (handle, reports) = (sim.handle(), Rc::default());
        World {
            run,
            spawn: Rc::new(Reports(handle.clone(), Rc::clone(&reports))),
            handle,
            sim,
            reports,
        }
    }

    /// Parts with these names, whose starts and clean-ups end so.
    pub(crate) fn parts(&self, parts: &[(&'static str, Ends, Ends)]) -> Parts {
        let mut lifecycle = Lifecycle::new(&self.spawn);
        for &(name, start, cleanup) in parts {
            let cleanup = self.work(name, "clean-up", cleanup);
            let start = self.work(name, "start", start);
            lifecycle.context(name, async move { start.await.map(|()| cleanup) });
        }
        lifecycle
    }

    /// Work of a second, which writes down what becomes of it.
    fn work(
        &self,
        name: &'static str,
        what: &'static str,
        ends: Ends,
    ) -> impl Future<Output = Result<(), &'static str>> + use<> {
        let world = self.clone();
        async move {
            let guard = Guard {
                world: world.clone(),
                name,
                what,
                finished: Cell::new(false),
            };
            world.says(name, format!("{what} begins"));
            world.handle.sleep(SECOND).await;
            guard.finished.set(true);
            let text = match ends {
                Ends::Well => "finishes",
                Ends::Badly => "fails",
                Ends::InAPanic => "panics",
            };
            world.says(name, format!("{what} {text}"));
            match ends {
                Ends::Well => Ok(()),
                Ends::Badly => Err("error"),
                Ends::InAPanic => panic!("bug"),
            }
        }
    }

    /// Writes down what an actor did, and when.
    pub(crate) fn says(&self, actor: &str, text: impl Into<String>) {
        self.run
            .recorder()
            .set_time(self.handle.now().since_start());
        self.run.recorder().says(actor, text);
    }

    /// Runs the loop until this is ready. A panic, or a loop that is stuck, is a verdict.
    #[track_caller]
    pub(crate) fn drive<F: Future + 'static>(&self, future: F) -> F::Output {
        let joined = self.handle.spawn(future);
        let driven = panics::expected(|| {
            self.refuse_a_busy_loop(&joined);
            self.sim.drive(joined)
        });
        match driven {
            Ok(Ok(output)) => output,
            Ok(Err(_stuck)) => {
                self.says("loop", "is stuck: no task is woken, and no timer is set");
                let circle = self.sim.explain_stuck();
                self.run
                    .departs(format!("The future is pending, and the loop is stuck.{circle}"))
            }
            Err(panic) if panic.message == "bug" => self.run.diagnose(
                "panic-not-caught",
                "A part panicked, and the panic went through the future that polls the parts. The parts that had started are not cleaned up in order.",
            ),
            Err(panic) => self
                .run
                .departs(format!("The future panicked: {}.", panic.message)),
        }
    }

    /// Runs the loop until this is ready or the loop is stuck. No right answer takes a hundred iterations without the clock.
    #[track_caller]
    fn refuse_a_busy_loop<T>(&self, joined: &JoinHandle<T>) {
        if self.sim.spins(100, || joined.is_finished()) {
            self.run.diagnose(
                "busy-poll",
                "The loop ran 100 iterations, and no time has passed: a task wakes itself again and again while work is pending.",
            );
        }
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        let handle = self.handle.clone();
        self.drive(async move { handle.sleep(time).await });
    }

    /// What the parts have written down, in order: `a start begins`.
    pub(crate) fn written(&self) -> Vec<String> {
        let events = self.run.recorder().recording().events;
        let of_a_part = |event: &probe::Event| match &event.what {
            What::Says(said) if said.starts_with("start ") || said.starts_with("clean-up ") => {
                Some(format!("{} {said}", event.track))
            }
            _ => None,
        };
        events.iter().filter_map(of_a_part).collect()
    }

    pub(crate) fn has_written(&self, line: &str) -> bool {
        self.written().iter().any(|written| written == line)
    }
}

struct Guard {
    world: World,
    name: &'static str,
    what: &'static str,
    finished: Cell<bool>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.finished.get() {
            self.world
                .says(self.name, format!("{} is dropped", self.what));
        }
    }
}
