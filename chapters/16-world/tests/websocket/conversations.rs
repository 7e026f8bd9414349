//! tungstenite at both ends.

use async_tungstenite::tungstenite::error::CapacityError;
use async_tungstenite::tungstenite::protocol::CloseFrame;
use async_tungstenite::tungstenite::protocol::frame::Frame;
use async_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use async_tungstenite::tungstenite::{Error, Message};
use async_tungstenite::{accept_async, client_async};
use event_loop::EventLoop;
use futures::StreamExt;
use futures::future::{join, select};
use reactor::{Reactor, TcpListener, TcpStream};

use super::{Socket, connected};

async fn rest(mut socket: Socket) -> Vec<Message> {
    let mut messages = Vec::new();
    while let Some(Ok(message)) = socket.next().await {
        messages.push(message);
    }
    messages
}

#[test]
fn a_client_and_a_server_shake_hands_and_talk_over_tcp() {
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let reactor = event_loop.driver().handle();
    event_loop.block_on(async {
        let listener = TcpListener::bind(&reactor, "127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let serves = async {
            let (stream, _) = listener.accept().await.unwrap();
            let mut socket = accept_async(stream).await.unwrap();
            while let Some(Ok(message)) = socket.next().await {
                if message.is_text() || message.is_binary() {
                    socket.send(message).await.unwrap();
                }
            }
        };
        let asks = async {
            let stream = TcpStream::connect(&reactor, address).await.unwrap();
            let (mut socket, _) = client_async(format!("ws://{address}/"), stream)
                .await
                .unwrap();
            for message in [Message::text("зима"), Message::binary(vec![7; 1_000_000])] {
                socket.send(message.clone()).await.unwrap();
                assert_eq!(socket.next().await.unwrap().unwrap(), message);
            }
            socket.close(None).await.unwrap();
            while let Some(message) = socket.next().await {
                assert!(message.unwrap().is_close());
            }
        };
        join(serves, asks).await;
    });
}

#[test]
fn either_end_may_close_and_both_learn_the_code() {
    let frame = || CloseFrame {
        code: CloseCode::Away,
        reason: "so long".into(),
    };
    for server_closes in [false, true] {
        connected(1_000, async |_, client, server| {
            let (mut closes, answers) = if server_closes {
                (server, client)
            } else {
                (client, server)
            };
            closes.close(Some(frame())).await.unwrap();
            let (here, there) = join(rest(closes), rest(answers)).await;
            for messages in [here, there] {
                let [Message::Close(Some(heard))] = &messages[..] else {
                    panic!("{messages:?}")
                };
                assert_eq!(
                    heard.code,
                    CloseCode::Away,
                    "the server closes: {server_closes}"
                );
            }
        });
    }
}

#[test]
fn a_message_in_parts_arrives_whole_and_a_ping_between_them_is_answered() {
    connected(1_000, async |_, mut client, server| {
        let part = |text: &str, opcode, last| {
            Message::Frame(Frame::message(text.to_owned(), OpCode::Data(opcode), last))
        };
        client.send(part("one, ", Data::Text, false)).await.unwrap();
        client.send(Message::Ping("?".into())).await.unwrap();
        client
            .send(part("two", Data::Continue, true))
            .await
            .unwrap();
        client.close(None).await.unwrap();
        let (client, server) = join(rest(client), rest(server)).await;
        assert_eq!(
            server,
            [
                Message::Ping("?".into()),
                Message::text("one, two"),
                Message::Close(None)
            ]
        );
        assert_eq!(client, [Message::Pong("?".into()), Message::Close(None)]);
    });
}

#[test]
fn a_message_above_the_limit_is_an_error_of_the_server() {
    for parts in [1, 2] {
        connected(1_000, async |_, mut client, mut server| {
            let half = vec![0; 1_200 / parts];
            for part in 0..parts {
                let opcode = if part == 0 {
                    Data::Binary
                } else {
                    Data::Continue
                };
                let frame = Frame::message(half.clone(), OpCode::Data(opcode), part + 1 == parts);
                client.send(Message::Frame(frame)).await.unwrap();
            }
            let refused = server.next().await.unwrap().unwrap_err();
            let expected = matches!(
                refused,
                Error::Capacity(CapacityError::MessageTooLong {
                    max_size: 1_000,
                    ..
                })
            );
            assert!(expected, "in {parts} parts: {refused:?}");
        });
    }
}

#[test]
fn a_client_that_drops_the_socket_at_the_close_frame_leaves_the_server_without_an_answer() {
    for reads_on in [false, true] {
        connected(1_000, async |handle, mut client, mut server| {
            server.close(None).await.unwrap();
            assert_eq!(client.next().await.unwrap().unwrap(), Message::Close(None));
            if reads_on {
                // The answer is sent; the end comes when the server closes the stream.
                let second = handle.sleep(std::time::Duration::from_secs(1));
                select(client.next(), second).await;
            }
            drop(client);
            let answered = matches!(server.next().await, Some(Ok(Message::Close(None))));
            assert_eq!(answered, reads_on);
        });
    }
}

#[test]
fn tungstenite_answers_no_ping_behind_its_own_close_frame() {
    connected(1_000, async |_, mut client, mut server| {
        server.close(None).await.unwrap();
        // Before the client reads the close frame, it has sent a ping.
        client.send(Message::Ping("?".into())).await.unwrap();
        let (client, _) = join(rest(client), rest(server)).await;
        assert_eq!(client, [Message::Close(None)], "and no pong");
    });
}
