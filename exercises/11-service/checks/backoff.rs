//! 11.5 backoff: how long until the next attempt.

use std::time::Duration;

use super::subject::{Backoff, Delays};
use event_loop::Time;
use probe::{run, snapshot};

#[path = "backoff/machine.rs"]
mod machine;
#[path = "backoff/world.rs"]
mod world;

use world::{DOUBLING, HEALTHY, LISTED, SECOND, World, at, doubling, lost_at, next_delay};

#[test]
fn each_failure_in_a_row_allows_the_next_delay_of_the_list() {
    let run = run!("growing");
    let mut world = World::new(&run, LISTED);
    let delays = [0, 1, 3, 7, 15, 45].map(|seconds| world.fails(seconds));
    let expected = [1, 2, 4, 8, 30, 60].map(Duration::from_secs);
    if delays[..5] == expected[1..] {
        run.diagnose(
            "first-delay-skipped",
            "The list begins with 1 s, and the delay after the first failure is 2 s.",
        );
    }
    if delays == [SECOND; 6] {
        run.diagnose(
            "delay-never-grows",
            "There were six failures in a row, and 1 s after each of them.",
        );
    }
    world.expect(&delays, &expected);
    snapshot!(run);
}

#[test]
fn a_doubling_delay_stops_at_its_cap() {
    let run = run!("doubling");
    let mut world = World::new(&run, DOUBLING);
    let delays = [0, 1, 3, 7, 15, 25].map(|seconds| world.fails(seconds));
    let expected = [1, 2, 4, 8, 10, 10].map(Duration::from_secs);
    if delays[4] > expected[4] {
        run.diagnose(
            "cap-ignored",
            format!("The cap is 10 s, and a delay is {:?}.", delays[4]),
        );
    }
    world.expect(&delays, &expected);
    snapshot!(run);
    let mut world = World::new(&run!(), doubling(30 * SECOND, 10 * SECOND));
    let delay = world.fails(0);
    if delay > 10 * SECOND {
        run.diagnose(
            "cap-ignored",
            format!("The first delay is 30 s and the cap 10 s. The delay after the first failure is {delay:?}."),
        );
    }
    if delay != 10 * SECOND {
        run.departs(format!(
            "The first delay is 30 s and the cap 10 s, and the first delay that is returned is {delay:?}."
        ));
    }
}

#[test]
fn the_jitter_chooses_the_delay() {
    let run = run!("chosen");
    let mut world = World::new(&run, LISTED);
    world.choose_three_eighths();
    let delays = [0, 1, 2].map(|seconds| world.fails(seconds));
    let asked = world.asked();
    if asked.is_empty() {
        run.diagnose(
            "no-jitter",
            "There were three failures, and the jitter was not asked: all clients that failed at the same moment come back at the same \
             moment.",
        );
    }
    let allowed = [1, 2, 4].map(Duration::from_secs);
    if asked.len() != 3 || asked != allowed {
        run.departs(format!(
            "Three failures: the jitter has to be asked once after each, with {allowed:?}. It was asked with {asked:?}."
        ));
    }
    let chosen = allowed.map(|delay| delay * 3 / 8);
    if (0..3).any(|place| delays[place] >= allowed[place]) {
        run.diagnose(
            "jitter-on-top",
            format!(
                "The jitter chose {chosen:?}. The delays are {delays:?}: they are as long as is allowed, or longer."
            ),
        );
    }
    world.expect(&delays, &chosen);
    snapshot!(run);
    let run = run!();
    let mut world = World::new(&run, LISTED);
    world.choose_zero();
    let delays = [0, 1].map(|seconds| world.fails(seconds));
    let asked = world.asked();
    if asked.len() > 2 {
        run.diagnose(
            "jitter-asked-again",
            format!(
                "There were two failures, and the jitter chose zero each time. It was asked {} times: zero is a choice like every other.",
                asked.len()
            ),
        );
    }
    world.expect(&delays, &[Duration::ZERO; 2]);
    let run = run!();
    let mut world = World::new(&run, DOUBLING);
    world.choose_three_eighths();
    let _chosen = [0, 1, 2].map(|seconds| world.fails(seconds));
    let asked = world.asked();
    let [first, doubled] = [asked.first(), asked.get(1)];
    if doubled.is_some_and(|doubled| first.is_some_and(|first| *doubled < 2 * *first)) {
        run.departs(format!(
            "The delays double, and the jitter chooses three eighths of each. After three failures it was asked with {asked:?}. What is doubled is \
             the delay that was allowed, and not the one that was chosen."
        ));
    }
}

