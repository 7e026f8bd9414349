//! The input of another program, and everything that it writes.
//!
//! A build server collects the output of compilers with it. Most runs take a second. A run with very
//! many warnings does not end, and the compiler that it started uses no processor time. Another run
//! failed with "Broken pipe", although its program had printed the result and returned 0.

use std::io;

use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Writes `input` to the standard input of a program, and collects what the program writes to its standard
/// output and to its standard error.
///
/// A program may read and write in any order, and need not read its input to the end. If it closes its
/// input early, that is no error: the rest of the input is left out.
///
/// Drops `stdin` as soon as the input is written, which ends the program's input: closing a pipe does
/// nothing (chapter 05). Completes when both outputs have ended and the input is written or refused.
///
/// # Errors
///
/// Any other error of a pipe, as soon as it occurs. A write that takes no byte is one, `WriteZero`.
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
    feed(stdin, input).await?;
    let output = collect(stdout).await?;
    let errors = collect(stderr).await?;
    Ok((output, errors))
}

/// Writes the whole input, and drops the pipe.
async fn feed(mut stdin: impl AsyncWrite + Unpin, input: &[u8]) -> io::Result<()> {
    stdin.write_all(input).await?;
    stdin.flush().await
}

/// Reads to the end.
async fn collect(mut pipe: impl AsyncRead + Unpin) -> io::Result<Vec<u8>> {
    let (mut bytes, mut piece) = (Vec::new(), vec![0; PIECE]);
    loop {
        match pipe.read(&mut piece).await? {
            0 => return Ok(bytes),
            count => bytes.extend_from_slice(&piece[..count]),
        }
    }
}

/// The size of one read. `read_to_end` (futures 0.3.34) writes zeros into all the room that its vector has to
/// spare, at each poll: for 10 MB of output that costs more than the reads.
const PIECE: usize = 16 * 1024;
