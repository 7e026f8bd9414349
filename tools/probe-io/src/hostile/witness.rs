//! The witness: it drives the code under test, looks at what the stream saw, and judges.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use super::broken::{Broken, Operation};
use super::wire::{ENOUGH, Wire, lock};
use crate::marked;
use probe::{Run, panics};
use probe_futures::{Poller, poller};

/// How the code under test ended.
#[derive(Debug)]
pub enum Ended<T> {
    /// With this.
    Ready(T),
    /// It did not: this was broken before.
    Not(Broken),
}

/// Sees what happens to a [`HostileStream`], drives the code that has it, and judges. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Witness {
    pub(super) wire: Arc<Mutex<Wire>>,
}

impl Witness {
    /// Polls to the end. Two tasks take turns, so the waker of each poll is another one; a pending operation goes on once the task
    /// sleeps. `after_each_poll` may look at what the code keeps or has noted by then.
    pub fn drive<F: Future>(
        &self,
        mut future: Pin<&mut F>,
        mut after_each_poll: impl FnMut(),
    ) -> Ended<F::Output> {
        let run = lock(&self.wire).run.clone();
        let recorder = probe::Recorder::default();
        let tasks = ["A", "B"].map(|name| poller(&recorder, name));
        let enough = ENOUGH + 4 * self.input().len();
        for number in 0..enough {
            let (task, earlier) = (&tasks[number % 2], &tasks[(number + 1) % 2]);
            let (wakes, wakes_of_earlier) = (task.wakes(), earlier.wakes());
            let polled = self.poll_once(&run, task, future.as_mut());
            match polled {
                Err(broken) => return Ended::Not(broken),
                Ok(Poll::Ready(output)) => {
                    after_each_poll();
                    return Ended::Ready(output);
                }
                Ok(Poll::Pending) => after_each_poll(),
            }
            if task.wakes() > wakes {
                continue;
            }
            match self.go_on() {
                0 => return Ended::Not(Broken::WaitsForNothing),
                _ if task.wakes() > wakes => {}
                _ if earlier.wakes() > wakes_of_earlier => {
                    return Ended::Not(Broken::EarlierWoken);
                }
                _ => return Ended::Not(Broken::NeverWoken),
            }
        }
        Ended::Not(Broken::Spins)
    }

    fn poll_once<F: Future>(
        &self,
        run: &Run,
        task: &Poller,
        future: Pin<&mut F>,
    ) -> Result<Poll<F::Output>, Broken> {
        panics::expected(|| task.poll(future)).map_err(|panic| {
            if lock(&self.wire).spins() {
                return Broken::Spins;
            }
            run.recorder()
                .says("your code", format!("panics: {}", panic.message));
            Broken::Panicked
        })
    }

    /// Every pending operation can go on: calls the wakers that are kept for them. How many there were.
    fn go_on(&self) -> usize {
        let wakers = std::mem::take(&mut lock(&self.wire).waiting);
        let wakers = wakers.into_iter().flatten();
        wakers.map(Waker::wake).count()
    }

    /// What was written so far.
    #[must_use]
    pub fn written(&self) -> Vec<u8> {
        lock(&self.wire).output.clone()
    }

    /// How many bytes were read so far.
    #[must_use]
    pub fn read(&self) -> usize {
        lock(&self.wire).read
    }

    /// The most bytes that were read and not yet written, right after a read.
    #[must_use]
    pub fn most_held(&self) -> usize {
        lock(&self.wire).most_held
    }

    /// The first operation that failed, and how.
    #[must_use]
    pub fn failure(&self) -> Option<(Operation, ErrorKind)> {
        lock(&self.wire).failure
    }

