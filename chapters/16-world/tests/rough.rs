//! What the laws of this chapter's futures are tested with: a stream that answers badly, around one that answers well, and a future
//! whose every poll comes with another waker.
//!
//! The streams of `probe_io::hostile` have a script of bytes at their other end. The protocols of this chapter need a peer there that
//! answers, so this one is put around any stream.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use futures::future::{Either, select};
use futures::io::{AsyncRead, AsyncWrite};
use probe_io::hostile::{Answer, Script};

/// How long a pending operation is pending.
const LATER: Duration = Duration::from_millis(1);

/// Far more than any conversation takes, time limits of its own included.
const FOREVER: Duration = Duration::from_secs(3_600);

/// Runs a test on a clock that jumps. Ends it with a panic if it does not end within an hour.
pub(crate) fn ends<T>(test: impl AsyncFnOnce(Handle) -> T) -> T {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let limit = handle.sleep(FOREVER);
        match select(Box::pin(test(handle.clone())), limit).await {
            Either::Left((output, _)) => output,
            Either::Right(_) => {
                panic!("it does not end: a wake was lost, or a caller was not told")
            }
        }
    })
}

/// Every script of up to two answers, and every pair of a read's and a write's.
pub(crate) fn scripts() -> Vec<Script> {
    Script::of_all(2)
}

/// Reads and writes of a few bytes, each pending first: the future can be dropped at every one of them.
pub(crate) fn small_pieces(bytes: usize) -> Script {
    let pieces = || [Answer::Pending, Answer::Part(bytes)].repeat(100);
    Script {
        reads: pieces(),
        writes: pieces(),
        flushes: vec![Answer::Pending; 100],
        closes: vec![Answer::Pending; 3],
    }
}

/// Whether the script leaves the stream whole: no operation fails, and no end comes before its time.
pub(crate) fn is_harmless(script: &Script) -> bool {
    let answers = [
        &script.reads,
        &script.writes,
        &script.flushes,
        &script.closes,
    ];
    !answers
        .into_iter()
        .flatten()
        .any(|answer| matches!(answer, Answer::Zero | Answer::Error(_)))
}

/// A stream whose first operations are answered as a script says. After the script it is the stream inside.
pub(crate) struct Rough<S> {
    stream: S,
    handle: Handle,
    scripts: [VecDeque<Answer>; 4],
    /// The waker of the latest poll of each operation that is pending.
    waiting: Rc<RefCell<[Option<Waker>; 4]>>,
    /// What every operation fails with from now on.
    broken: Option<ErrorKind>,
    has_ended: bool,
    dropped: Rc<RefCell<bool>>,
}

#[derive(Clone, Copy)]
enum Operation {
    Read,
    Write,
    Flush,
    Close,
}

impl<S> Rough<S> {
    pub(crate) fn new(stream: S, handle: &Handle, script: &Script) -> Rough<S> {
        let scripts = [
            &script.reads,
            &script.writes,
            &script.flushes,
            &script.closes,
        ];
        Rough {
            stream,
            handle: handle.clone(),
            scripts: scripts.map(|answers| answers.iter().copied().collect()),
            waiting: Rc::default(),
            broken: None,
            has_ended: false,
            dropped: Rc::default(),
        }
    }

    /// Becomes `true` when the stream is dropped.
    pub(crate) fn dropped(&self) -> Rc<RefCell<bool>> {
        Rc::clone(&self.dropped)
    }

    /// How much room the stream inside is given. `Err` is the answer itself.
    fn next(
        &mut self,
        operation: Operation,
        context: &Context<'_>,
    ) -> Result<usize, Poll<io::Result<usize>>> {
        if let Some(kind) = self.broken {
            return Err(Poll::Ready(Err(kind.into())));
        }
        match self.scripts[operation as usize].pop_front() {
            None | Some(Answer::All) => Ok(usize::MAX),
            Some(Answer::Part(most)) => Ok(most),
            Some(Answer::Interrupted) => {
                context.waker().wake_by_ref();
                Err(Poll::Pending)
            }
            Some(Answer::Pending) => {
                self.wakes_later(operation, context.waker());
                Err(Poll::Pending)
            }
            Some(Answer::Zero) => {
                self.has_ended |= matches!(operation, Operation::Read);
                Err(Poll::Ready(Ok(0)))
            }
            Some(Answer::Error(kind)) => {
                self.broken = Some(kind);
                Err(Poll::Ready(Err(kind.into())))
            }
        }
    }

