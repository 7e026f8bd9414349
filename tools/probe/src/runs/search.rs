//! Which runs are tried, and in which order.

use crate::heap;
use crate::panics::{self, Caught};
use crate::random::Random;
use crate::recorder::Recorder;
use crate::run::Run;
use crate::runs::difference::{Difference, Found, Known};
use crate::runs::left;
use crate::runs::step::{Machine, Operation, Step};

/// Catches a panic of a step.
type Catch = fn(&mut dyn FnMut()) -> Result<(), Caught>;

/// A search for the shortest run in which two machines differ. See the [module](super).
pub struct Search<O: 'static> {
    alphabet: Vec<O>,
    length: usize,
    long: Long,
    known: &'static [Known<O>],
    catch: Catch,
    layer: Vec<Vec<usize>>,
    next_layer: Vec<Vec<usize>>,
    place: usize,
    depth: usize,
    long_done: usize,
    tried: usize,
    before: Option<Step>,
    memory: bool,
}

/// How many runs show what is left in memory.
const SAMPLES: usize = 40;

/// The random runs behind the short ones.
#[derive(Clone, Copy)]
struct Long {
    runs: usize,
    length: usize,
    seed: u64,
}

impl<O: Operation + 'static> Search<O> {
    /// A search among sequences of these operations: of up to four, until [`up_to`](Search::up_to) says otherwise.
    #[must_use]
    pub fn of(alphabet: &[O]) -> Search<O> {
        Search {
            alphabet: alphabet.to_vec(),
            length: 4,
            long: Long {
                runs: 0,
                length: 0,
                seed: 0,
            },
            known: &[],
            catch: |step| panics::expected(step),
            layer: vec![Vec::new()],
            next_layer: Vec::new(),
            place: 0,
            depth: 0,
            long_done: 0,
            tried: 0,
            before: None,
            memory: false,
        }
    }

    /// Tries every sequence of up to `length` operations.
    #[must_use]
    pub fn up_to(mut self, length: usize) -> Search<O> {
        self.length = length;
        self
    }

    /// Tries `runs` random sequences after the short ones, each of `length` operations. One that differs is shortened.
    #[must_use]
    pub fn and_random(mut self, runs: usize, length: usize, seed: u64) -> Search<O> {
        self.long = Long { runs, length, seed };
        self
    }

    /// Names these mistakes, where exactly one of them shows.
    #[must_use]
    pub fn naming(mut self, known: &'static [Known<O>]) -> Search<O> {
        self.known = known;
        self
    }

    /// Looks at the memory as well, after all runs were equal: what some random runs leave in use must not be more than what the reference
    /// leaves. It needs the allocator of [`heap`], which every check has.
    #[must_use]
    pub fn leaving_no_memory(mut self) -> Search<O> {
        self.memory = true;
        self
    }

    /// Catches panics so, and not by [`panics::expected`].
    #[must_use]
    pub fn catching(mut self, catch: Catch) -> Search<O> {
        self.catch = catch;
        self
    }

    /// Tries all of them.
    ///
    /// # Panics
    ///
    /// At the first difference, with its verdict.
    #[track_caller]
    pub fn compare<Y, R>(mut self, run: &Run, yours: impl Fn() -> Y, reference: impl Fn() -> R)
    where
        Y: Machine<Operation = O>,
        R: Machine<Operation = O>,
    {
        while self.compare_some(run, usize::MAX, &yours, &reference) {}
        let samples = self.samples();
        if !samples.is_empty() {
            left::no_more_is_left(
                run,
                &samples,
                &|runs| heap::growth(|| self.carry_out(runs, &yours)),
                &|runs| heap::growth(|| self.carry_out(runs, &reference)),
            );
        }
    }

    /// The runs that show what is left in memory. None, unless [`leaving_no_memory`](Search::leaving_no_memory) asks for it.
    #[must_use]
    pub fn samples(&self) -> Vec<Vec<O>> {
        const SEED: u64 = 0x1eaf;
        let runs = if self.memory { SAMPLES } else { 0 };
        let one = |number: usize| {
            let mut random = Random::seeded(SEED + number as u64);
            let length = number * (self.length + 2) / SAMPLES;
            (0..length)
                .map(|_| random.pick(&self.alphabet).clone())
                .collect()
        };
        (0..runs).map(one).collect()
    }

    /// Carries out these runs on new machines, and drops all that they say.
    pub fn carry_out<M>(&self, runs: &[Vec<O>], machine: impl Fn() -> M)
    where
        M: Machine<Operation = O>,
    {
        for operations in runs {
            let _ = drive(
                operations.clone(),
                machine(),
                self.catch,
                OnImpossible::LeaveOut,
            );
        }
    }

    /// Tries up to `runs` of them, and returns whether there are more.
    ///
    /// # Panics
    ///
    /// At the first difference, with its verdict.
    #[track_caller]
    pub fn compare_some<Y, R>(
        &mut self,
        run: &Run,
        runs: usize,
        yours: &impl Fn() -> Y,
        reference: &impl Fn() -> R,
    ) -> bool
    where
        Y: Machine<Operation = O>,
        R: Machine<Operation = O>,
    {
        let sentence = "This happened while short runs of operations were tried one after another.";
        run.risk(None, sentence, || {
            for _ in 0..runs {
                let Some(difference) = self.try_next(run.recorder(), yours, reference) else {
                    return false;
                };
                if let Some(mut difference) = difference {
                    difference.before = self.before.take();
                    difference.report(run, self.tried, self.known);
                }
            }
            true
        })
    }

    /// `None` if all were tried.
    fn try_next<Y, R>(
        &mut self,
        recorder: &Recorder,
        yours: &impl Fn() -> Y,
        reference: &impl Fn() -> R,
    ) -> Option<Option<Difference<O>>>
    where
        Y: Machine<Operation = O>,
        R: Machine<Operation = O>,
    {
        let Some(letters) = self.next_short() else {
            return self.try_long(recorder, yours, reference);
        };
        let operations: Vec<O> = letters
            .iter()
            .map(|&letter| self.alphabet[letter].clone())
            .collect();
        let Some(expected) = drive(operations, reference(), self.catch, OnImpossible::GiveUp)
        else {
            return Some(None);
        };
        self.tried += 1;
        if letters.is_empty() {
            self.before = expected.steps.first().cloned();
        }
        if !expected.panicked {
            self.next_layer.push(letters);
        }
        let difference = against(recorder, expected, yours(), self.catch);
        Some(difference)
    }

    /// The next short sequence: all those of one length, then those that are longer by one.
    fn next_short(&mut self) -> Option<Vec<usize>> {
        loop {
            let width = if self.depth == 0 {
                1
            } else {
                self.alphabet.len()
            };
            let (parent, letter) = (self.place / width, self.place % width);
            if let Some(parent) = self.layer.get(parent) {
                self.place += 1;
                let mut letters = parent.clone();
                if self.depth > 0 {
                    letters.push(letter);
                }
                return Some(letters);
            }
            if self.depth == self.length {
                return None;
            }
            self.depth += 1;
            self.place = 0;
            self.layer = std::mem::take(&mut self.next_layer);
        }
    }

    fn try_long<Y, R>(
        &mut self,
        recorder: &Recorder,
        yours: &impl Fn() -> Y,
        reference: &impl Fn() -> R,
    ) -> Option<Option<Difference<O>>>
    where
        Y: Machine<Operation = O>,
        R: Machine<Operation = O>,
    {
        if self.long_done == self.long.runs {
            return None;
        }
        let mut random = Random::seeded(self.long.seed.wrapping_add(self.long_done as u64));
        self.long_done += 1;
        self.tried += 1;
        let operations: Vec<O> = (0..self.long.length)
            .map(|_| random.pick(&self.alphabet).clone())
            .collect();
        let compare = |operations: Vec<O>| {
            let expected = drive(operations, reference(), self.catch, OnImpossible::LeaveOut)?;
            against(recorder, expected, yours(), self.catch)
        };
        Some(compare(operations).map(|difference| shortened(difference, compare)))
    }
}

