//! What the compiler has seen, and the run cannot show: a future that is never awaited leaves no trace.

use std::path::Path;

use crate::judging::compile::CompileError;
use crate::judging::verdict::{Kind, Verdict};

/// The verdict, with what the compiler says about futures in this file that are never awaited. Where everything is well, nothing is
/// added.
#[must_use]
pub(crate) fn of_futures(verdict: Verdict, subject: &Path, warnings: &[CompileError]) -> Verdict {
    let file = subject.display().to_string();
    let about_futures = |warning: &&CompileError| {
        let note = warning.note.as_deref().unwrap_or_default();
        warning.file == file && note.starts_with("futures do nothing")
    };
    let Some(warning) = warnings.iter().find(about_futures) else {
        return verdict;
    };
    match verdict.kind {
        Kind::Failed | Kind::TimedOut => Verdict {
            sentence: format!("{} {}", verdict.sentence, sentence(warning)),
            ..verdict
        },
        _ => verdict,
    }
}

fn sentence(warning: &CompileError) -> String {
    let note = warning.note.as_deref().unwrap_or_default();
    format!(
        "The compiler warns of line {}: {}; {note}.",
        warning.line, warning.message
    )
}
