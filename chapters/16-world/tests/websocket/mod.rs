//! WebSocket: the client that listens, tungstenite on the loop, and Python's library at the other end.

mod conformance;
mod conversations;
mod core;
mod laws;
mod listening;
pub(crate) mod python;

use async_tungstenite::WebSocketStream;
use async_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use event_loop::{EventLoop, Handle, JumpingDriver};
use world::duplex::{Duplex, duplex};

type Socket = WebSocketStream<Duplex>;

/// Runs two ends of a connection behind its handshake, on a clock that jumps.
fn connected<T>(limit: usize, run: impl AsyncFnOnce(Handle, Socket, Socket) -> T) -> T {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let (client, server) = duplex(4_096);
        let config = WebSocketConfig::default().max_message_size(Some(limit));
        let client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
        let server = WebSocketStream::from_raw_socket(server, Role::Server, Some(config)).await;
        run(handle, client, server).await
    })
}
