//! Peers that break the protocol.

use probe::run;
use world::sans_io::frame::{Event, Frame, Opcode, Violation};

use super::end::{close, expect, part, server, text, whole};

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
        let mut closing = server(run!());
        closing.close(1000);
        closing.arrive(&frames);
        if closing.sent.len() > 1 {
            closing.run.diagnose_at(
                closing.latest,
                "close-sent-twice",
                "`close` was called, then the peer broke the protocol, and the connection sent a second close frame. The first one was the last \
                 frame that this end may send.",
            );
        }
        expect(&mut closing, &[Event::Failed(violation)], &[close(1000)]);
        if !end.is_over() {
            end.run
                .departs("The last event was reported, and `is_over` returns `false`.");
        }
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
