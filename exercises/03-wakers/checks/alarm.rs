//! 3.1 alarm: a future that waits for a time, and a clock that can ring at any moment.

#[path = "alarm/clocks.rs"]
mod clocks;
#[path = "alarm/machine.rs"]
mod machine;

use std::pin::Pin;
use std::time::Duration;

use super::subject::Alarm;
use clocks::{BLOCKED, SEVEN, Simulated, Standing, Striking, StrikingLater, alarm, strike};
use machine::{Reference, Step, Yours};
use probe::runs::Search;
use probe::{run, snapshot};
use probe_futures::laws::waiting;
use probe_futures::{Sim, poller, spy};
use probe_model::{Blame, alone, compare, no_moment_is_missed, once};

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
                    "The alarm was set for 7 s, the clock showed exactly 7 s, and the poll returned Pending. At 8 s it returned Ready. The clock \
                     rings once, at 7 s, and the poll after that must be ready.",
                );
            }
            run.departs(
                "The alarm was set for 7 s, the clock shows 8 s, and the poll returned Pending.",
            );
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
fn before_its_time_it_wakes_no_task() {
    alone(
        || run!(),
        |run| waiting::wakes_only_for_a_reason(run, alarm(run)),
    );
}

#[test]
fn when_the_clock_rings_the_waiting_task_is_woken() {
    let run = alone(
        || run!("rings_at_seven"),
        |run| waiting::wakes_when_it_happens(run, alarm(run)),
    );
    snapshot!(run);
}

#[test]
fn a_second_poll_before_its_time_is_pending_too() {
    alone(
        || run!(),
        |run| waiting::a_poll_proves_nothing(run, alarm(run)),
    );
}

#[test]
fn the_task_that_polled_last_is_woken() {
    alone(
        || run!(),
        |run| waiting::wakes_the_latest_poller(run, alarm(run)),
    );
}

#[test]
fn a_ring_in_the_middle_of_a_poll_is_not_missed() {
    // The law makes a run for each interleaving. The alarm's own world does not record.
    no_moment_is_missed(|| run!(), || alarm(&run!()));
}

#[test]
fn a_woken_task_can_poll_at_once() {
    once(
        || run!(),
        Blame {
            mistake: Some("wake-under-lock"),
            sentence: "The woken task polled at once, inside `wake`, and the poll has not returned: the alarm calls `wake` while it holds \
                       the lock that the poll needs.",
        },
        Blame::BUSY,
        |run| waiting::wakes_without_its_lock(run, alarm(run)),
    );
}

#[test]
fn a_dropped_alarm_keeps_no_waker() {
    alone(
        || run!(),
        |run| waiting::keeps_no_waker_when_dropped(run, alarm(run)),
    );
}

#[test]
fn the_clock_may_ring_inside_now() {
    once(
        || run!(),
        Blame {
            mistake: Some("called-out-under-lock"),
            sentence: "The clock rang inside `now`, and the ring needed the lock that the poll held while it called `now`. Both run on one \
                       thread, which waits for itself.",
        },
        Blame::BUSY,
        |run| {
            let sim = Sim::new(run);
            let clock = Striking(sim.clone(), run.recorder().clone());
            let alarm = Alarm::new(clock, SEVEN);
            let (mut future, a) = (spy(run, "future", alarm), poller(run.recorder(), "A"));
            let pending = a.poll(Pin::new(&mut future)).is_pending();
            // An alarm may rely on the ring alone, and never call `now`: then the clock has not rung.
            let has_rung = sim.now() >= SEVEN;
            if pending && has_rung && a.wakes() == 0 {
                run.departs(
                    "The clock rang inside `now`, the poll returned Pending, and A was not woken.",
                );
            }
        },
    );
}

