//! The client of a service that greets first. Its users report errors that name the wrong call.

use std::io::{self, ErrorKind};

use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A session with a service that greets first. Each message is a line, and ends with `\n`.
///
/// ```text
/// service  name?
/// client   ada
/// service  welcome      (or: no)
/// client   how many?
/// service  42
/// ```
///
/// After the welcome the service answers each line with one line, in the same order. The stream may
/// cut the bytes into any pieces, and may keep what was written until it is flushed.
#[derive(Debug)]
pub struct Session<S> {
    stream: S,
    name: String,
    /// Whether the service has said welcome.
    welcomed: bool,
    /// Bytes that were read and belong to no returned line yet.
    incoming: Vec<u8>,
    /// Bytes that are still to be written.
    outgoing: Vec<u8>,
    /// How many questions have no answer yet.
    unanswered: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Opens a session: waits for `name?`, sends `name`, and waits for `welcome`.
    ///
    /// When this returns a session, the service has said `welcome`: every session that exists can be
    /// asked.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PermissionDenied`] if the service says `no`;
    /// - [`ErrorKind::InvalidData`] if it says anything else than `name?`, or then anything else than
    ///   `welcome` or `no`;
    /// - [`ErrorKind::UnexpectedEof`] if the stream ends before that;
    /// - the stream's own errors, as they are.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the stream. There is no session then, and nothing to repeat.
    pub async fn open(stream: S, name: &str) -> io::Result<Session<S>> {
        Ok(Session {
            stream,
            name: name.to_owned(),
            welcomed: false,
            incoming: Vec::new(),
            outgoing: Vec::new(),
            unanswered: 0,
        })
    }

    /// Sends a question, which is one line without its `\n`, and returns the line that answers it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnexpectedEof`] if the stream ends before the answer does, and the stream's own
    /// errors, as they are. No other call's errors.
    ///
    /// # Cancel safety
    ///
    /// The future may be dropped at any point. Its question may have been sent or not; the next call
    /// returns the answer to its own question.
    pub async fn ask(&mut self, question: &str) -> io::Result<String> {
        if !self.welcomed {
            let name = self.name.clone();
            self.shake_hands(&name).await?;
            self.welcomed = true;
        }
        self.queue(question);
        self.unanswered += 1;
        self.send().await?;
        loop {
            let line = self.line().await?;
            self.unanswered -= 1;
            if self.unanswered == 0 {
                return Ok(line);
            }
            // The answer to a question whose call was dropped.
        }
    }

    async fn shake_hands(&mut self, name: &str) -> io::Result<()> {
        if self.line().await? != "name?" {
            return Err(ErrorKind::InvalidData.into());
        }
        self.queue(name);
        self.send().await?;
        match self.line().await?.as_str() {
            "welcome" => Ok(()),
            "no" => Err(ErrorKind::PermissionDenied.into()),
            _ => Err(ErrorKind::InvalidData.into()),
        }
    }

    /// Appends a line to what is to be written.
    fn queue(&mut self, line: &str) {
        self.outgoing.extend_from_slice(line.as_bytes());
        self.outgoing.push(b'\n');
    }

    /// Writes what is to be written. May be dropped: what is not written yet stays in `outgoing`.
    async fn send(&mut self) -> io::Result<()> {
        while !self.outgoing.is_empty() {
            let count = self.stream.write(&self.outgoing).await?;
            if count == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
            self.outgoing.drain(..count);
        }
        self.stream.flush().await
    }

    /// The next line, without its `\n`. May be dropped: what was read stays in `incoming`.
    async fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.incoming.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.incoming.drain(..=end).collect();
                line.pop();
                return String::from_utf8(line).map_err(|_| ErrorKind::InvalidData.into());
            }
            let mut piece = [0; 256];
            match self.stream.read(&mut piece).await? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                count => self.incoming.extend_from_slice(&piece[..count]),
            }
        }
    }
}
