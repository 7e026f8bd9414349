//! A program that runs a script, and its three pipes.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures::io::{AsyncRead, AsyncWrite};
use probe::{Recorder, Run};

/// What the program does, one after the other. At its end it closes all three pipes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Reads so many bytes of its input, or to its end.
    Reads(usize),
    ReadsToTheEnd,
    Writes(Name, usize),
    Closes(Name),
    /// From now on the pipe returns this error at the other end.
    Breaks(Name, ErrorKind),
    /// It does nothing more, and does not end.
    Sleeps,
}

/// One of the three pipes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Stdin,
    Stdout,
    Stderr,
}

pub(super) const NAMES: [Name; 3] = [Name::Stdin, Name::Stdout, Name::Stderr];

/// What the program waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waits {
    ForInput,
    ForRoomIn(Name),
    Forever,
    Ended,
}

#[derive(Debug, Default)]
pub(super) struct Pipe {
    pub(super) bytes: VecDeque<u8>,
    /// How many bytes went in.
    pub(super) written: usize,
    /// Whether the program has it open.
    open: bool,
    /// Whether the code under test holds its end.
    pub(super) held: bool,
    error: Option<ErrorKind>,
    /// Whether a call has returned the error.
    pub(super) error_returned: bool,
    pub(super) called: bool,
    pub(super) waker: Option<Waker>,
}

#[derive(Debug)]
pub(super) struct World {
    capacity: usize,
    pub(super) pipes: [Pipe; 3],
    steps: VecDeque<Step>,
    /// How many bytes of the first step are done.
    done: usize,
    pub(super) received: Vec<u8>,
    /// How many bytes the code under test has read and written.
    pub(super) moved: usize,
    reads_of_the_end: usize,
    run: Run,
    recorder: Option<Recorder>,
}

/// The byte at a place of an output, unlike the other output's. Most are no text.
pub(super) fn byte(of: Name, place: usize) -> u8 {
    match of {
        Name::Stderr => 255 - (place % 241) as u8,
        Name::Stdin | Name::Stdout => (place % 251) as u8,
    }
}

impl World {
    pub(super) fn new(
        run: &Run,
        capacity: usize,
        script: &[Step],
        recorder: Option<Recorder>,
    ) -> World {
        let pipe = || Pipe {
            open: true,
            held: true,
            ..Pipe::default()
        };
        World {
            capacity,
            pipes: [pipe(), pipe(), pipe()],
            steps: script.iter().copied().collect(),
            done: 0,
            received: Vec::new(),
            moved: 0,
            reads_of_the_end: 0,
            run: run.clone(),
            recorder,
        }
    }

    pub(super) fn pipe(&self, name: Name) -> &Pipe {
        &self.pipes[name as usize]
    }

    fn pipe_mut(&mut self, name: Name) -> &mut Pipe {
        &mut self.pipes[name as usize]
    }

    fn says(&self, text: impl Into<String>) {
        if let Some(recorder) = &self.recorder {
            recorder.says("program", text);
        }
    }

    /// What the program waits for, after it has run as far as it can.
    pub(super) fn waits(&self) -> Waits {
        match self.steps.front() {
            None => Waits::Ended,
            Some(Step::Writes(name, _)) => Waits::ForRoomIn(*name),
            Some(Step::Sleeps) => Waits::Forever,
            Some(_) => Waits::ForInput,
        }
    }

    /// Lets the program run as far as it can. The wakers of the pipes that changed.
    pub(super) fn runs(&mut self) -> (bool, Vec<Waker>) {
        let mut changed = [false; 3];
        while let Some(step) = self.steps.front().copied() {
            let before = self.done;
            let finished = self.step(step, &mut changed);
            if finished {
                self.steps.pop_front();
                self.done = 0;
                self.tell(step);
                if self.steps.is_empty() {
                    self.says("ends");
                    self.close_all(&mut changed);
                }
            } else if self.done == before {
                break;
            }
        }
        let went_on = changed.contains(&true);
        let pipes = self.pipes.iter_mut().zip(changed);
        let woken = pipes.filter(|(_, changed)| *changed);
        (
            went_on,
            woken.filter_map(|(pipe, _)| pipe.waker.take()).collect(),
        )
    }

