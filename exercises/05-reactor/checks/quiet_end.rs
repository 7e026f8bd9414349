//! 5.6 quiet-end: a connection that does not close.

#[path = "quiet_end/machine.rs"]
mod machine;
#[path = "quiet_end/moves.rs"]
mod moves;
#[path = "quiet_end/served.rs"]
mod served;

use std::io::ErrorKind;

use super::subject::{Echo, Progress};
use machine::{Contract, SEED, Yours};
use moves::{KNOWN, MOVES, READABLE};
use probe::runs::Search;
use probe::{panics, run, snapshot};
use probe_io::marked;
use probe_io::stream::show;
use reactor::Happened;
use served::{AcceptsNothing, Answers, NOT_THE_END, Served, World};

#[test]
fn each_byte_goes_back() {
    let run = run!("goes_back");
    let mut served = Served::new(&run);
    served.kernel.drains(100);
    for text in ["one", "two"] {
        served.kernel.arrives(text.as_bytes());
        served.run();
    }
    if served.kernel.sent() != b"onetwo" {
        run.departs(format!(
            "The peer sent \"one\" and \"two\", and received {}.",
            show(&served.kernel.sent())
        ));
    }
    if served.done {
        run.departs("The peer has not sent its end, and the echo returned `Done`.");
    }
    snapshot!(run);
}

#[test]
fn an_end_that_comes_alone_is_found() {
    let run = run!("end_alone");
    let mut served = Served::new(&run);
    served.kernel.drains(100);
    served.kernel.arrives(b"hello");
    served.run();
    served.kernel.ends();
    served.run();
    served.came_back(b"hello");
    snapshot!(run);
}

#[test]
fn an_end_that_comes_with_the_last_bytes_is_found() {
    let run = run!("end_with_bytes");
    let mut served = Served::new(&run);
    served.kernel.drains(100);
    served.run();
    served.kernel.arrives(b"bye");
    served.kernel.ends();
    served.run();
    served.came_back(b"bye");
    snapshot!(run);
}

#[test]
fn an_end_behind_more_bytes_than_a_buffer_holds_is_found() {
    let run = run!();
    let mut served = Served::new(&run);
    served.kernel.drains(1_000);
    served.run();
    let long = vec![b'.'; 100];
    served.kernel.arrives(&long);
    served.kernel.ends();
    served.run();
    served.came_back(&long);
}

#[test]
fn an_end_that_comes_while_there_is_no_room_to_write_is_found_later() {
    let run = run!("no_room");
    let mut served = Served::new(&run);
    served.kernel.drains(2);
    served.run();
    served.kernel.arrives(b"bye bye");
    served.kernel.ends();
    served.run();
    for _ in 0..5 {
        served.kernel.drains(2);
        served.run();
    }
    served.came_back(b"bye bye");
    snapshot!(run);
}

#[test]
fn an_end_is_found_after_other_events() {
    let run = run!();
    let mut served = Served::new(&run);
    served.kernel.arrives(&[b'.'; 20]);
    served.kernel.ends();
    served.run();
    for _ in 0..4 {
        served.kernel.drains(6);
        served.run();
    }
    served.came_back(&[b'.'; 20]);
}

#[test]
fn an_event_that_says_only_read_closed_leads_to_a_read() {
    let run = run!();
    let mut echo = Echo::new();
    let mut socket = Answers {
        run: &run,
        reading: Ok(0),
    };
    run.recorder().says("kernel", "reports: read closed");
    let happened = Happened {
        read_closed: true,
        ..Happened::default()
    };
    match echo.on_event(&mut socket, happened) {
        Ok(Progress::Done) => {}
        Ok(Progress::Waits) => run.departs(
            "The event said “read closed” and nothing else. The end could be read, and the echo waits for another event.",
        ),
        Err(error) => run.departs(format!("`on_event` returned an error that the socket had not returned: {error}.")),
    }
}

