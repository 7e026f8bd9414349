//! Green threads on the loop: each is a future, and a future is what it waits for.

use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use green::coroutine::{Coroutine, STACK, Yielder};

thread_local! {
    /// The green thread that runs on this thread.
    static CURRENT: RefCell<Option<Rc<Current>>> = const { RefCell::new(None) };
}

/// A function on a stack of its own, as a future of what it returns. Like every future it runs only while it
/// is polled: spawn it, or await it. Each poll resumes the function once, until it waits, returns or panics.
///
/// Inside of the function, [`wait`] blocks this green thread, and no other. A green thread may poll another one
/// inside of its own poll, for instance with `wait`.
///
/// ```
/// use std::time::Duration;
/// use event_loop::{EventLoop, JumpingDriver};
/// use green::{Green, wait};
///
/// // A plain function: nothing in its signature says that it waits.
/// fn pause(handle: &event_loop::Handle, seconds: u64) {
///     wait(handle.sleep(Duration::from_secs(seconds)));
/// }
///
/// let event_loop = EventLoop::with_driver(JumpingDriver::new());
/// let handle = event_loop.handle();
/// let inside = handle.clone();
/// let thread = Green::new(move || {
///     pause(&inside, 3);
///     "three seconds later"
/// })
/// .unwrap();
/// assert_eq!(event_loop.block_on(thread), "three seconds later");
/// ```
///
/// # Panics
///
/// Its poll panics with what the function panics with, and if it is polled again after it was ready.
///
/// # Cancel safety
///
/// Dropping it unwinds the stack of the function: its destructors run, and nothing after its `wait`. A
/// destructor that calls `wait` then aborts the process.
#[must_use = "a future does nothing until it is polled"]
pub struct Green<T> {
    coroutine: Coroutine<(), (), T>,
    current: Rc<Current>,
}

/// What `wait` needs of the green thread that it blocks.
#[derive(Default)]
struct Current {
    /// Set when the function begins.
    yielder: OnceCell<Yielder<(), ()>>,
    /// The waker of the latest poll.
    waker: RefCell<Option<Waker>>,
    number: Cell<u64>,
}

impl<T: 'static> Green<T> {
    /// A green thread with a stack of [`STACK`] bytes.
    ///
    /// # Errors
    ///
    /// If the system gives no stack.
    pub fn new(function: impl FnOnce() -> T + 'static) -> io::Result<Green<T>> {
        Green::with_stack(STACK, function)
    }

    /// A green thread with a stack of at least `bytes` bytes.
    ///
    /// # Errors
    ///
    /// If the system gives no stack.
    pub fn with_stack(
        bytes: usize,
        function: impl FnOnce() -> T + 'static,
    ) -> io::Result<Green<T>> {
        let current = Rc::<Current>::default();
        let inside = Rc::clone(&current);
        let coroutine = Coroutine::with_stack(bytes, move |yielder: &Yielder<(), ()>, ()| {
            let _ = inside.yielder.set(yielder.clone());
            drop(inside);
            function()
        })?;
        current.number.set(coroutine.number());
        Ok(Green { coroutine, current })
    }

    /// Gives it a name, which the sentence about an overflow of its stack says.
    pub fn named(mut self, name: &str) -> Green<T> {
        self.coroutine = self.coroutine.named(name);
        self
    }
}

impl<T: 'static> Future for Green<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        todo!("resume the coroutine, and let `wait` find this green thread meanwhile")
    }
}

/// Blocks the green thread that calls it until the future is ready. Other tasks of the loop run meanwhile.
///
/// Each resume polls the future once, with the waker of the green thread's latest poll. While the future is
/// pending, the green thread is suspended. So `wait` may be called as deep in the stack as one likes, from
/// functions that know nothing of futures.
///
/// # Panics
///
/// If no green thread calls it. With what the future panics with.
///
/// # Cancel safety
///
/// If the green thread is dropped, the future is dropped where it stands.
pub fn wait<F: Future>(future: F) -> F::Output {
    todo!("poll the future, and suspend the green thread while it is pending")
}

/// Whether a green thread calls this. Between two polls none does, also after a poll that panicked.
#[must_use]
pub fn is_green() -> bool {
    CURRENT.with_borrow(Option::is_some)
}

/// The number of the green thread that calls this, as the sentence about an overflow says it. No two green threads of a
/// process have the same number. `None` where [`is_green`] is false: also in the destructors of a green thread that is
/// dropped, which the code that drops it runs.
#[must_use]
pub fn number() -> Option<u64> {
    CURRENT.with_borrow(|current| Some(current.as_ref()?.number.get()))
}

impl<T> fmt::Debug for Green<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Green").field(&self.coroutine).finish()
    }
}
