//! What the clients and the connection share: the requests in their order, and which of them are answered.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::io::ErrorKind;
use std::rc::Rc;
use std::task::Waker;

use bytes::BytesMut;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use synchronization::broadcast;

use super::error::{Error, ServerError};
use super::inbox::{Inbox, UploadEnd};

/// No more than this waits to be written; the rest stays with the requests.
const OUTGOING: usize = 64 * 1024;

/// This many notifications wait for a slow receiver.
const NOTIFICATIONS: usize = 1_024;

/// A message of the server that no request asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The process of the server that ran `NOTIFY`.
    pub process: i32,
    /// The name behind `LISTEN`.
    pub channel: String,
    /// The text behind the name in `NOTIFY`.
    pub payload: String,
}

/// The last `ReadyForQuery` said whether a transaction is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transaction {
    None,
    Open,
    Failed,
}

pub(super) struct Request {
    pub(super) bytes: BytesMut,
    pub(super) inbox: Rc<Inbox>,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Not sent if its caller is gone before that.
    Call,
    /// Sent in any case: it has no caller.
    Detached,
    /// `COPY … FROM STDIN`: its data follows, and nothing else before the end of the data.
    CopyIn,
}

pub(super) struct Shared {
    state: RefCell<State>,
}

struct State {
    queued: VecDeque<Request>,
    // ANCHOR: waiting
    /// Sent and not answered, the oldest first. A request whose caller is gone keeps its place: the server
    /// answers it anyway.
    waiting: VecDeque<Rc<Inbox>>,
    // ANCHOR_END: waiting
    /// The request whose data is being sent.
    copying: Option<Rc<Inbox>>,
    transaction: Transaction,
    parameters: BTreeMap<String, String>,
    /// `None` after the end, so that the receivers see it.
    notifications: Option<broadcast::Sender<Notification>>,
    driver: Option<Waker>,
    end: Option<Error>,
    fatal: Option<ServerError>,
    closing: bool,
}

impl Shared {
    pub(super) fn new(parameters: BTreeMap<String, String>) -> Shared {
        Shared {
            state: RefCell::new(State {
                queued: VecDeque::new(),
                waiting: VecDeque::new(),
                copying: None,
                transaction: Transaction::None,
                parameters,
                notifications: Some(broadcast::broadcast(NOTIFICATIONS).0),
                driver: None,
                end: None,
                fatal: None,
                closing: false,
            }),
        }
    }

    /// Puts a request behind the others, and wakes the connection. On a connection that has ended, the
    /// request fails at once.
    pub(super) fn submit(&self, request: Request) {
        let ended = self.state.borrow().end.clone();
        if let Some(error) = ended {
            request.inbox.finish(Err(error));
            return;
        }
        self.state.borrow_mut().queued.push_back(request);
        self.wake_driver();
    }

