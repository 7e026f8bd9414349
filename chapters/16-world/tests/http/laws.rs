//! The laws of this course's futures, for a connection of HTTP: dropped at every suspension point, polled spuriously and with another
//! waker each time, on a stream whose every operation can be short, pending, interrupted, empty or an error.

use std::cell::RefCell;
use std::rc::Rc;

use cancellation::Source;
use event_loop::Handle;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::Incoming;
use hyper::header::{DATE, HeaderValue};
use probe::detect::DropCounter;
use probe_io::hostile::Script;
use world::duplex::{Duplex, duplex};
use world::http_connection::{Answer, Answering, Failed, Patience, serve_connection};
use world::reply::text;

use super::frames::{
    ACK, DATA, END_HEADERS, END_STREAM, Frame, HEADERS, PING, SETTINGS, asks, frame, hello,
    request, take,
};
use crate::rough::{Rough, Watched, ends, is_harmless, scripts, small_pieces};

/// Reads the body, and answers with the path.
struct Paths {
    asked: RefCell<Vec<String>>,
    values: DropCounter,
}

impl Answer for Paths {
    fn answer(self: Rc<Self>, request: Request<Incoming>) -> Answering {
        let path = request.uri().path().to_owned();
        self.asked.borrow_mut().push(path.clone());
        let value = self.values.token();
        Box::pin(async move {
            let _broken = request.into_body().collect().await;
            drop(value);
            let mut answer = text(path);
            // hyper's own changes each second.
            answer
                .headers_mut()
                .insert(DATE, HeaderValue::from_static("now"));
            answer
        })
    }
}

const THREE: &[u8] = b"GET /1 HTTP/1.1\r\nhost: here\r\n\r\n\
    POST /2 HTTP/1.1\r\nhost: here\r\ncontent-length: 4\r\n\r\nbody\
    GET /3 HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";

/// What a conversation came to.
struct Outcome {
    /// `None` if the server's future was dropped.
    served: Option<Result<(), Failed>>,
    heard: Vec<u8>,
    asked: Vec<String>,
}

/// Serves a client on a stream that answers so. The server's future may be dropped after some polls. What is left behind is checked.
async fn serves<C: Future<Output = Vec<u8>> + 'static>(
    handle: &Handle,
    script: &Script,
    polls: usize,
    client: impl FnOnce(Duplex) -> C,
) -> Outcome {
    let (here, there) = duplex(4_096);
    let heard = handle.spawn(client(here));
    let rough = Rough::new(there, handle, script);
    let dropped = rough.dropped();
    let paths = Rc::new(Paths {
        asked: RefCell::default(),
        values: DropCounter::new(),
    });
    let answer = Rc::clone(&paths) as Rc<dyn Answer>;
    let closing = Source::new();
    let (patience, closes) = (Patience::default(), closing.token());
    let serving = serve_connection(rough, handle.clone(), answer, patience, closes);
    let serving = Watched::dropped_after(polls, serving);
    let kept = serving.kept();
    let served = serving.await;
    let heard = heard.await.unwrap();
    // hyper has a task for each answer of HTTP/2: it ends in the next iterations.
    for _ in 0..4 {
        event_loop::yield_now().await;
    }
    assert!(*dropped.borrow(), "the stream is kept: {script:?}");
    assert_eq!(kept.count(), 0, "wakers are kept: {script:?}");
    assert_eq!(paths.values.alive(), 0, "answers are kept: {script:?}");
    assert_eq!(
        Rc::strong_count(&paths),
        1,
        "the answer is kept: {script:?}"
    );
    Outcome {
        served,
        heard,
        asked: paths.asked.take(),
    }
}

/// Sends three requests in one piece, and reads to the end.
async fn asks_three(mut stream: Duplex) -> Vec<u8> {
    let _server_is_gone = stream.write_all(THREE).await;
    let mut heard = Vec::new();
    let _server_is_gone = stream.read_to_end(&mut heard).await;
    heard
}

fn bodies(heard: &[u8]) -> Vec<String> {
    let heard = String::from_utf8_lossy(heard);
    let answers = heard.split("HTTP/1.1 200 OK").skip(1);
    let bodies = answers.filter_map(|answer| answer.split_once("\r\n\r\n"));
    bodies.map(|(_, body)| body.to_owned()).collect()
}

const PATHS: [&str; 3] = ["/1", "/2", "/3"];

