//! Protocols, on scripted streams.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::rc::Rc;

use probe::run;
use probe_futures::Sim;
use probe_io::stream::End;
use probe_io::{Peer, stream};
use reactor::callbacks::{Protocol, Transport, run as run_connection};
use reactor::write_buffer::Marks;

type Log = Rc<RefCell<Vec<String>>>;
type Reaction = Box<dyn FnMut(&str, &Transport)>;

/// Writes down what it is told, and does something then.
struct Noting {
    log: Log,
    transport: Option<Transport>,
    reaction: Reaction,
}

impl Noting {
    fn note(&mut self, what: impl Into<String>) {
        let what = what.into();
        self.log.borrow_mut().push(what.clone());
        let transport = self.transport.clone().expect("connected");
        (self.reaction)(&what, &transport);
    }
}

impl Protocol for Noting {
    fn connection_made(&mut self, transport: &Transport) {
        self.transport = Some(transport.clone());
        self.note("made");
    }

    fn data_received(&mut self, _: &Transport, bytes: &[u8]) {
        self.note(String::from_utf8_lossy(bytes));
    }

    fn eof_received(&mut self, _: &Transport) -> bool {
        self.note("eof");
        self.log.borrow().iter().any(|note| note == "stay")
    }

    fn connection_lost(&mut self, reason: Option<io::Error>) {
        self.note(match reason {
            Some(error) => format!("lost: {:?}", error.kind()),
            None => "lost".to_owned(),
        });
    }

    fn pause_writing(&mut self) {
        self.note("pause");
    }

    fn resume_writing(&mut self) {
        self.note("resume");
    }
}

/// Runs one connection; gives what the protocol was told, and its peer. Ends also if it is stuck.
fn told(
    script: impl FnOnce(&Peer),
    reaction: impl FnMut(&str, &Transport) + 'static,
) -> (Vec<String>, Peer) {
    let run = run!();
    let sim = Sim::new(&run);
    let (stream, peer) = stream(&run, &sim);
    script(&peer);
    let log = Log::default();
    let protocol = Noting {
        log: Rc::clone(&log),
        transport: None,
        reaction: Box::new(reaction),
    };
    let _stuck = sim.run("loop", pin!(run_connection(stream, protocol)));
    (log.take(), peer)
}

#[test]
fn it_is_told_what_comes_and_that_it_is_over() {
    let (told, _) = told(
        |peer| {
            peer.sends(b"one");
            peer.sends(b"two");
            peer.ends();
        },
        |_, _| {},
    );
    assert_eq!(told, ["made", "one", "two", "eof", "lost"]);
}

#[test]
fn what_is_written_is_sent_before_it_closes() {
    let (told, peer) = told(
        |peer| peer.takes(2),
        |what, transport| {
            if what == "made" {
                transport.write(b"seven77");
                transport.close();
                transport.write(b"too late");
            }
        },
    );
    assert_eq!(told, ["made", "lost"]);
    assert_eq!(peer.received(), b"seven77");
    assert_eq!(peer.sees_the_end(), End::Closed);
}

#[test]
fn an_abort_sends_nothing_more() {
    let (told, peer) = told(
        |peer| peer.takes(2),
        |what, transport| {
            if what == "made" {
                transport.write(b"seven77");
                transport.abort();
            }
        },
    );
    assert_eq!(told, ["made", "lost"]);
    assert_eq!(peer.received(), b"");
    assert_eq!(peer.sees_the_end(), End::Dropped);
}

#[test]
fn the_marks_are_told_once_each() {
    let (told, peer) = told(
        |peer| peer.takes(3),
        |what, transport| match what {
            "made" => {
                transport.set_write_buffer_limits(Marks { high: 8, low: 2 });
                transport.write(b"ten bytes!");
            }
            "resume" => transport.close(),
            _ => {}
        },
    );
    assert_eq!(told, ["made", "pause", "resume", "lost"]);
    assert_eq!(peer.received(), b"ten bytes!");
}

#[test]
fn a_paused_reader_is_told_nothing_until_it_goes_on() {
    let (told, peer) = told(
        |peer| {
            peer.sends(b"one");
            peer.sends(b"two");
            peer.ends();
        },
        |what, transport| {
            if what == "one" {
                transport.pause_reading();
            }
        },
    );
    assert_eq!(told, ["made", "one"]);
    assert_eq!(peer.taken(), 3);
}

#[test]
fn an_end_of_its_own_leaves_reading_as_it_is() {
    let (told, peer) = told(
        |peer| {
            peer.sends(b"late");
            peer.ends();
        },
        |what, transport| {
            if what == "made" {
                transport.write(b"that is all");
                transport.write_eof();
            }
        },
    );
    assert_eq!(told, ["made", "late", "eof", "lost"]);
    assert_eq!(peer.received(), b"that is all");
    assert_eq!(peer.sees_the_end(), End::Closed);
}

#[test]
fn a_broken_connection_is_lost_with_its_reason() {
    let (told, _) = told(|peer| peer.breaks(ErrorKind::ConnectionReset), |_, _| {});
    assert_eq!(told, ["made", "lost: ConnectionReset"]);
}

#[test]
fn after_the_end_it_may_stay_and_write() {
    let (told, peer) = told(
        |peer| {
            peer.sends(b"stay");
            peer.ends();
        },
        |what, transport| {
            if what == "eof" {
                transport.write(b"still here");
            }
        },
    );
    assert_eq!(told, ["made", "stay", "eof"]);
    assert_eq!(peer.received(), b"still here");
}

#[test]
fn what_is_written_from_elsewhere_is_sent() {
    let outside: Rc<RefCell<Option<Transport>>> = Rc::default();
    let kept = Rc::clone(&outside);
    let run = run!();
    let sim = Sim::new(&run);
    let (stream, peer) = stream(&run, &sim);
    let protocol = Noting {
        log: Log::default(),
        transport: None,
        reaction: Box::new(move |_, transport| *kept.borrow_mut() = Some(transport.clone())),
    };
    let task = probe_futures::poller(run.recorder(), "loop");
    let mut connection = pin!(run_connection(stream, protocol));
    assert!(task.poll(connection.as_mut()).is_pending());
    let transport = outside.take().unwrap();
    transport.write(b"from outside");
    assert_eq!(task.wakes(), 1);
    assert!(task.poll(connection.as_mut()).is_pending());
    assert_eq!(peer.received(), b"from outside");
    transport.close();
    assert!(task.poll(connection.as_mut()).is_ready());
    // The connection has ended: calls do nothing.
    transport.write(b"too late");
    assert_eq!(peer.received(), b"from outside");
}
