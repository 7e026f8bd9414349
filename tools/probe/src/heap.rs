//! How much memory is in use. It finds a value that is neither dropped nor owned any more: no other instrument sees that.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicIsize, Ordering};

thread_local! {
    static IN_USE: Cell<isize> = const { Cell::new(0) };
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

static IN_USE_BY_ALL: AtomicIsize = AtomicIsize::new(0);

/// The system's allocator, which counts for each thread and for all of them. It counts once it is the program's own. A program has one
/// allocator: `probe-generators` and `probe-futures` bring this one, so each check has it.
///
/// ```
/// #[global_allocator]
/// static HEAP: probe::heap::Counting = probe::heap::Counting;
///
/// let before = probe::heap::in_use();
/// let kept = Box::new([0_u8; 100]);
/// assert_eq!(probe::heap::in_use() - before, 100);
/// drop(kept);
/// assert_eq!(probe::heap::in_use(), before);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Counting;

/// Bytes that this thread has asked for so far, less those that it gave back. What another thread gives back is not seen here.
#[must_use]
pub fn in_use() -> isize {
    IN_USE.get()
}

/// Bytes that all threads of the program have asked for so far, less those that they gave back. Where tests run on several threads, the
/// others' bytes are among them.
#[must_use]
pub fn in_use_by_all() -> isize {
    IN_USE_BY_ALL.load(Ordering::Relaxed)
}

/// How often this thread has asked for memory so far. A vector that grows asks anew.
#[must_use]
pub fn allocations() -> usize {
    ALLOCATIONS.get()
}

/// How many bytes `body` leaves behind at each call. What it makes once does not count, nor does what it gives back to another call: it
/// is called six times, and the least growth of the last five calls counts. Memory that another thread has given back by then does
/// not count either. 0 where the program's allocator does not count.
pub fn growth(mut body: impl FnMut()) -> usize {
    body();
    let grown = (0..5).map(|_| {
        let (mine, all) = (in_use(), in_use_by_all());
        body();
        (in_use() - mine).min(in_use_by_all() - all)
    });
    grown.min().unwrap_or(0).max(0).unsigned_abs()
}

fn count(bytes: isize) {
    IN_USE_BY_ALL.fetch_add(bytes, Ordering::Relaxed);
    // A thread that ends may free memory after its thread-locals are destroyed. No test reads its count any more.
    let _gone = IN_USE.try_with(|in_use| in_use.set(in_use.get() + bytes));
}

// SAFETY: each call is handed on to the system's allocator as it came; counting touches a `Cell` of this thread and an atomic, and
// allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        let _gone = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        // SAFETY: as above; all memory here came from the system's allocator.
        unsafe { System.dealloc(place, layout) }
    }
}
