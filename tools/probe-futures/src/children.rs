//! A future that drives children, for `probe::runs`: its children finish, wake and panic when the run says so.
//!
//! ```
//! use std::future::poll_fn;
//! use std::future::Future;
//! use std::pin::Pin;
//! use probe::{run, runs::Search};
//! use probe_futures::children::{Event, Family, Nursery, shown};
//!
//! async fn alone(nursery: &Nursery) -> String {
//!     shown(&nursery.child("inner").await)
//! }
//!
//! let family = || Family::new("alone", &["inner"], |nursery| {
//!     let nursery = nursery.clone();
//!     async move { alone(&nursery).await }
//! }, String::clone);
//! Search::of(&Event::alphabet(&["inner"])).up_to(4).compare(&run!(), family, family);
//! ```

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use probe::detect::{DropCounter, Token};
use probe::runs::{Known, Machine, Operation, Step};

use crate::runs::Tasks;

/// More polls of children in one operation than any right answer makes.
const FLOOD: usize = 1_000;

/// What can happen to a future and its children.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Task 0, A, or 1, B, polls the future.
    Poll(usize),
    /// A child has its result, and wakes the task that polled it last.
    Finishes(&'static str),
    /// A child wakes the task that polled it last, and has nothing.
    Wakes(&'static str),
    /// The next poll of a child panics; it wakes the task that polled it last.
    Breaks(&'static str),
}

impl Event {
    /// Everything that can happen where the children have these names.
    #[must_use]
    pub fn alphabet(children: &[&'static str]) -> Vec<Event> {
        let mut all = vec![Event::Poll(0), Event::Poll(1)];
        for event in [Event::Finishes, Event::Wakes, Event::Breaks] {
            all.extend(children.iter().map(|child| event(child)));
        }
        all
    }
}

/// The mistake of children or results that outlive their future.
pub const NEVER_DROPPED: Known<Event> = Known {
    mistake: "never-dropped",
    sentence: "The future is gone, and a child or a result of it is still alive: it was put where dropping does not reach.",
    shows: |difference| {
        let alive =
            |lane| difference.your_step().about(lane) != difference.expected_step().about(lane);
        difference.at_the_end() && (alive("children") || alive("results"))
    },
};

/// The mistake of a panic that does not pass through.
pub const PANIC_SWALLOWED: Known<Event> = Known {
    mistake: "panic-swallowed",
    sentence: "A child panicked, and the panic did not reach the caller: the future caught it and went on.",
    shows: |difference| {
        *difference.expected_step() == Step::panicked()
            && *difference.your_step() != Step::panicked()
    },
};

/// The mistake of a waker that outlives the future.
pub const WAKER_LEAKED: Known<Event> = Known {
    mistake: "waker-leaked",
    sentence: "The future is gone, and a waker with which it was polled was never dropped: its task stays in memory.",
    shows: |difference| {
        let same =
            |lane| difference.your_step().about(lane) == difference.expected_step().about(lane);
        difference.at_the_end() && same("children") && same("results") && !same("wakers")
    },
};

/// The names of the two tasks.
const TASKS: [&str; 2] = ["A", "B"];

impl Operation for Event {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Event::Poll(task) => TASKS[*task].into(),
            Event::Finishes(child) | Event::Wakes(child) | Event::Breaks(child) => (*child).into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Event::Poll(_) => "polls".into(),
            Event::Finishes(_) => "has its result, and wakes".into(),
            Event::Wakes(_) => "wakes, without a result".into(),
            Event::Breaks(_) => "wakes, and will panic".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Event::Poll(task) => format!("{} polled", TASKS[*task]).into(),
            Event::Finishes(child) => format!("{child} had its result and woke its task").into(),
            Event::Wakes(child) => format!("{child} woke its task without a result").into(),
            Event::Breaks(child) => {
                format!("{child} woke its task, and was going to panic when it was polled").into()
            }
        }
    }
}

/// Makes the children of one future. Clones are the same nursery.
#[derive(Clone, Default)]
pub struct Nursery {
    world: Rc<RefCell<World>>,
    children: DropCounter,
    results: DropCounter,
}

#[derive(Default)]
struct World {
    places: Vec<Place>,
    /// Which children were polled in the operation that is under way.
    polled: Vec<&'static str>,
}

struct Place {
    name: &'static str,
    state: State,
    waker: Option<Waker>,
    alive: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waits,
    Finished,
    Broken,
    Over,
}

impl Nursery {
    /// A child of this name: pending until it [finishes](Event::Finishes).
    #[must_use]
    pub fn child(&self, name: &'static str) -> Child {
        let mut world = self.world.borrow_mut();
        world.places.push(Place {
            name,
            state: State::Waits,
            waker: None,
            alive: true,
        });
        Child {
            place: world.places.len() - 1,
            nursery: self.clone(),
            _alive: self.children.token(),
            _pinned: PhantomPinned,
        }
    }

    /// The child of this name that was made last.
    fn place(&self, name: &str) -> Option<usize> {
        let world = self.world.borrow();
        world.places.iter().rposition(|place| place.name == name)
    }

    /// Moves a child that waits to another state, if it may, and wakes its task.
    fn happen(&self, name: &str, state: State, only_if_polled: bool) -> bool {
        let Some(place) = self.place(name) else {
            return false;
        };
        let waker = {
            let mut world = self.world.borrow_mut();
            let place = &mut world.places[place];
            let may = place.state == State::Waits && place.alive;
            if !may || (only_if_polled && place.waker.is_none()) {
                return false;
            }
            place.state = state;
            place.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }
}

/// A child, which must not move once it was polled. See [`Nursery::child`].
pub struct Child {
    place: usize,
    nursery: Nursery,
    _alive: Token,
    _pinned: PhantomPinned,
}

/// What a child is ready with: its name, and a value that is counted.
pub struct Output {
    name: &'static str,
    _alive: Token,
}

impl fmt::Debug for Output {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name)
    }
}

