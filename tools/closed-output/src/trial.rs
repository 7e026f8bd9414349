//! A test of a chapter's programs: each is started with an output that takes nothing.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs every program of a chapter twice: with a standard output whose reader has closed it, and with one that is full.
///
/// `chapter` is the chapter's folder and `one` the path of one of its compiled programs, beside which the others lie. The programs
/// named in `but` are left out: they print nothing, or wait for something that the test does not do.
///
/// # Panics
///
/// If a program panics, or ends with another status than [`end_quietly`](crate::end_quietly) gives it.
pub fn every_program_ends_quietly(chapter: &str, one: &str, but: &[&str]) {
    let folder = Path::new(chapter).join("src/bin");
    let files =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<String> = files
        .map(|file| file.expect("an entry of the folder").path())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|name| !but.contains(&name.as_str()))
        .collect();
    names.sort();
    assert!(!names.is_empty(), "no programs in {}", folder.display());
    let mut faults = Vec::new();
    for name in names {
        let program = Path::new(one).with_file_name(&name);
        let (reader, closed) = std::io::pipe().expect("a pipe");
        drop(reader);
        judge(
            &name,
            "a closed pipe",
            run(&program, closed.into()),
            Some(0),
            &mut faults,
        );
        if let Ok(full) = File::create("/dev/full") {
            judge(
                &name,
                "a full device",
                run(&program, full.into()),
                Some(1),
                &mut faults,
            );
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The status of the program, and what it wrote to standard error, to the end: a process that the program leaves behind keeps that open.
fn run(program: &Path, output: Stdio) -> (Option<i32>, String) {
    let mut command = Command::new(program);
    command
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(Stdio::piped());
    let ended = command
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let errors = String::from_utf8_lossy(&ended.stderr).into_owned();
    (ended.status.code(), errors)
}

fn judge(
    name: &str,
    output: &str,
    (status, errors): (Option<i32>, String),
    expected: Option<i32>,
    faults: &mut Vec<String>,
) {
    if status != expected || errors.contains("failed printing") {
        faults.push(format!("{name} on {output}: status {status:?}, {errors}"));
    }
}
