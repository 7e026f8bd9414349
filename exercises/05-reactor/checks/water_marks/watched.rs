//! A buffer whose every call is recorded, and the pipe that it feeds.

use super::super::subject::{Flow, Marks, WriteBuffer};
use probe::Run;

/// A buffer, and what it has told its writer.
pub(super) struct Watched {
    pub(super) run: Run,
    pub(super) buffer: WriteBuffer,
    pub(super) marks: Marks,
    pub(super) paused: bool,
}

impl Watched {
    pub(super) fn new(run: &Run, low: usize, high: usize) -> Watched {
        let marks = Marks { high, low };
        Watched {
            run: run.clone(),
            buffer: WriteBuffer::new(marks),
            marks,
            paused: false,
        }
    }

    #[track_caller]
    pub(super) fn push(&mut self, count: usize) {
        let call = self
            .run
            .recorder()
            .enters("buffer", format!("push {count}"));
        let flow = self.buffer.push(&vec![b'.'; count]);
        call.returns(self.in_words(flow));
        self.judge(flow);
    }

    #[track_caller]
    pub(super) fn written(&mut self, count: usize) {
        let call = self
            .run
            .recorder()
            .enters("buffer", format!("written {count}"));
        let flow = self.buffer.written(count);
        call.returns(self.in_words(flow));
        self.judge(flow);
    }

    #[track_caller]
    pub(super) fn marks(&mut self, low: usize, high: usize) {
        self.marks = Marks { high, low };
        let call = (self.run.recorder()).enters("buffer", format!("marks {low} and {high}"));
        let flow = self.buffer.set_marks(self.marks);
        call.returns(self.in_words(flow));
        self.judge(flow);
    }

    fn in_words(&self, flow: Option<Flow>) -> String {
        let told = match flow {
            None => "",
            Some(Flow::Pause) => ", pause",
            Some(Flow::Resume) => ", resume",
        };
        format!("{} wait{told}", self.buffer.len())
    }

    /// The buffer told its writer what the marks say.
    #[track_caller]
    fn judge(&mut self, flow: Option<Flow>) {
        let (run, len, Marks { high, low }) = (self.run.clone(), self.buffer.len(), self.marks);
        let right = match self.paused {
            false if len > high => Some(Flow::Pause),
            true if len <= low => Some(Flow::Resume),
            _ => None,
        };
        match (right, flow) {
            (right, flow) if right == flow => {}
            (Some(Flow::Pause), _) => run.diagnose(
                "no-backpressure",
                format!(
                    "{len} bytes wait, more than {high}, and the buffer did not tell its writer to pause. The writer goes on, and the memory \
                     fills while the peer does not read.",
                ),
            ),
            (Some(Flow::Resume), _) if len == 0 => run.diagnose(
                "never-resumed",
                "Every byte is sent, and the buffer did not tell its writer to resume. The writer waits, and no later call will tell it.",
            ),
            (Some(Flow::Resume), _) if self.buffer.written(len) != Some(Flow::Resume) => run.diagnose(
                "never-resumed",
                format!(
                    "{len} bytes wait, the low mark is {low}, and the buffer did not tell its writer to resume; nor did it when every byte \
                     was sent. The writer stays paused.",
                ),
            ),
            (Some(Flow::Resume), _) => run.diagnose(
                "resumed-too-late",
                format!(
                    "{len} bytes wait, the low mark is {low}, and the buffer did not tell its writer to resume. The connection soon has nothing \
                     to send while the writer waits.",
                ),
            ),
            (None, Some(Flow::Pause)) if self.paused => run.diagnose(
                "told-twice",
                "The buffer told its writer to pause twice, without a resume in between.",
            ),
            (None, Some(Flow::Resume)) if !self.paused => run.diagnose(
                "told-twice",
                "The buffer told its writer to resume, and the writer was not paused.",
            ),
            (None, Some(Flow::Pause)) => run.diagnose(
                "paused-too-early",
                format!(
                    "{len} bytes wait, the high mark is {high}, and the buffer told its writer to pause. As many bytes as the high mark may \
                     wait.",
                ),
            ),
            (None, _) => run.diagnose(
                "resumed-too-early",
                format!(
                    "{len} bytes wait, the low mark is {low}, and the buffer told its writer to resume. Between the marks nothing changes: \
                     otherwise pause and resume alternate at every byte.",
                ),
            ),
        }
        match flow {
            Some(Flow::Pause) => self.paused = true,
            Some(Flow::Resume) => self.paused = false,
            None => {}
        }
    }
}

