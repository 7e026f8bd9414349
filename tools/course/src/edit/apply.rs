//! Finding the blocks of an edit in the answer, and writing down what becomes of it.

use std::fmt;

use super::lines::{self, Code};
use super::{Block, Edit, Step};
use crate::files;

/// Lines of the answer that are replaced. Lines are counted without the course's marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The first line that goes; nothing goes if `end` is the same.
    pub start: usize,
    /// The line after the last that goes.
    pub end: usize,
    /// What comes in their place.
    pub comes: Vec<String>,
}

/// A block that the answer does not have, or has twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched {
    /// Which block, from 1.
    pub number: usize,
    /// Its line in the file of the edit.
    pub line: usize,
    /// A line of it, so that it can be found.
    pub quoted: String,
    /// What is the matter.
    pub why: Why,
}

/// Why a block cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It has no line of the answer.
    NoPlace,
    /// The answer has no such lines: this is the first of them that does not follow the ones before it.
    Nowhere(String),
    /// This number of places in the answer have these lines.
    Ambiguous(usize),
    /// Another block, with this number, touches the same lines.
    Overlaps(usize),
}

impl Edit {
    /// The wrong program: the answer, edited, with the sentence on top and without the course's marks.
    ///
    /// # Errors
    ///
    /// The first block that is not found exactly once.
    pub fn apply(&self, answer: &str) -> Result<String, Unmatched> {
        let answer = files::normalise(answer);
        let answer = lines::without_marks(&answer);
        let mut out: Vec<&str> = Vec::new();
        let changes = self.changes_in(&answer)?;
        let mut at = 0;
        for change in &changes {
            out.extend(&answer[at..change.start]);
            out.extend(change.comes.iter().map(String::as_str));
            at = change.end;
            if change.comes.last().is_none_or(|line| line.is_empty()) {
                at = close_gap(&mut out, &answer, at);
            }
        }
        out.extend(&answer[at..]);
        let mut text = String::new();
        for line in lines::folded(&self.sentence, lines::WIDTH) {
            text.push_str(&format!("//! {line}\n"));
        }
        let has_more = out.first().is_some_and(|line| lines::is_inner(line));
        text.push_str(if has_more { "//!\n" } else { "\n" });
        for line in out {
            text.push_str(line);
            text.push('\n');
        }
        Ok(text)
    }

    /// What the edit changes in the answer, in the answer's order. Lines are counted without the course's marks.
    ///
    /// # Errors
    ///
    /// As [`Edit::apply`].
    pub fn changes(&self, answer: &str) -> Result<Vec<Change>, Unmatched> {
        let answer = files::normalise(answer);
        self.changes_in(&lines::without_marks(&answer))
    }

    fn changes_in(&self, answer: &[&str]) -> Result<Vec<Change>, Unmatched> {
        let code = lines::code(answer);
        let mut changes: Vec<(usize, Change)> = Vec::new();
        for (index, block) in self.blocks.iter().enumerate() {
            let unmatched = |why| Unmatched {
                number: index + 1,
                line: block.line,
                quoted: block.first_change().to_owned(),
                why,
            };
            let first = place(block, &code).map_err(unmatched)?;
            for change in changes_of(block, &code[first..], answer) {
                let clash = changes.iter().find(|(_, other)| overlap(other, &change));
                if let Some((other, _)) = clash {
                    return Err(unmatched(Why::Overlaps(other + 1)));
                }
                changes.push((index, change));
            }
        }
        let mut changes: Vec<Change> = changes.into_iter().map(|(_, change)| change).collect();
        changes.sort_by_key(|change| (change.start, change.end));
        Ok(changes)
    }
}

impl Block {
    /// The lines of code by which it is found in the answer.
    #[must_use]
    pub fn named(&self) -> Vec<&str> {
        self.steps
            .iter()
            .filter(|step| !matches!(step, Step::Comes(_)) && lines::is_code(step.text()))
            .map(|step| lines::without_comment(step.text()))
            .collect()
    }
}

