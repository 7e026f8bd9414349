//! After the end, after 70,000 time-outs, and every short run.

use super::super::subject::{Answer, LookUp, Next, Transport};
use super::machine;
use super::world;
use super::world::{FIRST, SECOND, World, right};
use probe::run;

#[test]
fn after_the_end_nothing_is_asked_and_nothing_ends_again() {
    let mut world = World::begun(run!());
    let packet = world.answer(Answer::Addresses(right()));
    world.arrives("addresses", &packet);
    for again in [false, true] {
        match again {
            false => world.arrives("addresses, once more", &packet),
            true => world.time_out(),
        };
        if world.last != Next::Wait {
            world.run.diagnose(
                "continues-after-done",
                format!(
                    "The look-up has ended, and returned {} afterwards.",
                    world::words(&world.last)
                ),
            );
        }
    }
}

#[test]
fn after_70_000_time_outs_the_next_server_is_asked() {
    let mut world = World::new(run!(), vec![FIRST, SECOND], usize::MAX);
    world.tell("begin", LookUp::begin);
    world.time_outs(70_000);
    let id = 4_001_u16.wrapping_add(u16::try_from(70_000 - 65_536).unwrap_or(0));
    world.expect(
        &Next::Ask {
            server: FIRST,
            over: Transport::Udp,
            id,
        },
        "70,000 questions have been asked before, and the rounds are usize::MAX",
    );
}

#[test]
fn every_short_run_is_that_of_the_reference() {
    let run = run!();
    machine::compare(&run);
}
