//! What is wrong in the post office: its verdicts.

use super::post_office::{PostOffice, Work};
use futures::FutureExt;

impl PostOffice {
    #[track_caller]
    pub(super) fn explains_panic(&self, name: &str, message: &str) -> ! {
        if self.inside.is_empty() && self.tasks[name].waited {
            self.run.diagnose(
                "if-not-while",
                format!(
                    "{name} waited for a letter. When it was polled again, the box was empty, and {name}'s poll panicked: {message}. A \
                     notification says that the box may have a letter, and not that it has one."
                ),
            );
        }
        self.run
            .departs(format!("{name}'s poll panicked: {message}."));
    }

    #[track_caller]
    pub(super) fn has_too_many(&mut self, name: &str) -> ! {
        let (capacity, inside) = (self.capacity, self.inside.len());
        // Without the tasks that wait, which may have been handed the lock, a letter that is in can be taken at once.
        self.tasks.values_mut().for_each(|task| task.work = None);
        let there = (0..inside)
            .take_while(|_| self.letters.take().now_or_never().is_some())
            .count();
        if there < inside {
            self.run.departs(format!(
                "The box was full, and the `put` of {name} returned. Now {there} letters can be taken out, and {inside} were put in: one is lost."
            ));
        }
        if self.tasks[name].waited {
            self.run.diagnose(
                "if-not-while",
                format!(
                    "{name} waited for room. When it was polled again, the box was full, and `put` returned: now it has {inside} letters and \
                     room for {capacity}. A notification says that the box may have room, and not that it has."
                ),
            );
        }
        self.run.departs(format!(
            "The box was full, and `put` returned at its first poll. The box has room for {capacity}, and {inside} letters are in."
        ));
    }

    #[track_caller]
    pub(super) fn refuses_spinning(&self) -> ! {
        self.run.recorder().clear();
        let waiting: Vec<_> = self.waiting().map(|(name, _)| name).collect();
        self.run
            .recorder()
            .says("tasks", format!("wake themselves: {}", waiting.join(", ")));
        self.run.diagnose(
            "busy-poll",
            "A task that waits was woken a thousand times, and no other task had changed the box. It wakes itself.",
        );
    }

    #[track_caller]
    pub(super) fn is_not_woken(&self, name: &str) {
        if self.waits(name) && self.tasks[name].poller.wakes() > 0 {
            self.run.diagnose(
                "busy-poll",
                format!("{name} waits for a letter, and was woken although no letter was put in. It wakes itself."),
            );
        }
    }

    #[track_caller]
    pub(super) fn is_not_woken_with(&self, name: &str, first: &str) {
        let woken = |name: &str| self.tasks[name].poller.wakes() > self.tasks[name].seen;
        if self.waits(name) && woken(name) && woken(first) {
            self.run.diagnose(
                "thundering-herd",
                format!("One letter was put in, and {first} and {name} were woken. One of them is polled for nothing."),
            );
        }
    }

    /// As `settles`; `holder` waits, and one other task uses the box.
    #[track_caller]
    pub(super) fn settles_without_a_lock_held_by(&mut self, holder: &'static str) {
        let (before, rested) = (self.waiting().count(), self.comes_to_rest());
        let stuck = self.waiting().count() == before && before > 1;
        if stuck {
            self.run.recorder().clear();
            self.run
                .recorder()
                .says(holder, "take() → Pending: the box is empty");
            self.run
                .recorder()
                .says("P", "put(1) → Pending: it does not get the lock");
            self.run.diagnose(
                "guard-across-await",
                format!(
                    "The box is empty, and {holder} waits for a letter. P wants to put one in, and is pending, however often it is polled: \
                     {holder} has the lock while it waits, so the letter cannot come."
                ),
            );
        }
        if !rested {
            self.refuses_spinning();
        }
    }

    /// No task is woken. So no task may wait for what is there.
    #[track_caller]
    pub(super) fn is_served(&self) {
        for (name, task) in self.waiting() {
            let (left, waits_for) = match &task.work {
                Some(Work::Takes(_)) => (self.inside.len(), "a letter"),
                _ => (self.capacity - self.inside.len().min(self.capacity), "room"),
            };
            if left > 0 {
                let inside = self.inside.len();
                self.run.diagnose(
                    "waiter-not-notified",
                    format!(
                        "Every woken task was polled. {name} waits for {waits_for} and is not woken. Letters in the box: {inside}, and it has \
                         room for {}. Each letter and each place needs a notification of its own.",
                        self.capacity
                    ),
                );
            }
        }
    }

    #[track_caller]
    pub(super) fn nothing_waits(&self) {
        self.is_served();
        if let Some((name, _)) = self.waiting().next() {
            self.run.departs(format!(
                "{name} still waits. Expected: every task is ready."
            ));
        }
    }
}
