//! A known mistake beside its repair: the edit read backwards, from the wrong lines to those of the answer.

use anyhow::{Context as _, Result, bail};

use crate::course::{Course, Exercise};
use crate::edit::{Change, Edit};
use crate::files;
use crate::id;
use crate::mistakes;
use crate::stub;

/// How many lines of the answer stand around a change.
const AROUND: usize = 2;

/// The repair that `exercise/code` asks for, `wakers/block-on/busy-poll`, as a Markdown block.
///
/// # Errors
///
/// One sentence if there is no such exercise or mistake, or if the mistake is no edit that fits the answer.
pub fn block(course: &Course, argument: &str) -> Result<String> {
    let Some((id, name)) = argument.rsplit_once('/') else {
        bail!("say the exercise and the code: `wakers/block-on/busy-poll`");
    };
    let exercise = id::find(course, id)?;
    let mistake = mistakes::find(exercise, name)?;
    let shown = course.shown(&mistake.file);
    let Some(edit) = mistake.edit().with_context(|| shown.clone())? else {
        bail!("{shown} is a whole program and no edit, so no repair can be shown");
    };
    of(exercise, &edit).with_context(|| shown)
}

/// The repair of an edit, as a Markdown block: `-` for the wrong lines, `+` for those of the answer.
///
/// # Errors
///
/// If the edit does not fit the answer.
pub fn of(exercise: &Exercise, edit: &Edit) -> Result<String> {
    let answer = files::normalise(&files::read_text(&exercise.answer)?);
    let changes = edit.changes(&answer)?;
    let answer: Vec<&str> = answer.lines().filter(|line| !stub::is_mark(line)).collect();
    Ok(format!("```diff\n{}```", drawn(&answer, &changes)))
}

/// A line of the drawing: what stands before it, and the line.
type Drawn<'a> = (char, &'a str);

fn drawn(answer: &[&str], changes: &[Change]) -> String {
    let mut groups: Vec<Vec<&Change>> = Vec::new();
    for change in changes {
        match groups.last_mut() {
            Some(group) if is_near(group, change) => group.push(change),
            _ => groups.push(vec![change]),
        }
    }
    let groups: Vec<String> = groups
        .iter()
        .map(|group| written(&lines(answer, group)))
        .collect();
    groups.join("  …\n")
}

fn is_near(group: &[&Change], change: &Change) -> bool {
    let end = group.last().map_or(0, |last| last.end);
    change.start <= end + 2 * AROUND
}

fn lines<'a>(answer: &[&'a str], group: &[&'a Change]) -> Vec<Drawn<'a>> {
    let start = group.first().map_or(0, |first| first.start);
    let end = group.last().map_or(0, |last| last.end);
    let mut at = start.saturating_sub(AROUND);
    let mut drawn = Vec::new();
    let stays = |from: usize, to: usize| answer[from..to].iter().map(|line| (' ', *line));
    for change in group {
        drawn.extend(stays(at, change.start));
        drawn.extend(change.comes.iter().map(|line| ('-', line.as_str())));
        drawn.extend(
            answer[change.start..change.end]
                .iter()
                .map(|line| ('+', *line)),
        );
        at = change.end;
    }
    drawn.extend(stays(at, (end + AROUND).min(answer.len())));
    let is_empty = |drawn: &Drawn<'_>| drawn.1.trim().is_empty();
    let first = drawn.iter().position(|line| !is_empty(line)).unwrap_or(0);
    let last = drawn.iter().rposition(|line| !is_empty(line));
    drawn[first..last.map_or(first, |last| last + 1)].to_vec()
}

/// The lines without the indentation that all of them share.
fn written(lines: &[Drawn<'_>]) -> String {
    let full = lines.iter().filter(|(_, line)| !line.trim().is_empty());
    let indentation = full.map(|(_, line)| line.len() - line.trim_start().len());
    let shared = indentation.min().unwrap_or(0);
    lines
        .iter()
        .map(|(before, line)| {
            let line = format!("{before} {}", line.get(shared..).unwrap_or_default());
            format!("{}\n", line.trim_end())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrong_lines_stand_above_those_of_the_answer_at_the_margin() {
        let answer = [
            "fn a() {",
            "    one();",
            "    two();",
            "    three();",
            "",
            "    four();",
            "}",
        ];
        let change = |start, end, comes: &[&str]| Change {
            start,
            end,
            comes: comes.iter().map(|line| (*line).to_owned()).collect(),
        };
        assert_eq!(
            drawn(&answer, &[change(2, 3, &["    wrong();"])]),
            "  fn a() {\n      one();\n-     wrong();\n+     two();\n      three();\n"
        );
        assert_eq!(
            drawn(&answer, &[change(3, 3, &["    wrong();"])]),
            "  one();\n  two();\n- wrong();\n  three();\n"
        );
    }

    #[test]
    fn changes_far_apart_are_drawn_apart() {
        let answer: Vec<String> = (0..12).map(|line| format!("{line}();")).collect();
        let answer: Vec<&str> = answer.iter().map(String::as_str).collect();
        let change = |at| Change {
            start: at,
            end: at + 1,
            comes: Vec::new(),
        };
        assert_eq!(
            drawn(&answer, &[change(0), change(10)]),
            "+ 0();\n  1();\n  2();\n  …\n  8();\n  9();\n+ 10();\n  11();\n"
        );
    }
}
