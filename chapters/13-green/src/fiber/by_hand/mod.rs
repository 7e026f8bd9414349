//! The two ends of a fiber: one resumes, one suspends.
#![allow(unsafe_code)]

mod about;
mod overflow;
mod stack;
mod switch;
mod valgrind;
mod word;

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;
use std::rc::Rc;
use std::thread;

use super::refusals::{ENDED, NOT_ITS_STACK, UNWINDS};
use about::About;
use stack::Stack;
use switch::{enter, leave, prepare, stack_pointer};
use word::{Word, taken, word_of};

/// The owner's end: resumes the code, and drops the stack.
pub(crate) struct Fiber<Sent, Yield> {
    control: Rc<Control>,
    stack: Stack,
    values: PhantomData<fn(Sent) -> Yield>,
}

/// The end that the code on the stack has: it suspends.
pub(crate) struct Suspender<Sent, Yield> {
    control: Rc<Control>,
    values: PhantomData<fn(Yield) -> Sent>,
}

/// What both ends share.
struct Control {
    state: Cell<State>,
    /// The stack pointer of the side that does not run: of the fiber while it is suspended, of its resumer
    /// while it runs.
    other: Cell<*mut u8>,
    /// What the stack begins with.
    body: RefCell<Option<Body>>,
    /// What the body panicked with.
    panic: RefCell<Option<Box<dyn Any + Send>>>,
    about: About,
}

/// A body, which takes the first word.
type Body = Box<dyn FnOnce(Word)>;

/// No state says that it runs: `resume` borrows the fiber meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Alive,
    /// The fiber is being dropped, and its suspended body unwinds.
    Unwinds,
    Ended,
}

/// What a body unwinds with whose fiber is dropped. No panic hook sees it.
struct Dropped;

impl<Sent: 'static, Yield: 'static> Fiber<Sent, Yield> {
    /// A stack of this size, and what is to run on it at the first `resume`.
    ///
    /// # Errors
    ///
    /// If the system gives no stack.
    pub(crate) fn new(
        size: usize,
        body: impl FnOnce(&Suspender<Sent, Yield>, Sent) + 'static,
    ) -> io::Result<Fiber<Sent, Yield>> {
        overflow::is_watched();
        let stack = Stack::new(size)?;
        let control = Rc::new(Control {
            state: Cell::new(State::Alive),
            other: Cell::new(ptr::null_mut()),
            body: RefCell::new(None),
            panic: RefCell::new(None),
            about: About::new(stack.guard(), stack.size()),
        });
        let suspender = Suspender {
            control: Rc::clone(&control),
            values: PhantomData,
        };
        (control.body).replace(Some(Box::new(move |word| {
            // SAFETY: it is the word of the first `resume`, whose value is a `Sent`.
            let sent = unsafe { taken(word) };
            body(&suspender, sent);
        })));
        // SAFETY: the `Rc` keeps it where it is, and the fiber, which is not `Send`, takes it out when it is dropped.
        unsafe { control.about.enters_list() };
        // SAFETY: the stack is new, and a page is more than what is written.
        let pointer = unsafe { prepare(stack.top(), begin, Rc::as_ptr(&control).cast()) };
        control.other.set(pointer);
        Ok(Fiber {
            control,
            stack,
            values: PhantomData,
        })
    }

    /// Runs the code until it suspends or ends, on its own stack. The code cannot call it: it is borrowed meanwhile.
    /// None if it has ended.
    ///
    /// # Panics
    ///
    /// With what the code panics with. If it has ended.
    #[inline]
    pub(crate) fn resume(&mut self, sent: Sent) -> Option<Yield> {
        assert!(!self.has_ended(), "{ENDED}");
        let mut sent = ManuallyDrop::new(sent);
        let word = self.control.enter(word_of(&mut sent));
        if self.has_ended() {
            return self.passes_panic_on();
        }
        // SAFETY: it has suspended itself, with a `Yield`.
        Some(unsafe { taken(word) })
    }
}

