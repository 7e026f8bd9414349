//! The laws of driving accept right futures of different styles, and name the mistake of each wrong one.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use probe::panics::{self, Verdict, verdict_of};
use probe::{Run, run};
use probe_futures::laws::driving::{self, Driven};
use probe_futures::{Gate, Spy, gate, pending_times, poller, ready, spy};

/// The ways to drive two children, right and wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Right: a loop around a match on a reference.
    Loops,
    /// Right: takes the state out, puts it back, and calls itself.
    Recurses,
    /// Right: clones the waker before it does anything, and polls its children with the clone.
    ClonesEarly,
    /// Wrong in all the ways that the laws name.
    LeavesTheStateTaken,
    ForgetsToLoop,
    BeginsEagerly,
    ReplacesTheWaker,
    ReplacesAndKeepsIt,
    PanicsInPoll,
    KeepsTheFirstWaker,
    GoesOnAfterTheEnd,
    PollsAgain,
    WakesItself,
    Spins,
    WakesItselfWhileItWaits,
    TakesPendingForTheEnd,
}

const RIGHT: [Style; 3] = [Style::Loops, Style::Recurses, Style::ClonesEarly];

type Child = Pin<Box<dyn Future<Output = u32>>>;

/// Runs two children in turn, and adds up what they give.
struct InTurn {
    style: Style,
    state: State,
    kept: Option<Waker>,
}

enum State {
    First(Child, Child),
    Second(u32, Child),
    Complete,
}

impl InTurn {
    fn new(style: Style, first: Child, second: Child) -> InTurn {
        let mut both = InTurn {
            style,
            state: State::First(first, second),
            kept: None,
        };
        if style == Style::BeginsEagerly {
            let _poll = Pin::new(&mut both).poll(&mut Context::from_waker(Waker::noop()));
        }
        both
    }

    fn poll_child(&mut self, child: &mut Child, context: &mut Context<'_>) -> Poll<u32> {
        match self.style {
            Style::ReplacesTheWaker => child.as_mut().poll(&mut Context::from_waker(Waker::noop())),
            Style::ReplacesAndKeepsIt => {
                self.kept = Some(context.waker().clone());
                child.as_mut().poll(&mut Context::from_waker(Waker::noop()))
            }
            Style::KeepsTheFirstWaker => {
                let kept = self.kept.get_or_insert_with(|| context.waker().clone());
                child.as_mut().poll(&mut Context::from_waker(kept))
            }
            Style::ClonesEarly => {
                let early = context.waker().clone();
                child.as_mut().poll(&mut Context::from_waker(&early))
            }
            Style::Spins => loop {
                if let Poll::Ready(number) = child.as_mut().poll(context) {
                    return Poll::Ready(number);
                }
            },
            _ => child.as_mut().poll(context),
        }
    }
}

impl Future for InTurn {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u32> {
        match mem::replace(&mut self.state, State::Complete) {
            State::First(mut first, second) => match self.poll_child(&mut first, context) {
                Poll::Pending if self.style == Style::TakesPendingForTheEnd => Poll::Ready(0),
                Poll::Pending => {
                    if self.style == Style::WakesItselfWhileItWaits {
                        context.waker().wake_by_ref();
                    }
                    if self.style != Style::LeavesTheStateTaken {
                        self.state = State::First(first, second);
                    }
                    Poll::Pending
                }
                Poll::Ready(_) if self.style == Style::PanicsInPoll => panic!("a mistake in here"),
                Poll::Ready(number) => {
                    if self.style == Style::PollsAgain {
                        let _poll = self.poll_child(&mut first, context);
                    }
                    self.state = State::Second(number, second);
                    match self.style {
                        Style::ForgetsToLoop => Poll::Pending,
                        Style::WakesItself => {
                            context.waker().wake_by_ref();
                            Poll::Pending
                        }
                        _ => self.poll(context),
                    }
                }
            },
            State::Second(number, mut second) => match self.poll_child(&mut second, context) {
                Poll::Pending => {
                    self.state = State::Second(number, second);
                    Poll::Pending
                }
                Poll::Ready(other) => Poll::Ready(number + other),
            },
            State::Complete if self.style == Style::GoesOnAfterTheEnd => Poll::Pending,
            State::Complete => panic!("polled after it was ready"),
        }
    }
}

