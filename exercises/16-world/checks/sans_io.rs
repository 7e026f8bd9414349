//! 16.x sans_io: one end of a connection, as a value.

#[path = "sans_io/core.rs"]
mod core;
#[path = "sans_io/end.rs"]
mod end;
#[path = "sans_io/moves.rs"]
mod moves;

use end::{CLIENT, End, close, part, text, whole};
use probe::random::Random;
use probe::runs::Search;
use probe::{Run, run, snapshot};
use world::sans_io::frame::{Event, Frame, Message, NotOpen, Opcode, Violation};

fn server(run: Run) -> End {
    End::new(run, 1_000)
}

/// What was fetched has to be this.
#[track_caller]
fn expect(end: &mut End, events: &[Event], sent: &[Frame]) {
    let shown: Vec<String> = sent.iter().map(end::show).collect();
    if end.events != events {
        let (run, latest) = (&end.run, end.latest);
        run.departs_at(
            latest,
            format!("The events are {:?}. Expected: {events:?}.", end.events),
        );
    }
    if end.sent != sent {
        let frames: Vec<String> = end.sent.iter().map(end::show).collect();
        let (run, latest) = (&end.run, end.latest);
        run.departs_at(
            latest,
            format!("The output holds these frames: {frames:?}. Expected: {shown:?}."),
        );
    }
}

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
    expect(&mut end, &[text("")], &[]);
    let mut end: End = End::new(run!(), usize::MAX);
    end.arrive(&[part(Opcode::Text, "a"), whole(Opcode::Continuation, "b")]);
    expect(&mut end, &[text("ab")], &[]);
}

#[test]
fn a_violation_is_the_last_event_and_names_its_code() {
    let last = whole(Opcode::Text, "behind it");
    let cases: [(&[Frame], Violation); 6] = [
        (&[whole(Opcode::Continuation, "x")], Violation::Protocol),
        (
            &[part(Opcode::Text, "x"), whole(Opcode::Text, "y")],
            Violation::Protocol,
        ),
        (
            &[part(Opcode::Text, "x"), part(Opcode::Binary, "y")],
            Violation::Protocol,
        ),
        (&[whole(Opcode::Text, "\u{e9}").cut()], Violation::NotText),
        (&[whole(Opcode::Close, "x")], Violation::Protocol),
        (&[whole(Opcode::Close, b"\x03\xe8\xff")], Violation::NotText),
    ];
    for (frames, violation) in cases {
        let mut end = server(run!());
        let frames: Vec<Frame> = frames.iter().chain([&last]).cloned().collect();
        end.arrive(&frames);
        if end.events.contains(&text("behind it")) && end.events.len() > 1 {
            end.run.diagnose_at(
                end.latest,
                "runs-on-after-failure",
                "The peer broke the protocol, and the connection went on with the frames behind that. What a peer sends then means nothing.",
            );
        }
        expect(
            &mut end,
            &[Event::Failed(violation)],
            &[close(violation.code())],
        );
        if !end.is_over() {
            end.run
                .departs("The last event was reported, and `is_over` returns `false`.");
        }
    }
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
    end.stream_ends();
    end.arrive(&[whole(Opcode::Ping, "?")]);
    expect(&mut end, &[Event::Lost], &[]);
    snapshot!(end.run);
}

#[test]
fn a_silent_peer_is_pinged_and_then_given_up() {
    let mut end = server(run!("silence"));
    let first = end.deadline();
    if first != Some(20) {
        end.run.departs(
            "Nothing has arrived since the connection was made at 0 s, and `patience` is 20 s.",
        );
    }
    end.clock(20);
    end.time_out();
    if end.sent.is_empty() && end.events == [Event::Lost] {
        end.run.diagnose_at(
            end.latest,
            "silence-is-the-end",
            "The peer was silent for 20 s, and the connection is lost. A peer may have nothing to say: it gets a ping first, and another 20 s.",
        );
    }
    expect(&mut end, &[], &[whole(Opcode::Ping, "")]);
    let second = end.deadline();
    if second.is_none_or(|second| second <= 20) {
        end.run.diagnose_at(
            end.latest,
            "deadline-not-moved",
            "At 20 s the deadline passed, a ping was sent, and the deadline is not behind 20 s now. The driver calls `handle_timeout` again and again \
             without sleeping.",
        );
    }
    if second != Some(40) {
        end.run
            .departs("A ping was sent at 20 s. The deadline is 40 s.");
    }
    end.clock(40);
    end.time_out();
    if end.events.is_empty() {
        end.run.diagnose_at(
            end.latest,
            "never-times-out",
            "A ping was sent at 20 s, and nothing arrived until 40 s. The connection is not lost: a peer without power is waited for forever.",
        );
    }
    expect(&mut end, &[Event::Lost], &[whole(Opcode::Ping, "")]);
    if end.deadline().is_some() {
        end.run
            .departs("The connection has ended. It has no deadline.");
    }
    snapshot!(end.run);
}

