//! A coroutine: a generator whose body is a plain function, on a stack of its own.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::rc::Rc;

use generators::{Generator, Step};

use crate::fiber::{Fiber, Suspender};

/// How large a stack is if nothing else is asked for, in bytes: 64 KiB. A thread of Rust's standard library
/// has 2 MiB.
pub const STACK: usize = 64 * 1024;

// ANCHOR: coroutine
/// A function that can be suspended anywhere, also in functions that it calls.
///
/// It is chapter 01's [`Generator`]: `resume` runs it until it suspends or returns. What is different is the
/// body. It is called with a [`Yielder`], and any function that it gives it to can suspend the coroutine; the
/// functions between need not know.
///
/// It belongs to the thread that made it.
///
/// Dropping a suspended one unwinds it: the destructors of what is on its stack run.
///
/// ```
/// use generators::{Generator, Step};
/// use green::{Coroutine, Yielder};
///
/// // Plain functions, ten deep.
/// fn down(depth: u32, out: &Yielder<(), u32>) {
///     if depth > 0 {
///         down(depth - 1, out);
///     }
///     out.suspend(depth);
/// }
///
/// let mut up = Coroutine::new(|out: &Yielder<(), u32>, ()| down(10, out)).unwrap();
/// for depth in 0..=10 {
///     assert_eq!(up.resume(()), Step::Yielded(depth));
/// }
/// assert_eq!(up.resume(()), Step::Complete(()));
/// ```
pub struct Coroutine<Sent, Yield, Return> {
    fiber: Fiber,
    shared: Rc<Shared<Sent, Yield, Return>>,
}
// ANCHOR_END: coroutine

/// What a coroutine suspends itself with. A clone suspends the same coroutine.
pub struct Yielder<Sent, Yield> {
    suspender: Suspender,
    slots: Rc<Slots<Sent, Yield>>,
}

/// Values on their way in and out.
struct Slots<Sent, Yield> {
    sent: Cell<Option<Sent>>,
    yielded: Cell<Option<Yield>>,
}

struct Shared<Sent, Yield, Return> {
    slots: Rc<Slots<Sent, Yield>>,
    returned: RefCell<Option<Return>>,
}

impl<Sent: 'static, Yield: 'static, Return: 'static> Coroutine<Sent, Yield, Return> {
    /// A coroutine on a stack of [`STACK`] bytes. Its body runs at the first `resume`, which passes the second
    /// argument.
    ///
    /// # Errors
    ///
    /// If the system gives no stack.
    pub fn new<F>(body: F) -> io::Result<Coroutine<Sent, Yield, Return>>
    where
        F: FnOnce(&Yielder<Sent, Yield>, Sent) -> Return + 'static,
    {
        Coroutine::with_stack(STACK, body)
    }

    /// A coroutine on a stack of at least `bytes` bytes.
    ///
    /// # Errors
    ///
    /// If the system gives no stack.
    pub fn with_stack<F>(bytes: usize, body: F) -> io::Result<Coroutine<Sent, Yield, Return>>
    where
        F: FnOnce(&Yielder<Sent, Yield>, Sent) -> Return + 'static,
    {
        let slots = Rc::new(Slots {
            sent: Cell::new(None),
            yielded: Cell::new(None),
        });
        let shared = Rc::new(Shared {
            slots: Rc::clone(&slots),
            returned: RefCell::new(None),
        });
        let result = Rc::clone(&shared);
        let fiber = Fiber::new(bytes, move |suspender| {
            let yielder = Yielder {
                suspender: suspender.clone(),
                slots,
            };
            let sent = yielder.taken();
            let returned = body(&yielder, sent);
            result.returned.replace(Some(returned));
        })?;
        Ok(Coroutine { fiber, shared })
    }

    /// Whether it has returned or panicked: it must not be resumed.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.fiber.has_ended()
    }

    /// The size of its stack, in bytes.
    #[must_use]
    pub fn stack_size(&self) -> usize {
        self.fiber.stack_size()
    }

    /// How much of its stack has been used so far, in bytes, in whole pages. The system knows it, because it
    /// gives a page its memory when the page is first touched.
    #[must_use]
    pub fn stack_used(&self) -> usize {
        self.fiber.stack_used()
    }
}

// ANCHOR: resume
impl<Sent: 'static, Yield: 'static, Return: 'static> Generator<Sent>
    for Coroutine<Sent, Yield, Return>
{
    type Yield = Yield;
    type Return = Return;

    /// # Panics
    ///
    /// With what the body panics with. If it has ended.
    fn resume(&mut self, sent: Sent) -> Step<Yield, Return> {
        let slots = &self.shared.slots;
        let unread = slots.sent.replace(Some(sent));
        debug_assert!(unread.is_none(), "the body takes each value at once");
        self.fiber.resume();
        match slots.yielded.take() {
            Some(value) => Step::Yielded(value),
            None => Step::Complete(self.shared.returned.take().expect("the body has returned")),
        }
    }
}
// ANCHOR_END: resume

impl<Sent, Yield> Yielder<Sent, Yield> {
    /// Suspends the coroutine: its `resume` returns this value. Returns what the next `resume` sends.
    ///
    /// If the coroutine is dropped instead, this unwinds its stack.
    ///
    /// # Panics
    ///
    /// If the code that calls it is not on the coroutine's stack; and in a destructor while the coroutine
    /// unwinds.
    #[inline]
    pub fn suspend(&self, value: Yield) -> Sent {
        self.suspender.is_allowed();
        self.slots.yielded.set(Some(value));
        self.suspender.suspend();
        self.taken()
    }

    fn taken(&self) -> Sent {
        self.slots.sent.take().expect("a resume sends a value")
    }
}

impl<Sent, Yield> Clone for Yielder<Sent, Yield> {
    fn clone(&self) -> Self {
        Yielder {
            suspender: self.suspender.clone(),
            slots: Rc::clone(&self.slots),
        }
    }
}

impl<Sent, Yield, Return> fmt::Debug for Coroutine<Sent, Yield, Return> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Coroutine").field(&self.fiber).finish()
    }
}

impl<Sent, Yield> fmt::Debug for Yielder<Sent, Yield> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Yielder")
    }
}
