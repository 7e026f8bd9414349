//! The server, started on a simulated host.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use echo_server::figures::Tally;
use echo_server::worker::{Seat, serve};
use echo_server::{Figures, Limit, Options};
use event_loop::{Handle, JoinHandle};
use reactor::network::Network;
use wakers::oneshot;

/// What the command line would say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many connections may be open.
    pub max_connections: usize,
    /// After what time without a byte a connection is closed.
    pub idle_timeout: Duration,
    /// How long connections have to finish.
    pub drain_timeout: Duration,
}

/// A worker of the echo server that runs, and what its leader holds.
#[derive(Debug)]
pub struct Server {
    tally: Arc<Tally>,
    drain: Option<oneshot::Sender<()>>,
    cut: Option<oneshot::Sender<()>>,
    end: JoinHandle<io::Result<()>>,
}

impl Server {
    /// Starts chapter 15's worker on this network, with a listener that listens already.
    pub fn start<N: Network>(
        network: N,
        bound: N::Bound,
        limits: Limits,
        handle: &Handle,
    ) -> Server {
        let (ready, _is_ready) = oneshot::channel();
        let (drain, drained) = oneshot::channel();
        let (cut, is_cut) = oneshot::channel();
        let tally = Arc::<Tally>::default();
        let seat = Seat {
            listener: bound,
            options: options(limits),
            limit: Limit::new(limits.max_connections),
            tally: Arc::clone(&tally),
            // Ten thousand worlds would report ten thousand times that no descriptor is left.
            said: Arc::new(AtomicBool::new(true)),
            ready,
            drain: drained,
            cut: is_cut,
        };
        Server {
            tally,
            drain: Some(drain),
            cut: Some(cut),
            end: handle.spawn(serve(seat, handle.clone(), network)),
        }
    }

    /// Its counts.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.tally.figures()
    }

    /// Tells it to finish. Does what the leader of the real server does: after the drain time-out it cuts off the
    /// connections that are left. Returns how many these were; `None` if the server ended in time.
    ///
    /// # Errors
    ///
    /// The server's.
    pub async fn finish(
        &mut self,
        drain_timeout: Duration,
        handle: &Handle,
    ) -> io::Result<Option<u64>> {
        if let Some(drain) = self.drain.take() {
            let _ = drain.send(());
        }
        let deadline = handle.sleep(drain_timeout);
        let end = match futures::future::select(&mut self.end, deadline).await {
            futures::future::Either::Left((end, _)) => return ended(end).map(|()| None),
            futures::future::Either::Right((_, end)) => end,
        };
        let open = self.tally.figures().open();
        if let Some(cut) = self.cut.take() {
            let _ = cut.send(());
        }
        ended(end.await).map(|()| Some(open))
    }
}

fn ended(end: Result<io::Result<()>, event_loop::JoinError>) -> io::Result<()> {
    end.unwrap_or_else(|_| Err(io::Error::other("the server panicked")))
}

fn options(limits: Limits) -> Options {
    let mut options = <Options as clap::Parser>::parse_from(["server", "--workers", "1"]);
    options.idle_timeout = limits.idle_timeout;
    options.drain_timeout = limits.drain_timeout;
    options
}
