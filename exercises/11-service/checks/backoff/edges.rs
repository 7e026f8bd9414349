//! The end of a list, many failures, and the shortest and longest times; and every short run.

use std::time::Duration;

use super::super::subject::{Backoff, Delays};
use super::machine;
use super::world::{DOUBLING, HEALTHY, LISTED, SECOND, World, at, doubling, next_delay};
use event_loop::Time;
use probe::{run, snapshot};

#[test]
fn the_last_delay_of_a_list_stands_for_all_that_follow() {
    let run = run!("after_the_list");
    let mut world = World::new(&run, LISTED);
    let delays: Vec<Duration> = (0..9).map(|number| world.fails(60 * number)).collect();
    if delays[6] < 60 * SECOND {
        run.diagnose(
            "list-runs-out",
            format!(
                "The list has 6 delays. After failure 7 the delay is {:?}.",
                delays[6]
            ),
        );
    }
    world.expect(&delays[5..], &[60 * SECOND; 4]);
    snapshot!(run);
    let mut world = World::new(&run!(), Delays::Listed(&[]));
    let delay = world.fails_or_else(0, |message| {
        run.diagnose(
            "empty-list-forgotten",
            format!("The list is empty, and `next_delay` panicked: {message}. An empty list stands for zero."),
        )
    });
    if delay != Duration::ZERO {
        run.diagnose(
            "empty-list-forgotten",
            format!(
                "The list is empty, and the delay is {delay:?}. An empty list stands for zero."
            ),
        );
    }
    for delays in [Delays::Listed(&[]), doubling(SECOND, Duration::ZERO)] {
        let run = run!();
        let mut world = World::new(&run, delays);
        world.fails(0);
        let asked = world.asked();
        if asked != [Duration::ZERO] {
            run.departs(format!(
                "{delays:?}: the delay that is allowed is zero. The jitter has to be asked once with it, as with every other. It was asked with {asked:?}."
            ));
        }
    }
}

#[test]
fn the_newest_of_two_connections_counts() {
    let run = run!();
    let mut world = World::new(&run, LISTED);
    let first = world.fails(0);
    world.connects(1);
    world.connects(9);
    let second = world.fails(12);
    if (first, second) == (SECOND, SECOND) {
        run.diagnose(
            "older-connection-counts",
            "A connection was established at 1 s and another one at 9 s, without a loss in between. It was lost at 12 s: the newest stood for \
             3 s, which is not healthy. The loss has begun a new row, as if it had stood for 11 s.",
        );
    }
    world.expect(&[first, second], &[SECOND, 2 * SECOND]);
}

#[test]
fn any_number_of_failures_has_its_delay() {
    const CENTURY: Duration = Duration::from_secs(3_155_760_000);
    let cases = [
        (LISTED, 60 * SECOND),
        (DOUBLING, 10 * SECOND),
        (doubling(Duration::from_nanos(1), CENTURY), CENTURY),
        (
            doubling(Duration::from_nanos(1), Duration::MAX),
            Duration::MAX,
        ),
        (doubling(Duration::MAX, Duration::MAX), Duration::MAX),
        (doubling(Duration::ZERO, 10 * SECOND), Duration::ZERO),
        (doubling(SECOND, Duration::ZERO), Duration::ZERO),
    ];
    for (delays, expected) in cases {
        let run = run!();
        let mut backoff = Backoff::new(delays, HEALTHY, service::NoJitter);
        let mut longest = Duration::ZERO;
        // More than a counter of 16 bits holds; and fewer where an answer may double step by step.
        let last = if delays == LISTED { 100_000 } else { 2_000 };
        for failure in 1..=last {
            let delay = next_delay(&run, &mut backoff, failure);
            if delay < longest {
                run.recorder()
                    .says("backoff", format!("failure {failure}: {delay:?}"));
                run.diagnose(
                    "delay-overflows",
                    format!(
                        "{delays:?}: after failure {} the delay is {longest:?}, and after failure {failure} it is {delay:?}, which is \
                         shorter.",
                        failure - 1
                    ),
                );
            }
            longest = delay;
        }
        if longest < expected && matches!(delays, Delays::Doubling { .. }) {
            run.recorder()
                .says("backoff", format!("failure {last}: {longest:?}"));
            run.diagnose(
                "doubling-stops-early",
                format!("{delays:?}: after {last} failures the delay is {longest:?}, and grows no more. Expected: {expected:?}."),
            );
        }
        if longest != expected {
            run.departs(format!(
                "{delays:?}: after {last} failures the delay is {longest:?}. Expected: {expected:?}."
            ));
        }
    }
}

#[test]
fn a_nanosecond_doubles_up_to_an_hour() {
    let run = run!();
    let hour = 3_600 * SECOND;
    let mut backoff = Backoff::new(
        doubling(Duration::from_nanos(1), hour),
        HEALTHY,
        service::NoJitter,
    );
    for failure in 0..60_u32 {
        let delay = next_delay(&run, &mut backoff, failure + 1);
        // It is lost in the same moment.
        backoff.connected(at(0));
        let expected = Duration::from_nanos(1_u64 << failure).min(hour);
        if delay != expected {
            run.departs(format!(
                "The first delay is 1 ns and the cap is an hour: after failure {} the delay is {delay:?}. Expected: {expected:?}.",
                failure + 1
            ));
        }
    }
}

#[test]
fn every_time_for_a_healthy_connection_is_possible() {
    let run = run!();
    for (healthy, lost, expected) in [
        (Duration::ZERO, at(0), SECOND),
        (Duration::MAX, at(100_000), 2 * SECOND),
        (Duration::from_nanos(1), at(0), 2 * SECOND),
        (
            HEALTHY,
            at(0) + (HEALTHY - Duration::from_nanos(1)),
            2 * SECOND,
        ),
        (HEALTHY, Time::END, SECOND),
    ] {
        let mut backoff = Backoff::new(LISTED, healthy, service::NoJitter);
        let _first = backoff.next_delay(at(0));
        backoff.connected(at(0));
        let delay = backoff.next_delay(lost);
        if healthy.is_zero() && delay == 2 * SECOND {
            run.diagnose(
                "zero-is-never-healthy",
                "A connection is healthy after zero seconds: every connection is. After one failure there was one, and the delay after its \
                 loss is 2 s: the loss has begun no new row.",
            );
        }
        if delay != expected {
            run.departs(format!(
                "After one failure a connection stood for {:?}, where {healthy:?} is healthy. The delay after its loss is {delay:?}. \
                 Expected: {expected:?}.",
                lost - at(0)
            ));
        }
    }
}

#[test]
fn every_short_run_is_as_expected() {
    machine::compare(&run!());
}
