//! What runs leave in memory: as much as the same runs of the reference, or the answer leaks.

use crate::recorder::Recorder;
use crate::run::Run;
use crate::runs::step::Operation;

/// How many bytes these runs leave behind, each time that all of them are carried out.
pub type Growth<'a, O> = &'a dyn Fn(&[Vec<O>]) -> usize;

/// Carries out `runs` on both sides, again and again. Where the learner's side leaves more memory behind than the reference, the
/// verdict shows a run that does, as short as leaving out one step at a time gives.
///
/// # Panics
///
/// With `never-dropped`.
#[track_caller]
pub fn no_more_is_left<O: Operation>(
    run: &Run,
    runs: &[Vec<O>],
    yours: Growth<'_, O>,
    expected: Growth<'_, O>,
) {
    let excess = |runs: &[Vec<O>]| yours(runs).saturating_sub(expected(runs));
    if excess(runs) == 0 {
        return;
    }
    let leaks = |operations: &Vec<O>| excess(std::slice::from_ref(operations)) > 0;
    let Some(mut shortest) = runs.iter().find(|operations| leaks(operations)).cloned() else {
        return; // No single run shows it again: it was something else that has grown.
    };
    let mut place = shortest.len();
    while place > 0 {
        place -= 1;
        let mut fewer = shortest.clone();
        fewer.remove(place);
        if leaks(&fewer) {
            shortest = fewer;
        }
    }
    let bytes = excess(std::slice::from_ref(&shortest));
    run.recorder().clear();
    write(run.recorder(), &shortest);
    run.recorder()
        .says("memory", format!("{bytes} bytes stay in use"));
    let steps = match shortest.len() {
        0 => "All was made and dropped again, without a step between.".to_owned(),
        1 => "The marked run has one step, and then everything was dropped.".to_owned(),
        steps => format!("The marked run has {steps} steps, and then everything was dropped."),
    };
    run.diagnose(
        "never-dropped",
        format!(
            "{steps} Each time that it is carried out, it leaves {bytes} bytes in use which no part of the program owns: what is in them is \
             never dropped."
        ),
    )
}

fn write<O: Operation>(recorder: &Recorder, operations: &[O]) {
    for operation in operations {
        recorder.says(&operation.actor(), operation.call());
    }
}
