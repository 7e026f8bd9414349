//! 16.x sans_io: one end of a connection, as a value.

#[path = "sans_io/core.rs"]
mod core;
#[path = "sans_io/end.rs"]
mod end;
#[path = "sans_io/moves.rs"]
mod moves;
#[path = "sans_io/silence.rs"]
mod silence;
#[path = "sans_io/violations.rs"]
mod violations;

use end::{CLIENT, End, close, expect, part, server, text, whole};
use probe::runs::Search;
use probe::{run, snapshot};
use world::sans_io::frame::{Event, Message, NotOpen, Opcode, Violation};

#[test]
fn a_message_arrives_and_one_is_sent() {
    let mut end = server(run!("one_message"));
    end.arrive(&[whole(Opcode::Text, "hello")]);
    expect(&mut end, &[text("hello")], &[]);
    if end.send("hi") != Ok(()) {
        end.run
            .departs("The connection is open, and `send` returned `NotOpen`.");
    }
    expect(&mut end, &[text("hello")], &[whole(Opcode::Text, "hi")]);
    snapshot!(end.run);
}

#[test]
fn bytes_and_events_are_fetched_once_and_in_order() {
    let mut end = server(run!());
    end.arrive(&[whole(Opcode::Binary, [0, 255])]);
    end.arrive(&[whole(Opcode::Text, "")]);
    let binary = Event::Message(Message::Binary(vec![0, 255]));
    expect(&mut end, &[binary, text("")], &[]);
}

#[test]
fn every_frame_of_a_read_is_handled() {
    let mut end = server(run!("one_read"));
    end.arrive(&[whole(Opcode::Text, "one"), whole(Opcode::Text, "two")]);
    if end.events == [text("one")] {
        end.run.diagnose_at(
            end.latest,
            "one-frame-a-read",
            "Two frames arrived in one read, and one message was reported. The other one is in the connection, and nothing calls for it until \
             the peer sends again.",
        );
    }
    expect(&mut end, &[text("one"), text("two")], &[]);
    snapshot!(end.run);
}

#[test]
fn a_frame_may_arrive_in_several_reads() {
    let frame = whole(Opcode::Text, "hello");
    for cut in 1..10 {
        let mut end = server(run!());
        let bytes = end.bytes_of(std::slice::from_ref(&frame));
        end.read(&bytes[..cut]);
        expect(&mut end, &[], &[]);
        end.read(&[]);
        end.read(&bytes[cut..]);
        expect(&mut end, &[text("hello")], &[]);
    }
}

#[test]
fn a_ping_is_answered_with_its_payload() {
    let mut end = server(run!());
    end.arrive(&[
        whole(Opcode::Ping, "are you there?"),
        whole(Opcode::Pong, "unasked"),
    ]);
    let answers = end.sent_now();
    if answers.is_empty() {
        end.run.diagnose_at(
            end.latest,
            "ping-unanswered",
            "A ping arrived, and there is no pong in the output. The peer takes this end for dead, and closes the connection.",
        );
    }
    if answers == [whole(Opcode::Pong, "")] {
        end.run.diagnose_at(
            end.latest,
            "pong-without-payload",
            "The payload of the ping is \"are you there?\", and the pong has none. By the payload the peer knows which of its pings was answered.",
        );
    }
    end.sent = answers;
    expect(&mut end, &[], &[whole(Opcode::Pong, "are you there?")]);
}

#[test]
fn the_parts_of_a_message_are_one_message() {
    let mut end = server(run!("in_parts"));
    end.arrive(&[part(Opcode::Text, "one ")]);
    expect(&mut end, &[], &[]);
    end.arrive(&[whole(Opcode::Ping, "?"), whole(Opcode::Continuation, "two")]);
    if end.events == [text("two")]
        || matches!(&end.events[..], [Event::Failed(_)])
        || end.events == [text("one ?two")]
    {
        end.run.diagnose_at(
            end.latest,
            "control-ends-the-message",
            "A ping stood between the two parts of a message, and the message did not survive it. Control frames are no part of a message: \
             they leave the parts that have arrived as they are.",
        );
    }
    expect(&mut end, &[text("one two")], &[whole(Opcode::Pong, "?")]);
    snapshot!(end.run);
}

#[test]
fn a_letter_may_be_cut_in_two_by_a_part() {
    let mut end = server(run!("cut_letter"));
    let letters = "жж".as_bytes();
    end.arrive(&[part(Opcode::Text, &letters[..3])]);
    let early = matches!(&end.events[..], [Event::Failed(Violation::NotText)]);
    end.arrive(&[whole(Opcode::Continuation, &letters[3..])]);
    let replaced = matches!(&end.events[..], [Event::Message(Message::Text(text))] if text.contains('\u{fffd}'));
    if early || replaced || matches!(&end.events[..], [Event::Failed(Violation::NotText)]) {
        end.run.diagnose_at(
            end.latest,
            "decoded-in-pieces",
            "The text is \"жж\". Its first part ended in the middle of the second letter, and the connection decoded the parts one by one.",
        );
    }
    expect(&mut end, &[text("жж")], &[]);
    snapshot!(end.run);
}

