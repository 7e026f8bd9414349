//! Where an event came from: the line of a watched file, and whose `poll` was under way, both read from a backtrace.
//!
//! A backtrace is taken when the event happens, which is cheap, and read when the recording is asked for, which is not.

use std::backtrace::Backtrace;
use std::collections::BTreeMap;

use crate::event::{Event, What};

/// The environment variable that names the file to watch: a path, or its end, with `/` between its parts.
pub const VARIABLE: &str = "PROBE_WATCHES";

/// Reads the backtraces of a recording's events, in the order in which they happened.
#[derive(Debug)]
pub(crate) struct Places {
    /// The end of the file's path.
    file: String,
    /// What is still to be read: those of the newest events.
    unread: Vec<Backtrace>,
    /// For each track, the tracks that keep its waker, as far as was read.
    keepers: BTreeMap<String, Vec<String>>,
}

impl Places {
    pub(crate) fn of(file: &str) -> Places {
        Places {
            file: file.replace('\\', "/"),
            unread: Vec::new(),
            keepers: BTreeMap::new(),
        }
    }

    /// Takes note of where the event comes from that is written down now.
    pub(crate) fn take(&mut self) {
        self.unread.push(Backtrace::force_capture());
    }

    /// Forgets everything but the file.
    pub(crate) fn forget(&mut self) {
        self.unread.clear();
        self.keepers.clear();
    }

    /// Completes the newest events.
    pub(crate) fn complete(&mut self, events: &mut [Event]) {
        let first = events.len() - self.unread.len();
        let unread = std::mem::take(&mut self.unread);
        for (event, backtrace) in events[first..].iter_mut().zip(unread) {
            let frames = frames(&backtrace.to_string());
            event.line = frames.iter().find_map(|frame| frame.line_in(&self.file));
            self.name_the_keeper(event, &frames);
        }
    }

    fn name_the_keeper(&mut self, event: &mut Event, frames: &[Frame]) {
        let keepers = self.keepers.entry(event.track.clone()).or_default();
        match &mut event.what {
            What::Kept { by } => {
                *by = keeper(frames).unwrap_or("its own code").to_owned();
                keepers.push(by.clone());
            }
            // Which of two wakers it was cannot be seen, only who is at work.
            What::LetGo { by } if !keepers.is_empty() => {
                let at_work = |frame: &Frame| keepers.iter().position(|name| frame.is_in(name));
                let place = frames.iter().find_map(at_work).unwrap_or(0);
                *by = keepers.remove(place);
            }
            _ => {}
        }
    }
}

/// One line of a backtrace, innermost first.
struct Frame {
    function: String,
    file: String,
    line: Option<u32>,
}

impl Frame {
    fn line_in(&self, file: &str) -> Option<u32> {
        let before = self.file.strip_suffix(file)?;
        (before.is_empty() || before.ends_with('/'))
            .then_some(self.line)
            .flatten()
    }

    fn is_in(&self, name: &str) -> bool {
        let file = self.file.rsplit('/').next().unwrap_or_default();
        file.strip_suffix(".rs") == Some(name)
    }

    /// The file of a future, without its ending, if this is such a future's `poll`, or `poll_read` and so on: `sleep`. The types'
    /// names are not always there, and each of this course's files is named after what it holds. Wrappers of the standard library
    /// and of the probe are none.
    fn polled(&self) -> Option<&str> {
        const WRAPPERS: [&str; 5] = [
            "/rustc/",
            "/library/",
            "probe-futures/src/spy.rs",
            "probe-futures/src/waker.rs",
            "probe-futures/src/on_a_list.rs",
        ];
        let wraps = WRAPPERS.iter().any(|wrapper| self.file.contains(wrapper));
        let bare = without_types(&self.function);
        let method = bare.rsplit("::").next()?;
        if !method.starts_with("poll") || wraps {
            return None;
        }
        self.file.rsplit('/').next()?.strip_suffix(".rs")
    }
}

/// A function's name without what stands in angle brackets.
fn without_types(function: &str) -> String {
    let mut depth = 0_usize;
    let mut before = ' ';
    let mut bare = String::new();
    for letter in function.chars() {
        match letter {
            '<' => depth += 1,
            '>' if before != '-' => depth = depth.saturating_sub(1),
            letter if depth == 0 => bare.push(letter),
            _ => {}
        }
        before = letter;
    }
    bare
}

/// The future that is being polled: the innermost one that is no mere wrapper.
fn keeper(frames: &[Frame]) -> Option<&str> {
    frames.iter().find_map(Frame::polled)
}

/// Reads the form in which the standard library prints a backtrace: a line `3: function` for each frame, and below it, where it
/// is known, a line `at file:line:column`.
fn frames(backtrace: &str) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for line in backtrace.lines().map(str::trim_start) {
        if let Some(place) = line.strip_prefix("at ") {
            let Some(frame) = frames.last_mut() else {
                continue;
            };
            let mut parts = place.rsplitn(3, ':');
            let (_column, line, file) = (parts.next(), parts.next(), parts.next());
            frame.file = file.unwrap_or_default().replace('\\', "/");
            frame.line = line.and_then(|line| line.parse().ok());
        } else if let Some((_, function)) = line.split_once(": ") {
            frames.push(Frame {
                function: function.to_owned(),
                file: String::new(),
                line: None,
            });
        }
    }
    frames
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKTRACE: &str = "   0: std::backtrace::Backtrace::force_capture
   1: <core::task::wake::Waker as core::clone::Clone>::clone
             at /rustc/1/library/core/src/task/wake.rs:600:18
   2: <probe_futures::spy::Spy<F> as core::future::future::Future>::poll
             at ./tools/probe-futures/src/spy.rs:72:9
   3: <core::pin::Pin<P> as core::future::future::Future>::poll
             at /rustc/1/library/core/src/pin.rs:1:1
   4: poll<()>
             at ./chapters/03-wakers/src/oneshot.rs:12:9
   5: program::main::{{closure}}
             at C:\\course\\tests\\..\\src\\bin\\program.rs:31:17
";

    #[test]
    fn the_innermost_line_of_the_file_counts_whatever_stands_before_its_path() {
        let frames = frames(BACKTRACE);
        let line = |file| frames.iter().find_map(|frame: &Frame| frame.line_in(file));
        assert_eq!(line("src/bin/program.rs"), Some(31));
        assert_eq!(line("src/oneshot.rs"), Some(12));
        assert_eq!(line("shot.rs"), None);
        assert_eq!(line("src/other.rs"), None);
    }

    #[test]
    fn a_poll_is_known_in_each_way_in_which_functions_are_called() {
        for function in [
            "poll<core::result::Result<(), std::io::error::Error>>",
            "<a::B<T> as core::future::future::Future>::poll",
            "a::B<T>::poll_io",
        ] {
            let text = format!(" 1: {function}\n   at ./src/sleep.rs:1:1\n");
            assert_eq!(keeper(&frames(&text)), Some("sleep"), "{function}");
        }
        let text = " 1: a::B::poll::{{closure}}\n   at ./src/sleep.rs:1:1\n";
        assert_eq!(keeper(&frames(text)), None);
    }

    #[test]
    fn the_innermost_future_keeps_the_waker_and_a_wrapper_does_not() {
        assert_eq!(keeper(&frames(BACKTRACE)), Some("oneshot"));
    }
}
