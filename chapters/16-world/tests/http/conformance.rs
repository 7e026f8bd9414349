//! Clients that break a rule of HTTP/2, each with the section of RFC 9113 that says what the server has to do. The frames are made by
//! hand, since a client's library does not send them.

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use cancellation::Source;
use event_loop::{EventLoop, Handle, JumpingDriver};
use futures::future::{Either, select};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::Incoming;
use world::duplex::{Duplex, duplex};
use world::http_connection::{Answer, Answering, Patience, serve_connection};
use world::reply::text;

use super::frames::*;

const NO_ERROR: u32 = 0;
const PROTOCOL: u32 = 1;
const FLOW_CONTROL: u32 = 3;
const STREAM_CLOSED: u32 = 5;
const FRAME_SIZE: u32 = 6;
const REFUSED_STREAM: u32 = 7;
const COMPRESSION: u32 = 9;
const ENHANCE_YOUR_CALM: u32 = 11;

/// The largest payload of a frame that a server takes unless it says otherwise: RFC 9113, 4.2.
const LARGEST: usize = 16_384;

/// Less than the time after which the server misses a client that answers no ping.
const LATER: Duration = Duration::from_secs(20);

/// Reads the body and answers with the path; `/later` after 20 s, and `/big` with 100,000 bytes.
struct Paths {
    handle: Handle,
}

impl Answer for Paths {
    fn answer(self: Rc<Self>, request: Request<Incoming>) -> Answering {
        Box::pin(async move {
            let path = request.uri().path().to_owned();
            if path == "/later" {
                self.handle.sleep(LATER).await;
                return text("at last");
            }
            let _broken = request.into_body().collect().await;
            match path.as_str() {
                "/big" => text("x".repeat(100_000)),
                _other => text(path),
            }
        })
    }
}

/// A client that has sent its preface and settings.
struct Client {
    stream: Duplex,
    handle: Handle,
    bytes: Vec<u8>,
}

impl Client {
    /// Sends this while it reads what comes, and reads on until a second passes in silence. Returns the frames, and whether the server
    /// has ended the connection.
    async fn sends(&mut self, bytes: &[u8]) -> (Vec<Frame>, bool) {
        let stream = &mut self.stream;
        let (mut reads, mut writes) = stream.split();
        let mut write = pin!(async {
            let _closed = writes.write_all(bytes).await;
            std::future::pending::<()>().await;
        });
        let (mut frames, mut buffer) = (Vec::new(), [0; 4_096]);
        loop {
            let silence = self.handle.sleep(Duration::from_secs(1));
            let read = pin!(reads.read(&mut buffer));
            let reading = select(read, silence);
            match select(reading, write.as_mut()).await {
                Either::Left((Either::Left((Ok(count @ 1..), _)), _)) => {
                    self.bytes.extend(&buffer[..count]);
                    frames.extend(std::iter::from_fn(|| take(&mut self.bytes)));
                }
                Either::Left((Either::Left(_end), _)) => return (frames, true),
                Either::Left((Either::Right(_silence), _)) => return (frames, false),
                Either::Right(_) => unreachable!("it is pending"),
            }
        }
    }
}

fn with_client<T>(talk: impl AsyncFnOnce(Client) -> T) -> T {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let (here, there) = duplex(1 << 16);
        let answer = Rc::new(Paths {
            handle: handle.clone(),
        });
        let (patience, closing) = (Patience::default(), Source::new());
        let serving = serve_connection(there, handle.clone(), answer, patience, closing.token());
        let served = handle.spawn(serving);
        let client = Client {
            stream: here,
            handle: handle.clone(),
            bytes: Vec::new(),
        };
        let output = talk(client).await;
        // The client is gone: the connection ends, with an error or without one.
        let _ended = served.await.unwrap();
        output
    })
}

/// What the server has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Must {
    /// Says with GOAWAY which rule was broken, and ends the connection.
    End(u32),
    /// Resets this stream, and answers a request on another one. It may end the connection instead, with the same code: RFC 9113, 5.4.1.
    Reset(u32, u32),
    /// Says with GOAWAY that a rule was broken, whichever, and ends the connection.
    EndSomehow,
    /// As `End(PROTOCOL)`, where the preface is followed by these bytes alone.
    BeginWithSettings,
    /// Answers the request on this stream.
    Answer(u32),
}

