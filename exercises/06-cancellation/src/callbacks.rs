//! Callbacks that the loop calls when an operation completes.

use std::fmt;
use std::rc::Rc;

use event_loop::Spawn;

/// Functions to call with an outcome.
///
/// - The loop calls each callback once, in one of its next iterations, and never before
///   [`call`](Callbacks::call) has returned.
/// - Callbacks run in the order in which they were added.
/// - If one panics, the others still run, and the panic reaches the loop, which reports it.
/// - A callback is caller-supplied code. It may add or remove a callback, or call `call`. The
///   destructors of what a callback owns may do the same, and they run whenever it is dropped:
///   by `remove`, by the loop, or by `spawn_boxed` if the loop is closed.
/// - A callback gets a clone of the outcome. When it is cloned is up to you: in `call`, or later.
pub struct Callbacks<T> {
    spawn: Rc<dyn Spawn>,
    waiting: Vec<Box<dyn FnOnce(T)>>, // Yours to replace.
}

/// The key of one callback. No other callback ever gets the same key, also not after this one was
/// called or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallbackKey {
    number: u64,
}

impl<T: Clone + 'static> Callbacks<T> {
    /// An empty list, whose callbacks this loop will call.
    #[must_use]
    pub fn new(spawn: Rc<dyn Spawn>) -> Callbacks<T> {
        Callbacks {
            spawn,
            waiting: Vec::new(),
        }
    }

    /// Adds a callback at the end of the list. It waits for the next [`call`](Callbacks::call).
    pub fn add(&self, callback: impl FnOnce(T) + 'static) -> CallbackKey {
        todo!("store it under a new key")
    }

    /// Removes a callback that waits, and returns `true`. Returns `false`, and does nothing, if it
    /// was sent to the loop or removed before.
    pub fn remove(&self, key: CallbackKey) -> bool {
        todo!("find it by its key")
    }

    /// Whether no callback waits. One that was sent to the loop does not wait.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        todo!("does a callback wait?")
    }

    /// Sends every callback that waits to the loop, with this outcome. From now on none of them
    /// waits. A callback that is added later, also by another callback or by a destructor, waits
    /// for the next `call`.
    pub fn call(&self, outcome: &T) {
        todo!("`self.spawn.spawn_boxed` takes a future in a pinned box, and has the loop run it")
    }
}

impl<T> fmt::Debug for Callbacks<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Callbacks")
    }
}