    /// Makes progress with a step. Whether it is finished.
    fn step(&mut self, step: Step, changed: &mut [bool; 3]) -> bool {
        match step {
            Step::Reads(count) => self.reads(count, changed),
            Step::ReadsToTheEnd => self.reads(usize::MAX, changed),
            Step::Writes(name, count) => self.writes(name, count, changed),
            Step::Closes(name) => {
                changed[name as usize] = true;
                self.pipe_mut(name).open = false;
                true
            }
            Step::Breaks(name, error) => {
                changed[name as usize] = true;
                self.pipe_mut(name).error = Some(error);
                true
            }
            Step::Sleeps => false,
        }
    }

    fn reads(&mut self, wanted: usize, changed: &mut [bool; 3]) -> bool {
        let rest = wanted - self.done;
        let stdin = &mut self.pipes[Name::Stdin as usize];
        let count = stdin.bytes.len().min(rest);
        self.received.extend(stdin.bytes.drain(..count));
        changed[Name::Stdin as usize] |= count > 0;
        self.done += count;
        self.done == wanted || !stdin.open || stdin.bytes.is_empty() && !stdin.held
    }

    fn writes(&mut self, name: Name, wanted: usize, changed: &mut [bool; 3]) -> bool {
        let (capacity, done) = (self.capacity, self.done);
        let pipe = self.pipe_mut(name);
        if !pipe.held || !pipe.open {
            return true;
        }
        let count = (capacity - pipe.bytes.len()).min(wanted - done);
        let from = pipe.written;
        pipe.bytes
            .extend((from..from + count).map(|place| byte(name, place)));
        pipe.written += count;
        changed[name as usize] |= count > 0;
        self.done += count;
        self.done == wanted
    }

    fn close_all(&mut self, changed: &mut [bool; 3]) {
        for (pipe, changed) in self.pipes.iter_mut().zip(changed) {
            *changed |= pipe.open;
            pipe.open = false;
        }
    }

    fn tell(&self, step: Step) {
        match step {
            Step::Reads(_) => self.says(format!(
                "has read {} bytes of its input",
                self.received.len()
            )),
            Step::ReadsToTheEnd => self.says(format!(
                "reads to the end of its input: {} bytes",
                self.received.len()
            )),
            Step::Writes(name, count) => self.says(format!("writes {count} bytes to {name}")),
            Step::Closes(name) => self.says(format!("closes {name}")),
            Step::Breaks(name, error) => self.says(format!("breaks {name}: {error:?}")),
            Step::Sleeps => {}
        }
    }

    /// The error of a pipe, if it has one.
    fn fails(&mut self, name: Name) -> Option<io::Error> {
        let pipe = self.pipe_mut(name);
        pipe.called = true;
        let closed = name == Name::Stdin && !pipe.open;
        let error = pipe.error.or(closed.then_some(ErrorKind::BrokenPipe))?;
        pipe.error_returned = true;
        Some(error.into())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Name::Stdin => "stdin",
            Name::Stdout => "stdout",
            Name::Stderr => "stderr",
        })
    }
}

/// The end of a pipe that the code under test holds.
#[derive(Debug)]
pub(super) struct End(pub(super) Name, pub(super) Rc<RefCell<World>>);

impl AsyncRead for End {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut world = self.1.borrow_mut();
        if let Some(error) = world.fails(self.0) {
            return Poll::Ready(Err(error));
        }
        let pipe = world.pipe_mut(self.0);
        let count = pipe.bytes.read(buffer)?;
        if count == 0 && pipe.open && !buffer.is_empty() {
            pipe.waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        world.moved += count;
        world.reads_of_the_end += usize::from(count == 0);
        if world.reads_of_the_end > 1_000 {
            let run = world.run.clone();
            drop(world);
            run.diagnose(
                "spins-at-the-end",
                "An output had ended, and more than 1,000 reads of it returned 0 bytes. A read of 0 bytes is the end: no byte will follow.",
            );
        }
        Poll::Ready(Ok(count))
    }
}

impl AsyncWrite for End {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut world = self.1.borrow_mut();
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        if let Some(error) = world.fails(self.0) {
            return Poll::Ready(Err(error));
        }
        let capacity = world.capacity;
        let pipe = world.pipe_mut(self.0);
        let count = (capacity - pipe.bytes.len()).min(bytes.len());
        if count == 0 {
            pipe.waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        pipe.bytes.extend(&bytes[..count]);
        pipe.written += count;
        world.moved += count;
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// As for a pipe of chapter 05: its end is sent by dropping it.
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for End {
    fn drop(&mut self) {
        let waker = {
            let mut world = self.1.borrow_mut();
            world.moved += 1;
            let pipe = world.pipe_mut(self.0);
            pipe.held = false;
            pipe.waker.take()
        };
        drop(waker);
    }
}
