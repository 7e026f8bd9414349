//! A server that takes one read for one request, and hyper, on the same bytes.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use event_loop::{EventLoop, JumpingDriver};
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use hyper::body::Incoming;
use hyper::{Request, Response};
use world::hyper_rt::HyperIo;

// ANCHOR: by_hand
/// Answers what one read returns.
async fn by_hand(mut connection: Pieces) -> io::Result<Vec<u8>> {
    let mut buffer = [0; 1024];
    loop {
        let count = connection.read(&mut buffer).await?;
        if count == 0 {
            return Ok(connection.written);
        }
        let head = String::from_utf8_lossy(&buffer[..count]).into_owned();
        let answer = match head.lines().next().and_then(|line| line.split(' ').nth(1)) {
            Some(path) if head.ends_with("\r\n\r\n") => format!("HTTP/1.1 200 OK {path}"),
            _ => "HTTP/1.1 400 Bad Request".to_owned(),
        };
        connection.write_all(answer.as_bytes()).await?;
    }
}
// ANCHOR_END: by_hand

// ANCHOR: hyper
async fn by_hyper(connection: Pieces) -> io::Result<Vec<u8>> {
    let mut io = HyperIo::new(connection);
    let answer = hyper::service::service_fn(|request: Request<Incoming>| async move {
        let mut response = Response::new(String::new());
        let path = request.uri().path().parse().expect("a path is ASCII");
        response.headers_mut().insert("x-path", path);
        Ok::<_, Infallible>(response)
    });
    // This client ends its side with its last byte.
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.half_close(true);
    let served = builder.serve_connection(&mut io, answer).await;
    served.map_err(io::Error::other)?;
    Ok(io.into_inner().written)
}
// ANCHOR_END: hyper

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    for pieces in [
        &["GET /a HTTP/1.1\r\nhost: h\r\n\r\n"][..],
        &["GET /a HTTP/1.1\r\nho", "st: h\r\n\r\n"],
        &["GET /a HTTP/1.1\r\nhost: h\r\n\r\nGET /b HTTP/1.1\r\nhost: h\r\n\r\n"],
    ] {
        let (bytes, reads) = (pieces.concat().len(), pieces.len());
        println!("{bytes} bytes in reads: {reads}");
        let event_loop = EventLoop::with_driver(JumpingDriver::new());
        let answers = event_loop.block_on(by_hand(Pieces::new(pieces))).unwrap();
        println!("  one read, one request: {}", shown(&answers));
        let answers = event_loop.block_on(by_hyper(Pieces::new(pieces))).unwrap();
        println!("  hyper:                 {}", shown(&answers));
    }
}
// ANCHOR_END: main

/// The status of each answer, and the path that it is for.
fn shown(answers: &[u8]) -> String {
    let text = String::from_utf8_lossy(answers);
    let mut shown = Vec::new();
    for answer in text.split("HTTP/1.1 ").skip(1) {
        let path = answer.split_once("x-path: ").map(|(_, rest)| rest);
        let path = path.and_then(|rest| rest.lines().next()).unwrap_or("");
        let status = answer.lines().next().unwrap_or(answer);
        shown.push(format!("{status} {path}").trim_end().to_owned());
    }
    shown.join(", ")
}

/// A connection on which each piece is one read.
struct Pieces {
    pieces: VecDeque<Vec<u8>>,
    written: Vec<u8>,
}

impl Pieces {
    fn new(pieces: &[&str]) -> Pieces {
        Pieces {
            pieces: pieces
                .iter()
                .map(|piece| piece.as_bytes().to_vec())
                .collect(),
            written: Vec::new(),
        }
    }
}

impl AsyncRead for Pieces {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let piece = self.pieces.pop_front().unwrap_or_default();
        buffer[..piece.len()].copy_from_slice(&piece);
        Poll::Ready(Ok(piece.len()))
    }
}

impl AsyncWrite for Pieces {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.written.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