#[test]
fn a_close_frame_of_the_peer_is_answered_with_its_code() {
    let mut end = server(run!("closed_by_the_peer"));
    end.arrive(&[whole(Opcode::Close, b"\x03\xe9going away")]);
    if end.sent.is_empty() {
        end.run.diagnose_at(
            end.latest,
            "close-unanswered",
            "The peer sent a close frame, and there is none in the output. The peer waits for it until its patience ends.",
        );
    }
    if end.sent != [close(1001)] && end.events == [Event::Closed(Some(1001))] {
        end.run.diagnose_at(
            end.latest,
            "close-answer-changed",
            "The peer's close frame has the code 1001 and a reason. The answer has the same code and no reason, and yours is another one.",
        );
    }
    expect(&mut end, &[Event::Closed(Some(1001))], &[close(1001)]);
    if !end.is_over() || end.send("late") != Err(NotOpen) {
        end.run.departs(
            "Both ends have sent a close frame. The connection has ended, and takes no message.",
        );
    }
    expect(&mut end, &[Event::Closed(Some(1001))], &[close(1001)]);
    snapshot!(end.run);
    let mut end = server(run!());
    end.arrive(&[whole(Opcode::Close, "")]);
    if matches!(&end.sent[..], [answer] if !answer.payload.is_empty()) {
        end.run.diagnose_at(
            end.latest,
            "close-answer-changed",
            "The peer's close frame has an empty payload, so the answer has one, too. Yours has a code.",
        );
    }
    expect(
        &mut end,
        &[Event::Closed(None)],
        &[whole(Opcode::Close, "")],
    );
}

#[test]
fn until_the_peer_closes_too_its_messages_and_pings_are_handled() {
    let mut end = server(run!("closed_by_us"));
    end.close(1000);
    if end.is_over() {
        end.run.diagnose_at(
            end.latest,
            "deaf-while-closing",
            "`close` was called, and the connection has ended. The peer had not closed yet: messages that it sent before are on their way.",
        );
    }
    end.arrive(&[whole(Opcode::Text, "on its way"), whole(Opcode::Ping, "!")]);
    if end.events.is_empty() || end.sent == [close(1000)] {
        end.run.diagnose_at(
            end.latest,
            "deaf-while-closing",
            "`close` was called, and then a message and a ping arrived. The peer had not closed yet, and the connection did not handle both.",
        );
    }
    end.arrive(&[close(1000)]);
    if end
        .sent
        .iter()
        .filter(|frame| frame.opcode == Opcode::Close)
        .count()
        > 1
    {
        end.run.diagnose_at(
            end.latest,
            "close-answered-twice",
            "This end had sent its close frame. The peer's close frame answers it, and the connection answered that with a second one.",
        );
    }
    let events = [text("on its way"), Event::Closed(Some(1000))];
    expect(&mut end, &events, &[close(1000), whole(Opcode::Pong, "!")]);
    snapshot!(end.run);
}

#[test]
fn no_message_stands_behind_the_close_frame() {
    let mut end = server(run!());
    end.close(1000);
    let sent = end.send("late");
    end.close(1001);
    if end.sent.len() > 1 && end.sent[1].opcode == Opcode::Text {
        end.run.diagnose_at(
            end.latest,
            "sends-behind-the-close",
            "`close` was called, then `send`. The message stands behind the close frame in the output, and the peer has to ignore it: the \
             sender takes it for sent.",
        );
    }
    if end.sent == [close(1000), close(1001)] {
        end.run.diagnose_at(
            end.latest,
            "close-sent-twice",
            "`close` was called twice, and there are two close frames in the output. The first one was the last frame that this end may send.",
        );
    }
    if sent != Err(NotOpen) {
        end.run
            .departs("A close frame was sent, and `send` returned `Ok`.");
    }
    expect(&mut end, &[], &[close(1000)]);
}

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
    let mut core = super::subject::Connection::new(end::settings(Role::Server, 100), end::at(0));
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
        super::subject::Connection::new(settings, end::at(5)).deadline()
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

#[test]
fn a_violation_is_the_last_event_and_names_its_code() {
    violations::violations();
}

