//! Runs of a group of tasks: every short one, and schedules from a seed.
//!
//! The machine knows a group only as [`AnyGroup`], so a check makes it twice: on the learner's type and on the reference. The loop is
//! [`ManualLoop`], and the task that polls the group polls it when it was woken, as on any loop. So which wakes an answer makes is its
//! own business, and one that is missing shows as a group that is not polled.
//!
//! What it compares: what each poll of the group returns; whether the body, each child and each cleanup is still there; what is left
//! when everything was dropped. [`schedule`] makes a long random run and judges it by the rules of a group alone.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use event_loop::Spawn;
use probe::detect::{DropCounter, Token};
use probe::panics;
use probe::runs::{Known, Machine, Operation, Step};

use crate::ManualLoop;

pub use schedule::schedule;

mod schedule;

/// What the machine needs of a group.
pub trait AnyGroup: Sized {
    /// What starts children.
    type Handle: AnyHandle;
    /// `task_group`.
    fn start(
        spawn: &Rc<dyn Spawn>,
        body: impl FnOnce(Self::Handle) -> Scripted<Self::Handle>,
    ) -> Self;
    /// Polls the group.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<End>;
}

/// What the machine needs of a group's handle.
pub trait AnyHandle: Clone + 'static {
    /// `Group::spawn`. The child's value is dropped.
    fn spawn(&self, child: Scripted<Self>);
    /// `Group::spawner`.
    fn spawner(&self) -> Rc<dyn Spawn>;
}

/// How a group ended: with its body's value, or with these failures, each in words: see [`message`](Fault::message).
pub type End = Result<Token, Vec<String>>;

/// What a body or a child that fails returns.
#[derive(Debug)]
pub struct Fault {
    message: String,
    _alive: Token,
}

impl Fault {
    /// `c1 fails`.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// What a body, a child or a cleanup does in its next poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Returns `Pending`.
    Waits,
    /// Returns `Ready`, with `Ok`.
    Finishes,
    /// Returns `Ready`, with an error.
    Fails,
    /// Panics.
    Panics,
    /// Spawns a child in the group and returns `Pending`.
    Spawns,
}

/// What the destructors of a body or child do that is dropped before it has finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destructors {
    /// Nothing.
    Quiet,
    /// Spawn cleanup through the group's spawner.
    CleanUp,
    /// Spawn a child in the group.
    SpawnAChild,
    /// Panic.
    Panic,
}

impl Destructors {
    /// All of them.
    pub const ALL: [Destructors; 4] = [
        Destructors::Quiet,
        Destructors::CleanUp,
        Destructors::SpawnAChild,
        Destructors::Panic,
    ];
}

/// One step of a short run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupStep {
    /// The task that polled the group last polls it again, if it was woken.
    Turn,
    /// Another task polls it, though nothing has woken that one.
    PolledByB,
    /// The event happens for which the body waits. It acts when the group is polled.
    Body(Act),
    /// The event happens for which child 1 or 2 waits, and the loop runs.
    Child(usize, Act),
    /// The event happens for which the oldest cleanup waits, and the loop runs.
    Cleanup(Act),
    /// The group is dropped.
    Drop,
}

/// Every step of the alphabet.
pub const ALPHABET: [GroupStep; 15] = [
    GroupStep::Turn,
    GroupStep::Child(0, Act::Finishes),
    GroupStep::Child(1, Act::Finishes),
    GroupStep::Body(Act::Finishes),
    GroupStep::Child(0, Act::Fails),
    GroupStep::Child(1, Act::Fails),
    GroupStep::Body(Act::Fails),
    GroupStep::Child(1, Act::Panics),
    GroupStep::Body(Act::Panics),
    GroupStep::PolledByB,
    GroupStep::Drop,
    GroupStep::Child(0, Act::Spawns),
    GroupStep::Body(Act::Spawns),
    GroupStep::Cleanup(Act::Finishes),
    GroupStep::Cleanup(Act::Panics),
];

