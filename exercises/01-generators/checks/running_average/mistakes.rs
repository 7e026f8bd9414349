//! Which of the known mistakes gives a list of wrong answers.

use super::samples::same;
use probe::Run;

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
pub(super) fn means(samples: &[f64]) -> Vec<f64> {
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
