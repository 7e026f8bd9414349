//! The client against redis-server. Where it is not installed, each test says so and is skipped.

mod server;

use std::cell::RefCell;
use std::io::ErrorKind;

use event_loop::{EventLoop, Handle, JoinHandle};
use futures::StreamExt;
use futures::future::{FutureExt, join_all};
use reactor::{Reactor, ReactorHandle, TcpStream};
use world::redis::{Client, Lost, Subscriber, Value, client};

use server::Server;

struct World {
    server: RefCell<Server>,
    reactor: ReactorHandle,
    handle: Handle,
}

impl World {
    async fn stream(&self) -> TcpStream {
        let address = self.server.borrow().address();
        TcpStream::connect(&self.reactor, address).await.unwrap()
    }

    async fn connect(&self) -> (Client, JoinHandle<std::io::Result<()>>) {
        let (client, connection) = client(self.stream().await);
        (client, self.handle.spawn(connection))
    }
}

fn with_server(test: impl AsyncFnOnce(World)) {
    let Some(server) = Server::start() else {
        return;
    };
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let world = World {
        server: RefCell::new(server),
        reactor: event_loop.driver().handle(),
        handle: event_loop.handle(),
    };
    event_loop.block_on(test(world));
}

fn bulk(text: impl ToString) -> Value {
    Value::Bulk(text.to_string().into_bytes())
}

#[test]
fn every_kind_of_answer_is_understood() {
    with_server(async |world| {
        let (client, connection) = world.connect().await;
        assert_eq!(
            client.call(&["SET", "a", "ä\r\n"]).await,
            Ok(Value::Simple("OK".into()))
        );
        assert_eq!(client.call(&["GET", "a"]).await, Ok(bulk("ä\r\n")));
        assert_eq!(client.call(&["GET", "b"]).await, Ok(Value::Nil));
        assert_eq!(
            client.call(&["RPUSH", "l", "1", "", "3"]).await,
            Ok(Value::Integer(3))
        );
        let list = Value::Array(vec![bulk(1), bulk(""), bulk(3)]);
        assert_eq!(client.call(&["LRANGE", "l", "0", "-1"]).await, Ok(list));
        let error = client.call(&["INCR", "a"]).await;
        assert!(matches!(error, Ok(Value::Error(text)) if text.starts_with("ERR")));
        drop(client);
        assert!(connection.await.unwrap().is_ok());
    });
}

#[test]
fn ten_thousand_commands_of_a_hundred_tasks_get_their_own_answers() {
    with_server(async |world| {
        let (client, _connection) = world.connect().await;
        let tasks = (0..100).map(async |task: u32| {
            for step in 0..100 {
                let word = format!("{task}/{step}");
                let answer = client.call(&["ECHO", &word]).await;
                assert_eq!(answer, Ok(bulk(word)));
            }
        });
        join_all(tasks).await;
    });
}

#[test]
fn answers_of_callers_that_are_gone_reach_no_other_caller() {
    with_server(async |world| {
        let (client, _connection) = world.connect().await;
        for round in 0..50 {
            let mut calls: Vec<_> = (0..20)
                .map(|number: u32| {
                    let client = client.clone();
                    Box::pin(async move {
                        let word = format!("{round}/{number}");
                        (client.call(&["ECHO", &word]).await, bulk(word))
                    })
                })
                .collect();
            for call in &mut calls {
                assert!(call.as_mut().now_or_never().is_none());
            }
            event_loop::yield_now().await; // The task of the connection may send them here.
            let mut number = 0;
            calls.retain(|_call| {
                number += 1;
                (number + round) % 3 == 0
            });
            for (answer, expected) in join_all(calls).await {
                assert_eq!(answer, Ok(expected));
            }
        }
    });
}

#[test]
fn a_value_of_eight_megabytes_goes_both_ways_at_the_same_time() {
    with_server(async |world| {
        let (client, _connection) = world.connect().await;
        let large = "x".repeat(8 << 20);
        // Redis sends the first answer back while the next command still arrives.
        let words = ["ECHO", &*large];
        let calls = (0..4).map(|_| client.call(&words));
        for answer in join_all(calls).await {
            assert!(answer == Ok(Value::Bulk(large.clone().into_bytes())));
        }
    });
}

#[test]
fn a_server_that_is_killed_fails_the_calls_that_wait_and_every_later_one() {
    with_server(async |world| {
        let (client, connection) = world.connect().await;
        let mut blocked = Box::pin(client.call(&["BLPOP", "nothing", "0"]));
        assert!(blocked.as_mut().now_or_never().is_none());
        event_loop::yield_now().await;
        world.server.borrow_mut().kill();
        assert_eq!(blocked.await, Err(Lost));
        assert_eq!(client.call(&["PING"]).await, Err(Lost));
        let ended = connection.await.unwrap().unwrap_err().kind();
        assert!(matches!(
            ended,
            ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset
        ));
    });
}

#[test]
fn published_messages_come_as_a_stream() {
    with_server(async |world| {
        let channels = ["prices", "orders"];
        let subscriber = Subscriber::subscribe(world.stream().await, &channels).await;
        let (client, _connection) = world.connect().await;
        for (channel, payload) in [("prices", "1"), ("elsewhere", "2"), ("orders", "3")] {
            client.call(&["PUBLISH", channel, payload]).await.unwrap();
        }
        let heard = subscriber.unwrap().take(2).map(|message| {
            let message = message.unwrap();
            (message.channel, String::from_utf8(message.payload).unwrap())
        });
        let heard: Vec<(String, String)> = heard.collect().await;
        let expected = [("prices", "1"), ("orders", "3")];
        assert_eq!(
            heard,
            expected.map(|(channel, text)| (channel.into(), text.into()))
        );
    });
}

#[test]
fn a_subscription_ends_with_its_server() {
    with_server(async |world| {
        let subscriber = Subscriber::subscribe(world.stream().await, &["prices"]).await;
        let mut subscriber = subscriber.unwrap();
        world.server.borrow_mut().kill();
        assert!(subscriber.next().await.unwrap().is_err());
        assert!(subscriber.next().await.is_none());
    });
}
