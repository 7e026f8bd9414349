//! Short runs of flights: what can happen, and the machines that carry it out.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::moves::{CALLERS, KEYS, Move, NO_CALLER};
use probe::panics;
use probe::runs::{Machine, Step};
use probe_futures::runs::Waiter;

/// A piece of work, as the machine controls it.
#[derive(Default)]
pub(crate) struct Script {
    next: Cell<Act>,
    waker: RefCell<Option<Waker>>,
    alive: Cell<bool>,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Act {
    #[default]
    Waits,
    Finishes(u32),
    Panics,
}

pub(crate) struct Work(Rc<Script>);

impl Work {
    pub(crate) fn new(works: &RefCell<Vec<Rc<Script>>>) -> Work {
        let script = Rc::<Script>::default();
        script.alive.set(true);
        works.borrow_mut().push(Rc::clone(&script));
        Work(script)
    }
}

impl Future for Work {
    type Output = u32;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u32> {
        self.0.waker.replace(Some(context.waker().clone()));
        match self.0.next.get() {
            Act::Waits => Poll::Pending,
            Act::Finishes(output) => Poll::Ready(output),
            Act::Panics => panic!("the work fails"),
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.0.alive.set(false);
        let waker = self.0.waker.take();
        drop(waker);
    }
}

/// Everything of a machine but the flights themselves, and their calls of type `C`.
pub(crate) struct Parts<C> {
    pub(crate) works: Rc<RefCell<Vec<Rc<Script>>>>,
    /// The key of each work.
    pub(crate) keys: Vec<usize>,
    pub(crate) calls: Vec<Option<C>>,
    tasks: [Waiter; 3],
    outputs: u32,
}

impl<C: Future<Output = u32> + Unpin> Parts<C> {
    pub(crate) fn new() -> Parts<C> {
        Parts {
            works: Rc::default(),
            keys: Vec::new(),
            calls: Vec::new(),
            tasks: CALLERS.map(Waiter::new),
            outputs: 0,
        }
    }

    pub(crate) fn step(&mut self, operation: Move) -> Option<Step> {
        let outcome = match operation {
            Move::Runs(_) => unreachable!("the machine does this"),
            Move::Polls(caller) => self.poll(caller)?,
            Move::Drops(caller) => {
                drop(self.calls.get_mut(caller)?.take()?);
                "returns".to_owned()
            }
            Move::Finishes(key) => {
                let seen = self.act(key, Act::Finishes(self.outputs + 1))?;
                self.outputs += 1;
                seen
            }
            Move::Panics(key) => self.act(key, Act::Panics)?,
        };
        Some(self.facts(Step::of(outcome)))
    }

    /// How many works are there.
    pub(crate) fn facts(&self, step: Step) -> Step {
        let works = self.works.borrow();
        let alive = works.iter().filter(|work| work.alive.get()).count();
        step.fact("works", format!("{alive} in progress"))
    }

    fn poll(&mut self, caller: usize) -> Option<String> {
        let call = self.calls.get_mut(caller)?.as_mut()?;
        let polled = panics::expected(|| self.tasks[caller].poll(Pin::new(call)));
        let outcome = match polled {
            Ok(Poll::Pending) => return Some("pending".into()),
            Ok(Poll::Ready(output)) => format!("ready with output {output}"),
            Err(_) => "panics".into(),
        };
        self.calls[caller] = None;
        Some(outcome)
    }

    /// Has the newest work of this key do something, and callers poll as long as they are woken.
    fn act(&mut self, key: usize, act: Act) -> Option<String> {
        let newest = self.keys.iter().rposition(|&of| of == key)?;
        let work = Rc::clone(&self.works.borrow()[newest]);
        if !work.alive.get() || work.next.get() != Act::Waits {
            return None;
        }
        // Work that was never polled wakes no caller.
        let waker = work.waker.take()?;
        work.next.set(act);
        waker.wake();
        let mut seen = Vec::new();
        for _ in 0..10 {
            for (caller, name) in CALLERS.into_iter().enumerate() {
                if self.tasks[caller].is_woken()
                    && let Some(outcome) = self.poll(caller)
                    && outcome != "pending"
                {
                    seen.push(format!("{name} {outcome}"));
                }
            }
        }
        seen.sort_unstable();
        Some(if seen.is_empty() {
            NO_CALLER.into()
        } else {
            seen.join(", ")
        })
    }
}

/// Carries out the steps on flights of `$module`.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        pub(crate) struct $name {
            flights: $($module)::+::SingleFlight<&'static str, u32>,
            parts: Parts<$($module)::+::Call<&'static str, u32>>,
        }

        impl $name {
            pub(crate) fn new() -> $name {
                $name { flights: $($module)::+::SingleFlight::new(), parts: Parts::new() }
            }
        }

        impl Machine for $name {
            type Operation = Move;

            fn apply(&mut self, operation: &Move) -> Option<Step> {
                let step = match *operation {
                    Move::Runs(_) if self.parts.calls.len() == CALLERS.len() => return None,
                    Move::Runs(key) => {
                        let before = self.parts.works.borrow().len();
                        let works = Rc::clone(&self.parts.works);
                        let call = self.flights.run(KEYS[key], || Work::new(&works));
                        self.parts.calls.push(Some(call));
                        let made = self.parts.works.borrow().len() - before;
                        self.parts.keys.extend(std::iter::repeat_n(key, made));
                        let outcome = if made == 0 { "joins" } else { "makes work" };
                        self.parts.facts(Step::of(outcome))
                    }
                    step => self.parts.step(step)?,
                };
                Some(step.fact("keys in flight", self.flights.in_flight().to_string()))
            }

            fn end(mut self) -> Step {
                self.parts.calls.clear();
                let keys = self.flights.in_flight();
                self.parts.facts(Step::of("dropped")).fact("keys in flight", keys.to_string())
            }
        }
    };
}

machine!(Yours, super::super::subject);
machine!(Reference, blocking);
