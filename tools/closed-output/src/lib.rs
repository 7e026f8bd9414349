//! What a program does when its output takes no more.
//!
//! Rust's `println!` panics when the write fails: `cargo run … | head -1` would end with a backtrace, and a loop that catches the
//! panics of its tasks would run on. Each program of the course begins with `closed_output::end_quietly()` instead.

mod trial;

use std::process;

pub use trial::every_program_ends_quietly;

/// Makes the process end, without a panic, at the first `println!` or `eprintln!` that fails.
///
/// If the reader has closed the pipe, the status is 0: `head` has seen enough, and that is no fault. Every other reason, a full disk
/// for instance, is said in one sentence on standard error, and the status is 1.
///
/// A program that sets a panic hook of its own calls this after it.
pub fn end_quietly() {
    end_quietly_or(1);
}

/// Does the same, with the status `at_fault` for every reason but a closed pipe.
pub fn end_quietly_or(at_fault: u8) {
    let otherwise = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let message = info.payload_as_str().unwrap_or_default();
        let Some(reason) = message.strip_prefix("failed printing to ") else {
            return otherwise(info);
        };
        // The text is the error's, which the language of the system does not change.
        if reason.contains("Broken pipe") {
            process::exit(0);
        }
        complain(reason);
        process::exit(at_fault.into());
    }));
}

/// Without `eprintln!`, whose panic would call the hook again.
fn complain(reason: &str) {
    use std::io::Write as _;
    let (stream, reason) = reason.split_once(": ").unwrap_or(("the output", reason));
    let stream = match stream {
        "stdout" => "standard output",
        "stderr" => "standard error",
        other => other,
    };
    let _ = writeln!(
        std::io::stderr(),
        "What was to be printed to {stream} cannot be written: {reason}."
    );
}
