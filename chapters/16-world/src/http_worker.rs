//! One thread of an HTTP server: a loop, and the connections on it.

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use echo_server::limit::Permit;
use echo_server::listener::{BACKLOG, Gate, NO_DESCRIPTORS, Taken};
use event_loop::{Handle, Spawn};
use futures::future::Either;
use futures_rustls::TlsAcceptor;
use reactor::network::{Network, Stream};
use service::{Drain, drain::Numbers};
use state_machines::{Winner, race, yield_now};

use crate::http_connection::{Answer, Patience, serve_connection};
use crate::https::serve_secure_connection;

/// What a worker serves, and for how long.
pub struct Worker<N: Network> {
    /// The loop.
    pub handle: Handle,
    /// The network.
    pub network: N,
    /// What answers.
    pub answer: Rc<dyn Answer>,
    /// The certificate of connections that begin from now on; `None` is a server without TLS.
    pub tls: RefCell<Option<TlsAcceptor>>,
    /// How long a client may take.
    pub patience: Patience,
    /// How long the requests that are in flight may take when the server finishes.
    pub drain: Duration,
}

impl<N: Network> Worker<N> {
    /// Serves the clients of this gate until `finish` is ready. Then it accepts those that have connected, takes
    /// no more, and sees the requests that have arrived to their end. All of this takes `drain` at most: then it
    /// cuts off the connections that are left.
    ///
    /// # Errors
    ///
    /// If the listener fails.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the listener. The connections go on, and are not told to end.
    // ANCHOR: serve
    pub async fn serve(
        &self,
        gate: Gate<N::Listener>,
        finish: impl Future<Output = ()>,
    ) -> io::Result<Numbers> {
        let drain = Drain::new();
        let accepting = async {
            loop {
                if let Err(error) = self.take(&gate, &drain).await {
                    return error;
                }
            }
        };
        if let Winner::First(error) = race(accepting, finish).await {
            return Err(error);
        }
        let deadline = self.handle.now() + self.drain;
        let last = self.take_the_last(&gate, &drain);
        if let Winner::First(taken) = race(last, self.handle.sleep_until(deadline)).await {
            taken?;
        }
        drop(gate);
        let left = deadline.saturating_since(self.handle.now());
        drain.finish(&self.handle, left).await;
        Ok(drain.numbers())
    }
    // ANCHOR_END: serve

    async fn take(&self, gate: &Gate<N::Listener>, drain: &Drain) -> io::Result<()> {
        match gate.take().await? {
            Taken::Connection(stream, permit) => self.begin(stream, permit, drain),
            Taken::NoClient | Taken::Gone => {}
            Taken::NoDescriptors => {
                race(gate.limit.returned(), self.handle.sleep(NO_DESCRIPTORS)).await;
            }
        }
        Ok(())
    }

    // ANCHOR: last
    /// Accepts the clients that have connected by now, and lets every connection read what has arrived by now.
    async fn take_the_last(&self, gate: &Gate<N::Listener>, drain: &Drain) -> io::Result<()> {
        self.network.caught_up().await;
        for _ in 0..BACKLOG {
            match gate.take_waiting().await? {
                Taken::Connection(stream, permit) => self.begin(stream, permit, drain),
                Taken::Gone => {}
                Taken::NoClient | Taken::NoDescriptors => break,
            }
            // One attempt in each iteration: a budget that is used up would look like an empty queue.
            yield_now().await;
        }
        self.network.caught_up().await;
        Ok(())
    }
    // ANCHOR_END: last

    /// Runs a connection as a task of its own.
    fn begin(&self, stream: N::Stream, permit: Permit, drain: &Drain) {
        // Without it the connection is served, too, with more delay.
        let _ = stream.set_nodelay(true);
        let answer = Rc::clone(&self.answer);
        let (handle, patience, closing) = (self.handle.clone(), self.patience, drain.closing());
        let connection = match self.tls.borrow().clone() {
            None => Either::Left(serve_connection(stream, handle, answer, patience, closing)),
            Some(tls) => Either::Right(serve_secure_connection(
                stream, tls, handle, answer, patience, closing,
            )),
        };
        // A drain that is closing admits none, and then the connection is dropped.
        if let Ok(admitted) = drain.admit(connection) {
            self.handle.spawn_boxed(Box::pin(async move {
                // How a connection ends is its client's affair.
                let _ = admitted.await;
                drop(permit);
            }));
        }
    }
}

impl<N: Network> std::fmt::Debug for Worker<N> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Worker")
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}
