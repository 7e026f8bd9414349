//! Polls that come late, or although nothing has happened.

use super::world::{Emission, QUIET, World};
use probe::run;

#[test]
fn the_100_ms_count_from_the_push_even_if_the_task_is_polled_later() {
    let world = World::new(run!());
    world.wait_until(10);
    world.run.recorder().says("input", "push(1)");
    world.push(1);
    world.is_busy_until(40);
    world.wait_until(1_000);
    if let [
        Emission {
            at: 140,
            value: 1,
            event,
        },
    ] = world.emitted()[..]
    {
        world.run.diagnose_at(
            event,
            "quiet-counted-late",
            "1 was pushed at 10 ms and emitted at 140 ms; 110 ms is expected. The task was polled at 40 ms, and the 100 ms were counted \
             from that poll.",
        );
    }
    world.has_emitted(&[(10 + QUIET, 1)]);
}

#[test]
fn a_spurious_poll_emits_nothing() {
    let world = World::new(run!());
    world.push_at(0, 1);
    for at in [20, 70] {
        world.wait_until(at);
        world.spurious_poll();
    }
    world.wait_until(QUIET - 1);
    world.emits_nothing_yet();
    world.spurious_poll_just_before(QUIET);
    world.emits_nothing_yet();
    world.wait_until(1_000);
    world.has_emitted(&[(QUIET, 1)]);
}

#[test]
fn a_push_wakes_the_task_after_a_spurious_poll_as_well() {
    let world = World::new(run!());
    world.wait_until(10);
    world.spurious_poll();
    world.push_at(20, 1);
    world.wait_until(1_000);
    world.has_emitted(&[(20 + QUIET, 1)]);
    world.spurious_poll();
    world.push_at(1_100, 2);
    world.spurious_poll();
    world.wait_until(1_150);
    world.end_input();
    world.wait_until(2_000);
    world.has_emitted(&[(20 + QUIET, 1), (1_150, 2)]);
}