impl Operation for GroupStep {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            GroupStep::Turn => "A".into(),
            GroupStep::PolledByB => "B".into(),
            GroupStep::Body(_) => "body".into(),
            GroupStep::Child(place, _) => format!("c{}", place + 1).into(),
            GroupStep::Cleanup(_) => "cleanup".into(),
            GroupStep::Drop => "owner".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            GroupStep::Turn => "polls the group, if it was woken".into(),
            GroupStep::PolledByB => "polls the group".into(),
            GroupStep::Body(act) => format!("is woken, and next {}", act.in_words()).into(),
            GroupStep::Child(_, act) | GroupStep::Cleanup(act) => act.in_words().into(),
            GroupStep::Drop => "drops the group".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            GroupStep::Turn => "the task of the group polled it, if it was woken".into(),
            GroupStep::PolledByB => "task B polled the group".into(),
            GroupStep::Body(act) => {
                format!("the body was woken; in its next poll it {}", act.in_words()).into()
            }
            GroupStep::Child(place, act) => {
                format!("child c{} {}", place + 1, act.in_the_past()).into()
            }
            GroupStep::Cleanup(act) => format!("the oldest cleanup {}", act.in_the_past()).into(),
            GroupStep::Drop => "the group was dropped".into(),
        }
    }
}

impl Act {
    fn in_words(self) -> &'static str {
        match self {
            Act::Waits => "waits",
            Act::Finishes => "finishes",
            Act::Fails => "fails",
            Act::Panics => "panics",
            Act::Spawns => "spawns a child",
        }
    }

    fn in_the_past(self) -> &'static str {
        match self {
            Act::Waits => "waited",
            Act::Finishes => "finished",
            Act::Fails => "failed",
            Act::Panics => "panicked",
            Act::Spawns => "spawned a child",
        }
    }
}

/// The known mistakes that show in a short run without doubt.
pub const KNOWN: [Known<GroupStep>; 7] = [
    Known {
        mistake: "orphaned",
        sentence: "The group has ended, and a child of it is still there.",
        shows: |difference| {
            let over = difference.your_step().outcome().starts_with("Ready")
                || difference
                    .operation()
                    .is_none_or(|step| *step == GroupStep::Drop);
            over && still_there(difference, "children")
        },
    },
    Known {
        mistake: "siblings-go-on",
        sentence: "A failure was there when the group was polled, and after that poll another child was not cancelled.",
        shows: |difference| {
            difference.your_step().outcome() == "Pending" && still_there(difference, "children")
        },
    },
    Known {
        mistake: "body-goes-on",
        sentence: "A failure was there when the group was polled, and after that poll the body was still there.",
        shows: |difference| {
            let body = !difference.at_the_end() && still_there(difference, "body");
            body && !still_there(difference, "children")
        },
    },
    Known {
        mistake: "body-goes-on",
        sentence: "A failure was there when the group was polled, and the body was polled once more: the group returned its failure, too.",
        shows: |difference| {
            let fails = |step: &Step| {
                step.outcome().starts_with("Ready(Err") && step.outcome().contains("the body fails")
            };
            fails(difference.your_step())
                && difference
                    .expected_step()
                    .outcome()
                    .starts_with("Ready(Err")
                && !fails(difference.expected_step())
        },
    },
    Known {
        mistake: "one-error-hides-another",
        sentence: "The group had more failures than it returned.",
        shows: |difference| {
            let count = |step: &Step| step.outcome().matches([';', '[']).count();
            let (yours, expected) = (difference.your_step(), difference.expected_step());
            let failed = |step: &Step| step.outcome().starts_with("Ready(Err");
            failed(yours) && failed(expected) && count(yours) < count(expected)
        },
    },
    Known {
        mistake: "cleanup-not-waited-for",
        sentence: "The group is ready, and cleanup that was spawned through its spawner has not finished.",
        shows: |difference| {
            difference.your_step().outcome().starts_with("Ready")
                && difference.expected_step().outcome() == "Pending"
                && still_at_work(difference)
        },
    },
    Known {
        mistake: "cleanup-cancelled",
        sentence: "Cleanup that was spawned through the group's spawner was dropped, and it had not finished.",
        shows: |difference| {
            let expected = difference.expected_step().about("cleanups");
            difference.your_step().about("cleanups") == Some("none")
                && expected.is_some_and(|cleanups| cleanups != "none")
        },
    },
];

