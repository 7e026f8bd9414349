//! The two ends of a fiber, by the crate corosensei: for systems and processors whose switch is not written
//! here. The feature `elsewhere` chooses it everywhere, to compare the two.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::fmt;
use std::io;
use std::ptr;
use std::rc::Rc;
use std::thread;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};

use super::next_number;
use super::refusals::{ENDED, NOT_ITS_STACK, UNWINDS};

thread_local! {
    /// The control of the fiber whose stack this thread is on; null on the thread's own.
    static RUNNING: Cell<*const ()> = const { Cell::new(ptr::null()) };
}

/// The owner's end.
pub(crate) struct Fiber<Sent, Yield> {
    coroutine: Coroutine<Sent, Yield, (), DefaultStack>,
    control: Rc<Control<Sent, Yield>>,
    size: usize,
    number: u64,
    name: Option<Box<str>>,
}

/// The end that the code on the stack has.
pub(crate) struct Suspender<Sent, Yield> {
    control: Rc<Control<Sent, Yield>>,
}

struct Control<Sent, Yield> {
    /// Points into the fiber's stack while its body runs; null before and after.
    yielder: Cell<Option<ptr::NonNull<Yielder<Sent, Yield>>>>,
    unwinds: Cell<bool>,
}

impl<Sent: 'static, Yield: 'static> Fiber<Sent, Yield> {
    pub(crate) fn new(
        size: usize,
        body: impl FnOnce(&Suspender<Sent, Yield>, Sent) + 'static,
    ) -> io::Result<Fiber<Sent, Yield>> {
        let control = Rc::new(Control {
            yielder: Cell::new(None),
            unwinds: Cell::new(false),
        });
        let suspender = Suspender {
            control: Rc::clone(&control),
        };
        let coroutine = Coroutine::with_stack(DefaultStack::new(size)?, move |yielder, sent| {
            let yielder: &Yielder<Sent, Yield> = yielder;
            suspender.control.yielder.set(Some(yielder.into()));
            let _none_after = NoneAfter(&suspender.control.yielder);
            body(&suspender, sent);
        });
        Ok(Fiber {
            coroutine,
            control,
            size,
            number: next_number(),
            name: None,
        })
    }

    pub(crate) fn resume(&mut self, sent: Sent) -> Option<Yield> {
        assert!(!self.coroutine.done(), "{ENDED}");
        let _here = Here::enters(&self.control);
        match self.coroutine.resume(sent) {
            CoroutineResult::Yield(value) => Some(value),
            CoroutineResult::Return(()) => None,
        }
    }
}

impl<Sent, Yield> Fiber<Sent, Yield> {
    pub(crate) fn set_name(&mut self, name: &str) {
        self.name = Some(name.into());
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.coroutine.done()
    }

    pub(crate) fn stack_size(&self) -> usize {
        self.size
    }

    /// Not known here: the whole stack.
    pub(crate) fn stack_used(&self) -> usize {
        self.size
    }
}

impl<Sent, Yield> Drop for Fiber<Sent, Yield> {
    fn drop(&mut self) {
        if self.coroutine.started() && !self.coroutine.done() {
            self.control.unwinds.set(true);
            let _here = Here::enters(&self.control);
            self.coroutine.force_unwind();
        }
    }
}

impl<Sent: 'static, Yield: 'static> Suspender<Sent, Yield> {
    pub(crate) fn suspend(&self, value: Yield) -> Sent {
        let here = Rc::as_ptr(&self.control).cast();
        assert!(ptr::eq(RUNNING.get(), here), "{NOT_ITS_STACK}");
        let unwinds = thread::panicking() || self.control.unwinds.get();
        assert!(!unwinds, "{UNWINDS}");
        let yielder = self.control.yielder.get().expect(NOT_ITS_STACK);
        // SAFETY: the code runs on the fiber's stack, in the body, which the yielder outlives.
        unsafe { yielder.as_ref() }.suspend(value)
    }
}

impl<Sent, Yield> Clone for Suspender<Sent, Yield> {
    fn clone(&self) -> Self {
        Suspender {
            control: Rc::clone(&self.control),
        }
    }
}

/// This thread is on the fiber's stack as long as this exists.
struct Here {
    outer: *const (),
}

impl Here {
    fn enters<Sent, Yield>(control: &Rc<Control<Sent, Yield>>) -> Here {
        Here {
            outer: RUNNING.replace(Rc::as_ptr(control).cast()),
        }
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        RUNNING.set(self.outer);
    }
}

struct NoneAfter<'a, T>(&'a Cell<Option<ptr::NonNull<T>>>);

impl<T> Drop for NoneAfter<'_, T> {
    fn drop(&mut self) {
        self.0.set(None);
    }
}

impl<Sent, Yield> fmt::Debug for Fiber<Sent, Yield> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Fiber")
            .field("name", &self.name)
            .field("stack", &self.size)
            .finish_non_exhaustive()
    }
}
