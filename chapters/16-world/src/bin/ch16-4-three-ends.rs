//! A server is told to finish while three clients are connected: one waits for its answer, one is idle, and
//! the request of one has arrived and is not read yet.

use std::cell::RefCell;
use std::convert::Infallible;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use cancellation::Source;
use event_loop::{EventLoop, Handle, JumpingDriver};
use futures::io::{AsyncRead, AsyncWrite};
use hyper::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use state_machines::{Winner, race};
use world::hyper_rt::{HyperIo, LoopTimer};

/// What to do with a connection when the server is told to finish.
#[derive(Debug, Clone, Copy)]
enum Plan {
    Drop,
    Await,
    Tell,
}

// ANCHOR: serve
async fn serve(connection: Wire, handle: Handle, closing: cancellation::Token, plan: Plan) {
    let answers = handle.clone();
    let answer = service_fn(move |_request| {
        let takes_a_second = answers.sleep(Duration::from_secs(1));
        async move {
            takes_a_second.await;
            Ok::<_, Infallible>(Response::new("answer".to_owned()))
        }
    });
    let connection = http1::Builder::new()
        .timer(LoopTimer::new(handle))
        .header_read_timeout(Duration::from_secs(30))
        .serve_connection(HyperIo::new(connection), answer);
    let mut connection = pin!(connection);
    if let Winner::Second(()) = race(connection.as_mut(), closing.cancelled()).await {
        match plan {
            Plan::Drop => return,
            Plan::Await => {}
            Plan::Tell => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }
}
// ANCHOR_END: serve

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    for plan in [Plan::Drop, Plan::Await, Plan::Tell] {
        let event_loop = EventLoop::with_driver(JumpingDriver::new());
        let handle = event_loop.handle();
        let closing = Source::new();
        let [waits, idle, arrived] = [(); 3].map(|()| Wire::default());
        let begin = |wire: &Wire| {
            let connection = serve(wire.clone(), handle.clone(), closing.token(), plan);
            handle.spawn(connection)
        };
        event_loop.block_on(async {
            let mut tasks = vec![begin(&waits), begin(&idle)];
            idle.sends("GET /1 HTTP/1.1\r\nhost: h\r\n\r\n");
            handle.sleep(Duration::from_millis(1_500)).await;
            waits.sends("GET /2 HTTP/1.1\r\nhost: h\r\n\r\n");
            handle.sleep(Duration::from_millis(500)).await;
            arrived.sends("GET /3 HTTP/1.1\r\nhost: h\r\n\r\n");
            tasks.push(begin(&arrived));
            closing.cancel();
            let told = handle.now();
            for task in tasks {
                let _ = task.await;
            }
            println!(
                "{:5}  in flight {}  idle {}  arrived {}  ends after {:?}",
                format!("{plan:?}"),
                waits.answers(),
                idle.answers(),
                arrived.answers(),
                handle.now() - told
            );
        });
    }
}
// ANCHOR_END: main

/// Both directions of a connection, in memory.
#[derive(Debug, Clone, Default)]
struct Wire {
    inner: Rc<RefCell<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    sent: Vec<u8>,
    received: Vec<u8>,
    reader: Option<std::task::Waker>,
}

impl Wire {
    fn sends(&self, text: &str) {
        let mut inner = self.inner.borrow_mut();
        inner.sent.extend_from_slice(text.as_bytes());
        let reader = inner.reader.take();
        drop(inner);
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    fn answers(&self) -> &'static str {
        match self.inner.borrow().received.ends_with(b"answer") {
            true => "answered,",
            false => "nothing, ",
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut inner = self.inner.borrow_mut();
        let count = inner.sent.len().min(buffer.len());
        if count == 0 {
            inner.reader = Some(context.waker().clone());
            return Poll::Pending;
        }
        buffer[..count].copy_from_slice(&inner.sent[..count]);
        inner.sent.drain(..count);
        Poll::Ready(Ok(count))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.inner.borrow_mut().received.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
