//! Numbers in place of channels: the callers are in a map, and two counters say whose answer comes next.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use futures::io::{AsyncRead, AsyncWrite};
use world::redis::{Value, decode, encode};

pub fn client<S>(stream: S) -> (Client, Connection<S>) {
    let board = Rc::new(Board::default());
    let connection = Connection {
        stream,
        board: Rc::downgrade(&board),
        core: Rc::clone(&board.core),
        incoming: Vec::new(),
        sent: Vec::new(),
        flush: false,
    };
    (Client { board }, connection)
}

#[derive(Clone)]
pub struct Client {
    board: Rc<Board>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost;

impl Client {
    pub async fn call(&self, words: &[&str]) -> Result<Value, Lost> {
        let core = &self.board.core;
        if core.over.get() {
            return Err(Lost);
        }
        let number = core.asked.get();
        core.asked.set(number + 1);
        encode(words, &mut core.out.borrow_mut());
        core.seats.borrow_mut().insert(number, Seat::Empty);
        let seat = Leaves(Rc::clone(core), number);
        core.wake();
        poll_fn(|context| seat.poll(context)).await
    }
}

pub struct Connection<S> {
    stream: S,
    board: Weak<Board>,
    core: Rc<Core>,
    incoming: Vec<u8>,
    sent: Vec<u8>,
    flush: bool,
}

#[derive(Default)]
struct Board {
    core: Rc<Core>,
}

impl Drop for Board {
    fn drop(&mut self) {
        self.core.wake();
    }
}

/// Commands and answers are counted, and a caller has the number of its command.
#[derive(Default)]
struct Core {
    out: RefCell<Vec<u8>>,
    asked: Cell<u64>,
    answered: Cell<u64>,
    seats: RefCell<BTreeMap<u64, Seat>>,
    over: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

enum Seat {
    Empty,
    Waits(Waker),
    Has(Value),
}

impl Core {
    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn end(&self) {
        self.over.set(true);
        let numbers: Vec<u64> = self.seats.borrow().keys().copied().collect();
        for number in numbers {
            let seat = self.seats.borrow_mut().remove(&number);
            match seat {
                Some(Seat::Waits(waker)) => waker.wake(),
                Some(value @ Seat::Has(_)) => {
                    self.seats.borrow_mut().insert(number, value);
                }
                _ => {}
            }
        }
    }
}

/// Takes the seat away when the call is dropped. The number stays counted.
struct Leaves(Rc<Core>, u64);

impl Leaves {
    fn poll(&self, context: &mut Context<'_>) -> Poll<Result<Value, Lost>> {
        let seat = self.0.seats.borrow_mut().remove(&self.1);
        match seat {
            Some(Seat::Has(value)) => return Poll::Ready(Ok(value)),
            _ if self.0.over.get() => return Poll::Ready(Err(Lost)),
            _ => {}
        }
        let waits = Seat::Waits(context.waker().clone());
        self.0.seats.borrow_mut().insert(self.1, waits);
        Poll::Pending
    }
}

impl Drop for Leaves {
    fn drop(&mut self) {
        let seat = self.0.seats.borrow_mut().remove(&self.1);
        drop(seat);
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    fn go(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut waits = true;
            self.sent.append(&mut self.core.out.borrow_mut());
            if !self.sent.is_empty() {
                if let Poll::Ready(count) =
                    Pin::new(&mut self.stream).poll_write(context, &self.sent)
                {
                    self.sent.drain(..count?);
                    (waits, self.flush) = (false, true);
                }
            } else if self.flush
                && let Poll::Ready(done) = Pin::new(&mut self.stream).poll_flush(context)
            {
                done?;
                self.flush = false;
            }
            let all = self.core.asked == self.core.answered;
            if all && self.board.strong_count() == 0 {
                return Pin::new(&mut self.stream).poll_close(context);
            }
            let mut buffer = vec![0; 512];
            if let Poll::Ready(count) = Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
                let count = count?;
                if count == 0 {
                    return Poll::Ready(Err(ErrorKind::UnexpectedEof.into()));
                }
                waits = false;
                self.incoming.extend(&buffer[..count]);
                self.hand_out()?;
            }
            if waits {
                return Poll::Pending;
            }
        }
    }

    fn hand_out(&mut self) -> io::Result<()> {
        loop {
            let value = match decode(&mut self.incoming) {
                Ok(Some(value)) => value,
                Ok(None) => return Ok(()),
                Err(_) => return Err(ErrorKind::InvalidData.into()),
            };
            let number = self.core.answered.get();
            if number == self.core.asked.get() {
                return Err(ErrorKind::InvalidData.into());
            }
            self.core.answered.set(number + 1);
            let seat = match self.core.seats.borrow_mut().get_mut(&number) {
                Some(seat) => Some(std::mem::replace(seat, Seat::Has(value))),
                None => None,
            };
            if let Some(Seat::Waits(waker)) = seat {
                waker.wake();
            }
        }
    }
}

impl<S> Drop for Connection<S> {
    fn drop(&mut self) {
        self.core.end();
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Future for Connection<S> {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.core.waker.set(Some(context.waker().clone()));
        let done = this.go(context);
        if done.is_ready() {
            this.core.end();
        }
        done
    }
}
