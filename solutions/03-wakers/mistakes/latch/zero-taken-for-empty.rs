//! Opens at the first count only.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

// Locks, atomics and threads: from `crate::sync`. The check replaces that module by its own.
use crate::sync::{Arc, Mutex};
use std::collections::BTreeMap;
use std::task::Waker;
#[derive(Clone)]
pub struct Latch {
    shared: Arc<Mutex<Inside>>,
}
struct Inside {
    left: usize,
    open: bool,
    next: u64,
    waiting: BTreeMap<u64, Waker>,
}
#[must_use = "x"]
pub struct Wait {
    latch: Latch,
    id: u64,
}
impl Latch {
    fn lock(&self) -> crate::sync::MutexGuard<'_, Inside> {
        self.shared.lock().unwrap_or_else(|e| e.into_inner())
    }
    pub fn new(count: usize) -> Latch {
        Latch {
            shared: Arc::new(Mutex::new(Inside {
                left: count,
                open: false,
                next: 0,
                waiting: BTreeMap::new(),
            })),
        }
    }
    pub fn count_down(&self) {
        let mut it = self.lock();
        it.left = it.left.saturating_sub(1);
        if it.left == 0 {
            it.open = true;
        }
        if it.left > 0 {
            return;
        }
        let woken = std::mem::take(&mut it.waiting);
        drop(it);
        for (_, w) in woken {
            w.wake();
        }
    }
    pub fn wait(&self) -> Wait {
        let mut it = self.lock();
        let id = it.next;
        it.next += 1;
        drop(it);
        Wait {
            latch: self.clone(),
            id,
        }
    }
}
impl Future for Wait {
    type Output = ();
    #[allow(unused_mut)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mine = context.waker().clone();
        let mut it = self.latch.lock();
        if it.left == 0 && it.open {
            drop(it);
            return Poll::Ready(());
        }
        let old = it.waiting.insert(self.id, mine);
        drop(it);
        drop(old);
        Poll::Pending
    }
}
impl Drop for Wait {
    fn drop(&mut self) {
        let old = self.latch.lock().waiting.remove(&self.id);
        drop(old);
    }
}

impl fmt::Debug for Latch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Latch")
    }
}

impl fmt::Debug for Wait {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Wait")
    }
}
