//! The same 1,000 commands, with more and more of them on their way.

use std::time::Duration;

use event_loop::{EventLoop, JumpingDriver, Time};
use futures::future::join_all;
use world::far_server::FarServer;
use world::redis::{client, decode};

const ROUND_TRIP: Duration = Duration::from_millis(1);

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    for in_flight in [1, 10, 100, 1_000] {
        let event_loop = EventLoop::with_driver(JumpingDriver::new());
        let handle = event_loop.handle();
        let server = FarServer::new(&handle, ROUND_TRIP, answer);
        let (client, connection) = client(server.clone());
        let _runs_on = handle.spawn(connection);
        event_loop.block_on(async {
            for _ in 0..1_000 / in_flight {
                let calls = (0..in_flight).map(|_| client.call(&["GET", "price"]));
                join_all(calls).await;
            }
        });
        let took = handle.now() - Time::START;
        let writes = server.writes();
        println!("{in_flight:>5} on their way: {took:>6?}, {writes:>4} writes");
    }
}
// ANCHOR_END: main

/// The price is 7, whenever a client asks.
fn answer(commands: &mut Vec<u8>) -> Vec<u8> {
    let mut answers = Vec::new();
    while let Ok(Some(_command)) = decode(commands) {
        answers.extend_from_slice(b"$1\r\n7\r\n");
    }
    answers
}
