//! Every short run: the steps, and the machine that carries them out on the learner's code and on the reference.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use cancellation::Ended;
use event_loop::Spawn;
use probe::detect::{DropCounter, Token};
use probe::runs::{Known, Machine, Operation, Step as Seen};
use probe_loop::ManualLoop;

/// What the work does in its next poll.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Act {
    Waits,
    Finishes,
    Panics,
}

/// One step of a short run.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Move {
    /// The event happens for which the work waits, and the loop runs.
    Runs(Act),
    /// Waiter A or B polls the shield.
    Polls(usize),
    DropsTheShield,
    Close,
}

pub(super) const ALPHABET: [Move; 7] = [
    Move::Runs(Act::Waits),
    Move::Runs(Act::Finishes),
    Move::Polls(0),
    Move::Polls(1),
    Move::DropsTheShield,
    Move::Runs(Act::Panics),
    Move::Close,
];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Runs(_) | Move::Close => "loop".into(),
            Move::Polls(0) => "A".into(),
            Move::Polls(_) => "B".into(),
            Move::DropsTheShield => "caller".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Runs(Act::Waits) => "runs; the work returns Pending".into(),
            Move::Runs(Act::Finishes) => "runs; the work returns Ready".into(),
            Move::Runs(Act::Panics) => "runs; the work panics".into(),
            Move::Polls(_) => "polls the shield".into(),
            Move::DropsTheShield => "drops the shield".into(),
            Move::Close => "is closed".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Runs(Act::Waits) => "the loop ran, and the work returned `Pending`".into(),
            Move::Runs(Act::Finishes) => "the loop ran, and the work returned `Ready`".into(),
            Move::Runs(Act::Panics) => "the loop ran, and the work panicked".into(),
            Move::Polls(0) => "A polled the shield".into(),
            Move::Polls(_) => "B polled the shield".into(),
            Move::DropsTheShield => "the shield was dropped".into(),
            Move::Close => "the loop was closed".into(),
        }
    }
}

pub(super) const KNOWN: [Known<Move>; 1] = [Known {
    mistake: "waker-kept",
    sentence: "The shield was dropped, and the waker of its waiter is still stored.",
    shows: |difference| {
        difference.your_step().about("waiters' wakers") == Some("stored")
            && difference.expected_step().about("waiters' wakers") == Some("not stored")
    },
}];

/// The work of a machine.
struct Acting {
    next: Rc<Cell<Act>>,
    waker: Rc<RefCell<Option<Waker>>>,
    _token: Token,
}

impl Future for Acting {
    type Output = u32;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u32> {
        self.waker.replace(Some(context.waker().clone()));
        match self.next.replace(Act::Waits) {
            Act::Waits => Poll::Pending,
            Act::Finishes => Poll::Ready(7),
            Act::Panics => panic!("the work fails"),
        }
    }
}

/// Counts the wakes of a waiter.
#[derive(Default)]
struct Waiter(AtomicUsize);

