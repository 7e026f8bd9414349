//! Which inquiries are open, and what is kept of them; and every short run.

use super::machine::{KNOWN, Reference, STEPS, Yours};
use super::{answers, asks, drops, expect, settle};
use probe::run;
use probe::runs::Search;

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
