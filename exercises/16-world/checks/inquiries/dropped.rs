//! Inquiries that are dropped before, while and after their line is written.

use super::machine::Yours;
use super::{answers, asks, drops, expect, received, settle, takes};
use probe::{Recorder, panics, run, snapshot};
use probe_futures::poller;

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
    takes(&run, &yours, 2);
    asks(&run, &mut yours, 2);
    let _seen = settle(&run, &mut yours);
    drops(&run, &mut yours, 0);
    takes(&run, &yours, usize::MAX);
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

#[test]
fn the_waker_of_a_dropped_inquiry_may_use_the_database() {
    for is_written in [false, true] {
        let run = run!();
        let mut yours = Yours::new();
        let mut inquiry = Box::pin(yours.database.stock("bolts"));
        let task = poller(&Recorder::default(), "caller");
        let _pending = task.poll(inquiry.as_mut());
        if is_written {
            let _seen = yours.settle();
        }
        let database = yours.database.clone();
        task.on_drop_local(move || _ = database.open_inquiries());
        let dropped = panics::expected(|| drop(inquiry));
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
