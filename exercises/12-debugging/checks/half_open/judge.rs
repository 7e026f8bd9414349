//! What a run must have come to.

use std::time::Duration;

use super::super::subject::{End, PATIENCE, PING};
use super::counts::{Counts, hears_a_byte, what_counts};
use super::world::{Played, Step, update};
use probe::Run;

/// What must have ended the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Due {
    how: End,
    at: Duration,
}

impl Played {
    /// Judges by the contract alone, for any script.
    #[track_caller]
    pub(super) fn keeps_every_rule(&self) {
        self.judge_bytes();
        self.judge_reading();
        match (self.due(), self.end) {
            (Some(due), Some((how, at))) if at > due.at => self.late(due, Some((how, at))),
            (Some(due), None) => self.late(due, None),
            (due, Some((how, at))) if due.is_none_or(|due| at < due.at) => self.early(how, at),
            (Some(due), Some((how, at))) => {
                if !self.may_be(how, at) {
                    fail(
                        &self.seen.run,
                        (how == End::Left && self.seen.failed.get() == Some(at))
                            .then_some("error-swallowed"),
                        format!(
                            "`subscription` returned `{how:?}` {}. Expected: `{:?}`.",
                            self.at(at),
                            due.how
                        ),
                    );
                }
            }
            (None, None) => {}
            (None, Some(_)) => unreachable!("an end that nothing has caused is early"),
        }
        self.judge_pings();
    }

    /// The first thing that ends the call, if one has happened.
    fn due(&self) -> Option<Due> {
        let ends = [
            (End::Left, self.seen.left.get()),
            (End::Failed, self.seen.failed.get()),
            (End::Finished, self.finished()),
            (End::Gone, Some(self.gone())),
        ];
        let happened = ends
            .into_iter()
            .filter_map(|(how, at)| Some(Due { how, at: at? }));
        let due = happened.min_by_key(|due| due.at)?;
        (due.at < self.until).then_some(due)
    }

    /// When the server has heard nothing for long enough.
    fn gone(&self) -> Duration {
        self.seen.heard.get() + PATIENCE
    }

    /// When every update was written after the last one was known.
    fn finished(&self) -> Option<Duration> {
        let asked = self.finished.get()?;
        let all = self.without_pings() == self.updates();
        all.then(|| asked.max(self.seen.wrote.get().unwrap_or(asked)))
    }

    /// Whether `how` happened at this moment.
    fn may_be(&self, how: End, at: Duration) -> bool {
        match how {
            End::Left => self.seen.left.get() == Some(at),
            End::Failed => self.seen.failed.get() == Some(at),
            End::Finished => self.finished() == Some(at),
            End::Gone => self.gone() == at,
        }
    }

    /// A moment in the words of the run.
    pub(super) fn at(&self, at: Duration) -> String {
        let millis = (at - self.seen.started).as_millis() as u64;
        format!("at {:?}", Duration::from_millis(millis))
    }

    #[track_caller]
    fn late(&self, due: Due, end: Option<(End, Duration)>) -> ! {
        let run = &self.seen.run;
        let when = self.at(due.at);
        let then = match end {
            Some((how, at)) => format!("it returned `{how:?}` {}", self.at(at)),
            None => format!("it had not returned {}", self.at(self.until)),
        };
        if due.how != End::Gone {
            run.departs(format!(
                "`{:?}` happened {when}, and `subscription` went on: {then}.",
                due.how
            ));
        }
        if end.is_none() {
            self.seen.says(
                "server",
                "still serves    (nothing heard for longer than 25 s)",
            );
        }
        let what = format!("The server had heard nothing for 25 s {when}, and {then}.");
        match what_counts() {
            Counts::Writes => run.diagnose(
                "sending-taken-for-life",
                format!("{what} It counts the 25 s from the server's last write, and not from the last byte of the subscriber."),
            ),
            Counts::WhileNotWriting if self.seen.is_blocked.get() => run.diagnose(
                "deaf-while-writing",
                format!("{what} A write was waiting for room all that time. Without such a write your code returns in time."),
            ),
            Counts::Nothing => run.diagnose(
                "never-times-out",
                format!("{what} Nor does it return when its writes wait for room: no silence of the subscriber ends the call."),
            ),
            _ if end.is_some_and(|(how, _)| how == End::Gone) => run.diagnose(
                "gives-up-late",
                format!("{what} The 25 s count from the last byte of the subscriber, and nothing adds to them."),
            ),
            _ => run.departs(what),
        }
    }