/// Where these lines follow each other in the answer's code.
#[must_use]
pub fn places(wanted: &[&str], code: &[Code<'_>]) -> Vec<usize> {
    let is_here = |window: &&[Code<'_>]| {
        let mut pairs = window.iter().zip(wanted);
        pairs.all(|(code, wanted)| code.text == *wanted)
    };
    let windows = code.windows(wanted.len().max(1)).enumerate();
    windows
        .filter(|(_, window)| is_here(window))
        .map(|(at, _)| at)
        .collect()
}

/// Which line of code is the block's first.
fn place(block: &Block, code: &[Code<'_>]) -> Result<usize, Why> {
    let wanted = block.named();
    if wanted.is_empty() {
        return Err(Why::NoPlace);
    }
    match places(&wanted, code)[..] {
        [one] => Ok(one),
        [] => {
            let fits = |count: &usize| !places(&wanted[..*count], code).is_empty();
            let known = (1..wanted.len()).rev().find(fits).unwrap_or(0);
            Err(Why::Nowhere(wanted[known].trim().to_owned()))
        }
        ref several => Err(Why::Ambiguous(several.len())),
    }
}

/// The changes of a block whose first line is the first of `code`.
fn changes_of(block: &Block, code: &[Code<'_>], answer: &[&str]) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut next = 0;
    let mut steps = block.steps.iter().peekable();
    while steps.peek().is_some() {
        let mut goes = Vec::new();
        let mut comes = Vec::new();
        while let Some(step) = steps.next_if(|step| !matches!(step, Step::Stays(_))) {
            match step {
                Step::Comes(text) => comes.push(text.clone()),
                gone if lines::is_code(gone.text()) => {
                    goes.push(code[next].at);
                    next += 1;
                }
                _ => {}
            }
        }
        if let (Some(first), Some(last)) = (goes.first(), goes.last()) {
            let keeps_comment = comes.first().is_some_and(|line| lines::is_code(line));
            let start = match keeps_comment {
                true => *first,
                false => above(*first, answer),
            };
            changes.push(Change {
                start,
                end: last + 1,
                comes,
            });
        } else if !comes.is_empty() {
            let at = match next.checked_sub(1) {
                Some(before) => code[before].at + 1,
                None => above(code[0].at, answer),
            };
            changes.push(Change {
                start: at,
                end: at,
                comes,
            });
        }
        while let Some(step) = steps.next_if(|step| matches!(step, Step::Stays(_))) {
            next += usize::from(lines::is_code(step.text()));
        }
    }
    changes
}

/// Where the comment begins that stands directly above a line.
fn above(line: usize, answer: &[&str]) -> usize {
    let comments = answer[..line]
        .iter()
        .rev()
        .take_while(|line| lines::is_comment(line) && !lines::is_inner(line));
    line - comments.count()
}

/// Whether two changes would write to the same place.
fn overlap(one: &Change, other: &Change) -> bool {
    one.start == other.start || (one.start < other.end && other.start < one.end)
}

/// After lines have gone: no two empty lines, and none at the beginning or the end of braces. Returns where the answer goes on.
fn close_gap(out: &mut Vec<&str>, answer: &[&str], mut at: usize) -> usize {
    let is_empty = |line: &&str| line.trim().is_empty();
    let ends = |line: &&str| line.trim_start().starts_with('}');
    if answer.get(at).is_none_or(ends) {
        while out.last().is_some_and(is_empty) {
            out.pop();
        }
    }
    let opens = |line: &&str| line.trim().is_empty() || line.trim_end().ends_with('{');
    while out.last().is_none_or(opens) && answer.get(at).is_some_and(is_empty) {
        at += 1;
    }
    at
}

impl fmt::Display for Unmatched {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unmatched {
            number,
            line,
            quoted,
            why,
        } = self;
        write!(out, "block {number} (line {line}, `{quoted}`) ")?;
        match why {
            Why::NoPlace => write!(
                out,
                "has no line of the answer, so nothing says where it belongs: add one after a space"
            ),
            Why::Nowhere(missing) => write!(
                out,
                "is not in the answer: `{missing}` is the first line that does not follow there"
            ),
            Why::Ambiguous(places) => write!(
                out,
                "fits {places} places of the answer: add a neighboring line after a space"
            ),
            Why::Overlaps(other) => write!(out, "changes the same lines as block {other}"),
        }
    }
}

impl std::error::Error for Unmatched {}
