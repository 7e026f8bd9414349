//! One end of a WebSocket connection, as a value that neither reads nor writes.

use event_loop::Time;
use world::sans_io::frame::{Event, Message, NotOpen, Settings};
use world::sans_io::frame::{FrameReader, FrameWriter};

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
    // Yours to add to.
}

impl Connection {
    /// A connection that is open.
    #[must_use]
    pub fn new(settings: Settings, now: Time) -> Connection {
        Connection {
            settings,
            reader: FrameReader::new(settings.role, settings.limit),
            writer: FrameWriter::new(settings.role),
        }
    }

    /// These bytes have arrived from the peer: parts of frames, or several frames.
    pub fn receive(&mut self, now: Time, bytes: &[u8]) {
        todo!("which frames are whole now, and what follows from each of them?")
    }

    /// No further byte will arrive: the peer has ended the stream. A connection that has not ended is lost.
    pub fn receive_end(&mut self) {
        todo!("may the stream end here?")
    }

    /// The time at which [`handle_timeout`](Connection::handle_timeout) is to be called, if nothing else happens before.
    /// `None` when the connection has ended.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        todo!("what does the connection wait for, and for how long?")
    }

    /// It is `now`. A call before the deadline does nothing. A call at the deadline or behind it takes one step: it sends a ping, or the
    /// connection is lost. A call that comes late sends the ping late, and the peer has all of `patience` to answer it.
    pub fn handle_timeout(&mut self, now: Time) {
        todo!("has the deadline passed, and which one is it?")
    }

    /// Sends a message, in one frame.
    ///
    /// # Errors
    ///
    /// If a close frame was sent, or the connection has ended. Nothing is sent then.
    pub fn send(&mut self, message: Message) -> Result<(), NotOpen> {
        todo!("may a message be sent now?")
    }

    /// Sends a close frame with this code and no reason. Does nothing if one was sent, or if the connection has ended.
    pub fn close(&mut self, now: Time, code: u16) {
        todo!("what does the connection wait for from now on?")
    }

    /// The next event, oldest first.
    #[must_use]
    pub fn next_event(&mut self) -> Option<Event> {
        todo!("what has happened that the application has not seen?")
    }

    /// The bytes for the peer that were not fetched before, in order. The driver has to send them.
    #[must_use]
    pub fn take_output(&mut self) -> Vec<u8> {
        todo!("which bytes has the driver not fetched?")
    }

    /// Whether the connection has ended. Its last event may still have to be fetched.
    #[must_use]
    pub fn is_over(&self) -> bool {
        todo!("was there a last event?")
    }
}
