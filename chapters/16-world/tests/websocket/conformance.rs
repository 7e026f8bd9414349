//! Peers that send the edges of RFC 6455, and peers that break its rules, each with its section. Both ends are tried in both roles:
//! the chapter's core on the loop, and tungstenite, as it is used by the chapter's client. The frames are made by hand.

use std::time::Duration;

use async_tungstenite::WebSocketStream;
use async_tungstenite::tungstenite::protocol::Role as Theirs;
use event_loop::{EventLoop, Handle, JumpingDriver};
use futures::StreamExt;
use futures::channel::oneshot;
use futures::future::{Either, select};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use world::duplex::{Duplex, duplex};
use world::sans_io::{Connection, Event, Role, Settings, on_a_loop};
use world::websocket::{Ended, listen};

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
/// No further part of the message follows.
const FINAL: u8 = 0x80;

/// The first byte of a frame, and its payload.
type Frame = (u8, Vec<u8>);

fn text(payload: impl AsRef<[u8]>) -> Frame {
    (FINAL | TEXT, payload.as_ref().to_vec())
}

fn binary(payload: impl AsRef<[u8]>) -> Frame {
    (FINAL | BINARY, payload.as_ref().to_vec())
}

fn control(opcode: u8, payload: impl AsRef<[u8]>) -> Frame {
    (FINAL | opcode, payload.as_ref().to_vec())
}

/// A part of a message that is not its last.
fn part(opcode: u8, payload: impl AsRef<[u8]>) -> Frame {
    (opcode, payload.as_ref().to_vec())
}

fn last(payload: impl AsRef<[u8]>) -> Frame {
    (FINAL | CONTINUATION, payload.as_ref().to_vec())
}

fn close(code: u16) -> Frame {
    control(CLOSE, code.to_be_bytes())
}

/// The bytes of a frame, RFC 6455, 5.2. A client masks.
fn bytes((first, payload): &Frame, masks: bool) -> Vec<u8> {
    let mask = if masks { 0x80 } else { 0 };
    let mut bytes = vec![*first];
    match payload.len() {
        short @ 0..126 => bytes.push(mask | short as u8),
        middle @ 126..65_536 => {
            bytes.push(mask | 126);
            bytes.extend((middle as u16).to_be_bytes());
        }
        long => {
            bytes.push(mask | 127);
            bytes.extend((long as u64).to_be_bytes());
        }
    }
    if !masks {
        bytes.extend(payload);
        return bytes;
    }
    let key = [0x37, 0xfa, 0x21, 0x3d];
    bytes.extend(key);
    bytes.extend(
        payload
            .iter()
            .zip(key.iter().cycle())
            .map(|(byte, key)| byte ^ key),
    );
    bytes
}

/// Takes a frame off the front, and its mask off the payload.
fn take(bytes: &mut Vec<u8>) -> Option<Frame> {
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    let (mut at, mut length) = (2, u64::from(second & 0x7f));
    let wide = match length {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    if wide > 0 {
        let number = bytes.get(2..2 + wide)?.iter();
        length = number.fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        at += wide;
    }
    let key = if second & 0x80 == 0 {
        vec![0; 4]
    } else {
        bytes.get(at..at + 4)?.to_vec()
    };
    at += if second & 0x80 == 0 { 0 } else { 4 };
    let end = at + usize::try_from(length).unwrap();
    let payload = bytes.get(at..end)?.iter().zip(key.iter().cycle());
    let payload = payload.map(|(byte, key)| byte ^ key).collect();
    bytes.drain(..end);
    Some((first, payload))
}

/// What is tried. Each of them returns every message to its peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Core,
    Tungstenite,
}