    pub(super) fn wake_driver(&self) {
        let waker = self.state.borrow_mut().driver.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn set_driver(&self, waker: &Waker) {
        let older = self.state.borrow_mut().driver.replace(waker.clone());
        drop(older);
    }

    /// Moves requests, and the data of a `COPY`, into the bytes to be written. Returns whether it moved any.
    pub(super) fn fill(&self, outgoing: &mut BytesMut) -> bool {
        let before = outgoing.len();
        while outgoing.len() < OUTGOING {
            let copying = self.state.borrow().copying.clone();
            if let Some(inbox) = copying {
                if !self.upload(&inbox, outgoing) {
                    break;
                }
                self.state.borrow_mut().copying = None;
            }
            if !self.move_one(outgoing) {
                break;
            }
        }
        outgoing.len() > before
    }

    /// Moves one request. Returns whether there was one.
    // ANCHOR: move_one
    fn move_one(&self, outgoing: &mut BytesMut) -> bool {
        let mut state = self.state.borrow_mut();
        let Some(request) = state.queued.pop_front() else {
            return false;
        };
        if request.kind == Kind::Call && request.inbox.is_abandoned() {
            return true; // No byte of it was sent, so it needs no place among the answers.
        }
        outgoing.extend_from_slice(&request.bytes);
        if request.kind == Kind::CopyIn {
            state.copying = Some(Rc::clone(&request.inbox));
        }
        state.waiting.push_back(request.inbox);
        true
    }
    // ANCHOR_END: move_one

    /// Moves the data of a `COPY`. Returns whether that was the end of it.
    fn upload(&self, inbox: &Inbox, outgoing: &mut BytesMut) -> bool {
        let abandoned = inbox.is_abandoned();
        let (end, waker) = inbox.upload(|upload| {
            outgoing.extend_from_slice(&upload.bytes.split());
            if abandoned {
                upload.end.get_or_insert(UploadEnd::Fail);
            }
            (upload.end, upload.waker.take())
        });
        if let Some(waker) = waker {
            waker.wake();
        }
        match end {
            Some(UploadEnd::Done) => frontend::copy_done(outgoing),
            Some(UploadEnd::Fail) => fail_copy(outgoing),
            None => return false,
        }
        true
    }

    /// Gives a message of the server to the request that it belongs to.
    ///
    /// # Errors
    ///
    /// If it belongs to none.
    // ANCHOR: deliver
    pub(super) fn deliver(&self, message: Message) -> Result<(), Error> {
        match message {
            Message::NotificationResponse(body) => {
                let notification = Notification {
                    process: body.process_id(),
                    channel: body.channel()?.to_owned(),
                    payload: body.message()?.to_owned(),
                };
                let sender = self.state.borrow().notifications.clone();
                let _receivers = sender.map(|sender| sender.send(notification));
                Ok(())
            }
            Message::NoticeResponse(_) => Ok(()),
            Message::ParameterStatus(body) => {
                let (name, value) = (body.name()?.to_owned(), body.value()?.to_owned());
                self.state.borrow_mut().parameters.insert(name, value);
                Ok(())
            }
            Message::ReadyForQuery(body) => self.answered(body.status()),
            message => self.deliver_to_the_oldest(message),
        }
    }

    // ANCHOR_END: deliver

    // ANCHOR: answered
    /// The answer of the oldest request is complete.
    fn answered(&self, status: u8) -> Result<(), Error> {
        let inbox = {
            let mut state = self.state.borrow_mut();
            state.transaction = match status {
                b'T' => Transaction::Open,
                b'E' => Transaction::Failed,
                _idle => Transaction::None,
            };
            let inbox = state.waiting.pop_front();
            // The server has refused a row: it drops the data that it is still sent.
            let copying = state.copying.as_ref().zip(inbox.as_ref());
            if copying.is_some_and(|(copying, inbox)| Rc::ptr_eq(copying, inbox)) {
                state.copying = None;
            }
            inbox
        };
        let inbox = inbox.ok_or_else(unasked)?;
        inbox.finish(Ok(()));
        Ok(())
    }
    // ANCHOR_END: answered

    fn deliver_to_the_oldest(&self, message: Message) -> Result<(), Error> {
        if let Message::ErrorResponse(body) = &message {
            let error = ServerError::read(body.fields())?;
            if error.is_fatal() {
                self.state.borrow_mut().fatal = Some(error);
                return Ok(()); // The end of the stream comes next, and fails every request.
            }
        }
        let oldest = self.state.borrow().waiting.front().cloned();
        let inbox = oldest.ok_or_else(unasked)?;
        if let Message::CopyInResponse(_) = message {
            let copying = self.state.borrow().copying.clone();
            // Its data may have been sent completely before the server's answer came.
            if !inbox.upload(|upload| upload.end.is_some())
                && copying.is_none_or(|copying| !Rc::ptr_eq(&copying, &inbox))
            {
                return Err(Error::protocol(
                    "a `COPY … FROM STDIN` needs the method `copy_in`",
                ));
            }
        }
        inbox.push(message);
        Ok(())
    }

    /// Whether the caller of the oldest request has to take messages out before more are read.
    pub(super) fn is_full(&self) -> bool {
        let state = self.state.borrow();
        state.waiting.front().is_some_and(|inbox| inbox.is_full())
    }

    /// Whether every client is dropped, and no request is left.
    pub(super) fn is_done(&self) -> bool {
        let state = self.state.borrow();
        state.closing && state.queued.is_empty() && state.waiting.is_empty()
    }

    /// The connection has ended: every request fails, and every later one. The first call counts.
    pub(super) fn end(&self, error: Error) {
        let (error, left, notifications) = {
            let mut state = self.state.borrow_mut();
            let fatal = state.fatal.take().map(|fatal| {
                Error::lost(
                    ErrorKind::ConnectionAborted,
                    format!("{} ({})", fatal.message, fatal.code),
                )
            });
            let error = fatal.unwrap_or(error);
            let error = state.end.get_or_insert(error).clone();
            state.copying = None;
            let queued: Vec<Request> = state.queued.drain(..).collect();
            let mut left: Vec<Rc<Inbox>> = state.waiting.drain(..).collect();
            left.extend(queued.into_iter().map(|request| request.inbox));
            (error, left, state.notifications.take())
        };
        drop(notifications);
        for inbox in left {
            inbox.finish(Err(error.clone()));
        }
    }

    pub(super) fn close(&self) {
        self.state.borrow_mut().closing = true;
        self.wake_driver();
    }

    pub(super) fn ended(&self) -> Option<Error> {
        self.state.borrow().end.clone()
    }

    pub(super) fn in_flight(&self) -> usize {
        let state = self.state.borrow();
        state.queued.len() + state.waiting.len()
    }

    pub(super) fn transaction(&self) -> Transaction {
        self.state.borrow().transaction
    }

    /// `None` after the end.
    pub(super) fn subscribe(&self) -> Option<broadcast::Receiver<Notification>> {
        let state = self.state.borrow();
        state
            .notifications
            .as_ref()
            .map(broadcast::Sender::subscribe)
    }

    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        self.state.borrow().parameters.get(name).cloned()
    }
}

fn unasked() -> Error {
    Error::protocol("the server sent an answer that no request asked for")
}

fn fail_copy(outgoing: &mut BytesMut) {
    let failed = frontend::copy_fail("the client gave up", outgoing);
    failed.expect("the text has no NUL");
}
