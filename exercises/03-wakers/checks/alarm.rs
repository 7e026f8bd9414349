//! 3.1 alarm: a future that waits for a time, and for a clock that rings whenever it likes.

use std::pin::Pin;
use std::time::Duration;

use super::subject::{Alarm, Clock};
use probe::{Recorder, Run, run, snapshot};
use probe_futures::laws::waiting::{self, Wait};
use probe_futures::{Sim, poller, spy};
use probe_model::{Blame, alone, no_moment_is_missed, once, sync};

/// When the alarms of this check are to ring.
const SEVEN: Duration = Duration::from_secs(7);

/// A simulated world's clock.
#[derive(Clone)]
struct Simulated(Sim);

impl Clock for Simulated {
    fn now(&self) -> Duration {
        // Whoever asks again and again takes a step of the model each time, and has only so many.
        if !sync::thread::panicking() {
            sync::thread::yield_now();
        }
        self.0.now()
    }

    fn call_at(&self, when: Duration, ring: Box<dyn FnOnce() + Send>) {
        self.0.at(when, ring);
    }
}

/// A simulated world's clock that rings when it is asked, just after it has read the time.
#[derive(Clone)]
struct Striking(Sim, Recorder);

impl Clock for Striking {
    fn now(&self) -> Duration {
        let call = self.1.enters("clock", "is asked for the time, and rings");
        let now = self.0.now();
        strike(&self.0);
        call.returns(format!("{} s", now.as_secs()));
        now
    }

    fn call_at(&self, when: Duration, ring: Box<dyn FnOnce() + Send>) {
        self.0.at(when, ring);
    }
}

/// An alarm for seven o'clock, and what makes it seven.
fn alarm(run: &Run) -> Wait<Alarm<Simulated>> {
    let sim = Sim::new(run);
    let future = Alarm::new(Simulated(sim.clone()), SEVEN);
    Wait::new(future, move || strike(&sim))
}

/// Lets time pass until the clock has rung.
fn strike(sim: &Sim) {
    sim.at(SEVEN, || ());
    while sim.advance() {}
}

const BLOCKED: Blame<'static> = Blame {
    mistake: Some("blocked-in-poll"),
    sentence: "The poll did not come back: it waits, inside, for something to happen. A poll says what is so now, and returns; the waiting \
               is done by whoever polls, for all that it polls.",
};

#[test]
fn an_alarm_whose_time_has_come_is_ready_at_once() {
    alone(
        || run!(),
        |run| {
            let sim = Sim::new(run);
            let alarm = Alarm::new(Simulated(sim.clone()), SEVEN);
            let (mut future, a) = (spy(run, "future", alarm), poller(run.recorder(), "A"));
            strike(&sim);
            if a.poll(Pin::new(&mut future)).is_ready() {
                return;
            }
            let at_seven = run.recorder().last_event();
            sim.at(SEVEN + Duration::from_secs(1), || ());
            while sim.advance() {}
            if a.poll(Pin::new(&mut future)).is_ready() {
                run.departs_at(
                    at_seven,
                    "The alarm was set for seven, the clock showed seven exactly, and the poll said Pending. A second later it is \
                     ready. The clock rings once, at seven, and by then it has to be time.",
                );
            }
            run.departs("The time has come and gone, and the poll is still pending.");
        },
    );
}

#[test]
fn before_its_time_it_is_pending() {
    once(
        || run!(),
        BLOCKED,
        BLOCKED,
        |run| {
            run.risk(BLOCKED.mistake, BLOCKED.sentence, || {
                waiting::pending_until_it_happens(run, alarm(run));
            });
        },
    );
}

#[test]
fn it_does_not_wake_itself_to_look_at_the_clock() {
    alone(
        || run!(),
        |run| waiting::wakes_only_for_a_reason(run, alarm(run)),
    );
}

#[test]
fn when_its_time_comes_it_wakes_who_waits() {
    let run = alone(
        || run!("rings_at_seven"),
        |run| waiting::wakes_when_it_happens(run, alarm(run)),
    );
    snapshot!(run);
}

#[test]
fn being_polled_is_not_taken_for_the_time() {
    alone(
        || run!(),
        |run| waiting::a_poll_proves_nothing(run, alarm(run)),
    );
}

#[test]
fn it_wakes_whoever_polled_it_last() {
    alone(
        || run!(),
        |run| waiting::wakes_whoever_polled_last(run, alarm(run)),
    );
}

#[test]
fn a_ring_in_the_middle_of_a_poll_is_not_missed() {
    // The run of this law is made anew for each interleaving, and the alarm's own world does not
    // record.
    no_moment_is_missed(|| run!(), || alarm(&run!()));
}

#[test]
fn whoever_is_woken_may_poll_at_once() {
    once(
        || run!(),
        Blame {
            mistake: Some("wake-under-lock"),
            sentence: "The task that was woken polled at once, from inside `wake`, and everything stood still: `wake` is called while \
                       the lock is held that the poll needs.",
        },
        Blame::BUSY,
        |run| waiting::wakes_without_its_lock(run, alarm(run)),
    );
}

#[test]
fn an_alarm_that_is_dropped_leaves_nobody_to_be_woken() {
    alone(
        || run!(),
        |run| waiting::keeps_no_waker_when_dropped(run, alarm(run)),
    );
}

#[test]
fn the_clock_may_ring_while_it_is_asked_for_the_time() {
    once(
        || run!(),
        Blame {
            mistake: Some("called-out-under-lock"),
            sentence: "The clock rang while it was asked for the time, and the bell came to a lock that the poll held while it asked. \
                       They are one thread: it waits for itself. What another does when you call it is its own business, so hold no \
                       lock meanwhile.",
        },
        Blame::BUSY,
        |run| {
            let sim = Sim::new(run);
            let clock = Striking(sim.clone(), run.recorder().clone());
            let alarm = Alarm::new(clock, SEVEN);
            let (mut future, a) = (spy(run, "future", alarm), poller(run.recorder(), "A"));
            let pending = a.poll(Pin::new(&mut future)).is_pending();
            // Who never asks the clock trusts in the bell alone, and may.
            let has_rung = sim.now() >= SEVEN;
            if pending && has_rung && a.wakes() == 0 {
                run.departs(
                    "The clock rang while it was asked for the time, the poll said Pending, and A was not woken.",
                );
            }
        },
    );
}