/// The other right style.
struct Loops {
    state: State,
}

impl Future for Loops {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u32> {
        loop {
            self.state = match &mut self.state {
                State::First(first, second) => match first.as_mut().poll(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(number) => {
                        State::Second(number, mem::replace(second, Box::pin(ready(0))))
                    }
                },
                State::Second(number, second) => match second.as_mut().poll(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(other) => {
                        let sum = *number + other;
                        self.state = State::Complete;
                        return Poll::Ready(sum);
                    }
                },
                State::Complete => panic!("polled after it was ready"),
            };
        }
    }
}

type Both = Pin<Box<dyn Future<Output = u32>>>;

fn both(style: Style, first: Child, second: Child) -> Both {
    match style {
        Style::Loops => Box::pin(Loops {
            state: State::First(first, second),
        }),
        style => Box::pin(InTurn::new(style, first, second)),
    }
}

fn watched<F: Future<Output = u32> + 'static>(run: &Run, track: &str, future: F) -> Child {
    Box::pin(spy(run, track, future))
}

/// The laws of this module that take two children from their beginning to their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Law {
    DoesNothingUntilPolled,
    EachPoll,
    PanicsAfterTheEnd,
    WakesReachTheCaller,
}

/// All laws but one on two children, which are pending `first` and `second` times.
fn verdict_without(law: Option<Law>, style: Style, first: usize, second: usize) -> Verdict {
    verdict_of(|| {
        let run = run!();
        let children = (
            watched(&run, "first", pending_times(first, 1)),
            watched(&run, "second", pending_times(second, 2)),
        );
        let build = || both(style, children.0, children.1);
        let mut both = match law {
            Some(Law::DoesNothingUntilPolled) => build(),
            _ => driving::does_nothing_until_polled(&run, build),
        };
        let a = poller(run.recorder(), "A");
        if law == Some(Law::EachPoll) {
            // This law is left out, so no test judges what a poll does and how it ends.
            let again = |_: &i32| matches!(panics::expected(|| a.poll(both.as_mut())), Ok(poll) if poll.is_pending());
            let _polls = (0..9).take_while(again).count();
            return;
        }
        let mut driven = Driven::in_turn(&run, "both", both);
        assert_eq!(driven.run(&a, 9), Some(3));
        if law != Some(Law::DoesNothingUntilPolled) {
            assert_eq!(driven.polls(), first + second + 1);
        }
        if law != Some(Law::PanicsAfterTheEnd) {
            driven.panics_after_the_end(&a);
        }
    })
}

fn verdict(style: Style, first: usize, second: usize) -> Verdict {
    verdict_without(None, style, first, second)
}

/// The law about wakers, while the second of the two is pending.
fn verdict_on_wakes(style: Style) -> Verdict {
    verdict_of(|| {
        let run = run!();
        let (key, gate): (_, Gate<u32>) = gate();
        let children = (
            watched(&run, "first", ready(1)),
            watched(&run, "second", gate),
        );
        let mut driven = Driven::in_turn(&run, "both", both(style, children.0, children.1));
        driving::wakes_reach_the_caller(&run, &mut driven, "second", || key.open(2));
    })
}

#[test]
fn right_futures_of_three_styles_keep_every_law() {
    for style in RIGHT {
        for (first, second) in [(0, 0), (2, 0), (0, 2), (2, 3)] {
            assert_eq!(verdict(style, first, second), Verdict::Kept, "{style:?}");
        }
        assert_eq!(verdict_on_wakes(style), Verdict::Kept, "{style:?}");
    }
}