    #[track_caller]
    fn early(&self, how: End, at: Duration) -> ! {
        let run = &self.seen.run;
        let when = self.at(at);
        if how != End::Gone {
            run.departs(format!(
                "`subscription` returned `{how:?}` {when}, and that had not happened."
            ));
        }
        let heard = self.at(self.seen.heard.get());
        let what =
            format!("`subscription` returned `Gone` {when}. It had heard the subscriber {heard}");
        if at == self.seen.started + PATIENCE {
            run.diagnose(
                "measured-from-the-start",
                format!("{what}, and counted the 25 s from the call."),
            );
        }
        let all_heard = self.seen.all_heard.borrow();
        let before = all_heard.len().checked_sub(2).map(|place| all_heard[place]);
        if before.unwrap_or(self.seen.started) + PATIENCE == at
            && !all_heard.is_empty()
            && hears_a_byte()
        {
            let bytes = self.seen.last_heard.borrow();
            run.diagnose(
                "byte-not-heard",
                format!("{what}, when these bytes arrived: {bytes:?}. They did not count: the 25 s count from the bytes before."),
            );
        }
        run.departs(format!("{what}, and 25 s had not gone by since."));
    }

    /// The bytes that were written, without the pings.
    fn without_pings(&self) -> Vec<u8> {
        let written = self.seen.written.borrow();
        written
            .iter()
            .copied()
            .filter(|byte| *byte != PING)
            .collect()
    }

    fn each_update(&self) -> impl Iterator<Item = Vec<u8>> {
        let steps = (0..).zip(&self.script);
        let until_the_last = steps.take_while(|(_, (_, step))| *step != Step::NoMore);
        until_the_last.filter_map(|(number, (_, step))| match step {
            Step::Update(size) => Some(update(number, *size)),
            _ => None,
        })
    }

    fn updates(&self) -> Vec<u8> {
        self.each_update().flatten().collect()
    }

    /// What was written is the updates, whole and in order, with pings between them.
    #[track_caller]
    fn judge_bytes(&self) {
        let run = &self.seen.run;
        let written = self.seen.written.borrow();
        let mut place = 0;
        let mut edges = vec![0];
        for update in self.each_update() {
            edges.push(edges[edges.len() - 1] + update.len());
        }
        let expected = self.updates();
        for (at, byte) in written.iter().enumerate() {
            if *byte == PING {
                let next = written[at..].iter().find(|byte| **byte != PING);
                let goes_on = next.is_none_or(|next| expected.get(place) == Some(next));
                if !edges.contains(&place) && goes_on {
                    let before = written[..at].iter().filter(|byte| **byte == PING).count();
                    run.diagnose_at(
                        self.seen.ping_lines.borrow()[before],
                        "ping-inside-an-update",
                        "A ping was written when a part of an update had been written, and the rest of it had not.",
                    );
                }
                continue;
            }
            if expected.get(place) != Some(byte) {
                fail(
                    run,
                    (!edges.contains(&place) && self.seen.was_blocked.get())
                        .then_some("write-cancelled"),
                    format!(
                        "After {place} bytes of the updates the next byte that was written is not the one that follows: a part of an update is missing, or there twice."
                    ),
                );
            }
            place += 1;
        }
    }

    #[track_caller]
    fn judge_reading(&self) {
        if self.unread > 0 {
            self.seen.run.departs(format!(
                "{} bytes of the subscriber had arrived and were not read, and time went on{}.",
                self.unread,
                if self.seen.was_blocked.get() {
                    ": a write was waiting for room"
                } else {
                    ""
                }
            ));
        }
    }
}

/// Names the mistake, if it is sure.
#[track_caller]
fn fail(run: &Run, mistake: Option<&str>, sentence: String) -> ! {
    match mistake {
        Some(mistake) => run.diagnose(mistake, sentence),
        None => run.departs(sentence),
    }
}
