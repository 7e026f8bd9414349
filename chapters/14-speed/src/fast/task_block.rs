//! What the wakers of one task share.
//!
//! In chapter 04 each clone of a waker is an atomic addition, each drop an atomic subtraction, and each
//! wake an atomic swap. Nearly all of them happen on the loop's own thread. Here that thread counts in a
//! word that it alone writes. Other threads count in a second word. When the task ends, the loop adds the
//! first word to the second, and from then on there is one. That is **biased reference counting** (Choi,
//! Shull, Torrellas 2018), and simpler than there: the loop always adds them, because a task always ends
//! on the loop's thread.

use std::task::Waker;

use event_loop::{TaskId, Watched};

use super::raw_waker;
use crate::own_thread::ThisThread;
use crate::sync::Arc;
use crate::sync::atomic::{AtomicBool, AtomicIsize, AtomicU64, Ordering, fence};

/// Where a task goes when it is woken.
pub(crate) trait Queue: Send + Sync + 'static {
    /// Appends the task to the queue of tasks to be polled. May be called from any thread, which is this one.
    fn push(&self, task: TaskId, thread: ThisThread);
}

/// One task's block. A `Waker` is a pointer to it; see [`raw_waker`].
///
/// The loop holds it as a [`Keeper`] until the task ends. After that the wakers that are left keep it.
///
/// ```text
///              Keeper::end, with wakers left            the last waker is dropped
///   counted in two words ────────────▶ counted in `others` ────────────▶ gone
///           │ Keeper::end, without
///           └─────────────▶ the next task's
/// ```
pub(crate) struct TaskBlock<Q> {
    task: TaskId,
    /// The number of the thread that counts in `own`; [`NONE`] after the task has ended. Written by that
    /// thread alone.
    counter: AtomicU64,
    /// How many more wakers the loop's own thread has made than dropped. Written by that thread alone, until
    /// the task ends.
    own: AtomicIsize,
    /// The same for all other threads, times two. An odd number says that `own` was added.
    others: AtomicIsize,
    /// The task is in the queue, because its own thread woke it. Written by that thread alone.
    queued_here: AtomicBool,
    /// The same for all other threads.
    queued_elsewhere: AtomicBool,
    queue: Arc<Q>,
}

/// No thread counts in `own`. No thread has this number.
const NONE: u64 = u64::MAX;

/// A waker, in `others`.
const ONE: isize = 2;

/// In `others`: the loop's own thread has added its count, and no more wakers are left than this says.
const ALL: isize = 1;

impl<Q: Queue> TaskBlock<Q> {
    /// Whether this thread counts in `own`: the loop's own, until the task ends.
    #[inline]
    fn counts_here(&self, thread: ThisThread) -> bool {
        // Relaxed: it is true only for the thread that has written it.
        self.counter.load(Ordering::Relaxed) == thread.number()
    }

    /// One waker more.
    #[inline]
    pub(super) fn add(&self) {
        if self.counts_here(ThisThread::get()) {
            self.add_here(1);
        } else {
            // Relaxed: who clones a waker has one, so the block cannot go meanwhile.
            self.others.fetch_add(ONE, Ordering::Relaxed);
        }
    }

    /// A load and a store, and no atomic addition: no other thread writes `own`.
    #[inline]
    fn add_here(&self, wakers: isize) {
        let own = self.own.load(Ordering::Relaxed);
        self.own.store(own + wakers, Ordering::Relaxed);
    }

    /// One waker less. Whether that was the last one of a task that has ended: then the caller owns the
    /// block.
    #[inline]
    #[must_use]
    pub(super) fn subtract(&self) -> bool {
        if self.counts_here(ThisThread::get()) {
            self.add_here(-1);
            return false; // The loop keeps the block.
        }
        // Release: what this thread did with the block comes before its end.
        let last = self.others.fetch_sub(ONE, Ordering::Release) - ONE == ALL;
        if last {
            fence(Ordering::Acquire); // Pairs with the Release of the others.
        }
        last
    }

    // ANCHOR: wake
    /// Wakes the task: queues it, if it is not queued.
    #[inline]
    pub(super) fn wake(&self) {
        if !self.wake_here(0) && !self.queued_elsewhere.swap(true, Ordering::Release) {
            // Release, even for a wake that finds the task queued: pairs with the Acquire in `begin_poll`.
            self.queue.push(self.task, ThisThread::get());
        }
    }

    /// The same, on the thread that counts in `own`, which also counts down the wakers that this wake gives up.
    /// `false`: this is another thread, and nothing was done.
    #[inline(always)]
    #[allow(clippy::inline_always)] // In the two functions that wake.
    pub(super) fn wake_here(&self, given_up: isize) -> bool {
        let thread = ThisThread::get();
        if !self.counts_here(thread) {
            return false;
        }
        if given_up != 0 {
            self.add_here(-given_up);
        }
        // Both flags are read, so a task that another thread has queued is not queued twice.
        if !self.is_queued() {
            self.queued_here.store(true, Ordering::Relaxed);
            self.queue.push(self.task, thread);
        }
        true
    }
    // ANCHOR_END: wake

    #[inline]
    fn is_queued(&self) -> bool {
        self.queued_here.load(Ordering::Relaxed) || self.queued_elsewhere.load(Ordering::Relaxed)
    }