async fn echoes(end: End, is_server: bool, mut stream: Duplex, handle: Handle) {
    match end {
        End::Core => {
            let role = if is_server {
                Role::Server
            } else {
                Role::Client { seed: 3 }
            };
            let settings = Settings {
                role,
                limit: 1 << 20,
                patience: Duration::from_secs(20),
            };
            let mut connection = Connection::new(settings, handle.now());
            let echo = |event: Event, connection: &mut Connection| {
                if let Event::Message(message) = event {
                    let _closing = connection.send(message);
                }
            };
            let driven = on_a_loop::drive(&mut stream, &handle, &mut connection, echo);
            let _peer_is_gone = driven.await;
        }
        End::Tungstenite => {
            let role = if is_server {
                Theirs::Server
            } else {
                Theirs::Client
            };
            let mut socket = WebSocketStream::from_raw_socket(stream, role, None).await;
            while let Some(Ok(message)) = socket.next().await {
                if (message.is_text() || message.is_binary()) && socket.send(message).await.is_err()
                {
                    return;
                }
            }
        }
    }
}

/// Sends these bytes in pieces; if `closes_after` says so, a close frame when that number of frames has come back. Returns the frames that
/// come back. `None` if the connection does not end within a minute.
fn answers(
    (end, is_server): (End, bool),
    sent: &[u8],
    pieces: usize,
    closes_after: Option<usize>,
) -> Option<Vec<Frame>> {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let (here, there) = duplex(1 << 16);
        let echoes = handle.spawn(echoes(end, is_server, there, handle.clone()));
        let (mut reads, mut writes) = here.split();
        let (enough, has_enough) = oneshot::channel();
        let writes = async move {
            for piece in sent.chunks(pieces) {
                if writes.write_all(piece).await.is_err() {
                    break;
                }
                event_loop::yield_now().await;
            }
            let _never = has_enough.await;
            let _peer_is_gone = writes.write_all(&bytes(&close(1000), is_server)).await;
            std::future::pending::<()>().await;
        };
        let reads = async move {
            let mut enough = Some(enough);
            let (mut frames, mut heard, mut buffer) = (Vec::new(), Vec::new(), vec![0; 1 << 16]);
            loop {
                if closes_after == Some(frames.len())
                    && let Some(enough) = enough.take()
                {
                    let _peer_is_gone = enough.send(());
                }
                let count = reads.read(&mut buffer).await.unwrap_or(0);
                heard.extend(&buffer[..count]);
                frames.extend(std::iter::from_fn(|| take(&mut heard)));
                // RFC 6455, 7.1.1: behind both close frames, the server ends the stream.
                let is_closed = frames
                    .last()
                    .is_some_and(|(first, _)| *first == FINAL | CLOSE);
                if count == 0 || is_closed && !is_server {
                    return frames;
                }
            }
        };
        let talks = async {
            match select(Box::pin(reads), Box::pin(writes)).await {
                Either::Left((frames, _)) => frames,
                Either::Right(_) => unreachable!("it is pending"),
            }
        };
        let limit = handle.sleep(Duration::from_secs(60));
        let Either::Left((frames, _)) = select(Box::pin(talks), limit).await else {
            return None;
        };
        echoes.await.unwrap();
        Some(frames)
    })
}

/// What has to come back.
#[derive(Debug, Clone)]
enum Must {
    /// These frames. Then the peer's close frame is answered with the same code.
    Return(Vec<Frame>),
    /// The connection fails: RFC 6455, 7.1.7. The core says this code; tungstenite ends the stream.
    Fail(u16),
}

