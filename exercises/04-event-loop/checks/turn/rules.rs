//! The rules of one iteration: which entries run in it, and when and for how long the driver may sleep.

use std::time::Duration;

use super::world::{MILLIS, World};

impl World {
    #[track_caller]
    pub(super) fn must_have_slept(&self) {
        if !self.slept.get() {
            self.run
                .departs("No entry was ready, no timer was due, and the loop did not sleep.");
        }
    }

    #[track_caller]
    pub(super) fn expect_run(&self, names: &[&str], why: &str) {
        let ran = self.ran.borrow();
        if *ran == names {
            return;
        }
        let missing: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| !ran.contains(name))
            .collect();
        if self
            .ready
            .borrow()
            .iter()
            .any(|ready| missing.contains(ready))
        {
            self.run.diagnose(
                "batch-taken-too-soon",
                format!(
                    "{why} At the end of the iteration {} ready and not run. The batch was taken before the events and the timers had woken \
                     their tasks, which now wait for the next iteration.",
                    list(&missing),
                ),
            );
        }
        let mut sorted = ran.clone();
        sorted.sort_unstable();
        let mut expected = names.to_vec();
        expected.sort_unstable();
        if sorted == expected && names.len() > 1 && ran.iter().rev().eq(names) {
            self.run.diagnose(
                "lifo-starvation",
                format!("{why} They ran in the opposite order: {}.", ran.join(", ")),
            );
        }
        let seen = if ran.is_empty() {
            "nothing".to_owned()
        } else {
            ran.join(", ")
        };
        self.run.departs(format!(
            "{why} Run so far: {seen}. Expected: {}.",
            if names.is_empty() {
                "nothing".to_owned()
            } else {
                names.join(", ")
            }
        ))
    }

    #[track_caller]
    pub(super) fn refuse_sleep(&self, timeout: Option<Duration>) {
        if !self.ready.borrow().is_empty() {
            self.run.diagnose(
                "slept-with-work",
                format!(
                    "{} ready, and the driver was asked to sleep. Nothing is run until another wake or an event ends the sleep.",
                    list(&Vec::from(self.ready.borrow().clone())),
                ),
            );
        }
        let in_hand = self.taken.get() - self.ran.borrow().len();
        if in_hand > 0 {
            self.run.diagnose(
                "slept-with-work",
                format!(
                    "The batch was taken before the sleep, with {in_hand} entries in it that have not been run. The queue is empty now, so \
                     `fall_asleep` returned true, and the loop sleeps with a batch to run. Take the batch after the sleep."
                ),
            );
        }
        if self.parks.get() - self.parks_before.get() > 1 {
            self.run.departs(
                "The driver was asked a second time in this iteration; once is expected. After the first time the loop counts as awake, so a \
                 wake from another thread does not end this sleep.",
            );
        }
        if !self.asleep.get() {
            self.run.diagnose(
                "deaf-to-threads",
                "The driver was asked to sleep, and `fall_asleep` had not returned true in this iteration. A wake from another thread does \
                 not end such a sleep.",
            );
        }
        let next = self.timers.borrow().first().copied();
        let Some((when, name)) = next else {
            if let Some(timeout) = timeout {
                self.run.departs(format!(
                    "No timer is set, and the driver may sleep for {timeout:?} at most: the loop wakes up then, for nothing. Expected: a \
                     sleep without a limit."
                ));
            }
            return;
        };
        let left = when.saturating_since(self.clock.get());
        if timeout.is_none_or(|timeout| timeout > left) {
            self.run.diagnose(
                "overslept",
                format!("The timer \"{name}\" is due in {left:?}, and the driver may sleep {}. No wake ends the sleep for the timer.", timeout.map_or("without limit".to_owned(), |timeout| format!("for {timeout:?}"))),
            );
        }
        let shorter = timeout.filter(|timeout| *timeout < left);
        if let Some(timeout) = shorter {
            if left - timeout < MILLIS {
                self.run
                    .diagnose("rounded-down", rounded_down(name, left, timeout));
            }
            self.run.departs(format!(
                "The timer \"{name}\" is due in {left:?}, and the driver may sleep for {timeout:?} at most: the loop wakes up then, for \
                 nothing. Expected: until the timer is due, however late that is."
            ));
        }
    }

    /// Notes a poll without a sleep where nothing is ready. Whether the loop then sleeps all the same shows at the end of the iteration.
    pub(super) fn note_look(&self) {
        let is_taken = self.taken.get() > self.ran.borrow().len();
        if is_taken || !self.ready.borrow().is_empty() || self.due().is_some() {
            return;
        }
        let next = self.timers.borrow().first().copied();
        let (mistake, sentence) = match next.map(|(when, name)| (when.saturating_since(self.clock.get()), name)) {
            Some((left, name)) if left < MILLIS => ("rounded-down", rounded_down(name, left, Duration::ZERO)),
            _ => (
                "never-sleeps",
                "No entry is ready, no timer is due, and the driver was asked only to poll: the loop spins, and keeps a core busy.".to_owned(),
            ),
        };
        let event = self.run.recorder().last_event();
        self.polled.set(Some((event, mistake, sentence)));
    }
}

fn rounded_down(name: &str, left: Duration, timeout: Duration) -> String {
    format!(
        "The timer \"{name}\" is due in {left:?}, and the driver may sleep for {timeout:?}. When that sleep ends, the timer is not yet due: \
         the next sleeps are rounded down to zero, and the loop spins until it is."
    )
}

/// `A is`, `A and B are`, `A, B and C are`.
fn list(names: &[&str]) -> String {
    match names {
        [before @ .., last] if !before.is_empty() => {
            format!("{} and {last} are", before.join(", "))
        }
        _ => format!("{} is", names.join("")),
    }
}
