//! The two ends of a fiber: one resumes, one suspends.
#![allow(unsafe_code)]

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;
use std::rc::Rc;
use std::thread;

use super::overflow;
use super::refusals::{ENDED, ITSELF, NOT_ITS_STACK, UNWINDS};
use super::stack::Stack;
use super::switch::{prepare, switch};

thread_local! {
    /// The fiber whose stack this thread is on; null on the thread's own.
    static RUNNING: Cell<*const Control> = const { Cell::new(ptr::null()) };
}

/// The guard page and the size of the stack that this thread is on, if it is a green thread's. A signal handler may call it.
pub(super) fn running() -> Option<(Range<usize>, usize)> {
    // SAFETY: the pointer is set while its fiber is in `enter`, which keeps it alive.
    let control = unsafe { RUNNING.get().as_ref() }?;
    Some((control.guard.clone(), control.size))
}

/// The owner's end: resumes the code, and drops the stack.
pub(crate) struct Fiber {
    control: Rc<Control>,
    stack: Stack,
}

/// The end that the code on the stack has: it suspends.
#[derive(Clone)]
pub(crate) struct Suspender {
    control: Rc<Control>,
}

/// What both ends share.
struct Control {
    state: Cell<State>,
    /// The stack pointer of the side that does not run: of the fiber while it is suspended, of its resumer
    /// while it runs.
    other: Cell<*mut u8>,
    /// What the stack begins with.
    body: RefCell<Option<Box<dyn FnOnce()>>>,
    /// What the body panicked with.
    panic: RefCell<Option<Box<dyn Any + Send>>>,
    /// A suspended body is to unwind: its fiber is being dropped.
    unwinds: Cell<bool>,
    /// For the sentence about an overflow.
    guard: Range<usize>,
    size: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Suspended,
    Running,
    Ended,
}

/// What a body unwinds with whose fiber is dropped. No panic hook sees it.
struct Dropped;

impl Fiber {
    /// A stack of this size, and what is to run on it at the first `resume`.
    ///
    /// # Errors
    ///
    /// If the system gives no stack.
    pub(crate) fn new(size: usize, body: impl FnOnce(&Suspender) + 'static) -> io::Result<Fiber> {
        overflow::is_watched();
        let stack = Stack::new(size)?;
        let control = Rc::new(Control {
            state: Cell::new(State::Suspended),
            other: Cell::new(ptr::null_mut()),
            body: RefCell::new(None),
            panic: RefCell::new(None),
            unwinds: Cell::new(false),
            guard: stack.guard(),
            size: stack.size(),
        });
        let suspender = Suspender {
            control: Rc::clone(&control),
        };
        (control.body).replace(Some(Box::new(move || body(&suspender))));
        // SAFETY: the stack is new, and a page is more than what is written.
        let pointer = unsafe { prepare(stack.top(), begin, Rc::as_ptr(&control).cast()) };
        control.other.set(pointer);
        Ok(Fiber { control, stack })
    }

    /// Runs the code until it suspends or ends, on its own stack.
    ///
    /// # Panics
    ///
    /// With what the code panics with. If it has ended, or is running: then this is a call from inside of it.
    #[inline]
    pub(crate) fn resume(&mut self) {
        match self.control.state.get() {
            State::Suspended => {}
            State::Running => panic!("{ITSELF}"),
            State::Ended => panic!("{ENDED}"),
        }
        self.enter();
        if self.has_ended()
            && let Some(panic) = self.control.panic.take()
        {
            resume_unwind(panic);
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.control.state.get() == State::Ended
    }

    /// The size of its stack, in bytes.
    pub(crate) fn stack_size(&self) -> usize {
        self.stack.size()
    }

    /// How many bytes of its stack have been touched, in whole pages.
    pub(crate) fn stack_used(&self) -> usize {
        self.stack.touched()
    }

    // ANCHOR: enter
    fn enter(&self) {
        let control = &*self.control;
        control.state.set(State::Running);
        let outer = RUNNING.replace(control);
        // SAFETY: the fiber is suspended, so `other` is what `prepare` or the switch in `leave` stored, and is
        // used once: that side stores another when it comes back. The stack is there as long as `self`.
        unsafe { switch(control.other.as_ptr(), control.other.get()) };
        RUNNING.set(outer);
    }
    // ANCHOR_END: enter
}

impl Suspender {
    /// # Panics
    ///
    /// If `suspend` would.
    #[inline]
    pub(crate) fn is_allowed(&self) {
        assert!(ptr::eq(RUNNING.get(), &*self.control), "{NOT_ITS_STACK}");
        assert!(
            !thread::panicking() && !self.control.unwinds.get(),
            "{UNWINDS}"
        );
    }

    /// Goes back to the resumer. Returns when the fiber is resumed. If it is dropped instead, this unwinds.
    ///
    /// # Panics
    ///
    /// If the calling code is not on this fiber's stack; if this thread is panicking, because the panic would go on
    /// on another stack; if the fiber is being dropped.
    #[inline]
    pub(crate) fn suspend(&self) {
        self.is_allowed();
        self.control.leave(State::Suspended);
        if self.control.unwinds.get() {
            resume_unwind(Box::new(Dropped));
        }
    }
}

impl Control {
    // ANCHOR: leave
    fn leave(&self, state: State) {
        self.state.set(state);
        // SAFETY: the fiber runs, so `other` is what the switch in `enter` stored, and `enter` waits for it.
        unsafe { switch(self.other.as_ptr(), self.other.get()) };
    }
    // ANCHOR_END: leave
}

/// The first function on each stack.
unsafe extern "C" fn begin(control: *const ()) -> ! {
    // SAFETY: it is the pointer of `Fiber::new`, whose fiber keeps it alive while it is resumed.
    let control = unsafe { &*control.cast::<Control>() };
    let body = control.body.take();
    // A panic must not leave this stack: there is nothing above `begin` to unwind to.
    let ended = catch_unwind(AssertUnwindSafe(|| {
        if let Some(body) = body {
            body();
        }
    }));
    if let Err(panic) = ended
        && !panic.is::<Dropped>()
    {
        control.panic.replace(Some(panic));
    }
    // Nothing on this stack owns anything any more.
    control.leave(State::Ended);
    unreachable!("an ended green thread is not resumed")
}

/// A suspended body is unwound on its own stack, so that its destructors run.
///
/// A body that catches the unwinding goes on until it ends, because a second `suspend` panics.
impl Drop for Fiber {
    fn drop(&mut self) {
        let has_begun = self.control.body.take().is_none();
        if has_begun && self.control.state.get() == State::Suspended {
            self.control.unwinds.set(true);
            self.enter();
            // A destructor that panicked while it unwound would have aborted; what else was caught is dropped.
            drop(self.control.panic.take());
        }
    }
}

impl fmt::Debug for Fiber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Fiber")
            .field("state", &self.control.state.get())
            .field("stack", &self.stack.size())
            .finish_non_exhaustive()
    }
}