/// A rule, the frames of the peer, and what has to come of them.
type Case = (&'static str, Vec<Frame>, Must);

fn told(who: (End, bool), frames: &[Frame], must: &Must, pieces: usize) -> Result<(), String> {
    let (end, is_server) = who;
    let sent: Vec<u8> = frames.iter().flat_map(|it| bytes(it, is_server)).collect();
    let (expected, heard) = match must {
        Must::Return(frames) => {
            let heard = answers(who, &sent, pieces, Some(frames.len()));
            ([&frames[..], &[close(1000)]].concat(), heard)
        }
        Must::Fail(code) => {
            // What came before the rule was broken may be answered, or not any more.
            let heard = answers(who, &sent, pieces, None);
            let heard =
                heard.map(|frames| frames.into_iter().filter(|it| *it != text("x")).collect());
            match end {
                End::Core => (vec![close(*code)], heard),
                End::Tungstenite => (Vec::new(), heard),
            }
        }
    };
    match heard {
        None => Err("the stream does not end".to_owned()),
        Some(heard) if heard == expected => Ok(()),
        Some(heard) => Err(format!(
            "{:?}, expected {:?}",
            short(&heard),
            short(&expected)
        )),
    }
}

fn short(frames: &[Frame]) -> Vec<String> {
    let short = |(first, payload): &Frame| {
        let begin = payload[..payload.len().min(20)].escape_ascii();
        format!("{first:#x} {begin} ({} bytes)", payload.len())
    };
    frames.iter().map(short).collect()
}

#[track_caller]
fn check(cases: &[Case]) {
    let mut wrong = Vec::new();
    for (rule, frames, must) in cases {
        for end in [End::Core, End::Tungstenite] {
            for is_server in [true, false] {
                for pieces in [usize::MAX, 1_000, 7, 1] {
                    let long = frames.iter().any(|(_, payload)| payload.len() > 1_000);
                    if long && pieces < 1_000 {
                        continue;
                    }
                    if let Err(heard) = told((end, is_server), frames, must, pieces) {
                        wrong.push(format!(
                            "{rule} ({end:?}, server: {is_server}, {pieces}): {heard}"
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn messages_of_every_length_come_back() {
    let mut cases: Vec<Case> = Vec::new();
    for length in [0, 1, 125, 126, 127, 128, 65_535, 65_536, 100_000] {
        let frames = vec![text("*".repeat(length)), binary(vec![0xfe; length])];
        cases.push((
            "5.2: each form of the length",
            frames.clone(),
            Must::Return(frames),
        ));
    }
    check(&cases);
}

#[test]
fn a_message_in_parts_is_one_message_and_control_frames_may_stand_between() {
    let many: Vec<Frame> = std::iter::once(part(TEXT, "a"))
        .chain((0..100).map(|_| part(CONTINUATION, "b")))
        .chain([last("c")])
        .collect();
    let joined = format!("a{}c", "b".repeat(100));
    check(&[
        (
            "5.4: two parts",
            vec![part(TEXT, "one "), last("two")],
            Must::Return(vec![text("one two")]),
        ),
        (
            "5.4: a hundred parts",
            many,
            Must::Return(vec![text(joined)]),
        ),
        (
            "5.4: parts without a byte",
            vec![part(BINARY, ""), part(CONTINUATION, ""), last("")],
            Must::Return(vec![binary("")]),
        ),
        (
            "5.4: a ping between two parts is answered first",
            vec![part(TEXT, "one "), control(PING, "?"), last("two")],
            Must::Return(vec![control(PONG, "?"), text("one two")]),
        ),
        (
            "5.4: a part without a message",
            vec![text("x"), last("y")],
            Must::Fail(1002),
        ),
        (
            "5.4: a message within a message",
            vec![part(TEXT, "x"), text("y")],
            Must::Fail(1002),
        ),
        (
            "5.4: a part without a message, not the last one",
            vec![part(CONTINUATION, "x"), last("y")],
            Must::Fail(1002),
        ),
        (
            "5.5: a control frame in parts",
            vec![part(PING, "x"), last("y")],
            Must::Fail(1002),
        ),
    ]);
}

#[test]
fn pings_come_back_as_pongs() {
    check(&[
        (
            "5.5.3: an empty one",
            vec![control(PING, ""), text("x")],
            Must::Return(vec![control(PONG, ""), text("x")]),
        ),
        (
            "5.5.3: the longest one, of bytes that are no text",
            vec![control(PING, [0xfe; 125])],
            Must::Return(vec![control(PONG, [0xfe; 125])]),
        ),
        (
            "5.5: one byte too many",
            vec![control(PING, [0xfe; 126])],
            Must::Fail(1002),
        ),
        (
            "5.5.3: a pong that was not asked for is read over",
            vec![control(PONG, "x"), text("y")],
            Must::Return(vec![text("y")]),
        ),
    ]);
}

#[test]
fn reserved_bits_and_opcodes_fail_the_connection() {
    let mut cases: Vec<Case> = Vec::new();
    for bits in 1..8_u8 {
        for opcode in [TEXT, BINARY, PING, CLOSE] {
            let wrong = (FINAL | bits << 4 | opcode, Vec::new());
            let frames = vec![text("x"), wrong, text("y")];
            cases.push(("5.2: a reserved bit", frames, Must::Fail(1002)));
        }
    }
    for opcode in (3..8).chain(11..16) {
        let frames = vec![text("x"), (FINAL | opcode, b"?".to_vec()), text("y")];
        cases.push(("5.2: a reserved opcode", frames, Must::Fail(1002)));
    }
    check(&cases);
}

#[test]
fn texts_are_utf_8_and_characters_may_be_cut_by_frames() {
    let winter = "зима ☃ 𝄞".as_bytes();
    let mut cases: Vec<Case> = (0..=winter.len())
        .map(|cut| {
            let frames = vec![part(TEXT, &winter[..cut]), last(&winter[cut..])];
            (
                "5.6: a character in two frames",
                frames,
                Must::Return(vec![text(winter)]),
            )
        })
        .collect();
    let valid: [&[u8]; 6] = [
        b"\0",
        b"\x7f",
        "\u{80}\u{7ff}".as_bytes(),
        "\u{800}\u{d7ff}\u{e000}\u{fffd}\u{ffff}".as_bytes(),
        "\u{10000}\u{10ffff}".as_bytes(),
        "\u{feff}".as_bytes(),
    ];
    for bytes in valid {
        cases.push((
            "5.6: an edge of UTF-8",
            vec![text(bytes)],
            Must::Return(vec![text(bytes)]),
        ));
    }
    let invalid: [&[u8]; 12] = [
        b"\x80",
        b"\xbf",
        b"\xc0\xaf",
        b"\xc1\xbf",
        b"\xe0\x80\xaf",
        b"\xe0\x9f\xbf",
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xf0\x8f\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xf8\x88\x80\x80\x80",
        b"\xce",
    ];
    for bytes in invalid {
        let whole = vec![text([b"ab", bytes].concat())];
        cases.push(("8.1: bytes that are not UTF-8", whole, Must::Fail(1007)));
        let parts = vec![part(TEXT, b"ab"), part(CONTINUATION, bytes), last(b"c")];
        cases.push(("8.1: and in a part", parts, Must::Fail(1007)));
    }
    // The bytes of a binary message mean nothing.
    cases.push((
        "5.6: binary",
        vec![binary(b"\xff")],
        Must::Return(vec![binary(b"\xff")]),
    ));
    check(&cases);
}

#[test]
fn codes_of_a_close_frame_come_back_or_are_refused() {
    for end in [End::Core, End::Tungstenite] {
        for is_server in [true, false] {
            let closes = |frame: &Frame| {
                let sent = [bytes(frame, is_server), bytes(&text("behind"), is_server)].concat();
                answers((end, is_server), &sent, usize::MAX, None)
            };
            let who = format!("{end:?}, server: {is_server}");
            for code in [
                1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999,
            ] {
                let heard = closes(&close(code)).unwrap();
                assert_eq!(heard, [close(code)], "{who}: 7.4: {code}");
            }
            let heard = closes(&control(
                CLOSE,
                [&1000_u16.to_be_bytes()[..], "зима".as_bytes()].concat(),
            ));
            let heard = heard.unwrap();
            assert_eq!(heard.len(), 1, "{who}: 5.5.1: a reason");
            assert!(
                heard[0].1.starts_with(&1000_u16.to_be_bytes()),
                "{who}: 5.5.1: a reason"
            );
            let heard = closes(&control(CLOSE, "")).unwrap();
            assert_eq!(heard, [control(CLOSE, "")], "{who}: 5.5.1: no code");
            let refused: [(Frame, &str, u16); 4] = [
                (control(CLOSE, "x"), "half a code", 1002),
                (
                    control(CLOSE, [&[3, 0xe8][..], &[b'x'; 124]].concat()),
                    "126 bytes",
                    1002,
                ),
                (
                    control(CLOSE, b"\x03\xe8\xff"),
                    "a reason that is not UTF-8",
                    1007,
                ),
                (part(CLOSE, ""), "in parts", 1002),
            ];
            for (frame, what, code) in refused {
                let heard = closes(&frame).unwrap();
                check_refusal(end, &heard, code, &format!("{who}: 5.5.1: {what}"));
            }
            for code in [
                0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535,
            ] {
                let heard = closes(&close(code)).unwrap();
                check_refusal(end, &heard, 1002, &format!("{who}: 7.4: {code}"));
            }
        }
    }
}

/// The core answers with the code of the rule. tungstenite says nothing, or that it is a protocol error.
#[track_caller]
fn check_refusal(end: End, heard: &[Frame], code: u16, rule: &str) {
    let with_code = heard.len() == 1 && heard[0].1.starts_with(&code.to_be_bytes());
    let is_silent = end == End::Tungstenite && heard.is_empty();
    let is_general = end == End::Tungstenite
        && heard.len() == 1
        && heard[0].1.starts_with(&1002_u16.to_be_bytes());
    assert!(with_code || is_silent || is_general, "{rule}: {heard:?}");
}

#[test]
fn a_mask_is_the_clients_and_the_clients_alone() {
    for end in [End::Core, End::Tungstenite] {
        // RFC 6455, 5.1: each role gets what the other one sends.
        for is_server in [true, false] {
            let heard = answers(
                (end, is_server),
                &bytes(&text("x"), !is_server),
                usize::MAX,
                None,
            );
            check_refusal(
                end,
                &heard.unwrap(),
                1002,
                &format!("{end:?}, server: {is_server}"),
            );
        }
    }
}

#[test]
fn a_text_that_cannot_become_utf_8_fails_before_its_last_part() {
    // RFC 6455, 8.1 leaves open when. tungstenite ends at the part; the chapter's core, by its contract, when the message is complete.
    let parts = [part(TEXT, "ab"), part(CONTINUATION, b"\xff")];
    let sent: Vec<u8> = parts.iter().flat_map(|it| bytes(it, true)).collect();
    let heard = answers((End::Tungstenite, true), &sent, usize::MAX, None);
    assert_eq!(heard, Some(Vec::new()));
    // The core waits for the rest: 20 s of silence, a ping, 20 s of silence, the end.
    let heard = answers((End::Core, true), &sent, usize::MAX, None);
    assert_eq!(heard, Some(vec![control(PING, "")]));
}

#[test]
fn the_client_of_the_chapter_reports_how_the_connection_failed() {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let wrong: [(&str, Frame); 4] = [
        ("a reserved bit", (FINAL | 0x40 | TEXT, Vec::new())),
        ("a reserved opcode", (FINAL | 3, Vec::new())),
        ("bytes that are not UTF-8", text(b"\xff")),
        ("a part without a message", last("x")),
    ];
    for (what, frame) in wrong {
        let ended = event_loop.block_on(listens(&handle, &frame));
        assert!(matches!(ended, Ended::Lost(_)), "{what}: {ended:?}");
    }
    // tungstenite reports a code that is not to be sent as a close for a protocol error.
    let ended = event_loop.block_on(listens(&handle, &close(1005)));
    assert!(matches!(ended, Ended::Closed(Some(1002))), "{ended:?}");
}

/// How the chapter's client ends that hears a text and then this frame.
async fn listens(handle: &Handle, frame: &Frame) -> Ended {
    let (here, mut there) = duplex(4_096);
    let sent = [bytes(&text("before"), false), bytes(frame, false)].concat();
    there.write_all(&sent).await.unwrap();
    let socket = WebSocketStream::from_raw_socket(here, Theirs::Client, None).await;
    let mut heard = Vec::new();
    let every = Duration::from_secs(20);
    let ended = listen(socket, handle, every, |it| heard.push(it.to_string())).await;
    assert_eq!(heard, ["before"]);
    ended
}
