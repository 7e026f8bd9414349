//! A drain with two works as a machine, for the comparison of short runs.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use event_loop::Timer;
use probe::detect::{DropCounter, Token};
use probe::runs::{Machine, Step};
use probe::{Recorder, panics};
use probe_futures::runs::Tasks;
use probe_futures::{Poller, poller};
use probe_loop::HandClock;

use super::events::Event;

#[derive(Clone, Copy, PartialEq, Default)]
enum Act {
    #[default]
    Waits,
    Ends,
    Breaks,
}

/// What work does in its next poll.
#[derive(Default)]
struct Script {
    act: Cell<Act>,
    waker: RefCell<Option<Waker>>,
}

pub(super) struct Work {
    script: Rc<Script>,
    _alive: Token,
}

impl Future for Work {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match self.script.act.get() {
            Act::Ends => Poll::Ready(()),
            Act::Breaks => panic!("the work panics"),
            Act::Waits => {
                let _older = self.script.waker.replace(Some(context.waker().clone()));
                Poll::Pending
            }
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let _waker = self.script.waker.take();
    }
}

/// What both machines have: works x and y, and the clock.
struct World {
    clock: HandClock,
    counter: DropCounter,
    scripts: [Rc<Script>; 2],
    pollers: [Poller; 2],
    admitted: usize,
    tasks: Tasks,
}

impl World {
    fn new() -> World {
        let recorder = Recorder::new();
        World {
            clock: HandClock::default(),
            counter: DropCounter::new(),
            scripts: <[Rc<Script>; 2]>::default(),
            pollers: ["x", "y"].map(|name| poller(&recorder, name)),
            admitted: 0,
            tasks: Tasks::new(),
        }
    }

    fn work(&mut self) -> Option<Work> {
        let script = Rc::clone(self.scripts.get(self.admitted)?);
        self.admitted += 1;
        Some(Work {
            script,
            _alive: self.counter.token(),
        })
    }

    fn acts(&self, work: usize, act: Act) -> Option<Step> {
        let script = &self.scripts[work];
        let waker = script.waker.take()?; // It was polled, and is pending.
        script.act.set(act);
        waker.wake();
        Some(Step::of("returns"))
    }
}

type Sleep = <HandClock as Timer>::Sleep;

macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        pub(super) struct $name {
            world: World,
            drain: $($module)::+::Drain,
            works: [Option<$($module)::+::Admitted<Work>>; 2],
            finish: Option<$($module)::+::Finish<Sleep>>,
            /// The wakes of the tasks of x and y before this step.
            woken: [usize; 2],
        }

        impl $name {
            pub(super) fn new() -> $name {
                $name {
                    world: World::new(),
                    drain: $($module)::+::Drain::new(),
                    works: [None, None],
                    finish: None,
                    woken: [0, 0],
                }
            }

            fn admit(&mut self) -> Option<Step> {
                let place = self.world.admitted;
                let work = self.world.work()?;
                Some(match self.drain.admit(work) {
                    Ok(admitted) => {
                        self.works[place] = Some(admitted);
                        Step::of("Ok")
                    }
                    Err(_work) => Step::of("Err(not admitted)"),
                })
            }

            fn poll_work(&mut self, place: usize) -> Option<Step> {
                let admitted = self.works[place].as_mut()?;
                let poller = &self.world.pollers[place];
                let breaks = self.world.scripts[place].act.get() == Act::Breaks;
                let polled = match breaks {
                    true => panics::expected(|| poller.poll(Pin::new(admitted))).ok(),
                    false => Some(poller.poll(Pin::new(admitted))),
                };
                self.woken[place] = poller.wakes();
                Some(match polled {
                    Some(Poll::Pending) => return Some(Step::of("Pending")),
                    Some(Poll::Ready(Ok(()))) => {
                        self.works[place] = None;
                        Step::of("Ready(Ok)")
                    }
                    Some(Poll::Ready(Err(_cut))) => {
                        self.works[place] = None;
                        Step::of("Ready(Err(Cut))")
                    }
                    None => {
                        self.works[place] = None;
                        Step::of("the work's panic, and then dropped")
                    }
                })
            }

            fn poll(&mut self, task: usize) -> Option<Step> {
                let finish = self.finish.as_mut()?;
                Some(match self.world.tasks.poll(task, Pin::new(finish)) {
                    Poll::Pending => Step::of("Pending"),
                    Poll::Ready(numbers) => {
                        self.finish = None;
                        Step::of(format!("Ready({numbers})"))
                    }
                })
            }

            fn begin(&mut self) -> Step {
                self.world.tasks.stop_waiting();
                self.finish = None;
                self.finish = Some(self.drain.finish(&self.world.clock, Duration::from_secs(1)));
                Step::of("returns")
            }
        }

        impl Machine for $name {
            type Operation = Event;

            fn apply(&mut self, event: &Event) -> Option<Step> {
                let mut step = match *event {
                    Event::Admit => self.admit()?,
                    Event::PollWork(place) => self.poll_work(place)?,
                    Event::Ends(place) => self.world.acts(place, Act::Ends)?,
                    Event::Breaks => self.world.acts(0, Act::Breaks)?,
                    Event::DropWork(place) => {
                        drop(self.works[place].take()?);
                        Step::of("returns")
                    }
                    Event::Finish => self.begin(),
                    Event::Poll(task) => self.poll(task)?,
                    Event::DropFinish => {
                        self.world.tasks.stop_waiting();
                        drop(self.finish.take()?);
                        Step::of("returns")
                    }
                    Event::Cut => {
                        self.drain.cut();
                        Step::of("returns")
                    }
                    Event::Second => {
                        self.world.clock.advance(Duration::from_secs(1));
                        Step::of("passes")
                    }
                };
                for (place, name) in ["task of x", "task of y"].into_iter().enumerate() {
                    let wakes = self.world.pollers[place].wakes();
                    if self.works[place].is_some() {
                        step = match wakes > self.woken[place] {
                            true => step.fact(name, "is woken"),
                            false => step.absence(name, "is not woken"),
                        };
                    }
                    self.woken[place] = wakes;
                }
                // That a task wakes itself in its own poll is the answer's own business.
                let told = self.world.tasks.tell(step.clone());
                let step = if matches!(event, Event::Poll(_)) { step } else { told };
                Some(step
                    .fact("numbers", self.drain.numbers().to_string())
                    .absence("work", format!("{} alive", self.world.counter.alive()))
                    .absence("token", format!("closing: {}", self.drain.closing().is_cancelled())))
            }

            fn end(mut self) -> Step {
                self.works = [None, None];
                self.finish = None;
                self.world.tasks.stop_waiting();
                let numbers = self.drain.numbers().to_string();
                drop(self.drain);
                let kept: usize = self.world.pollers.iter().map(|poller| poller.counts().alive).sum();
                Step::of("dropped")
                    .fact("numbers", numbers)
                    .fact("work", format!("{} alive", self.world.counter.alive()))
                    .fact("timers", format!("{} alive", self.world.clock.alive()))
                    .fact("wakers", format!("{} kept", self.world.tasks.wakers_kept() + kept))
            }
        }
    };
}

machine!(Yours, super::super::subject);
machine!(Reference, service::drain);
