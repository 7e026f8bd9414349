//! When the pings must have been written.

use std::time::Duration;

use super::super::subject::PING_AFTER;
use super::counts::hears_a_byte;
use super::world::Played;

impl Played {
    /// A ping after each 10 s of silence. Only runs in which no write had to wait are judged.
    #[track_caller]
    pub(super) fn judge_pings(&self) {
        if self.seen.was_blocked.get() {
            return;
        }
        let pings = self.seen.pings.borrow();
        let last = self.end.map_or(self.until, |(_, at)| at);
        let mut quiet_since = self.seen.started;
        let mut expected = Vec::new();
        for heard in self.seen.all_heard.borrow().iter().copied().chain([last]) {
            let mut next = quiet_since + PING_AFTER;
            while next < heard {
                expected.push(next);
                next += PING_AFTER;
            }
            quiet_since = heard;
        }
        // At the moment of a byte or of the end either order is right.
        let extra = |at: &Duration| {
            expected.contains(at) || *at == last || self.seen.all_heard.borrow().contains(at)
        };
        let missing = expected.iter().find(|at| !pings.contains(at));
        let wrong = pings.iter().find(|at| **at < last && !extra(at));
        if let Some(at) = missing.or(wrong) {
            let written: Vec<String> = pings.iter().map(|at| self.at(*at)).collect();
            let verb = if missing.is_some() {
                "A ping was due"
            } else {
                "No ping was due"
            };
            let what = format!(
                "{verb} {}. Pings were written: {}.",
                self.at(*at),
                if written.is_empty() {
                    "none".to_owned()
                } else {
                    written.join(", ")
                }
            );
            let in_between = |wrote: &&Duration| **wrote < *at && **wrote + PING_AFTER > *at;
            if missing.is_some()
                && self
                    .seen
                    .all_wrote
                    .borrow()
                    .iter()
                    .any(|wrote| in_between(&wrote))
            {
                self.seen.run.diagnose(
                    "updates-put-off-pings",
                    format!("{what} Updates were written in the 10 s before it: they are bytes of the server, and the silence is the subscriber's."),
                );
            }
            let heard = self.seen.all_heard.borrow();
            let recent = heard.iter().rev().find(|heard| **heard < *at);
            if let (None, Some(heard)) = (missing, recent)
                && *heard + PING_AFTER > *at
                && hears_a_byte()
            {
                self.seen.run.diagnose(
                    "byte-not-heard",
                    format!(
                        "A ping was written {}, less than 10 s after bytes of the subscriber had arrived {}: they did not count.",
                        self.at(*at),
                        self.at(*heard)
                    ),
                );
            }
            self.seen.run.departs(what);
        }
    }
}
