//! The client that listens, and pings beside that.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use async_tungstenite::tungstenite::Message;
use async_tungstenite::{accept_async, client_async};
use event_loop::{EventLoop, Handle};
use futures::StreamExt;
use futures::future::{Either, join, select};
use simnet::{Host, SimNet};
use world::websocket::{Ended, listen};

use super::connected;

const SECOND: Duration = Duration::from_secs(1);
const EVERY: Duration = Duration::from_secs(20);

#[test]
fn a_server_that_answers_no_ping_is_silent_after_the_second_interval() {
    connected(1_000, async |handle, client, _server| {
        let ended = listen(client, &handle, EVERY, |_| {}).await;
        assert!(matches!(ended, Ended::Silent), "{ended:?}");
        assert_eq!(handle.now().since_start(), 40 * SECOND);
    });
}

#[test]
fn a_server_that_reads_nothing_is_silent_too() {
    connected(1_000, async |handle, mut client, _server| {
        // The buffers are full: the ping has no room.
        loop {
            let send = pin!(client.send(Message::binary(vec![0; 500])));
            if let Either::Right(_) = select(send, handle.sleep(SECOND)).await {
                break;
            }
        }
        let began = handle.now();
        let ended = listen(client, &handle, EVERY, |_| {}).await;
        assert!(matches!(ended, Ended::Silent), "{ended:?}");
        assert_eq!(handle.now() - began, 40 * SECOND);
    });
}

#[test]
fn a_server_that_closes_and_keeps_its_stream_holds_the_client_for_one_interval() {
    connected(1_000, async |handle, client, mut server| {
        handle.sleep(15 * SECOND).await;
        server.close(None).await.unwrap();
        let ended = listen(client, &handle, EVERY, |_| {}).await;
        assert!(matches!(ended, Ended::Closed(None)), "{ended:?}");
        assert_eq!(handle.now().since_start(), 35 * SECOND);
        assert!(
            server.next().await.unwrap().unwrap().is_close(),
            "the answer"
        );
    });
}

#[test]
fn messages_keep_a_server_alive_that_answers_no_ping() {
    connected(1_000, async |handle, client, mut server| {
        let talks = async {
            for number in 1..=10 {
                handle
                    .sleep_until(event_loop::Time::START + number * 15 * SECOND)
                    .await;
                server
                    .send(Message::text(number.to_string()))
                    .await
                    .unwrap();
            }
            handle.now()
        };
        let heard = RefCell::new(Vec::new());
        let listens = async {
            let ended = listen(client, &handle, EVERY, |message| {
                heard.borrow_mut().push(message.to_string());
            })
            .await;
            (ended, handle.now().since_start())
        };
        let (_, (ended, at)) = join(talks, listens).await;
        assert!(matches!(ended, Ended::Silent), "{ended:?}");
        assert_eq!(heard.borrow().len(), 10);
        // The last message came at 150 s, after the ping at 140 s. Nothing came from 160 s to 180 s.
        assert_eq!(at, 180 * SECOND);
    });
}

#[test]
fn a_server_that_is_killed_and_restarted_is_listened_to_again() {
    let net = SimNet::new(16);
    let hosts = [net.host("server"), net.host("client")];
    let event_loop = EventLoop::with_driver(net.clone());
    let handle = event_loop.handle();
    let heard = Rc::new(RefCell::new(Vec::new()));
    let starts = Rc::new(Cell::new(0));
    event_loop.block_on(async {
        start(&hosts[0], &handle, &starts);
        let (timer, noted) = (handle.clone(), Rc::clone(&heard));
        let client = hosts[1].clone();
        let address = hosts[0].address(80);
        hosts[1].spawn(&handle, async move {
            loop {
                if let Ok(stream) = client.connect(address).await
                    && let Ok((socket, _)) = client_async("ws://server/", stream).await
                {
                    let notes = Rc::clone(&noted);
                    let _ended = listen(socket, &timer, EVERY, move |message| {
                        notes.borrow_mut().push(message.to_string());
                    })
                    .await;
                }
                timer.sleep(SECOND).await;
            }
        });
        handle.sleep(100 * SECOND).await;
        // Its kernel closes the connections.
        hosts[0].kill();
        handle.sleep(10 * SECOND).await;
        start(&hosts[0], &handle, &starts);
        handle.sleep(100 * SECOND).await;
        // Without power it tells no peer.
        hosts[0].power_off();
        handle.sleep(200 * SECOND).await;
        hosts[0].power_on();
        start(&hosts[0], &handle, &starts);
        handle.sleep(200 * SECOND).await;
        assert_eq!(*heard.borrow(), ["start 1", "start 2", "start 3"]);
    });
}

/// A server that greets each client, and answers its pings.
fn start(host: &Host, handle: &Handle, starts: &Rc<Cell<u32>>) {
    starts.set(starts.get() + 1);
    let number = starts.get();
    let listener = host.listen(80).unwrap();
    host.spawn(handle, async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let mut socket = accept_async(stream).await.unwrap();
            let _lost = socket.send(Message::text(format!("start {number}"))).await;
            while let Some(Ok(_)) = socket.next().await {}
        }
    });
}
