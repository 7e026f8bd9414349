//! The network as a server's code asks for one.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::task::Poll;

use reactor::network;

use crate::{Listener, SimNet, Stream};

impl network::Network for SimNet {
    type Bound = Listener;
    type Listener = Listener;
    type Stream = Stream;

    fn listen(&self, bound: Listener) -> io::Result<Listener> {
        Ok(bound)
    }

    fn parks(&self) -> u64 {
        SimNet::parks(self)
    }

    async fn caught_up(&self) {
        let before = self.catches_up();
        poll_fn(|context| {
            if self.catches_up() != before {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

impl network::Listener for Listener {
    type Stream = Stream;

    fn readable(&self) -> impl Future<Output = io::Result<()>> {
        Listener::readable(self)
    }

    fn accept(&self) -> impl Future<Output = io::Result<(Stream, SocketAddr)>> {
        Listener::accept(self)
    }
}

impl network::Stream for Stream {
    /// Nothing is collected here, so there is nothing to change.
    fn set_nodelay(&self, _nodelay: bool) -> io::Result<()> {
        Ok(())
    }
}
