//! Short runs of flights: what can happen, and the machines that carry it out.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use probe::panics;
use probe::runs::{Known, Machine, Operation, Step};

const CALLERS: [&str; 3] = ["A", "B", "C"];
const KEYS: [&str; 2] = ["x", "y"];

/// One step of a short run.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Move {
    /// The next caller wants this key.
    Runs(usize),
    Polls(usize),
    Drops(usize),
    /// The newest work of this key gets its output, and callers that are woken poll.
    Finishes(usize),
    /// The newest work of this key panics in its next poll, and callers that are woken poll.
    Panics(usize),
}

pub(crate) const ALPHABET: [Move; 10] = [
    Move::Runs(0),
    Move::Runs(1),
    Move::Polls(0),
    Move::Polls(1),
    Move::Polls(2),
    Move::Finishes(0),
    Move::Drops(0),
    Move::Drops(1),
    Move::Finishes(1),
    Move::Panics(0),
];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match *self {
            Move::Runs(_) => "caller".into(),
            Move::Polls(caller) | Move::Drops(caller) => CALLERS[caller].into(),
            Move::Finishes(key) | Move::Panics(key) => format!("work of {}", KEYS[key]).into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match *self {
            Move::Runs(key) => format!("run({:?}, …)", KEYS[key]).into(),
            Move::Polls(_) => "polls its call".into(),
            Move::Drops(_) => "drops its call".into(),
            Move::Finishes(_) => "has its output and wakes".into(),
            Move::Panics(_) => "wakes, and panics in its next poll".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match *self {
            Move::Runs(key) => format!("a caller called `run` with the key {}", KEYS[key]).into(),
            Move::Polls(caller) => format!("{} polled its call", CALLERS[caller]).into(),
            Move::Drops(caller) => format!("{} dropped its call", CALLERS[caller]).into(),
            Move::Finishes(key) => format!("the work of {} got its output", KEYS[key]).into(),
            Move::Panics(key) => format!("the work of {} panicked", KEYS[key]).into(),
        }
    }
}

pub(crate) const KNOWN: [Known<Move>; 6] = [
    Known {
        mistake: "flight-kept",
        sentence: "The output of the flight was there, and its key was not free: the next `run` joins a flight that has ended.",
        shows: |difference| {
            let joins = matches!(difference.operation(), Some(Move::Runs(_)))
                && difference.your_step().outcome() == "joins";
            let stays = matches!(
                difference.operation(),
                Some(Move::Finishes(_) | Move::Polls(_))
            ) && difference.your_step().about("keys in flight")
                > difference.expected_step().about("keys in flight");
            let done = |what: fn(&Move) -> bool| difference.operations.iter().any(what);
            (joins || stays)
                && done(|step| matches!(step, Move::Finishes(_)))
                && !done(|step| matches!(step, Move::Panics(_)))
        },
    },
    Known {
        mistake: "work-done-twice",
        sentence: "A flight of this key was in progress, and `run` made the work again.",
        shows: |difference| {
            matches!(difference.operation(), Some(Move::Runs(_)))
                && difference.your_step().outcome() == "makes work"
        },
    },
    Known {
        mistake: "leader-takes-the-flight-along",
        sentence: "One caller dropped its call, and the work was dropped, although another caller waits for it.",
        shows: |difference| {
            matches!(difference.operation(), Some(Move::Drops(_)))
                && difference.your_step().about("works").is_some_and(|seen| {
                    difference
                        .expected_step()
                        .about("works")
                        .is_some_and(|expected| seen < expected)
                })
        },
    },
    Known {
        mistake: "work-outlives-its-callers",
        sentence: "The last caller dropped its call, and the work is still there.",
        shows: |difference| {
            matches!(difference.operation(), Some(Move::Drops(_)))
                && difference.your_step().about("works").is_some_and(|seen| {
                    difference
                        .expected_step()
                        .about("works")
                        .is_some_and(|expected| seen > expected)
                })
        },
    },
    Known {
        mistake: "panicked-flight-stays",
        sentence: "The work panicked in the poll of one caller. The flight did not end: its other callers are pending, or its key is not free.",
        shows: |difference| {
            let stays = difference.your_step().about("keys in flight")
                > difference.expected_step().about("keys in flight");
            let waits = difference.your_step().outcome() == "pending"
                && difference.expected_step().outcome() == "panics";
            // Each caller that is woken polls. That a caller is not woken is seen by tests of their own.
            let misses = matches!(difference.operation(), Some(Move::Panics(_)))
                && callers_are_missing(
                    difference.your_step().outcome(),
                    difference.expected_step().outcome(),
                );
            (stays || waits || misses)
                && difference
                    .operations
                    .iter()
                    .any(|step| matches!(step, Move::Panics(_)))
        },
    },
    Known {
        mistake: "woke-only-one",
        sentence: "The flight ended, and a caller that waited for it was not woken, or was still pending when it was polled.",
        shows: |difference| {
            matches!(difference.operation(), Some(Move::Finishes(_)))
                && callers_are_missing(
                    difference.your_step().outcome(),
                    difference.expected_step().outcome(),
                )
                && difference.your_step().about("keys in flight")
                    == difference.expected_step().about("keys in flight")
        },
    },
];

/// Whether fewer callers learned of the end than expected, and each of these learned the expected.
fn callers_are_missing(yours: &str, expected: &str) -> bool {
    let all: Vec<&str> = expected.split(", ").collect();
    let yours: Vec<&str> = match yours {
        NO_CALLER => Vec::new(),
        yours => yours.split(", ").collect(),
    };
    yours.len() < all.len() && yours.iter().all(|seen| all.contains(seen))
}

/// The outcome of an end of which no caller learns.
const NO_CALLER: &str = "no caller learns of it";

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

/// Whether a caller's task was woken since its last poll.
#[derive(Default)]
pub(crate) struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Everything of a machine but the flights themselves, and their calls of type `C`.
pub(crate) struct Parts<C> {
    pub(crate) works: Rc<RefCell<Vec<Rc<Script>>>>,
    /// The key of each work.
    pub(crate) keys: Vec<usize>,
    pub(crate) calls: Vec<Option<C>>,
    wakers: [Arc<Woken>; 3],
    outputs: u32,
}

impl<C: Future<Output = u32> + Unpin> Parts<C> {
    pub(crate) fn new() -> Parts<C> {
        Parts {
            works: Rc::default(),
            keys: Vec::new(),
            calls: Vec::new(),
            wakers: [Arc::default(), Arc::default(), Arc::default()],
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
        self.wakers[caller].0.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&self.wakers[caller]));
        let polled = panics::expected(|| Pin::new(call).poll(&mut Context::from_waker(&waker)));
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
                if self.wakers[caller].0.load(Ordering::Relaxed)
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

machine!(Yours, super::subject);
machine!(Reference, blocking);