/// The result as text: the child's name.
#[must_use]
pub fn shown(output: &Output) -> String {
    output.name.to_owned()
}

impl Future for Child {
    type Output = Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Output> {
        let mut world = self.nursery.world.borrow_mut();
        let name = world.places[self.place].name;
        world.polled.push(name);
        assert!(
            world.polled.len() <= FLOOD,
            "one poll polled its children {FLOOD} times"
        );
        let place = &mut world.places[self.place];
        match place.state {
            State::Waits => {
                place.waker = Some(context.waker().clone());
                Poll::Pending
            }
            State::Finished => {
                place.state = State::Over;
                Poll::Ready(Output {
                    name,
                    _alive: self.nursery.results.token(),
                })
            }
            State::Broken => {
                place.state = State::Over;
                drop(world);
                panic!("{name} panics")
            }
            // Polled after it was ready: this shows as a poll that the reference does not make.
            State::Over => Poll::Pending,
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let waker = {
            let mut world = self.nursery.world.borrow_mut();
            let place = &mut world.places[self.place];
            place.alive = false;
            place.waker.take()
        };
        drop(waker);
    }
}

/// A future and its children, as a machine.
///
/// Contract events: the outcome; which children were polled, in which order; whether the latest task was woken; and what is alive when
/// all is dropped. Where that is asked for, also which children are alive when the future is ready.
pub struct Family<F: Future> {
    name: &'static str,
    names: &'static [&'static str],
    nursery: Nursery,
    tasks: Tasks,
    future: Option<Pin<Box<F>>>,
    show: fn(&F::Output) -> String,
    ready: bool,
    tells_children: Tells,
}

/// When a step says how many children are alive.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tells {
    AtTheEnd,
    WhenReady,
    Always,
}

impl<F: Future> Family<F> {
    /// A future that `build` makes of children with these names. `show` says what it is ready with.
    pub fn new(
        name: &'static str,
        names: &'static [&'static str],
        build: impl FnOnce(&Nursery) -> F,
        show: fn(&F::Output) -> String,
    ) -> Family<F> {
        let nursery = Nursery::default();
        let future = Some(Box::pin(build(&nursery)));
        Family {
            name,
            names,
            nursery,
            tasks: Tasks::new(),
            future,
            show,
            ready: false,
            tells_children: Tells::AtTheEnd,
        }
    }

    /// The same, where the contract says that the children are dropped when the future is ready.
    #[must_use]
    pub fn dropping_children_when_ready(mut self) -> Family<F> {
        self.tells_children = Tells::WhenReady;
        self
    }

    /// The same, where the contract says when each child is made and dropped.
    #[must_use]
    pub fn telling_which_children_are_alive(mut self) -> Family<F> {
        self.tells_children = Tells::Always;
        self
    }

    fn poll(&mut self, task: usize) -> Option<Step> {
        let future = self.future.as_mut().filter(|_| !self.ready)?;
        self.nursery.world.borrow_mut().polled.clear();
        let polled = self.tasks.poll(task, future.as_mut());
        let mut step = match &polled {
            Poll::Pending => Step::of("pending"),
            Poll::Ready(output) => {
                self.ready = true;
                Step::of(format!("ready({})", (self.show)(output)))
            }
        };
        drop(polled);
        for name in self.names {
            let polls = &self.nursery.world.borrow().polled;
            step = match polls.iter().filter(|polled| *polled == name).count() {
                0 => step.absence(*name, "is not polled"),
                1 => step.absence(*name, "is polled"),
                times => step.absence(*name, format!("is polled {times} times")),
            };
        }
        let order = self.nursery.world.borrow().polled.join(", then ");
        step = step.absence(self.name, format!("polls {order}"));
        if self.tells_children == Tells::Always
            || self.ready && self.tells_children == Tells::WhenReady
        {
            step = step.absence("children", self.alive());
        }
        Some(step)
    }

    fn alive(&self) -> String {
        format!("{} alive", self.nursery.children.alive())
    }
}

impl<F: Future> Machine for Family<F> {
    type Operation = Event;

    fn apply(&mut self, event: &Event) -> Option<Step> {
        let step = match *event {
            Event::Poll(task) => self.poll(task)?,
            Event::Finishes(child) => self.child(child, State::Finished, false)?,
            Event::Wakes(child) => self.child(child, State::Waits, true)?,
            Event::Breaks(child) => self.child(child, State::Broken, false)?,
        };
        Some(self.tasks.tell(step))
    }

    fn end(mut self) -> Step {
        let future = self.future.take();
        self.tasks.stop_waiting();
        drop(future);
        let children = self.alive();
        Step::of("dropped")
            .fact("children", children)
            .fact("results", format!("{} alive", self.nursery.results.alive()))
            .fact("wakers", format!("{} kept", self.tasks.wakers_kept()))
    }
}

impl<F: Future> Family<F> {
    fn child(&self, name: &str, state: State, only_if_polled: bool) -> Option<Step> {
        self.nursery
            .happen(name, state, only_if_polled)
            .then(|| Step::of("returns"))
    }
}
