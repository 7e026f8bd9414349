//! A stream whose every operation can be short, pending, interrupted, zero or an error, as a script says.
//!
//! Right answers differ in how much they read at once and how often they write, so their calls cannot be compared with a
//! reference's. What they share is a contract, and that is judged for **every short script**:
//!
//! | invariant | [`Broken`] |
//! |---|---|
//! | what was written is a prefix of what was to be written; all of it, if nothing failed | `NotAPrefix`, `Unread`, `Incomplete` |
//! | the first error of read, write, flush or close is the outcome; a write of zero bytes is `WriteZero` | `ErrorHidden`, `OtherError`, `ErrorFromNowhere` |
//! | nothing is called after the first error, nor after the close; a write of zero bytes may be tried again | `CalledAfterFailure`, `CalledAfterClose` |
//! | when a pending operation can go on, the task of the **latest** poll is woken | `NeverWoken` |
//! | polls come to an end, and so does each of them | `Spins` |
//! | what was read and not yet written stays below a bound | `HoldsTooMuch` |
//!
//! ```
//! use std::pin::pin;
//! use futures::io::AsyncWriteExt;
//! use probe::run;
//! use probe_io::hostile::{Script, hostile};
//!
//! let run = run!();
//! for script in Script::of_writes(4) {
//!     let (mut stream, witness) = hostile(&run, &script, b"");
//!     let ended = witness.drive(pin!(stream.write_all(b"all of it")), || {});
//!     witness.judge(ended, b"all of it", |_| None);
//! }
//! ```
//!
//! The same stream is a blocking [`Read`] and [`Write`]: there pending is `WouldBlock`, and interrupted is `Interrupted`.

use std::future::Future;
use std::io::{self, ErrorKind, Read, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures::io::{AsyncRead, AsyncWrite};
use probe::{Run, panics};
use probe_futures::{Poller, poller};

use crate::stream::show;

/// How the stream answers one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// As much as there is, or is given.
    All,
    /// At most this number of bytes.
    Part(usize),
    /// Not yet. The task of the latest poll is woken once it has gone to sleep.
    Pending,
    /// Not yet, and the task is woken at once: an interrupted system call.
    Interrupted,
    /// A read: the end of the stream. A write: no byte is taken.
    Zero,
    /// This error. The stream is broken from then on.
    Error(ErrorKind),
}

/// How a stream answers, call by call. When a list is used up every further call is answered with [`Answer::All`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// The reads.
    pub reads: Vec<Answer>,
    /// The writes.
    pub writes: Vec<Answer>,
    /// The flushes.
    pub flushes: Vec<Answer>,
    /// The closes.
    pub closes: Vec<Answer>,
}

const READS: [Answer; 6] = [
    Answer::Part(1),
    Answer::Part(3),
    Answer::Pending,
    Answer::Interrupted,
    Answer::Zero,
    Answer::Error(ErrorKind::ConnectionReset),
];
const WRITES: [Answer; 6] = [
    Answer::Part(1),
    Answer::Part(3),
    Answer::Pending,
    Answer::Interrupted,
    Answer::Zero,
    Answer::Error(ErrorKind::BrokenPipe),
];
const ENDS: [Answer; 3] = [
    Answer::Pending,
    Answer::Interrupted,
    Answer::Error(ErrorKind::ConnectionAborted),
];

impl Script {
    /// All scripts of up to `length` reads, shortest first.
    #[must_use]
    pub fn of_reads(length: usize) -> Vec<Script> {
        let scripts = answers(&READS, length).into_iter();
        scripts
            .map(|reads| Script {
                reads,
                ..Script::default()
            })
            .collect()
    }

    /// All scripts of up to `length` writes, shortest first.
    #[must_use]
    pub fn of_writes(length: usize) -> Vec<Script> {
        let scripts = answers(&WRITES, length).into_iter();
        scripts
            .map(|writes| Script {
                writes,
                ..Script::default()
            })
            .collect()
    }

    /// All scripts of up to `length` flushes, and of as many closes.
    #[must_use]
    pub fn of_ends(length: usize) -> Vec<Script> {
        let flushes = answers(&ENDS, length).into_iter();
        let flushes = flushes.map(|flushes| Script {
            flushes,
            ..Script::default()
        });
        let closes = answers(&ENDS, length).into_iter();
        let closes = closes.map(|closes| Script {
            closes,
            ..Script::default()
        });
        flushes.chain(closes).collect()
    }

