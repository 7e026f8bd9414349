//! How much memory is in use. It finds a value that is neither dropped nor owned any more: no other instrument sees that.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static IN_USE: Cell<isize> = const { Cell::new(0) };
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, which counts for each thread. It counts once a check has made it the program's own:
///
/// ```
/// #[global_allocator]
/// static HEAP: probe_futures::heap::Counting = probe_futures::heap::Counting;
///
/// let before = probe_futures::heap::in_use();
/// let kept = Box::new([0_u8; 100]);
/// assert_eq!(probe_futures::heap::in_use() - before, 100);
/// drop(kept);
/// assert_eq!(probe_futures::heap::in_use(), before);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Counting;

/// Bytes that this thread has asked for so far, less those that it gave back. What another thread gives back is not seen here.
#[must_use]
pub fn in_use() -> isize {
    IN_USE.get()
}

/// How often this thread has asked for memory so far. A vector that grows asks anew.
#[must_use]
pub fn allocations() -> usize {
    ALLOCATIONS.get()
}

fn count(bytes: isize) {
    // A thread that ends may free memory after its thread-locals are destroyed. No test reads its count any more.
    let _gone = IN_USE.try_with(|in_use| in_use.set(in_use.get() + bytes));
}

// SAFETY: each call is handed on to the system's allocator as it came; counting touches a `Cell` of this thread, and allocates
// nothing.
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