/// Which law catches which style, and under which name. The child's own spy catches a style that polls a completed child.
const CAUGHT: [(Law, Style, &str); 13] = [
    (
        Law::DoesNothingUntilPolled,
        Style::BeginsEagerly,
        "eager-start",
    ),
    (
        Law::EachPoll,
        Style::LeavesTheStateTaken,
        "state-left-taken",
    ),
    (Law::EachPoll, Style::ForgetsToLoop, "forgot-to-loop"),
    (Law::EachPoll, Style::WakesItself, "self-wake-between-steps"),
    (Law::EachPoll, Style::PanicsInPoll, "no name"),
    (Law::EachPoll, Style::Spins, "polled-in-a-loop"),
    (Law::EachPoll, Style::WakesItselfWhileItWaits, "busy-poll"),
    (
        Law::EachPoll,
        Style::TakesPendingForTheEnd,
        "pending-taken-for-the-end",
    ),
    (Law::EachPoll, Style::ReplacesTheWaker, "waker-replaced"),
    (
        Law::PanicsAfterTheEnd,
        Style::GoesOnAfterTheEnd,
        "resumed-after-complete",
    ),
    (
        Law::WakesReachTheCaller,
        Style::ReplacesTheWaker,
        "waker-replaced",
    ),
    (
        Law::WakesReachTheCaller,
        Style::ReplacesAndKeepsIt,
        "waker-replaced",
    ),
    (
        Law::WakesReachTheCaller,
        Style::KeepsTheFirstWaker,
        "first-waker-only",
    ),
];

#[test]
fn each_law_catches_its_own_mistakes_and_names_them() {
    for (law, style, code) in CAUGHT {
        let verdict = match law {
            Law::WakesReachTheCaller => verdict_on_wakes(style),
            _ => verdict(style, 1, 1),
        };
        assert_eq!(code_of(&verdict), code, "{style:?} under {law:?}");
    }
    assert_eq!(
        code_of(&verdict(Style::PollsAgain, 1, 1)),
        "polled-after-ready"
    );
}

#[test]
fn without_its_own_law_a_mistake_goes_unseen() {
    // A law of its own checks the wakes, and so does each poll after which no waker is left.
    let seen_twice = Style::ReplacesTheWaker;
    for (law, style, _) in CAUGHT {
        if law == Law::WakesReachTheCaller && style == seen_twice {
            continue;
        }
        assert_eq!(
            verdict_without(Some(law), style, 1, 1),
            Verdict::Kept,
            "{style:?} without {law:?}"
        );
    }
}

/// A poll of a future with one child.
type PollOfOther = fn(Pin<&mut Spy<Gate<u32>>>, &mut Context<'_>) -> Poll<u32>;

/// What the law about wakers says of a future that does something else than to wait for its child.
fn verdict_on_wakes_of(poll: PollOfOther) -> Verdict {
    verdict_of(|| {
        let run = run!();
        let (key, gate): (_, Gate<u32>) = gate();
        let mut child = Box::pin(spy(&run, "child", gate));
        let future = std::future::poll_fn(move |context| poll(child.as_mut(), context));
        let mut driven = Driven::side_by_side(&run, "other", future);
        driving::wakes_reach_the_caller(&run, &mut driven, "child", || key.open(2));
    })
}

#[test]
fn a_future_that_does_not_wait_for_its_child_is_told_so_by_the_law_about_wakers() {
    let ready_all_the_same = verdict_on_wakes_of(|child, context| {
        let _poll = child.poll(context);
        Poll::Ready(0)
    });
    assert_eq!(
        sentence_of(&ready_all_the_same),
        "It was ready while child was still pending."
    );
}

#[test]
fn side_by_side_a_pause_without_a_pending_child_has_a_name_of_its_own() {
    let verdict = verdict_of(|| {
        let run = run!();
        let mut child: Pin<Box<Spy<_>>> = Box::pin(spy(&run, "child", ready(1)));
        let late = std::future::poll_fn(move |context| {
            let _poll = child.as_mut().poll(context);
            Poll::<u32>::Pending
        });
        let _poll = Driven::side_by_side(&run, "late", late).poll(&poller(run.recorder(), "A"));
    });
    assert_eq!(code_of(&verdict), "pending-without-a-wake");
}

/// What the law about who is reached says of a future that polls these children, in the first of its polls.
fn verdict_on_reach(order: &'static [&'static str], due: &[&str]) -> Verdict {
    verdict_of(|| {
        let run = run!();
        let mut children =
            ["a", "b", "c"].map(|track| (track, Box::pin(spy(&run, track, pending_times(2, 1)))));
        let future = std::future::poll_fn(move |context| {
            for track in order {
                let child = children.iter_mut().find(|(name, _)| name == track);
                let _poll = child.unwrap().1.as_mut().poll(context);
            }
            Poll::<u32>::Pending
        });
        let mut driven = Driven::side_by_side(&run, "all", future);
        let _poll = driven.poll_reaches(&poller(run.recorder(), "A"), due, |run, departure| {
            if departure.only_the_first_began() {
                run.diagnose("sequential-await", departure.sentence());
            }
        });
    })
}

