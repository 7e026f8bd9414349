//! Where an event came from: the line of a watched file, and whose `poll` was under way, both read from a backtrace.
//!
//! A backtrace is taken when the event happens, which is cheap, and read when somebody asks for the recording, which is not.

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
    /// Who keeps a waker of whom, as far as was read.
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
        let keepers = self.keepers.entry(event.lane.clone()).or_default();
        match &mut event.what {
            What::Kept { by } => {
                *by = keeper(frames).unwrap_or("somebody").to_owned();
                keepers.push(by.clone());
            }
            // Which of two wakers it was cannot be seen, only who is at work.
            What::LetGo { by } if !keepers.is_empty() => {
                let at_work = |name: &String| frames.iter().any(|frame| frame.speaks_of(name));
                let place = keepers.iter().position(at_work).unwrap_or(0);
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

    fn speaks_of(&self, name: &str) -> bool {
        let mut words = self
            .function
            .split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        words.any(|word| word == name)
    }

    /// The type whose method `poll`, or `poll_read` and so on, this is: `Sleep` in `<event_loop::Sleep as Future>::poll`.
    fn polled(&self) -> Option<&str> {
        const WRAPPERS: [&str; 5] = [
            "core::pin::",
            "core::panic::",
            "alloc::boxed::",
            "probe",
            "&",
        ];
        let (of, method) = self.function.strip_prefix('<')?.rsplit_once(">::")?;
        let (path, _) = of.split_once(" as ")?;
        let wraps = WRAPPERS.iter().any(|wrapper| path.starts_with(wrapper));
        if !method.starts_with("poll") || wraps {
            return None;
        }
        let path = path.split('<').next().unwrap_or(path);
        path.rsplit("::").next()
    }
}

/// Who is being polled: the innermost one that is no mere wrapper.
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
   3: <core::pin::Pin<P> as core::future::future::Future>::poll
   4: <wakers::oneshot::Receiver<T> as core::future::future::Future>::poll
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
    fn whoever_is_polled_innermost_keeps_the_waker_and_a_wrapper_does_not() {
        assert_eq!(keeper(&frames(BACKTRACE)), Some("Receiver"));
    }
}
