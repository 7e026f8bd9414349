//! A peer that never stops sending.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use cancellation::Source;
use echo_server::figures::Tally;
use echo_server::{End, Limits, connection};
use event_loop::EventLoop;
use futures::io::{AsyncRead, AsyncWrite};

/// There is always something to read, and always room. As a socket does, it lets others go on when one turn has had many reads.
struct Endless {
    reads: u32,
    /// How many reads are left in this turn.
    budget: Rc<Cell<u32>>,
}

/// How many reads one turn has.
const BUDGET: u32 = 32;

/// Caught: a drain without a limit.
#[test]
fn a_peer_that_never_stops_sending_does_not_keep_the_server_from_its_end() {
    let event_loop = EventLoop::new();
    let (order, tally) = (Source::new(), Tally::default());
    order.cancel();
    let limits = Limits {
        timer: &event_loop.handle(),
        idle_timeout: Duration::from_secs(3_600),
        drain: &order.token(),
        buffer: &RefCell::new(vec![0; 64 << 10].into()),
        tally: &tally,
    };
    let budget = Rc::new(Cell::new(BUDGET));
    let endless = Endless {
        reads: 0,
        budget: Rc::clone(&budget),
    };
    let mut served = pin!(connection(endless, limits));
    // Each poll is a turn.
    let end = event_loop.block_on(poll_fn(|context| {
        budget.set(BUDGET);
        served.as_mut().poll(context)
    }));
    assert_eq!(
        end,
        End::Completed,
        "the server is to finish, the peer sends on and on, and how the connection ended is wrong"
    );
    let figures = tally.figures();
    assert_eq!(
        figures.bytes_in, figures.bytes_out,
        "not everything that was read was sent back before the connection was closed"
    );
    assert!(
        figures.bytes_in > 6 << 20,
        "the connection was closed after {} bytes, and when the order to finish came the system may have received 6 MiB: all of them are to \
         come back",
        figures.bytes_in
    );
}

impl AsyncRead for Endless {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.reads += 1;
        assert!(
            self.reads < 10_000,
            "the server is to finish, and it has tried to read ten thousand times: a peer that never stops sending keeps it from its end"
        );
        let Some(left) = self.budget.get().checked_sub(1) else {
            context.waker().wake_by_ref();
            return Poll::Pending;
        };
        self.budget.set(left);
        Poll::Ready(Ok(buffer.len()))
    }
}

impl AsyncWrite for Endless {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
