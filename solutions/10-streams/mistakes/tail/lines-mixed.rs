//! Splits the bytes of all sources, as they come, into lines.

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
    let mut sources: Vec<_> = sources
        .into_iter()
        .map(|(label, reader)| (label, Some(reader)))
        .collect();
    let mut buffer = Vec::new();
    let mut last = String::new();
    poll_fn(move |context: &mut Context<'_>| {
        loop {
            if let Some(at) = buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = buffer.drain(..=at).collect();
                let text = String::from_utf8_lossy(&line[..at])
                    .trim_end_matches('\r')
                    .to_owned();
                return Poll::Ready(Some((last.clone(), Event::Line(text))));
            }
            let mut moved = false;
            for (label, source) in &mut sources {
                let Some(reader) = source else { continue };
                let mut piece = [0; 512];
                match Pin::new(reader).poll_read(context, &mut piece) {
                    Poll::Pending => continue,
                    Poll::Ready(Ok(count @ 1..)) => {
                        buffer.extend_from_slice(&piece[..count]);
                        last = label.clone();
                        moved = true;
                    }
                    Poll::Ready(ended) => {
                        *source = None;
                        return Poll::Ready(Some((label.clone(), Event::Ended(ended.map(drop)))));
                    }
                }
            }
            if !moved {
                return match sources.iter().all(|(_, source)| source.is_none()) {
                    true => Poll::Ready(None),
                    false => Poll::Pending,
                };
            }
        }
    })
    .boxed_local()
}
