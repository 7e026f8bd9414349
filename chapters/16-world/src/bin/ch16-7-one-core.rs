//! A protocol core: alone, and under three drivers.

use std::io;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use event_loop::{EventLoop, Time};
use green::Green;
use reactor::Reactor;
use world::sans_io::frame::{Frame, FrameWriter, Opcode};
use world::sans_io::on_green_threads::Timed;
use world::sans_io::{Connection, Event, Message, Role, Settings, blocking, on_a_loop};

const CLIENT: Role = Role::Client { seed: 16 };

fn settings(role: Role) -> Settings {
    Settings {
        role,
        limit: 1_000,
        patience: Duration::from_secs(20),
    }
}

fn at(seconds: u64) -> Time {
    Time::after_start(Duration::from_secs(seconds))
}

// ANCHOR: alone
/// A peer says hello and is silent from then on. The clock is a number.
fn alone() {
    let mut connection = Connection::new(settings(Role::Server), at(0));
    let mut bytes = Vec::new();
    FrameWriter::new(CLIENT).write(&Frame::last(Opcode::Text, b"hello"), &mut bytes);
    connection.receive(at(1), &bytes[..4]);
    show("1 s, 4 bytes arrive", &mut connection);
    connection.receive(at(2), &bytes[4..]);
    show("2 s, the rest arrives", &mut connection);
    connection.handle_timeout(at(22));
    show("22 s, handle_timeout", &mut connection);
    connection.handle_timeout(at(42));
    show("42 s, handle_timeout", &mut connection);
}
// ANCHOR_END: alone

fn show(call: &str, connection: &mut Connection) {
    let event = connection.next_event();
    let event = event.map_or("no event".to_owned(), |event| format!("{event:?}"));
    let output = connection.take_output();
    let deadline = connection.deadline();
    let deadline = deadline.map_or("no deadline".to_owned(), |at| format!("deadline {at}"));
    println!("  {call}: {event}, output {output:?}, {deadline}");
}

// ANCHOR: sides
/// The server: every message back to the client.
fn echo(event: Event, connection: &mut Connection) {
    if let Event::Message(message) = event {
        connection.send(message).expect("it is open");
    }
}

/// The client: closes when its second message has come back.
fn closes(event: Event, connection: &mut Connection, now: Time) {
    if event == Event::Message(Message::Text("two".to_owned())) {
        connection.close(now, 1000);
    }
}
// ANCHOR_END: sides

fn client() -> Connection {
    let mut client = Connection::new(settings(CLIENT), Time::START);
    for text in ["one", "two"] {
        client
            .send(Message::Text(text.to_owned()))
            .expect("it is open");
    }
    client
}

fn main() -> io::Result<()> {
    closed_output::end_quietly();
    println!("alone:");
    alone();
    println!("threads:       {:?}", on_threads()?);
    println!("green threads: {:?}", on_green_threads()?);
    println!("the loop:      {:?}", on_the_loop()?);
    Ok(())
}

// ANCHOR: threads
fn on_threads() -> io::Result<Vec<Event>> {
    let began = Instant::now();
    let clock = move || Time::after_start(began.elapsed());
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept()?;
        let mut connection = Connection::new(settings(Role::Server), clock());
        blocking::drive(&mut stream, clock, &mut connection, echo)
    });
    let (mut stream, mut heard) = (std::net::TcpStream::connect(address)?, Vec::new());
    blocking::drive(&mut stream, clock, &mut client(), |event, connection| {
        heard.push(event.clone());
        closes(event, connection, clock());
    })?;
    server.join().expect("it does not panic")?;
    Ok(heard)
}
// ANCHOR_END: threads

fn on_green_threads() -> io::Result<Vec<Event>> {
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    event_loop.block_on(async {
        let listener = reactor::TcpListener::bind(&reactor, any())?;
        let stream = reactor::TcpStream::connect(&reactor, listener.local_addr()?).await?;
        let (accepted, _) = listener.accept().await?;
        let timer = handle.clone();
        let server = handle.spawn(Green::new(move || {
            let mut connection = Connection::new(settings(Role::Server), timer.now());
            let clock = timer.clone();
            blocking::drive(
                &mut Timed::new(accepted, timer),
                || clock.now(),
                &mut connection,
                echo,
            )
        })?);
        let timer = handle.clone();
        let heard = Green::new(move || {
            let (clock, mut heard) = (timer.clone(), Vec::new());
            let mut stream = Timed::new(stream, timer);
            blocking::drive(
                &mut stream,
                || clock.now(),
                &mut client(),
                |event, connection| {
                    heard.push(event.clone());
                    closes(event, connection, clock.now());
                },
            )?;
            io::Result::Ok(heard)
        })?
        .await;
        server.await.expect("it does not panic")?;
        heard
    })
}

// ANCHOR: on_the_loop
fn on_the_loop() -> io::Result<Vec<Event>> {
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    event_loop.block_on(async {
        let listener = reactor::TcpListener::bind(&reactor, any())?;
        let mut stream = reactor::TcpStream::connect(&reactor, listener.local_addr()?).await?;
        let (mut accepted, _) = listener.accept().await?;
        let timer = handle.clone();
        let server = handle.spawn(async move {
            let mut connection = Connection::new(settings(Role::Server), timer.now());
            on_a_loop::drive(&mut accepted, &timer, &mut connection, echo).await
        });
        let mut heard = Vec::new();
        on_a_loop::drive(&mut stream, &handle, &mut client(), |event, connection| {
            heard.push(event.clone());
            closes(event, connection, handle.now());
        })
        .await?;
        server.await.expect("it does not panic")?;
        Ok(heard)
    })
}
// ANCHOR_END: on_the_loop

fn any() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}
