//! What the book plays: the life of one connection, step by step.
//!
//! The lines of the source come from the debug information that tests are built with.
#![cfg(debug_assertions)]

// What the reference costs. `mine` leaves this program out, so a learner's part may cost more.
#[path = "plays/costs.rs"]
mod costs;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use cancellation::Source;
use echo_server::connection::connection;
use echo_server::figures::Tally;
use echo_server::limits::Limits;
use event_loop::Handle;
use picture::Play;
use probe::Run;
use probe_io::stream;
use probe_loop::SimLoop;

#[test]
fn a_connections_life_can_be_played() {
    let run = Run::watching("src/connection.rs");
    live(&run);
    let recording = run.recorder().recording();
    // A learner who is going to write the handler sees what it does, and not how.
    snapshot(
        "play__life",
        &Play::of("A connection's life", &recording, None, None),
    );
    snapshot(
        "play__connection",
        &Play::of_program(
            "A connection's life, and the handler that leads it",
            &run,
            "chapters/15-echo-server/src/connection.rs",
            include_str!("../src/connection.rs"),
            "",
        ),
    );
}

/// A client says two things and is silent; after ten seconds the server is to finish.
fn live(run: &Run) {
    let sim = SimLoop::new(run);
    let (stream, peer) = stream(run, sim.sim());
    peer.sends(b"one");
    peer.sends(b"two");
    let order = Rc::new(Source::new());
    for timer in ["idle", "ten seconds"] {
        sim.recorded().next_timer(timer);
    }
    let (handle, drain) = (sim.handle(), order.token());
    let life = sim.spawn("connection", async move {
        let tally = Tally::default();
        let buffer = RefCell::new(vec![0; 8].into_boxed_slice());
        let limits = Limits {
            timer: &handle,
            idle_timeout: Duration::from_secs(20),
            drain: &drain,
            buffer: &buffer,
            tally: &tally,
        };
        connection(stream, limits).await
    });
    let (recorder, handle) = (run.recorder().clone(), sim.handle());
    let _server = sim.spawn("server", async move {
        ten_seconds(&handle).await;
        recorder.says("server", "orders to finish");
        order.cancel();
    });
    let _ = sim.drive(life).expect("the world has no other events");
    let received = String::from_utf8(peer.received()).expect("it is text");
    (run.recorder()).says("peer", format!("has received {received:?}, and the end"));
}

async fn ten_seconds(handle: &Handle) {
    handle.sleep(Duration::from_secs(10)).await;
}

fn snapshot(name: &str, play: &Play) {
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!(name, play.json()); }
    );
}
