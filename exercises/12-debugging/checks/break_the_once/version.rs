//! Three tasks that need one value, and the server that it comes from.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::super::subject::{Step, Task};
use super::{faulty, right};
use probe::breaking::{Fault, Version, WOKEN};
use probe::{Recorder, runs};
use probe_futures::{Poller, poller};

pub(super) const TASKS: [Task; 3] = [Task::A, Task::B, Task::C];
const VALUE: u32 = 7;

/// The server. One load at a time is in progress.
#[derive(Clone, Default)]
struct Server {
    answered: Rc<RefCell<Option<bool>>>,
    waker: Rc<RefCell<Option<Waker>>>,
}

/// A request to the server; dropping it cancels the request.
struct Load {
    server: Server,
    begun: bool,
}

impl Server {
    fn load(&self) -> Load {
        Load {
            server: self.clone(),
            begun: false,
        }
    }

    fn is_asked(&self) -> bool {
        *self.answered.borrow() == Some(false)
    }

    fn answers(&self) -> bool {
        let asked = self.is_asked();
        if asked {
            *self.answered.borrow_mut() = Some(true);
            let waker = self.waker.borrow_mut().take();
            waker.into_iter().for_each(Waker::wake);
        }
        asked
    }
}

impl Future for Load {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u32> {
        let server = self.server.clone();
        if self.begun && *server.answered.borrow() == Some(true) {
            return Poll::Ready(VALUE);
        }
        if !self.begun {
            self.begun = true;
            *server.answered.borrow_mut() = Some(false);
        }
        *server.waker.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        if self.begun {
            *self.server.answered.borrow_mut() = None;
            let waker = self.server.waker.borrow_mut().take();
            drop(waker);
        }
    }
}

/// A task, and how often it had been woken when it last polled.
struct Seat<G> {
    has: Has<G>,
    poller: Poller,
    seen: usize,
    /// As of the last step.
    told: usize,
}

enum Has<G> {
    Nothing,
    Waits(Pin<Box<G>>),
    Value,
}

impl<G> Seat<G> {
    fn of(task: Task) -> Seat<G> {
        Seat {
            has: Has::Nothing,
            poller: poller(&Recorder::default(), &format!("{task:?}")),
            seen: 0,
            told: 0,
        }
    }

    fn waits(&self) -> bool {
        matches!(self.has, Has::Waits(_))
    }

    fn is_woken(&self) -> bool {
        self.poller.wakes() > self.seen
    }

    /// Whether it was woken in this step.
    fn news(&mut self) -> bool {
        let wakes = self.poller.wakes();
        std::mem::replace(&mut self.told, wakes) < wakes
    }
}

/// Carries out the steps on one version.
macro_rules! version {
    ($name:ident, $module:ident) => {
        pub(super) struct $name {
            once: $module::Once,
            server: Server,
            seats: [Seat<$module::Get<Load>>; 3],
        }

        impl $name {
            pub(super) fn new() -> $name {
                $name {
                    once: $module::Once::default(),
                    server: Server::default(),
                    seats: TASKS.map(Seat::of),
                }
            }

            fn polls(&mut self, task: Task) -> Result<String, String> {
                let seat = &mut self.seats[task as usize];
                if let Has::Nothing = seat.has {
                    seat.has = Has::Waits(Box::pin(self.once.get(self.server.load())));
                }
                let Has::Waits(get) = &mut seat.has else {
                    return Err(format!("{task:?} has the value already"));
                };
                let polled = seat.poller.poll(get.as_mut());
                seat.seen = seat.poller.wakes();
                Ok(match polled {
                    Poll::Pending => "pending".to_owned(),
                    Poll::Ready(value) => {
                        seat.has = Has::Value;
                        format!("ready({value})")
                    }
                })
            }
        }

        impl Version for $name {
            type Step = Step;

            fn apply(&mut self, step: &Step) -> Result<runs::Step, String> {
                let outcome = match *step {
                    Step::Polls(task) => self.polls(task)?,
                    Step::Drops(task) => {
                        let seat = &mut self.seats[task as usize];
                        if !seat.waits() {
                            return Err(format!("{task:?} waits for nothing that it could drop"));
                        }
                        seat.has = Has::Nothing;
                        "done".to_owned()
                    }
                    Step::Answers if self.server.answers() => "done".to_owned(),
                    Step::Answers => {
                        return Err("no task has asked the server, or it has answered".to_owned());
                    }
                };
                let mut seen = runs::Step::of(outcome);
                for (task, seat) in TASKS.iter().zip(&mut self.seats) {
                    if seat.news() {
                        seen = seen.fact(format!("{task:?}"), WOKEN);
                    }
                }
                Ok(seen)
            }

            fn fault(&self) -> Option<Fault> {
                let loads = self.server.answered.borrow().is_some();
                let goes_on = |seat: &Seat<_>| seat.waits() && seat.is_woken();
                let stuck = TASKS
                    .iter()
                    .zip(&self.seats)
                    .find(|(_, seat)| seat.waits())?;
                (!loads && !self.seats.iter().any(goes_on)).then(|| {
                    let task = format!("{:?}", stuck.0);
                    Fault::of(task, "waits, no task loads, and none is woken")
                })
            }
        }
    };
}

version!(Faulty, faulty);
version!(Right, right);
