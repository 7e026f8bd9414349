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
