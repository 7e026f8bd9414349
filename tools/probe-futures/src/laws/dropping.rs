//! The law of cancellation: a future may be dropped at every pause.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use probe::Run;

use crate::waker::poller;

/// Far more pauses than a future of an exercise has.
const AT_MOST: usize = 100;

/// Runs a future again and again, dropped after its first poll, after its second, and so on, until it completes; each time with a
/// fresh run; after each, `left_behind` judges what is left.
///
/// `make` builds the future together with what `left_behind` judges; `between` makes what it waits for happen, after
/// every poll that was pending, so that the future gets further each time. The leaves have to be pending at least once, or there is
/// nothing to cancel at: a future that is ready at its first poll makes this law a failure of the check itself.
///
/// # Panics
///
/// If the future never completes, or never pauses: either is a mistake of the check.
pub fn at_every_pause<F, W>(
    run: impl Fn() -> Run,
    make: impl Fn(&Run) -> (F, W),
    mut between: impl FnMut(&W),
    left_behind: impl Fn(&Run, &W, usize),
) where
    F: Future,
{
    for pauses in 0..AT_MOST {
        let run = run();
        let (future, world) = make(&run);
        let mut future: Pin<Box<F>> = Box::pin(future);
        let poller = poller(run.recorder(), "A");
        let mut completed = false;
        for _ in 0..pauses {
            completed = matches!(poller.poll(future.as_mut()), Poll::Ready(_));
            if completed {
                break;
            }
            between(&world);
        }
        run.recorder().says(
            "caller",
            if completed {
                "has its result"
            } else {
                "drops the future"
            },
        );
        drop(future);
        left_behind(&run, &world, pauses);
        if completed {
            assert!(
                pauses > 1,
                "a future that never pauses cannot be cancelled: give it a leaf that does"
            );
            return;
        }
    }
    panic!("the future did not complete within {AT_MOST} polls");
}
