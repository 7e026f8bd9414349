//! interval: ticks of a clock, and what becomes of those that were missed.

use std::task::Poll;
use std::time::Duration;

use super::subject::MissedTicks;
use event_loop::Time;
use probe::{Recorder, run, snapshot};
use probe_futures::poller;

#[path = "interval/runs.rs"]
mod runs;
#[path = "interval/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "interval/periods.rs"]
mod periods;

#[path = "interval/long_delays.rs"]
mod long_delays;

use MissedTicks::{Burst, Delay, Skip};
use runs::shown;
use world::{SECOND, World, at, refuse_a_burst};

#[test]
fn the_first_tick_is_due_at_the_call() {
    for missed in [Burst, Delay, Skip] {
        let run = run!();
        let mut world = World::at(&run, missed, 5);
        if world.poll_at(5).is_pending() {
            run.diagnose(
                "first-tick-late",
                "The interval was made at 5s, and its first poll at 5s was pending. The first tick is due at the call.",
            );
        }
        let run = run!();
        let mut world = World::at(&run, missed, 5);
        if world.poll_at(7) == Poll::Ready(Some(at(7))) {
            run.diagnose(
                "tick-says-now",
                "The interval was made at 5s and polled at 7s for the first time. Its tick says 7s. The first tick is due at the call, and says so: 5s.",
            );
        }
        let mut world = World::at(&run!(), missed, 5);
        world.expect(7, Some(5));
    }
}

#[test]
fn ticks_that_are_polled_in_time_are_a_period_apart() {
    for missed in [Burst, Delay, Skip] {
        let run = match missed {
            Skip => run!("in_time"),
            Burst | Delay => run!(),
        };
        let mut world = World::new(&run, missed);
        for tick in 0..3 {
            world.expect(10 * tick, Some(10 * tick));
            world.expect(10 * tick, None);
            world.expect(10 * tick + 9, None);
        }
        if missed == Skip {
            snapshot!(run);
        }
    }
}

#[test]
fn a_burst_makes_up_for_all_missed_ticks_at_once() {
    let run = run!("burst");
    let mut world = World::new(&run, Burst);
    world.expect(0, Some(0));
    world.expect(34, Some(10));
    if world.poll_at(34).is_pending() {
        run.diagnose(
            "missed-ticks-left-out",
            "With `Burst`, the ticks of 20s and of 30s are made up for at 34s. The poll was pending.",
        );
    }
    world.expect(34, Some(30));
    world.expect(34, None);
    world.expect(41, Some(40));
    world.expect(50, Some(50));
    snapshot!(run);
}

#[test]
fn a_delay_counts_from_the_moment_in_which_the_late_tick_was_yielded() {
    let run = run!("delay");
    let mut world = World::new(&run, Delay);
    world.expect(0, Some(0));
    world.expect(34, Some(10));
    refuse_a_burst(&run, &world.poll_at(34), "44s");
    world.expect(43, None);
    world.expect(44, Some(44));
    world.expect(53, None);
    world.expect(54, Some(54));
    snapshot!(run);
}

