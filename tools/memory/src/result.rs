//! What a tool said, as a line.

use std::fmt;

/// What became of one subject under one tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    tool: &'static str,
    outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// The answers were accepted, as they should be.
    Passed(String),
    /// What is broken was noticed, as it should be.
    Caught(String),
    /// The answers were refused.
    Refused(String),
    /// What is broken was let through.
    Missed(String),
    /// The tool did not run.
    Skipped(String),
}

impl Line {
    /// The tool's word about a subject: `complaint` is what it complained of, if it did.
    pub(crate) fn judged(
        tool: &'static str,
        subject: &str,
        broken: bool,
        complaint: Option<String>,
    ) -> Line {
        let outcome = match (broken, complaint) {
            (false, None) => Outcome::Passed(subject.to_owned()),
            (false, Some(complaint)) => Outcome::Refused(format!("{subject}: {complaint}")),
            (true, Some(complaint)) => Outcome::Caught(format!("{subject}: {complaint}")),
            (true, None) => Outcome::Missed(subject.to_owned()),
        };
        Line { tool, outcome }
    }

    /// The tool did not run, and why.
    pub(crate) fn skipped(tool: &'static str, reason: &str) -> Line {
        Line {
            tool,
            outcome: Outcome::Skipped(reason.to_owned()),
        }
    }

    /// Whether the good was refused or the broken let through.
    pub(crate) fn is_bad(&self) -> bool {
        matches!(self.outcome, Outcome::Refused(_) | Outcome::Missed(_))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, what) = match &self.outcome {
            Outcome::Passed(what) => ("passed", what),
            Outcome::Caught(what) => ("caught", what),
            Outcome::Refused(what) => ("REFUSED", what),
            Outcome::Missed(what) => ("MISSED", what),
            Outcome::Skipped(what) => ("skipped", what),
        };
        write!(out, "{:<16} {word:<8} {what}", self.tool)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refused_answer_and_a_missed_fault_are_bad() {
        let complaint = || Some("leaks".to_owned());
        assert!(!Line::judged("tool", "answers", false, None).is_bad());
        assert!(!Line::judged("tool", "broken", true, complaint()).is_bad());
        assert!(!Line::skipped("tool", "not there").is_bad());
        assert!(Line::judged("tool", "answers", false, complaint()).is_bad());
        assert!(Line::judged("tool", "broken", true, None).is_bad());
    }
}
