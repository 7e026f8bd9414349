//! `cargo learn verify --mutants`: whether the checks refuse answers in which one expression is changed.
//!
//! cargo-mutants lists the changes. Those in the lines that a learner writes are compiled in one crate an exercise: first without the
//! check, since the compiler refuses many of them, and the others with it. Then each is judged as a known mistake is. A change that
//! leaves the answer as good as it was stands in the list of [`equivalent`](crate::equivalent) mutants; any other one that a check
//! lets pass is a finding.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::AddAssign;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use course::course::{Exercise, Kind as ExerciseKind};
use course::{files, stub};
use learn::judging::verdict::Kind;
use serde::Deserialize;

use crate::Call;
use crate::behaviour;
use crate::equivalent::{self, Equivalent};
use crate::findings::Findings;
use crate::joint;
use crate::times::Times;
use crate::trial::{Expected, Trial};

/// How many tests a mutant is compiled with at first: they refuse two of three, and all tests cost four times as much.
const FIRST: usize = 2;

/// A change to an answer, as cargo-mutants lists it.
#[derive(Debug, Clone, Deserialize)]
struct Listed {
    /// `solutions/…/flush.rs:12:5: replace < with <= in Flush::poll`.
    name: String,
    file: String,
    span: Span,
    replacement: String,
}

/// What is replaced: from `start` up to `end`.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Span {
    start: Place,
    end: Place,
}

/// Both count from 1; a column is a character.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Place {
    line: usize,
    column: usize,
}

/// A change to the learner's part of an answer.
struct Mutant<'a> {
    trial: Trial<'a>,
    /// What is changed, without the place: as it stands in the list of equivalent ones.
    change: String,
    line: usize,
    fate: Fate,
}

/// What became of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    DoesNotCompile,
    Refused,
    TimedOut,
    Passes,
}

/// How many mutants came to what.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    mutants: usize,
    do_not_compile: usize,
    refused: usize,
    timed_out: usize,
    equivalent: usize,
    pass: usize,
}

/// Tries all mutants of the exercises, and says how many there are.
pub(crate) fn check(call: &Call<'_>, findings: &mut Findings, times: &mut Times) -> Result<String> {
    let listed = listed(call)?;
    let mut mutants = Vec::new();
    for &exercise in &call.exercises {
        mutants.extend(of(call, exercise, &listed)?);
    }
    times.took("listing");
    let said = try_all(call, &mut mutants, times)?;
    if let Some(path) = &call.arguments.verdicts {
        files::write_whole(path, &said)?;
    }
    let chapters: BTreeSet<&str> = call.exercises.iter().map(|it| &*it.chapter).collect();
    let mut all = Tally::default();
    for &chapter in &chapters {
        let tally = compare(call, chapter, &mutants, findings)?;
        if chapters.len() > 1 {
            println!("{chapter}: {tally}");
        }
        all += tally;
    }
    Ok(all.to_string())
}

/// What cargo-mutants makes of the answers.
fn listed(call: &Call<'_>) -> Result<Vec<Listed>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(&call.course.root);
    command.args(["mutants", "--list", "--json", "--workspace"]);
    for exercise in &call.exercises {
        command
            .arg("--file")
            .arg(call.course.shown(&exercise.answer));
    }
    let output = command.output().context("cargo cannot be started")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!(
            "cargo-mutants lists no mutants. `cargo install --locked cargo-mutants` installs it, if it is missing. Cargo says: {}",
            said.lines().next().unwrap_or("nothing")
        );
    }
    serde_json::from_slice(&output.stdout)
        .context("what cargo-mutants lists is not understood: is its version 26 or later?")
}

/// The mutants of an exercise's answer that touch the learner's part.
fn of<'a>(call: &Call<'_>, exercise: &'a Exercise, listed: &[Listed]) -> Result<Vec<Mutant<'a>>> {
    let file = call.course.shown(&exercise.answer);
    let Some(answer) = files::read_if_there(&exercise.answer)? else {
        return Ok(Vec::new());
    };
    let lines = learners_lines(exercise, &answer, &file);
    let listed = listed.iter().filter(|it| it.file == file);
    let listed: Vec<&Listed> = listed.filter(|it| it.touches(&lines)).collect();
    let changes = told_apart(listed.iter().map(|it| it.change()).collect());
    let mut mutants = Vec::new();
    for ((number, mutant), change) in (1..).zip(listed).zip(changes) {
        let variant = format!("mutant-{number}");
        let trial = Trial {
            tests: Some(FIRST),
            ..Trial::derived(
                call.course,
                exercise,
                &variant,
                exercise.answer.clone(),
                mutant.applied(&answer),
                Expected::Mutant,
            )?
        };
        mutants.push(Mutant {
            trial,
            change,
            line: mutant.span.start.line,
            fate: Fate::DoesNotCompile,
        });
    }
    Ok(mutants)
}

