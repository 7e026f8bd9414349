//! The lines of several programs in one window.

use std::io;

use futures::io::AsyncRead;
use futures::stream::LocalBoxStream;

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
/// - A line may have any length, and is in memory as a whole. Beyond the end of its current line, less than
///   64 KiB of each source are in memory.
/// - After the last event of the last source the stream ends, and stays at its end when it is polled
///   again.
///
/// # Cancel safety
///
/// A future that waits for the next event may be dropped: nothing is lost.
pub fn tail<'a, R: AsyncRead + Unpin + 'a>(
    sources: Vec<(String, R)>,
) -> LocalBoxStream<'a, (String, Event)> {
    todo!("lines of each source, and the events of all of them")
}
