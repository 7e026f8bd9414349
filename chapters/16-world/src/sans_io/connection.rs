//! One end of a WebSocket connection, as a value that neither reads nor writes.

// YOURS
use std::collections::VecDeque;
use std::mem;

// YOURS_END
use event_loop::Time;
use world::sans_io::frame::{Event, Message, NotOpen, Settings};
// YOURS
use world::sans_io::frame::{Frame, FrameReader, FrameWriter, Opcode, Violation, close_code};
// STUB: use world::sans_io::frame::{FrameReader, FrameWriter};
// YOURS_END

// ANCHOR: contract
/// One end of a WebSocket connection behind its opening handshake (RFC 6455), without I/O and without a clock.
///
/// A driver passes in what has happened: [`receive`](Connection::receive),
/// [`receive_end`](Connection::receive_end), [`handle_timeout`](Connection::handle_timeout). The application calls
/// [`send`](Connection::send) and [`close`](Connection::close). After each call the driver fetches what follows
/// from it: events, bytes for the peer, and the time at which to call next.
///
/// **Messages.** A text or binary frame begins a message; if it is not final, continuation frames follow, the last of
/// which is final. The message is the payloads one after the other. Its event comes with its final frame. Control
/// frames may stand between the parts.
///
/// **Pings.** A ping is answered with a pong that has the same payload, as long as the connection has not ended. A pong
/// is no event, and needs no ping before it.
///
/// **Closing.** [`close`](Connection::close) sends a close frame. From then on messages are still received, and none
/// can be sent. The peer's close frame is the event [`Event::Closed`] with the code that [`close_code`] finds in it,
/// and ends the connection. If this end had sent no close frame, it now answers with one: with the same code and no
/// reason, or with an empty payload if there is no code.
///
/// **Violations.** Beside what [`FrameReader`] and [`close_code`] refuse, these are violations: a continuation frame
/// without a message to continue, or a text or binary frame within a message ([`Violation::Protocol`]); a
/// message whose parts together are longer than the limit ([`Violation::TooBig`], and when the part arrives that goes
/// beyond it); a text that is not UTF-8 as a whole ([`Violation::NotText`], when it is complete). A violation is the
/// event [`Event::Failed`] and ends the connection. If this end had sent no close frame, it now sends one with
/// [`Violation::code`].
///
/// **Silence.** The connection is open. When no byte has arrived for `patience`, counted from the last byte or from
/// `new`, it sends a ping with an empty payload. When no byte arrives for `patience` after that ping, the
/// connection is lost. Each byte that arrives begins again; what this end sends does not count. While the connection is closing it sends no
/// such ping. It is lost when the peer's close frame has not arrived `patience` after `close`.
///
/// **The end.** A connection that is lost reports [`Event::Lost`], and sends nothing more of its own. When the connection has ended, every
/// further input is ignored and changes nothing. Events and output from before can still be fetched.
///
/// The same bytes give the same events and the same output, however they are cut into pieces.
///
/// [`close_code`]: world::sans_io::frame::close_code
/// [`Violation::Protocol`]: world::sans_io::frame::Violation::Protocol
/// [`Violation::TooBig`]: world::sans_io::frame::Violation::TooBig
/// [`Violation::NotText`]: world::sans_io::frame::Violation::NotText
/// [`Violation::code`]: world::sans_io::frame::Violation::code
#[derive(Debug)]
pub struct Connection {
    settings: Settings,
    reader: FrameReader,
    writer: FrameWriter,
    // YOURS
    state: State,
    message: Option<Partial>,
    output: Vec<u8>,
    events: VecDeque<Event>,
    // STUB: // Yours to add to.
    // YOURS_END
}
// ANCHOR_END: contract
// YOURS

// ANCHOR: state
/// What the connection waits for. Each time-out but the last is `patience` after `since`.
#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    /// For a byte. The last one came at `since`.
    Open { since: Time },
    /// For a byte. A ping was sent at `since`.
    Pinged { since: Time },
    /// For the peer's close frame. Ours was sent at `since`.
    Closing { since: Time },
    /// For nothing.
    Over,
}
// ANCHOR_END: state

/// A message of which the last part is missing.
#[derive(Debug)]
struct Partial {
    is_text: bool,
    payload: Vec<u8>,
}
// YOURS_END

impl Connection {
    /// A connection that is open.
    #[must_use]
    pub fn new(settings: Settings, now: Time) -> Connection {
        Connection {
            settings,
            reader: FrameReader::new(settings.role, settings.limit),
            writer: FrameWriter::new(settings.role),
            // YOURS
            state: State::Open { since: now },
            message: None,
            output: Vec::new(),
            events: VecDeque::new(),
            // YOURS_END
        }
    }

    /// These bytes have arrived from the peer: parts of frames, or several frames.
    pub fn receive(&mut self, now: Time, bytes: &[u8]) {
        // YOURS
        if self.is_over() || bytes.is_empty() {
            return;
        }
        if let State::Open { .. } | State::Pinged { .. } = self.state {
            self.state = State::Open { since: now };
        }
        self.reader.push(bytes);
        while !self.is_over() {
            let handled = match self.reader.next() {
                Ok(None) => return,
                Ok(Some(frame)) => self.handle(frame),
                Err(violation) => Err(violation),
            };
            if let Err(violation) = handled {
                self.answer_close(&violation.code().to_be_bytes());
                self.end_with(Event::Failed(violation));
            }
        }
        // STUB: todo!("which frames are whole now, and what follows from each of them?")
        // YOURS_END
    }

