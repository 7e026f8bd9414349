//! The core without any driver: bytes, times and calls.

use std::time::Duration;

use event_loop::Time;
use world::sans_io::frame::{Frame, FrameReader, FrameWriter, Opcode};
use world::sans_io::{Connection, Event, Message, NotOpen, Role, Settings, Violation};

const CLIENT: Role = Role::Client { seed: 1 };
const LIMIT: usize = 1_000;

fn at(seconds: u64) -> Time {
    Time::after_start(Duration::from_secs(seconds))
}

fn server() -> Connection {
    let settings = Settings {
        role: Role::Server,
        limit: LIMIT,
        patience: Duration::from_secs(20),
    };
    Connection::new(settings, at(0))
}

/// The bytes of a client that sends these frames.
fn from_client(frames: &[Frame]) -> Vec<u8> {
    let (mut writer, mut bytes) = (FrameWriter::new(CLIENT), Vec::new());
    for frame in frames {
        writer.write(frame, &mut bytes);
    }
    bytes
}

fn part(opcode: Opcode, payload: &[u8]) -> Frame {
    Frame {
        is_final: false,
        ..Frame::last(opcode, payload)
    }
}

/// What the client reads of the server's output.
fn sent(connection: &mut Connection) -> Vec<Frame> {
    let mut reader = FrameReader::new(CLIENT, LIMIT);
    reader.push(&connection.take_output());
    std::iter::from_fn(|| reader.next().unwrap()).collect()
}

fn events(connection: &mut Connection) -> Vec<Event> {
    std::iter::from_fn(|| connection.next_event()).collect()
}

#[test]
fn the_same_bytes_give_the_same_events_and_answers_at_every_cut() {
    let bytes = from_client(&[
        part(Opcode::Text, &"зима".as_bytes()[..3]),
        Frame::last(Opcode::Ping, b"?"),
        Frame::last(Opcode::Continuation, &"зима".as_bytes()[3..]),
        Frame::last(Opcode::Close, &1000u16.to_be_bytes()),
        Frame::last(Opcode::Text, b"behind the end"),
    ]);
    let expected = [
        Event::Message(Message::Text("зима".into())),
        Event::Closed(Some(1000)),
    ];
    let answers = [
        Frame::last(Opcode::Pong, b"?"),
        Frame::last(Opcode::Close, &1000u16.to_be_bytes()),
    ];
    for cut in 0..=bytes.len() {
        for second in cut..=bytes.len() {
            let mut connection = server();
            for piece in [&bytes[..cut], &bytes[cut..second], &bytes[second..]] {
                connection.receive(at(1), piece);
            }
            assert_eq!(
                events(&mut connection),
                expected,
                "cut at {cut} and {second}"
            );
            assert_eq!(sent(&mut connection), answers, "cut at {cut} and {second}");
        }
    }
}

#[test]
fn the_server_names_the_rule_that_a_client_broke() {
    let last = Frame::last;
    let cases: [(&[Frame], Violation); 8] = [
        (&[last(Opcode::Continuation, b"x")], Violation::Protocol),
        (
            &[part(Opcode::Text, b"x"), last(Opcode::Text, b"x")],
            Violation::Protocol,
        ),
        (&[last(Opcode::Text, b"\xff")], Violation::NotText),
        (
            &[
                part(Opcode::Binary, &[0; 999]),
                last(Opcode::Continuation, &[0; 2]),
            ],
            Violation::TooBig,
        ),
        (&[last(Opcode::Binary, &[0; 1001])], Violation::TooBig),
        (&[last(Opcode::Close, b"x")], Violation::Protocol),
        (
            &[last(Opcode::Close, &1005u16.to_be_bytes())],
            Violation::Protocol,
        ),
        (&[last(Opcode::Close, b"\x03\xe8\xff")], Violation::NotText),
    ];
    for (frames, violation) in cases {
        let mut connection = server();
        connection.receive(at(1), &from_client(frames));
        assert_eq!(
            events(&mut connection),
            [Event::Failed(violation)],
            "{frames:?}"
        );
        let close = Frame::last(Opcode::Close, &violation.code().to_be_bytes());
        assert_eq!(sent(&mut connection), [close]);
    }
}

#[test]
fn the_reader_refuses_bytes_that_are_no_frame() {
    for bytes in [
        &b"\x81\x01x"[..],                           // not masked
        b"\xc1\x80",                                 // a reserved bit
        b"\x83\x80",                                 // no such opcode
        b"\x09\x80",                                 // a ping that is not final
        b"\x89\xfe\x00\x7e",                         // a ping of 126 bytes
        b"\x82\xfe\x00\x7d",                         // 125 in two bytes
        b"\x82\xff\x00\x00\x00\x00\x00\x00\xff\xff", // 65,535 in eight bytes
        b"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff", // the highest bit
    ] {
        let mut reader = FrameReader::new(Role::Server, usize::MAX);
        reader.push(bytes);
        assert_eq!(reader.next(), Err(Violation::Protocol), "{bytes:x?}");
        assert_eq!(reader.next(), Err(Violation::Protocol), "again: {bytes:x?}");
    }
}

#[test]
fn a_frame_of_each_length_is_read_as_it_was_written() {
    for length in [0, 1, 125, 126, 127, 65_535, 65_536, 100_000] {
        let frame = Frame::last(Opcode::Binary, &vec![7; length]);
        for (writes, reads) in [(CLIENT, Role::Server), (Role::Server, CLIENT)] {
            let (mut bytes, mut reader) = (Vec::new(), FrameReader::new(reads, 100_000));
            FrameWriter::new(writes).write(&frame, &mut bytes);
            reader.push(&bytes);
            assert_eq!(reader.next(), Ok(Some(frame.clone())), "{length} bytes");
            assert_eq!(reader.next(), Ok(None));
        }
    }
}

#[test]
fn silence_is_answered_with_a_ping_and_then_with_the_end() {
    let mut connection = server();
    assert_eq!(connection.deadline(), Some(at(20)));
    connection.receive(at(5), &from_client(&[Frame::last(Opcode::Pong, b"")]));
    assert_eq!(connection.deadline(), Some(at(25)));
    connection.handle_timeout(at(24));
    assert_eq!(sent(&mut connection), []);
    connection.handle_timeout(at(100));
    assert_eq!(sent(&mut connection), [Frame::last(Opcode::Ping, b"")]);
    assert_eq!(
        connection.deadline(),
        Some(at(120)),
        "the peer has all of its time"
    );
    connection.handle_timeout(at(120));
    assert_eq!(events(&mut connection), [Event::Lost]);
    assert_eq!(connection.deadline(), None);
}

#[test]
fn a_close_that_is_not_answered_ends_after_its_time() {
    let mut connection = server();
    connection.close(at(3), 1000);
    assert_eq!(connection.send(Message::Text("late".into())), Err(NotOpen));
    connection.receive(at(9), &from_client(&[Frame::last(Opcode::Ping, b"p")]));
    let close = Frame::last(Opcode::Close, &1000u16.to_be_bytes());
    assert_eq!(
        sent(&mut connection),
        [close, Frame::last(Opcode::Pong, b"p")]
    );
    assert_eq!(
        connection.deadline(),
        Some(at(23)),
        "a byte does not put it off"
    );
    connection.handle_timeout(at(23));
    assert_eq!(events(&mut connection), [Event::Lost]);
}
