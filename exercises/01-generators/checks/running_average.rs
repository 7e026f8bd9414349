//! 1.3 running-average: a generator that is told something each time.

use super::subject::RunningAverage;
use generators::{Generator, Step};
use probe::{Run, panics, run, snapshot};
use probe_generators::spy;

#[test]
fn the_first_sample_is_its_own_average() {
    let run = run!("four_samples");
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
    let run = run!("any_samples");
    averages(&run, [-4.0, 0.25, 0.0, -0.25, 1.5]);
    snapshot!(run);
}

#[test]
fn the_three_hundredth_sample_is_taken_like_the_first() {
    let run = run!("three_hundred_samples");
    let call = run
        .recorder()
        .enters("average", "resume(2.0), three hundred times");
    let mut average = RunningAverage::new();
    for number in 1..=300 {
        match panics::expected(|| average.resume(2.0)) {
            Ok(Step::Yielded(2.0)) => {}
            Ok(Step::Yielded(wrong)) => {
                call.returns(format!(
                    "yields {wrong:?} for the sample of number {number}"
                ));
                run.departs(
                    "All samples are 2.0, and so is their average, however many there are.",
                );
            }
            Err(panic) => {
                drop(call);
                run.departs(format!(
                    "`resume` panicked at the sample of number {number}: {}. It may be sent any number of samples.",
                    panic.message
                ));
            }
        }
    }
    call.returns("yields 2.0 each time");
    snapshot!(run);
}

#[test]
fn two_averages_do_not_share_their_samples() {
    let run = run!("a_second_average");
    averages(&run, [100.0, 300.0, 20.0]);
    let mut fresh = spy(&run, "a second one", RunningAverage::new());
    let Step::Yielded(average) = fresh.resume(7.0);
    if average != 7.0 {
        run.diagnose(
            "state-not-in-the-struct",
            "A new generator knows samples that were sent to another one: they are kept somewhere that both can reach.",
        );
    }
    snapshot!(run);
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
        run.departs_at(
            event,
            "0 was sent, and the average stayed as it was. A sample of 0 is a sample like any other.",
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

/// Equal, but for the rounding that two orders of the same sums may differ in; two that are both infinite are equal as well.
fn same(ours: &[f64], theirs: &[f64]) -> bool {
    let close = |(ours, theirs): (&f64, &f64)| ours == theirs || (ours - theirs).abs() < 1e-9;
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(close)
}
