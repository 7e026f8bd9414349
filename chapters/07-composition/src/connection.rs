//! A connection that carries one request at a time.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

use wakers::oneshot::{self, Sender};

/// A connection that carries one request at a time: a request waits for its [`turn`](Connection::turn)
/// and owns it until it is done. A clone is the same connection. Chapter 08 builds such a queue in
/// full.
///
/// ```
/// use composition::Connection;
///
/// let connection = Connection::new();
/// wakers::block_on(async {
///     let turn = connection.turn().await;
///     assert!(!connection.is_free());
///     drop(turn);
///     assert!(connection.is_free());
/// });
/// ```
#[derive(Clone)]
pub struct Connection {
    line: Rc<RefCell<Line>>,
}

/// The right to use the connection. Dropping it hands the connection to the request that has waited
/// longest.
#[must_use = "the turn ends when this is dropped"]
pub struct Turn {
    line: Rc<RefCell<Line>>,
}

enum Line {
    Free,
    /// A request has its turn, and these wait, the oldest first.
    Busy(VecDeque<Sender<Turn>>),
}

impl Connection {
    /// A connection that no request uses.
    #[must_use]
    pub fn new() -> Connection {
        Connection {
            line: Rc::new(RefCell::new(Line::Free)),
        }
    }

    /// Waits until the connection is free for this request. The requests have their turns in the order
    /// in which they were first polled.
    ///
    /// # Cancel safety
    ///
    /// Dropping it gives up the place in the queue. If it has been given the connection and was not
    /// polled since, the next request gets it.
    // ANCHOR: turn
    pub async fn turn(&self) -> Turn {
        match self.enqueue() {
            None => Turn {
                line: Rc::clone(&self.line),
            },
            Some(turn) => turn.await.expect("the queue hands every turn on"),
        }
    }

    fn enqueue(&self) -> Option<oneshot::Receiver<Turn>> {
        let mut line = self.line.borrow_mut();
        match &mut *line {
            Line::Free => {
                *line = Line::Busy(VecDeque::new());
                None
            }
            Line::Busy(waiting) => {
                let (sender, receiver) = oneshot::channel();
                waiting.push_back(sender);
                Some(receiver)
            }
        }
    }
    // ANCHOR_END: turn

    /// Whether no request has its turn.
    #[must_use]
    pub fn is_free(&self) -> bool {
        matches!(*self.line.borrow(), Line::Free)
    }
}

impl Default for Connection {
    fn default() -> Connection {
        Connection::new()
    }
}

// ANCHOR: drop
impl Drop for Turn {
    fn drop(&mut self) {
        let next = match &mut *self.line.borrow_mut() {
            Line::Busy(waiting) => waiting.pop_front(),
            Line::Free => None,
        };
        match next {
            // If that request is gone, `send` returns the new turn, and dropping that one
            // hands it on.
            Some(next) => drop(next.send(Turn {
                line: Rc::clone(&self.line),
            })),
            None => *self.line.borrow_mut() = Line::Free,
        }
    }
}
// ANCHOR_END: drop

impl fmt::Debug for Connection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Connection")
            .field("is_free", &self.is_free())
            .finish()
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Turn")
    }
}
