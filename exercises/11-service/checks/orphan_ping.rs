//! 11.7 orphan_ping: pings beside a listener, and how long they go on.

#[path = "orphan_ping/model.rs"]
mod model;
#[path = "orphan_ping/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "orphan_ping/leaves.rs"]
mod leaves;

use std::time::Duration;

use super::subject::{Connection, consume};
use probe::{Run, run, snapshot};
use world::Ping::{Fails, Hangs, Takes};
use world::{Script, Scripted, World};

const EVERY: Duration = Duration::from_secs(30);

/// A connection without messages that stands for 100 s.
const QUIET: Script = Script {
    messages: &[],
    lost: Some(100),
    ping: Takes(0),
};

impl Connection for Scripted {
    fn next(&self) -> impl Future<Output = Option<u32>> {
        self.receive()
    }

    fn ping(&self) -> impl Future<Output = bool> {
        self.send_ping()
    }
}

#[test]
fn a_connection_without_messages_is_pinged_once_an_interval() {
    let run = run!("quiet");
    let world = consumed(&run, &[QUIET]);
    if world.pings(0).is_empty() {
        run.diagnose(
            "pings-between-messages",
            "The connection was quiet for 100 s, and there was no ping. A quiet connection is the one that needs them.",
        );
    }
    if world.pings(0).first() == Some(&0) {
        run.diagnose(
            "first-ping-at-once",
            "The connection was established at 0 s, and there was a ping at once. The first ping begins one interval after that.",
        );
    }
    expect_pings(&run, &world, 0, &[30, 60, 90]);
    snapshot!(run);
}

#[test]
fn a_connection_that_is_lost_gets_no_ping() {
    let run = run!("lost");
    let scripts = [
        QUIET,
        Script {
            lost: Some(200),
            ..QUIET
        },
    ];
    let world = consumed(&run, &scripts);
    expect_pings(&run, &world, 0, &[30, 60, 90]);
    expect_pings(&run, &world, 1, &[130, 160, 190, 220, 250, 280]);
    snapshot!(run);
}

#[test]
fn a_connection_that_is_lost_is_dropped_before_the_next_is_made() {
    let run = run!();
    let world = consumed(&run, &[QUIET, QUIET]);
    if world.kept.get() > 0 {
        run.diagnose(
            "connection-kept",
            "The first connection was lost, and was still in memory when `connect` was called again: its socket is open.",
        );
    }
    no_connection_is_left(&run, &world);
}

#[test]
fn a_ping_loses_no_message() {
    let run = run!();
    let messages = &[35, 95];
    let world = consumed(&run, &[Script { messages, ..QUIET }]);
    if world.messages().len() < 2 {
        run.diagnose(
            "lost-on-cancel",
            "Two messages came. A ping was due while `next` was receiving one; its future was dropped, and the message with it.",
        );
    }
    expect_messages(&run, &world, &[(101, 35), (102, 95)]);
}

#[test]
fn messages_do_not_put_off_the_pings() {
    let run = run!("busy");
    let messages = &[20, 40, 61, 80, 99];
    let world = consumed(&run, &[Script { messages, ..QUIET }]);
    if world.pings(0).is_empty() {
        run.diagnose(
            "timer-restarted",
            "A message came each 20 s, and there was no ping in 100 s: each message has begun the interval of 30 s anew.",
        );
    }
    expect_pings(&run, &world, 0, &[30, 60, 90]);
    expect_messages(
        &run,
        &world,
        &[(101, 20), (102, 40), (103, 61), (104, 80), (105, 99)],
    );
    snapshot!(run);
}

#[test]
fn a_ping_that_takes_long_does_not_hold_up_a_message() {
    let run = run!("slow_ping");
    let script = Script {
        messages: &[35, 45],
        ping: Takes(50),
        ..QUIET
    };
    let world = consumed(&run, &[script]);
    if world.messages() != [(101, 35), (102, 45)] {
        run.diagnose(
            "listener-waits-for-ping",
            format!(
                "A ping was sent from 30 s to 80 s. The messages of 35 s and 45 s were passed on at (message, s): {:?}.",
                world.messages()
            ),
        );
    }
    if world.pings(0) == [30, 80] {
        run.diagnose(
            "interval-from-the-begin",
            "A ping was sent from 30 s to 80 s, and the next one began at 80 s. An interval counts from the moment at which the ping before was sent: \
             its end, not its begin.",
        );
    }
    expect_pings(&run, &world, 0, &[30]);
    snapshot!(run);
    let script = Script {
        messages: &[35],
        ping: Hangs,
        ..QUIET
    };
    let world = consumed(&run!(), &[script, QUIET]);
    expect_messages(&run, &world, &[(101, 35)]);
    expect_pings(&run, &world, 1, &[130, 160, 190]);
}

#[test]
fn a_ping_that_fails_is_the_end_of_the_connection() {
    let run = run!("ping_fails");
    let silent = Script {
        lost: None,
        ping: Fails(2),
        ..QUIET
    };
    let world = consumed(&run, &[silent, QUIET]);
    if world.pings(1).is_empty() {
        run.diagnose(
            "ping-error-ignored",
            "The third ping returned `false`: the connection is lost. `next` never tells, and there was no second connection.",
        );
    }
    expect_pings(&run, &world, 0, &[30, 60, 90]);
    expect_pings(&run, &world, 1, &[120, 150, 180]);
    snapshot!(run);
}

fn subject(world: &World) -> impl Future<Output = ()> + 'static {
    let (connecting, hearing, handle) = (world.clone(), world.clone(), world.handle.clone());
    async move {
        consume(
            &handle,
            EVERY,
            async || connecting.connect(),
            |message| hearing.on_message(message),
        )
        .await
    }
}

/// Runs the learner's consumer until it returns, or for a thousand seconds.
fn consumed(run: &Run, scripts: &[Script]) -> World {
    let world = World::new(run.recorder(), scripts);
    world.drive(run, 1_000, subject(&world));
    if let Some((number, late)) = world.late.get() {
        run.diagnose(
            "reconnects-late",
            format!(
                "`next` of connection {number} returned `None`, and `connect` was called {late:?} after that. The consumer has to connect again at \
                 once: the caller's `connect` knows how long to wait."
            ),
        );
    }
    if let Some((number, at)) = world.orphan.get() {
        run.diagnose(
            "orphan-ping",
            format!(
                "`next` of connection {number} returned `None`: it is lost. At {at} s there was a ping on it. What pings it has outlived the \
                 connection."
            ),
        );
    }
    world
}

#[track_caller]
fn expect_pings(run: &Run, world: &World, number: usize, expected: &[u64]) {
    let pings = world.pings(number);
    if pings != expected {
        run.departs(format!(
            "Pings on connection {} at {expected:?} s are expected. They were at {pings:?} s.",
            number + 1
        ));
    }
}

#[track_caller]
fn expect_messages(run: &Run, world: &World, expected: &[(u32, u64)]) {
    if world.messages() != expected {
        run.departs(format!(
            "Expected (message, s): {expected:?}. Passed on: {:?}.",
            world.messages()
        ));
    }
}

#[track_caller]
fn no_connection_is_left(run: &Run, world: &World) {
    let left = world.connections.alive();
    if left > 0 {
        run.diagnose(
            "connection-kept",
            format!("The consumer is gone, and {left} of its connections are still in memory."),
        );
    }
}
