//! The simulated network on a machine that is busy.

use std::io;
use std::time::Duration;

use event_loop::Handle;
use reactor::network::Network;
use simnet::{Listener, SimNet, Stream};

/// A network that needs time to catch up. On the simulated clock, code takes no time; on a real machine with thousands of
/// busy clients the kernel may have more events for many iterations.
#[derive(Debug, Clone)]
pub struct Busy {
    net: SimNet,
    handle: Handle,
    takes: Duration,
}

impl Busy {
    /// This network, which needs this long on the clock of this loop.
    #[must_use]
    pub fn new(net: SimNet, handle: Handle, takes: Duration) -> Busy {
        Busy { net, handle, takes }
    }
}

impl Network for Busy {
    type Bound = Listener;
    type Listener = Listener;
    type Stream = Stream;

    fn listen(&self, bound: Listener) -> io::Result<Listener> {
        self.net.listen(bound)
    }

    fn parks(&self) -> u64 {
        self.net.parks()
    }

    async fn caught_up(&self) {
        if !self.takes.is_zero() {
            self.handle.sleep(self.takes).await;
        }
        Network::caught_up(&self.net).await;
    }
}