/// Whether cleanup is at work on the learner's side.
fn still_at_work(difference: &probe::runs::Difference<GroupStep>) -> bool {
    let cleanups = difference.your_step().about("cleanups");
    cleanups.is_some_and(|cleanups| cleanups != "none")
}

/// Whether something is there on the learner's side alone. After a panic nothing is known of it.
fn still_there(difference: &probe::runs::Difference<GroupStep>, lane: &str) -> bool {
    let is_gone = |step: &Step| {
        let about = step.about(lane)?;
        Some(matches!(about, "none" | "is dropped"))
    };
    let (yours, expected) = (difference.your_step(), difference.expected_step());
    is_gone(yours) == Some(false) && is_gone(expected) == Some(true)
}

/// A body, a child or a cleanup: it does what the machine says.
pub struct Scripted<H: AnyHandle> {
    world: Rc<World<H>>,
    member: Rc<Member>,
}

impl<H: AnyHandle> Future for Scripted<H> {
    type Output = Result<Token, Fault>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.world.poll(&self.member, context)
    }
}

impl<H: AnyHandle> Drop for Scripted<H> {
    fn drop(&mut self) {
        self.world.dropped(&self.member);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Body,
    Child,
    Cleanup,
}

struct Member {
    name: String,
    role: Role,
    destructors: Destructors,
    next: Cell<Act>,
    waker: RefCell<Option<Waker>>,
    alive: Cell<bool>,
    finished: Cell<bool>,
}

impl Member {
    /// Its event happens: it does this in its next poll.
    fn wake(&self, act: Act) {
        self.next.set(act);
        let waker = self.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// What happens in one group.
struct World<H> {
    handle: RefCell<Option<H>>,
    members: RefCell<Vec<Rc<Member>>>,
    /// What destructors do in members that are made from now on.
    destructors: Cell<Destructors>,
    values: DropCounter,
    /// Failures so far, and panics of destructors.
    failures: Cell<usize>,
}

impl<H: AnyHandle> World<H> {
    fn new(destructors: Destructors) -> Rc<World<H>> {
        Rc::new(World {
            handle: RefCell::new(None),
            members: RefCell::default(),
            destructors: Cell::new(destructors),
            values: DropCounter::new(),
            failures: Cell::new(0),
        })
    }

    fn member(self: &Rc<Self>, role: Role) -> Scripted<H> {
        let mut members = self.members.borrow_mut();
        let number = members.iter().filter(|member| member.role == role).count() + 1;
        let member = Rc::new(Member {
            name: match role {
                Role::Body => "the body".to_owned(),
                Role::Child => format!("c{number}"),
                Role::Cleanup => format!("cleanup {number}"),
            },
            role,
            destructors: match role {
                Role::Cleanup => Destructors::Quiet,
                Role::Body | Role::Child => self.destructors.get(),
            },
            next: Cell::new(Act::Waits),
            waker: RefCell::default(),
            alive: Cell::new(true),
            finished: Cell::new(false),
        });
        members.push(Rc::clone(&member));
        Scripted {
            world: Rc::clone(self),
            member,
        }
    }

    fn alive(&self, role: Role) -> Vec<Rc<Member>> {
        let members = self.members.borrow();
        let alive = |member: &&Rc<Member>| member.role == role && member.alive.get();
        members.iter().filter(alive).cloned().collect()
    }

    fn handle(&self) -> Option<H> {
        self.handle.borrow().clone()
    }

    fn failed(&self) {
        self.failures.set(self.failures.get() + 1);
    }

    fn spawns(self: &Rc<Self>) {
        if let Some(handle) = self.handle() {
            let child = self.member(Role::Child);
            handle.spawn(child);
        }
    }

    fn cleans_up(self: &Rc<Self>) {
        if let Some(handle) = self.handle() {
            let cleanup = self.member(Role::Cleanup);
            let spawner = handle.spawner();
            spawner.spawn_boxed(Box::pin(async move {
                let _ = cleanup.await;
            }));
        }
    }

    fn poll(
        self: &Rc<Self>,
        member: &Member,
        context: &mut Context<'_>,
    ) -> Poll<Result<Token, Fault>> {
        member.waker.replace(Some(context.waker().clone()));
        let act = member.next.replace(Act::Waits);
        member
            .finished
            .set(!matches!(act, Act::Waits | Act::Spawns));
        match act {
            Act::Waits => Poll::Pending,
            Act::Spawns => {
                self.spawns();
                Poll::Pending
            }
            Act::Finishes => Poll::Ready(Ok(self.values.token())),
            // The output of a cleanup is `()`.
            Act::Fails if member.role == Role::Cleanup => Poll::Ready(Ok(self.values.token())),
            Act::Fails => {
                self.failed();
                Poll::Ready(Err(Fault {
                    message: format!("{} fails", member.name),
                    _alive: self.values.token(),
                }))
            }
            Act::Panics => {
                self.failed();
                panic!("{} panics", member.name)
            }
        }
    }

    fn dropped(self: &Rc<Self>, member: &Member) {
        let finished = member.finished.get();
        drop(member.waker.take());
        match member.destructors {
            _ if finished => {}
            Destructors::Quiet => {}
            Destructors::CleanUp => self.cleans_up(),
            // The new child is dropped as well, and its destructors must not start another.
            Destructors::SpawnAChild => {
                let before = self.destructors.replace(Destructors::Quiet);
                self.spawns();
                self.destructors.set(before);
            }
            Destructors::Panic => {
                member.alive.set(false);
                self.failed();
                panic!("a destructor panics");
            }
        }
        member.alive.set(false);
    }
}

/// The task that polls the group: whether it was woken since its last poll.
#[derive(Default)]
struct Waiter(AtomicBool);

impl Wake for Waiter {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Carries out the steps on one group.
pub struct GroupMachine<G: AnyGroup> {
    world: Rc<World<G::Handle>>,
    event_loop: Rc<ManualLoop>,
    group: Option<G>,
    waiters: [Arc<Waiter>; 2],
    latest: usize,
    ended: bool,
    value: Option<Token>,
}

/// More polls in a row than any right group takes.
const POLLS: usize = 50;

impl<G: AnyGroup> GroupMachine<G> {
    /// A group with a body and two children, each of which was polled once. Their destructors do this.
    #[must_use]
    pub fn new(destructors: Destructors) -> GroupMachine<G> {
        let mut machine = GroupMachine::with_children(World::new(destructors), 2);
        machine.event_loop.run();
        machine.waiters[0].0.store(true, Ordering::Relaxed);
        machine.turn();
        machine
    }

    fn with_children(world: Rc<World<G::Handle>>, children: usize) -> GroupMachine<G> {
        let event_loop = Rc::new(ManualLoop::default());
        let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
        let group = G::start(&spawn, |handle| {
            world.handle.replace(Some(handle));
            for _ in 0..children {
                world.spawns();
            }
            world.member(Role::Body)
        });
        GroupMachine {
            world,
            event_loop,
            group: Some(group),
            waiters: [Arc::default(), Arc::default()],
            latest: 0,
            ended: false,
            value: None,
        }
    }

    /// Polls the group as long as its task is woken.
    fn turn(&mut self) -> Cow<'static, str> {
        for _ in 0..POLLS {
            if !self.waiters[self.latest].0.swap(false, Ordering::Relaxed) {
                return "Pending".into();
            }
            if let Some(end) = self.poll(self.latest) {
                return end.into();
            }
        }
        "wakes itself without end".into()
    }

    /// `Ready`, in words.
    fn poll(&mut self, waiter: usize) -> Option<String> {
        self.latest = waiter;
        let waker = Waker::from(Arc::clone(&self.waiters[waiter]));
        let group = self.group.as_mut()?;
        let polled = group.poll(&mut Context::from_waker(&waker));
        self.event_loop.run();
        let Poll::Ready(end) = polled else {
            return None;
        };
        self.ended = true;
        Some(match end {
            Ok(value) => {
                self.value = Some(value);
                "Ready(Ok)".to_owned()
            }
            Err(failures) => format!("Ready(Err([{}]))", failures.join("; ")),
        })
    }

    fn outcome(&mut self, step: GroupStep) -> Option<Cow<'static, str>> {
        let happens = |member: Option<Rc<Member>>, act: Act| {
            let member = member.filter(|member| member.next.get() == Act::Waits)?;
            member.wake(act);
            Some(())
        };
        match step {
            GroupStep::Turn if self.ended => return None,
            GroupStep::Turn | GroupStep::PolledByB if self.group.is_none() => return None,
            GroupStep::Turn => return Some(self.turn()),
            GroupStep::PolledByB => {
                self.waiters[1].0.store(true, Ordering::Relaxed);
                self.latest = 1;
                return Some(self.turn());
            }
            GroupStep::Body(act) => happens(self.world.alive(Role::Body).pop(), act)?,
            GroupStep::Child(place, act) => {
                let name = format!("c{}", place + 1);
                let mut children = self.world.alive(Role::Child);
                children.retain(|member| member.name == name);
                happens(children.pop(), act)?;
            }
            GroupStep::Cleanup(act) => {
                happens(self.world.alive(Role::Cleanup).first().cloned(), act)?;
            }
            GroupStep::Drop => {
                let group = self.group.take()?;
                // A destructor of the body may panic. Whether that leaves the drop is not specified.
                let _ = panics::expected(|| drop(group));
            }
        }
        let returned = if self.event_loop.run() {
            "done"
        } else {
            "the loop polls without end"
        };
        Some(returned.into())
    }

    fn facts(&self, step: Step) -> Step {
        let names = |role| {
            let alive = self.world.alive(role);
            let names: Vec<_> = alive.iter().map(|member| &*member.name).collect();
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            }
        };
        let body = self.world.alive(Role::Body).is_empty();
        step.fact("body", if body { "is dropped" } else { "is there" })
            .fact("children", names(Role::Child))
            .fact("cleanups", names(Role::Cleanup))
    }
}

impl<G: AnyGroup> Machine for GroupMachine<G> {
    type Operation = GroupStep;

    fn apply(&mut self, operation: &GroupStep) -> Option<Step> {
        let outcome = self.outcome(*operation)?;
        Some(self.facts(Step::of(outcome)))
    }

    fn end(mut self) -> Step {
        let group = self.group.take();
        let _ = panics::expected(|| drop(group));
        self.event_loop.run();
        let step = self.facts(Step::of("everything is dropped"));
        for cleanup in self.world.alive(Role::Cleanup) {
            cleanup.wake(Act::Finishes);
        }
        self.event_loop.run();
        let kept = self.event_loop.kept();
        self.event_loop.close();
        drop((self.world.handle.take(), self.value.take()));
        let spawns = Rc::strong_count(&self.event_loop) - 1;
        let wakers: usize = (self.waiters.iter())
            .map(|waiter| Arc::strong_count(waiter) - 1)
            .sum();
        let freed = if spawns == 0 {
            "is freed"
        } else {
            "is not freed"
        };
        step.absence("the loop's list", format!("holds {kept} tasks"))
            .absence(
                "values and errors",
                format!("{} alive", self.world.values.alive()),
            )
            .absence("the waiters' wakers", format!("{wakers} kept"))
            .absence("the group's memory", freed)
    }
}
