//! What `watch` must have counted.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use super::super::subject::{Left, watch};
use super::script::in_words;
use event_loop::yield_now;
use probe::Run;

/// What a test should have left, and what was said.
pub(super) fn expect(run: &Run, left: &Left, tasks: usize, timers: usize, wakers: usize) {
    run.recorder().says("left", said(left));
    let seen = [left.tasks.len(), left.timers, left.wakers];
    let expected = [tasks, timers, wakers];
    if seen == expected {
        return;
    }
    if seen == [0; 3] && counts_late() {
        run.diagnose(
            "leak-counted-late",
            format!(
                "This is left: {}. `watch` says that nothing is. The loop drops what it has when it is dropped: what is counted then is gone.",
                in_words(expected)
            ),
        );
    }
    run.departs(format!(
        "`watch` says that this is left: {}. Expected: {}.",
        in_words(seen),
        in_words(expected)
    ));
}

/// Names the mistake, behind a line with what `watch` counted.
#[track_caller]
pub(super) fn miscounts(run: &Run, left: &Left, mistake: &str, sentence: impl Into<String>) -> ! {
    run.recorder().says("left", said(left));
    run.diagnose(mistake, sentence)
}

/// Whether `watch` counts when the tasks that are left were dropped already. A task of this test keeps one waker, and clones it when it is
/// dropped: as many are there only after that.
fn counts_late() -> bool {
    const CLONES: usize = 4;
    struct ClonesAtItsEnd(Rc<Cell<Vec<Waker>>>, Option<Waker>);
    impl ClonesAtItsEnd {
        fn keep(&mut self, waker: &Waker) {
            self.1 = Some(waker.clone());
        }
    }
    impl Drop for ClonesAtItsEnd {
        fn drop(&mut self) {
            if let Some(waker) = &self.1 {
                self.0.set(vec![waker.clone(); CLONES]);
            }
        }
    }
    let registry: Rc<Cell<Vec<Waker>>> = Rc::default();
    let mut clones = ClonesAtItsEnd(Rc::clone(&registry), None);
    let ((), left) = watch(|handle| async move {
        drop(handle.spawn(poll_fn(move |context| {
            clones.keep(context.waker());
            Poll::<()>::Pending
        })));
        yield_now().await;
    });
    left.wakers >= CLONES
}

pub(super) fn said(left: &Left) -> String {
    in_words([left.tasks.len(), left.timers, left.wakers])
}
