//! Frames of a WebSocket connection (RFC 6455, section 5) as bytes and back, and the words of the protocol core.
//!
//! Reads and writes byte buffers only. The opening handshake is HTTP and ends before the first frame.

use std::time::Duration;

/// Which end of the connection this is. A client masks each frame that it sends, a server masks none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The end that has connected. Its masks come from a generator with this seed: randomness is an input, too.
    ///
    /// RFC 6455 asks for masks that an attacker cannot predict (section 10.3): outside of tests, take the seed
    /// from the system.
    Client {
        /// The seed of the masks.
        seed: u64,
    },
    /// The end that has accepted.
    Server,
}

/// What a connection is told when it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Which end it is.
    pub role: Role,
    /// The most bytes of one message, all its frames together.
    pub limit: usize,
    /// How long the peer may be silent before a ping, after a ping, and after a close.
    pub patience: Duration,
}

/// A message of the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
}

/// What a connection reports. The last three end it: one of them is the last event, and there is no second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A whole message has arrived.
    Message(Message),
    /// The peer's close frame has arrived, with this code. Both ends have said that they send no more.
    Closed(Option<u16>),
    /// The peer broke a rule of the protocol.
    Failed(Violation),
    /// The stream ended without a close frame, or the peer was silent for too long.
    Lost,
}

/// The connection takes no message any more: a close frame was sent, or the connection has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotOpen;

impl std::fmt::Display for NotOpen {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("the connection is closing or over")
    }
}

impl std::error::Error for NotOpen {}

/// The rule that a peer broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// A frame that may not stand here, or no frame at all.
    Protocol,
    /// A text, or the reason of a close frame, that is not UTF-8.
    NotText,
    /// A message above the limit.
    TooBig,
}

impl Violation {
    /// The code of the close frame that names it (RFC 6455, section 7.4.1).
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Violation::Protocol => 1002,
            Violation::NotText => 1007,
            Violation::TooBig => 1009,
        }
    }
}

/// What kind of frame it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opcode {
    /// A further part of the message whose first part came before.
    Continuation,
    /// A text, or its first part.
    Text,
    /// Bytes, or their first part.
    Binary,
    /// The sender sends no further message. See [`close_code`].
    Close,
    /// Asks for a pong with the same payload.
    Ping,
    /// Answers a ping.
    Pong,
}

/// A frame. Control frames (close, ping, pong) are always final, and have at most 125 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Whether it is the last part of its message.
    pub is_final: bool,
    /// What it is.
    pub opcode: Opcode,
    /// The payload, without its mask.
    pub payload: Vec<u8>,
}

impl Frame {
    /// A frame that is the last part of its message.
    #[must_use]
    pub fn last(opcode: Opcode, payload: &[u8]) -> Frame {
        Frame {
            is_final: true,
            opcode,
            payload: payload.to_vec(),
        }
    }
}

/// The code in the payload of a close frame: `None` if the payload is empty.
///
/// # Errors
///
/// If it has one byte, if no close frame may carry the code, or if the reason behind it is not UTF-8.
pub fn close_code(payload: &[u8]) -> Result<Option<u16>, Violation> {
    match payload {
        [] => Ok(None),
        [_] => Err(Violation::Protocol),
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
                return Err(Violation::Protocol);
            }
            std::str::from_utf8(reason).map_err(|_| Violation::NotText)?;
            Ok(Some(code))
        }
    }
}

/// Cuts the bytes of the peer into frames.
#[derive(Debug)]
pub struct FrameReader {
    /// Whether the peer has to mask its frames.
    masked: bool,
    limit: usize,
    buffer: Vec<u8>,
    /// How many bytes of the buffer are taken.
    taken: usize,
}

impl FrameReader {
    /// The reader of the end that has this role. A data frame with more than `limit` bytes is a violation.
    #[must_use]
    pub fn new(role: Role, limit: usize) -> FrameReader {
        FrameReader {
            masked: role == Role::Server,
            limit,
            buffer: Vec::new(),
            taken: 0,
        }
    }

