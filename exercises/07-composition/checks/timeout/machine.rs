//! A time-out as a machine, for the comparison of short runs.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use composition::{Deadline, Elapsed};
use event_loop::Time;
use probe::detect::{DropCounter, Token};
use probe::runs::{Machine, Step};
use probe_futures::runs::Tasks;
use probe_loop::HandClock;

use super::events::{Event, Limit};

#[derive(Clone, Copy, PartialEq)]
enum Act {
    Waits,
    Finishes,
    Breaks,
    Over,
}

/// What the future of a machine does in its next poll.
struct Script {
    act: Cell<Act>,
    polls: Cell<usize>,
    waker: RefCell<Option<Waker>>,
}

struct Acting {
    script: Rc<Script>,
    values: DropCounter,
    _alive: Token,
}

impl Future for Acting {
    type Output = Token;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Token> {
        let script = &self.script;
        script.polls.set(script.polls.get() + 1);
        assert!(
            script.polls.get() < 1_000,
            "one poll polled its future a thousand times"
        );
        match script.act.get() {
            Act::Finishes => {
                script.act.set(Act::Over);
                Poll::Ready(self.values.token())
            }
            Act::Breaks => {
                script.act.set(Act::Over);
                panic!("the future panics")
            }
            // After its end: it shows as a poll that the reference does not make.
            Act::Waits | Act::Over => {
                let _older = script.waker.replace(Some(context.waker().clone()));
                Poll::Pending
            }
        }
    }
}

impl Drop for Acting {
    fn drop(&mut self) {
        let _waker = self.script.waker.take();
    }
}

type Limited = Pin<Box<dyn Future<Output = Result<Token, Elapsed>>>>;

/// Carries out the events on a time-out.
pub(super) struct Runs {
    clock: HandClock,
    script: Rc<Script>,
    futures: DropCounter,
    values: DropCounter,
    tasks: Tasks,
    limited: Option<Limited>,
    ready: bool,
}

/// A machine on the time-outs of a module.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        pub(super) struct $name(Runs);

        impl $name {
            pub(super) fn new(limit: Limit, like_a_loop: bool) -> $name {
                let five = Time::START + Duration::from_secs(5);
                let clock = if like_a_loop { HandClock::like_a_loop(five) } else { HandClock::at(five) };
                $name(Runs::new(clock.clone(), |future| match limit {
                    Limit::Seconds(seconds) => Box::pin($($module)::+::timeout(&clock, Duration::from_secs(seconds), future)),
                    Limit::Past => {
                        let past = Deadline::at(Time::START + Duration::from_secs(1)).of("request");
                        Box::pin($($module)::+::timeout_at(&clock, past, future))
                    }
                    Limit::Never => Box::pin($($module)::+::timeout(&clock, Duration::MAX, future)),
                }))
            }
        }

        impl Machine for $name {
            type Operation = Event;

            fn apply(&mut self, event: &Event) -> Option<Step> {
                self.0.apply(*event)
            }

            fn end(self) -> Step {
                self.0.end()
            }
        }
    };
}

machine!(Yours, super::super::subject);
machine!(Reference, composition);

impl Runs {
    fn new(clock: HandClock, build: impl FnOnce(Acting) -> Limited) -> Runs {
        let script = Rc::new(Script {
            act: Cell::new(Act::Waits),
            polls: Cell::new(0),
            waker: RefCell::new(None),
        });
        let (futures, values) = (DropCounter::new(), DropCounter::new());
        let acting = Acting {
            script: Rc::clone(&script),
            values: values.clone(),
            _alive: futures.token(),
        };
        Runs {
            clock,
            script,
            futures,
            values,
            tasks: Tasks::new(),
            limited: Some(build(acting)),
            ready: false,
        }
    }

    fn apply(&mut self, event: Event) -> Option<Step> {
        let step = match event {
            Event::Poll(task) => self.poll(task)?,
            Event::Second => {
                self.clock.advance(Duration::from_secs(1));
                Step::of("returns")
            }
            Event::Finishes => self.acts(Act::Finishes)?,
            Event::Breaks => self.acts(Act::Breaks)?,
            Event::Drops => {
                self.tasks.stop_waiting();
                drop(self.limited.take()?);
                Step::of("returns")
            }
        };
        Some(self.tasks.tell(step))
    }

    fn poll(&mut self, task: usize) -> Option<Step> {
        let limited = self.limited.as_mut().filter(|_| !self.ready)?;
        self.script.polls.set(0);
        let outcome = match self.tasks.poll(task, limited.as_mut()) {
            Poll::Pending => "Pending".to_owned(),
            Poll::Ready(result) => {
                self.ready = true;
                match result {
                    Ok(_) => "Ready(Ok(value))".to_owned(),
                    Err(elapsed) => format!("Ready(Err({elapsed}))"),
                }
            }
        };
        let mut step = Step::of(outcome).absence(
            "time-out",
            match self.script.polls.get() {
                0 => "does not poll the future".to_owned(),
                1 => "polls the future".to_owned(),
                times => format!("polls the future {times} times"),
            },
        );
        if self.ready {
            let future = if self.futures.alive() > 0 {
                "is there"
            } else {
                "is dropped"
            };
            let timer = if self.clock.alive() > 0 {
                "is set"
            } else {
                "is removed"
            };
            step = step.absence("future", future).absence("timer", timer);
        }
        Some(step)
    }

    fn acts(&self, act: Act) -> Option<Step> {
        if self.script.act.get() != Act::Waits || self.futures.alive() == 0 {
            return None;
        }
        self.script.act.set(act);
        if let Some(waker) = self.script.waker.take() {
            waker.wake();
        }
        Some(Step::of("returns"))
    }

    fn end(mut self) -> Step {
        self.tasks.stop_waiting();
        drop(self.limited.take());
        let alive = |count: usize| format!("{count} alive");
        Step::of("dropped")
            .fact("futures", alive(self.futures.alive()))
            .fact("values", alive(self.values.alive()))
            .fact("timers", alive(self.clock.alive()))
            .fact("wakers", format!("{} kept", self.tasks.wakers_kept()))
    }
}
