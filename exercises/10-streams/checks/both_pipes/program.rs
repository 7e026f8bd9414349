//! A program that runs a script.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, ErrorKind};
use std::task::Waker;

use probe::{Recorder, Run};

use super::pipes::Pipe;

/// What the program does, one after the other. At its end it closes all three pipes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Reads this many bytes of its input, or to its end if there are fewer.
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

#[derive(Debug)]
pub(super) struct World {
    pub(super) capacity: usize,
    pub(super) pipes: [Pipe; 3],
    steps: VecDeque<Step>,
    /// How many bytes of the first step are done.
    done: usize,
    pub(super) received: Vec<u8>,
    /// How many bytes the code under test has read and written.
    pub(super) moved: usize,
    pub(super) reads_of_the_end: usize,
    pub(super) run: Run,
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

    pub(super) fn pipe_mut(&mut self, name: Name) -> &mut Pipe {
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
    pub(super) fn fails(&mut self, name: Name) -> Option<io::Error> {
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
