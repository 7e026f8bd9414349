//! The laws of this course's futures, for the client that listens: dropped at every suspension point, polled spuriously and with another
//! waker each time, on a stream whose every operation can be short, pending, interrupted, empty or an error.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use async_tungstenite::tungstenite::Message;
use async_tungstenite::tungstenite::protocol::Role;
use async_tungstenite::{WebSocketStream, accept_async, client_async};
use event_loop::Handle;
use futures::StreamExt;
use probe_io::hostile::{Answer, Script};
use world::duplex::{Duplex, duplex};
use world::sans_io::{Connection, Event, Settings, on_a_loop};
use world::websocket::{Ended, listen};

use crate::rough::{Rough, Watched, ends, is_harmless, scripts, small_pieces};

const EVERY: Duration = Duration::from_secs(20);
const TEXTS: [&str; 2] = ["one", "two"];

/// A session behind its handshake: two texts, a ping between them, a close frame. Returns whether the close was answered.
async fn talks(stream: Duplex) -> bool {
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let said = [
        Message::text(TEXTS[0]),
        Message::Ping("?".into()),
        Message::text(TEXTS[1]),
        Message::Close(None),
    ];
    for message in said {
        if socket.send(message).await.is_err() {
            return false;
        }
    }
    let mut answered = false;
    while let Some(Ok(message)) = socket.next().await {
        answered |= message.is_close();
    }
    answered
}

struct Outcome {
    /// `None` if the listener was dropped.
    ended: Option<Ended>,
    heard: Vec<String>,
    answered: bool,
}

async fn listens(handle: &Handle, script: &Script, polls: usize) -> Outcome {
    let (here, there) = duplex(4_096);
    let talks = handle.spawn(talks(there));
    let rough = Rough::new(here, handle, script);
    let dropped = rough.dropped();
    let socket = WebSocketStream::from_raw_socket(rough, Role::Client, None).await;
    let heard = Rc::new(RefCell::new(Vec::new()));
    let (timer, hears) = (handle.clone(), Rc::clone(&heard));
    let listening = async move {
        let hear = |message: Message| hears.borrow_mut().push(message.to_string());
        listen(socket, &timer, EVERY, hear).await
    };
    let listening = Watched::dropped_after(polls, listening);
    let kept = listening.kept();
    let ended = listening.await;
    let answered = talks.await.unwrap();
    assert!(*dropped.borrow(), "the stream is kept: {script:?}");
    assert_eq!(kept.count(), 0, "wakers are kept: {script:?}");
    assert_eq!(
        Rc::strong_count(&heard),
        1,
        "the listener is kept: {script:?}"
    );
    Outcome {
        ended,
        heard: heard.take(),
        answered,
    }
}

#[test]
fn a_listener_hears_each_message_once_whatever_its_stream_does() {
    for script in scripts() {
        let outcome = ends(async |handle| listens(&handle, &script, usize::MAX).await);
        let heard = &outcome.heard;
        assert!(
            heard.len() <= 2 && heard[..] == TEXTS[..heard.len()],
            "{script:?}: {heard:?}"
        );
        let ended = outcome.ended.unwrap();
        if is_harmless(&script) {
            assert!(
                matches!(ended, Ended::Closed(None)),
                "{script:?}: {ended:?}"
            );
            assert_eq!((heard.len(), outcome.answered), (2, true), "{script:?}");
        }
        if heard.len() < 2 {
            assert!(matches!(ended, Ended::Lost(_)), "{script:?}: {ended:?}");
        }
    }
}

#[test]
fn a_listener_that_is_dropped_at_any_suspension_point_leaves_nothing() {
    let script = small_pieces(3);
    for polls in 0.. {
        let outcome = ends(async |handle| listens(&handle, &script, polls).await);
        let heard = &outcome.heard;
        assert_eq!(heard[..], TEXTS[..heard.len()], "after {polls} polls");
        if outcome.ended.is_some() {
            assert_eq!((heard.len(), outcome.answered), (2, true));
            assert!(polls > 5, "it was dropped at {polls} places only");
            return;
        }
    }
}

#[test]
fn both_handshakes_end_whatever_one_of_their_streams_does() {
    // tungstenite 0.30 asserts in its handshake that a write takes a byte. A socket's does, or fails.
    let takes_bytes = |script: &Script| !script.writes.contains(&Answer::Zero);
    for script in scripts().into_iter().filter(takes_bytes) {
        for rough_is_client in [true, false] {
            ends(async |handle| {
                let (here, there) = duplex(4_096);
                let rough_script = |is: bool| {
                    if is {
                        script.clone()
                    } else {
                        Script::default()
                    }
                };
                let client = Rough::new(here, &handle, &rough_script(rough_is_client));
                let server = Rough::new(there, &handle, &rough_script(!rough_is_client));
                let asks = handle.spawn(Watched::new(async {
                    let (mut socket, _) = client_async("ws://here/", client).await.ok()?;
                    socket.send(Message::text("hello")).await.ok()?;
                    socket.next().await?.ok()
                }));
                let echoes = handle.spawn(Watched::new(async {
                    let mut socket = accept_async(server).await.ok()?;
                    let message = socket.next().await?.ok()?;
                    socket.send(message).await.ok()
                }));
                let echoed = echoes.await.unwrap().flatten();
                let heard = asks.await.unwrap().flatten();
                if is_harmless(&script) {
                    assert_eq!(heard, Some(Message::text("hello")), "{script:?}");
                }
                assert!(heard.is_none() || echoed.is_some(), "{script:?}");
            });
        }
    }
}

#[test]
fn the_core_on_a_loop_ends_and_reports_each_event_once_whatever_its_stream_does() {
    for script in scripts() {
        ends(async |handle| {
            let (here, there) = duplex(4_096);
            let talks = handle.spawn(talks(there));
            let settings = Settings {
                role: world::sans_io::Role::Client { seed: 7 },
                limit: 1_000,
                patience: EVERY,
            };
            let mut connection = Connection::new(settings, handle.now());
            let mut rough = Rough::new(here, &handle, &script);
            let mut events = Vec::new();
            let driven = on_a_loop::drive(&mut rough, &handle, &mut connection, |event, _| {
                events.push(event);
            });
            let driven = Watched::new(driven).await.unwrap();
            drop(rough);
            let answered = talks.await.unwrap();
            let texts = events
                .iter()
                .filter(|event| matches!(event, Event::Message(_)));
            assert!(texts.count() <= 2, "{script:?}: {events:?}");
            if is_harmless(&script) {
                assert!(driven.is_ok(), "{script:?}: {driven:?}");
                assert_eq!(events.last(), Some(&Event::Closed(None)), "{script:?}");
                assert!(answered, "{script:?}");
            }
        });
    }
}
