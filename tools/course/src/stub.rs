//! Deriving an exercise's stub from its answer.

use std::fmt;

const YOURS: &str = "// YOURS";
const YOURS_END: &str = "// YOURS_END";
const STUB: &str = "// STUB:";
const ANCHORS: [&str; 2] = ["// ANCHOR:", "// ANCHOR_END:"];
/// The first line of each program's `main`. Pages leave it out.
const ENDS_QUIETLY: &str = "closed_output::end_quietly();";

/// The stub of an answer: each part between `// YOURS` and `// YOURS_END` is replaced by the `// STUB:` lines in it, and the
/// book's anchors are left out. All else is equal.
///
/// # Errors
///
/// The first mark that is out of place, with its line.
pub fn derive(answer: &str) -> Result<String, MarkError> {
    let mut stub = String::new();
    let mut part = Part::Given;
    for (index, line) in answer.lines().enumerate() {
        let number = index + 1;
        match (Mark::of(line), part) {
            (Mark::Begin, Part::Given) => part = Part::Yours { since: number },
            (Mark::End, Part::Yours { .. }) => part = Part::Given,
            (Mark::Stub(text), Part::Yours { .. }) => push(&mut stub, &text),
            (Mark::Anchor, _) | (Mark::None, Part::Yours { .. }) => {}
            (Mark::None, Part::Given) => push(&mut stub, line),
            (Mark::Begin, Part::Yours { since }) => {
                return Err(MarkError::new(number, MarkFault::Nested { since }));
            }
            (Mark::End | Mark::Stub(_), Part::Given) => {
                return Err(MarkError::new(number, MarkFault::Outside));
            }
        }
    }
    match part {
        Part::Given => Ok(stub),
        Part::Yours { since } => Err(MarkError::new(since, MarkFault::Open)),
    }
}

/// The numbers of the lines that the learner writes, from 1: what stands between the marks.
#[must_use]
pub fn learners_lines(answer: &str) -> Vec<usize> {
    let mut part = Part::Given;
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(answer.lines()) {
        match (Mark::of(line), part) {
            (Mark::Begin, _) => part = Part::Yours { since: number },
            (Mark::End, _) => part = Part::Given,
            (Mark::None, Part::Yours { .. }) => lines.push(number),
            (Mark::Stub(_) | Mark::Anchor | Mark::None, _) => {}
        }
    }
    lines
}

/// Whether an answer marks a part for the learner at all.
#[must_use]
pub fn has_marks(answer: &str) -> bool {
    answer.lines().any(|line| line.trim() == YOURS)
}

/// A line that belongs to the course's machinery and not to the program: pages leave it out.
#[must_use]
pub fn is_mark(line: &str) -> bool {
    !matches!(Mark::of(line), Mark::None) || line.trim() == ENDS_QUIETLY
}

/// Marks that do not fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkError {
    line: usize,
    fault: MarkFault,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum MarkFault {
    Nested { since: usize },
    Outside,
    Open,
}

impl MarkError {
    fn new(line: usize, fault: MarkFault) -> MarkError {
        MarkError { line, fault }
    }
}

impl fmt::Display for MarkError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line;
        match self.fault {
            MarkFault::Nested { since } => {
                write!(
                    out,
                    "line {line}: YOURS begins inside the YOURS of line {since}"
                )
            }
            MarkFault::Outside => {
                write!(out, "line {line}: this mark stands outside of a YOURS part")
            }
            MarkFault::Open => write!(out, "line {line}: this YOURS has no YOURS_END"),
        }
    }
}

impl std::error::Error for MarkError {}

/// Whose lines are being read.
#[derive(Clone, Copy)]
enum Part {
    Given,
    Yours { since: usize },
}

/// What a line means to the derivation.
enum Mark {
    Begin,
    End,
    Stub(String),
    Anchor,
    None,
}

impl Mark {
    fn of(line: &str) -> Mark {
        let text = line.trim();
        if text == YOURS {
            Mark::Begin
        } else if text == YOURS_END {
            Mark::End
        } else if let Some(stub) = text.strip_prefix(STUB) {
            Mark::Stub(indented(line, stub))
        } else if ANCHORS.iter().any(|anchor| text.starts_with(anchor)) {
            Mark::Anchor
        } else {
            Mark::None
        }
    }
}

/// The stub's line, indented as its mark is; an empty one has no indentation.
fn indented(line: &str, stub: &str) -> String {
    let stub = stub.strip_prefix(' ').unwrap_or(stub);
    if stub.is_empty() {
        return String::new();
    }
    let indentation = &line[..line.len() - line.trim_start().len()];
    format!("{indentation}{stub}")
}

fn push(stub: &mut String, line: &str) {
    stub.push_str(line);
    stub.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_marked_is_equal() {
        let file = "fn a() {}\n\nfn b() {}\n";
        assert_eq!(derive(file).unwrap(), file);
    }

    #[test]
    fn a_marked_part_becomes_its_stub_lines_indented_like_the_mark() {
        let answer = "fn a() -> u8 {\n    // YOURS\n    1\n    // STUB: todo!(\"one\")\n    // YOURS_END\n}\n";
        assert_eq!(
            derive(answer).unwrap(),
            "fn a() -> u8 {\n    todo!(\"one\")\n}\n"
        );
    }

    #[test]
    fn stub_lines_keep_further_indentation_and_empty_ones_have_none() {
        let answer = "  // YOURS\n  // STUB: a {\n  // STUB:     b\n  // STUB:\n  // STUB: }\n  // YOURS_END\n";
        assert_eq!(derive(answer).unwrap(), "  a {\n      b\n\n  }\n");
    }

    #[test]
    fn a_part_without_stub_lines_disappears() {
        assert_eq!(
            derive("a\n// YOURS\nuse b;\n// YOURS_END\nc\n").unwrap(),
            "a\nc\n"
        );
    }

    #[test]
    fn anchors_are_left_out_everywhere() {
        let answer = "// ANCHOR: x\na\n// YOURS\n// ANCHOR: y\nb\n// ANCHOR_END: y\n// YOURS_END\n// ANCHOR_END: x\n";
        assert_eq!(derive(answer).unwrap(), "a\n");
    }

    #[test]
    fn the_learners_lines_are_those_between_the_marks_that_are_no_marks() {
        let answer = "a\n// YOURS\nb\n// ANCHOR: x\nc\n// STUB: d\n// YOURS_END\ne\n// YOURS\nf\n// YOURS_END\n";
        assert_eq!(learners_lines(answer), [3, 5, 10]);
    }

    #[test]
    fn windows_line_endings_do_not_matter() {
        assert_eq!(
            derive("a\r\n// YOURS\r\nb\r\n// YOURS_END\r\n").unwrap(),
            "a\n"
        );
    }

    #[test]
    fn marks_out_of_place_are_named_with_their_line() {
        let error = |text| derive(text).unwrap_err().to_string();
        assert_eq!(
            error("a\n// YOURS\n"),
            "line 2: this YOURS has no YOURS_END"
        );
        assert!(error("// YOURS\n// YOURS\n").starts_with("line 2: YOURS begins inside"));
        assert!(error("// STUB: x\n").starts_with("line 1: this mark stands outside"));
        assert!(error("// YOURS_END\n").starts_with("line 1: this mark stands outside"));
    }
}