#[test]
fn a_poll_that_reaches_the_wrong_children_is_marked_at_the_first_of_them() {
    let due = ["a", "b", "c"];
    assert_eq!(verdict_on_reach(&["a", "b", "c"], &due), Verdict::Kept);
    for (order, marked, sentence) in [
        (
            &["b", "a", "c"][..],
            1,
            "This poll went to b, a, c, in this order; it should have been a, b, c.",
        ),
        (
            &["a"][..],
            4,
            "This poll did not reach b and c, which are not done.",
        ),
        (
            &["a", "c"][..],
            4,
            "This poll did not reach b, which is not done.",
        ),
    ] {
        let Verdict::Broken(diagnosis) = verdict_on_reach(order, &due) else {
            panic!("{order:?} is refused");
        };
        assert_eq!(diagnosis.sentence, sentence);
        assert_eq!(diagnosis.marked, Some(marked), "{order:?}");
    }
    assert_eq!(code_of(&verdict_on_reach(&["a"], &due)), "sequential-await");
    let names = [
        (&["b", "a", "c"][..], "polled-out-of-order"),
        (&["a", "c"][..], "pending-child-not-polled"),
    ];
    for (order, name) in names {
        assert_eq!(code_of(&verdict_on_reach(order, &due)), name, "{order:?}");
    }
    assert_eq!(
        code_of(&verdict_on_reach(&["a", "b", "a"], &due)),
        "polled-in-a-loop"
    );
}

#[test]
fn a_future_that_polls_with_wakers_of_its_own_passes_if_they_reach_the_caller() {
    use std::sync::{Arc, Mutex};
    use std::task::Wake;

    struct Forward(Mutex<Waker>);
    impl Wake for Forward {
        fn wake(self: Arc<Self>) {
            self.0.lock().unwrap().wake_by_ref();
        }
    }

    let run = run!();
    let (key, gate) = gate();
    let mut child = Box::pin(spy(&run, "child", gate));
    let forward = Arc::new(Forward(Mutex::new(Waker::noop().clone())));
    let own = Waker::from(Arc::clone(&forward));
    let future = std::future::poll_fn(move |context| {
        *forward.0.lock().unwrap() = context.waker().clone();
        child.as_mut().poll(&mut Context::from_waker(&own))
    });
    let mut driven = Driven::side_by_side(&run, "both", future);
    driving::wakes_reach_the_caller(&run, &mut driven, "child", || key.open(2));
}

#[track_caller]
fn sentence_of(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Broken(diagnosis) => &diagnosis.sentence,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn code_of(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Broken(diagnosis) => diagnosis.mistake.as_deref().unwrap_or("no name"),
        other => panic!("{other:?}"),
    }
}

