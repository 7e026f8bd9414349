//! What a hostile stream and its witness share.

use std::io::ErrorKind;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use super::broken::Operation;
use super::script::Answer;
use probe::Run;

/// More calls, and more polls, than any right answer needs for a short script.
pub(super) const ENOUGH: usize = 10_000;

/// More calls after a failure than are shown.
const AFTER_FAILURE: usize = 5;

/// How many calls a run shows.
const SHOWN: usize = 40;

#[derive(Debug)]
pub(super) struct Wire {
    pub(super) run: Run,
    pub(super) scripts: [std::vec::IntoIter<Answer>; 4],
    pub(super) input: Vec<u8>,
    pub(super) read: usize,
    pub(super) output: Vec<u8>,
    pub(super) most_held: usize,
    pub(super) failure: Option<(Operation, ErrorKind)>,
    pub(super) after_failure: Option<Operation>,
    pub(super) closed: bool,
    pub(super) dropped: bool,
    pub(super) after_close: bool,
    pub(super) waiting: [Option<Waker>; 4],
    pub(super) calls: usize,
    pub(super) calls_after_failure: usize,
}

/// What a call comes to, before it is an `io::Result` or a `Poll` of one.
pub(super) enum Came {
    Count(usize),
    Later,
    AtOnce,
    Failed(ErrorKind),
}

impl Wire {
    pub(super) fn call(&mut self, operation: Operation, room: usize) -> Came {
        self.calls += 1;
        self.calls_after_failure += usize::from(self.failure.is_some());
        if self.spins() {
            let times = if self.failure.is_some() {
                "again and again, after the failure".to_owned()
            } else {
                format!("{} times, without end", self.calls)
            };
            let call = format!("{} is called {times}", operation.name());
            self.run.recorder().says("stream", call);
            // The panic leaves the code's own loop; `drive` knows it again.
            std::panic::panic_any(Spun);
        }
        // A write that took nothing may be tried again. It takes nothing then, either.
        let once_more = operation == Operation::Write && self.takes_nothing();
        if self.failure.is_some() && self.after_failure.is_none() && !once_more {
            self.after_failure = Some(operation);
        }
        self.after_close |= self.closed;
        let answer = match self.failure {
            Some(_) if once_more => Answer::Zero,
            Some((_, error)) => Answer::Error(error),
            None => self.scripts[operation as usize]
                .next()
                .unwrap_or(Answer::All),
        };
        self.answer(operation, room, answer)
    }

    fn answer(&mut self, operation: Operation, room: usize, answer: Answer) -> Came {
        let available = match operation {
            Operation::Read => room.min(self.input.len() - self.read),
            Operation::Write => room,
            Operation::Flush | Operation::Close => 0,
        };
        match answer {
            Answer::Pending => Came::Later,
            Answer::Interrupted => Came::AtOnce,
            Answer::Error(error) => {
                self.failure.get_or_insert((operation, error));
                Came::Failed(error)
            }
            Answer::Zero if operation == Operation::Read => {
                self.input.truncate(self.read);
                Came::Count(0)
            }
            Answer::Zero if operation == Operation::Write && room > 0 => {
                self.failure
                    .get_or_insert((operation, ErrorKind::WriteZero));
                Came::Count(0)
            }
            Answer::Part(most) => Came::Count(available.min(most)),
            Answer::All | Answer::Zero => Came::Count(available),
        }
    }

    /// The mark of the errors: the operation that failed first.
    pub(super) fn mark(&self) -> u32 {
        self.failure
            .map_or(0, |(operation, _)| 1 + operation as u32)
    }

    fn takes_nothing(&self) -> bool {
        matches!(self.failure, Some((Operation::Write, ErrorKind::WriteZero)))
    }

    pub(super) fn spins(&self) -> bool {
        // Code that writes a byte in each call makes one call for each byte.
        let moved = 4 * self.input.len() + self.output.len();
        self.calls > ENOUGH + moved || self.calls_after_failure > AFTER_FAILURE
    }

    pub(super) fn took(&mut self, buffer: &mut [u8], count: usize) {
        buffer[..count].copy_from_slice(&self.input[self.read..self.read + count]);
        self.read += count;
        self.most_held = self
            .most_held
            .max(self.read.saturating_sub(self.output.len()));
    }

    pub(super) fn note(&self, operation: Operation, given: Option<usize>, outcome: &str) {
        if self.calls > SHOWN {
            return;
        }
        let given = given.map_or_else(String::new, |given| format!("{given} bytes"));
        let call = format!("{}({given})", operation.name());
        self.run.recorder().enters("stream", call).returns(outcome);
    }
}

/// What leaves code that calls without end.
struct Spun;

pub(super) fn lock(wire: &Mutex<Wire>) -> MutexGuard<'_, Wire> {
    wire.lock().unwrap_or_else(PoisonError::into_inner)
}
