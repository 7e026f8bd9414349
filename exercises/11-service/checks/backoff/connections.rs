//! Which loss of a connection begins a new row, and which is a failure like the others.

use std::time::Duration;

use super::world::{LISTED, SECOND, World, lost_at};
use probe::{run, snapshot};

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
