//! One end of a connection with a recorded peer: after each call, what follows from it is fetched.

use std::time::Duration;

use event_loop::Time;
use probe::{Run, panics};
use world::sans_io::frame::{
    Event, Frame, FrameReader, FrameWriter, Message, NotOpen, Opcode, Role, Settings,
};

use super::super::subject::Connection;
use super::core::Core;

pub(super) const CLIENT: Role = Role::Client { seed: 3 };
pub(super) const PATIENCE: u64 = 20;

pub(super) fn at(seconds: u64) -> Time {
    Time::after_start(Duration::from_secs(seconds))
}

pub(super) fn settings(role: Role, limit: usize) -> Settings {
    let patience = Duration::from_secs(PATIENCE);
    Settings {
        role,
        limit,
        patience,
    }
}

/// The end under test, as a server, and the client at the other end.
pub(super) struct End<C = Connection> {
    pub(super) run: Run,
    core: C,
    now: u64,
    peer: FrameWriter,
    reader: FrameReader,
    pub(super) events: Vec<Event>,
    pub(super) sent: Vec<Frame>,
    /// Where the latest call is in the recording.
    pub(super) latest: Option<usize>,
}

/// More events than any run has.
const ENOUGH: usize = 10_000;

impl<C: Core> End<C> {
    pub(super) fn new(run: Run, limit: usize) -> End<C> {
        End {
            core: expected(&run, "new", || C::new(settings(Role::Server, limit), at(0))),
            run,
            now: 0,
            peer: FrameWriter::new(CLIENT),
            reader: FrameReader::new(CLIENT, usize::MAX),
            events: Vec::new(),
            sent: Vec::new(),
            latest: None,
        }
    }

    pub(super) fn bytes_of(&mut self, frames: &[Frame]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for frame in frames {
            self.peer.write(frame, &mut bytes);
        }
        bytes
    }

    /// The peer sends these frames, and they arrive in one read.
    pub(super) fn arrive(&mut self, frames: &[Frame]) {
        let bytes = self.bytes_of(frames);
        let said: Vec<String> = frames.iter().map(show).collect();
        (self.run.recorder()).says("peer", format!("sends {}", said.join(", ")));
        self.read(&bytes);
    }

    /// These bytes arrive in one read.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        let now = at(self.now);
        self.call(&format!("receive({} bytes)", bytes.len()), |core| {
            core.receive(now, bytes)
        });
    }

    pub(super) fn stream_ends(&mut self) {
        self.call("receive_end()", C::receive_end);
    }

    /// The clock moves on to this second.
    pub(super) fn clock(&mut self, seconds: u64) {
        self.now = seconds;
        (self.run.recorder()).set_time(Duration::from_secs(seconds));
    }

    pub(super) fn time_out(&mut self) {
        let now = at(self.now);
        self.call("handle_timeout(now)", |core| core.handle_timeout(now));
    }

    pub(super) fn send(&mut self, text: &str) -> Result<(), NotOpen> {
        let message = Message::Text(text.to_owned());
        let sent = self.call(&format!("send({text:?})"), |core| core.send(message));
        if sent == Err(NotOpen) {
            (self.run.recorder()).says("connection", "send returns NotOpen");
        }
        sent
    }

    pub(super) fn close(&mut self, code: u16) {
        let now = at(self.now);
        self.call(&format!("close({code})"), |core| core.close(now, code));
    }

    /// The deadline in seconds.
    pub(super) fn deadline(&self) -> Option<u64> {
        let deadline = expected(&self.run, "deadline", || self.core.deadline());
        let call = (self.run.recorder()).enters("connection", "deadline()");
        let deadline = deadline.map(|deadline| deadline.since_start().as_secs());
        call.returns(deadline.map_or("None".to_owned(), |seconds| format!("{seconds} s")));
        deadline
    }

    pub(super) fn is_over(&self) -> bool {
        expected(&self.run, "is_over", || self.core.is_over())
    }

    /// What was sent since the last time.
    pub(super) fn sent_now(&mut self) -> Vec<Frame> {
        std::mem::take(&mut self.sent)
    }

    fn call<T>(&mut self, text: &str, call: impl FnOnce(&mut C) -> T) -> T {
        self.run.recorder().says("connection", text);
        self.latest = self.run.recorder().last_event();
        let name = text.split('(').next().unwrap_or_default();
        let result = self.run.risk(
            None,
            &format!("`{name}` was called and did not return."),
            || expected(&self.run, name, || call(&mut self.core)),
        );
        self.fetch();
        result
    }

    /// Fetches the events and the output, as a driver does.
    fn fetch(&mut self) {
        let (run, core) = (&self.run, &mut self.core);
        let recorder = run.recorder();
        let before = self.events.len();
        while let Some(event) = expected(run, "next_event", || core.next_event()) {
            recorder.says("events", format!("{event:?}"));
            self.events.push(event);
            if self.events.len() - before > ENOUGH {
                run.departs(
                    "`next_event` returns event after event, and no call came between them.",
                );
            }
        }
        let output = expected(run, "take_output", || core.take_output());
        self.reader.push(&output);
        loop {
            match self.reader.next() {
                Ok(None) => break,
                Ok(Some(frame)) => {
                    recorder.says("output", show(&frame));
                    self.sent.push(frame);
                }
                Err(_) => run.departs(format!(
                    "The output is no sequence of a server's frames: {}.",
                    output.escape_ascii()
                )),
            }
        }
    }
}

