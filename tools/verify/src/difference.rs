//! From a changed program back to an edit.

use similar::{Algorithm, DiffTag, capture_diff_slices};

use course::edit::lines::{self, Code};
use course::edit::{Block, Edit, Step, places};
use course::files;

/// Blocks with no more lines of the answer between them than this become one.
const NEAR: usize = 2;

/// The edit that makes `changed` out of `answer`, as far as code and added comments go. The sentence is the first paragraph of the
/// `//!` lines on top of `changed`.
///
/// How the answer's own comments and empty lines are changed is not kept.
///
/// # Errors
///
/// If there is no sentence, or no difference.
pub(crate) fn between(answer: &str, changed: &str) -> anyhow::Result<Edit> {
    let answer = files::normalise(answer);
    let changed = files::normalise(changed);
    let answer = lines::without_marks(&answer);
    let changed = lines::without_marks(&changed);
    let (sentence, changed) = split(&changed);
    if sentence.is_empty() {
        anyhow::bail!("its first line should be `//! ` and what the learner did, in one sentence.");
    }
    let mut blocks = blocks(&answer, changed);
    if blocks.is_empty() {
        anyhow::bail!("it is the answer: no line of code differs.");
    }
    let mut line = lines::folded(&sentence, lines::WIDTH).len() + 2;
    for block in &mut blocks {
        block.line = line;
        line += block.steps.len() + 1;
    }
    Ok(Edit { sentence, blocks })
}

/// The sentence on top of a wrong program, and what follows it.
fn split<'a, 'b>(program: &'b [&'a str]) -> (String, &'b [&'a str]) {
    let prose = |line: &&str| line.strip_prefix("//!").map(|rest| rest.trim().to_owned());
    let sentence: Vec<String> = program
        .iter()
        .map_while(prose)
        .take_while(|line| !line.is_empty())
        .collect();
    (sentence.join(" "), &program[sentence.len()..])
}

/// A line of the changed program that the edit is about: code, or a comment that the answer does not have.
struct Told<'a> {
    at: usize,
    text: &'a str,
}

fn told<'a>(answer: &[&str], changed: &[&'a str]) -> Vec<Told<'a>> {
    let is_new = |line: &str| answer.iter().all(|other| other.trim() != line.trim());
    changed
        .iter()
        .enumerate()
        .filter(|(_, line)| {
            lines::is_code(line)
                || (lines::is_comment(line) && !lines::is_inner(line) && is_new(line))
        })
        .map(|(at, line)| Told {
            at,
            text: match lines::is_comment(line) {
                true => line.trim_end(),
                false => lines::without_comment(line),
            },
        })
        .collect()
}

/// A stretch of the answer's code that gives way to a stretch of the changed program.
#[derive(Clone, Copy)]
struct Hunk {
    old: (usize, usize),
    new: (usize, usize),
}

fn blocks(answer: &[&str], changed: &[&str]) -> Vec<Block> {
    let code = lines::code(answer);
    let told = told(answer, changed);
    let old: Vec<&str> = code.iter().map(|line| line.text).collect();
    let new: Vec<&str> = told.iter().map(|line| line.text).collect();
    let hunks: Vec<Hunk> = capture_diff_slices(Algorithm::Myers, &old, &new)
        .iter()
        .filter(|op| op.tag() != DiffTag::Equal)
        .map(|op| Hunk {
            old: (op.old_range().start, op.old_range().end),
            new: (op.new_range().start, op.new_range().end),
        })
        .collect();
    let mut groups: Vec<Vec<Hunk>> = Vec::new();
    for hunk in hunks {
        match groups.last_mut() {
            Some(group)
                if group
                    .last()
                    .is_some_and(|last| hunk.old.0 - last.old.1 <= NEAR) =>
            {
                group.push(hunk);
            }
            _ => groups.push(vec![hunk]),
        }
    }
    let lines = Lines {
        code: &code,
        told: &told,
        changed,
    };
    groups.iter().map(|group| lines.block(group)).collect()
}

/// What blocks are written from.
struct Lines<'a> {
    code: &'a [Code<'a>],
    told: &'a [Told<'a>],
    changed: &'a [&'a str],
}

