//! interval: ticks of a clock, and what becomes of those that were missed.

use std::task::{Context, Poll};
use std::time::Duration;

use super::subject::{MissedTicks, interval};
use event_loop::Time;
use futures::StreamExt;
use probe::runs::{Search, compare_two};
use probe::{Recorder, panics, run, snapshot};
use probe_futures::poller;
use probe_loop::HandClock;

#[path = "interval/runs.rs"]
mod runs;
#[path = "interval/world.rs"]
mod world;

use MissedTicks::{Burst, Delay, Skip};
use runs::{ALPHABET, KNOWN, Ticking, shown};
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

#[test]
fn a_period_of_zero_panics_and_one_of_centuries_ticks_once() {
    let run = run!();
    let zero = panics::expected(|| interval(HandClock::default(), Duration::ZERO, Skip));
    if zero.is_ok() {
        run.diagnose(
            "zero-accepted",
            "`interval` was called with a period of zero, and did not panic. All ticks would be due at once: the call is where that mistake can be seen.",
        );
    }
    // The longest, and those of which the low 64 bits of the nanoseconds are small.
    let longest = [
        Duration::MAX,
        Duration::from_nanos(u64::MAX),
        Duration::from_nanos(u64::MAX) + Duration::from_nanos(2),
        Duration::from_secs(u64::MAX / 4 + 1),
        Duration::from_secs(u64::MAX),
    ];
    for (missed, period) in [Burst, Delay, Skip]
        .into_iter()
        .flat_map(|missed| longest.map(|period| (missed, period)))
    {
        let clock = HandClock::at(at(5));
        let polled = panics::expected(|| {
            let mut ticks = interval(clock.clone(), period, missed);
            let task = poller(&Recorder::default(), "A");
            clock.advance(SECOND * 3_155_760_000);
            [(); 2]
                .map(|()| task.lend(|waker| ticks.poll_next_unpin(&mut Context::from_waker(waker))))
        });
        match polled {
            Ok([Poll::Ready(Some(due)), Poll::Pending]) if due == at(5) => {}
            Ok([Poll::Ready(Some(due)), Poll::Ready(_)]) if due == at(5) => run.diagnose(
                "overflows-at-max",
                format!("`{missed:?}`, a period of {period:?} from 5s on, polled after a century: the first poll yielded the tick of 5s, and the second one yielded another. The nanoseconds of that period, or of the next tick, need more than 64 bits, and were cut."),
            ),
            Ok([first, second]) => run.departs(format!(
                "`{missed:?}`, a period of {period:?} from 5s on, polled twice after a century. Expected: Ready(Some(5s)), Pending. It returned {}, {}.",
                shown(&first),
                shown(&second)
            )),
            Err(panic) => run.diagnose(
                "overflows-at-max",
                format!("`{missed:?}`, a period of {period:?}: your code panicked: {}.", panic.message),
            ),
        }
    }
}

#[test]
fn a_period_that_is_no_whole_number_of_milliseconds_keeps_its_fraction() {
    let micros = |micros| Time::after_start(Duration::from_micros(micros));
    for missed in [Burst, Delay, Skip] {
        let run = run!();
        let clock = HandClock::at(Time::START);
        let mut ticks = interval(clock.clone(), Duration::from_micros(2_500), missed);
        let task = poller(&Recorder::default(), "A");
        for tick in 0..4 {
            let polled = task.lend(|waker| ticks.poll_next_unpin(&mut Context::from_waker(waker)));
            let due = micros(tick * 2_500);
            clock.advance(Duration::from_micros(2_500));
            if polled == Poll::Ready(Some(due)) {
                continue;
            }
            run.recorder().says(
                "interval",
                format!("2.5ms, {missed:?}: polled at {due} → {}", shown(&polled)),
            );
            if let Poll::Ready(Some(said)) = polled
                && said.since_start().subsec_nanos().is_multiple_of(1_000_000)
                && said < due
            {
                run.diagnose(
                    "rounded-down",
                    format!("`{missed:?}`, a period of 2.5ms, polled in time: the tick of {due} says {said}. The fraction of the millisecond is lost, and so the ticks come too early."),
                );
            }
            run.departs(format!(
                "`{missed:?}`, a period of 2.5ms, polled in time. Expected at {due}: Ready(Some({due})). The poll returned {}.",
                shown(&polled)
            ));
        }
    }
}

#[test]
fn a_hundred_polls_before_the_next_tick_leave_one_timer() {
    for missed in [Burst, Delay, Skip] {
        let run = run!();
        let clock = HandClock::at(at(5));
        let mut ticks = interval(clock.clone(), 10 * SECOND, missed);
        let task = poller(&Recorder::default(), "A");
        for _ in 0..101 {
            let _ = task.lend(|waker| ticks.poll_next_unpin(&mut Context::from_waker(waker)));
        }
        if clock.alive() > 2 {
            run.recorder()
                .says("timers", format!("{} alive", clock.alive()));
            run.diagnose(
                "timers-pile-up",
                format!(
                    "The interval was polled 100 times before its next tick, and {} of its timers are alive. Each of them would wake the task.",
                    clock.alive()
                ),
            );
        }
    }
}

