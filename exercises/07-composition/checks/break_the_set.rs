//! 7.10 break-the-set: a set that forgets a child which is ready.

#[path = "break_the_set/faulty.rs"]
mod faulty;
#[path = "break_the_set/right.rs"]
mod right;

use std::borrow::Cow;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::subject::{Child, Step, schedule};
use probe::breaking::{Breaking, Fault, Scheduled, Version, WOKEN};
use probe::{Recorder, run, runs};
use probe_futures::{Poller, poller};

const CHILDREN: [Child; 3] = [Child::A, Child::B, Child::C];

const STEPS: [Step; 7] = [
    Step::Polls,
    Step::Wakes(Child::A),
    Step::Wakes(Child::B),
    Step::Wakes(Child::C),
    Step::Opens(Child::A),
    Step::Opens(Child::B),
    Step::Opens(Child::C),
];

impl Scheduled for Step {
    fn track(&self) -> Cow<'static, str> {
        match self {
            Step::Polls => "task".into(),
            Step::Wakes(child) | Step::Opens(child) => format!("{child:?}").into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Polls => "polls the set".into(),
            Step::Wakes(_) => "is woken without a reason".into(),
            Step::Opens(_) => "is opened".into(),
        }
    }
}

/// What a child waits for.
#[derive(Clone, Default)]
struct Gate(Rc<RefCell<(bool, Option<Waker>)>>);

impl Gate {
    fn opens(&self) {
        self.0.borrow_mut().0 = true;
        self.wakes();
    }

    fn wakes(&self) {
        let waker = self.0.borrow().1.clone();
        waker.into_iter().for_each(Waker::wake);
    }

    fn is_open(&self) -> bool {
        self.0.borrow().0
    }
}

impl Future for Gate {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let older = self.0.borrow_mut().1.replace(context.waker().clone());
        drop(older);
        match self.is_open() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

/// Carries out the steps on one version.
macro_rules! version {
    ($name:ident, $module:ident) => {
        struct $name {
            set: $module::Set<Gate>,
            gates: [Gate; 3],
            given: [bool; 3],
            task: Poller,
            fault: Option<Fault>,
        }

        impl $name {
            fn new() -> $name {
                let gates: [Gate; 3] = Default::default();
                $name {
                    set: $module::Set::new(gates.clone()),
                    gates,
                    given: [false; 3],
                    task: poller(&Recorder::default(), "task"),
                    fault: None,
                }
            }

            fn polls(&mut self) -> String {
                self.task = poller(&Recorder::default(), "task");
                let set = &mut self.set;
                match self
                    .task
                    .lend(|waker| set.poll_next(&mut Context::from_waker(waker)))
                {
                    Poll::Ready((child, ())) => {
                        self.given[child] = true;
                        format!("ready({:?})", CHILDREN[child])
                    }
                    Poll::Pending => {
                        let missed =
                            (0..3).find(|&child| self.gates[child].is_open() && !self.given[child]);
                        self.fault = missed.map(|child| {
                            Fault::of(
                                format!("{:?}", CHILDREN[child]),
                                "is open, and the set is pending",
                            )
                        });
                        "pending".to_owned()
                    }
                }
            }
        }

        impl Version for $name {
            type Step = Step;

            fn apply(&mut self, step: &Step) -> Result<runs::Step, String> {
                let before = self.task.wakes();
                let outcome = match *step {
                    Step::Polls if self.given == [true; 3] => {
                        return Err("the set has given all three outputs".to_owned());
                    }
                    Step::Polls => return Ok(runs::Step::of(self.polls())),
                    Step::Opens(child) if self.gates[child as usize].is_open() => {
                        return Err(format!("{child:?} is open already"));
                    }
                    Step::Opens(child) => self.gates[child as usize].opens(),
                    Step::Wakes(child) => self.gates[child as usize].wakes(),
                };
                let () = outcome;
                let step = runs::Step::of("done");
                Ok(match self.task.wakes() > before {
                    true => step.fact("task", WOKEN),
                    false => step,
                })
            }

            fn fault(&self) -> Option<Fault> {
                self.fault.clone()
            }
        }
    };
}

version!(Faulty, faulty);
version!(Right, right);

#[test]
fn exactly_the_faulty_set_forgets_a_child_that_is_open() {
    let how = Breaking {
        rule: "a poll of the set is not pending while a child is open whose output was not given",
        alphabet: &STEPS,
    };
    how.judge(&run!(), schedule, Faulty::new, Right::new);
}