#[test]
fn a_connection_of_http_1_answers_in_order_and_at_most_once_whatever_its_stream_does() {
    let whole = ends(async |handle| {
        let outcome = serves(&handle, &Script::default(), usize::MAX, asks_three).await;
        assert!(matches!(outcome.served, Some(Ok(()))));
        outcome.heard
    });
    assert_eq!(bodies(&whole), PATHS);
    for script in scripts() {
        let outcome = ends(async |handle| serves(&handle, &script, usize::MAX, asks_three).await);
        let Outcome {
            served,
            heard,
            asked,
        } = outcome;
        assert!(whole.starts_with(&heard), "{script:?}");
        assert!(
            asked.iter().zip(PATHS).all(|(asked, path)| asked == path),
            "{script:?}"
        );
        assert!(asked.len() <= PATHS.len(), "{script:?}: {asked:?}");
        if is_harmless(&script) {
            assert!(matches!(served, Some(Ok(()))), "{script:?}: {served:?}");
            assert_eq!(heard, whole, "{script:?}");
        }
        if !heard.is_empty() && heard.len() < whole.len() && script.reads.is_empty() {
            assert!(
                matches!(served, Some(Err(_))),
                "{script:?}: a failed write is no end"
            );
        }
    }
}

#[test]
fn a_connection_of_http_1_that_is_dropped_at_any_suspension_point_leaves_nothing() {
    let whole = ends(async |handle| {
        serves(&handle, &Script::default(), usize::MAX, asks_three)
            .await
            .heard
    });
    let script = small_pieces(30);
    let mut polls = 0;
    loop {
        let outcome = ends(async |handle| serves(&handle, &script, polls, asks_three).await);
        assert!(whole.starts_with(&outcome.heard), "after {polls} polls");
        // What was answered was asked for before.
        assert!(bodies(&outcome.heard).len() <= outcome.asked.len());
        if outcome.served.is_some() {
            assert_eq!(outcome.heard, whole);
            break;
        }
        polls += 1;
    }
    assert!(polls > 20, "it was dropped at {polls} places only");
}

/// Sends three requests of HTTP/2 in one piece, and reads to the end.
async fn asks_three_of_http_2(mut stream: Duplex) -> Vec<u8> {
    let head = frame(HEADERS, END_HEADERS, 3, &asks("POST", "/2"));
    let body = frame(DATA, END_STREAM, 3, b"body");
    let requests = [hello(), request(1, "/1"), head, body, request(5, "/3")].concat();
    let _server_is_gone = stream.write_all(&requests).await;
    listens(stream).await
}

/// Reads to the end, and acknowledges settings and pings. When three streams have ended, the client sends its own end.
async fn listens(mut stream: Duplex) -> Vec<u8> {
    let (mut heard, mut bytes, mut acknowledged, mut is_closed) = (Vec::new(), [0; 512], 0, false);
    while let Ok(count @ 1..) = stream.read(&mut bytes).await {
        heard.extend(&bytes[..count]);
        let frames = frames(&heard);
        for asks in &frames[acknowledged..] {
            if matches!(asks.kind, SETTINGS | PING) && asks.flags & ACK == 0 {
                let payload = if asks.kind == PING {
                    &asks.payload[..]
                } else {
                    &[]
                };
                let _server_is_gone = stream.write_all(&frame(asks.kind, ACK, 0, payload)).await;
            }
        }
        acknowledged = frames.len();
        if ended(&heard).len() == PATHS.len() && !is_closed {
            is_closed = true;
            let _server_is_gone = stream.close().await;
        }
    }
    heard
}

/// The frames that are there as a whole.
fn frames(heard: &[u8]) -> Vec<Frame> {
    let mut bytes = heard.to_vec();
    std::iter::from_fn(|| take(&mut bytes)).collect()
}

/// How many bytes stand behind the last whole frame.
fn torn(heard: &[u8]) -> usize {
    let whole = frames(heard)
        .into_iter()
        .map(|frame| 9 + frame.payload.len());
    heard.len() - whole.sum::<usize>()
}

/// The streams that ended, in their order.
fn ended(heard: &[u8]) -> Vec<u32> {
    let frames = frames(heard).into_iter();
    let ended = frames.filter(Frame::ends_its_stream);
    ended.map(|frame| frame.stream).collect()
}

