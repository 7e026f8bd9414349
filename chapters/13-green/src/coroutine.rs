//! A coroutine: a generator whose body is a plain function, on a stack of its own.

use std::cell::Cell;
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
    fiber: Fiber<Sent, Yield>,
    returned: Rc<Cell<Option<Return>>>,
}
// ANCHOR_END: coroutine

/// What a coroutine suspends itself with. A clone suspends the same coroutine.
pub struct Yielder<Sent, Yield> {
    suspender: Suspender<Sent, Yield>,
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
        let returned = Rc::new(Cell::new(None));
        let result = Rc::clone(&returned);
        let fiber = Fiber::new(bytes, move |suspender: &Suspender<Sent, Yield>, sent| {
            let yielder = Yielder {
                suspender: suspender.clone(),
            };
            result.set(Some(body(&yielder, sent)));
        })?;
        Ok(Coroutine { fiber, returned })
    }

    /// Gives it a name. The sentence about an overflow of its stack says it, and so does its `Debug`. Without one they
    /// say its number.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.fiber.set_name(name);
        self
    }

    /// Its number: the first one of the process has the number 1, and no number is given twice.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.fiber.number()
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
    #[inline]
    fn resume(&mut self, sent: Sent) -> Step<Yield, Return> {
        match self.fiber.resume(sent) {
            Some(value) => Step::Yielded(value),
            None => Step::Complete(self.returned.take().expect("the body has returned")),
        }
    }
}
// ANCHOR_END: resume

impl<Sent: 'static, Yield: 'static> Yielder<Sent, Yield> {
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
        self.suspender.suspend(value)
    }
}

impl<Sent, Yield> Clone for Yielder<Sent, Yield> {
    fn clone(&self) -> Self {
        Yielder {
            suspender: self.suspender.clone(),
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