/// The lines between the marks. A learner who debugs or applies may change every line of a file that is no part of a chapter.
fn learners_lines(exercise: &Exercise, answer: &str, file: &str) -> Vec<usize> {
    let whole = matches!(exercise.kind, ExerciseKind::Debug | ExerciseKind::Apply)
        && file.starts_with("solutions/");
    if whole || !stub::has_marks(answer) {
        (1..=answer.lines().count()).collect()
    } else {
        stub::learners_lines(answer)
    }
}

/// Equal changes of one answer get numbers: `… #1`, `… #2`.
fn told_apart(changes: Vec<String>) -> Vec<String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let numbers = changes.iter().map(|change| {
        let number = seen.entry(change).or_default();
        *number += 1;
        *number
    });
    let numbers: Vec<usize> = numbers.collect();
    let named = changes.iter().zip(numbers).map(|(change, number)| {
        if seen[change.as_str()] == 1 {
            change.clone()
        } else {
            format!("{change} #{number}")
        }
    });
    named.collect()
}

impl Listed {
    /// What is changed, without the place.
    fn change(&self) -> String {
        let Place { line, column } = self.span.start;
        let place = format!("{}:{line}:{column}: ", self.file);
        let change = self.name.strip_prefix(&place).unwrap_or(&self.name);
        change.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn touches(&self, lines: &[usize]) -> bool {
        let changed = self.span.start.line..=self.span.end.line;
        lines.iter().any(|line| changed.contains(line))
    }

    /// The answer with this change.
    fn applied(&self, answer: &str) -> String {
        let [start, end] = [self.span.start, self.span.end].map(|place| place.offset(answer));
        format!("{}{}{}", &answer[..start], self.replacement, &answer[end..])
    }
}

impl Place {
    /// How many bytes of the text stand before it.
    fn offset(self, text: &str) -> usize {
        let lines = text.split_inclusive('\n').take(self.line - 1);
        let before: usize = lines.map(str::len).sum();
        let columns = text[before..].char_indices().nth(self.column - 1);
        columns.map_or(text.len(), |(offset, _)| before + offset)
    }
}

/// Compiles and judges the mutants, and returns a line for each: what the check says.
fn try_all(call: &Call<'_>, mutants: &mut [Mutant<'_>], times: &mut Times) -> Result<String> {
    let trials: Vec<Trial<'_>> = mutants.iter().map(|it| it.trial.clone()).collect();
    let compiling = joint::compiling(call, &trials)?;
    times.took("compiling without the checks");
    let (left, mut trials): (Vec<usize>, Vec<Trial<'_>>) = (0..)
        .zip(trials)
        .filter(|(index, _)| compiling[*index])
        .unzip();
    let judged = behaviour::tried(call, &mut trials, times)?;
    let mut said = vec!["does not compile".to_owned(); mutants.len()];
    for (index, judged) in left.into_iter().zip(judged) {
        mutants[index].fate = Fate::of(judged.kind);
        said[index] = judged.said;
    }
    let lines = mutants.iter().zip(said).map(|(mutant, said)| {
        let Mutant {
            trial,
            change,
            line,
            ..
        } = mutant;
        format!("{} line {line}, {change}: {said}\n", trial.exercise.id)
    });
    Ok(lines.collect())
}

impl Fate {
    fn of(kind: Option<Kind>) -> Fate {
        match kind {
            None | Some(Kind::DoesNotCompile) => Fate::DoesNotCompile,
            Some(Kind::Passed) => Fate::Passes,
            Some(Kind::TimedOut) => Fate::TimedOut,
            Some(Kind::Failed | Kind::Unfinished | Kind::NotStarted) => Fate::Refused,
        }
    }
}

/// Compares what became of a chapter's mutants with its list of equivalent ones.
fn compare(
    call: &Call<'_>,
    chapter: &str,
    mutants: &[Mutant<'_>],
    findings: &mut Findings,
) -> Result<Tally> {
    let course = call.course;
    let path = equivalent::path(course, chapter);
    let tried = |slug: &str| {
        call.exercises
            .iter()
            .any(|it| it.chapter == chapter && it.slug == slug)
    };
    let mut list = equivalent::read(course, &path, findings)?;
    list.retain(|it| tried(&it.slug));
    let mut tally = Tally::default();
    for mutant in mutants
        .iter()
        .filter(|it| it.trial.exercise.chapter == chapter)
    {
        let Mutant {
            trial: Trial { exercise, .. },
            change,
            line,
            fate,
        } = mutant;
        let listed = list
            .iter()
            .position(|it| it.slug == exercise.slug && it.change == *change);
        let listed = listed.map(|index| list.swap_remove(index));
        tally.add(*fate, listed.is_some());
        match (fate, listed) {
            (Fate::Passes, None) => {
                let what = format!(
                    "line {line}: the check of {} lets `{change}` pass. Add a test, or list it in {} with the reason.",
                    exercise.id,
                    course.shown(&path)
                );
                findings.add(course, &exercise.answer, what);
            }
            (Fate::Passes, Some(_)) | (_, None) => {}
            (_, Some(listed)) => {
                let what = format!(
                    "line {}: `{change}` does not pass, so it is not equivalent.",
                    listed.line
                );
                findings.add(course, &path, what);
            }
        }
    }
    for Equivalent { slug, change, line } in list {
        let what = format!("line {line}: the answer of {slug} has no mutant `{change}`.");
        findings.add(course, &path, what);
    }
    Ok(tally)
}

impl Tally {
    fn add(&mut self, fate: Fate, listed: bool) {
        self.mutants += 1;
        let count = match fate {
            Fate::DoesNotCompile => &mut self.do_not_compile,
            Fate::Refused => &mut self.refused,
            Fate::TimedOut => &mut self.timed_out,
            Fate::Passes if listed => &mut self.equivalent,
            Fate::Passes => &mut self.pass,
        };
        *count += 1;
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.mutants += other.mutants;
        self.do_not_compile += other.do_not_compile;
        self.refused += other.refused;
        self.timed_out += other.timed_out;
        self.equivalent += other.equivalent;
        self.pass += other.pass;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally {
            mutants,
            do_not_compile,
            refused,
            timed_out,
            equivalent,
            pass,
        } = self;
        write!(
            out,
            "{mutants} mutants, {do_not_compile} do not compile, {refused} refused, {timed_out} timed out, {equivalent} equivalent, {pass} pass"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "fn least(a: u8, b: u8) -> u8 {\n    // YOURS\n    /* ≤ */ if a < b { a } else { b }\n    // YOURS_END\n}\n\nfn given() -> bool {\n    1 < 2\n}\n";

    /// As version 27.1 lists them.
    const LISTED: &str = r#"[
        { "name": "src/least.rs:3:5: replace least -> u8 with 0", "package": "p", "file": "src/least.rs", "genre": "FnValue",
          "function": { "function_name": "least", "return_type": "-> u8",
            "span": { "start": { "line": 1, "column": 1 }, "end": { "line": 5, "column": 2 } } },
          "span": { "start": { "line": 3, "column": 13 }, "end": { "line": 3, "column": 38 } }, "replacement": "0" },
        { "name": "src/least.rs:3:18: replace < with <= in least", "package": "p", "file": "src/least.rs", "genre": "BinaryOperator",
          "function": null,
          "span": { "start": { "line": 3, "column": 18 }, "end": { "line": 3, "column": 19 } }, "replacement": "<=" },
        { "name": "src/least.rs:8:7: replace < with <= in given", "package": "p", "file": "src/least.rs", "genre": "BinaryOperator",
          "function": null,
          "span": { "start": { "line": 8, "column": 7 }, "end": { "line": 8, "column": 8 } }, "replacement": "<=" }
    ]"#;

    fn listed() -> Vec<Listed> {
        serde_json::from_str(LISTED).expect("it is a list of mutants")
    }

    #[test]
    fn a_mutant_is_the_answer_with_one_place_replaced_and_columns_are_characters() {
        let lines = listed()
            .iter()
            .map(|mutant| mutant.applied(ANSWER).lines().nth(2).unwrap().to_owned())
            .collect::<Vec<_>>();
        assert_eq!(lines[0], "    /* ≤ */ 0");
        assert_eq!(lines[1], "    /* ≤ */ if a <= b { a } else { b }");
    }

    #[test]
    fn a_mutant_counts_if_it_touches_the_learners_lines() {
        let lines = stub::learners_lines(ANSWER);
        let touch = listed()
            .iter()
            .map(|it| it.touches(&lines))
            .collect::<Vec<_>>();
        assert_eq!(touch, [true, true, false]);
    }

    #[test]
    fn a_change_is_named_without_its_place() {
        assert_eq!(listed()[1].change(), "replace < with <= in least");
    }

    #[test]
    fn equal_changes_have_numbers() {
        let changes = ["a", "b", "a"].map(str::to_owned).to_vec();
        assert_eq!(told_apart(changes), ["a #1", "b", "a #2"]);
    }
}