#[test]
fn each_byte_that_arrives_begins_the_silence_again() {
    let mut end = server(run!("a_byte"));
    end.clock(10);
    end.read(&[]);
    if end.deadline() != Some(20) {
        end.run
            .departs("No byte has arrived yet. The ping is due at 20 s.");
    }
    end.clock(15);
    let ping = end.bytes_of(&[whole(Opcode::Ping, "?")]);
    end.read(&ping[..1]);
    end.clock(20);
    end.time_out();
    if !end.sent.is_empty() || end.deadline() != Some(35) {
        end.run.diagnose_at(
            end.latest,
            "timer-not-restarted",
            "A byte arrived at 15 s. The peer is not silent: the ping is due at 35 s, and not before.",
        );
    }
    end.clock(35);
    end.time_out();
    expect(&mut end, &[], &[whole(Opcode::Ping, "")]);
    end.clock(40);
    end.read(&ping[1..]);
    if end.deadline() != Some(60) {
        end.run
            .departs("A byte arrived at 40 s, and answers the ping. The next one is due at 60 s.");
    }
    snapshot!(end.run);
}

#[test]
fn a_late_call_takes_one_step() {
    let mut end = server(run!());
    end.clock(500);
    end.time_out();
    if end.events == [Event::Lost] && end.sent.is_empty() {
        end.run.diagnose_at(
            end.latest,
            "silence-is-the-end",
            "The driver came late, at 500 s, and the connection is lost without a ping. The peer was never asked.",
        );
    }
    expect(&mut end, &[], &[whole(Opcode::Ping, "")]);
    if end.deadline() == Some(40) {
        end.run.diagnose_at(
            end.latest,
            "deadlines-added-up",
            "The ping was due at 20 s and was sent at 500 s, since the driver came late. The deadline is 40 s: the peer is given up before it can answer.",
        );
    }
    if end.deadline() != Some(520) {
        end.run.departs(
            "The ping was sent at 500 s, since the driver came late. The peer has until 520 s.",
        );
    }
}

#[test]
fn a_peer_that_does_not_answer_a_close_frame_is_given_up() {
    let mut end = server(run!("close_unanswered"));
    end.clock(5);
    end.close(1000);
    end.clock(10);
    end.arrive(&[whole(Opcode::Text, "on its way")]);
    let deadline = end.deadline();
    if deadline == Some(30) {
        end.run.diagnose_at(
            end.latest,
            "put-off-by-the-peer",
            "`close` was called at 5 s. A message arrived at 10 s, and moved the deadline from 25 s to 30 s: a peer that goes on sending keeps the \
             connection forever.",
        );
    }
    end.clock(25);
    end.time_out();
    if end.events.last() != Some(&Event::Lost) {
        end.run.diagnose_at(
            end.latest,
            "waits-for-a-close",
            "`close` was called at 5 s, and no close frame came until 25 s. The connection still waits: a peer that never closes keeps it.",
        );
    }
    expect(&mut end, &[text("on its way"), Event::Lost], &[close(1000)]);
    if deadline != Some(25) {
        end.run
            .departs("`close` was called at 5 s. The deadline is 25 s, also when bytes arrive.");
    }
    snapshot!(end.run);
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
    let mut frames = Vec::new();
    for number in 0..30_u8 {
        frames.push(part(Opcode::Text, "ж".repeat(usize::from(number))));
        frames.push(whole(Opcode::Ping, [number]));
        frames.push(whole(Opcode::Continuation, ""));
    }
    frames.push(whole(Opcode::Binary, [7; 900]));
    frames.push(close(1000));
    let (mut random, mut whole): (_, End) = (Random::seeded(16), server(run!()));
    let bytes = whole.bytes_of(&frames);
    whole.read(&bytes);
    for _ in 0..50 {
        let (mut end, mut rest) = (server(run!()), &bytes[..]);
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(rest.len().min(1 + random.below(200)));
            end.read(piece);
            rest = behind;
        }
        let (events, sent) = (whole.events.clone(), whole.sent.clone());
        expect(&mut end, &events, &sent);
    }
    if whole.events.len() != 32 || whole.sent.len() != 31 {
        whole
            .run
            .departs("31 messages and a close frame arrived, and 30 pings.");
    }
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

/// A frame without its last byte of payload.
trait Cut {
    fn cut(self) -> Self;
}

impl Cut for Frame {
    fn cut(mut self) -> Frame {
        self.payload.pop();
        self
    }
}
