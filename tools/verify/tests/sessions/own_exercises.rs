//! An exercise of a teacher's own, added to a course as the book says.

use std::fs;

use crate::findings;
use crate::sample::Sample;
use crate::walk_through::{with_the_files, write_the_snapshots};
use crate::{verify, with_pages};

const STUB: &str = "exercises/90-class/src/retry_delay.rs";

/// The answer makes the snapshots, and the program the stub and the hashes. Then it finds only what the sample leaves undone.
#[test]
#[ignore = "it builds the crate of an answer: .ci/run asks for it"]
fn the_walk_through_of_the_book_leaves_nothing_to_do() {
    let sample = with_pages(with_the_files());
    write_the_snapshots(&sample);
    let said = verify(&sample, &["--write"]);
    assert!(
        sample.read(STUB).contains("todo!(\"the wait before retry"),
        "{}",
        said.stdout
    );
    let said = verify(&sample, &["--cold"]);
    let findings: Vec<&str> = said.stdout.lines().collect();
    assert_eq!(
        findings,
        [
            "book: skipped, as there is no book/Cargo.toml",
            "solutions/02-second/mistakes/double: has no known mistake: `cargo learn mistake` keeps one there.",
            "4 exercises, 11 sources tried: 1 thing to do.",
        ]
    );
}

/// What a teacher has forgotten is what `verify` says.
#[test]
#[ignore = "it tries all sources of a course three times: .ci/run asks for it"]
fn each_part_that_is_missing_is_named() {
    for (missing, said) in [
        ("exercises/90-class/about/retry_delay.md", "retry_delay.md"),
        (
            "solutions/90-class/mistakes/retry_delay/no-upper-bound.rs",
            "has no known mistake",
        ),
        (
            "book/pages/mistakes/no-upper-bound.md",
            "no-upper-bound.md: is missing",
        ),
    ] {
        let sample: Sample = with_the_files();
        fs::remove_file(sample.path(missing)).expect("it is one of the files");
        let findings = findings(&sample);
        let about_it = |line: &str| line.contains(said) && !line.contains("02-second");
        assert!(findings.lines().any(about_it), "{missing}: {findings}");
    }
}
