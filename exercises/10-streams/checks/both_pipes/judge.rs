//! Drives the code under test beside the program, and says what was seen.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use super::super::subject;
use super::program::{End, NAMES, Name, Pipe, Step, Waits, World};
use probe::{Recorder, Run};
use probe_futures::poller;

pub(super) type Outcome = io::Result<(Vec<u8>, Vec<u8>)>;

/// A script, the input, and how many bytes a pipe holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) script: &'a [Step],
    pub(super) input: &'a [u8],
    pub(super) capacity: usize,
}

enum Ended {
    Ready(Outcome),
    /// Neither the program nor the code can go on.
    Stuck,
    /// The program went on, and only the task of an earlier poll was woken.
    EarlierWoken,
    Spins,
}

/// How one side of the comparison went.
struct Went<'a> {
    ended: Ended,
    world: Rc<RefCell<World>>,
    /// It holds its pipes as long as it is looked at.
    _future: Option<Pin<Box<dyn Future<Output = Outcome> + 'a>>>,
}

/// Polls in a row in which no byte moves and the task wakes itself.
const IN_VAIN: usize = 100;

fn go<'a, F: Future<Output = Outcome> + 'a>(
    run: &Run,
    case: Case<'a>,
    recorder: Option<Recorder>,
    communicate: impl FnOnce(End, End, End, &'a [u8]) -> F,
) -> Went<'a> {
    let world = World::new(run, case.capacity, case.script, recorder);
    let world = Rc::new(RefCell::new(world));
    let [stdin, stdout, stderr] = NAMES.map(|name| End(name, Rc::clone(&world)));
    let mut future: Pin<Box<dyn Future<Output = Outcome>>> =
        Box::pin(communicate(stdin, stdout, stderr, case.input));
    let ended = drive(&world, future.as_mut());
    let future = match ended {
        Ended::Ready(_) => {
            drop(future);
            // What is in the pipe for the program to read, it reads.
            let (_, woken) = world.borrow_mut().runs();
            drop(woken);
            None
        }
        _ => Some(future),
    };
    Went {
        ended,
        world,
        _future: future,
    }
}

fn drive(world: &RefCell<World>, mut future: Pin<&mut dyn Future<Output = Outcome>>) -> Ended {
    let quiet = Recorder::default();
    let tasks = ["A", "B"].map(|name| poller(&quiet, name));
    let mut in_vain = 0;
    for number in 0.. {
        let (task, earlier) = (&tasks[number % 2], &tasks[(number + 1) % 2]);
        let (wakes, earlier_wakes) = (task.wakes(), earlier.wakes());
        let moved = world.borrow().moved;
        if let Poll::Ready(outcome) = task.poll(future.as_mut()) {
            return Ended::Ready(outcome);
        }
        in_vain = match world.borrow().moved == moved {
            true => in_vain + 1,
            false => 0,
        };
        while task.wakes() == wakes {
            in_vain = 0;
            let (went_on, woken) = world.borrow_mut().runs();
            woken.into_iter().for_each(|waker| waker.wake());
            match went_on {
                true => {}
                false if earlier.wakes() > earlier_wakes => return Ended::EarlierWoken,
                false => return Ended::Stuck,
            }
        }
        if in_vain > IN_VAIN {
            return Ended::Spins;
        }
    }
    unreachable!("the numbers do not end")
}

impl Went<'_> {
    /// What the contract speaks of.
    fn contract(&self) -> (Result<(&[u8], &[u8]), Option<ErrorKind>>, Option<usize>) {
        match &self.ended {
            Ended::Ready(Ok((output, errors))) => (
                Ok((output, errors)),
                Some(self.world.borrow().received.len()),
            ),
            Ended::Ready(Err(error)) => (Err(Some(error.kind())), None),
            _ => (Err(None), None),
        }
    }

    fn tell(&self, recorder: &Recorder) {
        let world = self.world.borrow();
        match &self.ended {
            Ended::Ready(Ok((output, errors))) => {
                let counts = format!("{} and {} bytes", output.len(), errors.len());
                recorder.enters("communicate", "").returns(counts);
            }
            Ended::Ready(Err(error)) => {
                let error = format!("{:?}", error.kind());
                recorder.enters("communicate", "").returns(error);
            }
            Ended::Spins => recorder.says("communicate", "wakes its own task, again and again"),
            Ended::Stuck | Ended::EarlierWoken => {
                if world.waits() != Waits::Ended {
                    recorder.says("program", waits_for(&world));
                }
                let held = NAMES
                    .into_iter()
                    .filter(|name| world.pipe(*name).waker.is_some());
                let held: Vec<_> = held.map(|name| name.to_string()).collect();
                let what = match held.is_empty() {
                    true => "is pending, and waits for no pipe".to_owned(),
                    false => format!("is pending, and waits for {}", held.join(" and ")),
                };
                recorder.says("communicate", what);
            }
        }
    }
}

