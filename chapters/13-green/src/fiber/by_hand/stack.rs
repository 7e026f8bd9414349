//! Memory that serves as a stack.
#![allow(unsafe_code)]

use std::io;
use std::ptr::{self, NonNull};

use super::valgrind::Known;

/// A stack of a green thread, with a guard page below it.
///
/// ```text
///   top   ┌───────────────┐  higher addresses
///         │ grows down    │
///         │      │        │
///         │      ▼        │
///   base  ├───────────────┤
///         │ guard page    │  each access is a SIGSEGV
///         └───────────────┘  lower addresses
/// ```
///
/// The system gives it memory when it is first touched, a page at a time: the size is an address range, and
/// not what is used.
#[derive(Debug)]
pub(crate) struct Stack {
    /// The lowest address: that of the guard page.
    guard: NonNull<u8>,
    page: usize,
    /// Without the guard page.
    size: usize,
    /// For valgrind.
    _known: Known,
}

/// The smallest stack that is made: below it, a panic has no room for its message.
pub(crate) const SMALLEST: usize = 16 * 1024;

impl Stack {
    /// A stack of at least `size` bytes, rounded up to whole pages.
    ///
    /// # Errors
    ///
    /// The system's, when it has no room, or no more mappings (`vm.max_map_count` on Linux, two for each
    /// stack).
    pub(crate) fn new(size: usize) -> io::Result<Stack> {
        let page = page_size();
        let size = size
            .max(SMALLEST)
            .checked_next_multiple_of(page)
            .filter(|size| *size < isize::MAX as usize - page)
            .ok_or(io::ErrorKind::OutOfMemory)?;
        // SAFETY: an anonymous mapping at an address of the system's choice overlaps nothing.
        let start = unsafe {
            libc::mmap(
                ptr::null_mut(),
                size + page,
                libc::PROT_NONE,
                libc::MAP_PRIVATE | libc::MAP_ANON | RESERVES_NOTHING,
                -1,
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let guard = NonNull::new(start.cast::<u8>()).expect("the system maps nothing at address 0");
        let base = guard.as_ptr() as usize + page;
        let known = Known::new(base..base + size);
        let stack = Stack {
            guard,
            page,
            size,
            _known: known,
        };
        // SAFETY: these pages are part of the mapping above, which nothing else uses.
        let opened = unsafe {
            libc::mprotect(
                stack.base().cast_mut().cast(),
                size,
                libc::PROT_READ | libc::PROT_WRITE,
            )
        };
        if opened != 0 {
            return Err(io::Error::last_os_error());
        }
        stack.takes_small_pages();
        Ok(stack)
    }

    /// Asks for a page at a time. A kernel that gives larger pieces would spend up to the whole stack at the first
    /// touch. One that refuses, because it has no such pieces, gives small pages anyhow.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn takes_small_pages(&self) {
        // SAFETY: advice about a mapping of ours, which changes none of its bytes.
        unsafe {
            libc::madvise(
                self.base().cast_mut().cast(),
                self.size,
                libc::MADV_NOHUGEPAGE,
            )
        };
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn takes_small_pages(&self) {}

    /// Its size in bytes, without the guard page.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// The address above its highest byte. It is a multiple of the page size.
    pub(crate) fn top(&self) -> *mut u8 {
        self.guard.as_ptr().wrapping_add(self.page + self.size)
    }

    /// Its lowest byte.
    pub(crate) fn base(&self) -> *const u8 {
        self.guard.as_ptr().wrapping_add(self.page)
    }

    /// The addresses of the guard page.
    pub(crate) fn guard(&self) -> std::ops::Range<usize> {
        let start = self.guard.as_ptr() as usize;
        start..start + self.page
    }

    /// How many bytes have been touched, from the top, in whole pages.
    pub(crate) fn touched(&self) -> usize {
        let pages = self.size / self.page;
        let mut resident = vec![0_u8; pages];
        // SAFETY: the range is a mapping of ours, and `resident` has a byte for each of its pages.
        let asked = unsafe {
            libc::mincore(
                self.base().cast_mut().cast(),
                self.size,
                resident.as_mut_ptr().cast(),
            )
        };
        if asked != 0 {
            return self.size;
        }
        let untouched = resident.iter().take_while(|page| **page & 1 == 0).count();
        (pages - untouched) * self.page
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and no code runs on it: a coroutine drops its stack last.
        unsafe { libc::munmap(self.guard.as_ptr().cast(), self.page + self.size) };
    }
}

/// Linux counts no memory for the mapping until it is touched.
#[cfg(any(target_os = "linux", target_os = "android"))]
const RESERVES_NOTHING: libc::c_int = libc::MAP_NORESERVE | libc::MAP_STACK;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const RESERVES_NOTHING: libc::c_int = 0;

fn page_size() -> usize {
    // SAFETY: it only reads a number of the system.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).expect("a page has a size")
}
