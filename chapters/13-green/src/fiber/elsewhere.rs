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
use corosensei::{Coroutine, Yielder};

use super::refusals::{ENDED, ITSELF, NOT_ITS_STACK, UNWINDS};

thread_local! {
    static RUNNING: Cell<*const Control> = const { Cell::new(ptr::null()) };
}

/// The owner's end.
pub(crate) struct Fiber {
    coroutine: Coroutine<(), (), (), DefaultStack>,
    control: Rc<Control>,
    size: usize,
}

/// The end that the code on the stack has.
#[derive(Clone)]
pub(crate) struct Suspender {
    control: Rc<Control>,
}

#[derive(Default)]
struct Control {
    /// Points into the fiber's stack while its body runs; null before and after.
    yielder: Cell<Option<ptr::NonNull<Yielder<(), ()>>>>,
    runs: Cell<bool>,
    unwinds: Cell<bool>,
}

impl Fiber {
    pub(crate) fn new(size: usize, body: impl FnOnce(&Suspender) + 'static) -> io::Result<Fiber> {
        let control = Rc::<Control>::default();
        let suspender = Suspender {
            control: Rc::clone(&control),
        };
        let coroutine = Coroutine::with_stack(DefaultStack::new(size)?, move |yielder, ()| {
            let yielder: &Yielder<(), ()> = yielder;
            suspender.control.yielder.set(Some(yielder.into()));
            let _none_after = NoneAfter(&suspender.control.yielder);
            body(&suspender);
        });
        Ok(Fiber {
            coroutine,
            control,
            size,
        })
    }

    pub(crate) fn resume(&mut self) {
        assert!(!self.control.runs.get(), "{ITSELF}");
        assert!(!self.coroutine.done(), "{ENDED}");
        let _here = Here::enters(&self.control);
        let _ = self.coroutine.resume(());
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

impl Drop for Fiber {
    fn drop(&mut self) {
        if self.coroutine.started() && !self.coroutine.done() {
            self.control.unwinds.set(true);
            let _here = Here::enters(&self.control);
            self.coroutine.force_unwind();
        }
    }
}

impl Suspender {
    pub(crate) fn is_allowed(&self) {
        assert!(ptr::eq(RUNNING.get(), &*self.control), "{NOT_ITS_STACK}");
        assert!(
            !thread::panicking() && !self.control.unwinds.get(),
            "{UNWINDS}"
        );
    }

    pub(crate) fn suspend(&self) {
        self.is_allowed();
        let yielder = self.control.yielder.get().expect(NOT_ITS_STACK);
        // SAFETY: the code runs on the fiber's stack, in the body, which the yielder outlives.
        unsafe { yielder.as_ref() }.suspend(());
    }
}

/// This thread is on the fiber's stack as long as this exists.
struct Here<'a> {
    control: &'a Control,
    outer: *const Control,
}

impl<'a> Here<'a> {
    fn enters(control: &'a Control) -> Here<'a> {
        control.runs.set(true);
        Here {
            control,
            outer: RUNNING.replace(control),
        }
    }
}

impl Drop for Here<'_> {
    fn drop(&mut self) {
        RUNNING.set(self.outer);
        self.control.runs.set(false);
    }
}

struct NoneAfter<'a>(&'a Cell<Option<ptr::NonNull<Yielder<(), ()>>>>);

impl Drop for NoneAfter<'_> {
    fn drop(&mut self) {
        self.0.set(None);
    }
}

impl fmt::Debug for Fiber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Fiber")
            .field("stack", &self.size)
            .finish_non_exhaustive()
    }
}
