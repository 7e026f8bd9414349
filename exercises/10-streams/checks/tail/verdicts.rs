//! What is seen of the stream, and what is wrong with it.

use super::expected::Expected;
use super::world::Tail;

impl Tail {
    /// The event has to be the next one of a source with this label.
    #[track_caller]
    pub(super) fn hears(&mut self, label: &str, event: &str) {
        self.says("tail", || format!("{label}: {event}"));
        let of_label = |expected: &&Expected| expected.label == label;
        let right = self.expected.iter().position(|expected| {
            expected.label == label && expected.events.front().is_some_and(|next| next == event)
        });
        let Some(source) = right else {
            let next: Vec<_> = self.expected.iter().filter(of_label).collect();
            let others = self.expected.iter().any(|expected| {
                expected.label != label && expected.events.front().is_some_and(|next| next == event)
            });
            self.wrong(label, event, &next, others);
        };
        if let Some(owed) = self.expected[source].owed.first() {
            let owed = &self.expected[*owed].label;
            self.fails(Some("merge-unfair"),
                format!("{label} was heard twice in a row, and {owed} had an event all the time. Between two events of one source every other source with an event has its turn."),
            );
        }
        self.expected[source].events.pop_front();
        let has_event =
            |place: &usize| *place != source && !self.expected[*place].events.is_empty();
        self.expected[source].owed = (0..self.expected.len()).filter(has_event).collect();
        for expected in &mut self.expected {
            expected.owed.remove(&source);
        }
    }

    #[track_caller]
    fn wrong(&self, label: &str, event: &str, of_label: &[&Expected], others: bool) -> ! {
        if of_label.is_empty() {
            self.fails(None, format!("No source has the label {label:?}."));
        }
        if others {
            self.fails(
                None,
                format!("{event} came from another source than {label}."),
            );
        }
        let next = of_label.iter().find_map(|expected| expected.events.front());
        let mixed = self.expected.iter().find(|expected| {
            let partial = String::from_utf8_lossy(&expected.partial);
            let in_it = |line: &str| line.contains(&*partial);
            let is_other = expected.label != label && !partial.is_empty();
            is_other && in_it(event) && next.is_some_and(|next| !in_it(next))
        });
        if let (Some(other), Some(next)) = (mixed, next) {
            let sentence = format!(
                "{label} sent {next}, and the stream yielded {event}: a part of it came from {}.",
                other.label
            );
            self.fails(Some("lines-mixed"), sentence);
        }
        let partial = String::from_utf8_lossy(&of_label[0].partial);
        let (said, due) = (
            short(event),
            next.map_or_else(String::new, |next| short(next)),
        );
        let partial = short(&format!("{partial:?}"));
        match (event, next) {
            (_, Some(next)) if event.contains('\u{FFFD}') && !next.contains('\u{FFFD}') => self.fails(
                Some("decoded-in-pieces"),
                format!("A letter of several bytes came in pieces: {label} sent {due}, and the stream yielded {said}."),
            ),
            ("ended", Some(next)) if next.starts_with("ended:") => self.fails(Some("error-swallowed"),
                format!("{label} ended with an error, and the stream reported an end without one."),
            ),
            (_, Some(next)) if event.starts_with("ended") && next.starts_with('"') => self.fails(Some("last-line-lost"),
                format!("{label} had sent {due}, and the stream reported the source's end without that line."),
            ),
            ("\"\"", Some(next)) if next.starts_with("ended") => self.fails(Some("a-line-from-nothing"),
                format!("{label} sent nothing behind its last `\\n`, and the stream yielded an empty line."),
            ),
            (_, None) if event.starts_with("ended") => self.fails(None, format!(
                "The stream reported that {label} has {said}. The source has not ended, or that was reported before."
            )),
            (_, None) if event.starts_with('"') && !of_label[0].partial.is_empty() => self.fails(Some("line-split-in-two"),
                format!("{label} has sent {partial} and no `\\n` behind it, and the stream yielded {said} as a line."),
            ),
            (event, Some(next)) if is_with_return(event, next) => self.fails(Some("return-kept"), format!(
                "{label} sent the line {due} and `\\r\\n`, and the stream yielded {said}. The end of a line is `\\n` or `\\r\\n`, and neither is a part of the line."
            )),
            (_, Some(_)) => self.fails(None, format!("The next event of {label} is {due}, and the stream yielded {said}.")),
            (_, None) => self.fails(None, format!("{label} has no event, and the stream yielded {said}.")),
        }
    }

