//! Which steps lead from the loop of chapter 04 to the faster one.

/// The steps from the loop of chapter 04 to the faster one. Each can be switched off alone, and then that
/// part of the loop works as in chapter 04.
///
/// ```
/// use event_loop::ThreadDriver;
/// use speed::{EventLoop, Steps};
///
/// let steps = Steps { counts: false, ..Steps::default() };
/// let event_loop = EventLoop::stepped(ThreadDriver::new(), (), steps);
/// assert_eq!(event_loop.block_on(async { 42 }), 42);
/// ```
// ANCHOR: steps
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// A wake on the loop's own thread takes no lock: a queue of its own. Without it, all wakes go through
    /// the queue that the threads share.
    pub queue: bool,
    /// The loop's own thread counts wakers without an atomic operation, and marks a task as queued without
    /// one.
    pub counts: bool,
    /// A task that ends leaves the memory of its waker to the next task, if no waker is left. So the
    /// future is the one allocation of a task.
    pub reuse: bool,
    /// A task that the running task wakes runs next, up to three in a row, before those that were ready
    /// earlier. **This breaks the order that chapter 04 promises**, so it is off unless you switch it on.
    pub lifo: bool,
}
// ANCHOR_END: steps

impl Default for Steps {
    /// Every step that keeps the contracts of chapter 04: all but the LIFO slot.
    fn default() -> Steps {
        Steps {
            queue: true,
            counts: true,
            reuse: true,
            lifo: false,
        }
    }
}

impl Steps {
    /// No step: what is left is the loop of chapter 04 without its queue for wakes of its own thread.
    #[must_use]
    pub fn none() -> Steps {
        Steps {
            queue: false,
            counts: false,
            reuse: false,
            lifo: false,
        }
    }
}
