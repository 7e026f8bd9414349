//! Close frames of either end.

use super::end::{close, expect, server, text, whole};
use probe::{run, snapshot};
use world::sans_io::frame::{Event, NotOpen, Opcode};

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
