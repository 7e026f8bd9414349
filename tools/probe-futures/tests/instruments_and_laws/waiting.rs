//! The laws of waiting accept right futures of different styles, and name the mistake of each wrong one.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use probe::panics::{Verdict, verdict_of};
use probe::{Run, run};
use probe_futures::laws::waiting::{self, Wait};

/// The ways to write a future that waits for a number, right and wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Right: looks and stores under one lock, and wakes outside it.
    UnderOneLock,
    /// Right: clones the waker before it takes the lock.
    ClonesEarly,
    /// Right: keeps every waker that ever came, and wakes them all.
    WakesThemAll,
    /// Right: leaves a waker that would wake the same task where it is.
    KeepsIfItWouldWakeTheSame,
    /// Wrong in all the ways that the laws name, and in some of them only at one of its polls.
    PendingAtFirst,
    NeverRegisters,
    RegistersLate,
    ForgetsWhomToldLater,
    ForgetsToWake,
    ForgetsToWakeAfterOnePoll,
    FirstWakerOnly,
    BusyPolls,
    TrustsAWake,
    TrustsAWakeOfItsTask,
    PanicsAtTheSecondPoll,
    ReadyTooEarly,
    WakesUnderItsLock,
    WakesTooSoon,
    KeepsItsWakerWhenDropped,
}

const RIGHT: [Style; 4] = [
    Style::UnderOneLock,
    Style::ClonesEarly,
    Style::WakesThemAll,
    Style::KeepsIfItWouldWakeTheSame,
];

#[derive(Default)]
struct Shared {
    value: Option<u32>,
    wakers: Vec<Waker>,
    polls: usize,
}

