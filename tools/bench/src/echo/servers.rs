//! The peers that are written in Rust, each as its own documentation would have it.

use std::io::{self, Read, Write};
use std::net::SocketAddr;

const BUFFER: usize = 16 * 1024;

/// A peer that this program itself can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Server {
    Mio,
    TokioCurrentThread,
    TokioMultiThread,
    Smol,
    Stealing,
    Green,
    HyperOnThisLoop,
    HyperOnTokio,
}

impl Server {
    /// Serves until the process ends.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self {
            Server::Mio => mio_echo(),
            Server::TokioCurrentThread => {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?;
                runtime.block_on(tokio_echo())
            }
            Server::TokioMultiThread => {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .enable_all()
                    .build()?;
                runtime.block_on(tokio_echo())
            }
            Server::Smol => smol_echo(),
            Server::Stealing => super::stealing::serve(&std_listener()?, 2),
            Server::Green => green_echo(),
            Server::HyperOnThisLoop => crate::http::on_this_loop(),
            Server::HyperOnTokio => crate::http::on_tokio(),
        }
    }
}

fn listening(address: SocketAddr) -> io::Result<()> {
    writeln!(io::stdout(), "listening on {address}")
}

pub(crate) fn std_listener() -> io::Result<std::net::TcpListener> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
    let address: SocketAddr = ([127, 0, 0, 1], 0).into();
    socket.bind(&address.into())?;
    socket.listen(4096)?;
    socket.set_nonblocking(true)?;
    let listener: std::net::TcpListener = socket.into();
    listening(listener.local_addr()?)?;
    Ok(listener)
}

async fn tokio_echo() -> anyhow::Result<()> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = tokio::net::TcpListener::from_std(std_listener()?)?;
    loop {
        let (mut stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let mut buffer = vec![0; BUFFER];
            while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                if stream.write_all(&buffer[..count]).await.is_err() {
                    return;
                }
            }
        });
    }
}

/// A plain function serves each connection, on a stack of its own.
fn green_echo() -> anyhow::Result<()> {
    fn echo(mut stream: impl Read + Write) {
        let mut buffer = vec![0; BUFFER];
        while let Ok(count @ 1..) = stream.read(&mut buffer) {
            if stream.write_all(&buffer[..count]).is_err() {
                return;
            }
        }
    }
    let event_loop = event_loop::EventLoop::with_driver(reactor::Reactor::new()?);
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    let listener = reactor::TcpListener::from_std(&reactor, std_listener()?)?;
    event_loop.block_on(async {
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let serve = move || echo(green::Blocking::new(stream));
            drop(handle.spawn(green::Green::new(serve)?));
        }
    })
}

fn smol_echo() -> anyhow::Result<()> {
    use futures_lite::{AsyncReadExt, AsyncWriteExt};

    let executor = async_executor::LocalExecutor::new();
    async_io::block_on(executor.run(async {
        let listener = async_io::Async::new(std_listener()?)?;
        loop {
            let (mut stream, _) = listener.accept().await?;
            stream.get_ref().set_nodelay(true)?;
            let connection = executor.spawn(async move {
                let mut buffer = vec![0; BUFFER];
                while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                    if stream.write_all(&buffer[..count]).await.is_err() {
                        return;
                    }
                }
            });
            connection.detach();
        }
    }))
}

/// A connection of [`mio_echo`], and what its peer has not taken yet.
struct Connection {
    stream: mio::net::TcpStream,
    rest: Vec<u8>,
}

/// mio as it is, without a loop around it: what one would write who knows exactly what he wants.
fn mio_echo() -> anyhow::Result<()> {
    const LISTENER: mio::Token = mio::Token(usize::MAX);
    let mut poll = mio::Poll::new()?;
    let mut events = mio::Events::with_capacity(1024);
    let mut listener = mio::net::TcpListener::from_std(std_listener()?);
    let both = mio::Interest::READABLE | mio::Interest::WRITABLE;
    (poll.registry()).register(&mut listener, LISTENER, mio::Interest::READABLE)?;
    let mut connections = slab::Slab::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        }
        for event in &events {
            if event.token() == LISTENER {
                while let Ok((mut stream, _)) = listener.accept() {
                    stream.set_nodelay(true)?;
                    let entry = connections.vacant_entry();
                    (poll.registry()).register(&mut stream, mio::Token(entry.key()), both)?;
                    let rest = Vec::new();
                    entry.insert(Connection { stream, rest });
                }
                continue;
            }
            let key = event.token().0;
            let Some(connection) = connections.get_mut(key) else {
                continue;
            };
            if !pass_on(connection, event.is_read_closed(), &mut buffer) {
                connections.remove(key);
            }
        }
    }
}

/// Returns whether the connection goes on.
fn pass_on(connection: &mut Connection, closed: bool, buffer: &mut [u8]) -> bool {
    let Connection { stream, rest } = connection;
    loop {
        while !rest.is_empty() {
            match stream.write(rest) {
                Ok(count) => drop(rest.drain(..count)),
                Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
            }
        }
        let read = match stream.read(buffer) {
            Ok(0) => return false,
            Ok(count) => count,
            Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
        };
        let written = match stream.write(&buffer[..read]) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(_) => return false,
        };
        rest.extend_from_slice(&buffer[written..read]);
        // A short read means that there is no more, but for an end that came with it.
        if rest.is_empty() && read < buffer.len() && !closed {
            return true;
        }
    }
}
