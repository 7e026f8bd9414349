//! A test that did not pass, and what of its output is worth reading.

use std::time::Duration;

use crate::mine::build::LIBRARY;

/// A test's place and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Test {
    /// The folder of its chapter: `03-wakers`.
    pub chapter: String,
    /// The file of tests, or `lib`.
    pub file: String,
    /// Its function's path: `alarm::tests::it_rings`.
    pub function: String,
}

/// A test that did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which one.
    pub test: Test,
    /// How it ended.
    pub ending: Ending,
    /// What it printed, shortened.
    pub message: Vec<String>,
}

/// How a test that did not pass ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It failed.
    Failed,
    /// It was still running after so long.
    Hung(Duration),
    /// Its process died: a signal, or an exit where none belongs.
    Died(String),
}

/// What stands above the lines of a snapshot that was not met.
const DIFFERENCE: &str = "What the program prints (+), against what it should print (-):";

impl Test {
    /// The function's own name as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let (_, name) = self
            .function
            .rsplit_once("::")
            .unwrap_or(("", &self.function));
        name.replace('_', " ")
    }

    /// Where it stands in the course.
    #[must_use]
    pub fn file_shown(&self) -> String {
        match &*self.file {
            LIBRARY => format!("chapters/{}/src", self.chapter),
            file => format!("chapters/{}/tests/{file}.rs", self.chapter),
        }
    }
}

impl Failure {
    /// Whether a program printed something else than the book shows, and nothing worse.
    #[must_use]
    pub fn is_another_output(&self) -> bool {
        self.message.first().is_some_and(|line| line == DIFFERENCE)
    }

    /// What became of the test, as the end of a sentence.
    #[must_use]
    pub fn what_happened(&self) -> String {
        match &self.ending {
            Ending::Failed => "failed".to_owned(),
            Ending::Hung(after) => {
                format!("was still running after {:.0} seconds", after.as_secs_f64())
            }
            Ending::Died(how) => format!("did not come to its end: {how}"),
        }
    }
}

/// What a line of libtest's reports about a finished test: its name, and whether it passed. An ignored one counts as passed.
#[must_use]
pub fn result(line: &str) -> Option<(String, bool)> {
    let (name, outcome) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let name = name.trim_end_matches(" - should panic").to_owned();
    match outcome.trim_end() {
        "ok" => Some((name, true)),
        "FAILED" => Some((name, false)),
        other => other.starts_with("ignored").then_some((name, true)),
    }
}

/// What a test printed before it failed, as libtest shows it, without what only speaks to maintainers.
#[must_use]
pub fn message(stdout: &str, function: &str) -> Vec<String> {
    let heading = format!("---- {function} stdout ----\n");
    let Some((_, rest)) = stdout.split_once(&heading) else {
        return Vec::new();
    };
    let end = ["\n---- ", "\n\nfailures:\n"]
        .iter()
        .filter_map(|mark| rest.find(mark))
        .min()
        .unwrap_or(rest.len());
    shortened(&rest[..end])
}

/// The lines that say what went wrong, and not too many of them.
#[must_use]
pub fn shortened(text: &str) -> Vec<String> {
    const SHOWN: usize = 16;
    let lines: Vec<String> = match difference(text) {
        Some(lines) => lines,
        None => from_the_panic_on(text)
            .lines()
            .filter(|line| !line.trim().is_empty() && !is_noise(line))
            .map(without_the_thread)
            .collect(),
    };
    let hidden = lines.len().saturating_sub(SHOWN);
    let mut shown: Vec<String> = lines.into_iter().take(SHOWN).collect();
    if hidden > 0 {
        shown.push(format!("… and {hidden} more lines"));
    }
    shown
}

/// What was printed before the panic may be long, and the panic says more.
fn from_the_panic_on(text: &str) -> &str {
    text.find("\nthread '").map_or(text, |place| &text[place..])
}

/// The lines of insta's table of differences: the program's output against the snapshot, without the frame.
fn difference(text: &str) -> Option<Vec<String>> {
    let (_, table) = text.split_once("+new results\n")?;
    let lines = table
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with('─'))
        .filter_map(|line| line.split_once('│'))
        .map(|(_, line)| line.trim_end().to_owned());
    Some(
        std::iter::once(DIFFERENCE.to_owned())
            .chain(lines)
            .collect(),
    )
}

fn is_noise(line: &str) -> bool {
    line.starts_with("note: run with `RUST_BACKTRACE") || line.contains("cargo insta")
}

/// `thread 'a' (7) panicked at b.rs:1:1:` without the thread, which tells the reader nothing.
fn without_the_thread(line: &str) -> String {
    match line.split_once("panicked at ") {
        Some((thread, place)) if thread.starts_with("thread '") => {
            format!("panicked at {place}")
        }
        _ => line.trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\nrunning 4 tests\ntest a::it_works ... ok\ntest b ... FAILED\ntest c - should panic ... ok\n\
        test d ... ignored, not today\n\nfailures:\n\n---- b stdout ----\n\nthread 'b' (12) panicked at src/b.rs:3:9:\n\
        too bad\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n\n\nfailures:\n    b\n\n\
        test result: FAILED. 2 passed; 1 failed; 1 ignored\n";

    #[test]
    fn each_result_is_read() {
        let expected = [
            ("a::it_works", true),
            ("b", false),
            ("c", true),
            ("d", true),
        ];
        let results: Vec<(String, bool)> = OUTPUT.lines().filter_map(result).collect();
        assert_eq!(
            results,
            expected.map(|(name, passed)| (name.to_owned(), passed))
        );
    }

    #[test]
    fn of_a_panic_the_place_and_the_message_remain() {
        assert_eq!(
            message(OUTPUT, "b"),
            ["panicked at src/b.rs:3:9:", "too bad"]
        );
        assert!(message(OUTPUT, "a::it_works").is_empty());
    }

    #[test]
    fn what_was_printed_before_a_panic_does_not_hide_it() {
        let text = "hello\n".repeat(100) + "\nthread 'b' (1) panicked at src/b.rs:3:9:\ntoo bad\n";
        assert_eq!(shortened(&text), ["panicked at src/b.rs:3:9:", "too bad"]);
    }

    #[test]
    fn of_a_snapshot_the_lines_remain_without_their_frame() {
        let text = "━━━ Snapshot Summary ━━━\nSnapshot file: tests/snapshots/a.snap\n────\nExpression: x\n────\n-old snapshot\n+new results\n\
                    ────────────┬─────\n    0     0 │ same\n    1       │-holds 4\n          1 │+holds 16\n────────────┴─────\n\
                    To update snapshots run `cargo insta review`\n\nthread 'b' panicked at insta.rs:1:1:\nsnapshot assertion failed\n";
        assert_eq!(
            shortened(text),
            [DIFFERENCE, " same", "-holds 4", "+holds 16"]
        );
    }

    #[test]
    fn a_long_message_is_cut() {
        let text: String = (0..40).map(|line| format!("line {line}\n")).collect();
        let lines = shortened(&text);
        assert_eq!(lines.len(), 17);
        assert_eq!(lines[16], "… and 24 more lines");
    }
}
