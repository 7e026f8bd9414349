//! A verdict, as the learner reads it.

use crate::judging::verdict::{Kind, Seen, Verdict};
use crate::screen;
use crate::screen::columns::Runs;
use crate::screen::paint::{Ink, Paint, ends, wrap};
use course::course::{Exercise, Kind as ExerciseKind};
use course::names::name_of;

/// Wider lines than this are hard to read.
const READABLE: usize = 100;

/// Where a verdict is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// Below other lines, in a terminal of usual height; the verdict is about this file, as it is shown.
    Lines(&'a str),
    /// On a screen of its own with room for this many lines, where keys are pressed.
    Screen(usize),
}

/// The whole of it, but for what can be done next. `judged` is the file that it is about, as it is shown.
#[must_use]
pub fn draw(exercise: &Exercise, judged: &str, verdict: &Verdict, paint: Paint) -> String {
    format!(
        "{}\n{}\n\n{}",
        title(exercise, verdict, paint),
        file(judged),
        body(exercise, verdict, Place::Lines(judged), paint)
    )
}

/// The line that names the file. Nothing shortens it: many terminals open the path that one clicks.
#[must_use]
pub fn file(judged: &str) -> String {
    format!("  {judged}")
}

/// What stands below its title. What was seen stands below the run that shows it; on a screen that has no room for both, above.
#[must_use]
pub fn body(exercise: &Exercise, verdict: &Verdict, place: Place<'_>, paint: Paint) -> String {
    let said = said(verdict, paint);
    let test = test(verdict, paint);
    // A learner who has not started reads first that nothing is wrong.
    if verdict.kind == Kind::NotStarted {
        let mut blocks = vec![said];
        blocks.extend(test);
        blocks.extend(evidence(exercise, verdict, place, height(&blocks), paint));
        return whole(&blocks);
    }
    let mut blocks: Vec<String> = test.into_iter().collect();
    let above = height(&blocks) + height(std::slice::from_ref(&said));
    let evidence = evidence(exercise, verdict, place, above, paint);
    let fits = match place {
        Place::Lines(_) => true,
        Place::Screen(lines) => above + height(&evidence) <= lines + 1,
    };
    if fits {
        blocks.extend(evidence);
        blocks.push(said);
    } else {
        blocks.push(said);
        blocks.extend(evidence);
    }
    whole(&blocks)
}

fn whole(blocks: &[String]) -> String {
    blocks.join("\n\n") + "\n"
}

/// How many lines blocks take, with an empty line after each.
fn height(blocks: &[String]) -> usize {
    blocks.iter().map(|block| block.lines().count() + 1).sum()
}

/// The mistake, and what was seen.
fn said(verdict: &Verdict, paint: Paint) -> String {
    let sentence = wrap(&verdict.sentence, paint.width.min(READABLE));
    match &verdict.mistake {
        Some(code) => format!(" {}\n{sentence}", paint.ink(Ink::Attention, name_of(code))),
        None => sentence,
    }
}

/// The test that decided.
fn test(verdict: &Verdict, paint: Paint) -> Option<String> {
    let test = verdict.test.as_ref()?;
    match verdict.kind {
        Kind::Unfinished => None,
        Kind::NotStarted => {
            let and_its_run = if run(verdict).is_some() {
                ", and its run"
            } else {
                ""
            };
            let lead = format!("This is the first test that fails{and_its_run}:");
            Some(whole_lines(&[&lead, test], paint))
        }
        _ => Some(wrap(test, paint.width)),
    }
}

fn whole_lines(paragraphs: &[&str], paint: Paint) -> String {
    let wrapped: Vec<String> = paragraphs
        .iter()
        .map(|paragraph| wrap(paragraph, paint.width.min(READABLE)))
        .collect();
    wrapped.join("\n\n")
}

/// The run that shows it. One in which nothing had happened yet has nothing to show.
fn run(verdict: &Verdict) -> Option<&Seen> {
    verdict
        .seen
        .as_ref()
        .filter(|seen| !seen.recording.events.is_empty())
}

/// The runs, what the code printed, what the compiler said. `others` is how many lines all else takes.
fn evidence(
    exercise: &Exercise,
    verdict: &Verdict,
    place: Place<'_>,
    others: usize,
    paint: Paint,
) -> Vec<String> {
    let mut blocks = Vec::new();
    if let Some(seen) = run(verdict) {
        let runs = runs(exercise, seen, headings(exercise, verdict));
        blocks.push(runs.draw(paint).trim_end().to_owned());
        blocks.extend(holders(&seen.holders, paint));
        let others = others + height(&blocks);
        blocks.extend(picture(exercise, verdict, seen, place, others, paint));
    }
    if !verdict.printed.is_empty() {
        blocks.push(printed(&verdict.printed, paint));
    }
    if !verdict.errors.is_empty() {
        blocks.extend(
            verdict
                .errors
                .iter()
                .map(|error| error.trim_end().to_owned()),
        );
    }
    blocks
}

/// Who holds what, and who waits for whom, where the run is stuck.
pub(crate) fn holders(rows: &[String], paint: Paint) -> Option<String> {
    if rows.is_empty() {
        return None;
    }
    let mut block = format!(
        "   {}",
        paint.ink(Ink::Faint, "who holds what, and who waits")
    );
    for row in rows {
        block.push_str("\n    ");
        block.push_str(row);
    }
    Some(block)
}

