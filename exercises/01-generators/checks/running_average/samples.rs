//! Samples and their averages, and what is said of a wrong one.

use std::convert::Infallible;
use std::fmt;
use std::time::{Duration, Instant};

use super::super::subject::RunningAverage;
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

/// The averages of those who leave equal samples out: equal to the one before, or to any before.
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

/// Sends 2.0 so many times: a count that is too narrow shows.
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
                    "{seen} All samples are 2.0, and so is their average, however many there are."
                )),
            }
        }
        // One that keeps all samples may add them up at each call: it has no count that could be too narrow.
        if number == 5_000 && heap::in_use() - before > 5_000 {
            break;
        }
        // One that prints much at each call would meet the deadline: so many samples are enough then. No verdict depends on this clock.
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

/// Says which mistake gives these wrong answers, if one of the known ones does.
#[track_caller]
pub(super) fn explain(run: &Run, samples: &[f64], answers: &[f64]) -> ! {
    let right = means(samples);
    let wrong = (0..samples.len())
        .find(|&index| !same(&answers[index..=index], &right[index..=index]))
        .unwrap_or(0);
    // Each resume is two events: it is entered, and it returns.
    let event = Some(2 * wrong + 1);

    if same(answers, samples) {
        run.diagnose_at(
            event,
            "forgot-to-advance",
            "Each answer is the sample that was just sent, as if it were the first: something that has to change with every sample \
             does not.",
        );
    }
    if same(&answers[1..], &right[..right.len() - 1]) {
        run.diagnose_at(
            event,
            "lost-resume-argument",
            "Each answer is one step late: it is the average of the samples before the one that was just sent.",
        );
    }
    if same(&answers[1..], &means(&samples[1..])) {
        run.diagnose_at(
            event,
            "lost-resume-argument",
            "The first sample is missing from every average. It came with the very first call, before anything was yielded.",
        );
    }
    if same(answers, &divided(samples, |count| count + 1.0)) {
        run.diagnose_at(
            event,
            "off-by-one",
            "Each sum is divided by one more than the number of samples in it.",
        );
    }
    if same(answers, &divided(samples, |count| count - 1.0)) {
        run.diagnose_at(
            event,
            "off-by-one",
            "Each sum is divided by one less than the number of samples in it: the new sample is in the sum already, and is not \
             counted yet.",
        );
    }
    if same(answers, &halves(samples, 0.0))
        || same(&answers[1..], &halves(&samples[1..], samples[0]))
    {
        run.diagnose_at(
            event,
            "mean-of-means",
            "Each answer is halfway between the last answer and the new sample, so the newest sample weighs as much as all \
             others together.",
        );
    }
    if same(&answers[1..], &last_two(samples)) {
        run.departs_at(
            event,
            "From the second on, each answer is the average of the last two samples, and those before them are forgotten.",
        );
    }
    if same(answers, &first_twice(samples)) {
        run.departs_at(
            event,
            "The first sample counts twice in every average: it is in the sum once more, and in the number of samples too.",
        );
    }
    if samples[wrong] == 0.0 && wrong > 0 && answers[wrong] == answers[wrong - 1] {
        run.diagnose_at(
            event,
            "zero-taken-for-empty",
            "0 was sent, and the average stayed as it was. A sample of 0 is a sample like any other.",
        );
    }
    let others = |change: fn(f64) -> f64| -> Vec<f64> {
        means(
            &samples
                .iter()
                .map(|sample| change(*sample))
                .collect::<Vec<_>>(),
        )
    };
    if same(answers, &others(|sample| sample.max(0.0))) || same(answers, &others(f64::abs)) {
        run.diagnose_at(
            event,
            "sign-lost",
            "The answers are the averages of other samples: a negative one was taken for 0, or for a positive one.",
        );
    }
    let in_whole_numbers =
        |cut: fn(f64) -> f64| -> Vec<f64> { right.iter().map(|&right| cut(right)).collect() };
    if same(answers, &in_whole_numbers(f64::trunc))
        || same(answers, &in_whole_numbers(f64::round))
        || same(answers, &in_whole_numbers(f64::floor))
        || same(answers, &others(f64::trunc))
    {
        run.diagnose_at(
            event,
            "precision-lost",
            "The answers are right but for what stands behind the point: it was cut off, of the samples or of their average.",
        );
    }
    if same(answers, &divided(samples, |_| 1.0)) {
        run.departs_at(event, "Each answer is the sum of the samples so far.");
    }
    run.departs_at(
        event,
        format!(
            "After {:?} the average is {:?}, and the answer was {:?}.",
            &samples[..=wrong],
            right[wrong],
            answers[wrong]
        ),
    )
}

/// The average of the first sample, of the first two, and so on.
fn means(samples: &[f64]) -> Vec<f64> {
    divided(samples, |count| count)
}

/// The sum of the first sample, of the first two, and so on, each divided by what `divisor` makes of their number.
fn divided(samples: &[f64], divisor: impl Fn(f64) -> f64) -> Vec<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    let quotient = |sample: &f64| {
        sum += sample;
        count += 1.0;
        sum / divisor(count)
    };
    samples.iter().map(quotient).collect()
}

/// Halfway from `start` to the first sample, from there to the second, and so on.
fn halves(samples: &[f64], start: f64) -> Vec<f64> {
    let mut last = start;
    let half = |sample: &f64| {
        last = f64::midpoint(last, *sample);
        last
    };
    samples.iter().map(half).collect()
}

/// From the second sample on, the average of each with the one before it.
fn last_two(samples: &[f64]) -> Vec<f64> {
    let middle = |pair: &[f64]| f64::midpoint(pair[0], pair[1]);
    samples.windows(2).map(middle).collect()
}

/// The averages of all samples so far and the first one once more.
fn first_twice(samples: &[f64]) -> Vec<f64> {
    let samples: Vec<f64> = samples[..1].iter().chain(samples).copied().collect();
    means(&samples)[1..].to_vec()
}

/// Equal, but for the rounding that two orders of the same sums may differ in.
pub(super) fn same(ours: &[f64], theirs: &[f64]) -> bool {
    let close = |(ours, theirs): (&f64, &f64)| TOLERANCE.accepts(*ours, *theirs);
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(close)
}
