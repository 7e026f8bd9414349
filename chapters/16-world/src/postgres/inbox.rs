//! The answer to one request: messages that the connection puts in, and one caller takes out.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::mem::take;
use std::task::{Context, Poll, Waker};

use bytes::BytesMut;
use postgres_protocol::message::backend::Message;

use super::error::Error;

/// What one request has been answered so far. The connection and the caller share it.
#[derive(Default)]
pub(super) struct Inbox {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    messages: VecDeque<Message>,
    end: Option<Result<(), Error>>,
    /// The caller is gone: what arrives is dropped.
    abandoned: bool,
    /// How many messages may wait; 0 stands for any number.
    limit: usize,
    waker: Option<Waker>,
    upload: Upload,
}

/// The data of a `COPY … FROM STDIN` on its way to the connection.
#[derive(Default)]
pub(super) struct Upload {
    pub(super) bytes: BytesMut,
    pub(super) end: Option<UploadEnd>,
    pub(super) waker: Option<Waker>,
}

/// How the data ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UploadEnd {
    Done,
    Fail,
}

impl Inbox {
    pub(super) fn with_limit(limit: usize) -> Inbox {
        let inbox = Inbox::default();
        inbox.state.borrow_mut().limit = limit;
        inbox
    }

    /// Puts a message in, and wakes the caller.
    pub(super) fn push(&self, message: Message) {
        let waker = {
            let mut state = self.state.borrow_mut();
            if state.abandoned {
                return;
            }
            state.messages.push_back(message);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The last message of the answer has come, or none will. The first call counts.
    pub(super) fn finish(&self, end: Result<(), Error>) {
        let wakers = {
            let mut state = self.state.borrow_mut();
            if state.end.is_some() {
                return;
            }
            state.end = Some(end);
            [state.waker.take(), state.upload.waker.take()]
        };
        wakers.into_iter().flatten().for_each(Waker::wake);
    }

    /// The next message; `None` after the last one.
    pub(super) fn poll_next(
        &self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Message, Error>>> {
        let mut state = self.state.borrow_mut();
        if let Some(message) = state.messages.pop_front() {
            return Poll::Ready(Some(Ok(message)));
        }
        match &mut state.end {
            Some(Ok(())) => Poll::Ready(None),
            Some(Err(error)) => Poll::Ready(Some(Err(error.clone()))),
            None => {
                let older = state.waker.replace(context.waker().clone());
                drop(state);
                drop(older);
                Poll::Pending
            }
        }
    }

    /// Whether the connection has to wait until the caller takes messages out.
    pub(super) fn is_full(&self) -> bool {
        let state = self.state.borrow();
        state.limit > 0 && state.messages.len() >= state.limit && !state.abandoned
    }

    pub(super) fn abandon(&self) {
        let mut state = self.state.borrow_mut();
        state.abandoned = true;
        let dropped = (take(&mut state.messages), state.waker.take());
        drop(state);
        drop(dropped);
    }

    pub(super) fn is_abandoned(&self) -> bool {
        self.state.borrow().abandoned
    }

    pub(super) fn is_finished(&self) -> bool {
        self.state.borrow().end.is_some()
    }

    /// Runs `access` on the data of a `COPY`. It must not wake anything.
    pub(super) fn upload<T>(&self, access: impl FnOnce(&mut Upload) -> T) -> T {
        access(&mut self.state.borrow_mut().upload)
    }
}
