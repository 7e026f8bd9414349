//! One thread is stopped for good, and it is seen whether another has to wait for it.

use std::sync::Arc;

use probe::panics::{Verdict, verdict_of};
use probe::run;
use probe_model::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use probe_model::sync::{Condvar, Mutex, hint};
use probe_model::{Blame, no_thread_waits};

/// The ways to count from several threads, right and wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Right: in one step.
    InOneStep,
    /// Right: tries again only if another thread got through in between.
    ComparesAndExchanges,
    /// Wrong: waits for a lock.
    Locks,
    /// Wrong: waits for a lock, well hidden.
    WaitsToBeTold,
    /// Wrong: asks until the other has left.
    Spins,
}

#[derive(Default)]
struct Counter {
    count: AtomicUsize,
    locked: Mutex<usize>,
    busy: AtomicBool,
    free: (Mutex<bool>, Condvar),
}

impl Counter {
    fn count(&self, style: Style) {
        match style {
            Style::InOneStep => {
                self.count.fetch_add(1, Ordering::SeqCst);
            }
            Style::ComparesAndExchanges => {
                let add = |count| Some(count + 1);
                let _before = self
                    .count
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, add);
            }
            Style::Locks => *self.locked.lock().unwrap() += 1,
            Style::WaitsToBeTold => {
                let mut taken = self.free.0.lock().unwrap();
                while *taken {
                    taken = self.free.1.wait(taken).unwrap();
                }
                *taken = true;
                drop(taken);
                self.count.fetch_add(1, Ordering::SeqCst);
                *self.free.0.lock().unwrap() = false;
                self.free.1.notify_one();
            }
            Style::Spins => {
                while self.busy.swap(true, Ordering::SeqCst) {
                    hint::spin_loop();
                }
                self.count.fetch_add(1, Ordering::SeqCst);
                self.busy.store(false, Ordering::SeqCst);
            }
        }
    }
}

fn law(style: Style) -> Verdict {
    let blame = |mistake| Blame {
        mistake: Some(mistake),
        sentence: "It waited.",
    };
    verdict_of(|| {
        no_thread_waits(
            || run!(),
            blame("blocked"),
            blame("spins"),
            move |_| {
                let counter = Arc::new(Counter::default());
                let other = Arc::clone(&counter);
                (
                    Box::new(move || counter.count(style)),
                    Box::new(move || other.count(style)),
                )
            },
        );
    })
}

#[test]
fn code_in_which_no_thread_waits_passes_in_two_styles() {
    for style in [Style::InOneStep, Style::ComparesAndExchanges] {
        assert_eq!(law(style), Verdict::Kept, "{style:?}");
    }
}

#[test]
fn a_thread_that_waits_for_a_lock_is_blocked_and_one_that_asks_again_spins() {
    for (style, code) in [
        (Style::Locks, "blocked"),
        (Style::WaitsToBeTold, "blocked"),
        (Style::Spins, "spins"),
    ] {
        let Verdict::Broken(diagnosis) = law(style) else {
            panic!("{style:?} is refused");
        };
        assert_eq!(diagnosis.mistake.as_deref(), Some(code), "{style:?}");
    }
}