/// The mistake in a verdict, if it has one.
fn mistake_of(verdict: Verdict) -> Option<String> {
    match verdict {
        Verdict::Broken(diagnosis) => diagnosis.mistake,
        _ => None,
    }
}

#[test]
fn a_wake_of_its_own_hides_neither_another_waker_nor_a_child_that_is_not_polled() {
    let verdict = verdict_of(|| {
        let run = run!();
        let (_key, gate): (_, Gate<u32>) = gate();
        let mut child = Box::pin(spy(&run, "child", gate));
        let future = std::future::poll_fn(move |context: &mut Context<'_>| {
            let mut own = Context::from_waker(Waker::noop());
            let polled = child.as_mut().poll(&mut own);
            context.waker().wake_by_ref();
            polled
        });
        let _polled =
            Driven::side_by_side(&run, "other", future).poll(&poller(run.recorder(), "A"));
    });
    assert_eq!(mistake_of(verdict).as_deref(), Some("waker-replaced"));
    let verdict = verdict_of(|| {
        let run = run!();
        let mut child = Box::pin(spy(&run, "a", pending_times(2, 1)));
        let future = std::future::poll_fn(move |context: &mut Context<'_>| {
            context.waker().wake_by_ref();
            child.as_mut().poll(context)
        });
        let mut driven = Driven::side_by_side(&run, "all", future);
        let explain = |run: &Run, _: &driving::Departure| run.diagnose("seen", "b is missing");
        let _poll = driven.poll_reaches(&poller(run.recorder(), "A"), &["a", "b"], explain);
    });
    assert_eq!(mistake_of(verdict).as_deref(), Some("seen"));
}

#[test]
fn a_future_that_panics_once_after_its_end_and_then_returns_is_named() {
    let verdict = verdict_of(|| {
        let run = run!();
        let mut polls = 0;
        let future = std::future::poll_fn(move |_| {
            polls += 1;
            assert_ne!(polls, 2, "polled after it was ready");
            Poll::Ready(1)
        });
        let mut driven = Driven::in_turn(&run, "once", future);
        let a = poller(run.recorder(), "A");
        let _output = driven.run(&a, 1);
        driven.panics_after_the_end(&a);
    });
    assert_eq!(
        mistake_of(verdict).as_deref(),
        Some("resumed-after-complete")
    );
}

#[test]
fn a_family_that_forgets_its_child_or_wakes_itself_is_told_from_the_reference() {
    use probe::runs::Search;
    use probe_futures::children::{Event, Family, NEVER_DROPPED, Nursery, Output, shown};
    const NAMES: [&str; 1] = ["child"];
    fn compare<F: Future<Output = Output>>(build: impl Fn(&Nursery) -> F) -> Verdict {
        verdict_of(|| {
            Search::of(&Event::alphabet(&NAMES))
                .up_to(3)
                .naming(&[NEVER_DROPPED])
                .compare(
                    &run!(),
                    || Family::new("wrapper", &NAMES, &build, shown),
                    || Family::new("wrapper", &NAMES, |nursery| nursery.child("child"), shown),
                );
        })
    }
    assert_eq!(
        compare(|nursery| Box::pin(nursery.child("child"))),
        Verdict::Kept
    );
    let forgets = compare(|nursery| {
        let mut child = mem::ManuallyDrop::new(Box::pin(nursery.child("child")));
        std::future::poll_fn(move |context| child.as_mut().poll(context))
    });
    assert_eq!(mistake_of(forgets).as_deref(), Some("never-dropped"));
    let wakes = compare(|nursery| {
        let mut child = Box::pin(nursery.child("child"));
        std::future::poll_fn(move |context: &mut Context<'_>| {
            context.waker().wake_by_ref();
            child.as_mut().poll(context)
        })
    });
    assert!(matches!(wakes, Verdict::Broken(_)));
}