    /// Every script of up to `length` answers in one direction, and every pair of a read's script and a write's of up to two.
    #[must_use]
    pub fn of_all(length: usize) -> Vec<Script> {
        let mut scripts = Script::of_ends(length.min(2));
        scripts.extend(Script::of_writes(length));
        scripts.extend(Script::of_reads(length));
        for reads in answers(&READS, 2) {
            for writes in answers(&WRITES, 2) {
                let reads = reads.clone();
                scripts.push(Script {
                    reads,
                    writes,
                    ..Script::default()
                });
            }
        }
        scripts.sort_by_key(Script::length);
        scripts
    }

    fn length(&self) -> usize {
        self.reads.len() + self.writes.len() + self.flushes.len() + self.closes.len()
    }
}

/// All sequences of up to `length` answers, shortest first. Nothing follows an answer that ends a stream.
fn answers(alphabet: &[Answer], length: usize) -> Vec<Vec<Answer>> {
    let mut all = vec![Vec::new()];
    let mut layer: Vec<Vec<Answer>> = vec![Vec::new()];
    for _ in 0..length {
        let open = layer
            .iter()
            .filter(|script| !matches!(script.last(), Some(Answer::Zero | Answer::Error(_))));
        layer = open
            .flat_map(|script| alphabet.iter().map(|&next| [&script[..], &[next]].concat()))
            .collect();
        all.extend(layer.iter().cloned());
    }
    all
}

/// What the code under test did wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// What was written is not the beginning of what was to be written.
    NotAPrefix,
    /// It ended well, nothing had failed, and not all that there was had been read.
    Unread,
    /// It ended well, nothing had failed, and bytes are missing.
    Incomplete,
    /// An operation failed, and it ended well.
    ErrorHidden(Operation),
    /// An operation failed, and another error came out.
    OtherError(Operation),
    /// Nothing failed, and an error came out.
    ErrorFromNowhere,
    /// It called the stream after an operation had failed.
    CalledAfterFailure(Operation),
    /// It called the stream after it was closed.
    CalledAfterClose,
    /// It waits, and no operation of the stream is pending.
    WaitsForNothing,
    /// A pending operation could go on, and the task of the latest poll was not woken.
    NeverWoken,
    /// It called the stream, or was polled, without end.
    Spins,
    /// It held more than the bound of what it had read and not written.
    HoldsTooMuch,
    /// It panicked.
    Panicked,
}

/// One of the stream's operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `poll_read`, or `read`.
    Read,
    /// `poll_write`, or `write`.
    Write,
    /// `poll_flush`, or `flush`.
    Flush,
    /// `poll_close`.
    Close,
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Operation::Read => "read",
            Operation::Write => "write",
            Operation::Flush => "flush",
            Operation::Close => "close",
        }
    }
}

/// How the code under test ended.
#[derive(Debug)]
pub enum Ended<T> {
    /// With this.
    Ready(T),
    /// It did not: this was broken before.
    Not(Broken),
}

/// More calls, and more polls, than any right answer needs for a short script.
const ENOUGH: usize = 10_000;

/// More calls after a failure than are shown.
const AFTER_FAILURE: usize = 5;

/// How many calls a run shows.
const SHOWN: usize = 40;

/// A stream that follows a script, and its witness. `input` is what can be read from it; then comes the end.
#[must_use]
pub fn hostile(run: &Run, script: &Script, input: &[u8]) -> (HostileStream, Witness) {
    run.recorder().clear();
    let wire = Wire {
        run: run.clone(),
        scripts: [
            &script.reads,
            &script.writes,
            &script.flushes,
            &script.closes,
        ]
        .map(|answers| answers.clone().into_iter()),
        input: input.to_vec(),
        read: 0,
        output: Vec::new(),
        most_held: 0,
        failure: None,
        after_failure: None,
        closed: false,
        dropped: false,
        after_close: false,
        waiting: [const { None }; 4],
        calls: 0,
        calls_after_failure: 0,
    };
    let wire = Arc::new(Mutex::new(wire));
    let witness = Witness {
        wire: Arc::clone(&wire),
    };
    (HostileStream { wire }, witness)
}

