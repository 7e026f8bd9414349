//! Returns `Pending` after a read of bytes without a newline, once it has read 12 KiB of the line.
//!
//! The lines of several programs in one window.

use std::io;

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::io::AsyncRead;
use futures::stream::{LocalBoxStream, StreamExt};

/// What comes from a source.
#[derive(Debug)]
pub enum Event {
    /// A line, without the `\n` or `\r\n` at its end.
    Line(String),
    /// The source has ended: as it should, or with an error. It is the last event of a source.
    Ended(io::Result<()>),
}

/// The events of several sources, each with its source's label, as they come. A source is the output of
/// a program, or anything else that can be read. Two sources may have the same label.
///
/// - A line ends with `\n`, wherever the reads end. Bytes behind the last `\n` are a line, too, if there
///   are any: also if an error follows them. Within a line, bytes that are no UTF-8 become U+FFFD, as in
///   [`String::from_utf8_lossy`].
/// - `Pending` means that no source has an event. A source that is silent, has ended or has failed does
///   not hold up the others.
/// - The sources take turns. Between two events of one source, every other source is heard that had an
///   event at the time of the first.
/// - Of each source less than 64 KiB are read ahead: beyond the line that it is in.
/// - After the last event of the last source the stream ends, and stays at its end when it is polled
///   again.
///
/// # Cancel safety
///
/// A future that waits for the next event may be dropped: nothing is lost.
pub fn tail<'a, R: AsyncRead + Unpin + 'a>(
    sources: Vec<(String, R)>,
) -> LocalBoxStream<'a, (String, Event)> {
    let mut sources: VecDeque<Source<R>> = sources
        .into_iter()
        .map(|(label, reader)| Source {
            label,
            reader,
            bytes: Vec::new(),
            seen: 0,
            ended: None,
        })
        .collect();
    let mut piece = vec![0; 4096];
    futures::stream::poll_fn(move |context| {
        if sources.is_empty() {
            return Poll::Ready(None);
        }
        for _ in 0..sources.len() {
            let mut source = sources.pop_front().expect("counted");
            match source.poll(&mut piece, context) {
                Poll::Ready((event, last)) => {
                    let label = source.label.clone();
                    if !last {
                        sources.push_back(source);
                    }
                    return Poll::Ready(Some((label, event)));
                }
                Poll::Pending => sources.push_back(source),
            }
        }
        Poll::Pending
    })
    .boxed_local()
}

struct Source<R> {
    label: String,
    reader: R,
    bytes: Vec<u8>,
    seen: usize,
    ended: Option<io::Result<()>>,
}

impl<R: AsyncRead + Unpin> Source<R> {
    fn line(&mut self) -> Option<String> {
        let found = self.bytes[self.seen..]
            .iter()
            .position(|byte| *byte == b'\n');
        let Some(at) = found.map(|at| at + self.seen) else {
            self.seen = self.bytes.len();
            return None;
        };
        let rest = self.bytes.split_off(at + 1);
        let mut line = std::mem::replace(&mut self.bytes, rest);
        self.seen = 0;
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Some(String::from_utf8_lossy(&line).into_owned())
    }

    fn poll(&mut self, piece: &mut [u8], context: &mut Context<'_>) -> Poll<(Event, bool)> {
        loop {
            if let Some(line) = self.line() {
                return Poll::Ready((Event::Line(line), false));
            }
            if self.ended.is_some() {
                if self.bytes.is_empty() {
                    return Poll::Ready((Event::Ended(self.ended.take().unwrap()), true));
                }
                let line = std::mem::take(&mut self.bytes);
                self.seen = 0;
                return Poll::Ready((
                    Event::Line(String::from_utf8_lossy(&line).into_owned()),
                    false,
                ));
            }
            match std::task::ready!(Pin::new(&mut self.reader).poll_read(context, piece)) {
                Ok(0) => self.ended = Some(Ok(())),
                Ok(count) => {
                    self.bytes.extend_from_slice(&piece[..count]);
                    if !self.bytes.contains(&b'\n') && self.bytes.len() > 3 * 4096 {
                        return Poll::Pending;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.ended = Some(Err(error)),
            }
        }
    }
}