fn waits_for(world: &World) -> String {
    match world.waits() {
        Waits::ForInput => "waits for input, or its end".to_owned(),
        Waits::ForRoomIn(name) => format!(
            "waits for room in {name}: {} bytes in it are unread",
            world.pipe(name).bytes.len()
        ),
        Waits::Forever => "sleeps".to_owned(),
        Waits::Ended => "has ended".to_owned(),
    }
}

/// Compares the code under test with the reference. Records nothing unless they differ.
#[track_caller]
pub(super) fn compare(run: &Run, case: Case<'_>) {
    let yours = go(run, case, None, subject::communicate);
    let expected = go(run, case, None, streams::communicate);
    let received = yours.world.borrow().received == expected.world.borrow().received;
    if yours.contract() != expected.contract() || !received && yours.contract().0.is_ok() {
        show(run, case);
    }
}

/// Compares the two, and records the run.
#[track_caller]
pub(super) fn show(run: &Run, case: Case<'_>) {
    run.recorder().clear();
    let loud = Some(run.recorder().clone());
    let yours = go(run, case, loud, subject::communicate);
    yours.tell(run.recorder());
    let recorder = Recorder::default();
    let expected = go(run, case, Some(recorder.clone()), streams::communicate);
    expected.tell(&recorder);
    if let Some((mistake, sentence)) = verdict(&yours, &expected, case.input) {
        let last = run.recorder().last_event();
        run.differs(mistake, sentence, last, recorder.recording(), None);
    }
}

