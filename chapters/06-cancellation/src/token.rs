//! Asking politely: cancellation that the task itself looks at.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use slab::Slab;

/// Whoever may ask for the end. Everybody who holds one of its [tokens](Source::token) learns of
/// it.
///
/// Dropping a future ends it where it stands. A task that has something to finish first, and has to
/// wait for that, must be asked instead, and must look: that is what this is for. asyncio has both
/// in one, as its `CancelledError` is an exception that a coroutine may catch, and go on awaiting.
pub struct Source {
    node: Rc<Node>,
}

/// How a task learns that it is to come to an end. A clone is the same token.
#[derive(Clone)]
pub struct Token {
    node: Rc<Node>,
}

/// What a source and its tokens have in common.
struct Node {
    state: RefCell<State>,
    /// A child holds its parent, and not the other way round: the way from the root down to whoever
    /// waits lasts as long as somebody waits, also if everybody in between has left.
    _parent: Option<Rc<Node>>,
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
            _parent: parent,
        })
    }
}

impl Source {
    /// Nobody has asked yet.
    #[must_use]
    pub fn new() -> Source {
        Source {
            node: Node::new(None),
        }
    }

    /// Asks for the end: of everybody who holds a token, and of every child. Returns `false` if
    /// that was done before. It runs nothing: whoever waits is woken.
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
    /// Whether somebody has asked for the end.
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
                // Whoever is gone makes room only when there is none left: so a child costs the same,
                // however many there are.
                if children.len() == children.capacity() {
                    children.retain(|child| child.strong_count() > 0);
                }
                children.push(Rc::downgrade(&child));
            }
            State::Cancelled => *child.state.borrow_mut() = State::Cancelled,
        }
        Source { node: child }
    }

    /// A future that is ready once somebody has asked.
    pub fn cancelled(&self) -> Cancelled {
        Cancelled {
            token: self.clone(),
            place: None,
        }
    }
}

fn cancel(node: &Node) -> bool {
    let before = mem::replace(&mut *node.state.borrow_mut(), State::Cancelled);
    let State::Open { waiters, children } = before else {
        return false;
    };
    for (_, waker) in waiters {
        waker.wake();
    }
    for child in children {
        if let Some(child) = child.upgrade() {
            cancel(&child);
        }
    }
    true
}

/// See [`Token::cancelled`].
///
/// # Cancel safety
///
/// Dropping it leaves nothing behind.
#[must_use = "a future does nothing until it is polled"]
pub struct Cancelled {
    token: Token,
    place: Option<usize>,
}

impl Future for Cancelled {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let token = self.token.clone();
        let mut state = token.node.state.borrow_mut();
        let State::Open { waiters, .. } = &mut *state else {
            self.place = None;
            return Poll::Ready(());
        };
        let older = match self.place {
            Some(place) if waiters[place].will_wake(context.waker()) => None,
            Some(place) => Some(mem::replace(&mut waiters[place], context.waker().clone())),
            None => {
                self.place = Some(waiters.insert(context.waker().clone()));
                None
            }
        };
        drop(state);
        drop(older);
        Poll::Pending
    }
}

impl Drop for Cancelled {
    fn drop(&mut self) {
        let Some(place) = self.place else { return };
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
