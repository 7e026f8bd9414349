//! 3.8 raw-waker: a waker made by hand, and the references that it owns.

#[path = "raw_waker/machine.rs"]
mod machine;
#[path = "raw_waker/target.rs"]
mod target;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::task::Waker;

use super::subject::waker_of;
use machine::{PANIC_SWALLOWED, Reference, Step, Yours};
use probe::detect::DropCounter;
use probe::runs::Search;
use probe::{What, panics, run, snapshot};
use probe_futures::laws::counting;
use target::{Target, are, careful, notified, references, target};

#[test]
fn calling_the_waker_notifies_once() {
    let run = run!();
    let target = target(&run, &DropCounter::new());
    // These references are spare: a waker that releases too many is seen, and frees nothing.
    let _spare = vec![Arc::clone(&target); 20];
    let waker = waker_of(Arc::clone(&target));
    let steps: [(&str, &dyn Fn()); 2] = [
        ("wake_by_ref", &|| waker.wake_by_ref()),
        ("wake, of a clone", &|| {
            let clone = waker.clone();
            clone.wake();
        }),
    ];
    for (step, wake) in steps {
        let before = notified(&run);
        run.recorder().says("waker", step);
        run.risk(None, "Calling the waker ended the process.", wake);
        match notified(&run) - before {
            1 => {}
            0 => run.diagnose(
                "forgot-to-wake",
                format!("After `{step}` the target was not notified."),
            ),
            times => run.departs(format!(
                "After `{step}` the target was notified {times} times."
            )),
        }
    }
    std::mem::forget(waker);
}

/// The count of the `Arc` shows what the wakers own of the target. Two designs are right: one reference for each waker, as the given
/// `waker_of` begins; or one reference for all wakers together, and a separate count of the wakers.
#[test]
fn each_waker_owns_one_reference() {
    let run = run!("references");
    let targets = DropCounter::new();
    let target = target(&run, &targets);
    let spare = vec![Arc::clone(&target); 20];
    let others = Arc::strong_count(&target) as isize;
    let held = || Arc::strong_count(&target) as isize - others;
    let check = |step: &str, wakers: isize, one_for_all: bool| {
        let seen = held();
        let most = wakers.max(isize::from(one_for_all && wakers > 0));
        let least = if one_for_all { wakers.min(1) } else { wakers };
        run.recorder()
            .says("waker", format!("{step}: {}", are(wakers)));
        if targets.dropped() > 0 {
            run.diagnose(
                "waker-not-counted",
                format!(
                    "In `{step}` the target's destructor ran, while the check still held references to it. The target was copied, or freed too \
                     early."
                ),
            );
        }
        if (least..=most).contains(&seen) {
            return;
        }
        run.recorder().says("target", references(seen));
        let after = format!("After `{step}` {}, and {}", are(wakers), references(seen));
        if seen > most {
            run.diagnose(
                "waker-leaked",
                format!(
                    "{after}. No waker is left to release the rest, so the target is never freed."
                ),
            );
        }
        let why = if one_for_all {
            " `clone` did not count: the wakers share one reference, and the first waker that ended released it."
        } else {
            ""
        };
        run.diagnose(
            "waker-not-counted",
            format!(
                "{after}.{why} When the check's own references are gone, the target is freed while a waker still points to it."
            ),
        );
    };
    let first = waker_of(Arc::clone(&target));
    check("waker_of", 1, false);
    let second = careful(&run, "clone", || first.clone());
    // A design with one reference for all wakers still holds one now.
    let one_for_all = held() == 1;
    check("clone", 2, one_for_all);
    careful(&run, "wake_by_ref", || first.wake_by_ref());
    check("wake_by_ref", 2, one_for_all);
    careful(&run, "wake", || second.wake());
    check("wake", 1, one_for_all);
    let before = notified(&run);
    careful(&run, "drop", || drop(first));
    if notified(&run) > before {
        run.diagnose(
            "woken-for-nothing",
            "A waker was dropped, and the target was notified. Nothing had called the waker.",
        );
    }
    check("drop", 0, one_for_all);
    snapshot!(run);
    drop(spare);
}

#[test]
fn the_target_lives_exactly_as_long_as_its_last_waker() {
    let run = run!();
    let notes = run.recorder().clone();
    counting::balanced(&run, |token| {
        waker_of(Arc::new(Target {
            recorder: notes.clone(),
            panics: AtomicBool::new(false),
            _held: token,
        }))
    });
}

#[test]
fn the_last_waker_notifies_before_it_releases_its_reference() {
    let run = run!("the_last_one");
    let waker = waker_of(target(&run, &DropCounter::new()));
    run.recorder().says("waker", "wake, of the only one");
    run.risk(
        Some("waker-not-counted"),
        "The process died while the target was notified: its last reference was released before that.",
        || waker.wake(),
    );
    let events = run.recorder().recording().events;
    let first = |what: What| events.iter().position(|event| event.what == what);
    if let (Some(dropped), Some(notified)) = (first(What::Drops), first(What::Woken))
        && dropped < notified
    {
        run.diagnose_at(
            Some(notified),
            "notified-after-free",
            "This waker was the last. `wake` released its reference, which freed the target, and notified the target after that.",
        );
    }
    snapshot!(run);
}