impl Lines<'_> {
    /// The block of a group of hunks, with as few lines around it as make it unique.
    fn block(&self, group: &[Hunk]) -> Block {
        let first = group.first().map_or(0, |hunk| hunk.old.0);
        let last = group.last().map_or(0, |hunk| hunk.old.1);
        let most = self.code.len();
        for around in 0..=most {
            // The lines before it say more to a reader than those after it.
            for after in 0..=around {
                let before = around - after;
                if before > first || last + after > most {
                    continue;
                }
                let block = self.written(group, first - before, last + after);
                let wanted = block.named();
                if !wanted.is_empty() && places(&wanted, self.code).len() == 1 {
                    return block;
                }
            }
        }
        self.written(group, 0, most)
    }

    fn written(&self, group: &[Hunk], from: usize, to: usize) -> Block {
        let stays = |line: &Code<'_>| Step::Stays(line.text.to_owned());
        let mut steps = Vec::new();
        let mut at = from;
        for hunk in group {
            steps.extend(self.code[at..hunk.old.0].iter().map(stays));
            let goes = self.code[hunk.old.0..hunk.old.1].iter();
            steps.extend(goes.map(|line| Step::Goes(line.text.to_owned())));
            steps.extend(self.comes(hunk));
            at = hunk.old.1;
        }
        steps.extend(self.code[at..to].iter().map(stays));
        Block { line: 0, steps }
    }

    /// The lines that come, with the empty lines between them.
    fn comes(&self, hunk: &Hunk) -> Vec<Step> {
        let (start, end) = hunk.new;
        let mut steps = Vec::new();
        for index in start..end {
            let line = &self.told[index];
            let before = line.at.checked_sub(1).map(|at| self.changed[at].trim());
            let is_inside = index > start || (hunk.old.0 == hunk.old.1 && index > 0);
            if before == Some("") && is_inside {
                steps.push(Step::Comes(String::new()));
            }
            steps.push(Step::Comes(self.changed[line.at].trim_end().to_owned()));
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "\
//! Sends one value.
//!
//! More about it.

// YOURS
use std::mem;
// YOURS_END

/// Sends.
pub fn send(slot: &mut Slot, value: u32) {
    // YOURS
    // The lock is released before the wake.
    let waker = slot.waker.take(); // taken, not cloned
    slot.value = value;

    // Nothing is locked here.
    wake(waker);
    // STUB: todo!()
    // YOURS_END
}

/// Closes.
pub fn close(slot: &mut Slot) {
    slot.closed = true;
    wake(slot.waker.take());
}
";

    #[test]
    fn a_changed_program_becomes_the_edit_that_makes_it() {
        let edit = "\
Wakes while it holds on to the slot.

-    let waker = slot.waker.take();
     slot.value = value;
-    wake(waker);
+    // The waker may call back.
+    wake(slot.waker.take());

+fn more() {}
+
 pub fn close(slot: &mut Slot) {
";
        let read = Edit::parse(edit).unwrap();
        let wrong = read.apply(ANSWER).unwrap();
        assert_eq!(
            between(ANSWER, &wrong).unwrap().apply(ANSWER).unwrap(),
            wrong
        );
        assert_eq!(read.to_string(), edit);
    }

    #[test]
    fn the_lines_around_a_change_are_no_more_than_tell_its_place() {
        let wrong = ANSWER.replace("    slot.closed = true;\n", "");
        let wrong = format!("//! Leaves it open.\n//!\n{wrong}");
        assert_eq!(
            between(ANSWER, &wrong).unwrap().to_string(),
            "Leaves it open.\n\n-    slot.closed = true;\n"
        );
    }

    #[test]
    fn a_program_without_a_sentence_or_without_a_difference_is_no_mistake() {
        let error = |text: &str| between(ANSWER, text).unwrap_err().to_string();
        assert!(error("fn main() {}\n").contains("its first line should be"));
        let same = format!("//! Wrong.\n//!\n{ANSWER}");
        assert!(error(&same).contains("no line of code differs"));
    }
}
