//! Short scripts of reads, and the judgment of what comes out.

use std::cell::Cell;
use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::super::subject::Frames;
use super::world::{MESSAGES, POLLS, all, stream};
use futures::io::AsyncRead;
use probe::run;

/// The longest script. All those that are shorter are tried first.
pub(super) const SCRIPT: usize = 5;

/// How one read ends, and whether the call is dropped if it is pending.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Read {
    Bytes(usize),
    Waits,
    WaitsAndIsDropped,
    Fails,
}

pub(super) const READS: [Read; 6] = [
    Read::Bytes(1),
    Read::WaitsAndIsDropped,
    Read::Bytes(4),
    Read::Fails,
    Read::Waits,
    Read::Bytes(usize::MAX),
];

/// A stream that answers each read as the script says, and then with all that is left.
struct Scripted {
    script: VecDeque<Read>,
    bytes: Vec<u8>,
    drops: Rc<Cell<bool>>,
}

impl AsyncRead for Scripted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let most = match self.script.pop_front() {
            Some(Read::Bytes(most)) => most,
            None => usize::MAX,
            Some(Read::Fails) => return Poll::Ready(Err(ErrorKind::TimedOut.into())),
            Some(read) => {
                self.drops.set(read == Read::WaitsAndIsDropped);
                return Poll::Pending;
            }
        };
        let count = self.bytes.len().min(buffer.len()).min(most);
        buffer[..count].copy_from_slice(&self.bytes[..count]);
        self.bytes.drain(..count);
        Poll::Ready(Ok(count))
    }
}

/// The messages, whatever happens on the way, and the end behind them.
#[track_caller]
pub(super) fn judge_script(script: &[Read]) {
    let drops = Rc::new(Cell::new(false));
    let mut frames = Frames::new(Scripted {
        script: script.iter().copied().collect(),
        bytes: stream(),
        drops: Rc::clone(&drops),
    });
    let (mut came, mut failures) = (Vec::new(), 0);
    for _ in 0..POLLS {
        let mut future = Box::pin(frames.next());
        let ended = loop {
            let mut context = Context::from_waker(Waker::noop());
            match future.as_mut().poll(&mut context) {
                Poll::Pending if drops.take() => break None,
                Poll::Pending => {}
                Poll::Ready(ended) => break Some(ended),
            }
        };
        match ended {
            None => {}
            Some(Ok(Some(message))) => came.push(message),
            Some(Ok(None)) => break,
            Some(Err(error)) if error.kind() == ErrorKind::TimedOut => failures += 1,
            Some(Err(_)) => break,
        }
    }
    let failed = script.iter().filter(|&&read| read == Read::Fails).count();
    if came != MESSAGES || failures > failed {
        report_script(script, &came);
    }
}

#[track_caller]
fn report_script(script: &[Read], came: &[Vec<u8>]) -> ! {
    let run = run!();
    for read in script {
        let says = match read {
            Read::Bytes(usize::MAX) => "delivers all that fits".to_owned(),
            Read::Bytes(count) => format!("delivers at most {count} bytes"),
            Read::Waits => "returns Pending".to_owned(),
            Read::WaitsAndIsDropped => {
                "returns Pending, and the call of `next` is dropped".to_owned()
            }
            Read::Fails => "returns the error TimedOut".to_owned(),
        };
        run.recorder().says("stream", says);
    }
    run.recorder().says("stream", "delivers the rest");
    run.recorder()
        .says("reader", format!("has delivered {}", all(came)));
    run.departs(format!(
        "The reads ended as shown, and after each drop or error the caller called `next` again. Sent: {}. Delivered: {}. No shorter \
         script shows a difference.",
        all(&MESSAGES.map(<[u8]>::to_vec)),
        all(came)
    ))
}
