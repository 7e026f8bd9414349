//! How the check polls a body, and a server of hyper's that sends one.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::super::subject::{CHUNK, FileBody};
use ::world::hyper_rt::HyperIo;
use futures::io::AsyncRead;
use hyper::Response;
use hyper::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use probe::Run;
use probe_futures::Poller;
use probe_io::hostile::Broken;
use probe_io::stream::{End, show, stream};
use probe_loop::SimLoop;

type Polled = Poll<Option<io::Result<Vec<u8>>>>;

/// One poll for a frame.
pub(super) fn polled<R: AsyncRead + Unpin>(
    run: &Run,
    task: &Poller,
    body: &mut FileBody<R>,
) -> Polled {
    let call = run.recorder().enters("hyper", "poll_frame");
    let polled = task.lend(|waker| Pin::new(body).poll_frame(&mut Context::from_waker(waker)));
    let polled = polled.map(|frame| {
        frame.map(|frame| {
            frame.map(|frame| frame.into_data().map_or(Vec::new(), |data| data.to_vec()))
        })
    });
    call.returns(shown(&polled));
    polled
}

/// One poll for a frame that is not recorded: how many bytes it has.
pub(super) fn polled_silently<R: AsyncRead + Unpin>(
    body: &mut FileBody<R>,
) -> Poll<Option<io::Result<usize>>> {
    let mut context = Context::from_waker(std::task::Waker::noop());
    let polled = Pin::new(body).poll_frame(&mut context);
    polled.map_ok(|frame| frame.data_ref().map_or(0, |data| data.len()))
}

pub(super) fn shown(polled: &Polled) -> String {
    match polled {
        Poll::Pending => "Pending".to_owned(),
        Poll::Ready(None) => "the end".to_owned(),
        Poll::Ready(Some(Ok(bytes))) => show(bytes),
        Poll::Ready(Some(Err(error))) => format!("{:?}", error.kind()),
    }
}

/// The same, and it has to come to this.
#[track_caller]
pub(super) fn frame<R: AsyncRead + Unpin>(
    run: &Run,
    task: &Poller,
    body: &mut FileBody<R>,
    expected: Poll<Option<&[u8]>>,
) {
    is(run, &polled(run, task, body), expected);
}

/// This poll has to have come to this.
#[track_caller]
pub(super) fn is(run: &Run, polled: &Polled, expected: Poll<Option<&[u8]>>) {
    match (polled, expected) {
        (Poll::Pending, Poll::Pending) | (Poll::Ready(None), Poll::Ready(None)) => {}
        (Poll::Ready(Some(Ok(bytes))), Poll::Ready(Some(expected))) if bytes == expected => {}
        (Poll::Ready(Some(Ok(bytes))), Poll::Ready(Some(expected)))
            if bytes.starts_with(expected) =>
        {
            let rest = &bytes[expected.len()..];
            if rest.iter().all(|byte| *byte == 0) {
                run.diagnose(
                    "whole-buffer-put",
                    format!(
                        "The read returned {} bytes, and the frame has {}: the others are no bytes of the file.",
                        expected.len(),
                        bytes.len()
                    ),
                );
            }
            run.diagnose(
                "grown-file-sent",
                format!(
                    "{} bytes were announced, and the frame has {}. The client takes what comes behind the body for the next answer.",
                    expected.len(),
                    bytes.len()
                ),
            );
        }
        (Poll::Pending, Poll::Ready(None)) => run.diagnose(
            "grown-file-sent",
            "The whole body was delivered, and your poll was pending: it reads on. A file may have grown since its length was announced.",
        ),
        (Poll::Ready(Some(Ok(_))), Poll::Ready(None)) => run.diagnose(
            "grown-file-sent",
            "The whole body was delivered, and another frame came. The client takes what comes behind the body for the next answer.",
        ),
        (Poll::Ready(None), Poll::Ready(Some(expected))) => run.diagnose(
            "body-cut-short",
            format!(
                "The file has {} more bytes of the body, and your poll returned the end.",
                expected.len()
            ),
        ),
        (_, expected) => {
            let expected = expected.map(|frame| frame.map(|bytes| Ok(bytes.to_vec())));
            run.departs(format!(
                "Expected: {}. The poll returned {}.",
                shown(&expected),
                shown(polled)
            ));
        }
    }
}

