//! Bytes that were written and are not sent yet, and when the writer should pause.

use std::fmt;
// YOURS
use std::collections::VecDeque;
// YOURS_END

/// Bytes that wait to be sent, between two water marks.
///
/// ```text
///               push: more than `high`
///   Flowing ──────────────────────────────▶ Held
///      ▲                                     │
///      └────── written: `low` or less ───────┘
/// ```
///
/// The buffer tells its writer to pause when too many bytes wait, and to resume when most of them
/// are sent. The two alternate, and the first is a pause. A writer that ignores a pause may go on:
/// the buffer refuses no bytes and loses none. The memory in use does not grow with the number of
/// bytes that were sent.
///
/// ```
/// use reactor::write_buffer::{Flow, Marks, WriteBuffer};
///
/// let mut buffer = WriteBuffer::new(Marks { high: 4, low: 1 });
/// assert_eq!(buffer.push(b"four"), None);
/// assert_eq!(buffer.push(b"!"), Some(Flow::Pause));
/// assert_eq!(buffer.written(2), None);
/// assert_eq!(buffer.written(2), Some(Flow::Resume));
/// assert_eq!(buffer.front(), b"!");
/// ```
pub struct WriteBuffer {
    // YOURS
    bytes: VecDeque<u8>,
    marks: Marks,
    held: bool,
    // STUB: bytes: Vec<u8>, // Yours to replace.
    // YOURS_END
}

/// How much may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// With more waiting bytes than this, the writer should pause. `usize::MAX` means never.
    pub high: usize,
    /// With this many waiting bytes or fewer, the writer may resume. At most `high`.
    pub low: usize,
}

/// What the buffer tells its writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Write no more for now.
    Pause,
    /// There is room again.
    Resume,
}

impl Default for Marks {
    /// 64 KiB and a quarter of that, as in asyncio.
    fn default() -> Marks {
        Marks {
            high: 64 * 1024,
            low: 16 * 1024,
        }
    }
}

impl WriteBuffer {
    /// An empty buffer.
    #[must_use]
    pub fn new(marks: Marks) -> WriteBuffer {
        // YOURS
        WriteBuffer {
            bytes: VecDeque::new(),
            marks,
            held: false,
        }
        // STUB: todo!("no bytes wait, and the writer was told nothing")
        // YOURS_END
    }

    /// Appends bytes. Returns what the writer has to be told, if anything.
    pub fn push(&mut self, bytes: &[u8]) -> Option<Flow> {
        // YOURS
        self.bytes.extend(bytes);
        self.turn()
        // STUB: todo!("add them; is it too much now?")
        // YOURS_END
    }

    /// The bytes to send next, from the oldest on. They may be a part of those that wait, and are
    /// empty only if none wait.
    #[must_use]
    pub fn front(&self) -> &[u8] {
        // YOURS
        self.bytes.as_slices().0
        // STUB: todo!("the oldest bytes")
        // YOURS_END
    }

    /// Removes the oldest `count` bytes, which have been sent. They may be more than the last
    /// [`front`](WriteBuffer::front) had. Returns what the writer has to be told, if anything.
    ///
    /// # Panics
    ///
    /// May panic if fewer bytes wait.
    pub fn written(&mut self, count: usize) -> Option<Flow> {
        // YOURS
        self.bytes.drain(..count);
        if self.bytes.is_empty() {
            self.bytes = VecDeque::new(); // A connection with nothing to say keeps no memory.
        }
        self.turn()
        // STUB: todo!("take them out; is there room again?")
        // YOURS_END
    }

    /// Sets other marks. Returns what the writer has to be told, if anything.
    pub fn set_marks(&mut self, marks: Marks) -> Option<Flow> {
        // YOURS
        self.marks = marks;
        self.turn()
        // STUB: todo!("too much, or room again, by the new marks?")
        // YOURS_END
    }

    /// The number of bytes that wait.
    #[must_use]
    pub fn len(&self) -> usize {
        // YOURS
        self.bytes.len()
        // STUB: todo!("how many wait?")
        // YOURS_END
    }

    /// Whether no bytes wait.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    // YOURS

    /// Changes the state if the marks say so.
    fn turn(&mut self) -> Option<Flow> {
        if !self.held && self.bytes.len() > self.marks.high {
            self.held = true;
            return Some(Flow::Pause);
        }
        if self.held && self.bytes.len() <= self.marks.low {
            self.held = false;
            return Some(Flow::Resume);
        }
        None
    }
    // YOURS_END
}

impl fmt::Debug for WriteBuffer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("WriteBuffer")
    }
}
