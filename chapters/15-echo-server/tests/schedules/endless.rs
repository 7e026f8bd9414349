//! A peer that never stops sending.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
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
}

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
    let end = event_loop.block_on(connection(Endless { reads: 0 }, limits));
    assert_eq!(end, End::Completed);
    let figures = tally.figures();
    assert_eq!(figures.bytes_in, figures.bytes_out);
    // What the system may have received before the order is not refused.
    assert!(figures.bytes_in > 6 << 20);
}

impl AsyncRead for Endless {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.reads += 1;
        if self.reads == 32 {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        assert!(self.reads < 10_000, "it reads on and on");
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
