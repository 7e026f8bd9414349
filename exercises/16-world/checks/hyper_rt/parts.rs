//! How the check calls the adapters, and a server of hyper's on them.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::super::subject::{HyperIo, LoopTimer};
use futures::io::AsyncRead;
use hyper::body::Incoming;
use hyper::rt::{Read, ReadBuf, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use probe::Run;
use probe_futures::Poller;
use probe_io::hostile::{Broken, Operation};
use probe_io::stream::{Peer, show, stream};
use probe_loop::SimLoop;

/// What hyper writes to.
pub(super) type Writer = dyn Write + Unpin;

/// One operation of hyper's.
pub(super) type Call<'a> = &'a dyn Fn(Pin<&mut Writer>, &mut Context<'_>) -> Poll<io::Result<()>>;

/// One read into a buffer that holds `filled` already and has room for `room` more: what the buffer holds then.
pub(super) fn read<S: AsyncRead + Unpin>(
    run: &Run,
    task: &Poller,
    io: &mut HyperIo<S>,
    filled: &[u8],
    room: usize,
) -> Poll<io::Result<Vec<u8>>> {
    let call = run
        .recorder()
        .enters("hyper", format!("reads, with room for {room}"));
    let mut bytes = vec![0; filled.len() + room];
    let mut buffer = ReadBuf::new(&mut bytes);
    buffer.unfilled().put_slice(filled);
    let polled = task.lend(|waker| {
        let mut context = Context::from_waker(waker);
        Pin::new(io).poll_read(&mut context, buffer.unfilled())
    });
    let polled = polled.map_ok(|()| buffer.filled().to_vec());
    call.returns(shown(&polled));
    polled
}

fn shown(polled: &Poll<io::Result<Vec<u8>>>) -> String {
    match polled {
        Poll::Pending => "Pending".to_owned(),
        Poll::Ready(Ok(bytes)) => show(bytes),
        Poll::Ready(Err(error)) => format!("{:?}", error.kind()),
    }
}

/// The same, and it has to come to this.
pub(super) fn reads<S: AsyncRead + Unpin>(
    run: &Run,
    task: &Poller,
    (io, peer): (&mut HyperIo<S>, &Peer),
    room: usize,
    expected: Poll<&[u8]>,
) {
    let before = peer.taken();
    let polled = read(run, task, io, b"", room);
    let taken = peer.taken() - before;
    if polled.is_pending() && taken > 0 {
        run.diagnose(
            "lost-on-pending",
            format!(
                "Your `poll_read` read {taken} bytes and returned `Pending`. To hyper, `Pending` means that the buffer has nothing new: these bytes \
                 are lost."
            ),
        );
    }
    match (&polled, expected) {
        (Poll::Pending, Poll::Pending) => {}
        (Poll::Ready(Ok(bytes)), Poll::Ready(expected)) if bytes == expected => {}
        (Poll::Ready(Ok(bytes)), Poll::Ready(expected))
            if bytes.starts_with(expected) && bytes.len() == room =>
        {
            run.diagnose(
                "whole-buffer-put",
                format!(
                    "The stream delivered {} bytes, and your `poll_read` put {room} into the buffer: the others are no bytes of the stream.",
                    expected.len()
                ),
            );
        }
        (_, expected) => {
            let expected = expected.map(|bytes| Ok(bytes.to_vec()));
            run.departs(format!(
                "Expected: {}. The read came to {}.",
                shown(&expected),
                shown(&polled)
            ));
        }
    }
}

/// Reads everything through a buffer with this room, and writes it back.
pub(super) async fn echo(mut io: impl Read + Write + Unpin, room: usize) -> io::Result<()> {
    loop {
        let mut bytes = vec![0; room];
        let mut buffer = ReadBuf::new(&mut bytes);
        poll_fn(|context| {
            let before = buffer.filled().len();
            let polled = Pin::new(&mut io).poll_read(context, buffer.unfilled());
            assert!(
                polled.is_ready() || buffer.filled().len() == before,
                "bytes with Pending"
            );
            polled
        })
        .await?;
        let mut rest = buffer.filled();
        if rest.is_empty() {
            break;
        }
        while !rest.is_empty() {
            match poll_fn(|context| Pin::new(&mut io).poll_write(context, rest)).await? {
                0 => return Err(ErrorKind::WriteZero.into()),
                count => rest = &rest[count..],
            }
        }
    }
    poll_fn(|context| Pin::new(&mut io).poll_flush(context)).await?;
    poll_fn(|context| Pin::new(&mut io).poll_shutdown(context)).await
}

pub(super) fn name(broken: Broken) -> Option<&'static str> {
    match broken {
        Broken::ErrorHidden(Operation::Flush) => Some("flush-not-passed-on"),
        Broken::ErrorHidden(Operation::Close) => Some("close-not-passed-on"),
        Broken::ErrorHidden(_) => Some("error-swallowed"),
        Broken::EarlierWoken => Some("first-waker-only"),
        Broken::NeverWoken | Broken::WaitsForNothing => Some("never-registered"),
        Broken::Spins => Some("busy-poll"),
        _ => None,
    }
}

/// hyper's server on the adapters, in a simulated world: a client sends two requests in pieces, and then the
/// beginning of a third. Its time for a head is 20 ms.
pub(super) fn served(run: &Run) {
    // How often the loop polls is a matter of the adapter's style, and not shown.
    let sim = SimLoop::new(&Run::unnamed());
    let (stream, peer) = stream(run, sim.sim());
    peer.sends(b"GET /one HTTP/1.1\r\nhost: a\r\n\r\nGET /two");
    peer.sends(b" HTTP/1.1\r\nhost: a\r\n\r\n");
    peer.sends(b"GET /thr");
    let recorder = run.recorder().clone();
    let answer = move |request: Request<Incoming>| {
        let path = request.uri().path().to_owned();
        recorder.says("hyper", format!("asks for {path}"));
        async move { Ok::<_, Infallible>(Response::new(path)) }
    };
    let connection = http1::Builder::new()
        .timer(LoopTimer::new(sim.handle()))
        .header_read_timeout(Duration::from_millis(20))
        .serve_connection(HyperIo::new(stream), service_fn(answer));
    let served = sim.drive(sim.spawn("connection", connection));
    let at = sim.sim().now();
    let received = String::from_utf8_lossy(&peer.received()).into_owned();
    let answers = received.matches("HTTP/1.1 200 OK").count();
    run.recorder()
        .says("peer", format!("has received {answers} answers"));
    match served {
        Ok(Err(error)) if error.is_timeout() && answers == 2 => {
            run.recorder()
                .says("hyper", format!("ends the connection at {at:?}: {error}"));
        }
        other => run.departs(format!(
            "A client sent two requests and the beginning of a third, and hyper's connection ended with {other:?}, after {answers} answers. \
             Expected: 2 answers, and the time-out of a head after 20 ms."
        )),
    }
}

/// A stream whose flush and close are pending in their first poll.
#[derive(Default)]
pub(super) struct Slow {
    flushes: usize,
    closes: usize,
}

fn second(polls: &mut usize) -> Poll<io::Result<()>> {
    *polls += 1;
    if *polls < 2 {
        return Poll::Pending;
    }
    Poll::Ready(Ok(()))
}

impl futures::io::AsyncWrite for Slow {
    fn poll_write(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        second(&mut self.flushes)
    }

    fn poll_close(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        second(&mut self.closes)
    }
}
