//! HTTP/2 by hand: frames as RFC 9113, 4.1 has them, for clients that break its rules.

/// The client's first bytes: RFC 9113, 3.4.
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const PRIORITY: u8 = 2;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PUSH_PROMISE: u8 = 5;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const END_STREAM: u8 = 1;
/// The same bit, where a frame answers another.
pub(super) const ACK: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;
pub(super) const PADDED: u8 = 8;
pub(super) const WITH_PRIORITY: u8 = 32;

/// A frame that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
    pub(super) payload: Vec<u8>,
}

impl Frame {
    /// The four bytes of the payload from this place on, as a number: where frames have error codes and sizes.
    pub(super) fn number(&self, from: usize) -> u32 {
        u32::from_be_bytes(self.payload[from..from + 4].try_into().unwrap())
    }

    pub(super) fn ends_its_stream(&self) -> bool {
        matches!(self.kind, DATA | HEADERS) && self.flags & END_STREAM != 0
    }
}

/// The bytes of a frame.
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    [&head, payload].concat()
}

/// The preface, and settings that change nothing.
pub(super) fn hello() -> Vec<u8> {
    [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()
}

/// One entry of SETTINGS.
pub(super) fn setting(name: u16, value: u32) -> Vec<u8> {
    [&name.to_be_bytes()[..], &value.to_be_bytes()].concat()
}

/// A field that is in no table of HPACK: RFC 7541, 6.2.2. Both texts are shorter than 127 bytes.
pub(super) fn field(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = vec![0];
    for text in [name, value] {
        bytes.push(u8::try_from(text.len()).unwrap());
        bytes.extend(text.as_bytes());
    }
    bytes
}

/// The fields of `GET path`.
pub(super) fn get(path: &str) -> Vec<u8> {
    asks("GET", path)
}

pub(super) fn asks(method: &str, path: &str) -> Vec<u8> {
    [
        field(":method", method),
        field(":scheme", "http"),
        field(":path", path),
        field(":authority", "here"),
    ]
    .concat()
}

/// A whole request without a body.
pub(super) fn request(stream: u32, path: &str) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | END_STREAM, stream, &get(path))
}

/// Takes the first frame off the front, if all of it is there.
pub(super) fn take(bytes: &mut Vec<u8>) -> Option<Frame> {
    let length = usize::from(*bytes.first()?) << 16
        | usize::from(*bytes.get(1)?) << 8
        | usize::from(*bytes.get(2)?);
    if bytes.len() < 9 + length {
        return None;
    }
    let whole: Vec<u8> = bytes.drain(..9 + length).collect();
    Some(Frame {
        kind: whole[3],
        flags: whole[4],
        stream: u32::from_be_bytes(whole[5..9].try_into().unwrap()) & 0x7fff_ffff,
        payload: whole[9..].to_vec(),
    })
}
