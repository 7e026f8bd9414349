//! What was emitted, compared with the contract.

use std::time::Duration;

use super::world::{QUIET, World};

impl World {
    /// The run ends with the last emission, so that this line is marked.
    pub(super) fn mark_last(&self) {
        if let Some(last) = self.emitted().last() {
            self.run.recorder().says(
                "check",
                format!("{} was emitted at {} ms", last.value, last.at),
            );
        }
    }

    #[track_caller]
    pub(super) fn emits_nothing_yet(&self) {
        if let Some(early) = self.emitted().first() {
            self.run.departs_at(
                early.event,
                format!(
                    "The value was emitted after {} ms; {QUIET} ms is expected.",
                    early.at
                ),
            );
        }
    }

    #[track_caller]
    pub(super) fn has_emitted(&self, expected: &[(u64, u32)]) {
        let values = self.values();
        let all = self.emitted();
        if let Some(index) =
            (0..values.len()).find(|&index| values.get(index) != expected.get(index))
        {
            let (at, value) = values[index];
            self.run.departs_at(
                all[index].event,
                match expected.get(index) {
                    Some((when, wanted)) => {
                        format!("{value} was emitted at {at} ms. Expected: {wanted} at {when} ms.")
                    }
                    None => {
                        format!("{value} was emitted at {at} ms, and no emission is expected then.")
                    }
                },
            );
        }
        if let Some((when, wanted)) = expected.get(values.len()) {
            if let Some(problem) = self.reported.take() {
                if self.quiet == Duration::MAX && problem.contains("overflow") {
                    self.run.diagnose(
                        "overflows-at-max",
                        format!("The quiet time is `Duration::MAX`, and the task panicked. The loop reported: {problem}."),
                    );
                }
                self.run.departs(format!(
                    "{wanted} was not emitted at {when} ms. The loop reported: {problem}."
                ));
            }
            self.refuse_a_stale_wake(*when, *wanted);
            if values.is_empty() && !self.was_polled_since_the_push() {
                self.run.diagnose(
                    "forgot-to-wake",
                    format!(
                        "{wanted} was not emitted at {when} ms, and the task has not been polled since the push: `push` did not wake it."
                    ),
                );
            }
            self.run.departs(format!(
                "{wanted} was not emitted at {when} ms. It is {} ms now.",
                self.now()
            ));
        }
    }

    /// The value was not emitted. Says so if a waker was called that does not wake the task any more.
    #[track_caller]
    pub(super) fn refuse_a_stale_wake(&self, when: u64, value: u32) {
        if self.spawner.was_woken_in_vain() {
            self.run.diagnose(
                "first-waker-only",
                format!(
                    "{value} was not emitted at {when} ms. The waker of an earlier poll was called, and a later poll had brought another one: \
                     only the waker of the latest poll wakes the task."
                ),
            );
        }
    }

    #[track_caller]
    pub(super) fn expects_no_timer(&self, when: &str) {
        let timers = self.event_loop.timers();
        if timers > 0 {
            self.run.diagnose(
                "timer-leaked",
                format!(
                    "{when}, and {} set: the loop will end a sleep for it without a value to emit.",
                    if timers == 1 {
                        "a timer is"
                    } else {
                        "timers are"
                    }
                ),
            );
        }
    }
}
