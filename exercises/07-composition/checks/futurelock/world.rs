//! Requests that take as long as a script says, over one connection, on a clock that jumps.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use composition::Connection;
use event_loop::{Handle, JoinHandle};
use probe::{Recorder, Run, What, panics, run};
use probe_loop::SimLoop;

/// How long each request has the connection, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Script {
    /// A request of another task, which is there first.
    pub(crate) before: Option<u64>,
    pub(crate) query: u64,
    pub(crate) note: u64,
    /// A request of another task, which asks for its turn after 500 ms.
    pub(crate) between: Option<u64>,
    /// A request of another task, which asks for its turn after 1,500 ms.
    pub(crate) later: Option<u64>,
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) sim: Rc<SimLoop>,
    pub(crate) handle: Handle,
    pub(crate) connection: Connection,
    recorder: Recorder,
    /// How many requests use the connection now, and the most that did so at once.
    using: Rc<Cell<(usize, usize)>>,
    ends: Rc<RefCell<Vec<(&'static str, u64)>>>,
}

impl World {
    pub(crate) fn new(recorder: &Recorder) -> World {
        let sim = Rc::new(SimLoop::new(&run!()));
        World {
            handle: sim.handle(),
            sim,
            connection: Connection::new(),
            recorder: recorder.clone(),
            using: Rc::default(),
            ends: Rc::default(),
        }
    }

    pub(crate) fn millis(&self) -> u64 {
        self.handle.now().since_start().as_millis() as u64
    }

    pub(crate) fn says(&self, actor: &str, text: impl Into<String>) {
        self.recorder.set_time(self.handle.now().since_start());
        self.recorder.says(actor, text);
    }

    /// What a request does with the connection.
    pub(crate) fn work(
        &self,
        name: &'static str,
        millis: u64,
    ) -> impl Future<Output = u32> + use<> {
        let world = self.clone();
        async move {
            world.says(name, "starts");
            let uses = Uses::new(&world, name);
            world.handle.sleep(Duration::from_millis(millis)).await;
            uses.done.set(true);
            world.says(name, "ends");
            world.ends.borrow_mut().push((name, world.millis()));
            7
        }
    }

    /// A request of another task, which asks for its turn after `after` milliseconds.
    pub(crate) fn other(&self, name: &'static str, after: u64, millis: u64) {
        let (world, work) = (self.clone(), self.work(name, millis));
        drop(self.handle.spawn(async move {
            if after > 0 {
                world.handle.sleep(Duration::from_millis(after)).await;
            }
            let _turn = world.connection.turn().await;
            work.await;
        }));
    }

    /// Runs the loop until this is ready; `None` if the loop is stuck before.
    pub(crate) fn drive<F: Future + 'static>(&self, run: &Run, future: F) -> Option<F::Output> {
        let joined: JoinHandle<F::Output> = self.handle.spawn(future);
        match panics::expected(|| self.sim.drive(joined)) {
            Ok(Ok(output)) => Some(output),
            Ok(Err(_stuck)) => {
                self.says("loop", "is stuck: no task is woken, and no timer is set");
                None
            }
            Err(panic) => run.departs(format!("The call panicked: {}.", panic.message)),
        }
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.using.get().1
    }

    /// When each request ended, in this order.
    pub(crate) fn ends(&self) -> Vec<(&'static str, u64)> {
        self.ends.borrow().clone()
    }

    pub(crate) fn said(&self, actor: &str, text: &str) -> bool {
        let events = self.recorder.recording().events;
        let says = |event: &probe::Event| matches!(&event.what, What::Says(said) if said == text);
        events
            .iter()
            .any(|event| event.track == actor && says(event))
    }
}

/// Counts who uses the connection, and notes a request that is dropped before its end.
struct Uses {
    world: World,
    name: &'static str,
    done: Cell<bool>,
}

impl Uses {
    fn new(world: &World, name: &'static str) -> Uses {
        let (now, most) = world.using.get();
        world.using.set((now + 1, most.max(now + 1)));
        Uses {
            world: world.clone(),
            name,
            done: Cell::new(false),
        }
    }
}

impl Drop for Uses {
    fn drop(&mut self) {
        let (now, most) = self.world.using.get();
        self.world.using.set((now - 1, most));
        if !self.done.get() {
            self.world.says(self.name, "is dropped");
        }
    }
}
