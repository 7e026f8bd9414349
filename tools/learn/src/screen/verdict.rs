//! A verdict, as the learner reads it.

use crate::course::{Exercise, Kind as ExerciseKind};
use crate::screen;
use crate::screen::columns::Runs;
use crate::screen::paint::{Ink, Paint, ends, wrap};
use crate::snapshot;
use crate::verdict::{Kind, Seen, Verdict};

/// The whole of it, but for what can be done next. `judged` is the file that it is about, as it is shown.
#[must_use]
pub fn draw(exercise: &Exercise, judged: &str, verdict: &Verdict, paint: Paint) -> String {
    let mut blocks = vec![title(exercise, judged, verdict, paint)];
    // Whoever has done nothing yet is told first that nothing is amiss.
    if verdict.kind == Kind::NotStarted {
        blocks.push(wrap(&verdict.sentence, paint.width));
        blocks.extend(of_the_promise(exercise, verdict, paint));
        return blocks.join("\n\n") + "\n";
    }
    blocks.extend(of_the_promise(exercise, verdict, paint));
    if !verdict.printed.is_empty() {
        blocks.push(printed(&verdict.printed, paint));
    }
    if !verdict.errors.is_empty() {
        blocks.push(verdict.errors.join("\n").trim_end().to_owned());
    }
    let mut said = String::new();
    if let Some(code) = &verdict.mistake {
        said.push_str(&format!(" {}\n", paint.ink(Ink::Attention, code)));
    }
    said.push_str(&wrap(&verdict.sentence, paint.width));
    blocks.push(said);
    blocks.join("\n\n") + "\n"
}

/// The promise that decided, and the runs.
fn of_the_promise(exercise: &Exercise, verdict: &Verdict, paint: Paint) -> Vec<String> {
    let mut blocks = Vec::new();
    // A run in which nothing had happened yet has nothing to show.
    let shown = verdict
        .seen
        .as_ref()
        .filter(|seen| !seen.recording.events.is_empty());
    let promise = verdict
        .promise
        .as_ref()
        .filter(|_| verdict.kind != Kind::Unfinished);
    if let Some(promise) = promise {
        if verdict.kind == Kind::NotStarted {
            let and_its_run = if shown.is_some() { ", and its run" } else { "" };
            let lead = format!("This is the first promise that it breaks{and_its_run}:");
            blocks.push(wrap(&lead, paint.width));
        }
        blocks.push(wrap(promise, paint.width));
    }
    if let Some(seen) = shown {
        let runs = runs(exercise, seen, heading(exercise, verdict));
        blocks.push(runs.draw(paint).trim_end().to_owned());
        blocks.extend(picture(exercise, verdict, seen, &blocks, paint));
    }
    blocks
}

/// The picture of the run, where there is room for it on a screen of usual height.
fn picture(
    exercise: &Exercise,
    verdict: &Verdict,
    seen: &Seen,
    above: &[String],
    paint: Paint,
) -> Option<String> {
    const SCREEN: usize = 24;
    if exercise.kind == ExerciseKind::Predict || !verdict.printed.is_empty() {
        return None;
    }
    let picture = screen::picture::beside_the_lines(seen, paint)?;
    let height = |text: &str| text.lines().count();
    // The title, the picture, the mistake, its sentence, and what can be done next, with empty lines between; and the prompt.
    let mistake = usize::from(verdict.mistake.is_some());
    let sentence = height(&wrap(&verdict.sentence, paint.width));
    let others = 2 + 1 + mistake + sentence + 2 + 1;
    let above: usize = above.iter().map(|block| height(block) + 1).sum();
    (above + height(&picture) + others <= SCREEN).then_some(picture)
}

/// What the column of the run is called, if not `your run`.
fn heading(exercise: &Exercise, verdict: &Verdict) -> Option<&'static str> {
    match (exercise.kind, verdict.kind) {
        (ExerciseKind::Predict, _) => Some("your prediction"),
        (_, Kind::NotStarted) => Some("its run"),
        _ => None,
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

fn title(exercise: &Exercise, judged: &str, verdict: &Verdict, paint: Paint) -> String {
    let (sign, ink) = sign(verdict.kind);
    let left = match verdict.kind {
        Kind::Passed => format!(
            "{sign} {} {}   {:.2} s",
            exercise.number,
            exercise.name(),
            verdict.took.as_secs_f64()
        ),
        _ => format!("{sign} {} {}", exercise.number, exercise.name()),
    };
    let line = ends(&left, judged, paint.width.min(100));
    line.replacen(sign, &paint.ink(ink, sign), 1)
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
fn runs(exercise: &Exercise, seen: &Seen, heading: Option<&'static str>) -> Runs {
    let spoils = exercise.kind == ExerciseKind::Predict;
    let right = seen
        .snapshot
        .as_ref()
        .filter(|_| !spoils)
        .and_then(|name| snapshot::lines(exercise, name));
    Runs {
        heading,
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