/// Carries out a call that must not panic.
fn expected<T>(run: &Run, name: &str, call: impl FnOnce() -> T) -> T {
    match panics::expected(call) {
        Ok(result) => result,
        Err(panic) => run.departs(format!("`{name}` panicked: {}.", panic.message)),
    }
}

/// A frame as a reader of the run wants it.
pub(super) fn show(frame: &Frame) -> String {
    let name = format!("{:?}", frame.opcode).to_lowercase();
    let more = if frame.is_final { "" } else { ", more to come" };
    let payload = match &frame.payload[..] {
        [] => String::new(),
        [high, low] if frame.opcode == Opcode::Close => {
            format!(" {}", u16::from_be_bytes([*high, *low]))
        }
        long if long.len() > 40 || frame.opcode == Opcode::Binary => {
            format!(" of {} bytes", long.len())
        }
        short => match std::str::from_utf8(short) {
            Ok(text) => format!(" {text:?}"),
            Err(_) => format!(" \"{}\"", short.escape_ascii()),
        },
    };
    format!("{name}{payload}{more}")
}

pub(super) fn whole(opcode: Opcode, payload: impl AsRef<[u8]>) -> Frame {
    Frame::last(opcode, payload.as_ref())
}

pub(super) fn part(opcode: Opcode, payload: impl AsRef<[u8]>) -> Frame {
    Frame {
        is_final: false,
        ..whole(opcode, payload)
    }
}

pub(super) fn close(code: u16) -> Frame {
    whole(Opcode::Close, code.to_be_bytes())
}

pub(super) fn text(text: &str) -> Event {
    Event::Message(Message::Text(text.to_owned()))
}

/// A server whose messages have at most 1,000 bytes.
pub(super) fn server(run: Run) -> End {
    End::new(run, 1_000)
}

/// What was fetched has to be this.
#[track_caller]
pub(super) fn expect(end: &mut End, events: &[Event], sent: &[Frame]) {
    let shown: Vec<String> = sent.iter().map(show).collect();
    if end.events != events {
        let (run, latest) = (&end.run, end.latest);
        run.departs_at(
            latest,
            format!("The events are {:?}. Expected: {events:?}.", end.events),
        );
    }
    if end.sent != sent {
        let frames: Vec<String> = end.sent.iter().map(show).collect();
        let (run, latest) = (&end.run, end.latest);
        run.departs_at(
            latest,
            format!("The output holds these frames: {frames:?}. Expected: {shown:?}."),
        );
    }
}
