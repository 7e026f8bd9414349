//! The life of a service as a machine, for the comparison of short runs.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use event_loop::Spawn;
use probe::detect::{DropCounter, Token};
use probe::runs::{Machine, Step};
use probe_futures::runs::Tasks;
use probe_loop::ManualLoop;

use super::events::Event;
use super::world::Ends;

/// Where a machine begins.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Begins {
    /// No start was polled.
    AtTheStart,
    /// Every part has started.
    Running,
    /// `stop` was called, and not polled.
    Stopping,
}

/// What the works of a machine share.
#[derive(Default)]
struct Script {
    /// Every work finishes in its first poll.
    is_quick: Cell<bool>,
    /// The waker of the work in progress.
    waker: RefCell<Option<Waker>>,
    ends: Cell<Option<Ends>>,
    log: RefCell<Vec<String>>,
}

/// A start or a clean-up.
struct Work {
    script: Rc<Script>,
    name: &'static str,
    what: &'static str,
    begun: bool,
    over: bool,
    _alive: Token,
}

impl Work {
    fn says(&self, text: &str) {
        let line = format!("{} {} {text}", self.name, self.what);
        self.script.log.borrow_mut().push(line);
    }
}

impl Future for Work {
    type Output = Result<(), &'static str>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(!self.over, "work was polled after it had ended");
        if !mem::replace(&mut self.begun, true) {
            self.says("begins");
        }
        let ends = match self.script.is_quick.get() {
            true => Some(Ends::Well),
            false => self.script.ends.take(),
        };
        let _older = self.script.waker.take();
        let Some(ends) = ends else {
            self.script.waker.replace(Some(context.waker().clone()));
            return Poll::Pending;
        };
        self.over = true;
        match ends {
            Ends::Well => {
                self.says("finishes");
                Poll::Ready(Ok(()))
            }
            Ends::Badly => {
                self.says("fails");
                Poll::Ready(Err("error"))
            }
            Ends::InAPanic => {
                self.says("panics");
                panic!("bug")
            }
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if self.begun && !self.over {
            let _waker = self.script.waker.take();
            self.script.ends.set(None);
            self.says("is dropped");
        }
    }
}

