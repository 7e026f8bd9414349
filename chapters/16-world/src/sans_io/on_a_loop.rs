//! A driver for tasks: on a loop with a reactor, and on the simulated network.

use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use event_loop::Timer;
use futures::io::{AsyncRead, AsyncWrite};

use super::connection::Connection;
use super::frame::Event;

/// While more bytes of answers than this wait to be sent, nothing is read: a peer that asks and does not read the
/// answers costs no more memory. What the application sends unasked does not count: two peers that both send
/// a large message would otherwise wait for each other.
const FULL: usize = 256 * 1024;

/// How long the last bytes may take. A peer that reads nothing does not keep the driver.
const LINGER: Duration = Duration::from_secs(1);

// ANCHOR: drive
/// Runs a connection over a stream until it has ended. Passes each event to `on_event`, which may send and close. Reads
/// and writes at the same time.
///
/// # Errors
///
/// Those of the stream. A connection that had not ended is as it was then, and has reported no end.
///
/// # Cancel safety
///
/// Dropping the future loses the bytes that were fetched from the connection and not yet written. Drop the stream with it.
pub async fn drive<S, T>(
    stream: &mut S,
    timer: &T,
    connection: &mut Connection,
    mut on_event: impl FnMut(Event, &mut Connection),
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
{
    let mut ends = Ends::of(stream);
    let mut is_answer = false;
    loop {
        while let Some(event) = connection.next_event() {
            on_event(event, connection);
        }
        ends.queue(&connection.take_output(), is_answer);
        let Some(deadline) = connection.deadline() else {
            return ends.send_the_rest(timer).await;
        };
        let mut sleep = pin!(timer.sleep_until(deadline));
        let happened = poll_fn(|context| ends.poll(context, sleep.as_mut())).await?;
        is_answer = matches!(happened, Happened::Read(_));
        match happened {
            Happened::TimeOut => connection.handle_timeout(timer.now()),
            Happened::Read(0) => connection.receive_end(),
            Happened::Read(count) => connection.receive(timer.now(), &ends.buffer[..count]),
        }
    }
}
// ANCHOR_END: drive

enum Happened {
    Read(usize),
    TimeOut,
}

struct Ends<'s, S> {
    stream: &'s mut S,
    buffer: [u8; 4096],
    unsent: Vec<u8>,
    /// How many bytes of `unsent` are written.
    sent: usize,
    /// How many bytes of `unsent` answer what was read.
    answers: usize,
    unflushed: bool,
}

impl<'s, S: AsyncRead + AsyncWrite + Unpin> Ends<'s, S> {
    fn of(stream: &'s mut S) -> Ends<'s, S> {
        Ends {
            stream,
            buffer: [0; 4096],
            unsent: Vec::new(),
            sent: 0,
            answers: 0,
            unflushed: false,
        }
    }

    fn queue(&mut self, output: &[u8], is_answer: bool) {
        self.unsent.extend_from_slice(output);
        self.answers += if is_answer { output.len() } else { 0 };
    }

    // ANCHOR: poll
    /// Writes what can be written, and is ready when something was read or the time has come.
    fn poll(
        &mut self,
        context: &mut Context<'_>,
        sleep: Pin<&mut impl Future<Output = ()>>,
    ) -> Poll<io::Result<Happened>> {
        if let Poll::Ready(Err(error)) = self.poll_send(context) {
            return Poll::Ready(Err(error));
        }
        if self.answers < FULL {
            let read = Pin::new(&mut *self.stream).poll_read(context, &mut self.buffer);
            if let Poll::Ready(read) = read {
                return Poll::Ready(read.map(Happened::Read));
            }
        }
        sleep.poll(context).map(|()| Ok(Happened::TimeOut))
    }
    // ANCHOR_END: poll

    /// Ready when everything is written and flushed.
    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.sent < self.unsent.len() {
            let stream = Pin::new(&mut *self.stream);
            match ready!(stream.poll_write(context, &self.unsent[self.sent..]))? {
                0 => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                count => self.sent += count,
            }
            self.unflushed = true;
        }
        self.unsent.clear();
        (self.sent, self.answers) = (0, 0);
        if self.unflushed {
            ready!(Pin::new(&mut *self.stream).poll_flush(context))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    async fn send_the_rest(&mut self, timer: &impl Timer) -> io::Result<()> {
        let mut sleep = pin!(timer.sleep(LINGER));
        poll_fn(|context| match self.poll_send(context) {
            Poll::Pending => sleep.as_mut().poll(context).map(Ok),
            ready => ready,
        })
        .await
    }
}