/// A stream that no case uses.
const ANOTHER: u32 = 999;

fn does(must: Must, bytes: &[u8]) -> Result<(), String> {
    with_client(async |mut client| {
        let begin = if must == Must::BeginWithSettings {
            PREFACE.to_vec()
        } else {
            hello()
        };
        let (frames, ended) = client.sends(&[&begin, bytes].concat()).await;
        let goaway = frames.iter().find(|frame| frame.kind == GOAWAY);
        let goaway = goaway.map(|frame| frame.number(4));
        let resets: Vec<_> = frames
            .iter()
            .filter(|frame| frame.kind == RST_STREAM)
            .map(|frame| (frame.stream, frame.number(0)))
            .collect();
        let is_answered = answered(&frames, 1);
        let said = format!(
            "GOAWAY {goaway:?}, RST_STREAM {resets:?}, ended: {ended}, answered: {is_answered}"
        );
        match must {
            Must::End(code) if goaway == Some(code) && ended => Ok(()),
            Must::Reset(_, code) if goaway == Some(code) && ended => Ok(()),
            Must::BeginWithSettings if goaway == Some(PROTOCOL) && ended => Ok(()),
            Must::EndSomehow if goaway.is_some_and(|code| code != NO_ERROR) && ended => Ok(()),
            Must::Reset(stream, code) if goaway.is_none() && resets == [(stream, code)] => {
                let (frames, _) = client.sends(&request(ANOTHER, "/after")).await;
                match answered(&frames, ANOTHER) {
                    true => Ok(()),
                    false => Err(format!("{said}, and another request has no answer")),
                }
            }
            Must::Answer(stream) if answered(&frames, stream) && goaway.is_none() => Ok(()),
            _otherwise => Err(said),
        }
    })
}

fn answered(frames: &[Frame], stream: u32) -> bool {
    let mut of_stream = frames.iter().filter(|frame| frame.stream == stream);
    of_stream.any(Frame::ends_its_stream)
}

/// Where h2 0.4, which speaks HTTP/2 for hyper, does something else than the RFC asks. In most rows it ends the connection and calls
/// the error `PROTOCOL_ERROR`. A row that no longer holds makes its test fail: then h2 does what the RFC asks, and the row can go.
const DEVIATIONS: [(&str, &str); 13] = [
    ("4.3: fields that HPACK cannot read", PROTOCOL_INSTEAD),
    ("5.1: DATA behind the end of a request", PROTOCOL_INSTEAD),
    ("5.1: HEADERS behind the end of a request", PROTOCOL_INSTEAD),
    ("6.3: PRIORITY of four bytes", PROTOCOL_INSTEAD),
    ("6.4: RST_STREAM of three bytes", PROTOCOL_INSTEAD),
    ("6.5: an ACK with a payload", PROTOCOL_INSTEAD),
    ("6.5: half an entry", PROTOCOL_INSTEAD),
    ("6.5.2: a window of 2³¹", PROTOCOL_INSTEAD),
    ("6.7: PING of six bytes", PROTOCOL_INSTEAD),
    ("6.9: WINDOW_UPDATE of three bytes", PROTOCOL_INSTEAD),
    ("8.3: one in the trailers", ANSWERED),
    ("8.3.1: no path", ANSWERED),
    ("3.4: SETTINGS do not come first", ANSWERED),
];

const PROTOCOL_INSTEAD: &str = "GOAWAY Some(1), RST_STREAM [], ended: true, answered: false";
const ANSWERED: &str = "GOAWAY None, RST_STREAM [], ended: false, answered: true";

