//! 16: inquiries of many tasks on one connection.

#[path = "inquiries/machine.rs"]
mod machine;
#[path = "../../../solutions/16-world/src/inquiries.rs"]
#[allow(dead_code, unreachable_pub, clippy::duplicate_mod)]
mod reference;
#[path = "inquiries/wire.rs"]
mod wire;

// The tests below come first, and then those of these modules, in this order.
#[path = "inquiries/dropped.rs"]
mod dropped;

#[path = "inquiries/open.rs"]
mod open;

use machine::Yours;
use probe::{Run, run, snapshot};

fn asks(run: &Run, yours: &mut Yours, count: usize) {
    for _ in 0..count {
        let number = yours.inquiries.len();
        run.recorder()
            .says("callers", format!("a{number} asks for its stock"));
        yours.ask();
    }
}

/// From now on the server takes this many bytes, and no more.
fn takes(run: &Run, yours: &Yours, bytes: usize) {
    yours.server.takes(bytes);
    let words = match bytes {
        0 => "nothing",
        2 => "two bytes",
        _ => "everything",
    };
    run.recorder().says("server", format!("takes {words}"));
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
    takes(&run, &yours, 0);
    asks(&run, &mut yours, 3);
    let _seen = settle(&run, &mut yours);
    drops(&run, &mut yours, 1);
    takes(&run, &yours, usize::MAX);
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
    takes(&run, &yours, 0);
    asks(&run, &mut yours, 4);
    let _seen = settle(&run, &mut yours);
    drops(&run, &mut yours, 1);
    takes(&run, &yours, usize::MAX);
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
