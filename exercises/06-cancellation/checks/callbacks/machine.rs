//! Every short run: what a promise and its callbacks do.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::{Rc, Weak};

use super::world::{Called, EXPECTED};
use event_loop::Spawn;
use probe::detect::{DropCounter, OnDrop};
use probe::runs::{Machine, Operation, Step as Seen};
use probe::{Recorder, panics};
use probe_loop::ManualLoop;

/// What the callback does that is added.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Plain,
    Panics,
    /// Adds another one, and calls it.
    AddsAndCalls,
    /// Removes the first callback.
    Removes,
    /// Its destructor adds another one.
    AddsWhenDropped,
}

/// One step of a short run.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step {
    Add(Kind),
    /// The callback that was added first, or second.
    Remove(usize),
    Call,
    Runs,
    Close,
}

pub(super) const ALPHABET: [Step; 10] = [
    Step::Add(Kind::Plain),
    Step::Remove(0),
    Step::Remove(1),
    Step::Call,
    Step::Runs,
    Step::Add(Kind::Panics),
    Step::Add(Kind::AddsAndCalls),
    Step::Add(Kind::Removes),
    Step::Add(Kind::AddsWhenDropped),
    Step::Close,
];

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::Runs | Step::Close => "loop".into(),
            _ => "caller".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Add(Kind::Plain) => "add(a callback)".into(),
            Step::Add(Kind::Panics) => "add(one that panics)".into(),
            Step::Add(Kind::AddsAndCalls) => "add(one that adds and calls another)".into(),
            Step::Add(Kind::Removes) => "add(one that removes the first)".into(),
            Step::Add(Kind::AddsWhenDropped) => "add(one whose destructor adds another)".into(),
            Step::Remove(0) => "remove(the first)".into(),
            Step::Remove(_) => "remove(the second)".into(),
            Step::Call => "call(7)".into(),
            Step::Runs => "runs".into(),
            Step::Close => "is closed".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Add(Kind::Plain) => "a callback was added".into(),
            Step::Add(Kind::Panics) => "a callback was added that panics".into(),
            Step::Add(Kind::AddsAndCalls) => {
                "a callback was added that adds another one and calls `call`".into()
            }
            Step::Add(Kind::Removes) => "a callback was added that removes the first".into(),
            Step::Add(Kind::AddsWhenDropped) => {
                "a callback was added whose destructor adds another one".into()
            }
            Step::Remove(0) => "the first callback was removed".into(),
            Step::Remove(_) => "the second callback was removed".into(),
            Step::Call => "`call` was called".into(),
            Step::Runs => "the loop ran".into(),
            Step::Close => "the loop was closed".into(),
        }
    }
}

