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

use super::frames::{Frame, hello, request, take};
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

/// Sends two requests of HTTP/2 in one piece, and reads until both are answered.
async fn asks_two(mut stream: Duplex) -> Vec<u8> {
    let requests = [hello(), request(1, "/1"), request(3, "/3")].concat();
    let _server_is_gone = stream.write_all(&requests).await;
    let (mut heard, mut bytes) = (Vec::new(), [0; 512]);
    while ended(&heard).len() < 2 {
        match stream.read(&mut bytes).await {
            Ok(count @ 1..) => heard.extend(&bytes[..count]),
            _end => break,
        }
    }
    heard
}

fn frames(heard: &[u8]) -> Vec<Frame> {
    let mut bytes = heard.to_vec();
    std::iter::from_fn(|| take(&mut bytes)).collect()
}

/// The streams that ended, in their order.
fn ended(heard: &[u8]) -> Vec<u32> {
    let frames = frames(heard).into_iter();
    let ended = frames.filter(Frame::ends_its_stream);
    ended.map(|frame| frame.stream).collect()
}

fn each_at_most_once<T: Ord + Clone + std::fmt::Debug>(of: &[T]) -> bool {
    let mut sorted = of.to_vec();
    sorted.sort();
    sorted.dedup();
    sorted.len() == of.len()
}

#[test]
fn a_connection_of_http_2_answers_each_request_at_most_once_whatever_its_stream_does() {
    for script in scripts() {
        let outcome = ends(async |handle| serves(&handle, &script, usize::MAX, asks_two).await);
        let ended = ended(&outcome.heard);
        assert!(each_at_most_once(&ended), "{script:?}: {ended:?}");
        assert!(
            each_at_most_once(&outcome.asked),
            "{script:?}: {:?}",
            outcome.asked
        );
        assert!(ended.len() <= outcome.asked.len(), "{script:?}");
        if is_harmless(&script) {
            assert_eq!((ended.len(), outcome.asked.len()), (2, 2), "{script:?}");
        }
    }
}

#[test]
fn a_connection_of_http_2_that_is_dropped_at_any_suspension_point_leaves_nothing() {
    let script = small_pieces(30);
    let mut polls = 0;
    loop {
        let outcome = ends(async |handle| serves(&handle, &script, polls, asks_two).await);
        assert!(each_at_most_once(&ended(&outcome.heard)));
        if outcome.served.is_some() {
            assert_eq!(ended(&outcome.heard).len(), 2);
            break;
        }
        polls += 1;
    }
    assert!(polls > 10, "it was dropped at {polls} places only");
}

#[test]
fn an_order_to_close_at_any_poll_loses_no_request_whose_head_had_arrived() {
    let script = small_pieces(30);
    for millis in 0..60 {
        ends(async |handle| {
            let (here, there) = duplex(4_096);
            let heard = handle.spawn(asks_three(here));
            let rough = Rough::new(there, &handle, &script);
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
            assert!(served.is_ok(), "at {millis} ms: {served:?}");
            let answered = bodies(&heard.await.unwrap());
            assert_eq!(answered, *paths.asked.borrow(), "at {millis} ms");
        });
    }
}
