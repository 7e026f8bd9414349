//! The course with the exercise of the book's walk-through in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::sample::{Sample, target};

/// The files of the walk-through, laid out as in the course.
const FILES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../book/examples/own-exercise"
);

pub(crate) fn with_the_files() -> Sample {
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
pub(crate) fn write_the_snapshots(sample: &Sample) {
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