#[test]
fn a_clone_notifies_like_the_original() {
    let run = run!();
    let target = target(&run, &DropCounter::new());
    let _spare = vec![Arc::clone(&target); 20];
    let original = waker_of(Arc::clone(&target));
    let mut wakers: Vec<Waker> = vec![original.clone(), original.clone().clone()];
    drop(original);
    run.recorder().says(
        "waker",
        "the original is dropped, a clone and a clone's clone are called",
    );
    let before = notified(&run);
    wakers.drain(..).for_each(Waker::wake);
    if notified(&run) != before + 2 {
        run.departs(format!(
            "Two clones were called once each, and the target was notified {} times.",
            notified(&run) - before
        ));
    }
}

#[test]
fn another_thread_can_call_the_waker() {
    let run = run!();
    let target = target(&run, &DropCounter::new());
    let waker = waker_of(Arc::clone(&target));
    std::thread::spawn(move || waker.wake())
        .join()
        .unwrap_or_else(|_| run.departs("The waker was called from another thread, and panicked."));
    if notified(&run) != 1 {
        run.departs("The waker was called from another thread, and the target was not notified.");
    }
    if Arc::strong_count(&target) != 1 {
        run.departs(
            "`wake` consumed the waker on another thread, and did not release its reference.",
        );
    }
}

#[test]
fn if_notify_panics_the_references_are_still_right() {
    type Use = fn(Waker) -> Option<Waker>;
    let steps: [(&str, isize, Use); 2] = [
        ("wake_by_ref", 1, |waker| {
            let _panicked = panics::expected(|| waker.wake_by_ref());
            Some(waker)
        }),
        ("wake", 0, |waker| {
            let _panicked = panics::expected(|| waker.wake());
            None
        }),
    ];
    for (step, due, call) in steps {
        let run = run!();
        let target = target(&run, &DropCounter::new());
        let spare = vec![Arc::clone(&target); 20];
        let others = Arc::strong_count(&target) as isize;
        let waker = waker_of(Arc::clone(&target));
        target.panics.store(true, Relaxed);
        run.recorder()
            .says("waker", format!("{step}, and `notify` panics"));
        let left = careful(&run, step, || call(waker));
        let held = Arc::strong_count(&target) as isize - others;
        run.recorder()
            .says("waker", format!("after the panic {}", are(due)));
        if held == due {
            target.panics.store(false, Relaxed);
            careful(&run, "drop", || drop(left));
            drop(spare);
            continue;
        }
        run.recorder().says("target", references(held));
        std::mem::forget(left);
        let seen = format!(
            "`notify` panicked in `{step}`. After that {}, and {}.",
            are(due),
            references(held)
        );
        if held > due {
            run.diagnose(
                "waker-leaked",
                format!("{seen} The panic skipped the line that releases the reference, so the target is never freed."),
            );
        }
        run.diagnose(
            "waker-not-counted",
            format!(
                "{seen} The panic dropped an `Arc` whose reference belongs to the waker. When the waker is dropped, the reference is \
                 released a second time."
            ),
        );
    }
}

#[test]
fn a_waker_that_a_panic_drops_releases_its_reference() {
    let run = run!();
    let target = target(&run, &DropCounter::new());
    let waker = waker_of(Arc::clone(&target));
    let _panicked = panics::expected(move || {
        let _waker = waker;
        panic!("in the middle of a poll");
    });
    run.recorder()
        .says("waker", "its owner panics, which drops the waker");
    let held = Arc::strong_count(&target) as isize - 1;
    if held > 0 {
        run.recorder().says("target", references(held));
        run.diagnose(
            "waker-leaked",
            "The owner of the waker panicked, and the panic dropped the waker. Its reference was not released, so the target is never \
             freed.",
        );
    }
}

#[test]
fn every_short_run_is_as_expected() {
    use Step::{Clone, Drop, ReleaseTarget, Wake, WakeByRef};
    let mut alphabet = vec![Clone, ReleaseTarget];
    for panics in [false, true] {
        alphabet.extend([WakeByRef { panics }, Wake { panics }]);
    }
    alphabet.extend([Drop { oldest: false }, Drop { oldest: true }]);
    let run = run!();
    let sentence = "Short runs of clones, wakes and drops were tried, and the process died: memory was freed that was still in use.";
    run.risk(Some("waker-not-counted"), sentence, || {
        Search::of(&alphabet)
            .up_to(4)
            .and_random(200, 20, 8)
            .leaving_no_memory()
            .naming(&[PANIC_SWALLOWED])
            .compare(&run, Yours::new, Reference::new);
    });
}
