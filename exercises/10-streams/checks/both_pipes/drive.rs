//! Drives the code under test beside the program, and compares it with the reference.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use super::super::subject;
use super::pipes::End;
use super::program::{NAMES, Step, Waits, World};
use super::verdicts::verdict;
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

pub(super) enum Ended {
    Ready(Outcome),
    /// Neither the program nor the code can go on.
    Stuck,
    /// The program went on, and only the task of an earlier poll was woken.
    EarlierWoken,
    Spins,
}

/// How one side of the comparison went.
pub(super) struct Went<'a> {
    pub(super) ended: Ended,
    pub(super) world: Rc<RefCell<World>>,
    /// It holds its pipes as long as it is looked at.
    _future: Option<Pin<Box<dyn Future<Output = Outcome> + 'a>>>,
}

/// Polls in a row in which no byte moves and the task wakes itself.
pub(super) const IN_VAIN: usize = 100;

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

/// Both outputs, or an error, or neither; and how much the program has read of its input.
type Contract<'a> = (
    Result<(&'a [u8], &'a [u8]), Option<ErrorKind>>,
    Option<usize>,
);

impl Went<'_> {
    /// What the contract speaks of.
    fn contract(&self) -> Contract<'_> {
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
                recorder.enters("communicate", "returns").returns(counts);
            }
            Ended::Ready(Err(error)) => {
                let error = format!("{:?}", error.kind());
                recorder.enters("communicate", "returns").returns(error);
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

/// What the program waits for, in words.
pub(super) fn waits_for(world: &World) -> String {
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
