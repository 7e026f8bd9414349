//! The law of reference counts accepts wakers that count in different ways, and names what each wrong one does.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{RawWaker, RawWakerVTable, Wake, Waker};

use probe::detect::{DropCounter, Token};
use probe::panics::{Verdict, verdict_of};
use probe::run;
use probe_futures::laws::counting;

/// The ways to count by hand, right and wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Right,
    CloneDoesNotCount,
    OnlyTheFirstCloneCounts,
    CloneCountsTwice,
    WakeKeepsItsReference,
    WakeByRefGivesOneBack,
    WakeByRefTakesOneMore,
    DropGivesNothingBack,
    DropGivesTwoBack,
}

/// What a waker points to. It is leaked, so that a wrong count frees the payload and no memory that is still in use.
struct Target {
    style: Style,
    count: AtomicUsize,
    payload: Mutex<Option<Token>>,
}

impl Target {
    fn one_more(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    fn one_less(&self) {
        let before = self.count.load(Ordering::Relaxed);
        self.count
            .store(before.saturating_sub(1), Ordering::Relaxed);
        if before <= 1 {
            let payload = self.payload.lock().unwrap_or_else(PoisonError::into_inner);
            drop({ payload }.take());
        }
    }
}

fn by_hand(style: Style, payload: Token) -> Waker {
    let target: &'static Target = Box::leak(Box::new(Target {
        style,
        count: AtomicUsize::new(1),
        payload: Mutex::new(Some(payload)),
    }));
    // SAFETY: every function of the table takes the pointer for a `&'static Target`, which it is; `Target` is `Send + Sync`. That
    // some of them count wrongly does no harm to memory, as a target is never freed.
    #[allow(unsafe_code)]
    unsafe {
        Waker::from_raw(RawWaker::new(std::ptr::from_ref(target).cast(), &TABLE))
    }
}

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

fn target(data: *const ()) -> &'static Target {
    // SAFETY: only the table's functions call this, with the pointer of `by_hand`.
    #[allow(unsafe_code)]
    unsafe {
        &*data.cast::<Target>()
    }
}

fn clone(data: *const ()) -> RawWaker {
    let target = target(data);
    let more = match target.style {
        Style::CloneDoesNotCount => 0,
        Style::OnlyTheFirstCloneCounts if target.count.load(Ordering::Relaxed) > 1 => 0,
        Style::CloneCountsTwice => 2,
        _ => 1,
    };
    (0..more).for_each(|_| target.one_more());
    RawWaker::new(data, &TABLE)
}

fn wake(data: *const ()) {
    if target(data).style != Style::WakeKeepsItsReference {
        target(data).one_less();
    }
}

fn wake_by_ref(data: *const ()) {
    match target(data).style {
        Style::WakeByRefGivesOneBack => target(data).one_less(),
        Style::WakeByRefTakesOneMore => target(data).one_more(),
        _ => {}
    }
}

fn drop_waker(data: *const ()) {
    let less = match target(data).style {
        Style::DropGivesNothingBack => 0,
        Style::DropGivesTwoBack => 2,
        _ => 1,
    };
    (0..less).for_each(|_| target(data).one_less());
}

fn law(make: impl Fn(Token) -> Waker) -> Verdict {
    verdict_of(|| counting::balanced(&run!(), make))
}

/// Right: the standard library counts.
struct ByArc(#[expect(dead_code, reason = "it is there to be dropped")] Token);

impl Wake for ByArc {
    fn wake(self: Arc<Self>) {}
}

/// Right: hands each wake on to a clone that was made early.
struct HandsOn(Waker);

impl Wake for HandsOn {
    fn wake(self: Arc<Self>) {
        self.0.wake_by_ref();
    }
}

#[test]
fn right_wakers_of_three_styles_are_balanced() {
    assert_eq!(law(|token| Arc::new(ByArc(token)).into()), Verdict::Kept);
    assert_eq!(law(|token| by_hand(Style::Right, token)), Verdict::Kept);
    let hands_on = |token| {
        let first = Waker::from(Arc::new(ByArc(token)));
        Waker::from(Arc::new(HandsOn(first.clone())))
    };
    assert_eq!(law(hands_on), Verdict::Kept);
}

const WRONG: [(Style, &str); 8] = [
    (Style::OnlyTheFirstCloneCounts, "waker-not-counted"),
    (Style::CloneDoesNotCount, "waker-not-counted"),
    (Style::CloneCountsTwice, "waker-leaked"),
    (Style::WakeKeepsItsReference, "waker-leaked"),
    (Style::WakeByRefGivesOneBack, "waker-not-counted"),
    (Style::WakeByRefTakesOneMore, "waker-leaked"),
    (Style::DropGivesNothingBack, "waker-leaked"),
    (Style::DropGivesTwoBack, "waker-not-counted"),
];

#[test]
fn each_wrong_count_is_named() {
    for (style, code) in WRONG {
        assert_eq!(
            code_of(&law(|token| by_hand(style, token))),
            code,
            "{style:?}"
        );
    }
}

#[test]
fn without_the_law_a_wrong_count_goes_unseen() {
    for (style, _) in WRONG {
        let verdict = verdict_of(|| {
            let waker = by_hand(style, DropCounter::new().token());
            waker.wake_by_ref();
            let clone = waker.clone();
            drop(waker);
            clone.wake();
        });
        assert_eq!(verdict, Verdict::Kept, "{style:?}");
    }
}

#[track_caller]
fn code_of(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Broken(diagnosis) => diagnosis.mistake.as_deref().unwrap_or("no name"),
        other => panic!("{other:?}"),
    }
}