#[test]
fn an_event_that_says_only_error_leads_to_an_attempt() {
    let run = run!();
    let mut echo = Echo::new();
    let mut socket = Answers {
        run: &run,
        reading: Err(ErrorKind::ConnectionReset),
    };
    run.recorder().says("kernel", "reports: error");
    let happened = Happened {
        error: true,
        ..Happened::default()
    };
    match echo.on_event(&mut socket, happened) {
        Err(error) if marked::mark(&error).is_some() => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => run.diagnose(
            "error-rebuilt",
            "The read returned ConnectionReset, and `on_event` returned an error of the same kind that is not the socket's: your code made a new \
             one. What the socket's error holds beside its kind is lost: the operating system's code, or the message.",
        ),
        Ok(Progress::Waits) => run.departs(
            "The event said “error” and nothing else. The next attempt would return the error, and the echo returned `Waits`. The kernel \
             does not report the error again, so this connection does not close either.",
        ),
        Ok(Progress::Done) => run.departs(
            "The event said “error”, a read returns ConnectionReset, and the echo returned `Done`. `Done` is for an end that was read: the \
             socket's error is returned as an error.",
        ),
        Err(error) => run.departs(format!("A read returns ConnectionReset, and `on_event` returned another error: {error}.")),
    }
}

#[test]
fn an_interrupted_system_call_is_made_again() {
    let run = run!();
    let mut served = Served::new(&run);
    served.kernel.drains(100);
    served.run();
    served.kernel.interrupts(1);
    served.kernel.arrives(b"hello");
    served.kernel.ends();
    served.run();
    served.came_back(b"hello");
}

#[test]
fn the_echo_reads_no_more_while_the_peer_accepts_nothing() {
    let run = run!();
    let mut served = Served::new(&run);
    served.kernel.arrives(&vec![b'.'; 100_000]);
    served.run();
    let unread = served.kernel.unread();
    (run.recorder()).says(
        "kernel",
        format!("{unread} of 100000 bytes are still unread"),
    );
    if unread < 50_000 {
        run.diagnose(
            "no-backpressure",
            "The peer accepts no bytes, and the echo read more than half of the 100,000 bytes that the peer sent: they are in its memory. \
             The stub reads no more while its buffer has bytes to write.",
        );
    }
}

#[test]
fn after_wouldblock_the_echo_waits_also_for_an_announced_end() {
    let run = run!();
    let mut echo = Echo::new();
    let mut socket = World::new();
    run.recorder().says(
        "kernel",
        "reports: read closed, and there is no end to read yet",
    );
    let happened = Happened {
        read_closed: true,
        ..Happened::default()
    };
    let went = panics::expected(|| echo.on_event(&mut socket, happened));
    run.recorder().says(
        "echo",
        format!("reads {} times, and gets WouldBlock", socket.calls),
    );
    match went {
        Ok(Ok(Progress::Waits)) => {}
        Ok(Ok(Progress::Done)) => run.diagnose("wouldblock-taken-for-the-end", NOT_THE_END),
        Ok(Err(error)) => run.departs(format!("The read returned WouldBlock, and `on_event` returned the error {error}.")),
        Err(_) => run.diagnose(
            "wouldblock-tried-in-a-loop",
            format!(
                "The event said “read closed”, and {} reads in one call of `on_event` returned WouldBlock. The echo has to return `Waits`: \
                 only the next event can change the answer.",
                socket.calls
            ),
        ),
    }
}

#[test]
fn every_short_run_of_events_sends_back_what_it_can() {
    Search::of(&MOVES)
        .up_to(3)
        .and_random(200, 12, SEED)
        .naming(KNOWN)
        .compare(&run!(), Yours::new, Contract::default);
}

#[test]
fn a_write_of_0_bytes_is_the_error_writezero() {
    let run = run!();
    let mut echo = Echo::new();
    let mut socket = AcceptsNothing {
        unread: 3,
        writes: 0,
    };
    run.recorder().says("kernel", "reports: readable");
    let went = panics::expected(|| echo.on_event(&mut socket, READABLE));
    let seen = format!(
        "writes 3 bytes {} times → 0    expected: one write, and WriteZero",
        socket.writes
    );
    run.recorder().says("echo", seen);
    match went {
        Ok(Err(error)) if error.kind() == ErrorKind::WriteZero => {}
        Ok(_) => run.departs(
            "A write returned 0 bytes, and `on_event` did not return the error `WriteZero`.",
        ),
        Err(_) => run.diagnose(
            "zero-write-spins",
            "A write returned 0 bytes, and the echo wrote again in a loop without end.",
        ),
    }
}
