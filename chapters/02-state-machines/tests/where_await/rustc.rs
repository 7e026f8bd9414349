//! Asks rustc whether a piece of Rust compiles.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The first error that rustc reports, such as ``error[E0728]: `await` is only allowed …``; `None` if the text compiles.
///
/// Only this line is compared anywhere: what follows it differs from one compiler to the next.
pub(crate) fn first_error(name: &str, text: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let source = folder.join(format!("{name}.rs"));
    fs::write(&source, text).unwrap();
    let is_program = text.contains("fn main()");
    let output = Command::new("rustc")
        .args([
            "--edition",
            "2024",
            "--emit",
            "metadata",
            "--color",
            "never",
        ])
        .args(["--crate-type", if is_program { "bin" } else { "lib" }])
        .args(["--crate-name", name])
        .arg("--out-dir")
        .arg(folder)
        .arg(&source)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let error = said.lines().find(|line| line.starts_with("error"));
    assert_eq!(output.status.success(), error.is_none(), "{name}: {said}");
    error.map(str::to_owned)
}