struct Number {
    style: Style,
    shared: Arc<Mutex<Shared>>,
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Future for Number {
    type Output = u32;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u32> {
        let early = (self.style == Style::ClonesEarly).then(|| context.waker().clone());
        let mut shared = lock(&self.shared);
        shared.polls += 1;
        let at_first = shared.polls == 1;
        match shared.value {
            Some(_) if self.style == Style::PendingAtFirst && at_first => {}
            Some(value) => return Poll::Ready(value),
            None => {}
        }
        let known = |kept: &Waker| kept.will_wake(context.waker());
        match self.style {
            Style::TrustsAWake if !at_first => return Poll::Ready(0),
            Style::PanicsAtTheSecondPoll if shared.wakers.iter().any(known) => {
                panic!("it has polled before");
            }
            Style::TrustsAWakeOfItsTask if shared.wakers.iter().any(known) => {
                return Poll::Ready(0);
            }
            Style::ReadyTooEarly => return Poll::Ready(0),
            Style::NeverRegisters => return Poll::Pending,
            Style::RegistersLate if at_first => return Poll::Pending,
            Style::ForgetsWhomToldLater if shared.wakers.iter().any(known) => {
                shared.wakers.clear();
                return Poll::Pending;
            }
            Style::FirstWakerOnly if !shared.wakers.is_empty() => return Poll::Pending,
            Style::KeepsIfItWouldWakeTheSame if shared.wakers.iter().any(known) => {
                return Poll::Pending;
            }
            Style::BusyPolls => context.waker().wake_by_ref(),
            Style::WakesThemAll => {}
            _ => shared.wakers.clear(),
        }
        shared
            .wakers
            .push(early.unwrap_or_else(|| context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        if self.style != Style::KeepsItsWakerWhenDropped {
            lock(&self.shared).wakers.clear();
        }
    }
}

fn wait(style: Style) -> Wait<Number> {
    let shared = Arc::new(Mutex::new(Shared::default()));
    let theirs = Arc::clone(&shared);
    Wait::new(Number { style, shared }, move || {
        let mut shared = lock(&theirs);
        let wakers = std::mem::take(&mut shared.wakers);
        if style == Style::WakesTooSoon {
            drop(shared);
            wakers.into_iter().for_each(Waker::wake);
            lock(&theirs).value = Some(7);
            return;
        }
        shared.value = Some(7);
        match style {
            Style::ForgetsToWake => {}
            Style::ForgetsToWakeAfterOnePoll if shared.polls == 1 => {}
            Style::WakesUnderItsLock => {
                let _held = shared;
                wakers.into_iter().for_each(Waker::wake);
            }
            _ => {
                drop(shared);
                wakers.into_iter().for_each(Waker::wake);
            }
        }
    })
}

/// A law, made uniform.
type Law = fn(&Run, Wait<Number>);

const LAWS: [(&str, Law); 8] = [
    ("ready_if_it_has_happened", |run, wait| {
        assert_eq!(waiting::ready_if_it_has_happened(run, wait), 7)
    }),
    ("pending_until_it_happens", |run, wait| {
        waiting::pending_until_it_happens(run, wait)
    }),
    ("wakes_when_it_happens", |run, wait| {
        assert_eq!(waiting::wakes_when_it_happens(run, wait), 7)
    }),
    ("wakes_the_latest_poller", |run, wait| {
        assert_eq!(waiting::wakes_the_latest_poller(run, wait), 7)
    }),
    ("a_poll_proves_nothing", |run, wait| {
        assert_eq!(waiting::a_poll_proves_nothing(run, wait), 7)
    }),
    ("wakes_only_for_a_reason", |run, wait| {
        waiting::wakes_only_for_a_reason(run, wait)
    }),
    ("wakes_without_its_lock", |run, wait| {
        waiting::wakes_without_its_lock(run, wait)
    }),
    ("keeps_no_waker_when_dropped", |run, wait| {
        waiting::keeps_no_waker_when_dropped(run, wait)
    }),
];

/// Which law catches which style, and under which name. A breadcrumb catches the one with the lock, in a test of its own.
const CAUGHT: [(&str, Style, &str); 12] = [
    ("ready_if_it_has_happened", Style::PendingAtFirst, "no name"),
    (
        "pending_until_it_happens",
        Style::ReadyTooEarly,
        "ready-too-early",
    ),
    (
        "wakes_when_it_happens",
        Style::RegistersLate,
        "never-registered",
    ),
    (
        "wakes_when_it_happens",
        Style::NeverRegisters,
        "never-registered",
    ),
    (
        "wakes_when_it_happens",
        Style::ForgetsToWakeAfterOnePoll,
        "forgot-to-wake",
    ),
    (
        "wakes_the_latest_poller",
        Style::FirstWakerOnly,
        "first-waker-only",
    ),
    (
        "a_poll_proves_nothing",
        Style::TrustsAWakeOfItsTask,
        "trusted-a-wake",
    ),
    (
        "a_poll_proves_nothing",
        Style::ForgetsWhomToldLater,
        "never-registered",
    ),
    (
        "a_poll_proves_nothing",
        Style::PanicsAtTheSecondPoll,
        "no name",
    ),
    ("wakes_only_for_a_reason", Style::BusyPolls, "busy-poll"),
    (
        "wakes_without_its_lock",
        Style::WakesTooSoon,
        "woke-too-soon",
    ),
    (
        "keeps_no_waker_when_dropped",
        Style::KeepsItsWakerWhenDropped,
        "waker-kept",
    ),
];

/// Mistakes that more than one law sees. Every law begins with a poll that has to be pending, so all of them see a future that is
/// ready too early. Each law that expects a wake sees a future that never registers, and each that polls again sees one that panics.
const SEEN_BY_OTHERS_TOO: [Style; 3] = [
    Style::ReadyTooEarly,
    Style::NeverRegisters,
    Style::PanicsAtTheSecondPoll,
];

fn law(name: &str, style: Style) -> Verdict {
    let (_, law) = LAWS
        .iter()
        .find(|(known, _)| *known == name)
        .expect("a law of that name");
    verdict_of(|| law(&run!(), wait(style)))
}

#[test]
fn right_futures_of_four_styles_keep_every_law() {
    for style in RIGHT {
        for (name, _) in LAWS {
            assert_eq!(law(name, style), Verdict::Kept, "{style:?} under {name}");
        }
    }
}

#[test]
fn each_law_catches_its_own_mistakes_and_names_them() {
    for (name, _) in LAWS {
        assert!(
            CAUGHT.iter().any(|(law, ..)| *law == name),
            "{name} is not shown to catch anything"
        );
    }
    for (name, style, code) in CAUGHT {
        assert_eq!(code_of(&law(name, style)), code, "{style:?} under {name}");
    }
}

#[test]
fn a_first_poll_that_is_ready_is_no_matter_of_locks() {
    let verdict = law("wakes_without_its_lock", Style::ReadyTooEarly);
    assert_eq!(code_of(&verdict), "no name");
}

#[test]
fn without_its_own_law_a_mistake_goes_unseen() {
    let alone = CAUGHT
        .iter()
        .filter(|(_, style, _)| !SEEN_BY_OTHERS_TOO.contains(style));
    let under_the_lock = ("wakes_without_its_lock", Style::WakesUnderItsLock, "");
    for (name, style, _) in alone.chain([&under_the_lock]) {
        for (other, _) in LAWS.iter().filter(|(other, _)| other != name) {
            assert_eq!(law(other, *style), Verdict::Kept, "{style:?} under {other}");
        }
    }
}

#[test]
fn no_law_gives_a_wrong_name_to_a_mistake_that_is_not_its_own() {
    let more = [
        ("", Style::ForgetsToWake, "forgot-to-wake"),
        ("", Style::TrustsAWake, "trusted-a-wake"),
    ];
    for (_, style, code) in CAUGHT.into_iter().chain(more) {
        for (name, _) in LAWS {
            let verdict = law(name, style);
            if let Verdict::Broken(diagnosis) = &verdict {
                // A future that takes any poll for the event is ready early when it is polled by a second task.
                let alias = style == Style::TrustsAWake
                    && diagnosis.mistake.as_deref() == Some("ready-too-early");
                assert!(
                    alias || diagnosis.mistake.is_none() || code_of(&verdict) == code,
                    "{style:?} under {name}: {verdict:?}"
                );
            }
        }
    }
}

#[test]
fn waking_under_a_lock_leaves_a_breadcrumb_that_names_it() {
    let report = std::env::temp_dir().join(format!("probe-futures-{}.report", std::process::id()));
    let ended = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "waiting::wakes_under_its_lock_if_it_is_told_to",
            "--nocapture",
        ])
        .env(probe::report::VARIABLE, &report)
        .env(probe::watchdog::VARIABLE, "2")
        .output()
        .unwrap();
    let entries = probe::report::read(&std::fs::read_to_string(&report).unwrap());
    std::fs::remove_file(&report).unwrap();
    assert!(!ended.status.success());
    let [
        probe::report::Entry::Crumb { mistake, .. },
        probe::report::Entry::Hung { .. },
    ] = &entries[..]
    else {
        panic!("{entries:?}")
    };
    assert_eq!(mistake.as_deref(), Some("wake-under-lock"));
}

/// Not a promise of its own: the process that the test above starts. It deadlocks, and its watchdog ends it.
#[test]
fn wakes_under_its_lock_if_it_is_told_to() {
    if std::env::var_os(probe::report::VARIABLE).is_some() {
        waiting::wakes_without_its_lock(&run!(), wait(Style::WakesUnderItsLock));
    }
}

#[test]
fn the_trace_of_a_lost_wake_shows_which_task_was_woken_and_which_waits() {
    let Verdict::Broken(diagnosis) = law("wakes_the_latest_poller", Style::FirstWakerOnly) else {
        panic!("not seen")
    };
    insta::assert_snapshot!(diagnosis.recording, @r"
     1  future  polled by A → pending
     2  future  polled by B → pending
     3  future  polled by C → pending
     4  event   happens
     5  A         woken
     6  event   → done
     7  C       is not woken
    ");
}

#[track_caller]
fn code_of(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Broken(diagnosis) => diagnosis.mistake.as_deref().unwrap_or("no name"),
        other => panic!("{other:?}"),
    }
}
