//! The spawner of the world: it sees each poll of the task, and which waker is called.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Wake, Waker};

use event_loop::{BoxedTask, Handle, Spawn};

/// The loop's spawner, which counts the polls of each task and keeps its waker. Each poll brings a waker of its own, and only that of a
/// task's latest poll wakes the task.
#[derive(Clone)]
pub(super) struct CountsPolls {
    handle: Handle,
    polls: Rc<Cell<usize>>,
    /// The waker of the task that was polled last.
    waker: Rc<RefCell<Option<Waker>>>,
    /// Whether a waker of an earlier poll was called.
    stale_wake: Arc<AtomicBool>,
    has_completed: Rc<Cell<bool>>,
}

impl CountsPolls {
    pub(super) fn on(handle: Handle) -> CountsPolls {
        CountsPolls {
            handle,
            polls: Rc::default(),
            waker: Rc::default(),
            stale_wake: Arc::default(),
            has_completed: Rc::default(),
        }
    }

    pub(super) fn polls(&self) -> usize {
        self.polls.get()
    }

    /// Wakes the task that was polled last.
    pub(super) fn wake_the_latest(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }

    /// Whether the waker of an earlier poll was called, and the task is still there.
    pub(super) fn was_woken_in_vain(&self) -> bool {
        self.stale_wake.load(Relaxed) && !self.has_completed.get()
    }
}

/// The waker of one poll.
struct OfOnePoll {
    waker: Waker,
    is_stale: AtomicBool,
    stale_wake: Arc<AtomicBool>,
}

impl Wake for OfOnePoll {
    fn wake(self: Arc<Self>) {
        if self.is_stale.load(Relaxed) {
            self.stale_wake.store(true, Relaxed);
        } else {
            self.waker.wake_by_ref();
        }
    }
}

impl Spawn for CountsPolls {
    fn spawn_boxed(&self, mut future: BoxedTask) {
        let shared = self.clone();
        let mut latest: Option<Arc<OfOnePoll>> = None;
        let counted = poll_fn(move |context| {
            shared.polls.set(shared.polls.get() + 1);
            let _older = shared.waker.replace(Some(context.waker().clone()));
            let fresh = Arc::new(OfOnePoll {
                waker: context.waker().clone(),
                is_stale: AtomicBool::new(false),
                stale_wake: Arc::clone(&shared.stale_wake),
            });
            if let Some(older) = latest.replace(Arc::clone(&fresh)) {
                older.is_stale.store(true, Relaxed);
            }
            let polled = future
                .as_mut()
                .poll(&mut Context::from_waker(&Waker::from(fresh)));
            shared.has_completed.set(polled.is_ready());
            polled
        });
        self.handle.spawn_boxed(Box::pin(counted));
    }

    fn report(&self, problem: &str) {
        Spawn::report(&self.handle, problem);
    }
}
