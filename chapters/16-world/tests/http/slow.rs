//! Clients that take their time, on a clock that jumps.

use std::rc::Rc;
use std::time::Duration;

use cancellation::Source;
use hyper::Request;
use hyper::body::Incoming;
use probe::run;
use probe_io::stream::{End, Peer, stream};
use probe_loop::SimLoop;
use world::http_connection::{Answer, Answering, Failed, Patience, serve_connection};
use world::reply::{Reply, text, with_type};
use world::site::{GREETING, Notes, Setting, Site};

const MILLI: Duration = Duration::from_millis(1);

/// A client may take 20 ms for a head, 50 ms for a body, and 30 ms for the next byte of an answer.
const PATIENCE: Patience = Patience {
    head: Duration::from_millis(20),
    body: Duration::from_millis(50),
    write: Duration::from_millis(30),
};

/// How the connection of this client ended, when, and what the client had received.
fn served(answer: Option<Rc<dyn Answer>>, client: impl FnOnce(&Peer)) -> (Outcome, Duration, Peer) {
    let sim = SimLoop::new(&run!());
    let (stream, peer) = stream(&run!(), sim.sim());
    client(&peer);
    let setting = Setting {
        files: super::started::files(),
        home: GREETING.to_owned(),
        body: PATIENCE.body,
        notes: Notes::default(),
    };
    let handle = sim.handle();
    let answer = answer.unwrap_or_else(|| Site::new(&handle, setting));
    let closing = Source::new().token();
    let connection = serve_connection(stream, handle, answer, PATIENCE, closing);
    let ended = sim.drive(sim.spawn("connection", connection)).unwrap();
    let outcome = match ended {
        Ok(()) => Outcome::Ended,
        Err(failed) if failed.is_timeout() => Outcome::TimedOut,
        Err(failed) => Outcome::Failed(failed),
    };
    (outcome, sim.sim().now(), peer)
}

#[derive(Debug)]
enum Outcome {
    Ended,
    TimedOut,
    #[expect(dead_code, reason = "it is shown if a test fails")]
    Failed(Failed),
}

fn heard(peer: &Peer) -> String {
    String::from_utf8(peer.received()).unwrap()
}

#[test]
fn a_client_that_sends_nothing_is_cut_off_when_the_time_for_a_head_is_over() {
    let (outcome, at, peer) = served(None, |_| ());
    assert!(matches!(outcome, Outcome::TimedOut), "{outcome:?}");
    assert_eq!((at, peer.sees_the_end()), (20 * MILLI, End::Dropped));
}

#[test]
fn a_byte_now_and_then_does_not_prolong_the_time_for_a_head() {
    let slow_loris = format!("GET / HTTP/1.1\r\nhost: here\r\nx: {}", "x".repeat(200));
    let (outcome, at, _) = served(None, |peer| peer.sends_byte_by_byte(slow_loris.as_bytes()));
    assert!(matches!(outcome, Outcome::TimedOut), "{outcome:?}");
    // The first byte tells HTTP/1 from HTTP/2. From there on hyper counts.
    assert_eq!(at, 21 * MILLI);
}

#[test]
fn the_bytes_of_the_preface_one_by_one_do_not_prolong_it_either() {
    let (outcome, at, _) = served(None, |peer| {
        peer.sends_byte_by_byte(&world::preface::PREFACE[..23]);
    });
    assert!(matches!(outcome, Outcome::TimedOut), "{outcome:?}");
    assert_eq!(at, 20 * MILLI);
}

#[test]
fn a_connection_is_idle_for_as_long_as_a_head_may_take() {
    let (outcome, at, peer) = served(None, |peer| {
        peer.sends(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n");
    });
    assert!(heard(&peer).ends_with("Welcome home!\n"));
    assert!(matches!(outcome, Outcome::TimedOut), "{outcome:?}");
    assert_eq!(at, 21 * MILLI);
}

#[test]
fn a_body_that_does_not_come_is_answered_with_408() {
    let (_, at, peer) = served(None, |peer| {
        peer.sends(b"POST /notes HTTP/1.1\r\nhost: here\r\ncontent-length: 9\r\n\r\n{");
    });
    assert!(
        heard(&peer).starts_with("HTTP/1.1 408 "),
        "{}",
        heard(&peer)
    );
    assert!(at >= 51 * MILLI, "{at:?}");
}

/// Answers with more than any buffer holds.
struct Much;

impl Answer for Much {
    fn answer(self: Rc<Self>, _request: Request<Incoming>) -> Answering {
        Box::pin(async { with_type("text/plain", Reply::of(vec![b'x'; 4_000_000])) })
    }
}

#[test]
fn a_client_that_does_not_read_its_answer_is_cut_off() {
    let (outcome, at, _) = served(Some(Rc::new(Much)), |peer| {
        peer.sends(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n");
        peer.stops_taking();
    });
    assert!(matches!(outcome, Outcome::TimedOut), "{outcome:?}");
    assert_eq!(at, 31 * MILLI);
}

/// Answers late.
struct Late(event_loop::Handle);

impl Answer for Late {
    fn answer(self: Rc<Self>, _request: Request<Incoming>) -> Answering {
        Box::pin(async move {
            self.0.sleep(1000 * MILLI).await;
            text("late\n")
        })
    }
}

#[test]
fn an_answer_that_takes_long_is_no_fault_of_the_client() {
    let run = run!();
    let sim = SimLoop::new(&run);
    let (stream, peer) = stream(&run, sim.sim());
    peer.sends(b"GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n");
    let late = Rc::new(Late(sim.handle()));
    let closing = Source::new().token();
    let connection = serve_connection(stream, sim.handle(), late, PATIENCE, closing);
    let ended = sim.drive(sim.spawn("connection", connection)).unwrap();
    assert!(ended.is_ok(), "{ended:?}");
    assert!(heard(&peer).ends_with("late\n"));
    assert_eq!(peer.sees_the_end(), End::Closed);
}