type Verdict = (Option<&'static str>, String);

fn verdict(yours: &Went<'_>, expected: &Went<'_>, input: &[u8]) -> Option<Verdict> {
    let world = yours.world.borrow();
    let outcome = match &yours.ended {
        Ended::Ready(outcome) => outcome,
        Ended::EarlierWoken => {
            let sentence = "Two tasks polled the future in turn. A pipe changed, and it woke only the task of an earlier poll: the \
                            newest waker was not handed to the pipe.";
            return Some((Some("first-waker-only"), sentence.to_owned()));
        }
        Ended::Spins => {
            let sentence = format!(
                "No byte could be read or written in {IN_VAIN} polls in a row, and each poll woke its own task."
            );
            return Some((Some("busy-poll"), sentence));
        }
        Ended::Stuck => return Some(stuck(&world, input)),
    };
    let Ended::Ready(right) = &expected.ended else {
        unreachable!("the reference always ends")
    };
    match (outcome, right) {
        (Ok(bytes), Ok(right)) => {
            let received = &expected.world.borrow().received;
            of_bytes(bytes, right, &world, received, input)
        }
        (Ok(_), Err(error)) => Some((
            Some("error-swallowed"),
            format!(
                "A pipe returned {:?}, and `communicate` returned `Ok`.",
                error.kind()
            ),
        )),
        (Err(error), Ok(_)) if error.kind() == ErrorKind::BrokenPipe => Some((
            Some("broken-pipe-is-an-error"),
            format!(
                "The program closed its input when {} of {} bytes were written, and `communicate` returned BrokenPipe. The program's output \
                 is lost.",
                world.pipe(Name::Stdin).written,
                input.len()
            ),
        )),
        (Err(error), Ok(_)) => Some((
            None,
            format!(
                "No pipe returned an error, and `communicate` returned {:?}.",
                error.kind()
            ),
        )),
        (Err(error), Err(right)) if error.kind() != right.kind() => Some((
            None,
            format!(
                "A pipe returned {:?}, and `communicate` returned {:?}.",
                right.kind(),
                error.kind()
            ),
        )),
        (Err(_), Err(_)) => None,
    }
}

fn of_bytes(
    bytes: &(Vec<u8>, Vec<u8>),
    right: &(Vec<u8>, Vec<u8>),
    world: &World,
    received: &[u8],
    input: &[u8],
) -> Option<Verdict> {
    let written = world.pipe(Name::Stdin).written;
    if bytes != right && (&bytes.1, &bytes.0) == (&right.0, &right.1) {
        let sentence = "`communicate` returned what the program wrote to stderr first, and what it wrote to stdout second.";
        return Some((Some("outputs-swapped"), sentence.to_owned()));
    }
    for (name, bytes, right) in [
        ("stdout", &bytes.0, &right.0),
        ("stderr", &bytes.1, &right.1),
    ] {
        if bytes != right {
            let sentence = match bytes.len() == right.len() {
                true => format!(
                    "The bytes of {name} are not those that the program wrote, in their order."
                ),
                false => format!(
                    "The program wrote {} bytes to {name}, and `communicate` returned {}.",
                    right.len(),
                    bytes.len()
                ),
            };
            return Some((None, sentence));
        }
    }
    if world.received == received {
        return None;
    }
    if input.starts_with(&world.received) && written < input.len() {
        let sentence = format!(
            "`communicate` returned when {written} of {} bytes of the input were written. The program had not closed its input, and \
             lacks the rest.",
            input.len()
        );
        return Some((Some("input-cut-short"), sentence));
    }
    Some((
        None,
        "The program read other bytes than those of the input.".to_owned(),
    ))
}

/// Neither can go on.
fn stuck(world: &World, input: &[u8]) -> Verdict {
    let stdin = world.pipe(Name::Stdin);
    let unheard = |name: Name| world.pipe(name).waker.is_none();
    let named = |name, sentence| (Some(name), sentence);
    match world.waits() {
        Waits::ForRoomIn(name) if unheard(name) => {
            let full = format!(
                "The program waits until there is room in {name}, where {} bytes are unread.",
                world.pipe(name).bytes.len()
            );
            let no_output = |pipe: &Pipe| !pipe.called;
            if stdin.waker.is_some() && world.pipes[1..].iter().all(no_output) {
                return named(
                    "input-before-output",
                    format!(
                        "{full} Your code waits until there is room in stdin, and reads neither output."
                    ),
                );
            }
            let awaited = NAMES.into_iter().filter(|name| !unheard(*name));
            let awaited: Vec<_> = awaited.map(|name| name.to_string()).collect();
            let awaited = match awaited.is_empty() {
                true => "does not wait for it".to_owned(),
                false => format!("waits for {}, and not for {name}", awaited.join(" and ")),
            };
            named(
                "reads-one-pipe-first",
                format!("{full} Your code {awaited}. Neither goes on."),
            )
        }
        Waits::ForInput if stdin.written == input.len() && stdin.held => named(
            "stdin-kept-open",
            format!(
                "All {} bytes of the input are written, and the program waits for more, or for the end. Your code still holds stdin: the \
                 input ends when it is dropped.",
                input.len()
            ),
        ),
        Waits::Forever => of_an_error(world),
        _ => (
            None,
            format!(
                "The program {}, and `communicate` does not return: no pipe will wake it.",
                waits_for(world)
            ),
        ),
    }
}

/// The program has broken a pipe, and sleeps.
fn of_an_error(world: &World) -> Verdict {
    let returned = NAMES
        .into_iter()
        .find(|name| world.pipe(*name).error_returned);
    match returned {
        Some(name) => (
            Some("error-waits-for-the-rest"),
            format!("A call on {name} returned an error, and `communicate` waits for the other pipes. The program writes nothing more and does not end."),
        ),
        None => (
            Some("reads-one-pipe-first"),
            "A pipe broke, and your code does not wait for that pipe: it waits for another one, from which nothing comes.".to_owned(),
        ),
    }
}