/// The same difference, or another, with as few operations as leaving out one at a time gives.
fn shortened<O: Operation>(
    mut difference: Difference<O>,
    compare: impl Fn(Vec<O>) -> Option<Difference<O>>,
) -> Difference<O> {
    difference.found = Found::Shortened;
    let mut place = difference.operations.len();
    while place > 0 {
        place -= 1;
        let mut fewer = difference.operations.clone();
        fewer.remove(place);
        if let Some(shorter) = compare(fewer) {
            difference = Difference {
                found: Found::Shortened,
                ..shorter
            };
            place = place.min(difference.operations.len());
        }
    }
    difference
}

/// What a machine did.
struct Driven<O> {
    operations: Vec<O>,
    steps: Vec<Step>,
    panicked: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum OnImpossible {
    GiveUp,
    LeaveOut,
}

/// Carries out all operations, up to a panic, and then the end.
fn drive<M: Machine>(
    operations: Vec<M::Operation>,
    mut machine: M,
    catch: Catch,
    impossible: OnImpossible,
) -> Option<Driven<M::Operation>> {
    let mut driven = Driven {
        operations: Vec::new(),
        steps: Vec::new(),
        panicked: false,
    };
    for operation in operations {
        match (carried_out(&mut machine, &operation, catch), impossible) {
            (Some(step), _) => {
                driven.panicked = step == Step::panicked();
                driven.steps.push(step);
                driven.operations.push(operation);
            }
            (None, OnImpossible::LeaveOut) => {}
            (None, OnImpossible::GiveUp) => {
                let _ = end(machine, catch);
                return None;
            }
        }
        if driven.panicked {
            break;
        }
    }
    driven.steps.push(end(machine, catch));
    Some(driven)
}

/// Carries out the same on another machine, up to the first step that is unlike.
fn against<M: Machine>(
    recorder: &Recorder,
    expected: Driven<M::Operation>,
    mut machine: M,
    catch: Catch,
) -> Option<Difference<M::Operation>> {
    recorder.clear();
    let mut yours = Vec::new();
    for (operation, expected_step) in expected.operations.iter().zip(&expected.steps) {
        let step = step(recorder, &mut machine, operation, catch)?;
        let same = step == *expected_step;
        yours.push(step);
        if !same {
            let _ = end(machine, catch);
            return Some(difference(expected, yours));
        }
    }
    let last = end(machine, catch);
    let same = expected.steps.last() == Some(&last);
    yours.push(last);
    (!same).then(|| difference(expected, yours))
}

fn difference<O>(mut expected: Driven<O>, yours: Vec<Step>) -> Difference<O> {
    expected.steps.truncate(yours.len());
    expected.operations.truncate(yours.len());
    Difference {
        operations: expected.operations,
        yours,
        expected: expected.steps,
        found: Found::Shortest,
        before: None,
    }
}

/// Carries out one operation and records it as it goes: if it does not come back, the run so far is there to be shown.
fn step<M: Machine>(
    recorder: &Recorder,
    machine: &mut M,
    operation: &M::Operation,
    catch: Catch,
) -> Option<Step> {
    let call = recorder.enters(&operation.actor(), operation.call());
    let step = carried_out(machine, operation, catch);
    if let Some(step) = &step {
        call.returns(step.outcome());
    }
    step
}

fn carried_out<M: Machine>(
    machine: &mut M,
    operation: &M::Operation,
    catch: Catch,
) -> Option<Step> {
    let mut outcome = None;
    match catch(&mut || outcome = Some(machine.apply(operation))) {
        Ok(()) => outcome.expect("it returned"),
        Err(_panic) => Some(Step::panicked()),
    }
}

fn end<M: Machine>(machine: M, catch: Catch) -> Step {
    let mut machine = Some(machine);
    let mut outcome = None;
    let ended = catch(&mut || outcome = machine.take().map(Machine::end));
    match (ended, outcome) {
        (Ok(()), Some(step)) => step,
        _ => Step::panicked(),
    }
}
