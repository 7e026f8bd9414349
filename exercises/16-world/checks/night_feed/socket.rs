//! A socket whose server behaves as a script says, on a clock that jumps.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use event_loop::{Handle, Sleep, Time};
use futures::{Sink, Stream};
use probe::Recorder;

use super::super::subject::{Ended, Message};

/// How the server ends the connection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum End {
    Closes,
    Vanishes,
    Fails,
}

/// What the server does, in seconds after the connection was made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Script {
    /// When its texts arrive.
    pub(super) texts: &'static [u64],
    /// When its own pings arrive.
    pub(super) pings: &'static [u64],
    /// Whether it answers pings.
    pub(super) answers: bool,
    /// After how many seconds without a ping it hangs up.
    pub(super) hangs_up: Option<u64>,
    pub(super) end: Option<(u64, End)>,
    /// From when to when the sink has no room.
    pub(super) no_room: Option<(u64, u64)>,
    /// Whether the sink has room for one message more than the connection: then a flush waits, and not the send.
    pub(super) buffers: bool,
    /// From when on the sink fails.
    pub(super) refuses: Option<u64>,
}

impl Script {
    /// Whether the sink has room in this second.
    pub(super) fn has_room(&self, second: u64) -> bool {
        self.no_room
            .is_none_or(|(from, to)| second < from || second >= to)
    }

    fn is_refusing(&self, second: u64) -> bool {
        self.refuses.is_some_and(|from| second >= from)
    }
}

/// What happened, and in which second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Happened {
    Text(u64),
    Ping,
    SinkClosed,
    Returned(Returned),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Returned {
    Closed,
    Silent,
    Lost,
}

impl From<Ended> for Returned {
    fn from(ended: Ended) -> Returned {
        match ended {
            Ended::Closed => Returned::Closed,
            Ended::Silent => Returned::Silent,
            Ended::Lost => Returned::Lost,
        }
    }
}

/// What the code under test did that no socket can bear.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Misuse {
    SentWithoutRoom,
    PolledAfterTheEnd,
}

#[derive(Default)]
pub(super) struct Seen {
    pub(super) log: Vec<(u64, Happened)>,
    pub(super) misuse: Option<Misuse>,
    pub(super) dropped: bool,
    /// Pings that were handed over and never flushed.
    pub(super) unflushed: usize,
}

pub(super) struct Socket {
    handle: Handle,
    recorder: Recorder,
    script: Script,
    pub(super) seen: Rc<RefCell<Seen>>,
    /// How many of the texts have arrived.
    texts: usize,
    /// How many of the server's pings have arrived.
    pings: usize,
    /// When pongs arrive.
    pongs: Vec<u64>,
    last_ping: u64,
    ended: bool,
    has_reserved: bool,
    reader: Option<Waker>,
    sleeps: [Option<Sleep>; 2],
}

impl Socket {
    pub(super) fn new(handle: Handle, recorder: Recorder, script: Script) -> Socket {
        Socket {
            handle,
            recorder,
            script,
            seen: Rc::default(),
            texts: 0,
            pings: 0,
            pongs: Vec::new(),
            last_ping: 0,
            ended: false,
            has_reserved: false,
            reader: None,
            sleeps: [None, None],
        }
    }

    fn now(&self) -> u64 {
        self.handle.now().since_start().as_secs()
    }

    fn logs(&self, happened: Happened) {
        self.seen.borrow_mut().log.push((self.now(), happened));
    }

    fn says(&self, text: &str) {
        self.recorder.set_time(self.handle.now().since_start());
        self.recorder.says("server", text);
    }

    fn sleep_until(&mut self, which: usize, second: u64, context: &mut Context<'_>) {
        let when = Time::START + Duration::from_secs(second);
        let mut sleep = self.handle.sleep_until(when);
        let _pending = Pin::new(&mut sleep).poll(context);
        self.sleeps[which] = Some(sleep);
    }