/// A buffer, the bytes that were pushed, and those that were sent.
pub(super) struct Pipe {
    pub(super) run: Run,
    pub(super) buffer: WriteBuffer,
    pub(super) put: Vec<u8>,
    pub(super) sent: Vec<u8>,
}

impl Pipe {
    pub(super) fn new(run: &Run) -> Pipe {
        Pipe {
            run: run.clone(),
            buffer: WriteBuffer::new(Marks { high: 100, low: 10 }),
            put: Vec::new(),
            sent: Vec::new(),
        }
    }

    #[track_caller]
    pub(super) fn push(&mut self, count: usize) {
        let first = self.put.len();
        let piece: Vec<u8> = (first..first + count).map(|byte| byte as u8).collect();
        let waited = self.buffer.len();
        let call = (self.run.recorder()).enters("buffer", format!("push {count}"));
        let _flow = self.buffer.push(&piece);
        let waits = self.buffer.len();
        call.returns(format!("{waits} wait"));
        self.put.extend(&piece);
        if waits < waited + count {
            self.run.diagnose(
                "bytes-refused",
                format!(
                    "{waited} bytes waited, {count} were pushed, and now {waits} wait. The buffer refuses no bytes: a pause is a message to the \
                     writer, and the marks are no limit of the buffer.",
                ),
            );
        }
        if waits > waited + count {
            self.run.departs(format!(
                "{waited} bytes waited, {count} were pushed, and `len` returns {waits}."
            ));
        }
    }

    /// Sends what is in front, and no more than `most` bytes of it.
    #[track_caller]
    pub(super) fn send(&mut self, most: usize) {
        let (waits, front) = (self.buffer.len(), self.buffer.front().to_vec());
        if front.is_empty() && waits > 0 {
            self.run.departs(format!(
                "`len` returns {waits}, and `front` returned no bytes. It may return a part of them, but not an empty one."
            ));
        }
        if front.len() > waits {
            self.run.departs(format!(
                "`len` returns {waits}, and `front` returned {} bytes.",
                front.len()
            ));
        }
        let right = &self.put[self.sent.len()..];
        let wrong = front.iter().zip(right).find(|(byte, right)| byte != right);
        if let Some((byte, right)) = wrong {
            let seen = format!("front() → begins with byte {byte}    expected: byte {right}");
            self.run.recorder().says("buffer", seen);
            if byte < right {
                self.run.diagnose(
                    "written-twice",
                    format!(
                        "Byte {byte} was sent, and `front` gives it again; the next byte to be sent is byte {right}. `written` removes the \
                         oldest bytes."
                    ),
                );
            }
            self.run.departs(format!(
                "The check numbers the bytes as it pushes them. The next byte to be sent is byte {right}, and `front` begins with byte {byte}. \
                 `written` removes the oldest bytes.",
            ));
        }
        let count = front.len().min(most);
        let call = (self.run.recorder()).enters("buffer", format!("written {count}"));
        let _flow = self.buffer.written(count);
        self.sent.extend(&front[..count]);
        let left = self.buffer.len();
        call.returns(format!("{left} wait"));
        if left != waits - count {
            self.run.diagnose(
                "short-write-ignored",
                format!(
                    "{waits} bytes waited, {count} of them were sent, and now {left} wait. `written` removes exactly the bytes that were sent; \
                     the others wait on.",
                ),
            );
        }
    }
}