    /// Whether a close has succeeded.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        lock(&self.wire).closed
    }

    /// Whether the stream was dropped.
    #[must_use]
    pub fn is_dropped(&self) -> bool {
        lock(&self.wire).dropped
    }

    /// What can still be read, and what was: the input up to its end.
    #[must_use]
    pub fn input(&self) -> Vec<u8> {
        lock(&self.wire).input.clone()
    }

    /// Lets the input end with what was read: the code under test was right to read no more.
    pub fn ends_here(&self) {
        let mut wire = lock(&self.wire);
        let read = wire.read;
        wire.input.truncate(read);
    }

    /// The first invariant that is broken, where `whole` is what is to be written if nothing fails.
    pub fn verdict<T>(&self, ended: &Ended<io::Result<T>>, whole: &[u8]) -> Option<Broken> {
        let wire = lock(&self.wire);
        if !whole.starts_with(&wire.output) {
            return Some(Broken::NotAPrefix);
        }
        let result = match ended {
            Ended::Not(Broken::Spins) if wire.failure.is_some() => {
                return wire
                    .after_failure
                    .map(Broken::CalledAfterFailure)
                    .or(Some(Broken::Spins));
            }
            Ended::Not(broken) => return Some(*broken),
            Ended::Ready(result) => result,
        };
        match (result, wire.failure) {
            (Ok(_), Some((operation, _))) => return Some(Broken::ErrorHidden(operation)),
            (Err(error), Some((operation, kind))) if error.kind() != kind => {
                return Some(Broken::OtherError(operation));
            }
            (Err(error), Some((operation, kind)))
                if kind != ErrorKind::WriteZero && marked::mark(error) != Some(wire.mark()) =>
            {
                return Some(Broken::ErrorRebuilt(operation));
            }
            (Err(_), None) => return Some(Broken::ErrorFromNowhere),
            (Ok(_), None) if wire.read < wire.input.len() => return Some(Broken::Unread),
            (Ok(_), None) if wire.output.len() < whole.len() => return Some(Broken::Incomplete),
            _ => {}
        }
        let after_failure = wire.after_failure.map(Broken::CalledAfterFailure);
        after_failure.or(wire.after_close.then_some(Broken::CalledAfterClose))
    }

    /// The error with which the first operation failed, for code under test that says in another way that one did. Of the kind `Other` if
    /// none failed.
    #[must_use]
    pub fn error(&self) -> io::Error {
        let wire = lock(&self.wire);
        let kind = wire.failure.map_or(ErrorKind::Other, |(_, kind)| kind);
        marked::error(kind, wire.mark())
    }

    /// Ends the run if an invariant is broken: under the code that `name` gives it, or without one. An error that was made anew is
    /// `error-rebuilt`.
    ///
    /// # Panics
    ///
    /// If one is broken.
    #[track_caller]
    pub fn judge<T>(
        &self,
        ended: Ended<io::Result<T>>,
        whole: &[u8],
        name: impl Fn(Broken) -> Option<&'static str>,
    ) {
        let Some(broken) = self.verdict(&ended, whole) else {
            return;
        };
        let outcome = match &ended {
            Ended::Ready(Ok(_)) => "ends well".to_owned(),
            Ended::Ready(Err(error)) => format!("ends with {:?}", error.kind()),
            Ended::Not(Broken::Panicked) => String::new(),
            Ended::Not(_) => "does not end".to_owned(),
        };
        let run = lock(&self.wire).run.clone();
        if !outcome.is_empty() {
            let expected = lock(&self.wire).expectation(broken, whole);
            run.recorder()
                .says("your code", format!("{outcome}    expected: {expected}"));
        }
        let mistake = match broken {
            Broken::ErrorRebuilt(_) => Some("error-rebuilt"),
            _ => name(broken),
        };
        self.report(broken, whole, mistake)
    }

    /// Ends the run with what is said of this.
    ///
    /// # Panics
    ///
    /// Always.
    #[track_caller]
    pub fn report(&self, broken: Broken, whole: &[u8], mistake: Option<&str>) -> ! {
        let (run, sentence) = {
            let wire = lock(&self.wire);
            (wire.run.clone(), wire.sentence(broken, whole))
        };
        match mistake {
            Some(mistake) => run.diagnose(mistake, sentence),
            None => run.departs(sentence),
        }
    }
}
