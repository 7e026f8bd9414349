//! Predictions: a trace that the learner writes before the program runs.

use std::fmt::Debug;

use crate::run::Run;

/// What stands in a line of a prediction that is not written yet.
pub const BLANK: &str = "?";

/// A known wrong prediction: what a learner with this misconception would write.
#[derive(Debug, Clone, Copy)]
pub struct Misconception<'a> {
    /// The mistake's code.
    pub mistake: &'a str,
    /// Whole predictions that come from it.
    pub predictions: &'a [&'a [&'a str]],
    /// What is believed and what is true, in one or two sentences.
    pub sentence: &'a str,
}

/// How the lines of a prediction are written, so that a right idea in other words is not taken for a wrong one.
#[derive(Debug, Clone, Copy)]
pub struct Wording<'a> {
    /// All that a line may be: `asks name?`. An ellipsis stands for any words: `says … from …`.
    pub forms: &'a [&'a str],
    /// How to write a line, as a clause: ``a line reads `a yields` or `a completes` ``.
    pub guide: &'a str,
}

/// Asks for a prediction, or a measured answer, several times: it has to be the same each time.
///
/// An answer that changes was not predicted: it counts how often it is asked, looks at a clock, or draws lots.
///
/// # Panics
///
/// With [`Run::diagnose`] if two answers differ, and with the panic of `ask`.
#[track_caller]
pub fn steady<T: PartialEq + Debug>(run: &Run, mut ask: impl FnMut() -> T) -> T {
    const TIMES: usize = 4;
    let first = ask();
    for time in 2..=TIMES {
        let again = ask();
        if again != first {
            run.recorder().says("asked once", format!("{first:?}"));
            run.recorder()
                .says(&format!("asked {time} times"), format!("{again:?}"));
            run.diagnose(
                "answer-changes",
                "Your answer changes from one call to the next. A prediction is the same however often it is asked for.",
            );
        }
    }
    first
}

/// Asks for another wording where a line of the prediction has none of the known forms. Use it before [`compare`].
///
/// Case, space, quotes and punctuation count as little as they do there.
///
/// # Panics
///
/// With [`Run::unfinished`] while a line is still a [`BLANK`], and for the first line that has none of the forms.
#[track_caller]
pub fn written_as(run: &Run, predicted: &[&str], wording: Wording<'_>) {
    refuse_blanks(run, predicted);
    let forms = squeeze(wording.forms);
    let known = |line: &String| {
        let line: Vec<&str> = line.split(' ').collect();
        forms
            .iter()
            .any(|form| has_form(&line, &form.split(' ').collect::<Vec<_>>()))
    };
    if let Some(index) = squeeze(predicted).iter().position(|line| !known(line)) {
        run.unfinished(format!(
            "line {} of your prediction is not written as the run is: {}",
            index + 1,
            wording.guide
        ));
    }
}

/// Compares a prediction, line by line, with what really happened.
///
/// Lines are compared without regard to case, to how much space stands between words or before a unit, and to quotes and
/// punctuation around them. What is recorded is the prediction, as it was written, and not the run: a wrong guess should not be answered with the
/// solution.
///
/// # Panics
///
/// With [`Run::unfinished`] while a line is still a [`BLANK`]; with [`Run::diagnose_at`] for a prediction that comes from one of
/// the misconceptions; with [`Run::departs`], which marks the first wrong line but does not say the right one, for any other.
#[track_caller]
pub fn compare(run: &Run, predicted: &[&str], happened: &[&str], known: &[Misconception<'_>]) {
    refuse_blanks(run, predicted);
    let written = predicted;
    let (predicted, happened) = (squeeze(predicted), squeeze(happened));
    if predicted == happened {
        return;
    }
    for line in written {
        run.recorder().says("predicted", line.trim());
    }
    let wrong = first_difference(&predicted, &happened);
    for misconception in known {
        if misconception
            .predictions
            .iter()
            .any(|lines| squeeze(lines) == predicted)
        {
            run.diagnose_at(wrong, misconception.mistake, misconception.sentence);
        }
    }
    match wrong {
        Some(index) => run.departs_at(
            wrong,
            match index {
                0 => "Line 1 of your prediction is not what happens first.".to_owned(),
                1 => "Line 1 of your prediction is right, and line 2 is not what happens then.".to_owned(),
                _ => format!(
                    "Lines 1 to {index} of your prediction are right, and line {} is not what happens then.",
                    index + 1
                ),
            },
        ),
        None => run.departs(format!(
            "Your prediction is right as far as it goes, but the run has {} lines and yours has {}.",
            happened.len(),
            predicted.len(),
        )),
    }
}

#[track_caller]
fn refuse_blanks(run: &Run, predicted: &[&str]) {
    let is_blank = |line: &&str| line.trim() == BLANK;
    let Some(first) = predicted.iter().position(&is_blank) else {
        return;
    };
    let first = first + 1;
    match predicted.iter().copied().filter(is_blank).count() {
        1 => run.unfinished(format!(
            "line {first} of your prediction is still a question mark"
        )),
        blanks => run.unfinished(format!(
            "{blanks} lines of your prediction are still question marks, the first is line {first}"
        )),
    }
}

/// The first of the predicted lines that is not what happened; `None` if too few were predicted, and all of them right.
fn first_difference(predicted: &[String], happened: &[String]) -> Option<usize> {
    (0..predicted.len()).find(|&index| predicted.get(index) != happened.get(index))
}

/// Whether a line has the words of a form, in their order, and at least one word for each ellipsis.
fn has_form(line: &[&str], form: &[&str]) -> bool {
    match form {
        [] => line.is_empty(),
        ["…", after @ ..] => (1..=line.len()).any(|taken| has_form(&line[taken..], after)),
        [word, after @ ..] => line.first() == Some(word) && has_form(&line[1..], after),
    }
}

fn squeeze(lines: &[&str]) -> Vec<String> {
    let words = |line: &&str| {
        line.split_whitespace()
            .map(|word| word.trim_matches(['?', '!', '.', ',', ':', ';', '"', '\'', '`']))
            .filter(|word| !word.is_empty())
            .map(number_and_unit)
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase()
    };
    lines.iter().map(words).collect()
}

/// `4s` as `4 s`: the space before a unit counts as little as any other.
fn number_and_unit(word: &str) -> String {
    let unit = word.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let number = &word[..word.len() - unit.len()];
    if number.is_empty() || !unit.starts_with(char::is_alphabetic) {
        return word.to_owned();
    }
    format!("{number} {unit}")
}
