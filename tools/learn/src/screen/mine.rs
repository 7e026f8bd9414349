//! What `cargo learn mine` tells people.

use std::time::Duration;

use crate::judging::refusal;
use crate::judging::verdict::Kind;
use crate::mine::assembly::Assembly;
use crate::mine::failure::{Ending, Failure};
use crate::mine::parts::{Part, Reason, Standing};
use crate::mine::serve::{self, Served};
use crate::mine::trial::{Broken, Chapter, Damage, Outcome};
use crate::screen::paint::{Ink, Paint, ends, wrap};
use course::course::{Course, Exercise};

/// Which parts are the learner's, and why the others are not.
#[must_use]
pub fn parts(parts: &[Part<'_>], paint: Paint) -> String {
    let mut out = format!("{}\n\n", paint.ink(Ink::Strong, &count(parts)));
    let widest = parts.iter().map(|part| part.exercise.name().len()).max();
    let widest = widest.unwrap_or(0);
    for part in parts {
        let Exercise { number, .. } = part.exercise;
        let name = part.exercise.name();
        let (sign, says) = match &part.standing {
            Standing::Yours(_) => (paint.ink(Ink::Good, "●"), "yours".to_owned()),
            Standing::Reference(reason) => {
                let says = format!("the reference: {}", why(reason, name));
                ("○".to_owned(), paint.ink(Ink::Faint, &says))
            }
        };
        out.push_str(&format!(" {sign} {number:<5} {name:<widest$}  {says}\n"));
    }
    if parts.iter().all(|part| part.yours().is_none()) {
        out.push_str(
            "\n A part is yours when its file passes its check. Solve one of these, and the chapters' programs run on it.\n",
        );
    }
    out.push('\n');
    out
}

/// `7 of 9 parts are yours.`
#[must_use]
pub fn count(parts: &[Part<'_>]) -> String {
    let yours = parts.iter().filter(|part| part.yours().is_some()).count();
    let verb = if yours == 1 { "is" } else { "are" };
    format!("{yours} of {} parts {verb} yours.", parts.len())
}

fn why(reason: &Reason, name: &str) -> String {
    match reason {
        Reason::NotStarted => "not started".to_owned(),
        Reason::LeftOut => "left out, as you asked".to_owned(),
        Reason::NotPassing(Kind::Unfinished, _) => "not finished".to_owned(),
        Reason::NotPassing(..) => {
            format!("your file does not pass its check as it is now (cargo learn check {name})")
        }
    }
}

/// The tests of one chapter, in a line.
#[must_use]
pub fn chapter(course: &Course, chapter: &Chapter, paint: Paint) -> String {
    let title = title(course, &chapter.folder);
    let tests = |count| if count == 1 { "test" } else { "tests" };
    let (sign, says) = match chapter {
        Chapter {
            passed: 0,
            failed: 0,
            ..
        } => ("·".to_owned(), "no tests".to_owned()),
        Chapter {
            passed, failed: 0, ..
        } => (
            paint.ink(Ink::Good, "✓"),
            format!("{passed} {} passed", tests(*passed)),
        ),
        Chapter { passed, failed, .. } => (
            paint.ink(Ink::Bad, "✗"),
            format!("{passed} {} passed, {failed} failed", tests(*passed)),
        ),
    };
    format!(" {sign} {title:<28} {says}\n")
}

/// `03 Wakers`, or the folder's name of a chapter without exercises.
fn title(course: &Course, folder: &str) -> String {
    let chapter = course
        .chapters
        .iter()
        .find(|chapter| chapter.folder == folder);
    chapter.map_or_else(
        || folder.replacen('-', " ", 1),
        |chapter| format!("{:02} {}", chapter.number, chapter.title),
    )
}

/// What came of it.
#[must_use]
pub fn outcome(
    course: &Course,
    assembly: &Assembly,
    parts: &[Part<'_>],
    outcome: &Outcome<'_>,
    took: Duration,
    paint: Paint,
) -> String {
    let beyond: String = (outcome.beyond.iter())
        .map(|failure| beyond(failure, paint))
        .collect();
    if outcome.is_good() {
        let yours = parts.iter().filter(|part| part.yours().is_some()).count();
        let them = if yours == 1 { "it" } else { "them" };
        let says = format!(
            "{} The chapters' programs and tests pass on {them}.",
            count(parts)
        );
        let took = format!("{:.1} s", took.as_secs_f64());
        return format!("{beyond}\n{} {says}   {took}\n", paint.ink(Ink::Good, "✓"));
    }
    let mut out = beyond;
    let all: Vec<&Part<'_>> = parts.iter().collect();
    for broken in &outcome.broken {
        out.push('\n');
        for part in &broken.parts {
            out.push_str(&heading(course, part, paint));
        }
        out.push('\n');
        out.push_str(&match &broken.what {
            Damage::Build(_) => refused(assembly, &all, broken, paint),
            Damage::Tests(failures) => failed(assembly, &all, broken, failures, paint),
        });
    }
    for failure in &outcome.unsteady {
        out.push_str(&unsteady(failure, paint));
    }
    out
}

fn heading(course: &Course, part: &Part<'_>, paint: Paint) -> String {
    let left = format!("✗ {} {}", part.exercise.number, part.exercise.name());
    let line = ends(
        &left,
        &course.shown(&part.exercise.source),
        paint.width.min(100),
    );
    line.replacen('✗', &paint.ink(Ink::Bad, "✗"), 1) + "\n"
}

fn refused(assembly: &Assembly, all: &[&Part<'_>], broken: &Broken<'_>, paint: Paint) -> String {
    const SHOWN: usize = 3;
    let Damage::Build(errors) = &broken.what else {
        return String::new();
    };
    let is_in = |part: &&Part<'_>| std::path::Path::new(&errors[0].file) == part.place;
    let is_own = broken.parts.iter().any(is_in);
    let says = if is_own {
        "It passes its check, and does not compile in the chapter's place:".to_owned()
    } else {
        "It passes its check, but the chapters need something that it does not have as they know it:".to_owned()
    };
    let mut out = wrap(&says, paint.width.min(100)) + "\n\n";
    for error in errors.iter().take(SHOWN) {
        let rendered = assembly.in_the_learners_terms(&error.rendered, all);
        out.push_str(refusal::without_the_library(&rendered).trim_end());
        out.push_str("\n\n");
    }
    let says = if errors.iter().any(|error| is_about_unsafe(&error.message)) {
        "The exercise lets unsafe code pass, the chapter refuses it. It can be written without."
            .to_owned()
    } else if is_own {
        "In the chapter a file has the chapter's own lints and dependencies, and not the exercise's.".to_owned()
    } else {
        "The names and signatures that are public in the stub must stay as they are.".to_owned()
    };
    out + &wrap(&says, paint.width.min(100)) + "\n"
}

fn is_about_unsafe(message: &str) -> bool {
    message.starts_with("usage of an `unsafe`") || message.contains("unsafe_code")
}

fn failed(
    assembly: &Assembly,
    all: &[&Part<'_>],
    broken: &Broken<'_>,
    failures: &[Failure],
    paint: Paint,
) -> String {
    /// The first test mostly says what the others say as well.
    const SHOWN: usize = 2;
    let width = paint.width.min(100);
    let several = broken.parts.len() > 1;
    let (these, them) = if several {
        ("these parts together", "them")
    } else {
        ("this part", "it")
    };
    let tests = if failures.len() == 1 {
        format!("a test of the chapters fails; without {them}, it passes")
    } else {
        format!("tests of the chapters fail; without {them}, they pass")
    };
    let says = format!("With {these}, and the reference everywhere else, {tests}.");
    let mut out = wrap(&says, width) + "\n\n";
    for failure in failures.iter().take(SHOWN) {
        out.push_str(&test(assembly, all, failure, paint));
    }
    if failures.len() > SHOWN {
        out.push_str(&format!("   And {} more:\n", failures.len() - SHOWN));
        for failure in &failures[SHOWN..] {
            out.push_str(&format!("     {}\n", failure.test.sentence()));
        }
        out.push('\n');
    }
    let names: Vec<&str> = broken
        .parts
        .iter()
        .map(|part| part.exercise.name())
        .collect();
    let advice = if several {
        "Each passes its check. One of them relies on what another does, and need not do."
    } else if failures.iter().all(Failure::is_another_output) {
        "Its check passes it. The program shows a run with the reference, and two right parts may differ in what it shows: hold the \
         difference against the comments in the stub. If your part does what they require, it is the program that is too strict."
    } else {
        "Its check passes it, so this is something that the check does not ask, and the chapters need. Read what the test expects, and \
         what the comments in the stub require."
    };
    out.push_str(&wrap(advice, width));
    out.push_str(&format!(
        "\n\n cargo learn mine --without {} · cargo learn solution {}\n",
        names.join(","),
        names[0]
    ));
    out
}

fn test(assembly: &Assembly, all: &[&Part<'_>], failure: &Failure, paint: Paint) -> String {
    let place = paint.ink(Ink::Faint, &failure.test.file_shown());
    let sentence = paint.ink(Ink::Strong, &failure.test.sentence());
    let mut out = format!("   {sentence}: {}\n   {place}\n\n", failure.what_happened());
    for line in &failure.message {
        out.push_str(&format!(
            "     {}\n",
            assembly.in_the_learners_terms(line, all)
        ));
    }
    if !failure.message.is_empty() {
        out.push('\n');
    }
    out
}

fn unsteady(failure: &Failure, paint: Paint) -> String {
    let says = format!(
        "The test `{}` ({}) {} once, and passed when it was run again, so no part can be named. A part in which two threads race does \
         this; so does a machine that is very busy.",
        failure.test.function,
        failure.test.file_shown(),
        failure.what_happened()
    );
    format!("\n{}\n", wrap(&says, paint.width.min(100)))
}

fn beyond(failure: &Failure, paint: Paint) -> String {
    let advice = match failure.ending {
        Ending::Hung(_) => " `--deadline` gives it more time.",
        Ending::Failed | Ending::Died(_) => "",
    };
    let says = format!(
        "The test `{}` ({}) does not pass on this machine with the reference in every place, either. So it says nothing about your \
         parts.{advice}",
        failure.test.function,
        failure.test.file_shown(),
    );
    format!("\n{}\n", wrap(&says, paint.width.min(100)))
}

/// What can be done after a good end.
#[must_use]
pub fn what_next(course: &Course, outcome: &Outcome<'_>) -> String {
    if outcome.is_good() && serve::is_there(course) {
        "  cargo learn mine --serve: the echo server on them, with 10,000 connections.\n".to_owned()
    } else {
        String::new()
    }
}

/// What the client found.
#[must_use]
pub fn served(parts: &[Part<'_>], served: &Served, paint: Paint) -> String {
    let report = &served.report;
    let yours = parts.iter().filter(|part| part.yours().is_some()).count();
    let connections = thousands(report.connections);
    let mut out = match &report.problem {
        None => format!(
            "\n{} {yours} of {} parts yours; {connections} connections, every byte came back.\n",
            paint.ink(Ink::Good, "✓"),
            parts.len()
        ),
        Some(problem) => format!(
            "\n{} {yours} of {} parts yours; {connections} connections, and not every byte came back: {problem}.\n",
            paint.ink(Ink::Bad, "✗"),
            parts.len()
        ),
    };
    if let Some(reason) = &report.limited_by {
        let says = format!(
            "There were no more because this system allows no more at once: {reason}. A larger limit (`ulimit -n`) gives more."
        );
        out.push_str(&wrap(&says, paint.width.min(100)));
        out.push('\n');
    }
    if !served.last_line.is_empty() {
        out.push_str(&format!(
            "  The server's last words: {}\n",
            served.last_line
        ));
    }
    out
}

/// 10,000 and not 10000.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_written_in_groups() {
        assert_eq!(
            [0, 999, 1_000, 10_000, 1_234_567].map(thousands),
            ["0", "999", "1,000", "10,000", "1,234,567"]
        );
    }
}
