//! What is left of a consumer that is dropped and of connections that are lost; and every pair of connections.

use super::model;
use super::world::Ping::{Fails, Hangs, Takes};
use super::world::{Script, World};
use super::{QUIET, no_connection_is_left, subject};
use probe::{Recorder, Run, run};

const UNTIL: u64 = 400;

#[test]
fn a_consumer_that_is_dropped_leaves_no_ping() {
    for (until, slow) in [(1, 0), (35, 0), (35, 10), (95, 0), (101, 0)] {
        let run = run!();
        let script = Script {
            ping: Takes(slow),
            lost: None,
            ..QUIET
        };
        let world = World::new(run.recorder(), &[script]);
        let returned = world.drive(&run, until, subject(&world));
        if returned {
            run.departs("The connection stands, and the call has returned.");
        }
        let before = world.pings(0).len();
        run.recorder().says("consumer", "is dropped");
        world.goes_on(400);
        if world.pings(0).len() > before {
            run.diagnose(
                "orphan-ping",
                "The future of `consume` was dropped, and there were pings after that. What pings has outlived the consumer.",
            );
        }
        no_connection_is_left(&run, &world);
        if world.sim.event_loop().timers() > 0 {
            run.departs("The future of `consume` was dropped, and a timer is left.");
        }
    }
}

#[test]
fn a_thousand_connections_leave_nothing() {
    let run = run!();
    let world = World::new(&Recorder::default(), &[QUIET; 1_000]);
    world.drive(&run, 1_000_000, subject(&world));
    let pings = world.log().len() - 1_000;
    if pings != 3_000 || world.seconds() != 100_000 {
        run.departs(format!(
            "1,000 connections stand for 100 s each: 3,000 pings. There were {pings}, in {} s.",
            world.seconds()
        ));
    }
    no_connection_is_left(&run, &world);
}

#[test]
fn every_script_of_two_connections_is_followed_as_expected() {
    let run = run!();
    let mut all = Vec::new();
    for messages in [&[][..], &[7], &[31, 32], &[100]] {
        for lost in [None, Some(101), Some(125)] {
            for ping in [Takes(0), Takes(45), Fails(0), Fails(1), Hangs] {
                all.push(Script {
                    messages,
                    lost,
                    ping,
                });
            }
        }
    }
    let mut tried = 0;
    for (place, first) in all.iter().enumerate() {
        for second in all.iter().skip(place % 13).step_by(13) {
            tried += 1;
            compare(&run, &[*first, *second], tried);
        }
    }
}

/// Follows two connections here and in the model.
fn compare(run: &Run, scripts: &[Script], tried: usize) {
    run.recorder().clear();
    let yours = World::new(run.recorder(), scripts);
    yours.drive(run, UNTIL, subject(&yours));
    let mut log = yours.log();
    log.retain(|(at, _)| *at < UNTIL);
    let expected = model::log(scripts, UNTIL);
    if log == expected {
        return;
    }
    let sentence = format!(
        "The connections: {scripts:?}. What happened, with the seconds: {log:?}. Expected: {expected:?}. Found by trying {tried} pairs of \
         connections."
    );
    let recorder = model::recorded(&expected);
    let last = |recorder: &Recorder| recorder.last_event();
    run.differs(
        None,
        sentence,
        last(run.recorder()),
        recorder.recording(),
        last(&recorder),
    );
}