/// See [`hostile`](fn@hostile).
#[derive(Debug)]
pub struct HostileStream {
    wire: Arc<Mutex<Wire>>,
}

/// Sees what happens to a [`HostileStream`], drives the code that has it, and judges. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Witness {
    wire: Arc<Mutex<Wire>>,
}

#[derive(Debug)]
struct Wire {
    run: Run,
    scripts: [std::vec::IntoIter<Answer>; 4],
    input: Vec<u8>,
    read: usize,
    output: Vec<u8>,
    most_held: usize,
    failure: Option<(Operation, ErrorKind)>,
    after_failure: Option<Operation>,
    closed: bool,
    dropped: bool,
    after_close: bool,
    waiting: [Option<Waker>; 4],
    calls: usize,
    calls_after_failure: usize,
}

/// What a call comes to, before it is an `io::Result` or a `Poll` of one.
enum Came {
    Count(usize),
    Later,
    AtOnce,
    Failed(ErrorKind),
}

impl Wire {
    fn call(&mut self, operation: Operation, room: usize) -> Came {
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

    fn takes_nothing(&self) -> bool {
        matches!(self.failure, Some((Operation::Write, ErrorKind::WriteZero)))
    }

    fn spins(&self) -> bool {
        self.calls > ENOUGH + 4 * self.input.len() || self.calls_after_failure > AFTER_FAILURE
    }

    fn took(&mut self, buffer: &mut [u8], count: usize) {
        buffer[..count].copy_from_slice(&self.input[self.read..self.read + count]);
        self.read += count;
        self.most_held = self
            .most_held
            .max(self.read.saturating_sub(self.output.len()));
    }

    fn note(&self, operation: Operation, given: Option<usize>, outcome: &str) {
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

impl HostileStream {
    fn poll(
        &self,
        context: &mut Context<'_>,
        operation: Operation,
        given: Option<usize>,
        done: impl FnOnce(&mut Wire, usize),
    ) -> Poll<io::Result<usize>> {
        let mut at_once = false;
        let polled = {
            let mut wire = lock(&self.wire);
            match wire.call(operation, given.unwrap_or(0)) {
                Came::Count(count) => {
                    done(&mut wire, count);
                    wire.note(operation, given, &told(given, count));
                    Poll::Ready(Ok(count))
                }
                Came::Failed(error) => {
                    wire.note(operation, given, &format!("{error:?}"));
                    Poll::Ready(Err(error.into()))
                }
                Came::Later => {
                    wire.note(operation, given, "Pending");
                    wire.waiting[operation as usize] = Some(context.waker().clone());
                    Poll::Pending
                }
                Came::AtOnce => {
                    wire.note(operation, given, "Pending, and wakes at once");
                    at_once = true;
                    Poll::Pending
                }
            }
        };
        if at_once {
            context.waker().wake_by_ref();
        }
        polled
    }

    fn now(
        &self,
        operation: Operation,
        given: Option<usize>,
        done: impl FnOnce(&mut Wire, usize),
    ) -> io::Result<usize> {
        let mut wire = lock(&self.wire);
        let error = match wire.call(operation, given.unwrap_or(0)) {
            Came::Count(count) => {
                done(&mut wire, count);
                wire.note(operation, given, &told(given, count));
                return Ok(count);
            }
            Came::Failed(error) => error,
            Came::Later => ErrorKind::WouldBlock,
            Came::AtOnce => ErrorKind::Interrupted,
        };
        wire.note(operation, given, &format!("{error:?}"));
        Err(error.into())
    }
}

fn told(given: Option<usize>, count: usize) -> String {
    given.map_or_else(|| "done".to_owned(), |_| count.to_string())
}

impl AsyncRead for HostileStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let room = buffer.len();
        self.poll(context, Operation::Read, Some(room), |wire, count| {
            wire.took(buffer, count)
        })
    }
}

impl AsyncWrite for HostileStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let given = bytes.len();
        self.poll(context, Operation::Write, Some(given), |wire, count| {
            wire.output.extend(&bytes[..count])
        })
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = self.poll(context, Operation::Flush, None, |_, _| {});
        polled.map_ok(drop)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = self.poll(context, Operation::Close, None, |wire, _| {
            wire.closed = true
        });
        polled.map_ok(drop)
    }
}

