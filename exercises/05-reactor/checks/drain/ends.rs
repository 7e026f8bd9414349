//! Short reads, and the end that comes with bytes or behind them.

use super::reader::{Reader, stalled};
use probe::{Run, run, snapshot};
use probe_io::Trigger;

#[test]
fn bytes_that_arrive_after_a_short_read_are_read() {
    three_texts_are_read(&run!(), Trigger::Edge);
}

#[test]
fn if_a_short_read_proves_nothing_reads_go_on_until_wouldblock() {
    // The next event is withheld until an attempt returns `WouldBlock`, and `short` is always false.
    three_texts_are_read(&run!(), Trigger::EdgeOnceDrained);
}

/// Each text is shorter than the buffer, and arrives after the one before it was read.
#[track_caller]
fn three_texts_are_read(run: &Run, trigger: Trigger) {
    let reader = Reader::new(run, trigger);
    for text in ["one", "two", "three"] {
        reader.kernel.arrives(text.as_bytes());
        reader.run();
    }
    if !reader.has(b"onetwothree") {
        stalled(run, &reader);
    }
}

#[test]
fn an_end_that_came_with_the_last_bytes_is_found() {
    let run = run!("the_end_behind");
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"bye");
    reader.kernel.ends();
    reader.run();
    end_is_found(&run, &reader);
    snapshot!(run);
}

#[test]
fn a_later_event_does_not_hide_the_end() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"bye");
    reader.kernel.ends();
    reader.event();
    // Another event without the end: a direction receives every event that concerns it.
    run.recorder().says("kernel", "reports: readable");
    reader.readiness.event(false);
    reader.run();
    end_is_found(&run, &reader);
}

#[test]
fn an_end_behind_more_bytes_than_one_read_takes_is_found() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"eighteen bytes bye");
    reader.kernel.ends();
    reader.run();
    end_is_found(&run, &reader);
}

#[track_caller]
fn end_is_found(run: &Run, reader: &Reader) {
    if reader.ended.get() {
        return;
    }
    if reader.kernel.unread() > 0 {
        stalled(run, reader);
    }
    run.diagnose(
        "eof-behind-short-read",
        "Every byte was read, the end could be read, and the task waits for an event. The kernel reported the end together with the \
         bytes, and does not report it again: after that event a short read proves nothing.",
    )
}