    /// No further byte will arrive: the peer has ended the stream. A connection that has not ended is lost.
    pub fn receive_end(&mut self) {
        // YOURS
        if !self.is_over() {
            self.end_with(Event::Lost);
        }
        // STUB: todo!("may the stream end here?")
        // YOURS_END
    }

    /// The time at which [`handle_timeout`](Connection::handle_timeout) is to be called, if nothing else happens before.
    /// `None` when the connection has ended.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        // YOURS
        match self.state {
            State::Open { since } | State::Pinged { since } | State::Closing { since } => {
                Some(since + self.settings.patience)
            }
            State::Over => None,
        }
        // STUB: todo!("what does the connection wait for, and for how long?")
        // YOURS_END
    }

    /// It is `now`. A call before the deadline does nothing. A call at the deadline or behind it takes one step: it sends a ping, or the
    /// connection is lost. A call that comes late sends the ping late, and the peer has all of `patience` to answer it.
    pub fn handle_timeout(&mut self, now: Time) {
        // YOURS
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return;
        }
        match self.state {
            State::Open { .. } => {
                self.push(Opcode::Ping, &[]);
                self.state = State::Pinged { since: now };
            }
            State::Pinged { .. } | State::Closing { .. } => self.end_with(Event::Lost),
            State::Over => {}
        }
        // STUB: todo!("has the deadline passed, and which one is it?")
        // YOURS_END
    }

    /// Sends a message, in one frame.
    ///
    /// # Errors
    ///
    /// If a close frame was sent, or the connection has ended. Nothing is sent then.
    pub fn send(&mut self, message: Message) -> Result<(), NotOpen> {
        // YOURS
        if !matches!(self.state, State::Open { .. } | State::Pinged { .. }) {
            return Err(NotOpen);
        }
        match message {
            Message::Text(text) => self.push(Opcode::Text, text.as_bytes()),
            Message::Binary(bytes) => self.push(Opcode::Binary, &bytes),
        }
        Ok(())
        // STUB: todo!("may a message be sent now?")
        // YOURS_END
    }

    /// Sends a close frame with this code and no reason. Does nothing if one was sent, or if the connection has ended.
    pub fn close(&mut self, now: Time, code: u16) {
        // YOURS
        if matches!(self.state, State::Open { .. } | State::Pinged { .. }) {
            self.push(Opcode::Close, &code.to_be_bytes());
            self.state = State::Closing { since: now };
        }
        // STUB: todo!("what does the connection wait for from now on?")
        // YOURS_END
    }

    /// The next event, oldest first.
    #[must_use]
    pub fn next_event(&mut self) -> Option<Event> {
        // YOURS
        self.events.pop_front()
        // STUB: todo!("what has happened that the application has not seen?")
        // YOURS_END
    }

    /// The bytes for the peer that were not fetched before, in order. The driver has to send them.
    #[must_use]
    pub fn take_output(&mut self) -> Vec<u8> {
        // YOURS
        mem::take(&mut self.output)
        // STUB: todo!("which bytes has the driver not fetched?")
        // YOURS_END
    }

    /// Whether the connection has ended. Its last event may still have to be fetched.
    #[must_use]
    pub fn is_over(&self) -> bool {
        // YOURS
        self.state == State::Over
        // STUB: todo!("was there a last event?")
        // YOURS_END
    }
    // YOURS

    // ANCHOR: handle
    fn handle(&mut self, frame: Frame) -> Result<(), Violation> {
        match frame.opcode {
            Opcode::Ping => self.push(Opcode::Pong, &frame.payload),
            Opcode::Pong => {}
            Opcode::Close => {
                let code = close_code(&frame.payload)?;
                let answer = code.map(u16::to_be_bytes);
                self.answer_close(answer.as_ref().map_or(&[], |code| &code[..]));
                self.end_with(Event::Closed(code));
            }
            Opcode::Text | Opcode::Binary | Opcode::Continuation => self.join(frame)?,
        }
        Ok(())
    }
    // ANCHOR_END: handle

    // ANCHOR: join
    fn join(&mut self, frame: Frame) -> Result<(), Violation> {
        let is_first = frame.opcode != Opcode::Continuation;
        let mut message = match self.message.take() {
            None if is_first => Partial {
                is_text: frame.opcode == Opcode::Text,
                payload: Vec::new(),
            },
            Some(message) if !is_first => message,
            _ => return Err(Violation::Protocol),
        };
        if frame.payload.len() > self.settings.limit - message.payload.len() {
            return Err(Violation::TooBig);
        }
        message.payload.extend(frame.payload);
        if !frame.is_final {
            self.message = Some(message);
            return Ok(());
        }
        let message = match message.is_text {
            false => Message::Binary(message.payload),
            true => {
                let text = String::from_utf8(message.payload);
                Message::Text(text.map_err(|_| Violation::NotText)?)
            }
        };
        self.events.push_back(Event::Message(message));
        Ok(())
    }
    // ANCHOR_END: join

    /// Sends a close frame, unless one was sent.
    fn answer_close(&mut self, payload: &[u8]) {
        if !matches!(self.state, State::Closing { .. }) {
            self.push(Opcode::Close, payload);
        }
    }

    fn push(&mut self, opcode: Opcode, payload: &[u8]) {
        self.writer
            .write(&Frame::last(opcode, payload), &mut self.output);
    }

    fn end_with(&mut self, event: Event) {
        self.events.push_back(event);
        self.state = State::Over;
        self.message = None;
    }
    // YOURS_END
}
