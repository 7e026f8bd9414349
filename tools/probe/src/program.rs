//! Programs whose lines are recorded in place of being printed: so a chapter's program can be played as it stands.
//!
//! A test takes the program in as a module, with another `println!`:
//!
//! ```
//! macro_rules! println {
//!     ($($line:tt)*) => { probe::program::prints(format!($($line)*)) };
//! }
//! mod program {
//!     // In a test: `#[path = "../src/bin/ch01-1-hello.rs"] mod program;`
//!     pub fn main() {
//!         println!("    caller: says {}", "hello");
//!     }
//! }
//!
//! let run = probe::Run::watching("src/bin/ch01-1-hello.rs");
//! probe::program::recorded(&run, program::main);
//! assert_eq!(run.recorder().recording().to_string(), " 1  caller  says hello\n");
//! ```

use std::cell::RefCell;
use std::process::Command;

use crate::recorder::Recorder;
use crate::run::Run;

thread_local! {
    static RECORDER: RefCell<Option<Recorder>> = const { RefCell::new(None) };
}

/// Runs a part of a program: each line that it [prints](prints) on this thread is recorded.
pub fn recorded<R>(run: &Run, part: impl FnOnce() -> R) -> R {
    let before = RECORDER.replace(Some(run.recorder().clone()));
    let result = part();
    RECORDER.set(before);
    result
}

/// Notes a line of a program's: `caller: goes on` in the track of `caller`. A line without a name goes to the track that is
/// running, or to `program` if the recording knows of none. An empty line is not noted.
///
/// # Panics
///
/// Outside of [`recorded`]: the line would go to no recording.
#[track_caller]
pub fn prints(line: String) {
    let recorder = RECORDER.with_borrow(Clone::clone);
    let recorder = recorder.expect("a part of a program that is recorded");
    let line = line.trim();
    match line.split_once(": ") {
        Some((who, what)) if who.split(' ').count() <= 2 => recorder.says(who, what),
        _ if line.is_empty() => {}
        _ => {
            let track = recorder.innermost();
            recorder.says(track.as_deref().unwrap_or("program"), line);
        }
    }
}

/// What a program prints on its standard output.
///
/// # Panics
///
/// If it cannot be started, fails, or prints what is no text.
#[track_caller]
pub fn output(program: &str, arguments: &[&str]) -> String {
    let run = Command::new(program).args(arguments).output();
    let run = run.unwrap_or_else(|error| panic!("{program} cannot be started: {error}"));
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{program}: {said}");
    String::from_utf8(run.stdout).unwrap_or_else(|error| panic!("{program}: {error}"))
}

/// One test for each program of a crate: it prints what its snapshot holds. The snapshot has the program's name, and the page
/// of the program shows it.
///
/// It belongs into an integration test of the crate whose programs they are, and that crate needs `insta`.
///
/// ```text
/// probe::programs! {
///     the_loop_sleeps_until_the_first_timer: "ch04-4-timers",
/// }
/// ```
#[macro_export]
macro_rules! programs {
    ($($sentence:ident: $name:literal,)*) => {
        $(
            #[test]
            fn $sentence() {
                let printed = $crate::program::output(env!(concat!("CARGO_BIN_EXE_", $name)), &[]);
                insta::with_settings!(
                    { prepend_module_to_snapshot => false, omit_expression => true },
                    { insta::assert_snapshot!($name, printed); }
                );
            }
        )*
    };
}
