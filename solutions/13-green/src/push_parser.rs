//! A parser that is pushed to. The parser is a plain function that reads from a `Read`, and calls itself where
//! brackets nest. The bytes come in chunks, which end anywhere, and the function must not block for the next one.

// YOURS
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
// YOURS_END
use std::io::{self, Read};
// YOURS
use std::rc::Rc;

use generators::{Generator, Step};
use green::{Coroutine, Yielder};
// YOURS_END

/// What a push came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<T> {
    /// The function has read every byte so far, and asks for more.
    NeedsMore,
    /// The function has returned.
    Done {
        /// What it returned.
        value: T,
        /// How many bytes at the end of this push it has not read.
        unread: usize,
    },
}

/// A function that reads, and is suspended where it asks for a byte that has not come yet.
///
/// It keeps the bytes that the function has not read, and no others. Dropping it unwinds the function's stack.
pub struct PushParser<T> {
    // YOURS
    coroutine: Coroutine<(), (), T>,
    arrived: Rc<Arrived>,
    // STUB: // What do the function and `push` have to share?
    // STUB: value: Option<T>, // Yours to replace.
    // YOURS_END
}

/// What the function reads from.
pub struct Input {
    // YOURS
    yielder: Yielder<(), ()>,
    arrived: Rc<Arrived>,
    // STUB: bytes: Vec<u8>, // Yours to replace.
    // YOURS_END
}
// YOURS

/// Bytes that were pushed, and not read yet.
#[derive(Default)]
struct Arrived {
    bytes: RefCell<VecDeque<u8>>,
    finished: Cell<bool>,
}
// YOURS_END

impl<T: 'static> PushParser<T> {
    /// A parser that has not begun: the function is called in the first `push`, or in `finish`.
    ///
    /// # Errors
    ///
    /// If the system gives no stack.
    pub fn new(function: impl FnOnce(Input) -> T + 'static) -> io::Result<PushParser<T>> {
        // YOURS
        let arrived = Rc::<Arrived>::default();
        let inside = Rc::clone(&arrived);
        let coroutine = Coroutine::new(move |yielder: &Yielder<(), ()>, ()| {
            function(Input {
                yielder: yielder.clone(),
                arrived: inside,
            })
        })?;
        Ok(PushParser { coroutine, arrived })
        // STUB: todo!("a stack for the function")
        // YOURS_END
    }

    /// Runs the function on these bytes, until it has read all of them and asks for another one, or returns. A push
    /// without bytes is not the end of the input.
    ///
    /// # Panics
    ///
    /// With what the function panics with. If it has returned or panicked before.
    pub fn push(&mut self, bytes: &[u8]) -> Progress<T> {
        // YOURS
        self.arrived.bytes.borrow_mut().extend(bytes);
        match self.coroutine.resume(()) {
            Step::Yielded(()) => Progress::NeedsMore,
            Step::Complete(value) => Progress::Done {
                value,
                unread: self.arrived.bytes.borrow().len(),
            },
        }
        // STUB: todo!("run the function until it asks for more, or returns")
        // YOURS_END
    }

    /// Says that no more bytes come, and returns what the function returns.
    ///
    /// # Panics
    ///
    /// As `push`.
    pub fn finish(mut self) -> T {
        // YOURS
        self.arrived.finished.set(true);
        loop {
            if let Step::Complete(value) = self.coroutine.resume(()) {
                return value;
            }
        }
        // STUB: todo!("the function reads the end of its input")
        // YOURS_END
    }
}

// ANCHOR: read
impl Read for Input {
    /// Reads bytes that were pushed, as many as there are and fit, at least one. If there are none, it suspends the
    /// function. It returns 0 after `finish`, each time; and at once for an empty buffer.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // YOURS
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let read = self.arrived.bytes.borrow_mut().read(buffer)?;
            if read > 0 || self.arrived.finished.get() {
                return Ok(read);
            }
            self.yielder.suspend(());
        }
        // STUB: todo!("read what was pushed, or suspend the function")
        // YOURS_END
    }
}
// ANCHOR_END: read