#[test]
fn a_poll_takes_the_same_time_however_many_ticks_were_missed() {
    let run = run!();
    for (period, late) in [
        (1, 31_557_600_000_000_000),
        (7, 3_600_000_000_003),
        (3_000_000_001, 31_557_600_000_000_001),
    ] {
        let clock = HandClock::at(at(5));
        let mut ticks = interval(clock.clone(), Duration::from_nanos(period), Skip);
        let task = poller(&Recorder::default(), "A");
        let mut poll = || {
            run.risk(
                Some("loops-over-missed-ticks"),
                "The interval was polled an hour or a year too late, with a period of a few nanoseconds, and the poll did not return in time.",
                || task.lend(|waker| ticks.poll_next_unpin(&mut Context::from_waker(waker))),
            )
        };
        clock.advance(Duration::from_nanos(late));
        let first = poll();
        let second = poll();
        clock.advance(Duration::from_nanos(period - late % period));
        let due = at(5) + Duration::from_nanos(late - late % period + period);
        let third = poll();
        let right = [
            Poll::Ready(Some(at(5))),
            Poll::Pending,
            Poll::Ready(Some(due)),
        ];
        if [first, second, third] != right {
            run.departs(format!(
                "`Skip`, a period of {period} ns from 5s on, polled {late} ns later, again, and at the next multiple. Expected: {}. It returned {}.",
                right.map(|polled| shown(&polled)).join(", "),
                [first, second, third].map(|polled| shown(&polled)).join(", ")
            ));
        }
    }
}

#[test]
fn a_burst_after_a_year_leaves_no_tick_out() {
    let run = run!();
    let clock = HandClock::at(at(5));
    let mut ticks = interval(clock.clone(), Duration::from_nanos(1), Burst);
    let task = poller(&Recorder::default(), "A");
    clock.advance(31_557_600 * SECOND);
    run.recorder().says("clock", "a year passes");
    for tick in 0..100 {
        let right = Poll::Ready(Some(at(5) + Duration::from_nanos(tick)));
        let polled = task.lend(|waker| ticks.poll_next_unpin(&mut Context::from_waker(waker)));
        if polled == right {
            continue;
        }
        run.recorder()
            .says("interval", format!("poll {tick} → {}", shown(&polled)));
        if let (Poll::Ready(Some(said)), Poll::Ready(Some(due))) = (polled, right)
            && said > due
        {
            run.diagnose(
                "missed-ticks-left-out",
                format!("`Burst`, a period of 1 ns from 5s on, polled a year too late: the tick of {due} was left out, and that of {said} was yielded. All missed ticks are made up for."),
            );
        }
        run.departs(format!(
            "`Burst`, a period of 1 ns from 5s on, polled a year too late. Expected of poll {tick}: {}. It returned {}.",
            shown(&right),
            shown(&polled)
        ));
    }
}

#[test]
fn at_the_end_of_time_the_interval_does_not_end() {
    let begin = Time::after_start(Duration::from_nanos(u64::MAX) - 5 * SECOND);
    for missed in [Burst, Delay, Skip] {
        let run = run!();
        let clock = HandClock::at(begin);
        let polled = panics::expected(|| {
            let mut ticks = interval(clock.clone(), 10 * SECOND, missed);
            let task = poller(&Recorder::default(), "A");
            let mut poll =
                || task.lend(|waker| ticks.poll_next_unpin(&mut Context::from_waker(waker)));
            let first = poll();
            clock.advance(6 * SECOND);
            [first, poll(), poll()]
        });
        let polled = match polled {
            Ok(polled) => polled,
            Err(panic) => run.departs(format!(
                "`{missed:?}`, a tick whose moment would be behind `Time::END`: your code panicked: {}.",
                panic.message
            )),
        };
        let right = [Poll::Ready(Some(begin)), Poll::Ready(Some(Time::END))];
        if polled[..2] != right || polled[2] == Poll::Ready(None) {
            run.recorder().says("clock", "shows `Time::END`");
            run.departs(format!(
                "`{missed:?}`, a period of 10s, begun 5s before `Time::END`: polled then, at `Time::END` and once more. Expected: the tick of the begin, that of `Time::END`, and no end. The polls returned {}.",
                polled.map(|polled| shown(&polled)).join(", ")
            ));
        }
    }
}

#[test]
fn every_short_run_is_as_expected() {
    for (missed, right) in [
        (Burst, streams::MissedTicks::Burst),
        (Delay, streams::MissedTicks::Delay),
        (Skip, streams::MissedTicks::Skip),
    ] {
        let period = 3 * SECOND;
        let yours = move || Ticking::new(|clock| interval(clock, period, missed));
        let reference = move || Ticking::new(|clock| streams::interval(clock, period, right));
        let search = Search::of(&ALPHABET).naming(&KNOWN).up_to(4);
        search
            .and_random(100, 20, 310)
            .compare(&run!(), yours, reference);
        compare_two(&run!(), &ALPHABET[..3], 3, yours, reference);
    }
}