    /// How many wakers there are.
    fn count(&self) -> isize {
        let own = self.own.load(Ordering::Relaxed);
        (self.others.load(Ordering::Relaxed) >> 1) + own
    }
}

impl<Q: Queue> Watched for TaskBlock<Q> {
    fn waker(self: Arc<Self>) -> Option<Waker> {
        if self.counts_here(ThisThread::get()) {
            self.add_here(1);
            return Some(raw_waker::of_block(&self));
        }
        let mut others = self.others.load(Ordering::Relaxed);
        while others != ALL {
            let counted = self.others.compare_exchange_weak(
                others,
                others + ONE,
                Ordering::Acquire,
                Ordering::Relaxed,
            );
            match counted {
                Ok(_) => return Some(raw_waker::of_block(&self)),
                Err(now) => others = now,
            }
        }
        None
    }

    /// The keeper counts as two, as in chapter 04.
    fn count(self: Arc<Self>) -> usize {
        let has_ended = self.others.load(Ordering::Relaxed) & ALL != 0;
        let kept = if has_ended { 0 } else { 2 };
        TaskBlock::count(&self)
            .saturating_add(kept)
            .max(0)
            .cast_unsigned()
    }
}

/// The loop's own hold on a block, until the task ends. It stays on the loop's thread.
pub(crate) struct Keeper<Q: Queue> {
    /// `None` after [`end`](Keeper::end).
    block: Option<Arc<TaskBlock<Q>>>,
}

impl<Q: Queue> Keeper<Q> {
    /// The block of a task that has not been woken yet: in `spare`, if there is one.
    pub(crate) fn new(
        task: TaskId,
        queue: &Arc<Q>,
        counts: bool,
        spare: Option<Arc<TaskBlock<Q>>>,
    ) -> Keeper<Q> {
        let counter = if counts {
            ThisThread::with_number().number()
        } else {
            NONE
        };
        let counter = AtomicU64::new(counter);
        if let Some(mut block) = spare
            && let Some(unused) = Arc::get_mut(&mut block)
        {
            unused.task = task;
            unused.counter = counter;
            unused.own = AtomicIsize::new(0);
            unused.others = AtomicIsize::new(0);
            unused.queued_here = AtomicBool::new(false);
            unused.queued_elsewhere = AtomicBool::new(false);
            return Keeper { block: Some(block) };
        }
        let block = TaskBlock {
            task,
            counter,
            own: AtomicIsize::new(0),
            others: AtomicIsize::new(0),
            queued_here: AtomicBool::new(false),
            queued_elsewhere: AtomicBool::new(false),
            queue: Arc::clone(queue),
        };
        Keeper {
            block: Some(Arc::new(block)),
        }
    }

    /// The block, which a keeper has until it ends.
    #[inline]
    pub(crate) fn block(&self) -> &Arc<TaskBlock<Q>> {
        self.block.as_ref().expect("a keeper that has not ended")
    }

    /// A waker of the task.
    #[inline]
    pub(crate) fn waker(&self) -> Waker {
        let block = self.block();
        block.add();
        raw_waker::of_block(block)
    }

    /// The loop calls this when it has taken the task out of a queue, before it polls the task. From now on a
    /// wake queues it again. `false`: do not poll it. A task that two threads woke is in both queues, and the
    /// first entry was enough.
    // ANCHOR: begin_poll
    #[inline]
    #[must_use]
    pub(crate) fn begin_poll(&self) -> bool {
        let block = self.block();
        if !block.is_queued() {
            return false;
        }
        block.queued_here.store(false, Ordering::Relaxed);
        // A wake that this load does not see finds the flag down, and queues the task.
        if block.queued_elsewhere.load(Ordering::Relaxed) {
            // Acquire: this poll sees what the waking thread wrote before.
            block.queued_elsewhere.swap(false, Ordering::Acquire);
        }
        true
    }
    // ANCHOR_END: begin_poll

    /// From now on a wake queues nothing.
    pub(crate) fn retire(&self) {
        let block = self.block();
        block.queued_here.store(true, Ordering::Relaxed);
        block.queued_elsewhere.store(true, Ordering::Relaxed);
    }

    /// The task has ended. Returns the block, if no waker is left; otherwise the wakers keep it.
    pub(crate) fn end(mut self) -> Option<Arc<TaskBlock<Q>>> {
        self.let_go()
    }

    fn let_go(&mut self) -> Option<Arc<TaskBlock<Q>>> {
        self.retire();
        let block = self.block.take()?;
        // Relaxed: this thread alone writes both.
        block.counter.store(NONE, Ordering::Relaxed);
        let own = block.own.load(Ordering::Relaxed);
        block.own.store(0, Ordering::Relaxed);
        // Release and Acquire: the last of all who counted comes after all the others.
        let before = (block.others).fetch_add(own * ONE + ALL, Ordering::AcqRel);
        if before + own * ONE == 0 {
            return Some(block);
        }
        // From that addition on, the last waker may drop the block: this thread does not look at it again.
        raw_waker::give_to_wakers(block);
        None
    }
}

impl<Q: Queue> Drop for Keeper<Q> {
    fn drop(&mut self) {
        if self.block.is_some() {
            drop(self.let_go());
        }
    }
}