#[test]
fn a_skip_leaves_missed_ticks_out_and_goes_on_at_a_multiple_of_the_period() {
    let run = run!("skip");
    let mut world = World::new(&run, Skip);
    world.expect(0, Some(0));
    world.expect(34, Some(10));
    refuse_a_burst(&run, &world.poll_at(34), "40s");
    world.expect(39, None);
    let polled = world.poll_at(40);
    if polled.is_pending() && world.poll_at(44).is_ready() {
        run.diagnose(
            "tick-drifts",
            "With `Skip`, the tick after 34s is due at 40s. It was yielded at 44s: its period was counted from the late tick, and all later ticks have moved.",
        );
    }
    if polled != Poll::Ready(Some(at(40))) {
        run.departs(format!(
            "Expected at 40s: Ready(Some(40s)). The poll returned {}.",
            shown(&polled)
        ));
    }
    world.expect(50, Some(50));
    snapshot!(run);
    let run = run!();
    let mut world = World::at(&run, Skip, 3);
    world.expect(3, Some(3));
    let polled = world.poll_at(37);
    if polled == Poll::Ready(Some(at(10))) {
        run.diagnose(
            "multiples-of-the-clock",
            "The first tick was due at 3s, so the multiples are 13s, 23s, 33s, 43s. The next tick says 10s: it was counted from the clock's zero.",
        );
    }
    if polled == Poll::Ready(Some(at(13))) && world.poll_at(40) == Poll::Ready(Some(at(40))) {
        run.diagnose(
            "multiples-of-the-clock",
            "The first tick was due at 3s, so the multiples are 13s, 23s, 33s, 43s. The interval yielded a tick of 40s: it counted from the clock's zero.",
        );
    }
    let mut world = World::at(&run!(), Skip, 3);
    world.expect(3, Some(3));
    world.expect(37, Some(13));
    world.expect(42, None);
    world.expect(43, Some(43));
}

#[test]
fn a_tick_that_is_late_by_a_millisecond_is_late() {
    let milli = Duration::from_millis(1);
    for (missed, expected) in [
        (Burst, 20 * SECOND),
        (Delay, 20 * SECOND + milli),
        (Skip, 20 * SECOND),
    ] {
        let run = run!();
        let mut world = World::new(&run, missed);
        world.expect(0, Some(0));
        world.expect_after(10 * SECOND + milli, Some(at(10)));
        let polled = world.poll_after(20 * SECOND);
        if missed == Delay && polled == Poll::Ready(Some(at(20))) {
            run.diagnose(
                "small-lateness-ignored",
                "With `Delay`, the tick of 10s was yielded at 10.001s, and the next one at 20s. It is due a period after the late tick was yielded, at 20.001s, however little late that was.",
            );
        }
        let mut world = World::new(&run!(), missed);
        world.expect(0, Some(0));
        world.expect_after(10 * SECOND + milli, Some(at(10)));
        world.expect_after(expected - milli, None);
        world.expect_after(expected, Some(Time::after_start(expected)));
    }
}

#[test]
fn a_tick_that_is_late_by_whole_periods_is_followed_by_none_at_the_same_moment() {
    for missed in [Delay, Skip] {
        let run = run!();
        let mut world = World::new(&run, missed);
        world.expect(0, Some(0));
        world.expect(40, Some(10));
        if world.poll_at(40).is_ready() {
            run.diagnose(
                "skips-to-now",
                format!("With `{missed:?}`, the tick of 10s was yielded at 40s, and then another one at 40s. The next one is due after that moment, at 50s."),
            );
        }
        world.expect(50, Some(50));
    }
}

#[test]
fn an_interval_wakes_the_task_that_polled_last_when_the_tick_is_due_and_leaves_no_timer() {
    for missed in [Burst, Delay, Skip] {
        let run = run!();
        let mut world = World::new(&run, missed);
        world.expect(0, Some(0));
        world.expect(0, None);
        world.task = poller(&Recorder::default(), "B");
        world.expect(3, None);
        if world.task.wakes() > 0 {
            run.diagnose("busy-poll", "The tick was not due, and the interval woke its task. The loop polls it at once, again and again, and never sleeps.");
        }
        world.clock.advance(7 * SECOND);
        run.recorder().says("clock", "shows 10s");
        if world.task.wakes() == 0 {
            run.recorder().lacks("task", "is not woken");
            run.diagnose("never-registered", "The clock shows 10s, the tick is due, and the task that polled the interval last was not woken.");
        }
        let clock = world.clock.clone();
        drop(world);
        if clock.alive() > 0 {
            run.diagnose(
                "timer-leaked",
                format!(
                    "The interval was dropped, and {} of its timers are left.",
                    clock.alive()
                ),
            );
        }
    }
}
