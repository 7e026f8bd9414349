//! Children that do what the test says, and the polls of a set.

use std::cell::RefCell;
use std::future::Future;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures::Stream;
use probe::detect::{DropCounter, Token};
use probe::{Recorder, Run};
use probe_futures::Poller;

/// More polls of children in one poll of the set than any right answer makes.
const FLOOD: usize = 1_000;

/// The children of one set. Clones are the same.
#[derive(Clone)]
pub(super) struct World {
    recorder: Recorder,
    children: Rc<RefCell<Vec<State>>>,
    /// Who was polled since it was last asked.
    polled: Rc<RefCell<Vec<&'static str>>>,
    alive: DropCounter,
}

struct State {
    name: &'static str,
    next: Next,
    /// That of its latest poll. It is kept when the child has left.
    waker: Option<Waker>,
    wakes_itself: bool,
    in_its_poll: Option<Box<dyn FnOnce()>>,
    when_dropped: Option<Box<dyn FnOnce()>>,
}

/// What the next poll of a child comes to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Waits,
    Ready,
    Panics,
    Over,
}

/// A child: ready with its name when the test says so.
pub(super) struct Child {
    number: usize,
    world: World,
    _alive: Token,
    _pinned: PhantomPinned,
}

impl World {
    pub(super) fn new(recorder: &Recorder) -> World {
        World {
            recorder: recorder.clone(),
            children: Rc::default(),
            polled: Rc::default(),
            alive: DropCounter::new(),
        }
    }

    /// A child that waits.
    pub(super) fn child(&self, name: &'static str) -> Child {
        let mut children = self.children.borrow_mut();
        children.push(State {
            name,
            next: Next::Waits,
            waker: None,
            wakes_itself: false,
            in_its_poll: None,
            when_dropped: None,
        });
        Child {
            number: children.len() - 1,
            world: self.clone(),
            _alive: self.alive.token(),
            _pinned: PhantomPinned,
        }
    }

    fn with<T>(&self, name: &str, change: impl FnOnce(&mut State) -> T) -> T {
        let mut children = self.children.borrow_mut();
        let child = children.iter_mut().rev().find(|child| child.name == name);
        change(child.expect("it was made"))
    }

    /// The child has its output, and calls the waker of its latest poll.
    pub(super) fn finishes(&self, name: &'static str) {
        self.with(name, |child| child.next = Next::Ready);
        self.wake_as(name, "has its output, and wakes");
    }

    /// The child calls the waker of its latest poll, and has nothing. It may have left the set.
    pub(super) fn wakes(&self, name: &'static str) {
        self.wake_as(name, "wakes");
    }

    fn wake_as(&self, name: &'static str, what: &str) {
        let waker = self.with(name, |child| child.waker.clone());
        let call = self.recorder.enters(name, what);
        if let Some(waker) = waker {
            waker.wake();
        }
        call.returns("done");
    }

    /// The next poll of the child panics.
    pub(super) fn will_panic(&self, name: &str) {
        self.with(name, |child| child.next = Next::Panics);
    }

    /// The child wakes itself in its next poll, which may be pending, ready or panic.
    pub(super) fn will_wake_itself(&self, name: &str) {
        self.with(name, |child| child.wakes_itself = true);
    }

    /// Does this in the middle of the child's next poll.
    pub(super) fn in_its_poll(&self, name: &str, hook: impl FnOnce() + 'static) {
        self.with(name, |child| child.in_its_poll = Some(Box::new(hook)));
    }

    /// Does this when the child is dropped.
    pub(super) fn when_dropped(&self, name: &str, hook: impl FnOnce() + 'static) {
        self.with(name, |child| child.when_dropped = Some(Box::new(hook)));
    }

    /// The waker of the child's latest poll.
    pub(super) fn waker(&self, name: &str) -> Option<Waker> {
        self.with(name, |child| child.waker.clone())
    }

    /// Whether there is a child of this name that still waits.
    pub(super) fn waits(&self, name: &str) -> bool {
        let children = self.children.borrow();
        let child = children.iter().rev().find(|child| child.name == name);
        child.is_some_and(|child| child.next == Next::Waits)
    }

    /// Who was polled since this was last asked, in order.
    pub(super) fn polled(&self) -> Vec<&'static str> {
        self.polled.take()
    }

    pub(super) fn alive(&self) -> usize {
        self.alive.alive()
    }
}

impl Future for Child {
    type Output = &'static str;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<&'static str> {
        let world = &self.world;
        let (name, next, wakes_itself, hook, older) = {
            let mut children = world.children.borrow_mut();
            let child = &mut children[self.number];
            let older = child.waker.replace(context.waker().clone());
            let wakes_itself = std::mem::take(&mut child.wakes_itself);
            (
                child.name,
                child.next,
                wakes_itself,
                child.in_its_poll.take(),
                older,
            )
        };
        drop(older);
        let length = {
            let mut polled = world.polled.borrow_mut();
            polled.push(name);
            polled.len()
        };
        assert!(
            length <= FLOOD,
            "one poll of the set polled its children {FLOOD} times"
        );
        let call = world.recorder.enters(name, "polled");
        if wakes_itself {
            world.recorder.says(name, "wakes itself");
            context.waker().wake_by_ref();
        }
        if let Some(hook) = hook {
            hook();
        }
        match next {
            Next::Waits => {
                call.returns("pending");
                Poll::Pending
            }
            Next::Ready => {
                world.with(name, |child| child.next = Next::Over);
                call.returns("ready");
                Poll::Ready(name)
            }
            Next::Panics => {
                world.with(name, |child| child.next = Next::Over);
                drop(call);
                panic!("{name} panics")
            }
            Next::Over => {
                call.returns("was ready before");
                Poll::Pending
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let hook = self.world.children.borrow_mut()[self.number]
            .when_dropped
            .take();
        if let Some(hook) = hook {
            hook();
        }
    }
}

/// Polls a set once. Recorded.
pub(super) fn poll<S: Stream<Item = &'static str> + Unpin>(
    run: &Run,
    by: &Poller,
    set: &mut S,
) -> Poll<Option<&'static str>> {
    let call = run
        .recorder()
        .enters("set", format!("poll_next by {}", by.name()));
    let polled = by.lend(|waker| Pin::new(set).poll_next(&mut Context::from_waker(waker)));
    call.returns(shown(&polled));
    polled
}

pub(super) fn shown(polled: &Poll<Option<&'static str>>) -> String {
    match polled {
        Poll::Pending => "pending".to_owned(),
        Poll::Ready(None) => "Ready(None)".to_owned(),
        Poll::Ready(Some(name)) => format!("Ready(Some({name}))"),
    }
}
