//! Whom to call when something is over.

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
    waiting: Vec<Box<dyn FnOnce(T)>>, // Yours to replace.
}

/// Which callback. It stays the name of that one alone, also when that one has been called or was
/// taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallbackKey {
    number: u64,
}

impl<T: Clone + 'static> Callbacks<T> {
    /// Nobody is to be called yet. This loop will do it.
    #[must_use]
    pub fn new(spawn: Rc<dyn Spawn>) -> Callbacks<T> {
        Callbacks {
            spawn,
            waiting: Vec::new(),
        }
    }

    /// Adds one, behind those that are there. It waits for a [`call`](Callbacks::call).
    pub fn add(&self, callback: impl FnOnce(T) + 'static) -> CallbackKey {
        todo!("keep it, under a name")
    }

    /// Takes one back. Returns `false` if it is on its way to the loop, or was taken back before.
    pub fn remove(&self, key: CallbackKey) -> bool {
        todo!("find it by its name")
    }

    /// Whether nobody is to be called.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        todo!("is there one that waits?")
    }

    /// Sends all that wait to the loop, each with this outcome. None of them waits any more; one
    /// that is added later waits for the next call of this.
    pub fn call(&self, outcome: &T) {
        todo!("`self.spawn.spawn_boxed` takes a future in a pinned box, and has the loop run it")
    }
}

impl<T> fmt::Debug for Callbacks<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Callbacks")
    }
}
