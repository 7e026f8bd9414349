//! Callbacks that the loop calls when an operation completes.

// YOURS
use std::cell::{Cell, RefCell};
// YOURS_END
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
    // YOURS
    spawn: Rc<dyn Spawn>,
    waiting: RefCell<Vec<(CallbackKey, Callback<T>)>>,
    numbers: Cell<u64>,
    // STUB: spawn: Rc<dyn Spawn>,
    // STUB: waiting: Vec<Box<dyn FnOnce(T)>>, // Yours to replace.
    // YOURS_END
}

/// The key of one callback. No other callback ever gets the same key, also not after this one was
/// called or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallbackKey {
    number: u64,
}
// YOURS

type Callback<T> = Box<dyn FnOnce(T)>;
// YOURS_END

impl<T: Clone + 'static> Callbacks<T> {
    /// An empty list, whose callbacks this loop will call.
    #[must_use]
    pub fn new(spawn: Rc<dyn Spawn>) -> Callbacks<T> {
        Callbacks {
            spawn,
            // YOURS
            waiting: RefCell::default(),
            numbers: Cell::new(0),
            // STUB: waiting: Vec::new(),
            // YOURS_END
        }
    }

    /// Adds a callback at the end of the list. It waits for the next [`call`](Callbacks::call).
    pub fn add(&self, callback: impl FnOnce(T) + 'static) -> CallbackKey {
        // YOURS
        let key = CallbackKey {
            number: self.numbers.get(),
        };
        self.numbers.set(key.number + 1);
        let callback: Callback<T> = Box::new(callback);
        self.waiting.borrow_mut().push((key, callback));
        key
        // STUB: todo!("store it under a new key")
        // YOURS_END
    }

    /// Removes a callback that waits, and returns `true`. Returns `false`, and does nothing, if it
    /// was sent to the loop or removed before.
    pub fn remove(&self, key: CallbackKey) -> bool {
        // YOURS
        let mut waiting = self.waiting.borrow_mut();
        let index = waiting.iter().position(|(other, _)| *other == key);
        let removed = index.map(|index| waiting.remove(index));
        // Nothing is borrowed while its destructor runs.
        drop(waiting);
        removed.is_some()
        // STUB: todo!("find it by its key")
        // YOURS_END
    }

    /// Whether no callback waits. One that was sent to the loop does not wait.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        // YOURS
        self.waiting.borrow().is_empty()
        // STUB: todo!("does a callback wait?")
        // YOURS_END
    }

    // ANCHOR: call
    /// Sends every callback that waits to the loop, with this outcome. From now on none of them
    /// waits. A callback that is added later, also by another callback or by a destructor, waits
    /// for the next `call`.
    pub fn call(&self, outcome: &T) {
        // YOURS
        for (_, callback) in self.waiting.take() {
            let outcome = outcome.clone();
            // Each is a task of its own, so that a panic ends only that task.
            self.spawn
                .spawn_boxed(Box::pin(async move { callback(outcome) }));
        }
        // STUB: todo!("`self.spawn.spawn_boxed` takes a future in a pinned box, and has the loop run it")
        // YOURS_END
    }
    // ANCHOR_END: call
}

impl<T> fmt::Debug for Callbacks<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Callbacks")
    }
}
