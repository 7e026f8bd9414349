//! Large messages, and times without end.

use super::end;
use super::end::{CLIENT, End, close, expect, part, text, whole};
use probe::{run, snapshot};
use world::sans_io::frame::{Event, Message, Opcode, Violation};

#[test]
fn a_message_in_parts_has_the_limit_of_one_in_a_single_frame() {
    let mut end: End = End::new(run!("above_the_limit"), 10);
    end.arrive(&[
        part(Opcode::Binary, [0; 6]),
        part(Opcode::Continuation, "more"),
    ]);
    if matches!(&end.events[..], [Event::Failed(Violation::TooBig)]) {
        end.run.diagnose_at(
            end.latest,
            "limit-off-by-one",
            "The limit is 10 bytes, and a message of 10 bytes was refused. Too big is a message with more bytes than the limit.",
        );
    }
    expect(&mut end, &[], &[]);
    end.arrive(&[part(Opcode::Continuation, "!")]);
    if end.events.is_empty() {
        end.run.diagnose_at(
            end.latest,
            "limit-not-enforced",
            "The limit is 10 bytes, and 11 bytes of one message have arrived in three parts. The connection keeps them all: a peer that never \
             sends the last part fills the memory.",
        );
    }
    expect(
        &mut end,
        &[Event::Failed(Violation::TooBig)],
        &[close(1009)],
    );
    snapshot!(end.run);
    let mut end: End = End::new(run!(), 0);
    end.arrive(&[part(Opcode::Text, ""), whole(Opcode::Continuation, "")]);
    if matches!(&end.events[..], [Event::Failed(Violation::Protocol)]) {
        end.run.diagnose_at(
            end.latest,
            "empty-part-forgotten",
            "The first part of a message was empty. The continuation behind it was refused, as if no message had begun.",
        );
    }
    expect(&mut end, &[text("")], &[]);
    let mut end: End = End::new(run!(), usize::MAX);
    end.arrive(&[part(Opcode::Text, "a"), whole(Opcode::Continuation, "b")]);
    expect(&mut end, &[text("ab")], &[]);
}

#[test]
fn a_large_message_is_sent_in_one_frame() {
    use world::sans_io::frame::{FrameReader, Role};
    let run = run!();
    let mut core =
        super::super::subject::Connection::new(end::settings(Role::Server, 100), end::at(0));
    let payload = vec![7; 300_000];
    run.recorder().says("application", "send(300,000 bytes)");
    let _sent = core.send(Message::Binary(payload.clone()));
    let mut reader = FrameReader::new(CLIENT, usize::MAX);
    reader.push(&core.take_output());
    match reader.next() {
        Ok(Some(frame)) if frame == whole(Opcode::Binary, &payload) => {}
        Ok(Some(frame)) if !frame.is_final => run.diagnose(
            "sent-in-parts",
            "A message of 300,000 bytes was sent, and its first frame is not final. A message is sent in one frame.",
        ),
        _ => run.departs("A message of 300,000 bytes was sent, and the first frame is another one."),
    }
}

#[test]
fn patience_may_be_without_end() {
    use event_loop::Time;
    use std::time::Duration;
    use world::sans_io::frame::{Role, Settings};
    let run = run!();
    let settings = Settings {
        patience: Duration::MAX,
        ..end::settings(Role::Server, 100)
    };
    run.recorder().says(
        "driver",
        "makes a connection whose patience is Duration::MAX",
    );
    let deadline = probe::panics::expected(|| {
        super::super::subject::Connection::new(settings, end::at(5)).deadline()
    });
    match deadline {
        Ok(Some(Time::END)) => {}
        Ok(deadline) => run.departs(format!("The deadline is `Time::END`. It was {deadline:?}.")),
        Err(_) => run.diagnose(
            "overflows-at-max",
            "The patience is `Duration::MAX`, and `deadline` panicked. A `Time` plus a `Duration` ends at `Time::END`.",
        ),
    }
}
