//! Takes nothing more from whoever has been told to pause.
//!
//! What has been written and is not sent yet, and when to stop writing.

use std::collections::VecDeque;
use std::fmt;

/// Bytes that wait to be sent, between two water marks.
///
/// ```text
///               push: more than `high`
///   Flowing ──────────────────────────────▶ Held
///      ▲                                     │
///      └────── written: `low` or less ───────┘
/// ```
///
/// Whoever writes is told to pause when there is too much here, and to resume when most of it is
/// gone: each of them once, in turn, beginning with a pause. Whoever does not listen may write on;
/// nothing is refused, and nothing is lost. What has been sent is no longer in memory: it may be in
/// use again, or be given back, but it does not grow with all that was ever sent.
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
    bytes: VecDeque<u8>,
    marks: Marks,
    held: bool,
}

/// How much may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// With more bytes than this, writing should pause.
    pub high: usize,
    /// With so many or fewer, it may go on. It is at most `high`.
    pub low: usize,
}

/// What whoever writes is told.
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
        WriteBuffer {
            bytes: VecDeque::new(),
            marks,
            held: false,
        }
    }

    /// Adds bytes at the end, and says what whoever writes is to be told of it, if anything.
    pub fn push(&mut self, bytes: &[u8]) -> Option<Flow> {
        // ANCHOR: mistake
        if self.held {
            return None;
        }
        self.bytes.extend(bytes);
        // ANCHOR_END: mistake
        self.turn()
    }

    /// The bytes that are to be sent next: from the oldest on, not necessarily all of them, but
    /// none only if there are none.
    #[must_use]
    pub fn front(&self) -> &[u8] {
        self.bytes.as_slices().0
    }

    /// The first `count` bytes have been sent. Says what whoever writes is to be told of it, if
    /// anything.
    ///
    /// # Panics
    ///
    /// May do so if there were fewer.
    pub fn written(&mut self, count: usize) -> Option<Flow> {
        self.bytes.drain(..count);
        if self.bytes.is_empty() {
            self.bytes = VecDeque::new(); // A connection with nothing to say keeps no memory.
        }
        self.turn()
    }

    /// Sets other marks, and says what whoever writes is to be told of it, if anything.
    pub fn set_marks(&mut self, marks: Marks) -> Option<Flow> {
        self.marks = marks;
        self.turn()
    }

    /// How many bytes wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether none do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// From one state to the other, if it is time.
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
}

impl fmt::Debug for WriteBuffer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("WriteBuffer")
    }
}
