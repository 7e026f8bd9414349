//! A connection that ends where it must not.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::join;
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use world::duplex::{Duplex, duplex};
use world::tls::{Authority, Failure, Validity, accept, acceptor, connect, connector};

use super::{LIMIT, connected, run};

/// A stream that ends for the reader after this many bytes.
struct Cut {
    stream: Duplex,
    left: usize,
}

impl AsyncRead for Cut {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.left == 0 {
            return Poll::Ready(Ok(0));
        }
        let room = buffer.len().min(self.left);
        let read = Pin::new(&mut self.stream).poll_read(context, &mut buffer[..room]);
        if let Poll::Ready(Ok(count)) = read {
            self.left -= count;
        }
        read
    }
}

impl AsyncWrite for Cut {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(context)
    }
}

#[test]
fn a_handshake_that_is_cut_anywhere_says_so() {
    run(async |handle| {
        let authority = Authority::new("ours");
        let identity = authority.issue("localhost", Validity::Valid);
        let (connector, acceptor) = (connector(authority.roots()), acceptor(&identity, &[]));
        let mut completed = 0;
        for left in (0..700).step_by(9) {
            let (here, there) = duplex(4_096);
            let cut = Cut { stream: here, left };
            let client = connect(&connector, "localhost", cut);
            let (client, server) = join(client, accept(&acceptor, there, &handle, LIMIT)).await;
            match client {
                Err(Failure::Cut) => assert_eq!(completed, 0, "after {left} bytes"),
                Ok(_) => completed += 1,
                Err(other) => panic!("after {left} bytes: {other:?}"),
            }
            assert!(
                matches!(server, Ok(_) | Err(Failure::Cut | Failure::Io(_))),
                "after {left} bytes: {server:?}"
            );
        }
        assert!(
            completed < 40,
            "{completed} of 78 handshakes took less than 350 bytes"
        );
    });
}

#[test]
fn the_end_of_a_stream_is_an_error_if_the_peer_did_not_say_that_it_is_the_end() {
    for closes in [true, false] {
        run(async |handle| {
            let (mut client, mut server) = connected(&handle).await;
            server.write_all(b"all of it").await.unwrap();
            server.flush().await.unwrap();
            if closes {
                server.close().await.unwrap();
            }
            drop(server);
            let mut read = Vec::new();
            let ended = client
                .read_to_end(&mut read)
                .await
                .map_err(|error| error.kind());
            assert_eq!(read, b"all of it");
            let expected = if closes {
                Ok(9)
            } else {
                Err(ErrorKind::UnexpectedEof)
            };
            assert_eq!(ended, expected, "closes: {closes}");
        });
    }
}
