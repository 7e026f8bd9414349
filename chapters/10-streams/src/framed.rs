//! A codec on a stream of bytes: a stream and a sink of frames.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::io::{AsyncRead, AsyncWrite};
use futures::{Sink, Stream};

use crate::codec::{Decoder, Decoding, Encoder};

/// Frames instead of bytes: a [`Stream`] of what `codec` finds in what is read, and a [`Sink`] that
/// writes what `codec` makes of a frame.
///
/// All waiting and all I/O is here, and the codec has none. So each kind of frame needs only the
/// codec, and `Framed` is written once.
///
/// # Reading
///
/// Gives the frames, in order. After an error of the codec or of a read, after the codec's
/// [`End`](Decoding::End), and after the end of the input it gives `None`, and neither the stream nor
/// the codec is called again. The end of the input is read once.
///
/// An error of the codec becomes an [`io::Error`], with the codec's own inside: of the kind
/// [`InvalidData`](ErrorKind::InvalidData) from `decode`, and
/// [`UnexpectedEof`](ErrorKind::UnexpectedEof) from `finish`.
///
/// # Writing
///
/// `poll_ready` writes when 8 KiB or more wait, until fewer do. So a writer whose peer does not read
/// is pending, and the memory in use is bounded by that and the largest frame. `start_send` only
/// encodes: a frame reaches the peer after `poll_flush` or `poll_close`. A frame that cannot be encoded
/// is [`InvalidInput`](ErrorKind::InvalidInput). Errors of the stream are returned as they are. [`ErrorKind::WriteZero`] if the stream accepts no byte.
///
/// ```
/// use futures::{SinkExt, StreamExt, io::Cursor};
/// use streams::{Framed, LengthDelimited};
/// use wakers::block_on;
///
/// block_on(async {
///     let mut out = Framed::new(Cursor::new(Vec::new()), LengthDelimited::new(100));
///     out.send(b"one").await.unwrap();
///     out.send(b"two").await.unwrap();
///     let bytes = out.into_parts().stream.into_inner();
///
///     let mut frames = Framed::new(&bytes[..], LengthDelimited::new(100));
///     assert_eq!(frames.next().await.unwrap().unwrap(), b"one");
///     assert_eq!(frames.next().await.unwrap().unwrap(), b"two");
///     assert!(frames.next().await.is_none());
/// });
/// ```
///
/// # Cancel safety
///
/// Safe: what was read or is to be written is in here, and not in the future that waits. After a
/// dropped `send` the frame may be encoded already; a flush then sends it.
#[must_use = "streams do nothing until they are polled"]
pub struct Framed<S, C> {
    stream: S,
    codec: C,
    buffer: Box<[u8]>,
    /// What was read and not decoded.
    unread: Range<usize>,
    has_ended: bool,
    output: Vec<u8>,
    /// How much of `output` was written.
    written: usize,
}

/// What a [`Framed`] was made of, and the bytes in it.
#[derive(Debug)]
pub struct Parts<S, C> {
    /// The stream.
    pub stream: S,
    /// The codec, which may hold a part of a frame.
    pub codec: C,
    /// What was read from the stream and not taken by the codec.
    pub unread: Vec<u8>,
    /// What was encoded and not written to the stream.
    pub unwritten: Vec<u8>,
}

/// How much is read at once, and how much may wait to be written before a writer waits.
const SIZE: usize = 8 * 1024;

impl<S, C> Framed<S, C> {
    /// Frames of `stream`, as `codec` has them.
    pub fn new(stream: S, codec: C) -> Framed<S, C> {
        Framed {
            stream,
            codec,
            buffer: vec![0; SIZE].into_boxed_slice(),
            unread: 0..0,
            has_ended: false,
            output: Vec::new(),
            written: 0,
        }
    }

