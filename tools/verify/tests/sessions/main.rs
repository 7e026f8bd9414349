//! The real program, run on the small course of the command line's tests.

mod findings;
mod kept;
mod own_exercises;
mod skeletons;
mod tries;

#[expect(dead_code, reason = "the command line's tests use more of it")]
#[path = "../../../learn/tests/sessions/sample.rs"]
mod sample;

#[path = "../../../learn/tests/sessions/walk_through.rs"]
mod walk_through;

use crate::sample::{Said, Sample};

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_verify");

/// What `verify` says about a course.
pub(crate) fn verify(sample: &Sample, arguments: &[&str]) -> Said {
    sample.learn(arguments)
}

/// The sample with the pages that only `verify` asks for: each exercise is on its page, and each mistake that the probe names has one.
pub(crate) fn course() -> Sample {
    with_pages(Sample::new())
}

pub(crate) fn with_pages(sample: Sample) -> Sample {
    for (page, text) in [
        (
            "01-first/index.md",
            "# First\n\n{{#exercise first/double}}\n\n{{#exercise guess-order}}\n",
        ),
        (
            "02-second/index.md",
            "# Second\n\n{{#exercise second/double}}\n",
        ),
        (
            "mistakes/answer-changes.md",
            "# answer-changes\n\nIt changes.\n\nTaught in [First](../01-first/index.md).\n",
        ),
        (
            "mistakes/dropped-twice.md",
            "# dropped-twice\n\nTwice.\n\nTaught in [First](../01-first/index.md).\n",
        ),
        (
            "mistakes/schedule-not-legal.md",
            "# schedule-not-legal\n\nImpossible.\n\nTaught in [First](../01-first/index.md).\n",
        ),
        (
            "mistakes/never-dropped.md",
            "# never-dropped\n\nNever.\n\nTaught in [First](../01-first/index.md).\n",
        ),
        (
            "mistakes/never-freed.md",
            "# memory-grows\n\nJSON and JUnit call this mistake `never-freed`.\n\nTaught in [First](../01-first/index.md).\n",
        ),
    ] {
        sample.write(&format!("book/pages/{page}"), text);
    }
    sample
}

/// What it prints if something is missing.
pub(crate) fn findings(sample: &Sample) -> String {
    let said = verify(sample, &[]);
    assert_eq!(said.status, Some(1), "{}{}", said.stdout, said.stderr);
    said.stdout
}
