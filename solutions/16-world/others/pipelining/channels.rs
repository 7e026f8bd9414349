//! The channels of the crate futures: the end of a channel is every end of the connection.

use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::StreamExt;
use futures::channel::{mpsc, oneshot};
use futures::io::{AsyncRead, AsyncWrite};
use world::redis::{Value, decode, encode};

pub fn client<S>(stream: S) -> (Client, Connection<S>) {
    let (commands, queue) = mpsc::unbounded();
    let connection = Connection {
        stream,
        queue: Some(queue),
        bytes: VecDeque::new(),
        dirty: false,
        waiting: VecDeque::new(),
        incoming: Vec::new(),
    };
    (Client { commands }, connection)
}

#[derive(Clone)]
pub struct Client {
    commands: mpsc::UnboundedSender<Command>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost;

impl Client {
    pub async fn call(&self, words: &[&str]) -> Result<Value, Lost> {
        let (sender, receiver) = oneshot::channel();
        let mut bytes = Vec::new();
        encode(words, &mut bytes);
        self.commands
            .unbounded_send((bytes, sender))
            .map_err(|_| Lost)?;
        receiver.await.map_err(|_| Lost)
    }
}

pub struct Connection<S> {
    stream: S,
    queue: Option<mpsc::UnboundedReceiver<Command>>,
    bytes: VecDeque<u8>,
    dirty: bool,
    waiting: VecDeque<oneshot::Sender<Value>>,
    incoming: Vec<u8>,
}

type Command = (Vec<u8>, oneshot::Sender<Value>);

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    fn once(&mut self, context: &mut Context<'_>) -> Result<bool, io::Error> {
        let mut progress = false;
        let mut clients = true;
        while let Some(queue) = &mut self.queue {
            match queue.poll_next_unpin(context) {
                Poll::Ready(Some((bytes, sender))) => {
                    self.bytes.extend(bytes);
                    self.waiting.push_back(sender);
                }
                Poll::Ready(None) => {
                    clients = false;
                    break;
                }
                Poll::Pending => break,
            }
        }
        while !self.bytes.is_empty() {
            self.bytes.make_contiguous();
            match Pin::new(&mut self.stream).poll_write(context, self.bytes.as_slices().0) {
                Poll::Ready(Ok(count)) => {
                    self.bytes.drain(..count);
                    self.dirty = true;
                }
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => break,
            }
        }
        if self.bytes.is_empty() && self.dirty {
            match Pin::new(&mut self.stream).poll_flush(context) {
                Poll::Ready(flushed) => {
                    flushed?;
                    self.dirty = false;
                }
                Poll::Pending => {}
            }
        }
        if !clients && self.waiting.is_empty() {
            self.queue = None;
            return Ok(true);
        }
        let mut buffer = [0; 64];
        if let Poll::Ready(count) = Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
            let count = count?;
            if count == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            progress = true;
            self.incoming.extend_from_slice(&buffer[..count]);
            while let Some(value) =
                decode(&mut self.incoming).map_err(|_| io::Error::from(ErrorKind::InvalidData))?
            {
                let sender = (self.waiting.pop_front())
                    .ok_or_else(|| io::Error::from(ErrorKind::InvalidData))?;
                let _gone = sender.send(value);
            }
        }
        Ok(progress)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Future for Connection<S> {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if this.queue.is_none() {
                return Pin::new(&mut this.stream).poll_close(context);
            }
            match this.once(context) {
                Ok(true) => {}
                Ok(false) => return Poll::Pending,
                Err(error) => {
                    if let Some(queue) = &mut this.queue {
                        queue.close();
                        while let Ok(rest) = queue.try_recv() {
                            drop(rest);
                        }
                    }
                    this.waiting.clear();
                    return Poll::Ready(Err(error));
                }
            }
        }
    }
}
