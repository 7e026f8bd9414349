//! 11.5 backoff: how long until the next attempt.

#[path = "backoff/machine.rs"]
mod machine;
#[path = "backoff/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "backoff/connections.rs"]
mod connections;

#[path = "backoff/edges.rs"]
mod edges;

use std::time::Duration;

use probe::{run, snapshot};
use world::{DOUBLING, LISTED, SECOND, World, doubling};

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
