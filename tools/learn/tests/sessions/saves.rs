//! A save while a check is under way: the verdict is about the newer version. A named pipe is the event that both wait for.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::sample::{DOUBLE, FORGOT, Sample};

/// Right, but it waits for a write to the pipe.
pub(crate) fn waiting(pipe: &Path) -> String {
    format!(
        "pub fn double(n: u32) -> u32 {{\n    if std::path::Path::new({pipe:?}).exists() {{\n        let _ = std::fs::read({pipe:?});\n    \
         }}\n    n + n\n}}\n",
        pipe = pipe.display().to_string()
    )
}

pub(crate) fn make_pipe(sample: &Sample) -> std::path::PathBuf {
    let pipe = sample.path("pipe");
    let made = Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .expect("mkfifo is there");
    assert!(made.success());
    pipe
}

#[test]
fn a_file_that_changed_during_the_run_is_judged_again() {
    let sample = Sample::new();
    let pipe = make_pipe(&sample);
    sample.write(DOUBLE, &waiting(&pipe));
    let child = sample
        .command(&["check", "first/double", "--json", "--deadline", "60"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Opening blocks until the learner's code reads: the run is under way.
    let mut writer = OpenOptions::new().write(true).open(&pipe).unwrap();
    fs::remove_file(&pipe).unwrap();
    sample.write(DOUBLE, FORGOT);
    writer.write_all(b"go on").unwrap();
    drop(writer);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("forgot-to-double"), "{text}");
    assert!(!sample.read(".learn/progress").contains("solved"));
}

#[test]
fn an_interrupted_check_leaves_nothing_behind() {
    let sample = Sample::new();
    let pipe = make_pipe(&sample);
    sample.write(DOUBLE, &waiting(&pipe));
    let child = sample
        .command(&["check", "first/double", "--deadline", "60"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut writer = OpenOptions::new().write(true).open(&pipe).unwrap();
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("Nothing is lost"),
        "{output:?}"
    );
    // The reader is gone: writing to it is an error.
    assert!(writer.write_all(b"anybody?").is_err());
}
