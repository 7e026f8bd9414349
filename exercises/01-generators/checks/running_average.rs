//! 1.3 running-average: a generator that is told something each time.

#[path = "running_average/mistakes.rs"]
mod mistakes;
#[path = "running_average/samples.rs"]
mod samples;

use super::subject::RunningAverage;
use generators::Generator;
use mistakes::explain;
use probe::random::Random;
use probe::{leaks, run, snapshot};
use samples::{TOLERANCE, Unequal, averages, expect, imprecise, same, sent, takes_twos, watched};

#[test]
fn the_first_sample_is_its_own_average() {
    let run = run!("four_samples");
    let samples = [10.0, 20.0, 60.0, 2.0];
    let mut average = watched(&run, "average");
    let first = sent(&mut average, samples[0]);
    if same(&[first], &samples[..1]) {
        return;
    }
    // One wrong answer may come from several mistakes: the answers that follow tell them apart.
    let mut answers = vec![first];
    for sample in &samples[1..] {
        answers.push(sent(&mut average, *sample));
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
    takes_twos(&run, 300, call);
    snapshot!(run);
}

#[test]
fn the_seventy_thousandth_sample_is_taken_like_the_first() {
    let run = run!();
    let call = run
        .recorder()
        .enters("average", "resume(2.0), seventy thousand times");
    takes_twos(&run, 70_000, call);
}

#[test]
fn two_averages_do_not_share_their_samples() {
    let run = run!("a_second_average");
    averages(&run, [100.0, 300.0, 20.0]);
    let mut fresh = watched(&run, "a second one");
    if !TOLERANCE.accepts(sent(&mut fresh, 7.0), 7.0) {
        run.diagnose(
            "state-not-in-the-struct",
            "A new generator knows samples that were sent to another one: they are kept somewhere that both can reach.",
        );
    }
    snapshot!(run);
}

#[test]
fn the_five_thousandth_answer_is_the_average_of_all_samples() {
    let run = run!();
    let mut average = RunningAverage::new();
    let (mut random, mut sum, mut first) = (Random::seeded(13), 0.0, None);
    let mut unequal = Unequal::default();
    for count in 1..=5_000_u32 {
        // Whole numbers: their sums are exact.
        let sample = f64::from(u32::try_from(random.below(1_000)).expect("it is below 1,000"));
        let first = *first.get_or_insert(sample);
        sum += sample;
        let without_the_first = (sum - first) / f64::from(count - 1);
        let right = sum / f64::from(count);
        unequal.take(sample);
        expect(&run, &mut average, (sample, count), right, |answer| {
            if TOLERANCE.accepts(answer, without_the_first) {
                let sentence = "That is the average without the first sample. An average of all samples forgets none.";
                return Some(("oldest-sample-forgotten", sentence.to_owned()));
            }
            if unequal.explain(answer) {
                let sentence = "That is the average without the samples that had come before. A sample that equals another \
                                    one counts like the first of its kind.";
                return Some(("equal-taken-for-same", sentence.to_owned()));
            }
            imprecise(answer, right)
        });
    }
}

#[test]
fn samples_of_every_size_are_averaged_to_nine_digits() {
    let run = run!();
    for unit in [1e-9, 1e-3, 1e3, 1e9, 1e15, 1e30] {
        let (mut average, mut sum) = (RunningAverage::new(), 0.0);
        for count in 1..=40_u32 {
            // Parts of the unit that no fraction of a few digits holds.
            let sample = unit * f64::from(count * count + 1) / 7.0;
            sum += sample;
            expect(
                &run,
                &mut average,
                (sample, count),
                sum / f64::from(count),
                |_| {
                    let sentence = format!(
                        "It was right for samples between 0 and 1,000. Here the samples are around {unit:e}: digits are lost on the way."
                    );
                    Some(("precision-lost", sentence))
                },
            );
        }
    }
}

#[test]
fn each_average_knows_its_own_samples_whatever_happens_to_others() {
    let run = run!();
    let mut averages = [const { None::<(RunningAverage, f64, u32)> }; 4];
    let mut random = Random::seeded(29);
    for _ in 0..2_000 {
        let place = random.below(averages.len());
        if random.below(10) == 0 {
            averages[place] = None; // Dropped in the middle.
        }
        let (average, sum, count) =
            averages[place].get_or_insert_with(|| (RunningAverage::new(), 0.0, 0));
        let sample = f64::from(u32::try_from(random.below(64)).expect("it is below 64"));
        *sum += sample;
        *count += 1;
        expect(
            &run,
            average,
            (sample, *count),
            *sum / f64::from(*count),
            |_| {
                let sentence = "It was right for one generator alone, five thousand samples long. Here other generators were made, \
                                resumed and dropped between its samples: some of its state is kept where they can reach it.";
                Some(("state-not-in-the-struct", sentence.to_owned()))
            },
        );
    }
}

#[test]
fn a_dropped_average_leaves_no_memory_behind() {
    leaks::no_memory_is_left(&run!(), "average", || {
        let mut average = RunningAverage::new();
        for sample in [1.0, 2.0, 4.0] {
            let _yielded = average.resume(sample);
        }
    });
}
