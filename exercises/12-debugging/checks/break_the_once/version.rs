//! Three tasks that need one value, and the server that it comes from.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::super::subject::Step;
use super::{faulty, right};
use probe::breaking::{Fault, Version};
use probe::runs;
use probe_futures::seat::Seat;

const NAMES: [&str; 3] = ["A", "B", "C"];
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

/// Carries out the steps on one version.
macro_rules! version {
    ($name:ident, $module:ident) => {
        pub(super) struct $name {
            once: $module::Once,
            server: Server,
            seats: [Seat<$module::Get<Load>>; 3],
            have: [bool; 3],
        }

        impl $name {
            pub(super) fn new() -> $name {
                $name {
                    once: $module::Once::default(),
                    server: Server::default(),
                    seats: NAMES.map(Seat::new),
                    have: [false; 3],
                }
            }
        }

        impl Version for $name {
            type Step = Step;

            fn apply(&mut self, step: &Step) -> Result<runs::Step, String> {
                let outcome = match *step {
                    Step::Polls(task) if self.have[task as usize] => {
                        return Err(format!("{task:?} has the value already"));
                    }
                    Step::Polls(task) => {
                        let start = || self.once.get(self.server.load());
                        match self.seats[task as usize].poll(start) {
                            Poll::Pending => "pending".to_owned(),
                            Poll::Ready(value) => {
                                self.have[task as usize] = true;
                                format!("ready({value})")
                            }
                        }
                    }
                    Step::Drops(task) if self.seats[task as usize].drop_future() => {
                        "done".to_owned()
                    }
                    Step::Drops(task) => {
                        return Err(format!("{task:?} has no get that it could drop"));
                    }
                    Step::Answers if self.server.answers() => "done".to_owned(),
                    Step::Answers => {
                        return Err("no task has asked the server, or it has answered".to_owned());
                    }
                };
                let step = runs::Step::of(outcome);
                Ok(self
                    .seats
                    .iter_mut()
                    .fold(step, |step, seat| seat.tell(step)))
            }

            fn fault(&self) -> Option<Fault> {
                let loads = self.server.answered.borrow().is_some();
                let stuck = self.seats.iter().find(|seat| seat.sleeps())?;
                let goes_on = |seat: &Seat<_>| seat.waits() && seat.is_woken();
                (!loads && !self.seats.iter().any(goes_on))
                    .then(|| Fault::of(stuck.name(), "waits, no task loads, and none is woken"))
            }
        }
    };
}

version!(Faulty, faulty);
version!(Right, right);
