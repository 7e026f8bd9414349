//! The machine that carries the steps out.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::AnyTask;
use super::future::FAILS;
use super::known::TOLD_EARLY;
use super::steps::{Act, Destructors, JOINERS, TaskStep};
use super::world::{Joiner, World, joined};
use crate::ManualLoop;
use event_loop::Spawn;
use probe::detect::DropCounter;
use probe::runs::{Machine, Step};

/// Carries out the steps on one task.
pub struct TaskMachine<T: AnyTask> {
    world: Rc<World<T>>,
    event_loop: Rc<ManualLoop>,
    pub(super) canceller: Box<dyn Fn()>,
    latest: Option<usize>,
    pub(super) seen: usize,
}

impl<T: AnyTask> TaskMachine<T> {
    /// A task that was spawned and not polled, whose destructors do this.
    #[must_use]
    pub fn new(destructors: Destructors) -> TaskMachine<T> {
        let alive = Arc::new(AtomicBool::new(true));
        let joiner = |_| {
            Arc::new(Joiner {
                wakes: AtomicUsize::new(0),
                early: AtomicBool::new(false),
                alive: Arc::clone(&alive),
            })
        };
        let world = Rc::new(World {
            handle: RefCell::new(None),
            next: Cell::new(Act::Waits),
            destructors,
            polled: RefCell::default(),
            dropped: RefCell::default(),
            waker: RefCell::default(),
            joiners: [0, 1].map(joiner),
            alive,
            joined_inside: Cell::new(false),
            values: DropCounter::new(),
        });
        let event_loop = Rc::new(ManualLoop::default());
        let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
        let task = T::spawn(&spawn, world.future());
        drop(spawn);
        let canceller = task.canceller();
        world.handle.replace(Some(task));
        TaskMachine {
            world,
            event_loop,
            canceller,
            latest: None,
            seen: 0,
        }
    }

    pub(super) fn outcome(&mut self, step: TaskStep) -> Option<Cow<'static, str>> {
        let world = &self.world;
        Some(match step {
            TaskStep::Turn(act) => {
                let gone = !world.alive.load(Ordering::Relaxed);
                if self.event_loop.is_closed() || (gone && act != Act::Waits) {
                    return None;
                }
                if matches!(act, Act::CancelsAnd(_) | Act::DropsItsHandleAnd(_))
                    && world.handle.borrow().is_none()
                {
                    return None;
                }
                world.next.set(act);
                if let Some(waker) = world.waker.take() {
                    waker.wake();
                }
                let quiet = self.event_loop.run();
                let mut polled = world.polled.take();
                if self.event_loop.take_panics() > 0 {
                    polled.push("the panic reaches the loop".to_owned());
                }
                match (quiet, &polled[..]) {
                    (false, _) => "polls without end".into(),
                    (true, []) => "the future is not polled".into(),
                    (true, polled) => polled.join("; ").into(),
                }
            }
            TaskStep::Join(joiner) => {
                let mut handle = world.handle.borrow_mut();
                let task = handle.as_mut()?;
                let polled = world.join(task, joiner);
                self.latest = polled.is_pending().then_some(joiner);
                self.seen = world.joiners[joiner].wakes.load(Ordering::Relaxed);
                joined(polled).into()
            }
            TaskStep::Cancel => {
                let handle = world.handle.borrow();
                handle.as_ref()?.cancel().to_string().into()
            }
            TaskStep::CancelRemotely => {
                world.handle.borrow().as_ref()?;
                (self.canceller)();
                "returns".into()
            }
            TaskStep::DropHandle => {
                let handle = world.handle.take()?;
                self.latest = None;
                drop(handle);
                "returns".into()
            }
            TaskStep::Detach => {
                let handle = world.handle.take()?;
                self.latest = None;
                handle.detach();
                "returns".into()
            }
            TaskStep::Close => {
                if self.event_loop.is_closed() {
                    return None;
                }
                self.event_loop.close();
                "returns".into()
            }
        })
    }

    fn facts(&mut self, step: Step) -> Step {
        let world = &self.world;
        if world.joined_inside.take() {
            self.latest = Some(1);
            self.seen = 0;
        }
        if world
            .handle
            .try_borrow()
            .is_ok_and(|handle| handle.is_none())
        {
            self.latest = None;
        }
        let alive = world.alive.load(Ordering::Relaxed);
        let mut step = step.fact("future", if alive { "is there" } else { "is dropped" });
        if let Some(dropped) = world.dropped.take() {
            step = step.fact("destructors", dropped);
        }
        let over = world.handle.borrow().as_ref().map(AnyTask::is_over);
        if let Some(over) = over {
            step = step.absence(
                "task",
                if over {
                    "has finished"
                } else {
                    "has not finished"
                },
            );
        }
        for (place, name) in JOINERS.into_iter().enumerate() {
            let joiner = &world.joiners[place];
            if joiner.early.load(Ordering::Relaxed) {
                step = step.fact(name, TOLD_EARLY);
            } else if self.latest == Some(place) && over == Some(true) {
                let woken = joiner.wakes.load(Ordering::Relaxed) > self.seen;
                step = step.absence(name, if woken { "is woken" } else { "is not woken" });
            } else {
                step = step.absence(name, "");
            }
        }
        step
    }

    /// What the loop keeps and was told: after it has run.
    fn loop_facts(&self, step: Step) -> Step {
        let reports = self.event_loop.reports();
        let named = reports.iter().all(|report| report.contains(FAILS));
        let said = match (reports.len(), named) {
            (0, _) => "reports nothing".to_owned(),
            (1, true) => "reports the panic".to_owned(),
            (1, false) => "reports something that does not name the panic".to_owned(),
            (several, _) => format!("reports {several} times"),
        };
        let kept = self.event_loop.kept();
        step.absence("the loop's list", format!("holds {kept} tasks"))
            .absence("the loop's report", said)
    }
}

impl<T: AnyTask> Machine for TaskMachine<T> {
    type Operation = TaskStep;

    fn apply(&mut self, operation: &TaskStep) -> Option<Step> {
        let outcome = self.outcome(*operation)?;
        let step = self.facts(Step::of(outcome));
        Some(match operation {
            TaskStep::Turn(_) => self.loop_facts(step),
            _ => step,
        })
    }

    fn end(mut self) -> Step {
        self.event_loop.run();
        let handle = self.world.handle.take();
        drop(handle);
        self.event_loop.run();
        self.event_loop.close();
        let step = self.facts(Step::of("everything is dropped"));
        let step = self.loop_facts(step);
        self.world.waker.take();
        let wakers: usize = (self.world.joiners.iter())
            .map(|joiner| Arc::strong_count(joiner) - 1)
            .sum();
        let spawns = Rc::strong_count(&self.event_loop) - 1;
        step.absence("outputs", format!("{} alive", self.world.values.alive()))
            .absence("joiners' wakers", format!("{wakers} kept"))
            .absence(
                "the task's memory",
                if spawns == 0 {
                    "is freed"
                } else {
                    "is not freed"
                },
            )
    }
}
