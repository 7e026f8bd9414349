//! A cancel request: it asks the server to give up a request that it executes.

use std::io;

use bytes::BytesMut;
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use postgres_protocol::message::frontend;

/// What a cancel request names a connection by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CancelToken {
    pub(super) process: i32,
    pub(super) secret: i32,
}

/// Asks the server to give up what this connection executes now. The stream is a new connection to the same server,
/// because the server does not read the one that it works for. If there was something to give up, its caller gets an
/// error with the code `57014`.
///
/// The server says nothing about it. The request that it reaches is the one that is executed when it arrives, which
/// may be another one than the caller saw: do not send it for a request that is done.
///
/// # Errors
///
/// If the stream fails.
///
/// # Cancel safety
///
/// If it is dropped, the request may reach the server anyway.
pub async fn cancel<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    token: CancelToken,
) -> io::Result<()> {
    let mut request = BytesMut::new();
    frontend::cancel_request(token.process, token.secret, &mut request);
    stream.write_all(&request).await?;
    stream.flush().await?;
    // The server closes the connection when it has dealt with the request.
    match stream.read(&mut [0]).await {
        Err(error) if error.kind() != io::ErrorKind::ConnectionReset => Err(error),
        _closed => Ok(()),
    }
}
