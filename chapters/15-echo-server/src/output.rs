//! What the server prints.
//!
//! Standard output and standard error may be closed pipes. `println!` and `eprintln!` panic there; the
//! server goes on serving.

use std::fmt::Display;
use std::io::{self, Write};

/// Prints a line on standard output, if that is still open.
pub fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Prints a line on standard error, with the program's name, if that is still open.
pub fn complain(problem: impl Display) {
    let _ = writeln!(io::stderr(), "echo server: {problem}");
}
