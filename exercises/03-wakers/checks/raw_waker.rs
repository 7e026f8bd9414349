//! 3.8 raw-waker: a waker made by hand, and the references that it owns.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::task::{Wake, Waker};

use super::subject::{Notify, waker_of};
use probe::detect::{DropCounter, Token};
use probe::runs::{Machine, Operation, Search, Step as Seen};
use probe::{Recorder, Run, What, panics, run, snapshot};
use probe_futures::laws::counting;

/// Records each notification, and panics in it if it is told to.
struct Target {
    recorder: Recorder,
    panics: AtomicBool,
    _held: Token,
}

impl Notify for Target {
    fn notify(&self) {
        self.recorder.wakes("target");
        assert!(!self.panics.load(Relaxed), "{TARGETS_PANIC}");
    }
}

const TARGETS_PANIC: &str = "a panic of the target's own";

impl Drop for Target {
    fn drop(&mut self) {
        self.recorder.drops("target");
    }
}

fn target(run: &Run, tokens: &DropCounter) -> Arc<Target> {
    Arc::new(Target {
        recorder: run.recorder().clone(),
        panics: AtomicBool::new(false),
        _held: tokens.token(),
    })
}

/// Does a step that ends the process if the learner's code frees memory twice.
fn careful<T>(run: &Run, step: &str, action: impl FnOnce() -> T) -> T {
    let sentence = format!(
        "The process died in `{step}`: memory was freed that was still in use, or that was not allocated in this way."
    );
    run.risk(None, &sentence, action)
}

/// The number of notifications so far.
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
        run.departs(
            "A waker was dropped, and the target was notified. Nothing had called the waker.",
        );
    }
    check("drop", 0, one_for_all);
    snapshot!(run);
    drop(spare);
}

fn are(wakers: isize) -> String {
    match wakers {
        0 => "there is no waker left".to_owned(),
        1 => "there is one waker".to_owned(),
        wakers => format!("there are {wakers} wakers"),
    }
}

fn references(seen: isize) -> String {
    match seen {
        1 => "one reference is held".to_owned(),
        ..=-1 => format!("{} of the check's own references were released", -seen),
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
            .compare(&run, Yours::new, Reference::new);
    });
}

/// One step of a short run. `Clone` and the wakes are calls of the newest waker.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    Clone,
    WakeByRef { panics: bool },
    Wake { panics: bool },
    Drop { oldest: bool },
    ReleaseTarget,
}

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::ReleaseTarget => "check".into(),
            _ => "waker".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Clone => "clone()".into(),
            Step::WakeByRef { panics: false } => "wake_by_ref()".into(),
            Step::WakeByRef { panics: true } => "wake_by_ref(), and notify panics".into(),
            Step::Wake { panics: false } => "wake()".into(),
            Step::Wake { panics: true } => "wake(), and notify panics".into(),
            Step::Drop { oldest: false } => "the newest is dropped".into(),
            Step::Drop { oldest: true } => "the oldest is dropped".into(),
            Step::ReleaseTarget => "drops its own Arc".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Clone => "the newest waker was cloned".into(),
            Step::WakeByRef { panics: false } => "`wake_by_ref` was called".into(),
            Step::WakeByRef { panics: true } => "`notify` panicked in `wake_by_ref`".into(),
            Step::Wake { panics: false } => "`wake` was called".into(),
            Step::Wake { panics: true } => "`notify` panicked in `wake`".into(),
            Step::Drop { oldest: false } => "the newest waker was dropped".into(),
            Step::Drop { oldest: true } => "the oldest waker was dropped".into(),
            Step::ReleaseTarget => "the check dropped its own `Arc`".into(),
        }
    }
}

/// The target of a short run.
struct Counted {
    world: Arc<World>,
    _held: Token,
}

/// What a short run sees of its target from outside.
#[derive(Default)]
struct World {
    notified: AtomicUsize,
    panics: AtomicBool,
}

impl Counted {
    fn tell(&self) {
        self.world.notified.fetch_add(1, Relaxed);
        assert!(!self.world.panics.load(Relaxed), "{TARGETS_PANIC}");
    }
}

impl Notify for Counted {
    fn notify(&self) {
        self.tell();
    }
}

impl Wake for Counted {
    fn wake(self: Arc<Self>) {
        self.tell();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.tell();
    }
}

fn dropped(targets: &DropCounter) -> String {
    match targets.dropped() {
        0 => "is alive".to_owned(),
        1 => "is freed".to_owned(),
        times => format!("is freed {times} times"),
    }
}

/// Carries out the steps on the wakers that `$make` makes.
macro_rules! machine {
    ($name:ident, $make:expr) => {
        struct $name {
            wakers: Vec<Waker>,
            own: Option<Arc<Counted>>,
            world: Arc<World>,
            targets: DropCounter,
        }

        impl $name {
            fn new() -> $name {
                let (world, targets) = (Arc::<World>::default(), DropCounter::new());
                let target = Arc::new(Counted {
                    world: Arc::clone(&world),
                    _held: targets.token(),
                });
                let wakers = vec![$make(Arc::clone(&target))];
                $name {
                    wakers,
                    own: Some(target),
                    world,
                    targets,
                }
            }

            fn call(&self, panics: bool, call: impl FnOnce()) -> &'static str {
                self.world.panics.store(panics, Relaxed);
                let result = panics::expected(call);
                self.world.panics.store(false, Relaxed);
                match result {
                    Ok(()) => "returns",
                    Err(panic) if panic.message == TARGETS_PANIC => "the panic passes through",
                    Err(_) => "another panic",
                }
            }
        }

        impl Machine for $name {
            type Operation = Step;

            fn apply(&mut self, step: &Step) -> Option<Seen> {
                let before = self.world.notified.load(Relaxed);
                let outcome = match *step {
                    Step::Clone => {
                        self.wakers.push(self.wakers.last()?.clone());
                        "returns"
                    }
                    Step::WakeByRef { panics } => {
                        let waker = self.wakers.last()?;
                        self.call(panics, || waker.wake_by_ref())
                    }
                    Step::Wake { panics } => {
                        let waker = self.wakers.pop()?;
                        self.call(panics, || waker.wake())
                    }
                    Step::Drop { oldest: false } => {
                        drop(self.wakers.pop()?);
                        "done"
                    }
                    Step::Drop { oldest: true } => {
                        if self.wakers.len() < 2 {
                            return None;
                        }
                        drop(self.wakers.remove(0));
                        "done"
                    }
                    Step::ReleaseTarget => {
                        drop(self.own.take()?);
                        "done"
                    }
                };
                let notified = self.world.notified.load(Relaxed) - before;
                let seen = Seen::of(outcome).fact("target", dropped(&self.targets));
                Some(match notified {
                    0 => seen.absence("notify", "is not called"),
                    1 => seen.absence("notify", "is called once"),
                    times => seen.fact("notify", format!("is called {times} times")),
                })
            }

            fn end(self) -> Seen {
                let $name {
                    wakers,
                    own,
                    targets,
                    ..
                } = self;
                drop((wakers, own));
                Seen::of("everything is dropped").fact("target", dropped(&targets))
            }
        }
    };
}

machine!(Yours, waker_of);
machine!(Reference, Waker::from);
