//! A wait as a machine, for the comparison of short runs.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use composition::{Request, Requests};
use event_loop::Time;
use probe::detect::{DropCounter, Token};
use probe::runs::{Machine, Step};
use probe_futures::runs::Tasks;
use probe_loop::HandClock;

use super::events::Event;

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
        match script.act.get() {
            Act::Finishes => {
                script.act.set(Act::Over);
                Poll::Ready(self.values.token())
            }
            Act::Breaks => {
                script.act.set(Act::Over);
                panic!("the future panics")
            }
            Act::Waits => {
                let _older = script.waker.replace(Some(context.waker().clone()));
                Poll::Pending
            }
            Act::Over => panic!("the future was polled after it was ready"),
        }
    }
}

impl Drop for Acting {
    fn drop(&mut self) {
        let _waker = self.script.waker.take();
    }
}

type Waiting = Pin<Box<dyn Future<Output = Result<Token, String>>>>;

/// Carries out the events on a wait of one second.
pub(super) struct Runs {
    clock: HandClock,
    requests: Requests,
    asked: usize,
    script: Rc<Script>,
    futures: DropCounter,
    values: DropCounter,
    tasks: Tasks,
    waiting: Option<Waiting>,
    ready: bool,
}

/// A machine on the waits of a module.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        pub(super) struct $name(Runs);

        impl $name {
            pub(super) fn new(like_a_loop: bool) -> $name {
                let clock = match like_a_loop {
                    true => HandClock::like_a_loop(Time::START),
                    false => HandClock::default(),
                };
                $name(Runs::new(clock.clone(), |requests, future| Box::pin(async move {
                    let second = Duration::from_secs(1);
                    let result = $($module)::+::wait_for(&clock, second, &requests, future).await;
                    result.map_err(|stopped| stopped.to_string())
                })))
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
    fn new(clock: HandClock, build: impl FnOnce(Requests, Acting) -> Waiting) -> Runs {
        let script = Rc::new(Script {
            act: Cell::new(Act::Waits),
            waker: RefCell::new(None),
        });
        let (futures, values, requests) = (DropCounter::new(), DropCounter::new(), Requests::new());
        let acting = Acting {
            script: Rc::clone(&script),
            values: values.clone(),
            _alive: futures.token(),
        };
        Runs {
            waiting: Some(build(requests.clone(), acting)),
            clock,
            requests,
            asked: 0,
            script,
            futures,
            values,
            tasks: Tasks::new(),
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
            Event::Asks => {
                let reason = *["request 1", "request 2"].get(self.asked)?;
                self.asked += 1;
                self.requests.push(reason);
                Step::of("returns")
            }
            Event::Drops => {
                self.tasks.stop_waiting();
                drop(self.waiting.take()?);
                Step::of("returns")
            }
        };
        let waiting: Vec<&str> = (self.requests.waiting().iter())
            .map(|Request(reason)| *reason)
            .collect();
        let waiting = match &waiting[..] {
            [] => "none waits".to_owned(),
            some => format!("waiting: {}", some.join(", ")),
        };
        Some(self.tasks.tell(step).fact("requests", waiting))
    }

    fn poll(&mut self, task: usize) -> Option<Step> {
        let waiting = self.waiting.as_mut().filter(|_| !self.ready)?;
        let outcome = match self.tasks.poll(task, waiting.as_mut()) {
            Poll::Pending => "Pending".to_owned(),
            Poll::Ready(result) => {
                self.ready = true;
                match result {
                    Ok(_) => "Ready(Ok(value))".to_owned(),
                    Err(stopped) => format!("Ready(Err({stopped}))"),
                }
            }
        };
        let mut step = Step::of(outcome);
        if self.ready {
            let there = |is: bool| if is { "is there" } else { "is dropped" };
            step = step
                .absence("future", there(self.futures.alive() > 0))
                .absence("timer", there(self.clock.alive() > 0));
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
        drop(self.waiting.take());
        let alive = |count: usize| format!("{count} alive");
        Step::of("dropped")
            .fact("futures", alive(self.futures.alive()))
            .fact("values", alive(self.values.alive()))
            .fact("timers", alive(self.clock.alive()))
            .fact("wakers", format!("{} kept", self.tasks.wakers_kept()))
    }
}