/// The paths of the requests whose answers are there as a whole. Panics if an answer is there twice, is that of another request, goes
/// on after its end, or is longer than it should be.
fn answers(heard: &[u8], about: &str) -> Vec<&'static str> {
    let frames = frames(heard);
    let mut whole = Vec::new();
    for (stream, path) in [1, 3, 5].into_iter().zip(PATHS) {
        let of_stream: Vec<_> = frames
            .iter()
            .filter(|frame| frame.stream == stream)
            .collect();
        let count = |kind| of_stream.iter().filter(|frame| frame.kind == kind).count();
        let data = of_stream.iter().filter(|frame| frame.kind == DATA);
        let body: Vec<u8> = data.flat_map(|frame| frame.payload.clone()).collect();
        let ends = of_stream.iter().position(|frame| frame.ends_its_stream());
        assert!(
            count(HEADERS) <= 1,
            "{about}: stream {stream} has two heads"
        );
        assert!(path.as_bytes().starts_with(&body), "{about}: {body:?}");
        if let Some(place) = ends {
            assert_eq!(body, path.as_bytes(), "{about}: stream {stream}");
            assert_eq!(
                place + 1,
                of_stream.len(),
                "{about}: stream {stream} goes on"
            );
            whole.push(path);
        }
    }
    let known = |frame: &Frame| matches!(frame.stream, 0 | 1 | 3 | 5);
    assert!(frames.iter().all(known), "{about}: {frames:?}");
    whole
}

#[test]
fn a_connection_of_http_2_answers_each_request_at_most_once_whatever_its_stream_does() {
    for script in scripts() {
        let about = format!("{script:?}");
        let Outcome {
            served,
            heard,
            asked,
        } = ends(async |handle| serves(&handle, &script, usize::MAX, asks_three_of_http_2).await);
        let answered = answers(&heard, &about);
        assert!(
            asked.iter().zip(PATHS).all(|(asked, path)| asked == path),
            "{about}: {asked:?}"
        );
        assert!(asked.len() <= PATHS.len(), "{about}: {asked:?}");
        assert!(answered.len() <= asked.len(), "{about}");
        if is_harmless(&script) {
            assert!(matches!(served, Some(Ok(()))), "{about}: {served:?}");
            assert_eq!((&answered[..], torn(&heard)), (&PATHS[..], 0), "{about}");
        }
        if torn(&heard) > 0 || answered.len() < PATHS.len() && script.reads.is_empty() {
            assert!(
                matches!(served, Some(Err(_))),
                "{about}: a failed write is no end"
            );
        }
    }
}

#[test]
fn a_connection_of_http_2_that_is_dropped_at_any_suspension_point_leaves_nothing() {
    let script = small_pieces(30);
    let mut polls = 0;
    loop {
        let outcome =
            ends(async |handle| serves(&handle, &script, polls, asks_three_of_http_2).await);
        let answered = answers(&outcome.heard, &format!("after {polls} polls"));
        // What was answered was asked for before.
        assert!(answered.len() <= outcome.asked.len());
        if outcome.served.is_some() {
            assert_eq!(answered, PATHS);
            break;
        }
        polls += 1;
    }
    assert!(polls > 10, "it was dropped at {polls} places only");
}

#[test]
fn an_order_to_close_at_any_poll_loses_no_request_of_http_2_whose_head_had_arrived() {
    let script = small_pieces(30);
    for millis in 0..80 {
        let about = format!("at {millis} ms");
        let (served, heard, asked) =
            ends(async |handle| closed_after(&handle, &script, millis, asks_three_of_http_2).await);
        assert!(served.is_ok(), "{about}: {served:?}");
        assert_eq!(answers(&heard, &about), asked, "{about}");
        assert_eq!(torn(&heard), 0, "{about}");
    }
}

/// Serves a client, and orders the server to close after some time. Returns how it ended, what the client heard, and what it has asked.
async fn closed_after<C: Future<Output = Vec<u8>> + 'static>(
    handle: &Handle,
    script: &Script,
    millis: u64,
    client: impl FnOnce(Duplex) -> C,
) -> (Result<(), Failed>, Vec<u8>, Vec<String>) {
    let (here, there) = duplex(4_096);
    let heard = handle.spawn(client(here));
    let rough = Rough::new(there, handle, script);
    let paths = Rc::new(Paths {
        asked: RefCell::default(),
        values: DropCounter::new(),
    });
    let answer = Rc::clone(&paths) as Rc<dyn Answer>;
    let closing = Source::new();
    let (patience, closes) = (Patience::default(), closing.token());
    let serving = serve_connection(rough, handle.clone(), answer, patience, closes);
    let served = handle.spawn(Watched::new(serving));
    handle.sleep(std::time::Duration::from_millis(millis)).await;
    closing.cancel();
    let served = served.await.unwrap().unwrap();
    let heard = heard.await.unwrap();
    let asked = paths.asked.take();
    (served, heard, asked)
}

#[test]
fn an_order_to_close_at_any_poll_loses_no_request_whose_head_had_arrived() {
    let script = small_pieces(30);
    for millis in 0..60 {
        let (served, heard, asked) =
            ends(async |handle| closed_after(&handle, &script, millis, asks_three).await);
        assert!(served.is_ok(), "at {millis} ms: {served:?}");
        assert_eq!(bodies(&heard), asked, "at {millis} ms");
    }
}
