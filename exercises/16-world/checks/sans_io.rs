//! 16.x sans_io: one end of a connection, as a value.

#[path = "sans_io/core.rs"]
mod core;
#[path = "sans_io/end.rs"]
mod end;
#[path = "sans_io/moves.rs"]
mod moves;

// The tests below come first, and then those of these modules, in this order.
#[path = "sans_io/closing.rs"]
mod closing;

#[path = "sans_io/limits.rs"]
mod limits;

#[path = "sans_io/violations.rs"]
mod violations;

#[path = "sans_io/lost.rs"]
mod lost;

#[path = "sans_io/silence.rs"]
mod silence;

#[path = "sans_io/conversations.rs"]
mod conversations;

use end::{expect, part, server, text, whole};
use probe::{run, snapshot};
use world::sans_io::frame::{Event, Message, Opcode, Violation};

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