/// Carries out the events on parts a and b, and c, which has no clean-up.
macro_rules! machine {
    ($name:ident, $state:ident, $($module:ident)::+) => {
        enum $state {
            Starting(Box<$($module)::+::Starting<&'static str>>),
            Running($($module)::+::Running<&'static str>),
            Stopping($($module)::+::Stopping<&'static str>),
            Over,
        }

        pub(super) struct $name {
            parts: Parts,
            readiness: $($module)::+::Readiness,
            state: $state,
        }

        impl $name {
            pub(super) fn new(begins: Begins) -> $name {
                let parts = Parts::default();
                let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&parts.event_loop);
                let mut lifecycle = $($module)::+::Lifecycle::new(&spawn);
                for name in ["a", "b"] {
                    let (start, cleanup) = (parts.work(name, "start"), parts.work(name, "clean-up"));
                    lifecycle.context(name, async move { start.await.map(|()| cleanup) });
                }
                lifecycle.on_startup("c", parts.work("c", "start"));
                let readiness = lifecycle.readiness();
                let state = $state::Starting(Box::new(lifecycle.start()));
                let mut machine = $name { parts, readiness, state };
                if begins != Begins::AtTheStart {
                    machine.parts.script.is_quick.set(true);
                    let _step = machine.poll(0);
                    machine.parts.script.is_quick.set(false);
                    machine.parts.script.log.take();
                }
                if begins == Begins::Stopping {
                    let _step = machine.stop();
                }
                machine
            }

            fn stop(&mut self) -> Option<Step> {
                match mem::replace(&mut self.state, $state::Over) {
                    $state::Running(running) => {
                        self.state = $state::Stopping(running.stop());
                        Some(Step::of("returns"))
                    }
                    other => {
                        self.state = other;
                        None
                    }
                }
            }

            fn drops(&mut self) -> Option<Step> {
                self.parts.tasks.stop_waiting();
                match mem::replace(&mut self.state, $state::Over) {
                    $state::Over => None,
                    state => {
                        drop(state);
                        Some(Step::of("returns"))
                    }
                }
            }

            fn poll(&mut self, task: usize) -> Option<Step> {
                let tasks = &mut self.parts.tasks;
                let list = |failures: &[$($module)::+::Failure<&'static str>]| {
                    let words: Vec<String> = failures.iter().map(ToString::to_string).collect();
                    format!("[{}]", words.join(", "))
                };
                let outcome = match &mut self.state {
                    $state::Starting(starting) => match tasks.poll(task, Pin::new(&mut **starting)) {
                        Poll::Pending => "Pending".to_owned(),
                        Poll::Ready(Ok(running)) => {
                            self.state = $state::Running(running);
                            "Ready(Ok)".to_owned()
                        }
                        Poll::Ready(Err(not)) => {
                            self.state = $state::Over;
                            format!("Ready(Err({}, {}))", not.failed, list(&not.cleanups))
                        }
                    },
                    $state::Stopping(stopping) => match tasks.poll(task, Pin::new(stopping)) {
                        Poll::Pending => "Pending".to_owned(),
                        Poll::Ready(failures) => {
                            self.state = $state::Over;
                            format!("Ready({})", list(&failures))
                        }
                    },
                    _ => return None,
                };
                Some(Step::of(outcome))
            }
        }

        impl Machine for $name {
            type Operation = Event;

            fn apply(&mut self, event: &Event) -> Option<Step> {
                let step = match *event {
                    Event::Poll(task) => self.poll(task)?,
                    Event::Ends(ends) => self.parts.ends(ends)?,
                    Event::Stop => self.stop()?,
                    Event::Drops => self.drops()?,
                    Event::Loop => self.parts.run_loop()?,
                };
                let phase = format!("{:?}", self.readiness.phase());
                Some(self.parts.tell(step).fact("phase", phase))
            }

            fn end(mut self) -> Step {
                let _step = self.drops();
                self.parts.event_loop.close();
                let alive = self.parts.works.alive() + self.parts.starts.alive();
                Step::of("dropped").fact("work", format!("{alive} alive"))
            }
        }
    };
}

machine!(Yours, YourState, super::super::subject);
machine!(Reference, ReferenceState, service::lifecycle);

#[derive(Default)]
struct Parts {
    script: Rc<Script>,
    works: DropCounter,
    /// Starts that were not dropped.
    starts: DropCounter,
    event_loop: Rc<ManualLoop>,
    tasks: Tasks,
}

impl Parts {
    fn work(&self, name: &'static str, what: &'static str) -> Work {
        Work {
            script: Rc::clone(&self.script),
            name,
            what,
            begun: false,
            over: false,
            _alive: match what {
                "start" => self.starts.token(),
                _ => self.works.token(),
            },
        }
    }

    fn ends(&self, ends: Ends) -> Option<Step> {
        let waker = self.script.waker.borrow().clone()?;
        if self.script.ends.get().is_some() {
            return None;
        }
        self.script.ends.set(Some(ends));
        waker.wake();
        Some(Step::of("returns"))
    }

    fn run_loop(&self) -> Option<Step> {
        (self.event_loop.kept() > 0).then(|| match self.event_loop.run() {
            true => Step::of("returns"),
            false => Step::of("does not come to rest"),
        })
    }

    /// The step, with what the parts have written down in it.
    fn tell(&mut self, step: Step) -> Step {
        let lines = self.script.log.take();
        let lines = match &lines[..] {
            [] => "none begins or ends".to_owned(),
            some => some.join(", "),
        };
        let starts = format!("{} alive", self.starts.alive());
        let kept = match self.event_loop.kept() {
            0 => "none".to_owned(),
            1 => "one".to_owned(),
            kept => kept.to_string(),
        };
        let step = self.tasks.tell(step).fact("parts", lines);
        step.absence("starts", starts)
            .absence("tasks of the loop", kept)
    }
}