impl Read for HostileStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len();
        self.now(Operation::Read, Some(room), |wire, count| {
            wire.took(buffer, count)
        })
    }
}

impl Write for HostileStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.now(Operation::Write, Some(bytes.len()), |wire, count| {
            wire.output.extend(&bytes[..count])
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.now(Operation::Flush, None, |_, _| {}).map(drop)
    }
}

impl Drop for HostileStream {
    fn drop(&mut self) {
        let waiting = {
            let mut wire = lock(&self.wire);
            wire.dropped = true;
            std::mem::take(&mut wire.waiting)
        };
        drop(waiting);
    }
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
            let task = &tasks[number % 2];
            let wakes = task.wakes();
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
                _ if task.wakes() == wakes => return Ended::Not(Broken::NeverWoken),
                _ => {}
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
            (Err(_), None) => return Some(Broken::ErrorFromNowhere),
            (Ok(_), None) if wire.read < wire.input.len() => return Some(Broken::Unread),
            (Ok(_), None) if wire.output.len() < whole.len() => return Some(Broken::Incomplete),
            _ => {}
        }
        let after_failure = wire.after_failure.map(Broken::CalledAfterFailure);
        after_failure.or(wire.after_close.then_some(Broken::CalledAfterClose))
    }

    /// Ends the run if an invariant is broken: under the code that `name` gives it, or without one.
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
            run.recorder().says("your code", outcome);
        }
        self.report(broken, whole, name(broken))
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

impl Wire {
    fn sentence(&self, broken: Broken, whole: &[u8]) -> String {
        let failed = |operation: Operation| {
            match self.failure {
            Some((Operation::Write, ErrorKind::WriteZero)) => {
                "A write took no byte of those it was given: the writer takes nothing any more, and the outcome has to be `WriteZero`.".to_owned()
            }
            Some((_, kind)) => format!("The {} failed with {kind:?}, and that has to be the outcome.", operation.name()),
            None => String::new(),
        }
        };
        match broken {
            Broken::NotAPrefix => format!(
                "What was written is not the beginning of what was to be written. Written: {}. Expected: {}.",
                show(&self.output),
                show(whole)
            ),
            Broken::Unread => format!(
                "Nothing failed, your code ended well, and it had read {} of {} bytes: there was more before the end.",
                self.read,
                self.input.len()
            ),
            Broken::Incomplete => format!(
                "Nothing failed, your code ended well, and {} of {} bytes were written.",
                self.output.len(),
                whole.len()
            ),
            Broken::ErrorHidden(operation) => format!("{} Your code ended well.", failed(operation)),
            Broken::OtherError(operation) => format!("{} Another error came out.", failed(operation)),
            Broken::ErrorFromNowhere => "No operation of the stream failed, and an error came out.".to_owned(),
            Broken::CalledAfterFailure(operation) => {
                let (first, kind) = self.failure.expect("it had failed");
                format!(
                    "The {} had failed with {kind:?}, and your code called {} after that. A stream that has failed is not used any more.",
                    first.name(),
                    operation.name()
                )
            }
            Broken::CalledAfterClose => "The stream was closed, and your code called it once more.".to_owned(),
            Broken::WaitsForNothing => "Your code is pending, no operation of the stream is, and the task was not woken: nothing will ever \
                                        poll it again."
                .to_owned(),
            Broken::NeverWoken => "The pending operation could go on, and the task that had polled last was not woken. Each poll may come \
                                   with another waker, and the stream needs the newest."
                .to_owned(),
            Broken::Spins => format!(
                "It does not come to an end: {} calls of the stream, and it goes on.",
                self.calls
            ),
            Broken::HoldsTooMuch => format!("{} bytes had been read and not yet written.", self.most_held),
            Broken::Panicked => "Your code panicked.".to_owned(),
        }
    }
}

fn lock(wire: &Mutex<Wire>) -> MutexGuard<'_, Wire> {
    wire.lock().unwrap_or_else(PoisonError::into_inner)
}
