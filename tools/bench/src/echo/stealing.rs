//! Chapter 14's executor, which has no sockets of its own, as an echo server: one thread asks the kernel for
//! events, and wakes tasks that run on any worker.

use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll as Ready;
use std::thread;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Registry, Token};
use slab::Slab;
use speed::stealing::Workers;
use wakers::AtomicWaker;

/// What the polling thread shares with the connections.
struct Io {
    registry: Registry,
    sources: Mutex<Slab<Arc<Source>>>,
}

/// The task that waits for a socket. Both directions wake it: an echo waits for one at a time.
#[derive(Default)]
struct Source {
    happened: AtomicBool,
    waker: AtomicWaker,
}

struct Connection {
    stream: TcpStream,
    source: Arc<Source>,
    key: usize,
    io: Arc<Io>,
}

/// Serves until the process ends.
///
/// # Errors
///
/// If the system refuses a socket or a thread.
pub(crate) fn serve(listener: &std::net::TcpListener, workers: usize) -> anyhow::Result<()> {
    let mut poll = Poll::new()?;
    let io = Arc::new(Io {
        registry: poll.registry().try_clone()?,
        sources: Mutex::default(),
    });
    let polled = Arc::clone(&io);
    thread::Builder::new().spawn(move || {
        let mut events = Events::with_capacity(1024);
        loop {
            if let Err(error) = poll.poll(&mut events, None)
                && error.kind() != ErrorKind::Interrupted
            {
                return;
            }
            for event in &events {
                let source = polled.sources().get(event.token().0).cloned();
                if let Some(source) = source {
                    source.happened.store(true, Ordering::Release);
                    source.waker.wake();
                }
            }
        }
    })?;
    let workers = Workers::new(workers)?;
    listener.set_nonblocking(false)?;
    loop {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let connection = Connection::new(TcpStream::from_std(stream), &io)?;
        drop(workers.spawn(echo(connection)));
    }
}

async fn echo(mut connection: Connection) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = match connection.tries(|stream| stream.read(&mut buffer)).await {
            Ok(count @ 1..) => count,
            _ => return,
        };
        let mut rest = &buffer[..count];
        while !rest.is_empty() {
            match connection.tries(|stream| stream.write(rest)).await {
                Ok(count @ 1..) => rest = &rest[count..],
                _ => return,
            }
        }
    }
}

impl Io {
    fn sources(&self) -> std::sync::MutexGuard<'_, Slab<Arc<Source>>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    fn new(mut stream: TcpStream, io: &Arc<Io>) -> io::Result<Connection> {
        let source = Arc::new(Source::default());
        let key = io.sources().insert(Arc::clone(&source));
        let both = Interest::READABLE | Interest::WRITABLE;
        io.registry.register(&mut stream, Token(key), both)?;
        Ok(Connection {
            stream,
            source,
            key,
            io: Arc::clone(io),
        })
    }

    /// Repeats `attempt` after each event, until it does not report that it would block.
    async fn tries(
        &mut self,
        mut attempt: impl FnMut(&mut TcpStream) -> io::Result<usize>,
    ) -> io::Result<usize> {
        loop {
            // Before the attempt: an event that comes after it sets the flag again.
            self.source.happened.store(false, Ordering::SeqCst);
            match attempt(&mut self.stream) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                other => return other,
            }
            poll_fn(|context| {
                self.source.waker.register(context.waker());
                match self.source.happened.load(Ordering::SeqCst) {
                    true => Ready::Ready(()),
                    false => Ready::Pending,
                }
            })
            .await;
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let _gone = self.io.registry.deregister(&mut self.stream);
        self.io.sources().remove(self.key);
    }
}
