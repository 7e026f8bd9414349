//! 16: inquiries of many tasks on one connection.

#[path = "inquiries/machine.rs"]
mod machine;
#[path = "../../../solutions/16-world/src/inquiries.rs"]
#[allow(dead_code, unreachable_pub, clippy::duplicate_mod)]
mod reference;
#[path = "inquiries/wire.rs"]
mod wire;

use std::cell::RefCell;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

use machine::{KNOWN, Reference, STEPS, Yours};
use probe::runs::Search;
use probe::{Run, panics, run, snapshot};

fn asks(run: &Run, yours: &mut Yours, count: usize) {
    for _ in 0..count {
        let number = yours.inquiries.len();
        run.recorder()
            .says("callers", format!("a{number} asks for its stock"));
        yours.ask();
    }
}

fn drops(run: &Run, yours: &mut Yours, number: usize) {
    run.recorder()
        .says("callers", format!("a{number} is dropped"));
    yours.inquiries[number].future = None;
}

fn answers(run: &Run, yours: &Yours, count: usize) {
    match yours.server.answers(count) {
        Some(text) => (run.recorder()).says("server", format!("sends \"{}\"", text.escape_debug())),
        None => run.departs("The server should have a line to answer, and has none."),
    }
}

/// Lets all tasks run, and notes what they saw.
fn settle(run: &Run, yours: &mut Yours) -> String {
    let seen = yours.settle();
    for part in seen.split(", ").filter(|part| *part != "nothing more") {
        match part.strip_prefix("the connection ") {
            Some(rest) => run.recorder().says("connection", rest),
            None => run.recorder().says("callers", part),
        }
    }
    seen
}

#[track_caller]
fn expect(run: &Run, yours: &mut Yours, mistake: Option<&str>, right: &str, sentence: &str) {
    let seen = settle(run, yours);
    if seen == right {
        return;
    }
    let sentence = format!("{sentence} Expected: {right}. Seen: {seen}.");
    match mistake {
        Some(mistake) => run.diagnose(mistake, sentence),
        None => run.departs(sentence),
    }
}

#[track_caller]
fn received(run: &Run, yours: &Yours, mistake: &str, right: &str, sentence: &str) {
    let received = yours.server.received();
    (run.recorder()).says("server", format!("has \"{}\"", received.escape_debug()));
    if received != right {
        let right = right.escape_debug();
        run.diagnose(
            mistake,
            format!("{sentence} Expected at the server: \"{right}\"."),
        );
    }
}

#[test]
fn each_inquiry_gets_its_own_stock() {
    let run = run!("three");
    let mut yours = Yours::new();
    asks(&run, &mut yours, 3);
    let _seen = settle(&run, &mut yours);
    answers(&run, &yours, 1);
    let sentence = "The server has answered the first line.";
    expect(&run, &mut yours, None, "a0 gets stock of a0", sentence);
    answers(&run, &yours, 2);
    let right = "a1 gets stock of a1, a2 gets stock of a2";
    expect(
        &run,
        &mut yours,
        None,
        right,
        "The server has answered the other lines.",
    );
    snapshot!(run);
}

#[test]
fn an_inquiry_that_is_dropped_before_it_is_sent_is_not_sent() {
    let run = run!("withdrawn");
    let mut yours = Yours::new();
    let _seen = settle(&run, &mut yours);
    yours.server.takes(0);
    run.recorder().says("server", "takes nothing");
    asks(&run, &mut yours, 3);
    let _seen = settle(&run, &mut yours);
    drops(&run, &mut yours, 1);
    yours.server.takes(usize::MAX);
    run.recorder().says("server", "takes everything");
    let _seen = settle(&run, &mut yours);
    received(
        &run,
        &yours,
        "withdrawn-and-sent",
        "a0\na2\n",
        "a1 was dropped before a byte of its line was written, and its line was sent.",
    );
    answers(&run, &yours, 2);
    let right = "a0 gets stock of a0, a2 gets stock of a2";
    expect(
        &run,
        &mut yours,
        None,
        right,
        "The server has answered both lines.",
    );
    snapshot!(run);
}

