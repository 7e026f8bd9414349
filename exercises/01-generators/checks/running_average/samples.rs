//! Samples and their averages.

use std::convert::Infallible;
use std::fmt;
use std::time::{Duration, Instant};

use super::super::subject::RunningAverage;
use super::mistakes::{explain, means};
use generators::{Generator, Step};
use probe::tolerance::Tolerance;
use probe::{Call, Run, heap, panics};
use probe_generators::{Spy, spy};

/// As the stub says it: sums in another order differ by so little.
pub(super) const TOLERANCE: Tolerance = Tolerance::Relative(1e-9);

/// A mistake that a wrong answer shows, and what is said of it.
pub(super) type Explained = Option<(&'static str, String)>;

/// Holds the answer to one sample against the right one. Only a wrong one is recorded, and `explain` may know its mistake.
#[track_caller]
pub(super) fn expect(
    run: &Run,
    average: &mut RunningAverage,
    (sample, count): (f64, u32),
    right: f64,
    explain: impl FnOnce(f64) -> Explained,
) {
    let answer = panics::expected(|| average.resume(sample));
    if matches!(answer, Ok(Step::Yielded(answer)) if TOLERANCE.accepts(answer, right)) {
        return;
    }
    let call = run.recorder().enters(
        "average",
        format!("resume({sample:?}), its sample of number {count}"),
    );
    match answer {
        Ok(Step::Yielded(answer)) => {
            call.returns(format!("yields {answer:?}    expected: {right:?}"));
            let seen = format!(
                "Sample {count} of this generator was answered with {answer:?}; its average so far is {right:?}."
            );
            match explain(answer) {
                Some((mistake, sentence)) => run.diagnose(mistake, format!("{seen} {sentence}")),
                None => run.departs(seen),
            }
        }
        Err(panic) => {
            call.returns("panics");
            run.departs(format!(
                "`resume` panicked at sample {count}: {}. A generator may be sent any number of samples.",
                panic.message
            ));
        }
    }
}

/// An answer that is near the right one, and not near enough.
pub(super) fn imprecise(answer: f64, right: f64) -> Explained {
    let near = |wrong: f64, share: f64| (wrong - right).abs() <= right.abs() * share;
    (near(answer, 1e-5) || answer == right.trunc() || answer == right.round()).then(|| {
        let sentence = "The two differ behind the first digits. An `f64` that is neither rounded nor made narrower on the way holds \
                        fifteen digits.";
        ("precision-lost", sentence.to_owned())
    })
}

/// The averages of code that leaves equal samples out: equal to the one before, or to any before.
#[derive(Default)]
pub(super) struct Unequal {
    last: Option<f64>,
    to_the_last: (f64, f64),
    to_any: Vec<f64>,
}

impl Unequal {
    pub(super) fn take(&mut self, sample: f64) {
        if self.last != Some(sample) {
            self.to_the_last.0 += sample;
            self.to_the_last.1 += 1.0;
        }
        self.last = Some(sample);
        if !self.to_any.contains(&sample) {
            self.to_any.push(sample);
        }
    }

    /// Whether this is the average without equal ones.
    pub(super) fn explain(&self, answer: f64) -> bool {
        let (sum, count) = self.to_the_last;
        let any = self.to_any.iter().sum::<f64>() / self.to_any.len() as f64;
        TOLERANCE.accepts(answer, sum / count) || TOLERANCE.accepts(answer, any)
    }
}

/// Sends 2.0 as often as `samples` says: a count that is too narrow shows.
#[track_caller]
pub(super) fn takes_twos(run: &Run, samples: u32, call: Call) {
    let mut average = RunningAverage::new();
    let before = heap::in_use();
    let since = Instant::now();
    for number in 1..=samples {
        let answer = panics::expected(|| average.resume(2.0));
        if !matches!(answer, Ok(Step::Yielded(average)) if TOLERANCE.accepts(average, 2.0)) {
            let bits = [8, 16]
                .into_iter()
                .find(|bits| number.abs_diff(1 << bits) <= 2);
            let overflows = !matches!(&answer, Err(panic) if !panic.message.contains("overflow"));
            let seen = match answer {
                Ok(Step::Yielded(wrong)) => {
                    call.returns(format!(
                        "yields {wrong:?} for the sample of number {number}"
                    ));
                    format!("The answer to sample {number} is {wrong:?}.")
                }
                Err(panic) => {
                    drop(call);
                    format!("`resume` panicked at sample {number}: {}.", panic.message)
                }
            };
            match bits.filter(|_| overflows) {
                Some(bits) => run.diagnose(
                    "count-wraps",
                    format!(
                        "All samples are 2.0, and the answers were right up to sample {}. {seen} A count in {bits} bits holds no \
                         number above {}.",
                        number - 1,
                        (1_u32 << bits) - 1
                    ),
                ),
                None => run.departs(format!(
                    "{seen} All samples are 2.0, and so is the average of any number of them."
                )),
            }
        }
        // An answer that keeps all samples may add them up at each call: it has no count that could be too narrow.
        if number == 5_000 && heap::in_use() - before > 5_000 {
            break;
        }
        // An answer that prints much at each call would meet the deadline, and is sent fewer samples. No verdict depends on this clock.
        if number.is_multiple_of(500) && since.elapsed() > Duration::from_secs(2) {
            break;
        }
    }
    call.returns("yields 2.0 each time");
}

/// A number as the recording shows it: two orders of the same sum look alike.
pub(super) struct Shown(pub(super) f64);

impl fmt::Debug for Shown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounded = (self.0 * 1e9).round() / 1e9;
        let shown = if rounded.is_finite() { rounded } else { self.0 };
        write!(out, "{shown:?}")
    }
}

/// The learner's generator, whose answers are shown rounded.
pub(super) struct Rounded(pub(super) RunningAverage);

impl Generator<f64> for Rounded {
    type Yield = Shown;
    type Return = Infallible;

    fn resume(&mut self, sample: f64) -> Step<Shown, Infallible> {
        let Step::Yielded(answer) = self.0.resume(sample);
        Step::Yielded(Shown(answer))
    }
}

pub(super) fn watched(run: &Run, track: &'static str) -> Spy<Rounded> {
    spy(run, track, Rounded(RunningAverage::new()))
}

pub(super) fn sent(average: &mut Spy<Rounded>, sample: f64) -> f64 {
    let Step::Yielded(Shown(answer)) = average.resume(sample);
    answer
}

/// Sends all samples, and holds each answer against the average of everything sent so far.
#[track_caller]
pub(super) fn averages<const N: usize>(run: &Run, samples: [f64; N]) {
    let mut average = watched(run, "average");
    let answers: Vec<f64> = samples
        .iter()
        .map(|&sample| sent(&mut average, sample))
        .collect();
    if !same(&answers, &means(&samples)) {
        explain(run, &samples, &answers);
    }
}

/// Equal, but for the rounding that two orders of the same sums may differ in.
pub(super) fn same(ours: &[f64], theirs: &[f64]) -> bool {
    let close = |(ours, theirs): (&f64, &f64)| TOLERANCE.accepts(*ours, *theirs);
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(close)
}