#[test]
fn the_loss_of_a_healthy_connection_begins_a_new_row() {
    let run = run!("new_row");
    let delay = lost_at(&run, 3_621);
    if delay == 30 * SECOND {
        run.diagnose(
            "backoff-never-reset",
            "There were 4 failures. Then a connection stood for an hour and was lost. The delay after it is 30 s, as if it were the fifth \
             failure in a row.",
        );
    }
    if delay != SECOND {
        run.departs(format!(
            "There were 4 failures. Then a connection stood for an hour, where 10 s are healthy, and was lost. The delay after it is \
             {delay:?}. Expected: 1s."
        ));
    }
    snapshot!(run);
}

#[test]
fn a_connection_is_healthy_at_the_moment_at_which_the_time_is_over() {
    let run = run!("at_the_moment");
    let delay = lost_at(&run, 31);
    if delay == 30 * SECOND {
        run.diagnose(
            "healthy-a-moment-late",
            "There were 4 failures. Then a connection stood from 21 s to 31 s: for 10 s, and 10 s are healthy. The delay after its loss is 30 s, \
             as if it were the fifth failure in a row.",
        );
    }
    if delay != SECOND {
        run.departs(format!(
            "A connection stood from 21 s to 31 s: for 10 s, and 10 s are healthy. The delay after its loss is {delay:?}. Expected: 1s."
        ));
    }
    snapshot!(run);
}

#[test]
fn a_connection_that_is_lost_before_it_is_healthy_is_a_failure_like_the_others() {
    let run = run!("lost_early");
    let mut world = World::new(&run, LISTED);
    let mut delays = vec![world.fails(0)];
    for (established, lost) in [(1, 6), (8, 13), (17, 19)] {
        world.connects(established);
        delays.push(world.fails(lost));
    }
    if delays == [SECOND; 4] {
        run.diagnose(
            "reset-too-early",
            "The server accepts each connection and loses it within 5 s, where 10 s are healthy. The delay is 1 s each time: the \
             connection alone has begun a new row.",
        );
    }
    world.expect(&delays, &[1, 2, 4, 8].map(Duration::from_secs));
    snapshot!(run);
}

#[test]
fn time_without_a_connection_forgets_no_failure() {
    for pause in [60, 3_600, 90_000, 40_000_000, 4_000_000_000] {
        let run = run!();
        let mut world = World::new(&run, LISTED);
        let delays = [0, pause, 2 * pause].map(|seconds| world.fails(seconds));
        if delays[1] == SECOND || delays[2] == SECOND {
            run.diagnose(
                "forgets-by-the-clock",
                format!("An attempt failed each {pause} s, and no connection was established between them. A failure after such a pause began a new row: only the loss of a healthy connection does."),
            );
        }
        world.expect(&delays, &[1, 2, 4].map(Duration::from_secs));
    }
}

#[test]
fn a_connection_stands_from_the_moment_at_which_it_was_established() {
    let run = run!("slow_to_connect");
    let mut world = World::new(&run, LISTED);
    let first = world.fails(0);
    // The attempt hangs for a while.
    world.connects(60);
    let second = world.fails(62);
    if (first, second) == (SECOND, SECOND) {
        run.diagnose(
            "counted-from-the-attempt",
            "The connection stood from 60 s to 62 s, which is not healthy, and its loss has begun a new row. The attempt had begun a \
             minute before: the time without a connection was counted.",
        );
    }
    world.expect(&[first, second], &[SECOND, 2 * SECOND]);
    snapshot!(run);
}

#[test]
fn a_connection_is_lost_once() {
    let run = run!("lost_once");
    let mut world = World::new(&run, LISTED);
    world.connects(0);
    let lost = world.fails(10);
    let refused = [world.fails(30), world.fails(60)];
    if refused == [SECOND; 2] {
        run.diagnose(
            "old-connection-counts",
            "A healthy connection was lost at 10 s. Two attempts failed after that, and each of them has begun a new row: no connection \
             stood.",
        );
    }
    world.expect(
        &[lost, refused[0], refused[1]],
        &[1, 2, 4].map(Duration::from_secs),
    );
    snapshot!(run);
}

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