#[test]
fn the_lines_keep_their_order_when_one_between_them_is_dropped() {
    let run = run!();
    let mut yours = Yours::new();
    let _seen = settle(&run, &mut yours);
    yours.server.takes(0);
    run.recorder().says("server", "takes nothing");
    asks(&run, &mut yours, 4);
    let _seen = settle(&run, &mut yours);
    drops(&run, &mut yours, 1);
    yours.server.takes(usize::MAX);
    run.recorder().says("server", "takes everything");
    let _seen = settle(&run, &mut yours);
    let received = yours.server.received();
    (run.recorder()).says("server", format!("has \"{}\"", received.escape_debug()));
    if received == "a0\na3\na2\n" {
        run.diagnose(
            "order-lost-by-removal",
            "a1 was dropped before a byte of its line was written, and the last line took its place: a3 was sent before a2. Lines are sent in the \
             order of their calls.",
        );
    }
    if received != "a0\na2\na3\n" {
        run.departs(
            "a1 was dropped before a byte of its line was written. The other lines are sent in the order of their calls: a0, a2, a3.",
        );
    }
}

#[test]
fn an_answer_that_its_caller_did_not_take_moves_no_other() {
    let run = run!();
    let mut yours = Yours::new();
    asks(&run, &mut yours, 3);
    let _seen = settle(&run, &mut yours);
    answers(&run, &yours, 1);
    let _polled = yours.connection.turn();
    run.recorder().says("connection", "reads the answer");
    drops(&run, &mut yours, 0);
    answers(&run, &yours, 2);
    expect(
        &run,
        &mut yours,
        Some("answer-to-the-wrong-caller"),
        "a1 gets stock of a1, a2 gets stock of a2",
        "The answer to a0 had come, and a0 was dropped before it took it. The server has answered the other two.",
    );
}

#[test]
fn a_dropped_inquiry_leaves_the_connection_to_the_others() {
    let run = run!();
    let mut yours = Yours::new();
    asks(&run, &mut yours, 2);
    let _seen = settle(&run, &mut yours);
    drops(&run, &mut yours, 0);
    let seen = settle(&run, &mut yours);
    if seen != "nothing more" {
        run.diagnose(
            "one-cancellation-ends-all",
            format!("One inquiry was dropped. Seen: {seen}. The other inquiry waits for its answer, which the server will send."),
        );
    }
}

#[test]
fn the_others_get_their_own_stock_when_one_is_dropped() {
    let run = run!("dropped");
    let mut yours = Yours::new();
    asks(&run, &mut yours, 3);
    let _seen = settle(&run, &mut yours);
    drops(&run, &mut yours, 1);
    answers(&run, &yours, 3);
    expect(
        &run,
        &mut yours,
        Some("answer-to-the-wrong-caller"),
        "a0 gets stock of a0, a2 gets stock of a2",
        "The server has three lines and answers all of them.",
    );
    snapshot!(run);
}

#[test]
fn an_inquiry_that_was_never_polled_is_sent_and_answered_like_the_others() {
    let run = run!();
    let mut yours = Yours::new();
    run.recorder()
        .says("callers", "one asks for its stock, and polls nothing yet");
    let unpolled = yours.database.stock("early");
    let _seen = settle(&run, &mut yours);
    run.recorder().says("callers", "its inquiry is dropped");
    drop(unpolled);
    asks(&run, &mut yours, 1);
    let _seen = settle(&run, &mut yours);
    answers(&run, &yours, 2);
    expect(
        &run,
        &mut yours,
        Some("answer-to-the-wrong-caller"),
        "a0 gets stock of a0",
        "The line of the first inquiry was sent, and the inquiry was dropped before its first poll. The server has answered both lines.",
    );
}

#[test]
fn a_line_of_which_a_part_is_written_is_written_to_its_end() {
    let run = run!("in_part");
    let mut yours = Yours::new();
    let _seen = settle(&run, &mut yours);
    yours.server.takes(2);
    run.recorder().says("server", "takes two bytes");
    asks(&run, &mut yours, 2);
    let _seen = settle(&run, &mut yours);
    drops(&run, &mut yours, 0);
    yours.server.takes(usize::MAX);
    run.recorder().says("server", "takes everything");
    let _seen = settle(&run, &mut yours);
    received(
        &run,
        &yours,
        "half-a-request-sent",
        "a0\na1\n",
        "Two bytes of the line of a0 were written when it was dropped. The server took what came next for the rest of that line.",
    );
    answers(&run, &yours, 2);
    expect(
        &run,
        &mut yours,
        Some("answer-to-the-wrong-caller"),
        "a1 gets stock of a1",
        "The server has answered both lines.",
    );
    let open = yours.database.open_inquiries();
    if open > 0 {
        run.diagnose(
            "abandoned-kept",
            format!("a0 was dropped when a part of its line was written. Both lines are answered, and a1 has its answer. `open_inquiries` returns {open}. Expected: 0."),
        );
    }
    snapshot!(run);
}

thread_local! {
    static DATABASE: RefCell<Option<super::subject::Database>> = const { RefCell::new(None) };
}

