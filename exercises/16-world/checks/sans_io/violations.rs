//! Peers that break the protocol, and bytes that are cut anywhere.

use probe::random::Random;
use probe::run;
use world::sans_io::frame::{Event, Frame, Opcode, Violation};

use super::end::{End, close, expect, part, server, text, whole};

pub(super) fn violations() {
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

pub(super) fn cuts() {
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