impl Wake for Waiter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Carries out the steps on a shield of `$module`.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        pub(super) struct $name {
            event_loop: Rc<ManualLoop>,
            shield: Option<Pin<Box<$($module)::+::Shield<u32>>>>,
            next: Rc<Cell<Act>>,
            waker: Rc<RefCell<Option<Waker>>>,
            work: DropCounter,
            waiters: [Arc<Waiter>; 2],
            latest: Option<usize>,
            ended: bool,
        }

        impl $name {
            pub(super) fn new() -> $name {
                let event_loop = Rc::new(ManualLoop::default());
                let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
                let (next, waker, work) = (Rc::new(Cell::new(Act::Waits)), Rc::default(), DropCounter::new());
                let acting = Acting {
                    next: Rc::clone(&next),
                    waker: Rc::clone(&waker),
                    _token: work.token(),
                };
                let shield = Some(Box::pin($($module)::+::shield(&spawn, acting)));
                let waiters = [Arc::default(), Arc::default()];
                $name { event_loop, shield, next, waker, work, waiters, latest: None, ended: false }
            }

            fn outcome(&mut self, step: Move) -> Option<&'static str> {
                Some(match step {
                    Move::Runs(act) => {
                        let gone = self.work.alive() == 0;
                        if self.event_loop.is_closed() || (gone && act != Act::Waits) {
                            return None;
                        }
                        self.next.set(act);
                        if let Some(waker) = self.waker.take() {
                            waker.wake();
                        }
                        if self.event_loop.run() { "returns" } else { "polls without end" }
                    }
                    // What a poll does after the result, or on a closed loop, is not specified.
                    Move::Polls(_) if self.ended || self.event_loop.is_closed() => return None,
                    Move::Polls(waiter) => {
                        let shield = self.shield.as_mut()?;
                        let waker = Waker::from(Arc::clone(&self.waiters[waiter]));
                        self.waiters[waiter].0.store(0, Ordering::Relaxed);
                        let polled = shield.as_mut().poll(&mut Context::from_waker(&waker));
                        self.latest = polled.is_pending().then_some(waiter);
                        self.ended = polled.is_ready();
                        match polled {
                            Poll::Pending => "Pending",
                            Poll::Ready(Ok(7)) => "Ready(Ok(7))",
                            Poll::Ready(Ok(_)) => "Ready(Ok(another output))",
                            Poll::Ready(Err(Ended::Cancelled)) => "Ready(Err(Cancelled))",
                            Poll::Ready(Err(Ended::Panicked(_))) => "Ready(Err(Panicked))",
                        }
                    }
                    Move::DropsTheShield => {
                        drop(self.shield.take()?);
                        self.latest = None;
                        "returns"
                    }
                    Move::Close if self.event_loop.is_closed() => return None,
                    Move::Close => {
                        self.event_loop.close();
                        "returns"
                    }
                })
            }

            fn facts(&self, step: Seen) -> Seen {
                let alive = self.work.alive() > 0;
                let mut step = step.fact("work", if alive { "is there" } else { "is dropped" });
                if self.shield.is_none() {
                    let stored = self.waiters.iter().any(|waiter| Arc::strong_count(waiter) > 1);
                    step = step.absence("waiters' wakers", if stored { "stored" } else { "not stored" });
                }
                // Only a wake that has to come is compared: the work has finished on an open loop.
                if let (Some(waiter), false, false) = (self.latest, alive, self.event_loop.is_closed()) {
                    let woken = self.waiters[waiter].0.load(Ordering::Relaxed) > 0;
                    step = step.absence(["A", "B"][waiter], if woken { "is woken" } else { "is not woken" });
                }
                step
            }

            fn reported(&self, step: Seen) -> Seen {
                let reports = self.event_loop.reports();
                let named = reports.iter().all(|said| said.contains("the work fails"));
                let said = match (reports.len(), named) {
                    (0, _) => "none".to_owned(),
                    (1, true) => "the panic".to_owned(),
                    (1, false) => "something that does not name the panic".to_owned(),
                    (times, _) => format!("{times} reports"),
                };
                step.absence("report", said)
            }
        }

        impl Machine for $name {
            type Operation = Move;

            fn apply(&mut self, operation: &Move) -> Option<Seen> {
                let outcome = self.outcome(*operation)?;
                let step = self.facts(Seen::of(outcome));
                Some(match operation {
                    Move::Runs(_) => self.reported(step),
                    _ => step,
                })
            }

            fn end(mut self) -> Seen {
                self.shield = None;
                self.latest = None;
                self.event_loop.run();
                let step = self.reported(self.facts(Seen::of("the shield is dropped, and the loop runs")));
                self.event_loop.close();
                let owners = Rc::strong_count(&self.event_loop) - 1;
                step.absence("work after the end of the loop", format!("{} alive", self.work.alive()))
                    .absence("owners of the loop's handle", owners.to_string())
            }
        }
    };
}

machine!(Yours, super::super::subject);
machine!(Reference, cancellation);
