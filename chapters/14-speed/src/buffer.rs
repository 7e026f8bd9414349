//! Memory that a task lends to the kernel.

use std::cell::{Cell, Ref, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

/// A buffer, which can be lent to a ring while the kernel writes into it.
///
/// While it is [lent](Buffer::lend), its bytes cannot be reached. Dropping it then frees it for the
/// program. The kernel knows nothing of that and writes into memory that the program uses for something
/// else. The rings of this chapter keep the memory alive all the same, and report such a buffer with
/// [`Lent::is_orphan`].
///
/// ```
/// use speed::buffer::Buffer;
///
/// let mut buffer = Buffer::new(4);
/// let mut lent = buffer.lend();
/// lent.write(b"tea"); // As the kernel does.
/// drop(lent);
/// assert_eq!(&buffer.bytes()[..3], b"tea");
/// ```
pub struct Buffer {
    memory: Rc<Memory>,
}

/// What the kernel has of a buffer, until it is dropped.
pub struct Lent {
    memory: Rc<Memory>,
}

/// Tells whether the memory of a buffer is still in use, by the program or by the kernel.
#[derive(Debug, Clone)]
pub struct Watch {
    memory: Weak<Memory>,
}

struct Memory {
    bytes: RefCell<Box<[u8]>>,
    is_lent: Cell<bool>,
    is_owned: Cell<bool>,
}

impl Buffer {
    /// A buffer of this many bytes, which are zero.
    #[must_use]
    pub fn new(capacity: usize) -> Buffer {
        Buffer {
            memory: Rc::new(Memory {
                bytes: RefCell::new(vec![0; capacity].into()),
                is_lent: Cell::new(false),
                is_owned: Cell::new(true),
            }),
        }
    }

    /// Its bytes.
    ///
    /// # Panics
    ///
    /// While it is lent.
    #[must_use]
    pub fn bytes(&self) -> Ref<'_, [u8]> {
        assert!(!self.is_lent(), "the kernel may write into this buffer now");
        Ref::map(self.memory.bytes.borrow(), |bytes| &**bytes)
    }

    /// How many bytes it has room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.memory.bytes.borrow().len()
    }

    /// Lends it until the value that is returned is dropped.
    ///
    /// # Panics
    ///
    /// If it is lent.
    pub fn lend(&mut self) -> Lent {
        assert!(
            !self.memory.is_lent.replace(true),
            "a buffer is lent once at a time"
        );
        Lent {
            memory: Rc::clone(&self.memory),
        }
    }

    /// Whether it is lent.
    #[must_use]
    pub fn is_lent(&self) -> bool {
        self.memory.is_lent.get()
    }

    /// Watches its memory.
    #[must_use]
    pub fn watch(&self) -> Watch {
        Watch {
            memory: Rc::downgrade(&self.memory),
        }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.memory.is_owned.set(false);
    }
}

impl Lent {
    /// Writes as many of these bytes as there is room for, and returns how many.
    pub fn write(&mut self, bytes: &[u8]) -> usize {
        let mut memory = self.memory.bytes.borrow_mut();
        let count = bytes.len().min(memory.len());
        memory[..count].copy_from_slice(&bytes[..count]);
        count
    }

    /// Has a function write into the memory.
    pub fn fill<R>(&mut self, write: impl FnOnce(&mut [u8]) -> R) -> R {
        write(&mut self.memory.bytes.borrow_mut())
    }

    /// Where the kernel may write, and how many bytes. Valid until this value is dropped.
    #[must_use]
    pub fn as_mut_ptr(&self) -> (*mut u8, usize) {
        let mut memory = self.memory.bytes.borrow_mut();
        (memory.as_mut_ptr(), memory.len())
    }

    /// Whether the buffer was dropped while it is lent.
    #[must_use]
    pub fn is_orphan(&self) -> bool {
        !self.memory.is_owned.get()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.memory.is_lent.set(false);
    }
}

impl Watch {
    /// Whether the buffer exists, or is lent.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.memory.strong_count() > 0
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Buffer")
            .field("capacity", &self.capacity())
            .field("is_lent", &self.is_lent())
            .finish()
    }
}

impl fmt::Debug for Lent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Lent")
            .field("is_orphan", &self.is_orphan())
            .finish()
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Memory").finish_non_exhaustive()
    }
}
