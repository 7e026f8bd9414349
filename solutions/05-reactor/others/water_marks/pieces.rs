//! Keeps the pieces as they were pushed, and never joins them: `front` is what is left of the oldest one.

use std::collections::VecDeque;
use std::fmt;

pub struct WriteBuffer {
    pieces: VecDeque<Box<[u8]>>,
    /// How many bytes of the oldest piece are sent.
    sent: usize,
    waiting: usize,
    marks: Marks,
    told: Flow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    pub high: usize,
    pub low: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    Pause,
    Resume,
}

impl Default for Marks {
    fn default() -> Marks {
        Marks {
            high: 1 << 16,
            low: 1 << 14,
        }
    }
}

impl WriteBuffer {
    #[must_use]
    pub fn new(marks: Marks) -> WriteBuffer {
        WriteBuffer {
            pieces: VecDeque::new(),
            sent: 0,
            waiting: 0,
            marks,
            told: Flow::Resume,
        }
    }

    /// Compares what waits with the marks. What the writer knows already is not said again.
    fn news(&mut self) -> Option<Flow> {
        let flow = match self.told {
            Flow::Resume if self.waiting > self.marks.high => Flow::Pause,
            Flow::Pause if self.waiting <= self.marks.low => Flow::Resume,
            _ => return None,
        };
        self.told = flow;
        Some(flow)
    }

    pub fn push(&mut self, bytes: &[u8]) -> Option<Flow> {
        if !bytes.is_empty() {
            self.pieces.push_back(bytes.into());
            self.waiting += bytes.len();
        }
        self.news()
    }

    #[must_use]
    pub fn front(&self) -> &[u8] {
        match self.pieces.front() {
            Some(piece) => &piece[self.sent..],
            None => &[],
        }
    }

    pub fn written(&mut self, count: usize) -> Option<Flow> {
        assert!(count <= self.waiting, "fewer bytes wait");
        self.waiting -= count;
        self.sent += count;
        while let Some(piece) = self.pieces.front()
            && piece.len() <= self.sent
        {
            self.sent -= piece.len();
            self.pieces.pop_front();
        }
        if self.pieces.is_empty() {
            self.pieces = VecDeque::new();
        }
        self.news()
    }

    pub fn set_marks(&mut self, marks: Marks) -> Option<Flow> {
        self.marks = marks;
        self.news()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting == 0
    }
}

impl fmt::Debug for WriteBuffer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("WriteBuffer")
            .field("pieces", &self.pieces.len())
            .finish_non_exhaustive()
    }
}