    /// Takes bytes, of which [`next`](FrameReader::next) makes frames. There may be several in them, or a part of one.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next frame that has arrived whole. `None`: more bytes are needed.
    ///
    /// # Errors
    ///
    /// If the bytes are no frame, or one that the peer may not send. Each further call fails the same way.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<Frame>, Violation> {
        let Some(head) = self.head()? else {
            return Ok(None);
        };
        let begin = self.taken + head.bytes;
        let Some(masked) = self.buffer.get(begin..begin.saturating_add(head.length)) else {
            return Ok(None);
        };
        let mask = |(place, byte): (usize, &u8)| byte ^ head.mask[place % 4];
        let payload = masked.iter().enumerate().map(mask).collect();
        self.taken = begin + head.length;
        Ok(Some(Frame {
            is_final: head.is_final,
            opcode: head.opcode,
            payload,
        }))
    }

    fn head(&self) -> Result<Option<Head>, Violation> {
        let bytes = &self.buffer[self.taken..];
        let Some((&[first, second], rest)) = bytes.split_first_chunk::<2>() else {
            return Ok(None);
        };
        let is_final = first & 0x80 != 0;
        let opcode = opcode(first & 0x0f)?;
        let is_control = !matches!(opcode, Opcode::Continuation | Opcode::Text | Opcode::Binary);
        let short = usize::from(second & 0x7f);
        let reserved = first & 0x70 != 0;
        let masked = second & 0x80 != 0;
        if reserved || masked != self.masked || is_control && (!is_final || short > 125) {
            return Err(Violation::Protocol);
        }
        let (length, wide) = match short {
            126 => match rest.first_chunk::<2>() {
                None => return Ok(None),
                Some(length) => (u64::from(u16::from_be_bytes(*length)), 2),
            },
            127 => match rest.first_chunk::<8>() {
                None => return Ok(None),
                Some(length) => (u64::from_be_bytes(*length), 8),
            },
            short => (short as u64, 0),
        };
        // A length has to be written in as few bytes as it can be.
        if wide == 2 && length < 126 || wide == 8 && !(0x1_0000..1 << 63).contains(&length) {
            return Err(Violation::Protocol);
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if !is_control && length > self.limit {
            return Err(Violation::TooBig);
        }
        let mask = match (masked, rest[wide..].first_chunk::<4>()) {
            (false, _) => [0; 4],
            (true, None) => return Ok(None),
            (true, Some(mask)) => *mask,
        };
        Ok(Some(Head {
            bytes: 2 + wide + if masked { 4 } else { 0 },
            is_final,
            opcode,
            length,
            mask,
        }))
    }
}

struct Head {
    bytes: usize,
    is_final: bool,
    opcode: Opcode,
    length: usize,
    mask: [u8; 4],
}

fn opcode(bits: u8) -> Result<Opcode, Violation> {
    match bits {
        0 => Ok(Opcode::Continuation),
        1 => Ok(Opcode::Text),
        2 => Ok(Opcode::Binary),
        8 => Ok(Opcode::Close),
        9 => Ok(Opcode::Ping),
        10 => Ok(Opcode::Pong),
        _ => Err(Violation::Protocol),
    }
}

/// Makes bytes of frames.
#[derive(Debug)]
pub struct FrameWriter {
    /// The state of the masks' generator; a server has none.
    masks: Option<u64>,
}

impl FrameWriter {
    /// The writer of the end that has this role.
    #[must_use]
    pub fn new(role: Role) -> FrameWriter {
        let masks = match role {
            Role::Client { seed } => Some(seed),
            Role::Server => None,
        };
        FrameWriter { masks }
    }

    /// Appends a frame to the output.
    pub fn write(&mut self, frame: &Frame, output: &mut Vec<u8>) {
        let opcode = match frame.opcode {
            Opcode::Continuation => 0,
            Opcode::Text => 1,
            Opcode::Binary => 2,
            Opcode::Close => 8,
            Opcode::Ping => 9,
            Opcode::Pong => 10,
        };
        output.push(opcode | if frame.is_final { 0x80 } else { 0 });
        let masked = if self.masks.is_some() { 0x80 } else { 0 };
        let length = frame.payload.len();
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(short @ ..126), _) => output.push(masked | short),
            (_, Ok(length)) => {
                output.push(masked | 126);
                output.extend(length.to_be_bytes());
            }
            _ => {
                output.push(masked | 127);
                output.extend((length as u64).to_be_bytes());
            }
        }
        let mask = self.masks.as_mut().map(next_mask);
        output.extend(mask.iter().flatten());
        let mask = mask.unwrap_or_default();
        let payload = frame.payload.iter().enumerate();
        output.extend(payload.map(|(place, byte)| byte ^ mask[place % 4]));
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the upper half of its next number.
fn next_mask(state: &mut u64) -> [u8; 4] {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let [.., a, b, c, d] = (mixed ^ (mixed >> 31)).to_be_bytes();
    [a, b, c, d]
}
