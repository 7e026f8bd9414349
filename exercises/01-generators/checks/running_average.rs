//! 1.3 running-average: a generator that is told something each time.

use super::subject::RunningAverage;
use generators::{Generator, Step};
use probe::{Run, run, snapshot};
use probe_generators::spy;

#[test]
fn the_first_sample_is_its_own_average() {
    let run = run!();
    let samples = [10.0, 20.0, 60.0, 2.0];
    let mut average = spy(&run, "average", RunningAverage::new());
    let Step::Yielded(first) = average.resume(samples[0]);
    if same(&[first], &samples[..1]) {
        return;
    }
    // One wrong answer may come from several mistakes: the answers that follow tell them apart.
    let mut answers = vec![first];
    for sample in &samples[1..] {
        let Step::Yielded(answer) = average.resume(*sample);
        answers.push(answer);
    }
    explain(&run, &samples, &answers);
}

#[test]
fn each_answer_is_the_average_of_all_samples_so_far() {
    let run = run!("four_samples");
    averages(&run, [10.0, 20.0, 60.0, 2.0]);
    snapshot!(run);
}

#[test]
fn samples_may_be_negative_fractions_and_zero() {
    let run = run!();
    averages(&run, [0.0, -4.0, 0.25, -0.25, 1.5]);
}

#[test]
fn two_averages_do_not_share_their_samples() {
    let run = run!();
    averages(&run, [100.0, 300.0, 20.0]);
    let mut fresh = spy(&run, "a second one", RunningAverage::new());
    let Step::Yielded(average) = fresh.resume(7.0);
    if average != 7.0 {
        run.diagnose(
            "state-not-in-the-struct",
            "A new generator knows samples that were sent to another one: they are kept somewhere that both can reach.",
        );
    }
}

/// Sends all samples, and holds each answer against the average of everything sent so far.
#[track_caller]
fn averages<const N: usize>(run: &Run, samples: [f64; N]) {
    let mut average = spy(run, "average", RunningAverage::new());
    let answers: Vec<f64> = samples
        .iter()
        .map(|&sample| {
            let Step::Yielded(answer) = average.resume(sample);
            answer
        })
        .collect();
    if !same(&answers, &means(&samples)) {
        explain(run, &samples, &answers);
    }
}

/// Says which mistake gives these wrong answers, if one of the known ones does.
#[track_caller]
fn explain(run: &Run, samples: &[f64], answers: &[f64]) -> ! {
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
            "Each answer is the sample that was just sent: nothing is remembered from one call to the next.",
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

/// Equal, but for the rounding that two orders of the same sums may differ in; two that are both infinite are equal as well.
fn same(ours: &[f64], theirs: &[f64]) -> bool {
    let close = |(ours, theirs): (&f64, &f64)| ours == theirs || (ours - theirs).abs() < 1e-9;
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(close)
}
