//! A wake from the loop's own thread needs no lock.
//!
//! Most wakes come from the very thread that runs the loop: one task gives something to another. For
//! these the loop keeps a second, plain list where only its own thread can reach it. A loop works
//! without it, only slower: `cargo run --release -p bench -- loop` shows by how much.

use std::cell::RefCell;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::core::Entry;
use event_loop::TaskId;

thread_local! {
    static HERE: RefCell<Here> = const { RefCell::new(Here::NOBODY) };
}

/// Which loop runs on this thread, and who was woken from here and waits for its turn.
struct Here {
    owner: Option<u64>,
    woken: Vec<Entry>,
}

impl Here {
    const NOBODY: Here = Here {
        owner: None,
        woken: Vec::new(),
    };
}

/// The name under which a loop is at home on the thread that runs it.
#[derive(Debug)]
pub(crate) struct Home(u64);

impl Home {
    pub(crate) fn new() -> Home {
        static HOMES: AtomicU64 = AtomicU64::new(0);
        Home(HOMES.fetch_add(1, Ordering::Relaxed))
    }

    /// From now on this thread is the loop's home, until the stay is over. A loop whose task runs
    /// another loop gets its home back afterwards.
    pub(crate) fn stay(&self) -> Stay {
        let here = Here {
            owner: Some(self.0),
            woken: Vec::new(),
        };
        Stay {
            before: HERE.replace(here),
        }
    }

    /// Notes a wake, if this thread is the loop's home.
    #[inline]
    pub(crate) fn note(&self, task: TaskId) -> bool {
        // A thread that ends has no place for this any more: then it is nobody's home.
        let noted = HERE.try_with(|here| {
            let mut here = here.borrow_mut();
            let at_home = here.owner == Some(self.0);
            if at_home {
                here.woken.push(Entry::Task(task));
            }
            at_home
        });
        noted.unwrap_or(false)
    }
}

/// See [`Home::stay`].
pub(crate) struct Stay {
    before: Here,
}

impl Stay {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        HERE.with_borrow(|here| here.woken.is_empty())
    }

    /// Takes out who was woken, oldest first, and puts them at the end of `batch`.
    #[inline]
    pub(crate) fn take(&self, batch: &mut Vec<Entry>) {
        HERE.with_borrow_mut(|here| {
            if batch.is_empty() {
                mem::swap(&mut here.woken, batch);
            } else {
                batch.append(&mut here.woken);
            }
        });
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        let before = mem::replace(&mut self.before, Here::NOBODY);
        HERE.set(before);
    }
}