/// Takes frames until the end or an error, and asks once more after that.
pub(super) async fn collected<R: AsyncRead + Unpin>(
    mut body: FileBody<R>,
    all: &Rc<RefCell<Vec<u8>>>,
) -> io::Result<()> {
    let result = loop {
        let hint = body.size_hint().exact();
        match poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            None => break Ok(()),
            Some(Err(error)) => break Err(error),
            Some(Ok(frame)) => {
                let data = frame.into_data().unwrap_or_default();
                assert!(!data.is_empty(), "a frame without bytes");
                assert!(
                    data.len() as u64 <= hint.unwrap_or(u64::MAX),
                    "more than was announced"
                );
                all.borrow_mut().extend_from_slice(&data);
            }
        }
    };
    assert!(body.is_end_stream(), "a body that has ended is at its end");
    let after = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
    assert!(after.is_none(), "a body that has ended has no frame");
    result
}

pub(super) fn name(broken: Broken) -> Option<&'static str> {
    match broken {
        Broken::EarlierWoken => Some("first-waker-only"),
        Broken::NeverWoken | Broken::WaitsForNothing => Some("never-registered"),
        Broken::Spins => Some("busy-poll"),
        _ => None,
    }
}

/// A file that counts what is read from it.
pub(super) struct Counted {
    pub(super) run: Run,
    pub(super) taken: Rc<Cell<usize>>,
    pub(super) left: u64,
}

impl AsyncRead for Counted {
    fn poll_read(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let taken = self.taken.get() + buffer.len();
        if taken > 100 * CHUNK {
            self.run.diagnose(
                "whole-file-in-memory",
                format!("hyper has asked for one frame, and more than {} bytes were read from the file.", 100 * CHUNK),
            );
        }
        self.taken.set(taken);
        buffer.fill(b'x');
        Poll::Ready(Ok((buffer.len() as u64).min(self.left) as usize))
    }
}

/// hyper answers a request with a body of 14 bytes, whose file has these.
pub(super) fn served(run: &Run, file: &'static [u8]) {
    // How often the loop polls is a matter of the body's style, and not shown.
    let sim = SimLoop::new(&Run::unnamed());
    let (connection, peer) = stream(run, sim.sim());
    peer.sends(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    let (disk, contents) = stream(run, sim.sim());
    contents.sends_quietly(file);
    let disk = Cell::new(Some(disk));
    let answer = move |_request| {
        // The end of the file is seen a millisecond after its bytes: they are with the client by then.
        contents.ends();
        let disk = disk.take().expect("one request");
        async move { Ok::<_, Infallible>(Response::new(FileBody::new(disk, 14))) }
    };
    let connection =
        http1::Builder::new().serve_connection(HyperIo::new(connection), service_fn(answer));
    let served = sim.drive(sim.spawn("connection", connection));
    let received = String::from_utf8_lossy(&peer.received()).into_owned();
    let (head, body) = received.split_once("\r\n\r\n").unwrap_or_default();
    let announced = head.contains("content-length: 14");
    let is_whole = peer.sees_the_end() == End::Closed && matches!(served, Ok(Ok(())));
    run.recorder().says(
        "client",
        format!(
            "has received {body:?}, and sees {}",
            if is_whole {
                "the end"
            } else {
                "that it is cut off"
            }
        ),
    );
    if !announced {
        run.departs("hyper's answer has no `content-length: 14`.");
    }
    if body.as_bytes() != file || is_whole != (file.len() == 14) {
        run.departs(format!(
            "The file had {} of the 14 bytes that were announced. The client received {body:?}, and hyper's connection ended with {served:?}.",
            file.len()
        ));
    }
}
