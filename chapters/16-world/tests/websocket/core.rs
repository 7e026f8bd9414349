//! The course's protocol core at one end, tungstenite at the other.

use std::time::Duration;

use async_tungstenite::tungstenite::Message as Theirs;
use async_tungstenite::tungstenite::protocol::frame::Frame;
use async_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use async_tungstenite::{WebSocketStream, tungstenite};
use event_loop::{EventLoop, JumpingDriver};
use futures::StreamExt;
use futures::future::join;
use world::duplex::duplex;
use world::sans_io::{Connection, Event, Message, Role, Settings, on_a_loop};

#[test]
fn the_core_and_tungstenite_understand_each_other_in_both_roles() {
    for (ours, theirs) in [
        (Role::Server, tungstenite::protocol::Role::Client),
        (
            Role::Client { seed: 9 },
            tungstenite::protocol::Role::Server,
        ),
    ] {
        let event_loop = EventLoop::with_driver(JumpingDriver::new());
        let handle = event_loop.handle();
        event_loop.block_on(async {
            let (mut here, there) = duplex(100);
            let mut socket = WebSocketStream::from_raw_socket(there, theirs, None).await;
            let settings = Settings {
                role: ours,
                limit: 100_000,
                patience: Duration::from_secs(20),
            };
            let mut connection = Connection::new(settings, handle.now());
            let mut events = Vec::new();
            let echoes =
                on_a_loop::drive(&mut here, &handle, &mut connection, |event, connection| {
                    if let Event::Message(message) = &event {
                        connection.send(message.clone()).unwrap();
                    }
                    events.push(event);
                });
            let asks = async {
                let part = |text: &str, opcode, last| {
                    Theirs::Frame(Frame::message(text.to_owned(), OpCode::Data(opcode), last))
                };
                let long =
                    Theirs::binary((0..70_000u32).map(|byte| byte as u8).collect::<Vec<_>>());
                socket.send(part("зи", Data::Text, false)).await.unwrap();
                socket.send(Theirs::Ping("?".into())).await.unwrap();
                socket.send(part("ма", Data::Continue, true)).await.unwrap();
                assert_eq!(
                    socket.next().await.unwrap().unwrap(),
                    Theirs::Pong("?".into())
                );
                assert_eq!(socket.next().await.unwrap().unwrap(), Theirs::text("зима"));
                socket.send(long.clone()).await.unwrap();
                assert_eq!(socket.next().await.unwrap().unwrap(), long);
                socket.close(None).await.unwrap();
                assert_eq!(socket.next().await.unwrap().unwrap(), Theirs::Close(None));
            };
            let (echoed, ()) = join(echoes, asks).await;
            echoed.unwrap();
            assert_eq!(events[0], Event::Message(Message::Text("зима".to_owned())));
            assert_eq!(events.last(), Some(&Event::Closed(None)), "{ours:?}");
        });
    }
}
