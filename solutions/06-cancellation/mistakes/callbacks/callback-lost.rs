//! Empties the list only when the loop has called everybody, so that whoever came in between is thrown away.
//!
//! Whom to call when something is over.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use event_loop::Spawn;

/// Functions that are to be called when something is over, with how it ended.
///
/// Each is called once, by the loop: in one of its next turns, and never before the method returns
/// that was called here. They are called in the order in which they were added. A callback is
/// somebody else's code: it may add another one, take one back, or panic, and that must not keep
/// the others from being called. So are the destructors of what a callback owns, which run when it
/// is dropped: they may come back in, too.
pub struct Callbacks<T> {
    spawn: Rc<dyn Spawn>,
    // ANCHOR: mistake
    waiting: Rc<RefCell<Vec<(CallbackKey, Callback<T>)>>>,
    sent: Rc<Cell<bool>>,
    // ANCHOR_END: mistake
    numbers: Cell<u64>,
}

/// Which callback. It stays the name of that one alone, also when that one has been called or was
/// taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallbackKey {
    number: u64,
}

type Callback<T> = Box<dyn FnOnce(T)>;

impl<T: Clone + 'static> Callbacks<T> {
    /// Nobody is to be called yet. This loop will do it.
    #[must_use]
    pub fn new(spawn: Rc<dyn Spawn>) -> Callbacks<T> {
        Callbacks {
            spawn,
            waiting: Rc::default(),
            sent: Rc::default(),
            numbers: Cell::new(0),
        }
    }

    /// Adds one, behind those that are there. It waits for a [`call`](Callbacks::call).
    pub fn add(&self, callback: impl FnOnce(T) + 'static) -> CallbackKey {
        let key = CallbackKey {
            number: self.numbers.get(),
        };
        self.numbers.set(key.number + 1);
        let callback: Callback<T> = Box::new(callback);
        self.waiting.borrow_mut().push((key, callback));
        key
    }

    /// Takes one back. Returns `false` if it is on its way to the loop, or was taken back before.
    pub fn remove(&self, key: CallbackKey) -> bool {
        if self.sent.get() {
            return false;
        }
        let mut waiting = self.waiting.borrow_mut();
        let index = waiting.iter().position(|(other, _)| *other == key);
        let removed = index.map(|index| waiting.remove(index));
        // Nothing is borrowed while its destructor runs.
        drop(waiting);
        removed.is_some()
    }

    /// Whether nobody is to be called.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sent.get() || self.waiting.borrow().is_empty()
    }

    /// Sends all that wait to the loop, each with this outcome. None of them waits any more; one
    /// that is added later waits for the next call of this.
    pub fn call(&self, outcome: &T) {
        if self.sent.replace(true) {
            return;
        }
        let due: Vec<Callback<T>> = (self.waiting.borrow_mut().iter_mut())
            .map(|(_, callback)| std::mem::replace(callback, Box::new(|_| ())))
            .collect();
        let outcome = outcome.clone();
        let (waiting, sent) = (Rc::clone(&self.waiting), Rc::clone(&self.sent));
        let panics = Rc::new(Cell::new(due.len()));
        for callback in due {
            let (outcome, left) = (outcome.clone(), Rc::clone(&panics));
            let (waiting, sent) = (Rc::clone(&waiting), Rc::clone(&sent));
            self.spawn.spawn_boxed(Box::pin(async move {
                left.set(left.get() - 1);
                let last = left.get() == 0;
                callback(outcome);
                if last {
                    waiting.borrow_mut().clear();
                    sent.set(false);
                }
            }));
        }
    }
}

impl<T> fmt::Debug for Callbacks<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Callbacks")
    }
}