#[test]
fn the_stream_may_not_end_without_a_close_frame() {
    let mut end = server(run!("cut_off"));
    end.arrive(&[part(Opcode::Text, "half")]);
    end.stream_ends();
    if end.events.is_empty() {
        end.run.diagnose_at(
            end.latest,
            "truncation-unnoticed",
            "The stream ended, and the peer had sent no close frame. There is no event: the application takes what it has for everything.",
        );
    }
    expect(&mut end, &[Event::Lost], &[]);
    let mut closing = server(run!());
    closing.close(1000);
    closing.stream_ends();
    if matches!(&closing.events[..], [Event::Closed(_)]) {
        closing.run.diagnose_at(
            closing.latest,
            "end-taken-for-a-close",
            "This end had sent its close frame, and the peer ended the stream without one. The event is `Closed`: whether the peer has read \
             everything is not known.",
        );
    }
    expect(&mut closing, &[Event::Lost], &[close(1000)]);
    end.stream_ends();
    end.arrive(&[whole(Opcode::Ping, "?")]);
    expect(&mut end, &[Event::Lost], &[]);
    snapshot!(end.run);
}

#[test]
fn output_and_events_from_before_the_end_can_still_be_fetched() {
    for further in [false, true] {
        what_is_fetched_late(further);
    }
}

/// A message has arrived and one was sent when the stream ends. There may be further input after that.
fn what_is_fetched_late(further: bool) {
    use world::sans_io::frame::{FrameReader, FrameWriter, Role};
    let run = run!();
    let mut core = super::subject::Connection::new(end::settings(Role::Server, 100), end::at(0));
    let mut bytes = Vec::new();
    FrameWriter::new(CLIENT).write(&whole(Opcode::Text, "hello"), &mut bytes);
    run.recorder().says("peer", "sends text \"hello\"");
    core.receive(end::at(0), &bytes);
    run.recorder().says("application", "send(\"hi\")");
    let _sent = core.send(Message::Text("hi".to_owned()));
    run.recorder()
        .says("peer", "ends the stream, and nothing was fetched yet");
    core.receive_end();
    if further {
        core.receive(end::at(1), &bytes);
        core.receive_end();
        core.handle_timeout(end::at(1_000));
        core.close(end::at(1_000), 1_000);
        let _refused = core.send(Message::Text("too late".to_owned()));
    }
    let events = [core.next_event(), core.next_event(), core.next_event()];
    let mut reader = FrameReader::new(CLIENT, 100);
    reader.push(&core.take_output());
    let frames = [reader.next(), reader.next()];
    let is_right = frames == [Ok(Some(whole(Opcode::Text, "hi"))), Ok(None)]
        && events == [Some(text("hello")), Some(Event::Lost), None];
    if !is_right && further {
        run.departs(format!(
            "The stream had ended, and nothing was fetched yet. Then bytes arrived, the stream ended once more, and `handle_timeout`, `close` \
             and `send` were called. Expected: none of them changes anything. The events are {events:?}, and the frames {frames:?}."
        ));
    }
    if !is_right {
        run.diagnose(
            "lost-at-the-end",
            format!("A message had arrived and one was sent before the end. Behind it the events are {events:?}, or the frame of \"hi\" is not in the output."),
        );
    }
}

#[test]
fn a_silent_peer_is_pinged_and_then_given_up() {
    snapshot!(silence::silent_peer(run!("silence")));
}

#[test]
fn each_byte_that_arrives_begins_the_silence_again() {
    snapshot!(silence::each_byte(run!("a_byte")));
}

#[test]
fn a_late_call_takes_one_step() {
    silence::late_call();
}

#[test]
fn a_peer_that_does_not_answer_a_close_frame_is_given_up() {
    snapshot!(silence::close_without_answer(run!("close_unanswered")));
}

#[test]
fn every_short_run_is_as_the_contract_says() {
    let search = Search::of(&moves::alphabet())
        .up_to(3)
        .and_random(200, 12, 16);
    search.compare(
        &run!(),
        moves::Driver::<super::subject::Connection>::new,
        moves::Driver::<world::sans_io::Connection>::new,
    );
}

#[test]
fn a_conversation_is_the_same_however_it_is_cut() {
    violations::cuts();
}

#[test]
fn a_client_masks_what_it_sends() {
    use world::sans_io::frame::{FrameReader, Role};
    let mut core = super::subject::Connection::new(end::settings(CLIENT, 100), end::at(0));
    let run = run!();
    let _sent = core.send(Message::Text("hi".to_owned()));
    let mut reader = FrameReader::new(Role::Server, 100);
    reader.push(&core.take_output());
    if reader.next() != Ok(Some(whole(Opcode::Text, "hi"))) {
        run.departs("A client sent a message, and a server's reader refuses its bytes. `FrameWriter::new` takes the role.");
    }
}
