//! The client against Debian's PostgreSQL. Where it is not installed, each test says so and is skipped.

mod copying;
mod kills;
mod laws;
mod notices;
mod pooling;
mod queries;
mod scripted;
mod server;
mod sessions;
#[cfg(feature = "tls")]
mod tls;

use std::sync::Arc;

use event_loop::{EventLoop, Handle, JoinHandle};
use reactor::{Reactor, ReactorHandle, TcpStream};
use world::postgres::{Client, Config, Error, Row, connect};

use server::{PASSWORD, Server, USER};

/// What a test needs to connect.
#[derive(Clone)]
struct World {
    server: Arc<Server>,
    reactor: ReactorHandle,
    handle: Handle,
}

impl World {
    fn config() -> Config {
        Config::new(USER).database("postgres").password(PASSWORD)
    }

    async fn stream(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.reactor, self.server.address()).await;
        stream.unwrap()
    }

    /// A client, and the task of its connection.
    async fn connect(&self) -> (Client, JoinHandle<Result<(), Error>>) {
        self.connect_as(&World::config()).await.unwrap()
    }

    async fn connect_as(
        &self,
        config: &Config,
    ) -> Result<(Client, JoinHandle<Result<(), Error>>), Error> {
        let stream = TcpStream::connect(&self.reactor, self.server.address()).await?;
        stream.set_nodelay(true)?;
        let (client, connection) = connect(stream, config).await?;
        Ok((client, self.handle.spawn(connection)))
    }

    async fn client(&self) -> Client {
        self.connect().await.0
    }
}

/// Runs a test on a loop of its own, if PostgreSQL is installed.
fn with_server(test: impl AsyncFnOnce(World)) {
    if let Some(server) = Server::shared() {
        on_a_loop(server, test);
    }
}

fn on_a_loop(server: Arc<Server>, test: impl AsyncFnOnce(World)) {
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let world = World {
        server,
        reactor: event_loop.driver().handle(),
        handle: event_loop.handle(),
    };
    event_loop.block_on(test(world));
}

fn texts(rows: &[Row]) -> Vec<&str> {
    rows.iter()
        .map(|row| row.get(0).unwrap_or("NULL"))
        .collect()
}

/// The SQLSTATE of an error of the server.
fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Server(error)) => error.code,
        other => panic!("no error of the server: {other:?}"),
    }
}
