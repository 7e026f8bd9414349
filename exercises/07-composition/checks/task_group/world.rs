//! A loop whose clock jumps, and children that write down what becomes of them.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{Handle, JoinHandle, Spawn};
use probe::{Run, What, panics, run};
use probe_loop::SimLoop;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const HOUR: Duration = Duration::from_secs(3_600);

/// How a scripted child ends.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Ends {
    Well,
    WithAnError,
    WithAPanic,
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) run: Run,
    pub(crate) sim: Rc<SimLoop>,
    pub(crate) spawn: Rc<dyn Spawn>,
    pub(crate) handle: Handle,
}

impl World {
    pub(crate) fn new(run: Run) -> World {
        let sim = Rc::new(SimLoop::new(&run!()));
        sim.event_loop().on_unretrieved(|_| ());
        World {
            run,
            spawn: Rc::new(sim.handle()),
            handle: sim.handle(),
            sim,
        }
    }

    /// Writes down what an actor did, and when.
    pub(crate) fn says(&self, actor: &str, text: impl Into<String>) {
        let now = self.handle.now().since_start();
        self.run.recorder().set_time(now);
        self.run.recorder().says(actor, text);
    }

    /// Whole seconds since the start.
    pub(crate) fn seconds(&self) -> u64 {
        self.handle.now().since_start().as_secs()
    }

    /// Work that takes this long.
    pub(crate) fn child(
        &self,
        name: &'static str,
        takes: Duration,
        ends: Ends,
    ) -> impl Future<Output = Result<(), &'static str>> + use<> {
        let (world, guard) = (self.clone(), self.guard(name));
        async move {
            let guard = guard;
            world.says(name, "starts");
            world.handle.sleep(takes).await;
            guard.finish();
            match ends {
                Ends::Well => {
                    world.says(name, "finishes");
                    Ok(())
                }
                Ends::WithAnError => {
                    world.says(name, "fails");
                    Err(name)
                }
                Ends::WithAPanic => {
                    world.says(name, "panics");
                    panic!("{name} panics")
                }
            }
        }
    }

    /// Says it if it is dropped before it has finished.
    pub(crate) fn guard(&self, name: &'static str) -> Guard {
        Guard {
            world: self.clone(),
            name,
            finished: Cell::new(false),
        }
    }

    /// Runs the loop until this is ready; `None` if the loop is stuck before.
    #[track_caller]
    pub(crate) fn drive<F: Future + 'static>(&self, future: F) -> Option<F::Output> {
        let joined = self.handle.spawn(future);
        self.join(joined)
    }

    #[track_caller]
    pub(crate) fn join<T: 'static>(&self, joined: JoinHandle<T>) -> Option<T> {
        match panics::expected(|| self.sim.drive(joined)) {
            Ok(Ok(output)) => Some(output),
            Ok(Err(_stuck)) => {
                self.says("loop", "is stuck: no task is woken, and no timer is set");
                None
            }
            Err(panic) => self
                .run
                .departs(format!("The group panicked: {}.", panic.message)),
        }
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        let handle = self.handle.clone();
        let _ = self.drive(async move { handle.sleep(time).await });
    }

    /// Whether this stands in the recording.
    pub(crate) fn said(&self, actor: &str, text: &str) -> bool {
        let events = self.run.recorder().recording().events;
        let says = |event: &probe::Event| matches!(&event.what, What::Says(said) if said == text);
        events
            .iter()
            .any(|event| event.track == actor && says(event))
    }

    /// Whether this child, which was spawned, has finished or was dropped.
    pub(crate) fn has_ended(&self, name: &str) -> bool {
        let ends = ["finishes", "fails", "panics", "is dropped"];
        ends.iter().any(|text| self.said(name, text))
    }

    /// Whether this child has started and not ended.
    pub(crate) fn is_there(&self, name: &str) -> bool {
        self.said(name, "starts") && !self.has_ended(name)
    }
}

pub(crate) struct Guard {
    world: World,
    name: &'static str,
    finished: Cell<bool>,
}

impl Guard {
    /// From now on it says nothing.
    pub(crate) fn finish(&self) {
        self.finished.set(true);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.finished.get() {
            self.world.says(self.name, "is dropped");
        }
    }
}