/// Carries out the steps on a list of `$module`.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        pub(super) struct $name {
            event_loop: Rc<ManualLoop>,
            world: Rc<Shared<$($module)::+::Callbacks<u32>, $($module)::+::CallbackKey>>,
            owned: DropCounter,
        }

        impl $name {
            pub(super) fn new() -> $name {
                let event_loop = Rc::new(ManualLoop::default());
                let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
                $name {
                    world: Rc::new(Shared {
                        callbacks: $($module)::+::Callbacks::new(spawn),
                        keys: RefCell::default(),
                        log: RefCell::default(),
                    }),
                    event_loop,
                    owned: DropCounter::new(),
                }
            }

            pub(super) fn add(&self, kind: Kind) {
                let name = self.world.keys.borrow().len() + 1;
                let owned = self.owned.token();
                // A callback does not own the list: it would keep itself alive.
                let again = Rc::downgrade(&self.world);
                let adds = move || {
                    let Some(world) = again.upgrade() else { return };
                    let inside = Rc::downgrade(&world);
                    let added = panics::expected(|| {
                        world.callbacks.add(move |outcome| {
                            log(&inside, format!("the late one: {outcome}"));
                        });
                    });
                    if added.is_err() {
                        log(&again, "a destructor panicked".to_owned());
                    }
                };
                let guard = (kind == Kind::AddsWhenDropped).then(|| OnDrop::new(adds));
                let inside = Rc::downgrade(&self.world);
                let key = self.world.callbacks.add(move |outcome| {
                    log(&inside, format!("{name}: {outcome}"));
                    drop((owned, guard));
                    let Some(world) = inside.upgrade() else { return };
                    match kind {
                        Kind::Plain | Kind::AddsWhenDropped => {}
                        Kind::Panics => panic!("{EXPECTED}"),
                        Kind::AddsAndCalls => {
                            world.callbacks.add(move |outcome| {
                                log(&inside, format!("the inner one: {outcome}"));
                            });
                            world.callbacks.call(&8);
                        }
                        Kind::Removes => {
                            let first = world.keys.borrow()[0];
                            let removed = world.callbacks.remove(first);
                            log(&inside, format!("{name} removes the first: {removed}"));
                        }
                    }
                });
                self.world.keys.borrow_mut().push(key);
            }

            fn outcome(&mut self, step: Step) -> Option<Cow<'static, str>> {
                Some(match step {
                    Step::Add(kind) => {
                        self.add(kind);
                        "a key".into()
                    }
                    Step::Remove(place) => {
                        let key = self.world.keys.borrow().get(place).copied()?;
                        self.world.callbacks.remove(key).to_string().into()
                    }
                    // What becomes of a callback that a closed loop refuses is open, too.
                    Step::Call if self.event_loop.is_closed() => return None,
                    Step::Call => {
                        self.world.callbacks.call(&7);
                        "returns".into()
                    }
                    Step::Runs if self.event_loop.is_closed() => return None,
                    Step::Runs if !self.event_loop.run() => "polls without end".into(),
                    Step::Runs if self.event_loop.take_panics() > 0 => "returns, and a panic reached it".into(),
                    Step::Runs => "returns".into(),
                    // What was sent to the loop, and not called, is an open matter.
                    Step::Close if self.event_loop.is_closed() || self.event_loop.kept() > 0 => return None,
                    Step::Close => {
                        self.event_loop.close();
                        "returns".into()
                    }
                })
            }
        }

        impl Machine for $name {
            type Operation = Step;

            fn apply(&mut self, operation: &Step) -> Option<Seen> {
                let outcome = self.outcome(*operation)?;
                let empty = self.world.callbacks.is_empty();
                let step = Seen::of(outcome).fact("list", if empty { "is empty" } else { "is not empty" });
                let called = self.world.log.take().join(", ");
                Some(step.absence("callbacks", if called.is_empty() { "none was called".to_owned() } else { called }))
            }

            fn end(self) -> Seen {
                self.event_loop.run();
                let tasks = self.event_loop.kept();
                self.event_loop.close();
                drop(self.world);
                Seen::of("everything is dropped")
                    .absence("the loop's list", format!("holds {tasks} tasks"))
                    .absence("callbacks' variables", format!("{} alive", self.owned.alive()))
            }
        }
    };
}

/// What the callbacks of a machine share.
struct Shared<C, K> {
    callbacks: C,
    keys: RefCell<Vec<K>>,
    log: RefCell<Vec<String>>,
}

fn log<C, K>(world: &Weak<Shared<C, K>>, text: String) {
    if let Some(world) = world.upgrade() {
        world.log.borrow_mut().push(text);
    }
}

machine!(Yours, super::super::subject);
machine!(Reference, cancellation);

thread_local! {
    pub(super) static PROBLEM: RefCell<Option<String>> = const { RefCell::new(None) };
}

pub(super) fn note_problem(problem: String) {
    PROBLEM.set(Some(problem));
}

pub(super) fn note(recorder: &Recorder, called: &Called, name: &'static str, outcome: u32) {
    recorder.says(name, format!("called with {outcome}"));
    called.borrow_mut().push((name, outcome));
}
