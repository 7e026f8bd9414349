//! The simulated network, law by law.

mod faults;
mod power;
mod same_seed;
mod tcp;

use std::future::Future;

use event_loop::{EventLoop, Handle};
use simnet::{Host, SimNet};

/// A network with a server and a client.
pub(crate) struct Two {
    pub(crate) net: SimNet,
    pub(crate) server: Host,
    pub(crate) client: Host,
    pub(crate) handle: Handle,
}

/// Runs a test on a network with this seed, and shows the trace if it fails.
#[track_caller]
pub(crate) fn on_two<F: Future<Output = ()>>(seed: u64, test: impl FnOnce(Two) -> F) -> SimNet {
    let net = SimNet::new(seed);
    let event_loop = EventLoop::with_driver(net.clone());
    let two = Two {
        net: net.clone(),
        server: net.host("server"),
        client: net.host("client"),
        handle: event_loop.handle(),
    };
    let shown = ShowsTrace(net.clone());
    event_loop.block_on(test(two));
    drop(event_loop);
    drop(shown);
    net
}

struct ShowsTrace(SimNet);

impl Drop for ShowsTrace {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}\n{}", self.0.seed(), self.0.trace());
        }
    }
}
