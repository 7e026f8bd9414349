//! What a driver adds: two directions at once, bounded memory, and the times.

use std::cell::Cell;
use std::io::{self, Write};
use std::time::Duration;

use event_loop::{EventLoop, Time};
use futures::future::join;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use simnet::SimNet;
use world::sans_io::blocking::{self, TimedRead};
use world::sans_io::frame::{Frame, FrameWriter, Opcode};
use world::sans_io::{Connection, Event, Message, Role, Settings, on_a_loop};

const CLIENT: Role = Role::Client { seed: 1 };

fn connection(role: Role, patience: u64) -> Connection {
    let patience = Duration::from_secs(patience);
    Connection::new(
        Settings {
            role,
            limit: 10_000_000,
            patience,
        },
        Time::START,
    )
}

#[test]
fn two_peers_that_both_send_more_than_the_buffers_hold_do_not_wait_for_each_other_on_the_loop() {
    let net = SimNet::new(3);
    let hosts = [net.host("client"), net.host("server")];
    let event_loop = EventLoop::with_driver(net);
    let handle = event_loop.handle();
    let heard = event_loop.block_on(async {
        let listener = hosts[1].listen(80).unwrap();
        let mut streams = [
            hosts[0].connect(hosts[1].address(80)).await.unwrap(),
            listener.accept().await.unwrap().0,
        ];
        let [first, second] = &mut streams;
        let end = async |role, stream: &mut simnet::Stream| {
            let mut connection = connection(role, 600);
            connection
                .send(Message::Binary(vec![0; 5_000_000]))
                .unwrap();
            let mut messages = 0;
            on_a_loop::drive(stream, &handle, &mut connection, |event, connection| {
                if let Event::Message(_) = event {
                    messages += 1;
                    connection.close(Time::START, 1000);
                }
            })
            .await
            .unwrap();
            messages
        };
        join(end(CLIENT, first), end(Role::Server, second)).await
    });
    assert_eq!(heard, (1, 1));
}

#[test]
fn a_peer_that_vanishes_is_noticed_after_a_ping() {
    let net = SimNet::new(4);
    let hosts = [net.host("client"), net.host("server")];
    let event_loop = EventLoop::with_driver(net);
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let listener = hosts[1].listen(80).unwrap();
        let _client = hosts[0].connect(hosts[1].address(80)).await.unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        hosts[0].power_off();
        let mut connection = connection(Role::Server, 20);
        let mut events = Vec::new();
        let on_event = |event, _: &mut Connection| events.push(event);
        on_a_loop::drive(&mut stream, &handle, &mut connection, on_event)
            .await
            .unwrap();
        assert_eq!(events, [Event::Lost]);
        // The last bytes may take a second more.
        let took = handle.now().since_start().as_secs();
        assert!((40..=41).contains(&took), "it took {took} s");
    });
}

#[test]
fn a_peer_that_asks_and_reads_no_answer_is_not_read_any_further() {
    let net = SimNet::new(5);
    let hosts = [net.host("client"), net.host("server")];
    let event_loop = EventLoop::with_driver(net);
    let handle = event_loop.handle();
    let mut pings = Vec::new();
    let mut writer = FrameWriter::new(CLIENT);
    for _ in 0..80_000 {
        writer.write(&Frame::last(Opcode::Ping, &[0; 125]), &mut pings);
    }
    let all = pings.len();
    event_loop.block_on(async {
        let listener = hosts[1].listen(80).unwrap();
        let mut client = hosts[0].connect(hosts[1].address(80)).await.unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        let written = Cell::new(0);
        let asks = async {
            while written.get() < all {
                match client.write(&pings[written.get()..]).await {
                    Ok(count) => written.set(written.get() + count),
                    Err(_) => break,
                }
            }
        };
        let mut connection = connection(Role::Server, 20);
        let serves = on_a_loop::drive(&mut stream, &handle, &mut connection, |_, _| {});
        let (_, served) = futures::future::join(
            futures::future::select(
                Box::pin(asks),
                Box::pin(async { handle.sleep(Duration::from_secs(100)).await }),
            ),
            serves,
        )
        .await;
        served.unwrap();
        assert!(
            written.get() < all,
            "the driver read all {all} bytes, and its peer read no answer"
        );
        let mut some = [0; 1];
        drop(client.read(&mut some).await);
    });
}

/// A stream to which nothing comes, on a clock that jumps to the end of each limit.
struct Quiet<'c> {
    clock: &'c Cell<Time>,
    written: Vec<u8>,
}

impl TimedRead for Quiet<'_> {
    fn read_for(&mut self, _: &mut [u8], limit: Duration) -> io::Result<Option<usize>> {
        self.clock.set(self.clock.get() + limit);
        Ok(None)
    }
}

impl Write for Quiet<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_blocking_driver_passes_the_time_on() {
    let clock = Cell::new(Time::START);
    let mut stream = Quiet {
        clock: &clock,
        written: Vec::new(),
    };
    let mut connection = connection(Role::Server, 20);
    let mut events = Vec::new();
    let on_event = |event, _: &mut Connection| events.push(event);
    blocking::drive(&mut stream, || clock.get(), &mut connection, on_event).unwrap();
    assert_eq!(events, [Event::Lost]);
    assert_eq!(clock.get(), Time::after_start(Duration::from_secs(40)));
    assert_eq!(stream.written, b"\x89\x00", "one ping");
}
