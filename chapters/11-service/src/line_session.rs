//! A connection to the line server.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use futures::io::{AsyncReadExt, AsyncWriteExt};
use reactor::{ReactorHandle, TcpStream};
use service::{Heard, Message, Session};
use synchronization::Mutex;

/// A [`Session`] with the [line server](crate::line_server): one line for each message, one for each answer.
#[derive(Debug)]
pub struct LineSession {
    stream: TcpStream,
    /// What was received and is no whole line yet.
    received: RefCell<Vec<u8>>,
    /// The turn to write.
    writing: Mutex<()>,
    heard: Heard,
}

impl LineSession {
    /// Connects.
    ///
    /// # Errors
    ///
    /// If no server listens there.
    pub async fn connect(reactor: &ReactorHandle, address: SocketAddr) -> io::Result<LineSession> {
        Ok(LineSession {
            stream: TcpStream::connect(reactor, address).await?,
            received: RefCell::default(),
            writing: Mutex::new(()),
            heard: Heard::new(),
        })
    }

    // ANCHOR: line
    /// The next line. What it has received is kept in the session, so dropping it loses nothing.
    async fn line(&self) -> io::Result<String> {
        loop {
            if let Some(line) = self.whole_line() {
                self.heard.note();
                return line;
            }
            let mut chunk = [0; 512];
            match (&self.stream).read(&mut chunk).await? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                count => self.received.borrow_mut().extend(&chunk[..count]),
            }
        }
    }
    // ANCHOR_END: line

    fn whole_line(&self) -> Option<io::Result<String>> {
        let mut received = self.received.borrow_mut();
        let end = received.iter().position(|byte| *byte == b'\n')?;
        let rest = received.split_off(end + 1);
        let line = std::mem::replace(&mut *received, rest);
        let line = String::from_utf8(line).map_err(|_| ErrorKind::InvalidData.into());
        Some(line.map(|line| line.trim_end().to_owned()))
    }

    async fn write(&self, line: String) -> io::Result<()> {
        let _turn = self.writing.lock().await;
        (&self.stream).write_all(line.as_bytes()).await
    }
}

impl Session for LineSession {
    // ANCHOR: next
    async fn next(&self) -> io::Result<Option<Message>> {
        loop {
            let line = self.line().await?;
            match line.split_once(' ') {
                None if line == "PONG" => {}
                None if line == "END" => return Ok(None),
                Some((number, text)) => {
                    let number = number.parse().map_err(|_| ErrorKind::InvalidData)?;
                    let text = text.to_owned();
                    return Ok(Some(Message { number, text }));
                }
                None => return Err(ErrorKind::InvalidData.into()),
            }
        }
    }
    // ANCHOR_END: next

    async fn done(&self, message: &Message) -> io::Result<()> {
        self.write(format!("DONE {}\n", message.number)).await
    }

    async fn ping(&self) -> io::Result<()> {
        self.write("PING\n".to_owned()).await
    }

    fn heard(&self) -> &Heard {
        &self.heard
    }
}