/// A waker that uses the database when it is dropped, as the last reference to a task's values may do.
struct UsesTheDatabase;

impl Wake for UsesTheDatabase {
    fn wake(self: Arc<Self>) {}
}

impl Drop for UsesTheDatabase {
    fn drop(&mut self) {
        DATABASE.with_borrow(|database| {
            database
                .as_ref()
                .map(super::subject::Database::open_inquiries)
        });
    }
}

#[test]
fn the_waker_of_a_dropped_inquiry_may_use_the_database() {
    for is_written in [false, true] {
        let run = run!();
        let mut yours = Yours::new();
        DATABASE.set(Some(yours.database.clone()));
        let mut inquiry = Box::pin(yours.database.stock("bolts"));
        let waker = Waker::from(Arc::new(UsesTheDatabase));
        let _pending = inquiry.as_mut().poll(&mut Context::from_waker(&waker));
        drop(waker);
        if is_written {
            let _seen = yours.settle();
        }
        let dropped = panics::expected(|| drop(inquiry));
        DATABASE.set(None);
        if let Err(panic) = dropped {
            run.recorder().says("callers", "the inquiry is dropped");
            run.departs(format!(
                "An inquiry was dropped, and with it the waker of its caller. The destructor of that waker called `open_inquiries`, and it panicked: {}. \
                 A waker is caller-supplied code: drop it when the shared state is no longer borrowed.",
                panic.message
            ));
        }
    }
}

#[test]
fn nothing_is_kept_of_an_inquiry_that_is_answered() {
    let run = run!();
    let mut yours = Yours::new();
    for round in 0..50 {
        asks(&run, &mut yours, 2);
        let _seen = yours.settle();
        // In some rounds the newer one goes, and the answer to the older one was not taken when that to the newer one comes.
        let goes = if round % 3 == 1 {
            2 * round + 1
        } else {
            2 * round
        };
        yours.inquiries[goes].future = None;
        let _answers = yours.server.answers(2);
        if round % 2 == 0 && goes == 2 * round {
            // The answer has come, and its caller goes before it takes it.
            let _polled = yours.connection.turn();
            yours.inquiries[2 * round + 1].future = None;
        }
        let _seen = yours.settle();
    }
    let open = yours.database.open_inquiries();
    if open > 0 {
        run.diagnose(
            "abandoned-kept",
            format!(
                "A hundred inquiries were made and answered; some of them were dropped before their answers came, some before the caller \
                 took the answer. `open_inquiries` returns {open}. Expected: 0. A database that lives for days keeps them all."
            ),
        );
    }
}

#[test]
fn every_inquiry_learns_that_the_connection_is_lost() {
    let run = run!();
    let mut yours = Yours::new();
    asks(&run, &mut yours, 3);
    let _seen = settle(&run, &mut yours);
    drops(&run, &mut yours, 1);
    yours.server.ends();
    let right = "the connection completes with UnexpectedEof, a0 gets Lost, a2 gets Lost";
    expect(
        &run,
        &mut yours,
        Some("callers-left-waiting"),
        right,
        "The server has ended the stream.",
    );
    asks(&run, &mut yours, 1);
    expect(
        &run,
        &mut yours,
        Some("callers-left-waiting"),
        "a3 gets Lost",
        "The connection is lost.",
    );
    let open = yours.database.open_inquiries();
    if open > 0 {
        run.diagnose(
            "abandoned-kept",
            format!(
                "The connection is lost, and every caller has learned it or is gone. `open_inquiries` returns {open}. Expected: 0."
            ),
        );
    }
}

#[test]
fn an_inquiry_is_open_until_its_answer_is_taken_or_the_connection_is_dropped() {
    let run = run!();
    let mut yours = Yours::new();
    asks(&run, &mut yours, 3);
    let _seen = settle(&run, &mut yours);
    answers(&run, &yours, 1);
    let _seen = settle(&run, &mut yours);
    let open = yours.database.open_inquiries();
    if open != 2 {
        run.departs(format!("Three inquiries were made, and one caller has its answer. `open_inquiries` returns {open}. Expected: 2."));
    }
    run.recorder().says("connection", "is dropped");
    yours.connection.future = None;
    expect(
        &run,
        &mut yours,
        Some("callers-left-waiting"),
        "a1 gets Lost, a2 gets Lost",
        "The connection was dropped, so that no answer can come.",
    );
}

#[test]
fn in_every_short_run_each_inquiry_gets_its_own_stock() {
    let run = run!();
    Search::of(&STEPS)
        .up_to(4)
        .and_random(400, 24, 168)
        .naming(&KNOWN)
        .compare(&run, Yours::new, Reference::new);
}