    #[track_caller]
    pub(super) fn is_woken(&mut self, source: usize) {
        let latest = (self.polls + 1) % 2;
        let woken = |task: usize| self.tasks[task].wakes() > self.wakes[task];
        if woken(latest) {
            return;
        }
        if woken(1 - latest) {
            self.fails(Some("first-waker-only"),
                "Two tasks polled the stream in turn. A source had an event, and only the task of an earlier poll was woken.",
            );
        }
        let label = &self.expected[source].label;
        let twins = self
            .expected
            .iter()
            .filter(|other| other.label == *label)
            .count();
        if self.wires[source].borrow().dropped && twins > 1 {
            self.fails(
                Some("label-taken-for-the-source"),
                format!("{twins} sources have the label {label}. One of them has an event, and the stream has dropped it."),
            );
        }
        if self.wires[source].borrow().dropped {
            self.fails(
                None,
                format!("{label} has an event, and the stream has dropped this source."),
            );
        }
        let awaited = self
            .wires
            .iter()
            .position(|wire| wire.borrow().waker.is_some());
        if self.wires[source].borrow().is_begun {
            let sentence = format!(
                "{label} has an event, and no task was woken. The latest read of {label} had returned bytes, and no read after it was pending: {label} has no waker to call."
            );
            self.fails(Some("never-registered"), sentence);
        }
        if let Some(awaited) = awaited {
            let awaited = &self.expected[awaited].label;
            let sentence = match awaited == label {
                true => format!(
                    "Two sources have the label {label}. One of them has an event, and no task was woken: the stream waits for the other one only."
                ),
                false => format!(
                    "{label} has an event, and no task was woken: the stream waits for {awaited}, and not for {label}."
                ),
            };
            self.fails(Some("reads-one-pipe-first"), sentence);
        }
        let sentence = format!(
            "{label} has an event, the task of the latest poll waits, and no task was woken."
        );
        self.fails(None, sentence);
    }

    /// `Pending`: no source has an event.
    #[track_caller]
    pub(super) fn misses_none(&self) {
        let has_event = |expected: &Expected| !expected.events.is_empty();
        let Some(missed) = self.expected.iter().position(has_event) else {
            return;
        };
        self.says("tail", || "is pending".to_owned());
        let (label, next) = (
            &self.expected[missed].label,
            &self.expected[missed].events[0],
        );
        let pending = format!("{label} has an event, {next}, and the stream is pending");
        let awaited = self
            .wires
            .iter()
            .position(|wire| wire.borrow().waker.is_some());
        let is_begun = self.wires[missed].borrow().is_begun;
        match awaited {
            _ if self.wires[missed].borrow().is_unread() && is_begun => {
                let sentence = format!(
                    "{pending}. The latest read of {label} had returned bytes, and no read after it was pending: {label} has no waker to call, and the rest of its bytes is not read."
                );
                self.fails(Some("never-registered"), sentence);
            }
            Some(awaited) if self.wires[missed].borrow().is_unread() => {
                let awaited = &self.expected[awaited].label;
                let sentence =
                    format!("{pending}: it waits for {awaited}, and does not read {label}.");
                self.fails(Some("reads-one-pipe-first"), sentence);
            }
            _ => self.fails(
                None,
                format!("{pending}. It has read the bytes, and did not yield the event."),
            ),
        }
    }

    #[track_caller]
    pub(super) fn is_complete(&self) {
        let left = self
            .expected
            .iter()
            .find(|expected| !expected.ended || !expected.events.is_empty());
        let Some(expected) = left else { return };
        let failed = self
            .wires
            .iter()
            .any(|wire| matches!(wire.borrow().end, Some(Err(_))));
        let sentence = match expected.events.front() {
            Some(next) => format!(
                "The stream ended, and {} has an event: {next}.",
                expected.label
            ),
            None => format!("The stream ended, and {} has not ended.", expected.label),
        };
        if failed {
            self.fails(
                Some("error-ends-the-others"),
                format!("A source failed. {sentence}"),
            );
        }
        self.fails(None, sentence);
    }
}

/// Whether the line that was yielded is the right one with a `\r` behind it.
fn is_with_return(event: &str, next: &str) -> bool {
    let line = |text: &str| {
        let text = text.strip_prefix('"')?.strip_suffix('"')?;
        Some(text.to_owned())
    };
    match (line(event), line(next)) {
        (Some(event), Some(next)) => event.strip_suffix("\\r") == Some(&next),
        _ => false,
    }
}

/// What is too long for a sentence is only counted.
fn short(text: &str) -> String {
    match text.len() {
        0..100 => text.to_owned(),
        bytes => format!("a line of {} bytes", bytes - 2),
    }
}
