//! 3.8 raw-waker: a waker made by hand, and who counts its references.

use std::sync::Arc;
use std::task::Waker;

use super::subject::{Notify, waker_of};
use probe::detect::{DropCounter, Token};
use probe::{Recorder, Run, What, run, snapshot};
use probe_futures::laws::counting;

/// Is notified, and says so.
struct Target {
    recorder: Recorder,
    _held: Token,
}

impl Notify for Target {
    fn notify(&self) {
        self.recorder.wakes("target");
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        self.recorder.drops("target");
    }
}

fn target(run: &Run, tokens: &DropCounter) -> Arc<Target> {
    Arc::new(Target {
        recorder: run.recorder().clone(),
        _held: tokens.token(),
    })
}

/// A step that may well end the process.
fn careful<T>(run: &Run, step: &str, action: impl FnOnce() -> T) -> T {
    let sentence = format!(
        "It happened in `{step}`: memory was freed that was still in use, or that was not allocated in this way."
    );
    run.risk(None, &sentence, action)
}

/// How often a target was notified.
fn notified(run: &Run) -> usize {
    let events = run.recorder().recording().events;
    events
        .iter()
        .filter(|event| event.what == What::Woken)
        .count()
}

#[test]
fn calling_the_waker_notifies_once() {
    let run = run!();
    let target = target(&run, &DropCounter::new());
    // Many references more than needed: a waker that gives back too many is seen, and does no harm.
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

/// What a waker holds of the target is seen from outside, by the count of the `Arc` that was handed in. There are two right ways. A
/// reference of that `Arc` for each waker is what the given `waker_of` begins; one reference for all of them, and a count of one's own
/// beside it, is as good.
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
                    "In `{step}` the target's destructor ran, and there are others who hold it. It was copied, or freed too early."
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
                format!("{after}. Nobody will give the rest back: the target is never freed."),
            );
        }
        let why = if one_for_all {
            " `clone` has not counted itself: the wakers share one reference, and the first that is gone gave it back."
        } else {
            ""
        };
        run.diagnose(
            "waker-not-counted",
            format!(
                "{after}.{why} When the others are gone the target is freed, and somebody still points to it."
            ),
        );
    };
    let first = waker_of(Arc::clone(&target));
    check("waker_of", 1, false);
    let second = careful(&run, "clone", || first.clone());
    // Whoever has one for all has one now, too.
    let one_for_all = held() == 1;
    check("clone", 2, one_for_all);
    careful(&run, "wake_by_ref", || first.wake_by_ref());
    check("wake_by_ref", 2, one_for_all);
    careful(&run, "wake", || second.wake());
    check("wake", 1, one_for_all);
    let before = notified(&run);
    careful(&run, "drop", || drop(first));
    if notified(&run) > before {
        run.departs("A waker was dropped, and the target was notified. Nobody had called it.");
    }
    check("drop", 0, one_for_all);
    snapshot!(run);
    drop(spare);
}

fn are(wakers: isize) -> String {
    match wakers {
        0 => "there is no waker any more".to_owned(),
        1 => "there is one waker".to_owned(),
        wakers => format!("there are {wakers} wakers"),
    }
}

fn references(seen: isize) -> String {
    match seen {
        1 => "one reference is held".to_owned(),
        ..=-1 => format!("{} of other people's references were given back", -seen),
        seen => format!("{seen} references are held"),
    }
}

#[test]
fn the_target_lives_exactly_as_long_as_its_last_waker() {
    let run = run!();
    let notes = run.recorder().clone();
    counting::balanced(&run, |token| {
        waker_of(Arc::new(Target {
            recorder: notes.clone(),
            _held: token,
        }))
    });
}

#[test]
fn the_last_waker_notifies_before_it_lets_go() {
    let run = run!("the_last_one");
    let waker = waker_of(target(&run, &DropCounter::new()));
    run.recorder().says("waker", "wake, of the only one");
    run.risk(
        Some("waker-not-counted"),
        "The target was freed while it was being notified: its last reference was given back too early.",
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
            "This waker was the last: its reference was given back, which freed the target, and then the target was notified.",
        );
    }
    snapshot!(run);
}

#[test]
fn a_clone_is_as_good_as_the_original() {
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
        run.departs("Two clones were called, and the target was not notified twice.");
    }
}

#[test]
fn another_thread_may_call_it() {
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
        run.departs("The waker was used up on another thread, and its reference is not back.");
    }
}
