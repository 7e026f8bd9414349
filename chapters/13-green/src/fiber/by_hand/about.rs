//! What a green thread is called and where its stack is, for the code that asks on whose stack it runs: a `suspend`, and
//! the handler of an overflow.
#![allow(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::fmt;
use std::ops::Range;
use std::ptr;

use super::super::next_number;

thread_local! {
    /// The first of this thread's list of green threads.
    static FIRST: Cell<*const About> = const { Cell::new(ptr::null()) };
}

/// A link in the list of all green threads of the thread that made it.
pub(super) struct About {
    pub(super) number: u64,
    /// Written only while the green thread does not run, so a signal handler on its stack may read it.
    name: RefCell<Option<Box<str>>>,
    /// The addresses of the guard page; the stack is above it.
    guard: Range<usize>,
    pub(super) size: usize,
    next: Cell<*const About>,
    before: Cell<*const About>,
}

impl About {
    pub(super) fn new(guard: Range<usize>, size: usize) -> About {
        About {
            number: next_number(),
            name: RefCell::new(None),
            guard,
            size,
            next: Cell::new(ptr::null()),
            before: Cell::new(ptr::null()),
        }
    }

    /// Whether this address is on the stack.
    #[inline(always)]
    pub(super) fn holds(&self, address: usize) -> bool {
        address.wrapping_sub(self.guard.end) < self.size
    }

    /// Takes it into this thread's list.
    ///
    /// # Safety
    ///
    /// It is in no list, and stays where it is until `leaves_list` is called, on the same thread.
    pub(super) unsafe fn enters_list(&self) {
        let next = FIRST.replace(self);
        self.next.set(next);
        // SAFETY: what is in the list is still there.
        if let Some(next) = unsafe { next.as_ref() } {
            next.before.set(self);
        }
    }

    /// Takes it out of this thread's list.
    pub(super) fn leaves_list(&self) {
        let (before, next) = (self.before.get(), self.next.get());
        // SAFETY: what is in the list is still there.
        match unsafe { before.as_ref() } {
            Some(before) => before.next.set(next),
            None => FIRST.set(next),
        }
        // SAFETY: as above.
        if let Some(next) = unsafe { next.as_ref() } {
            next.before.set(before);
        }
    }

    pub(super) fn set_name(&self, name: &str) {
        self.name.replace(Some(name.into()));
    }

    /// Shows the name, if it has one.
    pub(super) fn with_name(&self, show: impl FnOnce(&str)) {
        if let Ok(name) = self.name.try_borrow()
            && let Some(name) = &*name
        {
            show(name);
        }
    }
}

/// Shows the green thread of this thread whose guard page has this address, if there is one. A signal handler may call
/// it.
pub(super) fn with_guard_at(address: usize, show: impl FnOnce(&About)) {
    let mut place = FIRST.get();
    // SAFETY: what is in the list is still there.
    while let Some(about) = unsafe { place.as_ref() } {
        if about.guard.contains(&address) {
            return show(about);
        }
        place = about.next.get();
    }
}

impl fmt::Debug for About {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "green thread {}", self.number)?;
        let mut outcome = Ok(());
        self.with_name(|name| outcome = write!(out, ", `{name}`"));
        outcome?;
        write!(out, ", {} KiB", self.size / 1024)
    }
}