    /// Ready when there is room.
    fn poll_room(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ()>> {
        let now = self.now();
        if self.ended || self.script.is_refusing(now) {
            return Poll::Ready(Err(()));
        }
        if let (false, Some((_, to))) = (self.script.has_room(now), self.script.no_room) {
            self.sleep_until(1, to, context);
            return Poll::Pending;
        }
        self.sleeps[1] = None;
        Poll::Ready(Ok(()))
    }

    fn flush(&mut self) {
        let pings = std::mem::take(&mut self.seen.borrow_mut().unflushed);
        for _ in 0..pings {
            self.says("gets a ping");
            self.logs(Happened::Ping);
            self.last_ping = self.now();
            if self.script.answers {
                self.pongs.push(self.last_ping + 1);
            }
        }
        if let Some(waker) = self.reader.take().filter(|_| pings > 0) {
            waker.wake();
        }
    }

    fn ends(&mut self, text: &str) {
        self.says(text);
        self.ended = true;
    }
}

impl Stream for Socket {
    type Item = Result<Message, ()>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let now = this.now();
        if this.ended {
            this.seen
                .borrow_mut()
                .misuse
                .get_or_insert(Misuse::PolledAfterTheEnd);
            return Poll::Ready(None);
        }
        let text = this.script.texts.get(this.texts).copied();
        let ping = this.script.pings.get(this.pings).copied();
        let pong = this.pongs.first().copied();
        let end = this.script.end;
        let hang_up = this
            .script
            .hangs_up
            .map(|patience| this.last_ping + patience);
        if text.is_some_and(|at| at <= now) {
            this.texts += 1;
            this.says("sends a text");
            return Poll::Ready(Some(Ok(Message::Text(this.texts.to_string()))));
        }
        if ping.is_some_and(|at| at <= now) {
            this.pings += 1;
            this.says("sends a ping");
            return Poll::Ready(Some(Ok(Message::Ping)));
        }
        if pong.is_some_and(|at| at <= now) {
            this.pongs.remove(0);
            return Poll::Ready(Some(Ok(Message::Pong)));
        }
        if hang_up.is_some_and(|at| at <= now) {
            this.ends("has heard nothing for a minute, and hangs up");
            return Poll::Ready(None);
        }
        if let Some((_, how)) = end.filter(|(at, _)| *at <= now) {
            match how {
                End::Closes => {
                    this.says("closes");
                    // Nothing follows a close.
                    this.texts = this.script.texts.len();
                    this.pings = this.script.pings.len();
                    (this.script.end, this.script.hangs_up) = (None, None);
                    this.pongs.clear();
                    this.script.answers = false;
                    return Poll::Ready(Some(Ok(Message::Close)));
                }
                End::Vanishes => {
                    this.ends("is gone");
                    return Poll::Ready(None);
                }
                End::Fails => {
                    this.ends("resets the connection");
                    return Poll::Ready(Some(Err(())));
                }
            }
        }
        let next = [text, ping, pong, hang_up, end.map(|(at, _)| at)]
            .into_iter()
            .flatten()
            .min();
        if let Some(next) = next {
            this.sleep_until(0, next, context);
        }
        this.reader = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Sink<Message> for Socket {
    type Error = ();

    fn poll_ready(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), ()>> {
        let this = self.get_mut();
        let mut ready = this.poll_room(context);
        if ready.is_pending() && this.script.buffers && this.seen.borrow().unflushed == 0 {
            ready = Poll::Ready(Ok(()));
        }
        this.has_reserved = ready == Poll::Ready(Ok(()));
        ready
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), ()> {
        let this = self.get_mut();
        let mut seen = this.seen.borrow_mut();
        if !std::mem::take(&mut this.has_reserved) {
            seen.misuse.get_or_insert(Misuse::SentWithoutRoom);
        }
        if message == Message::Ping {
            seen.unflushed += 1;
        }
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), ()>> {
        let this = self.get_mut();
        let ready = this.poll_room(context);
        if ready == Poll::Ready(Ok(())) {
            this.flush();
        }
        ready
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), ()>> {
        let this = self.get_mut();
        let ready = this.poll_room(context);
        if ready == Poll::Ready(Ok(())) {
            this.flush();
            this.says("gets the answer to its close");
            this.logs(Happened::SinkClosed);
        }
        ready
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.seen.borrow_mut().dropped = true;
    }
}
