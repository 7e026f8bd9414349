//! Cooperative cancellation: the task itself checks a token.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::mem;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use slab::Slab;

/// Requests the end of every task that holds one of its [tokens](Source::token).
///
/// Dropping a future ends it at its suspension point. A task that has to finish work first, and to
/// wait for it, needs a request that it checks itself. asyncio has one mechanism for both: its
/// `CancelledError` is an exception, which a coroutine may catch before it awaits again.
pub struct Source {
    node: Rc<Node>,
}

/// How a task learns that it should end. A clone is the same token.
///
/// ```
/// use cancellation::Source;
/// use event_loop::EventLoop;
///
/// let source = Source::new();
/// let child = source.token().child();
/// let event_loop = EventLoop::new();
/// drop(event_loop.handle().call_soon(move || drop(source.cancel())));
/// event_loop.block_on(child.token().cancelled());
/// assert!(child.token().is_cancelled());
/// ```
#[derive(Clone)]
pub struct Token {
    node: Rc<Node>,
}

/// What a source and its tokens share.
struct Node {
    state: RefCell<State>,
    /// A child owns its parent, and not the other way round: the path from the root to a waiting
    /// task lasts as long as the task waits, also if all tokens in between were dropped.
    parent: Option<Rc<Node>>,
}

enum State {
    Open {
        waiters: Slab<Waker>,
        children: Vec<Weak<Node>>,
    },
    Cancelled,
}

impl Node {
    fn new(parent: Option<Rc<Node>>) -> Rc<Node> {
        Rc::new(Node {
            state: RefCell::new(State::Open {
                waiters: Slab::new(),
                children: Vec::new(),
            }),
            parent,
        })
    }
}

impl Source {
    /// A source that is not cancelled.
    #[must_use]
    pub fn new() -> Source {
        Source {
            node: Node::new(None),
        }
    }

    /// Cancels every token of this source, and every child. Returns `false` if it was cancelled
    /// before. It wakes the tasks that wait, and runs no other code of them.
    pub fn cancel(&self) -> bool {
        cancel(&self.node)
    }

    /// A token of this source.
    #[must_use]
    pub fn token(&self) -> Token {
        Token {
            node: Rc::clone(&self.node),
        }
    }
}

impl Default for Source {
    fn default() -> Source {
        Source::new()
    }
}

impl Token {
    /// Whether the end was requested.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(*self.node.state.borrow(), State::Cancelled)
    }

    /// A source whose tokens are cancelled together with this one, or earlier by themselves.
    #[must_use]
    pub fn child(&self) -> Source {
        let child = Node::new(Some(Rc::clone(&self.node)));
        match &mut *self.node.state.borrow_mut() {
            State::Open { children, .. } => {
                // Dropped children are removed only when the list is full: so adding a child has the
                // same amortized cost, however many there are.
                if children.len() == children.capacity() {
                    children.retain(|child| child.strong_count() > 0);
                }
                children.push(Rc::downgrade(&child));
            }
            State::Cancelled => *child.state.borrow_mut() = State::Cancelled,
        }
        Source { node: child }
    }

    /// A future that is ready once the token is cancelled.
    pub fn cancelled(&self) -> Cancelled {
        Cancelled {
            token: self.clone(),
            place: None,
        }
    }
}

/// Cancels a node and everything below it, and then wakes the tasks that wait for any of them. A list
/// of nodes in place of a recursion: the tree may be deeper than the stack.
fn cancel(node: &Rc<Node>) -> bool {
    if matches!(*node.state.borrow(), State::Cancelled) {
        return false;
    }
    let mut woken = Vec::new();
    let mut next = vec![Rc::clone(node)];
    while let Some(node) = next.pop() {
        let before = node.state.replace(State::Cancelled);
        if let State::Open { waiters, children } = before {
            woken.extend(waiters.into_iter().map(|(_, waker)| waker));
            // Reversed, so that the oldest child is the next one.
            next.extend(children.iter().rev().filter_map(Weak::upgrade));
        }
    }
    wake_all(woken);
    true
}

/// Wakes all of them, also if a waker panics. Then the first panic continues.
fn wake_all(wakers: Vec<Waker>) {
    let mut panicked = None;
    for waker in wakers {
        let woken = catch_unwind(AssertUnwindSafe(|| waker.wake()));
        panicked = panicked.or(woken.err());
    }
    if let Some(panic) = panicked {
        resume_unwind(panic);
    }
}

impl Drop for Node {
    /// Drops the parents one after the other: dropping a long chain recursively would overflow the stack.
    fn drop(&mut self) {
        let mut next = self.parent.take();
        while let Some(parent) = next {
            next = Rc::into_inner(parent).and_then(|mut last| last.parent.take());
        }
    }
}

/// See [`Token::cancelled`].
///
/// # Cancel safety
///
/// Dropping it leaves nothing behind.
#[must_use = "a future does nothing until it is polled"]
pub struct Cancelled {
    token: Token,
    /// Its slot among the waiters, plus one: so `None` needs no memory of its own.
    place: Option<NonZeroUsize>,
}

impl Future for Cancelled {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.is_registered(context.waker()) {
            return Poll::Pending;
        }
        self.register(context.waker())
    }
}

impl Cancelled {
    /// Whether this waker, or one that wakes the same task, is kept already.
    #[inline]
    fn is_registered(&self, waker: &Waker) -> bool {
        match (self.place(), &*self.token.node.state.borrow()) {
            (Some(place), State::Open { waiters, .. }) => {
                (waiters.get(place)).is_some_and(|kept| kept.will_wake(waker))
            }
            _ => false,
        }
    }

    /// Keeps this waker, unless the token is cancelled.
    #[inline(never)]
    fn register(&mut self, waker: &Waker) -> Poll<()> {
        // Cloned while nothing is borrowed: a waker is caller-supplied code.
        let waker = waker.clone();
        let node = Rc::clone(&self.token.node);
        let mut state = node.state.borrow_mut();
        let State::Open { waiters, .. } = &mut *state else {
            drop(state);
            self.place = None;
            return Poll::Ready(());
        };
        let older = match self.place() {
            Some(place) => Some(mem::replace(&mut waiters[place], waker)),
            None => {
                self.place = NonZeroUsize::new(waiters.insert(waker) + 1);
                None
            }
        };
        drop(state);
        drop(older);
        Poll::Pending
    }

    #[inline]
    fn place(&self) -> Option<usize> {
        self.place.map(|place| place.get() - 1)
    }
}

impl Drop for Cancelled {
    fn drop(&mut self) {
        let Some(place) = self.place() else { return };
        let waker = match &mut *self.token.node.state.borrow_mut() {
            State::Open { waiters, .. } => Some(waiters.remove(place)),
            State::Cancelled => None,
        };
        drop(waker);
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cancelled = self.token().is_cancelled();
        out.debug_struct("Source")
            .field("cancelled", &cancelled)
            .finish()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cancelled = self.is_cancelled();
        out.debug_struct("Token")
            .field("cancelled", &cancelled)
            .finish()
    }
}

impl fmt::Debug for Cancelled {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Cancelled").field(&self.token).finish()
    }
}
