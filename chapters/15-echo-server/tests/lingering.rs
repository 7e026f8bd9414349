//! A connection that lingers is open: the server's count agrees with its sockets.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::Parser;
use echo_server::Limit;
use echo_server::Options;
use echo_server::figures::Tally;
use echo_server::worker::{Seat, serve};
use event_loop::EventLoop;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use simnet::SimNet;
use wakers::oneshot;

const PORT: u16 = 7777;

/// The client is told the server's end and keeps its own direction open. The server waits for the client's silence, and only then
/// closes the socket.
#[test]
fn a_connection_that_lingers_counts_as_open_until_its_socket_is_closed() {
    let net = SimNet::new(1);
    let event_loop = EventLoop::with_driver(net.clone());
    let handle = event_loop.handle();
    let (server, client) = (net.host("server"), net.host("client"));
    let tally = Arc::new(Tally::default());
    let (ready, _ready) = oneshot::channel();
    let (drain, drains) = oneshot::channel();
    let (_cut, cuts) = oneshot::channel();
    let seat = Seat {
        listener: server.listen(PORT).unwrap(),
        options: Options::parse_from(["server", "--workers", "1"]),
        limit: Limit::new(1),
        tally: Arc::clone(&tally),
        said: Arc::new(AtomicBool::new(true)),
        ready,
        drain: drains,
        cut: cuts,
    };
    event_loop.block_on(async {
        let serving = handle.spawn(serve(seat, handle.clone(), net.clone()));
        let mut stream = client.connect(server.address(PORT)).await.unwrap();
        stream.write_all(b"hello").await.unwrap();
        let mut echo = [0; 5];
        stream.read_exact(&mut echo).await.unwrap();
        let _ = drain.send(());
        assert_eq!(stream.read(&mut echo).await.unwrap(), 0, "the server's end");
        // The server has said its end. Its listener is closed, so every descriptor is a connection's.
        let mut lingered = Duration::ZERO;
        while server.descriptors() > 0 {
            assert_eq!(tally.figures().open(), 1, "after {lingered:?}");
            let step = Duration::from_millis(10);
            handle.sleep(step).await;
            lingered += step;
        }
        assert!(!lingered.is_zero(), "the server does not linger");
        assert!(serving.await.unwrap().is_ok());
        assert_eq!(tally.figures().open(), 0);
        assert_eq!(tally.figures().completed, 1);
    });
}
