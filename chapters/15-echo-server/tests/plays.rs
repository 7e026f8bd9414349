//! What the book plays: the life of one connection, step by step.
//!
//! The lines of the source come from the debug information that tests are built with.
#![cfg(debug_assertions)]

use std::cell::RefCell;
use std::time::Duration;

use cancellation::Source;
use echo_server::connection::connection;
use echo_server::figures::Tally;
use echo_server::limits::Limits;
use picture::Play;
use probe::Run;
use probe_io::stream;
use probe_loop::SimLoop;

#[test]
fn a_connections_life_can_be_played() {
    let run = Run::watching("src/connection.rs");
    let sim = SimLoop::new(&run);
    let (stream, peer) = stream(&run, sim.sim());
    peer.sends(b"hello");
    peer.sends_with_the_end(b"bye");
    let handle = sim.handle();
    let life = sim.spawn("connection", async move {
        let (tally, drain) = (Tally::default(), Source::new());
        let buffer = RefCell::new(vec![0; 8].into_boxed_slice());
        let limits = Limits {
            timer: &handle,
            idle_timeout: Duration::from_secs(20),
            drain: &drain.token(),
            buffer: &buffer,
            tally: &tally,
        };
        connection(stream, limits).await
    });
    let _ = sim.drive(life).expect("nobody waits for anything else");
    let play = Play::of_program(
        "A connection's life: two messages, and the end",
        &run,
        "chapters/15-echo-server/src/connection.rs",
        include_str!("../src/connection.rs"),
        "",
    );
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("play__connection", play.json()); }
    );
}
