//! An exercise of a teacher's own: the files that the book shows, added to a course as the book says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::sample::{Sample, target};

/// The files of the walk-through, laid out as in the course.
const FILES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../book/examples/own-exercise"
);

/// The page that shows them.
const PAGE: &str = include_str!("../../../../book/pages/teachers.md");

const STUB: &str = "exercises/90-class/src/retry_delay.rs";
const ANSWER: &str = "solutions/90-class/src/retry_delay.rs";

/// The answer makes the snapshots, and the program the stub and the hashes. Then `verify` finds only what the sample leaves undone.
#[test]
#[ignore = "it builds the crate of an answer: .ci/run asks for it"]
fn the_walk_through_of_the_book_leaves_nothing_to_do() {
    let sample = with_the_files();
    write_the_snapshots(&sample);
    let said = sample.learn(&["verify", "--write"]);
    assert!(
        sample.read(STUB).contains("todo!(\"the wait before retry"),
        "{}",
        said.stdout
    );
    let said = sample.learn(&["verify"]);
    let findings: Vec<&str> = said.stdout.lines().collect();
    assert_eq!(
        findings,
        [
            "book: skipped, as there is no book/Cargo.toml",
            "solutions/02-second/mistakes/double: has no known mistake: `cargo learn mistake` keeps one there.",
            "4 exercises, 11 sources tried: 1 thing to do.",
        ]
    );

    let list = sample.read("exercises/90-class/chapter.toml");
    let (_, part) = list.split_once("part = \"").expect("it names its part");
    let (part, _) = part.split_once('"').expect("the name ends");
    assert!(
        PAGE.contains(&format!("# {part}\n\n- [90 ")),
        "the page adds another part than {part} to the summary"
    );

    let untouched = sample.learn(&["check", "retry-delay", "--json"]).verdict();
    assert_eq!(untouched.verdict, "not-started");
    sample.write(STUB, &sample.read(ANSWER));
    let solved = sample.learn(&["check", "retry-delay", "--json"]).verdict();
    assert_eq!(solved.verdict, "passed", "{}", solved.message);
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
        let sample = with_the_files();
        fs::remove_file(sample.path(missing)).expect("it is one of the files");
        let findings = sample.learn(&["verify"]).stdout;
        let about_it = |line: &str| line.contains(said) && !line.contains("02-second");
        assert!(findings.lines().any(about_it), "{missing}: {findings}");
    }
}

fn with_the_files() -> Sample {
    let sample = Sample::new();
    copy(Path::new(FILES), Path::new(""), &sample);
    // The course takes in every folder of these two, and its packages inherit more than the sample's do.
    let manifest = sample.read("Cargo.toml");
    let manifest = manifest
        .replace("members = []", "members = [\"exercises/90-class\", \"solutions/90-class\"]")
        .replace(
            "edition = \"2024\"",
            "edition = \"2024\"\nversion = \"0.1.0\"\nrust-version = \"1.91\"\nlicense = \"MIT\"\npublish = false",
        );
    sample.write("Cargo.toml", &format!("{manifest}\n[workspace.lints]\n"));
    sample
}

fn copy(from: &Path, relative: &Path, sample: &Sample) {
    for entry in fs::read_dir(from.join(relative))
        .expect("it is a folder")
        .flatten()
    {
        let place: PathBuf = relative.join(entry.file_name());
        if entry.path().is_dir() {
            copy(from, &place, sample);
        } else {
            let text = fs::read_to_string(entry.path()).expect("it is text");
            sample.write(&place.display().to_string(), &text);
        }
    }
}

/// The first of the commands in the walk-through.
fn write_the_snapshots(sample: &Sample) {
    let output = Command::new(env!("CARGO"))
        .args([
            "test",
            "--quiet",
            "--offline",
            "--package",
            "solution-90-class",
        ])
        .current_dir(sample.path(""))
        .env("INSTA_UPDATE", "always")
        .env("INSTA_WORKSPACE_ROOT", sample.path(""))
        .env("CARGO_TARGET_DIR", target().with_file_name("own-exercise"))
        .output()
        .expect("cargo is there");
    assert!(output.status.success(), "{output:?}");
}
