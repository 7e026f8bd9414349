//! A stream that ends without a close frame.

use super::end;
use super::end::{CLIENT, close, expect, part, server, text, whole};
use probe::{run, snapshot};
use world::sans_io::frame::{Event, Message, Opcode};

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
    let mut core =
        super::super::subject::Connection::new(end::settings(Role::Server, 100), end::at(0));
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