/// The picture of the run, where there is room for it; else where to find it. `others` is how many lines all else takes.
fn picture(
    exercise: &Exercise,
    verdict: &Verdict,
    seen: &Seen,
    place: Place<'_>,
    others: usize,
    paint: Paint,
) -> Option<String> {
    // On a screen of 24 lines, the file, what can be done next, and the prompt take the rest. The title may scroll away.
    const USUAL: usize = 17;
    if exercise.kind == ExerciseKind::Predict {
        return None;
    }
    let picture = screen::picture::beside_the_lines(seen, paint)?;
    let (lines, way) = match place {
        Place::Lines(judged) => (USUAL, command_to_trace(exercise, judged)),
        Place::Screen(lines) => (lines, "t".to_owned()),
    };
    // What the code printed is what its author wants to see: no picture stands before it.
    if verdict.printed.is_empty() && others + picture.lines().count() <= lines {
        return Some(picture);
    }
    let way = format!("This run as a picture: {way}");
    Some(format!("   {}", paint.ink(Ink::Faint, &way)))
}

/// The command that draws the run of the file that was judged.
fn command_to_trace(exercise: &Exercise, judged: &str) -> String {
    let name = exercise.name();
    if exercise.source.ends_with(judged) {
        format!("cargo learn trace {name}")
    } else {
        format!("cargo learn trace {name} --with {judged}")
    }
}

/// What the two columns are called, if not `your run` and `expected run`.
fn headings(exercise: &Exercise, verdict: &Verdict) -> [Option<&'static str>; 2] {
    match (exercise.kind, verdict.kind) {
        (ExerciseKind::Predict, _) => [Some("your prediction"), None],
        (ExerciseKind::Break, _) => [Some("the faulty version"), Some("the right version")],
        (_, Kind::NotStarted) => [Some("its run"), None],
        _ => [None, None],
    }
}

/// The end of what the learner's code printed.
fn printed(lines: &[String], paint: Paint) -> String {
    const SHOWN: usize = 12;
    let hidden = lines.len().saturating_sub(SHOWN);
    let heading = match hidden {
        0 => "your code printed".to_owned(),
        hidden => format!("your code printed, after {hidden} more lines"),
    };
    let mut block = format!("   {}", paint.ink(Ink::Faint, &heading));
    for line in &lines[hidden..] {
        block.push_str("\n    ");
        block.push_str(line);
    }
    block
}

/// The line above it: the exercise, how long the check took, how many tests pass.
#[must_use]
pub fn title(exercise: &Exercise, verdict: &Verdict, paint: Paint) -> String {
    let (sign, ink) = sign(verdict.kind);
    let width = paint.width.min(READABLE);
    let left = format!("{sign} {} {}", exercise.number, exercise.name());
    let room = width.saturating_sub(left.chars().count() + 2);
    let line = ends(&left, &figures(verdict, room), width);
    line.replacen(sign, &paint.ink(ink, sign), 1)
}

/// `0.31 s · 6 of 21 tests pass`; without the seconds where there is no room for both.
fn figures(verdict: &Verdict, room: usize) -> String {
    let was_run = verdict.tests > 0;
    let tests = format!("{} of {} tests pass", verdict.passed, verdict.tests);
    let seconds = format!("{:.2} s", verdict.took.as_secs_f64());
    match (was_run, verdict.kind) {
        (_, Kind::NotStarted) => String::new(),
        (false, _) => seconds,
        (true, _) if tests.len() > room => format!("{} of {}", verdict.passed, verdict.tests),
        (true, _) if seconds.len() + tests.len() + 3 > room => tests,
        (true, _) => format!("{seconds} · {tests}"),
    }
}

pub(crate) fn sign(kind: Kind) -> (&'static str, Ink) {
    match kind {
        Kind::Passed => ("✓", Ink::Good),
        Kind::NotStarted => ("○", Ink::Strong),
        Kind::Unfinished => ("◐", Ink::Attention),
        Kind::Failed | Kind::DoesNotCompile | Kind::TimedOut => ("✗", Ink::Bad),
    }
}

/// The two runs. That of a prediction would be its answer, so only the learner's is shown.
fn runs(
    exercise: &Exercise,
    seen: &Seen,
    [heading, heading_right]: [Option<&'static str>; 2],
) -> Runs {
    let spoils = exercise.kind == ExerciseKind::Predict;
    let right = (!spoils).then(|| seen.expected_lines(exercise)).flatten();
    Runs {
        heading,
        heading_right,
        yours: seen
            .recording
            .to_string()
            .lines()
            .map(str::to_owned)
            .collect(),
        marked: seen
            .marked
            .and_then(|event| seen.recording.line_of(event))
            .map(|line| line - 1),
        right,
    }
}

/// A verdict that needs no more than a line among others.
#[must_use]
pub fn line(exercise: &Exercise, verdict: &Verdict, paint: Paint) -> String {
    let (sign, ink) = sign(verdict.kind);
    format!(
        "{} {} {}",
        paint.ink(ink, sign),
        exercise.number,
        exercise.name()
    )
}
