//! Keeps a buffer for each source, and begins each poll behind the source of the last event.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::io::AsyncRead;
use futures::stream::{LocalBoxStream, StreamExt, poll_fn};

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
    let mut all: Vec<_> = sources
        .into_iter()
        .map(|(label, reader)| One {
            label,
            reader: Some(reader),
            buffer: Vec::new(),
            events: VecDeque::new(),
        })
        .collect();
    let mut next = 0;
    poll_fn(move |context| {
        let count = all.len();
        for step in 0..count {
            let place = (next + step) % count;
            if let Poll::Ready(Some(event)) = all[place].poll(context) {
                next = place + 1;
                return Poll::Ready(Some((all[place].label.clone(), event)));
            }
        }
        match all.iter().all(|one| one.reader.is_none()) {
            true => Poll::Ready(None),
            false => Poll::Pending,
        }
    })
    .boxed_local()
}

struct One<R> {
    label: String,
    reader: Option<R>,
    buffer: Vec<u8>,
    events: VecDeque<Event>,
}

impl<R: AsyncRead + Unpin> One<R> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Poll::Ready(Some(event));
            }
            if let Some(at) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=at).collect();
                let line = &line[..at];
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                return Poll::Ready(Some(Event::Line(
                    String::from_utf8_lossy(line).into_owned(),
                )));
            }
            let Some(reader) = &mut self.reader else {
                return Poll::Ready(None);
            };
            let mut piece = [0; 512];
            let ended = match Pin::new(reader).poll_read(context, &mut piece) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(0)) => Ok(()),
                Poll::Ready(Ok(count)) => {
                    self.buffer.extend_from_slice(&piece[..count]);
                    continue;
                }
                Poll::Ready(Err(error)) => Err(error),
            };
            self.reader = None;
            let last = std::mem::take(&mut self.buffer);
            if !last.is_empty() {
                self.events
                    .push_back(Event::Line(String::from_utf8_lossy(&last).into_owned()));
            }
            self.events.push_back(Event::Ended(ended));
        }
    }
}
