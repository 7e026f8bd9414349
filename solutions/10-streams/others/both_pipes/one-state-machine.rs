//! One state machine writes and reads as far as each pipe allows, at every poll.
//!
//! The input of another program, and everything that it writes.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::io::{AsyncRead, AsyncWrite};

/// Writes `input` to the standard input of a program, and collects what the program writes to its standard
/// output and to its standard error.
///
/// Each of the three is a pipe. A pipe holds a limited number of bytes, 64 KiB on Linux: a writer waits
/// while it is full, and a reader waits while it is empty. A program may read and write in any order.
///
/// The input ends when `stdin` is dropped, as it is with a pipe (chapter 05): closing it does nothing. It is
/// dropped as soon as the input is written, because many programs write nothing before their input ends.
///
/// A program need not read its input to the end. `BrokenPipe` says that it has closed it. That is no
/// error: the rest of the input is left out.
///
/// Completes when both outputs have ended and the input is written or refused.
///
/// # Errors
///
/// Any other error of a pipe, as soon as it occurs.
///
/// # Cancel safety
///
/// What was read is lost if this is dropped before it is ready.
pub async fn communicate(
    stdin: impl AsyncWrite + Unpin,
    stdout: impl AsyncRead + Unpin,
    stderr: impl AsyncRead + Unpin,
    input: &[u8],
) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let (mut stdin, mut written) = (Some(stdin), 0);
    let mut output = Collected::of(stdout);
    let mut errors = Collected::of(stderr);
    poll_fn(|context| {
        write(&mut stdin, &mut written, input, context)?;
        output.read(context)?;
        errors.read(context)?;
        match (&stdin, &output.pipe, &errors.pipe) {
            (None, None, None) => Poll::Ready(io::Result::Ok(())),
            _ => Poll::Pending,
        }
    })
    .await?;
    Ok((output.bytes, errors.bytes))
}

/// Writes what there is room for. The pipe is gone when the input is written or refused.
fn write(
    stdin: &mut Option<impl AsyncWrite + Unpin>,
    written: &mut usize,
    input: &[u8],
    context: &mut Context<'_>,
) -> io::Result<()> {
    while let Some(pipe) = stdin {
        if *written == input.len() {
            *stdin = None;
            break;
        }
        match Pin::new(pipe).poll_write(context, &input[*written..]) {
            Poll::Pending => break,
            Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
            Poll::Ready(Ok(count)) => *written += count,
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => *stdin = None,
            Poll::Ready(Err(error)) => return Err(error),
        }
    }
    Ok(())
}

/// An output, and what was read of it. The pipe is gone when it has ended.
struct Collected<R> {
    pipe: Option<R>,
    bytes: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Collected<R> {
    fn of(pipe: R) -> Collected<R> {
        Collected {
            pipe: Some(pipe),
            bytes: Vec::new(),
        }
    }

    fn read(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let mut piece = [0; 100];
        while let Some(pipe) = &mut self.pipe {
            match Pin::new(pipe).poll_read(context, &mut piece)? {
                Poll::Pending => break,
                Poll::Ready(0) => self.pipe = None,
                Poll::Ready(count) => self.bytes.extend_from_slice(&piece[..count]),
            }
        }
        Ok(())
    }
}
