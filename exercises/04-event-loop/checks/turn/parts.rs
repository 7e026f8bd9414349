//! What the loop asks the scripted world for: each call is recorded, and judged at once.

use std::io;
use std::time::Duration;

use super::super::subject::Parts;
use super::world::{FAR_TOO_MANY, MILLIS, ONE_OF_MANY, Sleep, World};
use event_loop::Time;

impl Parts for World {
    type Entry = &'static str;

    fn now(&self) -> Time {
        self.clock.get()
    }

    fn next_timer(&self) -> Option<Time> {
        Some(self.timers.borrow().first()?.0)
    }

    fn fall_asleep(&self) -> bool {
        let sleeps = self.ready.borrow().is_empty();
        self.asleep.set(sleeps);
        sleeps
    }

    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.parks.set(self.parks.get() + 1);
        if self.in_turn.get() > 0 {
            self.run.diagnose(
                "batch-taken-too-soon",
                "The batch was run before the driver was asked. A task woken by an event now, or by a timer that becomes due in the sleep, \
                 waits for the next iteration.",
            );
        }
        let recorder = self.run.recorder();
        let script = self.script.borrow_mut().pop_front();
        recorder.says(
            "driver",
            match timeout {
                Some(Duration::ZERO) => "polls for events".to_owned(),
                Some(timeout) => format!("sleeps, for {timeout:?} at most"),
                None => "sleeps".to_owned(),
            },
        );
        let looks = timeout == Some(Duration::ZERO);
        match script {
            Some(Sleep::Fails(kind)) => {
                recorder.says("driver", format!("fails: {kind:?}"));
                return Err(kind.into());
            }
            _ if looks => self.note_look(),
            _ => {
                self.slept.set(true);
                self.refuse_sleep(timeout);
            }
        }
        match script {
            Some(Sleep::Event(name)) => self.wake(&[name]),
            Some(Sleep::Wakes(after, name)) if !looks => {
                self.pass(MILLIS * u32::try_from(after).expect("a short time"));
                self.wake(&[name]);
            }
            Some(Sleep::EndsAfter(after)) if !looks => {
                self.pass(MILLIS * u32::try_from(after).expect("a short time"))
            }
            _ => self.pass(timeout.unwrap_or_default()),
        }
        self.asleep.set(false);
        Ok(())
    }

    fn fire_timers(&self, now: Time) {
        if now != self.clock.get() {
            self.run
                .recorder()
                .says("loop", format!("fires the timers that are due at {now}"));
        }
        if now > self.clock.get() {
            self.run.diagnose(
                "trusted-the-sleep",
                format!(
                    "It is {}, and `fire_timers` was called with {now}. A sleep may end before its time-out: read the clock after it.",
                    self.clock.get()
                ),
            );
        }
        if now < self.clock.get() {
            self.run.diagnose(
                "clock-read-too-early",
                format!(
                    "It is {}, and `fire_timers` was called with {now}, the time before the sleep.",
                    self.clock.get()
                ),
            );
        }
        while let Some((_, name)) = self.due() {
            self.timers.borrow_mut().remove(0);
            self.run.recorder().says(name, "its timer fires");
            self.wake(&[name]);
        }
    }

    fn take_batch(&self) -> Vec<&'static str> {
        let batch: Vec<_> = std::mem::take(&mut *self.ready.borrow_mut()).into();
        self.taken.set(self.taken.get() + batch.len());
        batch
    }

    fn run(&self, name: &'static str) {
        self.in_turn
            .set(self.in_turn.get() + usize::from(name != ONE_OF_MANY));
        if self.in_turn.get() > FAR_TOO_MANY {
            self.run.diagnose(
                "batch-never-ends",
                "A task wakes itself at each poll, and one iteration has run more than 20 entries. It does not end: no timer fires, and the \
                 driver is not asked.",
            );
        }
        let call = self.run.recorder().enters(name, "runs");
        self.ran.borrow_mut().push(name);
        if name == "greedy" && self.greedy.get() {
            self.wake(&["greedy"]);
        }
        call.returns("done");
    }

    fn return_batch(&self, batch: Vec<&'static str>) {
        if !batch.is_empty() {
            self.run.departs(format!(
                "`return_batch` was called with {} in the batch, which will not be run.",
                batch.join(", ")
            ));
        }
    }
}
