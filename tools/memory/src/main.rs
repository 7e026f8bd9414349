//! Runs the code of chapter 03 that could corrupt memory, or sleep for ever, under the tools that notice.
//!
//! ```text
//! cargo run -q -p memory
//! ```
//!
//! Each tool is given the answers, which it must pass, and variants that are broken on purpose, which it must catch in the same
//! run: a tool that lets these through would prove nothing. One that this machine lacks is named as skipped, with the reason.
//!
//! # Exit status
//!
//! 0 if every tool that ran did both, 1 if one did not.

mod model;
mod program;
mod result;
mod sanitizer;
mod valgrind;

use std::path::Path;
use std::process::{Command, ExitCode};

use result::Line;

/// The answers, and what is broken on purpose: files below the repository's root.
const RAW: &str = "chapters/03-wakers/src/raw_waker.rs";
const ATOMIC: &str = "chapters/03-wakers/src/atomic_waker.rs";
const USED_AFTER_FREE: &str = "solutions/03-wakers/mistakes/raw_waker/waker-not-counted.rs";
const LEAKED: &str = "solutions/03-wakers/mistakes/raw_waker/waker-leaked.rs";

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let root = root.expect("this package lies two folders below the root");
    let mut lines = model::run(root);
    lines.extend(sanitizer::run(root));
    lines.extend(valgrind::run(root));
    lines.push(miri());
    for line in &lines {
        println!("{line}");
    }
    ExitCode::from(u8::from(lines.iter().any(Line::is_bad)))
}

/// Miri would see even more, and comes with nightly toolchains only; this program does not run it.
fn miri() -> Line {
    let installed = Command::new("cargo")
        .args(["miri", "--version"])
        .output()
        .is_ok_and(|output| output.status.success());
    let reason = if installed {
        "it is there, but no toolchain is chosen here: `cargo +nightly miri test -p solution-03-wakers` by hand"
    } else {
        "it is not installed"
    };
    Line::skipped("Miri", reason)
}
