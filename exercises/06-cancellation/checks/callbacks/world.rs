//! The loop, the promise and the callbacks of the hand-written tests.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::subject::Callbacks;
use super::machine::note;
use event_loop::{BoxedTask, Spawn};
use probe::{Recorder, Run, run};
use probe_loop::SimLoop;

/// More iterations than any right answer takes to call a few functions.
const TURNS: usize = 20;

pub(super) struct World {
    pub(super) run: Run,
    pub(super) sim: SimLoop,
    pub(super) callbacks: Rc<Callbacks<u32>>,
    pub(super) called: Called,
}

/// Which callbacks were called, in order, and with what.
pub(super) type Called = Rc<RefCell<Vec<(&'static str, u32)>>>;

#[track_caller]
pub(super) fn mixed_up(world: &World, event: Option<usize>, seen: &str) -> ! {
    world.run.diagnose_at(
        event,
        "position-taken-for-number",
        format!(
            "{seen}. That happens where a key is a position in a list: after a removal the others move up."
        ),
    )
}

pub(super) const EXPECTED: &str = "this callback fails";

/// A closed loop: it drops what is spawned.
pub(super) struct Gone;

impl Spawn for Gone {
    fn spawn_boxed(&self, future: BoxedTask) {
        drop(future);
    }
}

impl World {
    pub(super) fn new(run: Run) -> World {
        // The run records the callbacks, and not the loop.
        let quiet = run!();
        let sim = SimLoop::new(&quiet);
        let callbacks = Rc::new(Callbacks::new(Rc::new(sim.handle())));
        World {
            run,
            sim,
            callbacks,
            called: Called::default(),
        }
    }

    pub(super) fn add(&self, name: &'static str) -> super::super::subject::CallbackKey {
        self.run.recorder().says("caller", format!("add({name})"));
        let (callbacks, recorder, called) = self.parts();
        callbacks.add(move |outcome| note(&recorder, &called, name, outcome))
    }

    pub(super) fn remove(&self, name: &str, key: super::super::subject::CallbackKey) -> bool {
        let call = self
            .run
            .recorder()
            .enters("caller", format!("remove({name})"));
        let removed = self.callbacks.remove(key);
        call.returns(removed.to_string());
        removed
    }

    #[track_caller]
    pub(super) fn call(&self, outcome: u32) {
        let call = self
            .run
            .recorder()
            .enters("caller", format!("call({outcome})"));
        let before = self.called().len();
        self.callbacks.call(&outcome);
        call.returns("returns");
        if let Some((name, _)) = self.called().get(before) {
            self.run.diagnose(
                "called-in-place",
                format!(
                    "{name} was called before `call` had returned. The caller of `call` is in the middle of its own work; a callback that runs \
                     now finds that work half done."
                ),
            );
        }
    }

    pub(super) fn turns(&self) {
        self.run.recorder().says("loop", "runs");
        self.sim.iterate(TURNS);
    }

    pub(super) fn parts(&self) -> (Rc<Callbacks<u32>>, Recorder, Called) {
        (
            Rc::clone(&self.callbacks),
            self.run.recorder().clone(),
            Rc::clone(&self.called),
        )
    }

    pub(super) fn called(&self) -> Vec<(&'static str, u32)> {
        self.called.borrow().clone()
    }

    #[track_caller]
    pub(super) fn expect(&self, expected: &[(&str, u32)]) {
        let called = self.called();
        if called == expected {
            return;
        }
        let missing = expected.iter().find(|one| !called.contains(one));
        let sentence = match missing {
            Some((name, outcome)) => {
                format!("{name} had to be called with {outcome}, and was not.")
            }
            None => format!(
                "These were called: {}. Expected: {}.",
                names(&called),
                names(expected)
            ),
        };
        self.run.departs(sentence);
    }

    #[track_caller]
    pub(super) fn expect_empty(&self, empty: bool, seen: &str) {
        if self.callbacks.is_empty() != empty {
            self.run
                .departs(format!("{seen}, and `is_empty` is {}.", !empty));
        }
    }
}

fn names(called: &[(&str, u32)]) -> String {
    if called.is_empty() {
        return "none".to_owned();
    }
    let names: Vec<&str> = called.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}