#[test]
fn a_ring_in_the_middle_of_a_later_poll_by_another_task_is_not_missed() {
    alone(
        || run!(),
        |run| {
            let sim = Sim::new(run);
            let clock = StrikingLater::new(sim.clone(), run.recorder());
            let rings = clock.rings();
            let alarm = Alarm::new(clock, SEVEN);
            let mut future = spy(run, "future", alarm);
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            let _pending = a.poll(Pin::new(&mut future));
            rings.set(true);
            let pending = b.poll(Pin::new(&mut future)).is_pending();
            let has_rung = sim.now() >= SEVEN;
            if pending && has_rung && b.wakes() == 0 {
                run.recorder().lacks("B", "is not woken");
                run.diagnose(
                    "check-then-register",
                    "A had polled. B polled, and the clock rang inside `now`, after it had read the time. B's poll returned Pending, and B \
                     was not woken: its waker was stored after the ring, and the clock rings once.",
                );
            }
        },
    );
}

#[test]
fn the_clock_is_told_when_the_alarm_is_made() {
    alone(
        || run!(),
        |run| {
            let sim = Sim::new(run);
            let clock = StrikingLater::new(sim.clone(), run.recorder());
            let told = clock.told();
            let alarm = Alarm::new(clock, SEVEN);
            run.recorder().says("alarm", "is made");
            if told.get() == 0 {
                run.recorder()
                    .lacks("clock", "is not told    expected: call_at(7 s)");
                run.diagnose(
                    "clock-told-late",
                    "An alarm for 7 s was made, and `call_at` was not called. The contract of `new` says that it tells the clock at once.",
                );
            }
            drop(alarm);
        },
    );
}

#[test]
fn the_time_is_compared_to_the_nanosecond_and_without_a_limit() {
    const NANOSECOND: Duration = Duration::from_nanos(1);
    let after_32_bits = Duration::from_millis(1 << 32);
    for (when, now) in [
        (SEVEN, SEVEN - NANOSECOND),
        (SEVEN + NANOSECOND * 500, SEVEN + NANOSECOND * 100),
        (
            Duration::from_millis(7),
            Duration::from_millis(7) - NANOSECOND,
        ),
        (after_32_bits + Duration::from_secs(5), SEVEN),
        (Duration::from_micros(1 << 32), SEVEN),
        (
            Duration::from_secs(u64::MAX),
            Duration::from_secs(u64::MAX - 1),
        ),
        (SEVEN, SEVEN),
        (Duration::ZERO, Duration::ZERO),
    ] {
        alone(
            || run!(),
            move |run| {
                let mut future = spy(run, "future", Alarm::new(Standing(now), when));
                run.recorder().says(
                    "clock",
                    format!("shows {now:?}, and the alarm is for {when:?}"),
                );
                let ready = poller(run.recorder(), "A")
                    .poll(Pin::new(&mut future))
                    .is_ready();
                if ready && now < when {
                    run.diagnose(
                        "ready-too-early",
                        format!(
                            "The alarm is for {when:?}, the clock shows {now:?}, and the alarm is ready. Compare the two as they are: a \
                             number of milliseconds, or one of 32 bits, is another time."
                        ),
                    );
                }
                if !ready && now >= when {
                    run.departs(format!("The alarm is for {when:?}, the clock shows {now:?} and has rung, and the alarm is pending."));
                }
            },
        );
    }
}

#[test]
fn a_poll_wakes_no_other_task() {
    alone(
        || run!(),
        |run| {
            let sim = Sim::new(run);
            let mut future = spy(run, "future", Alarm::new(Simulated(sim), SEVEN));
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            for task in [&a, &b, &a] {
                let _pending = task.poll(Pin::new(&mut future));
            }
            if a.wakes() + b.wakes() > 0 {
                run.diagnose(
                    "woken-for-nothing",
                    "A polled, B polled, A polled again, and a task was woken. The clock has not rung.",
                );
            }
        },
    );
}

#[test]
fn every_short_run_is_as_expected() {
    let mut alphabet = vec![Step::Passes(6), Step::Passes(7), Step::Passes(9)];
    for alarm in 0..2 {
        alphabet.extend([Step::Poll { alarm, task: 0 }, Step::Drop { alarm }]);
    }
    alphabet.push(Step::Poll { alarm: 0, task: 1 });
    let search = Search::of(&alphabet)
        .up_to(4)
        .and_random(50, 10, 1)
        .leaving_no_memory();
    compare(search, || run!(), Yours::new, Reference::new);
}