    /// The stream. Bytes that are read here are missing from the frames.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// Takes it apart: to go on with another codec, for instance, when this one has seen its end.
    pub fn into_parts(self) -> Parts<S, C> {
        Parts {
            stream: self.stream,
            codec: self.codec,
            unread: self.buffer[self.unread].to_vec(),
            unwritten: self.output[self.written..].to_vec(),
        }
    }
}

impl<S, C> Stream for Framed<S, C>
where
    S: AsyncRead + Unpin,
    C: Decoder<Error: Into<BoxedError>> + Unpin,
{
    type Item = io::Result<C::Item>;

    // ANCHOR: poll_next
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while !this.has_ended {
            match this.decode() {
                Ok(Decoding::Frame(item)) => return Poll::Ready(Some(Ok(item))),
                Ok(Decoding::End) => break,
                Ok(Decoding::More) => {}
                Err(error) => return Poll::Ready(Some(this.fails(error))),
            }
            let read = Pin::new(&mut this.stream).poll_read(context, &mut this.buffer);
            match ready!(read) {
                Ok(0) => {
                    this.has_ended = true;
                    let last = (this.codec.finish())
                        .map_err(|error| io_error(ErrorKind::UnexpectedEof, error));
                    return Poll::Ready(last.transpose());
                }
                Ok(count) => this.unread = 0..count,
                Err(error) => return Poll::Ready(Some(this.fails(error))),
            }
        }
        this.has_ended = true;
        Poll::Ready(None)
    }
    // ANCHOR_END: poll_next
}

impl<S, C: Decoder<Error: Into<BoxedError>>> Framed<S, C> {
    fn decode(&mut self) -> io::Result<Decoding<C::Item>> {
        let mut input = &self.buffer[self.unread.clone()];
        let found = self.codec.decode(&mut input);
        self.unread.start = self.unread.end - input.len();
        found.map_err(|error| io_error(ErrorKind::InvalidData, error))
    }

    fn fails<T>(&mut self, error: io::Error) -> io::Result<T> {
        self.has_ended = true;
        Err(error)
    }
}

impl<S, C, Item> Sink<Item> for Framed<S, C>
where
    S: AsyncWrite + Unpin,
    C: Encoder<Item, Error: Into<BoxedError>> + Unpin,
{
    type Error = io::Error;

    // ANCHOR: sink
    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_write_down_to(SIZE - 1, context)
    }

    fn start_send(mut self: Pin<&mut Self>, item: Item) -> io::Result<()> {
        let this = &mut *self;
        (this.codec.encode(item, &mut this.output))
            .map_err(|error| io_error(ErrorKind::InvalidInput, error))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_write_down_to(0, context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_write_down_to(0, context))?;
        Pin::new(&mut self.stream).poll_close(context)
    }
    // ANCHOR_END: sink
}

impl<S: AsyncWrite + Unpin, C> Framed<S, C> {
    /// Writes until at most `most` bytes wait.
    fn poll_write_down_to(
        &mut self,
        most: usize,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while self.output.len() - self.written > most {
            let waiting = &self.output[self.written..];
            match ready!(Pin::new(&mut self.stream).poll_write(context, waiting))? {
                0 => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                count => self.written += count,
            }
        }
        self.output.drain(..self.written);
        self.written = 0;
        Poll::Ready(Ok(()))
    }
}

/// An error of a codec. Every error is one, and a text is one, too.
pub type BoxedError = Box<dyn Error + Send + Sync>;

/// An error of a codec as an [`io::Error`]; one that is an `io::Error` already stays as it is.
fn io_error(kind: ErrorKind, error: impl Into<BoxedError>) -> io::Error {
    match error.into().downcast::<io::Error>() {
        Ok(error) => *error,
        Err(error) => io::Error::new(kind, error),
    }
}

impl<S: fmt::Debug, C: fmt::Debug> fmt::Debug for Framed<S, C> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Framed")
            .field("stream", &self.stream)
            .field("codec", &self.codec)
            .field("unread", &self.unread.len())
            .field("unwritten", &(self.output.len() - self.written))
            .field("has_ended", &self.has_ended)
            .finish()
    }
}
