//! The server's judgment: what is sent, and when.

use super::super::subject::{FLUSH_TIMEOUT, LIMIT};
use super::world::World;

impl World {
    #[track_caller]
    pub(super) fn sent(&self, expected: &[(u64, &[u32])]) {
        let sends = self.sends();
        let same = sends.len() == expected.len()
            && sends
                .iter()
                .zip(expected)
                .all(|(send, right)| send.0 == right.0 && send.1 == right.1);
        if !same {
            self.run.departs(format!(
                "Sent, with the milliseconds at which each send began: {sends:?}. Expected: {expected:?}."
            ));
        }
    }

    /// `record` has returned.
    #[track_caller]
    pub(super) fn recorded(&self, value: u32) {
        let waiting = {
            let mut waiting = self.waiting.borrow_mut();
            waiting.push(value);
            waiting.len()
        };
        let recorder = self.run.recorder();
        recorder.says("collector", format!("records {value}: {waiting} wait"));
        if waiting > LIMIT {
            self.run.diagnose(
                "over-the-limit",
                format!("{LIMIT} values waited, and `record` added value {value}. It has to wait until they have been taken."),
            );
        }
        self.pass_empty_waits();
        if waiting == LIMIT && !self.sending.get() {
            self.due.set(Some((self.now(), false)));
        }
    }

    /// A wait that ends with nothing to send begins again.
    fn pass_empty_waits(&self) {
        if self.waiting.borrow().len() != 1 || self.sending.get() {
            return;
        }
        let timeout = u64::try_from(FLUSH_TIMEOUT.as_millis()).expect("it is short");
        while self.idle_since.get() + timeout <= self.now() {
            self.idle_since.set(self.idle_since.get() + timeout);
        }
    }

    /// The server is handed a batch.
    #[track_caller]
    pub(super) fn judge(&self, batch: &[u32]) {
        let now = self.now();
        self.refuse_cut_short();
        let recorder = self.run.recorder();
        recorder.says("server", format!("is sent {batch:?}"));
        if self.sending.get() {
            self.run
                .departs("A send began before the last one had ended.");
        }
        let waiting = self.waiting.take();
        if waiting != batch {
            self.run.departs(format!(
                "These values waited: {waiting:?}. The batch has: {batch:?}."
            ));
        }
        match self.due.take() {
            Some((due, during_a_send)) if now > due => self.late(due, during_a_send),
            Some(_) => {}
            None => self.in_time(now, batch),
        }
        self.sends.borrow_mut().push((now, batch.to_vec()));
    }

    /// A batch that is not full is sent when the time-out has passed.
    #[track_caller]
    fn in_time(&self, now: u64, batch: &[u32]) {
        let timeout = u64::try_from(FLUSH_TIMEOUT.as_millis()).expect("it is short");
        let right = self.idle_since.get() + timeout;
        if now < right {
            self.run.diagnose(
                "written-unasked",
                format!(
                    "{} values were sent at {now} ms. They were no full batch, and the time-out had until {right} ms.",
                    batch.len()
                ),
            );
        }
        if now > right {
            self.run.departs(format!(
                "{} values were sent at {now} ms. The time-out had passed at {right} ms.",
                batch.len()
            ));
        }
    }

    #[track_caller]
    fn late(&self, due: u64, during_a_send: bool) -> ! {
        if during_a_send {
            self.run.diagnose(
                "cleared-after-the-work",
                format!(
                    "The batch became full while the last one was being sent. That send ended at {due} ms, and the full batch was not sent then: the sending task slept on, although `full` had been set."
                ),
            );
        }
        self.run.departs(format!(
            "A full batch waited from {due} ms on, no send was in progress, and it was sent later."
        ));
    }

    #[track_caller]
    fn refuse_cut_short(&self) {
        if let Some(event) = self.cut_short.get() {
            self.run.diagnose_at(
                Some(event),
                "write-cancelled",
                "A send was dropped before it had ended, and its values with it.",
            );
        }
    }

    #[track_caller]
    pub(super) fn at_the_end(&self) {
        self.over.set(true);
        self.refuse_cut_short();
        if let Some((due, during_a_send)) = self.due.take() {
            self.late(due, during_a_send);
        }
        let (waiting, recording) = (self.waiting.borrow().len(), self.recording.get());
        if recording > 0 {
            self.run.departs(format!(
                "{recording} tasks still wait in `record`, seconds after the last send. {waiting} values wait."
            ));
        }
        if waiting > 0 {
            self.run.departs(format!(
                "{waiting} values were never sent, seconds after they had been recorded."
            ));
        }
    }
}