    fn wakes_later(&self, operation: Operation, waker: &Waker) {
        let place = operation as usize;
        self.waiting.borrow_mut()[place] = Some(waker.clone());
        let (waiting, handle) = (Rc::downgrade(&self.waiting), self.handle.clone());
        drop(self.handle.spawn(async move {
            handle.sleep(LATER).await;
            let waker = waiting
                .upgrade()
                .and_then(|it| it.borrow_mut()[place].take());
            if let Some(waker) = waker {
                waker.wake();
            }
        }));
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Rough<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.has_ended {
            return Poll::Ready(Ok(0));
        }
        match self.next(Operation::Read, context) {
            Err(answer) => answer,
            Ok(room) => {
                let room = room.min(buffer.len());
                Pin::new(&mut self.stream).poll_read(context, &mut buffer[..room])
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Rough<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.next(Operation::Write, context) {
            Err(answer) => answer,
            Ok(room) => {
                let room = room.min(bytes.len());
                Pin::new(&mut self.stream).poll_write(context, &bytes[..room])
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.next(Operation::Flush, context) {
            Err(answer) => answer.map_ok(drop),
            Ok(_) => Pin::new(&mut self.stream).poll_flush(context),
        }
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.next(Operation::Close, context) {
            Err(answer) => answer.map_ok(drop),
            Ok(_) => Pin::new(&mut self.stream).poll_close(context),
        }
    }
}

impl<S> Drop for Rough<S> {
    fn drop(&mut self) {
        *self.dropped.borrow_mut() = true;
    }
}

/// The waker of one poll. It wakes the task only while no later poll has taken its place.
struct Turn {
    task: Waker,
    is_latest: AtomicBool,
}

impl Wake for Turn {
    fn wake(self: Arc<Self>) {
        if self.is_latest.load(Ordering::Relaxed) {
            self.task.wake_by_ref();
        }
    }
}

/// How many wakers of a [`Watched`] future are kept by anything.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<Weak<Turn>>>>);

impl Kept {
    pub(crate) fn count(&self) -> usize {
        let turns = self.0.lock().unwrap();
        turns.iter().filter(|turn| turn.strong_count() > 0).count()
    }
}

/// A future whose every poll comes with a waker of its own: wakes of earlier ones do nothing. Before each poll stands a spurious one,
/// and after some number of polls the future may be dropped.
pub(crate) struct Watched<F: Future> {
    future: Option<Pin<Box<F>>>,
    latest: Option<Arc<Turn>>,
    polls_left: usize,
    kept: Kept,
}

impl<F: Future> Watched<F> {
    pub(crate) fn new(future: F) -> Watched<F> {
        Watched::dropped_after(usize::MAX, future)
    }

    /// It completes with `None` when it was pending so often.
    pub(crate) fn dropped_after(polls: usize, future: F) -> Watched<F> {
        Watched {
            future: Some(Box::pin(future)),
            latest: None,
            polls_left: polls,
            kept: Kept::default(),
        }
    }

    pub(crate) fn kept(&self) -> Kept {
        self.kept.clone()
    }

    /// One poll, whose waker takes the place of all before.
    fn poll_once(&mut self, task: &Waker) -> Poll<F::Output> {
        let turn = Arc::new(Turn {
            task: task.clone(),
            is_latest: AtomicBool::new(true),
        });
        self.kept.0.lock().unwrap().push(Arc::downgrade(&turn));
        if let Some(older) = self.latest.replace(Arc::clone(&turn)) {
            older.is_latest.store(false, Ordering::Relaxed);
        }
        let future = self.future.as_mut().expect("it is polled to its end");
        let waker = Waker::from(turn);
        future.as_mut().poll(&mut Context::from_waker(&waker))
    }
}

impl<F: Future> Future for Watched<F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let this = self.get_mut();
        if this.polls_left > 0 {
            for _spurious_first in 0..2 {
                if let Poll::Ready(output) = this.poll_once(context.waker()) {
                    (this.future, this.latest) = (None, None);
                    return Poll::Ready(Some(output));
                }
            }
            this.polls_left -= 1;
        }
        if this.polls_left == 0 {
            (this.future, this.latest) = (None, None);
            return Poll::Ready(None);
        }
        Poll::Pending
    }
}
