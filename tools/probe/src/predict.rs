//! Predictions: a trace that the learner writes before the program runs.

use crate::recording::Recording;
use crate::run::Run;

/// What stands in a line of a prediction that is not written yet.
pub const BLANK: &str = "?";

/// A known wrong prediction: what somebody who believes it would have written.
#[derive(Debug, Clone, Copy)]
pub struct Misconception<'a> {
    /// The mistake's code.
    pub mistake: &'a str,
    /// Whole predictions that come from it.
    pub predictions: &'a [&'a [&'a str]],
    /// What is believed and what is true, in one or two sentences.
    pub sentence: &'a str,
}

/// Compares a prediction with what really happened.
///
/// Lines are compared without regard to case and to how much space stands between words.
///
/// # Panics
///
/// With [`Run::unfinished`] while a line is still a [`BLANK`]; with [`Run::diagnose`] for a prediction that comes from one of
/// the misconceptions; with [`Run::departs`], which names the first wrong line but not the right one, for any other.
#[track_caller]
pub fn compare(run: &Run, predicted: &[&str], happened: &Recording, known: &[Misconception<'_>]) {
    let blanks = predicted.iter().filter(|line| line.trim() == BLANK).count();
    if blanks > 0 {
        let lines = if blanks == 1 {
            "1 line is".to_owned()
        } else {
            format!("{blanks} lines are")
        };
        run.unfinished(format!("{lines} still a question mark"));
    }
    let predicted: Vec<String> = predicted.iter().map(|line| squeeze(line)).collect();
    let happened: Vec<String> = happened
        .lines()
        .iter()
        .map(|line| squeeze(&format!("{} {}", line.lane, line.text)))
        .collect();
    if predicted == happened {
        return;
    }
    for line in &predicted {
        run.recorder().says("predicted", line);
    }
    for misconception in known {
        let believed = |lines: &&[&str]| {
            lines
                .iter()
                .map(|line| squeeze(line))
                .eq(predicted.iter().cloned())
        };
        if misconception
            .predictions
            .iter()
            .any(|lines| believed(&lines))
        {
            run.diagnose_at(
                first_difference(&predicted, &happened),
                misconception.mistake,
                misconception.sentence,
            );
        }
    }
    match first_difference(&predicted, &happened) {
        Some(index) => run.departs(format!("Your prediction departs from the run at line {}.", index + 1)),
        None => run.departs(format!(
            "Your prediction is right as far as it goes, but the run has {} lines and yours has {}.",
            happened.len(),
            predicted.len()
        )),
    }
}

fn first_difference(predicted: &[String], happened: &[String]) -> Option<usize> {
    (0..predicted.len()).find(|&index| predicted.get(index) != happened.get(index))
}

fn squeeze(line: &str) -> String {
    line.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}