/// One rule, the bytes that break it, and what has to come of them.
type Case = (&'static str, Vec<u8>, Must);

#[track_caller]
fn check(cases: Vec<Case>) {
    let wrong: Vec<String> = cases
        .into_iter()
        .filter_map(|(rule, bytes, must)| {
            let deviation = DEVIATIONS.iter().find(|(known, _)| *known == rule);
            let known = deviation.map(|(_, told)| *told);
            match does(must, &bytes).err() {
                told if told.as_deref() == known => None,
                Some(told) => Some(format!("{rule}\n    has to be {must:?}, and is {told}")),
                None => Some(format!(
                    "{rule}\n    is as it has to be: no deviation any more"
                )),
            }
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Several frames.
fn all<const N: usize>(frames: [Vec<u8>; N]) -> Vec<u8> {
    frames.concat()
}

fn headers(flags: u8, stream: u32, fields: &[u8]) -> Vec<u8> {
    frame(HEADERS, flags, stream, fields)
}

/// The head of a request whose body follows.
fn post(stream: u32, path: &str) -> Vec<u8> {
    headers(END_HEADERS, stream, &asks("POST", path))
}

fn reset(stream: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes())
}

fn window(stream: u32, more: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &more.to_be_bytes())
}

#[test]
fn frames_of_a_wrong_form_end_the_connection_or_are_ignored() {
    let large = vec![0; LARGEST + 1];
    let mut reserved = request(1, "/");
    reserved[5] |= 0x80;
    check(vec![
        (
            "4.1: a frame of an unknown kind is ignored",
            all([frame(0x16, 0xff, 0, b"anything"), request(1, "/")]),
            Must::Answer(1),
        ),
        (
            "4.1: the reserved bit is ignored",
            reserved,
            Must::Answer(1),
        ),
        (
            "4.2: DATA above the largest size",
            all([post(1, "/"), frame(DATA, 0, 1, &large)]),
            Must::Reset(1, FRAME_SIZE),
        ),
        (
            "4.2: HEADERS above the largest size",
            headers(END_HEADERS, 1, &large),
            Must::End(FRAME_SIZE),
        ),
        (
            "4.3: fields that HPACK cannot read",
            headers(
                END_HEADERS | END_STREAM,
                1,
                &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            ),
            Must::End(COMPRESSION),
        ),
        (
            "6.1: DATA on stream 0",
            frame(DATA, 0, 0, b"x"),
            Must::End(PROTOCOL),
        ),
        (
            "6.1: more padding than payload",
            all([post(1, "/"), frame(DATA, PADDED, 1, &[9, 0, 0])]),
            Must::End(PROTOCOL),
        ),
        (
            "6.1: padding that fits",
            all([
                post(1, "/"),
                frame(DATA, PADDED | END_STREAM, 1, &[1, b'x', 0]),
            ]),
            Must::Answer(1),
        ),
        (
            "6.2: HEADERS on stream 0",
            headers(END_HEADERS | END_STREAM, 0, &get("/")),
            Must::End(PROTOCOL),
        ),
        (
            "6.2: more padding than payload",
            headers(END_HEADERS | END_STREAM | PADDED, 1, &[250, 0x82]),
            Must::End(PROTOCOL),
        ),
        (
            "6.2: a priority is read over",
            headers(
                END_HEADERS | END_STREAM | WITH_PRIORITY,
                1,
                &[&[0, 0, 0, 0, 7][..], &get("/")].concat(),
            ),
            Must::Answer(1),
        ),
        (
            "6.3: PRIORITY on stream 0",
            frame(PRIORITY, 0, 0, &[0, 0, 0, 1, 7]),
            Must::End(PROTOCOL),
        ),
        (
            "6.3: PRIORITY of four bytes",
            all([post(1, "/"), frame(PRIORITY, 0, 1, &[0; 4])]),
            Must::Reset(1, FRAME_SIZE),
        ),
        ("6.4: RST_STREAM on stream 0", reset(0), Must::End(PROTOCOL)),
        (
            "6.4: RST_STREAM of three bytes",
            all([post(1, "/"), frame(RST_STREAM, 0, 1, &[0; 3])]),
            Must::End(FRAME_SIZE),
        ),
        (
            "8.4: PUSH_PROMISE of a client",
            frame(
                PUSH_PROMISE,
                END_HEADERS,
                1,
                &[&[0, 0, 0, 2][..], &get("/")].concat(),
            ),
            Must::End(PROTOCOL),
        ),
        (
            "6.7: PING on a stream",
            all([post(1, "/"), frame(PING, 0, 1, &[0; 8])]),
            Must::End(PROTOCOL),
        ),
        (
            "6.7: PING of six bytes",
            frame(PING, 0, 0, &[0; 6]),
            Must::End(FRAME_SIZE),
        ),
        (
            "6.8: GOAWAY on a stream",
            all([post(1, "/"), frame(GOAWAY, 0, 1, &[0; 8])]),
            Must::End(PROTOCOL),
        ),
    ]);
}

#[test]
fn streams_are_used_in_their_order_and_not_after_their_end() {
    let later = || request(1, "/later");
    check(vec![
        (
            "5.1: DATA on a stream that is idle",
            frame(DATA, 0, 1, b"x"),
            Must::End(PROTOCOL),
        ),
        (
            "5.1: RST_STREAM on a stream that is idle",
            reset(1),
            Must::End(PROTOCOL),
        ),
        (
            "5.1: WINDOW_UPDATE on a stream that is idle",
            window(1, 100),
            Must::End(PROTOCOL),
        ),
        (
            "5.1: DATA behind the end of a request",
            all([later(), frame(DATA, END_STREAM, 1, b"x")]),
            Must::Reset(1, STREAM_CLOSED),
        ),
        (
            "5.1: HEADERS behind the end of a request",
            all([later(), request(1, "/")]),
            Must::Reset(1, STREAM_CLOSED),
        ),
        (
            "5.1: HEADERS on a stream that the client has reset",
            all([later(), reset(1), request(1, "/")]),
            Must::EndSomehow,
        ),
        (
            "5.1: WINDOW_UPDATE and RST_STREAM behind a reset are ignored",
            all([later(), reset(1), window(1, 9), reset(1), request(3, "/")]),
            Must::Answer(3),
        ),
        (
            "5.1.1: a stream with an even number",
            request(2, "/"),
            Must::End(PROTOCOL),
        ),
        (
            "5.1.1: a stream with a number below the last one",
            all([request(5, "/"), request(3, "/")]),
            Must::End(PROTOCOL),
        ),
        (
            "8.1: a second HEADERS that does not end the request",
            all([post(1, "/"), headers(END_HEADERS, 1, &field("x", "y"))]),
            Must::Reset(1, PROTOCOL),
        ),
        (
            "8.1: a second HEADERS that ends the request is its trailers",
            all([
                post(1, "/"),
                headers(END_HEADERS | END_STREAM, 1, &field("x", "y")),
            ]),
            Must::Answer(1),
        ),
        (
            "8.1.1: less DATA than content-length",
            all([
                headers(
                    END_HEADERS,
                    1,
                    &[asks("POST", "/"), field("content-length", "2")].concat(),
                ),
                frame(DATA, END_STREAM, 1, b"x"),
            ]),
            Must::Reset(1, PROTOCOL),
        ),
    ]);
}

#[test]
fn settings_have_edges_and_are_acknowledged() {
    let settings = |entries: &[(u16, u32)]| {
        let entries: Vec<u8> = entries
            .iter()
            .flat_map(|&(name, value)| setting(name, value))
            .collect();
        frame(SETTINGS, 0, 0, &entries)
    };
    let and_asks = |entries: &[(u16, u32)]| all([settings(entries), request(1, "/")]);
    check(vec![
        (
            "6.5: an ACK with a payload",
            frame(SETTINGS, ACK, 0, &setting(1, 1)),
            Must::End(FRAME_SIZE),
        ),
        (
            "6.5: SETTINGS on a stream",
            frame(SETTINGS, 0, 1, &[]),
            Must::End(PROTOCOL),
        ),
        (
            "6.5: half an entry",
            frame(SETTINGS, 0, 0, &[0, 1, 0]),
            Must::End(FRAME_SIZE),
        ),
        (
            "6.5.2: ENABLE_PUSH of 2",
            settings(&[(2, 2)]),
            Must::End(PROTOCOL),
        ),
        (
            "6.5.2: a window of 2³¹",
            settings(&[(4, 1 << 31)]),
            Must::End(FLOW_CONTROL),
        ),
        (
            "6.5.2: a window of 2³¹ - 1",
            and_asks(&[(4, (1 << 31) - 1)]),
            Must::Answer(1),
        ),
        (
            "6.5.2: the smallest largest frame, less one",
            settings(&[(5, 16_383)]),
            Must::End(PROTOCOL),
        ),
        (
            "6.5.2: the largest largest frame, and one more",
            settings(&[(5, 1 << 24)]),
            Must::End(PROTOCOL),
        ),
        (
            "6.5.2: the largest largest frame",
            and_asks(&[(5, (1 << 24) - 1)]),
            Must::Answer(1),
        ),
        (
            "6.5.2: no table for HPACK",
            and_asks(&[(1, 0)]),
            Must::Answer(1),
        ),
        (
            "6.5.2: an unknown setting is ignored",
            and_asks(&[(0xff, 7)]),
            Must::Answer(1),
        ),
        (
            "6.5.3: the last of two values counts",
            and_asks(&[(4, 0), (4, 100)]),
            Must::Answer(1),
        ),
    ]);
    with_client(async |mut client| {
        let three = all([hello(), settings(&[(4, 9)]), settings(&[])]);
        let (frames, _) = client.sends(&three).await;
        let acks = frames
            .iter()
            .filter(|it| it.kind == SETTINGS && it.flags == ACK);
        assert_eq!(acks.count(), 3);
    });
}

#[test]
fn a_block_of_fields_is_one_piece_to_the_rest_of_the_connection() {
    let fields = get("/");
    let (one, two) = fields.split_at(10);
    let open = || headers(END_STREAM, 1, one);
    let goes_on = |flags, stream, part: &[u8]| frame(CONTINUATION, flags, stream, part);
    check(vec![
        (
            "6.10: a block in three parts",
            all([
                open(),
                goes_on(0, 1, &two[..3]),
                goes_on(END_HEADERS, 1, &two[3..]),
            ]),
            Must::Answer(1),
        ),
        (
            "6.10: another frame within the block",
            all([open(), frame(PING, 0, 0, &[0; 8])]),
            Must::End(PROTOCOL),
        ),
        (
            "6.10: a CONTINUATION of another stream",
            all([open(), goes_on(END_HEADERS, 3, two)]),
            Must::End(PROTOCOL),
        ),
        (
            "6.10: a CONTINUATION on stream 0",
            all([open(), goes_on(END_HEADERS, 0, two)]),
            Must::End(PROTOCOL),
        ),
        (
            "6.10: a CONTINUATION without a block",
            all([post(1, "/"), goes_on(END_HEADERS, 1, two)]),
            Must::End(PROTOCOL),
        ),
        (
            "6.10: a CONTINUATION behind the end of the block",
            all([
                open(),
                goes_on(END_HEADERS, 1, two),
                goes_on(END_HEADERS, 1, &[]),
            ]),
            Must::End(PROTOCOL),
        ),
        (
            "10.5.1: a block without end",
            [
                open(),
                goes_on(0, 1, &field("x", &"y".repeat(100))).repeat(10_000),
            ]
            .concat(),
            Must::EndSomehow,
        ),
    ]);
}

#[test]
fn fields_of_a_request_keep_to_their_form() {
    let asks_with = |fields: &[Vec<u8>]| headers(END_HEADERS | END_STREAM, 1, &fields.concat());
    let of_get = || get("/");
    let method = || field(":method", "GET");
    let scheme = || field(":scheme", "http");
    let path = || field(":path", "/");
    let refused = Must::Reset(1, PROTOCOL);
    check(vec![
        (
            "8.2.1: a capital letter",
            asks_with(&[of_get(), field("X-Y", "z")]),
            refused,
        ),
        (
            "8.2.2: `connection`",
            asks_with(&[of_get(), field("connection", "close")]),
            refused,
        ),
        (
            "8.2.2: `te: gzip`",
            asks_with(&[of_get(), field("te", "gzip")]),
            refused,
        ),
        (
            "8.2.2: `te: trailers`",
            asks_with(&[of_get(), field("te", "trailers")]),
            Must::Answer(1),
        ),
        (
            "8.3: an unknown pseudo-header",
            asks_with(&[of_get(), field(":x", "y")]),
            refused,
        ),
        (
            "8.3: one of an answer",
            asks_with(&[of_get(), field(":status", "200")]),
            refused,
        ),
        (
            "8.3: one behind another field",
            asks_with(&[method(), scheme(), field("x", "y"), path()]),
            refused,
        ),
        (
            "8.3: one in the trailers",
            all([
                post(1, "/"),
                headers(END_HEADERS | END_STREAM, 1, &method()),
            ]),
            refused,
        ),
        ("8.3.1: no method", asks_with(&[scheme(), path()]), refused),
        ("8.3.1: no scheme", asks_with(&[method(), path()]), refused),
        ("8.3.1: no path", asks_with(&[method(), scheme()]), refused),
        (
            "8.3.1: an empty path",
            asks_with(&[method(), scheme(), field(":path", "")]),
            refused,
        ),
        ("8.3.1: two paths", asks_with(&[of_get(), path()]), refused),
    ]);
}

#[test]
fn windows_neither_overflow_nor_stand_still() {
    let most = (1 << 31) - 1;
    check(vec![
        (
            "6.9: a window that grows by 0",
            window(0, 0),
            Must::End(PROTOCOL),
        ),
        (
            "6.9: a stream's window that grows by 0",
            all([request(1, "/later"), window(1, 0)]),
            Must::Reset(1, PROTOCOL),
        ),
        (
            "6.9: WINDOW_UPDATE of three bytes",
            frame(WINDOW_UPDATE, 0, 0, &[0; 3]),
            Must::End(FRAME_SIZE),
        ),
        (
            "6.9.1: a window above 2³¹ - 1",
            window(0, most),
            Must::End(FLOW_CONTROL),
        ),
        (
            "6.9.1: a stream's window above 2³¹ - 1",
            all([request(1, "/later"), window(1, most)]),
            Must::Reset(1, FLOW_CONTROL),
        ),
        (
            "6.9.2: a setting that lifts a stream's window above 2³¹ - 1",
            all([
                request(1, "/later"),
                window(1, most - 65_535),
                frame(SETTINGS, 0, 0, &setting(4, 65_536)),
            ]),
            Must::End(FLOW_CONTROL),
        ),
        (
            "6.9.1: more DATA than the server's window has room for",
            [
                post(1, "/later"),
                frame(DATA, 0, 1, &[0; LARGEST]).repeat((2 << 20) / LARGEST),
            ]
            .concat(),
            Must::Reset(1, FLOW_CONTROL),
        ),
    ]);
}

fn bytes_of(frames: &[Frame], stream: u32) -> usize {
    let data = frames
        .iter()
        .filter(|it| it.kind == DATA && it.stream == stream);
    data.map(|frame| frame.payload.len()).sum()
}

#[test]
fn the_server_sends_no_byte_more_than_the_windows_have_room_for() {
    with_client(async |mut client| {
        // RFC 9113, 6.9.2: windows begin with 65,535 bytes, and a setting changes those of streams that are open.
        let narrow = frame(SETTINGS, 0, 0, &setting(4, 10));
        let asks = all([hello(), narrow, request(1, "/big"), request(3, "/big")]);
        let (frames, _) = client.sends(&asks).await;
        assert_eq!([1, 3].map(|stream| bytes_of(&frames, stream)), [10, 10]);
        let (frames, _) = client.sends(&window(1, 90)).await;
        assert_eq!([1, 3].map(|stream| bytes_of(&frames, stream)), [90, 0]);
        // Now the windows of the streams are wide, and the connection's has 65,535 - 110 bytes left.
        let (frames, _) = client
            .sends(&frame(SETTINGS, 0, 0, &setting(4, 1 << 20)))
            .await;
        let sent = [1, 3].map(|stream| bytes_of(&frames, stream));
        assert_eq!(sent.iter().sum::<usize>(), 65_535 - 110);
        // Narrow again: a stream's window may become negative, and then nothing is sent on it.
        let narrow = frame(SETTINGS, 0, 0, &setting(4, 0));
        let (frames, _) = client.sends(&all([narrow, window(0, 1 << 20)])).await;
        assert_eq!([1, 3].map(|stream| bytes_of(&frames, stream)), [0, 0]);
        let (frames, _) = client
            .sends(&frame(SETTINGS, 0, 0, &setting(4, 1 << 20)))
            .await;
        assert!(answered(&frames, 1) && answered(&frames, 3));
    });
}

#[test]
fn a_preface_that_is_wrong_is_no_http_2() {
    let wrong = b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n";
    with_client(async |mut client| {
        let _frames = client.sends(wrong).await;
        // What came is an answer of HTTP/1, or nothing.
        assert!(client.bytes.is_empty() || client.bytes.starts_with(b"HTTP/1.1 400"));
    });
    check(vec![(
        "3.4: SETTINGS do not come first",
        request(1, "/"),
        Must::BeginWithSettings,
    )]);
}

#[test]
fn one_request_more_than_are_answered_at_the_same_time_is_refused_alone() {
    with_client(async |mut client| {
        let asks = (0..=128).flat_map(|number| request(2 * number + 1, "/later"));
        let asks: Vec<u8> = hello().into_iter().chain(asks).collect();
        let (frames, _) = client.sends(&asks).await;
        let resets: Vec<_> = frames.iter().filter(|it| it.kind == RST_STREAM).collect();
        // RFC 9113, 5.1.2 and 8.7: it was not begun, so the client may send it again.
        assert_eq!(resets.len(), 1);
        assert_eq!(
            (resets[0].stream, resets[0].number(0)),
            (257, REFUSED_STREAM)
        );
        client.handle.sleep(LATER).await;
        let (frames, _) = client.sends(&request(259, "/")).await;
        assert!((0..128).all(|number| answered(&frames, 2 * number + 1)));
        assert!(answered(&frames, 259));
    });
}

#[test]
fn pings_are_returned_each_once_and_a_flood_of_them_stops_no_request() {
    with_client(async |mut client| {
        let pings = (0..10_000_u64).flat_map(|number| frame(PING, 0, 0, &number.to_be_bytes()));
        let flood: Vec<u8> = hello()
            .into_iter()
            .chain(pings)
            .chain(request(1, "/"))
            .collect();
        let (frames, ended) = client.sends(&flood).await;
        let pongs: Vec<u64> = frames
            .iter()
            .filter(|frame| frame.kind == PING && frame.flags == ACK)
            .map(|frame| u64::from_be_bytes(frame.payload[..].try_into().unwrap()))
            .collect();
        assert_eq!(pongs, (0..10_000).collect::<Vec<u64>>());
        assert!(answered(&frames, 1) && !ended);
        // RFC 9113, 6.7: an ACK is not answered.
        let (frames, _) = client.sends(&frame(PING, ACK, 0, &[7; 8])).await;
        assert_eq!(frames, []);
    });
}

#[test]
fn a_client_that_resets_its_requests_as_fast_as_it_makes_them_is_sent_away() {
    with_client(async |mut client| {
        let asks = (0..20_000_u32).flat_map(|number| {
            let stream = 2 * number + 1;
            [request(stream, "/later"), reset(stream)].concat()
        });
        let flood: Vec<u8> = hello().into_iter().chain(asks).collect();
        let (frames, ended) = client.sends(&flood).await;
        let goaway = frames.iter().find(|frame| frame.kind == GOAWAY);
        assert_eq!(
            (goaway.map(|it| it.number(4)), ended),
            (Some(ENHANCE_YOUR_CALM), true)
        );
    });
}

#[test]
fn a_client_that_says_goodbye_gets_the_answers_that_it_waits_for() {
    with_client(async |mut client| {
        let goodbye = frame(
            GOAWAY,
            0,
            0,
            &[0_u32.to_be_bytes(), NO_ERROR.to_be_bytes()].concat(),
        );
        let (frames, ended) = client
            .sends(&all([hello(), request(1, "/"), goodbye]))
            .await;
        assert!(answered(&frames, 1) && ended, "{frames:?}");
    });
}
