//! Every short run: the steps, and the machine that carries them out on the learner's code and on the reference.

use std::borrow::Cow;
use std::io;
use std::pin::Pin;
use std::task::Poll;

use super::kernel::Simulated;
use probe::runs::{Machine, Operation, Step as Seen};
use probe_futures::runs::Tasks;
use speed::buffer::{Buffer, Watch};

/// One step of a short run. A read's number is 0 or 1.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step {
    /// The read is made and polled, or polled again, by task A or B.
    Poll(usize, usize),
    Cancel(usize),
    Drop(usize),
    /// The kernel writes for the read that was submitted as this one, from 1 on.
    Writes(usize),
    GivesUp(usize),
    /// The kernel reports that the connection was reset.
    Fails(usize),
}

const READS: [&str; 2] = ["first read", "second read"];
const TASKS: [&str; 2] = ["A", "B"];

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match *self {
            Step::Poll(read, _) | Step::Cancel(read) | Step::Drop(read) => READS[read].into(),
            Step::Writes(_) | Step::GivesUp(_) | Step::Fails(_) => "kernel".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match *self {
            Step::Poll(_, task) => format!("poll by {}", TASKS[task]).into(),
            Step::Cancel(_) => "cancel()".into(),
            Step::Drop(_) => "is dropped".into(),
            Step::Writes(number) => format!("completes submission {number}").into(),
            Step::GivesUp(number) => format!("gives up submission {number}").into(),
            Step::Fails(number) => format!("reports an error of submission {number}").into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match *self {
            Step::Poll(read, task) => format!("{} polled the {}", TASKS[task], READS[read]).into(),
            Step::Cancel(read) => format!("the {} was cancelled", READS[read]).into(),
            Step::Drop(read) => format!("the {} was dropped", READS[read]).into(),
            Step::Writes(number) => format!("the kernel completed submission {number}").into(),
            Step::GivesUp(number) => format!("the kernel gave up submission {number}").into(),
            Step::Fails(number) => {
                format!("the kernel reported an error of submission {number}").into()
            }
        }
    }
}

/// Carries out the steps on the reads of `$module`.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        pub(super) struct $name {
            ring: Simulated,
            reads: $($module)::+::Reads<Simulated>,
            futures: [Option<Pin<Box<$($module)::+::Read<Simulated>>>>; 2],
            is_made: [bool; 2],
            tasks: [Tasks; 2],
            memory: Vec<Watch>,
        }

        impl $name {
            pub(super) fn new() -> $name {
                let ring = Simulated::new(None);
                $name {
                    reads: $($module)::+::Reads::new(ring.clone()),
                    ring,
                    futures: [None, None],
                    is_made: [false; 2],
                    tasks: [Tasks::new(), Tasks::new()],
                    memory: Vec::new(),
                }
            }

            fn make(&mut self, read: usize) {
                if !std::mem::replace(&mut self.is_made[read], true) {
                    let buffer = Buffer::new(8);
                    self.memory.push(buffer.watch());
                    self.futures[read] = Some(Box::pin(self.reads.read(3, buffer)));
                }
            }

            fn outcome(&mut self, step: Step) -> Option<String> {
                Some(match step {
                    Step::Poll(read, task) => {
                        self.make(read);
                        let future = self.futures[read].as_mut()?;
                        match self.tasks[read].poll(task, future.as_mut()) {
                            Poll::Pending => "Pending".to_owned(),
                            Poll::Ready(output) => {
                                self.futures[read] = None;
                                in_words(output)
                            }
                        }
                    }
                    Step::Cancel(read) => {
                        self.make(read);
                        self.futures[read].as_mut()?.cancel();
                        "done".to_owned()
                    }
                    Step::Drop(read) => {
                        self.tasks[read].stop_waiting();
                        drop(self.futures[read].take()?);
                        "done".to_owned()
                    }
                    Step::Writes(number) => {
                        let (name, result) = self.ring.writes(number, format!("bytes {number}").as_bytes())?;
                        self.reads.complete(name, result);
                        "reported".to_owned()
                    }
                    Step::GivesUp(number) => {
                        let (name, result) = self.ring.gives_up(number)?;
                        self.reads.complete(name, result);
                        "reported".to_owned()
                    }
                    Step::Fails(number) => {
                        let (name, result) = self.ring.fails(number)?;
                        self.reads.complete(name, result);
                        "reported".to_owned()
                    }
                })
            }
        }

        impl Machine for $name {
            type Operation = Step;

            fn apply(&mut self, step: &Step) -> Option<Seen> {
                let outcome = self.outcome(*step)?;
                let alive = self.memory.iter().filter(|memory| memory.is_alive()).count();
                let asked = (1..=2).filter(|number| self.ring.is_cancelled(*number)).count();
                let seen = Seen::of(outcome)
                    .absence("kernel", format!("has {} submissions, {asked} of them to give up", self.ring.submitted()))
                    .absence("buffers", format!("{alive} alive"))
                    .absence("freed in flight", if self.ring.has_an_orphan() { "yes" } else { "no" })
                    .absence("in_flight()", self.reads.in_flight().to_string());
                let seen = self.tasks[0].tell_of("task of the first read", seen);
                Some(self.tasks[1].tell_of("task of the second read", seen))
            }

            fn end(self) -> Seen {
                drop(self.futures);
                Seen::of("the reads are dropped")
                    .fact("freed in flight", if self.ring.has_an_orphan() { "yes" } else { "no" })
            }
        }
    };
}

fn in_words((result, buffer): (io::Result<usize>, Buffer)) -> String {
    if buffer.is_lent() {
        return "Ready, and the kernel still has the buffer".to_owned();
    }
    match result {
        Ok(count) => format!(
            "Ready: \"{}\"",
            String::from_utf8_lossy(&buffer.bytes()[..count])
        ),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => "Ready: cancelled".to_owned(),
        Err(error) => format!("Ready: {:?}", error.kind()),
    }
}

machine!(Yours, super::super::subject);
machine!(Reference, speed::owned_read);
