//! One conversation under each of the four drivers.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use event_loop::{EventLoop, Time, Timer};
use futures::future::join;
use futures::io::{AsyncRead, AsyncWrite};
use green::Green;
use reactor::{Reactor, TcpListener, TcpStream};
use simnet::SimNet;
use world::sans_io::on_green_threads::Timed;
use world::sans_io::{Connection, Event, Role, Settings, blocking, on_a_loop};

/// What one end does: at the beginning (no event), and at each event.
pub(crate) type Side = fn(Option<&Event>, &mut Connection);

/// A conversation: what the two ends do.
#[derive(Clone, Copy)]
pub(crate) struct Conversation {
    pub(crate) client: Side,
    pub(crate) server: Side,
    /// The most bytes of a message.
    pub(crate) limit: usize,
}

/// What each end was told.
#[derive(Debug, PartialEq)]
pub(crate) struct Heard {
    pub(crate) client: Vec<Event>,
    pub(crate) server: Vec<Event>,
}

/// Holds a conversation under one driver.
pub(crate) type Drive = fn(Conversation) -> Heard;

/// The four drivers.
pub(crate) const DRIVERS: [(&str, Drive); 4] = [
    ("threads", on_threads),
    ("green threads", on_green_threads),
    ("the loop", on_the_loop),
    ("the simulated network", on_simnet),
];

const PATIENCE: Duration = Duration::from_secs(600);

fn settings(role: Role, limit: usize) -> Settings {
    Settings {
        role,
        limit,
        patience: PATIENCE,
    }
}

const CLIENT: Role = Role::Client { seed: 16 };

/// A connection, and what it was told.
struct Told {
    connection: Connection,
    heard: Vec<Event>,
    side: Side,
}

impl Told {
    fn new(role: Role, side: Side, limit: usize) -> Told {
        let mut connection = Connection::new(settings(role, limit), Time::START);
        side(None, &mut connection);
        Told {
            connection,
            heard: Vec::new(),
            side,
        }
    }

    fn blocking<S: blocking::TimedRead + io::Write>(
        mut self,
        mut stream: S,
        clock: impl Fn() -> Time,
    ) -> io::Result<Vec<Event>> {
        let (heard, side) = (&mut self.heard, self.side);
        blocking::drive(
            &mut stream,
            clock,
            &mut self.connection,
            |event, connection| {
                side(Some(&event), connection);
                heard.push(event);
            },
        )?;
        Ok(self.heard)
    }

    async fn on_a_loop<S: AsyncRead + AsyncWrite + Unpin>(
        mut self,
        mut stream: S,
        timer: impl Timer,
    ) -> io::Result<Vec<Event>> {
        let (heard, side) = (&mut self.heard, self.side);
        on_a_loop::drive(
            &mut stream,
            &timer,
            &mut self.connection,
            |event, connection| {
                side(Some(&event), connection);
                heard.push(event);
            },
        )
        .await?;
        Ok(self.heard)
    }
}

fn on_threads(conversation: Conversation) -> Heard {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let began = Instant::now();
    let clock = move || Time::after_start(began.elapsed());
    let client = thread::spawn(move || {
        let stream = std::net::TcpStream::connect(address).unwrap();
        let told = Told::new(CLIENT, conversation.client, conversation.limit);
        told.blocking(stream, clock).unwrap()
    });
    let (stream, _) = listener.accept().unwrap();
    let server = Told::new(Role::Server, conversation.server, conversation.limit);
    Heard {
        server: server.blocking(stream, clock).unwrap(),
        client: client.join().unwrap(),
    }
}

fn on_green_threads(conversation: Conversation) -> Heard {
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    event_loop.block_on(async {
        let (client, server) = connected(&reactor).await;
        let end = |role, side, stream| {
            let timer = handle.clone();
            Green::new(move || {
                let told = Told::new(role, side, conversation.limit);
                let clock = timer.clone();
                told.blocking(Timed::new(stream, timer), move || clock.now())
                    .unwrap()
            })
            .unwrap()
        };
        let client = handle.spawn(end(CLIENT, conversation.client, client));
        let server = handle.spawn(end(Role::Server, conversation.server, server));
        Heard {
            client: client.await.unwrap(),
            server: server.await.unwrap(),
        }
    })
}

fn on_the_loop(conversation: Conversation) -> Heard {
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    event_loop.block_on(async {
        let (client, server) = connected(&reactor).await;
        both(conversation, client, server, &handle).await
    })
}

fn on_simnet(conversation: Conversation) -> Heard {
    let net = SimNet::new(16);
    let hosts = (net.host("client"), net.host("server"));
    let event_loop = EventLoop::with_driver(net);
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let listener = hosts.1.listen(80).unwrap();
        let client = hosts.0.connect(hosts.1.address(80)).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        both(conversation, client, server, &handle).await
    })
}

async fn both<S>(
    conversation: Conversation,
    client: S,
    server: S,
    timer: &event_loop::Handle,
) -> Heard
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Conversation { limit, .. } = conversation;
    let told = Told::new(CLIENT, conversation.client, limit);
    let client = told.on_a_loop(client, timer.clone());
    let told = Told::new(Role::Server, conversation.server, limit);
    let server = told.on_a_loop(server, timer.clone());
    let (client, server) = join(client, server).await;
    Heard {
        client: client.unwrap(),
        server: server.unwrap(),
    }
}

async fn connected(reactor: &reactor::ReactorHandle) -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind(reactor, "127.0.0.1:0".parse().unwrap()).unwrap();
    let client = TcpStream::connect(reactor, listener.local_addr().unwrap())
        .await
        .unwrap();
    let (server, _) = listener.accept().await.unwrap();
    (client, server)
}
