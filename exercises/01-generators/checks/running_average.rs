//! 1.3 running-average: a generator that is told something each time.

use super::subject::RunningAverage;
use generators::{Generator, Step};
use probe::{Run, run, snapshot};
use probe_generators::spy;

#[test]
fn the_first_sample_is_its_own_average() {
    let run = run!();
    averages(&run, [10.0]);
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
    averages(&run, [100.0, 300.0]);
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
    let right: Vec<f64> = (1..=N).map(|count| mean(&samples[..count])).collect();
    if !same(&answers, &right) {
        explain(run, &samples, &answers, &right);
    }
}

/// Says which mistake gives these wrong answers, if one of the known ones does. The order matters where several fit a short run.
#[track_caller]
fn explain(run: &Run, samples: &[f64], answers: &[f64], right: &[f64]) -> ! {
    let count = |from: usize| (1..=samples.len()).map(move |n| (n + from) as f64);
    let sums = || {
        samples.iter().scan(0.0, |sum, sample| {
            *sum += sample;
            Some(*sum)
        })
    };
    let without_first = || (2..=samples.len()).map(|n| mean(&samples[1..n]));
    let halves = |start: f64| {
        samples
            .iter()
            .scan(start, |last, sample| {
                *last = (*last + sample) / 2.0;
                Some(*last)
            })
            .collect::<Vec<_>>()
    };
    let halves_from_the_first = samples
        .iter()
        .scan(None, |last: &mut Option<f64>, sample| {
            *last = Some(last.map_or(*sample, |last| (last + sample) / 2.0));
            *last
        })
        .collect::<Vec<_>>();

    if samples.len() > 1 && same(&answers[1..], &right[..right.len() - 1]) {
        run.diagnose(
            "lost-resume-argument",
            "Each answer is one step late: it is the average of the samples before the one that was just sent.",
        );
    }
    if samples.len() == 1 && (answers[0] == 0.0 || answers[0].is_nan()) {
        run.diagnose(
            "lost-resume-argument",
            "The first answer knows nothing of the first sample. Here the first value sent is a sample already.",
        );
    }
    if samples.len() > 1 && same(&answers[1..], &without_first().collect::<Vec<_>>()) {
        run.diagnose(
            "lost-resume-argument",
            "The first sample is missing from every average. Here the first value sent is a sample already.",
        );
    }
    if samples.len() > 1 && same(answers, samples) {
        run.diagnose(
            "forgot-to-advance",
            "Each answer is the sample that was just sent: nothing is remembered from one call to the next.",
        );
    }
    if same(
        answers,
        &sums()
            .zip(count(1))
            .map(|(sum, count)| sum / count)
            .collect::<Vec<_>>(),
    ) {
        run.diagnose("off-by-one", "Each sum is divided by one sample too many: the count starts at 1, before anything was sent.");
    }
    if samples.len() > 2 && (same(answers, &halves(0.0)) || same(answers, &halves_from_the_first)) {
        run.diagnose(
            "mean-of-means",
            "Each answer is halfway between the last answer and the new sample, so the newest sample weighs as much as all \
             others together.",
        );
    }
    run.departs(format!(
        "After {} samples the answer should be {}.",
        samples.len(),
        right[right.len() - 1]
    ))
}

fn mean(samples: &[f64]) -> f64 {
    samples.iter().sum::<f64>() / samples.len() as f64
}

fn same(ours: &[f64], theirs: &[f64]) -> bool {
    ours.len() == theirs.len()
        && ours
            .iter()
            .zip(theirs)
            .all(|(ours, theirs)| (ours - theirs).abs() < 1e-9)
}
