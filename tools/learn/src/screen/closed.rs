//! What happens when standard output takes no more.

use std::process;

/// Ends the process when a `println!` or `eprintln!` fails, which without this is a panic with a backtrace.
///
/// `cargo learn list | head` closes the output early, and that is no fault: the status is 0. Every other reason, a full disk for
/// instance, is said in one sentence, and the status is `at_fault`.
pub fn end_without_a_panic(at_fault: u8) {
    let otherwise = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let message = info.payload_as_str().unwrap_or_default();
        let Some(reason) = message.strip_prefix("failed printing to ") else {
            return otherwise(info);
        };
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
