//! Booleans and optional times in place of an enum; text and bytes are kept apart.

use event_loop::Time;
use world::sans_io::frame::{Event, Message, NotOpen, Settings};
use world::sans_io::frame::{Frame, FrameReader, FrameWriter, Opcode, Violation, close_code};

#[derive(Debug)]
pub struct Connection {
    settings: Settings,
    reader: FrameReader,
    writer: FrameWriter,
    sent_close: Option<Time>,
    done: bool,
    quiet_since: Time,
    pinged: Option<Time>,
    parts: Vec<Frame>,
    out: Vec<Vec<u8>>,
    told: Vec<Event>,
}

impl Connection {
    #[must_use]
    pub fn new(settings: Settings, now: Time) -> Connection {
        Connection {
            settings,
            reader: FrameReader::new(settings.role, settings.limit),
            writer: FrameWriter::new(settings.role),
            sent_close: None,
            done: false,
            quiet_since: now,
            pinged: None,
            parts: vec![],
            out: vec![],
            told: vec![],
        }
    }

    fn frame(&mut self, opcode: Opcode, payload: &[u8]) {
        let mut bytes = Vec::new();
        self.writer.write(&Frame::last(opcode, payload), &mut bytes);
        self.out.push(bytes);
    }

    fn finish(&mut self, answer: Option<Vec<u8>>, event: Event) {
        if let (Some(answer), None) = (answer, self.sent_close) {
            self.frame(Opcode::Close, &answer);
        }
        self.done = true;
        self.told.push(event);
    }

    fn violated(&mut self, violation: Violation) {
        self.finish(
            Some(violation.code().to_be_bytes().into()),
            Event::Failed(violation),
        );
    }

    pub fn receive(&mut self, now: Time, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.quiet_since = now;
            self.pinged = None;
        }
        self.reader.push(bytes);
        loop {
            if self.done {
                break;
            }
            let frame = match self.reader.next() {
                Err(violation) => return self.violated(violation),
                Ok(None) => break,
                Ok(Some(frame)) => frame,
            };
            match (frame.opcode, self.parts.is_empty()) {
                (Opcode::Pong, _) => continue,
                (Opcode::Ping, _) => self.frame(Opcode::Pong, &frame.payload),
                (Opcode::Close, _) => match close_code(&frame.payload) {
                    Err(violation) => self.violated(violation),
                    Ok(code) => {
                        let answer = code.map(|code| code.to_be_bytes().to_vec());
                        self.finish(Some(answer.unwrap_or_default()), Event::Closed(code));
                    }
                },
                (Opcode::Continuation, true) | (Opcode::Text | Opcode::Binary, false) => {
                    self.violated(Violation::Protocol);
                }
                (Opcode::Continuation, false) | (_, true) => self.part(frame),
            }
        }
    }

    fn part(&mut self, frame: Frame) {
        let is_last = frame.is_final;
        self.parts.push(frame);
        let total: usize = self.parts.iter().map(|part| part.payload.len()).sum();
        if total > self.settings.limit {
            return self.violated(Violation::TooBig);
        }
        if !is_last {
            return;
        }
        let parts = std::mem::take(&mut self.parts);
        let whole: Vec<u8> = parts
            .iter()
            .flat_map(|part| part.payload.iter().copied())
            .collect();
        if parts[0].opcode == Opcode::Binary {
            return self.told.push(Event::Message(Message::Binary(whole)));
        }
        match std::str::from_utf8(&whole) {
            Ok(text) => self.told.push(Event::Message(Message::Text(text.into()))),
            Err(_) => self.violated(Violation::NotText),
        }
    }

    pub fn receive_end(&mut self) {
        if !self.done {
            self.finish(None, Event::Lost);
        }
    }

    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        if self.done {
            return None;
        }
        let since = self.sent_close.or(self.pinged).unwrap_or(self.quiet_since);
        Some(since + self.settings.patience)
    }

    pub fn handle_timeout(&mut self, now: Time) {
        match self.deadline() {
            Some(at) if at <= now => {}
            _ => return,
        }
        if self.sent_close.is_some() || self.pinged.is_some() {
            self.finish(None, Event::Lost);
        } else {
            self.pinged = Some(now);
            self.frame(Opcode::Ping, b"");
        }
    }

    pub fn send(&mut self, message: Message) -> Result<(), NotOpen> {
        if self.done || self.sent_close.is_some() {
            return Err(NotOpen);
        }
        match &message {
            Message::Text(text) => self.frame(Opcode::Text, text.as_bytes()),
            Message::Binary(bytes) => self.frame(Opcode::Binary, bytes),
        }
        Ok(())
    }

    pub fn close(&mut self, now: Time, code: u16) {
        if !self.done && self.sent_close.is_none() {
            self.frame(Opcode::Close, &code.to_be_bytes());
            self.sent_close = Some(now);
        }
    }

    #[must_use]
    pub fn next_event(&mut self) -> Option<Event> {
        (!self.told.is_empty()).then(|| self.told.remove(0))
    }

    #[must_use]
    pub fn take_output(&mut self) -> Vec<u8> {
        self.out.drain(..).flatten().collect()
    }

    #[must_use]
    pub fn is_over(&self) -> bool {
        self.done
    }
}