impl<Sent, Yield> Fiber<Sent, Yield> {
    #[cold]
    fn passes_panic_on(&self) -> Option<Yield> {
        match self.control.panic.take() {
            Some(panic) => resume_unwind(panic),
            None => None,
        }
    }

    /// Gives it a name, for the sentence about an overflow.
    pub(crate) fn set_name(&mut self, name: &str) {
        self.control.about.set_name(name);
    }

    pub(crate) fn number(&self) -> u64 {
        self.control.about.number
    }

    #[inline]
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
}

impl<Sent: 'static, Yield: 'static> Suspender<Sent, Yield> {
    // ANCHOR: suspend
    /// Goes back to the resumer, which gets the value. Returns what it sends when it resumes the fiber. If the fiber is
    /// dropped instead, this unwinds.
    ///
    /// # Panics
    ///
    /// If the calling code is not on this fiber's stack; if this thread is panicking, because the panic would go on
    /// on another stack; if the fiber is being dropped.
    #[inline]
    pub(crate) fn suspend(&self, value: Yield) -> Sent {
        let control = &*self.control;
        assert!(control.about.holds(stack_pointer()), "{NOT_ITS_STACK}");
        let unwinds = thread::panicking() || control.state.get() != State::Alive;
        assert!(!unwinds, "{UNWINDS}");
        let mut value = ManuallyDrop::new(value);
        // SAFETY: this code runs on the fiber's stack, so `other` is what `enter` stored, and it waits for this.
        let word = unsafe { leave(control.other.as_ptr(), word_of(&mut value)) };
        if control.state.get() != State::Alive {
            resume_unwind(Box::new(Dropped));
        }
        // SAFETY: it has been resumed, with a `Sent`.
        unsafe { taken(word) }
    }
    // ANCHOR_END: suspend
}

impl Control {
    // ANCHOR: enter
    #[inline]
    fn enter(&self, word: Word) -> Word {
        // SAFETY: the fiber is suspended, so `other` is what `prepare` or `leave` stored. The stack is there as
        // long as the fiber, which calls this.
        unsafe { enter(self.other.as_ptr(), word) }
    }
    // ANCHOR_END: enter
}

/// The first function on each stack.
unsafe extern "C" fn begin(control: *const (), word: Word) -> ! {
    // SAFETY: it is the pointer of `Fiber::new`, whose fiber keeps it alive while it is resumed.
    let control = unsafe { &*control.cast::<Control>() };
    let body = control.body.take();
    // A panic must not leave this stack: there is nothing above `begin` to unwind to.
    let ended = catch_unwind(AssertUnwindSafe(|| {
        if let Some(body) = body {
            body(word);
        }
    }));
    if let Err(panic) = ended
        && !panic.is::<Dropped>()
    {
        control.panic.replace(Some(panic));
    }
    // Nothing on this stack owns anything any more.
    control.state.set(State::Ended);
    // SAFETY: this code runs on the fiber's stack, so `other` is what `enter` stored, and it waits for this.
    unsafe { leave(control.other.as_ptr(), Word::uninit()) };
    unreachable!("an ended green thread is not resumed")
}

/// A suspended body is unwound on its own stack, so that its destructors run.
///
/// A body that catches the unwinding goes on until it ends, because a second `suspend` panics.
impl<Sent, Yield> Drop for Fiber<Sent, Yield> {
    fn drop(&mut self) {
        let has_begun = self.control.body.take().is_none();
        if has_begun && self.control.state.get() == State::Alive {
            self.control.state.set(State::Unwinds);
            self.control.enter(Word::uninit());
            // A destructor that panicked while it unwound would have aborted; what else was caught is dropped.
            drop(self.control.panic.take());
        }
        self.control.state.set(State::Ended);
        self.control.about.leaves_list();
    }
}

impl<Sent, Yield> Clone for Suspender<Sent, Yield> {
    fn clone(&self) -> Self {
        Suspender {
            control: Rc::clone(&self.control),
            values: PhantomData,
        }
    }
}

impl<Sent, Yield> fmt::Debug for Fiber<Sent, Yield> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Fiber")
            .field("about", &self.control.about)
            .field("state", &self.control.state.get())
            .finish_non_exhaustive()
    }
}
