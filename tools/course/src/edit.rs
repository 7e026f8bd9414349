//! A known mistake as an edit of the answer: the sentence that says what the learner did, and blocks of lines to replace.
//!
//! ```text
//! Gives the waker away while it holds the lock.
//!
//! -        let waker = self.take_waker();
//!          self.sent = true;
//! +        // The receiver's waker may call back into this sender.
//! +        self.lock().waker.wake();
//! ```
//!
//! An empty line ends a block. A line of a block begins with `-` (a line of the answer that goes), `+` (a line that comes) or a
//! space (a line of the answer that stays, there to say where). A block is found by its lines, wherever they are: exactly one
//! place of the answer must have them. Comments and empty lines of the answer do not count, neither in the answer nor in a block,
//! so the answer's comments can be rewritten without an edit noticing.

mod apply;
pub mod lines;

use std::fmt;

use crate::files;

pub use apply::{Change, Unmatched, Why, places};

/// A known mistake, as the lines in which it differs from the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What the learner did, in one sentence or two.
    pub sentence: String,
    /// What to replace, in the order of the file.
    pub blocks: Vec<Block>,
}

/// Lines that follow each other in the answer, and what becomes of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Where it begins in the file of the edit, from 1.
    pub line: usize,
    /// Its lines.
    pub steps: Vec<Step>,
}

/// One line of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A line of the answer that stays.
    Stays(String),
    /// A line of the answer that goes.
    Goes(String),
    /// A line that the answer does not have.
    Comes(String),
}

/// An edit that is not written as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    line: usize,
    what: &'static str,
}

impl Edit {
    /// Reads the text of an edit.
    ///
    /// # Errors
    ///
    /// The first line that is not as it should be.
    pub fn parse(text: &str) -> Result<Edit, Malformed> {
        let text = files::normalise(text);
        let mut sentence = Vec::new();
        let mut blocks: Vec<Block> = Vec::new();
        let mut in_block = false;
        let mut in_sentence = true;
        for (index, line) in text.lines().enumerate() {
            let line_number = index + 1;
            let malformed = |what| Malformed {
                line: line_number,
                what,
            };
            if line.trim().is_empty() {
                in_sentence &= sentence.is_empty();
                in_block = false;
            } else if in_sentence && (!line.starts_with(['-', '+', ' ']) || sentence.is_empty()) {
                if line.starts_with(['-', '+', ' ']) {
                    return Err(malformed(
                        "an edit begins with the sentence that says what the learner did",
                    ));
                }
                sentence.push(line.trim().to_owned());
            } else {
                let step = Step::parse(line).ok_or_else(|| {
                    malformed("a line of a block begins with `-`, `+` or a space")
                })?;
                if in_sentence {
                    return Err(malformed("an empty line ends the sentence"));
                }
                if !in_block {
                    blocks.push(Block {
                        line: line_number,
                        steps: Vec::new(),
                    });
                    in_block = true;
                }
                blocks.last_mut().expect("just begun").steps.push(step);
            }
        }
        if sentence.is_empty() {
            let what = "an edit begins with the sentence that says what the learner did";
            return Err(Malformed { line: 1, what });
        }
        if let Some(block) = blocks.iter().find(|block| block.changes_nothing()) {
            let what = "this block has neither a line that goes nor one that comes";
            return Err(Malformed {
                line: block.line,
                what,
            });
        }
        Ok(Edit {
            sentence: sentence.join(" "),
            blocks,
        })
    }
}

impl Block {
    fn changes_nothing(&self) -> bool {
        self.steps.iter().all(|step| matches!(step, Step::Stays(_)))
    }

    /// The line that a message quotes to name the block: the first that changes something.
    fn first_change(&self) -> &str {
        let changes = |step: &&Step| !matches!(step, Step::Stays(_));
        let first = self.steps.iter().find(changes).or(self.steps.first());
        first.map_or("", |step| step.text().trim())
    }
}

impl Step {
    fn parse(line: &str) -> Option<Step> {
        let text = line.get(1..)?.trim_end().to_owned();
        match line.chars().next()? {
            ' ' => Some(Step::Stays(text)),
            '-' => Some(Step::Goes(text)),
            '+' => Some(Step::Comes(text)),
            _ => None,
        }
    }

    /// The line, without what stands before it.
    #[must_use]
    pub fn text(&self) -> &str {
        let (Step::Stays(text) | Step::Goes(text) | Step::Comes(text)) = self;
        text
    }
}

/// The text of the edit, which [`Edit::parse`] reads back.
impl fmt::Display for Edit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in lines::folded(&self.sentence, lines::WIDTH) {
            writeln!(out, "{line}")?;
        }
        for block in &self.blocks {
            writeln!(out)?;
            for step in &block.steps {
                let before = match step {
                    Step::Stays(_) => ' ',
                    Step::Goes(_) => '-',
                    Step::Comes(_) => '+',
                };
                writeln!(out, "{before}{}", step.text())?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for Malformed {}

#[cfg(test)]
mod tests;
